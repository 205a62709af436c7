//! A database of advisories that is new at the time of the tests and speaks of no project that they use.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// One record, changed just before the time of the tests.
const RECORD: &str = r#"{
    "id": "PYSEC-2026-1",
    "modified": "2026-10-31T12:00:00Z",
    "published": "2026-10-31T12:00:00Z",
    "affected": [{
        "package": {"ecosystem": "PyPI", "name": "spoken-of-by-nobody"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]
    }]
}"#;

/// Its path; it is built once for each test program.
pub(crate) fn quiet_db() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let name = format!("{}-quiet", env!("CARGO_CRATE_NAME"));
        let record = folder.join(format!("{name}.json"));
        std::fs::write(&record, RECORD).expect("a record");
        let database = folder.join(format!("{name}.db"));
        let status = Command::new(env!("CARGO_BIN_EXE_pinproof"))
            .env_clear()
            .args(["db", "build"])
            .arg(&record)
            .arg("--output")
            .arg(&database)
            .stdout(std::process::Stdio::null())
            .status()
            .expect("the binary runs");
        assert!(status.success(), "the database is built");
        database
    })
}
