import zipfile

import numpy as np
import pytest
from PIL import Image as Picture

from gazo.core import DataError
from gazo.datasets import official_split, open_images, read_layout, recognise


def png(path, size=16, value=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(abs(hash(path.name)) % 2**32)
    Picture.fromarray(np.clip(rng.normal(value, 30, (size, size)), 0, 255).astype(np.uint8)).save(path)


def text(path, content, encoding="ascii"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))


NODULE = (
    "JPCLN001.IMG\t5\t15\t53\tFemale\t1634\t692\tmalignant\tl.upper lobe\tlung cancer(adenocarcinoma)\r\n"
    "JPCLN002.IMG\t3\t20\t63\tMale\t1000\t1200\tbenign\tr.lower lobe\ttuberculoma\r\n"
)
NON_NODULE = "JPCNN001.IMG\t60\tmale\tnon-nodule\r\nJPCNN002.IMG\t41\tFemale\tnon-nodule\r\n"


def jsrt(folder):
    """Film densities as 12-bit numbers: value = (row + 2 column + file) mod 4096, big-endian."""
    row, column = np.mgrid[:2048, :2048]
    values = {}
    names = ["Nodule154images/JPCLN001", "Nodule154images/JPCLN002", "NonNodule93images/JPCNN001", "NonNodule93images/JPCNN002"]
    for number, name in enumerate(names):
        values[name] = (row + 2 * column + 1000 * number) % 4096
        path = folder / f"{name}.IMG"
        path.parent.mkdir(parents=True, exist_ok=True)
        values[name].astype(">u2").tofile(path)
    text(folder / "Clinical_Information" / "CLNDAT_EN.txt", NODULE)
    text(folder / "Clinical_Information" / "CNNDAT_EN.TXT", NON_NODULE)
    return values


def test_jsrt_pixels_are_exact_and_labels_right(tmp_path):
    values = jsrt(tmp_path / "JSRT データ")
    images = open_images(tmp_path / "JSRT データ")
    assert images.name == "JSRT"
    assert images.role("label").tolist() == ["malignant", "benign", "non-nodule", "non-nodule"]
    assert images.role("patient").tolist() == ["JPCLN001", "JPCLN002", "JPCNN001", "JPCNN002"]
    for row, (name, stored) in enumerate(values.items()):
        assert (tmp_path / "JSRT データ" / f"{name}.IMG").stat().st_size == 8_388_608
        assert np.array_equal(images[row].pixels, 4095 - stored)
        assert images[row].spacing_mm == (0.175, 0.175)
    facts = {name: images.columns[name].tolist() for name in ("age", "subtlety", "size_mm", "location", "diagnosis")}
    assert facts["age"] == [53, 63, 60, 41]
    assert facts["subtlety"][:3] == [5, 3, None]
    assert facts["size_mm"][:2] == [15, 20]
    assert facts["diagnosis"][1] == "tuberculoma"
    x, y, width, height = images.role("boxes")[0][0]
    assert (x + width / 2, y + height / 2) == (1634, 692)
    assert width * 0.175 == pytest.approx(15)
    assert images.role("boxes")[2].shape == (0, 4)
    assert "JSRT" in images.notes[0].ja
    assert "4 images" in images.notes[0].en


def test_jsrt_as_dicom_and_without_tables(tmp_path):
    from gazo.core import Image
    from gazo.io import write

    for name in ("JPCLN001", "JPCNN001"):
        write(Image(np.arange(64, dtype=np.uint16).reshape(8, 8), spacing_mm=(0.175, 0.175)), tmp_path / f"{name}.dcm")
    images = read_layout(tmp_path)
    assert images.role("label").tolist() == ["nodule", "non-nodule"]
    assert images.columns["file"].tolist() == ["JPCLN001.dcm", "JPCNN001.dcm"]


def test_jsrt_image_that_no_table_names_is_counted(tmp_path):
    png_free = tmp_path / "JPCLN154.IMG"
    png_free.write_bytes(bytes(8_388_608))
    text(tmp_path / "CLNDAT_EN.txt", NODULE)
    jsrt(tmp_path)
    images = read_layout(tmp_path)
    assert images.role("label")[2] is None
    assert "1 images are not" in images.notes[1].en


def chest14(folder, age="{:d}"):
    names = [("00000001_000.png", "Cardiomegaly|Emphysema", 57, "M", "PA"), ("00000001_001.png", "No Finding", 58, "M", "AP")]
    names += [(f"{n:08d}_000.png", "Infiltration", 40 + n, "F", "PA") for n in range(2, 30)]
    heading = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    heading += "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],\n"
    lines = [
        f"{n},{label},0,{int(n[:8])},{age.format(years)},{sex},{view},2682,2749,0.143,0.143,\n"
        for n, label, years, sex, view in names
    ]
    text(
        folder / "Data_Entry_2017_v2020.csv",
        heading + "".join(lines) + "00030805_000.png,Mass,0,30805,27,M,PA,2048,2500,0.171,0.171,\n",
    )
    boxes = "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000001_000.png,Cardiomegaly,100.5,200,300,150,,,\n"
    text(folder / "BBox_List_2017.csv", boxes + "00000002_000.png,Infiltrate,1,2,3,4,,,\n00000002_000.png,Mass,5,6,7,8,,,\n")
    text(folder / "train_val_list.txt", "\n".join(n for n, *_ in names[:24]))
    text(folder / "test_list.txt", "\n".join(n for n, *_ in names[24:]))
    for number, (name, *_) in enumerate(names):
        png(folder / f"images_{number % 2 + 1:03d}" / "images" / name)


@pytest.mark.parametrize("age", ["{:d}", "{:03d}Y"])
def test_chest14(tmp_path, age):
    chest14(tmp_path, age)
    images = open_images(tmp_path)
    assert len(images) == 30
    assert images.role("label")[:2].tolist() == ["Cardiomegaly|Emphysema", "No Finding"]
    assert images.role("patient")[:3].tolist() == ["00000001", "00000001", "00000002"]
    assert images.columns["age"][:3].tolist() == [57, 58, 42]
    assert images.columns["view"][:2].tolist() == ["PA", "AP"]
    assert images.role("boxes")[0].tolist() == [[100.5, 200, 300, 150]]
    assert images.columns["box_labels"][2] == ("Infiltration", "Mass")
    assert images.role("boxes")[3].shape == (0, 4)
    assert images[5].shape == (16, 16)
    assert "The images of 1 rows" in images.notes[1].en
    fold = official_split(images.with_column("label", ["a", "b"] * 15, "label"))
    assert fold.test.tolist() == list(range(24, 30))
    assert {0, 1} <= set(fold.train) or {0, 1} <= set(fold.validation)


def test_a_column_of_a_layout_can_be_the_label(tmp_path):
    chest14(tmp_path)
    images = open_images(tmp_path, label="view", value="age", where="sex=F,age>=50")
    assert set(images.role("label")) == {"PA"}
    assert images.role("value").min() == 50
    with pytest.raises(DataError, match="G-DATA-002"):
        open_images(tmp_path, label="vieww")


MIAS = """INFORMATION: ...
mdb001 G CIRC B 535 425 197
mdb002 G CIRC B 522 280 69
mdb003 D NORM
mdb005 F CIRC B 477 133 30
mdb005 F CIRC M 500 168 26
mdb059 F CIRC B *NOTE 3*
"""


def test_mini_mias(tmp_path):
    text(tmp_path / "Info.txt", MIAS)
    for number in (1, 2, 3, 4, 5, 59):
        path = tmp_path / f"mdb{number:03d}.pgm"
        path.write_bytes(b"P5\n1024 1024\n255\n" + bytes([number]) * 1024**2)
    images = open_images(tmp_path)
    assert images.role("patient").tolist() == ["MIAS001", "MIAS001", "MIAS002", "MIAS002", "MIAS003", "MIAS030"]
    assert images.columns["side"].tolist() == ["R", "L", "R", "L", "R", "R"]
    assert images.role("label").tolist() == ["benign", "benign", "normal", None, "malignant", "benign"]
    assert images.role("boxes")[0].tolist() == [[535 - 197, 1023 - 425 - 197, 394, 394]]
    assert [len(boxes) for boxes in images.role("boxes")] == [1, 1, 0, 0, 2, 0]
    assert images[2].pixels[0, 0] == 3
    assert images[2].spacing_mm == (0.2, 0.2)
    assert "1 images are not in Info.txt" in images.notes[1].en


def test_mini_mias_boxes_lie_where_drawn_masks_say(tmp_path, data):
    """`annotations.csv` of the shared films has y from the top (y_full), checked on masks drawn by others."""
    import csv

    with open(data / "mini_mias" / "annotations.csv", encoding="utf-8") as file:
        drawn = {row["ref"]: row for row in csv.DictReader(file) if row["lesion"] == "1"}
    text(tmp_path / "Info.txt", MIAS)
    for number in (1, 2):
        png(tmp_path / f"mdb{number:03d}.png")
    images = read_layout(tmp_path)
    for ref, ((x, y, width, height),) in zip(("mdb001", "mdb002"), images.role("boxes"), strict=True):
        assert x + width / 2 == float(drawn[ref]["x_full"])
        assert y + height / 2 == float(drawn[ref]["y_full"])


def test_minijsrt_directions(tmp_path):
    root = tmp_path / "Directions01" / "Directions01"
    for part, count in (("train", 3), ("test", 1)):
        for direction in ("up", "down", "left", "right"):
            for number in range(count):
                png(root / part / direction / f"{number}.png", 128)
    text(root / "list_train.txt", "up/0.png 0")
    images = open_images(tmp_path)
    assert images.name == "miniJSRT Directions01"
    assert sorted(set(images.role("label"))) == ["down", "left", "right", "up"]
    assert (images.role("split") == "train").sum() == 12
    assert images[0].shape == (128, 128)
    assert "miniJSRT" in images.notes[0].en


def test_minijsrt_gender_needs_its_name(tmp_path):
    for part in ("train", "test"):
        for sex in ("female", "male"):
            png(tmp_path / "Gender01" / part / sex / "JPCLN001.png")
            png(tmp_path / "others" / part / sex / "1.png")
    images = open_images(tmp_path / "Gender01")
    assert images.name == "miniJSRT Gender01"
    assert sorted(set(images.role("label"))) == ["female", "male"]
    assert set(images.role("patient")) == {"JPCLN001"}
    assert recognise(tmp_path / "others") is None
    assert open_images(tmp_path / "others").has("label")


def test_minijsrt_age(tmp_path):
    for number in range(1, 6):
        png(tmp_path / "XPAge01_RGB" / "XP" / "JPGs" / f"JPCNN{number:03d}.png")
    text(tmp_path / "XPAge01_RGB" / "trainFile.csv", "filename,age\nJPCNN001.png,44\nJPCNN002.png,61\nJPCNN003.png,\n")
    text(tmp_path / "XPAge01_RGB" / "XPAge_test.csv", "JPCNN004.png,30\nJPCNN005.png,77\nJPCNN006.png,77\n")
    images = open_images(tmp_path / "XPAge01_RGB")
    assert images.role("value")[[0, 1, 3, 4]].tolist() == [44, 61, 30, 77]
    assert np.isnan(images.role("value")[2])
    assert images.role("split").tolist() == ["train"] * 3 + ["test"] * 2
    assert images.name == "miniJSRT XPAge01_RGB"


@pytest.mark.parametrize(
    ("folders", "name"),
    [
        (["Segmentation01/Segmentation01/train/{}", "Segmentation01/Segmentation01/test/{}"], "Segmentation01"),
        (["segmentation02/segmentation/{}_train", "segmentation02/segmentation/{}_test"], "segmentation02"),
    ],
)
def test_minijsrt_segmentation(tmp_path, folders, name):
    for number, folder in enumerate(folders):
        for kind in ("org", "label"):
            png(tmp_path / folder.format(kind) / f"case{number}.png", value=50 if kind == "org" else 200)
    images = open_images(tmp_path)
    assert images.name == f"miniJSRT {name}"
    assert sorted(images.role("split")) == ["test", "train"]
    for row in range(2):
        assert images.role("mask")[row] == images.role("image")[row].replace("org", "label")
        assert images.loader(images.role("mask")[row]).shape == (16, 16)


@pytest.mark.parametrize("layout", ["medmnist", "jsrt", "chest14"])
def test_the_zip_a_user_drops_in(tmp_path, layout):
    source = tmp_path / "source"
    if layout == "medmnist":
        source.mkdir()
        parts = {
            f"{p}_{k}": v
            for p, n in (("train", 8), ("val", 2), ("test", 2))
            for k, v in (("images", np.zeros((n, 28, 28), np.uint8)), ("labels", np.arange(n)[:, None] % 2))
        }
        np.savez(source / "breastmnist.npz", **parts)
    else:
        {"jsrt": jsrt, "chest14": chest14}[layout](source)
    archive = tmp_path / "画像 テスト.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(source.rglob("*")):
            target.write(path, f"top/{path.relative_to(source)}")
    images = open_images(archive, cache=tmp_path / "cache")
    assert len(images) == {"medmnist": 12, "jsrt": 4, "chest14": 30}[layout]
    word = {"medmnist": "breastmnist of MedMNIST", "jsrt": "JSRT", "chest14": "ChestX-ray14"}[layout]
    assert word in images.notes[0].en
    assert images[0].pixels.size > 0
    before = list((tmp_path / "cache").rglob("*"))
    open_images(archive, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").rglob("*")) == before, "unpacked once only"


def test_medmnist_file(tmp_path):
    np.savez(tmp_path / "pneumoniamnist_64.npz", train_images=np.zeros((4, 64, 64), np.uint8), train_labels=np.zeros((4, 1), int))
    images = open_images(tmp_path / "pneumoniamnist_64.npz")
    assert "pneumoniamnist of MedMNIST (64 px)" in images.notes[0].en
    np.savez(tmp_path / "mine.npz", images=np.zeros((4, 64, 64), np.uint8))
    assert open_images(tmp_path / "mine.npz").notes == ()
