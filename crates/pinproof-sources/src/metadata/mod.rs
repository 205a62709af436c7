//! The dependencies of a release, from the cheapest file that tells them without a build.
//!
//! In this order: metadata that the index serves beside the file (PEP 658, PEP 714), checked against
//! its hash; the METADATA of a wheel, by range requests; the PKG-INFO of a source distribution, if
//! it is static (PEP 643). Only the preferred file is asked: where it lies or fails, another one is
//! no answer, because an installer would take the first.

mod archive;
pub(crate) mod core_metadata;
mod error;
pub(crate) mod sdist;
mod wheel_reader;
mod zip_entry;
pub(crate) mod zip_member;

use std::io::Read;

use pinproof_core::filename::{self, DistributionKind};
use pinproof_core::project_facts::{MetadataObstacle, ReleaseMetadata};
use pinproof_core::{
    FileFacts, Hash, HashAlgorithm, Printable, ProjectName, ReleaseFacts, Version,
};
use sha2::{Digest, Sha256, Sha384, Sha512};
use url::Url;

pub use core_metadata::{CoreMetadata, CoreMetadataError};
pub use error::{MetadataError, MetadataProblem};
pub use wheel_reader::{Step as WheelStep, WheelReader};
pub use zip_member::ZipError;

use crate::hex;
use crate::http::{Http, Request};
use archive::{Archive, Place, ReadSeek};
use zip_member::Wanted;

/// What is known of a release without building it.
pub(crate) type Known = Result<ReleaseMetadata, MetadataObstacle>;

/// A release whose dependencies are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    /// The project.
    pub project: &'a ProjectName,
    /// The version.
    pub version: &'a Version,
    /// Its files, as the index lists them.
    pub files: &'a ReleaseFacts,
}

/// One file, asked for the metadata of its release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) release: Release<'a>,
    pub(crate) file: &'a FileFacts,
    kind: DistributionKind,
}

impl<'a> Release<'a> {
    /// The file to ask: the wheel with the lowest rank, or else such a source distribution; among
    /// equals the first by name, so that the order of a page does not matter.
    pub(crate) fn question(
        self,
        rank: &(dyn Fn(&FileFacts) -> u32 + Sync),
    ) -> Option<Question<'a>> {
        let kind =
            |file: &FileFacts| filename::parse(&file.filename, self.project).map(|file| file.kind);
        let candidates = self
            .files
            .files
            .iter()
            .filter_map(|file| match kind(file)? {
                DistributionKind::Other => None,
                kind => Some((kind, file)),
            });
        let (kind, file) =
            candidates.min_by_key(|(kind, file)| (*kind, rank(file), &file.filename))?;
        Some(Question {
            release: self,
            file,
            kind,
        })
    }
}

impl Question<'_> {
    /// Asks the index.
    pub(crate) async fn ask(&self, http: &Http, index: &Url) -> Result<Known, MetadataError> {
        self.read(http, index).await.map_err(|why| MetadataError {
            file: Printable::new(&self.file.filename).shortened(120),
            why,
        })
    }

    async fn read(&self, http: &Http, index: &Url) -> Result<Known, MetadataProblem> {
        let url = file_url(self.file, index)?;
        let place = Place {
            http,
            url: &url,
            realm: index,
            facts: self.file,
        };
        // Metadata that nothing holds to the page may be that of any other file: the file itself is read then.
        if let Some(hashes) = &self.file.core_metadata
            && hashes.iter().any(is_checked)
            && url.scheme() != "file"
            && let Some(content) = beside(place, hashes).await?
        {
            return self.understand(&content);
        }
        let max_bytes = http.limits().metadata_bytes;
        match self.kind {
            DistributionKind::Wheel => {
                let mut archive = Archive::open(place).await?;
                self.understand(&archive.zip_member(&Wanted::in_wheel(max_bytes)).await?)
            }
            _ => match self.pkg_info(place).await? {
                Some(content) => self.understand(&content),
                None => Ok(Err(MetadataObstacle::NeedsBuild)),
            },
        }
    }

    /// PKG-INFO of a source distribution. Formats other than `.tar.gz` and `.zip` are older than
    /// static metadata.
    async fn pkg_info(&self, place: Place<'_>) -> Result<Option<Vec<u8>>, MetadataProblem> {
        let name = self.file.filename.as_str();
        if has_extension(name, "zip") {
            let wanted = Wanted::in_sdist(place.http.limits().metadata_bytes);
            let content = Archive::download(place).await?.zip_member(&wanted).await;
            return match content {
                Err(MetadataProblem::Zip(ZipError::Missing(_))) => Ok(None),
                content => content.map(Some),
            };
        }
        if !name.ends_with(".tar.gz") && !has_extension(name, "tgz") {
            return Ok(None);
        }
        let Some(file) = Archive::download(place).await?.into_file() else {
            return Ok(None);
        };
        let limits = place.http.limits().clone();
        joined(move || sdist::pkg_info(file, &limits)).await
    }

    /// The facts in core metadata, if it is that of the release.
    fn understand(&self, content: &[u8]) -> Result<Known, MetadataProblem> {
        let metadata = core_metadata::parse(content)?;
        metadata.expect(self.release.project, self.release.version)?;
        if self.kind != DistributionKind::Wheel && !metadata.is_static() {
            return Ok(Err(MetadataObstacle::NeedsBuild));
        }
        Ok(Ok(self.facts(metadata)))
    }

    fn facts(&self, metadata: CoreMetadata) -> ReleaseMetadata {
        ReleaseMetadata {
            requires_dist: metadata.requires_dist,
            provides_extra: metadata.provides_extra,
            requires_python: metadata.requires_python,
            read_from: self.file.filename.clone(),
        }
    }
}

/// Where a file is; an index over TLS does not lead to one without, and only a folder to a folder.
fn file_url(file: &FileFacts, index: &Url) -> Result<Url, MetadataProblem> {
    let url = Url::parse(&file.url)
        .map_err(|_| MetadataProblem::Archive("its address is no URL".into()))?;
    if index.scheme() == "https" && url.scheme() == "http" {
        return Err(MetadataProblem::PlainHttp);
    }
    if index.scheme() != "file" && url.scheme() == "file" {
        return Err(MetadataProblem::Archive(
            "its address is a file of this machine".into(),
        ));
    }
    Ok(url)
}

/// The `pyproject.toml` of a source distribution; `None` if it has none. Nothing of it is run.
pub(crate) async fn pyproject(
    http: &Http,
    index: &Url,
    file: &FileFacts,
) -> Result<Option<Vec<u8>>, MetadataError> {
    let limits = http.limits().clone();
    let read = move |whole| sdist::member(whole, sdist::PYPROJECT, &limits);
    of_whole_file(http, index, file, read).await
}

/// The core metadata in a wheel.
pub(crate) async fn of_wheel(
    http: &Http,
    index: &Url,
    file: &FileFacts,
) -> Result<Vec<u8>, MetadataError> {
    let failed = |why| MetadataError {
        file: Printable::new(&file.filename).shortened(120),
        why,
    };
    let url = file_url(file, index).map_err(failed)?;
    let place = Place {
        http,
        url: &url,
        realm: index,
        facts: file,
    };
    let mut archive = Archive::open(place).await.map_err(failed)?;
    let wanted = Wanted::in_wheel(http.limits().metadata_bytes);
    archive.zip_member(&wanted).await.map_err(failed)
}

/// The SHA-256 of a file, read as a whole: for an index that publishes none.
pub(crate) async fn sha256(
    http: &Http,
    index: &Url,
    file: &FileFacts,
) -> Result<Hash, MetadataError> {
    let read = |mut whole: Box<dyn ReadSeek>| {
        let digest = digest_of(&mut whole)?;
        let none = |_| MetadataProblem::Archive("its hash is none".into());
        Hash::new(HashAlgorithm::Sha256, &digest).map_err(none)
    };
    of_whole_file(http, index, file, read).await
}

/// What `read` finds in all the bytes of a file.
async fn of_whole_file<T: Send + 'static>(
    http: &Http,
    index: &Url,
    file: &FileFacts,
    read: impl FnOnce(Box<dyn ReadSeek>) -> Result<T, MetadataProblem> + Send + 'static,
) -> Result<T, MetadataError> {
    let failed = |why| MetadataError {
        file: Printable::new(&file.filename).shortened(120),
        why,
    };
    let url = file_url(file, index).map_err(failed)?;
    let place = Place {
        http,
        url: &url,
        realm: index,
        facts: file,
    };
    let archive = Archive::download(place).await.map_err(failed)?;
    let Some(whole) = archive.into_file() else {
        let why = MetadataProblem::Archive("it was not read as a whole".into());
        return Err(failed(why));
    };
    joined(move || read(whole)).await.map_err(failed)
}

/// Runs `work` where it does not hold up other requests; a panic in it is a bug, and stays one.
async fn joined<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MetadataProblem> + Send + 'static,
) -> Result<T, MetadataProblem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(MetadataProblem::Archive("reading it was stopped".into())),
        },
    }
}

fn digest_of(file: &mut impl Read) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex::encode(&hasher.finalize())),
            read => hasher.update(&part[..read]),
        }
    }
}

/// The metadata that the index serves beside a file; `None` if it is not there after all, which some
/// mirrors do: then the file itself is asked.
async fn beside(place: Place<'_>, hashes: &[Hash]) -> Result<Option<Vec<u8>>, MetadataProblem> {
    let mut url = place.url.clone();
    url.set_path(&format!("{}.metadata", place.url.path()));
    let request = Request {
        url: &url,
        realm: Some(place.realm),
        accept: "*/*",
        range: None,
        json: None,
        known: None,
        exact_bytes: false,
        what: "metadata",
        max_bytes: place.http.limits().metadata_bytes,
    };
    let content: Vec<u8> = match place.http.get(&request).await {
        Ok(answer) => answer.body,
        Err(error) if error.is_absent() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    for hash in hashes {
        if digest(hash.algorithm(), &content).is_some_and(|found| found != hash.digest()) {
            return Err(MetadataProblem::WrongHash {
                what: "its metadata",
                algorithm: hash.algorithm().name(),
            });
        }
    }
    Ok(Some(content))
}

/// Whether bytes can be checked with a hash.
fn is_checked(hash: &Hash) -> bool {
    digest(hash.algorithm(), b"").is_some()
}

/// The digest of `content`; `None` for an algorithm that nothing is checked with.
fn digest(algorithm: HashAlgorithm, content: &[u8]) -> Option<String> {
    match algorithm {
        HashAlgorithm::Sha256 => Some(hex::encode(&Sha256::digest(content))),
        HashAlgorithm::Sha384 => Some(hex::encode(&Sha384::digest(content))),
        HashAlgorithm::Sha512 => Some(hex::encode(&Sha512::digest(content))),
        _ => None,
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, end)| end == extension)
}
