"""Laying down runs: whole recipes without paths, other data refused."""

import csv
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from gazo.core import RunError
from gazo.runs.recipe import read_recipe
from gazo.runs.rerun import rerun
from gazo.runs.start import make_again, make_run, read_result
from gazo.runs.tasks import data_of
from gazo.runs.workspace import workspace


def study(folder, count=12, seed=0):
    """A table with its images in a folder apart."""
    (folder / "images 山田").mkdir(parents=True)
    rng = np.random.default_rng(seed)
    rows = [{"file": f"{i}.png", "patient": f"P{i}", "label": "ab"[i % 2]} for i in range(count)]
    for row in rows:
        Pillow.fromarray(rng.integers(0, 255, (16, 16), dtype=np.uint8)).save(folder / "images 山田" / row["file"])
    with open(folder / "labels.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder / "labels.csv"


@pytest.fixture
def made(tmp_path):
    place = workspace(tmp_path / "workspace")
    table = study(tmp_path / "first")
    source = {"label": "label", "patient": "patient", "folder": str(table.parent / "images 山田")}
    folder = make_run(
        ("learn", "classify"),
        table,
        place=place,
        source=source,
        options={"network": "small_cnn", "epochs": 1},
        protocol={"folds": 3},
    )
    return place, table, folder


def test_the_recipe_holds_every_option_and_no_path(made):
    place, _, folder = made
    recipe = read_recipe(folder)
    assert recipe.options["batch_size"] == 16
    assert recipe.protocol["validation_share"] == 0.15
    text = (folder / "recipe.json").read_text(encoding="utf-8")
    assert "山田" not in text
    assert str(place.parent) not in text
    assert len(data_of(recipe, place, lambda event: None)) == 12


def test_data_of_another_content_is_refused(made, tmp_path):
    place, _, folder = made
    other = study(tmp_path / "second", seed=1)
    recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    (tmp_path / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    with pytest.raises(RunError, match="G-RUN-009"):
        make_again(tmp_path / "recipe.json", place=place, data=other.parent)


def test_a_run_without_results_cannot_be_compared(made):
    place, _, folder = made
    with pytest.raises(RunError, match="G-RUN-013"):
        read_result(folder)
    before = sorted((place / "runs").iterdir())
    with pytest.raises(RunError, match="G-RUN-013"):
        rerun(folder, place=place)
    assert sorted((place / "runs").iterdir()) == before
