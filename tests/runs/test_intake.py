"""What comes in: recognised by content, taken under neutral names, with the columns a person keeps; faults told file by file and row by row."""

import io
import zipfile

import numpy as np
import PIL.Image
import pytest

from gazo.core.errors import GazoError
from gazo.runs.intake import arrived, drop, find_incoming, local_incoming, new_incoming, place_for, safe_path
from gazo.runs.intake_burned import Cure, black_out_file, blacked_out
from gazo.runs.intake_columns import folder_use, one_of_each, propose
from gazo.runs.intake_key import moved_dates, pseudonyms
from gazo.runs.intake_look import Way, look
from gazo.runs.intake_table import Names
from gazo.runs.intake_take import Choices, take
from gazo.runs.sets import files_of, folder_of, images_of, key_file, source_of
from gazo.runs.sets_table import FILE
from gazo.runs.workspace import workspace


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "作業"))
    return workspace(tmp_path / "作業")


def png(seed, shape=(20, 16)):
    buffer = io.BytesIO()
    PIL.Image.fromarray(np.random.default_rng(seed).integers(0, 255, shape).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def send(place, files):
    incoming = new_incoming(place)
    sent = []
    for name, content in files.items():
        target, path = place_for(incoming, name)
        target.write_bytes(content)
        sent.append(path)
    assert arrived(incoming, sent) == []
    return incoming


def as_proposed(looked, **more):
    return Choices("set", {one.name: one.use for one in looked.proposals}, **more)


def pixels_of(content):
    return np.asarray(PIL.Image.open(io.BytesIO(content)))


def test_folders_are_classes(place):
    files = {f"top/train/{name}/{n}.png": png(10 * n + len(name)) for name in ("up", "down") for n in range(3)}
    incoming = send(place, files | {"top/Thumbs.db.png": png(1)})
    looked = look(incoming)
    assert (looked.source.kind, looked.images) == ("pictures", 7)
    made = take(send(place, files), as_proposed(look(send(place, files))), place)
    images = images_of(made.id, place)
    assert sorted(images.role("label")) == ["down"] * 3 + ["up"] * 3
    assert images.role("split").tolist() == ["train"] * 6
    assert all(str(file).startswith("files/0000") for file in images.role("image"))
    taken = {images.role("label")[row] + str(row % 3): images[row].pixels.tolist() for row in range(6)}
    assert taken["up1"] == pixels_of(files["top/train/up/1.png"]).tolist()


def test_what_was_taken_waits_no_more(place):
    incoming = send(place, {"a.png": png(1), "b.png": png(2)})
    take(incoming, as_proposed(look(incoming)), place)
    assert not incoming.folder.exists()
    with pytest.raises(GazoError, match="G-SET-050"):
        find_incoming(incoming.token, place)


def test_a_fault_leaves_the_files_waiting_and_no_set(place):
    incoming = send(place, {"a.png": png(1)})
    with pytest.raises(GazoError, match="G-SET-054"):
        take(incoming, Choices("x", {"a": "label", "b": "label"}), place)
    with pytest.raises(GazoError, match="G-SET-003"):
        take(incoming, Choices(""), place)
    assert find_incoming(incoming.token, place).tree.is_dir()
    assert not (place / "data" / "sets").exists() or not list((place / "data" / "sets").iterdir())


def test_a_broken_file_is_told_by_number_and_passed_over(place):
    incoming = send(place, {"a.png": png(1), "名前.png": b"\x89PNG\r\n\x1a\nxx", "c.png": png(3)})
    looked = look(incoming)
    assert [(fault.number, "名前" in fault.text.ja) for fault in looked.faults] == [(2, False)]
    made = take(incoming, as_proposed(looked), place)
    assert made.rows == 2
    assert any(text.ja.startswith("2 番目のファイル") for text in made.said)


def test_a_table_is_matched_by_paths_names_and_stems(place):
    table = "画像,診断,点数\nx/1.png,良性,1\n２.PNG,悪性,2\n3,良性,3\nnone.png,悪性,4\n,悪性,5\n3.png,悪性,3\n".encode(
        "utf-8-sig"
    )
    incoming = send(place, {"x/1.png": png(1), "x/2.png": png(2), "x/3.png": png(3), "x/4.png": png(4), "t.csv": table})
    looked = look(incoming)
    assert looked.fitted.on == "file"
    assert [bool(rows) for rows in looked.fitted.rows] == [True, True, False, False]
    assert sorted((fault.line, fault.text.ja[:10]) for fault in looked.fitted.faults) == [
        (4, "同じ画像・患者の行ど"), (5, "対応する画像がありま"), (6, "画像または患者の欄が"), (7, "同じ画像・患者の行ど"),
    ]  # fmt: skip
    made = take(incoming, as_proposed(looked), place)
    images = images_of(made.id, place)
    assert images.role("label").tolist() == ["良性", "悪性"]
    assert images.columns["点数"].tolist() == ["1", "2"]


def test_images_without_a_row_can_be_kept(place):
    files = {"1.png": png(1), "2.png": png(2), "3.png": png(3), "t.csv": b"file,label\n1.png,a\n2.png,b\n"}
    incoming = send(place, files)
    made = take(incoming, as_proposed(look(incoming), only_listed=False), place)
    assert images_of(made.id, place).role("label").tolist() == ["a", "b", None]


def test_boxes_of_a_table(place):
    table = b"file,x,y,w,h,label\n1.png,1,2,3,4,mass\n1.png,5,5,2,2,mass\n2.png,,,,,none\n"
    incoming = send(place, {"1.png": png(1), "2.png": png(2), "t.csv": table})
    looked = look(incoming)
    assert looked.has_boxes
    made = take(incoming, as_proposed(looked), place)
    boxes = images_of(made.id, place).role("boxes")
    assert [box.tolist() for box in boxes] == [[[1, 2, 3, 4], [5, 5, 2, 2]], []]


def test_masks_of_a_table(place):
    files = {f"img/{n}.png": png(n) for n in range(30)} | {f"seg/m{n}.png": png(100 + n) for n in range(30)}
    table = "file,mask\n" + "".join(f"img/{n}.png,seg/m{n}.png\n" for n in range(30))
    incoming = send(place, files | {"t.csv": table.encode()})
    made = take(incoming, as_proposed(look(incoming)), place)
    images = images_of(made.id, place)
    assert len(images) == 30
    number = {tuple(pixels_of(files[f"img/{n}.png"])[0]): n for n in range(30)}
    row = number[tuple(images[7].pixels[0])]
    assert np.array_equal(images.loader(images.role("mask")[7]).pixels, pixels_of(files[f"seg/m{row}.png"]))


def test_minijsrt_is_recognised(place):
    files = {
        f"Directions01/{part}/{name}/{n}.png": png(n)
        for part in ("train", "test")
        for name in ("up", "down", "left", "right")
        for n in range(2)
    }
    looked = look(send(place, files))
    assert looked.source.kind == "layout"
    assert "miniJSRT" in looked.source.layout.ja
    assert {one.name: one.use for one in looked.proposals} == {"label": "label", "split": "split"}


def test_npz(place):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (6, 8, 8)).astype(np.uint8)
    np.savez(buffer, images=pixels, labels=np.array([0, 1, 0, 1, 1, 0]), patient_name=np.array([f"YAMADA {n}" for n in range(6)]))
    incoming = send(place, {"x.npz": buffer.getvalue()})
    looked = look(incoming)
    assert {one.name: one.use for one in looked.proposals} == {"labels": "label", "patient_name": "leave"}
    made = take(incoming, as_proposed(looked), place)
    images = images_of(made.id, place)
    assert images.role("label").tolist() == ["0", "1", "0", "1", "1", "0"]
    assert np.array_equal(images[3].pixels, pixels[3])
    assert "YAMADA" not in (folder_of(made.id, place) / "table.csv").read_text("utf-8")


def test_raw_with_its_size(place):
    values = np.random.default_rng(0).integers(0, 4095, (2, 30, 20)).astype(">u2")
    incoming = send(place, {"a.raw": values[0].tobytes(), "b.raw": values[1].tobytes()})
    first = look(incoming)
    assert (first.source.kind, first.images, first.raw_sizes) == ("raw", 0, ((1200, 2),))
    way = Way({"rows": 30, "columns": 20, "dtype": "uint16", "big_endian": True, "spacing_mm": 0.2})
    looked = look(incoming, way)
    assert looked.images == 2
    made = take(incoming, as_proposed(looked, way=way), place)
    image = images_of(made.id, place)[1]
    assert np.array_equal(image.pixels, values[1])
    assert image.spacing_mm == (0.2, 0.2)


def test_nifti_keeps_its_place(place, tmp_path):
    from gazo.core.image import Image
    from gazo.io.nifti import write_nifti

    volume = Image(np.random.default_rng(0).normal(0, 1, (4, 6, 5)).astype(np.float32), spacing_mm=(3.0, 0.5, 0.5), origin_mm=(1.0, 2.0, 3.0), orientation=(1, 0, 0, 0, 1, 0))  # fmt: skip
    write_nifti(volume, tmp_path / "v.nii.gz")
    incoming = send(place, {"v.nii.gz": (tmp_path / "v.nii.gz").read_bytes()})
    made = take(incoming, as_proposed(look(incoming)), place)
    taken = images_of(made.id, place)[0]
    assert np.array_equal(taken.pixels, volume.pixels)
    assert (taken.spacing_mm, taken.origin_mm) == (volume.spacing_mm, volume.origin_mm)


def test_spacing_of_pictures(place):
    incoming = send(place, {"a.png": png(1)})
    made = take(incoming, as_proposed(look(incoming), spacing_mm=0.175), place)
    assert images_of(made.id, place)[0].spacing_mm == (0.175, 0.175)


def test_a_local_folder_is_used_in_place(place, tmp_path):
    home = tmp_path / "患者の画像"
    for name in ("a", "b"):
        (home / name).mkdir(parents=True)
        for n in range(2):
            (home / name / f"{n}.png").write_bytes(png(n + len(name)))
    incoming = local_incoming(home, place)
    looked = look(incoming)
    assert looked.in_place
    made = take(incoming, as_proposed(looked, in_place=True), place)
    assert (made.origin, files_of(made, place)) == ("local", home)
    assert sorted(images_of(made.id, place).role("label")) == ["a", "a", "b", "b"]
    assert not (folder_of(made.id, place) / "files").exists()
    assert len(list(home.rglob("*.png"))) == 4
    from gazo.datasets.source import open_images

    path, options = source_of(made.id, place)
    assert len(open_images(path, **options)) == 4


def test_patients_have_one_number_in_all_sets(place):
    assert pseudonyms(["77", "12", "77", None], place) == ["P0001", "P0002", "P0001", None]
    assert pseudonyms(["99", "12"], place) == ["P0003", "P0002"]
    moved = moved_dates(
        ["2024-04-01", "2024/4/11", "令和6年4月1日", "?", "2024-04-01"], ["P0001", "P0001", "P0001", "P0001", None], place
    )
    import datetime

    first, second = (datetime.date.fromisoformat(day) for day in moved[:2])
    assert (second - first).days == 10
    assert moved[2] == moved[0] != "2024-04-01"
    assert moved[3:] == [None, "2024"]


def test_the_key_leads_back(place):
    table = b"file,patient_id,age\nsecret-name.png,4711,95\n"
    incoming = send(place, {"secret-name.png": png(1), "t.csv": table})
    made = take(incoming, as_proposed(look(incoming)), place)
    key = key_file(made.id, place).read_text("utf-8-sig")
    assert key.splitlines() == ["file,original_file,patient_id", "files/000001.png,secret-name.png,4711"]
    images = images_of(made.id, place)
    assert images.role("patient").tolist() == ["P0001"]
    assert images.columns["age"].tolist() == ["90"]  # above 89
    assert FILE in images.columns


@pytest.mark.parametrize(
    ("name", "cells", "use"),
    [
        ("氏名", ["山田 太郎", "鈴木 花子"], "leave"),
        ("担当", ["山田 太郎", "山田 太郎"], "leave"),
        ("x", ["YAMADA^TARO", "SUZUKI^HANAKO", "SATO^JIRO"], "leave"),
        ("who", ["ヤマダ タロウ", "スズキ ハナコ"], "leave"),
        ("患者ID", ["1", "2", "2"], "patient"),
        ("PatientID", ["1", "2", "2"], "patient"),
        ("ＩＤ", ["00123", "00124"], "patient"),
        ("生年月日", ["1950-01-01"], "leave"),
        ("code", [str(100000 + 7 * n) for n in range(30)], "leave"),
        ("diagnosis", ["良性", "悪性", "良性"], "label"),
        ("label", ["0", "1", "0"], "label"),
        ("age", [str(n) for n in range(20, 60)], "keep"),
        ("sex", ["M", "F"], "keep"),
        ("split", ["train", "test", "train"], "split"),
        ("split", ["left", "right"], "keep"),
        ("撮影日", ["2024-01-01", "2024-02-01"], "date"),
        ("bmi", [f"{n / 7:.2f}" for n in range(30)], "keep"),
        ("所見", ["右肺に結節", "異常なし"], "leave"),
        ("free", [f"text number {n}" for n in range(40)], "leave"),
        ("empty", [None, ""], "leave"),
    ],
)
def test_what_columns_are_proposed_for(name, cells, use):
    found = propose(name, cells)
    assert found.use == use
    assert not found.examples or use not in ("leave", "patient")


def test_each_part_is_proposed_once():
    both = one_of_each(
        [propose("label", ["a", "b"]), propose("class", ["c", "d"]), propose("id", ["1", "2"]), propose("case", ["1", "2"])]
    )
    assert [one.use for one in both] == ["label", "keep", "patient", "leave"]


@pytest.mark.parametrize(
    ("cells", "use"),
    [
        (["a", "a", "b", "b"], "label"),
        (["a", "b", "c"], "patient"),
        (["YAMADA^T", "YAMADA^T", "SATO^J", "SATO^J"], "patient"),
        (["a", "a"], "leave"),
    ],
)
def test_what_folders_are_proposed_for(cells, use):
    assert folder_use(cells) == use


def test_names_are_found_by_any_part():
    names = Names(["a/b/Foo.PNG", "a/c/foo.png", "x.dcm"])
    assert names.find("b\\foo.png") == [0]
    assert names.find("C:\\data\\a\\c\\FOO") == [1]
    assert names.find("foo") == [0, 1]
    assert names.find("ｘ") == [2]
    assert names.find("y") == []


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../x.png",
        "a/../../x.png",
        "C:/x.png",
        "C:\\x.png",
        "\\\\host\\x.png",
        "a\x00.png",
        "",
        ".",
        "a/" * 50 + "x",
        "x" * 300,
    ],
)
def test_paths_that_lead_elsewhere_are_refused(name):
    with pytest.raises(GazoError, match="G-SET-051"):
        safe_path(name)


@pytest.mark.parametrize("token", ["..", "0" * 15, "../../../etc", "ZZZZZZZZZZZZZZZZ"])
def test_tokens_are_no_paths(place, token):
    with pytest.raises(GazoError, match="G-SET-050"):
        find_incoming(token, place)


def test_a_zip_takes_the_place_of_its_content(place):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("画像/a.png", png(1))
    incoming = send(place, {"x.zip": buffer.getvalue(), "b.png": png(2)})
    assert sorted(incoming.numbers().items()) == [("b.png", 2), ("x.zip/画像/a.png", 1)]
    assert look(incoming).images == 2
    drop(incoming)


def test_rectangles_are_put_to_one_value(place):
    from gazo.core.image import Image

    pixels = np.arange(200, dtype=np.uint16).reshape(10, 20)
    black = blacked_out(Image(pixels), [(2, 1, 5, 3), (18, 8, 50, 50)]).pixels
    assert (black[1:4, 2:7] == 0).all()
    assert (black[8:, 18:] == 0).all()
    untouched = np.ones_like(pixels, bool)
    untouched[1:4, 2:7] = untouched[8:, 18:] = False
    assert np.array_equal(black[untouched], pixels[untouched])
    assert blacked_out(Image(pixels, inverted=True), [(0, 0, 2, 2)]).pixels[0, 0] == 199
    colour = Image(np.full((3, 10, 20, 3), 9, np.uint8), colour=True)
    assert (blacked_out(colour, [(0, 0, 2, 2)]).pixels[:, :2, :2] == 9).all()  # nothing is lower


def test_groups_are_blacked_out_together(place):
    incoming = send(place, {"a.png": png(1), "b.png": png(2), "c.png": png(3, (30, 30))})
    looked = look(incoming)
    assert sorted((group.key, len(group.rows)) for group in looked.groups) == [("16x20", 2), ("30x30", 1)]
    made = take(incoming, as_proposed(looked, cures={"16x20": Cure(True, ((0, 0, 16, 4),))}), place)
    images = images_of(made.id, place)
    assert [len(np.unique(images[row].pixels[:4])) == 1 for row in range(3)] == [True, True, False]


def test_dicom_of_every_colour_is_blacked_out(data, tmp_path):
    from gazo.io.dicom import read_dicom

    tried = 0
    for file in sorted((data / "dicom_samples" / "files").glob("US*")) + sorted(
        (data / "dicom_samples" / "files").glob("*monochrome1*")
    ):
        copy = tmp_path / file.name
        copy.write_bytes(file.read_bytes())
        before = read_dicom(str(copy))
        black_out_file(copy, [(0, 0, 30, 20)])
        after = read_dicom(str(copy))
        assert after.shape == before.shape
        inside = after.pixels[..., :20, :30, :] if after.colour else after.pixels[..., :20, :30]
        assert len(np.unique(inside)) == 1
        rest = (
            np.abs(after.pixels[..., 20:, 30:].astype(float) - before.pixels[..., 20:, 30:].astype(float))
            if not after.colour
            else np.zeros(1)
        )
        assert rest.max() == 0
        tried += 1
    assert tried >= 4
