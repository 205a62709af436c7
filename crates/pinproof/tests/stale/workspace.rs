//! A workspace of uv with everything that uv notes in its own way.

use crate::support::Sandbox;
use crate::tools::Tool;

const ROOT: &str = r#"[project]
name = "root-app"
version = "1"
requires-python = ">=3.10"
dependencies = [
    "lib ; python_version >= '3.11'",
    "dep>=1",
    "idna<3.20 ; python_version < '3.12'",
    "idna>=3.10 ; python_version >= '3.12'",
    "six ; python_version < '3.14' and (sys_platform == 'linux' or sys_platform == 'darwin')",
]

[project.optional-dependencies]
a = ["click==8.1.8"]
b = ["click==8.1.7"]
all = ["root-app[a]"]

[dependency-groups]
dev = [{ include-group = "lint" }, "pluggy"]
lint = ["toml>=0.9,!=0.10.0"]

[tool.uv]
package = false
conflicts = [[{ extra = "a" }, { extra = "b" }], [{ extra = "all" }, { extra = "b" }]]
constraint-dependencies = ["certifi<2030", "six>=1"]
override-dependencies = ["packaging==24.0"]
build-constraint-dependencies = ["setuptools<90"]

[tool.uv.workspace]
members = ["packages/*"]

[tool.uv.sources]
lib = { workspace = true }
dep = { path = "vendored/dep" }
"#;

/// Its source for `dep` is that of the root.
const MEMBER: &str = r#"[project]
name = "lib"
version = "1"
requires-python = ">=3.11"
dependencies = ["certifi>=2020", "dep", "packaging>=25"]

[project.optional-dependencies]
x = ["iniconfig"]

[tool.uv]
package = false
constraint-dependencies = ["iniconfig<100"]
"#;

const FOLDER: &str = "[project]\nname = \"dep\"\nversion = \"1\"\n";

#[test]
fn a_workspace_is_compared_by_what_it_means() {
    let Some(uv) = Tool::uv() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("pyproject.toml", ROOT);
    sandbox.write("packages/lib/pyproject.toml", MEMBER);
    sandbox.write("vendored/dep/pyproject.toml", FOLDER);
    if uv.lock(&sandbox).is_none() {
        return;
    }
    let args = ["check", "--offline", "--only", "stale-lockfile"];
    sandbox.run(&args).ends_with(0).never_says("stale-lockfile");
    for (file, text, from, to, place) in [
        (
            "pyproject.toml",
            ROOT,
            "certifi<2030",
            "certifi<2031",
            "pyproject.toml:",
        ),
        (
            "pyproject.toml",
            ROOT,
            "[\"toml>=0.9,!=0.10.0\"]",
            "[]",
            "uv.lock:",
        ),
        (
            "pyproject.toml",
            ROOT,
            "b = [\"click==8.1.7\"]",
            "b = []",
            "uv.lock:",
        ),
        (
            "pyproject.toml",
            ROOT,
            "'darwin'",
            "'win32'",
            "pyproject.toml:",
        ),
        (
            "packages/lib/pyproject.toml",
            MEMBER,
            ">=2020",
            ">=2021",
            "packages/lib/pyproject.toml:",
        ),
        (
            "packages/lib/pyproject.toml",
            MEMBER,
            "[\"iniconfig\"]",
            "[\"iniconfig\", \"toml\"]",
            "packages/lib",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        sandbox.write(file, text.replace(from, to));
        assert!(!uv.calls_fresh(&sandbox), "{from}");
        let ran = sandbox.run(&args);
        ran.ends_with(1)
            .says("[stale-lockfile]")
            .says(&format!("--> {place}"));
        sandbox.write(file, text);
    }
    assert!(uv.calls_fresh(&sandbox));
}
