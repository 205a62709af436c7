//! The options of a client, as far as they matter here: which have a value, which name a file, which lead elsewhere.

use std::path::PathBuf;

use super::{BY_POLICY, Refused, refused};

/// What a client's options are.
pub(super) struct Options {
    /// Short options with a value.
    pub(super) short_values: &'static str,
    /// Short options without.
    pub(super) short_flags: &'static str,
    /// Short options that name a file of requirements; with a value.
    pub(super) short_inputs: &'static str,
    /// Short options that lead elsewhere; with a value.
    pub(super) short_forbidden: &'static str,
    /// Long options with a value.
    pub(super) values: &'static [&'static str],
    /// Long options that name a file of requirements.
    pub(super) inputs: &'static [&'static str],
    /// Long options that lead elsewhere, or write where files are from.
    pub(super) forbidden: &'static [&'static str],
    /// Whether the beginning of a long option stands for it.
    pub(super) abbreviates: bool,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// What is no option, in its order.
    pub(super) words: Vec<String>,
    /// The files that options name.
    pub(super) inputs: Vec<PathBuf>,
    /// Long options, without their values, and with them.
    pub(super) long: Vec<(String, Option<String>)>,
}

impl Read {
    /// Whether an option was given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.long.iter().any(|(given, _)| given == name)
    }

    /// The value of an option.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.long.iter().find(|(given, _)| given == name);
        found?.1.as_deref()
    }
}

impl Options {
    /// Reads arguments, up to the first word that is no option if `only_before` is set; what is left is the rest.
    pub(super) fn read<'a>(
        &self,
        mut args: &'a [&'a str],
        only_before: bool,
    ) -> Result<(Read, &'a [&'a str]), Refused> {
        let mut read = Read::default();
        while let Some((arg, rest)) = args.split_first() {
            if *arg == "--" {
                read.words
                    .extend(rest.iter().map(|word| (*word).to_owned()));
                return Ok((read, &[]));
            }
            if let Some(long) = arg.strip_prefix("--") {
                args = self.long(long, rest, &mut read)?;
            } else if arg.starts_with('-') && arg.len() > 1 {
                args = self.short(arg, rest, &mut read)?;
            } else if only_before {
                return Ok((read, args));
            } else {
                read.words.push((*arg).to_owned());
                args = rest;
            }
        }
        Ok((read, args))
    }

    fn long<'a>(
        &self,
        option: &str,
        rest: &'a [&'a str],
        read: &mut Read,
    ) -> Result<&'a [&'a str], Refused> {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        if self.is_one(name, self.forbidden) {
            return Err(leads_elsewhere(&format!("--{name}")));
        }
        let is_input = self.is_one(name, self.inputs);
        let has_value = is_input || self.is_one(name, self.values);
        let (value, rest) = match (value, has_value, rest.split_first()) {
            (None, true, Some((value, rest))) => (Some(*value), rest),
            _ => (value, rest),
        };
        if is_input {
            read.inputs.extend(value.map(PathBuf::from));
        }
        read.long.push((name.to_owned(), value.map(str::to_owned)));
        Ok(rest)
    }

    fn short<'a>(
        &self,
        arg: &str,
        rest: &'a [&'a str],
        read: &mut Read,
    ) -> Result<&'a [&'a str], Refused> {
        for (at, letter) in arg.char_indices().skip(1) {
            if self.short_forbidden.contains(letter) {
                return Err(leads_elsewhere(&format!("-{letter}")));
            }
            let is_input = self.short_inputs.contains(letter);
            if is_input || self.short_values.contains(letter) {
                let behind = arg[at + letter.len_utf8()..].trim_start_matches('=');
                let (value, rest) = match rest.split_first() {
                    _ if !behind.is_empty() => (Some(behind), rest),
                    Some((value, rest)) => (Some(*value), rest),
                    None => (None, rest),
                };
                if is_input {
                    read.inputs.extend(value.map(PathBuf::from));
                }
                read.long
                    .push((letter.to_string(), value.map(str::to_owned)));
                return Ok(rest);
            }
            if !self.short_flags.contains(letter) {
                let why = format!("it is not known here what the option `-{letter}` does");
                return Err(refused(why, None));
            }
            read.long.push((letter.to_string(), None));
        }
        Ok(rest)
    }

    fn is_one(&self, name: &str, known: &[&str]) -> bool {
        let is_short_for =
            |known: &&str| self.abbreviates && name.len() > 3 && known.starts_with(name);
        known.contains(&name) || known.iter().any(is_short_for)
    }
}

fn leads_elsewhere(option: &str) -> Refused {
    refused(
        format!(
            "`{option}` leads around the gateway: it beats what the command is told by variables"
        ),
        Some(BY_POLICY),
    )
}
