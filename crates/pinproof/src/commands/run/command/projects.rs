//! The commands of PDM and Poetry, which install from their locks.

use std::path::PathBuf;

use super::{Command, Refused, refused, unknown, writes_a_lock};
use crate::clients::Client;

/// What of them asks no index.
const HARMLESS: [&str; 10] = [
    "list", "show", "info", "export", "build", "config", "cache", "check", "env", "venv",
];

pub(super) fn read_pdm(args: &[&str]) -> Result<Command, Refused> {
    let Some(name) = first_word(args) else {
        return Ok(Command::of(Client::Pdm));
    };
    let has = |options: &[&str]| args.iter().any(|arg| options.contains(arg));
    match name {
        "sync" => {}
        "install" | "i" if has(&["--frozen-lockfile", "--no-lock"]) => {}
        "install" | "i" => {
            let mut refused = writes_a_lock("pdm install");
            refused.hint = Some(
                "`pdm install --frozen-lockfile` and `pdm sync` write none; `pinproof serve` has an address that stays",
            );
            return Err(refused);
        }
        "lock" | "add" | "update" | "remove" | "rm" | "import" => {
            return Err(writes_a_lock(&format!("pdm {name}")));
        }
        name if HARMLESS.contains(&name) => return Ok(Command::of(Client::Pdm)),
        name => return Err(unknown(&format!("pdm {name}"))),
    }
    if has(&["-L", "--lockfile", "-c", "--config"])
        || args
            .iter()
            .any(|arg| arg.starts_with("--lockfile=") || arg.starts_with("--config="))
    {
        return Err(refused(
            "another lock or configuration is named, and it is not looked at".to_owned(),
            None,
        ));
    }
    Ok(Command {
        folder: value(args, &["-p", "--project"]),
        lock: Some("pdm.lock"),
        ..Command::of(Client::Pdm)
    })
}

pub(super) fn read_poetry(args: &[&str]) -> Result<Command, Refused> {
    let Some(name) = first_word(args) else {
        return Ok(Command::of(Client::Poetry));
    };
    match name {
        "install" | "sync" => {}
        "lock" | "add" | "update" | "remove" | "init" => {
            return Err(writes_a_lock(&format!("poetry {name}")));
        }
        name if HARMLESS.contains(&name) => return Ok(Command::of(Client::Poetry)),
        name => return Err(unknown(&format!("poetry {name}"))),
    }
    Ok(Command {
        folder: value(args, &["-C", "--directory", "-P", "--project"]),
        lock: Some("poetry.lock"),
        ..Command::of(Client::Poetry)
    })
}

/// Options that stand before the name of a command, and have a value.
const VALUES: [&str; 8] = [
    "-p",
    "--project",
    "-C",
    "--directory",
    "-P",
    "-c",
    "--config",
    "-L",
];

fn first_word<'a>(args: &[&'a str]) -> Option<&'a str> {
    let mut is_value = false;
    args.iter().copied().find(|arg| {
        let was_value = std::mem::replace(&mut is_value, VALUES.contains(arg));
        !was_value && !arg.starts_with('-')
    })
}

fn value(args: &[&str], names: &[&str]) -> Option<PathBuf> {
    let of = |(at, arg): (usize, &&str)| {
        let behind = names
            .iter()
            .find_map(|name| arg.strip_prefix(&format!("{name}=")));
        let is_one = names.contains(arg);
        behind
            .or_else(|| args.get(at + 1).copied().filter(|_| is_one))
            .map(PathBuf::from)
    };
    args.iter().enumerate().find_map(of)
}
