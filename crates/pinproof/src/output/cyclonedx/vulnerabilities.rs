//! What advisories say of the releases, and what the exceptions of the project say of that: the part of a
//! document that is VEX.
//!
//! Nothing is said that nobody said: where no exception is, there is no analysis, not even "in triage".

use std::collections::BTreeMap;

use jiff::Timestamp;
use pinproof_core::advisory::{Class, Kind, Rated, RatingKind};
use pinproof_core::verdict::Exception;
use pinproof_core::{Finding, Printable, Version};
use pinproof_engine::Report;

use super::ROOT;
use super::model::{
    AffectedVersion, Affects, Analysis, Equivalent, Named, Property, Rating, Vulnerability,
};

/// What is found of one release by the records of one class, in every place that has the release.
struct Entry<'a> {
    class: &'a Class,
    finding: &'a Finding,
    version: Option<&'a Version>,
    /// The exception of each place; `None` where nobody accepts it.
    exceptions: Vec<Option<&'a Exception>>,
}

/// The vulnerabilities and the malware of a report, in the order of releases: what counts, what the base has
/// too, and what exceptions cover.
pub(super) fn vulnerabilities(report: &Report) -> Vec<Vulnerability> {
    let counted = report.findings.iter().chain(&report.existing);
    let counted = counted.map(|finding| (finding, None));
    let ignored = report.ignored.iter();
    let ignored = ignored.map(|ignored| (&ignored.finding, Some(&ignored.exception)));
    let mut entries: BTreeMap<(&str, &str), Entry<'_>> = BTreeMap::new();
    for (finding, exception) in counted.chain(ignored) {
        let Some(class) = finding.advisories.as_deref() else {
            continue;
        };
        for reference in references(report, finding) {
            let release = report.bom.releases.get(reference);
            let entry = entries.entry((reference, class.id().as_str()));
            let entry = entry.or_insert_with(|| Entry {
                class,
                finding,
                version: None,
                exceptions: Vec::new(),
            });
            let version = finding.version.as_ref();
            let version = version.or_else(|| release?.version.as_ref());
            entry.version = entry.version.or(version);
            entry.exceptions.push(exception);
        }
    }
    entries
        .iter()
        .map(|((reference, _), entry)| vulnerability(reference, entry))
        .collect()
}

/// The components that a finding is about; never none, or it would be lost.
fn references<'a>(report: &'a Report, finding: &Finding) -> Vec<&'a str> {
    let of_bom = report.bom.of_finding(finding);
    if of_bom.is_empty() {
        return vec![ROOT];
    }
    of_bom.into_iter().map(String::as_str).collect()
}

fn vulnerability(reference: &str, entry: &Entry<'_>) -> Vulnerability {
    let Entry { class, finding, .. } = entry;
    let is_malware = class.kind == Kind::Malware;
    let malware = is_malware.then(|| Property {
        name: "pinproof:kind",
        value: "malware".to_owned(),
    });
    Vulnerability {
        // No other reference begins like it, and a release has an id once.
        bom_ref: format!("pinproof:{}/{reference}", class.id()),
        id: class.id().to_string(),
        source: Named {
            name: joined(class.sources.iter(), ", "),
        },
        references: class.ids.iter().skip(1).map(equivalent).collect(),
        ratings: vec![rating(class.rated.as_ref())],
        description: Some(class.summary.to_string()).filter(|summary| !summary.is_empty()),
        detail: class.doubt.as_ref().map(ToString::to_string),
        recommendation: joined(finding.help.iter(), "; "),
        published: class.published.map(time),
        updated: class.modified.map(time),
        analysis: analysis(&entry.exceptions),
        affects: vec![Affects {
            reference: reference.to_owned(),
            versions: vec![affected(entry)],
        }],
        properties: malware.into_iter().collect(),
    }
}

/// Another id of the same thing. What stands before the first `-` of an id names its database, in every id
/// that the OSV format knows.
fn equivalent(id: &Printable) -> Equivalent {
    let text = id.as_str();
    let database = text.split_once('-').map_or(text, |(database, _)| database);
    Equivalent {
        id: text.to_owned(),
        source: Named {
            name: database.to_owned(),
        },
    }
}

fn rating(rated: Option<&Rated>) -> Rating {
    let Some(rated) = rated else {
        return Rating {
            severity: "unknown",
            ..Rating::default()
        };
    };
    let vector = rated.text.as_str();
    Rating {
        source: Some(Named {
            name: rated.by.to_string(),
        }),
        score: rated.score.map(|tenths| f64::from(tenths) / 10.0),
        severity: rated.severity.name(),
        method: Some(match rated.kind {
            RatingKind::CvssV2 => "CVSSv2",
            RatingKind::CvssV3 if vector.starts_with("CVSS:3.1/") => "CVSSv31",
            RatingKind::CvssV3 => "CVSSv3",
            RatingKind::CvssV4 => "CVSSv4",
            RatingKind::Word | RatingKind::Other => "other",
        }),
        vector: (rated.kind != RatingKind::Word).then(|| vector.to_owned()),
    }
}

fn affected(entry: &Entry<'_>) -> AffectedVersion {
    let status = match entry.class.doubt {
        Some(_) => "unknown",
        None => "affected",
    };
    match entry.version {
        Some(version) => AffectedVersion {
            version: Some(version.to_string()),
            range: None,
            status,
        },
        // Only what is said of every version is said of a range.
        None => AffectedVersion {
            version: None,
            range: Some("vers:pypi/*"),
            status,
        },
    }
}

/// What the exceptions say, if there is one for every place: a release that one file accepts and another
/// does not is not accepted.
fn analysis(exceptions: &[Option<&Exception>]) -> Option<Analysis> {
    let exceptions: Vec<&Exception> = exceptions.iter().copied().collect::<Option<_>>()?;
    let first = exceptions.first()?;
    let mut details: Vec<String> = exceptions.iter().map(|one| detail(one)).collect();
    details.sort();
    details.dedup();
    // Who accepts a risk without a word on why it is none does not say that it is none.
    let is_justified = exceptions.iter().all(|one| one.justification.is_some());
    Some(Analysis {
        state: if is_justified {
            "not_affected"
        } else {
            "exploitable"
        },
        justification: first.justification.filter(|_| is_justified),
        response: if is_justified {
            Vec::new()
        } else {
            vec!["will_not_fix"]
        },
        detail: details.join("; "),
    })
}

/// The reason, with who gave it and how long it counts.
fn detail(exception: &Exception) -> String {
    let owner = exception.owner.as_ref().map(ToString::to_string);
    let until = exception.until.map(|date| format!("until {date}"));
    let terms: Vec<String> = owner.into_iter().chain(until).collect();
    if terms.is_empty() {
        exception.reason.to_string()
    } else {
        format!("{} ({})", exception.reason, terms.join(", "))
    }
}

fn joined(texts: impl Iterator<Item = impl ToString>, separator: &str) -> String {
    let texts: Vec<String> = texts.map(|text| text.to_string()).collect();
    texts.join(separator)
}

fn time(time: Timestamp) -> String {
    format!("{time:.0}")
}
