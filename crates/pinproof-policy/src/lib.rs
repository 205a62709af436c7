//! Rules, levels and ignores: evidence in, [`Verdict`](pinproof_core::Verdict) out.
//!
//! One function decides: [`decide`]. The command line and the gateway both call it, and neither has a
//! rule of its own. Rules are pure; they say which evidence they need ([`Rule::needs`]) and the engine
//! gathers it. What could not be found out is a [`Question`](pinproof_core::Question), never silence.

mod advisories;
pub mod advisory_source;
pub mod allow_list;
mod alternatives;
mod clock;
pub mod config;
mod decide;
pub mod digest;
pub mod evidence;
pub mod ignore;
mod joined;
mod lane;
pub mod lock_status;
pub mod lookalike;
mod modules;
mod once;
mod outcome;
pub mod policy;
mod project_status;
mod reach;
pub mod rule;
mod rules;
pub mod staleness;
pub mod subject;
#[cfg(test)]
mod tests;
pub mod tool;
pub mod tree;
mod wording;

pub use advisory_source::{AdvisoryLocation, AdvisorySource};
pub use allow_list::{AllowList, Listed, ListedLock};
pub use alternatives::general_cooldown;
pub use decide::{Judge, decide, decide_files, needs, refuses_address, refuses_project};
pub use evidence::Evidence;
pub use lock_status::LockStatus;
pub use policy::{Policy, Preset};
pub use reach::modules_to_look_for;
pub use rule::{Case, Need, Refusal, Rule, Setting, SettingValue};
pub use rules::{ALL as RULES, RulePage, find as find_rule};
pub use subject::Subject;
