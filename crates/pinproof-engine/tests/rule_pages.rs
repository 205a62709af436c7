//! Every example of every rule page runs, and says what the page says.

mod support;

use pinproof_policy::RULES;
use support::example::{examples, said};

#[test]
fn every_example_says_what_its_page_says() {
    let mut failures = Vec::new();
    for page in RULES {
        for example in examples(page.page) {
            let expected = example
                .report
                .as_deref()
                .unwrap_or_else(|| panic!("{}: `{}` has no report", page.rule.name, example.title));
            let report = example.run();
            let said = said(&report, page.rule.name);
            if said != expected {
                failures.push(format!(
                    "{}: `{}`\n--- the page\n{expected}--- the rule\n{said}--- errors {:?}\n",
                    page.rule.name, example.title, report.errors
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_page_has_an_example_with_a_finding_and_one_without() {
    for page in RULES {
        let name = page.rule.name;
        let reports: Vec<_> = examples(page.page)
            .into_iter()
            .filter_map(|example| example.report)
            .collect();
        let has_finding = |level: &str| reports.iter().any(|report| report.starts_with(level));
        assert!(
            has_finding("deny ") || has_finding("warn "),
            "{name}: no finding"
        );
        assert!(
            reports.iter().any(|report| report == "nothing\n"),
            "{name}: no example without"
        );
    }
}
