"""The options of every training, written once; methods inherit them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from gazo.core.parameters import Ge, Gt, Label, Le, Lt

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How long, how fast and on what a network learns."""

    epochs: Annotated[int, Ge(1), Le(10_000), Label("エポック数", "Epochs")] = 30
    batch_size: Annotated[int, Ge(1), Le(4096), Label("バッチサイズ", "Batch size")] = 16
    learning_rate: Annotated[float, Gt(0), Le(10), Label("学習率", "Learning rate")] = 1e-3
    weight_decay: Annotated[float, Ge(0), Le(1), Label("重み減衰", "Weight decay")] = 0.05
    optimizer: Annotated[Literal["adamw", "adam", "sgd", "rmsprop"], Label("最適化手法", "Optimiser")] = "adamw"
    schedule: Annotated[Literal["one-cycle", "cosine", "step", "constant"], Label("学習率の変化", "Learning-rate schedule")] = (
        "one-cycle"
    )
    warm_up: Annotated[float, Ge(0), Le(0.9), Label("学習率を上げる期間の割合", "Share of steps spent warming up")] = 0.2
    accumulate: Annotated[int, Ge(1), Le(1024), Label("勾配をためるバッチ数", "Batches per optimiser step")] = 1
    clip_norm: Annotated[float, Ge(0), Label("勾配ノルムの上限 (0 = なし)", "Gradient norm limit (0 = none)")] = 0.0
    patience: Annotated[
        int,
        Ge(0),
        Le(10_000),
        Label("早期終了までのエポック数 (0 = 使わない)", "Epochs without gain before stopping (0 = never)"),
    ] = 0
    keep: Annotated[Literal["last", "best"], Label("採用する重み", "Weights kept at the end")] = "last"
    average: Annotated[
        float, Ge(0), Lt(1), Label("重みの移動平均の係数 (0 = なし)", "Decay of the weight average (0 = none)")
    ] = 0.0
    precision: Annotated[Literal["auto", "float32", "bf16", "fp16"], Label("計算精度", "Arithmetic precision")] = "auto"
    channels_last: Annotated[bool, Label("channels_last 配置を使う", "Channels-last memory")] = True
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], Label("計算装置", "Device")] = "auto"


def make_optimizer(options: TrainingOptions, parameters: Any) -> torch.optim.Optimizer:
    """The optimiser by name; SGD has Nesterov momentum 0.9, the others PyTorch's defaults."""
    import torch

    rate, decay = options.learning_rate, options.weight_decay
    if options.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=0.9, nesterov=True, weight_decay=decay)
    kinds = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop}
    return kinds[options.optimizer](parameters, lr=rate, weight_decay=decay)


def rate_factor(options: TrainingOptions, step: int, total: int) -> float:
    """What the learning rate is multiplied by at optimiser step `step` of `total`.

    All schedules rise linearly (one-cycle: by half a cosine) over the warm-up; then one-cycle and cosine fall to 0 by half a
    cosine (Smith & Topin 2018; Loshchilov & Hutter 2017), step falls to 1/10 at 1/2 and 1/100 at 3/4 of the steps.
    """
    from math import cos, pi

    warm = int(options.warm_up * total) if options.schedule != "constant" else 0
    if step < warm:
        rise = (step + 1) / warm
        return (1 - cos(pi * rise)) / 2 if options.schedule == "one-cycle" else rise
    if options.schedule == "constant":
        return 1.0
    if options.schedule == "step":
        return 0.01 if step >= 0.75 * total else 0.1 if step >= 0.5 * total else 1.0
    return (1 + cos(pi * (step - warm) / max(1, total - warm))) / 2
