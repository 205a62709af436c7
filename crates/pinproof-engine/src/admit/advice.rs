//! What somebody can do about a refusal, and where the policy says it.

use pinproof_core::{Admission, Printable, ProjectName, Verdict};
use pinproof_policy::{Policy, SettingValue, find_rule};

use super::Gate;
use crate::lock::Because;

/// No exception brings bytes back that nobody has.
const CHANGED: &str = "changed-file";

/// The rule's own advice, and the exception that would let the file in.
pub(super) fn of(
    because: Option<&Because>,
    verdict: &Verdict,
    project: &ProjectName,
) -> Vec<Printable> {
    let Some(because) = because else {
        return Vec::new();
    };
    if verdict.admission == Admission::Undecided {
        return vec![Printable::new("try again in a little while")];
    }
    let refusing = verdict
        .findings
        .iter()
        .filter(|finding| finding.refuses && finding.rule == because.rule);
    let mut advice: Vec<Printable> = refusing.flat_map(|finding| finding.help.clone()).collect();
    if because.rule == CHANGED {
        return advice;
    }
    advice.push(Printable::from(format!(
        "whoever answers for the policy lets it in with an `[[ignore]]` of rule `{}`, `match = \"{project}\"`, a reason and an end",
        because.rule
    )));
    advice
}

impl Gate {
    /// What the policy says of a rule: whose word it is, and the rule's own settings.
    pub fn policy_line(&self, rule: &str) -> Printable {
        let policy = &self.settings.config.policy;
        let whose = if policy.rules.contains_key(rule) {
            "as the configuration has it".to_owned()
        } else {
            format!("as preset `{}` has it", policy.preset.name())
        };
        let settings = settings_of(policy, rule);
        Printable::from(format!("`[rules.{rule}]`, {whose}{settings}"))
    }
}

fn settings_of(policy: &Policy, rule: &str) -> String {
    let Some(rule) = find_rule(rule) else {
        return String::new();
    };
    let said = rule.settings.iter().filter_map(|setting| {
        let value = match policy.setting(rule, setting.name)? {
            SettingValue::Hours(hours) if hours % 24 == 0 => format!("\"{} days\"", hours / 24),
            SettingValue::Hours(hours) => format!("\"{hours} hours\""),
            SettingValue::Names(names) if names.is_empty() => return None,
            SettingValue::Names(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
                format!("[{}]", names.join(", "))
            }
            SettingValue::Severity(severity) => format!("{severity:?}").to_lowercase(),
        };
        Some(format!("{} = {value}", setting.name))
    });
    let said: Vec<_> = said.collect();
    if said.is_empty() {
        return String::new();
    }
    format!(": {}", said.join(", "))
}
