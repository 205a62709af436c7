//! Paths of inputs in the comments of a lock that pinproof writes.
//!
//! A path may have any character, and a comment ends with its line; what a reader of comments would trip
//! over is percent-encoded, in the notes of pinproof only.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use pinproof_core::Printable;

/// What means something in a comment, and the sign of the encoding itself.
const SPECIAL: &AsciiSet = &CONTROLS.add(b'%').add(b'#').add(b',').add(b'=').add(b'\\');

/// The same, and the space: in a path that starts or ends with one.
const SPECIAL_AND_SPACE: &AsciiSet = &SPECIAL.add(b' ');

/// A path as a comment has it.
pub(super) fn write(path: &str) -> String {
    let set = if path == path.trim() {
        SPECIAL
    } else {
        SPECIAL_AND_SPACE
    };
    let encode = |c: char| {
        let mut buffer = [0; 4];
        let text = &*c.encode_utf8(&mut buffer);
        let is_plain = !c.is_ascii() && !c.is_whitespace() && Printable::new(text).as_str() == text;
        if is_plain {
            text.to_owned()
        } else {
            utf8_percent_encode(text, set).to_string()
        }
    };
    path.chars().map(encode).collect()
}

/// The path that a comment has.
pub(super) fn read(text: &str) -> String {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.unwrap_or(Cow::Borrowed(text)).into_owned()
}
