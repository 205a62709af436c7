//! The package installers of this machine: which there are, whom they ask, and what they say when they are asked to
//! fetch the canary.

mod ask;
mod heard;
mod leads;
mod programs;
mod project;

use std::fmt;

use pinproof_core::Printable;

pub(crate) use ask::{Asker, Reply};
pub(crate) use heard::{Heard, Refused, origin_of};
pub(crate) use leads::{Lead, LeadKind, Leads, PDM_INDEX};
pub(crate) use programs::{Programs, first_on_path, is_outside};

/// A client, as far as it has settings of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Client {
    /// pip
    Pip,
    /// uv pip: it has settings that the rest of uv does not read
    UvPip,
    /// uv lock, uv sync, uv run and uv add
    Uv,
    /// PDM
    Pdm,
    /// Poetry
    Poetry,
}

impl Client {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [Self::Pip, Self::UvPip, Self::Uv, Self::Pdm, Self::Poetry];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::UvPip => "uv pip",
            Self::Uv => "uv",
            Self::Pdm => "PDM",
            Self::Poetry => "Poetry",
        }
    }

    /// How it is pointed at a gateway.
    pub(crate) fn how_to_point(self, index: &str) -> String {
        match self {
            Self::Pip => format!("set `PIP_INDEX_URL={index}`, or `index-url` in pip.conf"),
            Self::UvPip | Self::Uv => format!(
                "set `UV_DEFAULT_INDEX={index}`, or an `[[index]]` with `default = true` in uv.toml"
            ),
            Self::Pdm => {
                format!("set `PDM_PYPI_URL={index}`, or a `[[tool.pdm.source]]` named `pypi`")
            }
            Self::Poetry => {
                format!(
                    "add a `[[tool.poetry.source]]` with `priority = \"primary\"` and `url = \"{index}\"`"
                )
            }
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A program of a client.
#[derive(Clone, Debug)]
pub(crate) struct Installed {
    /// Whose it is.
    pub(crate) client: Client,
    /// What is started.
    pub(crate) program: std::path::PathBuf,
    /// Whether it is an interpreter that has the client as a module.
    pub(crate) is_module: bool,
}

impl Installed {
    /// How a user would start it from this folder.
    pub(crate) fn shown(&self, base: &std::path::Path) -> Printable {
        let program = self.program.strip_prefix(base).unwrap_or(&self.program);
        let program = program.display();
        Printable::from(if self.is_module {
            format!("{program} -m {}", self.client.name())
        } else {
            program.to_string()
        })
    }
}
