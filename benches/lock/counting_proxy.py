"""An index on loopback that hands on the answers of another one, and counts requests and bytes.

Pages lead to files through it, so requests for metadata and for parts of files are counted too. Answers
are handed on as they are, but for these addresses; bytes are those that the index sent, compressed or not.
"""

from __future__ import annotations

import collections
import gzip
import http.client
import json
import ssl
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ASKED = ("Accept", "Accept-Encoding", "Range", "If-None-Match", "If-Modified-Since", "User-Agent")
SAID = ("Content-Type", "Content-Range", "Accept-Ranges", "ETag", "Last-Modified", "Cache-Control")
ATTEMPTS = 4
JSON = "application/vnd.pypi.simple.v1+json"


class Counts:
    """What was asked for, by kind."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests: collections.Counter[str] = collections.Counter()
        self.bytes = 0

    def add(self, kind: str, size: int) -> None:
        with self.lock:
            self.requests[kind] += 1
            self.bytes += size

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.requests.items()))
        return f"{self.requests.total()} requests ({kinds}), {self.bytes / 1e6:.1f} MB"


class CountingProxy:
    """Serves the index at `upstream` under `index`, within a `with`."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.rstrip("/") + "/"
        self.counts = Counts()
        self.kept = threading.local()
        self.tls = ssl.create_default_context()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True

    def __enter__(self) -> CountingProxy:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def index(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/simple/"

    def address(self, path: str) -> str:
        """The address upstream of a path here."""
        if path.startswith("/simple/"):
            return urllib.parse.urljoin(self.upstream, path.removeprefix("/simple/"))
        quoted, name = path.removeprefix("/file/").split("/", 1)
        ending = ".metadata" if name.endswith(".metadata") else ""
        return urllib.parse.unquote(quoted) + ending

    def ask(self, method: str, path: str, headers: dict[str, str]):
        """The answer from upstream: status, headers, body."""
        url = urllib.parse.urlsplit(self.address(path))
        target = urllib.parse.urlunsplit(("", "", url.path, url.query, ""))
        for attempt in range(ATTEMPTS):
            connection = self.connection(url)
            try:
                connection.request(method, target, headers=headers)
                answer = connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                if attempt + 1 == ATTEMPTS:
                    raise
        raise AssertionError

    def connection(self, url: urllib.parse.SplitResult) -> http.client.HTTPConnection:
        """One connection for each thread and host: a thread serves one connection of a client."""
        kept = self.kept.__dict__.setdefault("connections", {})
        if url.netloc not in kept:
            is_plain = url.scheme == "http"
            kept[url.netloc] = (
                http.client.HTTPConnection(url.netloc, timeout=60)
                if is_plain
                else http.client.HTTPSConnection(url.netloc, timeout=60, context=self.tls)
            )
        return kept[url.netloc]


def kind_of(method: str, path: str, has_range: bool) -> str:
    if path.startswith("/simple/"):
        return "pages"
    if path.endswith(".metadata"):
        return "metadata files"
    if has_range:
        return "parts of wheels"
    return "heads of wheels" if method == "HEAD" else "whole files"


def leading_here(page: bytes, base: str) -> bytes:
    """A page whose files are fetched through the proxy."""
    page = json.loads(page)
    for file in page["files"]:
        url = urllib.parse.urljoin(base, file["url"])
        file["url"] = f"/file/{urllib.parse.quote(url, safe='')}/{file['filename']}"
    return json.dumps(page).encode()


def handler(proxy: CountingProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.hand_on("HEAD")

        def do_GET(self) -> None:
            self.hand_on("GET")

        def hand_on(self, method: str) -> None:
            headers = {name: self.headers[name] for name in ASKED if self.headers[name]}
            is_page = self.path.startswith("/simple/")
            if is_page:
                headers["Accept"] = JSON
            # Others than gzip cannot be taken apart here.
            if "gzip" in headers.pop("Accept-Encoding", ""):
                headers["Accept-Encoding"] = "gzip"
            status, said, body = proxy.ask(method, self.path, headers)
            proxy.counts.add(kind_of(method, self.path, "Range" in headers), len(body))
            if is_page and status == 200:
                is_zipped = said["Content-Encoding"] == "gzip"
                plain = gzip.decompress(body) if is_zipped else body
                body = leading_here(plain, proxy.address(self.path))
            self.answer(method, status, said, body)

        def answer(self, method: str, status: int, said, body: bytes) -> None:
            self.send_response(status)
            names = [name for name in SAID if said[name]]
            if not self.path.startswith("/simple/") and said["Content-Encoding"]:
                names.append("Content-Encoding")
            for name in names:
                self.send_header(name, said[name])
            length = said["Content-Length"] if method == "HEAD" else len(body)
            if status not in (204, 304):
                self.send_header("Content-Length", str(length or 0))
            self.end_headers()
            if method != "HEAD":
                self.wfile.write(body)

    return Handler
