//! The records of a file, a folder or an archive, one after the other, within limits.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use pinproof_core::Printable;
use zip::ZipArchive;
use zip::result::ZipError;

use super::error::{AdvisoryError, shown};

/// One record, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    /// The name of its file, such as `PYSEC-2019-217.json`; untrusted text.
    pub name: String,
    /// Its bytes, or why there are none.
    pub bytes: Result<Vec<u8>, Printable>,
}

/// How much is taken from one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollectLimits {
    /// Bytes of one record.
    pub record_bytes: u64,
    /// Records.
    pub records: usize,
    /// Bytes of all records together.
    pub total_bytes: u64,
    /// How deep folders may lie in each other.
    pub depth: usize,
}

impl Default for CollectLimits {
    fn default() -> Self {
        Self {
            record_bytes: 8 * 1024 * 1024,
            records: 1_000_000,
            total_bytes: 8 * 1024 * 1024 * 1024,
            depth: 8,
        }
    }
}

/// Hands every record under `path` to `each`, in the order of names.
///
/// `path` is a zip archive as OSV exports it, a folder, or one record; records end in `.json`, `.yaml`
/// or `.yml`, and other files are no records. A record that cannot be read is handed on as such.
pub fn collect(
    path: &Path,
    limits: CollectLimits,
    each: &mut dyn FnMut(RawRecord),
) -> Result<(), AdvisoryError> {
    let mut taker = Taker::new(limits, each);
    let metadata = fs::metadata(path).map_err(|error| AdvisoryError::io(path, &error))?;
    if metadata.is_dir() {
        return taker.folder(path);
    }
    if !metadata.is_file() {
        return Err(unreadable(path, "it is neither a file nor a folder"));
    }
    if is_record(path) {
        return taker.file(path);
    }
    let file = File::open(path).map_err(|error| AdvisoryError::io(path, &error))?;
    let archive = ZipArchive::new(file).map_err(|error| not_an_archive(path, &error))?;
    taker.archive(path, archive)
}

/// Hands every record of a zip archive to `each`, in the order of names.
pub fn collect_archive(
    file: impl Read + Seek,
    limits: CollectLimits,
    each: &mut dyn FnMut(RawRecord),
) -> Result<(), AdvisoryError> {
    let archive = ZipArchive::new(file).map_err(|error| AdvisoryError::Unreadable {
        path: Printable::new("all.zip"),
        why: Printable::from(format!("it is no zip archive: {error}")),
    })?;
    Taker::new(limits, each).archive(Path::new("all.zip"), archive)
}

struct Taker<'a> {
    limits: CollectLimits,
    left: u64,
    taken: usize,
    each: &'a mut dyn FnMut(RawRecord),
}

impl<'a> Taker<'a> {
    fn new(limits: CollectLimits, each: &'a mut dyn FnMut(RawRecord)) -> Self {
        Self {
            limits,
            left: limits.total_bytes,
            taken: 0,
            each,
        }
    }

    fn folder(&mut self, root: &Path) -> Result<(), AdvisoryError> {
        let mut paths = Vec::new();
        list(root, self.limits.depth, &mut paths)?;
        paths.sort();
        for path in &paths {
            self.file(path)?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), AdvisoryError> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        let file = File::open(path).map_err(|error| AdvisoryError::io(path, &error))?;
        self.take(path, name, file)
    }

    fn archive(
        &mut self,
        path: &Path,
        mut archive: ZipArchive<impl Read + Seek>,
    ) -> Result<(), AdvisoryError> {
        let mut names: Vec<(String, usize)> = archive
            .file_names_raw()
            .enumerate()
            .map(|(at, name)| (String::from_utf8_lossy(name).into_owned(), at))
            .filter(|(name, _)| is_record(Path::new(name)))
            .collect();
        names.sort();
        for (name, at) in names {
            match archive.by_index(at) {
                Ok(member) => self.take(path, name, member)?,
                Err(error) => self.hand_on(path, name, Err(Printable::from(error.to_string())))?,
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, name: String, source: impl Read) -> Result<(), AdvisoryError> {
        let limit = self.limits.record_bytes;
        let mut bytes = Vec::new();
        let read = source.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        let bytes = match read {
            Err(error) => Err(Printable::from(error.to_string())),
            Ok(_) if bytes.len() as u64 > limit => {
                Err(Printable::from(format!("larger than {limit} bytes")))
            }
            Ok(_) => Ok(bytes),
        };
        self.hand_on(path, name, bytes)
    }

    fn hand_on(
        &mut self,
        path: &Path,
        name: String,
        bytes: Result<Vec<u8>, Printable>,
    ) -> Result<(), AdvisoryError> {
        self.taken += 1;
        let size = bytes.as_ref().map_or(0, Vec::len) as u64;
        let too_large = |limit: String| AdvisoryError::TooLarge {
            what: shown(path),
            limit,
        };
        if self.taken > self.limits.records {
            return Err(too_large(format!("{} records", self.limits.records)));
        }
        self.left = self
            .left
            .checked_sub(size)
            .ok_or_else(|| too_large(format!("{} bytes", self.limits.total_bytes)))?;
        (self.each)(RawRecord { name, bytes });
        Ok(())
    }
}

/// The records below a folder; links are followed to files only, so that nothing goes in circles.
fn list(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<(), AdvisoryError> {
    let entries = fs::read_dir(folder).map_err(|error| AdvisoryError::io(folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| AdvisoryError::io(folder, &error))?;
        let path = entry.path();
        let kind = entry
            .file_type()
            .map_err(|error| AdvisoryError::io(&path, &error))?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && !is_hidden {
            if depth == 0 {
                return Err(unreadable(&path, "folders lie too deep in each other"));
            }
            list(&path, depth - 1, paths)?;
        } else if is_record(&path) && fs::metadata(&path).is_ok_and(|found| found.is_file()) {
            paths.push(path);
        }
    }
    Ok(())
}

fn is_record(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        ["json", "yaml", "yml"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

fn not_an_archive(path: &Path, error: &ZipError) -> AdvisoryError {
    unreadable(
        path,
        &format!("it is no zip archive, folder, .json or .yaml: {error}"),
    )
}

fn unreadable(path: &Path, why: &str) -> AdvisoryError {
    AdvisoryError::Unreadable {
        path: shown(path),
        why: Printable::new(why),
    }
}
