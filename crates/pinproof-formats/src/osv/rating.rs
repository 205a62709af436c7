//! How bad a record says it is: CVSS vectors (FIRST), and words.

use cvss::{v2, v3, v4};
use pinproof_core::advisory::{Rating, RatingKind, Severity};

use super::value::Value;
use super::{MAX_TEXT, Problem};

/// The base metrics of CVSS 2, 3 and 4: all others change a score by what is known of attacks or of one
/// installation. `CVSS` is the version, which vectors of CVSS 2 do not have.
const BASE_V2: [&str; 6] = ["AV", "AC", "Au", "C", "I", "A"];
const BASE_V3: [&str; 9] = ["CVSS", "AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const BASE_V4: [&str; 12] = [
    "CVSS", "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA",
];

/// The ratings of a record, or of one of its entries, in every notation that it has.
pub(super) fn ratings(of: &Value) -> Result<Vec<Rating>, Problem> {
    let rated = of.notes("severity")?.iter().filter_map(|entry| {
        let text = entry.get("score")?.text()?.trim();
        let notation = entry.get("type").and_then(Value::text).unwrap_or_default();
        Some(rating(kind(notation, text), text))
    });
    let mut ratings: Vec<Rating> = rated.collect();
    let specific = of.get("database_specific");
    let word = specific.and_then(|specific| specific.get("severity")?.text());
    if let Some(word) = word.map(str::trim).filter(|word| !word.is_empty()) {
        ratings.push(rating(RatingKind::Word, word));
    }
    Ok(ratings)
}

fn rating(kind: RatingKind, text: &str) -> Rating {
    if text.len() > MAX_TEXT {
        return Rating {
            kind: RatingKind::Other,
            text: "(too long)".to_owned(),
            score: None,
            severity: None,
        };
    }
    let score = score(kind, text);
    Rating {
        kind,
        text: text.to_owned(),
        score,
        severity: match kind {
            RatingKind::Word => text.parse().ok(),
            _ => score.and_then(Severity::of_score),
        },
    }
}

/// The notation that a vector names itself counts before the one that the record names.
fn kind(notation: &str, text: &str) -> RatingKind {
    let version = text.strip_prefix("CVSS:").unwrap_or(notation);
    match version {
        "CVSS_V2" => RatingKind::CvssV2,
        "CVSS_V3" => RatingKind::CvssV3,
        "CVSS_V4" => RatingKind::CvssV4,
        version if version.starts_with("2.") => RatingKind::CvssV2,
        version if version.starts_with("3.") => RatingKind::CvssV3,
        version if version.starts_with("4.") => RatingKind::CvssV4,
        _ => RatingKind::Other,
    }
}

/// The base score in tenths.
fn score(kind: RatingKind, text: &str) -> Option<u8> {
    let value = match kind {
        RatingKind::CvssV2 => {
            let text = text.trim_start_matches('(').trim_end_matches(')');
            let vector: v2::Vector = base(text, &BASE_V2).parse().ok()?;
            vector.score().value()
        }
        RatingKind::CvssV3 => {
            let vector: v3::Vector = base(text, &BASE_V3).parse().ok()?;
            vector.base_score().value()
        }
        RatingKind::CvssV4 => {
            let vector: v4::Vector = base(text, &BASE_V4).parse().ok()?;
            vector.score().value()
        }
        RatingKind::Word | RatingKind::Other => return None,
    };
    let tenths = (value * 10.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a score is between 0 and 10"
    )]
    (0.0..=100.0).contains(&tenths).then_some(tenths as u8)
}

/// The base metrics of a vector.
fn base(vector: &str, metrics: &[&str]) -> String {
    let is_base = |part: &&str| {
        let name = part.split(':').next();
        name.is_some_and(|name| metrics.contains(&name))
    };
    let parts: Vec<_> = vector.split('/').filter(is_base).collect();
    parts.join("/")
}
