//! Databases of advisories that a test makes of its own records.

use serde_json::{Value, json};

use super::Sandbox;

/// When the records of tests were published, and changed: just before the time of the tests.
pub(crate) const PUBLISHED: &str = "2026-10-30T00:00:00Z";
pub(crate) const MODIFIED: &str = "2026-10-31T12:00:00Z";

/// A record about every version of a project that is below `fixed`.
pub(crate) fn record(id: &str, project: &str, fixed: &str) -> Value {
    let mut record = record_of(id, project, fixed, MODIFIED);
    record["published"] = json!(PUBLISHED);
    record
}

/// The same, published and changed at `time`.
pub(crate) fn record_of(id: &str, project: &str, fixed: &str, time: &str) -> Value {
    json!({
        "id": id, "published": time, "modified": time,
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": project},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
        }]
    })
}

/// A record about every version of a project.
pub(crate) fn record_of_all(id: &str, project: &str) -> Value {
    let mut record = record(id, project, "1");
    record["affected"][0]["ranges"][0]["events"] = json!([{"introduced": "0"}]);
    record
}

impl Sandbox {
    /// Builds a database of these records, and gives its path.
    pub(crate) fn database(&self, records: &[Value]) -> String {
        for (at, record) in records.iter().enumerate() {
            self.write_home(&format!("records/{at}.json"), &record.to_string());
        }
        let database = self.home().join("advisories.db").display().to_string();
        let records = self.home().join("records").display().to_string();
        self.run(&["db", "build", &records, "-o", &database])
            .ends_with(0);
        database
    }
}

/// Builds `NAME.db` in the project, of these records.
pub(crate) fn build(sandbox: &Sandbox, name: &str, records: &[Value]) {
    for (at, record) in records.iter().enumerate() {
        sandbox.write(&format!("{name}-records/{at}.json"), record.to_string());
    }
    let (folder, database) = (format!("{name}-records"), format!("{name}.db"));
    let ran = sandbox.run(&["db", "build", &folder, "--output", &database]);
    assert!(ran.code == 0, "{}", ran.all());
}
