//! One entry of a zip directory, and whether it is the member that is looked for.

use super::zip_member::{Member, ZipError};

/// Extra fields of a local header beyond this are not read.
const LOCAL_EXTRA_BYTES: u64 = 4 * 1024;
/// The fixed part of a local header.
pub(super) const HEADER_BYTES: usize = 30;
/// The fixed part of an entry.
const ENTRY_BYTES: usize = 46;
/// The extra field with a second name.
const UNICODE_PATH: u16 = 0x7075;

/// The member that is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// What errors call it.
    pub(crate) what: &'static str,
    /// The end of the name of its folder, such as `.dist-info`; empty is any folder.
    pub(crate) folder_end: &'static str,
    /// Its name inside a folder at the top of the archive.
    pub(crate) name: &'static str,
    /// The most bytes that it may have, compressed or not.
    pub(crate) max_bytes: u64,
}

/// One entry of a directory.
pub(super) struct Entry<'a> {
    fixed: &'a [u8],
    name: &'a [u8],
    extra: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Takes the next entry from the front of `rest`.
    pub(super) fn take(rest: &mut &'a [u8]) -> Result<Self, ZipError> {
        let short = ZipError::Inconsistent("it has fewer entries than it says");
        let mut take = |length: usize| {
            let (taken, after) = rest.split_at_checked(length)?;
            *rest = after;
            Some(taken)
        };
        let fixed = take(ENTRY_BYTES)
            .filter(|fixed| fixed.starts_with(b"PK\x01\x02"))
            .ok_or(short.clone())?;
        let name = take(u16_at(fixed, 28).into()).ok_or(short.clone())?;
        let extra = take(u16_at(fixed, 30).into()).ok_or(short.clone())?;
        take(u16_at(fixed, 32).into()).ok_or(short)?;
        Ok(Self { fixed, name, extra })
    }

    pub(super) fn offset(&self) -> u32 {
        u32_at(self.fixed, 42)
    }

    /// Whether it is the wanted member; refused if only some readers think so.
    pub(super) fn may_be(&self, wanted: &Wanted) -> Result<bool, ZipError> {
        // Python cuts a name at the first zero byte and knows a second name in an extra field;
        // Windows takes backslashes for slashes, and does not care for upper and lower case.
        let mut name = self
            .name
            .split(|byte| *byte == 0)
            .next()
            .unwrap_or_default()
            .to_owned();
        for byte in &mut name {
            if *byte == b'\\' {
                *byte = b'/';
            }
        }
        let second = self.unicode_path();
        let is_some_readers =
            wanted.is_like(&name) || second.is_some_and(|name| wanted.is_like(name));
        if is_some_readers && (!wanted.is(self.name) || second.is_some()) {
            return Err(ZipError::Inconsistent("a name can be read in two ways"));
        }
        Ok(is_some_readers)
    }

    /// The name in an Info-ZIP Unicode Path field, after its version and checksum.
    fn unicode_path(&self) -> Option<&'a [u8]> {
        let mut rest = self.extra;
        while rest.len() >= 4 {
            let (id, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
            let field = rest.get(4..4 + length)?;
            if id == UNICODE_PATH {
                return Some(field.get(5..).unwrap_or_default());
            }
            rest = &rest[4 + length..];
        }
        None
    }

    pub(super) fn member(&self, region_end: u64, wanted: &Wanted) -> Result<Member, ZipError> {
        let (flags, method) = (u16_at(self.fixed, 8), u16_at(self.fixed, 10));
        let (compressed, size) = (u32_at(self.fixed, 20), u32_at(self.fixed, 24));
        let start = u64::from(self.offset());
        let least = start + (HEADER_BYTES + self.name.len()) as u64 + u64::from(compressed);
        if flags & 1 != 0 || !matches!(method, 0 | 8) {
            return Err(ZipError::Method(wanted.what));
        }
        if u64::from(compressed.max(size)) > wanted.max_bytes {
            return Err(ZipError::TooLarge(wanted.what));
        }
        if least > region_end {
            return Err(ZipError::Inconsistent("entries overlap"));
        }
        Ok(Member {
            range: start..region_end.min(least + LOCAL_EXTRA_BYTES),
            name: self.name.to_owned(),
            flags,
            method,
            crc: u32_at(self.fixed, 16),
            compressed: compressed.into(),
            size: size.into(),
        })
    }
}

impl Wanted {
    /// The METADATA of a wheel.
    pub(crate) fn in_wheel(max_bytes: u64) -> Self {
        Self {
            what: "METADATA",
            folder_end: ".dist-info",
            name: "METADATA",
            max_bytes,
        }
    }

    /// The PKG-INFO of a source distribution that is a zip archive.
    pub(crate) fn in_sdist(max_bytes: u64) -> Self {
        Self {
            what: "PKG-INFO",
            folder_end: "",
            name: "PKG-INFO",
            max_bytes,
        }
    }

    /// Whether `path` is the member, by its exact name.
    fn is(&self, path: &[u8]) -> bool {
        parts(path)
            .is_some_and(|(folder, name)| folder.ends_with(self.folder_end) && name == self.name)
    }

    /// Whether `path` is the member on a system without upper and lower case.
    fn is_like(&self, path: &[u8]) -> bool {
        parts(path).is_some_and(|(folder, name)| {
            let folder = folder.to_ascii_lowercase();
            folder.ends_with(self.folder_end) && name.eq_ignore_ascii_case(self.name)
        })
    }
}

/// Folder and name of a path with exactly one slash.
fn parts(path: &[u8]) -> Option<(&str, &str)> {
    let path = std::str::from_utf8(path).ok()?;
    let (folder, name) = path.split_once('/')?;
    (!folder.is_empty() && !name.contains('/')).then_some((folder, name))
}

/// A little-endian number; bytes that are not there count as zero, and the callers check lengths.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let byte = |i: usize| u16::from(bytes.get(at + i).copied().unwrap_or_default());
    byte(0) | byte(1) << 8
}

/// See [`u16_at`].
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}
