//! P19: the same answer offline, from a dated snapshot.

use crate::support::{Reply, Sandbox, Server, build, record_of};

const LOCK: &str = "flask==2.2.2\nclick==8.1.3\n";
const THEN: &str = "2026-10-31T12:00:00Z";

/// Every format of the report, and how it ended.
fn reports(sandbox: &Sandbox, more: &[&str]) -> Vec<(i32, String)> {
    let formats = ["text", "concise", "json"];
    let run = |format: &&str| {
        let args = [
            "audit",
            "requirements.txt",
            "--as-of",
            THEN,
            "--format",
            format,
        ];
        let ran = sandbox.run_without_db(&[&args[..], more].concat());
        (ran.code, ran.stdout)
    };
    formats.iter().map(run).collect()
}

#[test]
fn a_snapshot_gives_the_same_bytes_on_another_machine_and_another_day() {
    let records = [
        record_of("PYSEC-2026-7", "flask", "2.2.5", "2026-10-30T00:00:00Z"),
        record_of("PYSEC-2026-8", "click", "8.0", "2026-10-31T00:00:00Z"),
    ];
    let (one, other) = (
        Sandbox::with_requirements(LOCK),
        Sandbox::with_requirements(LOCK),
    );
    build(&one, "osv", &records);
    let db = ["--db", "osv.db", "--offline"];
    let first = reports(&one, &db);
    assert!(
        first
            .iter()
            .all(|(code, text)| *code == 1 && text.contains("PYSEC-2026-7")),
        "{first:?}"
    );
    assert_eq!(reports(&one, &db), first);
    // Carried over as a file, or built of the same records in another order.
    let database = std::fs::read(one.project().join("osv.db")).expect("the database");
    other.write("osv.db", &database);
    assert_eq!(reports(&other, &db), first);
    let [a, b] = records;
    build(&other, "osv", &[b, a]);
    assert_eq!(
        std::fs::read(other.project().join("osv.db")).expect("the database"),
        database
    );
    assert_eq!(reports(&other, &db), first);
}

/// What was fetched answers like the snapshot that is made of it, and nobody is asked for it.
#[test]
fn online_and_offline_agree() {
    let record = record_of("PYSEC-2026-7", "flask", "2.2.5", "2026-10-31T00:00:00Z");
    let archive = zip_of_one("PYSEC-2026-7.json", &record.to_string());
    let server = Server::new(move |asked| match asked.path.as_str() {
        "/all.zip" => Reply::ok(archive.clone()),
        _ => Reply::status(404),
    });
    let sandbox = Sandbox::with_requirements(LOCK);
    let source = format!(
        "[[advisories]]\nname = \"osv\"\nurl = \"{}\"\n",
        server.url()
    );
    sandbox.write("pinproof.toml", source);
    sandbox.run_without_db(&["db", "update"]).ends_with(0);
    let online = reports(&sandbox, &[]);
    assert!(online.iter().all(|(code, _)| *code == 1), "{online:?}");
    drop(server);
    assert_eq!(reports(&sandbox, &["--offline"]), online);
    build(&sandbox, "snapshot", &[record]);
    assert_eq!(
        reports(&sandbox, &["--db", "snapshot.db", "--offline"]),
        online
    );
}

fn zip_of_one(name: &str, text: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file(name, options).expect("a member");
    archive.write_all(text.as_bytes()).expect("its text");
    archive.finish().expect("an archive").into_inner()
}
