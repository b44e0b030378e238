"""A workspace, requests to its server, and a browser that looks at it."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from gazo.web.app import bundle, create_app


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """An empty workspace under a Japanese name."""
    from gazo.runs.workspace import workspace

    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "作業 フォルダ"))
    return workspace(tmp_path / "作業 フォルダ")


@pytest.fixture
def client(place):
    """Requests as the page makes them."""
    from starlette.testclient import TestClient

    with TestClient(create_app(place), base_url="http://127.0.0.1", raise_server_exceptions=False) as made:
        yield made


class Server:
    """``gazo app`` in a process of its own."""

    def __init__(self, place: Path, log: Path) -> None:
        self.place, self.log, self.port = place, log, _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it, again after `kill`, and wait until it answers."""
        command = [sys.executable, "-m", "gazo.cli.main", "app", "--no-browser", "--port", str(self.port)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*command, "--workspace", str(self.place)], stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text("utf-8")
            assert time.monotonic() < deadline, "the server did not answer within a minute"
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/api/version", timeout=2):
                return True
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def served(place, tmp_path):
    """A live server with the page."""
    if not (bundle() / "index.html").is_file():
        pytest.skip("the page was not built in this checkout: `npm ci && npm run build` in frontend")
    server = Server(place, tmp_path / "server.log")
    yield server
    server.process.terminate()
    server.process.wait(10)


@pytest.fixture(scope="session")
def chromium():
    """A browser without a window and without WebGL."""
    sync_api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium on the path")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--disable-gpu", "--disable-webgl", "--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Opens pages: ``open_page(language="en", size=(1920, 1080))``; a page that had an error in its console fails the test."""
    contexts, faults = [], []

    def make(language="ja", size=(1366, 768), theme="dark"):
        context = chromium.new_context(
            locale={"ja": "ja-JP", "en": "en-GB"}[language],
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            accept_downloads=True,
        )
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        contexts.append(context)
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_page):
    """A Japanese page of 1366 x 768."""
    return open_page()
