//! Which files of a release are wanted.

use std::cmp::Reverse;

use pinproof_core::filename::{self, DistributionKind, WheelFilename};
use pinproof_core::tags::{TagRank, TagSet};
use pinproof_core::{Environment, FileFacts, ProjectName};

use super::Kind;

/// The wanted ones of `files`; none where nothing of that kind is there, or fits.
pub(super) fn wanted<'a>(
    files: &[&'a FileFacts],
    project: &ProjectName,
    kind: Kind,
    target: (&Environment, TagSet),
) -> Vec<&'a FileFacts> {
    let kind_of = |file: &FileFacts| filename::parse(&file.filename, project).map(|file| file.kind);
    let mut wanted: Vec<&FileFacts> = match kind {
        Kind::Wheel => best_wheel(files, project, target).into_iter().collect(),
        Kind::Sdist => sdist(files, project).into_iter().collect(),
        Kind::All => files
            .iter()
            .copied()
            .filter(|file| kind_of(file).is_some_and(|kind| kind != DistributionKind::Other))
            .collect(),
    };
    wanted.sort_by(|a, b| a.filename.cmp(&b.filename));
    wanted
}

/// The wheel that an installer takes: the closest tags, then the highest build number.
fn best_wheel<'a>(
    files: &[&'a FileFacts],
    project: &ProjectName,
    (environment, tags): (&Environment, TagSet),
) -> Option<&'a FileFacts> {
    let fitting = files.iter().filter_map(|file| {
        let wheel = filename::parse(&file.filename, project)?.wheel?;
        let rank: TagRank = tags.rank(&wheel)?;
        let is_for_it = file.is_for_python(environment.python());
        is_for_it.then(|| (rank, Reverse(build(&wheel)), *file))
    });
    let best = fitting.min_by(|a, b| (a.0, &a.1, &a.2.filename).cmp(&(b.0, &b.1, &b.2.filename)));
    best.map(|(_, _, file)| file)
}

/// The one whose format PEP 625 asks for, if there is more than one.
fn sdist<'a>(files: &[&'a FileFacts], project: &ProjectName) -> Option<&'a FileFacts> {
    let sources = files.iter().copied().filter(|file| {
        filename::parse(&file.filename, project)
            .is_some_and(|parsed| parsed.kind == DistributionKind::Sdist)
    });
    sources.min_by_key(|file| (!file.filename.ends_with(".tar.gz"), &file.filename))
}

/// The build tag as installers compare it: its number, then its text; none comes last.
fn build(wheel: &WheelFilename) -> Option<(u64, String)> {
    let tag = wheel.build()?;
    let digits = tag.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = tag.split_at(digits);
    Some((number.parse().unwrap_or(u64::MAX), rest.to_owned()))
}
