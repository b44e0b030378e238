"""One image, one operation, three doors: Python, the command line and the web give the same pixels, whatever the spacing."""

import json

import numpy as np
import pytest

from gazo.cli.main import main
from gazo.core.image import Image
from gazo.io.files import read, write
from gazo.runs.inputs import operation_named
from gazo.runs.workspace import workspace

CASES = [
    ("unsharp-mask", {"radius_mm": 1.3, "amount": 2.5}),
    ("dynamic-range-compression", {"radius_mm": 2.0, "low_threshold": 1500.0, "low_strength": 0.5}),
    ("multi-frequency-processing", {"gains": [1.0, 0.5, 0.25]}),
    ("clahe", {"tiles": 4}),
    ("median", {"size_px": 5}),
    ("gaussian", {"sigma_px": 1.7, "way": "fast"}),
    ("flexible-noise-control", {"strength": 0.8, "bands": 2}),
]


@pytest.fixture(params=[0.1, 0.2], ids=lambda mm: f"{mm} mm")
def image(request, tmp_path):
    """A file with detail of every size."""
    rows, columns = np.mgrid[:160, :192]
    values = 2000 + 900 * np.sin(rows / 21) * np.cos(columns / 13) + np.random.default_rng(8).normal(0, 40, (160, 192))
    made = Image(np.clip(values, 0, 4095).astype(np.uint16), spacing_mm=(request.param, request.param))
    path = tmp_path / "画像 ①.tif"
    write(made, path)
    return path


@pytest.fixture
def web(tmp_path, image):
    """Requests to a server whose workspace holds the image as file:0a1b2c3d."""
    from starlette.testclient import TestClient

    from gazo.web.app import create_app

    place = workspace(tmp_path / "作業")
    folder = place / "data" / "files" / "0a1b2c3d"
    folder.mkdir(parents=True)
    (folder / "a.tif").write_bytes(image.read_bytes())
    with TestClient(create_app(place), base_url="http://127.0.0.1") as made:
        yield made


@pytest.mark.parametrize(("name", "options"), CASES, ids=[case[0] for case in CASES])
def test_three_doors_give_the_same_pixels(name, options, image, web, tmp_path):
    entry = operation_named(name, "process")
    made = entry.target(read(image), **{k: tuple(v) if isinstance(v, list) else v for k, v in options.items()})
    by_python = (made if isinstance(made, Image) else made.image).pixels.astype(np.float32)

    words = [
        word for k, v in options.items() for word in (f"--{k.replace('_', '-')}", *map(str, v if isinstance(v, list) else [v]))
    ]
    out = tmp_path / "out.tif"
    assert main(["process", name, str(image), str(out), *words]) == 0
    assert np.array_equal(read(out).pixels.astype(np.float32), by_python)

    asked = {"address": "file:0a1b2c3d", "steps": [{"operation": name, "options": options}]}
    address = web.post("/api/live", json=asked).json()["address"]
    answer = web.get("/api/images/raw", params={"address": address, "exact": True})
    shape = json.loads(answer.headers["x-gazo-image"])["shape"]
    assert np.array_equal(np.frombuffer(answer.content, "<f4").reshape(shape), by_python)


def test_the_spacing_of_the_image_matters(image, web):
    """Were it lost on the way, the test above would compare like with like and see nothing."""
    pixels = read(image).pixels
    other = operation_named("unsharp-mask", "process").target(Image(pixels, spacing_mm=(0.7, 0.7)), radius_mm=1.3).pixels
    asked = {"address": "file:0a1b2c3d", "steps": [{"operation": "unsharp-mask", "options": {"radius_mm": 1.3}}]}
    address = web.post("/api/live", json=asked).json()["address"]
    answer = web.get("/api/images/raw", params={"address": address, "exact": True})
    assert np.abs(np.frombuffer(answer.content, "<f4").reshape(pixels.shape) - other).max() > 50


def test_random_operations_draw_the_same_numbers(image, web, tmp_path):
    """A batch draws from the content of the file; the live lane must too, or the image in view would not be the one that is kept."""
    (tmp_path / "nps.csv").write_text("f [1/mm],NPS\n0,0.5\n2.5,0.5\n5,0.5\n10,0.5\n")
    with open(tmp_path / "nps.csv", "rb") as file:
        word = web.post("/api/uploads/result", files={"files": ("nps.csv", file, "text/csv")}).json()["word"]
    options = {"dose_fraction": 0.25, "reference_value": 2000.0}
    asked = {
        "address": "file:0a1b2c3d",
        "steps": [{"operation": "simulate-dose-reduction", "options": options}],
        "others": {"nps": word},
    }
    told = web.post("/api/live", json=asked).json()
    answer = web.get("/api/images/raw", params={"address": told["address"], "exact": True})
    out = tmp_path / "out.tif"
    words = ["--nps", str(tmp_path / "nps.csv"), "--dose-fraction", "0.25", "--reference-value", "2000"]
    assert main(["process", "simulate-dose-reduction", str(image), str(out), *words]) == 0
    made = read(out).pixels.astype(np.float32)
    assert np.array_equal(np.frombuffer(answer.content, "<f4").reshape(made.shape), made)
