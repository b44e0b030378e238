"""Data sets of a workspace: what goes in comes out, corrections lie beside and can be taken back, cohorts stand alone."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.datasets.cohort import Condition
from gazo.datasets.source import open_images
from gazo.io.rows import read_rows
from gazo.runs.sets import (
    DataSet,
    delete_set,
    find_set,
    fix_cells,
    folder_of,
    images_of,
    keep,
    list_sets,
    new_columns,
    new_set_folder,
    now,
    path_of,
    rename_set,
    rows_of,
    set_of,
    set_roles,
    source_of,
    undo_fix,
)
from gazo.runs.sets_check import Division, check_set, divided, division_rows, known_check
from gazo.runs.sets_cohort import add_cohort, flow_of
from gazo.runs.sets_facts import balance, column_facts, people
from gazo.runs.sets_fixes import Fix
from gazo.runs.sets_sample import add_sample
from gazo.runs.sets_store import store
from gazo.runs.sets_table import BOXES, FILE, write_base
from gazo.runs.workspace import workspace


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "作業"))
    return workspace(tmp_path / "作業")


def pictures(count=8):
    return np.random.default_rng(0).integers(0, 255, (count, 12, 10)).astype(np.uint8)


@pytest.fixture
def made(place):
    """Eight images of four patients, one of them without label."""
    from gazo.core.imageset import ArrayLoader

    id, making = new_set_folder(place)
    stored = store(ArrayLoader(pictures()), range(8), making)
    columns = {
        FILE: stored.files,
        "label": ["up", "up", "down", "down", None, "up", "down", "up"],
        "patient": [f"P000{1 + n // 2}" for n in range(8)],
        "age": [40 + n for n in range(8)],
        "code": [f"00{n}" for n in range(8)],
    }
    write_base(columns, making)
    roles = {"label": "label", "patient": "patient"}
    return keep(DataSet(id=id, name="表裏 =1+1", created=now(), origin="upload", folder=".", rows=8, roles=roles), making, place)


def test_what_goes_in_comes_out(made, place):
    images = images_of(made.id, place)
    assert [np.array_equal(images[row].pixels, pictures()[row]) for row in range(8)] == [True] * 8
    assert images.columns["code"].tolist() == [f"00{n}" for n in range(8)]  # text IDs keep their zeros
    assert images.role("label")[4] is None
    assert find_set(made.id, place) == made
    assert [one.id for one in list_sets(place)] == [made.id]


def test_learning_opens_the_labelled_rows_and_finds_their_way_back(made, place):
    path, options = source_of(made.id, place)
    opened = open_images(path, **options)
    assert len(opened) == 7
    assert rows_of(opened, made.id, place) == [0, 1, 2, 3, 5, 6, 7]
    assert set_of(path, place) == made.id
    assert set_of(place / "runs", place) == ""
    assert np.array_equal(opened[4].pixels, images_of(made.id, place)[5].pixels)


def test_boxes_come_back(place):
    from gazo.core.imageset import ArrayLoader

    id, making = new_set_folder(place)
    boxes = [np.array([[1.5, 2, 3, 4], [5, 6, 2, 1]]), np.zeros((0, 4)), np.array([[0, 0, 9, 9]])]
    write_base({FILE: store(ArrayLoader(pictures(3)), range(3), making).files, "label": ["a", "b", "a"], "boxes": boxes}, making)
    roles = {"label": "label", "boxes": ",".join(BOXES)}
    keep(DataSet(id=id, name="boxes", created=now(), origin="upload", folder=".", rows=3, roles=roles), making, place)
    path, options = source_of(id, place)
    for images in (images_of(id, place), open_images(path, **options)):
        assert [found.tolist() for found in images.role("boxes")] == [box.tolist() for box in boxes]
        assert images.role("label").tolist() == ["a", "b", "a"]


def test_corrections_lie_beside_the_table(made, place):
    table = folder_of(made.id, place) / "table.csv"
    before, old_path = table.read_bytes(), source_of(made.id, place)[0]
    fix_cells(made.id, [Fix("label", "down", (4,))], place)
    fix_cells(made.id, [Fix("label", "上", old="up"), Fix("age", "99", (0, 1))], place)
    assert images_of(made.id, place).role("label").tolist() == ["上", "上", "down", "down", "down", "上", "down", "上"]
    assert images_of(made.id, place).columns["age"][:3].tolist() == ["99", "99", "42"]
    assert table.read_bytes() == before
    assert old_path.exists()  # what a run was made from stays as it was
    assert source_of(made.id, place)[0] != old_path
    undo_fix(made.id, place)
    assert images_of(made.id, place).columns["age"][0] == "40"
    assert images_of(made.id, place).role("label")[4] == "down"
    undo_fix(made.id, place)
    undo_fix(made.id, place)  # nothing left to take back
    assert source_of(made.id, place)[0] == old_path


def test_two_classes_change_places(made, place):
    rows = {
        name: [r for r, label in enumerate(images_of(made.id, place).role("label")) if label == name] for name in ("up", "down")
    }
    fix_cells(made.id, [Fix("label", "down", tuple(rows["up"])), Fix("label", "up", tuple(rows["down"]))], place)
    assert images_of(made.id, place).role("label").tolist() == ["down", "down", "up", "up", None, "down", "up", "down"]


def test_new_columns_and_their_part_go_together(made, place):
    new_columns(made.id, {"view": ["PA"] * 5 + [None] * 3}, place)
    set_roles(made.id, {"label": "view"}, place)
    assert [(one.name, one.images) for one in balance(images_of(made.id, place))] == [("PA", 5), ("", 3)]
    undo_fix(made.id, place)
    assert find_set(made.id, place).roles == {"patient": "patient"}


@pytest.mark.parametrize(
    ("do", "code"),
    [
        (lambda s, p: find_set("../../x", p), "G-SET-001"),
        (lambda s, p: find_set("00000000", p), "G-SET-001"),
        (lambda s, p: path_of(s.id, 8, p), "G-SET-002"),
        (lambda s, p: rename_set(s.id, p, name=" \n "), "G-SET-003"),
        (lambda s, p: set_roles(s.id, {"labl": "label"}, p), "G-SET-004"),
        (lambda s, p: set_roles(s.id, {"label": FILE}, p), "G-SET-005"),
        (lambda s, p: set_roles(s.id, {"image": "label"}, p), "G-SET-004"),
        (lambda s, p: set_roles(s.id, {"value": "label"}, p), "G-IO-045"),
        (lambda s, p: new_columns(s.id, {"x": ["a"]}, p), "G-SET-006"),
        (lambda s, p: fix_cells(s.id, [Fix(FILE, "../../etc/passwd", (0,))], p), "G-SET-020"),
        (lambda s, p: fix_cells(s.id, [Fix("label", "a", (8,))], p), "G-SET-021"),
        (lambda s, p: fix_cells(s.id, [Fix("label", "a\nb", (1,))], p), "G-SET-022"),
        (lambda s, p: add_sample("nothing", p), "G-SET-030"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(made, place, do, code):
    before = sorted((path, path.read_bytes()) for path in folder_of(made.id, place).rglob("*.json"))
    with pytest.raises(GazoError) as error:
        do(made, place)
    assert error.value.code == code
    assert sorted((path, path.read_bytes()) for path in folder_of(made.id, place).rglob("*.json")) == before


def test_a_cohort_stands_alone(made, place):
    set_roles(made.id, {"value": "age"}, place)
    chosen = add_cohort(made.id, [Condition(">=", "age", ("42",)), Condition("one")], "選択", place)
    images = images_of(chosen.id, place)
    assert [image.pixels.tolist() for _, image in images.stream()] == [pictures()[row].tolist() for row in (2, 4, 6)]
    delete_set(made.id, place)
    assert np.array_equal(images_of(chosen.id, place)[2].pixels, pictures()[6])
    assert flow_of(find_set(chosen.id, place)).images == 8
    assert not folder_of(made.id, place).exists()


def test_a_cohort_takes_corrections_along(made, place):
    fix_cells(made.id, [Fix("label", "left", (0,))], place)
    chosen = add_cohort(made.id, [Condition("=", "label", ("left",))], "left", place)
    assert images_of(chosen.id, place).role("label").tolist() == ["left"]


def test_patients_stay_in_one_part_and_unlabelled_images_in_none(made, place):
    images = images_of(made.id, place)
    folds = divided(images, Division("folds", folds=2, validation_share=0.0, seed=3))
    for fold in folds:
        parts = [{images.role("patient")[row] for row in rows} for rows in fold.parts.values()]
        assert not parts[0] & parts[2]
        assert 4 not in np.concatenate([fold.train, fold.validation, fold.test])
    table = division_rows(images, folds)
    assert len(table.rows) == 8
    assert table.rows[4][-1] == ""


def test_the_check_is_known_until_something_changes(made, place):
    assert known_check(made.id, place) is None
    told = check_set(made.id, place)
    assert {finding["code"] for finding in told["findings"]} >= {"label-missing"}
    assert known_check(made.id, place)["findings"] == told["findings"]
    fix_cells(made.id, [Fix("label", "up", (4,))], place)
    assert known_check(made.id, place) is None


def test_facts_tell_columns_without_files(made, place):
    images = images_of(made.id, place)
    facts = {one.name: one for one in column_facts(images)}
    assert FILE not in facts
    assert (facts["age"].kind, facts["label"].kind, facts["patient"].kind) == ("category", "category", "text")
    assert people(images) == 4
    assert [(one.name, one.images, one.patients) for one in balance(images)] == [("up", 4, 3), ("down", 3, 2), ("", 1, 1)]


def test_a_sample_is_simulated_and_the_same_again(place, monkeypatch):
    import gazo.runs.sets_sample as samples

    small = tuple(samples.Sample(one.key, one.name, one.about, 3, 32) for one in samples.SAMPLES)
    monkeypatch.setattr(samples, "SAMPLES", small)
    first, second = add_sample("directions", place), add_sample("directions", place)
    images, again = images_of(first.id, place), images_of(second.id, place)
    assert first.simulated
    assert first.said[0].ja.startswith("シミュレーション")
    assert all(np.array_equal(images[row].pixels, again[row].pixels) for row in range(len(images)))
    turned = dict(zip(images.role("label")[:4], [images[row].pixels for row in range(4)], strict=True))
    assert np.array_equal(np.rot90(turned["up"], 2), turned["down"])
    assert np.array_equal(np.rot90(turned["left"], 2), turned["right"])
    chest = images_of(add_sample("chest", place).id, place)
    lungs = chest.loader(chest.role("mask")[0]).pixels > 0
    assert 0.05 < lungs.mean() < 0.6


def test_a_formula_in_a_label_stays_text(made, place):
    fix_cells(made.id, [Fix("label", "=1+1", (0,))], place)
    assert images_of(made.id, place).role("label")[0] == "=1+1"
    assert "'=1+1" in source_of(made.id, place)[0].read_text("utf-8-sig")
    assert read_rows(source_of(made.id, place)[0]).column("label")[0] == "=1+1"
