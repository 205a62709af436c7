//! The effective policy: presets, levels, refusals, ignores, indexes.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pinproof_core::evidence::Openness;
use pinproof_core::{IndexUrl, Level, NamePattern, Place, Printable, ProjectName};
use serde::Serialize;

use crate::advisory_source::AdvisorySource;
use crate::allow_list::AllowList;
use crate::ignore::Ignore;
use crate::rule::{Case, DefaultValue, Refusal, Rule, SettingValue};
use crate::rules::ALL;

/// What is allowed, shown and denied. The command line and the gateway read the same.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The starting point for every rule.
    pub preset: Preset,
    /// What the configuration says of single rules, by name.
    pub rules: BTreeMap<&'static str, RuleConfig>,
    /// Exceptions.
    pub ignores: Vec<Ignore>,
    /// Which index answers for which names.
    pub indexes: Vec<IndexPolicy>,
    /// Sources of advisories, as configured; [`Policy::advisory_sources`] are those that are asked.
    pub advisories: Vec<AdvisorySource>,
    /// The lock files that name everything that may enter; without it, anything may that no rule refuses.
    pub allow_list: Option<AllowList>,
    /// What was uploaded later is not there.
    pub freeze: Option<Timestamp>,
    /// Who can lift a refusal.
    pub contact: Option<Printable>,
    /// The digest and the rules that are asked, computed once: a policy does not change after its first verdict.
    pub(crate) digest: OnceLock<Arc<str>>,
    pub(crate) asked: OnceLock<Vec<&'static Rule>>,
}

/// A named starting point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// The levels of the rule pages.
    #[default]
    Recommended,
    /// Denies what `recommended` warns about, and refuses all it denies.
    Strict,
    /// Warns everywhere and refuses nothing.
    Observe,
}

/// What the configuration says of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleConfig {
    /// The level of every case of the rule.
    pub level: Option<Level>,
    /// The first day (UTC) on which every case of the rule denies; until then it warns.
    pub deny_from: Option<Date>,
    /// Whether every case refuses.
    pub refuse: Option<bool>,
    /// The rule's own settings.
    pub settings: BTreeMap<String, SettingValue>,
}

/// An index of the policy. Its address is a setting of the machine and takes no part in the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPolicy {
    /// Its name in findings and evidence.
    pub name: String,
    /// The names that only this index may answer.
    pub only: Vec<NamePattern>,
    /// Whether it answers for every name that no other index is bound to.
    pub default: bool,
    /// Its address, if this machine has one for it.
    pub url: Option<IndexUrl>,
    /// Where the address stands.
    pub url_place: Option<Place>,
}

impl Policy {
    /// The level of a case, and whether it refuses, at a time.
    ///
    /// A level that is set for a rule counts for each of its cases.
    pub fn effective(&self, rule: &Rule, case: &Case, now: Timestamp) -> (Level, Refusal) {
        let (level, refuses) = self.in_the_end(rule, case);
        if level == Level::Deny && self.announced(rule, now).is_some() {
            return (Level::Warn, self.refusal(rule, case, Level::Warn));
        }
        (level, refuses)
    }

    /// The level of a case, and whether it refuses, once every announced day has come.
    pub fn in_the_end(&self, rule: &Rule, case: &Case) -> (Level, Refusal) {
        let config = self.rules.get(rule.name);
        let announced = config.and_then(|config| config.deny_from);
        let level = match announced {
            Some(_) => Level::Deny,
            None => config
                .and_then(|config| config.level)
                .unwrap_or_else(|| self.preset.level(rule, case)),
        };
        (level, self.refusal(rule, case, level))
    }

    fn refusal(&self, rule: &Rule, case: &Case, level: Level) -> Refusal {
        let config = self.rules.get(rule.name);
        match config.and_then(|config| config.refuse) {
            _ if level == Level::Allow => Refusal::Never,
            Some(true) => Refusal::Always,
            Some(false) => Refusal::Never,
            None => self.preset.refusal(rule, case, level),
        }
    }

    /// When the rule starts to deny, if the configuration names a day.
    fn denies_from(&self, rule: &Rule) -> Option<Timestamp> {
        let day = self.rules.get(rule.name)?.deny_from?;
        let midnight = day.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    }

    /// The first announced day to come among rules that have something to say.
    pub fn next_day<'a>(
        &self,
        rules: impl Iterator<Item = &'a str>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let known = rules.filter_map(crate::find_rule);
        let days = known.filter_map(|rule| self.denies_from(rule));
        days.filter(|start| now < *start).min()
    }

    /// The day on which the rule starts to deny, if it is still to come.
    pub fn announced(&self, rule: &Rule, now: Timestamp) -> Option<Date> {
        let is_to_come = self.denies_from(rule).is_some_and(|start| now < start);
        self.rules.get(rule.name)?.deny_from.filter(|_| is_to_come)
    }

    /// The strongest level that the rule can have, now or on an announced day.
    pub fn level(&self, rule: &Rule) -> Level {
        let levels = rule.cases.iter().map(|case| self.in_the_end(rule, case).0);
        levels.max().unwrap_or(Level::Allow)
    }

    /// The rules that are asked: the ones that it does not allow.
    pub fn asked(&self) -> impl Iterator<Item = &'static Rule> {
        self.asked_rules().iter().copied()
    }

    /// The same, as they are kept.
    pub(crate) fn asked_rules(&self) -> &[&'static Rule] {
        self.asked.get_or_init(|| {
            let rules = ALL.iter().map(|page| page.rule);
            rules
                .filter(|rule| self.level(rule) != Level::Allow)
                .collect()
        })
    }

    /// Whether any case of the rule refuses, at a time.
    pub fn refuses(&self, rule: &Rule, now: Timestamp) -> bool {
        rule.cases
            .iter()
            .any(|case| self.effective(rule, case, now).1 != Refusal::Never)
    }

    /// The level of a question that stayed open, at a time: the rule's own; what a source never publishes is at
    /// most a warning, but a denial in preset `strict`.
    pub fn question_level(&self, rule: &Rule, openness: Openness, now: Timestamp) -> Level {
        let cases = rule.cases.iter();
        let levels = cases.map(|case| self.effective(rule, case, now).0);
        let level = levels.max().unwrap_or(Level::Allow);
        match (openness, self.preset) {
            (Openness::Unsupported, Preset::Recommended | Preset::Observe) => {
                level.min(Level::Warn)
            }
            _ => level,
        }
    }

    /// The value of one of a rule's own settings.
    pub fn setting(&self, rule: &Rule, name: &str) -> Option<SettingValue> {
        let configured = self
            .rules
            .get(rule.name)
            .and_then(|config| config.settings.get(name));
        if let Some(value) = configured {
            return Some(value.clone());
        }
        let setting = rule.settings.iter().find(|setting| setting.name == name)?;
        Some(match setting.default {
            DefaultValue::Days(days) => SettingValue::Hours(days * 24),
            DefaultValue::Names => SettingValue::Names(Vec::new()),
            DefaultValue::Severity(severity) => SettingValue::Severity(severity),
        })
    }

    /// Sets the level of a rule: what the command line says beats the configuration.
    pub fn set_level(&mut self, rule: &Rule, level: Level) {
        let config = self.rules.entry(rule.name).or_default();
        config.level = Some(level);
        config.deny_from = None;
        self.digest = OnceLock::new();
        self.asked = OnceLock::new();
    }

    /// The sha256 of the effective policy in canonical JSON, presets expanded, machine settings left out.
    pub fn digest(&self) -> &str {
        self.digest
            .get_or_init(|| crate::digest::of_policy(self).into())
    }

    /// The same, for the many verdicts that have it.
    pub(crate) fn shared_digest(&self) -> Arc<str> {
        self.digest();
        self.digest.get().map(Arc::clone).unwrap_or_default()
    }

    /// The index that `project` is bound to by name or prefix; the longest pattern wins.
    pub fn bound_index(&self, project: &ProjectName) -> Option<&IndexPolicy> {
        let bound = self.indexes.iter().flat_map(|index| {
            index
                .only
                .iter()
                .filter(|pattern| pattern.matches(project))
                .map(move |pattern| (pattern_length(pattern), index))
        });
        bound
            .max_by_key(|(length, _)| *length)
            .map(|(_, index)| index)
    }

    /// The index that answers for every name that is not bound.
    pub fn default_index(&self) -> Option<&IndexPolicy> {
        self.indexes.iter().find(|index| index.default)
    }
}

fn pattern_length(pattern: &NamePattern) -> usize {
    match pattern {
        NamePattern::Exact(name) => usize::MAX - 255 + name.as_str().len().min(255),
        NamePattern::Prefix(prefix) => prefix.len(),
        NamePattern::All => 0,
    }
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::Recommended, Self::Strict, Self::Observe];

    /// Its name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recommended => "recommended",
            Self::Strict => "strict",
            Self::Observe => "observe",
        }
    }

    fn level(self, rule: &Rule, case: &Case) -> Level {
        match self {
            Self::Strict if case.level == Level::Warn && !rule.is_about_the_tool() => Level::Deny,
            Self::Recommended | Self::Strict => case.level,
            Self::Observe => case.level.min(Level::Warn),
        }
    }

    fn refusal(self, rule: &Rule, case: &Case, level: Level) -> Refusal {
        match self {
            // What is withdrawn may still be installed by whoever pinned it, also under `strict`.
            Self::Strict if case.refuses == Refusal::AsChoice => Refusal::AsChoice,
            Self::Strict if level == Level::Deny && !rule.is_about_the_tool() => Refusal::Always,
            Self::Recommended | Self::Strict => case.refuses,
            Self::Observe => Refusal::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use pinproof_core::evidence::Openness;
    use pinproof_core::{Level, NamePattern};

    use super::{IndexPolicy, Policy, Preset, RuleConfig};
    use crate::rule::Refusal;
    use crate::{RULES, Rule};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn rule(name: &str) -> &'static Rule {
        crate::find_rule(name).unwrap()
    }

    fn main_case(policy: &Policy, name: &str) -> (Level, Refusal) {
        policy.effective(rule(name), &rule(name).cases[0], NOW)
    }

    #[test]
    fn strict_denies_and_refuses_warnings_but_not_those_of_the_tool() {
        let strict = Policy {
            preset: Preset::Strict,
            ..Policy::default()
        };
        assert_eq!(
            main_case(&strict, "recent-release"),
            (Level::Deny, Refusal::Always)
        );
        assert_eq!(main_case(&strict, "unused-ignore").0, Level::Warn);
        assert_eq!(main_case(&strict, "yanked-release").1, Refusal::AsChoice);
    }

    #[test]
    fn observe_warns_everywhere_and_refuses_nothing() {
        let observe = Policy {
            preset: Preset::Observe,
            ..Policy::default()
        };
        for page in RULES {
            for case in page.rule.cases {
                let (level, refuses) = observe.effective(page.rule, case, NOW);
                assert!(level <= Level::Warn, "{}", page.rule.name);
                assert_eq!(refuses, Refusal::Never, "{}", page.rule.name);
            }
        }
    }

    #[test]
    fn an_allowed_rule_refuses_nothing() {
        let mut policy = Policy::default();
        let config = RuleConfig {
            level: Some(Level::Allow),
            ..RuleConfig::default()
        };
        policy.rules.insert("mixed-indexes", config);
        assert_eq!(
            main_case(&policy, "mixed-indexes"),
            (Level::Allow, Refusal::Never)
        );
    }

    #[test]
    fn what_a_source_never_publishes_is_a_warning_and_a_denial_in_strict() {
        let quarantined = rule("quarantined-project");
        let mut policy = Policy::default();
        let level =
            |policy: &Policy| policy.question_level(quarantined, Openness::Unsupported, NOW);
        assert_eq!(level(&policy), Level::Warn);
        policy.preset = Preset::Strict;
        assert_eq!(level(&policy), Level::Deny);
    }

    #[test]
    fn the_longest_pattern_binds_a_name() {
        let index = |name: &str, only: &str| IndexPolicy {
            name: name.to_owned(),
            only: vec![only.parse::<NamePattern>().unwrap()],
            default: false,
            url: None,
            url_place: None,
        };
        let policy = Policy {
            indexes: vec![
                index("corp", "acme-*"),
                index("lab", "acme-lab-*"),
                index("one", "acme-lab-x"),
            ],
            ..Policy::default()
        };
        let bound = |name: &str| {
            let name = name.parse().unwrap();
            policy.bound_index(&name).map(|index| index.name.clone())
        };
        assert_eq!(bound("acme-web").as_deref(), Some("corp"));
        assert_eq!(bound("acme-lab-y").as_deref(), Some("lab"));
        assert_eq!(bound("acme-lab-x").as_deref(), Some("one"));
        assert_eq!(bound("flask"), None);
    }
}
