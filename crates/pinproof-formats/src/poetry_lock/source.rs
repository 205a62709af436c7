//! Where an entry of a `poetry.lock` is from, if it is not from PyPI.

use pinproof_core::manifest::{Origin, Requirement};
use toml::de::DeTable;

use crate::lock::{entry, files};
use crate::pyproject::Collector;
use crate::toml_text::{Node, span};

/// Reads the `source` of an entry; `None` if it is not understood.
pub(super) fn read(
    node: &Node<'_>,
    package: &DeTable<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<()> {
    let table = out.table(node, "`source`")?;
    let (Some(kind), Some(url)) = (
        files::string(table, "type", out),
        files::string(table, "url", out),
    ) else {
        out.refuse(span(node), "a source has a `type` and a `url`", "");
        return None;
    };
    requirement.span = requirement.span.cover(url.literal);
    let origin = match kind.value {
        "legacy" => {
            if entry::from_index(requirement, url.value, url.span(), &mut out.manifest) {
                return Some(());
            }
            out.refuse(url.span(), "this is no address of an index", "");
            return None;
        }
        "git" => {
            let commit = files::string(table, "resolved_reference", out);
            let commit = commit.map(|text| text.value.to_owned());
            entry::repository(&format!("git+{}", url.value), commit)
        }
        "url" => entry::file(url.value),
        "file" | "directory" => {
            // An address may have credentials, which a path is not searched for.
            if url.value.contains("://") {
                out.refuse(
                    url.span(),
                    "a path is expected here, and this is an address",
                    "",
                );
                return None;
            }
            let develop = package.get("develop");
            requirement.editable = develop.and_then(|node| node.get_ref().as_bool()) == Some(true);
            Origin::Path(url.value.to_owned())
        }
        _ => {
            let why = "a source is one of `legacy`, `git`, `url`, `file` and `directory`";
            out.refuse(kind.span(), why, "");
            return None;
        }
    };
    requirement.origin = origin;
    requirement.origin_span = url.span();
    Some(())
}
