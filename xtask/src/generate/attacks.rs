//! `attacks.md`: the attacks that pages and guide call A1 to A13, and the rules that speak of each.

use pinproof_policy::RULES;

/// The attacks: what is called so, and what happens.
const ATTACKS: &[(&str, &str, &str)] = &[
    (
        "A1",
        "man in the middle",
        "Somebody between you and the index swaps the file.",
    ),
    (
        "A2",
        "typosquatting",
        "A name is mistyped, and somebody has registered the look-alike.",
    ),
    (
        "A3",
        "dependency confusion",
        "A public project takes the name of an internal one, with a higher version.",
    ),
    (
        "A4",
        "drift",
        "Nothing is pinned, so the next install is other code, good or bad.",
    ),
    (
        "A5",
        "a file changes",
        "Same name and version, other bytes than when it was published.",
    ),
    (
        "A6",
        "a taken-over project",
        "A maintainer, a repository or a build system is compromised: the release comes as intended, and is bad.",
    ),
    (
        "A7",
        "a leaked password or token",
        "Somebody else publishes in the name of the authors.",
    ),
    (
        "A8",
        "code that runs at install time",
        "A build script is executed before anything is imported.",
    ),
    (
        "A9",
        "honest bugs",
        "A vulnerability that is known, or will be.",
    ),
    (
        "A10",
        "the updater",
        "The bot that changes pins and hashes is part of the chain.",
    ),
    (
        "A11",
        "mass uploads",
        "Thousands of new malicious names in a night.",
    ),
    (
        "A12",
        "what vanishes",
        "A release is withdrawn, deleted, revived or held back.",
    ),
    (
        "A13",
        "misconfiguration",
        "The protection is there, and a setting turns it off.",
    ),
];

/// The table of attacks.
pub(super) fn text() -> String {
    let rows: Vec<Vec<String>> = ATTACKS
        .iter()
        .map(|(id, name, what)| {
            vec![
                (*id).to_owned(),
                (*name).to_owned(),
                (*what).to_owned(),
                rules(id),
            ]
        })
        .collect();
    format!(
        "# The attacks\n\n{}How the supply chain of a Python project is attacked. Rule pages and guide use these \
         numbers. Where no rule is named, pinproof has no answer yet.\n\n{}",
        super::NOTE,
        super::table(&["", "attack", "what happens", "rules"], &rows),
    )
}

/// Links to the rules whose pages name the attack.
fn rules(id: &str) -> String {
    let naming = RULES.iter().filter(|page| {
        let mut words = page.page.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word == id)
    });
    let links: Vec<String> = naming
        .map(|page| format!("[{0}](rules/{0}.md)", page.rule.name))
        .collect();
    links.join(", ")
}

#[cfg(test)]
mod tests {
    use pinproof_policy::RULES;

    use super::ATTACKS;

    #[test]
    fn every_attack_that_a_page_names_is_in_the_table() {
        for page in RULES {
            let words = page.page.split(|c: char| !c.is_ascii_alphanumeric());
            let named = words.filter(|word| {
                let number = word.strip_prefix('A').unwrap_or("");
                !number.is_empty() && number.len() < 3 && number.bytes().all(|b| b.is_ascii_digit())
            });
            for word in named {
                let is_known = ATTACKS.iter().any(|(id, _, _)| *id == word);
                assert!(is_known, "{}: {word}", page.rule.name);
            }
        }
    }
}
