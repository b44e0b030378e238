"""What the features are called: the tag of the IBSI reference tables, the four-letter IBSI code, English, Japanese, family, unit."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from gazo.core.language import Text

Family = Literal[
    "morphology", "local_intensity", "statistics", "histogram", "ivh", "glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"
]  # fmt: skip
Aggregation = Literal["2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb"]
FAMILIES: dict[Family, Text] = {
    "morphology": Text("形態", "Morphology"),
    "local_intensity": Text("局所の値", "Local intensity"),
    "statistics": Text("値の統計量", "Intensity statistics"),
    "histogram": Text("階調ヒストグラム", "Intensity histogram"),
    "ivh": Text("値・体積ヒストグラム", "Intensity-volume histogram"),
    "glcm": Text("同時生起行列 (GLCM)", "Grey level co-occurrence (GLCM)"),
    "glrlm": Text("ランレングス行列 (GLRLM)", "Grey level run length (GLRLM)"),
    "glszm": Text("サイズゾーン行列 (GLSZM)", "Grey level size zone (GLSZM)"),
    "gldzm": Text("距離ゾーン行列 (GLDZM)", "Grey level distance zone (GLDZM)"),
    "ngtdm": Text("近傍階調差行列 (NGTDM)", "Neighbourhood grey tone difference (NGTDM)"),
    "ngldm": Text("近傍階調依存行列 (NGLDM)", "Neighbouring grey level dependence (NGLDM)"),
}
AGGREGATIONS: dict[str, Text] = {
    "2D_avg": Text("断面・方向ごとに求めて平均", "by slice and direction, averaged"),
    "2D_comb": Text("断面内の方向を合算し、断面で平均", "directions merged in a slice, slices averaged"),
    "2_5D_avg": Text("断面を合算し、方向で平均", "slices merged, directions averaged"),
    "2_5D_comb": Text("断面・方向をすべて合算", "slices and directions merged"),
    "3D_avg": Text("3 次元、方向で平均", "3-D, directions averaged"),
    "3D_comb": Text("3 次元、方向を合算", "3-D, directions merged"),
    "2D": Text("断面ごとに求めて平均", "by slice, averaged"),
    "2_5D": Text("断面を合算", "slices merged"),
    "3D": Text("3 次元", "3-D"),
    "": Text("", ""),
}


@dataclass(frozen=True)
class Feature:
    """One feature of IBSI 1 (Zwanenburg et al., Radiology 2020; 295: 328), or of gazo where `ibsi` is empty."""

    tag: str
    ibsi: str
    family: Family
    name: Text
    unit: str


@cache
def known() -> dict[str, Feature]:
    """Every feature by its tag, in the order of the IBSI reference manual."""
    table = files("gazo.radiomics").joinpath("data", "features.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return {row["tag"]: Feature(row["tag"], row["ibsi"], _family(row), Text(row["ja"], row["en"]), row["unit"]) for row in rows}


@cache
def tags_of(family: Family) -> tuple[str, ...]:
    """The tags of a family in order."""
    return tuple(tag for tag, feature in known().items() if feature.family == family)


def named(key: str) -> tuple[Feature, str]:
    """The feature and the aggregation of a key such as ``cm_contrast_3D_avg``."""
    for aggregation in sorted(AGGREGATIONS, key=len, reverse=True):
        tag = key.removesuffix(f"_{aggregation}") if aggregation else key
        if tag != key or not aggregation:
            return known()[tag], aggregation
    raise KeyError(key)


def _family(row: dict[str, str]) -> Family:
    return next(name for name in FAMILIES if name == row["family"])
