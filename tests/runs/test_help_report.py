"""The help report tells what happened and names nobody."""

from importlib import import_module

import pytest

from gazo.runs.proof import reproduce
from gazo.runs.proofs import n7

report = import_module("gazo.runs.help_report")  # the room exports a function of this name


@pytest.fixture(autouse=True)
def no_machine(monkeypatch):
    """The check of the machine has tests of its own and takes seconds."""
    monkeypatch.setattr(report, "check_machine", lambda **_: None)
    monkeypatch.setattr(report, "status_text", lambda _: "checked")
    monkeypatch.setattr(n7, "NEEDED", tuple(words for words in n7.NEEDED if words != "torch"))


NAMES = {kind: f"山田{kind}" for kind in ("set", "column", "file", "run", "option", "log", "cell", "hospital")} | {
    "number": "40627506"
}


@pytest.fixture
def place(tmp_path):
    n7.plant(tmp_path / "place", NAMES)
    return tmp_path / "place"


@pytest.mark.parametrize("seed", [0, 1])
def test_the_proof_reaches_its_bar(seed):
    shown = reproduce("N7", seed=seed)
    assert shown.passed, (shown.measured, shown.table)


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("_value", str),
        ("_trace", lambda folder: (folder / "trace.log").read_text().splitlines()),
        ("_own_words", lambda stage: stage),
        ("without_identity", lambda text, place: text),
        ("_sentence", lambda code: ""),
    ],
)
def test_the_proof_falls_when_a_guard_is_taken_away(monkeypatch, name, broken):
    if name == "_sentence":
        monkeypatch.setattr(n7, "NEEDED", (*n7.NEEDED, "there is no column"))
    monkeypatch.setattr(report, name, broken)
    assert not reproduce("N7").passed


def test_a_note_loses_paths_addresses_and_numbers_but_not_its_sense(place):
    said = report.without_identity(
        "Training stops at epoch 3 with C:\\data\\Yamada.dcm, mail a.b@example.org, ID 00123456", place
    )
    assert said.startswith("Training stops at epoch 3 with ")
    for lost in ("Yamada", "example", "00123456", "data"):
        assert lost not in said


def test_settings_keep_numbers_and_words_of_gazo_only():
    lines = report._settings(
        {
            "network": "small_resnet",
            "epochs": 3,
            "label": "氏名",
            "山田": 1,
            "steps": [{"operation": "unsharp-mask", "options": {"radius_mm": 2.0, "x山": "y"}}],
        }
    )
    text = "\n".join(lines)
    assert "network = small_resnet" in text
    assert "unsharp-mask" in text
    assert "radius_mm = 2.0" in text
    for lost in ("氏名", "山田", "x山", "= y"):
        assert lost not in text


def test_the_user_and_the_computer_are_not_named(place, monkeypatch):
    monkeypatch.setattr("gazo.runs.check.platform.node", lambda: "CT-ROOM-7")
    monkeypatch.setattr("gazo.runs.check._user", lambda: "yamada7")
    text = report.help_report(place, screen="train", note="on CT-ROOM-7 as yamada7")
    assert "CT-ROOM-7" not in text
    assert "yamada7" not in text


def test_an_empty_or_broken_workspace_is_no_obstacle(tmp_path):
    (tmp_path / "runs" / "20260401-101112-x-ab12").mkdir(parents=True)
    (tmp_path / "runs" / "20260401-101112-x-ab12" / "recipe.json").write_text("{")
    assert "G-RUN-003" in report.help_report(tmp_path, screen="home")
