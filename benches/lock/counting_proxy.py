"""A proxy on loopback in front of an index: it counts requests and bytes, and changes no answer.

File addresses in pages lead through it too, so that requests for metadata and files are counted.
"""

from __future__ import annotations

import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASSED_ON = ("Accept", "Range", "User-Agent")
ANSWERED = ("Content-Type", "Content-Range", "Accept-Ranges", "ETag", "Last-Modified")


class Counts:
    """What went through, by kind of request."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests: dict[str, int] = {}
        self.bytes = 0

    def add(self, kind: str, size: int) -> None:
        with self.lock:
            self.requests[kind] = self.requests.get(kind, 0) + 1
            self.bytes += size

    @property
    def total(self) -> int:
        return sum(self.requests.values())


class Proxy:
    """Serves `/simple/` from `upstream` until it is closed."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.rstrip("/") + "/"
        self.counts = Counts()
        self.tls = ssl.create_default_context()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def index(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/simple/"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def address(self, path: str) -> str:
        if path.startswith("/simple/"):
            return urllib.parse.urljoin(self.upstream, path.removeprefix("/simple/"))
        return urllib.parse.unquote(path.removeprefix("/file/").split("/", 1)[0])

    def rewrite(self, body: bytes, base: str) -> bytes:
        """Leads absolute addresses of files through the proxy, each to its own path."""
        text = body.decode()
        import json

        page = json.loads(text)
        for file in page.get("files", []):
            url = urllib.parse.urljoin(base, file["url"])
            file["url"] = f"/file/{urllib.parse.quote(url, safe='')}/{file['filename']}"
        return json.dumps(page).encode()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_HEAD(self) -> None:
                self.forward("HEAD")

            def do_GET(self) -> None:
                self.forward("GET")

            def forward(self, method: str) -> None:
                is_metadata = self.path.endswith(".metadata")
                url = proxy.address(self.path) + (".metadata" if is_metadata else "")
                headers = {name: self.headers[name] for name in PASSED_ON if self.headers[name]}
                is_page = self.path.startswith("/simple/")
                if is_page:
                    headers["Accept"] = "application/vnd.pypi.simple.v1+json"
                request = urllib.request.Request(url, headers=headers, method=method)
                try:
                    with urllib.request.urlopen(request, context=proxy.tls, timeout=60) as answer:
                        status, body, said = answer.status, answer.read(), answer.headers
                except urllib.error.HTTPError as error:
                    status, body, said = error.code, error.read(), error.headers
                kind = "page" if is_page else ".metadata" if is_metadata else method.lower()
                kind += " of a part" if self.headers["Range"] else ""
                proxy.counts.add(kind, len(body))
                if is_page and status == 200:
                    body = proxy.rewrite(body, url)
                self.send_response(status)
                for name in ANSWERED:
                    if said[name]:
                        self.send_header(name, said[name])
                length = said["Content-Length"] if method == "HEAD" else str(len(body))
                self.send_header("Content-Length", length or "0")
                self.end_headers()
                if method == "GET":
                    self.wfile.write(body)

        return Handler
