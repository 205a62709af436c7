//! Reads what `pinproof … --help` prints.

use crate::Trouble;
use crate::binary::Binary;

/// A command with its help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The words after `pinproof`; none for the command itself.
    pub words: Vec<String>,
    /// Its help, as printed.
    pub text: String,
}

/// An option with its variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The option as the help shows it: `-o, --output <FILE>`.
    pub shown: String,
    /// What it does, in one line.
    pub meaning: String,
    /// The environment variable that sets it.
    pub variable: String,
}

/// The help of `pinproof` and of every subcommand, in the order in which they are listed.
pub fn pages(binary: &Binary) -> Result<Vec<Page>, Trouble> {
    let mut pages = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let mut args = words.clone();
        args.push("--help".to_owned());
        let text = binary.say(&args)?;
        for name in subcommands(&text).into_iter().rev() {
            let mut deeper = words.clone();
            deeper.push(name);
            open.push(deeper);
        }
        pages.push(Page { words, text });
    }
    Ok(pages)
}

fn subcommands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

impl Page {
    /// `pinproof`, `pinproof check`.
    pub fn title(&self) -> String {
        let words = std::iter::once("pinproof").chain(self.words.iter().map(String::as_str));
        words.collect::<Vec<_>>().join(" ")
    }

    /// The options that a variable sets.
    pub fn flags(&self) -> Vec<Flag> {
        self.entries()
            .iter()
            .filter_map(|entry| flag(entry))
            .collect()
    }

    /// The help without the options that `other` has too.
    pub fn without(&self, other: &Self) -> String {
        let known = other.entries();
        let mut sections: Vec<String> = Vec::new();
        for section in self
            .text
            .split("\n\n")
            .collect::<Vec<_>>()
            .chunk_by(|_, next| !is_heading(next))
        {
            let section = section.join("\n\n");
            let entries = entries(&section);
            let kept: Vec<&String> = entries
                .iter()
                .filter(|entry| !known.contains(entry))
                .collect();
            if entries.is_empty() {
                sections.push(section.trim_end().to_owned());
            } else if let Some(heading) = section.lines().next().filter(|_| !kept.is_empty()) {
                let kept: Vec<&str> = kept.iter().map(|entry| entry.as_str()).collect();
                sections.push(format!("{heading}\n{}", kept.join("\n\n")));
            }
        }
        sections.join("\n\n") + "\n"
    }

    fn entries(&self) -> Vec<String> {
        entries(&self.text)
    }
}

fn is_heading(paragraph: &str) -> bool {
    let first = paragraph.lines().next().unwrap_or("");
    !first.starts_with(' ') && first.ends_with(':')
}

/// The options of a help text, each with the lines that belong to it.
fn entries(text: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        if line.trim_start().starts_with('-')
            && line.starts_with("  ")
            && !line.starts_with("        ")
        {
            entries.push(line.to_owned());
            is_inside = true;
        } else if !line.is_empty() && !line.starts_with(' ') {
            is_inside = false;
        } else if let Some(entry) = entries.last_mut().filter(|_| is_inside) {
            entry.push('\n');
            entry.push_str(line.trim_end());
        }
    }
    for entry in &mut entries {
        entry.truncate(entry.trim_end().len());
    }
    entries
}

fn flag(entry: &str) -> Option<Flag> {
    let (shown, rest) = entry.split_once('\n')?;
    let (_, variable) = rest.split_once("[env: ")?;
    let end = variable.find(|c: char| !c.is_ascii_uppercase() && c != '_')?;
    let meaning = rest.trim_start().split("\n\n").next()?;
    let meaning = meaning.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Flag {
        shown: shown.trim().to_owned(),
        meaning,
        variable: variable[..end].to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Page, subcommands};

    fn page(text: &str) -> Page {
        Page {
            words: vec!["check".to_owned()],
            text: text.to_owned(),
        }
    }

    const ROOT: &str = "Says it\n\nUsage: pinproof <COMMAND>\n\nCommands:\n  check  One\n  cache  Two\n  \
                        help   Three\n\nOptions:\n  -h, --help\n          Print help\n\nOutput:\n  -o, --output \
                        <FILE>\n          Write it\n          to a file\n          \n          [env: PINPROOF_OUTPUT=]\n";

    #[test]
    fn subcommands_and_flags() {
        assert_eq!(subcommands(ROOT), ["check", "cache"]);
        let flags = page(ROOT).flags();
        assert_eq!(flags.len(), 1);
        assert_eq!(flags[0].shown, "-o, --output <FILE>");
        assert_eq!(flags[0].meaning, "Write it to a file");
        assert_eq!(flags[0].variable, "PINPROOF_OUTPUT");
    }

    #[test]
    fn what_two_pages_share_is_left_out() {
        let own = "Judges\n\nOptions:\n  -h, --help\n          Print help\n\nOutput:\n      --exit-zero\n          \
                   End with 0\n\n  -o, --output <FILE>\n          Write it\n          to a file\n          \n          \
                   [env: PINPROOF_OUTPUT=]\n";
        assert_eq!(
            page(own).without(&page(ROOT)),
            "Judges\n\nOutput:\n      --exit-zero\n          End with 0\n"
        );
    }
}
