//! What the settings of this machine and of the project lead a client to, each with the place that says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pinproof_core::index::{Address, LocationKind, redact};
use pinproof_core::manifest::{InstallOptionKind, Origin};
use pinproof_core::settings::{Client as Obeys, MachineSetting};
use pinproof_core::{IndexConfig, IndexUrl, Printable, SourceFile, Span};
use pinproof_engine::Settings;
use pinproof_engine::check::prepare;
use pinproof_engine::inputs::{Format, LoadedFile};
use pinproof_engine::machine::Unread;

use super::Client;

/// Something that a setting leads to.
#[derive(Clone, Debug)]
pub(crate) struct Lead {
    /// Who obeys it.
    pub(crate) clients: Vec<Client>,
    /// The file or the variable.
    pub(crate) origin: Printable,
    /// Its line.
    pub(crate) line: Option<usize>,
    /// What it says.
    pub(crate) kind: LeadKind,
    /// The address, where it is one that somebody can be asked at.
    pub(crate) index: Option<IndexUrl>,
    /// What it leads to, to be shown.
    pub(crate) to: Printable,
}

/// What a setting says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeadKind {
    /// The index.
    Default,
    /// An index besides.
    Extra,
    /// An index for the names that are bound to it.
    Bound,
    /// Files that are taken from there.
    FindLinks,
    /// A host whose certificate is not looked at.
    TrustedHost,
    /// A search that mixes indexes.
    Mixes,
    /// A lock that says where its files are from.
    Locked,
    /// A line of a lock or of a list that names a file.
    DirectUrl,
}

/// What is known of the settings.
#[derive(Debug, Default)]
pub(crate) struct Leads {
    /// All of them.
    pub(crate) all: Vec<Lead>,
    /// Files that nobody can read: they may lead anywhere.
    pub(crate) unread: Vec<Unread>,
}

/// The files of a project that say where a client goes.
const FILES: [&str; 8] = [
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "requirements.txt",
    "requirements.in",
    "Pipfile.lock",
];

/// The variable of PDM's default index.
pub(crate) const PDM_INDEX: &str = "PDM_PYPI_URL";

impl Leads {
    /// Reads the settings that count for clients which are started in the folder of `settings`.
    pub(crate) fn read(settings: &Settings, project: &Path) -> Self {
        let files = FILES.iter().map(|name| project.join(name));
        let settings = Settings {
            paths: files
                .filter(|path| path.is_file())
                .collect::<Vec<PathBuf>>(),
            ..settings.clone()
        };
        let prepared = prepare(&settings);
        let mut leads = Self {
            unread: prepared.machine.unread,
            ..Self::default()
        };
        for setting in &prepared.machine.settings {
            leads.add_machine(setting);
        }
        leads.add_pdm(settings.variable(PDM_INDEX));
        for file in &prepared.inputs.files {
            leads.add_file(file);
        }
        let errors = prepared.inputs.errors.into_iter().chain(prepared.unread);
        leads.unread.extend(errors.map(|error| Unread {
            origin: error.path,
            why: error.message,
        }));
        leads
    }

    /// What this client obeys.
    pub(crate) fn of(&self, client: Client) -> impl Iterator<Item = &Lead> {
        self.all
            .iter()
            .filter(move |lead| lead.clients.contains(&client))
    }

    /// The one setting of PDM outside of a project that is read here; its answer tells of others.
    fn add_pdm(&mut self, value: Option<String>) {
        let value = value.filter(|value| !value.is_empty());
        self.all.extend(value.map(|value| Lead {
            clients: vec![Client::Pdm],
            origin: Printable::new(PDM_INDEX),
            line: None,
            kind: LeadKind::Default,
            index: IndexUrl::parse(&value).ok(),
            to: redact(&value),
        }));
    }

    fn add_machine(&mut self, setting: &MachineSetting) {
        let clients = match setting.client {
            Obeys::Pip => vec![Client::Pip],
            Obeys::Uv => vec![Client::UvPip, Client::Uv],
        };
        // A variable has a name that is no path, and lines of its value help nobody.
        let path = Path::new(setting.origin.as_str());
        let text = path
            .is_absolute()
            .then(|| std::fs::read_to_string(path).ok());
        let source = text
            .flatten()
            .map(|text| SourceFile::new(setting.origin.clone(), String::new(), text));
        self.add_config(&setting.config, &setting.origin, source.as_ref(), &|_| {
            clients.clone()
        });
    }

    fn add_file(&mut self, file: &LoadedFile) {
        let source = &*file.source;
        let manifest = &file.manifest;
        let config = IndexConfig {
            locations: manifest.locations.clone(),
            options: manifest.options.clone(),
            not_understood: Vec::new(),
        };
        let by = |span: Option<Span>| clients_of(file, span);
        self.add_config(&config, &source.path, Some(source), &by);
        self.add_entries(file);
    }

    fn add_config(
        &mut self,
        config: &IndexConfig,
        origin: &Printable,
        source: Option<&SourceFile>,
        clients: &dyn Fn(Option<Span>) -> Vec<Client>,
    ) {
        let line = |span: Option<Span>| {
            let (source, span) = source.zip(span)?;
            Some(source.locate(span).line)
        };
        for location in &config.locations {
            let kind = match location.kind {
                _ if location.explicit => LeadKind::Bound,
                LocationKind::Default => LeadKind::Default,
                LocationKind::Extra => LeadKind::Extra,
                LocationKind::FindLinks => LeadKind::FindLinks,
            };
            let (index, to) = match &location.address {
                Address::Url(url) => (Some(url.clone()), Printable::from(url.to_string())),
                Address::Folder(folder) => (None, Printable::new(folder)),
                Address::Invalid(text) => (None, text.clone()),
            };
            self.all.push(Lead {
                clients: clients(location.span),
                origin: origin.clone(),
                line: line(location.span),
                kind,
                index,
                to,
            });
        }
        for option in &config.options {
            let (kind, to) = match &option.kind {
                InstallOptionKind::TrustedHost(host) => (LeadKind::TrustedHost, host),
                InstallOptionKind::IndexStrategy(strategy) if strategy.starts_with("unsafe") => {
                    (LeadKind::Mixes, strategy)
                }
                _ => continue,
            };
            self.all.push(Lead {
                clients: clients(Some(option.span)),
                origin: origin.clone(),
                line: line(Some(option.span)),
                kind,
                index: None,
                to: Printable::new(to).shortened(200),
            });
        }
    }

    /// The places that entries are from: each once, where it stands first.
    fn add_entries(&mut self, file: &LoadedFile) {
        let mut first: BTreeMap<(String, bool), Lead> = BTreeMap::new();
        for requirement in &file.manifest.requirements {
            let (kind, index, to) = match (&requirement.index, &requirement.origin) {
                (Some(index), _) => (
                    LeadKind::Locked,
                    Some(index.clone()),
                    Printable::from(index.to_string()),
                ),
                (None, Origin::Url { shown, .. } | Origin::Vcs { shown, .. }) => {
                    (LeadKind::DirectUrl, None, shown.clone())
                }
                _ => continue,
            };
            let key = (to.to_string(), kind == LeadKind::Locked);
            first.entry(key).or_insert_with(|| Lead {
                clients: clients_of(file, None),
                origin: file.source.path.clone(),
                line: Some(file.source.locate(requirement.span).line),
                kind,
                index,
                to,
            });
        }
        self.all.extend(first.into_values());
    }
}

/// Who obeys what stands there.
fn clients_of(file: &LoadedFile, span: Option<Span>) -> Vec<Client> {
    match file.format {
        Format::Requirements | Format::Pylock => vec![Client::Pip, Client::UvPip],
        Format::UvLock => vec![Client::Uv],
        Format::PoetryLock => vec![Client::Poetry],
        Format::PdmLock => vec![Client::Pdm],
        Format::Pyproject => match span {
            Some(span) => clients_of_table(&file.source.text, span),
            // A requirement of the project, which everybody reads.
            None => Client::ALL.to_vec(),
        },
        _ => Vec::new(),
    }
}

/// The client whose table it is: what a file says above it.
fn clients_of_table(text: &str, span: Span) -> Vec<Client> {
    let before = text.get(..span.start).unwrap_or(text);
    let heads = before.lines().rev().map(str::trim_start);
    let mut heads = heads.filter(|line| line.starts_with('['));
    let head: String = heads
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !" \t\"'".contains(*c))
        .collect();
    let head = head.trim_start_matches('[');
    let is_of = |table: &str| {
        let rest = head.strip_prefix(table);
        rest.is_some_and(|rest| rest.starts_with([']', '.']))
    };
    if is_of("tool.uv.pip") {
        vec![Client::UvPip]
    } else if is_of("tool.uv") {
        vec![Client::UvPip, Client::Uv]
    } else if is_of("tool.pdm") {
        vec![Client::Pdm]
    } else if is_of("tool.poetry") {
        vec![Client::Poetry]
    } else {
        Client::ALL.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use pinproof_core::Span;

    use super::{Client, clients_of_table};

    #[test]
    fn a_table_says_who_reads_it() {
        let of = |text: &str| clients_of_table(text, Span::new(text.len(), text.len()));
        assert_eq!(
            of("[project]\n[[tool.uv.index]]\nurl = "),
            [Client::UvPip, Client::Uv]
        );
        assert_eq!(of("[tool.uv.pip]\nindex-url = "), [Client::UvPip]);
        assert_eq!(of("[[ tool.poetry.source ]]\nurl = "), [Client::Poetry]);
        assert_eq!(of("[tool.\"pdm\"]\nsource = [{url = "), [Client::Pdm]);
        assert_eq!(of("tool.uvx.index = "), Client::ALL);
    }
}
