//! Every key of `pinproof.toml`, once: the reader, the schema and the reference are made from this list.

/// A key with its kind of value and its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it means, in one sentence with a full stop.
    pub help: &'static str,
    /// Whether its table means nothing without it.
    pub required: bool,
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A list of texts.
    Texts,
    /// A TOML date.
    Date,
    /// A TOML date, or a time with its offset from UTC.
    Moment,
    /// A span of time: `"7 days"`, `"36 hours"`, `"10 minutes"`.
    Duration,
    /// A table with these keys.
    Table(&'static [Key]),
    /// Any number of tables with these keys.
    Tables(&'static [Key]),
    /// Rule names with a level or a table of rule settings.
    Rules,
}

const fn key(name: &'static str, kind: Kind, help: &'static str) -> Key {
    Key {
        name,
        kind,
        help,
        required: false,
    }
}

const fn required(key: Key) -> Key {
    Key {
        required: true,
        ..key
    }
}

/// The levels, as configuration writes them.
pub const LEVELS: &[&str] = &["allow", "warn", "deny"];

/// The keys at the top of the file.
pub const TOP: &[Key] = &[
    key(
        "required-version",
        Kind::Text,
        "The versions of pinproof that may judge this project, such as \">=0.1\".",
    ),
    key(
        "preset",
        Kind::Word(&["recommended", "strict", "observe"]),
        "The starting point for every rule: `recommended` (default), `strict` or `observe`.",
    ),
    key(
        "inputs",
        Kind::Texts,
        "Files to judge, relative to this file, with `*` and `**`; without it they are discovered.",
    ),
    key(
        "exclude",
        Kind::Texts,
        "Files that discovery leaves out, relative to this file; each is reported as skipped.",
    ),
    key(
        "allow-list",
        Kind::Texts,
        "Lock files, relative to this file, with `*` and `**`: nothing else than what they have may enter.",
    ),
    key(
        "freeze",
        Kind::Moment,
        "What was uploaded after this moment is refused; a day stands for its beginning (UTC).",
    ),
    key(
        "contact",
        Kind::Text,
        "Who can lift a refusal; shown with every refusal.",
    ),
    key(
        "python",
        Kind::Text,
        "The Python version that dependency trees are judged for, such as \"3.13\".",
    ),
    key(
        "platform",
        Kind::Text,
        "The platform that dependency trees are judged for, such as \"linux-x86_64\".",
    ),
    key(
        "extras",
        Kind::Texts,
        "The extras of pyproject.toml that are judged; without it, all.",
    ),
    key(
        "groups",
        Kind::Texts,
        "The dependency groups of pyproject.toml that are judged; without it, all.",
    ),
    key(
        "index",
        Kind::Tables(INDEX),
        "An index, and the names that only it may answer.",
    ),
    key(
        "advisories",
        Kind::Tables(ADVISORIES),
        "A source of advisories besides OSV, or what differs for OSV itself.",
    ),
    key(
        "rules",
        Kind::Rules,
        "Levels: a rule's name, and \"allow\", \"warn\", \"deny\" or a table with `level`, `refuse` and the rule's own settings.",
    ),
    key(
        "ignore",
        Kind::Tables(IGNORE),
        "An exception. One that covers nothing reports itself.",
    ),
    key(
        "override",
        Kind::Tables(OVERRIDE),
        "What `pinproof lock` does with a project, whoever needs it. It changes no verdict.",
    ),
    key(
        "cache",
        Kind::Table(CACHE),
        "How long answers of indexes count.",
    ),
];

/// The keys of `[[override]]`.
pub const OVERRIDE: &[Key] = &[
    key(
        "requirement",
        Kind::Text,
        "A requirement that takes the place of every other one about its project: \"urllib3>=2.6\".",
    ),
    key("without", Kind::Text, "A project that is left out."),
    required(key("reason", Kind::Text, "Why; mandatory.")),
    key(
        "until",
        Kind::Date,
        "The last day on which it counts (UTC); then the requirements of others count again.",
    ),
];

/// The keys of `[[index]]`.
pub const INDEX: &[Key] = &[
    required(key(
        "name",
        Kind::Text,
        "Its name in findings and in `--index NAME=URL`.",
    )),
    key(
        "url",
        Kind::Text,
        "Its Simple API address. It belongs to the machine: the policy digest does not contain it.",
    ),
    key(
        "only",
        Kind::Texts,
        "Names and prefixes such as \"acme-*\" that only this index may answer.",
    ),
    key(
        "default",
        Kind::Bool,
        "Whether it answers for every name that no other index is bound to.",
    ),
    key(
        "upload-times",
        Kind::Word(&["trusted", "claimed"]),
        "Whether a gateway believes the upload times it gives: those of PyPI are `trusted`, others `claimed` by default.",
    ),
];

/// The keys of `[[advisories]]`.
pub const ADVISORIES: &[Key] = &[
    required(key(
        "name",
        Kind::Text,
        "Its name in reports; `osv` changes the public source that is asked anyway.",
    )),
    key(
        "path",
        Kind::Text,
        "A folder, zip archive or record in OSV's format, or a database of `pinproof db build`, relative to this file.",
    ),
    key(
        "url",
        Kind::Text,
        "The address of an export laid out as OSV's: `all.zip` and `modified_id.csv` below it.",
    ),
    key(
        "max-age",
        Kind::Duration,
        "How old its newest record may be; 7 days for `osv`, any age for others.",
    ),
    key(
        "indexes",
        Kind::Texts,
        "Names of `[[index]]` tables whose projects it speaks of too.",
    ),
    key(
        "enabled",
        Kind::Bool,
        "Whether it is asked; true by default.",
    ),
];

/// The justifications of `[[ignore]]`: those of `CycloneDX`, for VEX.
pub const JUSTIFICATIONS: &[&str] = &[
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
];

/// The keys of `[[ignore]]`.
pub const IGNORE: &[Key] = &[
    required(key("rule", Kind::Text, "The rule to silence.")),
    key(
        "match",
        Kind::Text,
        "The project, with versions if it is about some only: \"jinja2<2.10.1\".",
    ),
    key(
        "id",
        Kind::Text,
        "The advisory it is about, by any of its ids: \"CVE-2019-10906\".",
    ),
    key(
        "file",
        Kind::Text,
        "The file it is about, as reports show it.",
    ),
    required(key("reason", Kind::Text, "Why it is accepted; mandatory.")),
    key("owner", Kind::Text, "Who accepted it."),
    key(
        "until",
        Kind::Date,
        "The last day on which it counts (UTC).",
    ),
    key(
        "justification",
        Kind::Word(JUSTIFICATIONS),
        "Why a vulnerability does not matter here, in the words of CycloneDX; VEX carries it.",
    ),
];

/// The keys of `[cache]`.
pub const CACHE: &[Key] = &[
    key(
        "fresh-for",
        Kind::Duration,
        "How long an answer counts without asking again; 10 minutes by default.",
    ),
    key(
        "max-age",
        Kind::Duration,
        "How old an answer may be with `--offline`, and in a gateway while its index is silent; 7 days by default.",
    ),
];
