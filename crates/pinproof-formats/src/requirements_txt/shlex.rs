//! Words of the option part of a line, as Python's `shlex.split` takes them apart (POSIX mode).

use std::borrow::Cow;
use std::ops::Range;

/// A word, without its quotes and escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// Its value.
    pub(super) value: Cow<'a, str>,
    /// Its place in the text that was split, with quotes and escapes.
    pub(super) range: Range<usize>,
}

/// Why a text cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// A quotation without its end.
    Quote,
    /// A backslash at the end.
    Escape,
}

/// Splits `text`.
pub(super) fn split(text: &str) -> Result<Vec<Word<'_>>, Unfinished> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or("");
        let start = at + rest.len() - rest.trim_start_matches(is_separator).len();
        if start == text.len() {
            return Ok(words);
        }
        let word = read_word(text, start)?;
        at = word.range.end;
        words.push(word);
    }
}

fn read_word(text: &str, start: usize) -> Result<Word<'_>, Unfinished> {
    let rest = text.get(start..).unwrap_or("");
    // What ends a plain word is ASCII, so that bytes are enough.
    let plain = rest
        .bytes()
        .position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\'' | b'"' | b'\\'))
        .unwrap_or(rest.len());
    let begin = rest.get(..plain).unwrap_or(rest);
    if rest
        .get(plain..)
        .unwrap_or("")
        .chars()
        .next()
        .is_none_or(is_separator)
    {
        return Ok(Word {
            value: Cow::Borrowed(begin),
            range: start..start + plain,
        });
    }
    let mut value = begin.to_owned();
    let mut chars = rest.char_indices().skip_while(|(at, _)| *at < plain);
    let mut end = rest.len();
    while let Some((at, c)) = chars.next() {
        match c {
            c if is_separator(c) => {
                end = at;
                break;
            }
            '\\' => value.push(chars.next().ok_or(Unfinished::Escape)?.1),
            '\'' => read_single(&mut chars, &mut value)?,
            '"' => read_double(&mut chars, &mut value)?,
            c => value.push(c),
        }
    }
    Ok(Word {
        value: Cow::Owned(value),
        range: start..start + end,
    })
}

type Chars<'c> = dyn Iterator<Item = (usize, char)> + 'c;

fn read_single(chars: &mut Chars<'_>, value: &mut String) -> Result<(), Unfinished> {
    for (_, c) in chars {
        if c == '\'' {
            return Ok(());
        }
        value.push(c);
    }
    Err(Unfinished::Quote)
}

/// In double quotes a backslash escapes only `"` and itself.
fn read_double(chars: &mut Chars<'_>, value: &mut String) -> Result<(), Unfinished> {
    while let Some((_, c)) = chars.next() {
        match c {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or(Unfinished::Escape)?.1 {
                escaped @ ('"' | '\\') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            c => value.push(c),
        }
    }
    Err(Unfinished::Quote)
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::{Unfinished, split};

    fn values(text: &str) -> Vec<String> {
        split(text)
            .unwrap()
            .into_iter()
            .map(|word| word.value.into_owned())
            .collect()
    }

    #[test]
    fn splits_as_python_does() {
        // Each expectation is what `shlex.split` of Python 3.11 printed.
        let cases: [(&str, &[&str]); 8] = [
            ("-r  a.txt\t--pre", &["-r", "a.txt", "--pre"]),
            (r"-r dir\file.txt", &["-r", "dirfile.txt"]),
            (r"-r 'dir\file.txt'", &["-r", r"dir\file.txt"]),
            (r#"-r "a \"b\" \c \\""#, &["-r", r#"a "b" \c \"#]),
            ("-e '' x", &["-e", "", "x"]),
            ("a'b c'd\"e f\"", &["ab cde f"]),
            (r"a\ b", &["a b"]),
            ("a\u{a0}b", &["a\u{a0}b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn words_know_their_place() {
        let words = split(r#"  --hash "a b"#).unwrap_err();
        assert_eq!(words, Unfinished::Quote);
        assert_eq!(split("a\\").unwrap_err(), Unfinished::Escape);
        let words = split(" é 'b c' d").unwrap();
        let ranges: Vec<_> = words.into_iter().map(|word| word.range).collect();
        assert_eq!(ranges, [1..3, 4..9, 10..11]);
    }
}
