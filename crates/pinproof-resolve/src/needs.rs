//! What a version needs: its metadata, as overrides, excludes, constraints and extras change it.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use pinproof_core::requirement::Pep508;
use pinproof_core::{ExtraName, Printable, ProjectName, Version};
use pubgrub::VersionSet;

use crate::catalog::ProjectId;
use crate::demands::{Demands, Origin};
use crate::graph::{Edge, Node, Part, Requirement};
use crate::indexes::Indexes;
use crate::limits::TooMuch;
use crate::provider::{Dependencies, Needs, Provider};
use crate::search::{State, Stop};

/// The edges of a version, or why it can never be chosen.
type Edges<'a> = Result<Vec<Edge<'a>>, Printable>;

/// A requirement that counts, and where it stands.
type Counted<'r, 'a> = (&'r Pep508, Origin<'a>);

impl<'a, P: Provider> State<'a, P> {
    pub(crate) fn edges_of(&mut self, node: Node, version: u32) -> Result<Edges<'a>, Stop> {
        let part = self.graph.part(node).clone();
        let (id, extra) = match part {
            Part::Root => {
                let roots = self.demands.roots.iter();
                let roots = roots.map(|(root, origin)| (&root.requirement, *origin));
                return self.edges(roots.collect(), None);
            }
            Part::Extra(id, extra) => return Ok(Ok(self.edges_of_extra(id, extra, version))),
            Part::Project(id) => (id, None),
            Part::Needs(id, extra) => (id, Some(extra)),
        };
        let needs = match self.release(id, version)? {
            Dependencies::Known(needs) => Arc::clone(needs),
            Dependencies::Unreadable(reason) => return Ok(Err(reason.clone())),
        };
        let counted = counted(&needs, extra.as_ref(), self.demands);
        let itself = extra.is_none().then_some((id, version));
        self.edges(counted, itself)
    }

    fn edges_of_extra(&mut self, id: ProjectId, extra: ExtraName, version: u32) -> Vec<Edge<'a>> {
        [Part::Project(id), Part::Needs(id, extra)]
            .map(|part| Edge {
                to: self.graph.node(part),
                accepted: Indexes::singleton(version),
                requirement: None,
            })
            .into()
    }

    /// What the provider says that a release needs; asked once.
    fn release(&mut self, id: ProjectId, version: u32) -> Result<&Dependencies, Stop> {
        let known = if let Some(known) = self.releases.remove(&(id, version)) {
            known
        } else {
            let project = self.catalog.get(id);
            let (name, version) = (&project.name, project.version(version));
            let known = self.provider.dependencies(name, version)?;
            if let Dependencies::Known(needs) = &known {
                self.requirements += needs.requires.len();
                self.check_size(name, version, needs.requires.len())?;
            }
            known
        };
        Ok(self.releases.entry((id, version)).or_insert(known))
    }

    fn check_size(&self, name: &ProjectName, version: &Version, count: usize) -> Result<(), Stop> {
        let limits = self.limits;
        if count > limits.requirements_per_release {
            return Err(Stop::TooMuch(TooMuch::RequirementsOfRelease {
                limit: limits.requirements_per_release,
                release: Printable::new(&format!("{name} {version}")),
            }));
        }
        if self.requirements > limits.requirements {
            return Err(Stop::TooMuch(TooMuch::Requirements(limits.requirements)));
        }
        Ok(())
    }

    fn edges(
        &mut self,
        counted: Vec<Counted<'_, 'a>>,
        itself: Option<(ProjectId, u32)>,
    ) -> Result<Edges<'a>, Stop> {
        self.foresee(&counted);
        let mut edges = Vec::with_capacity(counted.len());
        let mut constrained = BTreeSet::new();
        for (requirement, origin) in counted {
            let name = &requirement.name;
            let id = self
                .catalog
                .learn(name, self.demands, self.provider, self.limits)?;
            let accepted = match self.accepted(id, requirement, origin)? {
                Ok(accepted) => accepted,
                Err(reason) => return Ok(Err(reason)),
            };
            let shown = Rc::new(Requirement::of(requirement, origin));
            match itself {
                Some((itself, version)) if itself == id => {
                    if !accepted.contains(&version) {
                        let text = &shown.text;
                        let reason = format!("it needs `{text}`, another version of itself");
                        return Ok(Err(Printable::from(reason)));
                    }
                }
                _ => {
                    edges.push(self.edge(Part::Project(id), &accepted, &shown));
                    if constrained.insert(id) {
                        self.constrain(id, &mut edges)?;
                    }
                }
            }
            for extra in &requirement.extras {
                self.check_extras(name)?;
                edges.push(self.edge(Part::Extra(id, extra.clone()), &accepted, &shown));
            }
        }
        Ok(Ok(edges))
    }

    fn check_extras(&self, project: &ProjectName) -> Result<(), Stop> {
        let limit = self.limits.extras;
        if self.graph.extras() < limit {
            return Ok(());
        }
        let last = project.clone();
        Err(Stop::TooMuch(TooMuch::Extras { limit, last }))
    }

    /// Tells the provider of the projects that are new.
    fn foresee(&mut self, counted: &[Counted<'_, 'a>]) {
        let mut seen = BTreeSet::new();
        let new: Vec<ProjectName> = counted
            .iter()
            .map(|(requirement, _)| &requirement.name)
            .filter(|name| self.catalog.id(name).is_none() && seen.insert(*name))
            .cloned()
            .collect();
        if !new.is_empty() {
            self.provider.foresee(&new);
        }
    }

    /// The versions that a requirement accepts, or why its release can never be chosen.
    fn accepted(
        &mut self,
        id: ProjectId,
        requirement: &Pep508,
        origin: Origin<'a>,
    ) -> Result<Result<Indexes, Printable>, Stop> {
        let Some(url) = &requirement.url else {
            return Ok(Ok(self.catalog.accepted(
                id,
                &requirement.specifiers,
                self.limits,
            )?));
        };
        if self.demands.names_address(&requirement.name, url) {
            return Ok(Ok(Indexes::below(self.catalog.get(id).count())));
        }
        if origin != Origin::Release {
            // Two addresses of one project: nothing is both.
            return Ok(Ok(Indexes::empty()));
        }
        let text = Requirement::of(requirement, origin).text;
        let reason = format!("it needs `{text}`, and no requirement of yours names that address");
        Ok(Err(Printable::from(reason)))
    }

    fn constrain(&mut self, id: ProjectId, edges: &mut Vec<Edge<'a>>) -> Result<(), Stop> {
        let name = self.catalog.get(id).name.clone();
        for constraint in self.demands.constraints(&name) {
            let accepted = self
                .catalog
                .accepted(id, &constraint.specifiers, self.limits)?;
            let shown = Requirement::of_constraint(constraint);
            edges.push(self.edge(Part::Project(id), &accepted, &Rc::new(shown)));
        }
        Ok(())
    }

    fn edge(
        &mut self,
        to: Part,
        accepted: &Indexes,
        requirement: &Rc<Requirement<'a>>,
    ) -> Edge<'a> {
        Edge {
            to: self.graph.node(to),
            accepted: accepted.clone(),
            requirement: Some(Rc::clone(requirement)),
        }
    }
}

/// The requirements of a release that hold in the environment, those of `extra` or those of none.
fn counted<'r, 'a: 'r>(
    needs: &'r Needs,
    extra: Option<&ExtraName>,
    demands: &Demands<'a>,
) -> Vec<Counted<'r, 'a>> {
    let holds = |requirement: &&Pep508| match (&requirement.marker, extra) {
        (None, extra) => extra.is_none(),
        (Some(marker), None) => marker.evaluate(demands.environment, &[]),
        (Some(marker), Some(extra)) => {
            marker.mentions_extra()
                && marker.evaluate(demands.environment, std::slice::from_ref(extra))
        }
    };
    let mut counted: Vec<Counted<'r, 'a>> = Vec::new();
    let mut replaced = BTreeSet::new();
    for requirement in needs.requires.iter().filter(holds) {
        let name = &requirement.name;
        if demands.is_excluded(name) {
            continue;
        }
        match demands.overrides(name) {
            None => counted.push((requirement, Origin::Release)),
            Some(replacing) if replaced.insert(name) => {
                let replacing = replacing.iter();
                counted.extend(
                    replacing.map(|root| (&root.requirement, Origin::Override(&root.label))),
                );
            }
            Some(_) => {}
        }
    }
    counted
}
