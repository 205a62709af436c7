//! Files of a source distribution that say what it needs: PKG-INFO and pyproject.toml, found without unpacking
//! or building.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use pinproof_core::Printable;
use tar::{Archive as Tar, Entry, EntryType, PaxExtensions};

use super::error::MetadataProblem;
use crate::Limits;

/// A long name, or the extended header of one member, has no more bytes than this.
const HEADER_BYTES: u64 = 64 * 1024;

/// The metadata of a source distribution (PEP 643).
pub(crate) const PKG_INFO: &str = "PKG-INFO";
/// What builds it (PEP 518).
pub(crate) const PYPROJECT: &str = "pyproject.toml";

/// The content of `NAME-VERSION/PKG-INFO` (PEP 625, PEP 643); see [`member`].
pub(crate) fn pkg_info(
    file: impl Read,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, MetadataProblem> {
    member(file, PKG_INFO, limits)
}

/// The content of `NAME-VERSION/WANTED` in a compressed tar archive; `None` where there is none.
///
/// The whole archive is read, because a later member of the same name would replace the first.
pub(crate) fn member(
    file: impl Read,
    wanted: &str,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, MetadataProblem> {
    let unpacked = Bounded {
        inner: MultiGzDecoder::new(file),
        left: limits.unpacked_bytes,
        exceeded: false,
    };
    let mut tar = Tar::new(unpacked);
    let found = search(&mut tar, wanted, limits.metadata_bytes);
    let mut rest = tar.into_inner();
    // The checksum of the compressed stream is at its end, after the last member.
    let checked = found.and_then(|found| Ok(io::copy(&mut rest, &mut io::sink()).map(|_| found)?));
    if rest.exceeded {
        return Err(MetadataProblem::Bomb);
    }
    checked
}

/// Goes through the raw members; the names that extended headers give are read here, with a limit.
fn search<R: Read>(
    tar: &mut Tar<R>,
    wanted: &str,
    limit: u64,
) -> Result<Option<Vec<u8>>, MetadataProblem> {
    let mut found = None;
    let mut long_name: Option<Vec<u8>> = None;
    for entry in tar.entries()?.raw(true) {
        let mut entry = entry?;
        match entry.header().entry_type() {
            EntryType::GNULongName => long_name = Some(gnu_name(&mut entry)?),
            EntryType::XHeader => long_name = pax_path(&mut entry)?.or(long_name),
            EntryType::XGlobalHeader => {
                if pax_path(&mut entry)?.is_some() {
                    return Err(unusual("a name for all members"));
                }
            }
            EntryType::GNULongLink => {}
            kind if kind.as_byte() == b'X' => return Err(unusual("a header of Solaris tar")),
            kind => {
                let name = long_name
                    .take()
                    .unwrap_or_else(|| entry.path_bytes().into_owned());
                if !is_it(&name, wanted) {
                    continue;
                }
                if found.is_some() || !kind.is_file() {
                    return Err(match wanted {
                        PKG_INFO => MetadataProblem::AmbiguousPkgInfo,
                        _ => unusual("two files that build it"),
                    });
                }
                found = Some(read_bounded(&mut entry, limit)?);
            }
        }
    }
    Ok(found)
}

/// Whether a path is `FOLDER/WANTED`, perhaps with `./` in front, on any file system.
fn is_it(path: &[u8], wanted: &str) -> bool {
    let parts: Vec<&[u8]> = path
        .split(|byte| *byte == b'/')
        .filter(|part| !matches!(*part, b"" | b"."))
        .collect();
    matches!(parts[..], [_, name] if name.eq_ignore_ascii_case(wanted.as_bytes()))
}

fn gnu_name<R: Read>(entry: &mut Entry<'_, R>) -> Result<Vec<u8>, MetadataProblem> {
    let mut name = read_bounded(entry, HEADER_BYTES)?;
    if let Some(end) = name.iter().position(|byte| *byte == 0) {
        name.truncate(end);
    }
    Ok(name)
}

/// The name that an extended header gives the next member.
///
/// A size there counts for Python and not for this reader, so the two would part ways: refused.
fn pax_path<R: Read>(entry: &mut Entry<'_, R>) -> Result<Option<Vec<u8>>, MetadataProblem> {
    let records = read_bounded(entry, HEADER_BYTES)?;
    let mut path = None;
    for record in PaxExtensions::new(&records) {
        let record = record?;
        match record.key_bytes() {
            b"path" => path = Some(record.value_bytes().to_owned()),
            b"size" => return Err(unusual("a size in an extended header")),
            key if key.starts_with(b"GNU.sparse") => return Err(unusual("a sparse member")),
            _ => {}
        }
    }
    Ok(path)
}

fn read_bounded<R: Read>(entry: &mut Entry<'_, R>, limit: u64) -> Result<Vec<u8>, MetadataProblem> {
    let mut content = Vec::new();
    entry.take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(unusual("a header or PKG-INFO that is too large"));
    }
    Ok(content)
}

fn unusual(what: &str) -> MetadataProblem {
    MetadataProblem::Archive(Printable::from(format!("it has {what}")))
}

/// Fails after so many bytes: what unpacks to more is not read.
struct Bounded<R> {
    inner: R,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let Some(left) = self.left.checked_sub(read as u64) else {
            self.exceeded = true;
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        };
        self.left = left;
        Ok(read)
    }
}
