//! Core metadata: the headers of a METADATA or PKG-INFO file, for what resolution needs.
//!
//! The format is that of the core metadata specification: mail headers, folded lines, and a body
//! that is not read. Where Python's parser would guess, this one refuses.

use pinproof_core::{Printable, ProjectName, Version};
use thiserror::Error;

/// The fields that decide what is installed with a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoreMetadata {
    /// Major and minor number of the format.
    format: (u32, u32),
    name: String,
    version: String,
    /// `Requires-Dist`, as written.
    pub requires_dist: Vec<String>,
    /// `Provides-Extra`, as written.
    pub provides_extra: Vec<String>,
    /// `Requires-Python`, as written.
    pub requires_python: Option<String>,
    dynamic: Vec<String>,
}

/// Why a text is no core metadata of the release.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CoreMetadataError {
    /// A line that is neither a header nor the continuation of one.
    #[error("line {0} of its metadata is no header")]
    Line(usize),
    /// A header of interest is no UTF-8.
    #[error("`{0}` in its metadata is not UTF-8")]
    Encoding(&'static str),
    /// A field that may be there once is there twice.
    #[error("its metadata has more than one `{0}`")]
    Repeated(&'static str),
    /// A required field is missing.
    #[error("its metadata has no `{0}`")]
    Missing(&'static str),
    /// A version of the format that is not known here.
    #[error("its metadata has the format {0}, which is not understood")]
    Format(Printable),
    /// The metadata of another project or release.
    #[error("its metadata is that of {name} {version}")]
    OtherRelease {
        /// The name it gives.
        name: Printable,
        /// The version it gives.
        version: Printable,
    },
}

/// The fields of interest.
const FIELDS: [&str; 7] = [
    "Metadata-Version",
    "Name",
    "Version",
    "Requires-Dist",
    "Provides-Extra",
    "Requires-Python",
    "Dynamic",
];

/// Reads the headers of `bytes`.
pub(crate) fn parse(bytes: &[u8]) -> Result<CoreMetadata, CoreMetadataError> {
    let mut fields: Vec<(&'static str, String)> = Vec::new();
    // The field whose continuation lines are added: none for those without interest.
    let mut open = false;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.first() {
            None => break,
            Some(b' ' | b'\t') if number > 0 => {
                if let (true, Some((field, value))) = (open, fields.last_mut()) {
                    value.push(' ');
                    value.push_str(text(line, field)?);
                }
            }
            Some(_) => {
                let (name, value) = header(line).ok_or(CoreMetadataError::Line(number + 1))?;
                let field = FIELDS
                    .iter()
                    .find(|field| field.as_bytes().eq_ignore_ascii_case(name));
                open = field.is_some();
                if let Some(field) = field {
                    fields.push((field, text(value, field)?.to_owned()));
                }
            }
        }
    }
    collect(fields)
}

impl CoreMetadata {
    /// `Name`, as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `Version`, as written.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Checks that this is the metadata of that release.
    pub(crate) fn expect(
        &self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<(), CoreMetadataError> {
        let is_project = self
            .name
            .parse()
            .is_ok_and(|name: ProjectName| name == *project);
        let is_version = self
            .version
            .parse()
            .is_ok_and(|found: Version| found == *version);
        if is_project && is_version {
            return Ok(());
        }
        Err(CoreMetadataError::OtherRelease {
            name: Printable::new(&self.name).shortened(100),
            version: Printable::new(&self.version).shortened(100),
        })
    }

    /// Whether a build cannot change the fields of interest (PEP 643); of the metadata of a source
    /// distribution only this is worth anything.
    pub(crate) fn is_static(&self) -> bool {
        let decides = |field: &String| {
            ["requires-dist", "provides-extra", "requires-python"]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(field))
        };
        self.format >= (2, 2) && !self.dynamic.iter().any(decides)
    }
}

fn collect(fields: Vec<(&'static str, String)>) -> Result<CoreMetadata, CoreMetadataError> {
    let (mut format, mut name, mut version) = (None, None, None);
    let mut metadata = CoreMetadata::default();
    for (field, value) in fields {
        let value = value.trim().to_owned();
        let single = match field {
            "Requires-Dist" => {
                metadata.requires_dist.push(value);
                continue;
            }
            "Provides-Extra" => {
                metadata.provides_extra.push(value);
                continue;
            }
            "Dynamic" => {
                metadata.dynamic.push(value);
                continue;
            }
            "Metadata-Version" => &mut format,
            "Name" => &mut name,
            "Version" => &mut version,
            _ => &mut metadata.requires_python,
        };
        if single.replace(value).is_some() {
            return Err(CoreMetadataError::Repeated(field));
        }
    }
    metadata.format = read_format(&format.ok_or(CoreMetadataError::Missing("Metadata-Version"))?)?;
    metadata.name = name.ok_or(CoreMetadataError::Missing("Name"))?;
    metadata.version = version.ok_or(CoreMetadataError::Missing("Version"))?;
    Ok(metadata)
}

/// `2.1` and the like; a higher major version must be refused, a higher minor one must not.
fn read_format(text: &str) -> Result<(u32, u32), CoreMetadataError> {
    let numbers = text
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    match numbers {
        Some(format @ (1 | 2, _)) => Ok(format),
        _ => Err(CoreMetadataError::Format(
            Printable::new(text).shortened(40),
        )),
    }
}

/// Name and value of a header line (RFC 5322 §2.2).
fn header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = &line[..colon];
    let is_name = !name.is_empty() && name.iter().all(|byte| matches!(byte, 33..=126));
    is_name.then(|| (name, &line[colon + 1..]))
}

fn text<'a>(bytes: &'a [u8], field: &'static str) -> Result<&'a str, CoreMetadataError> {
    let text = std::str::from_utf8(bytes).map_err(|_| CoreMetadataError::Encoding(field))?;
    Ok(text.trim())
}

#[cfg(test)]
mod tests {
    use super::{CoreMetadataError, parse};

    const PLAIN: &[u8] = b"Metadata-Version: 2.1\r\nName: Click\r\nVersion: 8.1.7\r\n\
        Summary: caf\xe9\r\nrequires-dist: colorama;\r\n  platform_system == \"Windows\"\r\n\
        Requires-Python: >=3.7\r\n\r\nRequires-Dist: from-the-body\r\n";

    #[test]
    fn reads_headers_and_stops_at_the_body() {
        let metadata = parse(PLAIN).unwrap();
        assert_eq!(
            metadata.requires_dist,
            ["colorama; platform_system == \"Windows\""]
        );
        assert_eq!(metadata.requires_python.as_deref(), Some(">=3.7"));
        metadata
            .expect(&"click".parse().unwrap(), &"8.1.7.0".parse().unwrap())
            .unwrap();
        let other = metadata.expect(&"click".parse().unwrap(), &"8.1.8".parse().unwrap());
        assert!(matches!(other, Err(CoreMetadataError::OtherRelease { .. })));
    }

    #[test]
    fn refuses_what_can_be_read_in_two_ways() {
        let error = |text: &str| parse(text.as_bytes()).unwrap_err();
        let head = "Metadata-Version: 2.1\nName: a\nVersion: 1\n";
        assert_eq!(
            error(&format!("{head}Summary: a\nb\nRequires-Dist: x\n")),
            CoreMetadataError::Line(5)
        );
        assert_eq!(
            error(&format!("{head}Name: b\n")),
            CoreMetadataError::Repeated("Name")
        );
        assert_eq!(error(""), CoreMetadataError::Missing("Metadata-Version"));
        assert_eq!(
            error(" Metadata-Version: 2.1\n"),
            CoreMetadataError::Line(1)
        );
        assert!(matches!(
            error("Metadata-Version: 3.0\n"),
            CoreMetadataError::Format(_)
        ));
        let latin = [head.as_bytes(), b"Requires-Dist: caf\xe9\n"].concat();
        assert_eq!(
            parse(&latin),
            Err(CoreMetadataError::Encoding("Requires-Dist"))
        );
    }

    #[test]
    fn static_from_format_2_2_without_the_fields_in_dynamic() {
        let is_static = |format: &str, dynamic: &str| {
            let text = format!("Metadata-Version: {format}\nName: a\nVersion: 1\n{dynamic}\n");
            parse(text.as_bytes()).unwrap().is_static()
        };
        assert!(is_static("2.2", ""));
        assert!(is_static("2.4", "Dynamic: License-File"));
        assert!(!is_static("2.4", "Dynamic: requires-dist"));
        assert!(!is_static("2.1", ""));
    }
}
