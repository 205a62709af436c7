"""How long `pinproof check --offline` takes for a lock of 300 hashed pins, as a whole process.

    python3 benches/check/run.py [--binary PATH] [--runs N] [--requirements FILE]

Without FILE, the lock and its index are made here: 300 projects of 100 releases with 6 files each,
served on loopback, so that the cache holds what it would hold for real projects. With FILE, the
project's own indexes are asked once to warm the cache.

A second process is measured in turn with the first, on the same machine and load: `python3 -c pass`,
the cheapest thing any Python-based checker has to do before it does anything. The ratio of the two
is what to compare between machines.
"""

import argparse
import hashlib
import http.server
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PROJECTS, RELEASES, FILES = 300, 100, 6
ROOT = pathlib.Path(__file__).resolve().parents[2]


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def files_of(name, version):
    stem = name.replace("-", "_")
    yield f"{stem}-{version}-py3-none-any.whl"
    for minor in range(FILES - 1):
        yield f"{stem}-{version}-cp3{minor + 9}-cp3{minor + 9}-manylinux_2_17_x86_64.whl"


def metadata_of(name, version):
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def page_of(name):
    files = []
    for minor in range(RELEASES):
        version = f"1.{minor}"
        for filename in files_of(name, version):
            files.append(
                {
                    "filename": filename,
                    "url": f"/files/{filename}",
                    "hashes": {"sha256": digest(filename)},
                    "size": 1000,
                    "upload-time": "2020-01-01T00:00:00Z",
                    "core-metadata": {"sha256": digest(metadata_of(name, version))},
                }
            )
    return {"meta": {"api-version": "1.4"}, "name": name, "files": files}


class Index(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/simple/"):
            body = json.dumps(page_of(self.path.split("/")[2])).encode()
            kind = "application/vnd.pypi.simple.v1+json"
        else:
            stem, version = self.path.split("/")[-1].split("-")[:2]
            body = metadata_of(stem.replace("_", "-"), version).encode()
            kind = "application/octet-stream"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def made_lock(folder):
    lines = []
    for number in range(PROJECTS):
        name, version = f"bench-{number:03}", f"1.{RELEASES - 1}"
        hashes = " \\\n".join(f"    --hash=sha256:{digest(f)}" for f in files_of(name, version))
        lines.append(f"{name}=={version} \\\n{hashes}\n")
    path = folder / "requirements.txt"
    path.write_text("".join(lines))
    return path


def made_database(binary, folder, env):
    """A database of advisories that is new and speaks of none of the projects."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    record = {
        "id": "PYSEC-0000-1",
        "modified": now,
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "spoken-of-by-nobody"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            }
        ],
    }
    source, database = folder / "PYSEC-0000-1.json", folder / "advisories.db"
    source.write_text(json.dumps(record))
    build = [binary, "db", "build", source, "--output", database]
    subprocess.run(build, env=env, check=True, stdout=subprocess.DEVNULL)
    return database


def measure(command, env):
    """Wall and CPU seconds of one run, and its exit code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    code = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall, cpu, code


def shown(name, runs):
    wall = sorted(run[0] for run in runs)
    cpu = sorted(run[1] for run in runs)
    middle = statistics.median
    print(f"{name:34} wall {middle(wall) * 1e3:7.1f} ms (best {wall[0] * 1e3:6.1f})   CPU {middle(cpu) * 1e3:7.1f} ms")
    return middle(cpu)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/pinproof")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--requirements", type=pathlib.Path)
    args = parser.parse_args()
    if not args.binary.exists():
        sys.exit(f"{args.binary} is not there: run `cargo build --release`, or name it with --binary")
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        env = {"HOME": made, "PATH": os.environ["PATH"]}
        # A machine's certificates may be named by variables.
        env |= {key: os.environ[key] for key in ("SSL_CERT_FILE", "SSL_CERT_DIR") if key in os.environ}
        command = [args.binary, "check", "--cache-dir", folder / "cache", "--no-progress"]
        command += ["--db", made_database(args.binary, folder, env)]
        server = None
        if args.requirements:
            command.append(args.requirements)
        else:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}/simple/"
            command += [made_lock(folder), "--index-url", url]
        online = subprocess.run(command, env=env, capture_output=True, text=True)
        if server:
            server.shutdown()
        offline = [*command, "--offline"]
        again = subprocess.run(offline, env=env, capture_output=True, text=True)
        same = (online.stdout, online.returncode) == (again.stdout, again.returncode)
        print(again.stdout.splitlines()[-1] if again.stdout else again.stderr)
        print(f"exit {again.returncode}; same report and exit code as online: {same}")
        ours, floor = [], []
        for _ in range(args.runs):
            ours.append(measure(offline, env))
            floor.append(measure([sys.executable, "-c", "pass"], env))
        cpu = shown("pinproof check --offline", ours)
        base = shown("python3 -c pass", floor)
        print(f"ratio of CPU times: {cpu / base:.2f}")
        if not same:
            sys.exit(1)


if __name__ == "__main__":
    main()
