//! What a verdict is about: settings, a file, a requirement, a project, a release, a distribution.

use std::cell::OnceCell;

use pinproof_core::evidence::Answer;
use pinproof_core::index::IndexLocation;
use pinproof_core::manifest::{
    Binding, InlineIgnore, InstallOption, InstallOptionKind, Origin, Requirement, Scope,
};
use pinproof_core::{
    Environment, FileFacts, IndexUrl, Manifest, Place, ProjectFacts, ProjectName, ReleaseFacts,
    SourceFile, Specifiers, Version,
};

use crate::evidence::Evidence;
use crate::staleness::LockSubject;
use crate::tree::Tree;

/// The name of an index in policy, evidence and reports.
pub type IndexName = String;

/// What `decide` decides about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// The machine's own index settings.
    Settings(&'a SettingsSubject<'a>),
    /// A file of the project.
    File(&'a FileSubject<'a>),
    /// A requirement; it inherits what is found of its project, its release, and every distribution
    /// that it accepts.
    Requirement(&'a RequirementSubject<'a>),
    /// One file of a release on an index.
    Distribution(&'a DistributionSubject<'a>),
}

/// Index settings that take effect together, with the place of each.
#[derive(Clone, Debug, Default)]
pub struct SettingsSubject<'a> {
    /// Indexes, folders and pages of links.
    pub locations: Vec<Placed<&'a IndexLocation>>,
    /// Install options.
    pub options: Vec<Placed<&'a InstallOption>>,
    /// Names that the same file binds to one of its indexes.
    pub bindings: Vec<&'a Binding>,
    /// The requirements that are installed with these settings; none for the machine's settings alone.
    pub requirements: Vec<Placed<&'a Requirement>>,
    /// Who reads them.
    pub reader: Reader,
}

/// The program that reads index settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// pip, pip-tools, and `uv pip` for the options in requirements files.
    #[default]
    Pip,
    /// conda, which hands the lines to pip.
    Conda,
    /// uv, of a pyproject.toml: no hash can stand there.
    Uv,
    /// The tool that wrote a lock: it takes every name from where the lock says.
    Lock,
}

/// A setting, or a requirement that it is about, with its place.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// What stands there.
    pub value: T,
    /// Where it stands: a file of the project, or the origin of a machine setting.
    pub place: Place,
    /// Whether it stands in the file that is judged, and not in a setting of the machine.
    pub in_project: bool,
}

/// A file of the project as it is installed: with the files it includes.
#[derive(Clone, Debug)]
pub struct FileSubject<'a> {
    /// The file.
    pub source: &'a SourceFile,
    /// What it says.
    pub manifest: &'a Manifest,
    /// What it is for.
    pub role: Role,
    /// Its requirements, and those of every file it includes, in order; constraints are left out.
    pub requirements: Vec<RequirementSubject<'a>>,
    /// The index settings that it is installed with: its own, and the machine's.
    pub settings: SettingsSubject<'a>,
    /// The locks among them whose inputs are here.
    pub locks: Vec<LockSubject<'a>>,
    /// What its inputs ask for, where they are known.
    pub inputs: Option<Vec<InputRequirement<'a>>>,
    /// The environment that completeness is judged for.
    pub target: &'a Environment,
    /// The dependency tree, walked once; see [`crate::tree`].
    pub tree: OnceCell<Option<Tree>>,
}

/// A requirement of an input file, as the start of the tree.
#[derive(Clone, Debug)]
pub struct InputRequirement<'a> {
    /// The requirement.
    pub requirement: &'a Requirement,
    /// Its file.
    pub source: &'a SourceFile,
}

/// What a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is installed from, so it should be a lock.
    Installed,
    /// Another file is compiled from it; the shown path of that lock.
    InputOf(pinproof_core::Printable),
    /// Another file of the project includes it, and is judged with it.
    IncludedBy(pinproof_core::Printable),
    /// It lists what is installed or was built: nothing is installed from it, so it need not be a lock.
    Inventory,
}

/// A requirement, with what surrounds it.
#[derive(Clone, Debug)]
pub struct RequirementSubject<'a> {
    /// Its file.
    pub source: &'a SourceFile,
    /// The shown path of the installed environment that its file is a part of.
    pub environment: Option<&'a pinproof_core::Printable>,
    /// The requirement.
    pub requirement: &'a Requirement,
    /// The version it is held to: its own pin, or that of a constraint.
    pub pin: Option<&'a Version>,
    /// Who is asked about it.
    pub route: Route,
    /// Whom the installing client would ask, by its own settings.
    pub client: &'a [ClientIndex],
    /// What its file is for.
    pub role: &'a Role,
    /// The inline ignores of its file.
    pub ignores: &'a [InlineIgnore],
    /// The environment it is judged for.
    pub target: &'a Environment,
    /// Whether source distributions are asked for (`--no-binary`).
    pub no_binary: bool,
    /// Who reads its file: what uv reads is a pyproject.toml, where no hash can stand.
    pub reader: Reader,
}

/// An address that the installing client asks for names.
#[derive(Clone, Debug)]
pub struct ClientIndex {
    /// The address.
    pub address: IndexUrl,
    /// Where it is configured; the client's own default has none.
    pub place: Option<Place>,
    /// Whether it is PyPI, where anybody may register a name.
    pub is_pypi: bool,
}

/// Who is asked about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// These indexes in turn; the first that has the name answers.
    Indexes(Vec<IndexName>),
    /// The index that the name is bound to has no address here, so nobody is asked.
    WithoutAddress(IndexName),
    /// An index would answer for it, and none is asked; why.
    Unasked(&'static str),
    /// No index: a URL, a repository or a path.
    Nowhere,
}

/// A release by name and version, wherever it is from.
#[derive(Clone, Debug)]
pub struct NamedSubject<'a> {
    /// The project.
    pub project: &'a ProjectName,
    /// The version; `None` where more than one may be installed.
    pub version: Option<&'a Version>,
    /// Where it is asked for; a gateway has no such place.
    pub requirement: Option<&'a RequirementSubject<'a>>,
}

/// A project on an index, and where the project asks for it.
#[derive(Clone, Debug)]
pub struct ProjectSubject<'a> {
    /// The name.
    pub project: &'a ProjectName,
    /// Who is asked.
    pub route: &'a Route,
    /// What they say of it.
    pub page: Answer<&'a ProjectFacts>,
    /// Where it is asked for; a gateway has no such place.
    pub requirement: Option<&'a RequirementSubject<'a>>,
}

/// A release on an index.
#[derive(Clone, Debug)]
pub struct ReleaseSubject<'a> {
    /// The project.
    pub project: &'a ProjectName,
    /// The version.
    pub version: &'a Version,
    /// The project's page.
    pub page: &'a ProjectFacts,
    /// The files of the release.
    pub release: &'a ReleaseFacts,
    /// Where it is asked for; a gateway has no such place.
    pub requirement: Option<&'a RequirementSubject<'a>>,
}

/// One file of a release on an index.
#[derive(Clone, Debug)]
pub struct DistributionSubject<'a> {
    /// Its release.
    pub release: ReleaseSubject<'a>,
    /// The file.
    pub file: &'a FileFacts,
}

impl ClientIndex {
    /// Where a file of the project configures it; a setting of the machine stands in no such file.
    pub fn place_in_project(&self) -> Option<&Place> {
        self.place.as_ref().filter(|place| place.span.is_some())
    }
}

impl SettingsSubject<'_> {
    /// Whether a finding about the setting belongs to this subject: what the machine sets is reported
    /// once, with the machine's settings, and not again with every file of the project.
    pub fn concerns<T>(&self, placed: &Placed<T>) -> bool {
        placed.in_project != self.is_of_the_machine()
    }

    /// Whether only `--find-links` is asked, and no index.
    pub fn asks_no_index(&self) -> bool {
        self.options
            .iter()
            .any(|option| option.value.kind == InstallOptionKind::NoIndex)
    }

    fn is_of_the_machine(&self) -> bool {
        let is_set_by_a_file = self.locations.iter().any(|placed| placed.in_project)
            || self.options.iter().any(|placed| placed.in_project);
        self.requirements.is_empty() && !is_set_by_a_file
    }
}

impl<'a> FileSubject<'a> {
    /// The dependency tree, if the file states one.
    pub fn tree(&self, evidence: &Evidence) -> Option<&Tree> {
        self.tree
            .get_or_init(|| crate::tree::walk(self, evidence))
            .as_ref()
    }

    /// The requirements that an index answers for, with their names.
    pub fn from_index(&self) -> impl Iterator<Item = (&ProjectName, &RequirementSubject<'a>)> {
        self.requirements
            .iter()
            .filter_map(|subject| Some((subject.from_index()?.0, subject)))
    }

    /// The first requirement for `project`.
    pub fn find(&self, project: &ProjectName) -> Option<&RequirementSubject<'a>> {
        self.requirements
            .iter()
            .find(|subject| subject.requirement.name.as_ref() == Some(project))
    }
}

impl RequirementSubject<'_> {
    /// Its name and specifiers, if an index answers for it.
    pub fn from_index(&self) -> Option<(&ProjectName, &Specifiers)> {
        self.requirement
            .name
            .as_ref()
            .zip(self.requirement.specifiers())
    }

    /// The version that will be there: the one it is held to, or that of the file at the end of its address.
    pub fn version(&self) -> Option<Version> {
        if let Some(pin) = self.pin {
            return Some(pin.clone());
        }
        let Origin::Url { filename, .. } = &self.requirement.origin else {
            return None;
        };
        let parsed = pinproof_core::filename::parse(filename, self.requirement.name.as_ref()?)?;
        Some(parsed.version)
    }

    /// Whether it stands where things are installed from, so that it should be held to its bytes.
    ///
    /// The input of a lock is written by hand and may be loose: there the lock is judged.
    pub fn is_lock_line(&self) -> bool {
        matches!(self.role, Role::Installed | Role::IncludedBy(_))
    }

    /// Whether somebody installs it from here; an inventory lists what is there already.
    pub fn is_installed_from_here(&self) -> bool {
        !matches!(self.role, Role::Inventory)
    }

    /// Whether it may install `file`: one of its hashes is the file's, or it has none.
    ///
    /// Where the index publishes no hash of an algorithm that the requirement uses, nobody can tell, and
    /// the file counts as accepted: what is found of it must not be missed.
    pub fn accepts(&self, file: &FileFacts) -> bool {
        let hashes: Vec<_> = self
            .requirement
            .hashes
            .iter()
            .map(|written| &written.hash)
            .collect();
        let is_comparable = hashes
            .iter()
            .any(|hash| file.hash(hash.algorithm()).is_some());
        !is_comparable || file.is_accepted_by(&hashes)
    }

    /// The name for messages: as normalized, or the address where there is no name.
    pub fn shown_name(&self) -> pinproof_core::Printable {
        match &self.requirement.name {
            Some(name) => pinproof_core::Printable::new(name.as_str()),
            // An address may have credentials.
            None => pinproof_core::index::redact(self.source.slice(self.requirement.name_span))
                .shortened(80),
        }
    }

    /// Whether it is for the environment that is judged, with the extra of the project that it belongs to.
    pub fn is_for_target(&self) -> bool {
        let extra = match &self.requirement.scope {
            Scope::Extra(extra) | Scope::ExtraOrGroup(extra) => std::slice::from_ref(extra),
            _ => &[],
        };
        match &self.requirement.marker {
            Some(marker) => marker.evaluate(self.target, extra),
            None => true,
        }
    }

    /// A place at the requirement's version or address.
    pub fn place(&self, label: impl Into<pinproof_core::Printable>) -> Place {
        Place::in_file(self.source, self.requirement.origin_span, label)
    }

    /// A place at the requirement's name.
    pub fn name_place(&self, label: impl Into<pinproof_core::Printable>) -> Place {
        Place::in_file(self.source, self.requirement.name_span, label)
    }
}

impl<'a> ReleaseSubject<'a> {
    /// The files that may be installed: those that the requirement accepts, or all.
    pub fn accepted_files(&self) -> impl Iterator<Item = &'a FileFacts> {
        let requirement = self.requirement;
        self.release
            .files
            .iter()
            .filter(move |file| requirement.is_none_or(|requirement| requirement.accepts(file)))
    }
}
