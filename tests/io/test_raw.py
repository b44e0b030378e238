import numpy as np
import pytest

from gazo.core.errors import DataError, FileError, OptionError
from gazo.io import read, read_raw, write_dicom


@pytest.fixture(scope="module")
def jsrt(tmp_path_factory):
    values = np.random.default_rng(0).integers(0, 4096, (2048, 2048))
    path = tmp_path_factory.mktemp("jsrt") / "JPCLN001.IMG"
    path.write_bytes(values.astype(">u2").tobytes())
    return path, values


def test_jsrt_preset_is_bit_exact(jsrt):
    """Shiraishi et al. 2000: 2048 x 2048, 12 bit, big-endian, 0.175 mm; shown as 4095 - v."""
    path, values = jsrt
    for image in (read_raw(path, preset="jsrt"), read(path)):
        np.testing.assert_array_equal(image.pixels, 4095 - values)
        assert image.pixels.dtype == np.uint16
        assert image.spacing_mm == (0.175, 0.175)
        assert image.history[-1].options["invert"] is True
    np.testing.assert_array_equal(read_raw(path, preset="jsrt", invert=False).pixels, values)


def test_raw_to_dicom_keeps_every_value_and_the_spacing(jsrt, tmp_path):
    image = read(jsrt[0])
    write_dicom(image, tmp_path / "JPCLN001.dcm")
    back = read(tmp_path / "JPCLN001.dcm")
    np.testing.assert_array_equal(back.pixels, image.pixels)
    assert back.spacing_mm == (0.175, 0.175)


def test_the_wrong_byte_order_shows_in_the_values(jsrt):
    with pytest.raises(DataError, match=r"G-IO-082.*12 bits can \(4095\)"):
        read_raw(jsrt[0], preset="jsrt", big_endian=False)


def test_sizes_that_would_fit_are_named(jsrt):
    with pytest.raises(OptionError, match=r"G-IO-080.*2048 x 2048 uint16"):
        read_raw(jsrt[0])
    with pytest.raises(FileError, match=r"G-IO-081.*8,388,608 bytes.*2,097,152.*2048 x 2048 uint16") as caught:
        read_raw(jsrt[0], rows=1024, columns=1024)
    assert "2048 x 2048" in caught.value.message("ja")


@pytest.mark.parametrize("kind", ["uint8", "uint16", "int16", "int32", "float32"])
@pytest.mark.parametrize("big_endian", [False, True])
def test_every_kind_of_number_after_a_header(tmp_path, kind, big_endian):
    values = np.random.default_rng(1).integers(0, 100, (3, 5)).astype(kind)
    (tmp_path / "a.raw").write_bytes(b"header" + values.astype(values.dtype.newbyteorder(">" if big_endian else "<")).tobytes())
    image = read_raw(tmp_path / "a.raw", rows=3, columns=5, dtype=kind, big_endian=big_endian, header_bytes=6, spacing_mm=0.2)
    np.testing.assert_array_equal(image.pixels, values)
    assert image.spacing_mm == (0.2, 0.2)


def test_inversion_in_the_given_bits(tmp_path):
    (tmp_path / "a.raw").write_bytes(np.array([0, 1, 1023], "<u2").tobytes())
    options = {"rows": 1, "columns": 3, "invert": True}
    assert read_raw(tmp_path / "a.raw", bits=10, **options).pixels.tolist() == [[1023, 1022, 0]]
    assert read_raw(tmp_path / "a.raw", **options).pixels.tolist() == [[65535, 65534, 64512]]
