//! The commands of uv.

use std::path::PathBuf;

use super::options::{Options, Read};
use super::pip::refuse_addresses;
use super::{Command, Refused, refused, unknown, writes_a_lock};
use crate::clients::Client;

const OPTIONS: Options = Options {
    short_values: "eopCPwn",
    short_flags: "UIvqhVm",
    short_inputs: "rcb",
    short_forbidden: "if",
    values: &[
        "directory",
        "project",
        "cache-dir",
        "color",
        "allow-insecure-host",
        "editable",
        "extra",
        "group",
        "only-group",
        "no-group",
        "no-extra",
        "output-file",
        "python",
        "python-version",
        "python-platform",
        "target",
        "prefix",
        "upgrade-package",
        "upgrade-group",
        "reinstall-package",
        "resolution",
        "prerelease",
        "fork-strategy",
        "config-setting",
        "config-settings",
        "config-settings-package",
        "no-build-isolation-package",
        "build-isolation-package",
        "exclude-newer",
        "exclude-newer-package",
        "link-mode",
        "no-build-package",
        "no-binary-package",
        "no-binary",
        "only-binary",
        "refresh-package",
        "annotation-style",
        "custom-compile-command",
        "unsafe-package",
        "no-emit-package",
        "keyring-provider",
        "package",
        "no-install-package",
        "with",
        "with-editable",
        "from",
        "env-file",
        "format",
        "python-preference",
        "python-fetch",
        "build-constraint-file",
        "w",
        "no-sources-package",
        "preview-features",
    ],
    inputs: &[
        "requirement",
        "requirements",
        "constraint",
        "constraints",
        "override",
        "overrides",
        "build-constraint",
        "build-constraints",
        "excludes",
        "with-requirements",
    ],
    forbidden: &[
        "index",
        "default-index",
        "index-url",
        "extra-index-url",
        "find-links",
        "torch-backend",
        "config-file",
        "index-strategy",
        "emit-index-url",
        "emit-find-links",
        "emit-index-annotation",
    ],
    abbreviates: false,
};

/// Commands that ask no index.
const HARMLESS: [&str; 6] = ["cache", "help", "self", "venv", "build", "init"];
const HARMLESS_PIP: [&str; 7] = [
    "list",
    "freeze",
    "show",
    "tree",
    "check",
    "uninstall",
    "debug",
];

pub(super) fn read(args: &[&str]) -> Result<Command, Refused> {
    let (before, rest) = OPTIONS.read(args, true)?;
    let Some((name, args)) = rest.split_first() else {
        return Ok(Command::of(Client::Uv));
    };
    let command = match *name {
        "pip" => read_pip(args),
        "tool" => match args.split_first() {
            Some((&"run", args)) => read_tool(args),
            Some((name, _)) if matches!(*name, "install" | "upgrade") => {
                let why = format!(
                    "`uv tool {name}` writes down where the tool is from, and this gateway ends with the command"
                );
                Err(refused(
                    why,
                    Some("`pinproof serve` has an address that stays"),
                ))
            }
            _ => Ok(Command::of(Client::Uv)),
        },
        "sync" | "export" | "tree" => read_frozen(name, args),
        "run" => read_run(args),
        "lock" | "add" | "remove" | "version" => Err(writes_a_lock(&format!("uv {name}"))),
        name if HARMLESS.contains(&name) => {
            OPTIONS.read(args, false)?;
            Ok(Command::of(Client::Uv))
        }
        name => Err(unknown(&format!("uv {name}"))),
    }?;
    Ok(Command {
        folder: command.folder.or_else(|| folder(&before)),
        ..command
    })
}

/// Where it looks for the project.
fn folder(read: &Read) -> Option<PathBuf> {
    let named = read.value("project").or_else(|| read.value("directory"));
    named.map(PathBuf::from)
}

fn read_pip(args: &[&str]) -> Result<Command, Refused> {
    let (read, _) = OPTIONS.read(args, false)?;
    let mut command = Command::of(Client::UvPip);
    command.folder = folder(&read);
    let Some((name, words)) = read.words.split_first() else {
        return Ok(command);
    };
    match name.as_str() {
        "install" => refuse_addresses(words)?,
        "sync" | "compile" => command.inputs.extend(words.iter().map(PathBuf::from)),
        name if HARMLESS_PIP.contains(&name) => return Ok(command),
        name => return Err(unknown(&format!("uv pip {name}"))),
    }
    let output = read
        .value("output-file")
        .or_else(|| read.value("o"))
        .unwrap_or_default();
    let writes_addresses = read
        .value("format")
        .is_some_and(|format| format != "requirements.txt")
        || output.to_ascii_lowercase().ends_with("toml");
    if name == "compile" && writes_addresses {
        return Err(writes_a_lock("uv pip compile"));
    }
    let editable = read
        .long
        .iter()
        .filter(|(name, _)| name == "e" || name == "editable");
    let editable: Vec<String> = editable.filter_map(|(_, value)| value.clone()).collect();
    refuse_addresses(&editable)?;
    command.inputs.extend(read.inputs);
    Ok(command)
}

/// What installs a lock, or shows it, without writing it.
fn read_frozen(name: &str, args: &[&str]) -> Result<Command, Refused> {
    let (read, _) = OPTIONS.read(args, false)?;
    if !read.has("frozen") {
        let mut refused = writes_a_lock(&format!("uv {name}"));
        refused.hint = Some("`--frozen` writes none; `pinproof serve` has an address that stays");
        return Err(refused);
    }
    Ok(Command {
        folder: folder(&read),
        lock: Some("uv.lock"),
        ..Command::of(Client::Uv)
    })
}

/// What runs a program of the project; the arguments of that program are its own.
fn read_run(args: &[&str]) -> Result<Command, Refused> {
    let (read, _) = OPTIONS.read(args, true)?;
    if !read.has("no-project") {
        let frozen = read_frozen("run", args_before(args));
        return frozen.map(|command| Command {
            inputs: read.inputs,
            ..command
        });
    }
    let with = read.value("with").map(str::to_owned);
    refuse_addresses(with.as_slice())?;
    Ok(Command {
        inputs: read.inputs,
        ..Command::of(Client::Uv)
    })
}

/// The arguments before the program.
fn args_before<'a>(args: &'a [&'a str]) -> &'a [&'a str] {
    let rest = OPTIONS.read(args, true).map_or(0, |(_, rest)| rest.len());
    &args[..args.len() - rest]
}

/// `uvx`: a tool and what it needs, in an environment of its own.
pub(super) fn read_tool(args: &[&str]) -> Result<Command, Refused> {
    let (read, rest) = OPTIONS.read(args, true)?;
    let named = ["from", "with", "w"]
        .iter()
        .filter_map(|name| read.value(name));
    let tool = rest.first().copied();
    let words: Vec<String> = named.chain(tool).map(str::to_owned).collect();
    refuse_addresses(&words)?;
    Ok(Command {
        inputs: read.inputs,
        ..Command::of(Client::Uv)
    })
}
