import csv
import hashlib
import io
import json
import warnings

import numpy as np
import pydicom
import pytest

from gazo.core.errors import FileError, GazoError, OptionError
from gazo.core.image import Image
from gazo.io import read, read_dicom, write
from gazo.io.dicom_header import opened
from gazo.io.dicom_pixels import rescaled, stored_pixels

JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"


def table(data):
    with open(data / "dicom_samples/labels.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digest(pixels):
    return hashlib.sha256(np.ascontiguousarray(pixels).astype(pixels.dtype.newbyteorder("<")).tobytes()).hexdigest()


def indices(path):
    """Pixels before any table or rescaling, as pydicom's `pixel_array` gives them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.pixels.pixel_array(opened(path.read_bytes(), path.name))


@pytest.mark.parametrize("large", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_every_sample_decodes_to_its_published_hash_or_is_refused(data, large):
    """163 files of all common transfer syntaxes; the hashes were made with other decoders."""
    refused = 0
    for row in table(data):
        if (float(row["rows"] or 0) * float(row["columns"] or 0) > 2_000_000) is not large:
            continue
        path = data / "dicom_samples" / row["file"]
        if not row["px_sha256"] or row["transfer_syntax_uid"] == JPEG_EXTENDED:
            with pytest.raises(GazoError, match=r"G-IO-06[13]"):
                read_dicom(path)
            refused += 1
            continue
        palette = row["photometric"] == "PALETTE COLOR"
        dataset = opened(path.read_bytes(), path.name)
        stored = indices(path) if palette else stored_pixels(dataset, path.name)[0]
        assert digest(stored)[:16] == row["px_sha256"], row["file"]
        assert float(stored.mean()) == pytest.approx(float(row["px_mean"]), abs=1e-3)
        if path.stat().st_size < 600_000:
            image = read_dicom(path)
            assert image.shape == stored.shape[: len(image.shape)]
            slope, intercept = (float(row[name] or default) for name, default in (("slope", 1), ("intercept", 0)))
            if not image.colour and row["modality"] not in ("RTDOSE", "OT", "PT"):
                np.testing.assert_allclose(image.pixels, stored * slope + intercept, rtol=1e-5, atol=1e-3)
    assert refused == (2 if large else 6)


def test_the_robustness_corpus(shared):
    """59 files of pydicom, highdicom and NEMA: decoded to the published hash, or refused with a sentence."""
    folder = shared / "reference/dicom"
    outcomes = {}
    for facts in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]:
        path = folder / "files" / facts["file"]
        try:
            image = read_dicom(path)
        except GazoError as error:
            outcomes[facts["file"]] = error.code
            continue
        outcomes[facts["file"]] = "read"
        stored = indices(path)
        assert list(stored.shape) == facts["pixels"]["shape"]
        if facts["TransferSyntaxUID"] not in ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.91"):
            assert digest(stored) == facts["pixels"]["sha256_le_c_order"], facts["file"]
        else:
            assert float(stored.sum()) == pytest.approx(facts["pixels"]["sum"], rel=0.01)
        assert image.pixels.dtype.isnative
        if facts["expected_outcome"] == "decode" and facts["TransferSyntaxUID"] != JPEG_EXTENDED:
            assert outcomes[facts["file"]] == "read"
    assert sum(outcome == "read" for outcome in outcomes.values()) == 39
    assert outcomes["zipMR.gz"] == "G-IO-060"
    assert outcomes["MR_truncated.dcm"] == "G-IO-005"
    assert outcomes["JPEG-lossy.dcm"] == "G-IO-063"
    assert outcomes["rtstruct.dcm"] == outcomes["DICOMDIR"] == "G-IO-061"


def test_five_lossless_forms_of_one_image_are_one(data):
    names = ("explicit_le", "jpeg_lossless", "jpegls_lossless", "jpeg2000_lossless", "rle")
    images = [read(data / f"dicom_samples/files/CT1_{name}.dcm") for name in names]
    for image in images:
        np.testing.assert_array_equal(image.pixels, images[0].pixels)
        assert (image.meaning, image.unit, image.pixels.dtype) == ("HU", "HU", np.int16)
        assert image.spacing_mm == (0.661468, 0.661468)
        assert image.modality == "CT"


def test_twelve_bit_jpeg_names_the_extra(data):
    with pytest.raises(FileError, match=r"G-IO-063.*gazo\[jpeg12\]"):
        read(data / "dicom_samples/files/CR_RG2_jpeg_extended12.dcm")


def sample(data, name="MR_small_implicit_le.dcm"):
    return (data / "dicom_samples/files" / name).read_bytes()


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.99])
def test_truncated_files_are_refused(data, tmp_path, part):
    for name in ("CT1_jpeg_lossless.dcm", "CT1_jpeg2000_lossless.dcm", "CT1_rle.dcm", "CT1_explicit_le.dcm", "OT_deflated.dcm"):
        content = sample(data, name)
        (tmp_path / "t.dcm").write_bytes(content[: int(len(content) * part)])
        with pytest.raises(FileError, match=r"G-IO-0(05|61|65)"):
            read(tmp_path / "t.dcm")


def made(**elements):
    """A small DX image as bytes, with elements changed; a value of None takes one out."""
    pixels = elements.pop("pixels", np.arange(12, dtype="uint16").reshape(3, 4))
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.3"
    dataset.Modality, dataset.PhotometricInterpretation = "DX", "MONOCHROME2"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = *pixels.shape[-2:], 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8 * pixels.itemsize, 8 * pixels.itemsize, 8 * pixels.itemsize - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW"
    for keyword, value in elements.items():
        if value is None:
            del dataset[keyword]
        else:
            setattr(dataset, keyword, value)
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def read_bytes(tmp_path, content, **options):
    (tmp_path / "x.dcm").write_bytes(content)
    return read_dicom(tmp_path / "x.dcm", **options)


def test_the_plane_of_the_detector_comes_first(tmp_path):
    both = read_bytes(tmp_path, made(PixelSpacing=[0.1, 0.12], ImagerPixelSpacing=[0.2, 0.25]))
    assert both.spacing_mm == (0.2, 0.25)
    assert read_bytes(tmp_path, made(PixelSpacing=[0.1, 0.12])).spacing_mm == (0.1, 0.12)
    assert read_bytes(tmp_path, made(NominalScannedPixelSpacing=[0.3, 0.3])).spacing_mm == (0.3, 0.3)
    assert read_bytes(tmp_path, made(PixelSpacing=[0.0, 0.12])).spacing_mm is None


@pytest.mark.parametrize(
    ("elements", "meaning"),
    [
        ({"PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": 1}, "linear exposure"),
        ({"PixelIntensityRelationship": "LOG", "PixelIntensityRelationshipSign": 1}, "log exposure"),
        ({"PixelIntensityRelationship": "LOG", "PixelIntensityRelationshipSign": -1}, "stored"),
        ({"PresentationIntentType": "FOR PRESENTATION"}, "display"),
        ({"Modality": "CT", "RescaleIntercept": -1024, "RescaleSlope": 1}, "HU"),
        ({"Modality": "MR", "RescaleIntercept": 0, "RescaleSlope": 2.5}, "quantity"),
        ({}, "stored"),
    ],
)
def test_what_a_value_means(tmp_path, elements, meaning):
    assert read_bytes(tmp_path, made(**elements)).meaning == meaning


def test_monochrome1_is_marked_and_inverted_once_for_display(tmp_path):
    content = made(PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE", WindowCenter=6, WindowWidth=12)
    image = read_bytes(tmp_path, content)
    assert image.inverted
    assert image.pixels[0, 0] == 0
    assert image.window == (6, 12)
    shown = read_bytes(tmp_path, content, voi=True)
    assert not shown.inverted
    assert (shown.pixels[0, 0], shown.pixels[-1, -1]) == (255, 0)
    assert shown.meaning == "display"
    assert shown.history[-1].options == {"voi": True}


@pytest.mark.parametrize(
    ("stored", "slope", "intercept", "kind"),
    [
        (np.array([0, 4095], "uint16"), 1, -1024, "int16"),
        (np.array([-32768, 0], "int16"), 1, -1024, "int32"),
        (np.array([0, 65535], "uint16"), 1, -1024, "int32"),
        (np.array([0, 65535], "uint16"), 2, 0, "int32"),
        (np.array([0, 4095], "uint16"), -1, 4095, "int16"),
        (np.array([0, 4095], "uint16"), 0.5, 0, "float32"),
        (np.array([0, 255], "uint8"), 1, 0, "uint8"),
        (np.array([0, 255], "uint8"), 40_000, 0, "int32"),
        (np.array([0, 2**32 - 1], "uint32"), 1, 1, "float32"),
    ],
)
def test_rescaling_is_exact_in_the_smallest_kind(stored, slope, intercept, kind):
    values = rescaled(stored, float(slope), float(intercept))
    assert values.dtype == kind
    np.testing.assert_allclose(values.astype(float), stored.astype(float) * slope + intercept, rtol=1e-7)


def test_bits_above_bits_stored_do_not_matter_to_ten_bit_images(data):
    assert read(data / "dicom_samples/files/CR_RG3_jpeg2000_lossless.dcm").pixels.max() == 1023


def test_frames(data, tmp_path):
    path = data / "dicom_samples/files/RTDOSE_small.dcm"
    volume = read_dicom(path)
    assert volume.shape == (15, 10, 10)
    assert volume.spacing_mm == (5.0, 10.0, 10.0)
    assert (volume.meaning, volume.unit) == ("quantity", "")  # DoseUnits is RELATIVE
    np.testing.assert_allclose(volume.pixels, indices(path) * 1e-6, rtol=1e-6)
    np.testing.assert_allclose(read_dicom(path, frame=3).pixels, volume.pixels[3])
    with pytest.raises(OptionError, match=r"G-IO-062.*15 frames"):
        read_dicom(path, frame=15)


def test_enhanced_frames_have_their_own_slope_and_place(tmp_path):
    def item(**elements):
        dataset = pydicom.Dataset()
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
        return dataset

    def enhanced(places, slopes=(1, 2, 3)):
        shared = item(
            PixelMeasuresSequence=[item(PixelSpacing=[0.5, 0.6])],
            PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        )
        frames = [
            item(
                PlanePositionSequence=[item(ImagePositionPatient=[0, 0, place])],
                PixelValueTransformationSequence=[item(RescaleSlope=slope, RescaleIntercept=1)],
                FrameVOILUTSequence=[item(WindowCenter=5, WindowWidth=9)],
            )
            for place, slope in zip(places, slopes, strict=True)
        ]
        pixels = np.ones((3, 3, 4), "uint16")
        groups = {"SharedFunctionalGroupsSequence": [shared], "PerFrameFunctionalGroupsSequence": frames}
        return made(pixels=pixels, Modality="MR", NumberOfFrames=3, **groups)

    image = read_bytes(tmp_path, enhanced((10, 12.5, 15)))
    assert image.spacing_mm == (2.5, 0.5, 0.6)
    assert image.origin_mm == (0, 0, 10)
    assert image.window == (5, 9)
    np.testing.assert_array_equal(image.pixels[:, 0, 0], [2, 3, 4])
    assert read_bytes(tmp_path, enhanced((10, 12.5, 16))).spacing_mm is None
    third = read_bytes(tmp_path, enhanced((10, 12.5, 16)), frame=2)
    assert third.spacing_mm == (0.5, 0.6)
    assert third.origin_mm == (0, 0, 16)
    assert third.pixels[0, 0] == 4


def test_without_preamble_and_file_meta_information(tmp_path):
    content = made()
    start = content.index(b"\x08\x00\x16\x00UI")
    image = read_bytes(tmp_path, content[start:])
    np.testing.assert_array_equal(image.pixels, np.arange(12).reshape(3, 4))
    (tmp_path / "IM1").write_bytes(content[start:])
    assert read(tmp_path / "IM1").shape == (3, 4)


def test_no_pixels_and_cut_off_pixels_say_different_things(tmp_path):
    with pytest.raises(FileError, match=r"G-IO-061"):
        read_bytes(tmp_path, made(PixelData=None, Rows=None, Modality="SR"))
    with pytest.raises(FileError, match=r"G-IO-065.*cut off"):
        read_bytes(tmp_path, made(PixelData=None))


def test_unknown_compression_is_named(tmp_path):
    content = bytearray(made())
    place = content.index(b"1.2.840.10008.1.2.1\0")
    content[place : place + 20] = b"1.2.840.10008.1.2.9\0"
    with pytest.raises(FileError, match=r"G-IO-0(64|05)"):
        read_bytes(tmp_path, bytes(content))


@pytest.mark.parametrize("shape", [(20, 30), (5, 20, 30)])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "int16", "int32", "float32", "bool"])
def test_written_dicom_comes_back(tmp_path, shape, kind):
    values = np.random.default_rng(0).normal(100, 40, shape).clip(0, 250)
    pixels = values > 100 if kind == "bool" else values.astype(kind)
    spacing = (2.5, 0.175, 0.2)[-len(shape) :]
    write(Image(pixels, spacing_mm=spacing, modality="DX", patient="P0001", window=(90.0, 50.0)), tmp_path / "a.dcm")
    back = read(tmp_path / "a.dcm")
    assert back.spacing_mm == spacing
    assert back.window == (90.0, 50.0)
    step = np.ptp(values) / 65535 if kind == "float32" else 0
    np.testing.assert_allclose(back.pixels, pixels, atol=0.51 * step)
    dataset = pydicom.dcmread(tmp_path / "a.dcm")
    assert dataset.PatientID == "P0001"
    first = (tmp_path / "a.dcm").read_bytes()
    write(Image(pixels, spacing_mm=spacing, modality="DX", patient="P0001", window=(90.0, 50.0)), tmp_path / "a.dcm")
    assert (tmp_path / "a.dcm").read_bytes() == first


def test_written_colour_hu_and_inverted(tmp_path):
    colour = np.random.default_rng(0).integers(0, 255, (9, 7, 3), dtype="uint8")
    write(Image(colour, colour=True), tmp_path / "c.dcm")
    np.testing.assert_array_equal(read(tmp_path / "c.dcm").pixels, colour)
    write(Image(np.full((3, 3), -1000, "int16"), meaning="HU", unit="HU", modality="CT"), tmp_path / "h.dcm")
    assert read(tmp_path / "h.dcm").meaning == "HU"
    write(Image(np.arange(9, dtype="uint8").reshape(3, 3), inverted=True), tmp_path / "i.dcm")
    assert read(tmp_path / "i.dcm").inverted
    with pytest.raises(FileError, match=r"G-IO-066"):
        write(Image(colour.astype("uint16"), colour=True), tmp_path / "x.dcm")
    with pytest.raises(FileError, match=r"G-IO-067"):
        write(Image(np.array([[np.nan, 1.0]])), tmp_path / "x.dcm")
    assert not (tmp_path / "x.dcm").exists()
