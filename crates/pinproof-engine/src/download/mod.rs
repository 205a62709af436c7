//! `download` and `install`: which files of a lock or of a release, admitted by the policy, held to their hashes.
//!
//! The plan is made before anything is fetched, from the same subjects, evidence and function as `check`. The
//! hash is the authority: an index only says where a file with that hash is.

mod bundle;
mod choose;
mod direct;
mod fetch;
mod item;
mod named;
mod plan;
mod verdicts;

use std::path::PathBuf;

use pinproof_core::{Environment, Marker, Printable, ProjectName};
use pinproof_policy::Need;
use pinproof_policy::evidence::Evidence;
use pinproof_policy::policy::Policy;

use crate::assemble::Subjects;
use crate::check;
use crate::gather::{Asks, EvidenceSource, Progress, gather_what};
use crate::inputs::LoadedFile;
use crate::prepare::{Prepared, prepare};
use crate::report::InputError;
use crate::settings::Settings;

pub use bundle::{Bundle, Input, Tally};
pub use fetch::{Transfer, fetch};
pub use item::{FileState, Item, Outcome, PassedOver, PlannedFile, Reason};
pub use named::{Asked, AskedError, of_names};

use plan::Planner;

/// What is wanted of each release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which files.
    pub kind: Kind,
    /// How old the system of the target is, if the machine is known: see
    /// [`TagSet::up_to`](pinproof_core::tags::TagSet::up_to).
    pub newest_system: Option<u16>,
    /// Whether a lock says what is wanted, which has the hashes and was decided about before.
    pub is_of_a_lock: bool,
}

/// Which files of a release are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The wheel that an installer would take.
    Wheel,
    /// The source distribution, to be read.
    Sdist,
    /// Every wheel and source distribution, to be read.
    All,
}

/// Plans what to fetch for a lock: the files of [`Settings::paths`] and what they include.
pub async fn of_lock(
    order: Order,
    settings: &Settings,
    source: &impl EvidenceSource,
    progress: &impl Progress,
) -> Bundle {
    let prepared = prepare(settings);
    planned(&prepared, order, settings, (source, progress)).await
}

/// Plans what to fetch for everything that is asked for in the prepared inputs.
async fn planned(
    prepared: &Prepared,
    order: Order,
    settings: &Settings,
    (source, progress): (&impl EvidenceSource, &impl Progress),
) -> Bundle {
    let plan = check::plan(prepared, settings);
    let subjects = check::subjects(&plan, prepared, settings);
    let evidence = evidence(&subjects, settings, (source, progress)).await;
    let mut bundle = Bundle::new(settings);
    bundle.errors.clone_from(&prepared.inputs.errors);
    bundle.errors.extend(prepared.unread.iter().cloned());
    let planner = Planner::new(&subjects, &evidence, settings, order);
    for (at, of_file) in subjects.files.iter().enumerate() {
        let file = &prepared.inputs.files[at];
        if prepared.context.contains(&file.path) {
            continue;
        }
        if file.manifest.inventory.is_some() {
            bundle.errors.push(no_lock(file));
            continue;
        }
        if let Some(error) = for_others(file, &plan.targets[at]) {
            bundle.errors.push(error);
            continue;
        }
        planner.add_file(file, of_file, &mut bundle);
        bundle.inputs.push(Input {
            source: (*file.source).clone(),
            target: plan.targets[at].to_string(),
        });
    }
    planner.add_questions_of_the_machine(prepared, &mut bundle);
    bundle
}

/// What is there somewhere was not chosen to be installed from.
fn no_lock(file: &LoadedFile) -> InputError {
    InputError {
        path: file.source.path.clone(),
        place: None,
        line_column: None,
        message: Printable::new("it lists what is there, and is no lock"),
        help: Some(Printable::new("name the lock that it was made from")),
    }
}

/// What rules that may refuse have to know, and the pages that say where files are.
async fn evidence(
    subjects: &Subjects<'_>,
    settings: &Settings,
    (source, progress): (&impl EvidenceSource, &impl Progress),
) -> Evidence {
    let policy = &settings.config.policy;
    let refuses_by_metadata = policy
        .asked()
        .any(|rule| rule.needs.contains(&Need::Metadata) && policy.refuses(rule, settings.now));
    let asks = Asks {
        pages: true,
        metadata: refuses_by_metadata,
    };
    gather_what(asks, &[subjects], policy, (source, progress)).await
}

fn policy(settings: &Settings) -> &Policy {
    &settings.config.policy
}

/// A project by name, where something is said of it alone.
fn shown(name: &ProjectName) -> Printable {
    Printable::new(name.as_str())
}

/// The name of the file that stands for the command line, in the folder of the run.
fn command_line(settings: &Settings) -> PathBuf {
    settings.base.join("the command line")
}

/// A lock that states its environments was resolved for those only: elsewhere it may lack what is needed.
fn for_others(file: &LoadedFile, target: &Environment) -> Option<InputError> {
    let stated = file.manifest.header.as_ref()?.environments.iter();
    let markers: Vec<Marker> = stated.filter_map(|text| text.parse().ok()).collect();
    if markers.is_empty() || markers.iter().any(|marker| marker.evaluate(target, &[])) {
        return None;
    }
    Some(InputError {
        path: file.source.path.clone(),
        place: None,
        line_column: None,
        message: Printable::from(format!("the lock is not for {target}")),
        help: Some(Printable::new(
            "`pinproof lock` with `--python` and `--platform` makes one that is; its head says what this one is for",
        )),
    })
}
