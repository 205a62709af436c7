//! pip's environment variables: `PIP_` and the long name of an option.

use std::collections::BTreeMap;

use pinproof_core::{MachineSetting, Printable, Span};

use crate::pip_effective::effective;
use crate::pip_setting::{PipSetting, normalize};

/// Variables that are no settings: pip leaves out the first two, the third names a file.
const IGNORED: [&str; 3] = ["version", "help", "config-file"];

/// What the variables of an environment say to pip, one setting per variable.
pub fn read(environment: &BTreeMap<String, String>) -> Vec<MachineSetting> {
    effective(&[], environment, "install")
}

/// The settings of an environment, each with the name of its variable.
pub(crate) fn settings(environment: &BTreeMap<String, String>) -> Vec<(Printable, PipSetting)> {
    let variables = environment.iter();
    variables
        .filter_map(|(variable, value)| {
            let name = normalize(variable.strip_prefix("PIP_")?);
            let setting = PipSetting {
                lines: vec![(value.clone(), Span::new(0, value.len()))],
                in_file: false,
                name,
            };
            let is_setting = !IGNORED.contains(&setting.name.as_str());
            is_setting.then(|| (Printable::new(variable), setting))
        })
        .collect()
}
