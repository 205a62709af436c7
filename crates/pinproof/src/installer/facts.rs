//! What an interpreter is, in its own words: the version and the platform that wheels are chosen for.

use pinproof_core::{Platform, Printable, PythonVersion};
use serde::Deserialize;

use super::environment::Environment;
use super::{EnvironmentError, process};

/// Isolated, and without `site`: no `.pth` file, no `sitecustomize` and no package of the environment runs.
const ALONE: [&str; 3] = ["-I", "-S", "-c"];

/// What is asked. It imports the standard library only, and prints one line.
const QUESTION: &str = "\
import json, os, platform, sys, sysconfig
def libc():
    try:
        return os.confstr('CS_GNU_LIBC_VERSION') or ''
    except (AttributeError, OSError, ValueError):
        return ''
print(json.dumps({
    'implementation': sys.implementation.name,
    'version': list(sys.version_info[:3]),
    'free_threaded': bool(sysconfig.get_config_var('Py_GIL_DISABLED')),
    'bits': 64 if sys.maxsize > 2 ** 32 else 32,
    'system': sys.platform,
    'machine': platform.machine(),
    'platform': sysconfig.get_platform(),
    'abi': str(sysconfig.get_config_var('SOABI') or ''),
    'libc': libc(),
    'macos': platform.mac_ver()[0] if sys.platform == 'darwin' else '',
}))";

/// The environment of an interpreter, as far as wheels care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its version.
    pub(crate) python: PythonVersion,
    /// Its platform.
    pub(crate) platform: Platform,
    /// How old its system is, where wheels depend on it.
    pub(crate) newest_system: Option<u16>,
}

/// The answer.
#[derive(Debug, Deserialize)]
struct Answer {
    implementation: String,
    version: (u16, u16, u16),
    free_threaded: bool,
    bits: u8,
    system: String,
    machine: String,
    platform: String,
    abi: String,
    libc: String,
    macos: String,
}

impl Facts {
    /// Asks the interpreter of `environment`.
    pub(crate) fn of(environment: &Environment) -> Result<Self, EnvironmentError> {
        let said = process::ask(&environment.python, &[&ALONE[..], &[QUESTION]].concat())?;
        let strange = |why: String| EnvironmentError::Strange {
            path: environment.shown_python(),
            why: Printable::from(why).shortened(200),
        };
        let answer: Answer = serde_json::from_slice(&said)
            .map_err(|_| strange("it says something else".to_owned()))?;
        Self::read(&answer).map_err(strange)
    }

    fn read(answer: &Answer) -> Result<Self, String> {
        if answer.implementation != "cpython" || answer.free_threaded {
            let kind = if answer.free_threaded {
                ", without the GIL"
            } else {
                ""
            };
            return Err(format!(
                "it is {}{kind}, not CPython",
                answer.implementation
            ));
        }
        let (major, minor, patch) = answer.version;
        let (platform, newest_system) = platform(answer).ok_or_else(|| {
            format!(
                "its platform is {}, which no wheel here is chosen for",
                answer.platform
            )
        })?;
        Ok(Self {
            python: PythonVersion {
                major,
                minor,
                patch: Some(patch),
            },
            platform,
            newest_system,
        })
    }
}

fn platform(answer: &Answer) -> Option<(Platform, Option<u16>)> {
    if answer.bits != 64 {
        return None;
    }
    let machine = answer.machine.to_ascii_lowercase();
    let is_arm = match machine.as_str() {
        "x86_64" | "amd64" => false,
        "aarch64" | "arm64" => true,
        _ => return None,
    };
    match answer.system.as_str() {
        "linux" if answer.abi.contains("musl") => {
            let platforms = [Platform::MuslX86_64, Platform::MuslAarch64];
            Some((platforms[usize::from(is_arm)], None))
        }
        "linux" => {
            let minor = answer.libc.strip_prefix("glibc 2.")?;
            let digits = minor.split(|c: char| !c.is_ascii_digit()).next()?;
            let platforms = [Platform::LinuxX86_64, Platform::LinuxAarch64];
            Some((platforms[usize::from(is_arm)], Some(digits.parse().ok()?)))
        }
        "darwin" => {
            let major = answer.macos.split('.').next()?.parse().ok()?;
            let platforms = [Platform::MacosX86_64, Platform::MacosArm64];
            Some((platforms[usize::from(is_arm)], Some(major)))
        }
        "win32" => match answer.platform.as_str() {
            "win-amd64" => Some((Platform::WindowsX86_64, None)),
            "win-arm64" => Some((Platform::WindowsArm64, None)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use pinproof_core::Platform;

    use super::{Answer, Facts};

    fn answer(text: &str) -> Answer {
        let mut answer: serde_json::Value = serde_json::from_str(
            r#"{"implementation": "cpython", "version": [3, 12, 4], "free_threaded": false, "bits": 64,
                "system": "linux", "machine": "x86_64", "platform": "linux-x86_64",
                "abi": "cpython-312-x86_64-linux-gnu", "libc": "glibc 2.36", "macos": ""}"#,
        )
        .unwrap();
        let changes: serde_json::Value = serde_json::from_str(text).unwrap();
        for (key, value) in changes.as_object().unwrap() {
            answer[key] = value.clone();
        }
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn an_interpreter_says_what_wheels_are_for() {
        let facts = |text| {
            let facts = Facts::read(&answer(text)).unwrap();
            (facts.platform, facts.newest_system)
        };
        assert_eq!(facts("{}"), (Platform::LinuxX86_64, Some(36)));
        let arm = r#"{"machine": "aarch64", "libc": "glibc 2.17"}"#;
        assert_eq!(facts(arm), (Platform::LinuxAarch64, Some(17)));
        let alpine = r#"{"abi": "cpython-312-x86_64-linux-musl", "libc": ""}"#;
        assert_eq!(facts(alpine), (Platform::MuslX86_64, None));
        let mac = r#"{"system": "darwin", "machine": "arm64", "macos": "14.5"}"#;
        assert_eq!(facts(mac), (Platform::MacosArm64, Some(14)));
        let windows = r#"{"system": "win32", "machine": "AMD64", "platform": "win-amd64"}"#;
        assert_eq!(facts(windows), (Platform::WindowsX86_64, None));
        assert_eq!(
            Facts::read(&answer("{}")).unwrap().python.to_string(),
            "3.12.4"
        );
    }

    #[test]
    fn what_no_wheel_is_chosen_for_is_told() {
        for text in [
            r#"{"implementation": "pypy"}"#,
            r#"{"free_threaded": true}"#,
            r#"{"bits": 32}"#,
            r#"{"machine": "riscv64"}"#,
            r#"{"libc": ""}"#,
            r#"{"libc": "glibc 3.1"}"#,
            r#"{"system": "freebsd14"}"#,
            r#"{"system": "win32", "machine": "AMD64", "platform": "mingw_x86_64"}"#,
        ] {
            assert!(Facts::read(&answer(text)).is_err(), "{text}");
        }
    }
}
