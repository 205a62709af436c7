//! Small random worlds on loopback: `pinproof lock` and `uv pip compile` choose the same in them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dice::Dice;
use crate::support::{NOW, Offered, Pins, Sandbox, Shelf, Wheel, environment, lock_for, pins};

const PROJECTS: [&str; 7] = ["ash", "birch", "cedar", "elm", "fir", "hazel", "oak"];
const VERSIONS: [&str; 9] = [
    "1.0",
    "1.1",
    "1.1.post1",
    "1.2+cpu",
    "2.0a1",
    "2.0rc1",
    "2.0",
    "2.1.dev1",
    "3.0",
];
const SPECIFIERS: [&str; 18] = [
    "", "", "", "", "", ">=1.1", ">=2", "<2", "<=2.0", "!=2.0", "~=1.0", "==1.*", "==1.0", "==1.1",
    "==1.2", "==3.0", ">=2.0rc1", ">1.0,<3",
];
const EXTRAS: [&str; 7] = ["", "", "", "", "[x]", "[y]", "[x,y]"];
const NEED_MARKERS: [&str; 9] = [
    "",
    "",
    "",
    "",
    "; extra == 'x'",
    "; extra == 'y'",
    "; sys_platform == 'win32'",
    "; python_version >= '3.12'",
    "; python_full_version < '3.10' or platform_machine == 'x86_64'",
];
const ROOT_MARKERS: [&str; 5] = ["", "", "", "", "; python_version < '3.12'"];
const TAGS: [&str; 9] = [
    "py3-none-any",
    "py3-none-any",
    "py2.py3-none-any",
    "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp39-abi3-manylinux_2_28_x86_64",
    "cp311-cp311-manylinux_2_17_x86_64",
    "cp312-cp312-win_amd64",
    "cp312-cp312-musllinux_1_2_x86_64",
    "cp312-none-macosx_11_0_arm64",
];
const PYTHONS: [&str; 6] = [">=3.8", ">=3.12", ">=3.13", "<3.12", "!=3.12.*", "==3.12.*"];
/// Those of them that are not for Python 3.12 for another reason than a lower bound.
const OTHER_PYTHONS: [&str; 2] = ["<3.12", "!=3.12.*"];

/// What there is, and what is asked for.
struct World {
    seed: u64,
    files: Vec<Offered>,
    /// Every need and file in words, for a person.
    said: Vec<String>,
    roots: String,
    constraints: String,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut world = Self {
            seed,
            files: Vec::new(),
            said: Vec::new(),
            roots: String::new(),
            constraints: String::new(),
        };
        let density = *dice.of(&[40, 65, 90]);
        for project in PROJECTS {
            for version in VERSIONS {
                if dice.percent(density) {
                    world.add_release(&mut dice, project, version);
                }
            }
        }
        for _ in 0..=dice.below(3) {
            let (project, specifier) = (*dice.of(&PROJECTS), *dice.of(&SPECIFIERS));
            let (extra, marker) = (*dice.of(&EXTRAS), *dice.of(&ROOT_MARKERS));
            let _ = writeln!(world.roots, "{project}{extra}{specifier}{marker}");
        }
        for _ in 0..dice.below(3) {
            let (project, specifier) = (*dice.of(&PROJECTS), *dice.of(&SPECIFIERS[5..]));
            let _ = writeln!(world.constraints, "{project}{specifier}");
        }
        world
    }

    fn add_release(&mut self, dice: &mut Dice, project: &str, version: &str) {
        let mut wheel = Wheel::new(project, version).extra("x").extra("y");
        let mut said = vec![format!("{project} {version}:")];
        for _ in 0..dice.below(3) {
            let (other, specifier) = (*dice.of(&PROJECTS), *dice.of(&SPECIFIERS));
            let (extra, marker) = (*dice.of(&EXTRAS), *dice.of(&NEED_MARKERS));
            let need = format!("{other}{extra}{specifier}{marker}");
            wheel = wheel.requires(&need);
            said.push(format!("needs {need},"));
        }
        if dice.percent(20) {
            let python = *dice.of(&PYTHONS);
            wheel = wheel.python(python);
            said.push(format!("Python {python},"));
        }
        let is_yanked = dice.percent(10);
        let mut files = Vec::new();
        let is_source_only = dice.percent(8);
        for _ in 0..=(if is_source_only { 0 } else { dice.below(2) }) {
            let tag = *dice.of(&TAGS);
            files.push(wheel.clone().tag(tag).offered());
        }
        if is_source_only {
            files.clear();
        }
        if is_source_only || dice.percent(40) {
            let mut source = Offered::sdist(project, version, &[]);
            source.requires_python = wheel.bare().requires_python;
            files.push(source);
        }
        files.sort_by(|a, b| a.filename.cmp(&b.filename));
        files.dedup_by(|a, b| a.filename == b.filename);
        for file in &mut files {
            file.yanked = is_yanked.then(|| "broken".to_owned());
            said.push(file.filename.clone());
        }
        if is_yanked {
            said.push("(yanked)".to_owned());
        }
        self.files.extend(files);
        self.said.push(said.join(" "));
    }

    fn folder(&self) -> String {
        format!("{}/", self.seed)
    }

    /// The index in which every bound of Python is a lower one.
    fn plain_folder(&self) -> String {
        format!("{}-plain/", self.seed)
    }

    /// The files, of which those that are not for Python 3.12 say so by a lower bound.
    fn plain_files(&self) -> Vec<Offered> {
        let plain = |file: &Offered| {
            let mut file = file.clone();
            let required = file.requires_python.as_deref();
            if let Some(other) = required.filter(|required| OTHER_PYTHONS.contains(required)) {
                let field = |required: &str| format!("Requires-Python: {required}\n");
                let later = field(">=3.13");
                file.metadata = file
                    .metadata
                    .map(|text| text.replace(&field(other), &later));
                file.requires_python = Some(">=3.13".to_owned());
            }
            file
        };
        self.files.iter().map(plain).collect()
    }

    fn sandbox(&self) -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.write("pinproof.toml", "preset = \"observe\"\n");
        sandbox.write("requirements.in", &self.roots);
        sandbox.write("constraints.txt", &self.constraints);
        sandbox
    }

    /// The world for somebody who looks into a difference.
    fn in_words(&self) -> String {
        format!(
            "world {}\n{}\nrequirements.in:\n{}constraints.txt:\n{}",
            self.seed,
            self.said.join("\n"),
            self.roots,
            self.constraints
        )
    }
}

/// What a tool chose, or what it said instead.
type Chosen = Result<Pins, String>;

/// How two tools stand to each other in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// The same pins with the same hashes.
    SamePins,
    /// Neither finds any.
    NoneFits,
    /// uv goes by the lower bound of `Requires-Python` alone, so it pins what Python 3.12 cannot install.
    UpperBoundOfPython,
}

struct Comparison {
    uv: PathBuf,
    shelf: Shelf,
}

impl Comparison {
    fn ours(&self, world: &World, folder: &str) -> Chosen {
        let sandbox = world.sandbox();
        let args = [
            "--python",
            "3.12",
            "--platform",
            "linux-x86_64",
            "--to",
            "ours.txt",
            "-c",
            "constraints.txt",
            "requirements.in",
        ];
        let ran = lock_for(&sandbox, &self.shelf.url_of(folder), &args);
        match ran.code {
            0 => Ok(pins(&sandbox.read("ours.txt"))),
            1 if ran.stdout.contains("nothing fits for") => Err(ran.all()),
            // There was nothing to judge: no requirement is for this Python.
            2 if ran.stdout.contains("Resolved 0 releases") => Ok(Pins::new()),
            _ => panic!("{}\n{}", world.in_words(), ran.all()),
        }
    }

    fn uvs(&self, world: &World, folder: &str) -> Chosen {
        let url = self.shelf.url_of(folder);
        let fixed = "pip compile --no-config --no-cache --no-build --no-python-downloads --generate-hashes \
                     --no-header --no-annotate --quiet --python-version 3.12 \
                     --python-platform x86_64-manylinux_2_39 -c constraints.txt requirements.in";
        let mut args: Vec<&str> = fixed.split_whitespace().collect();
        args.extend(["--exclude-newer", NOW, "--index-url", &url]);
        let ran = world.sandbox().run_program(&self.uv, &args, &[]);
        match ran.code {
            0 => Ok(pins(&ran.stdout)),
            1 if ran.stderr.contains("No solution found") => Err(ran.stderr),
            _ => panic!("{}\n{}", world.in_words(), ran.all()),
        }
    }

    /// How the tools stand to each other; an error is a difference that has no name.
    fn compare(&self, world: &World) -> Result<Outcome, String> {
        let folder = world.folder();
        let ours = self.ours(world, &folder);
        let uvs = self.uvs(world, &folder);
        if let Some(outcome) = same(&ours, &uvs) {
            return Ok(outcome);
        }
        let explained = self.explain(world, &ours);
        explained.ok_or_else(|| format!("{}\nours: {ours:#?}\nuv: {uvs:#?}\n", world.in_words()))
    }

    /// A difference has a reason if it goes where the reason is taken away.
    fn explain(&self, world: &World, ours: &Chosen) -> Option<Outcome> {
        let plain = world.plain_folder();
        // Which way a release says that it is for another Python is the same for us.
        if self.ours(world, &plain).ok() != ours.clone().ok() {
            return None;
        }
        let uvs = self.uvs(world, &plain);
        same(ours, &uvs).map(|_| Outcome::UpperBoundOfPython)
    }
}

fn same(ours: &Chosen, uvs: &Chosen) -> Option<Outcome> {
    match (ours, uvs) {
        (Ok(ours), Ok(uvs)) if ours == uvs => Some(Outcome::SamePins),
        (Err(_), Err(_)) => Some(Outcome::NoneFits),
        _ => None,
    }
}

/// Compares the worlds of these seeds, as many at a time as there are processors.
fn compare(seeds: std::ops::Range<u64>) {
    let Some(programs) = environment("uv", &["uv==0.13.9"]) else {
        return;
    };
    let worlds: Vec<World> = seeds.map(World::new).collect();
    let indexes = worlds.iter().flat_map(|world| {
        let plain = (world.plain_folder(), world.plain_files());
        [(world.folder(), world.files.clone()), plain]
    });
    let comparison = Comparison {
        uv: programs.join("uv"),
        shelf: Shelf::many(&indexes.collect::<Vec<_>>()),
    };
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let work = || {
        let mut found = Vec::new();
        while let Some(world) = worlds.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.push(comparison.compare(world));
        }
        found
    };
    let compared: Vec<Result<Outcome, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.flat_map(|found| found.expect("no panic")).collect()
    });
    judge(compared);
}

/// Every difference has a name, and the worlds are neither all alike nor all impossible.
fn judge(compared: Vec<Result<Outcome, String>>) {
    let of = compared.len();
    let (outcomes, differences): (Vec<_>, Vec<_>) = compared.into_iter().partition(Result::is_ok);
    let differences: Vec<_> = differences.into_iter().filter_map(Result::err).collect();
    let many = differences.len();
    assert!(
        many == 0,
        "{many} of {of} worlds differ\n{}",
        differences.join("\n")
    );
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for outcome in outcomes.into_iter().flatten() {
        *counts.entry(outcome).or_default() += 1;
    }
    let share = |outcome| counts.get(&outcome).copied().unwrap_or(0) * 100 / of;
    assert!(share(Outcome::SamePins) >= 30, "{counts:?}");
    assert!(share(Outcome::NoneFits) >= 10, "{counts:?}");
    assert!(
        counts.contains_key(&Outcome::UpperBoundOfPython),
        "{counts:?}"
    );
}

#[test]
fn pinproof_and_uv_choose_the_same() {
    compare(0..150);
}

#[test]
#[ignore = "the long run: minutes"]
fn pinproof_and_uv_choose_the_same_in_many_worlds() {
    // A server has a few hundred worlds in its memory at a time.
    for first in (1_000..4_000).step_by(250) {
        compare(first..first + 250);
    }
}
