"""How long a lock takes beside `uv pip compile`, what it asks for, and whether both choose the same.

    python3 benches/lock/run.py [--binary PATH] [--runs N] [--index-url URL] [--warehouse MAIN.IN]

Three inputs: four projects that many web services have, apache-airflow, and with `--warehouse` the main.in
of PyPI itself (`requirements/main.in` in its repository). Both tools lock for the same Python and platform, as
of the same time, from the same index, with hashes and without builds, in turn:

- cold: nothing is kept, and there is no lock yet;
- warm: the same again, with what the first run kept and with its lock;
- offline: as warm, and nobody may be asked.

Then each once more through a proxy that counts what it asks for; that run is not timed. At last pins and hashes are
compared, and the script fails where they differ.

The index is the one that pip is configured with, or PyPI. CPU time and memory are those of the tool alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from counting_proxy import CountingProxy

ROOT = pathlib.Path(__file__).resolve().parents[2]
UV = "uv==0.13.9"
PLATFORM = {"pinproof": "linux-x86_64", "uv": "x86_64-unknown-linux-gnu"}
KEPT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
MODES = ("cold", "warm", "offline")


@dataclasses.dataclass
class Input:
    name: str
    text: str
    python: str


@dataclasses.dataclass
class Measured:
    """One run: seconds and bytes."""

    wall: float
    cpu: float
    memory: int


class Tool:
    """A tool with a folder of its own: the input, its lock, its cache."""

    def __init__(self, name: str, program: pathlib.Path, folder: pathlib.Path, asked: Input) -> None:
        self.name, self.program, self.asked = name, program, asked
        self.folder = folder / name / asked.name
        self.folder.mkdir(parents=True)
        (self.folder / "main.in").write_text(asked.text)
        self.lock = self.folder / "main.txt"
        self.env = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.env |= {"HOME": str(self.folder / "home"), "PATH": os.environ["PATH"], "no_proxy": "127.0.0.1"}

    def forget(self) -> None:
        shutil.rmtree(self.folder / "cache", ignore_errors=True)
        self.lock.unlink(missing_ok=True)

    def command(self, index: str, now: str, offline: bool) -> list[str | os.PathLike[str]]:
        cache = ["--cache-dir", self.folder / "cache"] + (["--offline"] if offline else [])
        python = self.asked.python
        if self.name == "uv":
            made = [self.program, "pip", "compile", "main.in", "-o", "main.txt", "--quiet", "--generate-hashes"]
            made += ["--no-build", "--no-config", "--python", sys.executable, "--python-version", python]
            made += ["--default-index", index, "--exclude-newer", now, "--native-tls"]
            return [*made, "--python-platform", PLATFORM["uv"], *cache]
        made = [self.program, "lock", "main.in", "--python", python, "--platform", PLATFORM["pinproof"]]
        made += ["--config", self.folder.parents[1] / "pinproof.toml", "--db", self.folder.parents[1] / "quiet.db"]
        return [*made, "--index-url", index, "--as-of", now, "--no-progress", *cache]

    def run(self, index: str, now: str, offline: bool = False) -> Measured:
        command = self.command(index, now, offline)
        with open(self.folder / "said", "w+") as said:
            started = time.perf_counter()
            child = subprocess.Popen(command, env=self.env, cwd=self.folder, stdout=said, stderr=said)
            _, status, used = os.wait4(child.pid, 0)
            wall = time.perf_counter() - started
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                said.seek(0)
                sys.exit(f"{self.name} ended with {child.returncode} for {self.asked.name}:\n{said.read()}")
        return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)

    def pins(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Version and hashes of each project in the lock."""
        text = re.sub(r"\\\n", " ", self.lock.read_text())
        pins = {}
        for line in text.splitlines():
            pinned = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", line)
            if pinned:
                pins[pinned[1].lower()] = pinned[2], frozenset(re.findall(r"sha256:[0-9a-f]{64}", line))
        return pins


def measured(tools: list[Tool], index: str, now: str, runs: int) -> dict[tuple[str, str], list[Measured]]:
    done: dict[tuple[str, str], list[Measured]] = {}
    for _ in range(runs):
        for tool in tools:
            tool.forget()
            for mode in MODES:
                one = tool.run(index, now, offline=mode == "offline")
                done.setdefault((tool.name, mode), []).append(one)
    return done


def middle(runs: list[Measured]) -> Measured:
    wall, cpu = (statistics.median(getattr(run, of) for run in runs) for of in ("wall", "cpu"))
    return Measured(wall, cpu, max(run.memory for run in runs))


def report(done: dict[tuple[str, str], list[Measured]]) -> None:
    for mode in MODES:
        ours, theirs = middle(done["pinproof", mode]), middle(done["uv", mode])
        for name, one in (("pinproof", ours), ("uv", theirs)):
            print(f"  {mode:8} {name:9} {one.wall:6.2f} s  CPU {one.cpu:5.2f} s  {one.memory / 1e6:4.0f} MB")
        print(f"  {mode:8} {'ratio':9} {ours.wall / theirs.wall:6.2f}    CPU {ours.cpu / theirs.cpu:5.2f}")


def count(tools: list[Tool], index: str, now: str) -> None:
    for tool in tools:
        tool.forget()
        with CountingProxy(index) as proxy:
            tool.run(proxy.index, now)
        print(f"  {tool.name:9} {proxy.counts}")


def compare(ours: Tool, theirs: Tool) -> bool:
    mine, other = ours.pins(), theirs.pins()
    hashes = sum(len(hashes) for _, hashes in mine.values())
    print(f"  {len(mine)} pins, {hashes} hashes in ours; {len(other)} pins in theirs")
    same = True
    for name in sorted(mine.keys() | other.keys()):
        (version, hashes), (their_version, their_hashes) = (pins.get(name, ("none", set())) for pins in (mine, other))
        if version != their_version:
            print(f"    {name}: {version}, theirs {their_version}")
            same = False
        elif hashes != their_hashes:
            print(f"    {name} {version}: {len(hashes - their_hashes)} only ours, {len(their_hashes - hashes)} only theirs")
            same = False
    return same


def install(folder: pathlib.Path) -> pathlib.Path:
    """uv, in an environment."""
    if not (folder / "bin/uv").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, UV], check=True)
    return folder / "bin/uv"


def configured_index() -> str:
    """The index that pip asks here."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True)
    found = re.search(r"(?m)^\S*index-url='(.+)'$", said.stdout)
    return found[1] if found else "https://pypi.org/simple/"


def prepare(folder: pathlib.Path, binary: pathlib.Path, now: str) -> None:
    """A policy that lets everything in, as uv does, and a database of advisories that speaks of nobody here."""
    (folder / "pinproof.toml").write_text('preset = "observe"\n')
    affected = {
        "package": {"ecosystem": "PyPI", "name": "spoken-of-by-nobody"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
    }
    record = {"id": "PYSEC-0000-1", "modified": now, "affected": [affected]}
    (folder / "PYSEC-0000-1.json").write_text(json.dumps(record))
    build = [binary, "db", "build", folder / "PYSEC-0000-1.json", "-o", folder / "quiet.db"]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)


def inputs(warehouse: pathlib.Path | None) -> list[Input]:
    chosen = [
        Input("four", "flask\nboto3\ncelery\nsqlalchemy\n", "3.12"),
        Input("airflow", "apache-airflow\n", "3.12"),
    ]
    if warehouse:
        chosen.append(Input("warehouse", warehouse.read_text(), "3.13"))
    else:
        print("without --warehouse, PyPI's own main.in is not locked")
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/pinproof")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--index-url", default=configured_index())
    parser.add_argument("--warehouse", type=pathlib.Path, help="PyPI's main.in")
    parser.add_argument("--only", help="the name of one input: four, airflow, warehouse")
    parser.add_argument("--as-of", help="the time to lock as of [default: the last midnight, UTC]")
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / "target/bench-tools")
    args = parser.parse_args()
    if not args.binary.exists():
        sys.exit(f"{args.binary} is not there: run `cargo build --release`, or name it with --binary")
    binary, uv = args.binary.resolve(), install(args.tools)
    today = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT00:00:00Z")
    now = args.as_of or today
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        prepare(folder, binary, today)
        pairs = []
        for asked in inputs(args.warehouse):
            if args.only in (None, asked.name):
                pairs.append([Tool("pinproof", binary, folder, asked), Tool("uv", uv, folder, asked)])
        for tools in pairs:
            print(f"{tools[0].asked.name}, Python {tools[0].asked.python}, as of {now}:")
            report(measured(tools, args.index_url, now, args.runs))
        # Afterwards, because the memory of a child cannot be told from that of a parent that has grown.
        differ = 0
        for tools in pairs:
            print(f"{tools[0].asked.name}:")
            count(tools, args.index_url, now)
            differ += not compare(*tools)
    if differ:
        sys.exit("they did not choose the same")


if __name__ == "__main__":
    main()
