//! Components of any format become requirements, counts, or entries that are not understood.

use pinproof_core::index::{Address, IndexLocation, LocationKind};
use pinproof_core::manifest::{
    Binding, Inventory, InventoryKind, NotUnderstood, Origin, Requirement, Scope, Via, WrittenHash,
};
use pinproof_core::purl::PurlError;
use pinproof_core::specifier::SpecifierError;
use pinproof_core::{Manifest, Printable, ProjectName, Purl, Span, Specifiers, Version};

use super::graph::Graph;
use crate::address;
use crate::json_text::Text;

/// A component, package or whatever else a format calls it.
pub(super) struct Component {
    pub id: Option<Text>,
    pub kind: Kind,
    pub name: Option<Text>,
    pub version: Option<Text>,
    /// Its package URLs: formats that have a list of them are expected to name one release.
    pub purls: Vec<Text>,
    /// The hashes of its distributions.
    pub hashes: Vec<WrittenHash>,
    pub span: Span,
}

/// What a component may be if no package URL says so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something that an index may have.
    Library,
    /// Nothing that an index has.
    Other,
}

/// Why a component is an open question, and where.
struct Problem {
    why: Printable,
    help: &'static str,
    span: Span,
}

pub(super) struct Builder {
    manifest: Manifest,
    inventory: Inventory,
    /// The identifiers of the requirements, in their order.
    ids: Vec<Option<String>>,
    components: usize,
    pub graph: Graph,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            manifest: Manifest::default(),
            inventory: Inventory {
                // Known when everything is read.
                kind: InventoryKind::Environment,
                subject: None,
                foreign: 0,
                unidentified: 0,
            },
            ids: Vec::new(),
            components: 0,
            graph: Graph::default(),
        }
    }

    /// How many components were added or refused.
    pub(super) fn components(&self) -> usize {
        self.components
    }

    /// What the whole document is about.
    pub(super) fn set_subject(
        &mut self,
        id: Option<Text>,
        name: Option<&Text>,
        version: Option<&Text>,
    ) {
        let shown = shown(name, version);
        if let Some(id) = id {
            self.graph.name(&id.value, Via::Component(shown.clone()));
        }
        self.inventory.subject = Some(shown);
    }

    /// Records a component that cannot be read; what is wrong may stand within it.
    pub(super) fn refuse(&mut self, at: Span, why: &Printable, component: Span) {
        self.components += 1;
        // The whole component is accounted for, and the place is shown.
        self.manifest.trivia.push(component);
        self.not_understood(Problem {
            why: why.clone(),
            help: "",
            span: at,
        });
    }

    /// Adds a component.
    pub(super) fn add(&mut self, component: Component) {
        self.components += 1;
        let Some(first) = component.purls.first() else {
            return self.add_without_purl(&component);
        };
        match self.requirement(first, &component) {
            Ok(Some(requirement)) => {
                let name = requirement.name.clone();
                self.name_node(&component, name.map(Via::Project));
                self.ids.push(component.id.map(|id| id.value));
                self.manifest.requirements.push(requirement);
            }
            Ok(None) => {
                self.inventory.foreign += 1;
                self.name_node(&component, None);
            }
            Err(problem) => {
                self.name_node(&component, None);
                self.not_understood(problem);
            }
        }
    }

    fn add_without_purl(&mut self, component: &Component) {
        self.name_node(component, None);
        if component.kind == Kind::Other {
            self.inventory.unidentified += 1;
            return;
        }
        let shown = shown(component.name.as_ref(), component.version.as_ref());
        let place = component
            .name
            .as_ref()
            .map_or(component.span, |name| name.span);
        self.not_understood(Problem {
            why: Printable::from(format!(
                "`{shown}` has no package URL: it may be a Python project"
            )),
            help: "make the document with a tool that writes a `purl` for every component",
            span: place,
        });
    }

    fn name_node(&mut self, component: &Component, node: Option<Via>) {
        if let Some(id) = &component.id {
            let shown = || shown(component.name.as_ref(), component.version.as_ref());
            let node = node.unwrap_or_else(|| Via::Component(shown()));
            self.graph.name(&id.value, node);
        }
    }

    /// The requirement of a Python release; `None` for a component of another ecosystem.
    fn requirement(
        &mut self,
        text: &Text,
        component: &Component,
    ) -> Result<Option<Requirement>, Problem> {
        let purl = read_purl(text)?;
        for other in component.purls.iter().skip(1) {
            let is_same = |other: &Purl| {
                (&other.kind, &other.name, &other.version)
                    == (&purl.kind, &purl.name, &purl.version)
            };
            let other_purl = read_purl(other)?;
            if (purl.is_pypi() || other_purl.is_pypi()) && !is_same(&other_purl) {
                let why = "its package URLs name different releases";
                return Err(problem(other.span, why));
            }
        }
        if !purl.is_pypi() {
            return Ok(None);
        }
        if purl.namespace.is_some() {
            return Err(problem(text.span, "a Python project has no namespace"));
        }
        let name: ProjectName =
            (purl.name.parse()).map_err(|error| problem(text.span, &format!("{error}")))?;
        let (version, version_span) = version_of(&purl, text, component)?;
        let origin = self.origin(&purl, text, (&name, &version))?;
        Ok(Some(Requirement {
            name: Some(name),
            extras: Vec::new(),
            origin,
            version: Some(version),
            index: None,
            needs: None,
            marker: None,
            hashes: component.hashes.clone(),
            editable: false,
            scope: Scope::Main,
            via: Vec::new(),
            span: component.span,
            name_span: component.name.as_ref().map_or(text.span, |name| name.span),
            origin_span: version_span,
        }))
    }

    /// Where a release is from: an index, unless the qualifiers of its package URL say otherwise.
    fn origin(
        &mut self,
        purl: &Purl,
        text: &Text,
        (name, version): (&ProjectName, &Version),
    ) -> Result<Origin, Problem> {
        let qualifier = |key| purl.qualifiers.get(key).map(String::as_str);
        if let Some(url) = qualifier("vcs_url").or_else(|| qualifier("download_url")) {
            let unknown = || problem(text.span, "the address in its package URL is none");
            let origin = address::kind(url).and_then(|kind| address::origin(url, url, kind));
            return origin.ok_or_else(unknown);
        }
        if let Some(url) = qualifier("repository_url") {
            self.bind(url, text.span, name)?;
        }
        let pinned: Result<Specifiers, _> = format!("=={version}").parse();
        let refused = |error: SpecifierError| problem(text.span, &error.to_string());
        pinned.map(Origin::Index).map_err(refused)
    }

    /// Records the index that a release is from.
    fn bind(&mut self, url: &str, span: Span, name: &ProjectName) -> Result<(), Problem> {
        let address = Address::parse(url);
        if !matches!(address, Address::Url(_)) {
            return Err(problem(span, "the index in its package URL is no address"));
        }
        let known = |location: &IndexLocation| location.address == address;
        if !self.manifest.locations.iter().any(known) {
            self.manifest.locations.push(IndexLocation {
                kind: LocationKind::Extra,
                address,
                name: Some(url.to_owned()),
                explicit: true,
                span: Some(span),
            });
        }
        self.manifest.bindings.push(Binding {
            project: name.clone(),
            index: url.to_owned(),
            span,
        });
        Ok(())
    }

    fn not_understood(&mut self, problem: Problem) {
        let help = (!problem.help.is_empty()).then(|| Printable::new(problem.help));
        self.manifest.not_understood.push(NotUnderstood {
            span: problem.span,
            why: problem.why,
            help,
        });
    }

    /// The manifest: every requirement knows those that need it.
    pub(super) fn finish(mut self, kind: InventoryKind) -> Manifest {
        for (requirement, id) in self.manifest.requirements.iter_mut().zip(&self.ids) {
            if let Some(id) = id {
                requirement.via = self.graph.dependents(id);
            }
        }
        self.manifest.not_understood.sort_by_key(|entry| entry.span);
        self.manifest.inventory = Some(Inventory {
            kind,
            ..self.inventory
        });
        self.manifest
    }
}

/// The version, which may stand in the package URL, beside it, or in both.
fn version_of(purl: &Purl, text: &Text, component: &Component) -> Result<(Version, Span), Problem> {
    let beside = component
        .version
        .as_ref()
        .filter(|version| !version.value.is_empty());
    let (written, span) = match (&purl.version, beside) {
        (Some(version), _) => (version.as_str(), text.span),
        (None, Some(version)) => (version.value.as_str(), version.span),
        (None, None) => {
            let name = Printable::new(&purl.name).shortened(100);
            return Err(Problem {
                why: Printable::from(format!(
                    "`{name}` has no version: nobody can tell which release it is"
                )),
                help: "",
                span: text.span,
            });
        }
    };
    let version: Version = written.parse().map_err(|_| {
        let shown = Printable::new(written).shortened(100);
        problem(span, &format!("`{shown}` is no version by PEP 440"))
    })?;
    if let Some(beside) = beside
        && beside.value.parse().as_ref() != Ok(&version)
    {
        let shown = Printable::new(&beside.value).shortened(100);
        return Err(problem(
            beside.span,
            &format!("the version is `{shown}` here, and {version} in the package URL"),
        ));
    }
    Ok((version, beside.map_or(span, |beside| beside.span)))
}

fn read_purl(text: &Text) -> Result<Purl, Problem> {
    text.value
        .parse()
        .map_err(|error: PurlError| problem(text.span, &error.to_string()))
}

fn problem(span: Span, why: &str) -> Problem {
    Problem {
        why: Printable::new(why),
        help: "",
        span,
    }
}

/// A name with its version, for people.
fn shown(name: Option<&Text>, version: Option<&Text>) -> Printable {
    let part = |text: &Text| Printable::new(&text.value).shortened(80).to_string();
    let parts = [name, version]
        .into_iter()
        .flatten()
        .map(part)
        .filter(|part| !part.is_empty());
    let shown: Vec<_> = parts.collect();
    match shown.as_slice() {
        [] => Printable::new("a component without a name"),
        parts => Printable::from(parts.join(" ")),
    }
}
