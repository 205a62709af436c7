//! Indexes that lie and requirements that cannot be met: a precise word, in a bounded time, and the lock that is
//! there stays as it is.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{
    Offered, Ran, Reply, Sandbox, Server, Shelf, Wheel, asking, lock, lock_for, sha256, zip_of,
};

const OLD: &str =
    "flask==0.1 --hash=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
/// Whatever an index does, nobody waits longer; it is far more than any of these takes.
const BOUND: Duration = Duration::from_mins(2);

fn wheel(name: &str, version: &str) -> Offered {
    Wheel::new(name, version).offered()
}

/// Locks where a lock is already; it stays, unless the run ends well.
#[track_caller]
fn ends(requirements: &str, shelf: &Shelf, code: i32) -> (Sandbox, Ran) {
    let sandbox = asking(requirements);
    sandbox.write("requirements.txt", OLD);
    let begun = Instant::now();
    let ran = lock(&sandbox, shelf, &["--upgrade"]);
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    ran.ends_with(code);
    if code != 0 {
        ran.says("requirements.txt is as it was");
        assert_eq!(sandbox.read("requirements.txt"), OLD);
    }
    (sandbox, ran)
}

#[test]
fn what_cannot_be_met_is_told_with_the_chain_that_leads_there() {
    let shelf = Shelf::with(&[
        Wheel::new("shop", "1.0").requires("birch>=2").offered(),
        Wheel::new("bank", "1.0").requires("birch<2").offered(),
        wheel("birch", "1.0"),
        wheel("birch", "2.0"),
    ]);
    let (_, ran) = ends("shop\nbank\n", &shelf, 1);
    ran.says(
        "\
error: nothing fits for Python 3.12 on linux-x86_64
  requirements.in asks for `bank` and `shop`
  `bank` 1.0 needs `birch<2`
  `shop` 1.0 needs `birch>=2`
  no version of `birch` fits `birch<2` and `birch>=2`
requirements.txt is as it was
",
    );
}

#[test]
fn a_project_that_does_not_exist_is_named_with_who_needs_it() {
    let shelf = Shelf::with(&[Wheel::new("shop", "1.0").requires("flsak").offered()]);
    let (_, ran) = ends("shop\n", &shelf, 1);
    ran.says("`shop` 1.0 needs `flsak`")
        .says("there is no `flsak`");
    ends("flsak\n", &shelf, 1)
        .1
        .says("requirements.in asks for `flsak`")
        .says("there is no `flsak`");
}

#[test]
fn metadata_of_something_else_is_no_answer() {
    for (name, version) in [("birch", "1.0"), ("ash", "9.0")] {
        let mut lying = wheel("ash", "1.0");
        lying.metadata = Some(Wheel::new(name, version).metadata());
        let (_, ran) = ends("ash\n", &Shelf::with(&[lying]), 3);
        ran.says("undecided: what `ash` 1.0 needs is not known")
            .says("ash-1.0-py3-none-any.whl");
    }
    // The same in the wheel itself.
    let other = Wheel::new("birch", "1.0").bare();
    let renamed = Offered {
        project: "ash".to_owned(),
        filename: "ash-1.0-py3-none-any.whl".to_owned(),
        ..other
    };
    ends("ash\n", &Shelf::with(&[renamed]), 3)
        .1
        .says("what `ash` 1.0 needs is not known");
}

#[test]
fn metadata_with_another_hash_than_the_page_says_is_no_answer() {
    let page = json!({
        "meta": {"api-version": "1.4"}, "name": "ash",
        "files": [{
            "filename": "ash-1.0-py3-none-any.whl", "url": "/ash.whl", "size": 10,
            "hashes": {"sha256": "a".repeat(64)}, "upload-time": "2020-01-01T00:00:00Z",
            "core-metadata": {"sha256": "b".repeat(64)},
        }]
    });
    let server = Server::new(move |asked| match asked.path.as_str() {
        "/ash/" => Reply::Says(
            200,
            vec![(
                "Content-Type",
                "application/vnd.pypi.simple.v1+json".to_owned(),
            )],
            page.to_string().into_bytes(),
        ),
        _ => Reply::ok(Wheel::new("ash", "1.0").metadata()),
    });
    let sandbox = asking("ash\n");
    let ran = lock_for(&sandbox, &server.url(), &[]);
    ran.ends_with(3)
        .says("what `ash` 1.0 needs is not known")
        .says("hash");
}

#[test]
fn a_wheel_with_two_metadata_files_is_no_answer() {
    let text = |needs: &str| format!("Metadata-Version: 2.1\nName: ash\nVersion: 1.0\n{needs}");
    let two = [
        ("ash-1.0.dist-info/METADATA".to_owned(), text("")),
        (
            "Ash-1.0.dist-info/METADATA".to_owned(),
            text("Requires-Dist: evil\n"),
        ),
    ];
    let offered = Offered {
        bytes: zip_of(&two),
        ..Wheel::new("ash", "1.0").bare()
    };
    ends("ash\n", &Shelf::with(&[offered]), 3)
        .1
        .says("what `ash` 1.0 needs is not known");
    let none = Offered {
        bytes: zip_of(&[]),
        ..Wheel::new("ash", "1.0").bare()
    };
    ends("ash\n", &Shelf::with(&[none]), 3);
    let no_zip = Offered {
        bytes: b"<html>please log in</html>".to_vec(),
        ..Wheel::new("ash", "1.0").bare()
    };
    ends("ash\n", &Shelf::with(&[no_zip]), 3);
}

#[test]
fn metadata_that_is_huge_is_no_answer() {
    let mut huge = Wheel::new("ash", "1.0").metadata();
    let _ = writeln!(huge, "Summary: {}", "x".repeat(6 * 1024 * 1024));
    let mut beside = wheel("ash", "1.0");
    beside.metadata = Some(huge.clone());
    ends("ash\n", &Shelf::with(&[beside]), 3)
        .1
        .says("what `ash` 1.0 needs is not known");
    // A few thousand bytes that unpack to millions.
    let packed = zip_of(&[("ash-1.0.dist-info/METADATA".to_owned(), huge)]);
    assert!(packed.len() < 100_000);
    let inside = Offered {
        bytes: packed,
        ..Wheel::new("ash", "1.0").bare()
    };
    ends("ash\n", &Shelf::with(&[inside]), 3)
        .1
        .says("what `ash` 1.0 needs is not known");
}

#[test]
fn a_release_whose_needs_are_no_requirements_is_left_out() {
    let broken = Wheel::new("ash", "2.0").requires("birch >=>= 1 \u{1b}[31m");
    let shelf = Shelf::with(&[wheel("ash", "1.0"), broken.offered()]);
    let (sandbox, _) = ends("ash\n", &shelf, 0);
    assert!(sandbox.read("requirements.txt").contains("ash==1.0 "));
    let (_, ran) = ends("ash>1\n", &shelf, 1);
    ran.says("`ash`").says("birch >=>= 1").never_says("\u{1b}");
}

#[test]
fn requirements_in_circles_end() {
    let shelf = Shelf::with(&[
        Wheel::new("ash", "1.0")
            .extra("x")
            .requires("ash")
            .requires("ash[x]")
            .requires("birch")
            .offered(),
        Wheel::new("birch", "1.0").requires("cedar").offered(),
        Wheel::new("cedar", "1.0")
            .requires("ash[x]")
            .requires("ash; extra == 'y'")
            .offered(),
        Wheel::new("elm", "1.0").requires("elm>1").offered(),
    ]);
    let (sandbox, _) = ends("ash\n", &shelf, 0);
    assert_eq!(
        sandbox.read("requirements.txt").matches("==1.0 ").count(),
        3
    );
    ends("elm\n", &shelf, 1)
        .1
        .says("it needs `elm>1`, another version of itself");
}

/// Every project needs new ones; whoever follows never comes to an end.
#[test]
fn endless_chains_of_projects_end() {
    const EACH: u64 = 50;
    let metadata = |name: &str| {
        let count = name.trim_start_matches("link-").parse::<u64>();
        let first = count.expect("a number") * EACH;
        let needs = first + 1..=first + EACH;
        let wheel = Wheel::new(name, "1.0");
        let wheel = needs.fold(wheel, |wheel, next| wheel.requires(&format!("link-{next}")));
        wheel.metadata()
    };
    let server = Server::new(move |asked| {
        let path = asked.path.trim_matches('/');
        if let Some(stem) = path.strip_suffix("-1.0-py3-none-any.whl.metadata") {
            return Reply::ok(metadata(&stem.replace('_', "-")));
        }
        let filename = format!("{}-1.0-py3-none-any.whl", path.replace('-', "_"));
        page(
            path,
            &json!([{
                "filename": filename, "url": format!("/{filename}"), "size": 10,
                "core-metadata": {"sha256": sha256(metadata(path).as_bytes())},
                "hashes": {"sha256": "a".repeat(64)}, "upload-time": "2020-01-01T00:00:00Z",
            }]),
        )
    });
    let sandbox = asking("link-0\n");
    sandbox.write("requirements.txt", OLD);
    // Keeping twenty thousand answers would take longer than getting them.
    let ran = lock_for(
        &sandbox,
        &server.url(),
        &["--cache-dir", "/dev/null/nowhere"],
    );
    ran.ends_with(2)
        .says("the requirements lead to more than 10000 projects")
        .says("requirements.txt is as it was");
    assert_eq!(sandbox.read("requirements.txt"), OLD);
}

/// A page of the Simple API.
fn page(name: &str, files: &serde_json::Value) -> Reply {
    let kind = "application/vnd.pypi.simple.v1+json";
    let page = json!({"meta": {"api-version": "1.4"}, "name": name, "files": files});
    let headers = vec![("Content-Type", kind.to_owned())];
    Reply::Says(200, headers, page.to_string().into_bytes())
}

#[test]
fn a_release_that_needs_ten_thousand_things_ends() {
    let mut greedy = Wheel::new("ash", "2.0");
    for at in 0..10_001 {
        greedy = greedy.requires(&format!("need-{at}"));
    }
    let shelf = Shelf::with(&[greedy.offered(), wheel("birch", "1.0")]);
    ends("ash\n", &shelf, 2)
        .1
        .says("error: `ash 2.0` has more than 10000 requirements");
    assert!(shelf.requests().len() < 1_000, "{}", shelf.requests().len());
}

#[test]
fn a_page_with_very_many_files_is_read_or_refused() {
    let beside = sha256(Wheel::new("ash", "1.20000").metadata().as_bytes());
    let file = |at: usize| {
        json!({
            "filename": format!("ash-1.{at}-py3-none-any.whl"), "url": "/x.whl", "size": 10,
            "hashes": {"sha256": format!("{at:064x}")}, "upload-time": "2020-01-01T00:00:00Z",
            "core-metadata": {"sha256": beside},
        })
    };
    let page = |count: usize| {
        let files: Vec<_> = (0..count).map(file).collect();
        json!({"meta": {"api-version": "1.4"}, "name": "ash", "files": files}).to_string()
    };
    let serve = |page: String| {
        let kind = (
            "Content-Type",
            "application/vnd.pypi.simple.v1+json".to_owned(),
        );
        Server::new(move |asked| match asked.path.as_str() {
            "/ash/" => Reply::Says(200, vec![kind.clone()], page.clone().into_bytes()),
            _ => Reply::ok(Wheel::new("ash", "1.20000").metadata()),
        })
    };
    // More releases than any project has.
    let many = serve(page(20_001));
    let sandbox = asking("ash\n");
    lock_for(&sandbox, &many.url(), &[]).ends_with(0);
    assert!(sandbox.read("requirements.txt").contains("ash==1.20000 "));
    // More bytes than a page may have.
    let huge = serve(page(20_001) + &" ".repeat(65 * 1024 * 1024));
    let sandbox = asking("ash\n");
    sandbox.write("requirements.txt", OLD);
    lock_for(&sandbox, &huge.url(), &[])
        .ends_with(3)
        .says("no answer about `ash`")
        .says("requirements.txt is as it was");
    assert_eq!(sandbox.read("requirements.txt"), OLD);
}

/// A page and metadata may hold any text; none of it becomes a line, an option or an escape.
#[test]
fn names_with_tricks_stay_names() {
    let trick = |filename: &str| Offered {
        filename: filename.to_owned(),
        ..wheel("ash", "1.0")
    };
    let shelf = Shelf::with(&[
        wheel("ash", "1.0"),
        trick("../../ash-9.0-py3-none-any.whl"),
        trick("ash-9.0\n--index-url=https://evil.example/-py3-none-any.whl"),
        trick("ash-9.0-py3-none-any.whl\u{1b}[31m"),
        trick("birch-9.0-py3-none-any.whl"),
        trick("ash-9.0-py3-none-any.whl/../x"),
        trick("ash\u{202e}-9.0-py3-none-any.whl"),
    ]);
    for to in ["requirements.txt", "pylock.toml"] {
        let sandbox = asking("ash\n");
        let ran = lock(&sandbox, &shelf, &["requirements.in", "--to", to]);
        ran.ends_with(0).never_says("\u{1b}").never_says("\u{202e}");
        let text = sandbox.read(to);
        assert!(text.contains(&wheel("ash", "1.0").sha256()), "{text}");
        assert!(
            !text.contains("evil") && !text.contains("9.0") && !text.contains(".."),
            "{text}"
        );
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{text}"
        );
    }
    let needs =
        Wheel::new("shop", "1.0").requires("ash @ https://evil.example/ash-1.0-py3-none-any.whl");
    let shelf = Shelf::with(&[needs.offered(), wheel("ash", "1.0")]);
    ends("shop\n", &shelf, 1)
        .1
        .says("ash")
        .says("https://evil.example/");
}

/// Whichever came first would be in the lock, and the index decides the order.
#[test]
fn a_release_with_two_different_files_of_one_name_is_left_out() {
    let mut other = wheel("ash", "2.0");
    other.hashes = Some(json!({"sha256": "b".repeat(64)}));
    let twice = wheel("ash", "1.0");
    let shelf = Shelf::with(&[wheel("ash", "2.0"), other, twice.clone(), twice]);
    // The same file twice is one file.
    let (sandbox, _) = ends("ash\n", &shelf, 0);
    assert!(sandbox.read("requirements.txt").contains("ash==1.0 "));
    let (_, ran) = ends("ash>1\n", &shelf, 1);
    ran.says("the index has two different files named `ash-2.0-py3-none-any.whl`");
}
