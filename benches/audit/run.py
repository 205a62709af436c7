"""How long an audit of 298 pins takes, as a whole process, beside pip-audit and uv on the same database.

    python3 benches/audit/run.py [--binary PATH] [--server PATH] [--runs N] [--export ZIP] [--tools DIR]

pinproof reads a database and asks nobody. pip-audit and uv ask `pinproof db serve`, on loopback and from
the same database; uv also asks an index for the page of every project, for its status, and gets one of 200
files from this script (those of PyPI have a thousand on average, forty at the median), to be kept for ten
minutes as PyPI says. Nobody reaches the internet, except for pip, which installs the two tools once.

The tools run in turn, on the same machine and load. CPU time is that of the tool alone, without the
servers that answer it; where the machine is busy, compare that. uv keeps records and pages for ten minutes:
it is measured with nothing kept, as in CI, and with everything kept.
"""

import argparse
import functools
import hashlib
import http.server
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOCK = ROOT / "examples/lock-of-2023/requirements.txt"
TOOLS = ["pip-audit==2.10.1", "uv==0.13.9"]
FILES = 200


def page_of(name):
    files = []
    for minor in range(FILES):
        filename = f"{name.replace('-', '_')}-1.{minor}-py3-none-any.whl"
        digest = hashlib.sha256(filename.encode()).hexdigest()
        files.append(
            {
                "filename": filename,
                "url": f"/files/{filename}",
                "hashes": {"sha256": digest},
                "size": 1000,
                "upload-time": "2020-01-01T00:00:00Z",
                "requires-python": ">=3.8",
                "core-metadata": {"sha256": digest},
            }
        )
    return json.dumps({"meta": {"api-version": "1.4"}, "name": name, "files": files}).encode()


class Index(http.server.BaseHTTPRequestHandler):
    """Has a page for every project, none of them true."""

    protocol_version = "HTTP/1.1"
    page_of = staticmethod(functools.cache(page_of))

    def do_GET(self):
        body = self.page_of(self.path.strip("/").split("/")[-1])
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
        self.send_header("Cache-Control", "max-age=600, public")
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def uv_project(folder, index):
    """A uv.lock with the same pins; its files are never fetched."""
    pins = re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s\\]+)", LOCK.read_text())
    lock = ["version = 1", "revision = 3", 'requires-python = ">=3.11"']
    for name, version in pins:
        lock += [
            "\n[[package]]",
            f'name = "{name}"',
            f'version = "{version}"',
            f'source = {{ registry = "{index}/simple" }}',
            f'sdist = {{ url = "{index}/{name}-{version}.tar.gz", hash = "sha256:{"0" * 64}", size = 1 }}',
        ]
    lock += ["\n[[package]]", 'name = "audited"', 'version = "0"', 'source = { virtual = "." }', "dependencies = ["]
    lock += [f'    {{ name = "{name}" }},' for name, _ in pins]
    lock += ["]", "\n[package.metadata]", "requires-dist = ["]
    lock += [f'    {{ name = "{name}", specifier = "=={version}" }},' for name, version in pins]
    (folder / "uv.lock").write_text("\n".join([*lock, "]", ""]))
    needs = "".join(f'    "{name}=={version}",\n' for name, version in pins)
    head = '[project]\nname = "audited"\nversion = "0"\nrequires-python = ">=3.11"\n'
    (folder / "pyproject.toml").write_text(f"{head}dependencies = [\n{needs}]\n")


def install(folder):
    """The folder with the programs of an environment that has the tools."""
    if not (folder / "bin/pip-audit").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *TOOLS], check=True)
    return folder / "bin"


def measure(command, env, folder):
    """Wall and CPU seconds of one run, and what it wrote."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall, cpu, done


def found(name, output):
    """The number of flaws in a report."""
    report = json.loads(output)
    if name == "pip-audit":
        return sum(len(dependency.get("vulns", [])) for dependency in report["dependencies"])
    return len(report["findings" if name == "pinproof audit" else "vulnerabilities"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/pinproof")
    parser.add_argument("--server", type=pathlib.Path, help="the binary that serves, if it is another one")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--export", type=pathlib.Path, default=ROOT / "examples/advisories")
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / "target/bench-tools")
    args = parser.parse_args()
    if not args.binary.exists():
        sys.exit(f"{args.binary} is not there: run `cargo build --release`, or name it with --binary")
    tools = install(args.tools)
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        env = {"HOME": made, "PATH": os.environ["PATH"], "UV_NO_CONFIG": "1", "no_proxy": "127.0.0.1"}
        database = folder / "osv.db"
        server_binary = args.server or args.binary
        for binary, path in ((args.binary, database), (server_binary, folder / "served.db")):
            subprocess.run([binary, "db", "build", args.export, "-o", path], check=True, env=env)
        index = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
        threading.Thread(target=index.serve_forever, daemon=True).start()
        uv_project(folder, f"http://127.0.0.1:{index.server_port}")
        serve = [server_binary, "db", "serve", "--db", folder / "served.db", "--listen", "127.0.0.1:0"]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env=env) as server:
            url = server.stdout.readline().removeprefix("answering at ").strip()
            compare(args, tools, url, (env, folder, database))
            server.terminate()


def compare(args, tools, url, place):
    env, folder, database = place
    json_report = ["--format", "json"]
    uv = [tools / "uv", "audit", "--frozen", "--service-url", url, "--output-format", "json"]
    subprocess.run(uv, env=env, cwd=folder, capture_output=True)
    # In a folder of its own: beside the code of a project, an audit also reads what that code imports.
    alone = folder / "alone" / "requirements.txt"
    alone.parent.mkdir()
    alone.write_bytes(LOCK.read_bytes())
    commands = {
        "pinproof audit": [args.binary, "audit", alone, "--db", database, "--as-of", "2024-10-11", *json_report],
        "uv audit, cold": [*uv, "--no-cache"],
        "uv audit, warm": uv,
        "pip-audit": [tools / "pip-audit", "-r", LOCK, "--no-deps", "--disable-pip", "-s", "osv"],
    }
    commands["pip-audit"] += ["--osv-url", f"{url}v1/query", "--progress-spinner", "off", *json_report]
    runs = {name: [] for name in commands}
    for _ in range(args.runs):
        for name, command in commands.items():
            runs[name].append(measure(command, env, folder))
    counts = {name: found(name, done[-1][2].stdout) for name, done in runs.items()}
    middle = {}
    for name, done in runs.items():
        wall, cpu = (statistics.median(run[at] for run in done) for at in (0, 1))
        best = min(run[0] for run in done)
        middle[name] = wall, cpu
        print(
            f"{name:15} {counts[name]:3} found   wall {wall * 1e3:8.1f} ms (best {best * 1e3:8.1f})"
            f"   CPU {cpu * 1e3:8.1f} ms"
        )
    ours = middle["pinproof audit"]
    for name in list(commands)[1:]:
        wall, cpu = (theirs / own for theirs, own in zip(middle[name], ours))
        print(f"{name:15} takes {wall:.0f} times the wall time, and {cpu:.0f} times the CPU time")
    if len(set(counts.values())) != 1:
        sys.exit("they did not find the same number of flaws")


if __name__ == "__main__":
    main()
