//! One requirement in a TOML string: PEP 508, with its places in the file.

use pinproof_core::Span;
use pinproof_core::manifest::{Origin, Requirement, Scope, WrittenHash};
use pinproof_core::requirement::Pep508;

use super::collector::Collector;
use crate::address;
use crate::toml_text::Text;

/// Reads a requirement; one that is none by PEP 508 is recorded as not understood.
pub(crate) fn read(text: &Text<'_>, scope: &Scope, out: &mut Collector<'_>) {
    let read: Pep508 = match text.value.parse() {
        Ok(read) => read,
        Err(error) => {
            let error: pinproof_core::requirement::RequirementError = error;
            let help = "a requirement is written as PEP 508 says, such as `flask[async]>=3.0`";
            out.refuse(text.part(error.span), &error.to_string(), help);
            return;
        }
    };
    let name_span = text.part(read.name_span);
    let origin_span = read.url_span.or(read.specifier_span);
    let origin_span = origin_span.map_or(name_span, |span| text.part(span));
    let mut hashes = Vec::new();
    let origin = match &read.url {
        None => Origin::Index(read.specifiers),
        Some(url) => {
            hashes.extend(hash(url, read.url_span, text, out));
            let kind = address::kind(url);
            let Some(origin) = kind.and_then(|kind| address::origin(url, url, kind)) else {
                let why = "the address after `@` is no URL that an installer knows";
                out.refuse(
                    origin_span,
                    why,
                    "write `https://…`, `file:///…` or `git+https://…`",
                );
                return;
            };
            origin
        }
    };
    out.manifest.requirements.push(Requirement {
        name: Some(read.name),
        extras: read.extras,
        origin,
        version: None,
        index: None,
        needs: None,
        marker: read.marker,
        hashes,
        editable: false,
        scope: scope.clone(),
        via: Vec::new(),
        span: text.span(),
        name_span,
        origin_span,
    });
}

/// The hash in the fragment of a URL; one that is wrong is recorded as not understood.
fn hash(
    url: &str,
    url_span: Option<Span>,
    text: &Text<'_>,
    out: &mut Collector<'_>,
) -> Option<WrittenHash> {
    let (written, hash) = address::hash(url)?;
    let start = url_span.unwrap_or_default().start;
    let span = text.part(Span::new(start + written.start, start + written.end));
    match hash {
        Ok(hash) => Some(WrittenHash { hash, span }),
        Err(error) => {
            out.refuse(span, &error.to_string(), "");
            None
        }
    }
}
