"""500 PNG and 500 DICOM files through `ImageSet.stream` against bare Pillow and pydicom, interleaved, CPU time."""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pydicom
from heading import print_heading
from PIL import Image as Pillow
from pydicom.data import get_testdata_file

from gazo.io import read_dicom_folder, read_folder

COUNT, ROUNDS = 500, 5


def pictures(folder: Path) -> None:
    rng = np.random.default_rng(0)
    smooth = np.cumsum(rng.integers(-3, 4, (512, 512)), axis=1).astype(np.uint8)
    for number in range(COUNT):
        Pillow.fromarray(np.roll(smooth, number, 0)).save(folder / f"{number:04d}.png")


def slices(folder: Path) -> None:
    slice_ = pydicom.dcmread(get_testdata_file("CT_small.dcm", download=False))
    slice_.Rows, slice_.Columns = 512, 512
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        slice_.PixelData = rng.integers(-1000, 1000, (512, 512), dtype=np.int16).tobytes()
        slice_.SOPInstanceUID = f"1.2.3.{number}"
        slice_.file_meta.MediaStorageSOPInstanceUID = slice_.SOPInstanceUID
        slice_.save_as(folder / f"{number:04d}.dcm")


def bare_png(folder: Path) -> None:
    for path in sorted(folder.glob("*.png")):
        with Pillow.open(path) as picture:
            np.asarray(picture)


def bare_dicom(folder: Path) -> None:
    for path in sorted(folder.glob("*.dcm")):
        opened = pydicom.dcmread(path)
        opened.pixel_array * float(opened.RescaleSlope) + float(opened.RescaleIntercept)


def seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def compared(name: str, make, bare, open_set) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder)
        images = open_set(folder)
        rounds = [(seconds(lambda: bare(folder)), seconds(lambda: sum(1 for _ in images.stream()))) for _ in range(ROUNDS)]
    ratio = statistics.median(ours / peer for peer, ours in rounds)
    print(
        f"{COUNT} {name}: bare {rounds[0][0]:.2f}, ImageSet {rounds[0][1]:.2f} CPU s; ratio (median of {ROUNDS}) {ratio:.3f} (bar 1.15)"
    )


def main() -> None:
    print_heading("Pillow", "pydicom")
    compared("PNG 512 x 512", pictures, bare_png, read_folder)
    compared("DICOM 512 x 512", slices, bare_dicom, read_dicom_folder)


if __name__ == "__main__":
    main()
