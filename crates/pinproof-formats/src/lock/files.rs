//! The hashes of a lock: which bytes an entry may be.

use pinproof_core::manifest::WrittenHash;
use pinproof_core::{Hash, HashAlgorithm};
use toml::de::DeTable;

use crate::pyproject::Collector;
use crate::toml_text::{Node, Text, entries, span};

/// `algorithm:digest` in one string.
pub(crate) fn hash(node: &Node<'_>, out: &mut Collector<'_>) -> Option<WrittenHash> {
    let text = out.text(node, "`hash`")?;
    let hash: Hash = out.parsed(text.value, text.span())?;
    Some(WrittenHash {
        hash,
        span: text.span(),
    })
}

/// The hashes of an array of files, each a table with its `hash`; a file without one is not held to bytes.
pub(crate) fn of_files(node: &Node<'_>, out: &mut Collector<'_>) -> Vec<WrittenHash> {
    let mut hashes = Vec::new();
    for item in out.items(node, "`files`") {
        if let Some(table) = out.table(item, "a file") {
            hashes.extend(of_file(table, item, out));
        }
    }
    hashes
}

/// The hash of one file.
pub(crate) fn of_file(
    table: &DeTable<'_>,
    node: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<WrittenHash> {
    let Some(hash) = table.get("hash") else {
        out.refuse(
            span(node),
            NO_HASH,
            "lock again with a tool that writes hashes",
        );
        return None;
    };
    self::hash(hash, out)
}

/// An installer takes such a file unchecked, although others of its entry have hashes.
pub(crate) const NO_HASH: &str = "a file without a hash: whatever its name leads to is installed";

/// A table of digests by algorithm (PEP 751). Algorithms that are not known here are passed over where
/// there is one that is: any of them holds the file to its bytes.
pub(crate) fn table(node: &Node<'_>, out: &mut Collector<'_>) -> Vec<WrittenHash> {
    let Some(table) = out.table(node, "`hashes`") else {
        return Vec::new();
    };
    let mut hashes = Vec::new();
    let mut is_known = false;
    for (key, value) in entries(table) {
        let Ok(algorithm) = key.get_ref().parse::<HashAlgorithm>() else {
            continue;
        };
        is_known = true;
        let Some(text) = out.text(value, "a digest") else {
            continue;
        };
        match Hash::new(algorithm, text.value) {
            Ok(hash) => hashes.push(WrittenHash {
                hash,
                span: text.span(),
            }),
            Err(error) => out.refuse(text.span(), &error.to_string(), ""),
        }
    }
    if !is_known {
        let why = "no hash of an algorithm that is known here";
        out.refuse(span(node), why, "");
    }
    hashes
}

/// The string under a key, if it is there.
pub(crate) fn string<'a>(
    table: &'a DeTable<'_>,
    key: &str,
    out: &mut Collector<'_>,
) -> Option<Text<'a>> {
    let node = table.get(key)?;
    out.text(node, &format!("`{key}`"))
}
