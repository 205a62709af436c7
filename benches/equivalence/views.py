"""The page of a project as its index has it, and as the gateway shows it: in JSON, in HTML, and as pip reads both."""

from __future__ import annotations

import dataclasses
import datetime
import html.parser
import json
import posixpath
import re
import time
import urllib.parse

from pip._internal.index.collector import IndexContent, parse_links
from pip._internal.index.package_finder import _extract_version_from_fragment
from pip._vendor import requests
from pip._vendor.packaging.utils import parse_wheel_filename
from pip._vendor.packaging.version import Version

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
# What an index says of a file and the gateway does not pass on; a run says whether there was any.
NOT_PASSED_ON = ("gpg-sig",)
# The attributes of a link that mean something (PEP 503, 592, 658, 714, 740).
ATTRIBUTES = {
    "href", "data-requires-python", "data-yanked", "data-core-metadata", "data-dist-info-metadata", "data-provenance",
}
# The endings of source distributions that pip takes.
ARCHIVE = re.compile(r"\.(zip|tar\.(gz|bz2|xz|lz|lzma)|tgz|tbz|txz|tlz|tar)$")
META = {"pypi:repository-version", "pypi:project-status", "pypi:project-status-reason"}


@dataclasses.dataclass
class Page:
    """An answer."""

    url: str
    kind: str
    content: bytes

    def json(self) -> dict:
        return json.loads(self.content)

    def links(self) -> dict:
        """What pip makes of it, by file name."""
        links = parse_links(IndexContent(self.content, self.kind, "utf-8", self.url, cache_link_parsing=False))
        return {link.filename: link for link in links}


class Asker:
    """Asks one after the other, and once more where nobody answers."""

    def __init__(self, verify: str | bool) -> None:
        self.session = requests.Session()
        self.session.verify = verify

    def page(self, index: str, name: str, kind: str) -> Page:
        url = f"{index.rstrip('/')}/{name}/"
        for attempt in range(4):
            try:
                answer = self.session.get(url, headers={"Accept": kind}, timeout=60)
                # A gateway that is still asking says so.
                if answer.status_code not in (500, 502, 503, 504) or attempt == 3:
                    break
            except requests.RequestException:
                if attempt == 3:
                    raise
            time.sleep(2 + attempt)
        answer.raise_for_status()
        return Page(answer.url, answer.headers["Content-Type"], answer.content)


class Strict(html.parser.HTMLParser):
    """Reads a page and takes nothing that the specifications do not know."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.files: list[dict] = []
        self.meta: dict = {}
        self.text: str | None = None
        self.unknown: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        found = dict(attrs)
        if len(found) != len(attrs):
            self.unknown.add(f"an attribute twice in <{tag}>")
        if tag == "a":
            self.unknown.update(set(found) - ATTRIBUTES)
            self.files.append(found)
            self.text = ""
        elif tag == "meta" and found.get("name") in META:
            self.meta[found["name"]] = found.get("content")

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.text is not None:
            self.files[-1]["filename"] = self.text
            self.text = None


def at(text: str | None) -> datetime.datetime | None:
    return None if text is None else datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def metadata_of(file: dict):
    value = file.get("core-metadata", file.get("data-dist-info-metadata", False))
    return value if value else False


def is_for_nobody(filename: str, name: str) -> bool:
    """Whether no installer takes a file of this name: no version can be read from it, in pip's way of reading."""
    try:
        if filename.endswith(".whl"):
            parse_wheel_filename(filename)
        elif ARCHIVE.search(filename):
            Version(_extract_version_from_fragment(ARCHIVE.sub("", filename), name))
        else:
            return True
    except ValueError:
        return True
    return False


def has_all(direct: dict, ours: dict, found: dict) -> list[str]:
    """Whether the gateway's page has everything that the index's page has."""
    wrong = []
    listed = {file["filename"]: file for file in ours["files"]}
    if ours["name"] != direct["name"]:
        wrong.append(f"name: {direct['name']} {ours['name']}")
    if direct.get("project-status", {}).get("status", "active") != ours.get("project-status", {}).get("status", "active"):
        wrong.append("project-status")
    for file in direct["files"]:
        filename = file["filename"]
        own = listed.pop(filename, None)
        if own is None:
            if is_for_nobody(filename, direct["name"]):
                found["left-out"] = found.get("left-out", 0) + 1
            else:
                wrong.append(f"{filename}: missing")
            continue
        if own["_pinproof"]["admission"] != "admitted" or own["_pinproof"].get("changed"):
            wrong.append(f"{filename}: {own['_pinproof']}")
        for key, value in file.items():
            if key in NOT_PASSED_ON:
                found[key] = found.get(key, 0) + bool(value)
            elif key == "url":
                if posixpath.basename(urllib.parse.urlsplit(own["url"]).path) != urllib.parse.quote(filename, safe="-._~+!"):
                    wrong.append(f"{filename}: url {own['url']}")
            elif key == "provenance":
                # It is handed on under an address of the gateway's own.
                if bool(value) != bool(own.get(key)):
                    wrong.append(f"{filename}: {key} {value!r} {own.get(key)!r}")
            elif key == "upload-time":
                if at(own.get(key)) != at(value):
                    wrong.append(f"{filename}: {key} {value} {own.get(key)}")
            elif key in ("core-metadata", "data-dist-info-metadata", "dist-info-metadata"):
                if value and not metadata_of(own):
                    found["metadata-dropped"] = found.get("metadata-dropped", 0) + 1
            elif key == "requires-python":
                if (own.get(key) or None) != (value or None):
                    wrong.append(f"{filename}: {key} {value!r} {own.get(key)!r}")
            elif own.get(key) != value:
                wrong.append(f"{filename}: {key} {value!r} {own.get(key)!r}")
    wrong.extend(f"{filename}: not listed by its index" for filename in listed)
    return wrong


def same_forms(ours: Page, shown: Page) -> list[str]:
    """Whether the two forms of the gateway's page say the same."""
    wrong = []
    page, strict = ours.json(), Strict()
    strict.feed(shown.content.decode("utf-8"))
    strict.close()
    wrong.extend(f"html: unknown attribute {name}" for name in sorted(strict.unknown))
    if strict.meta.get("pypi:repository-version") != page["meta"]["api-version"]:
        wrong.append("html: repository-version")
    if strict.meta.get("pypi:project-status") != page.get("project-status", {}).get("status"):
        wrong.append("html: project-status")
    if len(strict.files) != len(page["files"]):
        wrong.append(f"html: {len(strict.files)} files, json: {len(page['files'])}")
    for anchor, file in zip(strict.files, page["files"]):
        filename = file["filename"]
        metadata = metadata_of(file)
        expected = {
            "filename": filename,
            "href": f"{file['url']}#sha256={file['hashes']['sha256']}",
            "data-requires-python": file.get("requires-python"),
            "data-yanked": None if file["yanked"] is False else "" if file["yanked"] is True else file["yanked"],
            "data-provenance": file.get("provenance"),
            "data-core-metadata": f"sha256={metadata['sha256']}" if metadata else None,
            "data-dist-info-metadata": f"sha256={metadata['sha256']}" if metadata else None,
        }
        for key, value in expected.items():
            if anchor.get(key) != value:
                wrong.append(f"{filename}: html {key} {anchor.get(key)!r}, json {value!r}")
    return wrong


def as_pip_reads(pages: dict[str, Page], project: str) -> list[str]:
    """Whether pip reads the same from all three."""
    wrong = []
    read = {form: page.links() for form, page in pages.items()}
    facts = {
        form: {
            name: (dict(link._hashes).get("sha256"), link.requires_python or None, link.yanked_reason)
            for name, link in links.items()
            if not is_for_nobody(name, project)
        }
        for form, links in read.items()
    }
    for form in ("json", "html"):
        if facts[form] != facts["direct"]:
            odd = [name for name in facts["direct"] if facts["direct"][name] != facts[form].get(name)]
            wrong.append(f"pip reads {form} otherwise: {odd[:5]} {[facts['direct'][n] for n in odd[:1]]} {[facts[form].get(n) for n in odd[:1]]}")
    return wrong


def compare(asker: Asker, direct: str, gateway: str, name: str, found: dict) -> list[str]:
    """Everything that differs about one project."""
    there = asker.page(direct, name, JSON)
    ours = asker.page(gateway, name, JSON)
    shown = asker.page(gateway, name, HTML)
    files = there.json()["files"]
    found["files"] = found.get("files", 0) + len(files)
    if not any(file["filename"].endswith(".whl") for file in files):
        found.setdefault("without-wheels", []).append(name)
    wrong = has_all(there.json(), ours.json(), found)
    wrong += same_forms(ours, shown)
    wrong += as_pip_reads({"direct": there, "json": ours, "html": shown}, name)
    return wrong
