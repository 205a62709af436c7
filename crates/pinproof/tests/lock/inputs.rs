//! What a lock is made from: addresses, parts of a project, other locks, and the options that change a choice.

use serde_json::{Value, json};

use crate::support::{NOW, Offered, Sandbox, Shelf, Wheel, asking, build, lock, lock_for, record};

fn shelf() -> Shelf {
    Shelf::with(&[
        Wheel::new("flask", "3.0").requires("click>=8").offered(),
        Wheel::new("flask", "3.1").requires("click>=8").offered(),
        Wheel::new("click", "8.0").offered(),
        Wheel::new("click", "8.1").offered(),
        Wheel::new("click", "8.2").offered(),
        Wheel::new("pytest", "8.0").offered(),
        Wheel::new("rich", "13.0").offered(),
    ])
}

/// The pins of a lock that was written, in its order.
fn pinned(sandbox: &Sandbox, file: &str) -> Vec<String> {
    let text = sandbox.read(file);
    let lines = text.lines().filter(|line| !line.starts_with([' ', '#']));
    let pins = lines.map(|line| line.trim_end_matches('\\').trim().to_owned());
    pins.filter(|line| !line.is_empty()).collect()
}

#[test]
fn a_file_named_by_its_address_is_in_the_lock_with_what_it_needs() {
    let wheel = Wheel::new("tool", "2.0").requires("click").offered();
    let shelf = Shelf::with(&[wheel.clone(), Wheel::new("click", "8.1").offered()]);
    let address = shelf
        .url()
        .replace("simple/", "files/tool-2.0-py3-none-any.whl");
    let sandbox = asking(&format!("tool @ {address}#sha256={}\n", wheel.sha256()));
    lock(&sandbox, &shelf, &[]).ends_with(0);
    let text = sandbox.read("requirements.txt");
    let expected = format!("tool @ {address} \\\n    --hash=sha256:{}", wheel.sha256());
    assert!(text.contains(&expected), "{text}");
    assert_eq!(pinned(&sandbox, "requirements.txt")[0], "click==8.1");
    assert!(
        !shelf.asked().contains(&"tool".to_owned()),
        "no index is asked for it"
    );
}

#[test]
fn an_address_without_a_hash_is_refused_and_hashed_only_where_nothing_is_refused() {
    let wheel = Wheel::new("tool", "2.0").offered();
    let shelf = Shelf::with(std::slice::from_ref(&wheel));
    let address = shelf
        .url()
        .replace("simple/", "files/tool-2.0-py3-none-any.whl");
    let sandbox = asking(&format!("tool @ {address}\n"));
    lock(&sandbox, &shelf, &[]).ends_with(1).says("direct-url");
    assert!(!sandbox.project().join("requirements.txt").exists());
    sandbox.write("pinproof.toml", "preset = \"observe\"\n");
    lock(&sandbox, &shelf, &[]).ends_with(0);
    let text = sandbox.read("requirements.txt");
    assert!(text.contains(&wheel.sha256()), "{text}");
    assert!(text.contains("# hashed by pinproof"), "{text}");
}

#[test]
fn two_addresses_of_one_project_are_no_lock() {
    let shelf = shelf();
    let hash = "a".repeat(64);
    let line =
        |host: &str| format!("tool @ https://{host}/tool-2.0-py3-none-any.whl#sha256={hash}\n");
    let sandbox = asking(&(line("one.example") + &line("two.example")));
    lock(&sandbox, &shelf, &[])
        .ends_with(1)
        .says("`tool` is taken from two addresses");
}

#[test]
fn a_file_without_a_published_hash_is_read_and_hashed_once() {
    let mut wheel = Wheel::new("tool", "2.0").offered();
    wheel.hashes = Some(json!({}));
    let mut elsewhere = Wheel::new("tool", "2.0")
        .tag("cp39-cp39-win_amd64")
        .offered();
    elsewhere.hashes = Some(json!({}));
    let shelf = Shelf::with(&[wheel.clone(), elsewhere.clone()]);
    let sandbox = asking("tool\n");
    lock(&sandbox, &shelf, &["-A", "unhashed-requirement"]).says("unhashed: 1");
    let text = sandbox.read("requirements.txt");
    assert!(text.contains(&wheel.sha256()), "{text}");
    assert!(
        !text.contains(&elsewhere.sha256()),
        "what is not for this environment is not fetched"
    );
    assert!(text.contains("# hashed by pinproof"), "{text}");
}

#[test]
fn what_builds_a_release_is_listed_and_never_run() {
    let build_system =
        "[build-system]\nrequires = [\"hatchling>=1.2\", \"tomli; python_version<'3.11'\"]\n";
    let old = Offered::sdist("old", "1.0", &[("pyproject.toml", build_system)]);
    let older = Offered::sdist("older", "1.0", &[("setup.py", "raise SystemExit")]);
    let shelf = Shelf::with(&[old.clone(), older]);
    let sandbox = asking("old\nolder\n");
    lock(&sandbox, &shelf, &[])
        .ends_with(1)
        .says("--allow-build old");
    let ran = lock(&sandbox, &shelf, &["--allow-build", "old,older"]);
    ran.says("it is built with hatchling>=1.2")
        .says("it is built with setuptools");
    let text = sandbox.read("requirements.txt");
    assert!(text.contains(&old.sha256()), "{text}");
    assert!(text.contains("# needs a build"), "{text}");
}

#[test]
fn extras_and_groups_of_a_project_are_locked_where_they_are_named() {
    let shelf = shelf();
    let sandbox = Sandbox::new();
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"acme\"\nversion = \"1\"\nrequires-python = \">=3.10\"\ndependencies = [\"click\"]\n\
         [project.optional-dependencies]\nweb = [\"flask\"]\n[dependency-groups]\ntest = [\"pytest\"]\n",
    );
    let names = |more: &[&str]| {
        lock(&sandbox, &shelf, more).ends_with(0);
        let text = sandbox.read("pylock.toml");
        let names = text.lines().filter_map(|line| line.strip_prefix("name = "));
        names
            .map(|name| name.trim_matches('"').to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["click"]);
    assert_eq!(names(&["--extra", "web"]), ["click", "flask"]);
    assert_eq!(
        names(&["--group", "test", "--extra", "web"]),
        ["click", "flask", "pytest"]
    );
    lock(&sandbox, &shelf, &["--group", "tset"])
        .ends_with(2)
        .notes("there is no group `tset`");
}

#[test]
fn pins_are_kept_until_somebody_says_otherwise() {
    let shelf = shelf();
    let sandbox = asking("flask\n");
    sandbox.write("requirements.txt", "flask==3.0\nclick==8.0\n");
    let pins = |more: &[&str]| {
        lock(&sandbox, &shelf, more).ends_with(0);
        pinned(&sandbox, "requirements.txt")
    };
    assert_eq!(pins(&[]), ["click==8.0", "flask==3.0"]);
    assert_eq!(pins(&["-P", "click==8.1"]), ["click==8.1", "flask==3.0"]);
    assert_eq!(
        pins(&["--upgrade-package", "flask"]),
        ["click==8.1", "flask==3.1"]
    );
    assert_eq!(pins(&["--upgrade"]), ["click==8.2", "flask==3.1"]);
}

#[test]
fn the_lowest_fix_raises_what_an_advisory_names_and_nothing_else() {
    let shelf = shelf();
    let sandbox = asking("flask\n");
    sandbox.write("requirements.txt", "flask==3.0\nclick==8.0\n");
    build(&sandbox, "flaws", &[record("PYSEC-2026-7", "click", "8.1")]);
    let database = sandbox.project().join("flaws.db").display().to_string();
    lock(&sandbox, &shelf, &["--lowest-fix", "--db", &database])
        .ends_with(0)
        .says("8.0 -> 8.1");
    assert_eq!(
        pinned(&sandbox, "requirements.txt"),
        ["click==8.1", "flask==3.0"]
    );
}

#[test]
fn a_lock_of_another_tool_hands_over_its_pins() {
    let shelf = shelf();
    let sandbox = asking("flask\n");
    let package = |wheel: Wheel, name: &str, version: &str| {
        let hash = wheel.offered().sha256();
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\noptional = false\n\
             files = [{{file = \"{name}-{version}-py3-none-any.whl\", hash = \"sha256:{hash}\"}}]\n"
        )
    };
    let flask = Wheel::new("flask", "3.0").requires("click>=8");
    let click = package(Wheel::new("click", "8.0"), "click", "8.0");
    let end =
        "[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.10\"\ncontent-hash = \"x\"\n";
    let text = click + &package(flask, "flask", "3.0") + end;
    sandbox.write("old/poetry.lock", text);
    lock(&sandbox, &shelf, &["--from", "old/poetry.lock"]).ends_with(0);
    assert_eq!(
        pinned(&sandbox, "requirements.txt"),
        ["click==8.0", "flask==3.0"]
    );
    lock(&sandbox, &shelf, &["--from", "old/none.lock"])
        .ends_with(2)
        .notes("is not there");
}

#[test]
fn constraints_overrides_and_excludes_change_the_choice_and_are_noted() {
    let shelf = shelf();
    let sandbox = asking("flask\n");
    sandbox.write("limits.txt", "click<8.2\n");
    lock(&sandbox, &shelf, &["-c", "limits.txt"]).ends_with(0);
    assert_eq!(
        pinned(&sandbox, "requirements.txt"),
        ["click==8.1", "flask==3.1"]
    );
    let text = sandbox.read("requirements.txt");
    assert!(text.contains("--constraints limits.txt"), "{text}");
    assert!(text.contains("# input: limits.txt sha256:"), "{text}");
    sandbox.write("instead.txt", "click==8.0\n");
    lock(&sandbox, &shelf, &["--override", "instead.txt"]).ends_with(0);
    assert_eq!(
        pinned(&sandbox, "requirements.txt"),
        ["click==8.0", "flask==3.1"]
    );
    let ran = lock(&sandbox, &shelf, &["--exclude", "click"]);
    assert_eq!(pinned(&sandbox, "requirements.txt"), ["flask==3.1"]);
    ran.says("incomplete-tree");
}

#[test]
fn several_environments_are_one_lock_that_is_right_for_each() {
    let shelf = Shelf::with(&[
        Wheel::new("app", "1.0")
            .requires("colorama; sys_platform == 'win32'")
            .requires("backport; python_version < '3.12'")
            .requires("data")
            .offered(),
        Wheel::new("colorama", "0.4").offered(),
        Wheel::new("backport", "1.0").offered(),
        Wheel::new("data", "2.0").python(">=3.12").offered(),
        Wheel::new("data", "1.0").offered(),
    ]);
    let sandbox = asking("app\n");
    let targets = [
        "--python",
        "3.11,3.12",
        "--platform",
        "linux-x86_64,windows-x86_64",
    ];
    lock_for(&sandbox, &shelf.url(), &targets).ends_with(0);
    let expected = [
        "app==1.0",
        "backport==1.0 ; python_version < '3.12'",
        "colorama==0.4 ; sys_platform == 'win32'",
        "data==1.0 ; python_version < '3.12'",
        "data==2.0 ; python_version >= '3.12'",
    ];
    assert_eq!(pinned(&sandbox, "requirements.txt"), expected);
}

#[test]
fn the_report_for_programs_says_what_changed_and_what_refuses() {
    let shelf = shelf();
    let sandbox = asking("flask\n");
    let json = |more: &[&str]| -> Value {
        let ran = lock(&sandbox, &shelf, &[&["--format", "json"], more].concat());
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    let made = json(&[]);
    assert_eq!(
        (&made["outcome"], &made["exit_code"]),
        (&json!("written"), &json!(0))
    );
    assert_eq!(
        made["changes"][0],
        json!({
            "project": "click", "kind": "added", "old": [], "new": ["8.2"], "gone": 0, "come": 0
        })
    );
    assert_eq!(made["report"]["version"], 1);
    assert_eq!(json(&["--check"])["outcome"], "unchanged");
    sandbox.write("requirements.in", "flask\nnobody-has-this\n");
    let other = json(&["--check"]);
    assert_eq!(
        (&other["outcome"], &other["changed_inputs"]),
        (&json!("other_inputs"), &json!(["requirements.in"]))
    );
    let none = json(&[]);
    assert_eq!(
        (&none["outcome"], &none["why"][0]["kind"]),
        (&json!("none"), &json!("conflict"))
    );
}

#[test]
fn a_pinned_release_with_other_files_than_before_ends_the_run() {
    let honest = Wheel::new("tool", "1.0").offered();
    let other = Wheel::new("tool", "1.0")
        .member("tool/more.py", "MARK = 1\n")
        .offered();
    assert_ne!(honest.sha256(), other.sha256());
    let sandbox = asking("tool\n");
    for preset in ["recommended", "observe"] {
        sandbox.write("pinproof.toml", format!("preset = \"{preset}\"\n"));
        lock(
            &sandbox,
            &Shelf::with(std::slice::from_ref(&honest)),
            &["--upgrade"],
        )
        .ends_with(0);
        let before = sandbox.read("requirements.txt");
        let attacked = Shelf::with(std::slice::from_ref(&other));
        lock(&sandbox, &attacked, &["--cache-dir", "another"])
            .ends_with(1)
            .says("`tool` 1.0 has other files on the index than in the lock: 1 of its hashes gone, 1 new")
            .says("--upgrade-package tool");
        assert_eq!(sandbox.read("requirements.txt"), before);
        lock(
            &sandbox,
            &attacked,
            &["--cache-dir", "another", "-P", "tool"],
        )
        .ends_with(0);
        assert!(sandbox.read("requirements.txt").contains(&other.sha256()));
    }
}

#[test]
fn a_file_that_joins_or_leaves_a_pinned_release_is_no_exchange() {
    let all = Wheel::new("tool", "1.0").offered();
    let one = Wheel::new("tool", "1.0")
        .tag("cp312-cp312-manylinux_2_17_x86_64")
        .offered();
    let sandbox = asking("tool\n");
    lock(&sandbox, &Shelf::with(std::slice::from_ref(&all)), &[]).ends_with(0);
    let both = Shelf::with(&[all, one.clone()]);
    lock(&sandbox, &both, &["--cache-dir", "another"])
        .ends_with(0)
        .says("1 hash more");
    lock(&sandbox, &Shelf::with(&[one]), &["--cache-dir", "a-third"])
        .ends_with(0)
        .says("1 hash fewer");
}

#[test]
fn a_lock_is_fetched_for_the_environments_that_it_states() {
    let shelf = shelf();
    let sandbox = asking("flask\n");
    lock(&sandbox, &shelf, &[]).ends_with(0);
    let fetch = |python: &str| {
        let url = shelf.url();
        let args = [
            "download",
            "-r",
            "requirements.txt",
            "-d",
            "wheels",
            "--python",
            python,
        ];
        sandbox.run(&[&args[..], &["--index-url", &url, "--as-of", NOW]].concat())
    };
    fetch("3.12").ends_with(0);
    fetch("3.11")
        .ends_with(2)
        .says("the lock is not for Python 3.11 on linux-x86_64");
}

#[test]
fn an_override_has_a_reason_and_may_have_an_end() {
    let shelf = shelf();
    let sandbox = asking("flask\n");
    let configure =
        |lines: &str| sandbox.write("pinproof.toml", format!("[[override]]\n{lines}\n"));
    configure(
        "requirement = \"click<8.1\"\nreason = \"the screens of 8.1 are not tried yet\"\nuntil = 2026-12-31",
    );
    lock(&sandbox, &shelf, &[])
        .ends_with(0)
        .says("held to `click<8.1` by the configuration, until 2026-12-31: the screens of 8.1 are not tried yet");
    assert_eq!(
        pinned(&sandbox, "requirements.txt"),
        ["click==8.0", "flask==3.1"]
    );
    configure("requirement = \"click<8.1\"\nreason = \"not tried yet\"\nuntil = 2026-10-31");
    lock(&sandbox, &shelf, &["-U"])
        .ends_with(0)
        .says("until 2026-10-31: it does not count any more: not tried yet");
    assert_eq!(
        pinned(&sandbox, "requirements.txt"),
        ["click==8.2", "flask==3.1"]
    );
    configure("without = \"click\"\nreason = \"we bring our own\"");
    lock(&sandbox, &shelf, &[]).says("left out by the configuration: we bring our own");
    assert_eq!(pinned(&sandbox, "requirements.txt"), ["flask==3.1"]);
    configure("without = \"click\"");
    lock(&sandbox, &shelf, &[])
        .ends_with(2)
        .notes("an `[[override]]` needs a reason");
}

#[test]
fn a_line_that_nobody_understands_is_no_lock_without_it() {
    let shelf = shelf();
    for (file, more) in [
        ("requirements.in", None),
        ("limits.txt", Some(["-c", "limits.txt"])),
    ] {
        let sandbox = asking("click\n");
        sandbox.write("limits.txt", "click<9\n");
        let text = sandbox.read(file);
        sandbox.write(file, format!("{text}flask >>> 3\n"));
        let more: Vec<_> = more.iter().flatten().copied().collect();
        lock(&sandbox, &shelf, &more)
            .ends_with(1)
            .says(&format!("{file}:2:"));
        assert!(!sandbox.project().join("requirements.txt").exists());
    }
}

#[test]
fn a_hash_in_an_input_holds_the_lock_to_it() {
    let one = Wheel::new("tool", "1.0").offered();
    let other = Wheel::new("tool", "1.0")
        .tag("cp312-cp312-manylinux_2_17_x86_64")
        .offered();
    let shelf = Shelf::with(&[one.clone(), other.clone()]);
    let sandbox = asking(&format!("tool==1.0 --hash=sha256:{}\n", one.sha256()));
    lock(&sandbox, &shelf, &[]).ends_with(0);
    let text = sandbox.read("requirements.txt");
    assert!(
        text.contains(&one.sha256()) && !text.contains(&other.sha256()),
        "{text}"
    );
    sandbox.write(
        "requirements.in",
        format!("tool==1.0 --hash=sha256:{}\n", "0".repeat(64)),
    );
    lock(&sandbox, &shelf, &[])
        .ends_with(1)
        .says("none of its files has a hash that the inputs ask for");
}
