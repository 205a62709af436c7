//! The command in the head of a lock: `pip-compile …`, `uv pip compile …`, `uv export …`.

use std::str::FromStr;

use pinproof_core::PythonVersion;
use pinproof_core::manifest::Header;

use super::shlex::{self, Word};

/// Options of pip-compile, `uv pip compile` and `pinproof lock` with a value, which may be the next word.
const WITH_VALUE: [&str; 71] = [
    "--allow-build",
    "--allow-insecure-host",
    "--annotation-style",
    "--build-constraint",
    "--build-constraints",
    "--build-deps-for",
    "--cache-dir",
    "--cert",
    "--client-cert",
    "--config",
    "--config-file",
    "--config-setting",
    "--config-settings",
    "--config-settings-package",
    "--constraint",
    "--constraints",
    "--default-index",
    "--directory",
    "--exclude",
    "--exclude-newer",
    "--exclude-newer-package",
    "--excludes",
    "--extra",
    "--extra-index-url",
    "--find-links",
    "--fork-strategy",
    "--format",
    "--group",
    "--index",
    "--index-strategy",
    "--index-url",
    "--keyring-provider",
    "--link-mode",
    "--max-rounds",
    "--newline",
    "--no-binary",
    "--no-binary-package",
    "--no-build-isolation-package",
    "--no-build-package",
    "--no-editable-package",
    "--no-emit-package",
    "--no-extra",
    "--no-group",
    "--no-sources-package",
    "--only-binary",
    "--only-group",
    "--output-file",
    "--override",
    "--overrides",
    "--package",
    "--pip-args",
    "--platform",
    "--prerelease",
    "--prerelease-package",
    "--project",
    "--prune",
    "--python",
    "--python-platform",
    "--python-version",
    "--refresh-package",
    "--reinstall-package",
    "--resolution",
    "--resolver",
    "--script",
    "--to",
    "--torch-backend",
    "--trusted-host",
    "--unsafe-package",
    "--upgrade-group",
    "--upgrade-package",
    "--uploaded-prior-to",
];

const SHORT_WITH_VALUE: &str = "bcCfioPp";

/// Reads a command into the head; a command that is none of these is kept as written.
pub(super) fn read(text: &str, header: &mut Header) {
    text.clone_into(&mut header.command);
    let words = shlex::split(text).unwrap_or_default();
    let Some(arguments) = arguments(&words) else {
        return;
    };
    let mut rest = arguments.iter().map(|word| word.value.as_ref());
    while let Some(word) = rest.next() {
        if !word.starts_with('-') || word == "-" {
            header.inputs.push(word.to_owned());
            continue;
        }
        let (option, attached) = split_option(word);
        let value = attached.or_else(|| {
            if takes_value(option) {
                rest.next()
            } else {
                None
            }
        });
        apply(option, value, header);
    }
}

/// The words after the command's name; a lock's inputs are told apart from another tool's arguments.
fn arguments<'w, 't>(words: &'w [Word<'t>]) -> Option<&'w [Word<'t>]> {
    let at = |index: usize| words.get(index).map_or("", |word| word.value.as_ref());
    let start = (0..words.len().min(8)).find_map(|index| {
        let program = at(index).rsplit(['/', '\\']).next().unwrap_or("");
        match (
            program.trim_end_matches(".exe"),
            at(index + 1),
            at(index + 2),
        ) {
            ("pip-compile", ..) => Some(index + 1),
            ("piptools" | "pip-tools", "compile", _)
            | ("uv", "export", _)
            | ("pinproof", "lock", _) => Some(index + 2),
            ("uv", "pip", "compile") => Some(index + 3),
            _ => None,
        }
    });
    words.get(start?..)
}

fn split_option(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word
            .split_once('=')
            .map_or((word, None), |(option, value)| (option, Some(value)));
    }
    let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
    let attached = word.get(end..).filter(|value| !value.is_empty());
    (word.get(..end).unwrap_or(word), attached)
}

fn takes_value(option: &str) -> bool {
    match option.strip_prefix("--") {
        Some(_) => WITH_VALUE.contains(&option),
        None => option
            .chars()
            .nth(1)
            .is_some_and(|letter| SHORT_WITH_VALUE.contains(letter)),
    }
}

fn apply(option: &str, value: Option<&str>, header: &mut Header) {
    let value = value.unwrap_or("");
    match option {
        "-o" | "--output-file" | "--output" | "--to" => header.output = Some(value.to_owned()),
        "--universal" => header.universal = true,
        "-p" | "--python-version" | "--python" => {
            if let Ok(version) = PythonVersion::from_str(value) {
                header.python = Some(version);
            }
        }
        _ => {}
    }
}
