"""The index that every server of the benchmark stands before: pages, wheels and their metadata, in one folder.

flask's and boto3's pages are those of the index that pip is configured with (or PyPI), where it answers; without
it, pages of the same shape are made. The addresses in them lead to the local upstream. `big` is a wheel of 10 MB,
and `tree-00` to `tree-69` are 70 distributions that need each other in five steps, with the sizes that wheels have.
"""

from __future__ import annotations

import hashlib
import html
import json
import pathlib
import random
import re
import ssl
import subprocess
import sys
import urllib.request
import zipfile

JSON = "application/vnd.pypi.simple.v1+json"
OLD = "2023-01-02T03:04:05.678901Z"
ROOTS = 20
DISTRIBUTIONS = 70
# Kilobytes of wheels: most are small, a few are not.
SIZES = [9, 12, 16, 20, 25, 30, 40, 60, 65, 90, 120, 150, 250, 300, 600, 1500, 3000]


def configured_index() -> str:
    """The index that pip asks here."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True)
    found = re.search(r"(?m)^\S*index-url='(.+)'$", said.stdout)
    return found[1] if found else "https://pypi.org/simple/"


def real_page(project: str) -> dict | None:
    """A page as its index has it; none, where it gives no answer."""
    request = urllib.request.Request(f"{configured_index().rstrip('/')}/{project}/", headers={"Accept": JSON})
    try:
        with urllib.request.urlopen(request, timeout=60, context=ssl.create_default_context()) as answer:
            return json.load(answer)
    except (OSError, ValueError) as error:
        print(f"  {project}: no page ({error}); one of the same shape is made")
        return None


def made_page(project: str, releases: int) -> dict:
    """A page with a wheel and a source distribution for each release."""
    files = []
    for number in range(releases):
        version = f"1.{number // 100}.{number % 100}"
        for end in ("-py3-none-any.whl", ".tar.gz"):
            filename = f"{project}-{version}{end}"
            digest = hashlib.sha256(filename.encode()).hexdigest()
            files.append({"filename": filename, "hashes": {"sha256": digest}, "requires-python": ">=3.8",
                          "size": 139_000 + number, "upload-time": OLD, "url": "", "yanked": False})
    return {"meta": {"api-version": "1.4"}, "name": project, "files": files}


def with_all_fields(page: dict) -> dict:
    """The page with local addresses, and with the hash of core metadata for wheels, which PyPI has."""
    for file in page["files"]:
        file["url"] = f"/files/{file['filename']}"
        if file["filename"].endswith(".whl") and not file.get("core-metadata"):
            digest = hashlib.sha256(f"{file['filename']}.metadata".encode()).hexdigest()
            file["core-metadata"] = {"sha256": digest}
        if file.get("core-metadata"):
            file["data-dist-info-metadata"] = file["core-metadata"]
    return page


def as_html(page: dict) -> str:
    lines = ["<!DOCTYPE html>", "<html><head>", '<meta name="pypi:repository-version" content="1.4">',
             f"<title>Links for {page['name']}</title></head><body>"]
    for file in page["files"]:
        attributes = f'href="{file["url"]}#sha256={file["hashes"]["sha256"]}"'
        if file.get("requires-python"):
            attributes += f' data-requires-python="{html.escape(file["requires-python"])}"'
        if file.get("yanked"):
            attributes += f' data-yanked="{html.escape(str(file["yanked"]))}"'
        if file.get("core-metadata"):
            digest = file["core-metadata"]["sha256"]
            attributes += f' data-core-metadata="sha256={digest}" data-dist-info-metadata="sha256={digest}"'
        lines.append(f"<a {attributes}>{file['filename']}</a><br>")
    return "\n".join([*lines, "</body></html>", ""])


def wheel(path: pathlib.Path, project: str, needs: list[str], size: int) -> dict:
    """A wheel that installs, and its entry on the page."""
    module, info = project.replace("-", "_"), f"{project.replace('-', '_')}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n"
    metadata += "".join(f"Requires-Dist: {name}>=1.0\n" for name in needs)
    # Half of a wheel's bytes do not compress here.
    noise = random.Random(project).randbytes(size)
    members = {
        f"{module}/__init__.py": b"",
        f"{module}/data.bin": noise,
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: benchmark\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*members, f"{info}/RECORD"])
    filename = f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path / filename, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**members, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    (path / f"{filename}.metadata").write_text(metadata)
    content = (path / filename).read_bytes()
    return {
        "filename": filename,
        "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
        "requires-python": ">=3.8",
        "size": len(content),
        "upload-time": OLD,
        "yanked": False,
        "core-metadata": {"sha256": hashlib.sha256(metadata.encode()).hexdigest()},
    }


def needs_of(number: int) -> list[int]:
    """The first 20 need the others in five steps of ten."""
    if number < ROOTS:
        return [ROOTS + number % 10, ROOTS + (number * 3 + 1) % 10]
    after = number + 10
    return [after, 10 * (after // 10) + (after + 3) % 10] if after < DISTRIBUTIONS else []


def make(folder: pathlib.Path) -> dict[str, str]:
    """Fills a folder; what was taken from where is the answer."""
    files, simple = folder / "files", folder / "simple"
    files.mkdir(parents=True)
    simple.mkdir()
    origins = {}
    pages = {}
    for project, releases in (("flask", 60), ("boto3", 2150)):
        found = real_page(project)
        origins[project] = configured_index() if found else "made"
        pages[project] = with_all_fields(found or made_page(project, releases))
    for name in ("big", "fresh"):
        pages[name] = {"name": name, "files": [wheel(files, name, [], 10_000_000)]}
    for number in range(DISTRIBUTIONS):
        name = f"tree-{number:02}"
        needs = [f"tree-{other:02}" for other in needs_of(number)]
        size = 1000 * SIZES[number * 7 % len(SIZES)]
        pages[name] = {"name": name, "files": [wheel(files, name, needs, size)]}
    for name, page in pages.items():
        page = {"meta": {"api-version": "1.4"}, **with_all_fields(page)}
        page.setdefault("versions", ["1.0"])
        (simple / f"{name}.json").write_text(json.dumps(page))
        (simple / f"{name}.html").write_text(as_html(page))
    return origins
