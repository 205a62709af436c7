//! Sources of advisories in words: what a database holds, and how old it is.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use pinproof_core::advisory::{Kind, Severity};
use pinproof_core::{Finding, Printable};
use pinproof_engine::Report;
use pinproof_engine::advice::{Action, Advice, advice};
use pinproof_engine::advisories::AdvisoryUse;
use pinproof_engine::report::Kind as ReportKind;
use pinproof_engine::sources::{Head, StoredAge};

use super::text::BOLD;
use super::wording::{count, listing};

/// What a database holds, in one line.
pub(crate) fn held(head: &Head) -> String {
    let mut text = count(head.records, "record", "records");
    if head.malware > 0 {
        let _ = write!(text, ", {} of them malware", head.malware);
    }
    if head.withdrawn > 0 {
        let _ = write!(text, ", {} withdrawn", head.withdrawn);
    }
    let _ = write!(text, ", {}", time(head));
    let unclear = head.unclear.iter();
    let unclear = unclear
        .filter(|unclear| unclear.withdrawn.is_none())
        .count();
    if unclear > 0 {
        let unclear = count(unclear, "part is", "parts are");
        let _ = write!(text, "; {unclear} not understood");
    }
    text
}

/// The source's own time.
fn time(head: &Head) -> String {
    if head.as_of == Timestamp::MIN {
        return "of no known time".to_owned();
    }
    format!("as of {:.0}", head.as_of)
}

/// What to do first: a line for each release, the worst first.
pub(crate) fn write_advice(text: &mut String, report: &Report, most: usize, width: usize) {
    let advice = advice(report);
    if advice.is_empty() {
        return;
    }
    let _ = writeln!(text, "{BOLD}what to do first{BOLD:#}");
    let shown = advice.iter().take(most);
    let lines: Vec<[String; 2]> = shown.clone().map(line).collect();
    let longest = |at: usize| lines.iter().map(|line| line[at].chars().count()).max();
    let (first, second) = (longest(0).unwrap_or(0), longest(1).unwrap_or(0));
    let rest = width.saturating_sub(first + second + 6);
    for ([what, severity], advice) in lines.iter().zip(shown) {
        let ids = fitting(&advice.ids, rest);
        let _ = writeln!(text, "  {what:first$}  {severity:second$}  {ids}");
    }
    if advice.len() > most {
        let more = count(advice.len() - most, "more release", "more releases");
        let _ = writeln!(text, "  and {more}: `--verbose` lists them all");
    }
}

/// As many of the ids as fit, at most three; the first is always there.
fn fitting(ids: &[Printable], width: usize) -> String {
    let lists = [3, 2].map(|most| listing(ids, most));
    let fits = lists.into_iter().find(|list| list.chars().count() <= width);
    fits.unwrap_or_else(|| listing(ids, 1))
}

/// How bad a finding is: malware, then the severities; a flaw that nobody rated, and what no advisory is
/// about, have no weight.
pub(crate) fn weight(finding: &Finding) -> Option<(Kind, Severity)> {
    let class = finding.advisories.as_ref()?;
    match class.kind {
        Kind::Malware => Some((Kind::Malware, Severity::Critical)),
        Kind::Vulnerability => Some((Kind::Vulnerability, class.severity()?)),
    }
}

/// The worst first, and of each release the worst before the second worst of any: what is shown in full
/// speaks of as many releases as can be. Other findings keep their order.
pub(crate) fn worst_first(findings: &mut Vec<&Finding>) {
    findings.sort_by_key(|finding| Reverse(weight(finding)));
    let mut seen = BTreeSet::new();
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for finding in findings.drain(..) {
        let release = (&finding.project, &finding.version);
        let is_first = finding.advisories.is_none() || seen.insert(release);
        if is_first { &mut first } else { &mut rest }.push(finding);
    }
    first.append(&mut rest);
    *findings = first;
}

/// The title of a block of several flaws: how many of each severity.
pub(crate) fn title(findings: &[&Finding]) -> Option<String> {
    let mut counts: BTreeMap<Reverse<Option<Severity>>, usize> = BTreeMap::new();
    for finding in findings {
        let class = finding.advisories.as_ref()?;
        if class.kind == Kind::Malware {
            return None;
        }
        *counts.entry(Reverse(class.severity())).or_default() += 1;
    }
    let possible = findings.iter().all(|finding| is_possible(finding));
    let what = if possible { "possible" } else { "known" };
    let counts = counts.iter().map(|(severity, count)| match severity.0 {
        Some(severity) => format!("{count} {severity}"),
        None => format!("{count} of unknown severity"),
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    Some(format!("{what} vulnerabilities: {counts}"))
}

fn is_possible(finding: &Finding) -> bool {
    let class = finding.advisories.as_ref();
    class.is_some_and(|class| class.doubt.is_some())
}

/// What to do about one release, and how severe it is.
pub(crate) fn line(advice: &Advice) -> [String; 2] {
    let version = advice
        .version
        .as_ref()
        .map_or(String::new(), |version| format!(" {version}"));
    let release = format!("{}{version}", advice.project);
    let what = match &advice.action {
        Action::Remove => {
            format!("remove {release}: treat every machine that has it as compromised")
        }
        Action::Raise(to) => format!("raise {release} -> {to}"),
        Action::RaiseInPart(to) => format!("raise {release} -> {to}, which mends a part"),
        Action::Replace => format!("replace {release}: no fix is named"),
    };
    let severity = match (&advice.action, advice.severity) {
        (Action::Remove, _) => "malware".to_owned(),
        (_, Some(severity)) => severity.to_string(),
        (_, None) => "unknown".to_owned(),
    };
    [what, severity]
}

/// The sources of advisories of a report: all of them in an audit, else those that something is to be said of.
pub(crate) fn write_sources(text: &mut String, report: &Report, verbose: bool) {
    for used in &report.advisories {
        if let Some(server) = &used.server {
            let _ = writeln!(text, "advisories of {}: asked {server}", used.name);
        }
        let Some(head) = &used.head else { continue };
        let is_later = head.as_of > report.decided_at;
        if report.kind == ReportKind::Audit || verbose || is_later || !head.unclear.is_empty() {
            let _ = writeln!(text, "advisories of {}: {}", used.name, held(head));
        }
        if is_later {
            let _ = writeln!(
                text,
                "  as of {:.0}: what was published later is left out, and what was withdrawn later counts; \
                 later edits of a record cannot be undone",
                report.decided_at
            );
        }
    }
}

/// `pinproof db status`.
pub(crate) fn status(uses: &[AdvisoryUse], now: Timestamp) -> String {
    let mut text = String::new();
    for used in uses {
        match &used.head {
            Some(head) => {
                let days = StoredAge::of(head.as_of, now).age.as_hours() / 24;
                let days = usize::try_from(days).unwrap_or(usize::MAX);
                let _ = writeln!(text, "{}: {}", used.name, held(head));
                if head.as_of != Timestamp::MIN {
                    let _ = writeln!(
                        text,
                        "  its newest record is {} old",
                        count(days, "day", "days")
                    );
                }
                for unclear in &head.unclear {
                    let (what, why) = (Printable::new(&unclear.what), Printable::new(&unclear.why));
                    let _ = writeln!(text, "  not understood: {what}: {why}");
                }
                for origin in &head.origins {
                    let _ = writeln!(text, "  from {}", Printable::new(origin));
                }
            }
            None => {
                let _ = writeln!(text, "{}: not there", used.name);
            }
        }
        if let Some(digest) = &used.digest {
            let _ = writeln!(text, "  sha256 {digest}");
        }
        if let Some(trouble) = &used.trouble {
            let _ = writeln!(text, "  does not count as the present state: {trouble}");
        }
    }
    if uses.is_empty() {
        text.push_str("no source of advisories is asked\n");
    }
    text
}
