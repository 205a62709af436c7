//! The configuration: `pinproof.toml`, or `[tool.pinproof]` in pyproject.toml.

mod advisories;
pub mod keys;
mod overrides;
mod reader;
mod rules;
mod schema;
mod template;

use std::fmt;

use jiff::SignedDuration;
use pinproof_core::name::NameError;
use pinproof_core::requirement::Pep508;
use pinproof_core::{
    ExtraName, IndexUrl, NamePattern, Place, Platform, Printable, ProjectName, PythonVersion, Span,
    Specifiers,
};
use toml::de::DeTable;

use crate::allow_list::{AllowList, ListedLock};
use crate::ignore::Ignore;
use crate::policy::{IndexPolicy, Policy, Preset};
pub use overrides::{Overridden, Override};
use reader::{At, Reader};
pub use schema::schema;
pub use template::template;

/// What a configuration file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The part that decides: the same for the command line and the gateway.
    pub policy: Policy,
    /// The versions of pinproof that may judge the project.
    pub required_version: Option<Specifiers>,
    /// Files to judge, relative to the configuration.
    pub inputs: Option<Vec<String>>,
    /// Files that discovery leaves out.
    pub exclude: Vec<String>,
    /// The Python version to judge trees for.
    pub python: Option<PythonVersion>,
    /// The platform to judge trees for.
    pub platform: Option<Platform>,
    /// The extras that are judged; `None` is all.
    pub extras: Option<Vec<ExtraName>>,
    /// The groups that are judged; `None` is all.
    pub groups: Option<Vec<ExtraName>>,
    /// What a lock does with some projects, whoever needs them.
    pub overrides: Vec<Override>,
    /// How long an answer counts without asking again.
    pub fresh_for: Option<SignedDuration>,
    /// How old an answer may be offline.
    pub max_age: Option<SignedDuration>,
}

/// What is wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The place in the file.
    pub span: Span,
    /// What is wrong, without a full stop.
    pub message: Printable,
    /// What to do; may be empty.
    pub help: Printable,
}

impl ConfigError {
    fn new(span: Span, message: impl Into<String>, help: &str) -> Self {
        Self {
            span,
            message: Printable::from(message.into()),
            help: Printable::new(help),
        }
    }

    fn unknown(what: &str, name: &str, known: &[&str], span: Span) -> Self {
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        let name = Printable::new(name).shortened(60);
        Self::new(span, format!("unknown {what} `{name}`"), &help)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

/// The known name that `name` was probably meant to be.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), *candidate));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Which table of a file holds the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The whole file: `pinproof.toml`.
    Top,
    /// `[tool.pinproof]`: `pyproject.toml`.
    ToolPinproof,
}

/// Reads a configuration; `origin` is the file's shown path.
///
/// `Ok(None)` is a `pyproject.toml` without `[tool.pinproof]`. All errors are returned, not only the first.
pub fn parse(
    text: &str,
    table: Table,
    origin: &Printable,
) -> Result<Option<Config>, Vec<ConfigError>> {
    let document = DeTable::parse(text).map_err(|error| vec![toml_error(&error)])?;
    let root = document.get_ref();
    let top = match table {
        Table::Top => Some(root),
        Table::ToolPinproof => root
            .get("tool")
            .and_then(|tool| tool.get_ref().as_table())
            .and_then(|tool| tool.get("pinproof"))
            .and_then(|pinproof| pinproof.get_ref().as_table()),
    };
    let Some(top) = top else { return Ok(None) };
    let mut errors = Vec::new();
    let config = read_top(Reader::new(top, keys::TOP, &mut errors), origin);
    if errors.is_empty() {
        Ok(Some(config))
    } else {
        errors.sort_by_key(|error| error.span);
        Err(errors)
    }
}

fn toml_error(error: &toml::de::Error) -> ConfigError {
    let range = error.span().unwrap_or(0..0);
    ConfigError::new(
        Span::new(range.start, range.end),
        format!("not valid TOML: {}", error.message()),
        "",
    )
}

fn read_top(mut top: Reader<'_, '_>, origin: &Printable) -> Config {
    let mut config = Config {
        required_version: top.parsed("required-version", str::parse).map(value),
        python: top.parsed("python", str::parse).map(value),
        platform: top.parsed("platform", str::parse).map(value),
        inputs: top.texts("inputs").map(values),
        exclude: top.texts("exclude").map(values).unwrap_or_default(),
        extras: names(&mut top, "extras"),
        groups: names(&mut top, "groups"),
        ..Config::default()
    };
    config.policy.preset = top.parsed("preset", preset).map(value).unwrap_or_default();
    config.policy.freeze = top.moment("freeze");
    config.policy.allow_list = read_allow_list(&mut top, origin);
    config.policy.contact = top.text("contact").map(|text| Printable::from(text.value));
    if let Some(table) = top.table("rules") {
        config.policy.rules = rules::read(&mut top, table);
    }
    let tables = top.tables("index");
    config.policy.indexes = read_indexes(&mut top, &tables, origin);
    config.policy.advisories = advisories::read(&mut top, &config.policy.indexes);
    for table in top.tables("ignore") {
        let ignore = read_ignore(&mut top, &table, origin);
        config.policy.ignores.extend(ignore);
    }
    config.overrides = overrides::read(&mut top);
    if let Some(table) = top.table("cache") {
        let mut cache = top.nested(table, keys::CACHE);
        config.fresh_for = cache.parsed("fresh-for", duration).map(value);
        config.max_age = cache.parsed("max-age", duration).map(value);
    }
    config
}

/// The lock files are named here, and read by whoever reads the configuration.
fn read_allow_list(top: &mut Reader<'_, '_>, origin: &Printable) -> Option<AllowList> {
    let texts = top.texts("allow-list")?;
    let mut files = Vec::new();
    for At { value, span } in texts {
        if value.trim().is_empty() {
            top.error(
                span,
                "an `allow-list` names lock files",
                "write the path of one",
            );
        }
        files.push(ListedLock {
            pattern: value,
            place: place(origin, span),
        });
    }
    if files.is_empty() {
        let message = "an `allow-list` without lock files would refuse everything";
        top.error(
            top.span("allow-list"),
            message,
            "name a lock, or remove the key",
        );
    }
    Some(AllowList::of_files(files))
}

fn value<T>(at: At<T>) -> T {
    at.value
}

fn values<T>(list: Vec<At<T>>) -> Vec<T> {
    list.into_iter().map(value).collect()
}

fn preset(text: &str) -> Result<Preset, String> {
    let names = Preset::ALL.map(Preset::name);
    Preset::ALL
        .into_iter()
        .find(|preset| preset.name() == text)
        .ok_or_else(|| {
            let text = Printable::new(text).shortened(60);
            format!("unknown preset `{text}`: it is one of {}", names.join(", "))
        })
}

fn names(top: &mut Reader<'_, '_>, key: &str) -> Option<Vec<ExtraName>> {
    let texts = top.texts(key)?;
    let mut names = Vec::new();
    for text in texts {
        match text.value.parse::<ExtraName>() {
            Ok(name) => names.push(name),
            Err(error) => top.error(text.span, error.to_string(), ""),
        }
    }
    Some(names)
}

fn read_indexes(
    top: &mut Reader<'_, '_>,
    tables: &[At<&DeTable<'_>>],
    origin: &Printable,
) -> Vec<IndexPolicy> {
    let mut indexes: Vec<IndexPolicy> = Vec::new();
    for table in tables {
        let Some(index) = read_index(top, table, origin) else {
            continue;
        };
        if indexes.iter().any(|other| other.name == index.name) {
            let message = format!("two indexes are named `{}`", index.name);
            top.error(
                table.span,
                message,
                "findings and `--index NAME=URL` tell them by name",
            );
        }
        if index.default && indexes.iter().any(|other| other.default) {
            top.error(
                table.span,
                "two indexes have `default = true`",
                "a name is answered by exactly one index",
            );
        }
        indexes.push(index);
    }
    indexes
}

fn read_index(
    top: &mut Reader<'_, '_>,
    table: &At<&DeTable<'_>>,
    origin: &Printable,
) -> Option<IndexPolicy> {
    // The table comes from the same document, so the lifetimes agree by construction.
    let mut errors = Vec::new();
    let mut reader = Reader::new(table.value, keys::INDEX, &mut errors);
    let name = reader.text("name").map(value);
    let url = reader.parsed("url", IndexUrl::parse);
    let only = reader.texts("only").unwrap_or_default();
    let default = reader.bool("default").unwrap_or(false);
    let upload_times = reader.parsed("upload-times", upload_times);
    let only = patterns(&mut reader, only);
    if name.as_deref().is_none_or(|name| !is_index_name(name)) {
        reader.error(
            table.span,
            "an `[[index]]` needs a name of letters, digits, `-` and `_`",
            "add `name = \"…\"`",
        );
    }
    if only.is_empty() && !default {
        reader.error(
            table.span,
            "an `[[index]]` needs `only = [\"acme-*\"]` or `default = true`",
            "without either, no name would be asked of it",
        );
    }
    for error in errors {
        top.error(error.span, error.message.to_string(), error.help.as_str());
    }
    Some(IndexPolicy {
        name: name?,
        only,
        default,
        trusts_upload_times: upload_times.is_some_and(value),
        url_place: url.as_ref().map(|url| place(origin, url.span)),
        url: url.map(value),
    })
}

fn upload_times(text: &str) -> Result<bool, String> {
    match text {
        "trusted" => Ok(true),
        "claimed" => Ok(false),
        _ => {
            let text = Printable::new(text).shortened(40);
            Err(format!("`{text}` is not `trusted` or `claimed`"))
        }
    }
}

/// Whether a text may name an index: it appears in evidence, file names and `--index NAME=URL`.
pub fn is_index_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn patterns(reader: &mut Reader<'_, '_>, texts: Vec<At<String>>) -> Vec<NamePattern> {
    let mut patterns = Vec::new();
    for text in texts {
        match text.value.parse::<NamePattern>() {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => reader.error(text.span, error.to_string(), "a name, or a prefix and `*`"),
        }
    }
    patterns
}

fn read_ignore<'t>(
    top: &mut Reader<'t, '_>,
    table: &At<&'t DeTable<'t>>,
    origin: &Printable,
) -> Option<Ignore> {
    let mut reader = top.nested(table.value, keys::IGNORE);
    let rule = reader.text("rule");
    let project = reader.parsed("match", project_match).map(value);
    let file = reader.text("file").map(value);
    let reason = reader.text("reason").map(value).unwrap_or_default();
    let owner = reader.text("owner").map(|text| Printable::from(text.value));
    let until = reader.date("until");
    let id = reader.text("id").map(value);
    let justification = reader.parsed("justification", justification).map(value);
    if reason.trim().is_empty() {
        reader.error(
            table.span,
            "an `[[ignore]]` needs a reason",
            "add `reason = \"…\"`: the next reader has to decide whether it still holds",
        );
    }
    let Some(rule) = rule else {
        reader.error(
            table.span,
            "an `[[ignore]]` needs a rule",
            "add `rule = \"…\"`",
        );
        return None;
    };
    let rule = rules::known(&mut reader, &rule)?;
    Some(Ignore {
        rule: rule.name,
        project,
        file,
        reason: Printable::from(reason),
        owner,
        until,
        id,
        justification,
        place: place(origin, table.span),
    })
}

fn place(origin: &Printable, span: Span) -> Place {
    Place {
        origin: origin.clone(),
        span: Some(span),
        label: Printable::default(),
    }
}

fn project_match(text: &str) -> Result<(ProjectName, Specifiers), String> {
    let fail = || {
        let text = Printable::new(text).shortened(80);
        format!("`{text}` is not a project with versions, such as \"jinja2<2.10.1\"")
    };
    let parsed: Pep508 = text.parse().map_err(|_| fail())?;
    let is_plain = parsed.url.is_none() && parsed.marker.is_none() && parsed.extras.is_empty();
    if is_plain {
        Ok((parsed.name, parsed.specifiers))
    } else {
        Err(fail())
    }
}

fn justification(text: &str) -> Result<&'static str, String> {
    let known = keys::JUSTIFICATIONS.iter().find(|known| **known == text);
    known.copied().ok_or_else(|| {
        let help = match nearest(text, keys::JUSTIFICATIONS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of {}", keys::JUSTIFICATIONS.join(", ")),
        };
        let text = Printable::new(text).shortened(60);
        format!("unknown justification `{text}`: {help}")
    })
}

/// Reads `"7 days"`, `"36 hours"`, `"10 minutes"`.
fn duration(text: &str) -> Result<SignedDuration, String> {
    let fail = || {
        let text = Printable::new(text).shortened(40);
        format!("`{text}` is not a span of time such as \"7 days\", \"36 hours\" or \"10 minutes\"")
    };
    let (number, unit) = text.trim().split_once(' ').ok_or_else(fail)?;
    let number: u32 = number.parse().map_err(|_| fail())?;
    let minutes = match unit.trim() {
        "day" | "days" => i64::from(number) * 24 * 60,
        "hour" | "hours" => i64::from(number) * 60,
        "minute" | "minutes" => i64::from(number),
        _ => return Err(fail()),
    };
    Ok(SignedDuration::from_mins(minutes))
}

/// Reads the name of an index and its address from `NAME=URL`.
pub fn index_argument(text: &str) -> Result<(String, IndexUrl), String> {
    let (name, url) = text
        .split_once('=')
        .ok_or_else(|| "it is written NAME=URL".to_owned())?;
    if !is_index_name(name) {
        return Err("the name has other characters than letters, digits, `-` and `_`".to_owned());
    }
    let url = IndexUrl::parse(url).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), url))
}

/// Reads a pattern over names, for callers that have one text.
pub fn name_pattern(text: &str) -> Result<NamePattern, NameError> {
    text.parse()
}
