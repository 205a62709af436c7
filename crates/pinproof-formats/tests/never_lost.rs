//! Hostile and mutated configuration: no panic, bounded work, and every value of a table that is read
//! is part of an entry.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pinproof_core::manifest::Requirement;
use pinproof_core::{Manifest, Span};
use pinproof_formats::{coverage, pip_conf, pip_env, pyproject, uv_env, uv_toml};
use proptest::prelude::*;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Tables and keys of which every text must be part of an entry.
const READ: [&[&str]; 20] = [
    &["project", "dependencies"],
    &["project", "optional-dependencies"],
    &["build-system", "requires"],
    &["dependency-groups"],
    &["tool", "uv", "index-url"],
    &["tool", "uv", "extra-index-url"],
    &["tool", "uv", "find-links"],
    &["tool", "uv", "index-strategy"],
    &["tool", "uv", "allow-insecure-host"],
    &["tool", "uv", "no-binary-package"],
    &["tool", "uv", "no-build-package"],
    &["tool", "uv", "prerelease"],
    &["tool", "uv", "dev-dependencies"],
    &["tool", "uv", "constraint-dependencies"],
    &["tool", "uv", "override-dependencies"],
    &["tool", "uv", "build-constraint-dependencies"],
    &["tool", "uv", "pip", "extra-index-url"],
    &["tool", "uv", "pip", "find-links"],
    &["tool", "uv", "pip", "no-binary"],
    &["tool", "uv", "extra-build-dependencies"],
];

/// A piece of a project; several, in any order, are a file that is often sound TOML.
fn piece() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just("'flask'".to_owned()),
        Just("\"x>=1 ; os_name == 'nt'\"".to_owned()),
        Just("'''a @ https://h.example/a.whl#sha256=0'''".to_owned()),
        Just("\"b\\u0065e [\"".to_owned()),
        Just("{ include-group = 'dev' }".to_owned()),
        Just("{ url = 'https://a.example/', name = 'n', explicit = true }".to_owned()),
        Just("1".to_owned()),
        Just("true".to_owned()),
        "['\"]{1,3}[a-z\\\\é\n]{0,4}['\"]{1,3}",
    ];
    let value = prop_oneof![
        text.clone(),
        prop::collection::vec(text.clone(), 0..4)
            .prop_map(|items| format!("[{}]", items.join(", "))),
        text.prop_map(|text| format!("{{ dev = [{text}], A_b = {text} }}")),
    ];
    let path = prop_oneof![
        prop::sample::select(&READ[..]).prop_map(|path| path.join(".")),
        Just("tool.uv.index".to_owned()),
        Just("tool.uv.sources".to_owned()),
        Just("tool.uv.sources.flask".to_owned()),
        Just("tool.uv.no-index".to_owned()),
        Just("tool.poetry.dependencies".to_owned()),
        Just("project.dynamic".to_owned()),
        Just("project.name".to_owned()),
    ];
    let comment = prop_oneof![
        Just(""),
        Just(" # pinproof: ignore[a] b"),
        Just("\r"),
        Just(" # é")
    ];
    (path, value, comment).prop_map(|(path, value, comment)| format!("{path} = {value}{comment}\n"))
}

fn check(text: &str) {
    let manifest = match pyproject::parse(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            assert!(
                text.get(error.span.start..error.span.end).is_some(),
                "{text}"
            );
            return;
        }
    };
    assert!(coverage::uncovered(&manifest, text).is_empty(), "{text}");
    let spans = entries(&manifest);
    for span in &spans {
        assert!(
            text.get(span.start..span.end).is_some(),
            "{span:?} in {text}"
        );
    }
    let root = DeTable::parse(text).unwrap();
    for path in READ {
        let mut node = Some(root.get_ref());
        let mut value: Option<&Spanned<DeValue<'_>>> = None;
        for key in path {
            value = node.and_then(|table| table.get(*key));
            node = value.and_then(|value| value.get_ref().as_table());
        }
        for literal in value.map(texts).unwrap_or_default() {
            let is_part = spans
                .iter()
                .any(|span| span.start < literal.end && literal.start < span.end);
            assert!(
                is_part,
                "nothing accounts for {:?} in {text}",
                &text[literal.start..literal.end]
            );
        }
    }
}

/// The places of all texts below a value; an empty one says nothing and needs no entry of its own.
fn texts(node: &Spanned<DeValue<'_>>) -> Vec<Span> {
    match node.get_ref() {
        DeValue::String(_) => vec![Span::new(node.span().start, node.span().end)],
        DeValue::Array(items) => items.iter().flat_map(texts).collect(),
        DeValue::Table(table) => table.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn entries(manifest: &Manifest) -> Vec<Span> {
    let of_requirement = |item: &Requirement| [item.span, item.name_span, item.origin_span];
    let mut spans: Vec<_> = manifest
        .requirements
        .iter()
        .flat_map(of_requirement)
        .collect();
    spans.extend(manifest.includes.iter().map(|item| item.span));
    spans.extend(manifest.locations.iter().filter_map(|item| item.span));
    spans.extend(manifest.options.iter().map(|item| item.span));
    spans.extend(manifest.bindings.iter().map(|item| item.span));
    spans.extend(manifest.not_understood.iter().map(|item| item.span));
    spans.extend(
        manifest
            .ignores
            .iter()
            .flat_map(|item| [item.span, item.applies_to]),
    );
    let included = manifest.parts.iter().flat_map(|part| &part.includes);
    spans.extend(included.map(|item| item.span));
    spans
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_of_a_project_is_part_of_an_entry(pieces in prop::collection::vec(piece(), 1..4)) {
        check(&pieces.concat());
    }

    #[test]
    fn mutated_projects_do_not_panic(
        pieces in prop::collection::vec(piece(), 1..6),
        at in any::<prop::sample::Index>(),
        noise in "[\\[\\]{}=.,'\"#\r\n\\\\é\u{0}a]{0,3}",
    ) {
        let mut text = pieces.concat();
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        text.insert_str(*at.get(&ends), &noise);
        check(&text);
        let _ = uv_toml::parse_machine(&text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        check(&text);
        let _ = pip_conf::parse(&text).map(|conf| conf.config("install"));
    }

    #[test]
    fn any_ini_is_read_or_refused(text in "([\\[\\]a=:#; \t\r\n\u{1c}\u{85}é]|index-url|no-binary|:all:|\\[global\\]\n){0,24}") {
        if let Err(error) = pip_conf::parse(&text) {
            prop_assert!(text.get(error.span.start..error.span.end).is_some());
        }
        if let Ok(conf) = pip_conf::parse(&text) {
            let config = conf.config("install");
            let spans = config.options.iter().map(|option| option.span);
            for span in spans.chain(config.locations.iter().filter_map(|location| location.span)) {
                prop_assert!(text.get(span.start..span.end).is_some());
            }
        }
    }

    #[test]
    fn any_environment_is_read(
        values in prop::collection::btree_map("(PIP|UV)_(INDEX_URL|EXTRA_INDEX_URL|INDEX|FIND_LINKS|NO_BINARY|NO_INDEX|X|)", "[ a:/=,.\t@é-]{0,12}", 0..6)
    ) {
        let values: BTreeMap<String, String> = values;
        let _ = (pip_env::read(&values), uv_env::read(&values));
    }
}

/// A table that dotted keys make is refused as a whole, and not only its first key.
#[test]
fn dotted_keys_where_a_list_belongs_are_part_of_an_entry() {
    let item = "{ url = 'https://a.example/', name = 'n', explicit = true }";
    for text in [
        format!("dependency-groups = {{ dev = [{item}], A._b = {item} }}"),
        format!("dependency-groups.A._b = {item}\ndependency-groups.A.c = 'flask'"),
        "project.dependencies.a = ['flask']".to_owned(),
        "build-system.requires.a.b = 'flask'".to_owned(),
        "tool.uv.index-url.a = 'https://a.example/'".to_owned(),
    ] {
        check(&text);
        let manifest = pyproject::parse(&text).unwrap();
        assert!(!manifest.not_understood.is_empty(), "{text}");
    }
}

#[test]
fn work_is_linear_in_the_length() {
    let many = |piece: &str, count: usize| piece.repeat(count);
    let nested = format!("a = {}", many("[", 1_000_000));
    let headers = lines(|n| format!("[[tool.uv.index]]\nurl = 'https://a{n}.example/'\n"));
    let groups = lines(|n| format!("g{n} = [{{include-group = 'g{}'}}]\n", n + 1));
    let extras = lines(|n| format!("e{n} = ['x', 'y'] # pinproof: ignore[a] b\n"));
    let sources = lines(|n| format!("s{n} = {{ path = '../{n}' }}\n"));
    let list = format!("[project]\ndependencies = [{}]", many("'a>=1', ", 20_000));
    for text in [
        nested,
        format!("{}a = 1", many("a.", 1_000_000)),
        headers,
        format!("[dependency-groups]\n{groups}"),
        format!("[project.optional-dependencies]\n{extras}"),
        format!(
            "{list}\n[tool.uv.sources]\n{sources}a = [{}]",
            many("{ path = 'x', marker = \"os_name == 'nt'\" }, ", 30)
        ),
        many("#", 2_000_000),
        format!("# {}", many("# pinproof", 100_000)),
    ] {
        let start = started();
        let _ = pyproject::parse(&text);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{} bytes",
            text.len()
        );
    }
    let defaults = lines(|n| format!("k{n} = 1\n"));
    let sections = lines(|n| format!("[s{n}]\na = 1\n"));
    let start = started();
    let conf = pip_conf::parse(&format!("[DEFAULT]\n{defaults}{sections}[global]\n")).unwrap();
    assert_eq!(conf.config("install").options.len(), 10_000);
    assert!(start.elapsed() < Duration::from_secs(20));
}

fn lines(line: fn(usize) -> String) -> String {
    (0..10_000).map(line).collect::<Vec<_>>().concat()
}

#[expect(clippy::disallowed_methods, reason = "a test measures time")]
fn started() -> Instant {
    Instant::now()
}
