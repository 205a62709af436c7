//! One entry of `affected`: whom it is about, and which of its versions.

use std::collections::BTreeSet;

use pinproof_core::advisory::{Affected, Range, Rating};
use pinproof_core::{Printable, ProjectName};

use super::value::Value;
use super::{MAX_RANGES, MAX_VERSIONS, Problem, events, mentions, rating};

/// What an entry is about.
pub(super) enum About {
    /// A project of PyPI.
    Project(ProjectName),
    /// A package of another ecosystem.
    Elsewhere,
    /// The commits of a repository, without a package: legal, and beside an entry with one, nothing new.
    Repository,
}

/// What an entry says.
pub(super) struct Part {
    pub(super) affected: Affected,
    pub(super) ratings: Vec<Rating>,
    /// `None` if it names no modules, or not in a way that can be read.
    modules: Option<BTreeSet<String>>,
}

/// Shown in the place of a boundary where an entry says nothing about versions at all.
const NOTHING: &str = "(none named)";

/// Whether `ecosystem` is PyPI, also with a suffix.
pub(super) fn is_pypi(ecosystem: &Value) -> bool {
    let Some(text) = ecosystem.text() else {
        return false;
    };
    let name = text.split(':').next().unwrap_or_default();
    name.trim().eq_ignore_ascii_case("PyPI")
}

/// Whom an entry is about; with the problem, the project that it can only be about.
pub(super) fn about(entry: &Value) -> Result<About, (Problem, Option<ProjectName>)> {
    let Some(package) = entry.get("package") else {
        return if is_repository(entry) {
            Ok(About::Repository)
        } else {
            Err((Problem::NoProject, None))
        };
    };
    match package.get("ecosystem") {
        Some(ecosystem) if is_pypi(ecosystem) => {}
        Some(Value::Text(_)) => return Ok(About::Elsewhere),
        _ => {
            let problem = Problem::Wrong("`ecosystem`", "a text");
            return Err((problem, mentions::name_in(package)));
        }
    }
    let name = package.get("name").and_then(Value::text);
    let name = name.ok_or((Problem::Wrong("the name of a project", "a text"), None))?;
    match name.trim().parse() {
        Ok(name) => Ok(About::Project(name)),
        Err(_) => Err((Problem::NotAName(Printable::new(name).shortened(100)), None)),
    }
}

/// Whether it has ranges, and all of them are over commits.
fn is_repository(entry: &Value) -> bool {
    let ranges = entry.list("ranges", MAX_RANGES).unwrap_or_default();
    !ranges.is_empty() && ranges.iter().all(|range| range_type(range) == Some("GIT"))
}

fn range_type(range: &Value) -> Option<&str> {
    range.get("type")?.text()
}

/// What `entry` says, and the first thing in it that could not be read: more would be about the same project.
pub(super) fn read(entry: &Value) -> (Part, Option<Problem>) {
    let mut problem = None;
    let (mut ranges, other) = ranges(entry, &mut problem);
    let versions = versions(entry, &mut problem);
    // Commits and semantic versions decide nothing about releases; alone, they leave everything open.
    if ranges.is_empty() && versions.is_empty() && problem.is_none() {
        ranges.push(Range::Undecidable(other.unwrap_or(NOTHING.to_owned())));
    }
    let ratings = kept(rating::ratings(entry), &mut problem);
    let modules = kept(modules(entry), &mut problem);
    let part = Part {
        affected: Affected::new(ranges, versions),
        ratings,
        modules,
    };
    (part, problem)
}

/// The ratings of a project: what is said about it counts before `of_record`.
pub(super) fn ratings(parts: &[Part], of_record: &[Rating]) -> Vec<Rating> {
    let has_own = |part: &Part| !part.ratings.is_empty();
    let of_record = if parts.iter().all(has_own) {
        &[]
    } else {
        of_record
    };
    let own = parts.iter().flat_map(|part| &part.ratings);
    let mut seen = BTreeSet::new();
    let all = of_record.iter().chain(own);
    let each_once = all.filter(|rating| seen.insert((rating.kind, &rating.text)));
    each_once.cloned().collect()
}

/// The modules that `parts` name; none as soon as one of them names none, because then it means them all.
pub(super) fn imports(parts: &[Part]) -> Vec<String> {
    let all: Option<Vec<_>> = parts.iter().map(|part| part.modules.as_ref()).collect();
    let modules: BTreeSet<&String> = all.into_iter().flatten().flatten().collect();
    modules.into_iter().cloned().collect()
}

fn kept<T: Default>(read: Result<T, Problem>, problem: &mut Option<Problem>) -> T {
    read.unwrap_or_else(|unreadable| {
        problem.get_or_insert(unreadable);
        T::default()
    })
}

/// The ranges that decide, and the boundary of one that does not.
fn ranges(entry: &Value, problem: &mut Option<Problem>) -> (Vec<Range>, Option<String>) {
    let mut ranges = Vec::new();
    let mut other = None;
    for range in kept(entry.list("ranges", MAX_RANGES), problem) {
        match range_type(range) {
            Some("ECOSYSTEM") => ranges.extend(events::range(range, problem)),
            Some(kind @ ("GIT" | "SEMVER")) => {
                other.get_or_insert_with(|| {
                    events::first_boundary(range).unwrap_or_else(|| kind.to_owned())
                });
            }
            kind => {
                let kind = Printable::new(kind.unwrap_or_default()).shortened(100);
                problem.get_or_insert(Problem::UnknownRange(kind));
            }
        }
    }
    (ranges, other)
}

fn versions<'v>(entry: &'v Value, problem: &mut Option<Problem>) -> Vec<&'v str> {
    let listed = kept(entry.list("versions", MAX_VERSIONS), problem);
    let versions: Vec<_> = listed.iter().filter_map(Value::version).collect();
    if versions.len() < listed.len() {
        problem.get_or_insert(Problem::Wrong("a listed version", "a text"));
    }
    versions
}

/// PyPA's `imports`: a list of `{"attribute": …, "modules": […]}`. A part that cannot be read may name
/// another module, so then none are named.
fn modules(entry: &Value) -> Result<Option<BTreeSet<String>>, Problem> {
    let Some(specific) = entry.get("ecosystem_specific") else {
        return Ok(None);
    };
    let mut modules = BTreeSet::new();
    for import in specific.notes("imports")? {
        let listed = import.notes("modules")?;
        let named: Option<Vec<_>> = listed.iter().map(Value::short_text).collect();
        match named {
            Some(named) if !named.is_empty() => {
                modules.extend(named.into_iter().map(str::to_owned));
            }
            _ => return Ok(None),
        }
    }
    Ok((!modules.is_empty()).then_some(modules))
}
