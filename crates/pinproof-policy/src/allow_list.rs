//! The allow-list: what a set of lock files names, and nothing else may enter.
//!
//! The policy says which files; whoever reads the policy reads them too. Until that is done nothing is known to be
//! in the list, and every question about it stays open.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use pinproof_core::{FileFacts, Hash, Place, ProjectName, Specifiers, Version};
use sha2::{Digest, Sha256};

/// The lock files of the list, and what they name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowList {
    /// The files, as the policy names them.
    pub files: Vec<ListedLock>,
    /// What is in them, once they are read.
    listed: Option<Arc<Listed>>,
}

/// A lock file of the list, or several by a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedLock {
    /// A path relative to the policy, with `*` and `**`.
    pub pattern: String,
    /// Where the policy names it.
    pub place: Place,
}

/// What the lock files of a list name, all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed(BTreeMap<ProjectName, Releases>);

/// The releases of a project by version; without one, files that a lock holds to their hashes alone.
type Releases = BTreeMap<Option<Version>, Files>;

/// Which files of a release are in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Files {
    /// All of them: a lock has the version without hashes.
    Any,
    /// Those with one of these hashes.
    Hashed(BTreeSet<Hash>),
}

impl AllowList {
    /// A list whose files nobody has read yet.
    pub fn of_files(files: Vec<ListedLock>) -> Self {
        Self {
            files,
            listed: None,
        }
    }

    /// Takes what its files name.
    pub fn take(&mut self, listed: Listed) {
        self.listed = Some(Arc::new(listed));
    }

    /// What its files name; `None` until they are read.
    pub fn listed(&self) -> Option<&Listed> {
        self.listed.as_deref()
    }

    /// The sha256 over the names, versions and hashes, whatever files and formats they stand in.
    pub(crate) fn digest(&self) -> Option<String> {
        let digest = Sha256::digest(self.listed()?.canonical());
        Some(digest.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// The files in the words of the policy, for a help.
    pub(crate) fn shown(&self) -> String {
        /// More are not read by anybody.
        const MOST: usize = 5;
        let names = self.files.iter().take(MOST);
        let names: Vec<_> = names.map(|file| format!("`{}`", file.pattern)).collect();
        let more = self.files.len().saturating_sub(MOST);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        names.join(", ") + &more
    }
}

impl Listed {
    /// Adds a project: a lock takes it from elsewhere than an index.
    pub fn add_project(&mut self, project: ProjectName) {
        self.0.entry(project).or_default();
    }

    /// Adds a release as a lock has it; without hashes, any file of the version is in the list.
    pub fn add(
        &mut self,
        project: ProjectName,
        version: Option<Version>,
        hashes: impl IntoIterator<Item = Hash>,
    ) {
        let mut hashes = hashes.into_iter().peekable();
        let releases = self.0.entry(project).or_default();
        if hashes.peek().is_none() {
            releases.insert(version, Files::Any);
            return;
        }
        // A weak one tells no file from another.
        let strong = hashes.filter(|hash| hash.algorithm().is_strong());
        let files = releases.entry(version);
        if let Files::Hashed(known) = files.or_insert_with(|| Files::Hashed(BTreeSet::new())) {
            known.extend(strong);
        }
    }

    /// How many projects there are.
    pub fn projects(&self) -> usize {
        self.0.len()
    }

    /// Whether a lock has the project.
    pub fn has_project(&self, project: &ProjectName) -> bool {
        self.0.contains_key(project)
    }

    /// Whether a lock has the release, some files of it at least.
    pub fn has_release(&self, project: &ProjectName, version: &Version) -> bool {
        self.files(project, version).next().is_some()
    }

    /// Whether a lock has a file of the release with this hash.
    pub fn has_hash(&self, project: &ProjectName, version: &Version, hash: &Hash) -> bool {
        self.files(project, version).any(|files| match files {
            Files::Any => true,
            Files::Hashed(hashes) => hashes.contains(hash),
        })
    }

    /// Whether a lock has the file.
    pub fn has_file(&self, project: &ProjectName, version: &Version, file: &FileFacts) -> bool {
        self.files(project, version).any(|files| match files {
            Files::Any => true,
            Files::Hashed(hashes) => file.hashes.iter().any(|hash| hashes.contains(hash)),
        })
    }

    /// The versions of a project that the locks have, oldest first.
    pub fn versions(&self, project: &ProjectName) -> impl DoubleEndedIterator<Item = &Version> {
        let releases = self.0.get(project).into_iter().flatten();
        releases.filter_map(|(version, _)| version.as_ref())
    }

    /// Whether a version that the locks have satisfies `specifiers`.
    pub fn satisfies(&self, project: &ProjectName, specifiers: &Specifiers) -> bool {
        let accepts = |version: &Version| {
            specifiers.contains(version, pinproof_core::specifier::Prereleases::Allow)
        };
        self.versions(project).any(accepts)
    }

    fn files(&self, project: &ProjectName, version: &Version) -> impl Iterator<Item = &Files> {
        let releases = self.0.get(project);
        let find = |key: Option<Version>| releases.and_then(|releases| releases.get(&key));
        find(Some(version.clone())).into_iter().chain(find(None))
    }

    /// A line for each release, in one order, however often and in however many files it stands.
    fn canonical(&self) -> String {
        let mut text = String::new();
        for (project, releases) in &self.0 {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{project}");
            for (version, files) in releases {
                let _ = match version {
                    Some(version) => write!(text, "  =={}", shortest(version)),
                    None => write!(text, "  any version"),
                };
                match files {
                    Files::Any => text.push_str(" any file"),
                    Files::Hashed(hashes) => hashes.iter().for_each(|hash| {
                        let _ = write!(text, " {hash}");
                    }),
                }
                text.push('\n');
            }
        }
        text
    }
}

/// The version without zeros that mean nothing: 1.0 and 1 are one release.
fn shortest(version: &Version) -> String {
    let text = version.to_string();
    let start = text.find('!').map_or(0, |at| at + 1);
    let is_other = |c: char| !c.is_ascii_digit() && c != '.';
    let end = text[start..]
        .find(is_other)
        .map_or(text.len(), |at| start + at);
    let end = start + text[start..end].trim_end_matches('.').len();
    let mut release = &text[start..end];
    while let Some(shorter) = release.strip_suffix(".0") {
        release = shorter;
    }
    format!("{}{release}{}", &text[..start], &text[end..])
}

#[cfg(test)]
mod tests {
    use pinproof_core::{Hash, HashAlgorithm};

    use super::{AllowList, Listed};

    fn hash(digit: &str) -> Hash {
        Hash::new(HashAlgorithm::Sha256, &digit.repeat(64)).unwrap()
    }

    fn list(entries: &[(&str, &str, &[&str])]) -> Listed {
        let mut listed = Listed::default();
        for (name, version, digits) in entries {
            let hashes = digits.iter().map(|digit| hash(digit));
            listed.add(
                name.parse().unwrap(),
                Some(version.parse().unwrap()),
                hashes,
            );
        }
        listed
    }

    fn digest(listed: Listed) -> String {
        let mut list = AllowList::of_files(Vec::new());
        list.take(listed);
        list.digest().unwrap()
    }

    #[test]
    fn the_same_locks_in_another_order_and_form_have_the_same_digest() {
        let one = list(&[
            ("a", "1.0", &["a"]),
            ("b", "2.0", &["b"]),
            ("a", "1.0", &["c"]),
        ]);
        let other = list(&[("b", "2", &["b"]), ("A", "1.0.0", &["c", "a"])]);
        assert_eq!(digest(one.clone()), digest(other));
        let more = list(&[("a", "1.0", &["a", "c", "d"]), ("b", "2.0", &["b"])]);
        assert_ne!(digest(one), digest(more));
    }

    #[test]
    fn a_lock_without_hashes_has_every_file_of_its_version() {
        let listed = list(&[
            ("a", "1.0", &["a"]),
            ("a", "1.0", &[]),
            ("a", "2.0", &["b"]),
        ]);
        let (name, hash) = ("a".parse().unwrap(), hash("f"));
        assert!(listed.has_hash(&name, &"1.0".parse().unwrap(), &hash));
        assert!(!listed.has_hash(&name, &"2.0".parse().unwrap(), &hash));
        assert!(!listed.has_release(&name, &"3.0".parse().unwrap()));
    }

    #[test]
    fn zeros_at_the_end_of_a_release_mean_nothing() {
        let shortest = |text: &str| super::shortest(&text.parse().unwrap());
        assert_eq!(shortest("1.0.0"), "1");
        assert_eq!(shortest("1!2.0.post1"), "1!2.post1");
        assert_eq!(shortest("1.10.0rc1"), "1.10rc1");
        assert_eq!(shortest("0.0+local.0"), "0+local.0");
    }

    #[test]
    fn nothing_is_known_of_a_list_that_nobody_has_read() {
        let list = AllowList::of_files(Vec::new());
        assert!(list.listed().is_none() && list.digest().is_none());
    }
}
