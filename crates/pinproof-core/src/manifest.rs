//! A parsed input: what a project file says, with the place of everything it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::index::{IndexLocation, IndexUrl};
use crate::lock::LockInput;
use crate::{
    ExtraName, Hash, Marker, Printable, ProjectName, PythonVersion, Span, Specifiers, Version,
};

/// What a project file says.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The project it declares (`[project] name`).
    pub project: Option<ProjectName>,
    /// The extras and groups it declares, in the order of the file, empty ones included.
    pub parts: Vec<Part>,
    /// Its requirements, in the order of the file.
    pub requirements: Vec<Requirement>,
    /// Other files it names, in the order of the file.
    pub includes: Vec<Include>,
    /// The indexes and folders it configures.
    pub locations: Vec<IndexLocation>,
    /// Options that change how the requirements are installed.
    pub options: Vec<InstallOption>,
    /// Names bound to an index of this file (uv's `[tool.uv.sources]`).
    pub bindings: Vec<Binding>,
    /// Who made the file, if its head says so.
    pub header: Option<Header>,
    /// What it noted of the inputs that it was made from, if it is a lock that does.
    pub made_from: Option<MadeFrom>,
    /// The Python versions the project is for (`requires-python`).
    pub requires_python: Option<Specifiers>,
    /// Inline ignores: `# pinproof: ignore[rule] reason`.
    pub ignores: Vec<InlineIgnore>,
    /// What it is and what else it lists, if it is an inventory: nothing is installed from it.
    pub inventory: Option<Inventory>,
    /// How much it asks another ecosystem for: the packages of conda. They are counted, and not judged.
    pub foreign: usize,
    /// What could not be understood; each is an unanswered question, none is skipped in silence.
    pub not_understood: Vec<NotUnderstood>,
    /// Comments, blank lines and other text without meaning for an installer.
    ///
    /// With the spans above, every byte of the file is accounted for.
    pub trivia: Vec<Span>,
}

/// A requirement with its place, its hashes, and where in the project it stands.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Normalized name; a URL, a path or a repository may not tell one.
    pub name: Option<ProjectName>,
    /// Extras asked for.
    pub extras: Vec<ExtraName>,
    /// What it accepts, and from where.
    pub origin: Origin,
    /// The version that an inventory or a lock says it has; elsewhere the specifiers pin it, if anything does.
    pub version: Option<Version>,
    /// The index that a lock says it is from.
    pub index: Option<IndexUrl>,
    /// The environments it is for.
    pub marker: Option<Marker>,
    /// The hashes it is held to.
    pub hashes: Vec<WrittenHash>,
    /// Installed from its source in place.
    pub editable: bool,
    /// The part of the project it belongs to.
    pub scope: Scope,
    /// Who needs it, as the tool that wrote the file noted (`# via`).
    pub via: Vec<Via>,
    /// What it needs in turn, where the file itself says so: most locks do. Elsewhere the metadata of its
    /// release tells.
    pub needs: Option<Vec<Need>>,
    /// The whole requirement: its logical line, without comment.
    pub span: Span,
    /// The name as written, or the whole where there is none.
    pub name_span: Span,
    /// The version specifiers or the URL, or the name where there are none.
    pub origin_span: Span,
}

/// What a requirement accepts, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Releases of an index; no specifiers accept every version.
    Index(Specifiers),
    /// One file behind an address.
    Url {
        /// The address, without credentials.
        shown: Printable,
        /// The file name at its end.
        filename: String,
        /// Whether it is fetched without TLS.
        plain_http: bool,
    },
    /// A repository of a version control system.
    Vcs {
        /// The address, without credentials.
        shown: Printable,
        /// What is checked out: a branch, tag or commit, as written.
        revision: Option<String>,
        /// Whether it is fetched from another machine without TLS or SSH.
        is_open: bool,
    },
    /// A file or folder of this machine, as written.
    Path(String),
}

/// What an entry of a lock needs, as the lock itself says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The project.
    pub name: ProjectName,
    /// The extras asked for.
    pub extras: Vec<ExtraName>,
    /// The environments in which it is needed.
    pub marker: Option<Marker>,
    /// The extra of the entry that needs it; `None` if the entry always does.
    pub with_extra: Option<ExtraName>,
}

/// A hash and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenHash {
    /// The hash.
    pub hash: Hash,
    /// Its place: `algorithm:digest`.
    pub span: Span,
}

/// The part of a project that a requirement belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "name")]
pub enum Scope {
    /// Needed to run it.
    Main,
    /// An optional feature (`[project.optional-dependencies]`).
    Extra(ExtraName),
    /// A development group (PEP 735).
    Group(ExtraName),
    /// An extra or a group: the lock does not say which (`pdm.lock`).
    ExtraOrGroup(ExtraName),
    /// Needed to build it (`[build-system] requires`).
    Build,
    /// Not a requirement of its own, but a limit on others (`-c`, uv's constraints).
    Constraint,
    /// A limit on what is needed to build (uv's `build-constraint-dependencies`).
    BuildConstraint,
}

/// An extra or a group that a project declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which one.
    pub scope: Scope,
    /// The parts it includes: PEP 735's `include-group`, or an extra that asks for other extras of
    /// its own project (`all = ["acme[web,db]"]`).
    pub includes: Vec<Included>,
    /// Its name.
    pub span: Span,
}

/// A part that belongs to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// The part included.
    pub scope: Scope,
    /// Where it is named.
    pub span: Span,
}

/// Who needs a requirement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// Another project.
    Project(ProjectName),
    /// An input file, as written.
    Input(String),
    /// What an inventory is of, or something in it that is no Python project; its name and version.
    Component(Printable),
    /// Whoever installed the environment asked for it by name.
    Request,
}

/// Another file that is part of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The path or address, as written.
    pub target: String,
    /// `-c` rather than `-r`.
    pub constraint: bool,
    /// Where it is named.
    pub span: Span,
    /// The part of the project it belongs to; `Main` in requirements files.
    pub scope: Scope,
}

/// An option that changes how the requirements of a file are installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallOption {
    /// What it says.
    pub kind: InstallOptionKind,
    /// Where it stands.
    pub span: Span,
}

/// The install options that matter for security, and the ones that do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstallOptionKind {
    /// `--no-index`: only `--find-links` is asked.
    NoIndex,
    /// `--require-hashes`.
    RequireHashes,
    /// `--no-require-hashes` of pip 26.2: a hash on one requirement asks none of the others.
    NoRequireHashes,
    /// `--trusted-host`, uv's `allow-insecure-host`: certificates of this host are not checked.
    TrustedHost(String),
    /// `--no-binary`, uv's `no-binary`: source distributions, so code runs.
    NoBinary(Vec<String>),
    /// `--only-binary`: wheels only.
    OnlyBinary(Vec<String>),
    /// `--pre`.
    Pre,
    /// uv's `index-strategy`.
    IndexStrategy(String),
    /// Understood, and without meaning for a rule.
    Other(String),
}

/// A name that this file binds to one of its indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The project.
    pub project: ProjectName,
    /// The name of the index.
    pub index: String,
    /// Where it stands.
    pub span: Span,
}

/// What the head of a generated file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The tool that wrote it.
    pub tool: Option<LockTool>,
    /// The Python it is for.
    pub python: Option<PythonVersion>,
    /// The input files of the command, as written.
    pub inputs: Vec<String>,
    /// The output file of the command, as written; inputs are relative to its working folder.
    pub output: Option<String>,
    /// The inputs with their digests, as pinproof notes them; relative to the folder of the lock.
    pub input_digests: Vec<LockInput>,
    /// The environments it is for, as pinproof notes them: markers (PEP 508), as written.
    pub environments: Vec<String>,
    /// Made for every environment (`--universal`).
    pub universal: bool,
    /// The command as written.
    pub command: String,
}

/// What a lock noted of the inputs that it was made from.
#[derive(Clone, Debug)]
pub enum MadeFrom {
    /// A digest of what its tool takes for the content of the one input.
    Digest(ContentDigest),
    /// The requirements of every input, as they were.
    Requirements(Vec<NotedInput>),
}

/// The digest of an input, in the manner of the tool that wrote the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentDigest {
    /// Its hexadecimal digits.
    pub digits: String,
    /// The version of the tool, where the lock tells.
    pub written_by: Option<Version>,
    /// Where it stands.
    pub span: Span,
}

/// The requirements of one input, as a lock noted them.
#[derive(Clone, Debug)]
pub struct NotedInput {
    /// The input, as a path from the folder of the lock.
    pub input: String,
    /// The extras that it declared.
    pub extras: Vec<ExtraName>,
    /// The requirements. What only an extra needs says so in its marker; constraints are among them.
    pub requirements: Vec<Requirement>,
    /// Where the lock speaks of this input.
    pub span: Span,
}

/// Tools that write locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockTool {
    /// pip-tools.
    PipCompile,
    /// uv.
    Uv,
    /// Poetry's, PDM's or Pipenv's export.
    Export,
    /// Poetry itself.
    Poetry,
    /// PDM itself.
    Pdm,
    /// Pipenv itself.
    Pipenv,
    /// pip (`pip lock`).
    Pip,
    /// pinproof itself.
    Pinproof,
}

/// A list of what is there, rather than of what shall be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// What it is.
    pub kind: InventoryKind,
    /// What it is an inventory of, where it says so.
    pub subject: Option<Printable>,
    /// How many of its components belong to other ecosystems than Python.
    pub foreign: usize,
    /// How many of its components nothing identifies and no index has: files, devices, applications.
    pub unidentified: usize,
}

/// Kinds of inventories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InventoryKind {
    /// A CycloneDX document of that version.
    CycloneDx(Printable),
    /// An SPDX document of that version.
    Spdx(Printable),
    /// An installed environment.
    Environment,
}

/// `# pinproof: ignore[rule, …] reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineIgnore {
    /// The rules, as written.
    pub rules: Vec<String>,
    /// The reason; a missing one is refused by the policy.
    pub reason: String,
    /// The comment.
    pub span: Span,
    /// What it speaks of: the requirement or option on its line, or the next one.
    pub applies_to: Span,
}

/// Text that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotUnderstood {
    /// Where it stands.
    pub span: Span,
    /// Why, as a sentence without a full stop.
    pub why: Printable,
    /// What to do about it.
    pub help: Option<Printable>,
}

impl Manifest {
    /// A part with all the parts it includes, directly or not; a cycle ends where it closes.
    pub fn with_included(&self, scope: &Scope) -> BTreeSet<Scope> {
        let mut includes: BTreeMap<&Scope, Vec<&Scope>> = BTreeMap::new();
        for part in &self.parts {
            let scopes = part.includes.iter().map(|included| &included.scope);
            includes.entry(&part.scope).or_default().extend(scopes);
        }
        let mut found = BTreeSet::from([scope.clone()]);
        let mut waiting = vec![scope];
        while let Some(scope) = waiting.pop() {
            for included in includes.get(scope).into_iter().flatten() {
                if found.insert((*included).clone()) {
                    waiting.push(included);
                }
            }
        }
        found
    }
}

impl Scope {
    /// Whether something of it is installed, and not only limited.
    pub fn is_needed(&self) -> bool {
        !matches!(self, Self::Constraint | Self::BuildConstraint)
    }
}

impl Requirement {
    /// The one version it accepts, if it is pinned to one, or the one that an inventory says it has.
    pub fn pin(&self) -> Option<&Version> {
        self.version.as_ref().or(match &self.origin {
            Origin::Index(specifiers) => specifiers.exact_pin(),
            _ => None,
        })
    }

    /// The specifiers, if an index answers for it.
    pub fn specifiers(&self) -> Option<&Specifiers> {
        match &self.origin {
            Origin::Index(specifiers) => Some(specifiers),
            _ => None,
        }
    }

    /// Whether a strong hash holds it.
    pub fn has_strong_hash(&self) -> bool {
        self.hashes
            .iter()
            .any(|written| written.hash.algorithm().is_strong())
    }

    /// Whether a full commit id holds it: 40 or 64 hexadecimal digits.
    pub fn is_pinned_to_commit(&self) -> bool {
        let Origin::Vcs { revision, .. } = &self.origin else {
            return false;
        };
        revision.as_deref().is_some_and(|revision| {
            matches!(revision.len(), 40 | 64) && revision.bytes().all(|b| b.is_ascii_hexdigit())
        })
    }
}

impl fmt::Display for InventoryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CycloneDx(version) => write!(f, "a CycloneDX {version} document"),
            Self::Spdx(version) => write!(f, "an SPDX {version} document"),
            Self::Environment => f.write_str("an installed environment"),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        for (at, extra) in self.extras.iter().enumerate() {
            write!(f, "{}{extra}", if at == 0 { "[" } else { "," })?;
        }
        f.write_str(if self.extras.is_empty() { "" } else { "]" })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(name) => write!(f, "{name}"),
            Self::Input(input) => write!(f, "{}", Printable::new(input).shortened(200)),
            Self::Component(shown) => write!(f, "{shown}"),
            Self::Request => f.write_str("asked for by name"),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main => f.write_str("dependencies"),
            Self::Extra(name) => write!(f, "extra `{name}`"),
            Self::Group(name) => write!(f, "group `{name}`"),
            Self::ExtraOrGroup(name) => write!(f, "extra or group `{name}`"),
            Self::Build => f.write_str("build requirements"),
            Self::Constraint => f.write_str("constraints"),
            Self::BuildConstraint => f.write_str("constraints on builds"),
        }
    }
}
