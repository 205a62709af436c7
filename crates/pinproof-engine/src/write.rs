//! Writes files whole or not at all.

use std::io::{Error, ErrorKind, Write};
use std::path::Path;

/// Writes `bytes` to `path`: a reader sees the old file or the new one, never a part.
///
/// The file keeps its permissions; a link is followed, so that the file behind it is replaced.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_atomically_by(path, |file| file.write_all(bytes))
}

/// The same for what is not at hand as a whole: `write` gets the new file, and where it fails the old one stays.
pub fn write_atomically_by(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    // A rename asks the folder only; a file that may not be written is not replaced either.
    if path
        .metadata()
        .is_ok_and(|metadata| metadata.permissions().readonly())
    {
        return Err(ErrorKind::PermissionDenied.into());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    write(&mut file)?;
    if let Ok(metadata) = path.metadata() {
        file.as_file().set_permissions(metadata.permissions())?;
    } else {
        allow_reading(&file)?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// A new file is readable for all, as any tool writes it; a temporary one starts private.
#[cfg(unix)]
fn allow_reading(file: &tempfile::NamedTempFile) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = std::fs::Permissions::from_mode(0o644);
    file.as_file().set_permissions(permissions)
}

#[cfg(not(unix))]
fn allow_reading(_file: &tempfile::NamedTempFile) -> Result<(), Error> {
    Ok(())
}
