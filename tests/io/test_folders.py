from collections import Counter

import numpy as np
import PIL.Image
import pytest

from gazo.core.errors import DataError, FileError, OptionError
from gazo.io import read_folder


def fill(root, *files):
    for number, file in enumerate(files):
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".png":
            PIL.Image.fromarray(np.full((4, 4), number, "uint8")).save(path)
        else:
            path.write_bytes(b"x")


def test_a_folder_a_class_without_clutter(tmp_path):
    clutter = ["up/Thumbs.db", "up/.DS_Store", "__MACOSX/up/._1.png", ".git/a.png", "up/notes.txt"]
    fill(tmp_path, "up/1.png", "up/2.png", "下/1.png", *clutter)
    images = read_folder(tmp_path)
    assert list(images.role("image")) == ["up/1.png", "up/2.png", "下/1.png"]
    assert list(images.role("label")) == ["up", "up", "下"]
    assert images[2].pixels[0, 0] == 2


def test_train_and_test_folders_inside_a_folder_that_holds_all(tmp_path):
    fill(tmp_path, "mini/train/up/1.png", "mini/train/down/1.png", "mini/test/up/1.png", "mini/検証/down/1.png")
    images = read_folder(tmp_path)
    found = dict(zip(images.role("image"), zip(images.role("split"), images.role("label"), strict=True), strict=True))
    assert found["mini/train/down/1.png"] == ("train", "down")
    assert found["mini/test/up/1.png"] == ("test", "up")
    assert found["mini/検証/down/1.png"] == ("val", "down")


def test_a_train_folder_alone_still_says_what_it_holds(tmp_path):
    fill(tmp_path, "mini/train/up/1.png", "mini/train/down/1.png")
    images = read_folder(tmp_path)
    assert set(images.role("split")) == {"train"}
    assert list(images.role("label")) == ["down", "up"]


def test_a_flat_folder_has_no_labels(tmp_path):
    fill(tmp_path, "images/a.png", "images/b.png")
    assert not read_folder(tmp_path).has("label")
    assert not read_folder(tmp_path / "images").has("label")


def test_pattern_and_label_from_the_name(tmp_path):
    fill(tmp_path, "MCUCXR_0001_0.png", "MCUCXR_0002_1.png", "note.png", "mask.gif")
    images = read_folder(tmp_path, pattern="MCU*.png", label=r"_([01])\.png$")
    assert list(images.role("label")) == ["0", "1"]
    every = read_folder(tmp_path, label=r"_([01])\.png$")
    assert len(every) == 2
    assert "2" in every.notes[0].en
    with pytest.raises(OptionError, match=r"G-IO-051"):
        read_folder(tmp_path, label="(")
    with pytest.raises(DataError, match=r"G-IO-052"):
        read_folder(tmp_path, label="xyz")


def test_empty_missing_and_no_folder(tmp_path):
    with pytest.raises(DataError, match=r"G-IO-050"):
        read_folder(tmp_path)
    with pytest.raises(FileError, match=r"G-IO-006"):
        read_folder(tmp_path / "none")
    (tmp_path / "a").touch()
    with pytest.raises(FileError, match=r"G-IO-007"):
        read_folder(tmp_path / "a")


def test_dicom_without_ending_is_found(data, tmp_path):
    (tmp_path / "IM0001").write_bytes((data / "dicom_samples/files/CT_small_explicit_le.dcm").read_bytes())
    (tmp_path / "README").write_text("no image")
    assert list(read_folder(tmp_path).role("image")) == ["IM0001"]


def test_real_folder(data):
    assert Counter(read_folder(data / "covid_cxr").role("label")) == {"images": 150, "masks": 150, "lateral": 21}
