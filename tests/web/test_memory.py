"""The process of the server stays small beside the images it shows."""

import urllib.parse
import urllib.request

import numpy as np
import psutil
import pytest

from gazo.core.image import Image
from gazo.io import write
from gazo.runs.sets import DataSet, keep, new_set_folder, now
from gazo.runs.sets_table import write_base

pytestmark = pytest.mark.slow

SIDE, COUNT = 2048, 24
LIMIT_BYTES = 300 << 20


def test_looking_through_a_set_of_large_images_keeps_the_server_small(served, place):
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        pixels = rng.integers(0, 4096, (SIDE, SIDE), dtype=np.uint16)
        write(Image(pixels, spacing_mm=(0.2, 0.2)), making / "files" / f"{number + 1:06d}.png")
    write_base({"file": [f"{n + 1:06d}.png" for n in range(COUNT)]}, making)
    keep(DataSet(id=id, name="大きな画像", created=now(), origin="upload", folder="files", rows=COUNT), making, place)
    for path in ("/api/catalog", "/api/sets", "/api/runs", "/api/design/blocks", "/api/train", f"/api/sets/{id}"):
        with urllib.request.urlopen(served.address + path, timeout=60) as answer:
            answer.read()
    for row in range(COUNT):
        for path in ("raw", "thumbnail"):
            address = urllib.parse.quote(f"set:{id}:{row}")
            with urllib.request.urlopen(f"{served.address}/api/images/{path}?address={address}", timeout=60) as answer:
                assert len(answer.read()) > 1000
    shown = 3 * SIDE * SIDE * 2  # three linked views
    assert psutil.Process(served.process.pid).memory_info().rss <= LIMIT_BYTES + shown
