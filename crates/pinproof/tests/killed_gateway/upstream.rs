//! An index that changes between rounds: each has one release more of every project, and files of earlier rounds are
//! replaced under their names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::shelf::{File, JSON};
use crate::support::{Reply, Server};

/// The projects; the files of the last one are large and come slowly.
pub(crate) const PROJECTS: [&str; 5] = ["alpha", "bravo", "charlie", "delta", "slow"];
const YOUNG: &str = "2026-10-30T00:00:00Z";
/// A file is replaced so often, every other round.
const REPLACED: u64 = 2;

/// The index.
pub(crate) struct Upstream {
    server: Server,
    world: Arc<World>,
}

#[derive(Default)]
struct World {
    round: AtomicU64,
    /// Every file that was made, by its name and how often it was replaced.
    made: Mutex<BTreeMap<(String, u64), Arc<Made>>>,
}

struct Made {
    file: File,
    sha256: String,
    uploaded: &'static str,
}

impl Upstream {
    /// Starts in the first round.
    pub(crate) fn start() -> Self {
        let world = Arc::new(World::default());
        let answers = Arc::clone(&world);
        Self {
            server: Server::new(move |asked| answers.answer(&asked.path)),
            world,
        }
    }

    /// Another round begins.
    pub(crate) fn begin(&self, round: u64) {
        self.world.round.store(round, Ordering::SeqCst);
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("{}simple/", self.server.url())
    }

    /// The hash that it lists now.
    pub(crate) fn listed(&self, project: &str) -> BTreeMap<String, String> {
        let files = self.world.files(project);
        files
            .iter()
            .map(|made| (made.file.name.clone(), made.sha256.clone()))
            .collect()
    }

    /// Every hash that it ever listed under a name.
    pub(crate) fn ever_listed(&self, name: &str) -> BTreeSet<String> {
        let made = self.world.made.lock().expect("no test thread panicked");
        let of_name = made.iter().filter(|((known, _), _)| known == name);
        of_name.map(|(_, made)| made.sha256.clone()).collect()
    }
}

impl World {
    fn answer(&self, path: &str) -> Reply {
        if let Some(project) = path.strip_prefix("/simple/") {
            let project = project.trim_end_matches('/');
            if !PROJECTS.contains(&project) {
                return Reply::status(404);
            }
            let files: Vec<Value> = self
                .files(project)
                .iter()
                .map(|made| made.listed())
                .collect();
            let page = json!({"meta": {"api-version": "1.4"}, "name": project, "files": files});
            let kind = vec![("Content-Type", JSON.to_owned())];
            return Reply::Says(200, kind, page.to_string().into_bytes());
        }
        let name = path.strip_prefix("/files/").unwrap_or("");
        let project = name.split('-').next().unwrap_or("");
        match self
            .files(project)
            .iter()
            .find(|made| made.file.name == name)
        {
            Some(made) if project == "slow" => {
                let pause = Duration::from_millis(1);
                Reply::Drips(200, Vec::new(), made.file.bytes.clone(), pause)
            }
            Some(made) => Reply::ok(made.file.bytes.clone()),
            None => Reply::status(404),
        }
    }

    /// What a project has in this round.
    fn files(&self, project: &str) -> Vec<Arc<Made>> {
        let round = self.round.load(Ordering::SeqCst);
        let mut made = self.made.lock().expect("no test thread panicked");
        let releases = (0..=round).map(|born| {
            let replaced = ((round - born) / 2).min(REPLACED);
            let key = (format!("{project}-{born}.0-py3-none-any.whl"), replaced);
            let file = made.entry(key);
            Arc::clone(file.or_insert_with(|| Arc::new(make(project, born, replaced))))
        });
        releases.collect()
    }
}

/// Every third release is two days old.
fn make(project: &str, born: u64, replaced: u64) -> Made {
    let length = if project == "slow" { 60_000 } else { 400 };
    // Digits that do not compress to nothing, and the same in every run.
    let mut dice = crate::dice::Dice::new(born * 10 + replaced);
    let noise: String = (0..length)
        .map(|_| char::from(b'a' + u8::try_from(dice.below(26)).expect("a small number")))
        .collect();
    let module = format!("{project}/__init__.py");
    let text = format!("version = \"{born}.0\"\nreplaced = {replaced}\n# {noise}\n");
    let version = format!("{born}.0");
    let file = File::wheel_of(project, &version, "py3-none-any", &[(&module, &text)]);
    Made {
        sha256: file.sha256(),
        uploaded: if born % 3 == 2 {
            YOUNG
        } else {
            "2020-01-01T00:00:00Z"
        },
        file,
    }
}

impl Made {
    fn listed(&self) -> Value {
        json!({
            "filename": self.file.name,
            "url": format!("../../files/{}", self.file.name),
            "hashes": {"sha256": self.sha256},
            "size": self.file.bytes.len(),
            "upload-time": self.uploaded,
        })
    }
}
