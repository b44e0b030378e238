"""Runs over HTTP: found from their folders, followed, cancelled, gone on with, renamed, deleted; a killed server loses nothing."""

import json
import os
import signal
import time

import numpy as np
import pytest
from PIL import Image as Pillow

from gazo.runs.ownership import read_status, write_status
from gazo.runs.start import make_run

TINY = {"network": "small_cnn", "size_px": 32, "baseline": False, "device": "cpu"}


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """A folder for each class."""
    folder = tmp_path_factory.mktemp("classes") / "山田太郎"
    rng = np.random.default_rng(0)
    for i in range(40):
        pixels = rng.integers(0, 200, (32, 32), dtype=np.uint8)
        pixels[8:20, 8:20] += np.uint8(30 * (i % 2))
        (folder / "ab"[i % 2]).mkdir(exist_ok=True, parents=True)
        Pillow.fromarray(pixels).save(folder / "ab"[i % 2] / f"{i}.png")
    return folder


@pytest.fixture
def make(classes, place):
    def made(epochs=1, name="", **options):
        return make_run(
            ("learn", "classify"), classes, place=place, source={}, options=TINY | {"epochs": epochs} | options,
            protocol={"evaluation": "held-out"}, threads=1, name=name,
        )  # fmt: skip

    return made


def log_lines(folder, *lines):
    with open(folder / "events.jsonl", "a", encoding="utf-8") as log:
        for at, done, total, facts in lines:
            stage = {"$text": ["学習", "Training"]}
            log.write(json.dumps({"time": at, "stage": stage, "done": done, "total": total, "facts": facts, "note": None}) + "\n")


def until(condition, seconds=240.0):
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "it never happened"
        time.sleep(0.1)
    return time.monotonic() - begun


def state(client, folder):
    return client.get(f"/api/runs/{folder.name}").json()["state"]


def test_the_list_tells_each_run_from_its_folder(client, make):
    first, second = make(name="最初"), make()
    write_status(second, state="finished", seconds=12.5, headline=[])
    found = client.get("/api/runs").json()
    assert found["total"] == 2
    assert [run["id"] for run in found["runs"]] == sorted([first.name, second.name], reverse=True)
    by_id = {run["id"]: run for run in found["runs"]}
    assert by_id[first.name]["name"] == "最初"
    assert by_id[first.name]["state"] == "made"
    assert by_id[first.name]["title"] == {"ja": "画像分類", "en": "Image classification"}
    assert by_id[second.name]["word"] == {"ja": "完了", "en": "finished"}
    assert by_id[second.name]["seconds"] == 12.5
    assert client.get("/api/runs?limit=1").json()["runs"] == found["runs"][:1]


def test_best_and_last_values_are_the_means_of_the_folds(client, make):
    folder = make()
    rows = [(0, [0.9, 0.5, 0.7], [0.6, 0.8, 0.7]), (1, [0.8, 0.6, 0.3], [0.5, 0.6, 1.0])]
    lines = [
        (100 + 10 * fold + e, fold * 3 + e, 6, {"epoch": e, "fold": fold, "validation_loss": loss[e - 1], "validation_accuracy": right[e - 1]})
        for fold, loss, right in rows
        for e in (1, 2, 3)
    ]  # fmt: skip
    log_lines(folder, *lines[:4])
    client.get("/api/runs")
    log_lines(folder, *lines[4:])  # what is written later is read on
    values = {v["name"]: v for v in client.get(f"/api/runs/{folder.name}").json()["values"]}
    assert values["validation_loss"] == {
        "name": "validation_loss",
        "best": pytest.approx(0.4),
        "best_epoch": 2,
        "last": pytest.approx(0.5),
    }
    assert values["validation_accuracy"]["best"] == pytest.approx(0.9)
    assert values["validation_accuracy"]["last"] == pytest.approx(0.85)


def test_events_since_a_position_are_told_once_and_those_inside_epochs_are_thinned(client, make):
    folder = make()
    batches = [(10 + n / 4, n, 200, {"epoch": 0, "epochs": 2, "batch": n, "batches": 100}) for n in (25, 50, 75)]
    log_lines(folder, *batches, (11.0, 1, 2, {"epoch": 1, "loss": 0.5}))
    told = client.get(f"/api/runs/{folder.name}/events?since=0").json()
    assert [event["facts"].get("batch") for event in told["events"]] == [75, None]
    assert told["next"] == (folder / "events.jsonl").stat().st_size
    with open(folder / "events.jsonl", "a", encoding="utf-8") as log:
        log.write('{"time": 12, "sta')  # a line that is being written
    again = client.get(f"/api/runs/{folder.name}/events?since={told['next']}").json()
    assert again["events"] == []
    assert again["next"] == told["next"]


def test_a_run_is_renamed_noted_archived_and_deleted(client, make):
    folder = make()
    where = f"/api/runs/{folder.name}"
    assert client.put(where, json={"name": " 胸部  方向 ①\n", "note": "1 回目"}).json()["name"] == "胸部 方向 ①"
    assert client.put(where, json={"archived": True}).json()["note"] == "1 回目"
    assert client.get("/api/runs?archived=false").json()["runs"] == []
    assert client.put(where, json={"name": "x" * 101}).json()["code"] == "G-JOB-010"
    assert client.put(where, json={"nmae": "x"}).status_code == 422
    assert client.delete(where).status_code == 204
    assert not folder.exists()
    assert client.get(where).json()["code"] == "G-EXP-003"
    assert client.delete(where).status_code == 400


@pytest.mark.parametrize("name", ["..", "%2e%2e", "..%2f..", "C:%5C", "last", "a" * 300])
def test_only_whole_names_of_runs_are_found(client, make, name):
    make()
    assert client.delete(f"/api/runs/{name}").status_code in (400, 404, 405)
    assert len(client.get("/api/runs").json()["runs"]) == 1


def test_no_page_tells_where_the_data_lies(client, make, classes, place):
    folder = make()
    (folder / "worker.log").write_text(f"Traceback in {place}/runs and {classes}\n", encoding="utf-8")
    told = "".join(client.get(f"/api/runs{path}").text for path in ("", f"/{folder.name}", f"/{folder.name}/events"))
    assert "山田" not in told
    assert str(place) not in told + client.get(f"/api/runs/{folder.name}/log").text


def test_what_cannot_be_done_is_said(client, make):
    folder = make()
    write_status(folder, state="finished", seconds=1)
    assert client.post(f"/api/runs/{folder.name}/cancel").json()["code"] == "G-JOB-002"
    assert client.post(f"/api/runs/{folder.name}/resume").json()["code"] == "G-JOB-001"


def test_a_broken_recipe_does_not_hide_the_others(client, make):
    broken, whole = make(), make()
    (broken / "recipe.json").write_text("{", encoding="utf-8")
    states = {run["id"]: run["title"]["en"] for run in client.get("/api/runs").json()["runs"]}
    assert "not a recipe" in states[broken.name]
    assert states[whole.name] == "Image classification"


@pytest.mark.slow
@pytest.mark.long
def test_cancelled_over_http_and_gone_on_with_it_ends_as_if_left_alone(client, make, monkeypatch):
    monkeypatch.setenv("GAZO_CHECKPOINT_SECONDS", "0")
    whole, broken = (make(60, size_px=96) for _ in range(2))
    assert client.post(f"/api/runs/{whole.name}/launch").status_code == 200
    until(lambda: state(client, whole) == "running")  # it holds the device; whoever comes later waits
    assert client.post(f"/api/runs/{broken.name}/launch").status_code == 200
    until(lambda: state(client, whole) == "finished")
    until(lambda: (client.get(f"/api/runs/{broken.name}").json()["epoch"] or 0) > 0)
    assert [one["id"] for one in client.get("/api/jobs").json()["going"]] == [broken.name]
    assert client.post(f"/api/runs/{broken.name}/cancel").status_code == 200
    assert until(lambda: state(client, broken) == "cancelled", 30) < 30
    assert client.get("/api/jobs").json()["going"] == []
    client.post(f"/api/runs/{broken.name}/resume")
    until(lambda: state(client, broken) == "finished")
    results = [(folder / "results.json").read_text(encoding="utf-8") for folder in (whole, broken)]
    assert results[0] == results[1]
    shown = client.get(f"/api/runs/{broken.name}").json()
    assert shown["headline"][0]["name"]["en"].startswith("AUC")
    again = client.post(f"/api/runs/{broken.name}/repeat").json()
    assert again["id"] != broken.name
    assert client.delete(f"/api/runs/{again['id']}").status_code == 204  # while it starts


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_a_killed_server_loses_nothing_and_the_next_one_cancels(served, make):
    import httpx

    ends, goes_on = make(40), make(10_000)
    for folder in (ends, goes_on):
        httpx.post(f"{served.address}/api/runs/{folder.name}/launch", headers={"origin": served.address}).raise_for_status()
    served.kill()
    until(lambda: read_status(ends)["state"] == "finished")
    served.start()
    assert httpx.get(f"{served.address}/api/runs/{ends.name}").json()["state"] == "finished"
    until(lambda: httpx.get(f"{served.address}/api/runs/{goes_on.name}").json()["epoch"])
    pid = json.loads((goes_on / "lock").read_text())["pid"]
    os.kill(pid, signal.SIGSTOP)  # a worker that hears nothing
    httpx.post(f"{served.address}/api/runs/{goes_on.name}/cancel", headers={"origin": served.address}).raise_for_status()
    served.kill()
    served.start()
    assert httpx.get(f"{served.address}/api/runs").json()["runs"][0]["cancelling"] in (True, False)
    assert until(lambda: read_status(goes_on)["state"] == "cancelled", 30) < 30


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_a_killed_worker_is_seen_by_the_server_that_started_it(client, make):
    folder = make(10_000)
    client.post(f"/api/runs/{folder.name}/launch")
    until(lambda: client.get(f"/api/runs/{folder.name}").json()["epoch"])
    os.kill(json.loads((folder / "lock").read_text())["pid"], signal.SIGKILL)
    assert until(lambda: state(client, folder) == "stopped", 30) < 30
    assert client.get("/api/jobs").json()["going"] == []
