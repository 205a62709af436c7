//! How two spellings differ: one slip of the fingers or the eyes, two slips, or more than that.
//!
//! Spellings are names without their separators: lower-case ASCII letters and digits. Everything here is
//! linear in their length.

use super::How;

/// One slip that makes `target` into `name`, if there is one.
pub(super) fn slip(name: &[u8], target: &[u8]) -> Option<How> {
    if name == target {
        return Some(How::Separators);
    }
    if name.len().abs_diff(target.len()) > 1 {
        return None;
    }
    if skeleton(name).eq(skeleton(target)) {
        return Some(How::Confusable);
    }
    let (start, name_rest, target_rest) = differing(name, target);
    match (name_rest, target_rest) {
        ([], [missing]) => Some(omitted(*missing, start, target)),
        ([extra], []) => Some(inserted(*extra, start, name)),
        ([a, b], [c, d]) if a == d && b == c => Some(How::Swapped(char::from(*c), char::from(*d))),
        ([typed], [meant]) => replaced(*typed, *meant),
        _ => None,
    }
}

/// What differs between the longest equal start and the longest equal end, and where that begins.
fn differing<'a>(a: &'a [u8], b: &'a [u8]) -> (usize, &'a [u8], &'a [u8]) {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (_, a) = a.split_at(start);
    let (_, b) = b.split_at(start);
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, _) = a.split_at(a.len() - end);
    let (b, _) = b.split_at(b.len() - end);
    (start, a, b)
}

fn omitted(missing: u8, at: usize, target: &[u8]) -> How {
    let is_last = at + 1 == target.len();
    match missing {
        b's' if is_last => How::Plural,
        b'0'..=b'9' => How::Number,
        letter => How::Omitted(char::from(letter)),
    }
}

fn inserted(extra: u8, at: usize, name: &[u8]) -> How {
    let before = at.checked_sub(1).and_then(|at| name.get(at));
    let after = name.get(at + 1);
    let near = || before.into_iter().chain(after);
    match extra {
        b'0'..=b'9' => How::Number,
        letter if near().any(|other| *other == letter) => How::Repeated(char::from(letter)),
        b's' if after.is_none() => How::Plural,
        letter => How::Inserted {
            letter: char::from(letter),
            is_slip: near().any(|other| are_neighbours(*other, letter)),
        },
    }
}

/// Names that differ in a number only are siblings, such as `cu12` and `cu13`, and no look-alikes.
fn replaced(typed: u8, meant: u8) -> Option<How> {
    if typed.is_ascii_digit() && meant.is_ascii_digit() {
        return None;
    }
    Some(How::Replaced {
        typed: char::from(typed),
        meant: char::from(meant),
        is_slip: are_neighbours(typed, meant),
    })
}

/// Two slips make anything of a shorter word.
const SHORTEST_FOR_TWO: usize = 6;

/// Whether two slips at most make `target` into `name`, and both are long enough for that to mean anything.
pub(super) fn are_two_slips(name: &[u8], target: &[u8]) -> bool {
    name.len().min(target.len()) >= SHORTEST_FOR_TWO && are_within(2, name, target)
}

/// Whether at most `slips` letters left out, added or replaced, or neighbours swapped, make `a` into `b`.
fn are_within(slips: u8, a: &[u8], b: &[u8]) -> bool {
    let (_, a, b) = differing(a, b);
    if a.is_empty() && b.is_empty() {
        return true;
    }
    let Some(left) = slips.checked_sub(1) else {
        return false;
    };
    let (a_after, b_after) = (a.get(1..).unwrap_or(a), b.get(1..).unwrap_or(b));
    let swapped = match (a, b) {
        ([a1, a2, a_rest @ ..], [b1, b2, b_rest @ ..]) if a1 == b2 && a2 == b1 => {
            are_within(left, a_rest, b_rest)
        }
        _ => false,
    };
    swapped
        || are_within(left, a_after, b_after)
        || (!a.is_empty() && are_within(left, a_after, b))
        || (!b.is_empty() && are_within(left, a, b_after))
}

/// The characters as they look: what is easily taken for each other has the same skeleton.
fn skeleton(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (look, after) = match rest {
            [b'r', b'n', after @ ..] => (b'm', after),
            [b'v', b'v', after @ ..] => (b'w', after),
            [b'c', b'l', after @ ..] => (b'd', after),
            [b'0', after @ ..] => (b'o', after),
            [b'1' | b'i', after @ ..] => (b'l', after),
            [b'5', after @ ..] => (b's', after),
            [b'2', after @ ..] => (b'z', after),
            [other, after @ ..] => (*other, after),
            [] => return None,
        };
        rest = after;
        Some(look)
    })
}

/// The rows of the keyboards on which most names are typed: QWERTY, QWERTZ and AZERTY.
const KEYBOARDS: [[&[u8]; 4]; 3] = [
    [b"1234567890", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"],
    [b"1234567890", b"qwertzuiop", b"asdfghjkl", b"yxcvbnm"],
    [b"1234567890", b"azertyuiop", b"qsdfghjklm", b"wxcvbn"],
];

/// Whether two keys lie side by side, or one above the other, on any of the keyboards.
fn are_neighbours(a: u8, b: u8) -> bool {
    KEYBOARDS
        .iter()
        .any(|rows| match (key(rows, a), key(rows, b)) {
            (Some((row_a, at_a)), Some((row_b, at_b))) => match row_a.cmp(&row_b) {
                std::cmp::Ordering::Equal => at_a.abs_diff(at_b) == 1,
                // A row is half a key to the right of the one above it.
                std::cmp::Ordering::Less => {
                    row_b - row_a == 1 && (at_a == at_b || at_a == at_b + 1)
                }
                std::cmp::Ordering::Greater => {
                    row_a - row_b == 1 && (at_b == at_a || at_b == at_a + 1)
                }
            },
            _ => false,
        })
}

fn key(rows: &[&[u8]; 4], key: u8) -> Option<(usize, usize)> {
    rows.iter().enumerate().find_map(|(row, keys)| {
        let at = keys.iter().position(|other| *other == key)?;
        Some((row, at))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{are_neighbours, are_within, skeleton, slip};

    /// The distance of the textbook, a table of all starts against all starts.
    fn distance(a: &[u8], b: &[u8]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let swapped = if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
                    {
                        table[i - 2][j - 2] + 1
                    } else {
                        usize::MAX
                    };
                    replaced
                        .min(table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1)
                        .min(swapped)
                };
            }
        }
        table[a.len()][b.len()]
    }

    fn word() -> impl Strategy<Value = String> {
        "[a-d0-1]{0,9}"
    }

    proptest! {
        #[test]
        fn slips_are_counted_as_in_the_textbook(a in word(), b in word()) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            for slips in 0..4 {
                prop_assert_eq!(are_within(slips, a, b), distance(a, b) <= usize::from(slips));
            }
        }

        #[test]
        fn whoever_is_compared_with_whom(a in word(), b in word()) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(are_within(2, a, b), are_within(2, b, a));
            prop_assert_eq!(slip(a, b).is_some(), slip(b, a).is_some());
            prop_assert!(are_within(0, a, a) && slip(a, a).is_some());
        }

        /// One slip and one slip are two, unless a letter is put between two that were swapped.
        #[test]
        fn slips_add_up(a in "[a-d]{3,9}", at in 0_usize..9, other in 0_usize..9, letter in "[a-d]") {
            let omit = |text: &str, at: usize| { let at = at % text.len(); [&text[..at], &text[at + 1..]].concat() };
            let insert = |text: &str, at: usize| { let at = at % text.len(); [&text[..at], &letter, &text[at..]].concat() };
            let steps = [omit(&a, at), insert(&a, at)];
            for step in &steps {
                prop_assert!(are_within(1, a.as_bytes(), step.as_bytes()));
                for two in [omit(step, other), insert(step, other)] {
                    prop_assert!(are_within(2, a.as_bytes(), two.as_bytes()));
                }
            }
        }

        /// What is one slip for a reader is at most two for a typist: `rn` for `m`.
        #[test]
        fn a_slip_is_never_far(a in "[a-z0-9]{1,12}", b in "[a-z0-9]{1,12}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            if slip(a, b).is_some() && !skeleton(a).eq(skeleton(b)) {
                prop_assert!(are_within(1, a, b));
            }
        }

        #[test]
        fn keys_are_neighbours_of_each_other(a in any::<u8>(), b in any::<u8>()) {
            prop_assert_eq!(are_neighbours(a, b), are_neighbours(b, a));
            prop_assert!(!are_neighbours(a, a));
        }
    }

    #[test]
    fn neighbours_on_any_of_three_keyboards() {
        for (a, b) in [
            (b'q', b'w'),
            (b'a', b'q'),
            (b's', b'z'),
            (b'z', b't'),
            (b'l', b'm'),
            (b'e', b'3'),
        ] {
            assert!(are_neighbours(a, b), "{a} {b}");
        }
        for (a, b) in [(b'q', b'p'), (b'a', b'l'), (b'e', b'n'), (b'-', b'a')] {
            assert!(!are_neighbours(a, b), "{a} {b}");
        }
    }
}
