//! Which wheels an environment can install: the compatibility tags of PEP 425, 600, 656 and 384.
//!
//! A stated environment names an operating system, not its release, so each has a ceiling here. It is
//! set to what long-term releases and hosted runners have: too high, and a wheel counts as fitting
//! where an installer would fall back to a build; too low, and a build is feared where none happens.
//! The ceilings: glibc 2.39, musl 1.2, macOS 15.

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
}

impl TagSet {
    /// The tags of `environment`.
    pub fn of(environment: &Environment) -> Self {
        Self {
            python: environment.python(),
            platform: environment.platform(),
        }
    }

    /// Whether one of the wheel's tags is accepted.
    ///
    /// Asks of each part of the three compressed sets once, so the cost is their sum, not their product.
    pub fn accepts(self, wheel: &WheelFilename) -> bool {
        let own = wheel.interpreters().any(|tag| self.is_own(tag));
        let older = wheel.interpreters().any(|tag| self.is_older(tag));
        let generic = wheel.interpreters().any(|tag| self.is_generic(tag));
        let own_abi = wheel.abis().any(|tag| self.is_own_abi(tag));
        let stable = self.has_stable_abi() && wheel.abis().any(|tag| tag == "abi3");
        let none = wheel.abis().any(|tag| tag == "none");

        let pure = none && (own || generic);
        let native = pure || (own && (own_abi || stable)) || (older && stable);
        (pure && wheel.platforms().any(|tag| tag == "any"))
            || (native && wheel.platforms().any(|tag| self.runs_on(tag)))
    }

    /// `cp312` on 3.12.
    fn is_own(self, interpreter: &str) -> bool {
        self.minor_of(interpreter, "cp") == Some(self.python.minor)
    }

    /// `cp32` to `cp311` on 3.12: a wheel for the stable ABI (PEP 384) runs on every later minor.
    fn is_older(self, interpreter: &str) -> bool {
        self.minor_of(interpreter, "cp")
            .is_some_and(|minor| (2..self.python.minor).contains(&minor))
    }

    /// `py3`, and `py30` to `py312` on 3.12.
    fn is_generic(self, interpreter: &str) -> bool {
        let is_major = interpreter
            .strip_prefix("py")
            .is_some_and(|major| decimal(major) == Some(self.python.major));
        let minor = self.minor_of(interpreter, "py");
        is_major || minor.is_some_and(|minor| minor <= self.python.minor)
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

    /// Whether a platform tag other than `any` is of this platform.
    fn runs_on(self, tag: &str) -> bool {
        match self.platform {
            Platform::LinuxX86_64 => is_glibc(tag, "_x86_64", GLIBC_FLOOR_X86_64),
            Platform::LinuxAarch64 => is_glibc(tag, "_aarch64", GLIBC_FLOOR_AARCH64),
            Platform::MuslX86_64 => is_musl(tag, "_x86_64"),
            Platform::MuslAarch64 => is_musl(tag, "_aarch64"),
            Platform::MacosArm64 => is_macos(tag, is_for_apple_silicon),
            Platform::MacosX86_64 => is_macos(tag, is_for_intel_mac),
            Platform::WindowsX86_64 => tag == "win_amd64",
            Platform::WindowsArm64 => tag == "win_arm64",
        }
    }
}

/// `manylinux_2_Y` (PEP 600), its older names (PEP 513, 571, 599), and `linux`, which promises nothing
/// and which only private indexes carry.
fn is_glibc(tag: &str, architecture: &str, floor: u16) -> bool {
    let minor = match tag.strip_suffix(architecture) {
        Some("linux") => return true,
        Some("manylinux1") => Some(5),
        Some("manylinux2010") => Some(12),
        Some("manylinux2014") => Some(17),
        Some(system) => system.strip_prefix("manylinux_2_").and_then(decimal),
        None => None,
    };
    minor.is_some_and(|minor| (floor..=GLIBC_CEILING).contains(&minor))
}

/// `musllinux_1_Y` (PEP 656), or plain `linux`.
fn is_musl(tag: &str, architecture: &str) -> bool {
    let minor = match tag.strip_suffix(architecture) {
        Some("linux") => return true,
        Some(system) => system.strip_prefix("musllinux_1_").and_then(decimal),
        None => None,
    };
    minor.is_some_and(|minor| minor <= MUSL_CEILING)
}

/// `macosx_11_0_arm64`: the oldest macOS it runs on and the format of its binaries.
fn is_macos(tag: &str, is_format: fn(u16, &str) -> bool) -> bool {
    let parts = || {
        let (major, rest) = tag.strip_prefix("macosx_")?.split_once('_')?;
        let (minor, format) = rest.split_once('_')?;
        Some((decimal(major)?, decimal(minor)?, format))
    };
    match parts() {
        // Binaries of several formats, and 64-bit ones, start with 10.4; 11 also called itself 10.16.
        Some((10, 4..=16, format)) => is_format(10, format),
        // Since 11 the yearly release is the major version, and installers ask for its `.0` only.
        Some((major @ 11..=MACOS_CEILING, 0, format)) => is_format(major, format),
        _ => false,
    }
}

/// No Apple silicon ran macOS 10; a universal binary may still name it, for the sake of its Intel half.
fn is_for_apple_silicon(major: u16, format: &str) -> bool {
    format == "universal2" || (format == "arm64" && major > 10)
}

fn is_for_intel_mac(_major: u16, format: &str) -> bool {
    matches!(
        format,
        "x86_64" | "intel" | "fat64" | "fat3" | "universal" | "universal2"
    )
}

/// A number as tags write it: no sign, no leading zero.
fn decimal(text: &str) -> Option<u16> {
    let is_plain = text == "0" || text.starts_with(|c: char| matches!(c, '1'..='9'));
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::{decimal, is_for_apple_silicon, is_for_intel_mac, is_glibc, is_macos, is_musl};

    #[test]
    fn glibc_has_a_floor_and_a_ceiling() {
        assert!(is_glibc("manylinux_2_39_x86_64", "_x86_64", 5));
        assert!(!is_glibc("manylinux_2_40_x86_64", "_x86_64", 5));
        assert!(is_glibc("manylinux1_x86_64", "_x86_64", 5));
        assert!(!is_glibc("manylinux1_aarch64", "_aarch64", 17));
        assert!(!is_glibc("musllinux_1_2_x86_64", "_x86_64", 5));
    }

    #[test]
    fn musl_accepts_no_glibc_wheel() {
        assert!(is_musl("musllinux_1_2_aarch64", "_aarch64"));
        assert!(!is_musl("musllinux_1_3_aarch64", "_aarch64"));
        assert!(!is_musl("manylinux2014_aarch64", "_aarch64"));
    }

    #[test]
    fn macos_formats_depend_on_the_processor() {
        assert!(is_macos("macosx_11_0_arm64", is_for_apple_silicon));
        assert!(is_macos("macosx_10_9_universal2", is_for_apple_silicon));
        assert!(!is_macos("macosx_10_9_arm64", is_for_apple_silicon));
        assert!(!is_macos("macosx_11_0_x86_64", is_for_apple_silicon));
        assert!(is_macos("macosx_10_9_x86_64", is_for_intel_mac));
        assert!(!is_macos("macosx_11_1_x86_64", is_for_intel_mac));
        assert!(!is_macos("macosx_16_0_x86_64", is_for_intel_mac));
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
