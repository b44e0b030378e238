"""Random damage: whatever the bytes, a reader gives an image (or a table), or a sentence in both languages."""

import io
from pathlib import Path

import numpy as np
import openpyxl
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.io import Rows, read, read_dicom_folder, read_npz, read_rows, unpack, write

PIXELS = np.random.default_rng(0).integers(0, 4096, (24, 20), dtype="uint16")
FAST = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SLOW = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def whole(ending, folder):
    """A good file of a kind, as bytes."""
    buffer = io.BytesIO()
    if ending == "npz":
        np.savez_compressed(buffer, images=np.stack([PIXELS] * 3), labels=np.array([[0], [1], [0]]))
    elif ending == "xlsx":
        book = openpyxl.Workbook()
        for row in (["file", "label", "sum"], ["a.png", 1, "=1+1"], ["b.png", 2.5, None]):
            book.active.append(row)
        book.save(buffer)
    elif ending == "csv":
        return "file,ラベル\na.png,正面\nb.png,側面\n".encode("cp932")
    elif ending in ("jpg", "gif", "bmp"):
        PIL.Image.fromarray((PIXELS >> 4).astype("uint8")).convert("RGB").save(
            buffer, {"jpg": "JPEG"}.get(ending, ending.upper())
        )
    elif ending == "pgm":
        return b"P5\n20 24\n4095\n" + PIXELS.astype(">u2").tobytes()
    else:
        write(Image(PIXELS, spacing_mm=(0.1, 0.1), modality="CT", meaning="HU"), folder / f"whole.{ending}")
        return (folder / f"whole.{ending}").read_bytes()
    return buffer.getvalue()


def damaged(content, cut, flips):
    """The bytes without their end, some of them changed."""
    left = bytearray(content[: max(1, int(len(content) * cut))])
    for place, value in flips:
        left[int(place * (len(left) - 1))] = value
    return bytes(left)


DAMAGE = {
    "cut": st.one_of(st.just(1.0), st.floats(0.01, 1.0)),
    # headers stand at the beginning, so half of the changes go there
    "flips": st.lists(st.tuples(st.one_of(st.floats(0, 1), st.floats(0, 0.1)), st.integers(0, 255)), max_size=6),
}
READERS = {"npz": read_npz, "xlsx": read_rows, "csv": read_rows}
KINDS = ["png", "tif", "dcm", "nii", "nii.gz", "jpg", "gif", "bmp", "pgm", "npz", "xlsx", "csv"]


def outcome(reader, *given):
    """What a reader gives: an image, a table, a set or a GazoError; anything else it raises goes on."""
    try:
        return reader(*given)
    except GazoError as error:
        return error


def survive(ending, folder, cut, flips):
    path = folder / f"broken.{ending}"
    path.write_bytes(damaged(whole(ending, folder), cut, flips))
    result = outcome(READERS.get(ending, read), path)
    assert isinstance(result, Image | Rows | ImageSet | GazoError)
    if isinstance(result, GazoError):
        assert result.text.ja != result.text.en
        assert str(folder) not in str(result)
    return result


def assert_some_damage_is_told(effort, ending, folder):
    """Every outcome is allowed by `survive`; were all of them readable, nothing would have been damaged."""
    told = []
    effort(given(**DAMAGE)(lambda cut, flips: told.append(isinstance(survive(ending, folder, cut, flips), GazoError))))()
    assert len(told) >= 100
    assert 0 < sum(told) < len(told)


@pytest.mark.parametrize("ending", KINDS)
def test_damage_gives_a_sentence_or_an_image(tmp_path_factory, ending):
    assert_some_damage_is_told(FAST, ending, tmp_path_factory.mktemp("broken"))


@pytest.mark.slow
@pytest.mark.parametrize("ending", KINDS)
def test_much_damage_gives_a_sentence_or_an_image(tmp_path_factory, ending):
    assert_some_damage_is_told(SLOW, ending, tmp_path_factory.mktemp("broken"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["CT1_jpeg_lossless", "CT1_jpeg2000_lossless", "CT1_jpegls_lossless", "CT1_rle", "MR_enhanced_multiframe"]
)
def test_damage_to_compressed_dicom(data, tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("broken")
    content = (data / f"dicom_samples/files/{name}.dcm").read_bytes()

    @settings(SLOW, max_examples=120)
    @given(**DAMAGE)
    def check(cut, flips):
        (folder / "x.dcm").write_bytes(damaged(content, cut, flips))
        assert isinstance(outcome(read, folder / "x.dcm"), Image | GazoError)
        assert isinstance(outcome(read_dicom_folder, folder), ImageSet | GazoError)

    check()


@FAST
@given(content=st.binary(min_size=1, max_size=400), ending=st.sampled_from([*KINDS, "img", "zip", "dat"]))
def test_any_bytes_under_any_name(tmp_path_factory, content, ending):
    folder = tmp_path_factory.mktemp("any")
    path = folder / f"x.{ending}"
    path.write_bytes(content)
    for reader in (read, read_rows, read_npz):
        assert isinstance(outcome(reader, path), Image | Rows | ImageSet | GazoError)
    assert isinstance(outcome(unpack, path, folder / "out"), Path | GazoError)
