"""FROC: the share of lesions found against the false positives in an image, with bands, and the paired comparison of two detectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, result
from gazo.stats.detections import Found, HitRule, Matched, checked_inputs, matched, patient_weights, rule_words
from gazo.stats.inputs import Floats, Ints, within
from gazo.stats.paired import PairedComparison

__all__ = [
    "RATES",
    "Found",
    "FrocCurve",
    "HitRule",
    "compare_frocs",
    "froc_curve",
    "froc_points",
    "resampled_sensitivities",
    "sensitivities_at",
]

RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # false positives an image (LUNA16: Setio et al. 2017, Med Image Anal 42:1)
BLOCK = 100  # resamples computed together
MEAN = Text("平均感度 (1/8–8 FP/画像)", "Mean sensitivity (1/8–8 FP per image)")


@result("froc_curve")
@dataclass(frozen=True, eq=False)
class FrocCurve:
    """A free-response ROC curve: `sensitivity` by lesion against `false_positives` an image at falling `thresholds`.

    The curve is a staircase: at a rate between two points the sensitivity of the last point with fewer false positives holds.
    `low` and `high` are the pointwise band on `grid`, an even logarithmic grid of rates. `at` holds the sensitivities at `RATES`,
    `mean` their mean (the competition performance metric of LUNA16).
    """

    false_positives: Floats
    sensitivity: Floats
    thresholds: Floats
    grid: Floats
    low: Floats
    high: Floats
    at: tuple[Estimate, ...]
    mean: Estimate
    lesions: int
    images: int
    patients: int
    rule: Text
    level: float = 0.95
    title: Text = Text("", "")

    def sensitivity_at(self, rate: float) -> float:
        """Share of lesions found with at most `rate` false positives an image."""
        below = np.flatnonzero(self.false_positives <= rate + 1e-12)
        return float(self.sensitivity[below[-1]])

    def curve(self) -> Curve:
        """The sensitivity on the logarithmic grid with its band."""
        return Curve(
            self.grid,
            np.array([self.sensitivity_at(rate) for rate in self.grid]),
            Text("画像あたりの偽陽性数", "False positives per image"),
            Text("感度 (病変単位)", "Sensitivity (by lesion)"),
            self.title,
            low=self.low,
            high=self.high,
            level=self.level,
        )


@feature("FROC 曲線", "FROC curve", booklet=("D1", "D2", "D3", "D4"))
def froc_curve(
    found: Sequence[Found],
    truth: Sequence[ArrayLike],
    *,
    rule: HitRule = "centre",
    limit: float | None = None,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    repeats: int = 2000,
    seed: int = 0,
    title: Text = Text("", ""),
) -> FrocCurve:
    """Sensitivity by lesion against false positives an image, the sensitivities at 1/8 to 8 and their mean, all with intervals.

    Bunch et al. 1978; as LUNA16, but the sensitivity at a rate is that of an operating point which exists (no line is drawn between
    two). Intervals: percentile bootstrap of whole patients, those with and those without lesions drawn apart.

    Parameters
    ----------
    found, truth : one entry an image: a `Found`, and the boxes (m, 4) of its lesions (x, y, width, height; none: an empty list).
    rule : "centre" (the finding's centre lies in the lesion's box), "distance" (centres within `limit` px, or the lesion's radius) or
        "iou" (overlap of at least `limit`, 0.5 when not given). One lesion counts once. Further hits of it are no false positives
        with "centre" and "distance"; with "iou" they are.
    patients : (n,) who each image belongs to; None takes every image as another patient.
    """
    groups = checked_inputs(found, truth, patients, rule=rule, limit=limit, level=level)
    matches = matched(found, truth, groups, rule, limit)
    grid = 2 ** np.linspace(-3, 3, 49)
    draws = resampled_sensitivities(matches, np.concatenate([grid, RATES]), repeats, seed)
    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = np.quantile(draws[:, : len(grid)], tails, axis=0)
    once = np.ones((1, matches.patients))
    values, how = sensitivities_at(matches, once, np.array(RATES))[0], f"bootstrap by patient, {repeats} resamples, percentile"
    at_rates = draws[:, len(grid) :]
    names = [Text(f"感度 ({_rate(r)} FP/画像)", f"Sensitivity at {_rate(r)} FP per image") for r in RATES]
    at = tuple(_estimate(n, v, d, level, how) for n, v, d in zip(names, values, at_rates.T, strict=True))
    mean = _estimate(MEAN, values.mean(), at_rates.mean(1), level, how)
    lesions = len(matches.lesion_scores)
    return FrocCurve(
        *froc_points(matches), grid, low, high, at, mean, lesions, len(groups), matches.patients, rule_words(rule, limit), level, title
    )  # fmt: skip


@feature("2 つの FROC の対応のある比較", "Paired comparison of two FROC curves", booklet=("D1", "D2", "D3", "D4"))
def compare_frocs(
    found_a: Sequence[Found],
    found_b: Sequence[Found],
    truth: Sequence[ArrayLike],
    *,
    at: float | None = None,
    rule: HitRule = "centre",
    limit: float | None = None,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    repeats: int = 2000,
    seed: int = 0,
    names: tuple[Text, Text] = (Text("A", "A"), Text("B", "B")),
) -> PairedComparison:
    """Difference A - B of the mean sensitivity at 1/8 to 8 false positives an image, or of the sensitivity `at` one rate.

    Both are taken from the same resamples of patients; p is twice the smaller share of resamples on one side of 0, with one added
    above and below, as in `paired_bootstrap`.
    """
    if at is not None:
        within("at", at, 0, 1000)
    rates = np.array(RATES if at is None else (at,))
    pair, draws = [], []
    for found in (found_a, found_b):
        groups = checked_inputs(found, truth, patients, rule=rule, limit=limit, level=level)
        matches = matched(found, truth, groups, rule, limit)
        pair.append(float(sensitivities_at(matches, np.ones((1, matches.patients)), rates).mean()))
        draws.append(resampled_sensitivities(matches, rates, repeats, seed).mean(1))
    how = f"bootstrap by patient, {repeats} resamples"
    estimates = [_estimate(n, v, d, level, f"{how}, percentile") for n, v, d in zip(names, pair, draws, strict=True)]
    apart = draws[0] - draws[1]
    difference = _estimate(Text("差", "Difference"), pair[0] - pair[1], apart, level, f"{how}, percentile")
    side = min(int((apart <= 1e-12).sum()), int((apart >= -1e-12).sum()))
    return PairedComparison(estimates[0], estimates[1], difference, min(1.0, 2 * (side + 1) / (repeats + 1)), f"{how}, paired")


def froc_points(matches: Matched) -> tuple[Floats, Floats, Floats]:
    """False positives an image, sensitivity and threshold at every distinct score from above all of them down."""
    lesions, false = np.sort(matches.lesion_scores), np.sort(matches.false_scores)
    scores = np.unique(np.concatenate([lesions[np.isfinite(lesions)], false]))[::-1]
    above = [len(part) - np.searchsorted(part, scores, side="left") for part in (false, lesions)]
    return (
        np.append(0.0, above[0] / len(matches.image_patients)),
        np.append(0.0, above[1] / len(lesions)),
        np.append(np.inf, scores),
    )


def resampled_sensitivities(matches: Matched, rates: Floats, repeats: int, seed: int) -> Floats:
    """(repeats, rates): the sensitivity in each resample of patients."""
    weights = patient_weights(matches, repeats=repeats, seed=seed)
    return np.concatenate([sensitivities_at(matches, weights[i : i + BLOCK], rates) for i in range(0, repeats, BLOCK)])


def sensitivities_at(matches: Matched, weights: Floats, rates: Floats) -> Floats:
    """(resamples, rates): weighted share of the lesions above the score at which the false positives would exceed the rate."""
    order = np.argsort(-matches.false_scores, kind="stable")
    scores = matches.false_scores[order]
    ends = np.flatnonzero(np.append(np.diff(scores) != 0, True)) if len(scores) else np.zeros(0, int)
    false = np.cumsum(weights[:, matches.false_patients[order]], axis=1)[:, ends]
    images = weights @ np.bincount(matches.image_patients, minlength=matches.patients)
    sure = np.argsort(-matches.lesion_scores, kind="stable")
    true = np.cumsum(weights[:, matches.lesion_patients[sure]], axis=1)
    true = np.pad(true, ((0, 0), (1, 0)))
    ranked = -matches.lesion_scores[sure]  # rising
    place = np.append(np.searchsorted(ranked, -scores[ends], side="left"), np.isfinite(ranked).sum()).astype(np.int64)
    return np.stack([_at_rates(f, t, n, place, rates) for f, t, n in zip(false, true, images, strict=True)])


def _at_rates(false: Floats, true: Floats, images: float, place: Ints, rates: Floats) -> Floats:
    """One resample: `place[k]` lesions score above the k-th distinct score of false positives, `false` counts those down to it."""
    allowed = np.searchsorted(false, rates * images + 1e-9, side="right")
    shares: Floats = true[place[allowed]] / true[-1]
    return shares


def _estimate(name: Text, value: float, draws: Floats, level: float, how: str) -> Estimate:
    low, high = np.quantile(draws, ((1 - level) / 2, (1 + level) / 2))
    return Estimate(name, float(value), float(low), float(high), level, how)


def _rate(rate: float) -> str:
    return f"1/{round(1 / rate)}" if rate < 1 else f"{rate:g}"
