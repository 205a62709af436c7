//! Reads the command of the user: which client it is, what it is told, and whether a gateway can be put before it.

mod options;
mod pip;
mod projects;
mod uv;

use std::ffi::OsString;
use std::path::PathBuf;

use pinproof_core::Printable;

use crate::clients::Client;

/// A command that a gateway can be put before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Whose it is; `None` is a program that nobody here knows.
    pub(super) client: Option<Client>,
    /// The folder that it works in, where it names one.
    pub(super) folder: Option<PathBuf>,
    /// The files that it reads requirements from: looked at before it starts.
    pub(super) inputs: Vec<PathBuf>,
    /// The lock that it installs, by the name of its file.
    pub(super) lock: Option<&'static str>,
}

/// Why a command is not started.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// Why.
    pub(super) why: Printable,
    /// What to do instead.
    pub(super) hint: Option<&'static str>,
}

/// A lock would have the address of a gateway that ends with the command.
const WRITES_A_LOCK: &str = "`pinproof serve` has an address that stays, and may stand in a lock";
/// An address of the command line beats every variable.
const BY_POLICY: &str = "leave it out: the policy says which indexes are asked, and `[[index]]` in pinproof.toml names others";

impl Command {
    fn of(client: Client) -> Self {
        Self {
            client: Some(client),
            folder: None,
            inputs: Vec::new(),
            lock: None,
        }
    }

    /// Reads a command and its arguments.
    pub(super) fn read(command: &[OsString]) -> Result<Self, Refused> {
        let words: Vec<String> = command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((program, args)) = words.split_first() else {
            return Err(refused("there is no command".to_owned(), None));
        };
        let program = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let program = program.strip_suffix(".exe").unwrap_or(program);
        if is_python(program)
            && let Some((module, args)) = module(args)
        {
            return Self::of_program(module, args);
        }
        Self::of_program(program, args)
    }

    fn of_program(program: &str, args: &[&str]) -> Result<Self, Refused> {
        match program {
            "uv" => uv::read(args),
            "uvx" => uv::read_tool(args),
            "pdm" => projects::read_pdm(args),
            "poetry" => projects::read_poetry(args),
            _ if is_versioned(program, "pip") => pip::read(args),
            _ => Ok(Self {
                client: None,
                folder: None,
                inputs: Vec::new(),
                lock: None,
            }),
        }
    }
}

fn is_python(program: &str) -> bool {
    is_versioned(program, "python")
}

/// Whether a program is called so, with or without a version behind it.
fn is_versioned(program: &str, name: &str) -> bool {
    let version = program.strip_prefix(name);
    version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// The module that an interpreter is told to run, and its arguments.
fn module<'a>(args: &'a [&'a str]) -> Option<(&'a str, &'a [&'a str])> {
    let mut at = 0;
    loop {
        match *args.get(at)? {
            "-m" => return Some((args.get(at + 1)?, args.get(at + 2..)?)),
            "-X" | "-W" => at += 2,
            flag if flag.starts_with('-') && !flag.contains(['c', 'm']) => at += 1,
            _ => return None,
        }
    }
}

fn refused(why: String, hint: Option<&'static str>) -> Refused {
    Refused {
        why: Printable::from(why).shortened(400),
        hint,
    }
}

fn writes_a_lock(command: &str) -> Refused {
    refused(
        format!(
            "`{command}` writes a lock file, and the address of this gateway would stand in it after it has ended"
        ),
        Some(WRITES_A_LOCK),
    )
}

fn unknown(command: &str) -> Refused {
    refused(
        format!("it is not known here what `{command}` fetches, and from where"),
        None,
    )
}

#[cfg(test)]
mod tests;
