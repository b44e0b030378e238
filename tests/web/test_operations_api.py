import json
import time
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.core.imageset import ArrayLoader
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Gt, Label
from gazo.core.registry import Entry, register
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.io.files import read, write
from gazo.process.unsharp import unsharp_mask
from gazo.runs.sets import DataSet, keep, new_set_folder, now
from gazo.runs.sets_store import store as store_images
from gazo.runs.sets_table import FILE, write_base
from gazo.runs.steps import read_steps


@pytest.fixture
def inline(monkeypatch):
    """Runs are worked on in this process, so that they know what a test registered."""
    from gazo.runs.worker import work

    monkeypatch.setattr("gazo.web.routes.operations.launch", work)
    monkeypatch.setattr("gazo.runs.make_chain.default_threads", lambda: 1)


def store(place, code, pixels, spacing_mm=0.2):
    folder = place / "data" / "files" / code
    folder.mkdir(parents=True)
    write(Image(pixels, spacing_mm=(spacing_mm, spacing_mm)), folder / "hospital^taro.tif")
    return f"file:{code}"


@pytest.fixture
def two(place):
    """Two images in the workspace."""
    rng = np.random.default_rng(5)
    return [store(place, f"0000000{n}", rng.integers(0, 4000, (48, 64)).astype(np.uint16)) for n in (1, 2)]


def small_set(place):
    """A data set of six images, two of them called left."""
    labels = ["up", "left", "down", "right", "up", "left"]
    arrays = np.random.default_rng(1).integers(0, 4000, (6, 16, 20)).astype(np.uint16)
    id, making = new_set_folder(place)
    files = store_images(ArrayLoader(arrays), list(range(6)), making).files
    write_base({FILE: files, "label": labels}, making)
    found = DataSet(id=id, name="directions", created=now(), origin="sample", folder=".", rows=6, roles={"label": "label"})
    return keep(found, making, place)


def step(operation, **options):
    return {"operation": operation, "options": options}


# Chains under a name --------------------------------------------------------------------------------------------------


def test_a_chain_is_kept_found_replaced_and_deleted(client, place):
    steps = [step("unsharp-mask", amount=2.0), step("median", size_px=5)]
    made = client.post("/api/operations/chains", json={"name": "胸部 強調", "steps": steps}).json()
    listed = client.get("/api/operations/chains").json()
    assert [(c["id"], c["name"], len(c["steps"])) for c in listed] == [(made["id"], "胸部 強調", 2)]
    assert client.get(f"/api/operations/chains/{made['id']}").json() == made
    again = client.post("/api/operations/chains", json={"name": "胸部 強調", "steps": steps[:1], "id": made["id"]}).json()
    assert again["id"] == made["id"]
    assert len(client.get("/api/operations/chains").json()[0]["steps"]) == 1
    assert client.delete(f"/api/operations/chains/{made['id']}").status_code == 200
    assert client.get("/api/operations/chains").json() == []


def test_a_kept_chain_is_a_file_the_command_line_reads(client, place):
    made = client.post("/api/operations/chains", json={"name": "a", "steps": [step("unsharp-mask", amount=2.0)]}).json()
    steps = read_steps(place / "recipes" / f"{made['id']}.json")
    assert [s.operation for s in steps] == ["unsharp-mask"]
    assert steps[0].options["amount"] == 2.0
    assert steps[0].options["radius_mm"] == 2.0  # defaults are written down, so that a later default changes nothing


def test_the_file_the_page_gives_is_one_it_takes(client):
    text = json.dumps({"steps": [step("median", size_px=7)]})
    found = client.post("/api/operations/read", json={"text": text}).json()["steps"]
    assert (found[0]["operation"], found[0]["options"]["size_px"]) == ("median", 7)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"steps": []}', '{"steps": [3]}', "\x00\x01"])
def test_other_files_are_refused_with_a_sentence(client, text):
    answer = client.post("/api/operations/read", json={"text": text})
    assert answer.status_code == 404
    assert answer.json()["code"] == "G-RUN-030"


@pytest.mark.parametrize("id", ["..%2f..%2fx", "00000000", "run.json", "%2e%2e%2fx"])
def test_no_id_leads_out_of_the_folder(client, place, id):
    (place / "x.json").write_text('{"steps": [{"operation": "median"}]}')
    for answer in (client.get(f"/api/operations/chains/{id}"), client.delete(f"/api/operations/chains/{id}")):
        assert answer.status_code in (404, 405)
    assert (place / "x.json").exists()


def test_a_chain_without_name_or_steps_is_refused(client):
    for body in ({"name": " ", "steps": [step("median")]}, {"name": "a", "steps": []}):
        assert client.post("/api/operations/chains", json=body).json()["code"] == "G-LIV-011"


# Many images ----------------------------------------------------------------------------------------------------------


def test_a_chain_on_several_images_makes_those_of_the_operation(client, place, two, inline):
    body = {"steps": [step("unsharp-mask", radius_mm=0.9)], "images": two}
    run = client.post("/api/operations/apply", json=body).json()["run"]
    for number, address in enumerate(two, 1):
        before = read(next((place / "data" / "files" / address[5:]).iterdir()))
        made = read(place / "runs" / run / "images" / f"{number:04d}.tif")
        assert np.array_equal(made.pixels, unsharp_mask(before, radius_mm=0.9).pixels)


@pytest.mark.slow
def test_nothing_in_the_run_tells_the_name_of_a_file(client, place, two, inline):
    run = client.post("/api/operations/apply", json={"steps": [step("median")], "images": two}).json()["run"]
    texts = [p.read_bytes() for p in (place / "runs" / run).rglob("*") if p.is_file()]
    assert texts
    assert not any(b"taro" in text for text in texts)


@pytest.mark.slow
def test_a_set_is_taken_whole(client, place, inline):
    found = small_set(place)
    body = {"steps": [step("gaussian", sigma_px=1.0)], "images": [f"set:{found.id}"], "stored": {"file_bits": "16"}}
    run = client.post("/api/operations/apply", json=body).json()["run"]
    assert len(list((place / "runs" / run / "images").glob("*.*"))) == found.rows + 1  # and the manifest


@pytest.mark.slow
def test_a_further_image_for_all_or_one_for_each(client, place, two, inline):
    body = {"steps": [step("difference-image")], "images": two, "others": {"processed": [two[1]]}}
    run = client.post("/api/operations/apply", json=body).json()["run"]
    first, second = (read(next((place / "data" / "files" / a[5:]).iterdir())).pixels.astype(np.float32) for a in two)
    assert np.array_equal(read(place / "runs" / run / "images" / "0001.tif").pixels, second - first)
    assert not read(place / "runs" / run / "images" / "0002.tif").pixels.any()
    each = client.post("/api/operations/apply", json=body | {"others": {"processed": two[::-1]}}).json()["run"]
    assert np.array_equal(read(place / "runs" / each / "images" / "0002.tif").pixels, first - second)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"steps": []}, "G-LIV-012"),
        ({"images": []}, "G-LIV-012"),
        ({"steps": [step("difference-image")]}, "G-LIV-013"),
        ({"steps": [step("difference-image")], "others": {"processed": ["file:00000001"] * 3}}, "G-LIV-014"),
        ({"others": {"strange": ["file:00000001"]}}, "G-LIV-021"),
        ({"images": ["file:../../etc/passwd"]}, "G-VIW-017"),
        ({"images": ["/etc/passwd"]}, "G-VIW-010"),
        ({"stored": {"file_bits": "7"}}, "G-OPT-001"),
    ],
)
def test_what_cannot_be_done_is_told_before_a_run_is_made(client, place, two, changes, code):
    body = {"steps": [step("median")], "images": two} | changes
    answer = client.post("/api/operations/apply", json=body)
    assert answer.status_code in (400, 404)
    assert answer.json()["code"] == code
    assert list((place / "runs").iterdir()) == []


# Measurements ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_measurement_becomes_a_run_with_its_result(client, place, two, inline):
    body = {"room": "quality", "operation": "snr", "inputs": {"image": two[:1]}}
    run = client.post("/api/operations/measure", json=body).json()["run"]
    found = json.loads((place / "runs" / run / "results.json").read_text("utf-8"))
    pixels = read(next((place / "data" / "files" / two[0][5:]).iterdir())).pixels.astype(float)
    numbers = [v["value"] for v in found.values() if isinstance(v, dict) and v.get("$kind") == "estimate"]
    assert any(v == pytest.approx(pixels.mean() / pixels.std(ddof=1), rel=1e-3) for v in numbers), numbers


def test_what_is_registered_later_can_be_run_without_code(client, place, two, inline, kept):
    """The promise of the catalog: a new operation appears with its form, runs, and has a result."""

    @result("brightest-of-a-test")
    @dataclass(frozen=True, eq=False, kw_only=True)
    class Brightest(Measurement):
        brightest: Estimate

    @operation("試験用の最大値", "Brightest, for a test")
    def brightest_for_a_test(image: Image, *, scale: Annotated[float, Gt(0), Label("倍率", "Scale")] = 1.0) -> Brightest:
        """The largest value times the scale."""
        name = Text("最大値", "Largest value")
        return Brightest(sentence=Text("試験", "A test"), brightest=Estimate(name, float(image.pixels.max()) * scale))

    here = kept["operation", "user", "brightest-for-a-test"]
    register(Entry("operation", "quality", here.name, here.label, here.target))
    entry = next(e for e in client.get("/api/catalog").json()["entries"] if e["room"] == "quality" and e["name"] == here.name)
    assert entry["makes"] == "result"
    body = {"room": "quality", "operation": entry["name"], "inputs": {entry["inputs"][0]["name"]: two[:1]}}
    run = client.post("/api/operations/measure", json=body | {"options": {entry["options"][0]["name"]: 2.0}}).json()["run"]
    found = json.loads((place / "runs" / run / "results.json").read_text("utf-8"))
    highest = read(next((place / "data" / "files" / two[0][5:]).iterdir())).pixels.max()
    assert found["brightest"]["value"] == 2.0 * highest
    assert (place / "runs" / run / "report.html").exists()


def test_the_table_of_a_set_is_that_of_its_images(place):
    from gazo.runs.inputs import inputs_of, operation_named
    from gazo.web.given_words import given_words

    found = small_set(place)
    inputs = inputs_of(operation_named("detector", "quality"))
    given = given_words(inputs, {"images": [f"set:{found.id}:5", f"set:{found.id}:2"]}, place)
    table = given.results["session"]
    assert isinstance(table, Table)
    labels = [row[[h.en for h in table.headings].index("label")] for row in table.rows]
    assert labels == ["left", "down"]  # rows 5 and 2, in the order they were named
    assert "file" not in {h.en for h in table.headings}


@pytest.mark.slow
def test_a_curve_from_a_file_that_was_sent(client, place, inline):
    def sent(values):
        text = "freq [1/mm],MTF\n" + "\n".join(f"{x},{y}" for x, y in values)
        return client.post("/api/uploads/result", files={"files": ("患者 太郎.csv", text.encode(), "text/csv")}).json()["word"]

    words = [sent([(0, 1), (1, 0.5), (2, 0.25)]), sent([(0, 1), (1, 0.4), (2, 0.2)])]
    body = {"room": "quality", "operation": "compare-curves", "inputs": {"first": words[:1], "second": words[1:]}}
    run = client.post("/api/operations/measure", json=body).json()["run"]
    assert (place / "runs" / run / "results.json").exists()
    texts = [p.read_bytes() for p in (place / "runs" / run).rglob("*") if p.is_file()]
    assert not any("太郎".encode() in text for text in texts)


def test_the_columns_of_a_table_are_offered(client):
    files = {"files": ("表.csv", "patient,群,dose_mgy\nP1,A,2.5\nP2,B,3\n".encode(), "text/csv")}
    word = client.post("/api/uploads/result", files=files).json()["word"]
    found = client.get("/api/operations/columns", params={"word": word}).json()
    assert found == {"columns": [["patient", "patient"], ["群", "群"], ["dose_mgy", "dose_mgy"]]}
    assert client.get("/api/operations/columns", params={"word": "/etc/passwd"}).json()["code"] == "G-LIV-022"


def test_a_reader_study_that_was_sent_is_found_again(client, place, inline):
    """The old formats have endings of their own."""
    lines = ["reader,case,truth,test,rating"] + [
        f"{r},{c},{c % 2},{t},{(c % 2) * 2 + (c * r + t) % 3}" for r in (1, 2) for c in range(1, 21) for t in (1, 2)
    ]
    word = client.post("/api/uploads/result", files={"files": ("study.imrmc", b"x", "text/plain")}).json()["word"]
    assert client.get("/api/operations/columns", params={"word": word}).json().get("code") != "G-LIV-020"
    word = client.post("/api/uploads/result", files={"files": ("study.csv", "\n".join(lines).encode(), "text/csv")}).json()[
        "word"
    ]
    body = {"room": "stats", "operation": "mrmc", "inputs": {"study": [word]}}
    run = client.post("/api/operations/measure", json=body).json()["run"]
    assert (place / "runs" / run / "results.json").exists()


@pytest.mark.parametrize("word", ["sent:../../../etc/passwd", "sent:0000000000000000.csv", "/etc/passwd", "sent:x.csv"])
def test_a_result_is_never_a_path(client, word):
    body = {"room": "quality", "operation": "compare-curves", "inputs": {"first": [word], "second": [word]}}
    assert client.post("/api/operations/measure", json=body).json()["code"] in ("G-LIV-020", "G-LIV-022")


def test_a_program_is_no_table(client):
    answer = client.post("/api/uploads/result", files={"files": ("a.exe", b"MZ", "application/octet-stream")})
    assert answer.json()["code"] == "G-LIV-023"


# Simulations ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_simulated_images_become_a_data_set(client, place, inline):
    body = {"room": "phantoms", "operation": "chest-radiograph", "options": {"size_px": 64, "nodules": 1}, "seed": 3}
    run = client.post("/api/operations/measure", json=body).json()["run"]
    names = sorted(p.name for p in (place / "runs" / run / "images").iterdir())
    assert names == ["0001-image.tif", "0002-lungs.tif", "0003-heart.tif"]
    kept_set = client.post("/api/operations/keep", json={"run": run, "name": "模擬胸部"}).json()["set"]
    from gazo.core.seeds import generator
    from gazo.phantoms.chest import chest_radiograph
    from gazo.runs.sets import find_set, images_of

    assert find_set(kept_set, place).simulated
    images = images_of(kept_set, place)
    assert list(images.columns["part"]) == ["image", "lungs", "heart"]
    expected = chest_radiograph(rng=generator(3, "chest-radiograph"), size_px=64, nodules=1).image
    assert np.array_equal(images[0].pixels, expected.pixels)  # the same as `gazo phantom chest-radiograph --seed 3`


@pytest.mark.slow
def test_a_simulated_study_keeps_its_table(client, place, inline):
    body = {"room": "phantoms", "operation": "chest-study", "options": {"patients": 3, "size_px": 48, "images_per_patient": 1}}
    run = client.post("/api/operations/measure", json=body).json()["run"]
    kept_set = client.post("/api/operations/keep", json={"run": run, "name": "study"}).json()["set"]
    from gazo.runs.sets import images_of

    images = images_of(kept_set, place)
    assert len(images) == 3
    assert {"label", "patient", "mask"} <= set(images.roles)
    assert images.loader(images.role("mask")[0]).pixels.max() > 0


@pytest.mark.slow
def test_images_of_a_chain_become_a_data_set_too(client, place, two, inline):
    run = client.post("/api/operations/apply", json={"steps": [step("median")], "images": two}).json()["run"]
    kept_set = client.post("/api/operations/keep", json={"run": run, "name": "median"}).json()["set"]
    from gazo.runs.sets import images_of

    assert len(images_of(kept_set, place)) == 2


@pytest.mark.slow
def test_a_run_without_images_has_none_to_keep(client, place, two, inline):
    body = {"room": "quality", "operation": "snr", "inputs": {"image": two[:1]}}
    run = client.post("/api/operations/measure", json=body).json()["run"]
    assert client.post("/api/operations/keep", json={"run": run, "name": "a"}).json()["code"] == "G-LIV-030"


@pytest.mark.slow
def test_a_run_goes_on_in_a_process_of_its_own(client, place, two):
    run = client.post("/api/operations/apply", json={"steps": [step("median")], "images": two}).json()["run"]
    end = time.monotonic() + 120
    while (state := client.get(f"/api/runs/{run}").json()["state"]) != "finished":
        assert state not in ("failed", "stopped", "cancelled")
        assert time.monotonic() < end
        time.sleep(0.2)
    assert len(list((place / "runs" / run / "images").glob("*.tif"))) == 2


# Regions drawn on an image --------------------------------------------------------------------------------------------


def drawn(client, address, *shapes):
    body = {"address": address, "shapes": [{"kind": kind, "points": points} for kind, points in shapes]}
    return client.post("/api/operations/mask", json=body)


def test_a_drawn_mask_holds_the_pixels_inside(client, place, two):
    address = drawn(client, two[0], ("rectangle", [[10, 5], [19, 12]]), ("rectangle", [[30, 30], [31, 31]])).json()["address"]
    mask = read(next((place / "data" / "files" / address[5:]).iterdir()))
    expected = np.zeros((48, 64), np.uint8)
    expected[5:13, 10:20] = 1
    expected[30:32, 30:32] = 1
    assert np.array_equal(mask.pixels, expected)
    assert mask.spacing_mm == pytest.approx((0.2, 0.2))
    again = drawn(client, two[0], ("rectangle", [[30, 30], [31, 31]]), ("rectangle", [[10, 5], [19, 12]])).json()["address"]
    assert again == address


def test_a_mask_without_pixels_is_refused(client, two):
    assert drawn(client, two[0], ("rectangle", [[900, 900], [950, 950]])).json()["code"] == "G-LIV-040"


@pytest.mark.slow
def test_contrast_is_measured_in_drawn_regions(client, place, two, inline):
    masks = [drawn(client, two[0], ("rectangle", [[x, 4], [x + 15, 19]])).json()["address"] for x in (4, 40)]
    inputs = {"image": two[:1], "signal": masks[:1], "background": masks[1:]}
    run = client.post("/api/operations/measure", json={"room": "quality", "operation": "cnr", "inputs": inputs}).json()["run"]
    found = json.loads((place / "runs" / run / "results.json").read_text("utf-8"))
    pixels = read(next((place / "data" / "files" / two[0][5:]).iterdir())).pixels.astype(float)
    signal, background = pixels[4:20, 4:20], pixels[4:20, 40:56]
    noise = np.sqrt((signal.var(ddof=1) + background.var(ddof=1)) / 2)
    expected = abs(signal.mean() - background.mean()) / noise
    numbers = [v["value"] for v in found.values() if isinstance(v, dict) and v.get("$kind") == "estimate"]
    assert any(abs(v) == pytest.approx(expected, rel=1e-5) for v in numbers), (numbers, expected)
