//! The index settings of this machine: configuration files and variables of pip and uv.

use std::path::Path;

use pinproof_core::settings::{Client, MachineSetting};
use pinproof_core::{IndexConfig, Printable};
use pinproof_formats::config_paths::{ConfigFile, System};
use pinproof_formats::pip_conf::{self, PipConf};
use pinproof_formats::{pip_effective, pip_paths, uv_env, uv_paths, uv_toml};

use crate::files::Files;
use crate::inputs::read_bytes;
use crate::settings::Settings;

/// What configures pip and uv on this machine.
#[derive(Debug, Default)]
pub struct Machine {
    /// The settings, in the order in which the clients read them.
    pub settings: Vec<MachineSetting>,
    /// Files that exist and cannot be read or understood.
    pub unread: Vec<Unread>,
}

/// A configuration file that could not be read or understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file, or the variable.
    pub origin: Printable,
    /// Why.
    pub why: Printable,
}

/// Reads what configures pip and uv here.
/// A `uv.toml` of the project comes from where the project's files come from.
pub(crate) fn read(settings: &Settings, project: &dyn Files) -> Machine {
    let mut machine = Machine::default();
    machine.add_pip(settings);
    machine.add_uv(settings, project);
    for setting in &machine.settings {
        for unclear in &setting.config.not_understood {
            machine.unread.push(Unread {
                origin: setting.origin.clone(),
                why: unclear.why.clone(),
            });
        }
    }
    machine
}

impl Machine {
    fn add_pip(&mut self, settings: &Settings) {
        let files = pip_paths::config_files(system(), &settings.environment, None);
        let mut read: Vec<(Printable, PipConf)> = Vec::new();
        for file in &files {
            let Some((origin, text)) = self.text(file) else {
                continue;
            };
            match pip_conf::parse(&text) {
                Ok(conf) => read.push((origin, conf)),
                Err(error) => self.add_unread(origin, &error.to_string()),
            }
        }
        let effective = pip_effective::effective(&read, &settings.environment, "install");
        self.settings.extend(effective);
    }

    fn add_uv(&mut self, settings: &Settings, from: &dyn Files) {
        let uv = uv_paths::config_files(system(), &settings.environment);
        for file in &uv.files {
            self.add_uv_file(file);
        }
        let project = settings
            .base
            .ancestors()
            .map(|folder| folder.join("uv.toml"))
            .find(|path| from.is_file(path));
        if let Some(path) = project.filter(|_| uv.in_project) {
            let origin = Printable::from(path.to_string_lossy().into_owned());
            let text = self.decoded(origin, from.read(&path));
            self.add_uv_text(text);
        }
        self.settings.extend(uv_env::read(&settings.environment));
    }

    fn add_uv_file(&mut self, file: &ConfigFile) {
        let text = self.text(file);
        self.add_uv_text(text);
    }

    fn add_uv_text(&mut self, text: Option<(Printable, String)>) {
        let Some((origin, text)) = text else { return };
        match uv_toml::parse_machine(&text) {
            Ok(config) => self.add_uv_config(origin, config),
            Err(error) => self.add_unread(origin, &error.to_string()),
        }
    }

    fn add_uv_config(&mut self, origin: Printable, config: IndexConfig) {
        if !config.is_empty() {
            self.settings.push(MachineSetting {
                origin,
                client: Client::Uv,
                config,
            });
        }
    }

    /// The text of a configuration file that exists; one that cannot be read is an open question.
    fn text(&mut self, file: &ConfigFile) -> Option<(Printable, String)> {
        let path = Path::new(&file.path);
        let is_shadowed = file
            .unless_exists
            .iter()
            .any(|other| Path::new(other).exists());
        if is_shadowed || !path.exists() {
            return None;
        }
        let origin = Printable::new(&file.path);
        self.decoded(origin, read_bytes(path))
    }

    fn decoded(
        &mut self,
        origin: Printable,
        bytes: Result<Vec<u8>, String>,
    ) -> Option<(Printable, String)> {
        match bytes.map(String::from_utf8) {
            Ok(Ok(text)) => Some((origin, text)),
            Ok(Err(_)) => {
                self.add_unread(origin, "it is not UTF-8");
                None
            }
            Err(why) => {
                self.add_unread(origin, &why);
                None
            }
        }
    }

    fn add_unread(&mut self, origin: Printable, why: &str) {
        self.unread.push(Unread {
            origin,
            why: Printable::new(why),
        });
    }
}

fn system() -> System {
    if cfg!(windows) {
        System::Windows
    } else if cfg!(target_os = "macos") {
        System::MacOs
    } else {
        System::Unix
    }
}
