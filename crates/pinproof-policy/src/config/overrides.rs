//! `[[override]]`: requirements of others that a lock does not follow.

use jiff::civil::Date;
use pinproof_core::requirement::Pep508;
use pinproof_core::{Printable, ProjectName};
use toml::de::DeTable;

use super::reader::{At, Reader};
use super::{keys, value};

/// What a lock does with a project, whoever needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// What.
    pub what: Overridden,
    /// Why: the next reader has to decide whether it still holds.
    pub reason: Printable,
    /// The last day on which it counts (UTC).
    pub until: Option<Date>,
}

/// What an override does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overridden {
    /// This requirement takes the place of every other one about its project.
    Requirement(Box<Pep508>),
    /// The project is left out.
    Without(ProjectName),
}

impl Override {
    /// The project that it is about.
    pub fn project(&self) -> &ProjectName {
        match &self.what {
            Overridden::Requirement(requirement) => &requirement.name,
            Overridden::Without(name) => name,
        }
    }
}

/// Reads the tables.
pub(super) fn read(top: &mut Reader<'_, '_>) -> Vec<Override> {
    let tables = top.tables("override");
    let mut overrides: Vec<Override> = Vec::new();
    for table in tables {
        let Some(one) = read_one(top, &table) else {
            continue;
        };
        if overrides
            .iter()
            .any(|other| other.project() == one.project())
        {
            let message = format!("two overrides are about `{}`", one.project());
            top.error(table.span, message, "one of them would be without effect");
        }
        overrides.push(one);
    }
    overrides
}

fn read_one<'t>(top: &mut Reader<'t, '_>, table: &At<&'t DeTable<'t>>) -> Option<Override> {
    let mut reader = top.nested(table.value, keys::OVERRIDE);
    let requirement = reader.parsed("requirement", requirement).map(value);
    let without = reader.parsed("without", |text| {
        text.parse::<ProjectName>()
            .map_err(|error| error.to_string())
    });
    let without = without.map(value);
    let reason = reader.text("reason").map(value).unwrap_or_default();
    let until = reader.date("until");
    if reason.trim().is_empty() {
        reader.error(
            table.span,
            "an `[[override]]` needs a reason",
            "add `reason = \"…\"`: the next reader has to decide whether it still holds",
        );
    }
    let what = match (requirement, without) {
        (Some(requirement), None) => Overridden::Requirement(Box::new(requirement)),
        (None, Some(name)) => Overridden::Without(name),
        _ => {
            reader.error(
                table.span,
                "an `[[override]]` needs either `requirement` or `without`",
                "add `requirement = \"urllib3>=2.6\"`, or `without = \"NAME\"`",
            );
            return None;
        }
    };
    Some(Override {
        what,
        reason: Printable::from(reason),
        until,
    })
}

fn requirement(text: &str) -> Result<Pep508, String> {
    let requirement: Pep508 = text
        .parse()
        .map_err(|error: pinproof_core::requirement::RequirementError| error.to_string())?;
    if requirement.url.is_some() {
        return Err(
            "an address is named in the inputs, where its hash stands beside it".to_owned(),
        );
    }
    Ok(requirement)
}
