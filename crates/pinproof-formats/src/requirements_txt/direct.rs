//! Requirements that name their source themselves: a URL, a repository, a file, a folder.

use std::ops::Range;

use pinproof_core::filename::WheelFilename;
use pinproof_core::manifest::Origin;
use pinproof_core::{ExtraName, ProjectName};

use super::pep508;
use super::problem::Problem;
use super::requirement::Parts;
use super::variables::{self, Environment};
use crate::address::{self, Kind, UrlParts};

/// A bare URL: its name stands in a wheel's file name or in `#egg=`, or nowhere.
pub(super) fn url(text: &str, kind: Kind, env: &Environment<'_>) -> Result<Parts, Problem> {
    let filename = UrlParts::split(text).filename(text);
    let name = match wheel_name(&filename)? {
        Some(name) => Some(name),
        None => egg_name(text)?,
    };
    Ok(Parts {
        name,
        extras: Vec::new(),
        origin: origin(text, kind, env)?,
        marker: None,
        name_range: 0..text.len(),
        origin_range: 0..text.len(),
    })
}

/// `name @ url`; `parts` has the name, and the address stands at `range` of the text.
pub(super) fn named(
    parts: Parts,
    text: &str,
    range: Range<usize>,
    env: &Environment<'_>,
) -> Result<Parts, Problem> {
    // pip takes an address of any form here, and fails on a strange scheme when it fetches.
    let kind = address::kind(&variables::expand(text, env));
    egg_name(text)?;
    let no_scheme = || Problem::new("the address has no scheme that pip knows");
    let origin = origin(text, kind.ok_or_else(no_scheme)?, env)?;
    // pip takes brackets at the end of the line for extras, even those of a URL.
    let (_, extras) = split_extras(text)?;
    Ok(Parts {
        origin,
        extras: if extras.is_empty() {
            parts.extras
        } else {
            extras
        },
        origin_range: range,
        ..parts
    })
}

/// A file or folder of this machine, maybe with extras: `./folder[dev]`.
pub(super) fn path(text: &str) -> Result<Parts, Problem> {
    let (base, extras) = split_extras(text)?;
    if base.contains('#') {
        return Err(Problem::new("a path has no fragment")
            .help("write `NAME @ file:///…` for a file with a hash or a subdirectory"));
    }
    if base.contains("://") {
        return Err(Problem::new(
            "no scheme that pip knows; it would look for a file of that name",
        )
        .help("pip knows https, http, ftp, file, and git+https and its kin"));
    }
    if is_comparison(base) {
        return Err(Problem::new("neither a version nor a path"));
    }
    let filename = base.rsplit(['/', '\\']).next().unwrap_or(base);
    Ok(Parts {
        name: wheel_name(filename)?,
        extras,
        origin: Origin::Path(base.to_owned()),
        marker: None,
        name_range: 0..text.len(),
        origin_range: 0..base.len(),
    })
}

/// `git:…`, which `--editable` takes for `git+git:…`; it needs a name.
pub(super) fn bare_vcs(text: &str) -> Result<Parts, Problem> {
    let name = egg_name(text)?.ok_or_else(|| {
        Problem::new("an editable repository needs a name").help("end the address in `#egg=NAME`")
    })?;
    let system = address::scheme(text).unwrap_or_default();
    let whole = format!("{system}+{text}");
    Ok(Parts {
        name: Some(name),
        extras: Vec::new(),
        origin: address::repository(&whole, &whole),
        marker: None,
        name_range: 0..text.len(),
        origin_range: 0..text.len(),
    })
}

/// Takes `[extra, …]` off the end of a path.
pub(super) fn split_extras(text: &str) -> Result<(&str, Vec<ExtraName>), Problem> {
    let base = without_extras(text);
    if base.len() == text.len() {
        return Ok((text, Vec::new()));
    }
    let at = text.rfind('[').unwrap_or(text.len());
    let extras = pep508::extras(text.get(at..).unwrap_or(""));
    Ok((base, extras?))
}

/// The text without `[…]` at its end.
pub(super) fn without_extras(text: &str) -> &str {
    let split = text
        .strip_suffix(']')
        .and_then(|inner| inner.rsplit_once('['));
    match split {
        Some((base, extras)) if !extras.is_empty() && !extras.contains(']') => base.trim_end(),
        _ => text,
    }
}

/// `requests==2.0/x` has a slash and is no path: a comparison stands before the first separator.
fn is_comparison(text: &str) -> bool {
    let first = text.split(['/', '\\']).next().unwrap_or("");
    !first.is_empty()
        && !first.starts_with('.')
        && !address::is_archive(text)
        && first.contains(['=', '<', '>', '!'])
}

fn origin(text: &str, kind: Kind, env: &Environment<'_>) -> Result<Origin, Problem> {
    address::origin(text, &variables::expand(text, env), kind).ok_or_else(|| {
        Problem::new("an address that every reader takes apart differently")
            .help("write SCHEME://HOST/PATH, with special characters percent-encoded")
    })
}

/// The project of a wheel's file name; pip refuses a `.whl` that is not named like a wheel.
fn wheel_name(filename: &str) -> Result<Option<ProjectName>, Problem> {
    let is_wheel = filename
        .strip_suffix(".whl")
        .is_some_and(|stem| !stem.is_empty());
    // A name that an environment variable is part of is not to be shown, so it is not read.
    if !is_wheel || filename.contains("${") {
        return Ok(None);
    }
    WheelFilename::parse(filename)
        .map(|wheel| Some(wheel.name().clone()))
        .ok_or_else(|| {
            Problem::new("not the file name of a wheel")
                .help("PEP 427: NAME-VERSION-PYTHON-ABI-PLATFORM.whl")
        })
}

/// The project in `#egg=`; pip refuses anything but a name there.
fn egg_name(text: &str) -> Result<Option<ProjectName>, Problem> {
    let written = address::fragment_value(text, "egg").and_then(|range| text.get(range));
    let Some(written) = written else {
        return Ok(None);
    };
    let name = written.parse::<ProjectName>();
    name.map(Some).map_err(|_| {
        Problem::new("`#egg=` holds a name, without extras and version")
            .help("write `NAME[extra] @ address`")
    })
}
