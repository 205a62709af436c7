//! Why a project is there: the shortest chain of those that need it.

use std::collections::{BTreeMap, VecDeque};

use crate::manifest::{Requirement, Via};
use crate::{Manifest, ProjectName};

/// A chain is cut to so many links, those next to the requirement: nobody reads more.
const MOST_LINKS: usize = 30;

/// Who needs whom in one manifest, as the tool that wrote it noted.
#[derive(Debug, Default)]
pub struct Reasons<'a> {
    /// The dependent of each project on its shortest way up; none at the top.
    next: BTreeMap<&'a ProjectName, Option<&'a Via>>,
}

impl<'a> Reasons<'a> {
    /// Finds the shortest way of every project, from the tops down.
    pub fn of(manifest: &'a Manifest) -> Self {
        let mut needed_by: BTreeMap<&ProjectName, Vec<&Via>> = BTreeMap::new();
        for requirement in &manifest.requirements {
            if let Some(name) = &requirement.name {
                needed_by.entry(name).or_default().extend(&requirement.via);
            }
        }
        let mut next = BTreeMap::new();
        let mut waiting = VecDeque::new();
        let mut needs: BTreeMap<&ProjectName, Vec<(&ProjectName, &Via)>> = BTreeMap::new();
        for (name, by) in &needed_by {
            // A dependent that is in no line of the file is a top of its own.
            let top = by.iter().find(|via| match via {
                Via::Project(dependent) => !needed_by.contains_key(dependent),
                Via::Input(_) | Via::Component(_) | Via::Request => true,
            });
            if by.is_empty() || top.is_some() {
                next.insert(*name, top.copied());
                waiting.push_back(*name);
            }
            for via in by {
                if let Via::Project(dependent) = via {
                    needs.entry(dependent).or_default().push((name, via));
                }
            }
        }
        while let Some(dependent) = waiting.pop_front() {
            for (name, via) in needs.get(dependent).into_iter().flatten() {
                if !next.contains_key(name) {
                    next.insert(name, Some(via));
                    waiting.push_back(name);
                }
            }
        }
        Self { next }
    }

    /// The shortest chain that leads to a requirement: the top first, its direct dependent last; empty
    /// where the manifest does not say.
    pub fn chain(&self, requirement: &'a Requirement) -> Vec<&'a Via> {
        let Some(name) = &requirement.name else {
            return requirement.via.iter().take(1).collect();
        };
        let mut chain = Vec::new();
        let mut at = Some(name);
        while let Some(via) = at.and_then(|name| self.next.get(name)).copied().flatten() {
            if chain.len() == MOST_LINKS {
                break;
            }
            chain.push(via);
            at = match via {
                Via::Project(dependent) => Some(dependent),
                Via::Input(_) | Via::Component(_) | Via::Request => None,
            };
        }
        chain.reverse();
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::Reasons;
    use crate::manifest::{Origin, Requirement, Scope, Via};
    use crate::{Manifest, Span, Specifiers};

    fn requirement((name, via): (&str, &[&str])) -> Requirement {
        let via = via.iter().map(|via| match *via {
            "?" => Via::Request,
            name => match name.strip_prefix('*') {
                Some(root) => Via::Component(root.into()),
                None => Via::Project(name.parse().unwrap()),
            },
        });
        Requirement {
            name: Some(name.parse().unwrap()),
            extras: Vec::new(),
            origin: Origin::Index(Specifiers::default()),
            version: None,
            index: None,
            needs: None,
            marker: None,
            hashes: Vec::new(),
            editable: false,
            scope: Scope::Main,
            via: via.collect(),
            span: Span::default(),
            name_span: Span::default(),
            origin_span: Span::default(),
        }
    }

    fn chains(requirements: &[(&str, &[&str])]) -> Vec<String> {
        let manifest = Manifest {
            requirements: requirements.iter().copied().map(requirement).collect(),
            ..Manifest::default()
        };
        let reasons = Reasons::of(&manifest);
        let shown = |requirement| {
            let chain: Vec<_> = reasons
                .chain(requirement)
                .iter()
                .map(ToString::to_string)
                .collect();
            chain.join(" > ")
        };
        manifest.requirements.iter().map(shown).collect()
    }

    #[test]
    fn the_shortest_way_from_the_top() {
        let found = chains(&[
            ("markupsafe", &["jinja2", "werkzeug"]),
            ("werkzeug", &["flask"]),
            ("jinja2", &["flask", "*app 1.0"]),
            ("flask", &["*app 1.0"]),
        ]);
        assert_eq!(
            found,
            ["app 1.0 > jinja2", "app 1.0 > flask", "app 1.0", "app 1.0"]
        );
    }

    #[test]
    fn what_nothing_needs_is_the_top() {
        let found = chains(&[("a", &["b"]), ("b", &["c"]), ("c", &[]), ("d", &["?"])]);
        assert_eq!(found, ["c > b", "c", "", "asked for by name"]);
        // Needed by a project that is not in the file.
        assert_eq!(chains(&[("a", &["gone"])]), ["gone"]);
    }

    #[test]
    fn circles_end() {
        assert_eq!(
            chains(&[("a", &["b"]), ("b", &["a"]), ("c", &["c"])]),
            ["", "", ""]
        );
        let found = chains(&[("a", &["b"]), ("b", &["a", "?"])]);
        assert_eq!(found[0], "asked for by name > b");
    }

    #[test]
    fn a_long_chain_is_cut() {
        let names: Vec<String> = (0..20_000).map(|at| format!("a{at}")).collect();
        let mut needed: Vec<(&str, Vec<&str>)> = vec![("a0", Vec::new())];
        needed.extend(
            names
                .windows(2)
                .map(|pair| (pair[1].as_str(), vec![pair[0].as_str()])),
        );
        let needed: Vec<(&str, &[&str])> = needed
            .iter()
            .map(|(name, via)| (*name, via.as_slice()))
            .collect();
        let found = chains(&needed);
        assert!(
            found[19_999].ends_with("a19997 > a19998"),
            "{}",
            found[19_999]
        );
        assert_eq!(found[19_999].matches('>').count(), super::MOST_LINKS - 1);
    }
}
