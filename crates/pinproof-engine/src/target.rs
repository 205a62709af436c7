//! The environment that a file is judged for.

use pinproof_core::specifier::Prereleases;
use pinproof_core::{Environment, Marker, Platform, PythonVersion, Specifiers};

use crate::inputs::LoadedFile;
use crate::settings::Settings;

/// The Python that trees are judged for where nothing else says one.
pub(crate) const DEFAULT_PYTHON: PythonVersion = PythonVersion {
    major: 3,
    minor: 14,
    patch: None,
};

/// The platform that trees are judged for where nothing else says one.
const DEFAULT_PLATFORM: Platform = Platform::LinuxX86_64;

/// The environment of a file: what the command line or the configuration says, else one that the head of
/// the file names, else the newest Python of the project on Linux.
pub(crate) fn target(file: &LoadedFile, settings: &Settings) -> Environment {
    let header = file.manifest.header.as_ref();
    let python = settings.python.or(settings.config.python);
    let platform = settings.platform.or(settings.config.platform);
    let stated = header.map_or(&[][..], |header| &header.environments);
    if let Some(target) = stated_target(stated, python, platform) {
        return target;
    }
    let python = python
        .or_else(|| header.and_then(|header| header.python))
        .or_else(|| newest_python(file.manifest.requires_python.as_ref()?))
        .unwrap_or(DEFAULT_PYTHON);
    Environment::of_target(python, platform.unwrap_or(DEFAULT_PLATFORM))
}

/// Of the environments that a lock states, the one on Linux and with the newest Python, as far as nothing
/// else is asked for.
fn stated_target(
    stated: &[String],
    python: Option<PythonVersion>,
    platform: Option<Platform>,
) -> Option<Environment> {
    let markers: Vec<Marker> = stated.iter().filter_map(|text| text.parse().ok()).collect();
    let is_stated = |target: &Environment| markers.iter().any(|it| it.evaluate(target, &[]));
    let pythons = match python {
        Some(python) => vec![python],
        None => (0..=DEFAULT_PYTHON.minor).rev().map(python_3).collect(),
    };
    let platforms = match platform {
        Some(platform) => vec![platform],
        None => Platform::ALL.to_vec(),
    };
    let on = |platform: &Platform| {
        let platform = *platform;
        let pythons = pythons.iter();
        pythons.map(move |python| Environment::of_target(*python, platform))
    };
    platforms.iter().flat_map(on).find(is_stated)
}

fn python_3(minor: u16) -> PythonVersion {
    PythonVersion {
        minor,
        ..DEFAULT_PYTHON
    }
}

/// The newest Python 3 that a project is for, [`DEFAULT_PYTHON`] at most.
fn newest_python(required: &Specifiers) -> Option<PythonVersion> {
    // Without a patch number the first patch release or a late one has to do.
    let accepts = |minor: &u16| {
        let patches = [0, 99].map(|patch| format!("3.{minor}.{patch}").parse());
        let mut patches = patches.iter().flatten();
        patches.any(|version| required.contains(version, Prereleases::Allow))
    };
    let mut minors = (0..=DEFAULT_PYTHON.minor).rev();
    minors.find(accepts).map(python_3)
}
