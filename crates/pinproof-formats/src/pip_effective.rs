//! What pip obeys after all its configuration files and variables: of each option the last setting.
//!
//! A later file replaces the value of an earlier one, section by section; then the section of the
//! command replaces `[global]`, and variables replace both. Lists are replaced too, not joined: with
//! `PIP_EXTRA_INDEX_URL` set, no `extra-index-url` of a file is asked.

use std::collections::BTreeMap;

use pinproof_core::manifest::InstallOption;
use pinproof_core::{Client, IndexConfig, MachineSetting, Printable};

use crate::pip_conf::PipConf;
use crate::pip_env;
use crate::pip_format_control::FormatControl;
use crate::pip_setting::{Meeting, PipSetting};

/// What files (lowest precedence first) and variables say to a command of pip such as `install`;
/// one entry per file or variable that decides something.
pub fn effective(
    files: &[(Printable, PipConf)],
    environment: &BTreeMap<String, String>,
    command: &str,
) -> Vec<MachineSetting> {
    let variables = pip_env::settings(environment);
    let mut candidates = Vec::new();
    for section in ["global", command] {
        let origins = files.iter().enumerate();
        let settings = origins.flat_map(|(origin, (_, conf))| {
            let settings = conf.section(section).into_iter();
            settings.map(move |setting| Candidate { origin, setting })
        });
        candidates.extend(last_of_each_name(settings));
    }
    let settings = variables
        .iter()
        .enumerate()
        .map(|(index, (_, setting))| Candidate {
            origin: files.len() + index,
            setting,
        });
    candidates.extend(last_of_each_name(settings));

    let origins = files.iter().map(|(name, _)| name);
    let origins: Vec<_> = origins
        .chain(variables.iter().map(|(name, _)| name))
        .collect();
    let configs = resolve(&candidates).into_iter();
    let found = configs.filter_map(|(origin, config)| {
        Some(MachineSetting {
            origin: (*origins.get(origin)?).clone(),
            client: Client::Pip,
            config,
        })
    });
    found.filter(|setting| !setting.config.is_empty()).collect()
}

/// The same without variables.
pub(crate) fn effective_files(
    files: &[(Printable, PipConf)],
    command: &str,
) -> Vec<MachineSetting> {
    effective(files, &BTreeMap::new(), command)
}

/// A setting, and the number of the file or variable it comes from.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    origin: usize,
    setting: &'a PipSetting,
}

/// The settings of one section: a later one takes the place of an earlier one of its name, and one
/// without a value leaves nothing there.
fn last_of_each_name<'a>(settings: impl Iterator<Item = Candidate<'a>>) -> Vec<Candidate<'a>> {
    let mut places = BTreeMap::new();
    let mut kept: Vec<Candidate<'a>> = Vec::new();
    for candidate in settings {
        let place = *places.entry(&candidate.setting.name).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(earlier) => *earlier = candidate,
            None => kept.push(candidate),
        }
    }
    kept.retain(|candidate| !candidate.setting.is_empty());
    kept
}

/// What each origin says, once the settings of all sections have met.
fn resolve(candidates: &[Candidate<'_>]) -> BTreeMap<usize, IndexConfig> {
    let mut last = BTreeMap::new();
    for (number, candidate) in candidates.iter().enumerate() {
        last.insert(candidate.setting.option(), number);
    }
    let mut configs: BTreeMap<usize, IndexConfig> = BTreeMap::new();
    let mut control = FormatControl::default();
    let mut controls = Vec::new();
    for (number, Candidate { origin, setting }) in candidates.iter().enumerate() {
        let is_last = last.get(setting.option()) == Some(&number);
        if setting.meeting() == Meeting::Replaces && !is_last {
            continue;
        }
        let config = configs.entry(*origin).or_default();
        match control.apply(number, setting) {
            Ok(true) => controls.push((number, *origin, *setting)),
            Ok(false) => setting.add_to(config),
            Err(refused) => config.not_understood.push(refused),
        }
    }
    let mut in_force = control.options();
    for (number, origin, setting) in controls {
        let kinds = in_force
            .remove(&number)
            .unwrap_or_else(|| vec![setting.other()]);
        let span = setting.span();
        let options = kinds.into_iter().map(|kind| InstallOption { kind, span });
        configs.entry(origin).or_default().options.extend(options);
    }
    configs
}
