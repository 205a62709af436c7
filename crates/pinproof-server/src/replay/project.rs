//! The files of one project, decided again by both policies.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::{Admission, Answer, Printable, ProjectFacts, ProjectName};
use pinproof_engine::admit::{Again, AgainOf, Because, Gate, Opinion, Upstream};
use pinproof_engine::sources::Index;

use super::tally::{Change, Report, Said};
use super::{Request, What};
use crate::gateway::evidence::{FOLDER, hold_to, raw_page, sha256};
use crate::store::StoreError;
use crate::store::local::{Answered, Past};
use crate::store::words::{FileName, IndexName, Sha256};

/// Both policies, with the advisories as they are now.
pub(super) struct Judges<'a> {
    request: &'a Request<'a>,
    current: Again<'a>,
    other: Again<'a>,
}

/// A file that is decided again.
struct Asked {
    filename: FileName,
    sha256: Sha256,
    at: Timestamp,
    times: u64,
    answered: Option<Answered>,
}

/// What a policy says of the files of a project.
enum Side {
    /// The same of every file: it asks nobody about the project.
    Closed(Because),
    /// What it says of each file; of one that is not here, nothing is known.
    Of(HashMap<FileName, (Sha256, Opinion)>),
    /// Nothing is known of any of them.
    Unknown(Printable),
}

impl<'a> Judges<'a> {
    pub(super) fn new(request: &'a Request<'a>) -> Self {
        Self {
            request,
            current: request.current.again(request.now),
            other: request.other.again(request.now),
        }
    }

    /// Decides about what was answered of a project, or about every file of it.
    pub(super) fn decide(
        &self,
        project: &ProjectName,
        past: &Past,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        let now = self.request.now;
        let asks = |gate: &Gate| gate.upstream(project, now);
        let (of_current, of_other) = (asks(self.request.current), asks(self.request.other));
        let index = match (&of_current, &of_other) {
            (Upstream::Asks(index), _) | (_, Upstream::Asks(index)) => Some(index.clone()),
            (Upstream::Closed(_), Upstream::Closed(_)) => None,
        };
        let known = match &index {
            Some(index) => self.known(project, index, past)?,
            None => Err(Printable::new("no index is asked for it")),
        };
        let asked = self.asked(project, past)?;
        if asked.is_empty() {
            return Ok(());
        }
        report.projects += 1;
        let facts = known.as_ref().map_err(Printable::clone);
        let current = facts.clone().map(|facts| self.current.about(facts));
        let other = facts.map(|facts| self.other.about(facts));
        let mut by_time: BTreeMap<Timestamp, Vec<Asked>> = BTreeMap::new();
        for file in asked {
            by_time.entry(file.at).or_default().push(file);
        }
        for (at, files) in by_time {
            let side = |of: &Upstream, known: &Result<AgainOf<'_>, Printable>| match (of, known) {
                (Upstream::Closed(closed), _) => Side::Closed(closed.because.clone()),
                (Upstream::Asks(own), _)
                    if Some(&own.name) != index.as_ref().map(|index| &index.name) =>
                {
                    Side::Unknown(Printable::from(format!(
                        "index `{}` would be asked, and what it has is not known here",
                        own.name
                    )))
                }
                (_, Err(why)) => Side::Unknown(why.clone()),
                (_, Ok(again)) => Side::Of(opinions(again, at, &files)),
            };
            let sides = (side(&of_current, &current), side(&of_other, &other));
            for file in files {
                let policy = self.request.current.policy_digest();
                let again = (policy, current.as_ref().ok());
                compare(project, &file, &sides, again, report);
            }
        }
        Ok(())
    }

    /// The files to decide about.
    fn asked(&self, project: &ProjectName, past: &Past) -> Result<Vec<Asked>, StoreError> {
        Ok(match self.request.what {
            What::Answers(since) => {
                let answers = past.answers(project, since)?.into_iter();
                let asked = answers.map(|answered| Asked {
                    filename: answered.filename.clone(),
                    sha256: answered.sha256,
                    at: answered.decided_at,
                    times: answered.times,
                    answered: Some(answered),
                });
                asked.collect()
            }
            What::Everything => {
                let at = self.request.now;
                let asked = past
                    .pins(project)?
                    .into_iter()
                    .map(|(filename, sha256)| Asked {
                        filename,
                        sha256,
                        at,
                        times: 0,
                        answered: None,
                    });
                asked.collect()
            }
        })
    }

    /// What is known of a project: its last page, held to what was seen first.
    fn known(
        &self,
        project: &ProjectName,
        index: &Index,
        past: &Past,
    ) -> Result<Result<Arc<ProjectFacts>, Printable>, StoreError> {
        let none = || {
            Printable::from(format!(
                "no page of index `{}` is kept of it; `--index-url` and `--index` say which one the gateway asks",
                index.name
            ))
        };
        let Ok(upstream) = index.name.parse::<IndexName>() else {
            return Ok(Err(none()));
        };
        let page = past.page(project, &upstream)?;
        let Some(page) = page.filter(|page| page.content_type != FOLDER) else {
            return Ok(Err(none()));
        };
        let at = page.fetched_at;
        let raw = raw_page(page);
        let read = (&raw, at);
        let Answer::Known(mut facts) = self.request.current.read(index, project, read) else {
            let why = "the page that is kept of it cannot be read";
            return Ok(Err(Printable::new(why)));
        };
        let history = past.history(project, &upstream)?;
        let is_there = history.presence.last().is_none_or(|last| last.is_present);
        let has_gone = history.files.iter().any(|file| !file.is_listed);
        let stored = if is_there && has_gone {
            past.stored(project)?
        } else {
            HashSet::new()
        };
        let is_kept = |name: &str| stored.contains(name);
        hold_to(&mut facts, &history, is_there.then_some(&is_kept));
        Ok(Ok(Arc::new(facts)))
    }
}

fn opinions(
    again: &AgainOf<'_>,
    at: Timestamp,
    files: &[Asked],
) -> HashMap<FileName, (Sha256, Opinion)> {
    let wanted: HashMap<&str, &FileName> = files
        .iter()
        .map(|file| (file.filename.as_str(), &file.filename))
        .collect();
    let mut said = HashMap::with_capacity(files.len());
    again.opinions(
        at,
        |file| wanted.contains_key(file.filename.as_str()),
        |_, file, opinion| {
            let name = wanted.get(file.filename.as_str());
            if let (Some(name), Some(sha256)) = (name, sha256(file)) {
                said.insert((*name).clone(), (sha256, opinion));
            }
        },
    );
    said
}

impl Side {
    fn says(&self, file: &Asked) -> Result<Said, Printable> {
        match self {
            Self::Closed(because) => Ok(Said {
                admission: Admission::Refused,
                rule: Some(because.rule.to_owned()),
                reason: Some(because.message.clone()),
            }),
            Self::Unknown(why) => Err(why.clone()),
            Self::Of(said) => match said.get(&file.filename) {
                Some((sha256, opinion)) if *sha256 == file.sha256 => Ok(Said {
                    admission: opinion.admission,
                    rule: opinion
                        .because
                        .as_ref()
                        .map(|because| because.rule.to_owned()),
                    reason: opinion
                        .because
                        .as_ref()
                        .map(|because| because.message.clone()),
                }),
                Some(_) => Err(Printable::new(
                    "the bytes that were answered are not those that count",
                )),
                None => Err(Printable::new(
                    "its index does not list it any more, and its bytes are not here",
                )),
            },
        }
    }
}

fn compare(
    project: &ProjectName,
    file: &Asked,
    (current, other): &(Side, Side),
    again: (&str, Option<&AgainOf<'_>>),
    report: &mut Report,
) {
    report.files += 1;
    report.times += file.times;
    let (by_current, by_other) = (current.says(file), other.says(file));
    let unknown = by_current
        .as_ref()
        .err()
        .or(by_other.as_ref().err())
        .cloned();
    let nobody = |_| Said {
        admission: Admission::Undecided,
        rule: None,
        reason: None,
    };
    let is_known = unknown.is_none();
    let (by_current, by_other) = (
        by_current.unwrap_or_else(nobody),
        by_other.unwrap_or_else(nobody),
    );
    let differs = by_current.admission != by_other.admission;
    let answered = file.answered.as_ref();
    let moved_on = answered.filter(|answered| answered.admission != by_current.admission);
    if is_known && !differs && moved_on.is_none() && by_other.admission != Admission::Undecided {
        report.unchanged += 1;
        return;
    }
    let note = match (&unknown, moved_on) {
        (Some(why), _) => Some(why.clone()),
        (None, Some(answered)) => Some(why_moved_on(file, answered, again)),
        (None, None) => None,
    };
    let change = Change {
        project: project.clone(),
        filename: file.filename.clone(),
        times: file.times,
        at: file.at,
        answered: answered.map(|answered| Said {
            admission: answered.admission,
            rule: answered.rule.clone(),
            reason: None,
        }),
        current: by_current,
        other: by_other,
        note,
    };
    let rule = |said: &Said| said.rule.clone().unwrap_or_default();
    let (of_current, of_other) = (rule(&change.current), rule(&change.other));
    let is_open = !is_known || change.other.admission == Admission::Undecided;
    if !is_open && moved_on.is_some() && differs {
        report.moved_apart += 1;
    }
    let (listing, rule) = match change.other.admission {
        _ if !is_known => (&mut report.open, String::new()),
        _ if is_open => (&mut report.open, of_other),
        _ if moved_on.is_some() => (&mut report.moved_on, of_current),
        Admission::Refused => (&mut report.refused, of_other),
        _ => (&mut report.admitted, of_current),
    };
    listing.take(&rule, change);
}

/// What is not as it was when the answer was given.
fn why_moved_on(
    file: &Asked,
    answered: &Answered,
    (policy, again): (&str, Option<&AgainOf<'_>>),
) -> Printable {
    let is_other_policy = policy != answered.policy;
    let digest = again.map(|again| {
        let version = again.version_of(file.filename.as_str());
        version.and_then(|version| again.evidence_digest(version))
    });
    let is_other_evidence =
        digest.map(|digest| digest.as_deref() != Some(answered.evidence.as_str()));
    Printable::new(match (is_other_policy, is_other_evidence) {
        (true, Some(true)) => "another policy answered, on other evidence",
        (true, Some(false)) => "another policy answered, on the same evidence",
        (true, None) => "another policy answered",
        (false, Some(true)) => "it was answered on other evidence than there is now",
        (false, Some(false)) => "another version of pinproof answered",
        (false, None) => "other settings name the indexes than when it was answered",
    })
}
