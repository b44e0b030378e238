"""Studies: what a colleague gets in one ZIP, that nothing of this machine is in it, and that data is found by its content."""

import json
import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gazo.cli.main import main
from gazo.core import DataError, FileError, OptionError, RunError
from gazo.core.files import write_json, write_text
from gazo.core.image import Image
from gazo.datasets.source import open_images
from gazo.io.files import write
from gazo.io.rows import Rows
from gazo.io.write_table import write_table
from gazo.runs import study_archive
from gazo.runs.recipe import Recipe, read_recipe, write_recipe
from gazo.runs.references import fingerprint, recall, remember
from gazo.runs.study import add_runs, new_study, read_study, remove_runs, set_facts
from gazo.runs.study_archive import export_study, import_study
from gazo.runs.workspace import workspace

SOURCE = {"label": "view", "patient": "id", "where": "age>=18"}


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "作業 フォルダ")


@pytest.fixture
def table(tmp_path):
    """Four images in one folder; an Excel table elsewhere that names them by their full path, with names of patients."""
    images = tmp_path / "画像" / "胸部"
    images.mkdir(parents=True)
    for number in range(4):
        write(Image(np.full((8, 8), 10 * number, np.uint8)), images / f"{number}.png")
    cells = [(str(images / f"{n}.png"), f"0{n}", "PA" if n % 2 else "AP", str(16 + n), "山田太郎") for n in range(4)]
    (tmp_path / "表").mkdir()
    rows = Rows("t", ("file", "id", "view", "age", "氏名"), tuple(cells), (1, 2, 3, 4))
    write_table(rows, tmp_path / "表" / "labels.xlsx")
    return tmp_path / "表" / "labels.xlsx"


def make_run(place, data, source, name="20260101-000000-x-aaaa"):
    """A finished run as files."""
    images = open_images(data, **source)
    sha256 = fingerprint(images)
    folder = place / "runs" / name
    (folder / "tables").mkdir(parents=True)
    facts = {"version": 1, "options": {}, "protocol": {}, "seed": 0, "threads": 1}
    key = remember(data, sha256, place)
    recipe = Recipe(task=("learn", "classify"), data=key, data_sha256=sha256, rows=len(images), source=source, **facts)
    write_recipe(recipe, folder)
    write_json(folder / "results.json", {"value": 0.1 + 0.2})
    write_text(folder / "report.html", f"<p>source.folder {source.get('folder')}</p>")
    write_text(folder / "tables" / "a.csv", "行\n1\n")
    for name in ("events.jsonl", "worker.log", "lock", "heartbeat", "trace.log"):
        (folder / name).write_text(str(place))
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "last.pt").write_bytes(b"x")
    return folder


def exported(place, runs, file, **options):
    study = add_runs(new_study("研究", place), runs, place)
    export_study(study, file, place=place, **options)
    return study


def texts(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_written_into_a_study_comes_back(place, table):
    run = make_run(place, table.parent.parent / "画像", {})
    study = set_facts(new_study("研究", place), place, title="肺野", ethics="2024-015")
    study = set_facts(add_runs(study, ["last", run], place), place, notes="n")
    assert read_study("研究", place) == study
    assert (study.title, study.ethics, study.notes, study.runs) == ("肺野", "2024-015", "n", (run.name,))
    assert [(d.sha256, d.rows) for d in study.data] == [(read_recipe(run).data_sha256, 4)]
    assert remove_runs(study, [run.name], place).data == ()
    assert run.exists()


def test_a_table_with_full_paths_and_names_travels_and_is_linked_again(place, table, tmp_path):
    run = make_run(place, table, {**SOURCE, "folder": str(tmp_path / "画像")})
    study = exported(place, [run], tmp_path / "S.zip", images=True)
    stored = texts(tmp_path / "S.zip")
    inside = {name.removeprefix(f"runs/{run.name}/") for name in stored if name.startswith("runs/")}
    assert inside == {"recipe.json", "results.json", "report.html", "tables/a.csv"}
    assert "氏名" not in stored[f"data/{study.data[0].key}/table.csv"].decode("utf-8-sig")
    for content in stored.values():
        assert not any(word.encode() in content for word in (str(tmp_path), "山田太郎", "0.png", "1.png"))  # 16 and 17 years

    other = workspace(tmp_path / "別")
    done = import_study(tmp_path / "S.zip", other)
    assert (done.study, done.missing, done.kept) == (study, {}, ())
    recipe = read_recipe(other / "runs" / run.name)
    images = open_images(recall(recipe.data, other), **recipe.source)
    assert str(recall(recipe.data, other)).startswith(str(other))
    assert fingerprint(images) == recipe.data_sha256
    assert (other / "runs" / run.name / "results.json").read_bytes() == (run / "results.json").read_bytes()
    assert list((other / "cache").iterdir()) == []

    again = import_study(tmp_path / "S.zip", other)
    assert again.kept == (run.name,)
    assert import_study(tmp_path / "S.zip", place).kept == (run.name,)  # the recipe here still has its folder
    assert [len(list((other / part).iterdir())) for part in ("runs", "studies")] == [1, 1]


@pytest.mark.parametrize("single", [False, True])
def test_folders_and_single_files_travel(place, tmp_path, single):
    if single:
        data = tmp_path / "set.npz"
        np.savez(data, images=np.arange(128, dtype=np.uint8).reshape(2, 8, 8), labels=np.array([0, 1]))
    else:
        data = tmp_path / "classes"
        for number, name in enumerate(("上", "下")):
            (data / name).mkdir(parents=True)
            write(Image(np.full((8, 8), number, np.uint8)), data / name / "1.png")
        (data / "名簿.txt").write_text("山田")
    run = make_run(place, data, {})
    exported(place, [run], tmp_path / "S.zip", images=True)
    assert not any("名簿" in name for name in texts(tmp_path / "S.zip"))
    assert import_study(tmp_path / "S.zip", workspace(tmp_path / "w2")).missing == {}


def test_data_is_linked_by_content_only(place, table, tmp_path):
    run = make_run(place, table, SOURCE | {"folder": str(tmp_path / "画像")})
    exported(place, [run], tmp_path / "S.zip")
    other = workspace(tmp_path / "w2")
    with pytest.raises(RunError, match="G-STU-022"):
        import_study(tmp_path / "S.zip", other, data=tmp_path / "画像")
    assert not any((other / "runs").iterdir())
    done = import_study(tmp_path / "S.zip", other)
    assert done.linked == ()
    assert "--data PATH" in done.missing[done.study.data[0].key].en
    table = table.rename(tmp_path / "画像" / "labels.xlsx")  # as it may lie on another machine: above its images
    done = import_study(tmp_path / "S.zip", other, data=table)
    assert (done.linked, done.missing) == ((done.study.data[0].key,), {})
    assert recall(done.linked[0], other) == table


def test_other_runs_and_studies_keep_their_names(place, table, tmp_path):
    run = make_run(place, tmp_path / "画像", {})
    exported(place, [run], tmp_path / "S.zip")
    other = workspace(tmp_path / "w2")
    theirs = make_run(other, tmp_path / "画像", {}, run.name)
    write_recipe(replace(read_recipe(theirs), seed=7), theirs)
    set_facts(new_study("研究", other), other, title="別の研究")
    for _ in range(2):
        done = import_study(tmp_path / "S.zip", other)
        assert (done.runs, done.study.runs, done.study.name) == ({run.name: f"{run.name}-2"}, (f"{run.name}-2",), "研究-2")
    assert read_recipe(theirs).seed == 7
    assert read_study("研究", other).title == "別の研究"
    assert len(list((other / "runs").iterdir())) == 2


@pytest.mark.parametrize(
    "text",
    ["{place}/x", "{home}", "&quot;/home/yamada/a.png", r"C:\Users\yamada", "file:///srv/x", "on the machine radlab-07 it"],
)
def test_texts_that_tell_of_this_machine_are_refused(place, table, tmp_path, text, monkeypatch):
    monkeypatch.setattr(study_archive.platform, "node", lambda: "radlab-07")
    run = make_run(place, tmp_path / "画像", {})
    study = add_runs(new_study("研究", place), [run], place)
    write_text(run / "tables" / "a.csv", text.replace("{place}", str(place)).replace("{home}", str(Path.home())))
    with pytest.raises(RunError, match=re.escape(f"runs/{run.name}/tables/a.csv")):
        export_study(study, tmp_path / "S.zip", place=place)
    assert not [file for file in os.listdir(tmp_path) if "zip" in file]
    write_text(run / "tables" / "a.csv", "see http://www.w3.org/1999/xlink, AP/PA, x/home/y, radlab-071\n")
    export_study(study, tmp_path / "S.zip", place=place)


def test_a_path_in_a_result_is_refused_whatever_its_folder(place, table, tmp_path):
    run = make_run(place, tmp_path / "画像", {})
    study = add_runs(new_study("研究", place), [run], place)
    write_json(run / "results.json", {"rows": [["/archive7/ct/1.dcm"]]})
    with pytest.raises(RunError, match="G-STU-023"):
        export_study(study, tmp_path / "S.zip", place=place)


def test_data_that_must_not_travel(place, tmp_path):
    from pydicom.data import get_testdata_file

    data = tmp_path / "d"
    data.mkdir()
    (data / "1.dcm").write_bytes(Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes())
    run = make_run(place, data, {})
    study = add_runs(new_study("研究", place), [run], place)
    with pytest.raises(DataError, match="G-STU-012"):
        export_study(study, tmp_path / "S.zip", place=place, images=True)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.write(data / "1.dcm", "1.dcm")
    remember(tmp_path / "set.zip", read_recipe(run).data_sha256, place)
    with pytest.raises(FileError, match="G-STU-014"):
        export_study(study, tmp_path / "S.zip", place=place, images=True)


def test_data_that_changed_or_has_a_name_no_other_system_takes(place, table, tmp_path):
    run = make_run(place, tmp_path / "画像", {})
    study = add_runs(new_study("研究", place), [run], place)
    write(Image(np.zeros((8, 8), np.uint8)), tmp_path / "画像" / "胸部" / "3.png")
    with pytest.raises(RunError, match="G-STU-010"):
        export_study(study, tmp_path / "S.zip", place=place, images=True)
    os.rename(tmp_path / "画像" / "胸部" / "3.png", tmp_path / "画像" / "胸部" / "a:b.png")
    with pytest.raises(DataError, match="G-STU-011"):
        export_study(study, tmp_path / "S.zip", place=place, images=True)


def changed(file, name, content):
    stored = {**texts(file), name: content}
    with zipfile.ZipFile(file, "w") as archive:
        for key, value in stored.items():
            archive.writestr(key, value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": 2}, "G-STU-004"),
        ({"runs": ["../../evil"]}, "G-STU-005"),
        ({"name": "..\\evil"}, "G-STU-005"),
        ({"runs": ["not-there"]}, "G-STU-021"),
        ({"data": [{"key": "../../evil00", "sha256": "f" * 64, "rows": 1}]}, "G-STU-005"),
        (None, "G-STU-005"),
    ],
)
def test_archives_that_are_refused_whole(place, table, tmp_path, change, code):
    exported(place, [make_run(place, tmp_path / "画像", {})], tmp_path / "S.zip")
    facts = json.loads(texts(tmp_path / "S.zip")["study.json"])
    changed(tmp_path / "S.zip", "study.json", json.dumps(facts | change if change else [1]))
    other = workspace(tmp_path / "w2")
    with pytest.raises((RunError, FileError), match=code):
        import_study(tmp_path / "S.zip", other)
    assert not [file for file in other.rglob("*") if file.is_file()]


def test_images_that_were_exchanged_and_files_nobody_asked_for_stay_out(place, table, tmp_path):
    run = make_run(place, tmp_path / "画像", {})
    study = exported(place, [run], tmp_path / "S.zip", images=True)
    changed(tmp_path / "S.zip", f"runs/{run.name}/lock", b"{}")
    changed(tmp_path / "S.zip", f"runs/{run.name}/files/net.py", b"x = 1")
    image = next(name for name in texts(tmp_path / "S.zip") if name.endswith("3.png"))
    changed(tmp_path / "S.zip", image, texts(tmp_path / "S.zip")[image.replace("3.png", "2.png")])
    other = workspace(tmp_path / "w2")
    done = import_study(tmp_path / "S.zip", other)
    assert "Ask the sender" in done.missing[study.data[0].key].en
    assert not any((other / "data").iterdir())
    assert not (other / "runs" / run.name / "lock").exists()
    assert "Python code" in done.notes[0].en


def test_wrong_names_are_told(place, table, tmp_path):
    study = new_study("chest", place)
    for name, code in (("a/b", "G-STU-001"), ("..", "G-STU-001"), ("chest", "G-STU-002")):
        with pytest.raises(OptionError, match=code):
            new_study(name, place)
    with pytest.raises(FileError, match=r"G-STU-003.*chest"):
        read_study("chset", place)
    run = make_run(place, tmp_path / "画像", {})
    with pytest.raises(RunError, match="G-STU-006"):
        add_runs(study, [run], workspace(tmp_path / "w2"))
    with pytest.raises(RunError, match="G-STU-008"):
        remove_runs(study, ["x"], place)
    (run / "results.json").unlink()
    with pytest.raises(RunError, match="G-STU-007"):
        add_runs(study, [run], place)
    (tmp_path / "old.zip").write_text("")
    for name in ("old.zip", "S.csv"):
        with pytest.raises(OptionError, match="G-STU-020"):
            export_study(study, tmp_path / name, place=place)


def test_the_commands(place, table, tmp_path, capsys):
    make_run(place, table, {**SOURCE, "folder": str(tmp_path / "画像")})
    w = ["--workspace", str(place)]
    assert main(["study", "new", "chest", "--ethics", "2024-015", *w]) == 0
    assert main(["study", "add", "chest", "last", *w]) == 0
    assert main(["study", "set", "chest", "--title", "胸部", *w]) == 0
    assert main(["study", "export", "chest", str(tmp_path / "S.zip"), "--images", *w]) == 0
    assert "(id)" in capsys.readouterr().out
    w2 = ["--workspace", str(tmp_path / "w2")]
    assert main(["study", "import", str(tmp_path / "S.zip"), *w2]) == 0
    capsys.readouterr()
    assert main(["study", "show", "chest", "--json", *w2]) == 0
    assert main(["study", "list", "--json", *w2]) == 0
    shown, listed = capsys.readouterr().out.splitlines()
    assert json.loads(listed) == [json.loads(shown)]
    assert json.loads(shown)["title"] == "胸部"
    assert json.loads(shown)["ethics"] == "2024-015"
    assert main(["study", "show", "other", *w2]) == 1
    assert "G-STU-003" in capsys.readouterr().err
