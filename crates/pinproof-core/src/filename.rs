//! File names of distributions: wheels (PEP 427), source distributions (PEP 625) and older formats.
//!
//! A file name is the only place where an index says which release a file belongs to. Reading one is
//! linear in its length, and a compressed tag set stays compressed: its product is never formed.

use crate::{ProjectName, Version};

/// What kind of distribution a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DistributionKind {
    /// A wheel (PEP 427): installing it runs none of its code.
    Wheel,
    /// A source distribution (PEP 625, or an older archive): installing it runs its build.
    Sdist,
    /// A format that today's installers ignore: an egg, a Windows installer, an rpm, a dumb archive.
    Other,
}

/// The file name of a distribution, read for a known project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributionFilename {
    /// The format.
    pub kind: DistributionKind,
    /// The release that the file belongs to.
    pub version: Version,
    /// The parts of a wheel's name; `None` for every other kind.
    pub wheel: Option<WheelFilename>,
}

/// The file name of a wheel (PEP 427), with its compressed tag sets (PEP 425).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelFilename {
    name: ProjectName,
    version: Version,
    build: Option<String>,
    // Lower case, each a list separated by `.` without an empty member.
    interpreters: String,
    abis: String,
    platforms: String,
}

/// The archives that pip unpacks and builds, and `.tar.Z`, which distutils could write.
const SDIST_EXTENSIONS: [&str; 12] = [
    ".tar.gz",
    ".zip",
    ".tar.bz2",
    ".tgz",
    ".tar.xz",
    ".tar.Z",
    ".tar",
    ".tar.lz",
    ".tar.lzma",
    ".tbz",
    ".tlz",
    ".txz",
];

/// How a platform starts in the names that `bdist_dumb`, `bdist_wininst` and `bdist_msi` gave.
const BUILT_FOR: [&str; 6] = [
    ".linux-",
    ".macosx-",
    ".win32",
    ".win-",
    ".cygwin-",
    ".freebsd-",
];

/// Reads `filename` as a distribution of `project`; `None` if it is no distribution or another project's.
///
/// The project resolves what the name alone leaves open: before PEP 625 both the name and the version
/// of a source distribution could contain dashes, as in `foo-bar-1.0-beta.tar.gz`.
pub fn parse(filename: &str, project: &ProjectName) -> Option<DistributionFilename> {
    let filename = single_component(filename)?;
    if let Some(stem) = filename.strip_suffix(".whl") {
        let wheel = WheelFilename::from_stem(stem).filter(|wheel| wheel.name == *project)?;
        return Some(DistributionFilename {
            kind: DistributionKind::Wheel,
            version: wheel.version.clone(),
            wheel: Some(wheel),
        });
    }
    let archive = SDIST_EXTENSIONS
        .into_iter()
        .find_map(|extension| filename.strip_suffix(extension));
    let (kind, version) = match archive {
        Some(stem) => archive_version(after_name(stem, project)?)?,
        None => (DistributionKind::Other, other_version(filename, project)?),
    };
    Some(DistributionFilename {
        kind,
        version,
        wheel: None,
    })
}

impl WheelFilename {
    /// Reads the file name of a wheel of any project, by the rules of `packaging.utils.parse_wheel_filename`.
    ///
    /// Stricter in two points: the name must be a project's name by PEP 508, and a path separator or
    /// a control character is in no file name.
    pub fn parse(filename: &str) -> Option<Self> {
        Self::from_stem(single_component(filename)?.strip_suffix(".whl")?)
    }

    fn from_stem(stem: &str) -> Option<Self> {
        let parts: Vec<&str> = stem.split('-').collect();
        let (name, version, build, [interpreters, abis, platforms]) = match *parts.as_slice() {
            [name, version, python, abi, platform] => {
                (name, version, None, [python, abi, platform])
            }
            [name, version, build, python, abi, platform] => {
                (name, version, Some(build), [python, abi, platform])
            }
            _ => return None,
        };
        let is_escaped = !name.contains("__");
        let has_build_number =
            build.is_none_or(|build| build.starts_with(|c: char| c.is_ascii_digit()));
        let has_tags = interpreters.split('.').all(is_identifier)
            && [abis, platforms]
                .iter()
                .all(|set| set.split('.').all(|tag| !tag.is_empty()));
        if !(is_escaped && has_build_number && has_tags) {
            return None;
        }
        Some(Self {
            name: name.parse().ok()?,
            version: version.parse().ok()?,
            build: build.map(str::to_owned),
            interpreters: interpreters.to_lowercase(),
            abis: abis.to_lowercase(),
            platforms: platforms.to_lowercase(),
        })
    }

    /// The project.
    pub fn name(&self) -> &ProjectName {
        &self.name
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The build tag as written: digits, then anything.
    pub fn build(&self) -> Option<&str> {
        self.build.as_deref()
    }

    /// The interpreter tags in lower case, such as `py3` or `cp312`.
    pub fn interpreters(&self) -> impl Iterator<Item = &str> {
        self.interpreters.split('.')
    }

    /// The ABI tags in lower case, such as `none` or `abi3`.
    pub fn abis(&self) -> impl Iterator<Item = &str> {
        self.abis.split('.')
    }

    /// The platform tags in lower case, such as `any` or `manylinux_2_28_x86_64`.
    pub fn platforms(&self) -> impl Iterator<Item = &str> {
        self.platforms.split('.')
    }
}

/// The file name, unless it is a path or could act on what prints it.
fn single_component(filename: &str) -> Option<&str> {
    let is_foreign = |c: char| matches!(c, '/' | '\\') || c.is_control();
    (!filename.contains(is_foreign)).then_some(filename)
}

/// Whether an interpreter tag is an identifier of Python. Every character beyond ASCII passes: no
/// installer asks for such a tag, but it asks for the other members of the set.
fn is_identifier(tag: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    !tag.is_empty() && tag.chars().all(is_part) && !tag.starts_with(|c: char| c.is_ascii_digit())
}

/// What follows the project's name and a dash.
///
/// One walk over both texts; it can end in only one place, for a normalized name (PEP 503) ends in a
/// letter or a digit.
fn after_name<'a>(stem: &'a str, project: &ProjectName) -> Option<&'a str> {
    let mut rest = stem;
    for expected in project.as_str().chars() {
        rest = if expected == '-' {
            let trimmed = rest.trim_start_matches(['-', '_', '.']);
            (trimmed.len() < rest.len()).then_some(trimmed)?
        } else {
            rest.strip_prefix(|c: char| c.to_ascii_lowercase() == expected)?
        };
    }
    rest.strip_prefix('-')
}

/// The kind and version of an archive, from what follows the name.
fn archive_version(text: &str) -> Option<(DistributionKind, Version)> {
    // pip builds `foo-1.0-py3.9.tar.gz` as release 1.0 on Python 3.9.
    let source = text
        .parse()
        .ok()
        .or_else(|| before_python(text)?.parse().ok());
    if let Some(version) = source {
        return Some((DistributionKind::Sdist, version));
    }
    let version = before_platform(text)?.parse().ok()?;
    Some((DistributionKind::Other, version))
}

/// The version of a file in a format that no installer takes any more.
fn other_version(filename: &str, project: &ProjectName) -> Option<Version> {
    let (stem, extension) = filename.rsplit_once('.')?;
    let text = after_name(stem, project)?;
    let version = match extension {
        // `1.0-py2.7` or `1.0-py2.7-linux-x86_64`: setuptools writes dashes of the version as `_`.
        "egg" => text.split_once('-').map_or(text, |(version, _)| version),
        // `1.0-1.noarch`: the version, the release of the package, the architecture.
        "rpm" => text.rsplit_once('-')?.0,
        // `1.0.win32` or `1.0.win-amd64-py2.7`.
        "exe" | "msi" => before_platform(text)?,
        _ => return None,
    };
    version.replace('_', "-").parse().ok()
}

/// What stands before a final `-py2`, `-py27` or `-py2.7`, the suffix that pip takes off a version.
fn before_python(text: &str) -> Option<&str> {
    let (version, python) = text.rsplit_once("-py")?;
    let minor = python.strip_prefix(['1', '2', '3'])?;
    let minor = minor.strip_prefix('.').unwrap_or(minor);
    let is_suffix = minor.len() <= 1 && minor.bytes().all(|b| b.is_ascii_digit());
    is_suffix.then_some(version)
}

/// What stands before the first platform.
fn before_platform(text: &str) -> Option<&str> {
    BUILT_FOR
        .into_iter()
        .filter_map(|marker| Some(text.split_once(marker)?.0))
        .min_by_key(|version| version.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DistributionKind, WheelFilename, parse};

    fn read(filename: &str, project: &str) -> Option<(DistributionKind, String)> {
        let parsed = parse(filename, &project.parse().unwrap())?;
        assert_eq!(
            parsed.wheel.is_some(),
            parsed.kind == DistributionKind::Wheel
        );
        Some((parsed.kind, parsed.version.to_string()))
    }

    #[test]
    fn reads_the_parts_of_a_wheel() {
        let name = "Foo_Bar-1.0.post1-1a-CP39.cp310-abi3-manylinux1_x86_64.any.whl";
        let wheel = WheelFilename::parse(name).unwrap();
        assert_eq!(wheel.name().as_str(), "foo-bar");
        assert_eq!(wheel.version().to_string(), "1.0.post1");
        assert_eq!(wheel.build(), Some("1a"));
        assert!(wheel.interpreters().eq(["cp39", "cp310"]));
        assert!(wheel.abis().eq(["abi3"]));
        assert!(wheel.platforms().eq(["manylinux1_x86_64", "any"]));
    }

    #[test]
    fn refuses_what_is_no_wheel() {
        for bad in [
            "foo-1.0-py3-none.whl",
            "foo-1.0-x1-py3-none-any.whl",
            "foo-1.0-1-2-py3-none-any.whl",
            "foo__bar-1.0-py3-none-any.whl",
            "foo-1.0-py3..py2-none-any.whl",
            "foo-1.0-3-none-any.whl",
            "foo-one-py3-none-any.whl",
            "-1.0-py3-none-any.whl",
            "foo-1.0-py3-none-any.WHL",
            "../foo-1.0-py3-none-any.whl",
            "foo-1.0-py3-none-a\\ny.whl",
            "",
        ] {
            assert_eq!(WheelFilename::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_project_resolves_dashes_of_legacy_names() {
        use DistributionKind::{Other, Sdist, Wheel};
        for (filename, project, kind, version) in [
            ("foo_bar-1.0.tar.gz", "foo-bar", Sdist, "1.0"),
            ("foo-bar-1.0-beta.tar.gz", "foo-bar", Sdist, "1.0b0"),
            ("Foo.Bar-1.0-1.tar.bz2", "foo-bar", Sdist, "1.0.post1"),
            ("foo-1-2.zip", "foo", Sdist, "1.post2"),
            ("foo-1-2.zip", "foo-1", Sdist, "2"),
            ("foo-1.0-py2.7.tgz", "foo", Sdist, "1.0"),
            ("foo-1.0.tar", "foo", Sdist, "1.0"),
            ("foo-1.0.linux-x86_64.tar.gz", "foo", Other, "1.0"),
            ("foo-1.0.win32.zip", "foo", Other, "1.0"),
            ("Foo_Bar-1.0_1-py2.7.egg", "foo-bar", Other, "1.0.post1"),
            ("Foo-1.0-py2.7-macosx-10.6-intel.egg", "foo", Other, "1.0"),
            ("Foo-1.0.win32-py2.7.exe", "foo", Other, "1.0"),
            ("Foo-1.0.win-amd64-py3.4.msi", "foo", Other, "1.0"),
            ("foo-bar-1.0-1.noarch.rpm", "foo-bar", Other, "1.0"),
            ("foo-1.0-py3-none-any.whl", "foo", Wheel, "1.0"),
        ] {
            let expected = Some((kind, version.to_owned()));
            assert_eq!(read(filename, project), expected, "{filename} of {project}");
        }
    }

    #[test]
    fn files_of_other_projects_and_other_files_are_none() {
        for filename in [
            "foobar-1.0.tar.gz",
            "foo_bar-1.0.tar.gz",
            "foo_bar-1.0-py3-none-any.whl",
            "foo-bar-1.0.tar.gz",
            "foo_1.0.tar.gz",
            "foo.1.0.tar.gz",
            "foo--1.0.tar.gz",
            "foo-1.0-docs.zip",
            "foo-1.0.exe",
            "foo-1.0.dmg",
            "foo-1.0.tar.gz.asc",
            "foo-1.0.rpm",
            "foo-.tar.gz",
            "foo.tar.gz",
            ".egg",
            "é-1.0.tar.gz",
        ] {
            assert_eq!(read(filename, "foo"), None, "{filename}");
        }
    }

    #[test]
    fn hostile_sizes_cost_their_length() {
        let set = vec!["py3"; 100_000].join(".");
        let wheel = WheelFilename::parse(&format!("foo-1.0-{set}-{set}-{set}.whl")).unwrap();
        assert_eq!(wheel.platforms().count(), 100_000);
        let dashes = "-".repeat(1_000_000);
        assert_eq!(read(&format!("a{dashes}b.tar.gz"), "a-b"), None);
        assert_eq!(read(&format!("a{dashes}b-1.whl"), "a-b"), None);
    }
    proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            text in r"\PC{0,20}|[ab0-2.é_-]{0,12}(py|win|linux)?[ab0-2._-]{0,8}",
            extension in r"\.(whl|zip|tar\.gz|egg|exe|rpm)",
        ) {
            parse(&text, &"a".parse().unwrap());
            parse(&format!("a-{text}{extension}"), &"a".parse().unwrap());
        }

        #[test]
        fn a_modern_sdist_name_is_read_back(
            project in "[a-z]([a-z0-9-]{0,8}[a-z0-9])?",
            version in r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}",
        ) {
            let project: crate::ProjectName = project.parse().unwrap();
            let version: crate::Version = version.parse().unwrap();
            let filename = format!("{}-{version}.tar.gz", project.as_str().replace('-', "_"));
            let parsed = parse(&filename, &project).unwrap();
            prop_assert_eq!(parsed.kind, DistributionKind::Sdist);
            prop_assert_eq!(parsed.version, version);
        }
    }
}
