//! Locks of every format that nobody wrote in good faith, or that a newer tool wrote.

use crate::support::{Index, Ran, Release, Sandbox};
use crate::{in_every_look, is_inert, is_no_bug, is_short};

const MEGABYTE: usize = 1024 * 1024;
const HASH: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A format of locks: its file, and how one is written.
struct Format {
    file: &'static str,
    head: &'static str,
    /// One entry; `NAME` stands for the project.
    entry: &'static str,
    between: &'static str,
    tail: &'static str,
    /// A line of an entry that may stand there once.
    once: &'static str,
}

const FORMATS: [Format; 6] = [
    Format {
        file: "requirements.txt",
        head: "",
        entry: "NAME==3.1.2 --hash=HASH\n",
        between: "",
        tail: "",
        once: "",
    },
    Format {
        file: "pylock.toml",
        head: "lock-version = \"1.0\"\ncreated-by = \"x\"\n",
        entry: "[[packages]]\nname = \"NAME\"\nversion = \"3.1.2\"\n\
                wheels = [{ name = \"NAME-3.1.2-py3-none-any.whl\", hashes = { sha256 = \"DIGEST\" } }]\n",
        between: "",
        tail: "",
        once: "version = \"3.1.2\"\n",
    },
    Format {
        file: "uv.lock",
        head: "version = 1\n",
        entry: "[[package]]\nname = \"NAME\"\nversion = \"3.1.2\"\nsource = { registry = \"https://pypi.org/simple\" }\n\
                wheels = [{ url = \"https://h.example/NAME-3.1.2-py3-none-any.whl\", hash = \"HASH\" }]\n",
        between: "",
        tail: "",
        once: "version = \"3.1.2\"\n",
    },
    Format {
        file: "poetry.lock",
        head: "[metadata]\nlock-version = \"2.1\"\n",
        entry: "[[package]]\nname = \"NAME\"\nversion = \"3.1.2\"\n\
                files = [{ file = \"NAME-3.1.2-py3-none-any.whl\", hash = \"HASH\" }]\n",
        between: "",
        tail: "",
        once: "version = \"3.1.2\"\n",
    },
    Format {
        file: "pdm.lock",
        head: "[metadata]\nlock_version = \"4.5.0\"\n",
        entry: "[[package]]\nname = \"NAME\"\nversion = \"3.1.2\"\n\
                files = [{ file = \"NAME-3.1.2-py3-none-any.whl\", hash = \"HASH\" }]\n",
        between: "",
        tail: "",
        once: "version = \"3.1.2\"\n",
    },
    Format {
        file: "Pipfile.lock",
        head: "{\n\"_meta\": {\"pipfile-spec\": 6, \"sources\": [{\"name\": \"pypi\", \"url\": \"https://pypi.org/simple\"}]},\n\
               \"default\": {\n",
        entry: "\"NAME\": {\n\"version\": \"==3.1.2\",\n\"hashes\": [\"HASH\"]\n}",
        between: ",\n",
        tail: "\n}\n}\n",
        once: "\"version\": \"==3.1.2\",\n",
    },
];

impl Format {
    fn lock<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> String {
        let digest = HASH.trim_start_matches("sha256:");
        let entry = self.entry.replace("HASH", HASH).replace("DIGEST", digest);
        let entries = names.into_iter();
        let entries: Vec<String> = entries
            .map(|name| entry.replace("NAME", name.as_ref()))
            .collect();
        format!("{}{}{}", self.head, entries.join(self.between), self.tail)
    }
}

fn flask() -> Release {
    Release::new("flask", "3.1.2").md5_only()
}

/// The report of a lock in a folder of its own.
fn checked(file: &str, text: impl AsRef<[u8]>) -> Ran {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    sandbox.write(file, text);
    sandbox.check(&index, &[])
}

/// The same, beside a sound lock that has to be judged in any case.
fn checked_beside(file: &str, text: impl AsRef<[u8]>) -> Ran {
    let index = Index::with(&[flask(), Release::new("click", "8.3.0").md5_only()]);
    let sandbox = Sandbox::new();
    sandbox.write(file, text);
    sandbox.write(
        "sub/requirements.txt",
        format!("click==8.3.0 --hash={HASH}\n"),
    );
    let ran = sandbox.check(&index, &[]);
    ran.says("sub/requirements.txt: a lock file")
        .says("1 of 1 from sub/requirements.txt");
    ran
}

fn is_judged(ran: &Ran, most: usize) {
    let last = ran.last_line();
    let how_many = format!("judged {most} of {most} from ");
    assert!(last.starts_with(&how_many), "{}", ran.all());
}

#[test]
fn the_locks_of_these_tests_are_sound() {
    for format in &FORMATS {
        let ran = checked(format.file, format.lock(["flask"]));
        ran.ends_with(0)
            .says(&format!("{}: a lock file", format.file));
        is_judged(&ran, 1);
    }
}

#[test]
fn mixed_line_ends_mean_the_same() {
    for format in &FORMATS {
        let text = format.lock(["flask"]);
        let lines = text.split_inclusive('\n').enumerate();
        let mixed: String = lines
            .map(|(at, line)| match at % 2 {
                0 => line.replace('\n', "\r\n"),
                _ => line.to_owned(),
            })
            .collect();
        for text in [mixed, text.replace('\n', "\r\n")] {
            let ran = checked(format.file, text);
            ran.ends_with(0);
            is_judged(&ran, 1);
            is_inert(&ran);
        }
    }
}

/// A parser that takes the last of two values and one that takes the first would install different things.
#[test]
fn a_key_that_is_there_twice_is_an_open_question() {
    for format in FORMATS.iter().filter(|format| !format.once.is_empty()) {
        let sound = format.lock(["flask"]);
        let other = format.once.replace("3.1.2", "3.0.0");
        let text = sound.replacen(format.once, &format!("{}{other}", format.once), 1);
        assert_ne!(text, sound, "{}", format.file);
        let ran = checked_beside(format.file, text);
        ran.ends_with(3)
            .says(&format!("error[not-understood]: {}:", format.file));
    }
}

#[test]
fn a_version_of_the_future_is_an_open_question() {
    for (file, now, later) in [
        (
            "pylock.toml",
            "lock-version = \"1.0\"",
            "lock-version = \"2.0\"",
        ),
        (
            "pylock.toml",
            "lock-version = \"1.0\"",
            "lock-version = 1e400",
        ),
        (
            "uv.lock",
            "version = 1\n",
            "version = 99999999999999999999999\n",
        ),
        ("poetry.lock", "\"2.1\"", "\"\""),
        ("poetry.lock", "\"2.1\"", "\"3.0\""),
        ("pdm.lock", "\"4.5.0\"", "\"5.0\""),
        ("pdm.lock", "\"4.5.0\"", "[4, 5]"),
        ("Pipfile.lock", "\"pipfile-spec\": 6", "\"pipfile-spec\": 7"),
        (
            "Pipfile.lock",
            "\"pipfile-spec\": 6",
            "\"pipfile-spec\": {}",
        ),
    ] {
        let format = FORMATS.iter().find(|format| format.file == file);
        let format = format.expect("a format");
        let sound = format.lock(["flask"]);
        let text = sound.replacen(now, later, 1);
        assert_ne!(text, sound, "{file}");
        let ran = checked_beside(file, text);
        ran.ends_with(3)
            .says(&format!("error[not-understood]: {file}:"))
            .says("not known here");
    }
}

#[test]
fn an_entry_that_is_there_twice_is_judged_twice_or_open() {
    for format in &FORMATS {
        let lock = format
            .lock(["flask", "flask"])
            .replacen("3.1.2", "3.0.0", 1);
        let ran = checked_beside(format.file, lock);
        if format.file == "Pipfile.lock" {
            ran.ends_with(3).says("duplicate field `flask`");
        } else {
            ran.ends_with(1).says("`flask` 3.0.0");
        }
    }
}

#[test]
fn a_hundred_thousand_entries_are_too_many_and_said_so() {
    for format in &FORMATS[1..] {
        // In JSON a name may stand there once; of the others one project is not read so often, which is cheaper.
        let name = |at: usize| match format.file {
            "Pipfile.lock" => format!("flask-{at}"),
            _ => "flask".to_owned(),
        };
        let sandbox = Sandbox::new();
        sandbox.write(format.file, format.lock((0..100_001).map(name)));
        let ran = sandbox.check_as_configured(&["--offline", format.file], &[]);
        is_no_bug(&ran);
        is_short(&ran, 20_000);
        let (code, said) = match format.file {
            // Nothing of it is read, because its reader wants the object as a whole.
            "Pipfile.lock" => (2, "more than 100000 entries"),
            // Equal entries of this one are one requirement.
            "pdm.lock" => (3, "more than 100000 entries"),
            _ => (3, "more than 100 entries of `flask` are not read"),
        };
        ran.ends_with(code).says(said);
    }
}

#[test]
fn bombs_end_soon() {
    for format in &FORMATS {
        let sound = format.lock(["flask"]);
        let deep = "[".repeat(100_000);
        let long = "x".repeat(20 * MEGABYTE);
        let mut bombs = vec![
            format!("{sound}{deep}"),
            sound.replace("flask", &long),
            sound.replace("3.1.2", &"1.".repeat(MEGABYTE)),
            sound.replace(HASH, &long),
        ];
        let is_toml = !["requirements.txt", "Pipfile.lock"].contains(&format.file);
        if is_toml {
            bombs.push(format!("{}x = 1\n{sound}", "a.".repeat(100_000)));
            bombs.push(format!("x = {deep}{}\n{sound}", "]".repeat(100_000)));
            bombs.push(format!(
                "x = {}1{}\n{sound}",
                "{a=".repeat(100_000),
                "}".repeat(100_000)
            ));
        } else {
            bombs.push(format!(
                "{}{sound}{}",
                "{\"a\":".repeat(100_000),
                "}".repeat(100_000)
            ));
        }
        for bomb in bombs {
            let sandbox = Sandbox::new();
            sandbox.write(format.file, &bomb);
            let ran = sandbox.check_as_configured(&["--offline"], &[]);
            is_no_bug(&ran);
            is_short(&ran, 20_000);
            assert_ne!(ran.code, 0, "{}: {bomb:.200}", format.file);
        }
    }
}

#[test]
fn text_that_acts_on_a_terminal_does_not_act() {
    for format in &FORMATS[1..] {
        let sound = format.lock(["flask"]);
        for acting in ["fl\u{202e}ask", "fl\\u001b[2Jask", "fl\u{9b}31mask\u{200b}"] {
            for (place, with) in [("flask", acting), ("3.1.2", acting), (HASH, acting)] {
                let sandbox = Sandbox::new();
                sandbox.write(format.file, sound.replace(place, with));
                for ran in in_every_look(&sandbox, &["--offline"], &[]) {
                    is_no_bug(&ran);
                    is_inert(&ran);
                    assert_ne!(ran.code, 0, "{}", format.file);
                }
            }
        }
    }
}
