//! The worlds of the rule pages, put on a shelf.

use std::path::Path;

use serde_json::{Value, json};
use toml::{Table, Value as Toml};

use super::fixture::{File, Fixture};
use crate::support::{MODIFIED, NOW, Offered};

/// Every example that lists files of a release, and names nothing that an index could not do.
pub(super) fn all() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pinproof-policy/src/rules");
    let entries = std::fs::read_dir(folder).expect("the rules");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.sort();
    let pages = paths.iter().flat_map(|path| {
        let rule = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let page = std::fs::read_to_string(path).expect("a page");
        let examples: Vec<String> = page.split("\n### ").skip(1).map(str::to_owned).collect();
        examples
            .into_iter()
            .filter_map(move |example| fixture(&rule, &example))
    });
    pages.collect()
}

/// The text of a block, such as `toml world`.
fn block<'a>(example: &'a str, kind: &str) -> Option<&'a str> {
    let (_, rest) = example.split_once(&format!("\n```{kind}\n"))?;
    Some(rest.split_once("\n```")?.0)
}

fn fixture(rule: &str, example: &str) -> Option<Fixture> {
    let title = example.lines().next().unwrap_or("");
    let world: Table = toml::from_str(block(example, "toml world")?).expect("a world");
    let config = block(example, "toml file=pinproof.toml").unwrap_or("");
    // An index that is silent, or that has to have a name, is what other tests are about.
    if world.contains_key("index")
        || world.contains_key("advisories")
        || config.contains("[[index]]")
    {
        return None;
    }
    let projects = world.get("project")?.as_table()?;
    let files: Vec<File> = projects
        .iter()
        .flat_map(|(name, says)| of_project(name, says))
        .collect();
    if files.is_empty() {
        return None;
    }
    let advisories = world.get("advisory").and_then(Toml::as_table);
    let records = advisories.into_iter().flatten();
    Some(Fixture {
        now: text(&world, "now").unwrap_or(NOW).to_owned(),
        records: records.filter_map(|(id, says)| record(id, says)).collect(),
        ..Fixture::new(&format!("{rule}: {title}"), config, files)
    })
}

fn text<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

fn of_project(project: &str, says: &Toml) -> Vec<File> {
    let says = says.as_table().expect("a project");
    let status = match text(says, "status") {
        Some("quarantined") => Some("quarantined"),
        Some("archived") => Some("archived"),
        Some("deprecated") => Some("deprecated"),
        _ => None,
    };
    let releases = says
        .iter()
        .filter_map(|(version, says)| Some((version, says.as_table()?)));
    let files = releases.flat_map(|(version, says)| {
        let listed = says.get("files").and_then(Toml::as_array);
        let of_list = listed.into_iter().flatten().filter_map(Toml::as_table);
        of_list
            .map(|file| of_file(project, version, file))
            .collect::<Vec<_>>()
    });
    let mut files: Vec<File> = files.collect();
    if files.is_empty() && status.is_some() {
        let name = Table::from_iter([(
            "filename".to_owned(),
            Toml::from(format!(
                "{}-1.0-py3-none-any.whl",
                project.replace('-', "_")
            )),
        )]);
        files.push(of_file(project, "1.0", &name));
    }
    for file in &mut files {
        file.offered.status = status;
    }
    files
}

fn of_file(project: &str, version: &str, says: &Table) -> File {
    let filename = text(says, "filename").expect("a name").to_owned();
    let bytes = filename.clone().into_bytes();
    let metadata = format!("Metadata-Version: 2.2\nName: {project}\nVersion: {version}\n");
    let only_md5 = says.contains_key("md5") && !says.contains_key("sha256");
    let is_wheel = Path::new(&filename)
        .extension()
        .is_some_and(|extension| extension == "whl");
    File {
        version: version.to_owned(),
        offered: Offered {
            project: project.to_owned(),
            metadata: is_wheel.then_some(metadata),
            uploaded: text(says, "uploaded").unwrap_or("").to_owned(),
            yanked: text(says, "yanked").map(str::to_owned),
            requires_python: text(says, "requires-python").map(str::to_owned),
            hashes: only_md5.then(|| json!({"md5": "0".repeat(32)})),
            status: None,
            filename,
            bytes,
        },
    }
}

fn record(id: &str, says: &Toml) -> Option<Value> {
    let says = says.as_table()?;
    let introduced = text(says, "introduced").unwrap_or("0");
    let mut events = vec![json!({"introduced": introduced})];
    let end = text(says, "fixed").or_else(|| text(says, "undecidable"));
    events.extend(end.map(|fixed| json!({"fixed": fixed})));
    let aliases = says.get("aliases").and_then(Toml::as_array);
    let aliases: Vec<&str> = aliases
        .into_iter()
        .flatten()
        .filter_map(Toml::as_str)
        .collect();
    let mut record = json!({
        "id": id, "modified": MODIFIED, "aliases": aliases,
        "summary": text(says, "summary").unwrap_or(""),
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": text(says, "project")?},
            "ranges": [{"type": "ECOSYSTEM", "events": events}]
        }]
    });
    for key in ["published", "withdrawn"] {
        if let Some(time) = text(says, key) {
            record[key] = json!(time);
        }
    }
    if let Some(severity) = text(says, "severity") {
        record["database_specific"] = json!({"severity": severity.to_uppercase()});
    }
    Some(record)
}
