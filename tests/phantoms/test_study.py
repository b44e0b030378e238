import csv
import pickle
from dataclasses import replace

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.progress import Event
from gazo.io import read
from gazo.phantoms import chest_images, chest_study

SMALL = {"patients": 8, "images_per_patient": 3, "size_px": 64}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    events: list[Event] = []
    folder = chest_study(tmp_path_factory.mktemp("研究") / "胸部 ①", seed=3, on_event=events.append, **SMALL)
    with open(folder / "labels.csv", encoding="utf-8-sig", newline="") as file:
        return folder, list(csv.DictReader(file)), events


def test_the_folder_holds_the_pixels_of_the_set_in_memory(study):
    folder, rows, events = study
    images = chest_images(seed=3, **SMALL)
    assert len(rows) == len(images) == len(list((folder / "images").iterdir()))
    assert events[-1].done == events[-1].total == len(rows)
    for row in (0, len(rows) - 1):
        assert np.array_equal(read(folder / rows[row]["file"]).pixels, images[row].pixels)
        mask = images.loader(images.columns["lungs"][row])
        assert np.array_equal(read(folder / rows[row]["lungs"]).pixels > 0, mask.pixels > 0)
        assert mask.meaning == "mask"


def test_the_table_is_as_users_have_it(study):
    folder, rows, _ = study
    assert (folder / "labels.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert all(len(r["patient_id"]) == 5 and r["patient_id"].startswith("00") for r in rows)
    assert len({r["patient_id"] for r in rows}) == 8
    assert {r["patient_id"] for r in rows if r["nodule"] == "1"} == {r["patient_id"] for r in rows if r["x"]}
    assert len({r["patient_id"] for r in rows if r["nodule"] == "1"}) == 4
    assert len({r["patient_id"] for r in rows if r["sex"] == "F"}) == 4
    assert len({(r["patient_id"], r["sex"], r["age"], r["nodule"]) for r in rows}) == 8
    assert len(rows) > 8, "some patients have several images"
    for r in rows:
        if r["nodule"] == "1":
            magnified = float(r["w"]) * float(r["spacing_mm"]) / float(r["diameter_mm"])
            assert 1.03 < magnified < 1.35


def test_images_of_a_patient_share_body_and_nodule_but_not_noise():
    images = chest_images(seed=1, **SMALL)
    keys, patients = images.columns["file"], images.role("patient")
    loader = images.loader
    twice = next(i for i in range(1, len(keys)) if patients[i] == patients[i - 1])
    stranger = next(i for i in range(len(keys)) if patients[i] != patients[twice])
    assert loader.body(keys[twice]) == loader.body(keys[twice - 1])
    assert loader.body(keys[twice]).fine_seed != loader.body(keys[stranger]).fine_seed
    assert loader.pose(keys[twice]) != loader.pose(keys[twice - 1])
    assert images[twice].patient == images[twice - 1].patient == patients[twice]
    assert not np.array_equal(images[twice].pixels, images[twice - 1].pixels)


def test_the_loader_survives_pickling_and_digests_tell_images_apart():
    images = chest_images(seed=5, **SMALL)
    again = pickle.loads(pickle.dumps(images))  # noqa: S301 - our own object
    assert np.array_equal(again[2].pixels, images[2].pixels)
    digests = [images.digest(row) for row in range(len(images))]
    assert len(set(digests)) == len(images)
    assert digests == [again.digest(row) for row in range(len(images))]
    assert chest_images(seed=6, **SMALL).digest(0) != digests[0]
    key = images.columns["file"][0]
    for change in ({"seed": 6}, {"size_px": 65}, {"how": replace(images.loader.how, clutter=0.5)}):
        assert replace(images.loader, **change).digest(key) != digests[0]
    assert images.loader.digest(images.columns["lungs"][0]) != digests[0]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(GazoError, match="G-PHA-002"):
        chest_study(tmp_path, seed=0, patients=1)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_all_or_none_with_a_nodule():
    for share, expected in ((0.0, {0}), (1.0, {1})):
        assert set(chest_images(seed=0, patients=4, nodule_share=share).role("label").tolist()) == expected
