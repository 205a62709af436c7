//! `# via`: who needs a requirement, as pip-compile and uv note it.
//!
//! Two styles: `# via flask, -r main.in` on one line, and `# via` alone with one name on each of the
//! next comment lines.

use pinproof_core::ProjectName;
use pinproof_core::manifest::Via;

/// Reads the comments that follow a requirement.
#[derive(Debug, Default)]
pub(super) struct ViaReader {
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// No requirement is open for notes.
    #[default]
    Closed,
    /// A requirement was just read.
    Open,
    /// `# via` stood alone: names follow.
    List,
}

impl ViaReader {
    /// A requirement has been read: the comments after it may speak of it.
    pub(super) fn open(&mut self) {
        self.state = State::Open;
    }

    /// Something else has been read.
    pub(super) fn close(&mut self) {
        self.state = State::Closed;
    }

    /// The names in a comment, from its `#`.
    pub(super) fn comment(&mut self, comment: &str) -> Vec<Via> {
        let text = comment.trim_start_matches('#');
        let body = without_ignore(text).trim();
        match self.state {
            State::Closed => Vec::new(),
            State::Open => match body.strip_prefix("via") {
                Some("") => {
                    self.state = State::List;
                    Vec::new()
                }
                Some(names) if names.starts_with([' ', '\t']) => {
                    names.split(',').filter_map(read_one).collect()
                }
                _ => Vec::new(),
            },
            // The names of a list are indented deeper than the `via` above them.
            State::List if !body.is_empty() && text.starts_with("  ") => {
                read_one(body).into_iter().collect()
            }
            State::List => {
                self.state = State::Closed;
                Vec::new()
            }
        }
    }
}

/// The comment up to a `# pinproof:` within it.
fn without_ignore(text: &str) -> &str {
    text.split_once('#').map_or(text, |(before, _)| before)
}

/// One note: `flask`, `flask[async]`, `-r main.in`, `acme (pyproject.toml)`.
///
/// A constraint (`-c`) limits a requirement and does not need it, so it is no answer to "who needs it".
fn read_one(note: &str) -> Option<Via> {
    let note = note.trim();
    if let Some(input) = note
        .strip_prefix("-r")
        .or_else(|| note.strip_prefix("--requirement"))
    {
        let input = input.trim_start_matches([' ', '=', '\t']);
        return (!input.is_empty()).then(|| Via::Input(input.to_owned()));
    }
    if let Some((_, input)) = note.split_once('(') {
        let input = input.strip_suffix(')').unwrap_or(input);
        return input.contains('.').then(|| Via::Input(input.to_owned()));
    }
    let name = note.split('[').next().unwrap_or(note).trim_end();
    name.parse::<ProjectName>().ok().map(Via::Project)
}

#[cfg(test)]
mod tests {
    use pinproof_core::manifest::Via;

    use super::ViaReader;

    fn read(comments: &[&str]) -> Vec<String> {
        let mut reader = ViaReader::default();
        reader.open();
        let names = comments.iter().flat_map(|comment| reader.comment(comment));
        let shown = names.map(|via| match via {
            Via::Project(name) => name.to_string(),
            Via::Input(input) => format!("<{input}>"),
            Via::Component(_) | Via::Request => panic!("no requirements file says so"),
        });
        shown.collect()
    }

    #[test]
    fn reads_both_styles() {
        assert_eq!(read(&["# via"]), [""; 0]);
        assert_eq!(
            read(&[
                "# via",
                "#   -r requirements/main.in",
                "#   Foo.Bar[x]",
                "# other",
                "#   no"
            ]),
            ["<requirements/main.in>", "foo-bar"]
        );
        assert_eq!(
            read(&["# via -r a b.in, flask, acme (pyproject.toml), -c limits.txt"]),
            ["<a b.in>", "flask", "<pyproject.toml>"]
        );
    }

    #[test]
    fn other_comments_say_nothing() {
        assert_eq!(read(&["# viable, flask"]), [""; 0]);
        assert_eq!(read(&["# via flask # pinproof: ignore[x] a, b"]), ["flask"]);
    }
}
