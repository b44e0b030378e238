"""Annotations: what was drawn is what a learner finds in the set that comes of it."""

import json

import numpy as np
import pytest

from gazo.core.errors import DataError, FileError, OptionError
from gazo.core.image import Image
from gazo.datasets.source import open_images
from gazo.io import write
from gazo.runs.annotations import (
    delete_annotation,
    find_annotation,
    list_annotations,
    marks_of,
    new_annotation,
    read_mask,
    remove_mark,
    store_mark,
)
from gazo.runs.annotations_used import annotation_table, coco, use_annotation
from gazo.runs.sets import DataSet, find_set, images_of, keep, new_set_folder, now, source_of
from gazo.runs.sets_table import write_base
from gazo.runs.workspace import workspace


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "作業")


@pytest.fixture
def chests(place):
    """Four images of 20 x 30 of two patients."""
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    for number in range(4):
        write(Image(np.full((20, 30), 10 * number, np.uint16), spacing_mm=(0.5, 0.5)), making / "files" / f"{number + 1:06d}.png")
    write_base({"file": [f"{n + 1:06d}.png" for n in range(4)], "patient": ["P1", "P1", "P2", "P2"]}, making)
    return keep(DataSet(id=id, name="胸部", created=now(), origin="upload", folder="files", rows=4, roles={"patient": "patient"}), making, place)  # fmt: skip


def opened(set, place):
    path, source = source_of(set.id, place)
    return open_images(path, **source)


def test_classes_become_the_label_of_the_set(chests, place):
    annotation = new_annotation(chests.id, "向き", "class", ["上", "下"], place)
    for row, name in ((0, "上"), (1, "下"), (3, "上"), (1, "上")):
        store_mark(annotation, {"row": row, "name": name}, place)
    used = use_annotation(annotation, place)
    assert used.id == chests.id
    assert images_of(chests.id, place).role("label").tolist() == ["上", "上", None, "上"]
    assert opened(used, place).role("label").tolist() == ["上", "上", "上"]
    store_mark(annotation, {"row": 3, "name": "下"}, place)
    use_annotation(annotation, place)
    assert images_of(chests.id, place).role("label").tolist() == ["上", "上", None, "下"]


def test_boxes_become_a_set_that_a_reader_of_tables_understands(chests, place):
    annotation = new_annotation(chests.id, "結節", "boxes", ["良性", "悪性"], place)
    store_mark(annotation, {"row": 2, "boxes": [["悪性", [3, 4, 10, 6]], ["良性", [0.5, 0, 2, 2]]]}, place)
    store_mark(annotation, {"row": 0, "boxes": []}, place)
    used = use_annotation(annotation, place)
    found = opened(used, place)
    assert used.id != chests.id
    assert len(found) == 2
    assert found.role("boxes")[0].shape == (0, 4)
    assert found.role("boxes")[1].tolist() == [[3, 4, 10, 6], [0.5, 0, 2, 2]]
    assert found.columns["box_labels"][1] == ("悪性", "良性")
    assert found.role("patient").tolist() == ["P1", "P2"]
    assert found[1].pixels.max() == 20
    assert images_of(used.id, place)[1].pixels.max() == 20


def test_masks_become_files_beside_the_images(chests, place):
    annotation = new_annotation(chests.id, "肺野", "mask", ["右肺", "左肺"], place)
    labels = np.zeros((20, 30), np.uint8)
    labels[2:9, 3:10], labels[2:9, 15:25] = 1, 2
    store_mark(annotation, {"row": 3}, place, mask=labels)
    assert np.array_equal(read_mask(annotation, 3, place), labels)
    assert not read_mask(annotation, 0, place).any()
    used = use_annotation(annotation, place)
    found = opened(used, place)
    assert np.array_equal(found.loader(found.role("mask")[0]).pixels, labels)
    assert annotation_table(annotation, place).rows == ((4, "右肺", 49), (4, "左肺", 70))


def test_deleting_the_first_set_leaves_the_second_whole(chests, place):
    from gazo.runs.sets import delete_set

    annotation = new_annotation(chests.id, "結節", "boxes", ["結節"], place)
    store_mark(annotation, {"row": 1, "boxes": [["結節", [1, 1, 5, 5]]]}, place)
    used = use_annotation(annotation, place)
    delete_set(chests.id, place)
    assert images_of(used.id, place)[0].pixels.max() == 10


def test_coco_holds_every_box(chests, place):
    annotation = new_annotation(chests.id, "結節", "boxes", ["良性", "悪性"], place)
    store_mark(annotation, {"row": 2, "boxes": [["悪性", [3, 4, 10, 6]]]}, place)
    found = json.loads(json.dumps(coco(annotation, place)))
    assert found["images"] == [{"id": 3, "file_name": "000003.png", "height": 20, "width": 30}]
    assert found["annotations"] == [{"id": 1, "image_id": 3, "category_id": 2, "bbox": [3, 4, 10, 6], "area": 60, "iscrowd": 0}]
    assert annotation_table(annotation, place).rows == ((3, "悪性", 3, 4, 10, 6),)


def test_marks_are_kept_replaced_and_forgotten(chests, place):
    annotation = new_annotation(chests.id, "向き", "class", ["上"], place)
    store_mark(annotation, {"row": 2, "name": "上"}, place)
    assert list(marks_of(find_annotation(chests.id, annotation.id, place), place)) == [2]
    remove_mark(annotation, 2, place)
    assert marks_of(annotation, place) == {}
    delete_annotation(chests.id, annotation.id, place)
    assert list_annotations(chests.id, place) == []


@pytest.mark.parametrize(
    ("kind", "facts", "mask", "code"),
    [
        ("class", {"row": 0, "name": "左"}, None, "G-ANN-004"),
        ("class", {"row": 9, "name": "上"}, None, "G-ANN-005"),
        ("boxes", {"row": 0, "boxes": [["上", [25, 0, 10, 5]]]}, None, "G-ANN-008"),
        ("boxes", {"row": 0, "boxes": [["上", [5, 5, 0, 5]]]}, None, "G-ANN-008"),
        ("mask", {"row": 0}, np.zeros((5, 5), np.uint8), "G-ANN-007"),
        ("mask", {"row": 0}, np.full((20, 30), 3, np.uint8), "G-ANN-007"),
        ("mask", {"row": 0}, None, "G-ANN-007"),
    ],
)
def test_what_does_not_fit_is_refused(chests, place, kind, facts, mask, code):
    annotation = new_annotation(chests.id, "x", kind, ["上", "下"], place)
    with pytest.raises(DataError, match=code):
        store_mark(annotation, facts, place, mask=mask)
    assert marks_of(annotation, place) == {}


def test_what_makes_no_annotation_is_refused(chests, place):
    for facts, code in (
        (("", "class", ["a"]), "G-ANN-002"),
        (("x", "circle", ["a"]), "G-ANN-002"),
        (("x", "class", []), "G-ANN-002"),
        (("x", "class", ["a|b"]), "G-ANN-002"),
        (("x", "class", ["a", "A"]), "G-ANN-003"),
    ):
        with pytest.raises(OptionError, match=code):
            new_annotation(chests.id, *facts, place)
    with pytest.raises(FileError, match="G-ANN-001"):
        find_annotation(chests.id, "../../x", place)
    with pytest.raises(DataError, match="G-ANN-010"):
        use_annotation(new_annotation(chests.id, "x", "class", ["a"], place), place)


def test_a_volume_takes_classes_only(place):
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    write(Image(np.zeros((3, 8, 8), np.int16), spacing_mm=(1, 1, 1)), making / "files" / "000001.nii.gz")
    write_base({"file": ["000001.nii.gz"]}, making)
    volume = keep(DataSet(id=id, name="v", created=now(), origin="upload", folder="files", rows=1), making, place)
    store_mark(new_annotation(find_set(volume.id, place).id, "x", "class", ["a"], place), {"row": 0, "name": "a"}, place)
    with pytest.raises(DataError, match="G-ANN-006"):
        store_mark(new_annotation(volume.id, "y", "boxes", ["a"], place), {"row": 0, "boxes": []}, place)
