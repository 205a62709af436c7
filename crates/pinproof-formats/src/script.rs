//! Inline script metadata (PEP 723): the requirements of a single-file script, in its `# /// script` block.

use pinproof_core::manifest::{NotUnderstood, Scope};
use pinproof_core::{Manifest, Printable, Span};
use toml::de::DeTable;

use crate::pyproject::{self, Collector, TomlError};
use crate::toml_text::Document;

const OPENS: &str = "# /// script";
const CLOSES: &str = "# ///";

/// Reads a Python script; an error is a block that is no TOML. A script without a block has no requirements.
pub fn parse(text: &str) -> Result<Manifest, TomlError> {
    let blocks = blocks(text);
    let mut manifest = match &blocks[..] {
        [] => whole(text),
        [first, ..] => read(text, first)?,
    };
    let questions = blocks.iter().enumerate().filter_map(|(at, block)| {
        let why = match (at, block.is_closed) {
            (0, true) => return None,
            (0, false) => "this block of script metadata is not closed with `# ///`, so it is none",
            _ => "a script has one block of script metadata, and this is another one",
        };
        Some(NotUnderstood {
            span: block.opening,
            why: Printable::new(why),
            help: None,
        })
    });
    manifest.not_understood.extend(questions);
    Ok(manifest)
}

/// A script that says nothing about what it needs.
fn whole(text: &str) -> Manifest {
    Manifest {
        trivia: vec![Span::new(0, text.len())],
        ..Manifest::default()
    }
}

/// A block of metadata: its first line, and the lines of its content.
struct Block {
    opening: Span,
    content: Span,
    is_closed: bool,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(start, start + line.len());
        start = span.end;
        let shown = line.trim_end_matches(['\r', '\n']);
        let is_comment = shown == "#" || shown.starts_with("# ");
        match blocks.last_mut().filter(|_| is_open && is_comment) {
            // The last such line of the comment closes the block; one before it is content.
            Some(block) if shown == CLOSES => {
                block.is_closed = true;
                block.content.end = span.start;
            }
            Some(block) if !block.is_closed => block.content.end = span.end,
            Some(_) => {}
            None => {
                is_open = shown == OPENS;
                if is_open {
                    blocks.push(Block {
                        opening: Span::new(span.start, span.start + shown.len()),
                        content: Span::new(span.end, span.end),
                        is_closed: false,
                    });
                }
            }
        }
    }
    blocks
}

fn read(text: &str, block: &Block) -> Result<Manifest, TomlError> {
    if !block.is_closed {
        return Ok(whole(text));
    }
    let masked = masked(text, block.content);
    let document = Document::parse(&masked)?;
    let mut out = Collector::new(&masked);
    read_metadata(&document.root, &mut out);
    pyproject::read_uv(&document.root, &mut out);
    Ok(pyproject::finish(&document, out))
}

/// The text with everything but the content of the block blanked out, byte for byte, so that places in it are
/// places in the script.
fn masked(text: &str, content: Span) -> String {
    let blank = |part: &str| -> String {
        let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
        part.bytes().map(blank).collect()
    };
    let mut masked = blank(text.get(..content.start).unwrap_or(""));
    let lines = text.get(content.start..content.end).unwrap_or("");
    for line in lines.split_inclusive('\n') {
        masked.push(' ');
        masked.push_str(line.strip_prefix('#').unwrap_or(line));
    }
    masked.push_str(&blank(text.get(content.end..).unwrap_or("")));
    masked
}

fn read_metadata(root: &DeTable<'_>, out: &mut Collector<'_>) {
    if let Some(node) = root.get("requires-python") {
        out.manifest.requires_python = out.parsed_text(node, "`requires-python`");
    }
    if let Some(node) = root.get("dependencies") {
        for text in out.texts(node, "`dependencies`") {
            pyproject::read_requirement(&text, &Scope::Main, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::coverage;

    const SCRIPT: &str = "#!/usr/bin/env python3\n# é\n# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\n\
                          #   \"flask==3.1.2\",\n#   # why\n#\n#   \"requests>=2\",\n# ]\n# [[tool.uv.index]]\n\
                          # url = \"https://corp.example/simple\"\n# ///\nimport flask\n# /// other\n# x\n# ///\n";

    #[test]
    fn places_are_those_of_the_script() {
        for text in [SCRIPT.to_owned(), SCRIPT.replace('\n', "\r\n")] {
            let manifest = parse(&text).unwrap();
            assert_eq!(manifest.not_understood, []);
            assert_eq!(coverage::uncovered(&manifest, &text), []);
            let all = manifest.requirements.iter();
            let shown: Vec<_> = all.map(|one| &text[one.span.start..one.span.end]).collect();
            assert_eq!(shown, ["flask==3.1.2", "requests>=2"]);
            assert_eq!(manifest.locations.len(), 1);
            assert_eq!(manifest.requires_python.unwrap().to_string(), ">=3.11");
        }
    }

    #[test]
    fn the_last_closing_line_of_a_comment_counts() {
        let text = "# /// script\n# dependencies = [\n# \"a\",\n# ///\n# ]\n# ///\n";
        // What is between them is content, and no TOML.
        assert!(parse(text).is_err());
        let text = "# /// script\n# dependencies = [\"a\"]\n# ///\n#not\n# ///\n";
        assert_eq!(parse(text).unwrap().requirements.len(), 1);
    }

    #[test]
    fn what_is_no_block_is_said() {
        for (text, count) in [
            ("print(1)\n", 0),
            ("# /// script\n# dependencies = [\"a\"]\nprint(1)\n", 1),
            ("# /// script\n# ///\n\n# /// script\n# ///\n", 1),
            ("", 0),
            ("#/// script\n# dependencies = 1\n# ///\n", 0),
            ("# /// script\n# dependencies = 1\n# ///\n", 1),
            ("# /// script\n# dependencies = [\"a b\"]\n# ///\n", 1),
        ] {
            let manifest = parse(text).unwrap();
            assert_eq!(manifest.not_understood.len(), count, "{text}");
            assert_eq!(coverage::uncovered(&manifest, text), [], "{text}");
            assert_eq!(manifest.requirements.len(), 0, "{text}");
        }
        assert!(parse("# /// script\n# dependencies = [\n# ///\n").is_err());
    }
}
