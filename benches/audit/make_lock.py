"""Makes examples/lock-of-2023/requirements.txt: what the most downloaded projects were on one day.

    python3 make_lock.py RANKS.tsv > requirements.txt

RANKS.tsv has a rank and a name on each line. Of each of the first NAMES projects, the lock pins the newest
release that was there on DAY, pre-releases and yanked ones left out, with the sha256 hashes of the files
that it had then. Projects without such a release are left out too. The index is the one that pip is
configured for; it is asked once for each name. Needs pip and `packaging`.
"""

import json
import os
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

DAY = "2023-02-01T00:00:00Z"
NAMES = 330
AT_ONCE = 4
ACCEPT = "application/vnd.pypi.simple.v1+json"


def index_url():
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    configured = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if url := os.environ.get("PIP_INDEX_URL") or configured:
        return url.rstrip("/")
    from pip._internal.models.index import PyPI  # pip's own default

    return PyPI.simple_url.rstrip("/")


def version_of(filename):
    """The version in a file name; none for formats that pip no longer installs."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        if filename.endswith((".tar.gz", ".zip")):
            return parse_sdist_filename(filename)[1]
    except (ValueError, InvalidVersion):
        pass
    return None


def files_of(index, name):
    request = urllib.request.Request(f"{index}/{name}/", headers={"Accept": ACCEPT})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["files"]


def pin(files):
    """The newest release of that day, and the hashes of its files."""
    releases = {}
    for file in files:
        version = version_of(file["filename"])
        if version and not version.is_prerelease and not file["yanked"] and file["upload-time"] < DAY:
            releases.setdefault(version, set()).add(file["hashes"]["sha256"])
    return max(releases.items(), default=None, key=lambda release: release[0])


def main():
    with open(sys.argv[1], encoding="utf-8") as ranks:
        names = [canonicalize_name(line.split("\t")[1].strip()) for line in ranks][:NAMES]
    index = index_url()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(names, pool.map(lambda name: files_of(index, name), names)))
    pins = {name: pin(files) for name, files in answers.items()}
    print(f"# The most downloaded projects as they were on {DAY[:10]}, made by benches/audit/make_lock.py.")
    for name, found in sorted(pins.items()):
        if found:
            version, hashes = found
            lines = [f"{name}=={version}", *(f"    --hash=sha256:{digest}" for digest in sorted(hashes))]
            print(" \\\n".join(lines))


if __name__ == "__main__":
    main()
