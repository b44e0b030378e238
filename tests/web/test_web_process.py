"""The process of the web server stays light."""

import subprocess
import sys

HEAVY = ("torch", "timm", "torchvision", "sklearn", "matplotlib.pyplot", "monai")


def test_the_server_starts_without_torch(place):
    code = (
        "import sys, pathlib; from gazo.web.app import create_app; from starlette.testclient import TestClient\n"
        f"client = TestClient(create_app(pathlib.Path({str(place)!r})), base_url='http://127.0.0.1')\n"
        "client.get('/api/catalog'); client.get('/api/runs'); client.get('/api/sets'); client.get('/api/jobs')\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
