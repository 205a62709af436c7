//! Records by id: which projects an advisory is about, whatever it is called.
//!
//! Databases are kept by project, and an id is looked for in all of it. An index of ids would be one more
//! table that has to agree with the rest, for one question in an incident: 50,000 records of 25,000 projects
//! are read, checked and decoded in a quarter of a second. Nor can a part that was damaged hide a record,
//! for every part is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use pinproof_core::advisory::classes;
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::{Advisory, Printable, ProjectName};
use pinproof_policy::Policy;

use super::{At, Book, Opened, Records};

/// What the sources know under one id.
#[derive(Debug, Default)]
pub struct Lookup {
    /// The records that count, for each project they are about: those that have the id, and those that
    /// are linked to them.
    pub about: BTreeMap<ProjectName, Vec<(Source, Advisory)>>,
    /// Why records that have the id do not count: taken back, or not yet published.
    pub not_in_force: Vec<Printable>,
    /// What keeps the sources from saying all there is.
    pub gaps: Vec<Unavailable>,
}

impl Book {
    /// Looks an id or an alias up; the case of its letters does not matter.
    pub fn lookup(&self, id: &str, policy: &Policy) -> Lookup {
        let mut lookup = Lookup::default();
        let mut projects = BTreeSet::new();
        for opened in &self.sources {
            let named = opened.named(id, self.at, &mut lookup);
            for project in named {
                if policy.is_spoken_of(&project, &opened.source) {
                    projects.insert(project);
                } else {
                    let why = format!(
                        "it speaks of `{project}`, and the policy binds that name to an index that it does not \
                         speak of"
                    );
                    lookup.gap(&opened.source.name, &why);
                }
            }
        }
        for project in projects {
            self.add_linked(project, id, policy, &mut lookup);
        }
        lookup.gaps.sort();
        lookup.gaps.dedup();
        lookup
    }

    /// Adds the records about `project` that are linked to the id.
    fn add_linked(&self, project: ProjectName, id: &str, policy: &Policy, lookup: &mut Lookup) {
        let Answer::Known(found) = self.about(&project, policy) else {
            return;
        };
        lookup.gaps.extend(found.gaps);
        let (in_force, others): (Vec<_>, Vec<_>) = found
            .records
            .into_iter()
            .partition(|(_, advisory)| advisory.is_in_force(self.at.now));
        let others = others.into_iter().map(|(_, advisory)| advisory);
        let of_the_id = others.filter(|advisory| has(advisory, id));
        let why = of_the_id.map(|advisory| not_in_force(&advisory, self.at.now));
        lookup.not_in_force.extend(why);
        let advisories: Vec<&Advisory> = in_force.iter().map(|(_, advisory)| advisory).collect();
        let linked: Vec<(Source, Advisory)> = classes(&advisories)
            .into_iter()
            .filter(|class| class.iter().any(|at| has(advisories[*at], id)))
            .flatten()
            .map(|at| in_force[at].clone())
            .collect();
        if !linked.is_empty() {
            lookup.about.insert(project, linked);
        }
    }
}

impl Opened {
    /// The projects that this source names under the id; what keeps it from telling is a gap.
    fn named(&self, id: &str, at: At, lookup: &mut Lookup) -> BTreeSet<ProjectName> {
        let name = &self.source.name;
        if let Some(why) = self.trouble(at) {
            lookup.gap(name, &why);
        }
        let mut named = BTreeSet::new();
        let Ok(records) = &self.records else {
            return named;
        };
        // A record that has no id is known by the name of its file.
        let is_it = |what: &str| {
            let stem = Path::new(what).file_stem();
            what.eq_ignore_ascii_case(id) || stem.is_some_and(|stem| stem.eq_ignore_ascii_case(id))
        };
        for unclear in &records.head().unclear {
            if is_it(&unclear.what) {
                lookup.gap(name, &format!("{id} is not understood: {}", unclear.why));
                named.extend(unclear.projects.iter().cloned());
            }
        }
        for project in records.project_names() {
            match records.about(project) {
                Ok(advisories) if advisories.iter().any(|advisory| has(advisory, id)) => {
                    named.insert(project.clone());
                }
                Ok(_) => {}
                Err(error) => lookup.gap(name, &error.to_string()),
            }
        }
        named
    }
}

impl Lookup {
    fn gap(&mut self, source: &str, why: &str) {
        self.gaps.push(Unavailable::new(&Source::new(source), why));
    }
}

impl Records {
    fn project_names(&self) -> Box<dyn Iterator<Item = &ProjectName> + '_> {
        match self {
            Self::Database(database) => Box::new(database.project_names()),
            Self::Memory(memory) => Box::new(memory.project_names()),
        }
    }
}

fn not_in_force(advisory: &Advisory, now: Timestamp) -> Printable {
    let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
    let later = advisory.published.filter(|published| *published > now);
    let why = match (later, advisory.withdrawn) {
        (Some(later), _) => format!("was published on {}", day(later)),
        (None, Some(withdrawn)) => format!("was taken back on {}", day(withdrawn)),
        (None, None) => "does not count".to_owned(),
    };
    let id = Printable::new(&advisory.id).shortened(100);
    Printable::from(format!("{id} {why}"))
}

fn has(advisory: &Advisory, id: &str) -> bool {
    let ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
    let mut ids = ids.map(String::as_str);
    ids.any(|known| known.eq_ignore_ascii_case(id))
}
