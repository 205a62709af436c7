//! Bytes of a requirements file to text, as pip decodes them: byte order marks, PEP 263, UTF-8.
//!
//! pip 24 and older assumed the encoding of the machine's locale where a file names none; newer ones
//! assume UTF-8 and fall back to the locale. Neither fallback is taken here: what a file says may not
//! depend on the machine that reads it, so bytes that are not UTF-8 are an error with a place.

use std::fmt;

use encoding_rs::{DecoderResult, Encoding, UTF_16BE, UTF_16LE};
use pinproof_core::Printable;
use pinproof_core::span::LineColumn;
use thiserror::Error;

/// The text of a file and how it was encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark; spans are byte offsets into it.
    pub text: String,
    /// The encoding of the bytes.
    pub encoding: TextEncoding,
    /// Whether the bytes started with a byte order mark.
    pub had_bom: bool,
}

/// An encoding that a requirements file may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, and ASCII within it.
    Utf8,
    /// Python's `latin-1`: each byte is the character of that number, the C1 controls included.
    Latin1,
    /// Declared as ASCII.
    Ascii,
    /// UTF-32, little endian.
    Utf32Le,
    /// UTF-32, big endian.
    Utf32Be,
    /// An encoding of the WHATWG Encoding Standard, where that agrees with Python's codec.
    Other(&'static Encoding),
}

/// Why the bytes of a file are no text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes do not fit the encoding.
    #[error("not {encoding} text: byte {offset}, line {}, column {}", at.line, at.column)]
    Malformed {
        /// The encoding that was declared or assumed.
        encoding: TextEncoding,
        /// The first byte that does not fit, counted from the start of the file.
        offset: usize,
        /// Its line and column.
        at: LineColumn,
    },
    /// The declared encoding (PEP 263) is not known, or its decoders disagree.
    #[error("the declared encoding `{label}` is not supported: save the file as UTF-8")]
    Unsupported {
        /// The name in the declaration.
        label: Printable,
    },
}

const BOMS: [(&[u8], TextEncoding); 5] = [
    // UTF-32 first: its little-endian mark starts with the one of UTF-16.
    (b"\xff\xfe\x00\x00", TextEncoding::Utf32Le),
    (b"\x00\x00\xfe\xff", TextEncoding::Utf32Be),
    (b"\xef\xbb\xbf", TextEncoding::Utf8),
    (b"\xff\xfe", TextEncoding::Other(UTF_16LE)),
    (b"\xfe\xff", TextEncoding::Other(UTF_16BE)),
];

/// Decodes the bytes of a requirements file.
pub fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    for (mark, encoding) in BOMS {
        if let Some(rest) = bytes.strip_prefix(mark) {
            return decode_as(rest, mark.len(), encoding);
        }
    }
    let encoding = match declared_label(bytes) {
        Some(label) => encoding_of(label)?,
        None => TextEncoding::Utf8,
    };
    decode_as(bytes, 0, encoding)
}

impl Decoded {
    /// Whether edited text can be written back so that untouched bytes stay the same.
    pub fn is_editable(&self) -> bool {
        matches!(self.encoding, TextEncoding::Utf8 | TextEncoding::Ascii)
    }

    /// The bytes of an edited `text` in this file's encoding; `None` where it is not editable.
    pub fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let fits = match self.encoding {
            TextEncoding::Utf8 => true,
            TextEncoding::Ascii => text.is_ascii(),
            _ => false,
        };
        let mark: &[u8] = if self.had_bom { b"\xef\xbb\xbf" } else { b"" };
        fits.then(|| [mark, text.as_bytes()].concat())
    }
}

/// The label of a PEP 263 declaration in one of the first two lines, each a comment from its first byte.
fn declared_label(bytes: &[u8]) -> Option<&[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .take(2)
        .filter(|line| line.first() == Some(&b'#'))
        .find_map(label_in)
}

/// What `coding[:=]\s*([-\w.]+)` finds first.
fn label_in(line: &[u8]) -> Option<&[u8]> {
    const KEY: &[u8] = b"coding";
    let is_label = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let mut rest = line;
    while let Some(at) = rest.windows(KEY.len()).position(|window| window == KEY) {
        rest = rest.get(at + KEY.len()..).unwrap_or_default();
        let Some((b':' | b'=', value)) = rest.split_first() else {
            continue;
        };
        let spaces = value.iter().take_while(|b| is_byte_space(**b)).count();
        let value = value.get(spaces..).unwrap_or_default();
        let length = value.iter().take_while(|b| is_label(b)).count();
        if length > 0 {
            return value.get(..length);
        }
    }
    None
}

fn is_byte_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\x0b' | b'\x0c')
}

fn encoding_of(label: &[u8]) -> Result<TextEncoding, DecodeError> {
    let written = String::from_utf8_lossy(label);
    let name = written.to_ascii_lowercase().replace('_', "-");
    match name.as_str() {
        "utf-8" | "utf8" | "u8" | "utf" | "utf-8-sig" | "cp65001" => Ok(TextEncoding::Utf8),
        "ascii" | "us-ascii" | "646" => Ok(TextEncoding::Ascii),
        "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "iso8859" | "8859"
        | "cp819" => Ok(TextEncoding::Latin1),
        _ => agreed_encoding(&name)
            .map(TextEncoding::Other)
            .ok_or_else(|| DecodeError::Unsupported {
                label: Printable::new(&written).shortened(60),
            }),
    }
}

/// The encodings that Python and the WHATWG read alike.
///
/// The standard reads labels such as `iso-8859-9` as a Windows code page, in which the byte 0x85 is a
/// printed character; in Python it is U+0085, which ends a line. So a code page needs its own name.
fn agreed_encoding(name: &str) -> Option<&'static Encoding> {
    let found = Encoding::for_label(name.as_bytes())?;
    let agreed = match found.name() {
        page if page.starts_with("windows-125") => {
            name.starts_with("windows-125") || name.starts_with("cp125")
        }
        page if page.starts_with("ISO-8859-") => page != "ISO-8859-8-I",
        other => matches!(
            other,
            "KOI8-R" | "KOI8-U" | "Shift_JIS" | "EUC-JP" | "GBK" | "gb18030" | "Big5" | "EUC-KR"
        ),
    };
    agreed.then_some(found)
}

/// Decodes `bytes`, which start at byte `skipped` of the file.
fn decode_as(bytes: &[u8], skipped: usize, encoding: TextEncoding) -> Result<Decoded, DecodeError> {
    let (text, end) = match encoding {
        TextEncoding::Utf8 => decode_utf8(bytes),
        TextEncoding::Ascii => decode_ascii(bytes),
        TextEncoding::Latin1 => (bytes.iter().map(|b| char::from(*b)).collect(), bytes.len()),
        TextEncoding::Utf32Le => decode_utf32(bytes, u32::from_le_bytes),
        TextEncoding::Utf32Be => decode_utf32(bytes, u32::from_be_bytes),
        TextEncoding::Other(other) => decode_other(bytes, other),
    };
    if end < bytes.len() {
        return Err(DecodeError::Malformed {
            encoding,
            offset: skipped + end,
            at: end_of(&text),
        });
    }
    Ok(Decoded {
        text,
        encoding,
        had_bom: skipped > 0,
    })
}

// Each decoder returns the text of the longest prefix that fits, and the length of that prefix.

fn decode_utf8(bytes: &[u8]) -> (String, usize) {
    let valid = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid()),
    };
    (valid.to_owned(), valid.len())
}

fn decode_ascii(bytes: &[u8]) -> (String, usize) {
    let end = bytes
        .iter()
        .position(|b| !b.is_ascii())
        .unwrap_or(bytes.len());
    let text = bytes.iter().take(end).map(|b| char::from(*b)).collect();
    (text, end)
}

fn decode_utf32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> (String, usize) {
    let mut text = String::with_capacity(bytes.len() / 4);
    let (units, _) = bytes.as_chunks::<4>();
    for (index, unit) in units.iter().enumerate() {
        match char::from_u32(number(*unit)) {
            Some(c) => text.push(c),
            None => return (text, index * 4),
        }
    }
    (text, units.len() * 4)
}

fn decode_other(bytes: &[u8], encoding: &'static Encoding) -> (String, usize) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let capacity = decoder
        .max_utf8_buffer_length_without_replacement(bytes.len())
        .unwrap_or(bytes.len());
    let mut text = String::with_capacity(capacity);
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    let end = match result {
        DecoderResult::InputEmpty => bytes.len(),
        DecoderResult::OutputFull => read,
        // A sequence at fault may have been read together with bytes after it.
        DecoderResult::Malformed(bad, after) => {
            read.saturating_sub(usize::from(bad) + usize::from(after))
        }
    };
    // Python leaves these bytes of the code pages undefined; the WHATWG makes them controls.
    let is_undefined = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    if encoding.is_single_byte()
        && encoding.name().starts_with("windows-")
        && let Some(index) = text.chars().position(is_undefined)
    {
        return (text.chars().take(index).collect(), index);
    }
    (text, end)
}

fn end_of(text: &str) -> LineColumn {
    let index = pinproof_core::span::LineIndex::new(text);
    index.locate(text, text.len())
}

impl TextEncoding {
    /// The name of the encoding as people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Latin1 => "Latin-1",
            Self::Ascii => "ASCII",
            Self::Utf32Le => "UTF-32LE",
            Self::Utf32Be => "UTF-32BE",
            Self::Other(other) => other.name(),
        }
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{DecodeError, TextEncoding, decode};

    #[test]
    fn reads_every_byte_order_mark() {
        let units =
            |wide: fn(u16) -> [u8; 2]| "é\n".encode_utf16().flat_map(wide).collect::<Vec<_>>();
        let wide =
            |f: fn(u32) -> [u8; 4]| "é\n".chars().flat_map(|c| f(c.into())).collect::<Vec<_>>();
        let files = [
            [b"\xef\xbb\xbf".to_vec(), "é\n".into()].concat(),
            [b"\xff\xfe".to_vec(), units(u16::to_le_bytes)].concat(),
            [b"\xfe\xff".to_vec(), units(u16::to_be_bytes)].concat(),
            [b"\xff\xfe\0\0".to_vec(), wide(u32::to_le_bytes)].concat(),
            [b"\0\0\xfe\xff".to_vec(), wide(u32::to_be_bytes)].concat(),
        ];
        for file in files {
            let decoded = decode(&file).unwrap();
            assert_eq!(decoded.text, "é\n");
            assert!(decoded.had_bom);
            assert_eq!(
                decoded.encode("é\n").is_some_and(|b| b == file),
                decoded.is_editable()
            );
        }
    }

    #[test]
    fn a_declaration_counts_only_in_the_first_two_lines_and_the_first_column() {
        let latin = b"#!x\n# -*- coding: latin-1 -*-\n# \xe9\x85x==1";
        assert_eq!(
            decode(latin).unwrap().text.lines().last(),
            Some("# é\u{85}x==1")
        );
        assert!(decode(b"\n\n# coding: latin-1\n# \xe9").is_err());
        assert!(decode(b" # coding: latin-1\n# \xe9").is_err());
        let second = decode(b"# coding coding=cp1252\n# \x85").unwrap();
        assert!(second.text.ends_with('…') && !second.is_editable());
    }

    #[test]
    fn an_error_has_a_place() {
        let error = decode(b"a\r\nb\xc3\xa9\xff").unwrap_err();
        let DecodeError::Malformed {
            encoding,
            offset,
            at,
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((encoding, offset), (TextEncoding::Utf8, 6));
        assert_eq!((at.line, at.column), (2, 3));
    }

    #[test]
    fn what_python_and_the_web_read_differently_is_refused() {
        assert!(decode(b"# coding: utf-7\n").is_err());
        assert!(decode(b"# coding: iso-8859-9\n# \x85").is_err());
        let undefined = decode(b"# coding: cp1252\n# \x81").unwrap_err();
        assert!(matches!(
            undefined,
            DecodeError::Malformed { offset: 19, .. }
        ));
        assert!(decode(b"\xff\xfea\0b").is_err());
        assert!(decode(b"\xff\xfe\0\0a\0\0\0b").is_err());
    }
}
