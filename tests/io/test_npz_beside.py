"""Masks inside an .npz set and the table beside it."""

import csv

import numpy as np
import pytest

from gazo.core import DataError
from gazo.datasets.source import open_images
from gazo.io import read_npz


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(-1000, 400, (5, 12, 20)).astype(np.int16)
    masks = rng.random((5, 12, 20)) > 0.7
    np.savez(tmp_path / "nodules.npz", images=images, masks=np.packbits(masks, axis=-1), label=np.array([0, 1, 0, 1, 1]))
    with open(tmp_path / "labels.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["index", "patient_id", "diameter_mm", "label"])
        writer.writerows([[n, f"0{n // 2}", 10.5 + n, "x"] for n in (3, 1, 0, 2, 4)])
    return tmp_path, images, masks


def test_packed_masks_and_the_table_come_by_themselves(folder):
    place, pixels, masks = folder
    images = open_images(place / "nodules.npz", label="label", patient="patient_id", value="diameter_mm")
    assert images.role("patient").tolist() == ["00", "00", "01", "01", "02"]
    assert images.role("value").tolist() == [10.5, 11.5, 12.5, 13.5, 14.5]
    assert images.role("label").tolist() == ["0", "1", "0", "1", "1"]  # the file's own array counts
    for row in range(5):
        np.testing.assert_array_equal(images[row].pixels, pixels[row])
        mask = images.loader(images.role("mask")[row])
        np.testing.assert_array_equal(mask.pixels, masks[row])
        assert mask.meaning == "mask"


def test_plain_masks_and_spacing(tmp_path):
    masks = np.eye(6, dtype=bool)[None].repeat(2, 0)
    np.savez(tmp_path / "a.npz", images=np.zeros((2, 6, 6)), masks=masks)
    images = read_npz(tmp_path / "a.npz", spacing_mm=0.6)
    assert images[1].spacing_mm == (0.6, 0.6)
    np.testing.assert_array_equal(images.loader(images.role("mask")[1]).pixels, masks[1])


def test_a_table_that_does_not_fit_and_masks_of_another_size(folder):
    place, pixels, _ = folder
    (place / "short.csv").write_text("patient_id\na\nb\n")
    with pytest.raises(DataError, match="G-IO-097"):
        read_npz(place / "nodules.npz", table=place / "short.csv")
    np.savez(place / "wrong.npz", images=pixels, masks=np.zeros((5, 8, 8), np.uint8))
    with pytest.raises(DataError, match="G-IO-096"):
        read_npz(place / "wrong.npz")


def test_the_lidc_nodules_open_with_masks_and_patients(data):
    images = open_images(data / "lidc_nodules" / "axial32.npz", label="label", patient="patient_id", value="diameter_mm")
    assert len(images) == 771
    assert len(set(images.role("patient"))) == 425
    mask = images.loader(images.role("mask")[0]).pixels
    assert mask.shape == images[0].shape == (32, 32)
    assert 0 < mask.mean() < 1
