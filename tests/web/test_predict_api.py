"""Judging over HTTP by families that make images or find boxes: what the page gets, and the files it can take away."""

import numpy as np
import pytest

import gazo
from gazo.core.files import write_json
from gazo.core.image import Image
from gazo.runs.ownership import write_status
from gazo.runs.recipe import Recipe, environment, write_recipe
from gazo.runs.workspace import new_run_folder
from gazo.web import addresses, short_work

JOB = "0123456789abcdef"


@pytest.fixture
def images(tmp_path, monkeypatch):
    """Two radiographs, DICOM and PNG, at addresses of their own."""
    rng = np.random.default_rng(0)
    shadow = Image(rng.integers(0, 900, (40, 30)).astype(np.uint16), spacing_mm=(0.2, 0.3), modality="DX")
    files = {"a": tmp_path / "YAMADA.dcm", "b": tmp_path / "SUZUKI.png"}
    for path in files.values():
        gazo.write(shadow, path)
    monkeypatch.setitem(
        addresses._finders, "test", lambda rest, place: addresses.Found(lambda: gazo.read(files[rest]), files[rest])
    )
    return files


@pytest.fixture
def judged(place, images):
    """What a job of the workbench leaves, made in this process."""

    def judge(fitted, method):
        run = new_run_folder(place, method)
        recipe = Recipe(task=("learn", method), version=1, data="abc", data_sha256="abc", rows=2, source={}, options={}, protocol={}, seed=0, threads=1, **environment())  # fmt: skip
        write_recipe(recipe, run)
        write_json(run / "results.json", {})
        write_status(run, state="finished", seconds=1.0)
        fitted.save(run / "folds" / "repeat0-fold0")
        folder = place / "cache" / "jobs" / JOB
        folder.mkdir(parents=True)
        request = {"kind": "predict", "run": run.name, "images": ["test:a", "test:b"], "heat": True}
        write_json(folder / "request.json", request)
        outcome = short_work._predict(request, folder, place, lambda event: None)
        write_json(folder / "status.json", {"state": "finished", "outcome": outcome})
        return run

    return judge


def segmenter():
    from gazo.learn.segment import Segmenter
    from gazo.learn.segment.fitted import FittedSegmenter
    from gazo.learn.segment.plan import SegmentationPlan

    spec, plan = Segmenter(width=4, depth=3), SegmentationPlan(2, True, (32, 32), 2, ((2, 2), (2, 2)), ((3, 3),) * 3)
    return FittedSegmenter(spec, ("肺",), (plan,), (spec.build(2, plan, seed=0).eval(),), 0)


def test_masks_are_shown_and_saved_in_the_geometry_of_the_image(client, place, images, judged, tmp_path):
    fitted = segmenter()
    run = judged(fitted, "segment")
    (model,) = client.get("/api/predict/models").json()
    assert (model["id"], model["family"]) == (run.name, "segment")
    told = client.get(f"/api/predict/{JOB}").json()["outcome"]
    assert (told["family"], told["structures"], told["boxes"], told["threshold"]) == ("segment", ["肺"], [[], []], None)
    assert [row[0] for row in told["table"]["rows"]] == [1, 2]
    wanted = np.asarray(fitted.mask(gazo.read(images["a"])).pixels)
    shown = addresses.image_of(told["made"][0], place)
    assert np.array_equal(shown.pixels, wanted)
    assert client.get("/api/images/raw", params={"address": told["made"][0]}).status_code == 200

    def take(number, kind):
        found = client.get(f"/api/predict/{JOB}/made/{number}?kind={kind}")
        path = tmp_path / ("taken.dcm" if kind == "seg" else f"taken.{kind}")
        path.write_bytes(found.content)
        return found, path

    for kind in ("png", "nii.gz"):
        found, path = take(1, kind)
        assert found.status_code == 200
        assert "SUZUKI" not in found.headers["content-disposition"]
        assert np.array_equal(gazo.read(path).pixels, wanted)
        assert gazo.read(path).spacing_mm == (0.2, 0.3)
    _, path = take(0, "seg")
    assert np.array_equal(gazo.read_masks(path, images["a"])["肺"].pixels, wanted == 1)
    assert take(1, "seg")[0].json()["code"] == "G-IO-128"  # a PNG is no DICOM image to refer to
    assert take(0, "dcm")[0].json()["code"] == "G-EXP-031"
    assert not list((place / "cache").glob("made-*"))


def test_an_enlarged_image_comes_with_what_it_is_compared_with(client, place, judged, images):
    from gazo.learn.estimate import SuperResolver
    from gazo.learn.estimate.fitted_resolver import FittedSuperResolver

    spec = SuperResolver(network="srcnn-9-1-5")
    judged(FittedSuperResolver(spec, (spec.build(seed=0).eval(),), 0), "super-resolution")
    told = client.get(f"/api/predict/{JOB}").json()["outcome"]
    before, made = (addresses.image_of(told[key][1], place) for key in ("before", "made"))
    assert before.shape == made.shape == (80, 60)
    assert made.spacing_mm == before.spacing_mm == (0.1, 0.15)
    assert np.abs(np.asarray(before.pixels).reshape(40, 2, 30, 2).mean((1, 3)) - gazo.read(images["b"]).pixels).mean() < 120
    assert told["heat"] == [None, None]
    assert client.get(f"/api/predict/{JOB}/made/0?kind=seg").json()["code"] == "G-EXP-032"


def test_what_is_not_there_is_said(client, place, judged):
    judged(segmenter(), "segment")
    assert client.get(f"/api/predict/{JOB}/made/7").json()["code"] == "G-EXP-034"
    for address in (f"made:{JOB}:made-9.png", f"made:{JOB}:..%2Fstatus.json", "made:x:made-0.png"):
        assert client.get("/api/images/facts", params={"address": address}).json()["code"] == "G-EXP-033"
