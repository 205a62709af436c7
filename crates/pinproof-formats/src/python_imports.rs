//! Which modules a Python file imports, read from its text; nothing is run.
//!
//! `import` is a reserved word, so a statement is found wherever it stands: in a function, behind `try:` or
//! `if TYPE_CHECKING:`, in a file that is no sound Python. Calls of `importlib.import_module` and
//! `__import__` with a literal count too. What is computed at run time is not seen, nor what a string holds.

mod lexer;

use lexer::{Lexer, Token};

/// A longer dotted name is nobody's module.
const MAX_NAME: usize = 255;

/// Calls `on` with the dotted name and the line, from 1, of everything that `text` imports, in order.
///
/// `import a.b` gives `a.b`, and so does `from a import b`, because `b` may be a module of `a`. Relative
/// imports are left out: they are the project's own. Takes time linear in the length of `text`.
pub fn each_import(text: &str, mut on: impl FnMut(&str, usize)) {
    let mut reader = Reader {
        lexer: Lexer::new(text),
        on: &mut on,
        name: String::new(),
    };
    while let Some(token) = reader.lexer.take() {
        match token {
            Token::Word("import") => reader.import(),
            Token::Word("from") => reader.import_from(),
            Token::Word("import_module" | "__import__") => reader.call(),
            _ => {}
        }
    }
}

struct Reader<'t, 'f> {
    lexer: Lexer<'t>,
    on: &'f mut dyn FnMut(&str, usize),
    /// The dotted name that was read last.
    name: String,
}

impl Reader<'_, '_> {
    /// `a.b as c, d`, from behind `import`.
    fn import(&mut self) {
        loop {
            if self.dotted_name() {
                self.give();
            }
            self.skip_alias();
            if !self.skip(Token::Mark(',')) {
                return;
            }
        }
    }

    /// `a.b import (c as d, e)`, from behind `from`, which also ends `yield from a` and `raise a from b`.
    fn import_from(&mut self) {
        let mut is_ours = false;
        while self.skip(Token::Mark('.')) {
            is_ours = true;
        }
        let is_named = self.dotted_name();
        let is_import = self.skip(Token::Word("import"));
        if is_ours || !is_named || !is_import {
            return;
        }
        if self.skip(Token::Mark('*')) {
            return self.give();
        }
        let package = self.name.len();
        self.skip(Token::Mark('('));
        while let Some(Token::Word(member)) = self.lexer.peek() {
            self.lexer.take();
            self.name.truncate(package);
            if package + member.len() < MAX_NAME {
                self.name.push('.');
                self.name.push_str(member);
            }
            self.give();
            self.skip_alias();
            if !self.skip(Token::Mark(',')) {
                return;
            }
        }
    }

    /// `("a.b")`, from behind the function.
    fn call(&mut self) {
        if !self.skip(Token::Mark('(')) {
            return;
        }
        let Some(Token::Text(module)) = self.lexer.peek() else {
            return;
        };
        self.lexer.take();
        let line = self.lexer.line_of_taken();
        let is_whole = matches!(self.lexer.peek(), Some(Token::Mark(')' | ',')));
        if is_whole && !module.is_empty() && !module.starts_with('.') && module.len() <= MAX_NAME {
            (self.on)(module, line);
        }
    }

    /// Reads `a.b.c`; whether there is one, of a length that a module may have.
    fn dotted_name(&mut self) -> bool {
        self.name.clear();
        let mut length = 0;
        while let Some(Token::Word(part)) = self.lexer.peek()
            && part != "import"
        {
            self.lexer.take();
            length += part.len() + 1;
            if length <= MAX_NAME {
                self.name.push_str(part);
            }
            if !self.skip(Token::Mark('.')) {
                break;
            }
            if length <= MAX_NAME {
                self.name.push('.');
            }
        }
        (1..=MAX_NAME).contains(&length) && !self.name.ends_with('.')
    }

    fn skip_alias(&mut self) {
        if self.skip(Token::Word("as"))
            && let Some(Token::Word(_)) = self.lexer.peek()
        {
            self.lexer.take();
        }
    }

    fn skip(&mut self, wanted: Token<'_>) -> bool {
        let is_there = self.lexer.peek() == Some(wanted);
        if is_there {
            self.lexer.take();
        }
        is_there
    }

    /// Gives the last name, at the line where its last part stands.
    fn give(&mut self) {
        (self.on)(&self.name, self.lexer.line_of_taken());
    }
}

#[cfg(test)]
mod tests {
    use super::each_import;

    fn imports(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each_import(text, |name, line| found.push(format!("{line} {name}")));
        found
    }

    #[test]
    fn statements_of_every_form_are_read() {
        let text = "import a, b.c as d\nfrom x . y import z as w, v\nfrom m import *\n\
                    import \\\n  e.\\\nf\nfrom p import (q, # why\n    r as s,\n)\n";
        let expected = [
            "1 a", "1 b.c", "2 x.y.z", "2 x.y.v", "3 m", "6 e.f", "7 p.q", "8 p.r",
        ];
        assert_eq!(imports(text), expected);
        assert_eq!(
            imports("import a;import b\r\nimport c\rimport d"),
            ["1 a", "1 b", "2 c", "3 d"]
        );
    }

    #[test]
    fn statements_are_found_wherever_they_stand() {
        let text = "try: import a\nexcept ImportError: import b\n\
                    def f():\n\tif x: from c import d\n\tlazy import e\nclass A: import g";
        assert_eq!(imports(text), ["1 a", "2 b", "4 c.d", "5 e", "6 g"]);
    }

    #[test]
    fn relative_imports_are_the_projects_own() {
        assert!(
            imports("from . import a\nfrom .b import c\nfrom ... d import e\nfrom .import f")
                .is_empty()
        );
    }

    #[test]
    fn other_uses_of_from_import_nothing() {
        let text = "x = yield from a\nraise A from b\nimport c\nraise A from b; import d\n";
        assert_eq!(imports(text), ["3 c", "4 d"]);
    }

    #[test]
    fn strings_and_comments_import_nothing() {
        let text = "'''\nimport a\n'''\n\"import b\"\n# import c\nr'\\' ; import d\nx = '\\'import e'\n\
                    f\"\"\"{x}\nimport f\"\"\"\nRb'''\nimport g'''\nimport h # import i\n\
                    y = 'ends\\\nimport j'\nimport k";
        assert_eq!(imports(text), ["12 h", "15 k"]);
        assert_eq!(imports("x = 'not closed\nimport a\n"), ["2 a"]);
        assert_eq!(imports("'' ; import a\n'''''' ; import b"), ["1 a", "2 b"]);
    }

    #[test]
    fn calls_with_a_literal_count() {
        let text = "importlib.import_module('a.b')\n__import__( \"c\" , globals())\n\
                    import_module('.d', 'p')\nimport_module(f'{e}')\nimport_module('g' + h)\n\
                    import_module(u'i')\nimport_module('j' 'k')\nimport_module(b'l')\n__import__('m\\n')";
        assert_eq!(imports(text), ["1 a.b", "2 c", "6 i"]);
    }

    #[test]
    fn a_bracket_that_stays_open_hides_nothing() {
        assert_eq!(
            imports("x = (\nimport a\nfrom b import c\n"),
            ["2 a", "3 b.c"]
        );
        assert_eq!(imports("f\"{\"(\" + x}\"\ny = 1\nimport a"), ["3 a"]);
    }

    #[test]
    fn broken_statements_are_left() {
        let text =
            "import\nimport a.\nfrom\nfrom b\nfrom c import\nimport d as\nimport e,\nimport 1\n";
        assert_eq!(imports(text), ["6 d", "7 e", "8 1"]);
        let long = "x".repeat(300);
        assert!(imports(&format!("import {long}\nimport {}", "a.".repeat(200))).is_empty());
        assert_eq!(
            imports(&format!("from a import {long}, b")),
            ["1 a", "1 a.b"]
        );
    }

    #[test]
    fn names_may_have_any_letter() {
        assert_eq!(
            imports("import größe.ñ\nfrom 模块 import 名"),
            ["1 größe.ñ", "2 模块.名"]
        );
    }
}
