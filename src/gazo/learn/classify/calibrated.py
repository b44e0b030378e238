"""Probabilities that mean what they say: one temperature a fold, fitted on its validation part, and what it does on the test part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Table
from gazo.learn.classify.results import FoldOutcome
from gazo.stats.bootstrap import bootstrap
from gazo.stats.calibration import calibration_error, temperature

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
HOTTEST, LEAST = 20.0, 1e-12  # beyond, the validation part is (nearly) separated and gives no temperature


def at_temperature(probabilities: Floats, t: float) -> NDArray[np.float64]:
    """The softmax of logits / t, from the probabilities alone: logits and log probabilities differ by one number a row."""
    from scipy.special import softmax

    return np.asarray(softmax(np.log(np.maximum(probabilities, LEAST)) / t, axis=1))


def fitted_temperature(probabilities: Floats, truth: Ints) -> float:
    """The temperature that suits a validation part (Guo et al. 2017); 1 where it says too little: one class, or nearly separated ones."""
    if len(set(truth.tolist())) < 2:
        return 1.0
    found = temperature(np.log(np.maximum(probabilities, LEAST)), truth)
    return found if 1 / HOTTEST < found < HOTTEST else 1.0


def calibration_table(
    outcomes: Sequence[FoldOutcome], truth: Ints, rows: Ints, *, patients: Any = None, seed: int = 0, repeats: int = 1000
) -> Table | None:
    """ECE and Brier score of the test images before and after temperature scaling, each with its interval; None without temperatures.

    Two classes: of the probability of the second. More: ECE of the probability of the class said, Brier score over all classes.

    Parameters
    ----------
    truth, rows, patients : class, row number and patient of each judged image.
    """
    if any(outcome.temperature is None for outcome in outcomes):
        return None
    plain = [_as(outcome, applied=False) for outcome in outcomes]
    scaled = [_as(outcome, applied=True) for outcome in outcomes]
    cells: list[tuple[Any, ...]] = []
    for name, statistic in ((Text("ECE (15 区間)", "ECE (15 bins)"), _ece), (Text("Brier スコア", "Brier score"), _brier)):
        for when, parts in ((Text("前", "before"), plain), (Text("後", "after"), scaled)):
            said = _mean(outcomes, parts, rows)
            low, high = bootstrap(statistic, truth, said, groups=patients, repeats=repeats, seed=seed)
            cells.append((name, when, statistic(truth, said), low, high))
    temperatures = ", ".join(f"{outcome.temperature:.2f}" for outcome in outcomes)
    headings = (
        Text("指標", "Figure"), Text("温度スケーリング", "Temperature scaling"), Text("値", "Value"), Text("下限", "Low"), Text("上限", "High"),
    )  # fmt: skip
    notes = (
        Text(
            f"温度 T は各分割の検証データだけで決めました: {temperatures} (1 より大きい = 確信しすぎ)。区間は患者単位のブートストラップ。",
            f"Each fold's temperature was fitted on its validation part alone: {temperatures} (above 1: too sure). Intervals by bootstrap over patients.",
        ),
    )
    return Table(
        Text("確率の較正 (温度スケーリングの前後)", "Calibration before and after temperature scaling"),
        headings,
        tuple(cells),
        notes,
    )


def _as(outcome: FoldOutcome, *, applied: bool) -> Floats:
    """The probabilities of a fold with or without its temperature, whichever way it has stored them."""
    t = outcome.temperature or 1.0
    if applied == outcome.scaled:
        return outcome.probabilities
    return at_temperature(outcome.probabilities, t if applied else 1 / t)


def _mean(outcomes: Sequence[FoldOutcome], parts: Sequence[Floats], rows: Ints) -> Floats:
    """An image of several repeats counts once, with its mean."""
    total, count = np.zeros((len(rows), parts[0].shape[1])), np.zeros(len(rows))
    for outcome, values in zip(outcomes, parts, strict=True):
        places = np.searchsorted(rows, outcome.test)
        total[places] += values
        count[places] += 1
    return total / count[:, None]


def _ece(truth: Ints, probabilities: Floats) -> float:
    if probabilities.shape[1] == 2:
        return calibration_error(truth, probabilities[:, 1])
    said = probabilities.argmax(1)
    return calibration_error(said == truth, probabilities.max(1))


def _brier(truth: Ints, probabilities: Floats) -> float:
    if probabilities.shape[1] == 2:
        return float(np.mean((probabilities[:, 1] - truth) ** 2))
    whole = np.eye(probabilities.shape[1])[truth]
    return float(np.mean(((probabilities - whole) ** 2).sum(1)))
