"""How any method of segmentation is judged: options that all of them have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gazo.core.parameters import Ge, Label, Le

Beside = Literal["mean-mask", "classical-lungs", "ridges", "none"]


@dataclass(frozen=True, kw_only=True)
class SegmentationJudgement:
    """How masks that were found are compared with those that are given; any method of segmentation has these options."""

    structures: Annotated[
        tuple[str, ...], Label("構造の名前 (ラベル 1、2 … の順)", "Names of the structures, in the order of labels 1, 2 ...")
    ] = ()
    tolerance_mm: Annotated[
        float, Ge(0), Le(100), Label("表面 Dice の許容差 (画素間隔が不明なら画素)", "Tolerance of surface Dice (pixels without spacing)", "mm")
    ] = 2.0  # fmt: skip
    inside: Annotated[
        str, Label("評価する範囲のマスクの列 (空欄 = 画像全体)", "Column of masks of the region that is judged (empty: the whole image)")
    ] = ""  # fmt: skip
    second: Annotated[str, Label("第 2 読影者のマスクの列", "Column of a second observer's masks")] = ""
    baseline: Annotated[
        Beside, Label("併せて評価する基準手法", "Simple method judged beside it")
    ] = "mean-mask"  # fmt: skip
    keep_parts: Annotated[
        int, Ge(0), Le(20), Label("構造ごとに残す最大の連結成分の数 (0 = すべて)", "Largest parts kept of each structure (0 = all)")
    ] = 0  # fmt: skip
    fill_holes: Annotated[bool, Label("穴を埋める", "Fill holes")] = False
