//! From subjects and evidence to files with their hashes, before anything is fetched.

use pinproof_core::evidence::Answer;
use pinproof_core::filename::{self, DistributionKind};
use pinproof_core::manifest::{Origin, Scope};
use pinproof_core::tags::TagSet;
use pinproof_core::{
    Admission, FileFacts, Hash, HashAlgorithm, IndexUrl, Printable, ProjectName, Version,
};
use pinproof_policy::subject::{Reader, RequirementSubject, Route};
use pinproof_policy::{Evidence, Subject};

use super::bundle::Bundle;
use super::direct::{address_as_written, of_path};
use super::item::{FileState, Item, Outcome, PlannedFile, Reason};
use super::verdicts::{self, Judged};
use super::{Kind, Order, choose};
use crate::assemble::{Subjects, SubjectsOfFile};
use crate::check::not_understood;
use crate::inputs::LoadedFile;
use crate::prepare::Prepared;
use crate::settings::Settings;

/// Stands for the rules where the plan itself finds what they are about.
const UNPINNED: &str = "unpinned-requirement";
const UNHASHED: &str = "unhashed-requirement";
const BUILD_REQUIRED: &str = "build-required";
const HASH_MISMATCH: &str = "hash-mismatch";

pub(super) struct Planner<'a> {
    subjects: &'a Subjects<'a>,
    evidence: &'a Evidence,
    settings: &'a Settings,
    order: Order,
    /// What refuses to take one name from several indexes of the machine.
    mixed: Vec<Reason>,
}

type Chosen = Result<Vec<PlannedFile>, Outcome>;

impl<'a> Planner<'a> {
    pub(super) fn new(
        subjects: &'a Subjects<'a>,
        evidence: &'a Evidence,
        settings: &'a Settings,
        order: Order,
    ) -> Self {
        let machine = subjects.machine.iter().map(Subject::Settings);
        let mixed = machine.flat_map(|subject| verdicts::refusals(&subject, (evidence, settings)));
        Self {
            mixed: mixed
                .filter(|reason| reason.rule == "mixed-indexes")
                .collect(),
            subjects,
            evidence,
            settings,
            order,
        }
    }

    /// Adds what a file asks for.
    pub(super) fn add_file(
        &self,
        file: &LoadedFile,
        subjects: &SubjectsOfFile<'_>,
        bundle: &mut Bundle,
    ) {
        if let Some(subject) = subjects.file.as_ref().filter(|_| self.order.is_of_a_lock) {
            let about = (self.evidence, self.settings);
            bundle
                .refused
                .extend(verdicts::refusals(&Subject::File(subject), about));
        }
        for question in not_understood(file).0 {
            let line = question.places.iter().find_map(|place| {
                let at = file.source.locate(place.span?);
                Some(format!("{}:{}:{}", place.origin, at.line, at.column))
            });
            let place = line.map_or_else(|| file.source.path.clone(), Printable::from);
            let why = Reason::new(question.rule, question.why.clone());
            bundle.not_understood.push((place, why));
        }
        for subject in &subjects.requirements {
            if matches!(subject.requirement.scope, Scope::Constraint | Scope::Build) {
                continue;
            }
            if subject.is_for_target() {
                bundle.items.push(self.item(subject));
            } else {
                bundle.for_others += 1;
            }
        }
    }

    /// Settings of the machine that cannot be read decide who answers, so nobody knows.
    pub(super) fn add_questions_of_the_machine(&self, prepared: &Prepared, bundle: &mut Bundle) {
        let addresses = self.subjects.addresses.iter().map(Subject::Settings);
        for subject in addresses {
            bundle
                .refused
                .extend(verdicts::refusals(&subject, (self.evidence, self.settings)));
        }
        for unread in &prepared.machine.unread {
            let why = Reason::new(pinproof_core::verdict::NOT_UNDERSTOOD, unread.why.clone());
            bundle.not_understood.push((unread.origin.clone(), why));
        }
    }

    fn item(&self, subject: &RequirementSubject<'_>) -> Item {
        let chosen = self.files(subject);
        let names: Vec<&str> = match &chosen {
            Ok(files) => files.iter().map(|file| file.filename.as_str()).collect(),
            Err(_) => Vec::new(),
        };
        let about = (self.evidence, self.settings);
        let Judged {
            admission,
            reasons,
            warnings,
        } = verdicts::judge(subject, &names, self.order, about);
        let outcome = match (admission, chosen) {
            (_, Err(Outcome::LeftOut(why))) => Outcome::LeftOut(why),
            (Admission::Refused, _) => Outcome::Refused(reasons),
            // What is known to be refused stays refused, whatever is not known besides.
            (_, Err(Outcome::Refused(own))) => Outcome::Refused(own),
            (Admission::Undecided, _) => Outcome::Undecided(reasons),
            (Admission::Admitted, Err(outcome)) => outcome,
            (Admission::Admitted, Ok(_)) if self.is_mixed(subject) => {
                Outcome::Refused(self.mixed.clone())
            }
            (Admission::Admitted, Ok(files)) => Outcome::Admitted(files),
        };
        let line = subject.source.locate(subject.requirement.span).line;
        Item {
            name: subject.shown_name(),
            version: subject.version(),
            place: self
                .order
                .is_of_a_lock
                .then(|| (subject.source.path.clone(), line)),
            outcome,
            warnings,
            passed_over: Vec::new(),
        }
    }

    fn is_mixed(&self, subject: &RequirementSubject<'_>) -> bool {
        !self.mixed.is_empty() && matches!(&subject.route, Route::Indexes(names) if names.len() > 1)
    }

    /// The files that would be fetched, whatever the policy says of them.
    fn files(&self, subject: &RequirementSubject<'_>) -> Chosen {
        let requirement = subject.requirement;
        match (&requirement.origin, &requirement.name, subject.pin) {
            (Origin::Index(_), Some(name), Some(version)) => self.of_index(subject, name, version),
            (Origin::Index(_), _, _) => Err(refused(
                Reason::new(UNPINNED, "it is not pinned to one version")
                    .helped("write `==` and a version, and the hashes of its files"),
            )),
            (Origin::Url { shown, .. }, Some(name), _) => self.of_url(subject, name, shown),
            (Origin::Url { .. }, None, _) => Err(refused(
                Reason::new(BUILD_REQUIRED, "its address names no wheel, so nobody knows what it is")
                    .helped("write `NAME @ ADDRESS`, with the address of a wheel"),
            )),
            (Origin::Vcs { .. }, _, _) => Err(refused(
                Reason::new(BUILD_REQUIRED, "it is a repository: installing it runs its code")
                    .helped("build a wheel of it where nothing can be stolen, and publish that on your own index"),
            )),
            (Origin::Path(path), _, _) => Err(of_path(path, requirement.editable)),
        }
    }

    fn of_index(
        &self,
        subject: &RequirementSubject<'_>,
        name: &ProjectName,
        version: &Version,
    ) -> Chosen {
        let locked = self.locked_hashes(subject)?;
        let unknown = |why: String| {
            Err(Outcome::Undecided(vec![Reason::new(
                "unknown-release",
                why,
            )]))
        };
        let (index, facts) = match self.evidence.shared_project(&subject.route, name) {
            Answer::Known(known) => known,
            Answer::Absent => {
                return Err(refused(Reason::new(
                    "unknown-project",
                    "no index has this project",
                )));
            }
            Answer::Unsupported(source) => return unknown(format!("nobody was asked: {source}")),
            Answer::Unavailable(reason) => return unknown(reason.to_string()),
        };
        let Answer::Known(release) = facts.release(version) else {
            let why = format!("{} has no release {version} of it", facts.source);
            return Err(refused(Reason::new("unknown-release", why)));
        };
        let accepted: Vec<&FileFacts> = release
            .files
            .iter()
            .filter(|file| locked.is_empty() || subject.accepts(file))
            .collect();
        if accepted.is_empty() {
            let why = format!("{} has no file with one of its hashes", facts.source);
            return Err(refused(Reason::new(HASH_MISMATCH, why)));
        }
        if subject.no_binary && self.order.kind == Kind::Wheel {
            return Err(self.nothing_fits(
                subject,
                version,
                "its file asks for source distributions (`--no-binary`)",
            ));
        }
        let tags = self.tags(subject);
        let chosen = choose::wanted(&accepted, name, self.order.kind, (subject.target, tags));
        if chosen.is_empty() {
            return Err(self.nothing_fits(subject, version, ""));
        }
        let address = self.subjects.book.address(&index);
        let files = chosen.into_iter().map(|file| {
            planned(file, &locked, (address, &facts.source.0)).ok_or_else(|| {
                let name = Printable::new(&file.filename).shortened(120);
                let why = format!(
                    "{} publishes no sha256, sha384 or sha512 for `{name}`",
                    facts.source
                );
                refused(Reason::new(UNHASHED, why))
            })
        });
        files.collect()
    }

    fn tags(&self, subject: &RequirementSubject<'_>) -> TagSet {
        let tags = TagSet::of(subject.target);
        match self.order.newest_system {
            Some(newest) => tags.up_to(newest),
            None => tags,
        }
    }

    /// The hashes of a lock line that bytes can be held to; none for a name of the command line.
    fn locked_hashes(&self, subject: &RequirementSubject<'_>) -> Result<Vec<Hash>, Outcome> {
        if !self.order.is_of_a_lock {
            return Ok(Vec::new());
        }
        let written = subject
            .requirement
            .hashes
            .iter()
            .map(|written| &written.hash);
        let hashes: Vec<Hash> = written
            .filter(|hash| can_be_held_to(hash))
            .cloned()
            .collect();
        if !hashes.is_empty() {
            return Ok(hashes);
        }
        let what = if subject.requirement.hashes.is_empty() {
            "it has no hash, so any bytes would do"
        } else {
            "it has no sha256, sha384 or sha512, and other hashes hold nothing"
        };
        if subject.reader == Reader::Lock {
            let help = "lock again with a tool that writes hashes";
            return Err(refused(Reason::new(UNHASHED, what).helped(help)));
        }
        let path = &subject.source.path;
        Err(refused(Reason::new(UNHASHED, what).helped(format!(
            "`pinproof check --fix {path}` adds the hashes that the index publishes"
        ))))
    }

    fn nothing_fits(
        &self,
        subject: &RequirementSubject<'_>,
        version: &Version,
        why: &str,
    ) -> Outcome {
        let name = subject.shown_name();
        let message = match (why, self.order.kind) {
            ("", Kind::Wheel) => format!(
                "no accepted wheel fits {}: only a build could install it",
                subject.target
            ),
            ("", Kind::Sdist) => "no source distribution of it is accepted".to_owned(),
            ("", Kind::All) => "no wheel and no source distribution of it is accepted".to_owned(),
            (why, _) => format!("{why}: installing it runs its code"),
        };
        let reason = Reason::new(BUILD_REQUIRED, message);
        refused(match self.order.kind {
            Kind::Wheel => reason
                .helped(format!(
                    "`pinproof download {name}=={version} --no-deps --kind sdist -d sources` fetches its source, to be read"
                ))
                .helped("build it where nothing can be stolen, and publish the wheel on your own index"),
            Kind::Sdist | Kind::All => reason,
        })
    }

    /// Whether the file at an address is of the wanted kind, and fits.
    fn accepts_file(
        &self,
        filename: &str,
        name: &ProjectName,
        subject: &RequirementSubject<'_>,
    ) -> Result<(), Outcome> {
        let parsed = filename::parse(filename, name);
        let kind = parsed.as_ref().map(|parsed| parsed.kind);
        let is_wanted = match self.order.kind {
            Kind::Wheel => kind == Some(DistributionKind::Wheel),
            Kind::Sdist => kind == Some(DistributionKind::Sdist),
            Kind::All => kind.is_some_and(|kind| kind != DistributionKind::Other),
        };
        if !is_wanted {
            let why = match self.order.kind {
                Kind::Wheel => {
                    "its address leads to no wheel of that name: only a build could install it"
                }
                Kind::Sdist => "its address leads to no source distribution of that name",
                Kind::All => "its address leads to no distribution of that name",
            };
            return Err(refused(Reason::new(BUILD_REQUIRED, why)));
        }
        let wheel = parsed.and_then(|parsed| parsed.wheel);
        let must_fit = self.order.kind == Kind::Wheel;
        if must_fit && wheel.is_some_and(|wheel| !self.tags(subject).accepts(&wheel)) {
            let why = format!("the wheel at its address does not fit {}", subject.target);
            return Err(refused(Reason::new(BUILD_REQUIRED, why)));
        }
        Ok(())
    }

    fn of_url(
        &self,
        subject: &RequirementSubject<'_>,
        name: &ProjectName,
        shown: &Printable,
    ) -> Chosen {
        let Origin::Url { filename, .. } = &subject.requirement.origin else {
            return Ok(Vec::new());
        };
        let locked = self.locked_hashes(subject)?;
        self.accepts_file(filename, name, subject)?;
        let Some(url) = address_as_written(subject, shown) else {
            let why = "its address cannot be read as one that is fetched from";
            return Err(refused(Reason::new("direct-url", why)));
        };
        Ok(vec![PlannedFile {
            filename: filename.clone(),
            from: Printable::new(url.host_str().unwrap_or_default()),
            url: url.into(),
            index: None,
            hashes: locked,
            size: None,
            state: FileState::Waiting,
        }])
    }
}

pub(super) fn refused(reason: Reason) -> Outcome {
    Outcome::Refused(vec![reason])
}

fn can_be_held_to(hash: &Hash) -> bool {
    matches!(
        hash.algorithm(),
        HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512
    )
}

/// A listed file with the hashes it has to have: the lock's own ones of this very file, where the index says
/// which they are; `None` if there is none.
fn planned(
    file: &FileFacts,
    locked: &[Hash],
    (index, from): (Option<&IndexUrl>, &Printable),
) -> Option<PlannedFile> {
    let published = || file.hashes.iter().filter(|hash| can_be_held_to(hash));
    let hashes: Vec<Hash> = if locked.is_empty() {
        published().min().into_iter().cloned().collect()
    } else {
        let own: Vec<Hash> = published()
            .filter(|hash| locked.contains(hash))
            .cloned()
            .collect();
        if own.is_empty() { locked.to_vec() } else { own }
    };
    (!hashes.is_empty()).then(|| PlannedFile {
        filename: file.filename.clone(),
        url: file.url.clone(),
        index: index.cloned(),
        from: from.clone(),
        hashes,
        size: file.size,
        state: FileState::Waiting,
    })
}
