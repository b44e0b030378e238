import gzip

import numpy as np
import pytest
import SimpleITK

from gazo.core.errors import FileError, GazoError, ImageError
from gazo.core.image import Image
from gazo.io import read, write

OBLIQUE = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("shape", [(5, 6, 7), (6, 7)])
@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_round_trip_is_exact(tmp_path, kind, shape, ending):
    folder = tmp_path / "ボリューム"
    folder.mkdir()
    pixels = np.random.default_rng(0).normal(100, 40, shape).clip(0, 255).astype(kind)
    image = Image(pixels, spacing_mm=(2.5, 0.175, 0.2)[-len(shape) :], orientation=OBLIQUE, origin_mm=(1.5, -2.0, 3.25))
    write(image, folder / f"体積{ending}")
    back = read(folder / f"体積{ending}")
    np.testing.assert_array_equal(back.pixels, pixels)
    assert back.pixels.dtype == kind
    assert back.spacing_mm == image.spacing_mm
    assert back.orientation == pytest.approx(OBLIQUE, abs=1e-6)
    assert back.origin_mm == pytest.approx(image.origin_mm)


def test_each_voxel_stays_where_it_is_in_the_patient(tmp_path):
    """A left-handed file: planes are reversed, and the place of a marked voxel is the one SimpleITK gives."""
    values = np.zeros((3, 4, 5), "int16")
    values[2, 1, 3] = 9
    volume = SimpleITK.GetImageFromArray(values)
    volume.SetSpacing((0.5, 0.6, 2.0))
    volume.SetOrigin((10.0, 20.0, 30.0))
    volume.SetDirection((1, 0, 0, 0, 1, 0, 0, 0, -1))
    SimpleITK.WriteImage(volume, str(tmp_path / "left.nii"))
    want = volume.TransformIndexToPhysicalPoint((3, 1, 2))
    image = read(tmp_path / "left.nii")
    plane, row, column = (int(i[0]) for i in np.nonzero(image.pixels))
    rows, columns = np.array(image.orientation[:3]), np.array(image.orientation[3:])
    normal = np.cross(rows, columns)
    lengths = image.spacing_mm
    place = image.origin_mm + rows * column * lengths[2] + columns * row * lengths[1] + normal * plane * lengths[0]
    np.testing.assert_allclose(place, want, atol=1e-5)


def test_slope_and_intercept_are_applied(tmp_path):
    write(Image(np.arange(8, dtype="int16").reshape(2, 2, 2), spacing_mm=(1.0, 1.0, 1.0)), tmp_path / "s.nii")
    content = bytearray((tmp_path / "s.nii").read_bytes())
    content[112:120] = np.array([0.5, 10], "<f4").tobytes()
    (tmp_path / "s.nii").write_bytes(content)
    np.testing.assert_allclose(read(tmp_path / "s.nii").pixels.ravel(), np.arange(8) * 0.5 + 10)


def test_an_image_without_spacing_is_refused(tmp_path):
    with pytest.raises(ImageError, match=r"G-IMG-003"):
        write(Image(np.zeros((2, 2, 2))), tmp_path / "a.nii")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_every_truncation_is_refused(tmp_path, ending):
    pixels = np.random.default_rng(0).normal(size=(4, 9, 11)).astype("float32")
    write(Image(pixels, spacing_mm=(1.0, 1.0, 1.0)), tmp_path / f"a{ending}")
    content = (tmp_path / f"a{ending}").read_bytes()
    for size in (40, 348, 352, len(content) // 2, len(content) - 9, len(content) - 1):
        (tmp_path / f"t{ending}").write_bytes(content[:size])
        with pytest.raises(FileError):
            read(tmp_path / f"t{ending}")


def test_a_whole_archive_of_a_cut_off_volume_is_refused(tmp_path):
    """ITK alone fills what is missing with zeros, or says nothing that helps."""
    write(Image(np.ones((4, 9, 11), "float32"), spacing_mm=(1.0, 1.0, 1.0)), tmp_path / "a.nii")
    (tmp_path / "t.nii.gz").write_bytes(gzip.compress((tmp_path / "a.nii").read_bytes()[:-9]))
    with pytest.raises(FileError, match=r"G-IO-005.*EOFError"):
        read(tmp_path / "t.nii.gz")


def test_time_axis_and_bombs_are_refused(tmp_path):
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((2, 3, 4, 5), "uint8"), isVector=False), str(tmp_path / "t.nii"))
    with pytest.raises(FileError, match=r"G-IO-085"):
        read(tmp_path / "t.nii")
    write(Image(np.zeros((2, 2, 2), "uint8"), spacing_mm=(1.0, 1.0, 1.0)), tmp_path / "b.nii")
    content = bytearray((tmp_path / "b.nii").read_bytes())
    content[42:48] = np.array([30000, 30000, 30000], "<i2").tobytes()
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(FileError, match=r"G-IO-087"):
        read(tmp_path / "b.nii.gz")
    (tmp_path / "x.nii.gz").write_bytes(gzip.compress(b"no volume" * 99))
    with pytest.raises(GazoError, match=r"G-IO-020"):
        read(tmp_path / "x.nii.gz")


def test_real_volumes(data):
    for path in sorted(data.glob("lidc_nodules/voi/*.nii.gz"))[::60] + sorted(data.glob("mr_head/*.nii.gz"))[:1]:
        want = SimpleITK.ReadImage(str(path))
        got = read(path)
        assert got.spacing_mm == pytest.approx(want.GetSpacing()[::-1])
        np.testing.assert_array_equal(np.sort(got.pixels, axis=None), np.sort(SimpleITK.GetArrayFromImage(want), axis=None))
