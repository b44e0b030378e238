"""Vanishing gradient against depth, and what restores it: a better activation, normalisation, short cuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.core.seeds import derived_seed, generator
from gazo.learn.teaching.repeats import mean_and_half
from gazo.learn.teaching.two_arcs import draw

Floats = NDArray[np.float64]
POINTS_PER_CLASS, SPREAD, MOMENTUM = 100, 0.25, 0.9
NAMES: Mapping[str, Text] = {
    "sigmoid": Text("シグモイド (対策なし)", "Sigmoid (no remedy)"),
    "relu": Text("ReLU + He の初期値", "ReLU + He initial weights"),
    "batch-norm": Text("シグモイド + バッチ正規化", "Sigmoid + batch normalisation"),
    "residual": Text("シグモイド + 残差接続", "Sigmoid + residual connections"),
}
_DEPTH, _LAYER = Text("層の数", "Layers"), Text("層の番号 (1 = 入力側)", "Number of the layer (1 = nearest the input)")
_LOG = Text("勾配の大きさ (常用対数)", "Gradient (log10)")
_ACCURACY = Text("学習後の正解率", "Accuracy after training")


@result("vanishing gradient")
@dataclass(frozen=True, eq=False, kw_only=True)
class VanishingGradient(Measurement):
    """How much of the gradient reaches the first layer, and what that means for learning.

    Parameters
    ----------
    loss_per_layer : factor by which the gradient shrinks from one layer to the one before it, sigmoid without remedy.
    restored : for each remedy, first-layer gradient of the deepest network over that of the plain sigmoid network of that depth.
    first_layer : its gradient before training against depth, one curve a kind.
    layer_by_layer : gradient in each layer of the deepest network before training, one curve a kind.
    accuracies : on the training points after training, against depth, one curve a kind.
    by_depth : the same numbers as a table.
    """

    loss_per_layer: Estimate | None
    restored: tuple[Estimate, ...]
    first_layer: tuple[Curve, ...]
    layer_by_layer: tuple[Curve, ...]
    accuracies: tuple[Curve, ...]
    by_depth: Table


@operation("勾配消失と層の数", "Vanishing gradient and depth", booklet="C10")
def vanishing_gradient(
    *,
    seed: int,
    kinds: Annotated[
        tuple[Literal["sigmoid", "relu", "batch-norm", "residual"], ...], Label("比べるネットワーク", "Networks compared")
    ] = ("sigmoid", "relu", "batch-norm", "residual"),
    depths: Annotated[tuple[int, ...], Label("層の数", "Numbers of layers")] = (1, 2, 4, 8, 16),
    width: Annotated[int, Ge(2), Le(256), Label("各層のユニット数", "Units in each layer")] = 32,
    steps: Annotated[int, Ge(1), Le(20_000), Label("学習の反復回数", "Training steps")] = 200,
    rate: Annotated[float, Gt(0), Le(10), Label("学習率", "Learning rate")] = 0.05,
    repeats: Annotated[int, Ge(2), Le(100), Label("繰り返しの回数", "Repeats")] = 4,
    on_event: OnEvent = quiet,
) -> VanishingGradient:
    """Measure the gradient of every layer's weights before training, then train, for networks of growing depth.

    Gradient: root mean square over the weights of a layer, of the cross entropy of 200 simulated points. Sigmoid layers pass back
    at most s' = 1/4 of it each. Training: plain gradient descent with momentum 0.9, all points in every step.
    Bands are 95 % intervals of the mean over repeats (new points, new weights; t distribution).

    Parameters
    ----------
    kinds : sigmoid has no remedy, the others have one each.
    depths : hidden layers, at least two different numbers up to 64.
    """
    deep, chosen = _depths(depths), tuple(dict.fromkeys(kinds))
    found = {}
    for number, kind in enumerate(chosen):
        for place, depth in enumerate(deep):
            found[kind, depth] = [_one(kind, depth, width, steps, rate, derived_seed(seed, r)) for r in range(repeats)]
            on_event(Event(Text("学習", "Training"), number * len(deep) + place + 1, len(chosen) * len(deep)))
    gradients = {key: np.log10(np.maximum([g for g, _ in runs], 1e-45)).T for key, runs in found.items()}  # (layer, repeat)
    right = {key: np.array([a for _, a in runs]) for key, runs in found.items()}
    first = {kind: np.stack([gradients[kind, d][0] for d in deep]) for kind in chosen}
    after = {kind: np.stack([right[kind, d] for d in deep]) for kind in chosen}
    last = deep[-1]
    return VanishingGradient(
        sentence=_sentence(deep, width, steps, repeats),
        loss_per_layer=_loss_per_layer(gradients["sigmoid", last]) if "sigmoid" in chosen and last > 2 else None,
        restored=_restored({kind: values[-1] for kind, values in first.items()}),
        first_layer=tuple(_curve(deep, first[kind], kind, _DEPTH, _LOG) for kind in chosen),
        layer_by_layer=tuple(_curve(range(1, last + 1), gradients[kind, last], kind, _LAYER, _LOG) for kind in chosen),
        accuracies=tuple(_curve(deep, after[kind], kind, _DEPTH, _ACCURACY) for kind in chosen),
        by_depth=_table(deep, first, after),
    )


def _one(kind: Any, depth: int, width: int, steps: int, rate: float, seed: int) -> tuple[list[float], float]:
    """Gradient of each layer before training, and accuracy after it."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    from gazo.learn.teaching.deep_stack import DeepStack

    drawn, classes = draw(generator(seed, "points"), POINTS_PER_CLASS, SPREAD)
    points, targets = torch.tensor(drawn, dtype=torch.float32), torch.tensor(classes, dtype=torch.float32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "weights", kind, depth))
        net = DeepStack(kind, depth, width)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=MOMENTUM)
    before: list[float] = []
    for _ in range(steps):
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(net(points), targets).backward()  # type: ignore[no-untyped-call]
        before = before or net.gradients()
        optimizer.step()
    return before, float(((net(points) > 0) == (targets > 0.5)).float().mean())


def _depths(wanted: tuple[int, ...]) -> tuple[int, ...]:
    deep = tuple(sorted(set(wanted)))
    if len(deep) < 2 or not all(1 <= d <= 64 for d in deep):
        raise OptionError(
            "G-LEARN-041",
            en=f"at least two different numbers of layers between 1 and 64 are compared; {', '.join(map(str, wanted))} came. Name for example 2, 8, 16.",
            ja=f"1 から 64 までの異なる層の数が 2 つ以上必要です。受け取った値: {', '.join(map(str, wanted))}。例: 2, 8, 16。",
        )
    return deep


def _curve(x: Any, values: Floats, kind: str, x_label: Text, y_label: Text) -> Curve:
    mean, half = mean_and_half(values)
    return Curve(np.array(list(x), float), mean, x_label, y_label, NAMES[kind], low=mean - half, high=mean + half)


def _loss_per_layer(gradients: Floats) -> Estimate:
    """Ten to the mean step of log10 between neighbouring layers; the first layer has other inputs and is left out."""
    mean, half = mean_and_half((gradients[1] - gradients[-1]) / (len(gradients) - 2))
    name = Text("1 層ごとに勾配が変わる倍率 (シグモイド)", "Factor on the gradient for each layer (sigmoid)")
    low, value, high = (float(10.0**v) for v in (mean - half, mean, mean + half))
    return Estimate(name, value, low, high, method="geometric mean, t interval over repeats")


def _restored(deepest: Mapping[str, Floats]) -> tuple[Estimate, ...]:
    """How many times larger the first layer's gradient is with a remedy."""
    found = []
    for kind in [k for k in deepest if k != "sigmoid" and "sigmoid" in deepest]:
        mean, half = mean_and_half(deepest[kind] - deepest["sigmoid"])
        low, value, high = (float(10.0**v) for v in (mean - half, mean, mean + half))
        name = Text(f"第 1 層の勾配の比: {NAMES[kind].ja} / 対策なし", f"First-layer gradient: {NAMES[kind].en} / no remedy")
        found.append(Estimate(name, value, low, high, method="geometric mean, t interval over repeats"))
    return tuple(found)


def _table(deep: tuple[int, ...], first: Mapping[str, Floats], after: Mapping[str, Floats]) -> Table:
    headings = (Text("ネットワーク", "Network"), _DEPTH, Text("第 1 層の勾配", "First-layer gradient"), _ACCURACY)
    rows = tuple(
        (NAMES[kind], depth, float(10 ** first[kind][i].mean()), float(after[kind][i].mean()))
        for kind in first
        for i, depth in enumerate(deep)
    )
    return Table(Text("層の数ごとの第 1 層の勾配と正解率", "First-layer gradient and accuracy by depth"), headings, rows)


def _sentence(deep: tuple[int, ...], width: int, steps: int, repeats: int) -> Text:
    listed, points = ", ".join(map(str, deep)), 2 * POINTS_PER_CLASS
    return Text(
        f"模擬データ {points} 点に対し、各層 {width} ユニットで層の数が {listed} のネットワークについて、学習前の各層の勾配 (重みについての二乗平均平方根) と、{steps} 回の反復後の正解率を求めた ({repeats} 回の繰り返し)。",
        f"For {points} simulated points and networks of {listed} layers with {width} units each, the gradient of each layer before training (root mean square over its weights) and the accuracy after {steps} steps were found ({repeats} repeats).",
    )
