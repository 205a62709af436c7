"""The servers of the benchmark: each in a folder of its own, before the same upstream, pinned to one core.

A server knows how it is started, where its pages are, and what its processes have used so far. Everything listens on
loopback, and whatever was started is ended with the script.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

SERVER_CORE = "0"
TICKS = os.sysconf("SC_CLK_TCK")
JSON = "application/vnd.pypi.simple.v1+json"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def request(url: str, method: str = "GET", headers: dict[str, str] | None = None, body: object = None):
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, method=method, headers=headers or {}, data=data)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(asked, timeout=60) as answer:
        return answer.status, dict(answer.headers), answer.read()


class Server:
    """A process that answers, with whatever it starts."""

    name = "server"
    core: str | None = SERVER_CORE

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder / self.name
        self.folder.mkdir(parents=True)
        self.log = open(self.folder / "server.log", "w")
        self.process: subprocess.Popen | None = None
        self.url = ""

    def start(self, command: list[str | os.PathLike[str]], **more) -> None:
        pinned = ["taskset", "-c", self.core] if self.core else []
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **more.pop("env", {})}
        self.process = subprocess.Popen(
            [*pinned, *command], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, start_new_session=True, **more,
        )

    def start_and_read(self, command: list[str | os.PathLike[str]], **more) -> None:
        """Starts what says on its first line where it answers."""
        self.start(command, **more)
        for _ in range(600):
            said = re.search(r"answering at (http://\S+)", (self.folder / "server.log").read_text())
            if said:
                self.url = said[1]
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit(f"{self.name} does not start:\n{(self.folder / 'server.log').read_text()}")

    def wait_for(self, url: str, accept: str = "*/*", seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                request(url, headers={"Accept": accept})
                return
            except OSError as error:
                if time.monotonic() > end or self.process.poll() is not None:
                    said = (self.folder / "server.log").read_text()[-2000:]
                    raise SystemExit(f"{self.name} gives no answer at {url}: {error}\n{said}") from None
            time.sleep(0.2)

    def stop(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None
        self.log.close()

    def processes(self) -> list[int]:
        """It, and what it started."""
        parents = {}
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(path.parent.name)] = int(path.read_text().rsplit(") ", 1)[1].split()[1])
        tree = [self.process.pid]
        for pid in tree:
            tree.extend(child for child, parent in parents.items() if parent == pid)
        return tree

    def cpu(self) -> float:
        """Seconds of CPU time so far."""
        ticks = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def wait_until_idle(self) -> None:
        """A slow server still works for clients that have gone."""
        for _ in range(60):
            before = self.cpu()
            time.sleep(0.25)
            if self.cpu() - before < 0.05:
                return

    def memory(self) -> float:
        """MiB of memory now; what processes share counts once."""
        kib = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                kib += int(re.search(r"(?m)^Pss:\s+(\d+)", text)[1])
        return kib / 1024

    def most_memory(self) -> float:
        """MiB of memory at the worst moment since it was started, of the process itself."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"(?m)^VmHWM:\s+(\d+)", text)[1]) / 1024

    def page(self, project: str) -> str:
        raise NotImplementedError

    def file(self, filename: str) -> str:
        """The address of a file, as the page of its project says it."""
        project = filename.split("-")[0].replace("_", "-")
        page = self.page(project)
        _, _, body = request(page, headers={"Accept": JSON})
        for file in json.loads(body)["files"]:
            if file["filename"] == filename:
                return urllib.parse.urljoin(page, file["url"]).split("#")[0]
        raise SystemExit(f"{self.name} does not list {filename}")


class Upstream(Server):
    """The index that everybody asks; it is on no core of its own."""

    core = None

    def __init__(self, folder: pathlib.Path, peers: pathlib.Path, data: pathlib.Path, late: int) -> None:
        self.name = f"upstream-{late}ms"
        super().__init__(folder)
        self.start_and_read([peers, "upstream", data, str(late)])
        self.index = f"{self.url}/simple/"

    def page(self, project: str) -> str:
        return f"{self.index}{project}/"


class Bare(Server):
    """axum alone."""

    name = "bare axum"

    def __init__(self, folder: pathlib.Path, peers: pathlib.Path, page: pathlib.Path) -> None:
        super().__init__(folder)
        self.start_and_read([peers, "bare", page])

    def page(self, project: str) -> str:
        return f"{self.url}/page"


class Pinproof(Server):
    """The gateway, as its users start it: preset `recommended`, advisories, decision log and a line for each request."""

    name = "pinproof"

    def __init__(self, folder: pathlib.Path, binary: pathlib.Path, upstream: Upstream, database: pathlib.Path,
                 name: str = "pinproof", core: str | None = SERVER_CORE) -> None:
        self.name, self.core = name, core
        super().__init__(folder)
        (self.folder / "pinproof.toml").write_text('preset = "recommended"\n')
        self.start_and_read([binary, "serve", "--listen", "127.0.0.1:0", "--data", "data", "--db", database,
                             "--index-url", upstream.index])
        self.wait_for(f"{self.url}/ready")

    def page(self, project: str) -> str:
        return f"{self.url}/simple/{project}/"


class Devpi(Server):
    """devpi-server with one mirror."""

    name = "devpi"

    def __init__(self, folder: pathlib.Path, tools: pathlib.Path, upstream: Upstream) -> None:
        super().__init__(folder)
        data, port = self.folder / "data", free_port()
        subprocess.run([tools / "devpi-init", "--serverdir", data, "--no-root-pypi"], check=True, stdout=self.log,
                       stderr=self.log)
        self.start([tools / "devpi-server", "--serverdir", data, "--host", "127.0.0.1", "--port", str(port)])
        self.url = f"http://127.0.0.1:{port}"
        self.wait_for(f"{self.url}/+api")
        _, _, body = request(f"{self.url}/+login", "POST", body={"user": "root", "password": ""})
        password = json.loads(body)["result"]["password"]
        auth = {"X-Devpi-Auth": base64.b64encode(f"root:{password}".encode()).decode()}
        mirror = {"type": "mirror", "volatile": True, "mirror_url": upstream.index}
        request(f"{self.url}/root/mirror", "PUT", auth, mirror)
        # It knows no project before it has read the list of all of them.
        self.wait_for(self.page("flask"), JSON)

    def page(self, project: str) -> str:
        return f"{self.url}/root/mirror/+simple/{project}/"


class Proxpi(Server):
    """proxpi in gunicorn, with one worker of eight threads."""

    name = "proxpi"

    def __init__(self, folder: pathlib.Path, tools: pathlib.Path, upstream: Upstream) -> None:
        super().__init__(folder)
        port = free_port()
        serve = [tools / "gunicorn", "--workers", "1", "--threads", "8", "--bind", f"127.0.0.1:{port}"]
        variables = {"PROXPI_INDEX_URL": upstream.index, "PROXPI_CACHE_DIR": str(self.folder / "cache"),
                     "HOME": str(self.folder)}
        (self.folder / "cache").mkdir()
        self.start([*serve, "proxpi.server:app"], env=variables)
        self.url = f"http://127.0.0.1:{port}"
        self.wait_for(self.page("flask"), JSON)

    def page(self, project: str) -> str:
        return f"{self.url}/index/{project}/"
