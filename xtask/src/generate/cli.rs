//! `cli.md`: every command, as its help says it.

use std::fmt::Write as _;

use crate::help::Page;

/// The reference of the command line.
pub(super) fn text(pages: &[Page]) -> String {
    let mut text = format!("# The command line\n\n{}", super::NOTE);
    let Some((root, commands)) = pages.split_first() else {
        return text;
    };
    text.push_str(
        "The options of `pinproof` itself may stand before or after the command; they are listed once, \
         here.\n\n",
    );
    write_help(&mut text, "pinproof", &root.text);
    for page in commands {
        let _ = writeln!(text, "\n## {}\n", page.title());
        write_help(&mut text, &page.title(), &page.without(root));
    }
    text
}

fn write_help(text: &mut String, title: &str, help: &str) {
    let _ = writeln!(text, "```console\n$ {title} --help");
    for line in help.trim_end().lines() {
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push_str("```\n");
}
