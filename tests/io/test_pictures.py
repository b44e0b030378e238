import io

import numpy as np
import PIL.Image
import pytest
import tifffile

from gazo.core.errors import FileError
from gazo.core.image import Image
from gazo.io import FileLoader, read, write


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_what_is_written_comes_back_to_the_bit_under_a_japanese_path(tmp_path, rng, kind, colour, ending):
    folder = tmp_path / "画像 テスト"
    folder.mkdir()
    pixels = rng.integers(0, np.iinfo(kind).max, (33, 47, 3) if colour else (33, 47), dtype=kind)
    write(Image(pixels, colour=colour), folder / f"胸部 ①.{ending}")
    back = read(folder / f"胸部 ①.{ending}")
    assert back.colour is colour
    assert back.spacing_mm is None
    assert back.pixels.dtype == kind
    np.testing.assert_array_equal(back.pixels, pixels)


def test_float_volume_as_tiff(tmp_path, rng):
    pixels = rng.normal(size=(4, 20, 30)).astype("float32")
    write(Image(pixels), tmp_path / "v.tif")
    np.testing.assert_array_equal(read(tmp_path / "v.tif").pixels, pixels)


@pytest.mark.parametrize("ending", ["png", "tif", "bmp", "gif", "jpg"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA", "CMYK"])
def test_grey_is_grey_however_it_was_stored(tmp_path, rng, mode, ending):
    grey = np.kron(rng.integers(0, 255, (4, 5)), np.ones((8, 8))).astype("uint8")
    try:
        PIL.Image.fromarray(grey).convert(mode).save(tmp_path / f"a.{ending}", **({"quality": 100} if ending == "jpg" else {}))
    except (OSError, ValueError):
        pytest.skip(f"Pillow writes no {mode} as {ending}")
    back = read(tmp_path / f"a.{ending}")
    assert back.pixels.shape == grey.shape
    lossy = ending in ("jpg", "gif") or mode in ("P", "CMYK")  # Pillow writes GIF with few colours
    assert np.abs(back.pixels.astype(int) - grey).max() <= (20 if lossy else 0)


def test_one_bit_is_black_and_white(tmp_path):
    PIL.Image.fromarray(np.eye(9, dtype=bool)).save(tmp_path / "m.png")
    np.testing.assert_array_equal(read(tmp_path / "m.png").pixels, np.eye(9, dtype="uint8") * 255)


def test_opacity_is_seen_on_black_and_an_opaque_picture_keeps_its_values(tmp_path, rng):
    colours = rng.integers(0, 255, (6, 7, 3), dtype="uint8")
    opaque = np.dstack([colours, np.full((6, 7), 255, "uint8")])
    PIL.Image.fromarray(opaque).save(tmp_path / "o.png")
    np.testing.assert_array_equal(read(tmp_path / "o.png").pixels, colours)
    half = np.dstack([np.full((6, 7, 3), 200, "uint8"), np.full((6, 7), 51, "uint8")])  # 51 / 255 = 1/5
    PIL.Image.fromarray(half).save(tmp_path / "h.png")
    np.testing.assert_array_equal(read(tmp_path / "h.png").pixels, np.full((6, 7), 40))


def test_deep_png_with_opacity_keeps_16_bits(tmp_path, rng):
    import cv2

    colours = rng.integers(0, 65535, (6, 7, 3), dtype="uint16")
    bgra = np.dstack([colours[..., ::-1], np.full((6, 7), 65535, "uint16")])
    (tmp_path / "d.png").write_bytes(cv2.imencode(".png", bgra)[1].tobytes())
    np.testing.assert_array_equal(read(tmp_path / "d.png").pixels, colours)


# How the four corners a b / c d of a scene lie in the file for each EXIF orientation (EXIF 2.32, tag 0112).
ORIENTED = {1: "ab/cd", 2: "ba/dc", 3: "dc/ba", 4: "cd/ab", 5: "ac/bd", 6: "bd/ac", 7: "db/ca", 8: "ca/db"}


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "deep.tif"])
@pytest.mark.parametrize("orientation", ORIENTED)
def test_orientation_mark_is_honoured(tmp_path, orientation, ending):
    value = {"a": 10, "b": 80, "c": 150, "d": 220}
    stored = np.array([[value[corner] for corner in row] for row in ORIENTED[orientation].split("/")], "uint8")
    scene = np.kron(np.array([[10, 80], [150, 220]]), np.ones((16, 24)))
    stored = np.kron(stored, np.ones((16, 24) if orientation < 5 else (24, 16))).astype("uint8")
    path = tmp_path / f"o.{ending}"
    if ending == "deep.tif":
        tifffile.imwrite(path, stored.astype("uint16"), extratags=[(274, "H", 1, orientation, True)])
    else:
        exif = PIL.Image.Exif()
        exif[274] = orientation
        PIL.Image.fromarray(stored).save(path, exif=exif, **({"quality": 100} if ending == "jpg" else {}))
    back = read(path).pixels
    assert back.shape == scene.shape
    assert np.abs(back - scene).max() <= (2 if ending == "jpg" else 0)


def test_tiff_resolution_is_no_detector_spacing(tmp_path):
    PIL.Image.fromarray(np.zeros((8, 8), "uint8")).save(tmp_path / "r.tif", dpi=(254, 254))
    assert read(tmp_path / "r.tif").spacing_mm is None
    assert read(tmp_path / "r.tif", spacing_mm=0.1).spacing_mm == (0.1, 0.1)
    assert FileLoader(str(tmp_path), spacing_mm=(0.1, 0.2))("r.tif").spacing_mm == (0.1, 0.2)


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_white_is_zero_is_turned(tmp_path, rng, kind):
    pixels = rng.integers(0, np.iinfo(kind).max, (20, 30), dtype=kind)
    tifffile.imwrite(tmp_path / "w.tif", pixels, photometric="miniswhite")
    np.testing.assert_array_equal(read(tmp_path / "w.tif").pixels, np.iinfo(kind).max - pixels)


def test_compressed_deep_tiff(tmp_path, rng):
    pixels = rng.integers(0, 65535, (40, 50), dtype="uint16")
    for compression in ("tiff_lzw", "tiff_deflate"):
        PIL.Image.fromarray(pixels).save(tmp_path / "c.tif", compression=compression)
        np.testing.assert_array_equal(read(tmp_path / "c.tif").pixels, pixels)


def test_compressed_deep_pages_and_colour(tmp_path, rng):
    pages = rng.integers(0, 65535, (3, 20, 30), dtype="uint16")
    frames = [PIL.Image.fromarray(page) for page in pages]
    frames[0].save(tmp_path / "p.tif", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    np.testing.assert_array_equal(read(tmp_path / "p.tif").pixels, pages)
    import cv2

    colours = rng.integers(0, 65535, (20, 30, 3), dtype="uint16")
    content = cv2.imencode(".tif", colours[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])[1]
    (tmp_path / "c.tif").write_bytes(content.tobytes())
    np.testing.assert_array_equal(read(tmp_path / "c.tif").pixels, colours)


def test_twelve_bit_pgm_is_not_stretched(tmp_path, rng):
    pixels = rng.integers(0, 4096, (6, 5)).astype(">u2")
    (tmp_path / "p.pgm").write_bytes(b"P5 # a film\n5 6\n4095\n" + pixels.tobytes())
    np.testing.assert_array_equal(read(tmp_path / "p.pgm").pixels, pixels)
    (tmp_path / "p.pgm").write_bytes(b"P5\n5 6\n4095\n" + pixels.tobytes()[:-1])
    with pytest.raises(FileError, match=r"G-IO-010"):
        read(tmp_path / "p.pgm")


def test_pages_of_different_size_are_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "p.tif") as file:
        file.write(np.zeros((8, 8), "uint8"))
        file.write(np.zeros((9, 9), "uint8"))
    with pytest.raises(FileError, match=r"G-IO-012"):
        read(tmp_path / "p.tif")


@pytest.mark.parametrize("pixels", [np.zeros((4, 4), "float32"), np.zeros((4, 4), "int16"), np.zeros((2, 4, 4), "uint8")])
def test_png_refuses_what_it_cannot_hold_and_leaves_nothing(tmp_path, pixels):
    with pytest.raises(FileError, match=r"G-IO-011"):
        write(Image(pixels), tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_unknown_kinds_name_what_is_supported(tmp_path):
    (tmp_path / "a.webp").write_bytes(b"RIFF....WEBP")
    with pytest.raises(FileError, match=r"Supported are PNG, TIFF"):
        read(tmp_path / "a.webp")
    with pytest.raises(FileError, match=r"G-IO-001"):
        read(tmp_path / "none.png")
    with pytest.raises(FileError, match=r"G-IO-002"):
        read(tmp_path)
    (tmp_path / "empty.png").touch()
    with pytest.raises(FileError, match=r"G-IO-004"):
        read(tmp_path / "empty.png")
    with pytest.raises(FileError, match=r"G-IO-022"):
        write(Image(np.zeros((2, 2))), tmp_path / "a.docx")
    buffer = io.BytesIO()
    np.savez(buffer, images=np.zeros((1, 2, 2)))
    (tmp_path / "a.npz").write_bytes(buffer.getvalue())
    with pytest.raises(FileError, match=r"read_npz"):
        read(tmp_path / "a.npz")


def test_content_wins_over_the_ending(tmp_path):
    PIL.Image.fromarray(np.full((4, 4), 9, "uint8")).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.dcm")
    assert read(tmp_path / "a.dcm").pixels[0, 0] == 9


def test_loader_survives_pickling_and_digests_the_bytes(tmp_path):
    import hashlib
    import pickle

    PIL.Image.fromarray(np.full((4, 4), 9, "uint8")).save(tmp_path / "a.png")
    loader = pickle.loads(pickle.dumps(FileLoader(str(tmp_path))))  # noqa: S301  our own bytes
    assert loader("a.png").shape == (4, 4)
    assert loader.digest("a.png") == hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()
    with pytest.raises(FileError, match=r"G-IO-001"):
        loader.digest("b.png")


def test_real_pictures(data):
    for path in sorted(data.glob("*/*/*.png"))[::97] + sorted(data.glob("chase_db1/images/*"))[:2]:
        with PIL.Image.open(path) as picture:
            want = np.asarray(picture)
        got = read(path).pixels
        assert got.shape[:2] == want.shape[:2]
        if got.shape == want.shape and want.dtype != bool:
            np.testing.assert_array_equal(got, want)
