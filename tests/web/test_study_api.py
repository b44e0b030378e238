"""Studies over HTTP: made, written, filled with runs, reported, handed over as a ZIP and taken in elsewhere."""

import io
import json
import re
import time
import zipfile

import pytest

from gazo.core.results import Curve, Estimate, Panels, Table, Text, to_json
from gazo.runs.ownership import write_status
from gazo.runs.recipe import Recipe, environment, write_recipe
from gazo.runs.study import read_study
from gazo.runs.study_checklist import ITEMS
from gazo.runs.workspace import new_run_folder, workspace


def finished_run(place, name="実験"):
    """A small finished run as the worker leaves it."""
    import numpy as np

    from gazo.learn.teaching import DecisionBoundary

    text, x = Text("差", "gap"), np.array([1.0, 2.0])
    curve = Curve(x, x, text, text)
    outcome = DecisionBoundary(
        sentence=Text("方法の文", "Methods"), gap_growth=Estimate(text, 0.25), best_possible=Estimate(text, 0.8), accuracies=(curve,),
        gap=curve, boundaries=Panels(text, (np.zeros((8, 8), np.uint8),), (text,)), by_width=Table(text, (text,), ((1,),)),
    )  # fmt: skip
    folder = new_run_folder(place, name)
    recipe = Recipe(
        task=("learn", "decision-boundary"), version=1, data="", data_sha256="", rows=0, source={}, options={}, protocol={}, seed=0,
        threads=1, **environment(),
    )  # fmt: skip
    write_recipe(recipe, folder)
    (folder / "results.json").write_text(json.dumps(to_json(outcome)), "utf-8")
    write_status(folder, state="finished")
    return folder.name


def made(client, name="胸部", **facts):
    answer = client.post("/api/studies", json={"name": name, **facts})
    assert answer.status_code == 200, answer.text
    return answer.json()


def result_of(client, answer):
    """What a job gave."""
    job = answer.json()["job"]
    for _ in range(300):
        told = client.get(f"/api/sets/jobs/{job}").json()
        if told["state"] != "running":
            return told
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_a_study_is_made_written_and_deleted(client, place):
    assert made(client, title="題名")["title"] == "題名"
    assert client.post("/api/studies", json={"name": "胸部"}).json()["code"] == "G-STU-002"
    client.put("/api/studies/胸部", json={"ethics": "2026-01", "period": "2025 年度", "exclusions": "体動 3 例"})
    found = client.get("/api/studies/胸部").json()
    assert (found["title"], found["ethics"], found["period"], found["exclusions"]) == (
        "題名",
        "2026-01",
        "2025 年度",
        "体動 3 例",
    )
    assert [one["name"] for one in client.get("/api/studies").json()["studies"]] == ["胸部"]
    assert client.delete("/api/studies/胸部").status_code == 204
    assert client.get("/api/studies").json()["studies"] == []
    assert client.get("/api/studies/胸部").json()["code"] == "G-STU-003"


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "a" * 120])
def test_names_that_are_no_folders_are_refused(client, place, name):
    assert client.post("/api/studies", json={"name": name}).status_code == 400
    assert list((place / "studies").iterdir()) == []


def test_unknown_fields_are_refused(client):
    assert client.post("/api/studies", json={"name": "a", "owner": "b"}).status_code == 422


def test_runs_come_in_and_go_out(client, place):
    run = finished_run(place)
    assert [one["id"] for one in made(client)["free"]] == [run]
    found = client.post("/api/studies/胸部/runs", json={"runs": [run]}).json()
    assert [(one["id"], one["name"], one["state"]["ja"]) for one in found["runs"]] == [(run, "実験", "完了")]
    assert found["free"] == []
    assert client.post("/api/studies/胸部/runs", json={"runs": ["../../etc"]}).status_code == 400
    assert client.delete(f"/api/studies/胸部/runs/{run}").json()["runs"] == []
    assert (place / "runs" / run / "results.json").exists()


def test_a_run_that_was_deleted_is_said_to_be_gone(client, place):
    import shutil

    run = finished_run(place)
    made(client)
    client.post("/api/studies/胸部/runs", json={"runs": [run]})
    shutil.rmtree(place / "runs" / run)
    assert client.get("/api/studies/胸部").json()["runs"] == [
        {"id": run, "name": run, "label": None, "state": None, "there": False}
    ]
    assert client.get("/api/studies/胸部/report").status_code == 200


def test_the_checklist_keeps_answers_and_offers_what_is_known(client, place):
    made(client)
    client.put("/api/studies/胸部", json={"ethics": "承認 123"})
    client.post("/api/studies/胸部/runs", json={"runs": [finished_run(place)]})
    answers = {"ethics": {"state": "reported", "text": "承認番号 123 (方法 2.1)"}, "readers": {"state": "not applicable"}}
    found = client.put("/api/studies/胸部/checklist", json={"answers": answers}).json()["checklist"]
    items = {item["key"]: item for item in found}
    assert len(items) == len(ITEMS) == len(found)
    assert (items["ethics"]["state"], items["ethics"]["answer"]) == ("reported", "承認番号 123 (方法 2.1)")
    assert items["ethics"]["known"]["ja"] == "承認 123"
    assert "gazo" in items["software"]["known"]["en"]
    assert items["title"]["state"] == "open"
    assert read_study("胸部", place).checklist["readers"].state == "not applicable"
    wrong = client.put("/api/studies/胸部/checklist", json={"answers": {"ethic": {"state": "reported"}}}).json()
    assert wrong["code"] == "G-STU-030"
    assert "ethics" in wrong["en"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_report_prints_facts_answers_and_runs(client, place, language):
    made(client, title="<script>alert(1)</script>")
    client.put("/api/studies/胸部", json={"ethics": "承認 123", "period": "2025", "exclusions": "体動 3"})
    client.post("/api/studies/胸部/runs", json={"runs": [finished_run(place)]})
    client.put("/api/studies/胸部/checklist", json={"answers": {"limits": {"state": "reported", "text": "単施設"}}})
    answer = client.get("/api/studies/胸部/report", params={"language": language})
    assert "sandbox" in answer.headers["content-security-policy"]
    page = answer.text
    assert "<script" not in page
    for word in ("承認 123", "体動 3", "単施設", "0.250", {"ja": "チェックリスト", "en": "Reporting checklist"}[language]):
        assert word in page
    assert str(place) not in page
    saved = client.get("/api/studies/胸部/report", params={"language": language, "save": True})
    assert "attachment" in saved.headers["content-disposition"]


def test_a_study_travels_to_another_workspace(client, place, tmp_path):
    from starlette.testclient import TestClient

    from gazo.web.app import create_app

    made(client, title="移る研究")
    run = finished_run(place)
    client.post("/api/studies/胸部/runs", json={"runs": [run]})
    client.put("/api/studies/胸部/checklist", json={"answers": {"aim": {"state": "reported", "text": "第 1 章"}}})
    packed = result_of(client, client.post("/api/studies/胸部/export", json={"images": False}))
    assert packed["state"] == "done", packed
    answer = client.get(f"/api/studies/exports/{packed['result']['token']}")
    assert re.search(r"filename.*zip", answer.headers["content-disposition"])
    assert {"study.json", f"runs/{run}/results.json"} <= set(zipfile.ZipFile(io.BytesIO(answer.content)).namelist())
    with TestClient(create_app(workspace(tmp_path / "other")), base_url="http://127.0.0.1") as other:
        told = result_of(other, other.post("/api/uploads/study", files={"files": ("s.zip", answer.content)}))
        assert (told["state"], told["result"]["study"], told["result"]["runs"]) == ("done", "胸部", 1)
        found = other.get("/api/studies/胸部").json()
        assert found["title"] == "移る研究"
        assert [one["id"] for one in found["runs"]] == [run]
        assert next(item for item in found["checklist"] if item["key"] == "aim")["answer"] == "第 1 章"


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04broken"])
def test_what_is_no_study_is_refused_with_a_sentence(client, place, content):
    told = result_of(client, client.post("/api/uploads/study", files={"files": ("s.zip", content)}))
    assert told["state"] == "failed"
    assert told["error"]["ja"]
    assert list((place / "cache" / "studies").iterdir()) == []


@pytest.mark.parametrize("token", ["0" * 16, "x", "..%2f..%2fetc"])
def test_only_exports_that_were_made_are_handed_out(client, token):
    assert client.get(f"/api/studies/exports/{token}").status_code == 404
