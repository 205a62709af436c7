"""Turns the scenarios in the source distribution of uv into files that the test `scenarios` reads.

    pinproof download uv==0.13.9 --no-deps --kind sdist -d .     # or any other way to get it; nothing of it is run
    tar xzf uv-0.13.9.tar.gz
    python3 scenarios_of_uv.py uv-0.13.9 FOLDER
    PINPROOF_SCENARIOS=FOLDER cargo test -p pinproof-resolve --test scenarios -- --ignored --nocapture

uv's tests of scenarios show each world as a tree above the test, and what is installed in the snapshot below
it. The trees do not show the tags of wheels, so scenarios about wheels are left out, and so are those of several
environments. Nothing is copied into this repository.
"""

import json
import pathlib
import re
import sys

FILES = ["pip_install_scenarios.rs", "pip_compile_scenarios.rs"]
TEST = re.compile(r"/// ```text\n(.*?)/// ```\n(.*?)(?=\n/// [A-Z(`]|\Z)", re.S)
BRANCH = re.compile(r"((?:│   |    )*)(?:├── |└── )(.*)$")
LEFT_OUT = ("--no-binary", "--only-binary", "--no-build", "python-platform", "--universal")
quoted = json.dumps


def world(tree):
    """The Python, the requirements and the projects of a tree."""
    python, root, projects, above, release = "3.12", [], {}, [], None
    for line in tree:
        found = BRANCH.match(line)
        if not found:
            continue
        depth, text = len(found[1]) // 4, found[2]
        above = above[:depth] + [text]
        requirement = text.removeprefix("requires ").removesuffix(" (incompatible with environment)")
        if above[0] == "environment":
            python = text.removeprefix("python") if depth == 1 else python
        elif above[0] == "root":
            root += [requirement] if depth == 1 else []
        elif depth == 0:
            projects[text] = {}
        elif depth == 1:
            version, extra, rest = re.match(re.escape(above[0]) + r"-([^\[\s]+)(?:\[([^\]]+)\])?(.*)$", text).groups()
            empty = {"requires": [], "extras": {}, "yanked": False, "python": None}
            entry = projects[above[0]].setdefault(version, empty)
            entry["yanked"] |= "yanked" in rest
            release = entry["requires"]
            if extra:
                release = entry["extras"].setdefault(extra, [])
        elif depth == 2 and text.startswith("requires "):
            if re.match(r"python\s*[<>=!~]", requirement):
                entry["python"] = requirement.removeprefix("python").strip()
            else:
                release.append(requirement)
    return python, root, projects


def scenario(name, tree, test):
    """A scenario in the format of packse."""
    python, root, projects = world(tree)
    succeeds = re.search(r"exit_code: 0|success: true", test)
    pins = dict(re.findall(r"^\s+\+ ([a-z0-9-]+)==(\S+)", test, re.M))
    pins = pins or dict(re.findall(r"^\s+([a-z][a-z0-9-]*)==([^\s;\\]+)", test, re.M))
    asked = re.search(r'--python-version=(\S+?)"', test)
    lines = [f"name = {quoted(name)}", "[resolver_options]"]
    lines += ["prereleases = true"] if "--prerelease=allow" in test else []
    lines += [f"python = {quoted(asked[1])}"] if asked else []
    lines += ["[environment]", f"python = {quoted(python)}", "[root]", f"requires = {quoted(root)}"]
    lines += ["[expected]", f"satisfiable = {'true' if succeeds else 'false'}"]
    if succeeds and pins:
        lines += ["[expected.packages]", *(f"{quoted(name)} = {quoted(pin)}" for name, pin in pins.items())]
    for project, versions in projects.items():
        for version, entry in versions.items():
            place = f"packages.{quoted(project)}.versions.{quoted(version)}"
            lines += [f"[{place}]", f"requires = {quoted(entry['requires'])}"]
            lines += ["yanked = true"] if entry["yanked"] else []
            lines += [f"requires_python = {quoted(entry['python'])}"] if entry["python"] else []
            own = {extra: [r for r in needs if r not in entry["requires"]] for extra, needs in entry["extras"].items()}
            lines += [f"[{place}.extras]", *(f"{quoted(e)} = {quoted(r)}" for e, r in own.items())] if own else []
    return "\n".join(lines) + "\n"


def main(uv, folder):
    folder.mkdir(parents=True, exist_ok=True)
    written, left_out = 0, []
    for file in FILES:
        text = (uv / "crates/uv/tests/pip" / file).read_text()
        for tree, test in TEST.findall(text):
            tree = [line.removeprefix("///").removeprefix(" ") for line in tree.splitlines()]
            name = re.search(r'PackseServer::new\("([^"]+)"\)', test)
            name = name[1] if name else tree[0].strip()
            if name.startswith("wheels/") or any(option in test for option in LEFT_OUT):
                left_out.append(name)
                continue
            stem = name.removesuffix(".toml").replace("/", "__")
            (folder / f"{written:03}-{stem}.toml").write_text(scenario(name, tree, test))
            written += 1
    print(f"{written} scenarios; left out: {', '.join(left_out)}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
