"""Pixels over HTTP against numpy: exact values, regions against another rasteriser, spacing, memory, and addresses that name nothing."""

import io
import itertools
import json
import shutil

import numpy as np
import PIL.Image
import pytest
from scipy import ndimage
from skimage import draw
from skimage.measure import profile_line
from starlette.testclient import TestClient

from gazo.core.image import Image
from gazo.io import write
from gazo.quality.regions import angle_deg, inside, length_mm, line_profile
from gazo.web.addresses import Found, address, file_of, image_of
from gazo.web.app import create_app
from gazo.web.pixels import Kept, halved
from gazo.web.pixels_display import coded, line_for

WIRE = {"u8": "<u1", "u16": "<u2", "i16": "<i2", "f32": "<f4"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """One workspace for all of these tests."""
    from gazo.runs.workspace import workspace

    return workspace(tmp_path_factory.mktemp("pixels") / "作業 フォルダ")


@pytest.fixture(scope="module")
def client(place):
    with TestClient(create_app(place), base_url="http://127.0.0.1", raise_server_exceptions=False) as made:
        yield made


_numbers = itertools.count(1)


def new_folder(place):
    """An empty folder of an imported file."""
    folder = place / "data" / "files" / f"{next(_numbers):08x}"
    folder.mkdir(parents=True)
    return folder


def keep(place, image, ending=".tif"):
    """An imported file; its address."""
    folder = new_folder(place)
    write(image, folder / f"image{ending}")
    return f"file:{folder.name}"


def pixels_of(client, named, **query):
    """What the browser gets: the header, and the values behind the codes."""
    response = client.get("/api/images/raw", params={"address": named, **query})
    assert response.status_code == 200, response.text
    assert "content-encoding" not in response.headers
    about = json.loads(response.headers["x-gazo-image"])
    codes = np.frombuffer(response.content, WIRE[about["dtype"]]).reshape(*about["shape"], *([3] if about["colour"] else []))
    return about, codes


@pytest.fixture
def noise():
    return np.random.default_rng(4)


@pytest.mark.parametrize(
    ("dtype", "low", "high", "wire"),
    [("uint8", 0, 256, "u8"), ("uint16", 0, 65536, "u16"), ("int16", -32768, 32768, "i16")],
)
def test_whole_numbers_arrive_as_they_are(client, place, noise, dtype, low, high, wire):
    pixels = noise.integers(low, high, (37, 53)).astype(dtype)
    about, codes = pixels_of(client, keep(place, Image(pixels, spacing_mm=(0.175, 0.2))))
    assert (about["dtype"], about["exact"], about["full"]) == (wire, True, [1, 37, 53])
    assert np.array_equal(codes, pixels)
    assert about["spacing_mm"] == [0.0, 0.175, 0.2]


def test_large_whole_numbers_keep_every_step_over_a_range_of_16_bits(client, place, noise):
    pixels = noise.integers(1_000_000, 1_065_000, (30, 40)).astype(np.int32)
    about, codes = pixels_of(client, keep(place, Image(pixels)))
    assert np.array_equal(about["slope"] * codes + about["intercept"], pixels)


def test_a_map_is_rounded_to_16_bits_and_its_values_are_asked_for_one_by_one(client, place, noise):
    pixels = noise.normal(3, 500, (40, 30)).astype(np.float32)
    pixels[5, 7] = np.nan
    named = keep(place, Image(pixels, meaning="quantity", unit="HU"))
    about, codes = pixels_of(client, named)
    shown = np.where(codes == 0, np.nan, about["slope"] * codes.astype(float) + about["intercept"])
    assert about["gaps"]
    assert not about["exact"]
    assert np.isnan(shown[5, 7])
    assert np.isnan(shown).sum() == 1
    assert np.nanmax(np.abs(shown - pixels)) <= 0.51 * about["slope"]
    assert about["slope"] == pytest.approx((np.nanmax(pixels) - np.nanmin(pixels)) / 65534)
    told = client.get("/api/images/value", params={"address": named, "row": 3, "column": 9}).json()
    assert told["value"] == float(pixels[3, 9])
    assert client.get("/api/images/value", params={"address": named, "row": 5, "column": 7}).json()["value"] is None
    exact, values = pixels_of(client, named, exact=True)
    assert exact["dtype"] == "f32"
    assert np.array_equal(values, pixels, equal_nan=True)


def test_levels_are_means_of_what_is_there(client, place, noise):
    pixels = noise.integers(0, 4096, (37, 54)).astype(np.uint16)
    named = keep(place, Image(pixels))
    about, codes = pixels_of(client, named, level=1)
    assert about["shape"] == [19, 27]
    assert about["full"] == [1, 37, 54]
    assert about["level"] == 1
    row, column = 18, 26  # the last row has no partner
    for r, c in ((0, 0), (7, 11), (row, column)):
        mean = pixels[2 * r : 2 * r + 2, 2 * c : 2 * c + 2].mean()
        assert abs(codes[r, c] - mean) <= 0.5
    assert np.array_equal(halved(pixels), codes)


def test_sections_of_a_volume_in_every_direction(client, place, noise):
    volume = noise.integers(-1000, 3000, (7, 11, 13)).astype(np.int16)
    named = keep(place, Image(volume, spacing_mm=(3.0, 0.5, 0.6)), ".nii.gz")
    stored = image_of(named, place)
    about, codes = pixels_of(client, named)
    assert about["whole"]
    assert np.array_equal(codes, stored.pixels)
    for axis in range(3):
        _, part = pixels_of(client, named, plane=4, axis=axis)
        assert np.array_equal(part, np.take(stored.pixels, 4, axis))
    told = client.get("/api/images/value", params={"address": named, "row": 6, "column": 10, "plane": 12, "axis": 2}).json()
    assert told["value"] == stored.pixels[6, 10, 12]
    assert told["mm"] == pytest.approx([10 * 0.5, 6 * 3.0])


def test_a_volume_too_large_to_send_whole_comes_plane_by_plane(client, place, noise, monkeypatch):
    monkeypatch.setattr("gazo.web.routes.images.WHOLE_BYTES", 1000)
    volume = noise.integers(0, 99, (5, 20, 20)).astype(np.uint8)
    named = keep(place, Image(volume, spacing_mm=(1.0, 1.0, 1.0)), ".nii.gz")
    stored = image_of(named, place)
    about, codes = pixels_of(client, named)
    assert (about["whole"], about["plane"]) == (False, 2)
    assert np.array_equal(codes, stored.pixels[2])


def test_colour_keeps_its_channels(client, place, noise):
    pixels = noise.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    about, codes = pixels_of(client, keep(place, Image(pixels, colour=True), ".png"))
    assert about["colour"]
    assert np.array_equal(codes, pixels)


@pytest.mark.parametrize("kind", ["rectangle", "ellipse", "polygon"])
def test_statistics_of_a_region_are_those_of_numpy_on_the_mask_of_scikit_image(client, place, noise, kind):
    pixels = noise.normal(100, 20, (90, 120)).astype(np.float32)
    spacing = (0.2, 0.3)
    named = keep(place, Image(pixels, spacing_mm=spacing, unit="HU"))
    points = {
        "rectangle": [[10.2, 60.7], [47.9, 20.1]],
        "ellipse": [[20.3, 10.4], [90.9, 70.2]],
        "polygon": [[10.3, 10.6], [100.7, 15.2], [60.1, 44.9], [110.4, 80.3], [30.2, 70.7]],
    }[kind]
    mask = np.zeros(pixels.shape, bool)
    if kind == "rectangle":
        mask[21:61, 11:48] = True
    elif kind == "ellipse":
        mask[draw.ellipse((10.4 + 70.2) / 2, (20.3 + 90.9) / 2, (70.2 - 10.4) / 2, (90.9 - 20.3) / 2)] = True
    else:
        columns, rows = np.array(points).T
        mask[draw.polygon(rows, columns)] = True
    told = client.post("/api/images/statistics", json={"address": named, "shape": {"kind": kind, "points": points}}).json()
    values = pixels[mask].astype(float)
    assert told["n"] == mask.sum() > 500
    assert told["mean"] == pytest.approx(values.mean(), rel=1e-12)
    assert told["sd"] == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert (told["minimum"], told["maximum"]) == (values.min(), values.max())
    assert told["median"] == pytest.approx(np.median(values))
    assert told["area_mm2"] == pytest.approx(mask.sum() * 0.2 * 0.3)
    assert told["unit"] == "HU"


def test_random_polygons_hold_the_pixels_that_scikit_image_finds(noise):
    for _ in range(30):
        points = noise.uniform(-10, 60, (int(noise.integers(3, 9)), 2))
        expected = draw.polygon2mask((50, 50), points[:, ::-1])
        assert np.array_equal(inside("polygon", points.tolist(), (50, 50)), expected)


def test_neighbours_share_no_pixel_and_leave_none_out():
    halves = [[[2, 3], [12, 3], [2, 13]], [[12, 3], [12, 13], [2, 13]]]  # corners and a border on centres of pixels
    first, second = (inside("polygon", half, (20, 20)).astype(int) for half in halves)
    both = first + second
    assert both.max() == 1
    assert both.sum() == 10 * 10


def test_a_polygon_covers_the_area_of_the_shoelace_formula():
    points = [[100.3, 100.2], [800.1, 150.9], [700.4, 900.5], [150.6, 820.8]]
    x, y = np.array(points).T
    area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    assert inside("polygon", points, (1000, 1000)).sum() == pytest.approx(area, rel=1e-3)


def test_statistics_leave_out_what_is_no_number(client, place):
    pixels = np.arange(100, dtype=np.float32).reshape(10, 10)
    pixels[0, 0] = np.nan
    named = keep(place, Image(pixels))
    told = client.post(
        "/api/images/statistics", json={"address": named, "shape": {"kind": "rectangle", "points": [[0, 0], [1, 0.5]]}}
    ).json()
    assert (told["n"], told["mean"], told["area_mm2"]) == (1, 1.0, None)


def test_a_profile_along_a_ramp_is_a_line_in_mm(client, place):
    rows, columns = np.mgrid[:60, :80].astype(np.float32)
    named = keep(place, Image(7 + 2 * columns + 3 * rows, spacing_mm=(0.5, 0.25)))
    ends = [[5.5, 4.25], [70.5, 50.25]]
    told = client.post("/api/images/profile", json={"address": named, "shape": {"kind": "line", "points": ends}}).json()
    x, y = np.array(told["x"]), np.array(told["y"])
    assert told["x_unit"] == "mm"
    assert x[-1] == pytest.approx(np.hypot(65 * 0.25, 46 * 0.5))
    along = x / x[-1]
    assert y == pytest.approx(7 + 2 * (5.5 + 65 * along) + 3 * (4.25 + 46 * along), rel=1e-5)


def test_a_profile_is_that_of_scikit_image(noise):
    pixels = ndimage.gaussian_filter(noise.normal(size=(80, 90)), 2)
    found = line_profile(pixels, [[10, 12], [70, 12]], width_px=5)
    expected = profile_line(pixels, (12, 10), (12, 70), linewidth=5, order=1, mode="nearest")
    assert found.x[-1] == 60
    assert found.y == pytest.approx(expected, abs=1e-12)


def test_lengths_and_angles_are_those_of_the_patient():
    assert length_mm([[0, 0], [3, 0], [3, 4]], (2.0, 1.0)) == 3 + 8
    assert angle_deg([[10, 0], [0, 0], [0, 5]]) == pytest.approx(90)
    assert angle_deg([[1, 0], [0, 0], [1, 1]], (np.sqrt(3), 1.0)) == pytest.approx(60)


def test_a_radiograph_says_how_it_is_shown(client, place, data):
    folder = new_folder(place)
    shutil.copy(data / "dicom_samples/files/DX_canon_jpeg2000_lossless.dcm", folder / "胸部 ①.dcm")
    import pydicom

    header = pydicom.dcmread(folder / "胸部 ①.dcm")
    about, codes = pixels_of(client, f"file:{folder.name}")
    assert np.array_equal(codes, header.pixel_array)
    assert about["inverted"]
    assert header.PhotometricInterpretation == "MONOCHROME1"
    assert about["spacing_mm"][1:] == [float(s) for s in header.ImagerPixelSpacing]
    facts = client.get("/api/images/facts", params={"address": f"file:{folder.name}"}).json()
    rows = {row["label"]["en"]: row["value"]["en"] for row in facts["rows"]}
    assert rows["Tube voltage [kV]"] == f"{float(header.KVP):g}"
    assert rows["Body part"] == "CHEST"
    assert (facts["voi"][0]["centre"], facts["voi"][0]["width"]) == (float(header.WindowCenter), float(header.WindowWidth))


def test_facts_say_nothing_of_who_it_is(client, place, data):
    import pydicom

    planted = "YAMADA^TARO"
    dataset = pydicom.dcmread(data / "dicom_samples/files/CT1_explicit_le.dcm")
    for keyword in (
        "PatientName",
        "PatientID",
        "InstitutionName",
        "StudyDescription",
        "BodyPartExamined",
        "OperatorsName",
        "Manufacturer",
    ):
        setattr(dataset, keyword, planted if keyword != "BodyPartExamined" else "YAMADATARO")
    folder = new_folder(place)
    dataset.save_as(folder / "YAMADA.dcm")
    told = client.get("/api/images/facts", params={"address": f"file:{folder.name}"}).text
    assert "YAMADA" not in told.upper()
    assert "TARO" not in told.upper()
    assert (
        "YAMADA" not in client.get("/api/images/raw", params={"address": f"file:{folder.name}"}).headers["x-gazo-image"].upper()
    )


def test_a_table_of_the_file_is_offered(client, place, data):
    folder = new_folder(place)
    shutil.copy(data / "dicom_samples/files/OT_voi_lut.dcm", folder / "a.dcm")
    import pydicom
    from pydicom.pixels import apply_voi

    header = pydicom.dcmread(folder / "a.dcm")
    table = client.get("/api/images/facts", params={"address": f"file:{folder.name}"}).json()["voi"][0]
    values = header.pixel_array.astype(int)
    shown = np.array(table["entries"])[np.clip(values - table["first"], 0, len(table["entries"]) - 1)]
    expected = apply_voi(header.pixel_array, header)
    assert shown == pytest.approx(expected / (2 ** header.VOILUTSequence[0].LUTDescriptor[2] - 1), abs=1e-5)


def test_a_difference_is_signed_and_exact(client, place, noise):
    first, second = (noise.integers(0, 65536, (20, 30)).astype(np.uint16) for _ in range(2))
    named = "difference:" + ":".join(keep(place, Image(pixels)).replace(":", "%3A") for pixels in (first, second))
    about, _ = pixels_of(client, named)
    assert about["signed"]
    assert about["windows"][0]["centre"] == 0
    told = client.get("/api/images/value", params={"address": named, "row": 4, "column": 5}).json()
    assert told["value"] == int(first[4, 5]) - int(second[4, 5])


def test_a_thumbnail_is_small_bright_and_kept(client, place):
    pixels = np.zeros((400, 200), np.uint16)
    pixels[:, 100:] = 3000
    named = keep(place, Image(pixels, spacing_mm=(0.1, 0.2), inverted=False))
    before = set((place / "cache").rglob("*.png"))
    first = client.get("/api/images/thumbnail", params={"address": named, "px": 64})
    picture = np.asarray(PIL.Image.open(io.BytesIO(first.content)))
    assert picture.shape == (64, 64)  # 40 x 40 mm
    assert picture[32, 5] == 0
    assert picture[32, 60] == 255
    files = list(set((place / "cache" / "thumbnails").rglob("*.png")) - before)
    assert len(files) == 1
    assert named[5:] not in files[0].name
    again = client.get(
        "/api/images/thumbnail", params={"address": named, "px": 64}, headers={"if-none-match": first.headers["etag"]}
    )
    assert again.status_code == 304
    write(Image(pixels[:, ::-1].copy()), place / "data" / "files" / named[5:] / "image.tif")
    changed = client.get("/api/images/thumbnail", params={"address": named, "px": 64})
    assert changed.headers["etag"] != first.headers["etag"]


def test_an_image_that_changed_is_read_again(client, place):
    named = keep(place, Image(np.full((4, 4), 7, np.uint8)))
    assert pixels_of(client, named)[1][0, 0] == 7
    write(Image(np.full((5, 4), 9, np.uint8)), place / "data" / "files" / named[5:] / "image.tif")
    assert pixels_of(client, named)[1][0, 0] == 9


def test_kept_images_never_exceed_their_limit_but_for_the_newest():
    kept = Kept(1000)
    made = []
    for number in [1, 2, 3, 1, 4, 1]:
        kept.get(number, lambda number=number: made.append(number) or number, lambda _: 300)
    assert made == [1, 2, 3, 4]  # 2 went when 4 came; 1 was in use
    assert kept.peek(2) is None
    assert kept.bytes == 900
    kept.get("large", lambda: "large", lambda _: 5000)
    assert kept.bytes == 5000
    assert kept.peek(1) is None
    kept.get(5, lambda: 5, lambda _: 300)
    assert kept.bytes == 300


def test_two_threads_that_ask_at_once_decode_once():
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier, Event

    kept, made, together, go = Kept(1000), [], Barrier(4), Event()

    def ask(_):
        together.wait(10)
        return kept.get("a", lambda: (go.wait(0.2), made.append(1))[1] or "image", lambda _: 1)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == ["image"] * 4
    assert made == [1]


@pytest.mark.parametrize(
    "named",
    [
        "", "nothing", "set:", "set:zzzzzzzz:0", "set:../../etc:0", "file:../..", "file:0a0a0a0a0", "run:none:a.png", "run:../data:a.png",
        "live:none", "difference:file%3A00", "row:none:0", "nosuch:1:2", "set:00000000:1:2:3",
    ],
)  # fmt: skip
def test_an_address_that_names_nothing_is_answered_with_a_sentence(client, named):
    for path in ("raw", "facts", "thumbnail"):
        response = client.get(f"/api/images/{path}", params={"address": named})
        assert 400 <= response.status_code < 500
        told = response.json()
        assert told["code"].startswith("G-")
        assert told["code"] != "G-WEB-003"
        assert told["ja"]
        assert told["en"]


def test_a_run_gives_images_below_its_folder_and_nothing_else(client, place):
    folder = place / "runs" / "20260401-000000-test-0000"
    folder.mkdir()
    (folder / "recipe.json").write_text("{}", encoding="utf-8")
    write(Image(np.full((3, 3), 5, np.uint8)), folder / "a.png")
    write(Image(np.full((3, 3), 6, np.uint8)), folder / "b.png")
    (place / "secret.png").write_bytes((folder / "a.png").read_bytes())
    (folder / "link.png").symlink_to(place / "secret.png")
    base = f"run:{folder.name}"
    assert pixels_of(client, f"{base}:a.png")[1][0, 0] == 5
    facts = client.get("/api/images/facts", params={"address": f"{base}:a.png"}).json()
    assert facts["next"] == f"{base}:b.png"
    assert facts["previous"] is None
    for inner in ("../../secret.png", "link.png", "/etc/passwd", "", ".."):
        assert client.get("/api/images/raw", params={"address": f"{base}:{inner}"}).status_code == 404


def test_rows_of_a_set_know_their_neighbours(client, place, tmp_path):
    from gazo.runs.sets import DataSet, new_set_folder
    from gazo.runs.sets import keep as keep_set

    id, making = new_set_folder(place)
    (making / "files").mkdir()
    for row in range(3):
        write(Image(np.full((4, 5), 10 * row, np.uint16)), making / "files" / f"{row:06d}.png")
    rows = "".join(f"{row:06d}.png\n" for row in range(3))
    (making / "table.csv").write_text(f"file\n{rows}", encoding="utf-8")
    keep_set(DataSet(id=id, name="胸部", created="2026-04-01T00:00:00", origin="upload", folder="files", rows=3), making, place)
    facts = client.get("/api/images/facts", params={"address": f"set:{id}:1"}).json()
    assert (facts["previous"], facts["next"], facts["place"]) == (f"set:{id}:0", f"set:{id}:2", [1, 3])
    assert facts["title"]["ja"] == "胸部 2"
    assert pixels_of(client, f"set:{id}:2")[1][0, 0] == 20
    assert client.get("/api/images/facts", params={"address": f"set:{id}:0"}).json()["previous"] is None
    assert client.get("/api/images/raw", params={"address": f"set:{id}:3"}).status_code == 404
    assert file_of(f"set:{id}:2", place).name == "000002.png"


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("circle", [[0, 0]]),
        ("polygon", [[0, 0], [1, 1]]),
        ("line", [[0, 0], [5, 5]]),
        ("rectangle", [[200, 200], [300, 300]]),
        ("ellipse", [[1], [2]]),
    ],
)
def test_a_shape_that_holds_nothing_is_refused_in_both_languages(client, place, kind, points):
    named = keep(place, Image(np.zeros((20, 20), np.uint8)))
    response = client.post("/api/images/statistics", json={"address": named, "shape": {"kind": kind, "points": points}})
    assert response.status_code == 400
    assert response.json()["code"].startswith("G-VIW-")


def test_a_line_far_outside_and_a_pixel_outside_are_refused(client, place):
    named = keep(place, Image(np.zeros((20, 20), np.uint8)))
    far = {"address": named, "shape": {"kind": "line", "points": [[0, 0], [1e7, 5]]}}
    assert client.post("/api/images/profile", json=far).json()["code"] == "G-VIW-023"
    assert client.get("/api/images/value", params={"address": named, "row": 20, "column": 0}).json()["code"] == "G-VIW-022"
    assert client.get("/api/images/raw", params={"address": named, "plane": 1}).json()["code"] == "G-VIW-020"
    assert client.get("/api/images/raw", params={"address": named, "level": 99}).json()["code"] == "G-VIW-021"


def test_codes_lead_back_to_the_values_for_every_type(noise):
    for dtype in ("bool", "int8", "uint32", "int64", "float64"):
        pixels = (noise.normal(0, 60, (8, 9)) * (1000 if dtype == "float64" else 1)).astype(dtype)
        if dtype == "uint32":
            pixels = pixels % 60000
        image = Image(pixels)
        line = line_for(image)
        back = line.slope * coded(pixels, line).astype(float) + line.intercept
        assert np.abs(back - pixels.astype(float)).max() <= (0 if line.exact else 0.51 * line.slope)


def test_another_room_registers_its_own_kind(client):
    from gazo.web import addresses

    @address("testing")
    def testing(rest, place):
        return Found(lambda: Image(np.full((2, 2), int(rest), np.uint8)))

    try:
        assert pixels_of(client, "testing:42")[1].tolist() == [[42, 42], [42, 42]]
        response = client.get("/api/images/facts", params={"address": "testing:1"})
        assert response.json()["previous"] is None
    finally:
        addresses._finders.pop("testing")
