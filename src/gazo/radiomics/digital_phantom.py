"""The digital phantom of IBSI 1 with its consensus values: whoever computes features can check the computation with it.

Phantom: Image Biomarker Standardisation Initiative, data_sets/ibsi_1_digital_phantom, CC BY 4.0. Values: Zwanenburg et al., Radiology
2020; 295: 328, with the tolerances of the reference manual.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.settings import Settings

SPACING_MM = (2.0, 2.0, 2.0)
SETTINGS = Settings(
    discretisation="fixed bin size",
    bin_size=1.0,
    bin_start=1.0,
    ivh="values",
    aggregations=("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb"),
)
_VALUES = """
14411 14611 41641 44641
14411 11611 11311 44611
14411 11111 11911 11611
14411 11111 11111 11611
"""
_OUTSIDE = ((1, 2, 0), (2, 0, 3), (2, 0, 4), (2, 2, 2), (3, 0, 3), (3, 0, 4))


def digital_phantom() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Image and mask of 4 planes, 4 rows and 5 columns, 74 voxels of them in the region."""
    volume = np.array([[[int(v) for v in row] for row in plane.split()] for plane in _VALUES.split("\n") if plane], np.float64)
    mask = np.ones(volume.shape, bool)
    for place in _OUTSIDE:
        mask[place] = False
    return volume, mask


@cache
def consensus() -> dict[str, tuple[float, float]]:
    """The 482 consensus values by tag and aggregation, each with its tolerance."""
    table = files("gazo.radiomics").joinpath("data", "digital_phantom.csv").read_text(encoding="utf-8")
    return {row["tag"]: (float(row["value"]), float(row["tolerance"])) for row in csv.DictReader(table.splitlines())}


def agrees(found: float, value: float, tolerance: float) -> bool:
    """Within the tolerance, as it is or rounded to the three digits that a value is printed with."""
    most = tolerance + 1e-9 * abs(value)
    return abs(found - value) <= most or abs(float(f"{found:.3g}") - value) <= most


def disagreeing(found: Mapping[str, float], wanted: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float | None, float]]:
    """What is missing or outside its tolerance: found and wanted value by tag."""
    wrong = {tag: (found.get(tag), value) for tag, (value, tolerance) in wanted.items()}
    return {tag: pair for tag, pair in wrong.items() if pair[0] is None or not agrees(pair[0], *wanted[tag])}
