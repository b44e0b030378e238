"""Training over HTTP: what can be chosen, the check, the start from a data set, the form of a run that was made before."""

import shutil
import subprocess
import sys
import time

import pytest

from gazo.core.registry import entries
from gazo.runs.ownership import read_status
from gazo.runs.recipe import read_recipe
from gazo.runs.sets_sample import add_sample
from gazo.runs.workspace import run_folders, workspace

TINY = {"network": "small_cnn", "size_px": 32, "epochs": 2, "baseline": False, "device": "cpu"}


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A workspace with one simulated set, made once."""
    place = workspace(tmp_path_factory.mktemp("ready"))
    return place, add_sample("directions", place).id


@pytest.fixture
def sample(ready, place):
    """The set in the workspace of the test."""
    shutil.copytree(ready[0] / "data", place / "data", dirs_exist_ok=True)
    return ready[1]


def wish(sample, **parts):
    return {"method": "classify", "set": sample, "options": TINY, "protocol": {"evaluation": "held-out"}} | parts


def done(client, key, seconds=240.0):
    until = time.monotonic() + seconds
    while (job := client.get(f"/api/train/jobs/{key}").json())["state"] == "running":
        assert time.monotonic() < until
        time.sleep(0.1)
    return job


def test_the_methods_are_those_that_are_registered(client):
    told = client.get("/api/train").json()
    assert sorted(method["name"] for method in told["methods"]) == [entry.name for entry in entries("method", "learn")]
    assert told["methods"][0]["name"] == "classify"  # what most people come for
    assert all(method["label"]["ja"] and method["label"]["en"] for method in told["methods"])
    assert {option["name"] for option in told["protocol"]} >= {"evaluation", "folds", "repeats", "test_share"}


def test_a_method_that_is_registered_appears(client, kept):
    from dataclasses import dataclass

    from gazo.core.methods import method

    @method("anomaly", "試しの手法", "Trial method", name="trial-method")
    @dataclass(frozen=True, kw_only=True)
    class Trial:
        """Nothing."""

    Trial.__module__ = "gazo.learn.trial"
    entry = next(entry for entry in kept.values() if entry.name == "trial-method")
    object.__setattr__(entry, "room", "learn")
    shown = {one["name"]: one["label"] for one in client.get("/api/train").json()["methods"]}
    assert shown["trial-method"] == {"ja": "試しの手法", "en": "Trial method"}


def test_the_check_speaks_both_languages_and_knows_the_set(client, sample):
    told = client.post("/api/train/check", json=wish(sample)).json()
    assert told["passed"]
    assert told["facts"]["classes"] == ["down", "left", "right", "up"]
    assert all(remark["text"]["ja"] and remark["text"]["en"] for remark in told["remarks"])
    assert "torch" not in told


def test_a_role_can_be_changed_or_taken_away_for_one_training(client, sample):
    without = client.post("/api/train/check", json=wish(sample, roles={"patient": None})).json()
    assert "patient-unknown" in {remark["code"] for remark in without["remarks"]}
    unlabelled = client.post("/api/train/check", json=wish(sample, roles={"label": None})).json()
    assert not unlabelled["passed"]


@pytest.mark.parametrize("part", [{"set": "../../x"}, {"set": "ffffffff"}, {"method": "no-such"}])
def test_what_is_not_there_is_said(client, sample, part):
    answer = client.post("/api/train/check", json=wish(sample, **part))
    told = answer.json()
    assert told.get("code", "").startswith("G-") or not told["passed"]


def test_unknown_fields_are_refused(client, sample):
    assert client.post("/api/train/check", json=wish(sample, folder="/etc")).status_code == 422
    assert client.post("/api/train/check", json=wish(sample, roles={"image": "file"})).status_code == 422


def test_a_start_that_cannot_succeed_makes_no_run(client, place, sample):
    job = done(client, client.post("/api/train/start", json=wish(sample, options={"epochs": 0})).json()["job"])
    assert (job["state"], job["error"]["code"]) == ("failed", "G-OPT-002")
    assert run_folders(place) == []


def test_the_web_process_checks_without_torch(place, sample):
    code = (
        "import sys; from pathlib import Path; from starlette.testclient import TestClient; from gazo.web.app import create_app\n"
        f"client = TestClient(create_app(Path({str(place)!r})), base_url='http://127.0.0.1')\n"
        f"assert client.post('/api/train/check', json={wish(sample)!r}).json()['passed']\n"
        "client.get('/api/train'); client.get('/api/runs')\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.long
def test_a_training_is_started_from_a_set_and_its_form_comes_back(client, place, sample):
    job = done(client, client.post("/api/train/start", json=wish(sample, name="向き ①", seed=3)).json()["job"])
    (folder,) = run_folders(place)
    assert job["result"] == folder.name
    row = client.get(f"/api/runs/{folder.name}").json()
    assert (row["name"], row["set"]) == ("向き ①", sample)
    recipe = read_recipe(folder)
    assert (recipe.seed, recipe.options["epochs"]) == (3, 2)
    assert str(place) not in (folder / "recipe.json").read_text(encoding="utf-8")
    like = client.get(f"/api/train/like/{folder.name}").json()
    assert (like["set"], like["method"], like["seed"], like["options"]["network"]) == (sample, "classify", 3, "small_cnn")
    assert client.post("/api/train/check", json=like).json()["passed"]
    until = time.monotonic() + 240
    while read_status(folder)["state"] != "finished":
        assert time.monotonic() < until
        time.sleep(0.2)


def test_the_form_begins_with_the_classification_of_images(client):
    methods = client.get("/api/train").json()["methods"]
    assert methods[0]["name"] == "classify"
    assert methods[0]["needs"] == ["label"]
    assert [method["task"] for method in methods] == sorted((method["task"] for method in methods), key=["classify", "segment", "detect", "estimate", "denoise"].index)  # fmt: skip
