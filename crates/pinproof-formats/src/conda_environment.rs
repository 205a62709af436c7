//! `environment.yml` of conda: the lines that it hands to pip. Everything else in it is for conda itself.
//!
//! conda writes the items of a `pip` list to a requirements file, one below the other, beside the environment, and
//! has pip install from it. So the text is blanked out but for these items, byte for byte, and read as a
//! requirements file: places in it are places in the environment. An item that is not there as it stands, because
//! YAML folds, escapes or repeats it, is not understood.
//!
//! No tree is built: aliases are not followed and depth costs a place on a list, so there is nothing to blow up.

mod for_pip;

use std::collections::BTreeSet;

use pinproof_core::manifest::NotUnderstood;
use pinproof_core::{Manifest, Printable, Span};
use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::requirements_txt;
use for_pip::ForPip;

/// Nobody writes a larger one; conda would take minutes to read it.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Lists and tables within each other; an environment needs four.
const MAX_DEPTH: usize = 64;

/// A file that is no YAML: nothing of it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// What is wrong, as a sentence without a full stop.
    pub message: Printable,
    /// Where.
    pub span: Span,
}

/// Whether a file of that name is an environment of conda.
pub fn is_name(name: &str) -> bool {
    matches!(name, "environment.yml" | "environment.yaml")
}

/// Reads an environment; `env` gives the values of environment variables. An error is a text that is no YAML.
pub fn parse(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Manifest, YamlError> {
    if text.len() > MAX_BYTES {
        return Err(YamlError {
            message: Printable::new("an environment of more than 8 MiB is not read"),
            span: Span::new(0, 0),
        });
    }
    let mut reader = Reader::new(text);
    for event in Parser::new_from_str(text) {
        let (event, place) = event.map_err(|error| YamlError {
            message: Printable::new(error.info()).shortened(200),
            span: Span::new(
                reader.byte(error.marker().index()),
                reader.byte(error.marker().index()),
            ),
        })?;
        let span = Span::new(
            reader.byte(place.start.index()),
            reader.byte(place.end.index()),
        );
        if !reader.take(&event, span) {
            break;
        }
    }
    Ok(reader.finish(env))
}

/// A list or a table that is open.
enum Frame {
    /// The environment, or a table among the dependencies; with the key whose value comes next.
    Table {
        is_environment: bool,
        key: Option<String>,
        seen: BTreeSet<String>,
    },
    /// The list of dependencies.
    Dependencies,
    /// A list of lines for pip.
    Pip,
    /// Whatever else.
    Other,
}

struct Reader<'t> {
    text: &'t str,
    /// The place of every character, if not each is one byte.
    places: Option<Vec<usize>>,
    frames: Vec<Frame>,
    documents: usize,
    has_dependencies: bool,
    for_pip: ForPip,
    foreign: usize,
    refused: Vec<NotUnderstood>,
}

const CONDA_TAKES_THE_LAST: &str = "conda takes only the last `pip` list, and this is another one";

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let places = || {
            let starts = text.char_indices().map(|(at, _)| at);
            starts.chain([text.len()]).collect()
        };
        Self {
            text,
            places: (!text.is_ascii()).then(places),
            frames: Vec::new(),
            documents: 0,
            has_dependencies: false,
            for_pip: ForPip::default(),
            foreign: 0,
            refused: Vec::new(),
        }
    }

    /// The byte at which a character starts.
    fn byte(&self, character: usize) -> usize {
        let place = match &self.places {
            Some(places) => places.get(character).copied(),
            None => Some(character),
        };
        place.unwrap_or(self.text.len()).min(self.text.len())
    }

    fn refuse(&mut self, span: Span, why: &str, help: &str) {
        self.refused.push(NotUnderstood {
            span,
            why: Printable::new(why).shortened(300),
            help: (!help.is_empty()).then(|| Printable::new(help)),
        });
    }

    /// Takes one event; false if nothing after it is read.
    fn take(&mut self, event: &Event<'_>, span: Span) -> bool {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.refuse(span, "a second document is not read", "");
                    return false;
                }
            }
            Event::Scalar(value, style, ..) => self.scalar(value, *style, span),
            Event::Alias(_) => self.alias(span),
            Event::SequenceStart(..) => self.open(true, span),
            Event::MappingStart(..) => self.open(false, span),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => {}
        }
        if self.frames.len() > MAX_DEPTH {
            self.refuse(span, "nested too deeply: nothing from here on is read", "");
            return false;
        }
        true
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, span: Span) {
        let is_null = style == ScalarStyle::Plain && matches!(value, "" | "~" | "null");
        match self.frames.last_mut() {
            None => self.refuse(span, NO_TABLE, ""),
            Some(Frame::Table { key: None, .. }) => self.key(value, span),
            Some(Frame::Table {
                key,
                is_environment,
                ..
            }) => {
                let key = key.take().unwrap_or_default();
                let wanted = if *is_environment {
                    "dependencies"
                } else {
                    "pip"
                };
                if key == wanted && !is_null {
                    self.refuse(span, &format!("`{key}` is a list, and this is none"), "");
                }
            }
            Some(Frame::Dependencies) => self.foreign += 1,
            Some(Frame::Pip) => self.line(value, style, span),
            Some(Frame::Other) => {}
        }
    }

    fn key(&mut self, name: &str, span: Span) {
        let Some(Frame::Table {
            is_environment,
            key,
            seen,
        }) = self.frames.last_mut()
        else {
            return;
        };
        let is_environment = *is_environment;
        *key = Some(name.to_owned());
        let is_first = seen.insert(name.to_owned());
        if !is_first {
            let shown = Printable::new(name).shortened(80);
            self.refuse(span, &format!("`{shown}` is there twice"), "merge both");
        } else if name == "<<" {
            self.refuse(
                span,
                "a merge key is not followed",
                "write out what it stands for",
            );
        } else if is_environment {
            self.has_dependencies |= name == "dependencies";
        } else if name != "pip" {
            let shown = Printable::new(name).shortened(80);
            self.refuse(span, &format!("conda has no installer `{shown}`"), "");
        } else if self.for_pip.lists.is_empty() {
            self.for_pip.lists.push(Span::new(span.end, span.end));
        } else {
            self.refuse(span, CONDA_TAKES_THE_LAST, "merge both");
            self.for_pip.lists.push(Span::new(span.end, span.end));
        }
    }

    fn alias(&mut self, span: Span) {
        let is_read = match self.frames.last_mut() {
            Some(Frame::Table {
                key,
                is_environment,
                ..
            }) => {
                let wanted = if *is_environment {
                    "dependencies"
                } else {
                    "pip"
                };
                // What stands for a key could be any.
                let is_read = key.as_deref().is_none_or(|key| key == wanted);
                *key = match key {
                    Some(_) => None,
                    None => Some(String::new()),
                };
                is_read
            }
            Some(Frame::Other) => false,
            _ => true,
        };
        if is_read {
            self.refuse(
                span,
                "an alias is not followed",
                "write out what it stands for",
            );
        }
    }

    fn open(&mut self, is_list: bool, span: Span) {
        let table = |is_environment| Frame::Table {
            is_environment,
            key: None,
            seen: BTreeSet::new(),
        };
        let frame = match (self.frames.last(), is_list) {
            (None, false) => Ok(table(true)),
            (None, true) => Err(NO_TABLE),
            (Some(Frame::Dependencies), false) => Ok(table(false)),
            (Some(Frame::Dependencies), true) => Err("a dependency is no list"),
            (Some(Frame::Pip), _) => Err("a line for pip is a text, and this is none"),
            (Some(Frame::Table { key: None, .. }), _) => Err("a key is a text, and this is none"),
            (
                Some(Frame::Table {
                    key: Some(key),
                    is_environment,
                    ..
                }),
                _,
            ) => value_of(key, *is_environment, is_list),
            (Some(Frame::Other), _) => Ok(Frame::Other),
        };
        let frame = frame.unwrap_or_else(|why| {
            self.refuse(span, why, "");
            Frame::Other
        });
        self.frames.push(frame);
    }

    fn close(&mut self, span: Span) {
        let closed = self.frames.pop();
        if let (Some(Frame::Pip), Some(list)) = (closed, self.for_pip.lists.last_mut()) {
            list.end = span.end.max(list.start);
        }
        if let Some(Frame::Table { key, .. }) = self.frames.last_mut() {
            *key = match key {
                Some(_) => None,
                // What was closed stood in the place of a key.
                None => Some(String::new()),
            };
        }
    }

    /// A line for pip, if it stands in the file as conda hands it on.
    fn line(&mut self, value: &str, style: ScalarStyle, span: Span) {
        let raw = self.text.get(span.start..span.end).unwrap_or("");
        // A quoted text ends for the parser where the next thing starts.
        let inner = match style {
            ScalarStyle::Plain => Some(raw),
            ScalarStyle::SingleQuoted => quoted(raw, value, '\''),
            ScalarStyle::DoubleQuoted => quoted(raw, value, '"'),
            _ => None,
        };
        let start = span.start + raw.len() - inner.unwrap_or(raw).len();
        let content = inner.and_then(|inner| inner.get(..value.len()));
        let content =
            content.filter(|content| *content == value && !content.contains(['\n', '\r']));
        let place = match content {
            Some(content) => Span::new(start, start + content.len()),
            None => span,
        };
        self.for_pip.scalars.push(place);
        match content {
            Some(content) if content.ends_with('\\') => {
                let help = "write the requirement with its options in one item";
                self.refuse(
                    span,
                    "a line for pip that goes on in the next item is not read",
                    help,
                );
            }
            Some(content) if !content.trim().is_empty() => self.for_pip.lines.push(place),
            Some(_) => self.refuse(span, "a line for pip without a text", "remove it"),
            None => {
                let why = "a line for pip that YAML folds or escapes is not read";
                self.refuse(
                    span,
                    why,
                    "write it on one line, as it stands in a requirements file",
                );
            }
        }
    }

    fn finish(mut self, env: &dyn Fn(&str) -> Option<String>) -> Manifest {
        if !self.has_dependencies && self.refused.is_empty() {
            let why = "an environment of conda has `dependencies`, and this file has none";
            self.refuse(Span::new(0, 0), why, "");
        }
        let masked = self.for_pip.masked(self.text);
        let mut manifest = requirements_txt::parse(&masked, env);
        // A comment about some other file.
        manifest.header = None;
        manifest.foreign = self.foreign;
        manifest.not_understood.append(&mut self.refused);
        manifest
            .not_understood
            .sort_by_key(|entry| entry.span.start);
        manifest
    }
}

/// What stands below a key, of the environment or of a table among the dependencies.
fn value_of(key: &str, is_environment: bool, is_list: bool) -> Result<Frame, &'static str> {
    match (is_environment, key, is_list) {
        (true, "dependencies", true) => Ok(Frame::Dependencies),
        (true, "dependencies", false) => Err("`dependencies` is a list, and this is none"),
        (false, "pip", true) => Ok(Frame::Pip),
        (false, "pip", false) => Err("`pip` is a list, and this is none"),
        _ => Ok(Frame::Other),
    }
}

const NO_TABLE: &str = "an environment of conda is a table, and this is none";

/// What follows the first quote of a value that stands between two of them as it is.
fn quoted<'r>(raw: &'r str, value: &str, quote: char) -> Option<&'r str> {
    let inner = raw.strip_prefix(quote)?;
    inner
        .strip_prefix(value)?
        .starts_with(quote)
        .then_some(inner)
}
