"""Start the workbench and open the browser on it."""

from __future__ import annotations

import secrets
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Any

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.web.app import create_app, need_bundle
from gazo.web.safety import LOOPBACK

PORT = 8642


def serve(place: Path, *, host: str = "127.0.0.1", port: int | None = None, browser: bool = True, first: str = "/home") -> None:
    """Serve a workspace until Ctrl-C. An address beyond this machine needs the token that is printed."""
    import uvicorn

    need_bundle()
    listening = _listening(host, port)
    number = listening.getsockname()[1]
    token = "" if host in LOOPBACK else secrets.token_urlsafe(24)
    shown = "127.0.0.1" if host in ("localhost", "::1") else host
    address = f"http://{shown}:{number}{first}" + (f"?token={token}" if token else "")
    app = create_app(place, hosts=(*LOOPBACK, host), token=token)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    print(Text(f"gazo: {address}\n止めるには Ctrl-C を押します。実行中の学習は止まりません。", f"gazo: {address}\nStop with Ctrl-C; training that was started goes on."), file=sys.stderr, flush=True)  # fmt: skip
    if browser:
        threading.Thread(target=_open_when_ready, args=(server, address), daemon=True).start()
    server.run(sockets=[listening])


def _open_when_ready(server: Any, address: str) -> None:
    while not server.started:
        threading.Event().wait(0.05)
    webbrowser.open(address)


def _listening(host: str, port: int | None) -> socket.socket:
    """A socket on the port that was asked for, or on the usual one, or, when that is taken, on any."""
    for number in (PORT, 0) if port is None else (port,):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        found = socket.socket(family, socket.SOCK_STREAM)
        try:
            if sys.platform != "win32":
                found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((host, number))
        except OSError:
            found.close()
        else:
            return found
    raise OptionError(
        "G-WEB-021",
        en=f"the address {host}:{port or PORT} cannot be used; another program may hold it. Choose another --port.",
        ja=f"アドレス {host}:{port or PORT} は使えません。ほかのプログラムが使用中かもしれません。--port で別の番号を指定してください。",
    )
