//! Round trips through the readers of the crate.

use std::collections::BTreeSet;

use pinproof_core::lock::{Lock, LockedFile, LockedOrigin, LockedRelease, LockedVia};
use pinproof_core::manifest::{Header, LockTool, Manifest, Origin, Requirement, Via};
use pinproof_core::{Environment, Hash, Marker, Platform};
use pinproof_formats::{pylock, requirements_txt};
use proptest::prelude::*;

use crate::any_lock::any_lock;

fn no_variables(_: &str) -> Option<String> {
    None
}

fn via(release: &LockedRelease) -> BTreeSet<Via> {
    let read = |via: &LockedVia| match via {
        LockedVia::Input(path) => Via::Input(path.clone()),
        LockedVia::Project(name) => Via::Project(name.clone()),
    };
    release.via.iter().map(read).collect()
}

fn hashes<'a>(files: impl IntoIterator<Item = &'a LockedFile>) -> BTreeSet<Hash> {
    files
        .into_iter()
        .filter_map(LockedFile::hash)
        .cloned()
        .collect()
}

/// What both formats say alike.
fn assert_same(release: &LockedRelease, read: &Requirement) {
    assert_eq!(read.name.as_ref(), Some(&release.project));
    let extras: BTreeSet<_> = read.extras.iter().cloned().collect();
    assert_eq!(extras, release.extras);
    let marker = release.marker.as_ref();
    assert_eq!(
        read.marker,
        marker.map(|text| text.parse::<Marker>().unwrap())
    );
    let written: BTreeSet<Hash> = read.hashes.iter().map(|w| w.hash.clone()).collect();
    assert_eq!(written, hashes(&release.files));
    assert_eq!(
        read.via.iter().cloned().collect::<BTreeSet<_>>(),
        via(release)
    );
    assert_eq!(read.via.len(), release.via.len(), "each once");
    match (&release.origin, &read.origin) {
        (LockedOrigin::Index, Origin::Index(_)) => {
            assert_eq!(read.pin(), Some(&release.version));
        }
        (LockedOrigin::Url(url), Origin::Url { shown, .. }) => assert_eq!(shown.as_str(), url),
        (written, read) => panic!("{written:?} became {read:?}"),
    }
}

fn assert_sound(lock: &Lock, read: &Manifest) {
    assert_eq!(read.not_understood, []);
    assert_eq!((&read.includes[..], &read.options[..]), (&[][..], &[][..]));
    assert_eq!((read.locations.len(), read.ignores.len()), (0, 0));
    assert_eq!(read.requirements.len(), lock.releases.len());
    for (release, read) in lock.releases.iter().zip(&read.requirements) {
        assert_same(release, read);
    }
}

fn assert_head(lock: &Lock, header: &Header) {
    assert_eq!(header.tool, Some(LockTool::Pinproof));
    assert_eq!(header.input_digests, lock.inputs);
    assert_eq!(header.environments, lock.environments);
    if !lock.inputs.is_empty() {
        let paths: Vec<_> = lock.inputs.iter().map(|input| input.path.clone()).collect();
        assert_eq!(header.inputs, paths);
    }
}

/// A need is one exactly where an entry is that it leads to.
fn assert_each_holds_somewhere(lock: &Lock, read: &Requirement) {
    let pythons = ["3.9", "3.12", "3.14"].map(|text| text.parse().unwrap());
    let of = |python| Platform::ALL.map(|platform| Environment::of_target(python, platform));
    for environment in pythons.into_iter().flat_map(of) {
        let holds = |marker: Option<&Marker>| marker.is_none_or(|m| m.evaluate(&environment, &[]));
        for need in read.needs.iter().flatten() {
            let entries = lock.releases.iter().filter(|one| one.project == need.name);
            let markers = entries.map(|one| {
                one.marker
                    .as_ref()
                    .map(|text| text.parse::<Marker>().unwrap())
            });
            let is_there = markers.into_iter().any(|marker| holds(marker.as_ref()));
            assert_eq!(
                holds(need.marker.as_ref()),
                is_there,
                "{need} in {environment}"
            );
        }
    }
}

fn shuffled(lock: &Lock) -> Lock {
    let mut lock = lock.clone();
    lock.releases.reverse();
    lock.inputs.reverse();
    for release in &mut lock.releases {
        release.files.reverse();
    }
    lock
}

const COMMAND: &str = "pinproof lock requirements.in --to 'a b.txt'";

proptest! {
    #[test]
    fn a_requirements_file_says_the_same(lock in any_lock()) {
        let text = requirements_txt::write(&lock, COMMAND);
        let read = requirements_txt::parse(&text, &no_variables);
        assert_sound(&lock, &read);
        let header = read.header.unwrap();
        assert_head(&lock, &header);
        assert_eq!(header.command, COMMAND);
        assert_eq!(text, requirements_txt::write(&shuffled(&lock), COMMAND));
    }

    #[test]
    fn no_command_makes_a_requirement(command in any::<String>(), lock in any_lock()) {
        let text = requirements_txt::write(&lock, &command);
        let read = requirements_txt::parse(&text, &no_variables);
        assert_sound(&lock, &read);
        assert_eq!(read.header.unwrap().input_digests, lock.inputs);
    }

    #[test]
    fn a_pylock_says_the_same(lock in any_lock()) {
        let text = pylock::write(&lock);
        let read = pylock::parse(&text).unwrap();
        assert_sound(&lock, &read);
        assert_head(&lock, read.header.as_ref().unwrap());
        assert_eq!(&read.requires_python, &lock.requires_python);
        for (release, read) in lock.releases.iter().zip(&read.requirements) {
            let needs = read.needs.as_ref().expect("needs nothing, or says what");
            let needs: BTreeSet<_> = needs.iter().map(|need| need.name.clone()).collect();
            assert_eq!(needs, release.needs);
            assert_each_holds_somewhere(&lock, read);
            assert_eq!(read.pin(), Some(&release.version));
        }
        assert_eq!(text, pylock::write(&shuffled(&lock)));
    }

    #[test]
    fn another_index_changes_the_addresses_of_its_files_only(lock in any_lock()) {
        let mut mirrored = lock.clone();
        for release in &mut mirrored.releases {
            for file in &mut release.files {
                file.url = format!("https://mirror.example/{}", file.filename);
            }
        }
        prop_assert_eq!(requirements_txt::write(&lock, COMMAND), requirements_txt::write(&mirrored, COMMAND));
        let without_urls = |text: String| -> Vec<String> {
            let cut = |line: &str| match line.split_once("\", url = ") {
                Some((before, after)) => {
                    let rest = after.find("hashes = ").map(|at| after[at..].to_owned());
                    format!("{before} {}", rest.unwrap_or_default())
                }
                None => line.to_owned(),
            };
            text.lines().map(cut).collect()
        };
        prop_assert_eq!(without_urls(pylock::write(&lock)), without_urls(pylock::write(&mirrored)));
    }

    #[test]
    fn nothing_that_is_written_hides(lock in any_lock()) {
        for text in [requirements_txt::write(&lock, COMMAND), pylock::write(&lock)] {
            let shown = pinproof_core::Printable::new(&text.replace('\n', " "));
            assert_eq!(shown.as_str(), text.replace('\n', " "));
        }
    }
}
