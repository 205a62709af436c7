//! The version of a lock's format: known, newer than what is known, or another format altogether.

use pinproof_core::Printable;

use crate::pyproject::Collector;
use crate::toml_text::{Node, Text, span};

/// The versions of a format that are known: the major number, and the newest minor one.
pub(crate) struct Known {
    /// Whose format it is, such as ``poetry.lock``.
    pub name: &'static str,
    pub major: u32,
    pub minors: std::ops::RangeInclusive<u32>,
}

/// Whether the entries may be read. A minor version that is not known leaves a question and is read: what is
/// found in it is true, and what it says besides is open. Another major version is not read at all.
pub(crate) fn is_readable(node: Option<&Node<'_>>, known: &Known, out: &mut Collector<'_>) -> bool {
    let Some(node) = node else {
        let why = format!("it does not say which version of `{}` it is", known.name);
        out.refuse(pinproof_core::Span::new(0, 0), &why, HELP);
        return false;
    };
    let written = Text::of(out.source, node).map(|text| text.value.to_owned());
    let written = written.or_else(|| node.get_ref().as_integer().map(ToString::to_string));
    let shown = written.unwrap_or_default();
    let mut parts = shown.split('.').map(str::parse::<u32>);
    let major = parts.next().and_then(Result::ok);
    let minor = parts.next().unwrap_or(Ok(0)).ok();
    let is_readable = major == Some(known.major) && minor.is_some();
    let is_known = is_readable && minor.is_some_and(|minor| known.minors.contains(&minor));
    if !is_known {
        let shown = Printable::new(&shown).shortened(40);
        let why = format!(
            "version `{shown}` of `{}` is not known here{}",
            known.name,
            if is_readable {
                ""
            } else {
                ", so nothing of it is read"
            }
        );
        out.refuse(span(node), &why, HELP);
    }
    is_readable
}

const HELP: &str = "look for a newer pinproof, or lock again with another release of the tool";
