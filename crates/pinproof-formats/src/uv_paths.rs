//! Where uv looks for configuration outside a project.
//!
//! In a project, uv takes the nearest folder, upwards, with a `uv.toml` or a `[tool.uv]`; the engine
//! walks folders, so that is not here.

use std::collections::BTreeMap;

use crate::config_paths::{ConfigFile, ConfigLevel, Folders, System};

/// What uv reads besides the project's own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UvFiles {
    /// Files outside the project, lowest precedence first.
    pub files: Vec<ConfigFile>,
    /// Whether the project's own files count.
    pub in_project: bool,
}

/// The files uv may read. `UV_CONFIG_FILE` takes the place of all, `UV_NO_CONFIG` turns all off, and
/// `UV_NO_SYSTEM_CONFIG` those of the system.
pub fn config_files(system: System, environment: &BTreeMap<String, String>) -> UvFiles {
    let folders = Folders {
        system,
        environment,
    };
    if let Some(named) = folders.variable("UV_CONFIG_FILE") {
        return UvFiles {
            files: vec![ConfigFile::new(named.to_owned(), ConfigLevel::Variable)],
            in_project: false,
        };
    }
    if folders.flag("UV_NO_CONFIG") {
        return UvFiles {
            files: Vec::new(),
            in_project: false,
        };
    }
    let mut files = system_files(folders);
    let user = user_folder(folders).map(|folder| folders.join(&folder, &["uv", "uv.toml"]));
    files.extend(user.map(|path| ConfigFile::new(path, ConfigLevel::User)));
    UvFiles {
        files,
        in_project: true,
    }
}

fn user_folder(folders: Folders<'_>) -> Option<String> {
    if folders.system == System::Windows {
        return folders.variable("APPDATA").map(str::to_owned);
    }
    let config = folders.xdg("XDG_CONFIG_HOME").map(str::to_owned);
    config.or_else(|| Some(folders.join(folders.home()?, &[".config"])))
}

/// The system's files; uv reads the first that exists.
fn system_files(folders: Folders<'_>) -> Vec<ConfigFile> {
    if folders.flag("UV_NO_SYSTEM_CONFIG") {
        return Vec::new();
    }
    let mut places = Vec::new();
    if folders.system == System::Windows {
        let drive = folders.variable("SYSTEMDRIVE").unwrap_or("C:");
        places.push(folders.join(drive, &["ProgramData"]));
    } else {
        // Unlike pip, uv takes relative folders too.
        let listed = folders.variable("XDG_CONFIG_DIRS").unwrap_or("");
        places.extend(
            listed
                .split(':')
                .filter(|folder| !folder.is_empty())
                .map(str::to_owned),
        );
        if places.is_empty() {
            places.push("/etc/xdg".to_owned());
        }
        places.push("/etc".to_owned());
    }
    let mut earlier: Vec<String> = Vec::new();
    let mut files = Vec::new();
    for place in places {
        let path = folders.join(&place, &["uv", "uv.toml"]);
        files.push(ConfigFile {
            path: path.clone(),
            level: ConfigLevel::System,
            unless_exists: earlier.clone(),
        });
        earlier.push(path);
    }
    files
}
