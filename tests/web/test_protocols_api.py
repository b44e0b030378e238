"""Measuring by hand over HTTP: a blinded reader is told nothing but the pixels, and what is stored is what the table shows."""

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.io import write
from gazo.runs.sets import DataSet, keep, new_set_folder, now
from gazo.runs.sets_table import write_base

ITEM = {"key": "a", "name": "長さ", "kind": "line"}


@pytest.fixture
def chests(place):
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    for number in range(4):
        write(Image(np.full((20, 30), number, np.uint16), spacing_mm=(0.5, 0.5)), making / "files" / f"{number + 1:06d}.png")
    names = [f"{n + 1:06d}.png" for n in range(4)]
    write_base({"file": names, "finding": ["結節", "正常", "結節", "正常"]}, making)
    return keep(DataSet(id=id, name="胸部", created=now(), origin="upload", folder="files", rows=4, roles={"label": "finding"}), making, place)  # fmt: skip


def made(client, chests, **facts):
    answer = client.post("/api/protocols", json={"name": "計測", "set": chests.id, "items": [ITEM], **facts})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_image_is_measured_and_stands_in_the_table(client, chests):
    protocol = made(client, chests)
    drawn = {"row": 1, "shapes": {"a": {"points": [[0, 0], [6, 8]]}}, "seconds": 2.5}
    stored = client.post(f"/api/protocols/{protocol['id']}/1/1", json=drawn).json()
    assert stored["values"]["a"]["length"] == pytest.approx(5.0)
    table = client.get(f"/api/protocols/{protocol['id']}/table").json()
    assert table["headings"][3] == {"ja": "長さ [mm]", "en": "長さ [mm]"}
    assert table["rows"] == [[2, "1", 1, [5.0, "5"], [2.5, "2.500"], ""]]
    assert client.get("/api/protocols").json()["protocols"][0]["rounds"] == [{"reader": 1, "name": "1", "pass": 1, "done": 1}]


def test_a_blinded_reader_is_not_told_the_label(client, chests):
    blinded, open_ = made(client, chests, blinded=True), made(client, chests)
    assert "結節" not in client.get(f"/api/protocols/{blinded['id']}/1/1").text
    assert [image["label"] for image in client.get(f"/api/protocols/{open_['id']}/1/1").json()["images"]] == ["結節", "正常"] * 2


def test_mistakes_are_sentences(client, chests):
    protocol = made(client, chests)
    for answer, code in (
        (client.get("/api/protocols/ffffffff"), "G-PRL-001"),
        (client.get("/api/protocols/..-..-data"), "G-PRL-001"),
        (client.get(f"/api/protocols/{protocol['id']}/3/1"), "G-PRL-002"),
        (client.post(f"/api/protocols/{protocol['id']}/1/1", json={"row": 0, "shapes": {}}), "G-PRL-012"),
        (client.post(f"/api/protocols/{protocol['id']}/1/1", json={"row": 0}), "G-WEB-001"),
        (client.post("/api/protocols", json={"name": "x", "set": chests.id, "items": [ITEM], "kk": 1}), "G-WEB-001"),
    ):
        assert answer.json()["code"] == code
        assert answer.json()["ja"]


def test_presets_can_be_made_as_they_are(client, chests):
    for preset in client.get("/api/protocols/presets").json()["presets"]:
        items = [{**item, "name": item["name"]["ja"]} for item in preset["items"]]
        made(client, chests, items=items)


def test_deleted_is_gone(client, chests):
    protocol = made(client, chests)
    client.delete(f"/api/protocols/{protocol['id']}")
    assert client.get("/api/protocols").json() == {"protocols": []}
