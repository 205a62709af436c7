"""Whether clients get the same through the gateway as from the index itself, where the policy refuses nothing.

    python benches/equivalence/run.py NAMES [--pinproof PATH] [--uv PATH] [--batch N] [--no-deps] [--result FILE]

The Python that runs it needs pip 26.3. NAMES has a project on each line; one that is marked `# pages only` is not resolved,
and neither is one without wheels. The gateway runs with preset `observe` and nothing in its folder. For each project:

- its page in JSON has everything that the page of the index has;
- its pages in JSON and in HTML say the same, attribute by attribute;
- pip's own parser reads the same files, hashes, Pythons and reasons from all three.

Then pip (`install --dry-run`) and uv (`pip compile`) resolve the projects, directly and through the gateway, with wheels only:
no code of a project is run. Names, versions and hashes have to be equal. What differs is compared once more with a new
gateway, because a project may publish something in between. It ends with 1 if something differs then, and with 77 where the
index cannot be reached.

The index is the one that pip is configured with, or PyPI. Requests are made one after the other.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from pip._internal.models.index import PyPI
from pip._vendor import requests

from views import Asker, compare

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNREACHABLE = 77
# No advisory is about any of the projects, and the database is never old.
RECORD = {
    "id": "PYSEC-2020-1", "modified": "2020-01-01T00:00:00Z", "published": "2020-01-01T00:00:00Z",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "spoken-of-by-nobody"}, "versions": ["1"]}],
}


def environment() -> dict[str, str]:
    """That of the machine, without settings that would add or remove candidates."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_", "PINPROOF_"))}
    if cert := os.environ.get("PIP_CERT"):
        kept["PIP_CERT"] = cert
        kept.setdefault("SSL_CERT_FILE", cert)
    for key in ("no_proxy", "NO_PROXY"):
        kept[key] = ",".join(filter(None, [kept.get(key), "127.0.0.1"]))
    kept |= {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return kept


def configured_index() -> str | None:
    """What the machine's pip is told to ask instead of PyPI."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return url
    told = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True)
    return told.stdout.strip() or None


@contextlib.contextmanager
def gateway(binary: str, index: str | None):
    """A gateway with nothing in its folder; its index's address."""
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        (at / "record.json").write_text(json.dumps(RECORD))
        (at / "pinproof.toml").write_text('preset = "observe"\n')
        database = str(at / "quiet.db")
        build = [binary, "db", "build", str(at / "record.json"), "--output", database]
        subprocess.run(build, check=True, capture_output=True, env=environment())
        serve = [
            binary, "serve", "--listen", "127.0.0.1:0", "--data", str(at / "data"), "--config", str(at / "pinproof.toml"),
            "--db", database,
        ]
        serve += ["--index-url", index] if index else []
        with open(at / "log", "w") as log:
            child = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=log, text=True, env=environment(), cwd=at)
        try:
            line = child.stdout.readline().strip()
            if not line.startswith("answering at "):
                sys.exit(f"the gateway does not start: {line} {(at / 'log').read_text()}")
            yield line.removeprefix("answering at ") + "/simple/"
        finally:
            child.terminate()
            child.wait()


def run(command: list[str], folder: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=folder)
    if done.returncode != 0:
        shown = re.sub(r"//[^@/\s]*@", "//***@", done.stderr)
        return f"failed: {shown[-1500:]}"
    return ""


def with_pip(names: list[str], index: str | None, deps: bool):
    """What pip would install: names, versions and hashes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "report.json",
            "--only-binary", ":all:", "--no-cache-dir", *(["--index-url", index] if index else []),
            # Whole wheels are not needed to know what somebody else needs.
            *([] if deps else ["--no-deps", "--use-feature", "fast-deps"]), *names,
        ]
        if failed := run(command, folder):
            return failed
        report = json.loads((pathlib.Path(folder) / "report.json").read_text())
    items = report["install"]
    return sorted(
        (item["metadata"]["name"], item["metadata"]["version"], item["download_info"]["archive_info"]["hashes"]["sha256"])
        for item in items
    )


def with_uv(uv: str, names: list[str], index: str | None, deps: bool):
    """What uv would lock: names, versions, and every hash."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "names.in").write_text("\n".join(names) + "\n")
        command = [
            uv, "pip", "compile", "--quiet", "--no-cache", "--generate-hashes", "--only-binary", ":all:", "--no-header",
            "--no-annotate", "--python", sys.executable, *(["--default-index", index] if index else []),
            *([] if deps else ["--no-deps"]), "names.in", "--output-file", "lock.txt",
        ]
        if failed := run(command, folder):
            return failed
        text = (pathlib.Path(folder) / "lock.txt").read_text().replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if "==" in line and not line.startswith("#")]
    return sorted((line[0], tuple(sorted(part for part in line[1:] if part.startswith("--hash")))) for line in lines)


def said(what) -> str:
    return what if isinstance(what, str) else f"{len(what)} releases"


def resolve(options, names: list[str], index: str | None, through: str, found: dict) -> dict[str, list[str]]:
    """What the clients resolve otherwise, for each batch under its first name."""
    differences: dict[str, list[str]] = {}
    batch = options.batch or len(names) or 1
    for start in range(0, len(names), batch):
        some = names[start : start + batch]
        for client, ask in (("pip", with_pip), ("uv", lambda *args: with_uv(options.uv, *args))):
            direct, ours = ask(some, index, not options.no_deps), ask(some, through, not options.no_deps)
            if direct != ours or isinstance(direct, str):
                odd = [] if isinstance(direct, str) or isinstance(ours, str) else sorted(set(direct) ^ set(ours))[:4]
                for name in some:
                    differences.setdefault(name, []).append(f"{client}: direct {said(direct)}, through {said(ours)} {odd}")
            else:
                found[client] = found.get(client, 0) + len(direct)
    return differences


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def look(options, names: list[tuple[str, bool]], index: str | None, found: dict) -> dict[str, list[str]]:
    """One comparison of all; what differs."""
    differences: dict[str, list[str]] = {}
    asker = Asker(os.environ.get("PIP_CERT") or True)
    direct = index or PyPI.simple_url
    with gateway(options.pinproof, index) as through:
        for name, _ in names:
            wrong = compare(asker, direct, through, normal(name), found)
            if wrong:
                differences[name] = wrong
        built = found.get("without-wheels", [])
        resolved = [name for name, is_resolved in names if is_resolved and normal(name) not in built]
        for name, wrong in resolve(options, resolved, index, through, found).items():
            differences.setdefault(name, []).extend(wrong)
    return differences


def read(path: str) -> list[tuple[str, bool]]:
    lines = pathlib.Path(path).read_text().splitlines()
    named = [line for line in lines if line.strip() and not line.startswith("#")]
    return [(line.split("#")[0].strip(), "# pages only" not in line) for line in named]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names")
    parser.add_argument("--pinproof", default=str(ROOT / "target/debug/pinproof"))
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--batch", type=int, default=0, help="resolve so many projects at a time")
    parser.add_argument("--no-deps", action="store_true", help="resolve what is named and nothing else")
    parser.add_argument("--result", help="write the counts and what differs here")
    options = parser.parse_args()
    options.pinproof, options.uv = absolute(options.pinproof), absolute(options.uv)
    return options


def absolute(program: str) -> str:
    """The path of a program, wherever it is started from."""
    return str(pathlib.Path(program).absolute()) if os.sep in program else program


def main() -> int:
    options, index, begun = arguments(), configured_index(), time.monotonic()
    names, found = read(options.names), {}
    try:
        Asker(os.environ.get("PIP_CERT") or True).page(index or PyPI.simple_url, "six", "text/html")
    except requests.RequestException as error:
        print(f"the index cannot be reached: {type(error).__name__}")
        return UNREACHABLE
    differences = look(options, names, index, found)
    first = len(differences)
    if differences:
        again = [(name, is_resolved) for name, is_resolved in names if name in differences]
        print(f"{first} projects differ, and are compared once more: {sorted(differences)}")
        for name, wrong in differences.items():
            print(f"  {name}: {wrong[:3]}")
        differences = look(options, again, index, {})
    result = {
        "projects": len(names), "resolved": sum(is_resolved for _, is_resolved in names),
        "compared twice": first, "differ": len(differences), "seconds": round(time.monotonic() - begun), **found,
    }
    print(json.dumps(result))
    for name, wrong in differences.items():
        print(f"{name}:", *wrong[:10], sep="\n  ")
    if options.result:
        pathlib.Path(options.result).write_text(json.dumps({**result, "differences": differences}, indent=1) + "\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
