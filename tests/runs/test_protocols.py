"""Measuring by hand: values of shapes whose truth is known, orders, and what a protocol refuses."""

import json
import math

import numpy as np
import pytest

from gazo.core.errors import DataError, FileError, OptionError
from gazo.core.image import Image
from gazo.io import write
from gazo.runs.protocols import delete_protocol, find_protocol, list_protocols, new_protocol, order_of, rename_protocol
from gazo.runs.readings import readings_of, store_reading, table_of
from gazo.runs.sets import DataSet, keep, new_set_folder, now
from gazo.runs.sets_table import write_base
from gazo.runs.workspace import workspace

ROWS_MM, COLUMNS_MM = 0.2, 0.1
LINE = [[10, 10], [40, 50]]  # 3 mm across, 8 mm down


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "作業")


@pytest.fixture
def chests(place):
    """Six images of 60 x 80 whose pixels are 100 x row + column + number of the image, with patients and labels."""
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    rows, columns = np.mgrid[:60, :80]
    for number in range(6):
        pixels = (100 * rows + columns + number).astype(np.uint16)
        write(Image(pixels, spacing_mm=(ROWS_MM, COLUMNS_MM)), making / "files" / f"{number + 1:06d}.png")
    names = [f"{n + 1:06d}.png" for n in range(6)]
    write_base({"file": names, "patient": [f"P{n // 2:04d}" for n in range(6)], "finding": list("ababab")}, making)
    roles = {"patient": "patient", "label": "finding"}
    return keep(DataSet(id=id, name="胸部", created=now(), origin="upload", folder="files", rows=6, roles=roles), making, place)


ITEMS = [
    {"key": "a", "name": "長さ", "kind": "line"},
    {"key": "b", "name": "角度", "kind": "angle"},
    {"key": "c", "name": "領域", "kind": "rectangle"},
    {"key": "d", "name": "もう一本", "kind": "line"},
    {"key": "p", "name": "点", "kind": "point"},
    {"key": "r", "name": "比", "kind": "ratio", "over": ["a", "d"], "under": ["d"]},
]
SHAPES = {
    "a": {"points": LINE},
    "b": {"points": [[10, 10], [10, 20], [30, 20]]},
    "c": {"points": [[10, 5], [19, 9]]},
    "d": {"points": [[0, 0], [20, 0]]},
    "p": {"points": [[7, 3]]},
}


def made(chests, place, **facts):
    return new_protocol({"name": "計測", "set": chests.id, "items": ITEMS, **facts}, place)


def test_values_are_those_of_the_geometry_and_the_pixels(chests, place):
    protocol = made(chests, place)
    values = store_reading(protocol, 1, 1, {"row": 2, "shapes": SHAPES, "seconds": 4}, place).values
    length = math.hypot(30 * COLUMNS_MM, 40 * ROWS_MM)
    assert values["a"]["length"] == pytest.approx(length, rel=1e-12)
    assert values["b"]["angle"] == pytest.approx(90)
    assert values["d"]["length"] == pytest.approx(2.0)
    assert values["r"]["ratio"] == pytest.approx((length + 2) / 2)
    region = (100 * np.mgrid[5:10, 10:20][0] + np.mgrid[5:10, 10:20][1] + 2).astype(float)
    assert values["c"]["mean"] == pytest.approx(region.mean())
    assert values["c"]["sd"] == pytest.approx(region.std(ddof=1))
    assert values["c"]["area"] == pytest.approx(50 * ROWS_MM * COLUMNS_MM)
    assert values["p"]["value"] == 309


def test_an_angle_is_that_on_the_patient_where_pixels_are_not_square(chests, place):
    protocol = made(chests, place, items=[ITEMS[1]])
    drawn = {"b": {"points": [[20, 0], [0, 0], [20, 10]]}}  # 2 mm across, 2 mm down: 45 degrees
    values = store_reading(protocol, 1, 1, {"row": 0, "shapes": drawn}, place).values
    assert values["b"]["angle"] == pytest.approx(45)


def test_a_reading_is_kept_and_can_be_replaced(chests, place):
    protocol = made(chests, place)
    for points in (LINE, [[0, 0], [10, 0]]):
        store_reading(protocol, 1, 1, {"row": 4, "shapes": SHAPES | {"a": {"points": points}}, "note": "再"}, place)
    again = readings_of(find_protocol(protocol.id, place), 1, 1, place)
    assert list(again) == [4]
    assert again[4].values["a"]["length"] == pytest.approx(1.0)
    assert again[4].shapes["a"]["points"] == [[0, 0], [10, 0]]


def test_blinded_orders_differ_between_readers_and_passes_and_stay(chests, place):
    protocol = made(chests, place, blinded=True, readers=["甲", "乙"], passes=2, seed=3)
    orders = {(reader, n): order_of(protocol, reader, n) for reader in (1, 2) for n in (1, 2)}
    assert len(set(orders.values())) == 4
    assert all(sorted(order) == list(range(6)) for order in orders.values())
    assert order_of(find_protocol(protocol.id, place), 2, 2) == orders[2, 2]
    assert order_of(made(chests, place), 1, 1) == tuple(range(6))


def test_the_table_has_a_row_for_each_image_reader_and_pass(chests, place):
    protocol = made(chests, place, readers=["甲", "乙"], passes=2)
    store_reading(protocol, 2, 1, {"row": 3, "shapes": SHAPES, "seconds": 7.25, "note": "ぶれ"}, place)
    store_reading(protocol, 1, 2, {"row": 0, "shapes": SHAPES}, place)
    table = table_of(protocol, place)
    assert [str(h.ja) for h in table.headings][:5] == ["画像", "患者", "読影者", "回", "長さ [mm]"]
    assert [row[:4] for row in table.rows] == [(1, "P0000", "甲", 2), (4, "P0001", "乙", 1)]
    assert table.rows[1][-2:] == (7.2, "ぶれ")


def test_only_some_images_and_another_name(chests, place):
    protocol = made(chests, place, rows=[4, 1])
    assert order_of(protocol, 1, 1) == (4, 1)
    assert rename_protocol(protocol.id, "新しい名前", place).name == "新しい名前"
    assert [one.name for one in list_protocols(place)] == ["新しい名前"]
    with pytest.raises(DataError, match="G-PRL-010"):
        store_reading(protocol, 1, 1, {"row": 0, "shapes": SHAPES}, place)
    delete_protocol(protocol.id, place)
    with pytest.raises(FileError, match="G-PRL-001"):
        find_protocol(protocol.id, place)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"items": []}, "G-PRL-004"),
        ({"items": [ITEMS[0], ITEMS[0]]}, "G-PRL-004"),
        ({"items": [ITEMS[0], {"key": "r", "name": "比", "kind": "ratio", "over": ["a"], "under": ["z"]}]}, "G-PRL-005"),
        ({"items": [ITEMS[0], {"key": "r", "name": "比", "kind": "ratio", "over": ["a"]}]}, "G-PRL-005"),
        ({"items": [*ITEMS[:3], {"key": "r", "name": "比", "kind": "ratio", "over": ["a", "c"], "under": ["a"]}]}, "G-PRL-007"),
        ({"rows": [0, 6]}, "G-PRL-006"),
        ({"rows": [1, 1]}, "G-PRL-006"),
        ({"name": "  "}, "G-PRL-003"),
        ({"items": [{"key": "a", "name": "x", "kind": "circle"}]}, "G-PRL-003"),
        ({"readers": []}, "G-PRL-003"),
        ({"passes": 0}, "G-PRL-003"),
        ({"set": "12345678"}, "G-SET-001"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(chests, place, facts, code):
    with pytest.raises((DataError, OptionError, FileError), match=code):
        made(chests, place, **facts)
    assert list_protocols(place) == []


def test_an_image_is_stored_only_when_everything_was_drawn(chests, place):
    protocol = made(chests, place)
    with pytest.raises(DataError, match="G-PRL-012"):
        store_reading(protocol, 1, 1, {"row": 0, "shapes": {k: v for k, v in SHAPES.items() if k != "b"}}, place)
    with pytest.raises(OptionError, match="G-PRL-002"):
        store_reading(protocol, 2, 1, {"row": 0, "shapes": SHAPES}, place)
    assert readings_of(protocol, 1, 1, place) == {}


def test_no_path_stands_in_what_is_kept(chests, place):
    protocol = made(chests, place)
    store_reading(protocol, 1, 1, {"row": 0, "shapes": SHAPES}, place)
    kept = "".join(file.read_text("utf-8") for file in (place / "protocols").rglob("*.json"))
    assert str(place) not in kept
    assert json.loads((place / "protocols" / protocol.id / "protocol.json").read_text("utf-8"))["format"] == 1
