//! The locks among the files of a project, with the inputs that they were made from.

use std::collections::BTreeSet;
use std::path::Path;

use pinproof_core::manifest::{Header, MadeFrom, NotedInput, Requirement};
use pinproof_core::{Manifest, Printable};
use pinproof_formats::content_digest::{self, Comparison};
use pinproof_policy::staleness::{Content, Holds, LockInput, LockSubject};
use pinproof_policy::subject::InputRequirement;

use crate::inputs::{Format, LoadedFile, normalize};
use crate::roles;
use crate::scope::Chosen;
use crate::settings::ScopeChoice;

/// Options of compilers and exporters that leave out what an input asks for, or take another part of it.
const LEAVE_OUT: [&str; 9] = [
    "--exclude",
    "--group",
    "--no-default-groups",
    "--no-emit-",
    "--only-",
    "--package",
    "--project",
    "--prune",
    "--unsafe-package",
];

/// The files of a run, and which of them are installed together.
#[derive(Clone, Copy)]
pub(crate) struct Locks<'a> {
    pub(crate) files: &'a [LoadedFile],
    pub(crate) members: &'a [Vec<usize>],
    pub(crate) choice: &'a ScopeChoice,
}

impl<'a> Locks<'a> {
    /// The locks that are installed with a file, itself among them.
    pub(crate) fn of(self, root: usize) -> Vec<LockSubject<'a>> {
        let Some(together) = self.members.get(root) else {
            return Vec::new();
        };
        together
            .iter()
            .filter_map(|at| self.subject(*at, together))
            .collect()
    }

    fn subject(self, at: usize, together: &[usize]) -> Option<LockSubject<'a>> {
        let lock = &self.files[at];
        let holds = holds(lock)?;
        let inputs: Vec<_> = roles::named_inputs_here(at, self.files)
            .into_iter()
            .map(|input| self.input(lock, input))
            .collect();
        if inputs.is_empty() {
            return None;
        }
        let entries = together
            .iter()
            .flat_map(|member| &self.files[*member].manifest.requirements);
        let has_override = |header: &Header| header.command.contains("--override");
        Some(LockSubject {
            source: &lock.source,
            manifest: &lock.manifest,
            entries: entries.filter(|entry| entry.scope.is_needed()).collect(),
            inputs,
            holds,
            is_overridden: lock.manifest.header.as_ref().is_some_and(has_override),
            remedy: remedy(lock),
        })
    }

    fn input(self, lock: &'a LoadedFile, at: usize) -> LockInput<'a> {
        let input = &self.files[at];
        let chosen = Chosen::of(&input.manifest, self.choice);
        let declared = input.manifest.parts.iter().map(|part| &part.scope);
        let left_out: BTreeSet<_> = declared.filter(|scope| !chosen.judges(scope)).collect();
        let is_judged = |requirement: &Requirement| !left_out.contains(&requirement.scope);
        let included = self.members.get(at).map_or(&[][..], Vec::as_slice);
        // An input that another file includes is alone here: what it includes is judged with that file.
        let files = if included.is_empty() {
            std::slice::from_ref(&at)
        } else {
            included
        };
        let requirements = files
            .iter()
            .map(|file| &self.files[*file])
            .flat_map(|file| {
                let requirements = file.manifest.requirements.iter();
                requirements.map(move |requirement| InputRequirement {
                    requirement,
                    source: &file.source,
                })
            });
        LockInput {
            source: &input.source,
            manifest: &input.manifest,
            requirements: requirements
                .filter(|asked| is_judged(asked.requirement))
                .collect(),
            left_out: left_out.into_iter().cloned().collect(),
            noted: noted(lock, input),
            content: content(lock, input),
        }
    }
}

/// What a lock has entries of; `None` for a file that does not say what it was made from. A `pylock.toml` does
/// not: the project beside it is a guess.
fn holds(lock: &LoadedFile) -> Option<Holds> {
    match lock.format {
        Format::PoetryLock => Some(Holds::EveryPart),
        Format::PipfileLock => Some(Holds::TheProject),
        Format::UvLock | Format::PdmLock => Some(Holds::Unknown),
        Format::Requirements => Some(if leaves_out(&lock.manifest) {
            Holds::Unknown
        } else {
            Holds::TheProject
        }),
        _ => None,
    }
}

fn leaves_out(lock: &Manifest) -> bool {
    let command = lock.header.as_ref().map_or("", |header| &header.command);
    let mut words = command.split_whitespace();
    words.any(|word| LEAVE_OUT.iter().any(|option| word.starts_with(option)))
}

fn noted<'a>(lock: &'a LoadedFile, input: &LoadedFile) -> Option<&'a NotedInput> {
    let Some(MadeFrom::Requirements(inputs)) = &lock.manifest.made_from else {
        return None;
    };
    let folder = lock.path.parent().unwrap_or(Path::new(""));
    let mut inputs = inputs.iter();
    inputs.find(|noted| normalize(&folder.join(&noted.input)) == normalize(&input.path))
}

fn content(lock: &LoadedFile, input: &LoadedFile) -> Content {
    let tool = lock.manifest.header.as_ref().and_then(|header| header.tool);
    let (Some(MadeFrom::Digest(digest)), Some(tool)) = (&lock.manifest.made_from, tool) else {
        return Content::Unknown;
    };
    match content_digest::compare(tool, digest, &input.source.text) {
        Comparison::Same => Content::Same,
        Comparison::Other => Content::Other,
        Comparison::Unknown => Content::Unknown,
    }
}

/// The command that makes a lock again.
fn remedy(lock: &LoadedFile) -> Printable {
    let header = lock.manifest.header.as_ref();
    Printable::new(match (lock.format, header.and_then(|header| header.tool)) {
        (Format::UvLock, _) => "uv lock",
        (Format::PoetryLock, _) => "poetry lock",
        (Format::PdmLock, _) => "pdm lock",
        (Format::PipfileLock, _) => "pipenv lock",
        _ => header.map_or("", |header| &header.command),
    })
    .shortened(300)
}
