//! From when on a file has a certain age: by the word of its index, or by the eyes of whoever watched.
//!
//! An upload time is a claim of the index. Where somebody remembers when a file was seen first, and the claims of
//! the index are not trusted, the clock starts no earlier than that, less a grace: nobody looks every minute.

use jiff::{SignedDuration, Timestamp};
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::project_facts::ReleaseSummary;
use pinproof_core::{FileFacts, ProjectFacts, ProjectHistory, ReleaseFacts};

use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::rule::SettingValue;

/// Since when a file is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Since the time that its index gives.
    Uploaded(Timestamp),
    /// Not before it was seen first: the time that counts, and that of the first sight.
    FirstSeen(Timestamp, Timestamp),
    /// It was on the first page that was ever seen, without a time: since then at least.
    Before(Timestamp, Source),
    /// Its index gives times, and none for this file.
    Unknown,
    /// Its index gives no times.
    Unsupported(Source),
    /// There is no answer.
    Unavailable(Unavailable),
}

impl Clock {
    /// The clock of a file.
    pub(crate) fn of(file: &FileFacts, page: &ProjectFacts, out: &Outcome<'_>) -> Self {
        let claimed = page.uploaded_at(file);
        match out.evidence.history(page) {
            Some(history) if !history.trusts_upload_times => {
                by_sight(file, claimed, history, grace(out.policy))
            }
            _ => match claimed {
                Answer::Known(time) => Self::Uploaded(time),
                Answer::Absent => Self::Unknown,
                Answer::Unsupported(source) => Self::Unsupported(source),
                Answer::Unavailable(reason) => Self::Unavailable(reason),
            },
        }
    }

    /// The clock of the first file of a release; one that cannot be read is that of all of it.
    pub(crate) fn of_release(
        release: &ReleaseFacts,
        page: &ProjectFacts,
        out: &Outcome<'_>,
    ) -> Self {
        let mut first: Option<Self> = None;
        for file in &release.files {
            let clock = Self::of(file, page, out);
            if clock.start().is_none() {
                return clock;
            }
            if first
                .as_ref()
                .is_none_or(|first| clock.start() < first.start())
            {
                first = Some(clock);
            }
        }
        first.unwrap_or(Self::Unknown)
    }

    /// The clock of a release that may be known by no more than its summary.
    pub(crate) fn of_summary(
        release: &ReleaseSummary,
        page: &ProjectFacts,
        out: &Outcome<'_>,
    ) -> Self {
        match page.files.get(&release.version) {
            Some(known) if !known.files.is_empty() => Self::of_release(known, page, out),
            _ => match release.first_upload {
                Some(time) => Self::Uploaded(time),
                None if page.publishes.upload_times => Self::Unknown,
                None => Self::Unsupported(page.source.clone()),
            },
        }
    }

    /// The time at which it starts, where it is known.
    pub(crate) fn start(&self) -> Option<Timestamp> {
        match self {
            Self::Uploaded(time) | Self::FirstSeen(time, _) => Some(*time),
            _ => None,
        }
    }

    /// What a reader has to know of a clock that is not the index's own.
    pub(crate) fn note(&self) -> Option<String> {
        let Self::FirstSeen(_, seen) = self else {
            return None;
        };
        Some(format!(
            "it was first seen here {seen:.0}, and counts from then: the upload times of its index are not trusted"
        ))
    }
}

fn by_sight(
    file: &FileFacts,
    claimed: Answer<Timestamp>,
    history: &ProjectHistory,
    grace: SignedDuration,
) -> Clock {
    let seen = history.later.get(&file.filename).copied();
    match (claimed, seen) {
        (Answer::Known(claimed), None) => Clock::Uploaded(claimed),
        (Answer::Known(claimed), Some(seen)) => {
            let earliest = seen.checked_sub(grace).unwrap_or(Timestamp::MIN);
            if claimed < earliest {
                Clock::FirstSeen(earliest, seen)
            } else {
                Clock::Uploaded(claimed)
            }
        }
        (Answer::Unavailable(reason), _) => Clock::Unavailable(reason),
        (Answer::Absent | Answer::Unsupported(_), Some(seen)) => Clock::FirstSeen(seen, seen),
        (Answer::Absent, None) => Clock::Unknown,
        (Answer::Unsupported(source), None) => Clock::Before(history.known_since, source),
    }
}

/// How much earlier than its first sight a file may count as there.
fn grace(policy: &Policy) -> SignedDuration {
    let rule = crate::find_rule("recent-release");
    match rule.and_then(|rule| policy.setting(rule, "grace")) {
        Some(SettingValue::Hours(hours)) => SignedDuration::from_hours(i64::from(hours)),
        _ => SignedDuration::ZERO,
    }
}
