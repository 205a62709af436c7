//! `rules/`: the page of every rule with its facts, and the table of all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use pinproof_policy::rule::DefaultValue;
use pinproof_policy::{Case, Need, Policy, Preset, RULES, Refusal, Rule, RulePage};

/// The pages, by path.
pub(super) fn files() -> BTreeMap<PathBuf, String> {
    let mut files: BTreeMap<PathBuf, String> = RULES
        .iter()
        .map(|page| (format!("rules/{}.md", page.rule.name).into(), text(page)))
        .collect();
    files.insert("rules/README.md".into(), overview());
    files
}

fn overview() -> String {
    let recommended = Policy::default();
    let rows: Vec<Vec<String>> = RULES
        .iter()
        .map(|page| {
            let rule = page.rule;
            let levels = rule.cases.iter().map(|case| cell(&recommended, rule, case));
            let mut distinct: Vec<String> = Vec::new();
            for level in levels {
                if !distinct.contains(&level) {
                    distinct.push(level);
                }
            }
            vec![
                format!("[{}]({}.md)", rule.name, rule.name),
                rule.summary.to_owned(),
                distinct.join("; "),
                needs(rule),
            ]
        })
        .collect();
    format!(
        "# The rules\n\n{}Levels are those of preset `recommended`. *Refuses*: the subject may not enter a lock, \
         an environment or a gateway. *Not chosen*: it may enter only if it is pinned exactly or asked for by \
         file name. `pinproof explain RULE` prints a page.\n\n{}",
        super::NOTE,
        super::table(&["rule", "says", "level", "asks for"], &rows),
    )
}

/// The page with its facts below the title.
fn text(page: &RulePage) -> String {
    let (title, rest) = page.page.split_once('\n').unwrap_or((page.page, ""));
    format!("{title}\n\n{}{}{rest}", super::NOTE, facts(page.rule))
}

fn facts(rule: &Rule) -> String {
    let presets = Preset::ALL.map(|preset| {
        let mut policy = Policy::default();
        policy.preset = preset;
        policy
    });
    let mut heads = vec!["case"];
    heads.extend(Preset::ALL.map(Preset::name));
    let rows: Vec<Vec<String>> = rule
        .cases
        .iter()
        .map(|case| {
            let cells = presets.iter().map(|policy| cell(policy, rule, case));
            std::iter::once(format!("`{}`", case.name))
                .chain(cells)
                .collect()
        })
        .collect();
    let mut text = format!(
        "Judges {}. Asks for {}.\n\n{}",
        rule.subject(),
        needs(rule),
        super::table(&heads, &rows)
    );
    if !rule.settings.is_empty() {
        let rows: Vec<Vec<String>> = rule
            .settings
            .iter()
            .map(|setting| {
                let default = match setting.default {
                    DefaultValue::Days(days) => format!("`\"{days} days\"`"),
                    DefaultValue::Names => "`[]`".to_owned(),
                    DefaultValue::Severity(severity) => format!("`\"{severity}\"`"),
                };
                vec![
                    format!("`{}`", setting.name),
                    default,
                    setting.help.to_owned(),
                ]
            })
            .collect();
        let _ = write!(
            text,
            "\n{}",
            super::table(&["setting", "default", "meaning"], &rows)
        );
    }
    text
}

fn cell(policy: &Policy, rule: &Rule, case: &Case) -> String {
    let (level, refuses) = policy.in_the_end(rule, case);
    match refuses {
        Refusal::Never => level.to_string(),
        Refusal::AsChoice => format!("{level}, not chosen"),
        Refusal::Always => format!("{level}, refuses"),
    }
}

fn needs(rule: &Rule) -> String {
    let needs = rule.needs.iter().map(|need| match need {
        Need::IndexPage => "the index page",
        Need::Metadata => "the metadata of releases",
        Need::Advisories => "the advisories about the project",
        Need::History => "what a gateway remembers",
    });
    let needs: Vec<&str> = needs.collect();
    if needs.is_empty() {
        "nothing".to_owned()
    } else {
        needs.join(" and ")
    }
}
