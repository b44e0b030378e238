"""A workbench of its own for a proof: a server on a free port, an empty workspace, and requests as the page makes them."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError

from gazo.core.errors import RunError
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent

_PATIENCE_S = 600.0


@dataclass(frozen=True)
class Bench:
    """Requests to a server. An answer that is an error is returned as its JSON, with its code."""

    address: str
    place: Path
    on_event: OnEvent

    def get(self, path: str) -> Any:
        return self._asked(urllib.request.Request(self.address + path))

    def post(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        content = json.dumps({} if body is None else body).encode()
        return self._asked(self._request(path, content, "application/json", method))

    def send(self, path: str, files: Mapping[str, bytes]) -> Any:
        """Upload files under names, as a form does."""
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n"
            for name, content in files.items()
        ]
        content = b"".join(parts) + f"--{mark}--\r\n".encode()
        return self._asked(self._request(path, content, f"multipart/form-data; boundary={mark}", "POST"))

    def job(self, path: str, begun: Mapping[str, Any]) -> Any:
        """The result of short work that was begun."""
        status = self.wait(f"{path}/{begun['job']}", lambda found: found["state"] != "running")
        if status["error"]:
            error = status["error"]
            raise RunError(error["code"], en=error["en"], ja=error["ja"])
        return status["result"]

    def finished(self, run: str) -> dict[str, Any]:
        """A run when it has ended."""
        return self.wait(f"/api/runs/{run}", lambda found: found["state"] in ("finished", "failed", "stopped", "cancelled"))

    def wait(self, path: str, done: Any) -> Any:
        """Ask again and again until `done` says so."""
        until = time.monotonic() + _PATIENCE_S
        while not done(found := self.get(path)):
            self.on_event(Event(Text("待っています", "Waiting")))
            if time.monotonic() > until:
                raise RunError(
                    "G-WEB-030",
                    en=f"'{path}' was not done within {_PATIENCE_S / 60:g} minutes. Try again when the machine is less busy.",
                    ja=f"「{path}」が {_PATIENCE_S / 60:g} 分以内に終わりませんでした。コンピューターが空いているときにやり直してください。",
                )
            time.sleep(0.3)
        return found

    def _request(self, path: str, content: bytes, kind: str, method: str) -> urllib.request.Request:
        headers = {"Content-Type": kind, "Origin": self.address}
        return urllib.request.Request(self.address + path, content, headers, method=method)

    def _asked(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as error:
            return json.loads(error.read())


@contextmanager
def workbench(on_event: OnEvent) -> Iterator[Bench]:
    """A server in a thread for the length of the block; the workspace is removed after it."""
    import uvicorn

    from gazo.runs.workspace import workspace
    from gazo.web.app import create_app

    with TemporaryDirectory(prefix="gazo-", ignore_cleanup_errors=True) as folder, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        place = workspace(Path(folder) / "作業")
        server = uvicorn.Server(uvicorn.Config(create_app(place), log_level="error", access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        try:
            yield Bench(f"http://127.0.0.1:{listening.getsockname()[1]}", place, on_event)
        finally:
            server.should_exit = True
            thread.join(10)
