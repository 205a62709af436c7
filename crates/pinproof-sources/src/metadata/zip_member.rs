//! One member of a zip archive, read strictly from three pieces: the end, the directory, the member.
//!
//! Installers in Python read archives leniently, and differently from other libraries: a second end
//! record, a directory that is longer than its count, two entries of one name, a local header that
//! disagrees. Metadata read by one and files installed by the other would be two packages in one. So
//! an archive on which two readers may disagree about the member is refused. (The `zip` crate keeps
//! the last of two entries of one name, tries one end record after another and goes by the count,
//! where Python goes by the size; and it cannot be fed piece by piece.)

use std::io::Read;
use std::ops::Range;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use thiserror::Error;

pub(crate) use super::zip_entry::Wanted;
use super::zip_entry::{Entry, HEADER_BYTES, u16_at, u32_at};

/// Bytes from the end in which the end record is looked for.
pub(crate) const TAIL_BYTES: usize = 64 * 1024;

const END_BYTES: usize = 22;
const END64_LOCATOR_BYTES: usize = 20;

/// Why a member of an archive cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ZipError {
    /// There is no end record, or something follows it.
    #[error("it does not end like a zip archive")]
    NoEnd,
    /// Large archives are not read.
    #[error("it is a zip64 archive, which is not read here")]
    Zip64,
    /// Two readers may see different content.
    #[error("its zip directory is inconsistent: {0}")]
    Inconsistent(&'static str),
    /// The member is not there.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// The member is there more than once.
    #[error("it has more than one {0}")]
    Duplicate(&'static str),
    /// Encrypted, or compressed by another method than deflate.
    #[error("its {0} is encrypted or compressed in an unknown way")]
    Method(&'static str),
    /// Larger than the limit.
    #[error("its {0} is too large")]
    TooLarge(&'static str),
    /// The content does not have the size or the checksum that the directory says.
    #[error("its {0} is damaged")]
    Damaged(&'static str),
}

/// Where the directory is, and how many entries it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directory {
    pub(crate) range: Range<u64>,
    entries: u16,
}

/// A member, as the directory describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The bytes to read: its local header and its content.
    pub(crate) range: Range<u64>,
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
}

/// Finds the directory from the last bytes of an archive of `total` bytes.
pub(crate) fn find_directory(tail: &[u8], total: u64) -> Result<Directory, ZipError> {
    let starts = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06");
    let start = starts
        .filter(|start| tail.len() - start >= END_BYTES)
        .ok_or(ZipError::NoEnd)?;
    let end = &tail[start..];
    if usize::from(u16_at(end, 20)) != end.len() - END_BYTES {
        return Err(ZipError::NoEnd);
    }
    let has_locator = start >= END64_LOCATOR_BYTES
        && tail[start - END64_LOCATOR_BYTES..].starts_with(b"PK\x06\x07");
    let (entries, size, offset) = (u16_at(end, 10), u32_at(end, 12), u32_at(end, 16));
    if has_locator || entries == u16::MAX || size == u32::MAX || offset == u32::MAX {
        return Err(ZipError::Zip64);
    }
    if u16_at(end, 4) != 0 || u16_at(end, 6) != 0 || u16_at(end, 8) != entries {
        return Err(ZipError::Inconsistent("it has several parts"));
    }
    let at = total - tail.len() as u64 + start as u64;
    let range = u64::from(offset)..u64::from(offset) + u64::from(size);
    if range.end != at {
        return Err(ZipError::Inconsistent("it is not where the archive says"));
    }
    Ok(Directory { range, entries })
}

/// Finds the wanted member in the bytes of the directory.
pub(crate) fn find_member(
    directory: &Directory,
    bytes: &[u8],
    wanted: &Wanted,
) -> Result<Member, ZipError> {
    let mut rest = bytes;
    let mut offsets = Vec::with_capacity(directory.entries.into());
    let mut found: Option<Entry<'_>> = None;
    for _ in 0..directory.entries {
        let entry = Entry::take(&mut rest)?;
        offsets.push(u64::from(entry.offset()));
        if !entry.may_be(wanted)? {
            continue;
        }
        if found.replace(entry).is_some() {
            return Err(ZipError::Duplicate(wanted.what));
        }
    }
    if !rest.is_empty() {
        return Err(ZipError::Inconsistent("it has more entries than it says"));
    }
    let entry = found.ok_or(ZipError::Missing(wanted.what))?;
    let start = u64::from(entry.offset());
    if offsets.iter().filter(|offset| **offset == start).count() > 1 {
        return Err(ZipError::Inconsistent("two entries are in one place"));
    }
    let following = offsets
        .iter()
        .copied()
        .filter(|offset| *offset > start)
        .min();
    entry.member(following.unwrap_or(directory.range.start), wanted)
}

/// The content of a member from the bytes of its range.
pub(crate) fn extract(member: &Member, bytes: &[u8], wanted: &Wanted) -> Result<Vec<u8>, ZipError> {
    let damaged = ZipError::Damaged(wanted.what);
    let differs = ZipError::Inconsistent("a local header disagrees with it");
    let header = bytes.get(..HEADER_BYTES).ok_or(damaged.clone())?;
    let name_end = HEADER_BYTES + usize::from(u16_at(header, 26));
    let start = name_end + usize::from(u16_at(header, 28));
    let has_descriptor = member.flags & 8 != 0;
    let is_same = header.starts_with(b"PK\x03\x04")
        && bytes.get(HEADER_BYTES..name_end) == Some(&member.name)
        && u16_at(header, 6) == member.flags
        && u16_at(header, 8) == member.method;
    let is_same_size = u32_at(header, 14) == member.crc
        && u64::from(u32_at(header, 18)) == member.compressed
        && u64::from(u32_at(header, 22)) == member.size;
    if !is_same || !(is_same_size || has_descriptor) {
        return Err(differs);
    }
    let compressed = usize::try_from(member.compressed)
        .ok()
        .and_then(|length| start.checked_add(length));
    let content = compressed
        .and_then(|end| bytes.get(start..end))
        .ok_or(damaged.clone())?;
    let content = inflate(member, content).ok_or(damaged.clone())?;
    let mut crc = Crc::new();
    crc.update(&content);
    if content.len() as u64 != member.size || crc.sum() != member.crc {
        return Err(damaged);
    }
    Ok(content)
}

/// The content of the wanted member of a whole archive.
pub(crate) fn read(archive: &[u8], wanted: &Wanted) -> Result<Vec<u8>, ZipError> {
    let tail_start = archive.len().saturating_sub(TAIL_BYTES);
    let directory = find_directory(&archive[tail_start..], archive.len() as u64)?;
    let slice = |range: &Range<u64>| {
        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
        archive.get(range)
    };
    let short = ZipError::Inconsistent("it is not where the archive says");
    let member = find_member(
        &directory,
        slice(&directory.range).ok_or(short.clone())?,
        wanted,
    )?;
    extract(&member, slice(&member.range).ok_or(short)?, wanted)
}

/// Decompresses, and stops one byte after the size that the directory says.
fn inflate(member: &Member, content: &[u8]) -> Option<Vec<u8>> {
    if member.method == 0 {
        return Some(content.to_owned());
    }
    let mut out = Vec::new();
    let mut decoder = DeflateDecoder::new(content).take(member.size + 1);
    decoder.read_to_end(&mut out).ok()?;
    Some(out)
}
