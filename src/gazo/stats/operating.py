"""Points and parts of a ROC curve: sensitivity at a specificity, the partial area, Youden's threshold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate
from gazo.stats.auc import class_pattern
from gazo.stats.bootstrap import bootstrap
from gazo.stats.inputs import Bools, Floats, binary, both_classes, groups_of, numbers, same_length, within


@feature("特異度を定めた感度", "Sensitivity at a specificity")
def sensitivity_at(
    truth: ArrayLike,
    scores: ArrayLike,
    *,
    specificity: float = 0.9,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    repeats: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Sensitivity where the empirical curve (joined by straight lines) has the given specificity; bootstrap by patient, percentile."""
    within("specificity", specificity, 0, 1)
    name = Text(f"特異度 {specificity:g} での感度", f"Sensitivity at specificity {specificity:g}")

    def statistic(positive: Bools, values: Floats) -> float:
        return float(np.interp(1 - specificity, *rates(positive, values)))

    return _bootstrapped(statistic, truth, scores, patients, level, repeats, seed, name)


@feature("部分 AUC", "Partial AUC")
def partial_auc(
    truth: ArrayLike,
    scores: ArrayLike,
    *,
    least_specificity: float = 0.9,
    corrected: bool = True,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    repeats: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Area for specificities from `least_specificity` to 1, trapezoids; interval by bootstrap over patients, percentile.

    With `corrected` it is put on the scale of an area, 0.5 for chance and 1 for perfect (McClish 1989, Med Decis Making 9:190):
    (1 + (area - chance) / (largest - chance)) / 2, chance = f^2 / 2 and largest = f, f = 1 - least_specificity.
    """
    within("least_specificity", least_specificity, 0, 1)
    false = 1 - least_specificity
    name = Text(f"部分 AUC (特異度 {least_specificity:g} 以上)", f"Partial AUC (specificity at least {least_specificity:g})")

    def statistic(positive: Bools, values: Floats) -> float:
        fpr, tpr = rates(positive, values)
        area = area_to(fpr, tpr, false)
        return (1 + (area - false**2 / 2) / (false - false**2 / 2)) / 2 if corrected else area

    return _bootstrapped(statistic, truth, scores, patients, level, repeats, seed, name)


@feature("Youden 指標によるしきい値", "Youden's threshold")
def youden_threshold(truth: ArrayLike, scores: ArrayLike) -> float:
    """The threshold that maximises sensitivity + specificity - 1 (Youden 1950, Cancer 3:32); positive is a score at or above it.

    It stands half-way between two neighbouring scores, as in pROC; of equally good ones the most sensitive is taken. To be chosen on the
    validation part, never on the test part.
    """
    positive, values = _pair(truth, scores)
    order = np.sort(np.unique(values))[::-1]
    fpr, tpr = rates(positive, values)
    best = len(order) - int(np.argmax((tpr - fpr)[1:][::-1])) - 1
    return float((order[best] + order[min(best + 1, len(order) - 1)]) / 2)


def rates(truth: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """False and true positive fractions at every distinct score from the highest down, (0, 0) first."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    true, false = np.cumsum(truth[order])[ends], np.cumsum(~truth[order])[ends]
    return np.append(0.0, false / max(1, false[-1])), np.append(0.0, true / max(1, true[-1]))


def height_at(x: Floats, y: Floats, place: float) -> float:
    """y of a rising curve of straight lines at a place; the foot where the curve rises upright there."""
    after = int(np.searchsorted(x, place, "left"))
    if after == 0 or after == len(x) or x[after] == place:
        return float(y[min(after, len(y) - 1)])
    share = (place - x[after - 1]) / (x[after] - x[after - 1])
    return float(y[after - 1] + share * (y[after] - y[after - 1]))


def area_to(x: Floats, y: Floats, end: float) -> float:
    """Area below such a curve from 0 to `end`, trapezoids."""
    inside = x < end
    return float(np.trapezoid(np.append(y[inside], height_at(x, y, end)), np.append(x[inside], end)))


def _pair(truth: ArrayLike, scores: ArrayLike) -> tuple[Bools, Floats]:
    positive, values = binary(truth), numbers(scores)
    same_length(truth=positive, scores=values)
    both_classes(positive)
    return positive, values


def _bootstrapped(
    statistic: Any,
    truth: ArrayLike,
    scores: ArrayLike,
    patients: Iterable[Any] | None,
    level: float,
    repeats: int,
    seed: int,
    name: Text,
) -> Estimate:
    positive, values = _pair(truth, scores)
    groups = groups_of(patients, len(positive))
    same_length(truth=positive, patients=groups)
    pattern = class_pattern(positive, groups)
    low, high = bootstrap(statistic, positive, values, groups=groups, repeats=repeats, seed=seed, level=level, strata=pattern)
    return Estimate(name, statistic(positive, values), low, high, level, f"bootstrap by patient, {repeats} resamples, percentile")
