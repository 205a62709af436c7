//! `attacks.md`: the attacks that pages and guide call A1 to A13, the rules that speak of each, and the tests that
//! carry it out.

use std::fmt::Write as _;

use pinproof_policy::RULES;

use crate::{Trouble, workspace};

/// The attack lab.
const LAB: &str = "crates/pinproof/tests/attacks";
/// What is found of a gateway that is gone around.
const CLIENTS: &str = "crates/pinproof/tests/clients";

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
pub(super) fn text() -> Result<String, Trouble> {
    let tests = tests()?;
    let rows: Vec<Vec<String>> = ATTACKS
        .iter()
        .map(|(id, name, what)| {
            vec![
                (*id).to_owned(),
                (*name).to_owned(),
                (*what).to_owned(),
                rules(id),
                links(&tests, id, "../../"),
            ]
        })
        .collect();
    let columns = ["", "attack", "what happens", "rules", "carried out by"];
    let mut text = format!(
        "# The attacks\n\n{}How the supply chain of a Python project is attacked. Rule pages and guide use these \
         numbers. Where no rule is named, pinproof has no answer yet. The attack lab carries out what an index can \
         show: pip and uv fall for it first, and then they do not.\n\n{}",
        super::NOTE,
        super::table(&columns, &rows),
    );
    let _ = write!(
        text,
        "\nThree of them as they happen, in less than a minute once it is built:\n\n\
         ```console\n$ {SHOW}\n```\n"
    );
    Ok(text)
}

/// The table in the README: the attacks that are carried out, each with its tests.
pub(super) fn table() -> Result<String, Trouble> {
    let tests = tests()?;
    let rows = ATTACKS.iter().map(|(id, name, what)| {
        let links = links(&tests, id, "");
        vec![
            (*id).to_owned(),
            (*name).to_owned(),
            (*what).to_owned(),
            links,
        ]
    });
    let carried_out = |row: &Vec<String>| row.last().is_some_and(|links| !links.is_empty());
    let rows: Vec<Vec<String>> = rows.filter(carried_out).collect();
    let columns = ["", "attack", "what happens", "carried out by"];
    Ok(super::table(&columns, &rows))
}

/// Shows three attacks.
const SHOW: &str = "cargo test -p pinproof --test attacks three -- --nocapture --test-threads 1";

/// A test of the attack lab: the numbers of the attacks that it carries out, and its file.
struct Test {
    ids: Vec<String>,
    folder: &'static str,
    file: String,
}

/// The tests of the lab, by what their first lines say.
fn tests() -> Result<Vec<Test>, Trouble> {
    let mut tests = Vec::new();
    for folder in [LAB, CLIENTS] {
        tests.extend(tests_in(folder)?);
    }
    Ok(tests)
}

fn tests_in(folder: &'static str) -> Result<Vec<Test>, Trouble> {
    let files = workspace::files(&workspace::root().join(folder), "rs")?;
    let mut tests = Vec::new();
    for path in files {
        let text = workspace::read(&path)?;
        let first = text.lines().next().unwrap_or("");
        let named = first.split_once(',').map_or("", |(named, _)| named);
        let ids: Vec<String> = named.split(' ').filter_map(number).collect();
        if !ids.is_empty() {
            let file = path.file_stem().unwrap_or_default().to_string_lossy();
            let file = file.into_owned();
            tests.push(Test { ids, folder, file });
        }
    }
    Ok(tests)
}

/// A word that is the number of an attack.
fn number(word: &str) -> Option<String> {
    let number = word.strip_prefix('A')?;
    let is_one = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then(|| word.to_owned())
}

/// Links to the tests that carry out an attack.
fn links(tests: &[Test], id: &str, up: &str) -> String {
    let of_it = tests
        .iter()
        .filter(|test| test.ids.iter().any(|own| own == id));
    let links: Vec<String> = of_it
        .map(|test| {
            format!(
                "[{}]({up}{}/{}.rs)",
                test.file.replace('_', " "),
                test.folder,
                test.file
            )
        })
        .collect();
    links.join(", ")
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

    use super::{ATTACKS, tests};

    #[test]
    fn every_attack_that_the_lab_carries_out_is_in_the_table() {
        let tests = tests().expect("the lab is there");
        assert!(tests.len() > 8, "only {} tests found", tests.len());
        for id in tests.iter().flat_map(|test| &test.ids) {
            let is_known = ATTACKS.iter().any(|(known, _, _)| known == id);
            assert!(is_known, "{id}");
        }
    }

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
