import hashlib
import pickle

import numpy as np
import pytest

from gazo.core.errors import DataError, FileError, GazoError
from gazo.core.image import Image
from gazo.core.imageset import ArrayLoader, ImageSet


class Counting:
    """Opens images and remembers which; the third is broken."""

    def __init__(self):
        self.opened = []

    def __call__(self, reference):
        self.opened.append(reference)
        if reference == "c.png":
            raise FileError("G-XX-001", en="broken", ja="壊れています")
        return Image(np.full((2, 2), len(self.opened)))

    def digest(self, reference):
        return hashlib.sha256(reference.encode()).hexdigest()


def study(loader=None):
    columns = {
        "file": np.array(["a.png", "b.png", "c.png", "d.png"], object),
        "view": np.array(["AP", "PA", "PA", "AP"], object),
        "age": np.array([30, 40, 50, 60]),
    }
    return ImageSet(columns, {"image": "file", "label": "view"}, loader or Counting(), name="胸部")


def test_nothing_is_read_until_it_is_asked_for():
    loader = Counting()
    images = study(loader)
    images.take([0, 1]).where(lambda row: row["age"] > 30).with_role("value", "age")
    assert (len(images), loader.opened) == (4, [])
    next(images.stream())
    assert loader.opened == ["a.png"]


def test_a_stream_passes_over_what_cannot_be_read_when_asked_to():
    faults = []
    assert [row for row, _ in study().stream(faults=faults)] == [0, 1, 3]
    assert [(f.row, f.error.code) for f in faults] == [(2, "G-XX-001")]
    with pytest.raises(FileError, match=r"broken|壊れています"):
        list(study().stream())


def test_mistakes_of_the_program_are_not_passed_over():
    def faulty(reference):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(study(faulty).stream(faults=[]))


def test_rows_are_taken_by_number_or_by_truth_and_in_that_order():
    images = study()
    assert list(images.take([3, 0]).columns["file"]) == ["d.png", "a.png"]
    assert list(images.take(np.array([True, False, False, True])).columns["age"]) == [30, 60]
    assert len(images.take([])) == 0
    assert list(images.where(lambda row: row["view"] == "PA").columns["file"]) == ["b.png", "c.png"]


def test_a_column_may_be_added_and_play_a_part():
    images = study().with_column("patient", ["00123", "7", "7", None], role="patient")
    assert list(images.role("patient")) == ["00123", "7", "7", None]
    assert not study().has("patient")
    assert images.has("patient")


def test_a_missing_role_or_column_is_named_with_the_way_out():
    with pytest.raises(DataError, match=r"G-DATA-001.*patient.*file, view, age"):
        study().role("patient")
    with pytest.raises(DataError, match=r"G-DATA-002.*'viev'.*'view'"):
        study().with_role("label", "viev")


def test_what_makes_no_set_is_refused():
    with pytest.raises(ValueError, match="different length"):
        ImageSet({"a": np.arange(2), "b": np.arange(3)}, {"image": "a"}, Counting())
    with pytest.raises(ValueError, match="role 'image'"):
        ImageSet({"a": np.arange(2)}, {}, Counting())
    with pytest.raises(ValueError, match="not a role"):
        ImageSet({"a": np.arange(2)}, {"image": "a", "diagnosis": "a"}, Counting())


def test_arrays_in_memory_are_a_set_too():
    arrays = np.arange(2 * 4 * 5, dtype=np.uint8).reshape(2, 4, 5)
    images = ImageSet.from_arrays(arrays, labels=["あ", "b"], patients=["01", "02"], spacing_mm=(0.5, 0.5))
    assert np.array_equal(images[1].pixels, arrays[1])
    assert images[1].spacing_mm == (0.5, 0.5)
    assert (list(images.role("label")), list(images.role("patient"))) == (["あ", "b"], ["01", "02"])
    assert ImageSet.from_arrays(np.zeros((2, 4, 5, 3)))[0].colour


def test_digests_follow_content_shape_and_type():
    def digest(array):
        return ImageSet.from_arrays(array[None]).digest(0)

    array = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert digest(array) == digest(array.copy())
    assert digest(np.asfortranarray(array)) == digest(array)
    others = [array.reshape(4, 3), array.astype(np.int8), array + np.uint8(1)]
    assert len({digest(array), *map(digest, others)}) == 4


def test_a_set_travels_to_worker_processes():
    images = ImageSet.from_arrays(np.arange(8).reshape(2, 2, 2), labels=[0, 1])
    back = pickle.loads(pickle.dumps(images))  # noqa: S301 - our own bytes
    assert np.array_equal(back[1].pixels, images[1].pixels)
    assert back.digest(1) == images.digest(1)
    assert isinstance(back.loader, ArrayLoader)


def test_faults_travel_with_their_code_and_both_languages():
    faults = []
    list(study().stream(faults=faults))
    back = pickle.loads(pickle.dumps(faults[0].error))  # noqa: S301 - our own bytes
    assert isinstance(back, FileError)
    assert isinstance(back, GazoError)
    assert (back.code, back.text) == ("G-XX-001", faults[0].error.text)
