//! Inline ignores: the comment `# pinproof: ignore[rule, …] reason`, in whatever file it stands.

/// Reads the rules and the reason of a comment, with or without its first `#`.
///
/// It may follow other comments on the line (`# via flask # pinproof: ignore[…] …`). A comment that
/// speaks to pinproof without naming a rule has no rules, and is the policy's to refuse; `None` is a
/// comment that does not speak to pinproof.
pub(crate) fn parse(comment: &str) -> Option<(Vec<String>, String)> {
    let directive = directive(comment)?.trim_start().strip_prefix("ignore")?;
    let directive = directive.trim_start();
    let Some((rules, reason)) = directive
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
    else {
        return Some((Vec::new(), directive.trim_end().to_owned()));
    };
    let rules = rules
        .split(',')
        .map(str::trim)
        .filter(|rule| !rule.is_empty());
    Some((rules.map(str::to_owned).collect(), reason.trim().to_owned()))
}

/// What follows the first `pinproof:` that starts a comment; a reason may have a `#` of its own.
fn directive(comment: &str) -> Option<&str> {
    let starts = std::iter::once(0).chain(comment.match_indices('#').map(|(at, _)| at + 1));
    let mut starts = starts.filter_map(|start| comment.get(start..));
    starts.find_map(|text| text.trim_start().strip_prefix("pinproof:"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_rules_and_reason() {
        let (rules, reason) =
            parse("# pinproof: ignore[yanked-release, weak-hash] see #812").unwrap();
        assert_eq!(rules, ["yanked-release", "weak-hash"]);
        assert_eq!(reason, "see #812");
    }

    #[test]
    fn follows_another_comment() {
        let (rules, reason) = parse("# via flask # pinproof:ignore[a]because").unwrap();
        assert_eq!(
            (rules.as_slice(), reason.as_str()),
            (&["a".to_owned()][..], "because")
        );
    }

    #[test]
    fn an_ignore_without_rules_is_not_lost() {
        assert_eq!(
            parse("# pinproof: ignore all of it"),
            Some((vec![], "all of it".to_owned()))
        );
        assert_eq!(
            parse("# pinproof: ignore[a reason"),
            Some((vec![], "[a reason".to_owned()))
        );
        assert_eq!(parse("# pinproof: ignore[]"), Some((vec![], String::new())));
    }

    #[test]
    fn other_comments_are_none() {
        for other in [
            "",
            "#",
            "# via pinproof",
            "# pinproofs: ignore[a]",
            "# pinproof: keep",
            "pinproof",
        ] {
            assert_eq!(parse(other), None, "{other:?}");
        }
    }
}
