"""IBSI 2, phase 2: statistics of response maps of the CT phantom (theibsi/ibsi_2_reference_data, CC BY 4.0), each within its tolerance.

Configuration A works in slices on the grid of the image, B in space at 1 mm; the region is restricted to [-1000, 400] HU.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from gazo.core import Image, ImageSet
from gazo.io import read_nifti
from gazo.radiomics import extract

SETTINGS = {"lowest": -1000, "highest": 400, "families": ("statistics",)}
OPTIONS = {
    "A": {**SETTINGS, "by_slice": True},
    "B": {**SETTINGS, "grid_mm": 1.0, "interpolation": "cubic", "rounding": True},
}
FILTERS = {
    "1.A": "",
    "2.A": "mean:size=5",
    "3.A": "log:sigma_mm=1.5",
    "4.A": "laws:kernels=L5E5:energy_px=7:rotation=max",
    "6.A": "wavelet:family=db3:bands=LH:rotation=average",
    "8.A": "simoncelli:level=1",
    "1.B": "",
    "2.B": "mean:size=5",
    "3.B": "log:sigma_mm=1.5",
    "4.B": "laws:kernels=L5E5E5:energy_px=7:rotation=max",
    "6.B": "wavelet:family=db3:bands=LLH:rotation=average",
    "8.B": "simoncelli:level=1",
}


class Phantom:
    """Opens the CT phantom and its mask."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, reference):
        volume = read_nifti(self.folder / f"{reference}.nii.gz")
        pixels = np.round(volume.pixels.astype(np.float32))
        return Image(pixels, spacing_mm=volume.spacing_mm, orientation=volume.orientation, origin_mm=volume.origin_mm)


@pytest.fixture(scope="module")
def radiomics(shared: Path) -> Path:
    folder = shared / "reference" / "radiomics"
    if not folder.is_dir():
        pytest.skip(f"needs the radiomics reference set in {folder}")
    return folder


@pytest.fixture(scope="module")
def tables(radiomics, tmp_path_factory):
    columns = {"file": np.array(["image"], object), "mask": np.array(["mask"], object)}
    images = ImageSet(columns, {"image": "file", "mask": "mask"}, Phantom(radiomics / "ibsi1" / "ct_phantom"))
    home = tmp_path_factory.mktemp("workspace")
    found = {}
    for configuration, options in OPTIONS.items():
        filters = tuple(f for name, f in FILTERS.items() if name.endswith(configuration) and f)
        table = extract(images, filters=filters, workspace=home, workers=1, **options).features
        found[configuration] = dict(zip((h.en for h in table.headings), table.rows[0], strict=True))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", FILTERS)
def test_every_statistic_is_within_its_tolerance(radiomics, tables, case):
    with open(radiomics / "ibsi2" / "ct_filter_statistics_1_2_3_4_6_8.csv") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["filter_id"] == case and row["consensus_value"]]
    assert len(rows) >= 16
    wrong = []
    for row in rows:
        found = tables[case[-1]][f"{FILTERS[case] or 'original'}_{row['feature_tag']}"]
        wanted, tolerance = float(row["consensus_value"]), float(row["tolerance"])
        print(case, row["feature_tag"], found, wanted, tolerance)
        if not abs(found - wanted) <= tolerance:
            wrong.append((row["feature_tag"], found, wanted, tolerance))
    assert wrong == []
