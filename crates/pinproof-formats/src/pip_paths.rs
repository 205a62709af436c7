//! Where pip looks for its configuration files (`pip config debug` shows the same list).

use std::collections::BTreeMap;

use crate::config_paths::{ConfigFile, ConfigLevel, Folders, System};

/// The files pip may read, lowest precedence first.
///
/// `prefix` is the folder of the Python that runs pip (`sys.prefix`); without it, `VIRTUAL_ENV` is
/// taken. `PIP_CONFIG_FILE` naming the null device turns every file off.
pub fn config_files(
    system: System,
    environment: &BTreeMap<String, String>,
    prefix: Option<&str>,
) -> Vec<ConfigFile> {
    let folders = Folders {
        system,
        environment,
    };
    let named = folders.variable("PIP_CONFIG_FILE");
    if named == Some(null_device(system)) {
        return Vec::new();
    }
    let name = file_name(system);
    let mut files: Vec<ConfigFile> = system_folders(folders)
        .iter()
        .map(|folder| ConfigFile::new(folders.join(folder, &[name]), ConfigLevel::System))
        .collect();
    for mut file in user_files(folders) {
        // The named file takes the place of the user's, but only if it is there.
        file.unless_exists.extend(named.map(str::to_owned));
        files.push(file);
    }
    if let Some(prefix) = prefix.or_else(|| folders.variable("VIRTUAL_ENV")) {
        let path = folders.join(prefix, &[name]);
        files.push(ConfigFile::new(path, ConfigLevel::VirtualEnvironment));
    }
    if let Some(named) = named {
        files.push(ConfigFile::new(named.to_owned(), ConfigLevel::Variable));
    }
    files
}

fn file_name(system: System) -> &'static str {
    if system == System::Windows {
        "pip.ini"
    } else {
        "pip.conf"
    }
}

fn null_device(system: System) -> &'static str {
    if system == System::Windows {
        "nul"
    } else {
        "/dev/null"
    }
}

fn system_folders(folders: Folders<'_>) -> Vec<String> {
    let listed = |name, otherwise: &str| {
        let mut found = folders.xdg_list(name);
        if found.is_empty() {
            found.push(otherwise);
        }
        found
            .iter()
            .map(|folder| folders.join(folder, &["pip"]))
            .collect::<Vec<_>>()
    };
    match folders.system {
        System::Unix => {
            let mut found = listed("XDG_CONFIG_DIRS", "/etc/xdg");
            found.push("/etc".to_owned());
            found
        }
        System::MacOs => listed("XDG_DATA_DIRS", "/Library/Application Support"),
        System::Windows => {
            let data = folders
                .variable("PROGRAMDATA")
                .or_else(|| folders.variable("ALLUSERSPROFILE"));
            vec![folders.join(data.unwrap_or("C:\\ProgramData"), &["pip"])]
        }
    }
}

/// The user's files: the old place, then the one of the system's conventions.
fn user_files(folders: Folders<'_>) -> Vec<ConfigFile> {
    let name = file_name(folders.system);
    let home = |parts: &[&str]| folders.home().map(|home| folders.join(home, parts));
    let legacy = home(&[if folders.system == System::Windows {
        "pip"
    } else {
        ".pip"
    }]);
    let mut places = vec![(legacy, Vec::new())];
    match folders.system {
        System::Unix => {
            let config = folders.xdg("XDG_CONFIG_HOME").map(str::to_owned);
            let config = config.or_else(|| home(&[".config"]));
            places.push((
                config.map(|config| folders.join(&config, &["pip"])),
                Vec::new(),
            ));
        }
        System::MacOs => {
            let data = folders
                .xdg("XDG_DATA_HOME")
                .map(|data| folders.join(data, &["pip"]));
            let library = data.or_else(|| home(&["Library", "Application Support", "pip"]));
            places.push((library.clone(), Vec::new()));
            places.push((home(&[".config", "pip"]), library.into_iter().collect()));
        }
        System::Windows => {
            let data = folders
                .variable("APPDATA")
                .map(|data| folders.join(data, &["pip"]));
            places.push((data, Vec::new()));
        }
    }
    let places = places
        .into_iter()
        .filter_map(|(folder, unless)| Some((folder?, unless)));
    let files = places.map(|(folder, unless_exists)| ConfigFile {
        path: folders.join(&folder, &[name]),
        level: ConfigLevel::User,
        unless_exists,
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::config_files;
    use crate::config_paths::System;

    fn paths(system: System, variables: &[(&str, &str)]) -> Vec<String> {
        let environment: BTreeMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let files = config_files(system, &environment, None).into_iter();
        files.map(|file| file.path).collect()
    }

    #[test]
    fn windows_has_its_own_folders_and_file_name() {
        let found = paths(
            System::Windows,
            &[
                ("USERPROFILE", r"C:\Users\me"),
                ("APPDATA", r"C:\Users\me\AppData\Roaming"),
            ],
        );
        assert_eq!(
            found,
            [
                r"C:\ProgramData\pip\pip.ini",
                r"C:\Users\me\pip\pip.ini",
                r"C:\Users\me\AppData\Roaming\pip\pip.ini",
            ]
        );
        assert!(paths(System::Windows, &[("PIP_CONFIG_FILE", "nul")]).is_empty());
    }

    #[test]
    fn macos_prefers_the_library_where_it_is_in_use() {
        let environment = BTreeMap::from([("HOME".to_owned(), "/Users/me".to_owned())]);
        let files = config_files(System::MacOs, &environment, Some("/venv"));
        let last_user = files
            .iter()
            .rfind(|file| file.path.ends_with(".config/pip/pip.conf"))
            .unwrap();
        assert_eq!(
            last_user.unless_exists,
            ["/Users/me/Library/Application Support/pip"]
        );
        assert_eq!(files.last().unwrap().path, "/venv/pip.conf");
    }
}
