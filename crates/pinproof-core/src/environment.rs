//! Target environments: a Python version on a platform, and the marker values it has (PEP 508).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Printable;

/// A version of Python itself; without a patch number it stands for every patch release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PythonVersion {
    /// `3` of 3.14.
    pub major: u16,
    /// `14` of 3.14.
    pub minor: u16,
    /// `2` of 3.14.2.
    pub patch: Option<u16>,
}

/// A text that names no Python version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a Python version: write `3.14` or `3.14.2`")]
pub struct PythonVersionError(pub Printable);

/// The platforms a lock can be checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Linux with glibc on x86-64.
    LinuxX86_64,
    /// Linux with glibc on 64-bit ARM.
    LinuxAarch64,
    /// Linux with musl, such as Alpine, on x86-64.
    MuslX86_64,
    /// Linux with musl, such as Alpine, on 64-bit ARM.
    MuslAarch64,
    /// macOS on Apple silicon.
    MacosArm64,
    /// macOS on Intel.
    MacosX86_64,
    /// Windows on x86-64.
    WindowsX86_64,
    /// Windows on 64-bit ARM.
    WindowsArm64,
}

/// A text that names no platform.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a known platform: choose one of {choices}", choices = choices())]
pub struct PlatformError(pub Printable);

/// The environment that requirements are judged for: `CPython` of one version on one platform.
///
/// What no target tells is the empty text, as Python has it where it cannot find out:
/// `platform_release` and `platform_version`. A missing patch number is `0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    python: PythonVersion,
    platform: Platform,
    python_version: String,
    python_full_version: String,
}

/// The marker values that a platform decides.
struct PlatformValues {
    os_name: &'static str,
    sys_platform: &'static str,
    platform_system: &'static str,
    platform_machine: &'static str,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 8] = [
        Self::LinuxX86_64,
        Self::LinuxAarch64,
        Self::MuslX86_64,
        Self::MuslAarch64,
        Self::MacosArm64,
        Self::MacosX86_64,
        Self::WindowsX86_64,
        Self::WindowsArm64,
    ];

    /// The name used on the command line and in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::LinuxX86_64 => "linux-x86_64",
            Self::LinuxAarch64 => "linux-aarch64",
            Self::MuslX86_64 => "musllinux-x86_64",
            Self::MuslAarch64 => "musllinux-aarch64",
            Self::MacosArm64 => "macos-arm64",
            Self::MacosX86_64 => "macos-x86_64",
            Self::WindowsX86_64 => "windows-x86_64",
            Self::WindowsArm64 => "windows-arm64",
        }
    }

    fn values(self) -> PlatformValues {
        let linux = |machine| PlatformValues {
            os_name: "posix",
            sys_platform: "linux",
            platform_system: "Linux",
            platform_machine: machine,
        };
        let macos = |machine| PlatformValues {
            os_name: "posix",
            sys_platform: "darwin",
            platform_system: "Darwin",
            platform_machine: machine,
        };
        let windows = |machine| PlatformValues {
            os_name: "nt",
            sys_platform: "win32",
            platform_system: "Windows",
            platform_machine: machine,
        };
        match self {
            Self::LinuxX86_64 | Self::MuslX86_64 => linux("x86_64"),
            Self::LinuxAarch64 | Self::MuslAarch64 => linux("aarch64"),
            Self::MacosArm64 => macos("arm64"),
            Self::MacosX86_64 => macos("x86_64"),
            Self::WindowsX86_64 => windows("AMD64"),
            Self::WindowsArm64 => windows("ARM64"),
        }
    }
}

fn choices() -> String {
    Platform::ALL.map(Platform::name).join(", ")
}

impl Environment {
    /// The environment of `CPython` `python` on `platform`.
    pub fn of_target(python: PythonVersion, platform: Platform) -> Self {
        let PythonVersion {
            major,
            minor,
            patch,
        } = python;
        Self {
            python,
            platform,
            python_version: format!("{major}.{minor}"),
            python_full_version: format!("{major}.{minor}.{}", patch.unwrap_or(0)),
        }
    }

    /// The Python version.
    pub fn python(&self) -> PythonVersion {
        self.python
    }

    /// The platform.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// The value of an environment marker of PEP 508 by its name, such as `sys_platform`.
    ///
    /// `extra` and the markers of PEP 751 (`extras`, `dependency_groups`) are no property of an
    /// environment, and have none.
    pub fn marker_value(&self, name: &str) -> Option<&str> {
        let values = self.platform.values();
        Some(match name {
            "implementation_name" => "cpython",
            "implementation_version" | "python_full_version" => &self.python_full_version,
            "python_version" => &self.python_version,
            "platform_python_implementation" => "CPython",
            "os_name" => values.os_name,
            "sys_platform" => values.sys_platform,
            "platform_system" => values.platform_system,
            "platform_machine" => values.platform_machine,
            "platform_release" | "platform_version" => "",
            _ => return None,
        })
    }
}

impl FromStr for PythonVersion {
    type Err = PythonVersionError;

    fn from_str(text: &str) -> Result<Self, PythonVersionError> {
        let refused = || PythonVersionError(Printable::new(text).shortened(40));
        let number = |part: &str| {
            // `parse` would take a sign.
            let is_number = part.bytes().all(|b| b.is_ascii_digit());
            part.parse().ok().filter(|_| is_number).ok_or_else(refused)
        };
        let parts: Vec<&str> = text.split('.').collect();
        let (major, minor, patch) = match parts[..] {
            [major, minor] => (major, minor, None),
            [major, minor, patch] => (major, minor, Some(patch)),
            _ => return Err(refused()),
        };
        Ok(Self {
            major: number(major)?,
            minor: number(minor)?,
            patch: patch.map(number).transpose()?,
        })
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    /// Reads a [`name`](Self::name), or `linux`, `macos` and `windows` for the most common of each.
    fn from_str(text: &str) -> Result<Self, PlatformError> {
        match text {
            "linux" => return Ok(Self::LinuxX86_64),
            "macos" => return Ok(Self::MacosArm64),
            "windows" => return Ok(Self::WindowsX86_64),
            _ => {}
        }
        Self::ALL
            .into_iter()
            .find(|platform| platform.name() == text)
            .ok_or_else(|| PlatformError(Printable::new(text).shortened(40)))
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Python {} on {}", self.python, self.platform)
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, Platform, PythonVersion};

    #[test]
    fn reads_python_versions() {
        for text in ["3.14", "3.12.1", "2.7"] {
            assert_eq!(text.parse::<PythonVersion>().unwrap().to_string(), text);
        }
        for bad in [
            "", "3", "3.", "3.x", "+3.1", "3.14.2.1", "3.14rc1", "3.99999",
        ] {
            assert!(bad.parse::<PythonVersion>().is_err(), "{bad:?}");
        }
        assert!("3.9".parse::<PythonVersion>().unwrap() < "3.10".parse().unwrap());
    }

    #[test]
    fn an_unknown_platform_is_told_the_choices() {
        for platform in Platform::ALL {
            assert_eq!(platform.name().parse(), Ok(platform));
        }
        let error = "beos".parse::<Platform>().unwrap_err().to_string();
        assert!(error.contains("linux-x86_64, linux-aarch64"), "{error}");
        assert_eq!("macos".parse(), Ok(Platform::MacosArm64));
    }

    #[test]
    fn knows_the_marker_values() {
        let environment = Environment::of_target("3.13".parse().unwrap(), Platform::WindowsX86_64);
        assert_eq!(environment.to_string(), "Python 3.13 on windows-x86_64");
        assert_eq!(
            environment.marker_value("python_full_version"),
            Some("3.13.0")
        );
        assert_eq!(environment.marker_value("platform_machine"), Some("AMD64"));
        assert_eq!(environment.marker_value("extra"), None);
    }
}
