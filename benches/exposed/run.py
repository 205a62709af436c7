"""How long `pinproof exposed` takes over 1,000 versions of a lock of 300 hashed pins, as a whole process.

    python3 benches/exposed/run.py [--binary PATH] [--runs N]

The repository is made here: each commit raises one of 300 projects, and ten of them pin the release that
is looked for. It is asked for by name and version, and by the id of an advisory in a database of 50,000
records that is made here too. Each question has to find what was put there. In turn with them, on the same
machine and load, runs `git log -S`, which tells the commits but not what a pin means. Fails if a median is
above LIMIT seconds of CPU time.
"""

import argparse
import hashlib
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

PROJECTS, LOCKS, RECORDS = 300, 1_000, 50_000
LIMIT = 10.0
ROOT = pathlib.Path(__file__).resolve().parents[2]
BAD = "litellm==1.82.8"
NOW = "2026-11-01T00:00:00Z"


def lock(commit):
    lines = []
    for at in range(PROJECTS):
        version = f"1.{(commit + PROJECTS - at) // PROJECTS}"
        digests = (hashlib.sha256(f"{at} {version} {file}".encode()).hexdigest() for file in range(4))
        hashes = " \\\n".join(f"    --hash=sha256:{digest}" for digest in digests)
        lines.append(f"project{at}=={version} \\\n{hashes}\n")
    if LOCKS // 2 <= commit < LOCKS // 2 + 10:
        lines.append(f"{BAD}\n")
    return "".join(lines)


def make_repository(folder):
    def git(*args, **more):
        subprocess.run(["git", "-C", folder, *args], check=True, **more)

    git("init", "--quiet", "--initial-branch=main")
    stream = []
    for commit in range(LOCKS):
        text, when = lock(commit), 1_700_000_000 + commit * 3_600
        stream.append(
            f"commit refs/heads/main\ncommitter x <x@x.invalid> {when} +0000\ndata 1\nx\n"
            f"M 100644 inline requirements.txt\ndata {len(text)}\n{text}\n"
        )
    git("fast-import", "--quiet", input="".join(stream).encode())
    git("reset", "--quiet", "--hard")


def record(at):
    project = "litellm" if at == RECORDS // 2 else f"project-{at // 2}"
    return {
        "id": f"PYSEC-2026-{at}",
        "aliases": [f"CVE-2026-{at}", f"GHSA-{at:012}"],
        "published": "2026-01-01T00:00:00Z",
        "modified": "2026-10-31T00:00:00Z",
        "summary": "Something that a person wrote about it in one line of text",
        "details": "And something longer. " * 20,
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": project},
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "1.82.8"}, {"fixed": "1.82.9"}]}
                ],
                "versions": [f"1.{minor}" for minor in range(20)],
            }
        ],
    }


def make_database(binary, folder):
    archive, database = folder / "all.zip", folder / "advisories.db"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for at in range(RECORDS):
            file.writestr(f"PYSEC-2026-{at}.json", json.dumps(record(at)))
    build = [binary, "db", "build", archive, "--output", database]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return database


def measure(command, folder):
    """Wall and CPU seconds, the exit code and what was said."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.returncode, done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=str(ROOT / "target/release/pinproof"))
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        repository = folder / "repository"
        repository.mkdir()
        make_repository(repository)
        database = make_database(args.binary, folder)
        home = folder / "home"
        home.mkdir()
        os.environ |= {"HOME": str(home), "XDG_CACHE_HOME": str(home)}
        by_id = ["--db", str(database), "--as-of", NOW]
        commands = {
            "exposed NAME==VERSION": ([args.binary, "exposed", BAD], 1, "in 10 versions of the file"),
            "exposed ADVISORY": (
                [args.binary, "exposed", f"CVE-2026-{RECORDS // 2}", *by_id],
                1,
                "in 10 versions of the file",
            ),
            "git log -S": (["git", "log", "--format=%h", f"-S{BAD}"], 0, "\n"),
        }
        times = {name: [] for name in commands}
        for _ in range(args.runs):
            for name, (command, code, said) in commands.items():
                wall, cpu, ended, stdout = measure(command, repository)
                if ended != code or said not in stdout:
                    sys.exit(f"{name} ended with {ended}:\n{stdout}")
                times[name].append((wall, cpu))
        failed = False
        print(f"{LOCKS} locks of {PROJECTS} pins, {RECORDS} records; medians of {args.runs}")
        for name, seconds in times.items():
            wall, cpu = (statistics.median(column) for column in zip(*seconds, strict=True))
            print(f"{name:24} {wall:7.2f} s  {cpu:7.2f} s CPU")
            failed |= name.startswith("exposed") and cpu > LIMIT
        sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
