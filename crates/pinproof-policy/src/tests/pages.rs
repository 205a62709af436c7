//! Every page has what its reader looks for; the engine's tests run its examples.

use crate::rules::ALL;

const SECTIONS: [&str; 4] = [
    "## Why it matters",
    "## What to do",
    "## What it does without an answer",
    "## Examples",
];

#[test]
fn every_page_has_its_sections_in_order() {
    for page in ALL {
        let places: Vec<_> = SECTIONS
            .iter()
            .map(|section| page.page.find(&format!("\n{section}\n")))
            .collect();
        let name = page.rule.name;
        assert!(places.iter().all(Option::is_some), "{name}: {places:?}");
        assert!(places.is_sorted(), "{name}: {places:?}");
        for setting in page.rule.settings {
            assert!(
                page.page.contains(&format!("\n- `{}`: ", setting.name)),
                "{name}: {}",
                setting.name
            );
        }
        let openness = ["**Unsupported**", "**Unavailable**"];
        let is_stated = openness.iter().all(|word| page.page.contains(word));
        assert!(page.rule.needs.is_empty() || is_stated, "{name}");
    }
}

#[test]
fn every_page_shows_the_rule_speaking_and_silent() {
    for page in ALL {
        let name = page.rule.name;
        let examples: Vec<_> = page.page.split("\n### ").skip(1).collect();
        let reports: Vec<_> = examples.iter().map(|example| report_of(example)).collect();
        assert!(
            reports.iter().all(Option::is_some),
            "{name}: an example without a report"
        );
        let lines: Vec<_> = reports.into_iter().flatten().flat_map(str::lines).collect();
        let found = lines
            .iter()
            .any(|line| line.starts_with("deny ") || line.starts_with("warn "));
        assert!(found && lines.contains(&"nothing"), "{name}");
        for line in lines {
            assert!(
                line == "nothing" || line.split(' ').nth(1) == Some(name),
                "{name}: {line}"
            );
        }
        for openness in ["unavailable", "unsupported"] {
            let line = format!("unanswered {name} {openness}");
            let is_shown = page.page.contains(&line);
            let outside = [crate::Need::IndexPage, crate::Need::Advisories];
            let is_needed = outside.iter().any(|need| page.rule.needs.contains(need));
            assert!(is_shown || !is_needed, "{name}: no example is {openness}");
        }
    }
}

/// The one report block of an example.
fn report_of(example: &str) -> Option<&str> {
    let (_, rest) = example.split_once("```text report\n")?;
    let (report, after) = rest.split_once("\n```")?;
    (!after.contains("```text report")).then_some(report)
}
