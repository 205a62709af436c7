//! Quoted texts of markers, which are string literals of Python.

use std::fmt::{self, Write as _};
use std::str::Chars;

/// The value of the literal whose text between the quotes is `body`; none if Python refuses it.
///
/// Python's `\N{…}` is refused: no marker needs the table of Unicode names.
pub(super) fn read(body: &str) -> Option<String> {
    let mut value = String::with_capacity(body.len());
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\r' | '\0' => return None,
            '\\' => read_escape(&mut rest, &mut value)?,
            _ => value.push(c),
        }
    }
    Some(value)
}

fn read_escape(rest: &mut Chars<'_>, value: &mut String) -> Option<()> {
    let c = match rest.next()? {
        // A line end after a backslash continues the line.
        '\n' => return Some(()),
        '\r' => {
            if rest.as_str().starts_with('\n') {
                rest.next();
            }
            return Some(());
        }
        c @ ('\\' | '\'' | '"') => c,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => read_hex(rest, 2)?,
        'u' => read_hex(rest, 4)?,
        'U' => read_hex(rest, 8)?,
        'N' | '\0' => return None,
        c @ '0'..='7' => read_octal(c, rest)?,
        other => {
            value.push('\\');
            other
        }
    };
    value.push(c);
    Some(())
}

fn read_hex(rest: &mut Chars<'_>, digits: usize) -> Option<char> {
    let mut code: u32 = 0;
    for _ in 0..digits {
        code = (code << 4) | rest.next()?.to_digit(16)?;
    }
    char::from_u32(code)
}

/// One to three octal digits.
fn read_octal(first: char, rest: &mut Chars<'_>) -> Option<char> {
    let mut code = first.to_digit(8)?;
    for _ in 0..2 {
        let Some(digit) = rest.clone().next().and_then(|c| c.to_digit(8)) else {
            break;
        };
        code = code * 8 + digit;
        rest.next();
    }
    char::from_u32(code)
}

/// Writes `value` as a literal that reads back the same, with `"` where it can.
pub(super) fn write(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    let quote = if value.contains('"') && !value.contains('\'') {
        '\''
    } else {
        '"'
    };
    f.write_char(quote)?;
    for c in value.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            // A marker ends at the next quote, escaped or not.
            _ if c == quote || c == '\0' => write!(f, "\\x{:02x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char(quote)
}
