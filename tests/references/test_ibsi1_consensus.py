"""Every consensus value of IBSI 1 for the digital phantom and for CT configurations A and B (Zwanenburg et al., Radiology 2020)."""

import csv
from pathlib import Path

import numpy as np
import pytest

from gazo.io import read_nifti
from gazo.radiomics import Settings, feature_values
from gazo.radiomics.digital_phantom import SETTINGS, agrees, disagreeing
from gazo.radiomics.names import known, named
from gazo.radiomics.prepare import prepared

PLANAR = ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb")
CT = {"by_slice": True, "lowest": -500.0, "highest": 400.0, "rounding": True, "ivh": "values", "aggregations": PLANAR}
CASES = {
    "digital_phantom": SETTINGS,
    "config_a": Settings(discretisation="fixed bin size", bin_size=25.0, **CT),
    "config_b": Settings(spacing_mm=2.0, discretisation="fixed bin number", bin_number=32, **CT),
}
PREPARATION = ("img_", "vox_", "mean_int", "min_int", "max_int", "int_mask", "morph_mask")


@pytest.fixture(scope="module")
def ibsi1(shared: Path) -> Path:
    folder = shared / "reference" / "radiomics" / "ibsi1"
    if not folder.is_dir():
        pytest.skip(f"needs the IBSI 1 reference cases in {folder}")
    return folder


def case(folder: Path, name: str):
    """Image and mask as (planes, rows, columns) and the spacing."""
    place = folder / ("digital_phantom" if name == "digital_phantom" else "ct_phantom")
    image, mask = (read_nifti(place / f"{part}.nii.gz") for part in ("image", "mask"))
    return np.round(image.pixels.astype(np.float32)), mask.pixels, image.need_spacing()


def consensus(folder: Path, name: str) -> dict[str, tuple[float, float]]:
    with open(folder / f"tagged_{name}.csv", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter=";") if row[0] not in ("", "reference value")]
    return {tag: (float(value), float(tolerance)) for value, tolerance, tag in rows}


@pytest.mark.parametrize(("name", "count"), [("digital_phantom", 482), ("config_a", 346), ("config_b", 346)])
def test_every_consensus_value(ibsi1, name, count):
    found = feature_values(*case(ibsi1, name), CASES[name])
    wanted = {tag: v for tag, v in consensus(ibsi1, name).items() if not tag.startswith(PREPARATION)}
    assert len(wanted) == count
    assert not disagreeing(found, wanted)


@pytest.mark.parametrize("name", ["config_a", "config_b"])
def test_the_region_after_each_step_of_preparation(ibsi1, name):
    region = prepared(*case(ibsi1, name), CASES[name], crop=False)
    inside = region.volume[region.intensity_mask]
    found = {
        "img_dim_x_interp_img": region.volume.shape[2],
        "img_dim_y_interp_img": region.volume.shape[1],
        "img_dim_z_interp_img": region.volume.shape[0],
        "mean_int_interp_img": region.volume.mean(),
        "max_int_interp_img": region.volume.max(),
        "morph_mask_vox_count_interp_roi": region.mask.sum(),
        "int_mask_mean_int_interp_roi": region.volume[region.mask].mean(),
        "int_mask_vox_count_reseg_roi": region.intensity_mask.sum(),
        "int_mask_mean_int_reseg_roi": inside.mean(),
        "int_mask_min_int_reseg_roi": inside.min(),
        "int_mask_max_int_reseg_roi": inside.max(),
    }
    known_values = consensus(ibsi1, name)
    assert disagreeing({tag: float(value) for tag, value in found.items()}, {tag: known_values[tag] for tag in found}) == {}


WAYS = {
    "": "", "2D, averaged": "2D_avg", "2D, slice-merged": "2D_comb", "2.5D, direction-merged": "2_5D_avg", "2.5D, merged": "2_5D_comb",
    "3D, averaged": "3D_avg", "3D, merged": "3D_comb", "2D": "2D", "2.5D": "2_5D", "3D": "3D",
}  # fmt: skip
MISREAD = {"10\\ :sup:`th` discretised intensity percentile": "GPMT", "90\\ :sup:`th` discretised intensity percentile": "OZ0C"}


def test_each_value_stands_under_the_code_of_the_reference_manual(ibsi1):
    """The manual's table by code; two percentiles carry the code of the line above in that file."""
    found = feature_values(*case(ibsi1, "digital_phantom"), CASES["digital_phantom"])
    by_code: dict[tuple[str, str], list[float]] = {}
    for key, value in found.items():
        one, way = named(key)
        by_code.setdefault((one.ibsi, way), []).append(value)
    with open(ibsi1 / "ibsi1_digital_phantom.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 482
    for row in rows:
        code, value, tolerance = MISREAD.get(row["feature"], row["ibsi_id"]), float(row["value"]), float(row["tolerance"] or 0)
        assert any(agrees(v, value, tolerance) for v in by_code[code, WAYS[row["aggregation"]]]), row
    assert len(known()) == 174
    assert len({feature.ibsi for feature in known().values()}) == 172  # V10 and V90, I10 and I90 share a code
