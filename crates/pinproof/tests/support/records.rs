//! Advisories that tests make, and databases of them.

use serde_json::{Value, json};

use super::Sandbox;

/// A record about versions of `project` before `fixed`, changed an hour before the time of the tests.
pub(crate) fn record(id: &str, project: &str, fixed: &str) -> Value {
    record_of(id, project, fixed, "2026-10-31T23:00:00Z")
}

/// The same, changed and published then.
pub(crate) fn record_of(id: &str, project: &str, fixed: &str, time: &str) -> Value {
    json!({
        "id": id,
        "modified": time,
        "published": time,
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": project},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        }],
    })
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
