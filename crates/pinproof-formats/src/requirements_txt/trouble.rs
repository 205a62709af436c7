//! What to say about option words that pip refuses or drops.

use super::options::Trouble;
use super::problem::Problem;
use super::shlex::Unfinished;

/// The entry for one trouble; `written` is its text, for recognizing options of older pips.
pub(super) fn explain(trouble: Trouble, written: &str) -> Problem {
    let new = |why: &str| Problem::new(why);
    match trouble {
        Trouble::Ambiguous => {
            new("the abbreviation stands for more than one option; pip stops at it")
                .help("write the option in full")
        }
        Trouble::Unknown => unknown(written),
        Trouble::NoValue(name) => new_about(name.long(), "needs a value; pip stops at it"),
        Trouble::UnwantedValue(name) => new_about(name.long(), "takes no value; pip stops at it"),
        Trouble::Dropped if written.trim_start().starts_with(';') => new(
            "pip drops a marker after an option, so this holds in every environment",
        )
        .help("put the marker before the options, or into quotes with the editable requirement"),
        Trouble::Dropped => new("pip drops these words without a message")
            .help("put each requirement and each option on its own line"),
        Trouble::Unfinished(Unfinished::Quote) => {
            new("a quotation has no end; pip stops at it").help("close the quotation")
        }
        Trouble::Unfinished(Unfinished::Escape) => {
            new("a backslash escapes nothing; pip stops at it").help("take the backslash away")
        }
    }
}

fn new_about(option: &str, what: &str) -> Problem {
    Problem::new(format!("`{option}` {what}"))
}

/// Options that some pip had in requirements files, and those it never had.
fn unknown(written: &str) -> Problem {
    let option = written.split(['=', ' ', '\t']).next().unwrap_or("");
    match option {
        "--global-option" | "--install-option" | "--build-option" => {
            new_about(option, "is no longer an option of pip, which stops at it")
                .help("use `--config-settings` on the line of the requirement")
        }
        "-Z"
        | "--always-unzip"
        | "--process-dependency-links"
        | "--use-wheel"
        | "--no-use-wheel"
        | "--allow-external"
        | "--allow-all-external"
        | "--allow-unverified" => {
            new_about(option, "is no longer an option of pip, which stops at it")
                .help("take it away")
        }
        "--uploaded-prior-to"
        | "--no-deps"
        | "--target"
        | "--prefix"
        | "--build-constraint"
        | "--proxy"
        | "--cert" => new_about(
            option,
            "is an option of the command line only; pip stops at it",
        )
        .help("set it in pip.conf or in an environment variable"),
        _ => Problem::new("no option of a requirements file; pip stops at it"),
    }
}
