import io
import zipfile

import numpy as np
import pytest

from gazo.core.errors import DataError, FileError
from gazo.io import read_npz


def medmnist(path, channels=()):
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 6), ("val", 3), ("test", 4)):
        arrays[f"{part}_images"] = rng.integers(0, 255, (count, 28, 28, *channels), dtype="uint8")
        arrays[f"{part}_labels"] = rng.integers(0, 2, (count, 1), dtype="uint8")
    np.savez_compressed(path, **arrays)
    return arrays


@pytest.mark.parametrize("channels", [(), (3,)])
def test_parts_of_medmnist_become_a_split(tmp_path, channels):
    arrays = medmnist(tmp_path / "m.npz", channels)
    images = read_npz(tmp_path / "m.npz")
    assert list(images.role("split")) == ["train"] * 6 + ["val"] * 3 + ["test"] * 4
    assert images[7].colour is bool(channels)
    np.testing.assert_array_equal(images[7].pixels, arrays["val_images"][1])
    assert list(images.role("label")[:6]) == [str(label) for label in arrays["train_labels"][:, 0]]
    test = read_npz(tmp_path / "m.npz", part="test")
    np.testing.assert_array_equal(test[0].pixels, arrays["test_images"][0])
    with pytest.raises(DataError, match=r"G-IO-057.*train"):
        read_npz(tmp_path / "m.npz", part="tain")


def test_plain_keys_and_several_labels(tmp_path):
    images = np.arange(2 * 3 * 4, dtype="float32").reshape(2, 3, 4)
    np.savez(tmp_path / "a.npz", images=images, age=[50.0, 61.0], view=["AP", "PA"], labels=[[0, 1], [1, 1]])
    found = read_npz(tmp_path / "a.npz", label="view", value="age")
    assert list(found.role("label")) == ["AP", "PA"]
    assert found.role("value").tolist() == [50.0, 61.0]
    assert found.columns["label_1"].tolist() == [1, 1]
    np.testing.assert_array_equal(found[1].pixels, images[1])
    with pytest.raises(DataError, match=r"G-IO-059.*view"):
        read_npz(tmp_path / "a.npz", label="veiw")


def test_pickled_objects_are_refused_without_being_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    np.savez(tmp_path / "p.npz", images=np.array([Bomb()], object))
    with pytest.raises(FileError, match=r"G-IO-056"):
        read_npz(tmp_path / "p.npz")
    assert not (tmp_path / "ran").exists()


def test_a_header_that_promises_more_than_there_is(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**3, 10**3)})
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue() + b"\0" * 100)
    with pytest.raises(FileError, match=r"G-IO-005"):
        read_npz(tmp_path / "b.npz")


def test_a_bomb_larger_than_the_memory(tmp_path, monkeypatch):
    import psutil

    np.savez_compressed(tmp_path / "b.npz", images=np.zeros((100, 100, 100), "uint8"))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 1_000_000}))
    with pytest.raises(FileError, match=r"G-IO-055"):
        read_npz(tmp_path / "b.npz")


def test_no_images_in_it(tmp_path):
    np.savez(tmp_path / "n.npz", a=np.zeros(3))
    with pytest.raises(DataError, match=r"G-IO-058"):
        read_npz(tmp_path / "n.npz")


def test_real_sets(data):
    counts = {part: len(read_npz(data / "pneumoniamnist/pneumoniamnist.npz", part=part)) for part in ("train", "val", "test")}
    assert counts == {"train": 4708, "val": 524, "test": 624}
    views = read_npz(data / "nih_cxr/nih64.npz", label="view").role("label")
    assert sorted((list(views).count("0"), list(views).count("1"))) == [251, 272]
