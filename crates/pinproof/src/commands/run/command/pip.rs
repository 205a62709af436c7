//! The commands of pip.

use super::options::Options;
use super::{Command, Refused, refused, unknown, writes_a_lock};
use crate::clients::Client;

const OPTIONS: Options = Options {
    short_values: "etdwCpb",
    short_flags: "UIvqhVlo",
    short_inputs: "rc",
    short_forbidden: "if",
    values: &[
        "log",
        "python",
        "cert",
        "client-cert",
        "cache-dir",
        "retries",
        "timeout",
        "exists-action",
        "keyring-provider",
        "use-feature",
        "use-deprecated",
        "trusted-host",
        "editable",
        "target",
        "platform",
        "python-version",
        "implementation",
        "abi",
        "root",
        "prefix",
        "src",
        "upgrade-strategy",
        "config-settings",
        "config-setting",
        "global-option",
        "build-option",
        "no-binary",
        "only-binary",
        "progress-bar",
        "root-user-action",
        "dest",
        "destination-dir",
        "wheel-dir",
        "uploaded-prior-to",
        "group",
        "format",
        "exclude",
        "path",
        "refresh-package",
    ],
    inputs: &[
        "requirement",
        "constraint",
        "build-constraint",
        "requirements-from-script",
    ],
    forbidden: &[
        "index-url",
        "pypi-url",
        "extra-index-url",
        "find-links",
        "proxy",
        "isolated",
    ],
    abbreviates: true,
};

/// Commands that ask nobody, or ask an index and install nothing.
const HARMLESS: [&str; 14] = [
    "list",
    "freeze",
    "show",
    "uninstall",
    "check",
    "cache",
    "config",
    "debug",
    "inspect",
    "hash",
    "completion",
    "help",
    "index",
    "search",
];

pub(super) fn read(args: &[&str]) -> Result<Command, Refused> {
    let (read, _) = OPTIONS.read(args, false)?;
    let mut command = Command::of(Client::Pip);
    let Some((name, words)) = read.words.split_first() else {
        return Ok(command);
    };
    match name.as_str() {
        "install" | "download" | "wheel" => {}
        "lock" => return Err(writes_a_lock("pip lock")),
        name if HARMLESS.contains(&name) => return Ok(command),
        name => return Err(unknown(&format!("pip {name}"))),
    }
    let is_file = |value: &str| value != "-";
    if read.value("report").is_some_and(is_file)
        || read.has("report") && read.value("report").is_none()
    {
        let why = "`--report` writes where files are from, and this gateway ends with the command"
            .to_owned();
        return Err(refused(why, Some("`--report=-` writes to standard output")));
    }
    refuse_addresses(words)?;
    let editable = read
        .long
        .iter()
        .filter(|(name, _)| name == "e" || name == "editable");
    let editable: Vec<String> = editable.filter_map(|(_, value)| value.clone()).collect();
    refuse_addresses(&editable)?;
    command.inputs = read.inputs;
    Ok(command)
}

/// An address on the command line is asked past the gateway, and nothing says what its bytes have to be.
pub(super) fn refuse_addresses(words: &[String]) -> Result<(), Refused> {
    let address = words.iter().find(|word| word.contains("://"));
    address.map_or(Ok(()), |address| {
        let shown = pinproof_core::index::redact(address);
        Err(refused(
            format!("`{shown}` is fetched past the gateway"),
            Some("write it with its hash into a file of requirements: that is judged before the command starts"),
        ))
    })
}
