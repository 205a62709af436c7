//! One setting of pip, from a configuration file or a variable, and what it says about indexes.

use pinproof_core::index::{Address, LocationKind};
use pinproof_core::manifest::{InstallOption, InstallOptionKind, NotUnderstood};
use pinproof_core::{IndexConfig, IndexLocation, Printable, Span};

use crate::truth::truth;

/// A setting: the long name of an option, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PipSetting {
    /// The option, normalized: `extra-index-url`.
    pub name: String,
    /// The lines of the value, stripped, each with its place.
    pub lines: Vec<(String, Span)>,
    /// Whether the places lie in a file; those of a variable lie in its value.
    pub in_file: bool,
}

/// How a later setting of an option meets an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// It takes its place.
    Replaces,
    /// Both act, in turn.
    Accumulates,
}

/// The name of an option however it is written, as pip normalizes it.
pub(crate) fn normalize(name: &str) -> String {
    let name = name.to_lowercase().replace('_', "-");
    name.strip_prefix("--").map_or(name.clone(), str::to_owned)
}

impl PipSetting {
    /// The value as pip sees it; an empty one is ignored.
    pub(crate) fn value(&self) -> String {
        let lines: Vec<_> = self.lines.iter().map(|(line, _)| line.as_str()).collect();
        lines.join("\n")
    }

    /// Whether there is no value.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.iter().all(|(line, _)| line.is_empty())
    }

    /// The option it sets: pip has two names for one of them.
    pub(crate) fn option(&self) -> &str {
        match self.name.as_str() {
            "pypi-url" => "index-url",
            name => name,
        }
    }

    /// How it meets an earlier setting of the same option.
    pub(crate) fn meeting(&self) -> Meeting {
        match self.option() {
            "no-binary" | "only-binary" | "all-releases" | "only-final" => Meeting::Accumulates,
            _ => Meeting::Replaces,
        }
    }

    /// The place of the whole value.
    pub(crate) fn span(&self) -> Span {
        let places = self.lines.iter().map(|(_, place)| *place);
        places.reduce(Span::cover).unwrap_or_default()
    }

    /// Adds what it says; `no-binary` and `only-binary` are told by all settings together.
    pub(crate) fn add_to(&self, config: &mut IndexConfig) {
        use InstallOptionKind::{NoIndex, NoRequireHashes, Pre, RequireHashes, TrustedHost};
        match self.option() {
            "index-url" => {
                let location = self.location(&self.value(), self.span(), LocationKind::Default);
                config.locations.push(location);
            }
            "extra-index-url" => self.add_locations(LocationKind::Extra, config),
            "find-links" => self.add_locations(LocationKind::FindLinks, config),
            "trusted-host" => {
                for (host, span) in self.words() {
                    let kind = TrustedHost(host.to_owned());
                    config.options.push(InstallOption { kind, span });
                }
            }
            "no-index" => self.add_flag(NoIndex, config),
            "require-hashes" => self.add_flag(RequireHashes, config),
            "no-require-hashes" => self.add_flag(NoRequireHashes, config),
            "pre" => self.add_flag(Pre, config),
            "all-releases" if self.value().split(',').any(|name| name == ":all:") => {
                self.add(Pre, config);
            }
            _ => self.add(self.other(), config),
        }
    }

    /// The option as one without meaning for a rule.
    pub(crate) fn other(&self) -> InstallOptionKind {
        InstallOptionKind::Other(self.option().to_owned())
    }

    fn add(&self, kind: InstallOptionKind, config: &mut IndexConfig) {
        let span = self.span();
        config.options.push(InstallOption { kind, span });
    }

    fn add_flag(&self, on: InstallOptionKind, config: &mut IndexConfig) {
        match truth(&self.value()) {
            Some(true) => self.add(on, config),
            Some(false) => self.add(self.other(), config),
            None => config.not_understood.push(NotUnderstood {
                span: self.span(),
                why: Printable::from(format!(
                    "`{}` is yes or no, and this is neither; pip stops at it",
                    self.name
                )),
                help: Some(Printable::new("write `yes` or `no`")),
            }),
        }
    }

    fn add_locations(&self, kind: LocationKind, config: &mut IndexConfig) {
        for (word, span) in self.words() {
            config.locations.push(self.location(word, span, kind));
        }
    }

    fn location(&self, text: &str, span: Span, kind: LocationKind) -> IndexLocation {
        IndexLocation {
            kind,
            address: Address::parse(text),
            name: None,
            explicit: false,
            span: self.in_file.then_some(span),
        }
    }

    /// The words of the value; pip splits lists at white space.
    fn words(&self) -> impl Iterator<Item = (&str, Span)> {
        self.lines.iter().flat_map(|(line, place)| {
            let words = line.split_whitespace();
            words.map(move |word| {
                let start = place.start + (word.as_ptr().addr() - line.as_ptr().addr());
                (word, Span::new(start, start + word.len()))
            })
        })
    }
}
