"""The options that all detectors share."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Literal

from gazo.core.parameters import Ge, Gt, Label, Le
from gazo.stats.detections import HitRule
from gazo.training.augment import Augmentation, Flip
from gazo.training.options import TrainingOptions
from gazo.training.pixels import Fit


@dataclass(frozen=True, kw_only=True)
class DetectorOptions(TrainingOptions, Augmentation):
    """How images enter a detector, how it is taught and when a finding counts."""

    batch_size: Annotated[int, Ge(1), Le(4096), Label("バッチサイズ", "Batch size")] = 8
    clip_norm: Annotated[float, Ge(0), Label("勾配ノルムの上限 (0 = なし)", "Gradient norm limit (0 = none)")] = 10.0
    rotation_deg: Annotated[float, Ge(0), Le(180), Label("回転", "Rotation", "°")] = 0.0
    flip: Annotated[Flip, Label("反転", "Flip")] = "horizontal"
    size_px: Annotated[int, Ge(32), Le(2048), Label("入力画像の一辺", "Side of the input image", "px")] = 256
    colour: Annotated[bool, Label("カラー画像として学習", "Learn from colour")] = False
    fit_to_square: Annotated[Fit, Label("正方形への合わせ方", "How images become square")] = "pad"
    point_box_px: Annotated[
        float,
        Ge(0),
        Le(4096),
        Label("点で示した病変の大きさ (0 = 点を使わない)", "Size of lesions given as points (0 = none)", "px"),
    ] = 0.0
    balance: Annotated[
        Literal["none", "sampling"], Label("病変のない画像が多いときの対処", "Remedy for many images without lesions")
    ] = "none"
    hit: Annotated[HitRule, Label("検出とみなす条件", "What counts as a hit")] = "centre"
    hit_limit: Annotated[
        float, Ge(0), Le(4096), Label("検出とみなす IoU または距離 (0 = 既定)", "IoU or distance of a hit (0 = default)")
    ] = 0.0
    nms: Annotated[float, Gt(0), Le(1), Label("重複とみなす IoU (NMS)", "IoU of doubles (NMS)")] = 0.3
    most_found: Annotated[int, Ge(1), Le(1000), Label("1 枚あたりの最大検出数", "Most findings in an image")] = 40
    least_score: Annotated[float, Ge(0), Le(1), Label("残すスコアの下限", "Least score that is kept")] = 0.01

    @property
    def channels(self) -> int:
        return 3 if self.colour else 1

    @property
    def limit(self) -> float | None:
        """The limit of the hit rule, None for its own default."""
        return self.hit_limit or None

    @property
    def augmentation(self) -> Augmentation:
        """The part of the options that says how training images are varied."""
        return Augmentation(**{f.name: getattr(self, f.name) for f in fields(Augmentation)})
