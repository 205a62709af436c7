//! What is added, and that nothing else is touched.

use crate::support::{Index, Release, Sandbox};

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

fn click() -> Release {
    Release::new("click", "8.3.0")
}

fn hash(release: &Release) -> String {
    format!("--hash=sha256:{}", release.sha256())
}

/// Fixes a file and gives its new bytes.
fn fixed(index: &Index, before: impl AsRef<[u8]>) -> Vec<u8> {
    let sandbox = Sandbox::new();
    sandbox.write("requirements.txt", before);
    let ran = sandbox.check(index, &["--fix"]);
    assert!(ran.stderr.contains("added"), "{}", ran.all());
    std::fs::read(sandbox.project().join("requirements.txt")).expect("a file")
}

/// The text with the lines of hashes taken out again, and the continuations that lead to them.
fn without_hashes(text: &str) -> String {
    let lines = text
        .split_inclusive('\n')
        .filter(|line| !line.trim_start().starts_with("--hash="));
    lines.collect()
}

#[test]
fn each_pinned_line_gets_the_hashes_of_its_release() {
    let index = Index::with(&[flask(), click(), Release::new("flask", "3.1.1")]);
    let after = fixed(&index, "flask==3.1.2\nclick==8.3.0\n");
    let expected = format!(
        "flask==3.1.2 \\\n    {}\nclick==8.3.0 \\\n    {}\n",
        hash(&flask()),
        hash(&click())
    );
    assert_eq!(String::from_utf8(after).expect("UTF-8"), expected);
}

#[test]
fn every_file_of_the_release_is_accepted_in_the_order_of_the_digests() {
    let files = [
        flask(),
        flask().tag("cp314-cp314-win_amd64"),
        flask().sdist_only(),
    ];
    let index = Index::with(&files);
    let after = String::from_utf8(fixed(&index, "flask==3.1.2\n")).expect("UTF-8");
    let mut hashes: Vec<_> = files.iter().map(hash).collect();
    hashes.sort();
    let expected = format!("flask==3.1.2 \\\n    {}\n", hashes.join(" \\\n    "));
    assert_eq!(after, expected);
}

#[test]
fn comments_order_markers_and_extras_stay() {
    let index = Index::with(&[flask(), click()]);
    let before = "# the web\n\nFlask[async] == 3.1.2 ; python_version >= \"3.9\"  # why\n\n\
                  click==8.3.0\t# tab\n# the end, without a line break";
    let after = String::from_utf8(fixed(&index, before)).expect("UTF-8");
    for kept in [
        "# the web\n\nFlask[async] == 3.1.2 ; python_version >= \"3.9\"",
        "# why",
        "# tab",
    ] {
        assert!(after.contains(kept), "{kept:?} is lost:\n{after}");
    }
    assert!(
        after.ends_with("\n# the end, without a line break"),
        "{after}"
    );
    assert!(after.find(&hash(&flask())) < after.find("click"), "{after}");
    assert!(after.find("click") < after.find(&hash(&click())), "{after}");
}

#[test]
fn what_is_not_pinned_exactly_or_already_hashed_stays_byte_for_byte() {
    let index = Index::with(&[flask(), click(), Release::new("a", "1.0")]);
    let others = format!(
        "--prefer-binary\na>=1\na==1.*\na===1.0\na @ https://h.example/a.whl\n-e .\n{}-c c.txt\n",
        click().locked()
    );
    let after = String::from_utf8(fixed(&index, format!("{others}flask==3.1.2\n"))).expect("UTF-8");
    let (before_flask, fixed_line) = after.split_at(after.find("flask").expect("flask"));
    assert_eq!(
        fixed_line,
        format!("flask==3.1.2 \\\n    {}\n", hash(&flask()))
    );
    // `===` is exact too, so its line may have got hashes.
    assert_eq!(without_hashes(before_flask).replace(" \\\n", "\n"), others);
}

#[test]
fn windows_line_ends_and_the_byte_order_mark_stay() {
    let index = Index::with(&[flask(), click()]);
    let before = b"\xef\xbb\xbf# head\r\nflask==3.1.2\r\nclick==8.3.0\r\n";
    let after = fixed(&index, before);
    let expected = format!(
        "\u{feff}# head\r\nflask==3.1.2 \\\r\n    {}\r\nclick==8.3.0 \\\r\n    {}\r\n",
        hash(&flask()),
        hash(&click())
    );
    assert_eq!(String::from_utf8(after).expect("UTF-8"), expected);
}

#[test]
fn a_continued_line_stays_continued() {
    let index = Index::with(&[flask()]);
    let after = String::from_utf8(fixed(
        &index,
        "flask==3.1.2 \\\n    ; python_version > '3'\n",
    ));
    let after = after.expect("UTF-8");
    assert!(
        after.starts_with("flask==3.1.2 \\\n    ; python_version > '3' \\\n"),
        "{after}"
    );
    assert!(after.trim_end().ends_with(&hash(&flask())), "{after}");
}

#[test]
fn a_file_without_a_final_line_break_can_be_read_again() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("flask==3.1.2");
    sandbox.check(&index, &["--fix"]);
    sandbox.check(&index, &[]).ends_with(0);
}

#[test]
fn an_included_file_is_fixed_where_the_line_stands() {
    let index = Index::with(&[flask(), click()]);
    let sandbox = Sandbox::with_requirements("-r base.txt\nflask==3.1.2\n");
    sandbox.write("base.txt", "click==8.3.0\n");
    sandbox
        .check(&index, &["--fix"])
        .notes("added 1 hash to 1 requirement of base.txt");
    assert_eq!(
        sandbox.read("base.txt"),
        format!("click==8.3.0 \\\n    {}\n", hash(&click()))
    );
    sandbox.check(&index, &[]).ends_with(0);
}

#[test]
fn the_input_of_a_lock_is_left_to_its_author() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    sandbox.write("requirements.in", "flask==3.1.2\n");
    sandbox.check(&index, &["--fix"]);
    assert_eq!(sandbox.read("requirements.in"), "flask==3.1.2\n");
    assert!(sandbox.read("requirements.txt").contains(&hash(&flask())));
}

#[test]
fn after_the_fix_the_check_is_green_and_a_second_fix_changes_nothing() {
    let index = Index::with(&[flask().requires("click"), click()]);
    let sandbox = Sandbox::with_requirements("click==8.3.0\nflask==3.1.2  # web\n");
    sandbox.check(&index, &[]).ends_with(1);
    let first = sandbox.check(&index, &["--fix"]);
    first.notes("the report below is about the files as they were");
    let text = sandbox.read("requirements.txt");
    sandbox
        .check(&index, &[])
        .ends_with(0)
        .says("requirements.txt: a lock file");
    let second = sandbox.check(&index, &["--fix"]);
    second
        .ends_with(0)
        .notes("nothing to fix: no exactly pinned line lacks hashes");
    assert_eq!(sandbox.read("requirements.txt"), text);
}
