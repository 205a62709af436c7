//! The files of the repository that other programs read, as text and as what their YAML says.

use serde_json::Value;
use xtask::workspace;

use crate::tools::{Tools, output};

/// A file of the repository.
pub(crate) fn text(path: &str) -> String {
    workspace::read(&workspace::root().join(path)).expect("a file of the repository")
}

/// The documents of a YAML text.
pub(crate) fn yaml(tools: &Tools, text: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("read.yml");
    std::fs::write(&path, text).expect("a file");
    let read =
        "import json, sys, yaml\nprint(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let json = output(tools.command("python").args(["-c", read]).arg(path));
    serde_json::from_str(&json).expect("JSON")
}

/// Every text below a value, with the keys that lead to it.
fn texts(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((at.to_owned(), text.clone())),
        Value::Array(list) => list.iter().for_each(|one| texts(one, at, found)),
        Value::Object(map) => {
            for (key, one) in map {
                texts(one, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// Every text of the documents, with the keys that lead to it.
pub(crate) fn all_texts(documents: &[Value]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for document in documents {
        texts(document, "", &mut found);
    }
    found
}
