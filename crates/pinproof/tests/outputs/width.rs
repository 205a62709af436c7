//! The text report in terminals of several widths, on the worst of the examples.

use crate::support::Sandbox;

const BAD: &str = "../../examples/bad-project";
const FILES: [&str; 2] = ["requirements.txt", "requirements-internal.txt"];

/// The lines of a report, offline: nearly all of its questions stay open.
fn lines(width: &str, color: &str) -> Vec<String> {
    let sandbox = Sandbox::new();
    for file in FILES {
        let text = std::fs::read_to_string(format!("{BAD}/{file}")).expect("the example");
        sandbox.write(file, text);
    }
    let args = ["check", "--offline", "--color", color];
    let ran = sandbox.run_with(&args, &[("COLUMNS", width)]);
    ran.ends_with(1).says("error[unavailable-evidence]");
    let plain = anstream::adapter::strip_str(&ran.stdout).to_string();
    plain.lines().map(ToOwned::to_owned).collect()
}

/// A line of a file, or what points into it: its width is the file's.
fn is_excerpt(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    rest.starts_with('|') || rest.starts_with("-->") || rest.starts_with("...")
}

/// Nothing parts a word: an address stays whole.
fn is_one_word(line: &str) -> bool {
    line.rsplit(": ")
        .next()
        .is_some_and(|rest| !rest.trim().contains(' '))
}

#[test]
fn no_line_is_longer_than_the_terminal() {
    for width in ["60", "80", "120"] {
        for color in ["never", "always"] {
            let lines = lines(width, color);
            // The end has what programs may look for.
            let end = lines.iter().position(|line| line.starts_with("FAILED"));
            let most = width.parse().expect("a number");
            for line in &lines[..end.expect("an end")] {
                let fits = line.chars().count() <= most;
                assert!(fits || is_excerpt(line) || is_one_word(line), "{line}");
            }
        }
    }
}

/// A label beside its place ends where the terminal does, or is a note.
#[test]
fn a_label_that_does_not_fit_is_a_note() {
    let label = "`http://packages.acme.example/simple/` may answer for all 3 requirements";
    let beside = |line: &String| is_excerpt(line) && line.ends_with(label);
    assert!(lines("160", "never").iter().any(beside));
    let narrow = lines("80", "never");
    assert!(!narrow.iter().any(beside));
    let folded = narrow
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(folded.contains(&format!("= note: {label}")));
}
