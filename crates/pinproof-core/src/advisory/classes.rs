//! Which records speak of the same thing: classes of records that are linked by an id or an alias.

use std::collections::BTreeMap;

use super::Advisory;

/// The positions of `advisories`, in classes; two that share an id or an alias are in one, over any
/// number of steps. Meant for the records of one project: across projects, an alias is no link.
///
/// Each class and the list of classes are in the order of `advisories`.
pub fn classes(advisories: &[&Advisory]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..advisories.len()).collect();
    let mut owner: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, advisory) in advisories.iter().enumerate() {
        let ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
        for id in ids {
            let first = *owner.entry(id).or_insert(at);
            join(&mut leader, first, at);
        }
    }
    let mut classes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..advisories.len() {
        classes.entry(find(&leader, at)).or_default().push(at);
    }
    classes.into_values().collect()
}

fn find(leader: &[usize], mut at: usize) -> usize {
    while leader[at] != at {
        at = leader[at];
    }
    at
}

/// The lower of two leaders leads.
fn join(leader: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(leader, a), find(leader, b));
    leader[a.max(b)] = a.min(b);
}
