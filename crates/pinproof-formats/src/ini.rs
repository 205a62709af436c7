//! The ini dialect of Python's `configparser.RawConfigParser`, as pip uses it: strict, without
//! interpolation, without inline comments; values go on in indented lines.

use std::collections::BTreeSet;

use pinproof_core::{Printable, Span};
use thiserror::Error;

/// The section whose entries every other section inherits.
const DEFAULT_SECTION: &str = "DEFAULT";

/// A file that Python's parser refuses: pip stops at it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct IniError {
    /// What is wrong, as a sentence without a full stop.
    pub message: Printable,
    /// The line.
    pub span: Span,
}

/// The sections of a file, in its order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ini {
    /// Its sections; `DEFAULT` is not among them.
    pub sections: Vec<Section>,
    /// The entries of `DEFAULT`.
    pub defaults: Vec<Entry>,
}

/// A section.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Its name, as written.
    pub name: String,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// An entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its key, normalized.
    pub key: String,
    /// Its lines, stripped, each with its place; blank lines within are kept.
    pub lines: Vec<(String, Span)>,
}

/// Reads a text; `normalize` makes keys comparable.
pub(crate) fn parse(text: &str, normalize: fn(&str) -> String) -> Result<Ini, IniError> {
    let mut parser = Parser {
        normalize,
        ini: Ini::default(),
        place: Place::Nowhere,
        in_entry: false,
        indent: 0,
        names: BTreeSet::new(),
        keys: BTreeSet::new(),
    };
    for (start, line) in lines(text) {
        parser.line(start, line)?;
    }
    parser.trim_values();
    Ok(parser.ini)
}

/// Where entries go.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    Defaults,
    LastSection,
}

struct Parser {
    normalize: fn(&str) -> String,
    ini: Ini,
    place: Place,
    in_entry: bool,
    indent: usize,
    names: BTreeSet<String>,
    /// Keys seen so far, with the number of their section; `DEFAULT` has 0.
    keys: BTreeSet<(usize, String)>,
}

impl Parser {
    fn line(&mut self, start: usize, line: &str) -> Result<(), IniError> {
        let value = strip(line);
        let lead = line.find(|c| !is_space(c)).unwrap_or(0);
        let place = Span::new(start + lead, start + lead + value.len());
        if value.starts_with(['#', ';']) {
            return Ok(());
        }
        if value.is_empty() {
            self.append("", Span::new(start, start));
            return Ok(());
        }
        let indent = line.chars().take_while(|c| is_space(*c)).count();
        if self.in_entry && indent > self.indent {
            self.append(value, place);
            return Ok(());
        }
        self.indent = indent;
        match section_name(value) {
            Some(name) => self.open_section(name, place),
            None => self.open_entry(value, place),
        }
    }

    fn append(&mut self, value: &str, place: Span) {
        if self.in_entry
            && let Some(entry) = self.entries().and_then(|entries| entries.last_mut())
        {
            entry.lines.push((value.to_owned(), place));
        }
    }

    fn entries(&mut self) -> Option<&mut Vec<Entry>> {
        match self.place {
            Place::Nowhere => None,
            Place::Defaults => Some(&mut self.ini.defaults),
            Place::LastSection => Some(&mut self.ini.sections.last_mut()?.entries),
        }
    }

    fn open_section(&mut self, name: &str, place: Span) -> Result<(), IniError> {
        self.in_entry = false;
        if name == DEFAULT_SECTION {
            self.place = Place::Defaults;
            return Ok(());
        }
        if !self.names.insert(name.to_owned()) {
            return Err(error(
                &format!("the section [{name}] stands here twice"),
                place,
            ));
        }
        self.place = Place::LastSection;
        self.ini.sections.push(Section {
            name: name.to_owned(),
            entries: Vec::new(),
        });
        Ok(())
    }

    fn open_entry(&mut self, line: &str, place: Span) -> Result<(), IniError> {
        let section = match self.place {
            Place::Nowhere => {
                return Err(error("a setting stands before the first [section]", place));
            }
            Place::Defaults => 0,
            Place::LastSection => self.ini.sections.len(),
        };
        let Some((key, value)) = line
            .split_once(['=', ':'])
            .filter(|(key, _)| !strip(key).is_empty())
        else {
            return Err(error(
                "a line is neither a [section] nor `name = value`",
                place,
            ));
        };
        let key = (self.normalize)(strip(key));
        if !self.keys.insert((section, key.clone())) {
            return Err(error(
                &format!("`{key}` stands twice in its section"),
                place,
            ));
        }
        let value = strip(value);
        let lines = vec![(
            value.to_owned(),
            Span::new(place.end - value.len(), place.end),
        )];
        if let Some(entries) = self.entries() {
            entries.push(Entry { key, lines });
        }
        self.in_entry = true;
        Ok(())
    }

    /// Blank lines at the end of a value belong to the file, not to the value.
    fn trim_values(&mut self) {
        let sections = self
            .ini
            .sections
            .iter_mut()
            .flat_map(|section| &mut section.entries);
        for entry in sections.chain(&mut self.ini.defaults) {
            while entry.lines.len() > 1
                && entry.lines.last().is_some_and(|(line, _)| line.is_empty())
            {
                entry.lines.pop();
            }
        }
    }
}

/// The name of `[name]`; Python takes everything up to the last bracket.
fn section_name(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// The lines of a text with their starts; a line ends as in Python's text files.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let ending = rest.get(end..)?;
        at += end
            + if ending.starts_with("\r\n") {
                2
            } else {
                ending.len().min(1)
            };
        Some((start, rest.get(..end)?))
    })
}

fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// What Python's `str.isspace` takes as space: Unicode's white space and the information separators.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn error(message: &str, span: Span) -> IniError {
    IniError {
        message: Printable::new(message).shortened(200),
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::{Ini, parse};

    fn read(text: &str) -> Ini {
        parse(text, str::to_lowercase).unwrap()
    }

    fn value(ini: &Ini, section: usize, entry: usize) -> String {
        let lines = &ini.sections[section].entries[entry].lines;
        lines
            .iter()
            .map(|(line, _)| line.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn reads_values_over_several_lines() {
        let text = "[a]\nx = 1\n  2\n\n  # no\n  3\n\ny: z\n";
        let ini = read(text);
        assert_eq!(value(&ini, 0, 0), "1\n2\n\n3");
        assert_eq!(value(&ini, 0, 1), "z");
        let (line, span) = &ini.sections[0].entries[0].lines[3];
        assert_eq!(&text[span.start..span.end], line);
    }

    #[test]
    fn a_section_is_read_up_to_its_last_bracket() {
        assert_eq!(read("[a]b]c\n").sections[0].name, "a]b");
    }

    #[test]
    fn defaults_are_apart() {
        let ini = read("[DEFAULT]\nx=1\n[a]\n[DEFAULT]\ny=2\n");
        assert_eq!((ini.sections.len(), ini.defaults.len()), (1, 2));
    }

    #[test]
    fn refuses_what_python_refuses() {
        for bad in [
            "x=1",
            "[a]\nx",
            "[a]\n=1",
            "[a]\n[a]",
            "[a]\nx=1\nX=2",
            "[]\n",
            "[a]\nx",
            "[a\n",
        ] {
            assert!(parse(bad, str::to_lowercase).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_line_end_ends_a_line() {
        let ini = read("[a]\rx=1\r\ny=2\nz=3");
        assert_eq!(ini.sections[0].entries.len(), 3);
    }
}
