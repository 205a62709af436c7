//! Which release brings which: every release once, below the one that needs it on the shortest way.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use pinproof_core::evidence::Openness;
use pinproof_core::{Level, ProjectName, Version};
use pinproof_engine::Report;
use pinproof_engine::bom::{BomRelease, Reference};

/// What there is to say of a release, from the least to the worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Risk {
    /// Nothing.
    #[default]
    Quiet,
    /// Only what the base has too.
    Existing,
    /// A rule warns.
    Warned,
    /// A denying rule has no answer.
    Open,
    /// A rule denies.
    Denied,
}

/// A release in the tree.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) release: &'a BomRelease,
    pub(super) project: Option<ProjectName>,
    pub(super) risk: Risk,
    /// The worst of itself and of what is below it.
    pub(super) worst: Risk,
    /// The releases below it.
    pub(super) below: usize,
    pub(super) children: Vec<usize>,
    /// Others that need it too.
    pub(super) also: Vec<usize>,
}

/// The releases of a report.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// The releases that nothing brings, the worst first.
    pub(super) roots: Vec<usize>,
    /// Whether anything says who needs whom.
    pub(super) is_known: bool,
}

impl<'a> Tree<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let releases = &report.bom.releases;
        let places: BTreeMap<&Reference, usize> = releases.keys().zip(0..).collect();
        let risks = Risks::of(report);
        let nodes = releases.values().map(|release| node(release, &risks));
        let mut tree = Self {
            nodes: nodes.collect(),
            roots: Vec::new(),
            is_known: releases.values().any(|release| release.needs.is_some()),
        };
        let needs: Vec<Vec<usize>> = releases
            .values()
            .map(|release| {
                let needs = release.needs.iter().flatten();
                needs.filter_map(|on| places.get(on).copied()).collect()
            })
            .collect();
        let tops = report.bom.tops.iter().filter_map(|top| places.get(top));
        let order = tree.grow(tops.copied().collect(), &needs);
        tree.sum_up(&order);
        tree
    }

    /// Goes down from the tops, the nearest first; what no top leads to is a top itself. Returns the order.
    fn grow(&mut self, tops: Vec<usize>, needs: &[Vec<usize>]) -> Vec<usize> {
        let mut order = Vec::new();
        let mut is_placed = vec![false; self.nodes.len()];
        self.grow_from(tops, needs, &mut is_placed, &mut order);
        for rest in 0..self.nodes.len() {
            if !is_placed[rest] {
                self.grow_from(vec![rest], needs, &mut is_placed, &mut order);
            }
        }
        order
    }

    fn grow_from(
        &mut self,
        starts: Vec<usize>,
        needs: &[Vec<usize>],
        is_placed: &mut [bool],
        order: &mut Vec<usize>,
    ) {
        for start in &starts {
            is_placed[*start] = true;
        }
        let mut waiting: VecDeque<usize> = starts.iter().copied().collect();
        self.roots.extend(starts);
        while let Some(at) = waiting.pop_front() {
            order.push(at);
            for on in &needs[at] {
                if is_placed[*on] {
                    self.nodes[*on].also.push(at);
                } else {
                    is_placed[*on] = true;
                    self.nodes[at].children.push(*on);
                    waiting.push_back(*on);
                }
            }
        }
    }

    /// What is below each release, from the leaves up; then the worst comes first everywhere.
    fn sum_up(&mut self, order: &[usize]) {
        for at in order.iter().rev() {
            let children = self.nodes[*at].children.clone();
            let below = children.iter().map(|on| self.nodes[*on].below + 1).sum();
            let worst = children.iter().map(|on| self.nodes[*on].worst).max();
            let node = &mut self.nodes[*at];
            node.below = below;
            node.worst = node.risk.max(worst.unwrap_or_default());
        }
        let worst: Vec<Risk> = self.nodes.iter().map(|node| node.worst).collect();
        for node in &mut self.nodes {
            node.children.sort_by_key(|on| Reverse(worst[*on]));
        }
        self.roots.sort_by_key(|on| Reverse(worst[*on]));
    }
}

fn node<'a>(release: &'a BomRelease, risks: &Risks<'_>) -> Node<'a> {
    let project: Option<ProjectName> = release.name.as_str().parse().ok();
    let version = release.version.as_ref();
    let risk = project.as_ref().map(|name| risks.of_release(name, version));
    Node {
        release,
        project,
        risk: risk.unwrap_or_default(),
        worst: Risk::Quiet,
        below: 0,
        children: Vec::new(),
        also: Vec::new(),
    }
}

/// What the report says of projects, by version where it names one.
struct Risks<'a>(BTreeMap<&'a ProjectName, Vec<(Option<&'a Version>, Risk)>>);

impl<'a> Risks<'a> {
    fn of(report: &'a Report) -> Self {
        let new = report.findings.iter().map(|finding| {
            let risk = match finding.level {
                Level::Deny => Risk::Denied,
                Level::Warn | Level::Allow => Risk::Warned,
            };
            (finding, risk)
        });
        let existing = report
            .existing
            .iter()
            .map(|finding| (finding, Risk::Existing));
        let mut risks = Self(BTreeMap::new());
        for (finding, risk) in new.chain(existing) {
            if let Some(project) = &finding.project {
                let of_project = risks.0.entry(project).or_default();
                of_project.push((finding.version.as_ref(), risk));
            }
        }
        let open = report.questions.iter().filter(|question| {
            question.level == Level::Deny && question.openness != Openness::Unsupported
        });
        for project in open.filter_map(|question| question.project.as_ref()) {
            risks.0.entry(project).or_default().push((None, Risk::Open));
        }
        risks
    }

    fn of_release(&self, project: &ProjectName, version: Option<&Version>) -> Risk {
        let said = self.0.get(project).into_iter().flatten();
        let about = said.filter_map(|(of, risk)| {
            let is_about = of.is_none() || version.is_none() || *of == version;
            is_about.then_some(*risk)
        });
        about.max().unwrap_or_default()
    }
}
