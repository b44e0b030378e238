"""Decision boundary against the number of hidden units: more units bend it more, and with few data that is over-fitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.results import Curve, Estimate, Measurement, Panels, Table, result
from gazo.core.seeds import derived_seed, generator
from gazo.learn.teaching.repeats import mean_and_half
from gazo.learn.teaching.two_arcs import best_decision, draw

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float64]
TEST_POINTS, RATE, SIDE, REACH = 1000, 0.03, 160, 2.6
_UNITS = Text("中間層のユニット数", "Hidden units")
_ACCURACY = Text("正解率", "Accuracy")


@result("decision boundary")
@dataclass(frozen=True, eq=False, kw_only=True)
class DecisionBoundary(Measurement):
    """What three-layer networks of growing width made of few points.

    Parameters
    ----------
    gap_growth : gap between training and test accuracy of the widest network minus that of the narrowest, mean of paired repeats.
    best_possible : accuracy of the decision by the true densities on the test points.
    accuracies : on the training and on the test points, against the width.
    gap : training minus test accuracy, against the width.
    boundaries : what the networks of the first repeat say everywhere, with the points they learned from.
    by_width : the same numbers as a table.
    """

    gap_growth: Estimate
    best_possible: Estimate
    accuracies: tuple[Curve, ...]
    gap: Curve
    boundaries: Panels
    by_width: Table


@operation("識別境界と中間層のユニット数 (過学習)", "Decision boundary and hidden units (over-fitting)", booklet="C10")
def decision_boundary(
    *,
    seed: int,
    hidden_units: Annotated[tuple[int, ...], Label("比べるユニット数", "Numbers of hidden units")] = (1, 2, 4, 8, 16, 64),
    per_class: Annotated[int, Ge(4), Le(2000), Label("クラスごとの学習データ数", "Training points of each class")] = 20,
    spread: Annotated[float, Gt(0), Le(2), Label("データの広がり", "Spread of the points")] = 0.45,
    steps: Annotated[int, Ge(10), Le(20_000), Label("学習の反復回数", "Training steps")] = 1000,
    repeats: Annotated[int, Ge(2), Le(100), Label("繰り返しの回数", "Repeats")] = 10,
    on_event: OnEvent = quiet,
) -> DecisionBoundary:
    """Train networks with one hidden layer (tanh) on few simulated points of two overlapping classes; judge them on 1000 others.

    Each repeat draws points and first weights anew; all widths of a repeat learn from the same points. Cross entropy, Adam, all points
    in every step, no remedy against over-fitting. Bands are 95 % intervals of the mean over repeats (t distribution).

    Parameters
    ----------
    hidden_units : at least two different widths, up to 512.
    spread : standard deviation around the arc of each class; the arcs have the radius 1.
    """
    widths = _widths(hidden_units)
    drawn = [draw(generator(seed, "points", r), per_class, spread) for r in range(repeats)]
    test, truth = draw(generator(seed, "test"), TEST_POINTS // 2, spread)
    stage = Text("学習", "Training")
    fitted = [_Networks(drawn, w, steps, derived_seed(seed, "weights", w)) for w in counted(widths, stage, on_event)]
    taught = np.array([net.accuracy(None) for net in fitted])
    judged = np.array([net.accuracy((test, truth)) for net in fitted])
    best = float((best_decision(test, spread) == truth).mean())
    titles = (Text("学習データ", "Training points"), Text("未知のデータ", "Unseen points"))
    curves = tuple(_curve(widths, v, title, _ACCURACY) for v, title in zip((taught, judged), titles, strict=True))
    gap = _curve(
        widths, taught - judged, Text("学習データと未知のデータの差", "Training minus unseen"), Text("正解率の差", "Gap")
    )
    return DecisionBoundary(
        sentence=_sentence(widths, per_class, repeats, steps),
        warnings=(),
        gap_growth=_growth(taught - judged),
        best_possible=Estimate(
            Text("到達できる最高の正解率", "Best accuracy possible"), best, method="Bayes decision by the true densities"
        ),
        accuracies=curves,
        gap=gap,
        boundaries=_boundaries(widths, fitted, drawn[0]),
        by_width=_table(widths, taught, judged),
    )


class _Networks:
    """Networks of one width, one for each repeat, trained side by side: tanh(x W1 + b1) w2 + b2."""

    def __init__(self, drawn: Sequence[tuple[Floats, Any]], width: int, steps: int, seed: int) -> None:
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits

        self.points = torch.tensor(np.stack([points for points, _ in drawn]), dtype=torch.float32)
        self.classes = torch.tensor(np.stack([classes for _, classes in drawn]), dtype=torch.float32)
        repeats, rng = len(drawn), torch.Generator().manual_seed(seed)
        sizes = ((repeats, 2, width), (repeats, 1, width), (repeats, width, 1), (repeats, 1, 1))
        scales = (2.0, 2.0, width**-0.5, 0.0)
        self.weights = [
            (scale * torch.randn(size, generator=rng)).requires_grad_() for size, scale in zip(sizes, scales, strict=True)
        ]
        optimizer = torch.optim.Adam(self.weights, lr=RATE)
        for _ in range(steps):
            optimizer.zero_grad()
            loss = binary_cross_entropy_with_logits(self(self.points), self.classes, reduction="sum") / self.classes.shape[1]
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """Logits (repeats, n) of class 1."""
        w1, b1, w2, b2 = self.weights
        return (((points @ w1 + b1).tanh()) @ w2 + b2)[..., 0]

    def accuracy(self, other: tuple[Floats, Any] | None) -> Floats:
        """Share of right decisions of each repeat, on its own points or on others."""
        points, classes = (self.points, self.classes) if other is None else self._tensors(*other)
        return np.asarray(((self(points) > 0) == (classes > 0.5)).float().mean(dim=1).detach().numpy(), np.float64)

    def map(self, points: Floats) -> Floats:
        """Probability of class 1 that the first repeat's network gives to points (n, 2)."""
        import torch

        return np.asarray(torch.sigmoid(self(self._tensors(points, [])[0])[0]).detach().numpy())

    def _tensors(self, points: Floats, classes: Any) -> tuple[torch.Tensor, torch.Tensor]:
        import torch

        return torch.tensor(points, dtype=torch.float32)[None], torch.tensor(classes, dtype=torch.float32)[None]


def _widths(wanted: tuple[int, ...]) -> tuple[int, ...]:
    widths = tuple(sorted(set(wanted)))
    if len(widths) < 2 or not all(1 <= w <= 512 for w in widths):
        raise OptionError(
            "G-LEARN-040",
            en=f"at least two different numbers of hidden units between 1 and 512 are compared; {', '.join(map(str, wanted))} came. Name for example 1, 4, 64.",
            ja=f"1 から 512 までの異なるユニット数が 2 つ以上必要です。受け取った値: {', '.join(map(str, wanted))}。例: 1, 4, 64。",
        )
    return widths


def _curve(widths: tuple[int, ...], values: Floats, title: Text, label: Text) -> Curve:
    mean, half = mean_and_half(values)
    return Curve(np.array(widths, float), mean, _UNITS, label, title, low=mean - half, high=mean + half)


def _growth(gaps: Floats) -> Estimate:
    mean, half = mean_and_half(gaps[-1] - gaps[0])
    name = Text("差の増加 (最大 − 最小のユニット数)", "Growth of the gap (most minus fewest units)")
    return Estimate(name, float(mean), float(mean - half), float(mean + half), method="t interval over repeats")


def _boundaries(widths: tuple[int, ...], fitted: Sequence[_Networks], drawn: tuple[Floats, Any]) -> Panels:
    axis = np.linspace(-REACH, REACH, SIDE)
    grid = np.stack(np.meshgrid(axis, axis[::-1]), axis=-1).reshape(-1, 2)
    images = tuple(painted(net.map(grid).reshape(SIDE, SIDE), *drawn) for net in fitted)
    captions = tuple(Text(f"{w} ユニット", f"{w} unit{'s' if w > 1 else ''}") for w in widths)
    return Panels(
        Text("識別境界 (青・橙: 判定、点: 学習データ)", "Decision boundaries (colour: decision, points: training)"),
        images,
        captions,
    )


def painted(probability: Floats, points: Floats, classes: Any) -> NDArray[np.uint8]:
    """The decision as pale blue and orange, the boundary dark, the points in full colour (blue discs, orange squares)."""
    colours = np.array([(0, 114, 178), (213, 94, 0)], float)  # two of Okabe and Ito's, told apart by everybody
    mixed = colours[0] + (colours[1] - colours[0]) * probability[..., None]
    image = 255 - (255 - mixed) * 0.35
    side = probability > 0.5
    edge = np.zeros_like(side)
    edge[:, 1:] |= side[:, 1:] != side[:, :-1]
    edge[1:] |= side[1:] != side[:-1]
    image[edge] = 40
    y, x = np.mgrid[:SIDE, :SIDE]
    for point, number in zip(points, classes, strict=True):
        column, row = (np.array([point[0], -point[1]]) / REACH + 1) / 2 * (SIDE - 1)
        shape = np.hypot(x - column, y - row) < 3.4 if number == 0 else np.maximum(abs(x - column), abs(y - row)) < 3
        image[shape] = colours[number]
    return np.asarray(image.round(), np.uint8)


def _table(widths: tuple[int, ...], taught: Floats, judged: Floats) -> Table:
    headings = (
        _UNITS,
        Text("学習データの正解率", "Training accuracy"),
        Text("未知のデータの正解率", "Accuracy on unseen points"),
        Text("差", "Gap"),
    )
    pairs = zip(widths, taught.mean(axis=1).tolist(), judged.mean(axis=1).tolist(), strict=True)
    return Table(
        Text("ユニット数ごとの正解率 (繰り返しの平均)", "Accuracy by width (mean over repeats)"),
        headings,
        tuple((w, a, b, a - b) for w, a, b in pairs),
    )


def _sentence(widths: tuple[int, ...], per_class: int, repeats: int, steps: int) -> Text:
    listed = ", ".join(map(str, widths))
    return Text(
        f"模擬データ (クラスごとに {per_class} 点) を中間層 1 層のネットワーク (ユニット数 {listed}) に {steps} 回の反復で学習させ、未知の {TEST_POINTS} 点で評価した ({repeats} 回の繰り返し)。",
        f"Networks with one hidden layer ({listed} units) learned {per_class} simulated points of each class in {steps} steps and were judged on {TEST_POINTS} others ({repeats} repeats).",
    )
