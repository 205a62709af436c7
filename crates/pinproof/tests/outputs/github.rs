//! Workflow commands: what the runner of GitHub Actions makes of them, whatever a file says.

use crate::support::{Index, Mood, Ran, Sandbox};
use crate::{click, flask, half_hashed, index};

const GITHUB: [&str; 2] = ["--format", "github"];

/// A command as the runner understands it.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    message: String,
}

impl Command {
    fn property(&self, name: &str) -> Option<&str> {
        let mut properties = self.properties.iter();
        let found = properties.find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

fn unescaped(text: &str) -> String {
    let text = text.replace("%3A", ":").replace("%2C", ",");
    text.replace("%0A", "\n")
        .replace("%0D", "\r")
        .replace("%25", "%")
}

/// The commands that the runner obeys: lines that begin with `::`, or have `##[` anywhere, unless commands
/// are stopped; the text between is returned beside them.
fn obeyed(ran: &Ran) -> (Vec<Command>, String) {
    let mut commands = Vec::new();
    let mut text = String::new();
    let mut stopped: Option<String> = None;
    for line in ran.stdout.lines() {
        if let Some(token) = &stopped {
            if line.trim_start() == format!("::{token}::") {
                stopped = None;
            } else {
                text.push_str(line);
                text.push('\n');
            }
            continue;
        }
        if let Some(token) = line.strip_prefix("::stop-commands::") {
            stopped = Some(token.to_owned());
            continue;
        }
        let command = line.strip_prefix("::").expect("nothing but commands");
        let (head, message) = command.split_once("::").expect("a message");
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let properties = properties.split(',').filter_map(|one| one.split_once('='));
        commands.push(Command {
            name: name.to_owned(),
            properties: properties
                .map(|(key, value)| (key.to_owned(), unescaped(value)))
                .collect(),
            message: unescaped(message),
        });
    }
    assert_eq!(
        stopped, None,
        "commands are stopped for the rest of the step"
    );
    (commands, text)
}

#[test]
fn a_block_is_an_annotation_and_the_text_is_the_report() {
    let sandbox = half_hashed();
    let ran = sandbox.check(&index(), &GITHUB);
    ran.ends_with(1);
    let (commands, text) = obeyed(&ran);
    assert_eq!(text, sandbox.check(&index(), &[]).stdout);
    let [command] = commands.as_slice() else {
        panic!("{commands:#?}");
    };
    assert_eq!(command.name, "error");
    assert_eq!(command.property("file"), Some("requirements.txt"));
    assert_eq!(command.property("line"), Some("2"));
    assert_eq!(command.property("endLine"), Some("2"));
    assert_eq!(command.property("col"), Some("6"));
    assert_eq!(command.property("endColumn"), Some("13"));
    let title = command.property("title");
    assert_eq!(title, Some("pinproof: unhashed-requirement"));
    assert_eq!(
        command.message,
        "`click` is pinned, but has no hash\nhelp: `pinproof check --fix` adds the hashes that the index publishes"
    );
}

#[test]
fn the_environment_chooses_no_format() {
    let sandbox = half_hashed();
    let args = ["--offline"];
    let plain = sandbox.check_as_configured(&args, &[]);
    let actions = [("CI", "true"), ("GITHUB_ACTIONS", "true")];
    let ran = sandbox.check_as_configured(&args, &actions);
    assert_eq!(ran.stdout, plain.stdout);
}

/// A line that a requirements file may hold, and what would become of it without care.
#[test]
fn no_text_of_a_file_is_a_command() {
    let evil = "::error::forged\n##[add-mask]a\n::stop-commands::x\n%0A::error file=a::b\n";
    let name = "requirements/a,b::error::%0A.txt";
    let sandbox = Sandbox::new();
    sandbox.write(name, evil);
    let ran = sandbox.check(&index(), &[&GITHUB[..], &["--verbose", name]].concat());
    let (commands, _) = obeyed(&ran);
    assert!(commands.len() >= 3, "{commands:#?}");
    for command in &commands {
        assert!(
            ["error", "warning"].contains(&command.name.as_str()),
            "{command:?}"
        );
        assert!(
            command
                .property("title")
                .is_some_and(|title| title.starts_with("pinproof: "))
        );
        if let Some(file) = command.property("file") {
            assert_eq!(file, name);
        }
    }
}

#[test]
fn ten_of_a_kind_are_shown_the_worst_first_and_the_rest_is_counted() {
    let sandbox = Sandbox::new();
    for at in 0..12 {
        let path = format!("requirements/r{at:02}.txt");
        sandbox.write(&path, flask().pinned() + &click().locked());
    }
    sandbox.write("setup.py", "");
    let ran = sandbox.check(&index(), &[&GITHUB[..], &[".", "missing.txt"]].concat());
    ran.ends_with(2);
    let (commands, _) = obeyed(&ran);
    let of = |name: &str| commands.iter().filter(|one| one.name == name).count();
    assert_eq!((of("error"), of("warning"), of("notice")), (10, 1, 1));
    assert_eq!(
        commands[0].property("title"),
        Some("pinproof: could not run")
    );
    assert!(commands[0].message.starts_with("missing.txt: "));
    assert_eq!(
        commands.last().unwrap().message,
        "3 more errors in the log only: GitHub shows 10 of a kind for one step"
    );
}

#[test]
fn what_stayed_open_is_an_annotation_and_what_was_there_is_none() {
    let silent = Index::in_mood(Mood::Status(503), &[]);
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    let ran = sandbox.check(&silent, &GITHUB);
    ran.ends_with(3);
    let (commands, _) = obeyed(&ran);
    assert_eq!(commands[0].name, "error");
    let title = commands[0].property("title");
    assert_eq!(title, Some("pinproof: unavailable-evidence"));
    assert!(
        commands[0].message.contains("\nnot decided: "),
        "{commands:?}"
    );
    assert!(
        commands[0].message.contains("; not known: "),
        "{commands:?}"
    );

    let sandbox = half_hashed();
    sandbox.write("old.txt", sandbox.read("requirements.txt"));
    let args = ["--base", "old.txt", "requirements.txt"];
    let ran = sandbox.check(&index(), &[&GITHUB[..], &args].concat());
    ran.ends_with(0);
    assert_eq!(obeyed(&ran).0, []);
}
