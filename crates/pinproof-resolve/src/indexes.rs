//! Sets of versions, as sets of indexes into the sorted list that the provider gave.
//!
//! A version is the place it has in its project's list, so a set is exact: two sets with the same
//! versions are equal, whatever specifiers they come from, and PEP 440 is asked once for each version.

use std::fmt;
use std::ops::Range;

use pubgrub::VersionSet;

/// A set of indexes: half-open ranges that are not empty, sorted, and do not touch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Indexes(Vec<Range<u32>>);

impl Indexes {
    /// Every index below `count`.
    pub(crate) fn below(count: u32) -> Self {
        Self((count > 0).then_some(0..count).into_iter().collect())
    }

    /// The indexes below `count` that `accepts` takes.
    pub(crate) fn matching(count: u32, mut accepts: impl FnMut(u32) -> bool) -> Self {
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for index in (0..count).filter(|&index| accepts(index)) {
            match ranges.last_mut() {
                Some(last) if last.end == index => last.end += 1,
                _ => ranges.push(index..index + 1),
            }
        }
        Self(ranges)
    }

    /// The indexes below `count`, lowest first.
    pub(crate) fn iter_below(&self, count: u32) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.0
            .iter()
            .flat_map(move |range| range.start.min(count)..range.end.min(count))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl VersionSet for Indexes {
    type V = u32;

    fn empty() -> Self {
        Self(Vec::new())
    }

    fn full() -> Self {
        Self::below(u32::MAX)
    }

    fn singleton(index: u32) -> Self {
        let range = (index < u32::MAX).then(|| index..index + 1);
        Self(range.into_iter().collect())
    }

    fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut start = 0;
        for range in &self.0 {
            if start < range.start {
                gaps.push(start..range.start);
            }
            start = range.end;
        }
        if start < u32::MAX {
            gaps.push(start..u32::MAX);
        }
        Self(gaps)
    }

    fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let common = a.start.max(b.start)..a.end.min(b.end);
            if !common.is_empty() {
                both.push(common);
            }
            if a.end < b.end {
                left.next();
            } else {
                right.next();
            }
        }
        Self(both)
    }

    fn contains(&self, index: &u32) -> bool {
        let after = self.0.partition_point(|range| range.start <= *index);
        after > 0 && self.0[after - 1].contains(index)
    }
}

impl fmt::Display for Indexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pubgrub::VersionSet;

    use super::Indexes;

    const COUNT: u32 = 12;

    fn of_bits(bits: u16) -> Indexes {
        Indexes::matching(COUNT, |index| bits & (1 << index) != 0)
    }

    fn bits(set: &Indexes) -> u16 {
        (0..COUNT)
            .filter(|index| set.contains(index))
            .map(|index| 1 << index)
            .sum()
    }

    proptest! {
        #[test]
        fn is_an_algebra_of_sets(a in 0u16..1 << COUNT, b in 0u16..1 << COUNT) {
            let (left, right) = (of_bits(a), of_bits(b));
            prop_assert_eq!(bits(&left), a);
            prop_assert_eq!(left.intersection(&right), of_bits(a & b));
            prop_assert_eq!(left.union(&right), of_bits(a | b));
            prop_assert_eq!(bits(&left.complement()), !a & ((1 << COUNT) - 1));
            prop_assert_eq!(left.complement().complement(), left.clone());
            prop_assert_eq!(left.subset_of(&right), a & !b == 0);
            prop_assert_eq!(left.is_disjoint(&right), a & b == 0);
            prop_assert_eq!(left.iter_below(COUNT).collect::<Vec<_>>().len(), a.count_ones() as usize);
        }
    }

    #[test]
    fn the_ends_are_right() {
        assert_eq!(Indexes::full(), Indexes::empty().complement());
        assert_eq!(Indexes::full().complement(), Indexes::empty());
        assert!(Indexes::below(0).is_empty());
        assert!(Indexes::singleton(u32::MAX).is_empty());
        assert_eq!(Indexes::singleton(3), of_bits(0b1000));
    }
}
