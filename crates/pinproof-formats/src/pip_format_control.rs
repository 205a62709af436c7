//! `no-binary` and `only-binary` of pip: settings that act on each other in turn.

use std::collections::BTreeMap;

use pinproof_core::manifest::{InstallOptionKind, NotUnderstood};
use pinproof_core::{Printable, ProjectName, Span};

use crate::pip_setting::PipSetting;

/// The two sets that `--no-binary` and `--only-binary` fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Set {
    NoBinary,
    OnlyBinary,
}

/// Names in force, and the number of the setting that put each there.
#[derive(Default)]
pub(crate) struct FormatControl {
    names: BTreeMap<(Set, String), usize>,
}

impl FormatControl {
    /// Lets the setting with this number act; false if it is neither of the two options.
    pub(crate) fn apply(
        &mut self,
        number: usize,
        setting: &PipSetting,
    ) -> Result<bool, NotUnderstood> {
        let set = match setting.option() {
            "no-binary" => Set::NoBinary,
            "only-binary" => Set::OnlyBinary,
            _ => return Ok(false),
        };
        let value = setting.value();
        if value.starts_with('-') {
            return Err(refused(setting.span()));
        }
        let names: Vec<&str> = value.split(',').collect();
        let after_all = names
            .iter()
            .rposition(|name| *name == ":all:")
            .map(|at| at + 1);
        if after_all.is_some() {
            self.names.clear();
            self.names.insert((set, ":all:".to_owned()), number);
        }
        let rest = names.get(after_all.unwrap_or(0)..).unwrap_or(&[]);
        // `:all:` covers the names after it, unless `:none:` empties the set again.
        if after_all.is_none() || rest.contains(&":none:") {
            for name in rest {
                self.add(set, name, number);
            }
        }
        Ok(true)
    }

    fn add(&mut self, set: Set, name: &str, number: usize) {
        if name == ":none:" {
            self.names.retain(|(other, _), _| *other != set);
            return;
        }
        let name = name.trim();
        let name = name
            .parse::<ProjectName>()
            .map_or_else(|_| name.to_owned(), String::from);
        let (first, second) = (Set::NoBinary, Set::OnlyBinary);
        let other = if set == first { second } else { first };
        self.names.remove(&(other, name.clone()));
        self.names.insert((set, name), number);
    }

    /// What is in force, by the setting that said it.
    pub(crate) fn options(&self) -> BTreeMap<usize, Vec<InstallOptionKind>> {
        let mut by_setting: BTreeMap<(usize, Set), Vec<String>> = BTreeMap::new();
        for ((set, name), number) in &self.names {
            by_setting
                .entry((*number, *set))
                .or_default()
                .push(name.clone());
        }
        let mut options: BTreeMap<usize, Vec<InstallOptionKind>> = BTreeMap::new();
        for ((number, set), names) in by_setting {
            options.entry(number).or_default().push(match set {
                Set::NoBinary => InstallOptionKind::NoBinary(names),
                Set::OnlyBinary => InstallOptionKind::OnlyBinary(names),
            });
        }
        options
    }
}

fn refused(span: Span) -> NotUnderstood {
    NotUnderstood {
        span,
        why: Printable::new(
            "names of projects are expected, and this starts with `-`; pip stops at it",
        ),
        help: None,
    }
}
