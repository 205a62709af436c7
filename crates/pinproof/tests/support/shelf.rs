//! An index on loopback whose files are real: wheels that install, source distributions, and what a
//! hostile index would do with them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Reply, Server};

/// One file that an index offers.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    /// Its project.
    pub(crate) project: String,
    /// Its name.
    pub(crate) filename: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// What the index serves beside it; `None`, and whoever wants to know has to open the file.
    pub(crate) metadata: Option<String>,
    /// When it was uploaded; an empty text is no time.
    pub(crate) uploaded: String,
    /// Why it was withdrawn.
    pub(crate) yanked: Option<String>,
    /// What the page says of the Python that it needs.
    pub(crate) requires_python: Option<String>,
    /// What the page says of its hashes; `None` for its sha256.
    pub(crate) hashes: Option<Value>,
    /// What the page says of the status of its project.
    pub(crate) status: Option<&'static str>,
}

/// A wheel in the making, for every platform and uploaded long ago.
#[derive(Clone, Debug)]
pub(crate) struct Wheel {
    name: String,
    version: String,
    tag: String,
    fields: String,
    requires_python: Option<String>,
    uploaded: String,
    yanked: Option<String>,
    members: Vec<(String, String)>,
}

/// An index with files.
pub(crate) struct Shelf {
    server: Server,
}

impl Wheel {
    /// A wheel.
    pub(crate) fn new(name: &str, version: &str) -> Self {
        let stem = stem(name);
        let module = format!("VERSION = '{version}'\n");
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            tag: "py3-none-any".to_owned(),
            fields: String::new(),
            requires_python: None,
            uploaded: "2020-01-01T00:00:00Z".to_owned(),
            yanked: None,
            members: vec![(format!("{stem}/__init__.py"), module)],
        }
    }

    /// It needs this.
    pub(crate) fn requires(mut self, requirement: &str) -> Self {
        let _ = writeln!(self.fields, "Requires-Dist: {requirement}");
        self
    }

    /// It has this extra.
    pub(crate) fn extra(mut self, extra: &str) -> Self {
        let _ = writeln!(self.fields, "Provides-Extra: {extra}");
        self
    }

    /// It is for these Pythons.
    pub(crate) fn python(mut self, specifiers: &str) -> Self {
        self.requires_python = Some(specifiers.to_owned());
        self
    }

    /// It has these tags, and with them another name.
    pub(crate) fn tag(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.tag);
        self
    }

    /// It was uploaded then.
    pub(crate) fn uploaded(mut self, time: &str) -> Self {
        time.clone_into(&mut self.uploaded);
        self
    }

    /// Its authors withdrew it.
    pub(crate) fn yanked(mut self, reason: &str) -> Self {
        self.yanked = Some(reason.to_owned());
        self
    }

    /// It has this file.
    pub(crate) fn member(mut self, path: &str, text: &str) -> Self {
        self.members.push((path.to_owned(), text.to_owned()));
        self
    }

    /// It on an index that serves its metadata beside it.
    pub(crate) fn offered(&self) -> Offered {
        Offered {
            metadata: Some(self.metadata()),
            ..self.bare()
        }
    }

    /// It on an index that serves nothing beside it.
    pub(crate) fn bare(&self) -> Offered {
        let (stem, version) = (stem(&self.name), &self.version);
        let info = format!("{stem}-{version}.dist-info");
        let mut members = self.members.clone();
        members.push((format!("{info}/METADATA"), self.metadata()));
        let kind = format!(
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {}\n",
            self.tag
        );
        members.push((format!("{info}/WHEEL"), kind));
        let record = format!("{info}/RECORD");
        let mut text = format!("{record},,\n");
        for (path, _) in &members {
            let _ = writeln!(text, "{path},,");
        }
        members.push((record, text));
        Offered {
            project: self.name.clone(),
            filename: format!("{stem}-{version}-{}.whl", self.tag),
            bytes: zip_of(&members),
            metadata: None,
            uploaded: self.uploaded.clone(),
            yanked: self.yanked.clone(),
            requires_python: self.requires_python.clone(),
            hashes: None,
            status: None,
        }
    }

    /// Its core metadata.
    pub(crate) fn metadata(&self) -> String {
        let python = self.requires_python.as_ref();
        let python = python.map_or(String::new(), |text| format!("Requires-Python: {text}\n"));
        format!(
            "Metadata-Version: 2.2\nName: {}\nVersion: {}\n{python}{}",
            self.name, self.version, self.fields
        )
    }
}

impl Offered {
    /// A source distribution with static metadata and these files besides.
    pub(crate) fn sdist(name: &str, version: &str, members: &[(&str, &str)]) -> Self {
        let folder = format!("{}-{version}", stem(name));
        let mut archive = tar::Builder::new(Vec::new());
        let metadata = format!("Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n");
        for (path, text) in [("PKG-INFO", metadata.as_str())].iter().chain(members) {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            let path = format!("{folder}/{path}");
            let added = archive.append_data(&mut header, path, text.as_bytes());
            added.expect("a member");
        }
        let archive = archive.into_inner().expect("an archive");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&archive).expect("bytes");
        Self {
            project: name.to_owned(),
            filename: format!("{folder}.tar.gz"),
            bytes: packed.finish().expect("bytes"),
            metadata: None,
            uploaded: "2020-01-01T00:00:00Z".to_owned(),
            yanked: None,
            requires_python: None,
            hashes: None,
            status: None,
        }
    }

    /// Its sha256.
    pub(crate) fn sha256(&self) -> String {
        sha256(&self.bytes)
    }

    fn json(&self, files: &str) -> Value {
        let sha256 = json!({"sha256": self.sha256()});
        let mut file = json!({
            "filename": self.filename,
            "url": format!("{files}{}", self.filename),
            "hashes": self.hashes.as_ref().unwrap_or(&sha256),
            "size": self.bytes.len(),
            "yanked": self.yanked.as_ref().map_or(json!(false), |reason| json!(reason)),
        });
        if !self.uploaded.is_empty() {
            file["upload-time"] = json!(self.uploaded);
        }
        if let Some(metadata) = &self.metadata {
            file["core-metadata"] = json!({"sha256": self::sha256(metadata.as_bytes())});
        }
        if let Some(required) = &self.requires_python {
            file["requires-python"] = json!(required);
        }
        file
    }
}

impl Shelf {
    /// An index with these files.
    pub(crate) fn with(files: &[Offered]) -> Self {
        Self::at("", files)
    }

    /// The same at another place: a mirror.
    pub(crate) fn at(folder: &str, files: &[Offered]) -> Self {
        Self::many(&[(folder.to_owned(), files.to_vec())])
    }

    /// One index for each folder of the server.
    pub(crate) fn many(indexes: &[(String, Vec<Offered>)]) -> Self {
        let mut answers = BTreeMap::new();
        for (folder, files) in indexes {
            add(&mut answers, folder, files);
        }
        let kind = ("Content-Type", JSON.to_owned());
        Self {
            // A `+` of a local version and a `!` of an epoch are sent as they are or encoded.
            server: Server::new(move |asked| {
                match answers.get(&asked.path.replace("%2B", "+").replace("%21", "!")) {
                    Some(bytes) if asked.path.contains("/simple/") => {
                        Reply::Says(200, vec![kind.clone()], bytes.clone())
                    }
                    Some(bytes) => Reply::ok(bytes.clone()),
                    None => Reply::status(404),
                }
            }),
        }
    }

    /// Its address, to be asked of a client.
    pub(crate) fn url(&self) -> String {
        self.url_of("")
    }

    /// The address of the index in a folder.
    pub(crate) fn url_of(&self, folder: &str) -> String {
        format!("{}{folder}simple/", self.server.url())
    }

    /// The projects whose pages it was asked for, sorted.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.server.asked();
        let projects = asked.iter().filter_map(|path| {
            let (_, project) = path.split_once("/simple/")?;
            Some(project.trim_end_matches('/').to_owned())
        });
        let projects: std::collections::BTreeSet<_> = projects.collect();
        projects.into_iter().collect()
    }

    /// The paths of every request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.server.asked()
    }
}

const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn add(answers: &mut BTreeMap<String, Vec<u8>>, folder: &str, files: &[Offered]) {
    let mut pages: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut statuses: BTreeMap<&str, &str> = BTreeMap::new();
    let place = format!("/{folder}files/");
    for file in files {
        let page = pages.entry(&file.project).or_default();
        page.push(file.json(&place));
        statuses.extend(file.status.map(|status| (file.project.as_str(), status)));
        answers.insert(format!("{place}{}", file.filename), file.bytes.clone());
        if let Some(metadata) = &file.metadata {
            let beside = format!("{place}{}.metadata", file.filename);
            answers.insert(beside, metadata.clone().into_bytes());
        }
    }
    for (project, files) in pages {
        let status = statuses.get(project).unwrap_or(&"active");
        let page = json!({
            "meta": {"api-version": "1.4"}, "name": project, "files": files,
            "project-status": {"status": status},
        });
        let path = format!("/{folder}simple/{project}/");
        answers.insert(path, page.to_string().into_bytes());
    }
}

/// A name as files have it.
pub(crate) fn stem(name: &str) -> String {
    name.replace('-', "_")
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A zip archive of these members, the same bytes each time.
pub(crate) fn zip_of(members: &[(String, String)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (path, text) in members {
        archive.start_file(path, options).expect("a member");
        archive.write_all(text.as_bytes()).expect("its text");
    }
    archive.finish().expect("an archive").into_inner()
}
