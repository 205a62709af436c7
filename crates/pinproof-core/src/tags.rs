//! Which wheels an environment can install: the compatibility tags of PEP 425, 600, 656 and 384.
//!
//! A stated environment names an operating system, not its release, so each has a ceiling here. It is
//! set to what long-term releases and hosted runners have: too high, and a wheel counts as fitting
//! where an installer would fall back to a build; too low, and a build is feared where none happens.
//! The ceilings: glibc 2.39, musl 1.2, macOS 15. A machine that is known has its own instead.

use crate::environment::{Environment, Platform, PythonVersion};
use crate::filename::WheelFilename;

/// glibc 2.39: Ubuntu 24.04, RHEL 10 and `manylinux_2_39`, the newest image that builds wheels.
const GLIBC_CEILING: u16 = 39;

/// glibc 2.5 is what `manylinux1` (PEP 513) asked of x86-64.
const GLIBC_FLOOR_X86_64: u16 = 5;

/// glibc 2.17, of `manylinux2014` (PEP 599), is the oldest that any wheel for aarch64 asks for.
const GLIBC_FLOOR_AARCH64: u16 = 17;

/// musl 1.2: every Alpine since 3.13, and the newest musl there is.
const MUSL_CEILING: u16 = 2;

/// macOS 15: what fleets and hosted runners still have beside 26.
const MACOS_CEILING: u16 = 15;

/// The tags that an environment accepts, as a predicate: they are thousands, a file has a few.
///
/// The interpreter is `CPython` with the GIL; free-threaded wheels (`cp313t`) are another ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagSet {
    python: PythonVersion,
    platform: Platform,
    newest: Option<u16>,
}

/// How well a wheel fits; the least is the one that an installer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagRank {
    kind: u8,
    interpreter: u16,
    platform: u16,
}

impl TagSet {
    /// The tags of `environment`.
    pub fn of(environment: &Environment) -> Self {
        Self {
            python: environment.python(),
            platform: environment.platform(),
            newest: None,
        }
    }

    /// The same tags on a machine whose system is that old: the minor version of its glibc or musl, the
    /// major version of its macOS.
    #[must_use]
    pub fn up_to(self, newest: u16) -> Self {
        Self {
            newest: Some(newest),
            ..self
        }
    }

    /// Whether one of the wheel's tags is accepted.
    pub fn accepts(self, wheel: &WheelFilename) -> bool {
        self.rank(wheel).is_some()
    }

    /// How well the best of the wheel's tags fits, in the order that installers go by; `None` if none does.
    ///
    /// Asks of each part of the three compressed sets once, so the cost is their sum, not their product.
    pub fn rank(self, wheel: &WheelFilename) -> Option<TagRank> {
        let own = wheel.interpreters().any(|tag| self.is_own(tag));
        let older = wheel.interpreters().filter_map(|tag| self.older(tag)).min();
        let generic = wheel
            .interpreters()
            .filter_map(|tag| self.generic(tag))
            .min();
        let own_abi = wheel.abis().any(|tag| self.is_own_abi(tag));
        let stable = self.has_stable_abi() && wheel.abis().any(|tag| tag == "abi3");
        let none = wheel.abis().any(|tag| tag == "none");
        let platform = wheel.platforms().filter_map(|tag| self.position(tag)).min();
        let any = wheel.platforms().any(|tag| tag == "any").then_some(0);

        let is_own = own.then_some(0);
        let kinds = [
            (is_own.filter(|_| own_abi), platform),
            (is_own.filter(|_| stable), platform),
            (is_own.filter(|_| none), platform),
            (older.filter(|_| stable), platform),
            (generic.filter(|_| none), platform),
            (is_own.filter(|_| none), any),
            (generic.filter(|_| none), any),
        ];
        let ranks = (0..)
            .zip(kinds)
            .filter_map(|(kind, (interpreter, platform))| {
                Some(TagRank {
                    kind,
                    interpreter: interpreter?,
                    platform: platform?,
                })
            });
        ranks.min()
    }

    /// `cp312` on 3.12.
    fn is_own(self, interpreter: &str) -> bool {
        self.minor_of(interpreter, "cp") == Some(self.python.minor)
    }

    /// `cp32` to `cp311` on 3.12, the newest first: a wheel for the stable ABI (PEP 384) runs on every later
    /// minor.
    fn older(self, interpreter: &str) -> Option<u16> {
        let minor = self.minor_of(interpreter, "cp");
        let older = minor.filter(|minor| (2..self.python.minor).contains(minor));
        older.map(|minor| self.python.minor - minor)
    }

    /// `py312` on 3.12, then `py3`, then `py311` to `py30`.
    fn generic(self, interpreter: &str) -> Option<u16> {
        let major = interpreter.strip_prefix("py").and_then(decimal);
        if major == Some(self.python.major) {
            return Some(1);
        }
        let behind = self
            .python
            .minor
            .checked_sub(self.minor_of(interpreter, "py")?)?;
        Some(if behind == 0 { 0 } else { behind + 1 })
    }

    /// `cp312` on 3.12; `cp37m` on 3.7, for until Python 3.8 the ABI named its allocator.
    fn is_own_abi(self, abi: &str) -> bool {
        let has_allocator = (self.python.major, self.python.minor) < (3, 8);
        let abi = if has_allocator {
            abi.strip_suffix('m')
        } else {
            Some(abi)
        };
        abi.is_some_and(|abi| self.is_own(abi))
    }

    /// PEP 384 came with Python 3.2.
    fn has_stable_abi(self) -> bool {
        (self.python.major, self.python.minor) >= (3, 2)
    }

    /// The minor version in a tag such as `cp312`, if it is one of this major version.
    fn minor_of(self, tag: &str, implementation: &str) -> Option<u16> {
        let digits = tag.strip_prefix(implementation)?;
        let (major, minor) = digits.split_at_checked(1)?;
        decimal(minor).filter(|_| decimal(major) == Some(self.python.major))
    }

    /// Where a platform tag other than `any` stands among those of this platform; the first is the best.
    fn position(self, tag: &str) -> Option<u16> {
        let newest = |usual| self.newest.unwrap_or(usual);
        match self.platform {
            Platform::LinuxX86_64 => {
                glibc(tag, "_x86_64", (GLIBC_FLOOR_X86_64, newest(GLIBC_CEILING)))
            }
            Platform::LinuxAarch64 => glibc(
                tag,
                "_aarch64",
                (GLIBC_FLOOR_AARCH64, newest(GLIBC_CEILING)),
            ),
            Platform::MuslX86_64 => musl(tag, "_x86_64", newest(MUSL_CEILING)),
            Platform::MuslAarch64 => musl(tag, "_aarch64", newest(MUSL_CEILING)),
            Platform::MacosArm64 => macos(tag, newest(MACOS_CEILING), for_apple_silicon),
            Platform::MacosX86_64 => macos(tag, newest(MACOS_CEILING), for_intel_mac),
            Platform::WindowsX86_64 => (tag == "win_amd64").then_some(0),
            Platform::WindowsArm64 => (tag == "win_arm64").then_some(0),
        }
    }
}

/// Plain `linux` names no library, so it was built for one machine: installers take it for this one, first.
const BUILT_HERE: u16 = 0;

/// `manylinux_2_Y` (PEP 600), its older names (PEP 513, 571, 599), and `linux`, which only private indexes
/// carry; the newest first.
fn glibc(tag: &str, architecture: &str, (floor, ceiling): (u16, u16)) -> Option<u16> {
    let (minor, is_old_name) = match tag.strip_suffix(architecture)? {
        "linux" => return Some(BUILT_HERE),
        "manylinux1" => (5, true),
        "manylinux2010" => (12, true),
        "manylinux2014" => (17, true),
        system => (decimal(system.strip_prefix("manylinux_2_")?)?, false),
    };
    let is_within = (floor..=ceiling).contains(&minor);
    is_within.then(|| {
        (ceiling - minor)
            .saturating_mul(2)
            .saturating_add(1 + u16::from(is_old_name))
    })
}

/// `musllinux_1_Y` (PEP 656), or plain `linux`.
fn musl(tag: &str, architecture: &str, ceiling: u16) -> Option<u16> {
    let minor = match tag.strip_suffix(architecture)? {
        "linux" => return Some(BUILT_HERE),
        system => decimal(system.strip_prefix("musllinux_1_")?)?,
    };
    Some(ceiling.checked_sub(minor)?.saturating_add(1))
}

/// `macosx_11_0_arm64`: the oldest macOS it runs on and the format of its binaries.
fn macos(tag: &str, ceiling: u16, format: fn(u16, &str) -> Option<u16>) -> Option<u16> {
    /// More than there are formats.
    const FORMATS: u16 = 8;
    let (major, rest) = tag.strip_prefix("macosx_")?.split_once('_')?;
    let (minor, written) = rest.split_once('_')?;
    let (major, behind) = match (decimal(major)?, decimal(minor)?) {
        // Binaries of several formats, and 64-bit ones, start with 10.4; 11 also called itself 10.16.
        (10, minor @ 4..=16) => (10, ceiling.saturating_sub(10) + (16 - minor)),
        // Since 11 the yearly release is the major version, and installers ask for its `.0` only.
        (major @ 11.., 0) => (major, ceiling.checked_sub(major)?),
        _ => return None,
    };
    Some(
        behind
            .saturating_mul(FORMATS)
            .saturating_add(format(major, written)?),
    )
}

/// No Apple silicon ran macOS 10; a universal binary may still name it, for the sake of its Intel half.
fn for_apple_silicon(major: u16, format: &str) -> Option<u16> {
    match format {
        "arm64" if major > 10 => Some(0),
        "universal2" => Some(1),
        _ => None,
    }
}

fn for_intel_mac(_major: u16, format: &str) -> Option<u16> {
    let formats = [
        "x86_64",
        "intel",
        "fat64",
        "fat3",
        "universal2",
        "universal",
    ];
    let position = formats.iter().position(|known| *known == format)?;
    u16::try_from(position).ok()
}

/// A number as tags write it: no sign, no leading zero.
fn decimal(text: &str) -> Option<u16> {
    let is_plain = text == "0" || text.starts_with(|c: char| matches!(c, '1'..='9'));
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::{TagSet, decimal, for_apple_silicon, for_intel_mac, glibc, macos, musl};
    use crate::filename::WheelFilename;
    use crate::{Environment, Platform};

    #[test]
    fn glibc_has_a_floor_and_a_ceiling() {
        let is_glibc = |tag, architecture, floor| glibc(tag, architecture, (floor, 39)).is_some();
        assert!(is_glibc("manylinux_2_39_x86_64", "_x86_64", 5));
        assert!(!is_glibc("manylinux_2_40_x86_64", "_x86_64", 5));
        assert!(is_glibc("manylinux1_x86_64", "_x86_64", 5));
        assert!(!is_glibc("manylinux1_aarch64", "_aarch64", 17));
        assert!(!is_glibc("musllinux_1_2_x86_64", "_x86_64", 5));
    }

    #[test]
    fn musl_accepts_no_glibc_wheel() {
        assert!(musl("musllinux_1_2_aarch64", "_aarch64", 2).is_some());
        assert!(musl("musllinux_1_3_aarch64", "_aarch64", 2).is_none());
        assert!(musl("manylinux2014_aarch64", "_aarch64", 2).is_none());
    }

    #[test]
    fn macos_formats_depend_on_the_processor() {
        assert!(macos("macosx_11_0_arm64", 15, for_apple_silicon).is_some());
        assert!(macos("macosx_10_9_universal2", 15, for_apple_silicon).is_some());
        assert!(macos("macosx_10_9_arm64", 15, for_apple_silicon).is_none());
        assert!(macos("macosx_11_0_x86_64", 15, for_apple_silicon).is_none());
        assert!(macos("macosx_10_9_x86_64", 15, for_intel_mac).is_some());
        assert!(macos("macosx_11_1_x86_64", 15, for_intel_mac).is_none());
        assert!(macos("macosx_16_0_x86_64", 15, for_intel_mac).is_none());
    }

    #[test]
    fn a_machine_that_is_known_has_its_own_ceiling() {
        let wheel = |tags: &str| WheelFilename::parse(&format!("a-1-{tags}.whl")).unwrap();
        let linux = Environment::of_target("3.12".parse().unwrap(), Platform::LinuxX86_64);
        let tags = TagSet::of(&linux);
        for (newest, accepted) in [(40, true), (31, true), (30, false)] {
            let tags = tags.up_to(newest);
            let accepts = tags.accepts(&wheel("cp312-cp312-manylinux_2_31_x86_64"));
            assert_eq!(accepts, accepted, "{newest}");
            assert!(tags.accepts(&wheel("py3-none-any")));
        }
    }

    #[test]
    fn an_installer_takes_what_is_closest_to_it() {
        let linux = Environment::of_target("3.12".parse().unwrap(), Platform::LinuxX86_64);
        let in_order = [
            "cp312-cp312-linux_x86_64",
            "cp312-cp312-manylinux_2_28_x86_64",
            "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "cp312-cp312-manylinux2014_x86_64",
            "cp312-abi3-manylinux_2_28_x86_64",
            "cp39-abi3-manylinux_2_28_x86_64",
            "cp38-abi3-manylinux_2_28_x86_64",
            "py3-none-manylinux_2_28_x86_64",
            "cp312-none-any",
            "py312-none-any",
            "py2.py3-none-any",
            "py311-none-any",
        ];
        let ranks = in_order.map(|tags| {
            let wheel = WheelFilename::parse(&format!("a-1-{tags}.whl")).unwrap();
            TagSet::of(&linux).rank(&wheel).unwrap()
        });
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
    }

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("17"), Some(17));
        for bad in ["", "017", "+17", "1_7", "99999999999", "١"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }
}
