//! `environment.md`: every variable that sets an option, and the others that are read.

use crate::help::{Flag, Page};

/// Variables that are read and set no option.
const OTHERS: &[(&str, &str)] = &[
    (
        "`NO_COLOR`",
        "No colour, whatever its value, unless `--color` says otherwise.",
    ),
    (
        "`CLICOLOR_FORCE`",
        "Colour also where the output is no terminal.",
    ),
    (
        "`COLUMNS`",
        "How wide a text report may be, from 60 to 160; without it as wide as the terminal, and 100 columns where there is none.",
    ),
    (
        "`XDG_CACHE_HOME`, `HOME`, `LOCALAPPDATA`",
        "Where the cache is, without `--cache-dir`.",
    ),
    (
        "`PIP_*`, `UV_*`, `XDG_CONFIG_HOME`, `XDG_CONFIG_DIRS`, `VIRTUAL_ENV`",
        "The index settings that pip and uv would use here: they are judged, and name the indexes to ask.",
    ),
    (
        "`SSL_CERT_FILE`, `SSL_CERT_DIR`",
        "Certificate authorities to trust, beside those of the system.",
    ),
    (
        "`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`",
        "The proxy that indexes are asked through.",
    ),
];

/// The reference of the environment.
pub(super) fn text(pages: &[Page]) -> String {
    let mut flags: Vec<Flag> = Vec::new();
    for flag in pages.iter().flat_map(Page::flags) {
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags.sort_by(|a, b| a.variable.cmp(&b.variable));
    let rows: Vec<Vec<String>> = flags
        .iter()
        .map(|flag| {
            vec![
                format!("`{}`", flag.variable),
                format!("`{}`", flag.shown.replace("...", "")),
                flag.meaning.clone(),
            ]
        })
        .collect();
    let others: Vec<Vec<String>> = OTHERS
        .iter()
        .map(|(name, meaning)| vec![(*name).to_owned(), (*meaning).to_owned()])
        .collect();
    format!(
        "# Environment variables\n\n{}Every option has a variable; the option wins. A switch is on where its \
         variable is `true`, off where it is `false`.\n\n{}\n## Others that are read\n\n{}",
        super::NOTE,
        super::table(&["variable", "option", "meaning"], &rows),
        super::table(&["variable", "meaning"], &others),
    )
}
