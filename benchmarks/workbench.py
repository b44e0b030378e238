"""`gazo app` in a process of its own, on a free port."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def served(place: Path) -> tuple[subprocess.Popen, str]:
    """The server of a workspace, when it answers, and its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "gazo.cli.main", "app", "--no-browser", "--port", str(port), "--workspace", str(place)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/api/version", timeout=1).close()
            return server, address
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start; is the page built?")
