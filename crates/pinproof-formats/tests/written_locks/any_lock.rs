//! Locks of any kind for property tests, sound as a resolver makes them, with hostile texts in them.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::lock::{Lock, LockInput, LockedFile, LockedOrigin, LockedRelease, LockedVia};
use pinproof_core::{Hash, HashAlgorithm, ProjectName, Version};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const NAMES: [&str; 8] = ["a", "b-c", "via", "sha256", "r", "flask", "z9", "input"];
const VERSIONS: [&str; 6] = [
    "1",
    "1.0.post1",
    "2!3.1rc1",
    "1.0+cu118",
    "0.0.1.dev3",
    "10",
];
const MARKERS: [&str; 4] = [
    "sys_platform == 'win32'",
    "python_version < '3.11' or python_version >= '3.13'",
    "(os_name == 'nt' or os_name == 'posix') and platform_machine != 'x86_64'",
    "platform_machine == \"AMD64\"",
];
/// Paths that a comment or a TOML string may not survive.
const PATHS: [&str; 17] = [
    "requirements.in",
    "../shared/main.in",
    "pyproject.toml (group dev)",
    "a b.in",
    " a.in ",
    "=a.in",
    "a, flask.in",
    "a#b.in # pinproof: ignore[all] because",
    "a\\",
    "a\nflask==1 --hash=sha256:0000.in",
    "\u{85}a\u{2028}b\u{202e}.in",
    "100%.in",
    "%41.in",
    "-r b.in",
    "\u{3000}a.in",
    "é\"'\"\"\".in",
    "x sha256:0000",
];
const REQUIRES: [&str; 6] = [
    ">=3.9",
    ">= 3.9 , <4",
    "",
    "===a\u{1b}[31m",
    ">=3.9\"\n[tool]",
    "!=3.0.*,>=2.7",
];

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&PATHS[..]).prop_map(str::to_owned),
        1 => any::<String>().prop_filter("a path is not empty", |text| !text.trim().is_empty()),
    ]
}

fn hash() -> impl Strategy<Value = Hash> {
    let algorithms = vec![HashAlgorithm::Sha256, HashAlgorithm::Sha512];
    (select(algorithms), "[0-9a-f]{128}")
        .prop_map(|(a, hex)| Hash::new(a, &hex[..a.hex_len()]).unwrap())
}

fn file(is_wheel: bool) -> impl Strategy<Value = LockedFile> {
    let tag = "[a-zé\u{202e}]{1,6}";
    (tag, vec(hash(), 1..3), option::of(any::<u64>())).prop_map(move |(tag, hashes, size)| {
        let end = if is_wheel {
            "py3-none-any.whl"
        } else {
            "1.tar.gz"
        };
        let filename = format!("{tag}-{end}");
        LockedFile {
            url: format!("https://files.example/{filename}?x=\"1\"#y"),
            filename,
            is_wheel,
            hashes,
            size,
            is_hashed_here: false,
        }
    })
}

fn files() -> impl Strategy<Value = Vec<LockedFile>> {
    (vec(file(true), 1..4), option::of(file(false))).prop_map(|(mut files, sdist)| {
        files.extend(sdist);
        files.sort_by(|a, b| a.filename.cmp(&b.filename));
        files.dedup_by(|a, b| a.filename == b.filename);
        files
    })
}

prop_compose! {
    fn release()(
        (version, files, marker) in (select(&VERSIONS[..]), files(), option::of(select(&MARKERS[..]))),
        extras in btree_set(select(vec!["x", "redis-2"]), 0..3),
        (inputs, needs) in (btree_set(path(), 0..3), btree_set(select(&NAMES[..]), 0..4)),
        (requires_python, needs_build) in (option::of(select(&REQUIRES[..])), any::<bool>()),
        at_url in prop::bool::weighted(0.2),
    ) -> LockedRelease {
        let mut files = files;
        let mut origin = LockedOrigin::Index;
        if at_url {
            files.truncate(1);
            origin = LockedOrigin::Url(format!("https://x.example/{}/a-1.zip", version.replace('+', "_")));
        }
        LockedRelease {
            project: "replaced".parse().unwrap(),
            version: version.parse::<Version>().unwrap(),
            extras: extras.iter().map(|extra| extra.parse().unwrap()).collect(),
            origin,
            marker: marker.map(str::to_owned),
            requires_python: requires_python.map(str::to_owned),
            files,
            via: inputs.into_iter().map(LockedVia::Input).collect(),
            needs: needs.iter().map(|name| name.parse().unwrap()).collect(),
            needs_build,
        }
    }
}

fn input() -> impl Strategy<Value = LockInput> {
    (path(), "[0-9a-f]{64}").prop_map(|(path, sha256)| LockInput { path, sha256 })
}

/// Gives releases their names, and connects them: what one needs is there, and says who needs it.
fn connected(mut releases: Vec<(ProjectName, LockedRelease)>) -> Vec<LockedRelease> {
    releases.sort_by(|(a, x), (b, y)| (a, &x.version).cmp(&(b, &y.version)));
    releases.dedup_by(|(a, x), (b, y)| a == b && x.version == y.version);
    let names: BTreeSet<ProjectName> = releases.iter().map(|(name, _)| name.clone()).collect();
    let mut via: BTreeMap<ProjectName, BTreeSet<LockedVia>> = BTreeMap::new();
    for (name, release) in &mut releases {
        release.project = name.clone();
        release
            .needs
            .retain(|need| need != name && names.contains(need));
        for need in &release.needs {
            via.entry(need.clone())
                .or_default()
                .insert(LockedVia::Project(name.clone()));
        }
    }
    let mut releases: Vec<LockedRelease> =
        releases.into_iter().map(|(_, release)| release).collect();
    for release in &mut releases {
        release
            .via
            .extend(via.get(&release.project).into_iter().flatten().cloned());
    }
    releases
}

prop_compose! {
    /// Any lock.
    pub(crate) fn any_lock()(
        releases in vec((select(&NAMES[..]).prop_map(|name| name.parse().unwrap()), release()), 0..8),
        inputs in btree_set(input(), 0..4),
        environments in btree_set(select(&MARKERS[..]), 0..3),
        requires_python in option::of(select(vec![">=3.9", "==3.12.*"])),
    ) -> Lock {
        Lock {
            environments: environments.into_iter().map(str::to_owned).collect(),
            requires_python: requires_python.map(|text| text.parse().unwrap()),
            inputs: inputs.into_iter().collect(),
            releases: connected(releases),
        }
    }
}
