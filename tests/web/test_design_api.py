"""The designer over HTTP: palette, check, cures, Python, kept designs, training of a posted design."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image as Pillow

from gazo.nets.design import KINDS, PRESETS, preset, to_json

ORIGIN = {"origin": "http://127.0.0.1"}


@pytest.fixture
def post(client):
    def send(path, **body):
        return client.post(path, json=body, headers=ORIGIN)

    return send


def test_the_palette_has_a_form_for_every_option(client):
    told = client.get("/api/design/blocks").json()
    assert [kind["name"] for kind in told["kinds"]] == list(KINDS)
    assert {kind["group"] for kind in told["kinds"]} == {group["name"] for group in told["groups"]}
    for kind in told["kinds"]:
        assert kind["label"]["ja"]
        assert kind["label"]["en"]
        assert [option["name"] for option in kind["options"]] == list(kind["defaults"])
        assert all(option["label"]["ja"] and option["label"]["en"] for option in kind["options"])


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_ready(client, post, name):
    design = client.get(f"/api/design/presets/{name}").json()
    found = post("/api/design/check", design=design).json()
    assert found["problems"] == []
    assert found["ready"]
    assert found["blocks"][found["order"][-1]]["shape"]


def test_a_problem_comes_with_its_cure(post):
    design = to_json(preset("lenet").with_options("output-1", {"count": 4}))
    found = post("/api/design/check", design=design).json()
    assert not found["ready"]
    (problem,) = found["problems"]
    assert "出力 1" in problem["text"]["ja"]
    assert "Output 1" in problem["text"]["en"]
    mended = post("/api/design/edit", design=design, edits=problem["fix"]["edits"]).json()
    assert post("/api/design/check", design=mended).json()["ready"]


def test_the_check_is_quick(post):
    """Pure Python: no torch is asked. Tens of milliseconds here even on a busy machine; the bar is far above."""
    design = to_json(preset("unet"))
    post("/api/design/check", design=design)
    times = []
    for _ in range(5):
        begun = time.process_time()
        post("/api/design/check", design=design)
        times.append(time.process_time() - begun)
    assert min(times) < 0.25


def test_designs_are_kept_renamed_and_deleted(client, post):
    design = to_json(preset("resnet18"))
    assert client.put("/api/designs/胸部 ①", json={"design": design}, headers=ORIGIN).json() == {"name": "胸部 ①"}
    kept = client.get("/api/designs/胸部 ①").json()
    assert kept["blocks"] == design["blocks"]
    assert post("/api/designs/胸部 ①/rename", name="肺").json() == {"name": "肺"}
    assert [one["name"] for one in client.get("/api/designs").json()] == ["肺"]
    client.delete("/api/designs/肺", headers=ORIGIN)
    assert client.get("/api/designs").json() == []
    assert client.get("/api/designs/肺").json()["code"] == "G-DSG-014"


@pytest.mark.parametrize("name", ["..%2Fx", "%2e%2e", "a%5Cb", ".x", "con"])
def test_a_name_is_no_path(client, place, name):
    before = sorted(place.rglob("*"))
    answer = client.put(f"/api/designs/{name}", json={"design": to_json(preset("lenet"))}, headers=ORIGIN)
    assert answer.status_code in (400, 404, 405)
    assert sorted(p for p in place.rglob("*") if p.name != "designs") == [p for p in before if p.name != "designs"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"design": []},
        {"design": {"format": 1}},
        {"design": {"format": 1, "blocks": [1], "links": []}},
        {"design": {}, "more": 1},
    ],
)
def test_what_is_no_design_is_refused_with_a_sentence(client, body):
    answer = client.post("/api/design/check", json=body, headers=ORIGIN)
    assert 400 <= answer.status_code < 500
    assert answer.json()["ja"]
    assert answer.json()["en"]


def test_the_layout_moves_blocks_only(post):
    design = to_json(preset("unet"))
    heap = {**design, "blocks": [{**block, "x": 0, "y": 0} for block in design["blocks"]]}
    assert post("/api/design/layout", design=heap).json() == design


def test_a_data_set_fills_sizes_and_classes(client, post, tmp_path):

    job = client.post("/api/sets/samples", json={"kind": client.get("/api/sets/samples").json()[0]["kind"]}, headers=ORIGIN)
    assert job.status_code == 200, job.text
    assert ended(client, "/api/sets/jobs", job.json()["job"])
    (found,) = client.get("/api/sets").json()["sets"]
    told = client.get(f"/api/design/images/{found['id']}").json()
    assert len(told["classes"]) >= 2
    design = to_json(preset("lenet"))
    sizes = {"channels": told["channels"], "size_px": told["size_px"], "classes": len(told["classes"])}
    sized = post("/api/design/resize", design=design, **sizes).json()
    check = post("/api/design/check", design=sized).json()
    assert check["ready"]
    assert check["blocks"]["output-1"]["shape"] == [len(told["classes"])]
    assert check["blocks"]["input-1"]["shape"] == [1, told["size_px"], told["size_px"]]


def ended(client, path, key, seconds=120):
    """The answer of a job when it is done."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        told = client.get(f"{path}/{key}").json()
        if told["state"] != "running":
            assert told["state"] == "done", told
            return told
        time.sleep(0.1)
    raise AssertionError(told)


@pytest.mark.slow
@pytest.mark.long
def test_a_posted_design_trains_and_is_exported(client, post, place, tmp_path):
    """Kept over HTTP, trained by name in a worker, found in the run as a copy; the export runs in a clean process."""
    from gazo.runs.start import make_run, run

    folder = tmp_path / "classes"
    rng = np.random.default_rng(0)
    for i in range(40):
        pixels = rng.integers(0, 150, (32, 32), dtype=np.uint8)
        pixels[8:20, 8:20] += np.uint8(90 * (i % 2))
        (folder / "ab"[i % 2]).mkdir(exist_ok=True, parents=True)
        Pillow.fromarray(pixels).save(folder / "ab"[i % 2] / f"{i}.png")
    client.put("/api/designs/私の網", json={"design": to_json(preset("lenet"))}, headers=ORIGIN)
    options = {"network": "design:私の網", "size_px": 32, "epochs": 2, "baseline": False, "device": "cpu"}
    made = make_run(
        ("learn", "classify"), folder, place=place, source={}, options=options, protocol={"evaluation": "held-out"}, threads=1
    )
    recipe = json.loads((made / "recipe.json").read_text("utf-8"))
    assert recipe["options"]["network"] == "design:files/私の網.json"
    assert str(place) not in (made / "recipe.json").read_text("utf-8")
    client.delete("/api/designs/私の網", headers=ORIGIN)
    assert run(made)["state"] == "finished"
    code = post("/api/design/python", design=json.loads((made / "files" / "私の網.json").read_text("utf-8"))).json()
    (tmp_path / code["name"]).write_text(code["code"], "utf-8")
    ran = subprocess.run([sys.executable, code["name"]], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout.strip() == "torch.Size([1, 10])", ran.stderr
