//! `--fix` for requirements without a hash: adds `--hash` options in the style of pip-compile.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pinproof_core::manifest::{Manifest, Origin, Requirement};
use pinproof_core::{Hash, Span};

use super::lines::{first_line, line_start};
use crate::edit::Edit;

/// The edits that add `hashes` to requirements, by their index in the manifest of `text`.
///
/// A hash that is there already is not added again. A requirement that cannot carry a hash (editable,
/// a repository, a folder), or whose line holds something that is not understood, is left as it is.
pub fn add_hashes(
    manifest: &Manifest,
    text: &str,
    hashes: &BTreeMap<usize, Vec<Hash>>,
) -> Vec<Edit> {
    let mut troubled: Vec<Span> = manifest
        .not_understood
        .iter()
        .map(|entry| entry.span)
        .collect();
    troubled.sort_unstable();
    hashes
        .iter()
        .filter_map(|(index, hashes)| {
            let requirement = manifest.requirements.get(*index)?;
            let takes_hashes = can_carry_hash(requirement) && !has_any(&troubled, requirement.span);
            takes_hashes.then(|| edit(requirement, text, hashes))?
        })
        .collect()
}

fn can_carry_hash(requirement: &Requirement) -> bool {
    !requirement.editable && !matches!(requirement.origin, Origin::Vcs { .. })
}

/// Whether one of the sorted spans starts within `place`.
fn has_any(sorted: &[Span], place: Span) -> bool {
    let first = sorted.partition_point(|span| span.start < place.start);
    sorted.get(first).is_some_and(|span| span.start < place.end)
}

/// The hashes go behind the last option: a comment that follows stays last, where it hides nothing.
fn edit(requirement: &Requirement, text: &str, hashes: &[Hash]) -> Option<Edit> {
    // pip strips backslashes from the start of a line, too, once the line ends in one.
    let line_start = line_start(text, requirement.span.end);
    if text
        .get(line_start..)
        .is_some_and(|line| line.starts_with('\\'))
    {
        return None;
    }
    let present = |hash: &Hash| {
        requirement
            .hashes
            .iter()
            .any(|written| written.hash == *hash)
    };
    let line_end = line_end(text, requirement.span.end);
    let mut added: Vec<&Hash> = hashes.iter().filter(|hash| !present(hash)).collect();
    added.sort_unstable();
    added.dedup();
    let mut lines = String::new();
    for hash in added {
        let _ = write!(lines, " \\{line_end}    --hash={hash}");
    }
    (!lines.is_empty()).then(|| Edit::insert(requirement.span.end, lines))
}

/// How lines end where the requirement stands, or else at the top of the file.
fn line_end(text: &str, at: usize) -> &'static str {
    let after = |text: &str| {
        let end = first_line(text).len();
        let rest = text.get(end..).unwrap_or("");
        ["\r\n", "\n", "\r"]
            .into_iter()
            .find(|line_end| rest.starts_with(line_end))
    };
    text.get(at..)
        .and_then(after)
        .or_else(|| after(text))
        .unwrap_or("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use pinproof_core::Hash;
    use proptest::prelude::*;

    use super::add_hashes;
    use crate::edit::apply;
    use crate::requirements_txt::parse;

    fn hash(digit: char) -> Hash {
        format!("sha256:{}", digit.to_string().repeat(64))
            .parse()
            .unwrap()
    }

    fn fixed(text: &str, which: &[(usize, &[Hash])]) -> String {
        let manifest = parse(text, &|_| None);
        let hashes: BTreeMap<_, _> = which
            .iter()
            .map(|(index, hashes)| (*index, hashes.to_vec()))
            .collect();
        apply(text, &add_hashes(&manifest, text, &hashes)).unwrap()
    }

    /// `H0` stands for `--hash=sha256:000…`.
    fn short(text: &str) -> String {
        let digits = "0123456789abcdef";
        digits.chars().fold(text.to_owned(), |text, digit| {
            text.replace(&format!("--hash={}", hash(digit)), &format!("H{digit}"))
        })
    }

    fn long(text: &str) -> String {
        text.replace("H0", &format!("--hash={}", hash('0')))
            .replace("H1", &format!("--hash={}", hash('1')))
    }

    #[test]
    fn adds_in_the_style_of_pip_compile() {
        let cases = [
            ("a==1\nb==2\n", "a==1 \\\n    H0 \\\n    H1\nb==2\n"),
            ("a==1", "a==1 \\\n    H0 \\\n    H1"),
            ("a==1\r\nb", "a==1 \\\r\n    H0 \\\r\n    H1\r\nb"),
            ("b\r\na==1", "b \\\r\n    H0 \\\r\n    H1\r\na==1"),
            (
                "a==1 ; os_name == 'nt'  # why\n",
                "a==1 ; os_name == 'nt' \\\n    H0 \\\n    H1  # why\n",
            ),
            (
                "a==1 \\\n    H0\n    # via b\n",
                "a==1 \\\n    H0 \\\n    H1\n    # via b\n",
            ),
            (
                "a==1 \\\n  # via b\n",
                "a==1 \\\n    H0 \\\n    H1 \\\n  # via b\n",
            ),
            ("a==1 # x \\\ny\n", "a==1 \\\n    H0 \\\n    H1 # x \\\ny\n"),
            (
                "a==1 --config-settings 'x=y z'",
                "a==1 --config-settings 'x=y z' \\\n    H0 \\\n    H1",
            ),
            ("a H0 H1", "a H0 H1"),
        ];
        for (before, after) in cases {
            let result = fixed(&long(before), &[(0, &[hash('1'), hash('0'), hash('1')])]);
            assert_eq!(short(&result), after, "{before:?}");
        }
    }

    #[test]
    fn leaves_alone_what_cannot_carry_a_hash() {
        for text in [
            "-e ./a",
            "a @ git+https://h/r@v1",
            "a==1 --pre",
            "a==1 -- x",
            "a==1 --hash=sha256:0",
        ] {
            assert_eq!(fixed(text, &[(0, &[hash('0')]), (7, &[hash('1')])]), text);
        }
    }

    fn line() -> impl Strategy<Value = String> {
        let parts = [
            "a==1",
            "b",
            "c[d]>=2 ; os_name=='nt'",
            "./e.whl",
            "f @ https://h/f.zip",
            "-r x",
            "--pre",
            "-e .",
            "\\",
            "#",
            "# via z",
            " ",
            "H0",
            "--hash",
            "\u{2028}",
            "=",
            "é",
            "--",
            "'",
            "-C k=v",
            "\\\n",
            "\n",
            "\r\n",
        ];
        prop::collection::vec(prop::sample::select(parts.to_vec()), 0..12)
            .prop_map(|parts| long(&parts.join(" ")))
    }

    proptest! {
        #[test]
        fn nothing_else_changes(lines in prop::collection::vec(line(), 0..6), newline in "\n|\r\n") {
            let text = lines.join(&newline);
            let before = parse(&text, &|_| None);
            let every: BTreeMap<_, _> = (0..before.requirements.len()).map(|index| (index, vec![hash('7')])).collect();
            let edits = add_hashes(&before, &text, &every);
            let edited = apply(&text, &edits).unwrap();
            let after = parse(&edited, &|_| None);
            prop_assert_eq!(before.requirements.len(), after.requirements.len());
            prop_assert_eq!(before.not_understood.len(), after.not_understood.len());
            prop_assert_eq!(before.options.len(), after.options.len());
            let mut added = 0;
            for (old, new) in before.requirements.iter().zip(&after.requirements) {
                let hashes = |r: &pinproof_core::manifest::Requirement| r.hashes.iter().map(|w| w.hash.clone()).collect::<Vec<_>>();
                let is_edited = edits.iter().any(|edit| edit.span.start == old.span.end);
                let expected = [hashes(old), if is_edited { vec![hash('7')] } else { vec![] }].concat();
                added += usize::from(is_edited);
                prop_assert_eq!(hashes(new), expected);
                prop_assert_eq!(&old.name, &new.name);
                prop_assert_eq!(&old.via, &new.via);
                prop_assert_eq!(format!("{:?}", old.origin), format!("{:?}", new.origin));
                prop_assert_eq!(format!("{:?}", old.marker), format!("{:?}", new.marker));
            }
            prop_assert_eq!(added, edits.len());
        }
    }
}
