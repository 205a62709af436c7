"""The gateway beside devpi and proxpi: the same upstream, the same machine, one run.

    python3 benches/gateway/run.py [--binary PATH] [--seconds N] [--output JSON] [--only NAME]

Builds pinproof, installs devpi, proxpi and uv from PyPI below `target/`, and starts an upstream on loopback. Each
server is pinned to core 0, and `wrk` (one thread, 16 connections) to core 1; pages and files are warm. pinproof runs as
its users start it: preset `recommended`, advisories, the decision log, and a line for each request.

Then: memory, the time of answers at half of what the gateway can do, 64 downloads at one time, and an
installation of 70 distributions through a warm gateway beside the same one from an upstream that takes 50 ms for each answer.

Ratios are of one run, and hold on a busy machine too; the rest is to be read beside the load that is printed. A goal that
is missed makes the script end with 1. It takes about five minutes without the build, and ends by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import index_data
from servers import JSON, Bare, Devpi, Pinproof, Proxpi, Server, Upstream, request

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ["devpi-server==6.20.3", "proxpi==1.3.1", "gunicorn==27.0.1", "uv==0.13.9"]
CLIENT_CORE = "1"
CONNECTIONS = 16
HTML = "text/html"
BIG = "big-1.0-py3-none-any.whl"
FRESH = "fresh-1.0-py3-none-any.whl"
LUA = """
done = function(summary, latency, requests)
  io.write(string.format('RESULT {"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "bytes": %d, "failed": %d, "not_ok": %d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.bytes,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout, summary.errors.status))
end
"""


class Bench:
    """What is measured, and with what."""

    def __init__(self, args: argparse.Namespace, folder: pathlib.Path) -> None:
        self.args, self.folder = args, folder
        self.rows: list[dict] = []
        self.goals: list[dict] = []
        self.memory: dict[str, float] = {}
        (folder / "result.lua").write_text(LUA)

    def wrk(self, server: Server, what: str, url: str, headers: dict[str, str], connections: int = CONNECTIONS,
            longer: int = 1) -> None:
        """Asks as often as it goes for a few seconds; the first one is not measured."""
        seconds = self.args.seconds * longer
        command = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", "--timeout", "10s",
                   "-s", self.folder / "result.lua"]
        command += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        subprocess.run([*command, "-d1s", url], check=True, capture_output=True)
        server.wait_until_idle()
        before = server.cpu()
        ran = subprocess.run([*command, f"-d{seconds}s", url], check=True, capture_output=True, text=True)
        used = server.cpu() - before
        line = next(line for line in ran.stdout.splitlines() if line.startswith("RESULT "))
        found = json.loads(line.removeprefix("RESULT "))
        done = max(found["requests"], 1)
        row = {
            "server": server.name, "what": what, "per_second": found["requests"] / found["seconds"],
            "p50": found["p50"], "p99": found["p99"], "cpu_us": used / done * 1e6, "bytes": found["bytes"] / done,
            "failed": found["failed"], "not_ok": found["not_ok"] / done,
        }
        self.rows.append(row)
        print(f"  {server.name:10} {what:28} {row['per_second']:>9,.0f} /s  p50 {row['p50']:>8.2f} ms  "
              f"p99 {row['p99']:>8.2f} ms  CPU {row['cpu_us']:>9,.0f} us  {row['bytes']:>10,.0f} bytes", flush=True)

    def row(self, server: str, what: str) -> dict | None:
        return next((row for row in self.rows if (row["server"], row["what"]) == (server, what)), None)

    def beside(self, what: str, peer: str, wanted: float) -> None:
        """How often the gateway answers while a peer answers once."""
        ours, theirs = self.row("pinproof", what), self.row(peer, what)
        if ours and theirs:
            of_cpu = theirs["cpu_us"] / max(ours["cpu_us"], 0.1)
            # Who answered nobody in that time answers less than one in it.
            theirs_per_second = max(theirs["per_second"], 1 / self.args.seconds)
            self.goal(f"{what} beside {peer}", ours["per_second"] / theirs_per_second, wanted, "x", True,
                      f"{of_cpu:.1f} x by CPU time")

    def goal(self, what: str, value: float, wanted: float, unit: str, at_least: bool, note: str = "") -> None:
        met = value >= wanted if at_least else value <= wanted
        self.goals.append({"what": what, "value": value, "wanted": wanted, "unit": unit, "at_least": at_least,
                           "met": met, "note": note})

    # What is measured of a server.

    def pages(self, server: Server) -> None:
        for project in ("flask", "boto3"):
            for form, accept in (("HTML", HTML), ("JSON", JSON)):
                request(server.page(project), headers={"Accept": accept})
                # Of a large page, the others answer a few in a second.
                longer = 3 if project == "boto3" and not isinstance(server, Pinproof) else 1
                self.wrk(server, f"{project} {form}", server.page(project), {"Accept": accept}, longer=longer)

    def files(self, server: Server) -> None:
        url = server.file(BIG)
        status, _, body = request(url)
        if status != 200 or len(body) < 10_000_000:
            sys.exit(f"{server.name}: the wheel is not what it should be")
        self.wrk(server, "10 MB wheel", url, {}, connections=4)
        status, _, body = request(url, headers={"Range": "bytes=-16384"})
        if (status, len(body)) == (206, 16384):
            self.wrk(server, "16 kB by Range", url, {"Range": "bytes=-16384"})
        else:
            print(f"  {server.name:10} 16 kB by Range               it answers {status} with {len(body):,} bytes")

    def gateway(self, server: Pinproof) -> None:
        """What the others do not have, or not in this way."""
        url = server.page("flask")
        _, headers, _ = request(url, headers={"Accept": JSON})
        etag = {"Accept": JSON, "If-None-Match": headers["etag"]}
        self.wrk(server, "304", url, etag)
        url, refused = self.refused(server)
        print(f"  {server.name:10} refuses {refused}")
        self.wrk(server, "403", url, {})
        for project in ("flask", "boto3"):
            compressed = {"Accept": JSON, "Accept-Encoding": "gzip, deflate"}
            self.wrk(server, f"{project} JSON, gzip", server.page(project), compressed)

    def refused(self, server: Pinproof) -> tuple[str, str]:
        """The address of the newest source distribution of flask."""
        page = server.page("flask")
        _, _, body = request(page, headers={"Accept": JSON})
        name = [file["filename"] for file in json.loads(body)["files"] if file["filename"].endswith(".tar.gz")][-1]
        return server.file(name), name

    def bare(self, server: Bare) -> None:
        self.wrk(server, "flask JSON", f"{server.url}/page", {"Accept": JSON})
        etag = '"0123456789abcdef0123456789abcdef"'
        self.wrk(server, "304", f"{server.url}/page", {"Accept": JSON, "If-None-Match": etag})
        self.wrk(server, "403", f"{server.url}/refused", {})

    def half_load(self, server: Pinproof) -> None:
        rate = int(self.row(server.name, "flask JSON")["per_second"] / 2)
        command = ["taskset", "-c", CLIENT_CORE, self.args.peers, "pace", server.page("flask"), str(rate),
                   str(max(self.args.seconds, 5)), f"Accept: {JSON}"]
        # The best of three: what another process does to the cores is no time of an answer.
        found = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(3)]
        best = min(found, key=lambda one: one["p99"])
        said = ", ".join(f"{one['p99']:.2f}" for one in found)
        print(f"  {server.name:10} {rate} requests a second       p50 {best['p50']:.2f} ms  p99 {said} ms", flush=True)
        self.goal("p99 of flask's page at half load", best["p99"], 10, "ms", False)

    def downloads(self, server: Pinproof) -> None:
        for filename, what in ((FRESH, "that are not here yet"), (BIG, "that are here")):
            command = [self.args.peers, "download", server.file(filename), "64"]
            ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
            found = json.loads(ran.stdout)
            if found["clients"] != 64:
                sys.exit(f"{server.name}: only {found['clients']} of 64 downloads are whole")
            print(f"  {server.name:10} 64 downloads {what}: {found['seconds']:.2f} s, {server.memory():.0f} MiB now, "
                  f"{server.most_memory():.0f} MiB at most", flush=True)


def install_tools(folder: pathlib.Path) -> pathlib.Path:
    """devpi, proxpi and uv in an environment."""
    noted = folder / "installed.txt"
    if not noted.exists() or noted.read_text() != "\n".join(TOOLS):
        print("installing devpi, proxpi and uv …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *TOOLS],
                       check=True)
        noted.write_text("\n".join(TOOLS))
    return folder / "bin"


def build(args: argparse.Namespace) -> None:
    """pinproof and what this script needs, optimised."""
    if not args.no_build:
        print("building …", flush=True)
        subprocess.run(["cargo", "build", "--release", "--locked", "-p", "pinproof", "-p", "pinproof-server", "--bin",
                        "pinproof", "--example", "gateway-peers"], cwd=ROOT, check=True)
    args.binary = args.binary.resolve()
    args.peers = (args.peers or ROOT / "target/release/examples/gateway-peers").resolve()


def advisories(args: argparse.Namespace, folder: pathlib.Path) -> pathlib.Path:
    """A database of real records where they are at hand, or of one record that speaks of nobody here."""
    source = args.export
    if not source.exists():
        print(f"without {source}, the database has one record")
        source = folder / "PYSEC-0000-1.json"
        affected = {"package": {"ecosystem": "PyPI", "name": "spoken-of-by-nobody"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        source.write_text(json.dumps({"id": "PYSEC-0000-1", "modified": now, "affected": [affected]}))
    database = folder / "advisories.db"
    subprocess.run([args.binary, "db", "build", source, "-o", database], check=True, stdout=subprocess.DEVNULL)
    return database


def install(uv: pathlib.Path, index: str, memory: pathlib.Path) -> float:
    """Seconds of an installation of the 70 distributions, with nothing kept."""
    folder = memory / "installed"
    shutil.rmtree(folder, ignore_errors=True)
    roots = [f"tree-{number:02}" for number in range(index_data.ROOTS)]
    command = [uv, "pip", "install", "--quiet", "--no-cache", "--no-config", "--python", sys.executable, "--target", folder,
               "--default-index", index, *roots]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "TMPDIR": str(memory)}
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "PIP_FIND_LINKS"):
        environment.pop(name, None)
    started = time.perf_counter()
    subprocess.run(command, check=True, env=environment)
    took = time.perf_counter() - started
    found = len(list(folder.glob("tree_*-1.0.dist-info")))
    if found != index_data.DISTRIBUTIONS:
        sys.exit(f"{found} distributions were installed from {index}")
    return took


def installations(bench: Bench, late: Upstream, warm: Pinproof, uv: pathlib.Path) -> None:
    took: dict[str, list[float]] = {"direct": [], "warm": []}
    # In memory where there is such a folder: otherwise it is the disk that is measured, which is the same for both.
    memory = pathlib.Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as made:
        folder = pathlib.Path(made)
        first = install(uv, f"{warm.url}/simple/", folder)
        for _ in range(5):
            took["direct"].append(install(uv, late.index, folder))
            took["warm"].append(install(uv, f"{warm.url}/simple/", folder))
    direct, through = (statistics.median(took[how]) for how in ("direct", "warm"))
    print(f"  70 distributions: direct {direct:.2f} s, through a gateway that is cold {first:.2f} s, warm {through:.2f} s",
          flush=True)
    bench.goal("70 distributions, warm beside direct", through / direct, 0.5, "x", False)


def ratios(bench: Bench) -> None:
    for project, most in (("flask", {"devpi": 40, "proxpi": 5}), ("boto3", {"devpi": 60, "proxpi": 6})):
        for form in ("HTML", "JSON"):
            for peer, wanted in most.items():
                bench.beside(f"{project} {form}", peer, wanted)
    for what in ("304", "403"):
        bench.beside(what, "bare axum", 0.5)
    for row in bench.rows:
        if row["server"] == "pinproof" and row["what"] in ("flask HTML", "flask JSON", "304", "403"):
            bench.goal(f"CPU for {row['what']}", row["cpu_us"], 100, "us", False)


def report(bench: Bench, origins: dict[str, str]) -> bool:
    print()
    servers = [name for name in ("pinproof", "devpi", "proxpi", "bare axum") if any(row["server"] == name for row in bench.rows)]
    whats = list(dict.fromkeys(row["what"] for row in bench.rows))
    print(f"| requests a second; CPU for each | {' | '.join(servers)} |")
    print(f"| --- |{' --- |' * len(servers)}")
    for what in whats:
        cells = []
        for server in servers:
            row = bench.row(server, what)
            cells.append(f"{row['per_second']:,.0f}; {row['cpu_us']:,.0f} µs" if row else "–")
        print(f"| {what} | {' | '.join(cells)} |")
    memory = [f"{bench.memory[server]:.0f} MiB" if server in bench.memory else "–" for server in servers]
    print(f"| memory, after all of it | {' | '.join(memory)} |")
    print("\n| goal | wanted | measured | |\n| --- | --- | --- | --- |")
    for goal in bench.goals:
        sign = "≥" if goal["at_least"] else "≤"
        print(f"| {goal['what']} | {sign} {goal['wanted']:g} {goal['unit']} | {goal['value']:.2f} {goal['unit']} | "
              f"{'met' if goal['met'] else '**missed**'}{goal['note'] and ', '}{goal['note']} |")
    print(f"\npages: {origins}; load at the end: {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    return all(goal["met"] for goal in bench.goals)


def run(bench: Bench, folder: pathlib.Path, stack: contextlib.ExitStack) -> dict[str, str]:
    args = bench.args

    def started(server: Server) -> Server:
        stack.callback(server.stop)
        return server

    print("filling the upstream …", flush=True)
    tools, origins = install_tools(args.tools), index_data.make(folder / "index")
    database = advisories(args, folder)
    upstream = started(Upstream(folder, args.peers, folder / "index", 0))

    def wants(name: str) -> bool:
        return not args.only or name in args.only

    if wants("pinproof"):
        server = started(Pinproof(folder, args.binary, upstream, database))
        time.sleep(1)
        idle = server.memory()
        print(f"  {server.name:10} {idle:.1f} MiB idle", flush=True)
        bench.goal("memory, idle", idle, 40, "MiB", False)
        bench.pages(server)
        bench.gateway(server)
        bench.half_load(server)
        bench.files(server)
        bench.downloads(server)
        bench.memory[server.name] = server.memory()
        bench.goal("memory, at most, with 64 downloads", server.most_memory(), 150, "MiB", False)
        _, _, page = request(server.page("flask"), headers={"Accept": JSON})
        server.stop()
        (folder / "page.json").write_bytes(page)
        bare = started(Bare(folder, args.peers, folder / "page.json"))
        bench.bare(bare)
        bare.stop()
    for name, peer in (("proxpi", Proxpi), ("devpi", Devpi)):
        if wants(name):
            server = started(peer(folder, tools, upstream))
            bench.pages(server)
            bench.files(server)
            bench.memory[server.name] = server.memory()
            server.stop()
    if wants("install"):
        late = started(Upstream(folder, args.peers, folder / "index", 50))
        warm = started(Pinproof(folder, args.binary, late, database, name="pinproof-50ms", core=None))
        installations(bench, late, warm, tools / "uv")
    return origins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/pinproof")
    parser.add_argument("--peers", type=pathlib.Path, help="the example gateway-peers of pinproof-server, built")
    parser.add_argument("--no-build", action="store_true", help="take what is built")
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement with wrk")
    parser.add_argument("--only", nargs="+", choices=["pinproof", "proxpi", "devpi", "install"])
    parser.add_argument("--export", type=pathlib.Path, default=ROOT.parent / "shared/data/osv-pypi-2024-10.zip",
                        help="OSV's records, as an archive")
    parser.add_argument("--output", type=pathlib.Path, help="where to write the figures as JSON")
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / "target/bench-tools-gateway")
    args = parser.parse_args()
    for program, how in (("wrk", "apt-get install wrk"), ("taskset", "apt-get install util-linux")):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed: {how}")
    if (os.cpu_count() or 1) < 2:
        sys.exit("it takes two cores: one for a server, one for its clients")
    build(args)
    with tempfile.TemporaryDirectory() as made, contextlib.ExitStack() as stack:
        folder = pathlib.Path(made)
        bench = Bench(args, folder)
        origins = run(bench, folder, stack)
        ratios(bench)
        is_good = report(bench, origins)
    if args.output:
        figures = {"rows": bench.rows, "goals": bench.goals, "memory": bench.memory, "load": os.getloadavg(),
                   "cores": os.cpu_count(), "pages": origins}
        args.output.write_text(json.dumps(figures, indent=1))
    if not is_good:
        sys.exit("not every goal was met")


if __name__ == "__main__":
    main()
