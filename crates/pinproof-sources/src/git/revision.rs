//! Names of commits: branches, tags, ids and their beginnings, with `~N`, `^N` and `@`.
//!
//! This is the part of `gitrevisions(7)` that people and CI write. What needs the reflog, a search or a
//! range is refused by name, and never taken for something else.

use gix_hash::ObjectId;
use gix_object::Kind;
use gix_ref::{PartialName, Target};
use pinproof_core::Printable;

use super::layout::unreadable;
use super::objects::Found;
use super::{Commit, GitError, Id, Repository};

/// Tags that point to tags, and refs that point to refs.
const MAX_STEPS: usize = 16;
/// A longer name is no mistake but an attempt.
const MAX_LENGTH: usize = 1_000;

/// A step from a commit to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// `~N`: so many first parents back.
    Back(usize),
    /// `^N`: the N-th parent; the 0th is the commit itself.
    Parent(usize),
}

impl Repository {
    /// The commit that a name stands for.
    pub fn resolve(&self, revision: &str) -> Result<Commit, GitError> {
        let shown = Printable::new(revision).shortened(200);
        let bad = |why| GitError::BadRevision {
            revision: shown.clone(),
            why,
        };
        if revision.len() > MAX_LENGTH {
            return Err(bad("it is too long"));
        }
        let (name, steps) = parse(revision).map_err(bad)?;
        let id = self.named(name, &shown)?;
        let mut commit = self.peel(id, &shown)?;
        for step in steps {
            commit = self.step(commit, step, &shown)?;
        }
        Ok(commit)
    }

    /// Every branch, tag and remote branch that leads to a commit, and `HEAD`.
    pub(super) fn all_tips(&self) -> Result<Vec<Commit>, GitError> {
        let failed =
            |error: &dyn std::fmt::Display| unreadable(self.refs.git_dir(), &error.to_string());
        let platform = self.refs.iter().map_err(|error| failed(&error))?;
        let mut tips = vec![self.resolve("HEAD")?];
        for reference in platform.all().map_err(|error| failed(&error))? {
            let reference = reference.map_err(|error| failed(&error))?;
            let Target::Object(id) = reference.target else {
                continue;
            };
            let name = Printable::from(reference.name.as_bstr().to_string());
            match self.peel(Id(id), &name) {
                Ok(commit) => tips.push(commit),
                // A tag may name any object; only commits have a history.
                Err(GitError::NotACommit { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(tips)
    }

    fn named(&self, name: &str, shown: &Printable) -> Result<Id, GitError> {
        let is_hex = name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && name.len() == 40 {
            let id = ObjectId::from_hex(name.as_bytes());
            return id.map(Id).map_err(|_| self.unknown(name, shown));
        }
        if let Some(id) = self.reference(name)? {
            return Ok(id);
        }
        if !is_hex {
            return Err(self.unknown(name, shown));
        }
        match self.objects.beginning_with(name)? {
            Found::One(id) => Ok(id),
            Found::None => Err(self.unknown(name, shown)),
            Found::Several => Err(GitError::AmbiguousId {
                revision: shown.clone(),
            }),
        }
    }

    /// What a ref points to, symbolic refs followed; `None` where there is no ref of that name.
    fn reference(&self, name: &str) -> Result<Option<Id>, GitError> {
        let Ok(mut name) = PartialName::try_from(name) else {
            return Ok(None);
        };
        for _ in 0..MAX_STEPS {
            let found = self.refs.try_find(name.as_ref());
            let found =
                found.map_err(|error| unreadable(self.refs.git_dir(), &error.to_string()))?;
            match found.map(|reference| reference.target) {
                None => return Ok(None),
                Some(Target::Object(id)) => return Ok(Some(Id(id))),
                Some(Target::Symbolic(next)) => {
                    next.as_ref().as_partial_name().clone_into(&mut name);
                }
            }
        }
        Ok(None)
    }

    /// The commit that a tag, a tag of a tag and so on leads to.
    fn peel(&self, mut id: Id, shown: &Printable) -> Result<Commit, GitError> {
        let not_a_commit = |what: String| GitError::NotACommit {
            revision: shown.clone(),
            what: Printable::from(what),
        };
        for _ in 0..MAX_STEPS {
            match self.objects.kind(id)? {
                Kind::Commit => return self.objects.commit(id),
                Kind::Tag => id = self.objects.tag(id)?,
                Kind::Tree => return Err(not_a_commit("a folder".to_owned())),
                Kind::Blob => return Err(not_a_commit("a file".to_owned())),
            }
        }
        Err(not_a_commit(format!(
            "a chain of more than {MAX_STEPS} tags"
        )))
    }

    fn step(&self, commit: Commit, step: Step, shown: &Printable) -> Result<Commit, GitError> {
        let (times, nth) = match step {
            Step::Back(times) => (times, 1),
            Step::Parent(0) => (0, 1),
            Step::Parent(nth) => (1, nth),
        };
        let mut commit = commit;
        for _ in 0..times {
            let is_shallow = self.shallow.contains(&commit.id);
            let parent = commit.parents.get(nth - 1).filter(|_| !is_shallow);
            let parent = parent.ok_or_else(|| GitError::TooOld {
                revision: shown.clone(),
                is_shallow,
            })?;
            commit = self.objects.commit(*parent)?;
        }
        Ok(commit)
    }

    fn unknown(&self, name: &str, shown: &Printable) -> GitError {
        // `origin/main`: the remote is whatever stands before the first slash, if it has any branch here.
        let remote = name.split_once('/').filter(|(remote, branch)| {
            let is_remote = self.has_remote(remote);
            is_remote && PartialName::try_from(*branch).is_ok()
        });
        GitError::UnknownRevision {
            revision: shown.clone(),
            is_shallow: self.is_shallow(),
            remote: remote.map(|(remote, branch)| (Printable::new(remote), Printable::new(branch))),
        }
    }

    fn has_remote(&self, remote: &str) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_plain = remote.bytes().all(is_plain) && !remote.starts_with('-');
        let folder = self.refs.common_dir_resolved().join("refs").join("remotes");
        is_plain && (remote == "origin" || folder.join(remote).is_dir())
    }
}

/// Splits a revision into its name and its steps.
fn parse(revision: &str) -> Result<(&str, Vec<Step>), &'static str> {
    let end = revision.find(['~', '^']).unwrap_or(revision.len());
    let (name, mut rest) = revision.split_at(end);
    if name.contains("@{") {
        return Err("names by date and reflog are not read");
    }
    if name.contains("..") || name.starts_with('-') {
        return Err("it is a range or an option");
    }
    if name.contains(':') {
        return Err("it names a file");
    }
    let name = if name == "@" { "HEAD" } else { name };
    if name.is_empty() {
        return Err("it is empty");
    }
    let mut steps = Vec::new();
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        if let Some(after) = rest
            .strip_prefix("{commit}")
            .or_else(|| rest.strip_prefix("{}"))
        {
            if sign != '^' {
                return Err("a brace follows only `^`");
            }
            rest = after;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let number = if number.is_empty() {
            Ok(1)
        } else {
            number.parse()
        };
        let number = number.map_err(|_| "a number in it is too large")?;
        steps.push(match sign {
            '~' => Step::Back(number),
            '^' => Step::Parent(number),
            _ => return Err("only `~N` and `^N` may follow a name"),
        });
        rest = after;
    }
    Ok((name, steps))
}

#[cfg(test)]
mod tests {
    use super::{Step, parse};

    #[test]
    fn names_and_steps() {
        assert_eq!(parse("origin/main"), Ok(("origin/main", vec![])));
        assert_eq!(parse("@~3"), Ok(("HEAD", vec![Step::Back(3)])));
        let steps = vec![Step::Parent(2), Step::Back(1), Step::Parent(0)];
        assert_eq!(parse("v1.2^2~^0"), Ok(("v1.2", steps)));
        assert_eq!(parse("v1.2^{commit}"), Ok(("v1.2", vec![])));
        assert_eq!(parse("v1.2^{}~2"), Ok(("v1.2", vec![Step::Back(2)])));
    }

    #[test]
    fn what_is_not_read_is_refused() {
        for revision in [
            "",
            "~1",
            "a..b",
            "a...b",
            "HEAD:file",
            "HEAD@{1}",
            "-x",
            "a^{tree}",
            "a~{}",
            "a~x",
            "a~99999999999999999999999",
            ":/text",
        ] {
            assert!(parse(revision).is_err(), "{revision}");
        }
    }
}
