"""Masks in and out: exact round trips in the geometry of the image, real structure sets, and what is refused."""

import csv

import numpy as np
import pydicom
import pytest

import gazo
from gazo.core.errors import DataError, FileError, ImageError, OptionError
from gazo.core.image import Image
from gazo.io.files import write
from gazo.io.mask_files_grid import grid_of
from gazo.io.polygons import area
from gazo.io.rtstruct import structures_in
from gazo.learn.truth import mask_of

FRAME = "1.2.826.0.1.3680043.8.498.77"
TILTED = (1.0, 0.0, 0.0, 0.0, np.cos(0.3), np.sin(0.3))


def slice_file(path, z, *, frame=FRAME, rows=24, columns=30, orientation=TILTED, study="1.2.3.4"):
    """A small CT slice."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    one = Dataset()
    normal = np.cross(orientation[:3], orientation[3:])
    place = np.array([-12.5, 8.25, 40.0]) + z * 2.5 * normal
    one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, generate_uid(entropy_srcs=[path.name, frame, str(orientation)])
    one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, study + ".1", frame
    one.Modality, one.PatientName, one.PatientID, one.PatientBirthDate, one.PatientSex = "CT", "", "P1", "", ""
    one.StudyDate = one.StudyTime = one.AccessionNumber = one.StudyID = one.ReferringPhysicianName = ""
    one.SeriesNumber, one.InstanceNumber, one.Manufacturer, one.PositionReferenceIndicator = 1, z + 1, "", ""
    one.Rows, one.Columns, one.SamplesPerPixel, one.PhotometricInterpretation = rows, columns, 1, "MONOCHROME2"
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.PixelRepresentation, one.RescaleSlope, one.RescaleIntercept = 15, 1, 1, -1024
    one.PixelSpacing, one.SliceThickness = [0.8, 0.7], 2.5
    one.ImageOrientationPatient = [f"{c:.10f}"[:16] for c in orientation]
    one.ImagePositionPatient = [f"{c:.8f}"[:16] for c in place]
    one.PixelData = np.zeros((rows, columns), np.int16).tobytes()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def series(tmp_path):
    folder = tmp_path / "CT"
    folder.mkdir()
    for z in (3, 0, 4, 1, 2):  # order of names is not order of places
        slice_file(folder / f"{(z * 7) % 5}.dcm", z)
    return folder


@pytest.fixture
def masks(series):
    """Two structures that overlap; one has a hole, islands, and a plane without any."""
    grid = grid_of(series)
    rng = np.random.default_rng(0)
    one = rng.random(grid.shape) < 0.4
    one[2] = False
    two = np.zeros(grid.shape, bool)
    two[1:4, 4:20, 5:22] = True
    two[2, 8:12, 9:14] = False
    return {"肝臓": grid.image(one.astype(np.uint8)), "GTV": grid.image(two.astype(np.uint8))}


@pytest.mark.parametrize("kind", ["seg", "rtstruct"])
def test_dicom_round_trip_is_exact(kind, series, masks, tmp_path):
    path = tmp_path / "mask.dcm"
    gazo.write_mask(masks, path, kind=kind, source=series)
    found = gazo.read_masks(path, series)
    assert list(found) == list(masks)
    image = gazo.io.read_series(series)
    for name, mask in found.items():
        assert np.array_equal(mask.pixels, masks[name].pixels)
        assert (mask.spacing_mm, mask.orientation, mask.origin_mm) == (image.spacing_mm, image.orientation, image.origin_mm)
    first = path.read_bytes()
    gazo.write_mask(masks, path, kind=kind, source=series)
    assert kind == "seg" or path.read_bytes() == first


@pytest.mark.parametrize("kind", ["seg", "rtstruct"])
def test_a_slice_alone_gets_its_part(kind, series, masks, tmp_path):
    path = tmp_path / "mask.dcm"
    gazo.write_mask(masks, path, kind=kind, source=series)
    planes = sorted(series.glob("*.dcm"), key=lambda file: int(pydicom.dcmread(file).InstanceNumber))
    for plane, file in enumerate(planes):
        found = gazo.read_masks(path, file, structures=["GTV"])["GTV"]
        assert np.array_equal(found.pixels, masks["GTV"].pixels[plane])


def test_the_segmentation_is_what_highdicom_reads(series, masks, tmp_path):
    import highdicom

    path = tmp_path / "seg.dcm"
    gazo.write_mask(masks, path, kind="seg", source=series, automatic=True)
    seg = highdicom.seg.segread(path)
    uids = grid_of(series).instances
    read = seg.get_pixels_by_source_instance(uids, combine_segments=False, assert_missing_frames_are_empty=True)
    assert np.array_equal(read[..., 0], masks["肝臓"].pixels)
    assert np.array_equal(read[..., 1], masks["GTV"].pixels)
    assert list(seg.segment_numbers) == [1, 2]


def test_a_volume_as_label_map_and_as_nifti(series, masks, tmp_path):
    apart = {
        "a": masks["GTV"],
        "b": masks["GTV"].with_pixels((np.asarray(masks["肝臓"].pixels) > masks["GTV"].pixels).astype(np.uint8)),
    }
    gazo.write_mask(apart, tmp_path / "m.nii.gz")
    found = gazo.read_masks(tmp_path / "m.nii.gz", series)
    assert list(found) == ["1", "2"]
    assert np.array_equal(found["2"].pixels, apart["b"].pixels)
    with pytest.raises(DataError, match="G-IO-136"):
        gazo.write_mask(masks, tmp_path / "m.nii.gz")


def test_a_nifti_with_other_axes_is_turned(tmp_path):
    import SimpleITK

    rng = np.random.default_rng(3)
    image = Image(
        rng.random((4, 5, 6)).astype(np.float32),
        spacing_mm=(3.0, 2.0, 1.5),
        orientation=(1.0, 0, 0, 0, 1.0, 0),
        origin_mm=(5.0, -7.0, 2.0),
    )
    labels = rng.integers(0, 4, (4, 5, 6)).astype(np.uint8)
    write(image, tmp_path / "image.nii.gz")
    gazo.write_mask(image.with_pixels(labels), tmp_path / "mask.nii")
    turned = SimpleITK.DICOMOrient(SimpleITK.ReadImage(str(tmp_path / "mask.nii")), "PIR")
    SimpleITK.WriteImage(turned, str(tmp_path / "turned.nii.gz"))
    found = gazo.read_masks(tmp_path / "turned.nii.gz", tmp_path / "image.nii.gz")
    for name, mask in found.items():
        assert np.array_equal(mask.pixels, labels == int(name))
        assert mask.spacing_mm == image.spacing_mm
    moved = Image(image.pixels, spacing_mm=image.spacing_mm, orientation=image.orientation, origin_mm=(5.0, -7.0, 5.0))
    with pytest.raises(FileError, match="G-IO-134"):
        gazo.read_masks(tmp_path / "mask.nii", moved)


def test_png_round_trip_of_bool_and_labels(tmp_path):
    labels = np.random.default_rng(0).integers(0, 5, (20, 31)).astype(np.uint8)
    image = Image(labels, spacing_mm=(0.2, 0.3))
    gazo.write_mask(Image(labels, spacing_mm=(0.2, 0.3)), tmp_path / "labels.png")
    found = gazo.read_masks(tmp_path / "labels.png", image)
    assert list(found) == ["1", "2", "3", "4"]
    assert all(np.array_equal(mask.pixels, labels == int(name)) and mask.spacing_mm == (0.2, 0.3) for name, mask in found.items())
    write(Image(labels > 2), tmp_path / "bool.png")  # 0 and 255
    assert np.array_equal(gazo.read_masks(tmp_path / "bool.png")["1"].pixels, labels > 2)


def test_real_structures_have_the_area_of_their_contours(data):
    """The outlined area, by the shoelace formula, is that of the pixels to 0.2 % on CT and MR (CC BY 3.0, TCIA Soft-tissue Sarcoma)."""
    for modality, allowed in (("CT", 2e-3), ("MR_T1", 2e-3), ("PET", 1e-2)):
        place = data / "dicom_samples" / "study_sts025" / modality
        (name, mask), *more = gazo.read_masks(place / "mask" / "RS.dcm", place / "image").items()
        grid = grid_of(place / "image")
        assert not more
        assert name.startswith("GTV_Mass")
        assert mask.shape == gazo.io.read_series(place / "image").shape
        outlined = [area(grid.indices(one.points_mm)[:, 1:]) for one in structures_in(place / "mask" / "RS.dcm").contours[name]]
        assert np.asarray(mask.pixels).sum() == pytest.approx(sum(outlined), rel=allowed)
        assert (np.asarray(mask.pixels).sum((1, 2)) > 0).sum() == 15


def test_a_segmentation_that_lost_frames_is_refused(data):
    """The sample describes three planes of a liver and holds one."""
    with pytest.raises(FileError, match=r"G-IO-137.*3 frames and holds 1"):
        gazo.read_masks(data / "dicom_samples" / "files" / "SEG_liver_1frame.dcm")


def table(folder, rows):
    with open(folder / "table.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["file", "mask"], *rows])
    return folder / "table.csv"


def test_a_mask_column_names_structures_of_any_file(series, masks, tmp_path):
    for kind in ("seg", "rtstruct"):
        gazo.write_mask(masks, tmp_path / f"{kind}.dcm", kind=kind, source=series)
    names = sorted(file.name for file in series.glob("*.dcm"))
    cells = ["seg.dcm#GTV", "rtstruct.dcm#GTV", "seg.dcm # 肝臓", "rtstruct.dcm#肝臓", ""]
    images = gazo.read_table(table(tmp_path, [(f"CT/{n}", c) for n, c in zip(names, cells, strict=True)]), mask="mask")
    for row, (name, cell) in enumerate(zip(names, cells, strict=True)):
        plane = int(pydicom.dcmread(series / name).InstanceNumber) - 1
        wanted = np.asarray(masks["GTV" if "GTV" in cell else "肝臓"].pixels[plane]) if cell else np.zeros((24, 30))
        assert np.array_equal(mask_of(images, row), wanted)
    chosen = gazo.read_table(table(tmp_path, [(f"CT/{n}", "seg.dcm") for n in names]), mask="mask#GTV")
    assert sum(int(mask_of(chosen, row).sum()) for row in range(5)) == masks["GTV"].pixels.sum()
    every = gazo.read_table(table(tmp_path, [(f"CT/{n}", "seg.dcm") for n in names]), mask="mask")
    with pytest.raises(DataError, match="G-IO-136"):
        [mask_of(every, row) for row in range(5)]


def test_a_radiograph_without_a_place_carries_a_segmentation(tmp_path):
    """Radiographs have no position: a segment finds its image by the UID; contours are refused."""
    shadow = Image(np.random.default_rng(0).integers(0, 900, (30, 20)).astype(np.uint16), spacing_mm=(0.2, 0.2), modality="DX")
    for name in ("a", "b"):
        gazo.write(shadow.with_pixels(np.asarray(shadow.pixels) + np.uint16(name == "b")), tmp_path / f"{name}.dcm")
    mask = Image((np.asarray(shadow.pixels) > 500).astype(np.uint8), spacing_mm=(0.2, 0.2))
    gazo.write_mask(mask, tmp_path / "seg.dcm", kind="seg", source=tmp_path / "a.dcm", names=["肺"])
    found = gazo.read_masks(tmp_path / "seg.dcm", tmp_path / "a.dcm")
    assert np.array_equal(found["肺"].pixels, mask.pixels)
    with pytest.raises(FileError, match="G-IO-126"):
        gazo.read_masks(tmp_path / "seg.dcm", tmp_path / "b.dcm")
    with pytest.raises(DataError, match="G-IO-120"):
        gazo.write_mask(mask, tmp_path / "rs.dcm", kind="rtstruct", source=tmp_path / "a.dcm")


def test_what_is_refused(series, masks, tmp_path):
    path, other = tmp_path / "rs.dcm", tmp_path / "other"
    gazo.write_mask(masks, path, kind="rtstruct", source=series)
    gazo.write_mask(masks, tmp_path / "seg.dcm", kind="seg", source=series)
    with pytest.raises(DataError, match=r"G-IO-122.*肝臓.*GTV"):
        gazo.read_masks(path, series, structures=["Lung"])
    with pytest.raises(DataError, match="G-IO-132"):
        gazo.read_masks(path)
    with pytest.raises(DataError, match="G-IO-120"):
        gazo.read_masks(path, Image(np.zeros((24, 30))))
    other.mkdir()
    for z in range(5):
        slice_file(other / f"{z}.dcm", z, frame=FRAME + ".1")
    for file in (path, tmp_path / "seg.dcm"):
        with pytest.raises(FileError, match="G-IO-121"):
            gazo.read_masks(file, other)
    for z in range(5):
        slice_file(other / f"{z}.dcm", z, orientation=(1.0, 0, 0, 0, 1.0, 0))
    with pytest.raises(FileError, match="G-IO-124"):
        gazo.read_masks(path, other)
    with pytest.raises(FileError, match="G-IO-127"):
        gazo.read_masks(tmp_path / "seg.dcm", other)
    for z in range(5):
        slice_file(other / f"{z}.dcm", z, rows=20)
    with pytest.raises(FileError, match="G-IO-127"):
        gazo.read_masks(tmp_path / "seg.dcm", other)
    with pytest.raises(DataError, match="G-IO-130"):
        gazo.write_mask(masks, path, kind="rtstruct", source=other)
    for z in range(5):
        slice_file(other / f"{z}.dcm", z + 400)
    with pytest.raises(DataError, match="G-IO-123"):
        gazo.read_masks(path, other)
    with pytest.raises(DataError, match="G-IO-128"):
        gazo.write_mask(masks, path, kind="seg")
    with pytest.raises(OptionError, match="G-IO-135"):
        gazo.write_mask(masks, path)
    write(Image(np.linspace(0, 1, 600, dtype=np.float32).reshape(20, 30)), tmp_path / "soft.tif")
    with pytest.raises(ImageError, match="G-IO-133"):
        gazo.read_masks(tmp_path / "soft.tif")
    with pytest.raises(FileError, match="G-IO-134"):
        gazo.read_masks(tmp_path / "soft.tif", Image(np.zeros((5, 5))))
