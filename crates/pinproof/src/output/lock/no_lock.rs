//! Why there is no lock, and what a check of a lock says where it does not even have to resolve.

use std::fmt::Write as _;

use pinproof_core::{Environment, Finding, Printable};
use pinproof_engine::ExitCode;
use pinproof_engine::lock::{Conflict, LockError, Replaced};

use super::rows::hanging;
use super::{RED, YELLOW};
use crate::commands::lock::LockPlace;
use crate::output::{width, wording};

/// Why there is no lock, and how the run ends.
pub(crate) struct NoLock {
    /// For stdout.
    pub(crate) text: String,
    /// The end.
    pub(crate) code: ExitCode,
}

/// What `--check` says where the inputs are not those of the lock, or there is none.
pub(crate) fn other_inputs(place: &LockPlace, changed: &[String], is_there: bool) -> String {
    if !is_there {
        return format!(
            "{RED}Missing{RED:#} {} is not there\n`pinproof lock` makes it; nobody was asked\n",
            place.shown
        );
    }
    let names: Vec<Printable> = changed.iter().map(|path| Printable::new(path)).collect();
    format!(
        "{RED}Differs{RED:#} {shown} was not made from these inputs: {} changed\n\
         `pinproof lock` makes it anew; nobody was asked\n",
        wording::listing(&names, 10),
        shown = place.shown,
    )
}

/// Why there is no lock; one that is there stays as it is.
pub(crate) fn no_lock(error: &LockError, place: &LockPlace, is_there: bool) -> NoLock {
    let mut text = String::new();
    let mut say = |sentence: &str| {
        let _ = writeln!(text, "{RED}error{RED:#}: {}", after("error: ", sentence));
    };
    let code = match error {
        LockError::Nothing => {
            say("the inputs ask for nothing");
            ExitCode::CouldNotRun
        }
        LockError::Unlockable(wrong) => {
            for one in wrong {
                say(&format!("{}: {}", one.place, one.why));
            }
            ExitCode::Denied
        }
        LockError::Refused(findings) => {
            for finding in findings {
                write_refusal(&mut text, finding);
            }
            ExitCode::Denied
        }
        LockError::Replaced(replaced) => {
            for one in replaced {
                say(&replaced_in_words(one));
            }
            ExitCode::Denied
        }
        LockError::Conflict { target, conflict } => {
            write_conflict(&mut text, target, conflict);
            ExitCode::Denied
        }
        LockError::Unanswered(why) => {
            let why = after("undecided: ", why.as_str());
            let _ = writeln!(text, "{YELLOW}undecided{YELLOW:#}: {why}");
            ExitCode::Undecided
        }
        LockError::TooMuch(why) => {
            say(why.as_str());
            ExitCode::CouldNotRun
        }
        LockError::Inseparable(why) => {
            say(why.as_str());
            ExitCode::Denied
        }
    };
    let left = if is_there {
        "is as it was"
    } else {
        "was not written"
    };
    let _ = writeln!(text, "{} {left}", place.shown);
    NoLock { text, code }
}

/// A sentence behind a word that is written already.
fn after(word: &str, sentence: &str) -> String {
    hanging(sentence, (word.chars().count(), 2), width(true))
}

fn write_refusal(text: &mut String, finding: &Finding) {
    let rule = finding.rule;
    let word = format!("error[{rule}]: ");
    let message = after(&word, finding.message.as_str());
    let _ = writeln!(text, "{RED}error[{rule}]{RED:#}: {message}");
    if let Some(place) = finding.places.first() {
        let _ = writeln!(text, "  --> {}", place.origin);
    }
    let notes = finding.notes.iter().map(|note| ("note", note));
    let help = finding.help.iter().map(|help| ("help", help));
    for (kind, sentence) in notes.chain(help) {
        write_remark(text, kind, sentence.as_str());
    }
}

fn write_remark(text: &mut String, kind: &str, sentence: &str) {
    let indent = 2 + "= ".len() + kind.len() + ": ".len();
    let sentence = hanging(sentence, (indent, indent), width(true));
    let _ = writeln!(text, "  = {kind}: {sentence}");
}

/// The facts, what is impossible, and what may help.
fn write_conflict(text: &mut String, target: &Environment, conflict: &Conflict) {
    let _ = writeln!(
        text,
        "{RED}error{RED:#}: {}",
        after("error: ", &format!("nothing fits for {target}"))
    );
    let sentence = |sentence: &str| hanging(sentence, (2, 4), width(true));
    for fact in &conflict.sentences {
        let _ = writeln!(text, "  {}", sentence(fact.as_str()));
    }
    if conflict.untold > 0 {
        let more = wording::count(conflict.untold, "requirement takes", "requirements take");
        let _ = writeln!(text, "  {more} part besides; how they lead there:");
        for chain in &conflict.chains {
            let chain: Vec<_> = chain.iter().map(Printable::as_str).collect();
            let _ = writeln!(text, "    {}", sentence(&chain.join(" -> ")));
        }
    }
    for hint in &conflict.hints {
        write_remark(text, "help", &hint.to_string());
    }
}

/// What an exchanged file means, and what to do about it.
pub(super) fn replaced_in_words(replaced: &Replaced) -> String {
    let Replaced {
        project,
        version,
        gone,
        come,
    } = replaced;
    format!(
        "`{project}` {version} has other files on the index than in the lock: {gone} of its hashes gone, {come} new; \
         find out why before you take them (`--upgrade-package {project}` does)"
    )
}
