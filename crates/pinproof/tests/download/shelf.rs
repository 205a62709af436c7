//! An index on loopback with real wheels and source distributions, made of what a test says.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;

use crate::support::{Asked, NOW, Ran, Reply, Sandbox, Server};

/// The media type of pages.
pub(crate) const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// A distribution.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) project: String,
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    uploaded: String,
    yanked: bool,
    size: Option<usize>,
    /// What stands beside it on the index.
    metadata: Option<String>,
}

impl File {
    /// A wheel for every platform, whose module says its version; uploaded long ago.
    pub(crate) fn wheel(project: &str, version: &str) -> Self {
        Self::wheel_for(project, version, "py3-none-any")
    }

    /// A wheel with these tags.
    pub(crate) fn wheel_for(project: &str, version: &str, tags: &str) -> Self {
        let module = format!("{}/__init__.py", project.replace('-', "_"));
        let says = format!("version = {version:?}\n");
        Self::wheel_of(project, version, tags, &[(&module, &says)])
    }

    /// A wheel with these files in it.
    pub(crate) fn wheel_of(
        project: &str,
        version: &str,
        tags: &str,
        files: &[(&str, &str)],
    ) -> Self {
        let stem = format!("{}-{version}", project.replace('-', "_"));
        let info = format!("{stem}.dist-info");
        let metadata = format!("Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n");
        let wheel =
            format!("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tags}\n");
        let record: Vec<String> = files
            .iter()
            .map(|(path, _)| format!("{path},,\n"))
            .collect();
        let record = record.concat();
        let record = format!("{record}{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n");
        let mut all: Vec<(String, &str)> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), *text))
            .collect();
        all.push((format!("{info}/METADATA"), &metadata));
        all.push((format!("{info}/WHEEL"), &wheel));
        all.push((format!("{info}/RECORD"), &record));
        Self::new(project, version, format!("{stem}-{tags}.whl"), zipped(&all))
    }

    /// A wheel that needs other projects, and whose index offers its metadata (PEP 658).
    pub(crate) fn needing(project: &str, version: &str, needs: &[&str]) -> Self {
        let needs = needs.iter().map(|need| format!("Requires-Dist: {need}\n"));
        let metadata = format!("Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n");
        let metadata = metadata + &needs.collect::<String>();
        let stem = format!("{}-{version}", project.replace('-', "_"));
        let all = [
            (format!("{project}/__init__.py"), "version = \"\"\n"),
            (format!("{stem}.dist-info/METADATA"), metadata.as_str()),
            (format!("{stem}.dist-info/WHEEL"), "Wheel-Version: 1.0\n"),
            (format!("{stem}.dist-info/RECORD"), ""),
        ];
        let name = format!("{stem}-py3-none-any.whl");
        let file = Self::new(project, version, name, zipped(&all));
        Self {
            metadata: Some(metadata),
            ..file
        }
    }

    /// A source distribution that nothing but a build can install; its code is at the top.
    pub(crate) fn sdist(project: &str, version: &str, setup: &str) -> Self {
        Self::sdist_of(project, version, &[("setup.py", setup)])
    }

    /// A source distribution with these files in it.
    pub(crate) fn sdist_of(project: &str, version: &str, files: &[(&str, &str)]) -> Self {
        let top = format!("{project}-{version}");
        let metadata = format!("Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n");
        let mut all: Vec<(String, &str)> = files
            .iter()
            .map(|(path, text)| (format!("{top}/{path}"), *text))
            .collect();
        all.push((format!("{top}/PKG-INFO"), &metadata));
        Self::new(project, version, format!("{top}.zip"), zipped(&all))
    }

    /// A file with these bytes.
    pub(crate) fn new(project: &str, version: &str, name: String, bytes: Vec<u8>) -> Self {
        Self {
            project: project.to_owned(),
            version: version.to_owned(),
            size: Some(bytes.len()),
            name,
            bytes,
            uploaded: "2020-01-01T00:00:00Z".to_owned(),
            yanked: false,
            metadata: None,
        }
    }

    /// It was uploaded then.
    pub(crate) fn uploaded(mut self, time: &str) -> Self {
        time.clone_into(&mut self.uploaded);
        self
    }

    /// Its authors withdrew it.
    pub(crate) fn yanked(mut self) -> Self {
        self.yanked = true;
        self
    }

    /// The digits of its SHA-256.
    pub(crate) fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }

    /// The line that pins and hashes it.
    pub(crate) fn locked(&self) -> String {
        format!(
            "{}=={} --hash=sha256:{}\n",
            self.project,
            self.version,
            self.sha256()
        )
    }

    /// How a lock accepts it, beside others.
    pub(crate) fn hash_option(&self) -> String {
        format!(" --hash=sha256:{}", self.sha256())
    }

    fn listed(&self) -> Value {
        let mut listed = json!({
            "filename": self.name,
            "url": format!("../../files/{}", self.name),
            "hashes": {"sha256": self.sha256()},
            "size": self.size,
            "upload-time": self.uploaded,
            "yanked": self.yanked,
        });
        if let Some(metadata) = &self.metadata {
            listed["core-metadata"] = json!({"sha256": hex(&Sha256::digest(metadata))});
        }
        listed
    }
}

fn hex(digest: &[u8]) -> String {
    digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn zipped(files: &[(String, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        zip.start_file(path, SimpleFileOptions::default())
            .expect("a member");
        zip.write_all(text.as_bytes()).expect("its text");
    }
    zip.finish().expect("an archive").into_inner()
}

/// The page of a project.
pub(crate) fn page(project: &str, files: &[File]) -> String {
    let own = files.iter().filter(|file| file.project == project);
    let listed: Vec<Value> = own.map(File::listed).collect();
    json!({"meta": {"api-version": "1.4"}, "name": project, "files": listed}).to_string()
}

/// The part of a file that is asked for, or all of it.
pub(crate) fn part(bytes: &[u8], asked: &Asked) -> Reply {
    let from = asked.range.as_deref().and_then(|range| {
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse::<usize>()
            .ok()
    });
    match from {
        Some(from) => {
            let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
            Reply::Says(206, vec![("Content-Range", range)], bytes[from..].to_vec())
        }
        None => Reply::ok(bytes),
    }
}

type Answers = BTreeMap<String, Reply>;

/// The index.
pub(crate) struct Shelf {
    server: Server,
    files: Arc<Mutex<Vec<File>>>,
    answers: Arc<Mutex<Answers>>,
}

impl Shelf {
    /// An honest index with these files.
    pub(crate) fn with(files: &[File]) -> Self {
        let files = Arc::new(Mutex::new(files.to_vec()));
        let offered = Arc::clone(&files);
        let answers: Arc<Mutex<Answers>> = Arc::default();
        let others = Arc::clone(&answers);
        let server = Server::new(move |asked| {
            if let Some(reply) = others
                .lock()
                .expect("no test thread panicked")
                .get(&asked.path)
            {
                return reply.clone();
            }
            let files = offered.lock().expect("no test thread panicked").clone();
            if let Some(project) = asked.path.strip_prefix("/simple/") {
                let project = project.trim_end_matches('/');
                if !files.iter().any(|file| file.project == project) {
                    return Reply::status(404);
                }
                let kind = vec![("Content-Type", JSON.to_owned())];
                return Reply::Says(200, kind, page(project, &files).into_bytes());
            }
            let name = asked.path.strip_prefix("/files/").unwrap_or("");
            let beside = files.iter().find_map(|file| {
                let of_file = name.strip_suffix(".metadata")? == file.name;
                file.metadata.clone().filter(|_| of_file)
            });
            if let Some(metadata) = beside {
                return Reply::ok(metadata);
            }
            match files.iter().find(|file| file.name == name) {
                Some(file) => part(&file.bytes, asked),
                None => Reply::status(404),
            }
        });
        Self {
            server,
            files,
            answers,
        }
    }

    /// Has these files and no others from now on.
    pub(crate) fn offers(&self, files: &[File]) {
        let mut offered = self.files.lock().expect("no test thread panicked");
        files.clone_into(&mut offered);
    }

    /// Answers what is asked for at `path` with something else from now on.
    pub(crate) fn answer(&self, path: &str, reply: Reply) {
        let mut answers = self.answers.lock().expect("no test thread panicked");
        answers.insert(path.to_owned(), reply);
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("{}simple/", self.server.url())
    }

    /// The address of one of its files.
    pub(crate) fn url_of(&self, file: &File) -> String {
        format!("{}files/{}", self.server.url(), file.name)
    }

    /// The files it was asked for, in order.
    pub(crate) fn fetched(&self) -> Vec<String> {
        let asked = self.server.asked();
        let files = asked.iter().filter_map(|path| path.strip_prefix("/files/"));
        files.map(str::to_owned).collect()
    }

    /// The paths that a client asked for with nobody between.
    pub(crate) fn asked_straight(&self) -> Vec<String> {
        self.server.asked_straight()
    }

    /// The projects it was asked about.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.server.asked();
        let pages = asked
            .iter()
            .filter_map(|path| path.strip_prefix("/simple/"));
        pages
            .map(|page| page.trim_end_matches('/').to_owned())
            .collect()
    }

    /// Runs `download` against it, at the time of the tests and without patience.
    pub(crate) fn download(&self, sandbox: &Sandbox, more: &[&str]) -> Ran {
        let url = self.url();
        let args = [&["download"][..], more, &usual(&url)].concat();
        sandbox.run(&args)
    }
}

/// What every run here is told.
pub(crate) fn usual(url: &str) -> Vec<&str> {
    let time = ["--as-of", NOW, "--timeout", "1", "--retries", "0"];
    [&["--index-url", url][..], &time].concat()
}

/// The names in a folder of the project, sorted; none where it is missing.
pub(crate) fn names(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(sandbox.project().join(folder));
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    names.sort();
    names
}
