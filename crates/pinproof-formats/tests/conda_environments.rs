//! What conda hands to pip, read with its places; everything else is counted, refused, or an error.

#![expect(clippy::unwrap_used, reason = "a test")]

use pinproof_core::Manifest;
use pinproof_formats::conda_environment::{is_name, parse};
use pinproof_formats::coverage;
use proptest::prelude::*;

const ENVIRONMENT: &str = "\
# An environment. é
name: shop
channels:
  - conda-forge
dependencies:
  - python=3.11  # the oldest
  - conda-forge::numpy>=2
  - pip
  - pip:
      # pinproof: ignore[yanked-release] see #12
      - flask==3.1.2 --hash=sha256:abababababababababababababababababababababababababababababababab
      - \"requests[socks]>=2 ; python_version >= '3.9'\"  # pinproof: ignore[recent-release] ours

      - 'click'
      - -r more.txt
      - --index-url https://corp.example/simple
      - -e ./lib
      - acme @ git+https://git.example/acme.git@v1#egg=acme
variables:
  HOST: example
";

fn read(text: &str) -> Manifest {
    let manifest = parse(text, &|_| None).unwrap();
    assert_eq!(coverage::uncovered(&manifest, text), [], "{text}");
    manifest
}

/// The requirements, as they stand in the text.
fn written<'t>(manifest: &Manifest, text: &'t str) -> Vec<&'t str> {
    let requirements = manifest.requirements.iter();
    requirements
        .map(|requirement| &text[requirement.span.start..requirement.span.end])
        .collect()
}

fn problems(text: &str) -> Vec<String> {
    let manifest = read(text);
    let problems = manifest.not_understood.iter();
    problems.map(|one| one.why.to_string()).collect()
}

#[test]
fn the_lines_for_pip_are_read_as_pip_reads_them() {
    for text in [ENVIRONMENT.to_owned(), ENVIRONMENT.replace('\n', "\r\n")] {
        let manifest = read(&text);
        assert_eq!(manifest.not_understood, []);
        assert_eq!(
            written(&manifest, &text),
            [
                "flask==3.1.2 --hash=sha256:abababababababababababababababababababababababababababababababab",
                "requests[socks]>=2 ; python_version >= '3.9'",
                "click",
                "-e ./lib",
                "acme @ git+https://git.example/acme.git@v1#egg=acme",
            ]
        );
        assert!(manifest.requirements[0].has_strong_hash());
        assert!(manifest.requirements[3].editable);
        assert_eq!(manifest.includes[0].target, "more.txt");
        assert_eq!(manifest.locations.len(), 1);
        assert_eq!(manifest.foreign, 3);
        let ignores = manifest.ignores.iter().map(|ignore| ignore.applies_to);
        let of = |at: usize| manifest.requirements[at].span;
        assert_eq!(ignores.collect::<Vec<_>>(), [of(0), of(1)]);
    }
}

#[test]
fn lists_on_one_line_are_lines_of_their_own() {
    let text = "dependencies: [python, {pip: [flask==3, \"click>=8\", -r a.txt]}]";
    let manifest = read(text);
    assert_eq!(manifest.not_understood, []);
    assert_eq!(written(&manifest, text), ["flask==3", "click>=8"]);
    assert_eq!((manifest.includes.len(), manifest.foreign), (1, 1));
}

#[test]
fn an_environment_without_lines_for_pip_has_none() {
    for text in [
        "dependencies:\n  - numpy\n",
        "dependencies:\n  - numpy\n  - pip:\n",
        "name: x\ndependencies:\n  - numpy\n  - pip: []\nother: [{pip: [flask]}]\n",
    ] {
        let manifest = read(text);
        assert_eq!(
            (manifest.not_understood.len(), manifest.foreign),
            (0, 1),
            "{text}"
        );
        assert_eq!(manifest.requirements.len(), 0);
    }
    assert_eq!(read("dependencies:\n").foreign, 0);
}

#[test]
fn what_conda_would_not_hand_on_as_it_stands_is_said() {
    let pip = |lines: &str| format!("dependencies:\n  - pip:\n{lines}");
    for (text, why) in [
        ("name: x\n".to_owned(), "has `dependencies`"),
        (String::new(), "has `dependencies`"),
        ("- flask\n".to_owned(), "is a table"),
        ("flask\n".to_owned(), "is a table"),
        (
            "dependencies: flask\n".to_owned(),
            "`dependencies` is a list",
        ),
        (
            "dependencies: {a: b}\n".to_owned(),
            "`dependencies` is a list",
        ),
        (
            "dependencies:\n  - pip: flask\n".to_owned(),
            "`pip` is a list",
        ),
        (
            "dependencies:\n  - pip: {a: b}\n".to_owned(),
            "`pip` is a list",
        ),
        (
            "dependencies:\n  - npm: [left-pad]\n".to_owned(),
            "no installer `npm`",
        ),
        ("dependencies:\n  - [numpy]\n".to_owned(), "no list"),
        (
            "dependencies: [a]\ndependencies: [b]\n".to_owned(),
            "there twice",
        ),
        (
            "a: &a [{pip: [flask]}]\ndependencies: *a\n".to_owned(),
            "an alias",
        ),
        (
            "a: &a flask\ndependencies:\n  - pip:\n    - *a\n".to_owned(),
            "an alias",
        ),
        (
            "a: &a {dependencies: [x]}\n<<: *a\n".to_owned(),
            "a merge key",
        ),
        ("? [dependencies]\n: [a]\n".to_owned(), "a key is a text"),
        (
            "dependencies: [a]\n---\ndependencies: [b]\n".to_owned(),
            "a second document",
        ),
        (
            pip("    - flask\n  - pip:\n    - click\n"),
            "the last `pip` list",
        ),
        (pip("    - flask: 3\n"), "a line for pip is a text"),
        (pip("    -\n"), "without a text"),
        (
            pip("    - |\n      flask\n      click\n"),
            "folds or escapes",
        ),
        (pip("    - flask\n      ==3\n"), "folds or escapes"),
        (pip("    - \"flask\\x3d=3\"\n"), "folds or escapes"),
        (pip("    - 'it''s'\n"), "folds or escapes"),
        (
            pip("    - flask==3 \\\n    - --hash=sha256:ab\n"),
            "goes on in the next item",
        ),
        (
            format!("dependencies: {}\n", "[".repeat(200) + &"]".repeat(200)),
            "nested too deeply",
        ),
    ] {
        let problems = problems(&text);
        assert!(
            problems.iter().any(|problem| problem.contains(why)),
            "{text}: {problems:?}"
        );
    }
    // What stands beside it is read all the same.
    let manifest =
        read("dependencies:\n  - pip:\n    - |\n      flask\n    - click\n  - pip: [idna]\n");
    assert_eq!(manifest.requirements.len(), 2);
}

#[test]
fn what_is_no_yaml_is_an_error_with_its_place() {
    let text = "dependencies:\n\t- flask\n";
    let error = parse(text, &|_| None).unwrap_err();
    assert!(error.span.start <= text.len() && !error.message.as_str().is_empty());
    assert!(parse("a: [\n", &|_| None).is_err());
    assert!(parse("é: {\n", &|_| None).is_err());
    let large = format!("dependencies: [a]\n# {}", "x".repeat(9 * 1024 * 1024));
    assert!(
        parse(&large, &|_| None)
            .unwrap_err()
            .message
            .as_str()
            .contains("8 MiB")
    );
}

#[test]
fn a_bomb_of_aliases_stays_small() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..40 {
        let last = format!("*a{}, ", at - 1).repeat(10);
        text = format!("{text}a{at}: &a{at} [{last}]\n");
    }
    text += "dependencies:\n  - pip:\n    - *a39\n    - flask\n";
    let manifest = read(&text);
    assert_eq!(
        (manifest.requirements.len(), manifest.not_understood.len()),
        (1, 1)
    );
}

#[test]
fn only_the_names_of_conda_are_looked_for() {
    assert!(is_name("environment.yml") && is_name("environment.yaml"));
    assert!(!is_name("conda.yml") && !is_name("environment.json"));
}

proptest! {
    #[test]
    fn every_byte_is_accounted_for(text in "(dependencies:|pip:|- |  |\n|\r\n|flask|==1|'|\"|#|&a |\\*a|é|\t|\\[|\\]|\\{|\\}|,|\\||\\\\){0,30}") {
        if let Ok(manifest) = parse(&text, &|_| None) {
            prop_assert_eq!(coverage::uncovered(&manifest, &text), []);
            for requirement in &manifest.requirements {
                prop_assert!(text.get(requirement.span.start..requirement.span.end).is_some());
            }
        }
    }
}
