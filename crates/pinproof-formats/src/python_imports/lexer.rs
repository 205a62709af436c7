//! The tokens of Python that matter to imports: words, short strings, marks, and the ends of statements.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name, a keyword or a number.
    Word(&'t str),
    /// A string of one line, without escapes or a prefix that changes what it is.
    Text(&'t str),
    /// Another string.
    OtherText,
    /// Anything else, a character at a time.
    Mark(char),
    /// The end of a line outside of brackets.
    LineEnd,
}

/// Reads tokens, one ahead.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// The line at `at`, from 1.
    line: usize,
    /// Open brackets.
    depth: usize,
    /// The line of the token that was taken last.
    line_of_taken: usize,
    /// The next token, with its line.
    ahead: Option<(Token<'t>, usize)>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut lexer = Self {
            text,
            at: 0,
            line: 1,
            depth: 0,
            line_of_taken: 1,
            ahead: None,
        };
        lexer.ahead = lexer.read();
        lexer
    }

    /// The line of the token that was taken last, from 1.
    pub(super) fn line_of_taken(&self) -> usize {
        self.line_of_taken
    }

    pub(super) fn take(&mut self) -> Option<Token<'t>> {
        let (token, line) = self.ahead?;
        self.line_of_taken = line;
        self.ahead = self.read();
        Some(token)
    }

    pub(super) fn peek(&self) -> Option<Token<'t>> {
        self.ahead.map(|(token, _)| token)
    }

    fn read(&mut self) -> Option<(Token<'t>, usize)> {
        loop {
            let line = self.line;
            let token = match self.byte()? {
                b' ' | b'\t' | b'\x0c' => {
                    self.at += 1;
                    continue;
                }
                b'\n' | b'\r' => {
                    self.skip_line_end();
                    if self.depth > 0 {
                        continue;
                    }
                    Token::LineEnd
                }
                b'#' => {
                    self.skip_while(|byte| !is_line_end(byte));
                    continue;
                }
                b'\\' => {
                    self.at += 1;
                    self.skip_line_end();
                    continue;
                }
                b'"' | b'\'' => self.string(""),
                byte if is_of_word(byte) => self.word(),
                mark => self.mark(mark),
            };
            return Some((token, line));
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_while(&mut self, is_part: impl Fn(u8) -> bool) {
        while self.byte().is_some_and(&is_part) {
            self.at += 1;
        }
    }

    /// Skips one line end, if there is one: `\n`, `\r` or `\r\n`.
    fn skip_line_end(&mut self) {
        match self.byte() {
            Some(b'\r') => {
                self.at += 1;
                if self.byte() == Some(b'\n') {
                    self.at += 1;
                }
            }
            Some(b'\n') => self.at += 1,
            _ => return,
        }
        self.line += 1;
    }

    fn mark(&mut self, mark: u8) -> Token<'t> {
        self.at += 1;
        match mark {
            b'(' | b'[' | b'{' => self.depth += 1,
            b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Token::Mark(char::from(mark))
    }

    fn word(&mut self) -> Token<'t> {
        let start = self.at;
        self.skip_while(is_of_word);
        let word = self.since(start);
        let is_prefix = word.len() <= 3 && word.bytes().all(|byte| b"rRbBuUfFtT".contains(&byte));
        match self.byte() {
            Some(b'"' | b'\'') if is_prefix => self.string(word),
            _ => Token::Word(word),
        }
    }

    /// A string, from its first quote. One of a single quote ends with its line at the latest.
    fn string(&mut self, prefix: &str) -> Token<'t> {
        let quote = self.byte();
        let is_quote = |at: usize| self.text.as_bytes().get(at).copied() == quote;
        // No more than six in a row mean anything: three that open and three that close.
        let run = (self.at..self.at + 6)
            .take_while(|at| is_quote(*at))
            .count();
        let quotes = match run {
            2 | 6 => {
                self.at += run;
                return Token::OtherText;
            }
            1 => 1,
            _ => 3,
        };
        self.at += quotes;
        let (from, line) = (self.at, self.line);
        let mut is_plain = matches!(prefix, "" | "u" | "U" | "r" | "R");
        loop {
            match self.byte() {
                None => return Token::OtherText,
                Some(b'\\') => {
                    is_plain = false;
                    self.at += 1;
                    match self.byte() {
                        Some(byte) if is_line_end(byte) => self.skip_line_end(),
                        Some(_) => self.at += 1,
                        None => {}
                    }
                }
                Some(byte) if is_line_end(byte) => {
                    if quotes == 1 {
                        return Token::OtherText;
                    }
                    self.skip_line_end();
                }
                byte if byte == quote => {
                    let to = self.at;
                    if self.closes(quotes, quote) {
                        let text = self.text.get(from..to).unwrap_or_default();
                        let is_plain = is_plain && line == self.line;
                        return if is_plain {
                            Token::Text(text)
                        } else {
                            Token::OtherText
                        };
                    }
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// Takes the closing quotes, or the one quote that does not close three.
    fn closes(&mut self, quotes: usize, quote: Option<u8>) -> bool {
        for _ in 0..quotes {
            if self.byte() != quote {
                return false;
            }
            self.at += 1;
        }
        true
    }

    fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }
}

/// Every byte of a character outside of ASCII counts: names may have letters of all scripts.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
