//! `pyproject.toml` and `uv.toml`: what is read, where it stands, and that no key is lost.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use pinproof_core::Manifest;
use pinproof_core::index::LocationKind;
use pinproof_core::manifest::{InstallOptionKind, Origin, Requirement, Scope};
use pinproof_formats::{coverage, pyproject, uv_toml};

fn read(text: &str) -> Manifest {
    let manifest = pyproject::parse(text).unwrap();
    assert!(coverage::uncovered(&manifest, text).is_empty(), "{text}");
    manifest
}

fn slice(text: &str, span: pinproof_core::Span) -> &str {
    &text[span.start..span.end]
}

fn why(manifest: &Manifest) -> Vec<&str> {
    manifest
        .not_understood
        .iter()
        .map(|entry| entry.why.as_str())
        .collect()
}

fn named<'m>(manifest: &'m Manifest, name: &str) -> Vec<&'m Requirement> {
    let is_it = |item: &&Requirement| {
        item.name
            .as_ref()
            .is_some_and(|found| found.as_str() == name)
    };
    manifest.requirements.iter().filter(is_it).collect()
}

#[test]
fn spans_are_those_of_the_parts() {
    let text = "project.dependencies = ['Flask[async] >=3,<4 ; os_name == \"nt\"']";
    let manifest = read(text);
    let requirement = &manifest.requirements[0];
    assert_eq!(slice(text, requirement.name_span), "Flask");
    assert_eq!(slice(text, requirement.origin_span), ">=3,<4");
    assert_eq!(
        slice(text, requirement.span),
        "Flask[async] >=3,<4 ; os_name == \"nt\""
    );
    assert!(requirement.marker.is_some());
}

#[test]
fn an_extra_of_the_project_itself_is_no_requirement() {
    let manifest = read(
        "[project]\nname = 'Acme.Web'\n[project.optional-dependencies]\n\
         db = ['psycopg']\nall = ['acme-web[db,x]', 'tox']\n[dependency-groups]\ntest = ['acme-web[db]']\n",
    );
    let all = manifest.with_included(&Scope::Extra("all".parse().unwrap()));
    assert!(all.contains(&Scope::Extra("db".parse().unwrap())));
    // A group is installed by pip without its project, so there an index is asked.
    let asked = named(&manifest, "acme-web");
    assert_eq!(asked.len(), 1);
    assert!(matches!(asked[0].scope, Scope::Group(_)));
}

#[test]
fn what_only_a_build_tells_is_a_question() {
    let manifest = read("[project]\nname = 'a'\ndynamic = ['version', 'dependencies']\n");
    assert_eq!(manifest.not_understood.len(), 1);
    assert!(why(&manifest)[0].contains("computed by the build"));
}

#[test]
fn setuptools_reads_dynamic_fields_from_files() {
    let manifest = read(
        "[project]\ndynamic = ['dependencies', 'optional-dependencies']\n\
         [tool.setuptools.dynamic]\ndependencies = { file = ['base.in', 'more.in'] }\n\
         optional-dependencies.dev = { file = 'dev.in' }\n",
    );
    assert!(manifest.not_understood.is_empty());
    let targets: Vec<_> = manifest
        .includes
        .iter()
        .map(|item| item.target.as_str())
        .collect();
    assert_eq!(targets, ["base.in", "more.in", "dev.in"]);
    assert_eq!(
        manifest.includes[2].scope,
        Scope::Extra("dev".parse().unwrap())
    );
}

#[test]
fn a_field_is_not_both_dynamic_and_declared() {
    let manifest = read("[project]\ndependencies = ['a']\ndynamic = ['dependencies']\n");
    assert!(
        why(&manifest)
            .iter()
            .any(|why| why.contains("declared as well"))
    );
}

/// The requirements of a text: name, specifiers or kind, and part.
fn listed(text: &str) -> Vec<String> {
    let manifest = read(text);
    assert_eq!(manifest.not_understood, [], "{text}");
    let all = manifest.requirements.iter();
    let shown = all.map(|one| {
        let origin = match &one.origin {
            Origin::Index(specifiers) => specifiers.to_string(),
            Origin::Url { .. } => " url".to_owned(),
            Origin::Vcs { revision, .. } => format!(" at {}", revision.as_deref().unwrap_or("?")),
            Origin::Path(path) => format!(" in {path}"),
        };
        let marker = if one.marker.is_some() {
            " with marker"
        } else {
            ""
        };
        format!(
            "{}{origin}{marker}: {}",
            one.name.as_ref().unwrap(),
            one.scope
        )
    });
    shown.collect()
}

#[test]
fn poetrys_own_tables_are_read() {
    let found = listed(
        "[tool.poetry.dependencies]\npython = '^3.9'\nflask = '^3.0'\na = { version = '~1.2', optional = true }\n\
         b = { git = 'https://h.example/b', branch = 'main' }\nc = { path = '../c', develop = true }\n\
         d = [{ version = '1.*', python = '<3.11' }, { version = '2', platform = 'win32' }]\n\
         [tool.poetry.extras]\nx = ['a']\n[tool.poetry.group.dev.dependencies]\nruff = '*'\n\
         [tool.poetry.dev-dependencies]\npytest = '>=8 <9'\n",
    );
    assert_eq!(
        found,
        [
            "flask>=3.0,<4: dependencies",
            "a>=1.2,<1.3: extra `x`",
            "b at refs/heads/main: dependencies",
            "c in ../c: dependencies",
            "d==1.* with marker: dependencies",
            "d==2 with marker: dependencies",
            "ruff: group `dev`",
            "pytest>=8,<9: group `dev`",
        ]
    );
    let manifest = read("[tool.poetry.dependencies]\npython = '^3.9'\n");
    assert_eq!(manifest.requires_python.unwrap().to_string(), ">=3.9,<4");
    // With [project], the table says only where requirements come from.
    let text =
        "[project]\ndependencies=['flask']\n[tool.poetry.dependencies]\nflask = {source='x'}\n";
    assert_eq!(listed(text), ["flask: dependencies"]);
    assert_eq!(read(text).bindings[0].index, "x");
    for wrong in [
        "'^1 || ^2'",
        "'x'",
        "1",
        "{ version = 1 }",
        "{ markers = 'os' }",
        "{ python = 'x' }",
    ] {
        let text = format!("[tool.poetry.dependencies]\nflask = {wrong}\n");
        assert_eq!(read(&text).not_understood.len(), 1, "{wrong}");
    }
}

#[test]
fn the_sources_of_poetry_and_pdm_are_indexes() {
    use pinproof_core::index::LocationKind::{Default, Extra, FindLinks};
    let kinds = |text: &str| -> Vec<_> {
        let manifest = read(text);
        assert_eq!(manifest.not_understood, [], "{text}");
        manifest
            .locations
            .iter()
            .map(|one| (one.kind, one.explicit))
            .collect()
    };
    let poetry =
        |name: &str, rest: &str| format!("[[tool.poetry.source]]\nname = '{name}'\n{rest}\n");
    let corp = |priority: &str| {
        poetry(
            "corp",
            &format!("url = 'https://corp.example/simple'\n{priority}"),
        )
    };
    assert_eq!(kinds(&corp("")), [(Default, false)]);
    assert_eq!(kinds(&corp("default = true")), [(Default, false)]);
    assert_eq!(kinds(&corp("priority = 'supplemental'")), [(Extra, false)]);
    assert_eq!(kinds(&corp("secondary = true")), [(Extra, false)]);
    assert_eq!(kinds(&corp("priority = 'explicit'")), [(Extra, true)]);
    // PyPI stays where it is named.
    assert_eq!(kinds(&(corp("") + &poetry("PyPI", ""))), [(Extra, false)]);
    assert_eq!(
        kinds(&(corp("") + &poetry("PyPI", "priority = 'explicit'"))),
        [(Default, false)]
    );
    for wrong in [
        poetry("corp", ""),
        corp("priority = 'first'"),
        "[tool.poetry]\nsource = 1\n".to_owned(),
    ] {
        assert_eq!(read(&wrong).not_understood.len(), 1, "{wrong}");
    }
    let pdm = |name: &str, rest: &str| {
        format!(
            "[[tool.pdm.source]]\nname = '{name}'\nurl = 'https://corp.example/simple'\n{rest}\n"
        )
    };
    assert_eq!(kinds(&pdm("pypi", "")), [(Default, false)]);
    assert_eq!(kinds(&pdm("corp", "")), [(Extra, false)]);
    assert_eq!(
        kinds(&pdm("corp", "type = 'find_links'")),
        [(FindLinks, false)]
    );
    let bound = pdm(
        "corp",
        "include_packages = ['acme', 'acme-*']\nverify_ssl = false",
    );
    assert_eq!(kinds(&bound), [(Extra, true)]);
    let bound = read(&bound);
    assert_eq!((bound.bindings.len(), bound.options.len()), (1, 1));
    let groups = "[tool.pdm.dev-dependencies]\ntest = ['pytest>=8']\n";
    assert_eq!(listed(groups), ["pytest>=8: group `test`"]);
}

#[test]
fn wrong_types_are_questions() {
    for text in [
        "project = 1",
        "[project]\ndependencies = 'flask'",
        "[project]\ndependencies = { flask = '3' }",
        "[project]\ndependencies = [1]",
        "[project]\noptional-dependencies = ['a']",
        "[project.optional-dependencies]\n'a b' = ['c']",
        "[project]\nrequires-python = 3.9",
        "[project]\nname = 'a b'",
        "build-system = []",
        "[build-system]\nbuild-backend = 'x'",
        "[tool.uv]\nindex = 'https://a.example/'",
        "[tool.uv]\nindex = [{name = 'a'}]",
        "[tool.uv]\nindex-url = 1",
        "[tool.uv]\nno-index = 'yes'",
        "[tool.uv]\nextra_index_url = ['https://a.example/']",
        "[tool.uv]\nconstraint-dependencies = ['a b']",
        "[tool.uv.sources]\na = 'b'",
        "[tool.uv.sources]\na = { git = 'https://a.example/', path = 'b' }",
        "[tool.uv.sources]\na = { index = 'b', marker = 1 }\nb = { path = 'c', marker = 'nonsense' }",
        "[tool.uv.sources]\na = { path = 'https://user:secret@a.example/' }",
        "[tool.uv.sources]\n'a b' = { index = 'c' }",
    ] {
        assert!(!read(text).not_understood.is_empty(), "{text}");
    }
    assert!(pyproject::parse("[project").is_err());
    assert!(pyproject::parse("a = 1\na = 2").is_err());
}

#[test]
fn indexes_of_uv() {
    let text = r#"
[tool.uv]
extra-index-url = ["https://user:secret@b.example/simple"]
find-links = ["./wheels"]
index-strategy = "unsafe-best-match"
allow-insecure-host = ["c.example:8080"]
no-binary-package = ["numpy"]
no-build = true
[[tool.uv.index]]
name = "corp"
url = "https://a.example/simple"
explicit = true
default = true
"#;
    let manifest = read(text);
    assert!(manifest.not_understood.is_empty(), "{:?}", why(&manifest));
    let kinds: Vec<_> = manifest.locations.iter().map(|item| item.kind).collect();
    assert_eq!(
        kinds,
        [
            LocationKind::Extra,
            LocationKind::FindLinks,
            LocationKind::Default
        ]
    );
    assert!(!format!("{}", manifest.locations[0].address).contains("secret"));
    let corp = &manifest.locations[2];
    assert_eq!((corp.name.as_deref(), corp.explicit), (Some("corp"), true));
    assert_eq!(
        corp.span.map(|span| slice(text, span)),
        Some("https://a.example/simple")
    );
    let options: Vec<_> = manifest.options.iter().map(|item| &item.kind).collect();
    assert_eq!(
        options,
        [
            &InstallOptionKind::IndexStrategy("unsafe-best-match".to_owned()),
            &InstallOptionKind::TrustedHost("c.example:8080".to_owned()),
            &InstallOptionKind::NoBinary(vec!["numpy".to_owned()]),
            &InstallOptionKind::OnlyBinary(vec![":all:".to_owned()]),
        ]
    );
    assert_eq!(
        slice(text, manifest.options[0].span),
        "index-strategy = \"unsafe-best-match\""
    );
}

#[test]
fn requirements_of_uv() {
    let manifest = read(
        "[dependency-groups]\ndev = ['ruff']\n[tool.uv]\ndev-dependencies = ['tox']\n\
         constraint-dependencies = ['a<2']\noverride-dependencies = ['b==1']\n\
         build-constraint-dependencies = ['c<3']\n\
         extra-build-dependencies = { d = ['e', { requirement = 'f', match-runtime = true }] }\n",
    );
    assert!(manifest.not_understood.is_empty(), "{:?}", why(&manifest));
    let dev = Scope::Group("dev".parse().unwrap());
    let scopes: Vec<_> = manifest
        .requirements
        .iter()
        .map(|item| item.scope.clone())
        .collect();
    assert_eq!(
        scopes,
        [
            dev.clone(),
            dev,
            Scope::Constraint,
            Scope::Constraint,
            Scope::BuildConstraint,
            Scope::Build,
            Scope::BuildConstraint
        ]
    );
    assert_eq!(manifest.parts.len(), 1);
}

#[test]
fn sources_change_where_a_requirement_comes_from() {
    let text = r#"
[project]
dependencies = ["acme-core>=1", "acme-net", "torch", "acme-url", "acme-work", "acme-path", "free"]
[tool.uv.sources]
Acme_Core = { git = "https://token@git.example/core", rev = "0123456789012345678901234567890123456789" }
acme-net = { git = "https://git.example/net", branch = "0123456789012345678901234567890123456789" }
torch = [
  { index = "cpu", marker = "sys_platform != 'linux'" },
  { index = "cuda", marker = "sys_platform == 'linux'" },
]
acme-url = { url = "http://files.example/acme_url-1.0.tar.gz" }
acme-work.workspace = true
[tool.uv.sources.acme-path]
path = "../acme"
editable = true
"#;
    let manifest = read(text);
    assert!(manifest.not_understood.is_empty(), "{:?}", why(&manifest));
    let core = named(&manifest, "acme-core")[0];
    assert!(core.is_pinned_to_commit());
    assert_eq!(slice(text, core.name_span), "acme-core");
    assert!(slice(text, core.origin_span).starts_with("{ git"));
    let Origin::Vcs { shown, .. } = &core.origin else {
        panic!("a repository")
    };
    assert!(!shown.as_str().contains("token"));
    assert!(!named(&manifest, "acme-net")[0].is_pinned_to_commit());
    assert!(matches!(
        &named(&manifest, "acme-url")[0].origin,
        Origin::Url {
            plain_http: true,
            ..
        }
    ));
    assert!(matches!(
        &named(&manifest, "acme-work")[0].origin,
        Origin::Path(_)
    ));
    let path = named(&manifest, "acme-path")[0];
    assert!(path.editable && matches!(&path.origin, Origin::Path(path) if path == "../acme"));
    assert!(matches!(
        named(&manifest, "torch")[0].origin,
        Origin::Index(_)
    ));
    let bound: Vec<_> = manifest
        .bindings
        .iter()
        .map(|binding| binding.index.as_str())
        .collect();
    assert_eq!(bound, ["cpu", "cuda"]);
    assert_eq!(manifest.requirements.len(), 7);
}

#[test]
fn sources_that_are_turned_off_bind_nothing() {
    let sources = "[project]\ndependencies = ['a', 'b']\n[tool.uv.sources]\na = { index = 'corp' }\nb = { path = '../b' }\n";
    let all = read(&format!("{sources}[tool.uv]\nno-sources = true\n"));
    assert!(
        all.bindings.is_empty()
            && all
                .requirements
                .iter()
                .all(|item| item.specifiers().is_some())
    );
    let one = read(&format!("{sources}[tool.uv]\nno-sources-package = ['B']\n"));
    assert_eq!(one.bindings.len(), 1);
    assert!(named(&one, "b")[0].specifiers().is_some());
}

#[test]
fn a_source_for_some_environments_leaves_the_index_for_the_others() {
    let manifest = read(
        "[project]\ndependencies = ['a']\noptional-dependencies.x = ['b']\noptional-dependencies.y = ['b']\n\
         [tool.uv.sources]\na = { path = '../a', marker = \"os_name == 'nt'\" }\nb = { path = '../b', extra = 'x' }\n",
    );
    let a = named(&manifest, "a");
    assert!(matches!(
        (&a[0].origin, &a[1].origin),
        (Origin::Path(_), Origin::Index(_))
    ));
    let b = named(&manifest, "b");
    assert!(matches!(
        (&b[0].origin, &b[1].origin),
        (Origin::Path(_), Origin::Index(_))
    ));
    assert_eq!(b.len(), 2);
}

#[test]
fn ignores_speak_of_their_line_or_the_next_thing() {
    let text = "[project]\ndependencies = [ # pinproof: ignore[a] first\n  'x', 'y', # pinproof: ignore[b] both\n\n  # pinproof: ignore[c] next\n\n  'z',\n]\n# pinproof: ignore[d] nothing\n";
    let manifest = read(text);
    let subjects: Vec<_> = manifest
        .ignores
        .iter()
        .map(|item| slice(text, item.applies_to))
        .collect();
    assert_eq!(
        subjects,
        ["x", "x', 'y", "z", "# pinproof: ignore[d] nothing"]
    );
}

#[test]
fn direct_references_have_their_hash() {
    let digest = "0".repeat(64);
    let text = format!(
        "project.dependencies = ['a @ https://f.example/a.whl#sha256={digest}', 'b @ https://f.example/b#md5=1', 'c @ {{root:uri}}/c']"
    );
    let manifest = read(&text);
    let hash = &manifest.requirements[0].hashes[0];
    assert_eq!(slice(&text, hash.span), format!("sha256={digest}"));
    assert_eq!(manifest.not_understood.len(), 2);
}

#[test]
fn uv_toml_is_the_same_without_its_table() {
    let text = "index-url = 'https://a.example/simple'\nconstraint-dependencies = ['x<2']\n";
    let manifest = uv_toml::parse(text).unwrap();
    assert_eq!(
        (manifest.locations.len(), manifest.requirements.len()),
        (1, 1)
    );
    let machine = uv_toml::parse_machine(text).unwrap();
    assert_eq!((machine.locations.len(), machine.options.len()), (1, 1));
    assert!(uv_toml::parse("index-url = ").is_err());
}
