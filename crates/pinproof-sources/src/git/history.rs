//! The history of some files: what each commit changed about them.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::Timestamp;

use super::tree::os_string;
use super::{Commit, EntryKind, GitError, Id, Repository};

/// Which commits are looked at: those that these names lead to, and everything before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refs {
    /// What is checked out.
    Head,
    /// Every branch and tag, those of remotes too.
    All,
}

/// Which files of a commit are looked at, by name alone.
pub trait Select {
    /// Whether a folder of this name may hold such files.
    fn enters(&self, folder: &str) -> bool;
    /// Whether a file is one; `folder` is the name of the folder it is in, empty at the top.
    fn takes(&self, folder: &str, file: &str) -> bool;
}

/// The history of the selected files.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Where the selected files changed, newest first.
    pub changes: Vec<Change>,
    /// The selected files of the commits that the history starts from.
    pub present: BTreeSet<(PathBuf, Id)>,
    /// What was looked at.
    pub commits: Commits,
}

/// How far a history goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// How many commits were looked at.
    pub read: usize,
    /// The commits whose parents a shallow clone does not have: what was before them is not known.
    pub shallow: Vec<Moment>,
    /// Whether there are more commits or files than the limits allow: what is older is not known.
    pub is_cut: bool,
    /// The oldest commit that was looked at.
    pub oldest: Option<Moment>,
}

/// A commit and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The commit.
    pub commit: Id,
    /// When it was committed, as whoever made it says.
    pub time: Timestamp,
}

/// A file that a commit has otherwise than one of its parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The commit.
    pub at: Moment,
    /// The file, from the top of the repository.
    pub path: PathBuf,
    /// What each parent has there; none at the first commit, and where a shallow clone ends.
    pub before: Vec<Option<Id>>,
    /// What the commit has there.
    pub after: Option<Id>,
    /// Whether the parents are not here, so that it may have been there before.
    pub is_edge: bool,
}

/// The selected files of a folder, by path from that folder on.
type Files = Rc<BTreeMap<PathBuf, Id>>;

impl Repository {
    /// Follows the files that `select` takes through the commits that `refs` lead to.
    ///
    /// A renamed file is gone under one path and comes under another. Errors are those of damaged and
    /// missing objects; a limit that is reached and the edge of a shallow clone are told in
    /// [`History::commits`].
    pub fn history(&self, refs: Refs, select: &impl Select) -> Result<History, GitError> {
        let tips = match refs {
            Refs::Head => vec![self.resolve("HEAD")?],
            Refs::All => self.all_tips()?,
        };
        let mut walk = Walk {
            repository: self,
            select,
            history: History::default(),
            folders: HashMap::new(),
            entries: 0,
        };
        walk.run(tips)?;
        Ok(walk.history)
    }
}

struct Walk<'a, S> {
    repository: &'a Repository,
    select: &'a S,
    history: History,
    /// What was found in a folder of a name: most folders are the same in most commits.
    folders: HashMap<(Id, String), Files>,
    /// How many entries of folders were looked at, and changes kept.
    entries: usize,
}

impl<S: Select> Walk<'_, S> {
    /// Newest first, so that a limit cuts off what is oldest.
    fn run(&mut self, tips: Vec<Commit>) -> Result<(), GitError> {
        let mut waiting = BinaryHeap::new();
        let mut known: HashMap<Id, Commit> = HashMap::new();
        let mut seen = HashSet::new();
        for tip in tips {
            for (path, id) in self.files(tip.tree)?.iter() {
                self.history.present.insert((path.clone(), *id));
            }
            if seen.insert(tip.id) {
                waiting.push((tip.time, tip.id));
                known.insert(tip.id, tip);
            }
        }
        while let Some((_, id)) = waiting.pop() {
            if self.is_over() {
                self.history.commits.is_cut = true;
                break;
            }
            let Some(commit) = known.remove(&id) else {
                continue;
            };
            let parents = self.parents(&commit, &known)?;
            self.compare(&commit, &parents)?;
            if self.history.commits.is_cut {
                break;
            }
            for parent in parents {
                if seen.insert(parent.id) {
                    waiting.push((parent.time, parent.id));
                    known.insert(parent.id, parent);
                }
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let limits = &self.repository.limits;
        self.history.commits.read >= limits.commits || self.entries >= limits.entries
    }

    fn parents(
        &self,
        commit: &Commit,
        known: &HashMap<Id, Commit>,
    ) -> Result<Vec<Commit>, GitError> {
        if self.repository.shallow.contains(&commit.id) {
            return Ok(Vec::new());
        }
        let read = |id: &Id| match known.get(id) {
            Some(parent) => Ok(parent.clone()),
            None => self.repository.objects.commit(*id),
        };
        commit.parents.iter().map(read).collect()
    }

    fn compare(&mut self, commit: &Commit, parents: &[Commit]) -> Result<(), GitError> {
        let at = Moment {
            commit: commit.id,
            time: commit.time,
        };
        let is_edge = self.repository.shallow.contains(&commit.id);
        let commits = &mut self.history.commits;
        commits.read += 1;
        commits.shallow.extend(is_edge.then_some(at));
        if commits.oldest.is_none_or(|oldest| oldest.time > at.time) {
            commits.oldest = Some(at);
        }
        let after = self.files(commit.tree)?;
        let before: Vec<Files> = parents
            .iter()
            .map(|parent| self.files(parent.tree))
            .collect::<Result<_, _>>()?;
        // What was only half read would look as if files were gone.
        if self.history.commits.is_cut {
            return Ok(());
        }
        let is_same = |files: &Files| Rc::ptr_eq(files, &after) || **files == *after;
        if !before.is_empty() && before.iter().all(is_same) {
            return Ok(());
        }
        let all = before.iter().chain([&after]);
        let paths: BTreeSet<&PathBuf> = all.flat_map(|files| files.keys()).collect();
        for path in paths {
            let change = Change {
                at,
                path: path.clone(),
                before: before
                    .iter()
                    .map(|files| files.get(path).copied())
                    .collect(),
                after: after.get(path).copied(),
                is_edge,
            };
            if before.is_empty() || change.before.iter().any(|id| *id != change.after) {
                self.entries += 1;
                self.history.changes.push(change);
            }
        }
        Ok(())
    }

    fn files(&mut self, tree: Id) -> Result<Files, GitError> {
        self.folder(tree, "", 0)
    }

    fn folder(&mut self, tree: Id, name: &str, depth: usize) -> Result<Files, GitError> {
        let key = (tree, name.to_owned());
        if let Some(files) = self.folders.get(&key) {
            return Ok(Rc::clone(files));
        }
        let limits = &self.repository.limits;
        if depth > limits.depth {
            return Err(GitError::TooDeep {
                limit: limits.depth,
            });
        }
        let mut files = BTreeMap::new();
        let mut folders = Vec::new();
        let mut entries = 0;
        self.repository.each_entry(tree, |entry, kind, id| {
            entries += 1;
            let shown = String::from_utf8_lossy(entry);
            match kind {
                EntryKind::Folder if self.select.enters(&shown) => {
                    folders.push((os_string(entry), shown.into_owned(), id));
                }
                EntryKind::File if self.select.takes(name, &shown) => {
                    files.insert(PathBuf::from(os_string(entry)), id);
                }
                _ => {}
            }
        })?;
        self.entries += entries;
        for (entry, name, id) in folders {
            // One folder may be in a commit any number of times, at no cost to whoever made it so.
            if self.is_over() {
                self.history.commits.is_cut = true;
                break;
            }
            let below = self.folder(id, &name, depth + 1)?;
            self.entries += below.len();
            let path = |(path, id): (&PathBuf, &Id)| (Path::new(&entry).join(path), *id);
            files.extend(below.iter().map(path));
        }
        let files = Rc::new(files);
        self.folders.insert(key, Rc::clone(&files));
        Ok(files)
    }
}
