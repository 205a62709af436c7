//! The HTML form of a page (PEP 503, 592, 629, 658, 714, 740, 792).

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use pinproof_core::ProjectName;
use url::Url;

use super::page::{Entry, Page, PageBuilder};
use super::{PageError, has_project_status};

/// Reads a page in time linear in its bytes.
pub(super) fn parse(body: &[u8], url: &Url, project: &ProjectName) -> Result<Page, PageError> {
    let mut page = PageBuilder::new(url, project);
    let mut marks = Marks::default();
    // What stands in a script or a title is text, as it is for a browser.
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(body, emitter) {
        let Token::StartTag(tag) = token else {
            continue;
        };
        match &tag.name[..] {
            _ if page.is_full() => break,
            b"a" => add_link(&mut page, &tag),
            b"meta" => marks.note(&tag),
            b"base" if !marks.has_base => {
                if let Some(href) = attribute(&tag, b"href") {
                    page.set_base(href);
                    marks.has_base = true;
                }
            }
            _ => {}
        }
    }
    if let Some(version) = &marks.version {
        if has_project_status(version)? {
            page.publishes_status();
        }
    } else if page.is_empty() {
        return Err(PageError::WebPage);
    }
    if let Some(status) = &marks.status {
        page.set_status(status, marks.reason.as_deref());
    }
    page.finish()
}

/// What the head of a page says.
#[derive(Default)]
struct Marks {
    has_base: bool,
    version: Option<String>,
    status: Option<String>,
    reason: Option<String>,
}

impl Marks {
    fn note(&mut self, tag: &StartTag<()>) {
        let (Some(name), Some(content)) = (attribute(tag, b"name"), attribute(tag, b"content"))
        else {
            return;
        };
        let place = match name {
            "pypi:repository-version" => &mut self.version,
            "pypi:project-status" => &mut self.status,
            "pypi:project-status-reason" => &mut self.reason,
            _ => return,
        };
        place.get_or_insert_with(|| content.to_owned());
    }
}

fn add_link(page: &mut PageBuilder<'_>, tag: &StartTag<()>) {
    let Some(href) = attribute(tag, b"href") else {
        return;
    };
    let href = href.trim();
    let fragment = href.split_once('#').map_or("", |(_, fragment)| fragment);
    let metadata = attribute(tag, b"data-core-metadata")
        .or_else(|| attribute(tag, b"data-dist-info-metadata"))
        .filter(|value| *value != "false");
    page.add(&Entry {
        url: href,
        hashes: named_digests(fragment),
        yanked: attribute(tag, b"data-yanked"),
        requires_python: attribute(tag, b"data-requires-python"),
        core_metadata: metadata.map(named_digests),
        provenance: attribute(tag, b"data-provenance"),
        ..Entry::default()
    });
}

/// `sha256=…`, alone or among other parts of a fragment; `true` names none.
fn named_digests(text: &str) -> Vec<(&str, &str)> {
    text.split('&')
        .filter_map(|part| part.split_once('='))
        .collect()
}

/// The value of an attribute; one that is no UTF-8 counts as missing.
fn attribute<'a>(tag: &'a StartTag<()>, name: &[u8]) -> Option<&'a str> {
    let value = tag.attributes.get(name)?;
    std::str::from_utf8(&value.value).ok()
}
