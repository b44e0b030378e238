"""Do probabilities mean what they say? Brier score, reliability, calibration slope and intercept, temperature scaling."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate, Table, result
from gazo.stats.inputs import Bools, Floats, Ints, binary, both_classes, groups_of, numbers, repeated, same_length, within
from gazo.stats.proportions import wilson_limits

HOTTEST = 100.0


@result("brier_parts")
@dataclass(frozen=True)
class BrierParts:
    """Brier score = reliability - resolution + uncertainty + within_bins."""

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float


@result("reliability")
@dataclass(frozen=True, eq=False)
class Reliability:
    """Per occupied bin: mean probability, share of positives with its band, number of rows; `ece` and the parts of the Brier score."""

    probability: Floats
    observed: Floats
    low: Floats
    high: Floats
    counts: Ints
    ece: float
    brier: BrierParts
    bins: int
    level: float = 0.95
    title: Text = Text("", "")

    def table(self) -> Table:
        """One row for each occupied bin."""
        headings = (
            Text("平均予測確率", "Mean probability"),
            Text("実際の陽性割合", "Observed share"),
            Text("下限", "low"),
            Text("上限", "high"),
            Text("件数", "Rows"),
        )
        columns = (self.probability, self.observed, self.low, self.high, self.counts)
        return Table(self.title, headings, tuple(zip(*(c.tolist() for c in columns), strict=True)))


@feature("信頼度曲線", "Reliability curve")
def reliability(
    truth: ArrayLike, probability: ArrayLike, *, bins: int = 15, level: float = 0.95, title: Text = Text("", "")
) -> Reliability:
    """Observed share of positives against predicted probability in `bins` bins of equal width, with Wilson's interval in each.

    ECE = sum n_b / n |observed - mean probability| (Naeini 2015, Guo 2017). The parts of the Brier score are those of Murphy 1973;
    probabilities differ inside a bin, and what that adds stands in `within_bins` (Stephenson 2008), so that the sum is exact.

    Parameters
    ----------
    truth : (n,) 0 or 1.
    probability : (n,) of class 1; a value on an edge belongs to the bin below it.
    """
    within("level", level, 0, 1)
    within("bins", bins, 1, 1001)
    positive, p = _pair(truth, probability)
    n, hits, mean = _binned(positive, p, bins)
    limits = np.array([wilson_limits(h, t, level) for h, t in zip(hits, n, strict=True)])
    ece = calibration_error(positive, p, bins=bins)
    return Reliability(
        mean, hits / n, limits[:, 0], limits[:, 1], n, ece, _brier_parts(positive, p, mean, hits / n, n), bins, level, title
    )


def calibration_error(truth: ArrayLike, probability: ArrayLike, *, bins: int = 15) -> float:
    """The ECE of `reliability` alone, quick enough for a bootstrap."""
    p = np.asarray(probability, np.float64)
    n, hits, mean = _binned(np.asarray(truth, bool), p, bins)
    return float(np.sum(n * np.abs(hits / n - mean)) / len(p))


def _binned(positive: Bools, p: Floats, bins: int) -> tuple[Ints, Floats, Floats]:
    """Rows, positives and mean probability of each occupied bin."""
    number = np.clip(np.ceil(p * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(number, minlength=bins).astype(np.int64)
    hits, sums = (np.bincount(number, weights=w, minlength=bins).astype(np.float64) for w in (positive, p))
    used = counts > 0
    return counts[used], hits[used], sums[used] / counts[used]


def _brier_parts(truth: Bools, p: Floats, mean: Floats, observed: Floats, counts: Ints) -> BrierParts:
    brier, base, weights = float(np.mean((p - truth) ** 2)), float(truth.mean()), counts / len(p)
    apart = float(np.sum(weights * (mean - observed) ** 2))
    resolution = float(np.sum(weights * (observed - base) ** 2))
    uncertainty = base * (1 - base)
    return BrierParts(brier, apart, resolution, uncertainty, brier - (apart - resolution + uncertainty))


@feature("較正の切片と傾き", "Calibration intercept and slope")
def calibration(
    truth: ArrayLike, probability: ArrayLike, *, patients: Iterable[Any] | None = None, level: float = 0.95
) -> tuple[Estimate, Estimate]:
    """Intercept and slope of the logistic recalibration (Cox 1958, Biometrika 45:562).

    Slope: logit P(truth) = a + b logit(p); 1 is right, below 1 the probabilities are too extreme. Intercept: the same with b = 1
    (calibration in the large); 0 is right, above 0 the probabilities are too low. Maximum likelihood, Wald intervals; with several
    rows of a patient the sandwich variance over patients (Liang & Zeger 1986). Probabilities are kept 1e-12 away from 0 and 1.
    Where no finite slope exists (the classes are fully separated) the value is NaN and has no limits.
    """
    within("level", level, 0, 1)
    positive, p = _pair(truth, probability)
    both_classes(positive)
    groups = groups_of(patients, len(p))
    same_length(truth=positive, patients=groups)
    p = np.clip(p, 1e-12, 1 - 1e-12)
    logits = np.log(p) - np.log1p(-p)
    ones = np.ones((len(p), 1))
    names = Text("較正の切片", "Calibration intercept"), Text("較正の傾き", "Calibration slope")
    return (
        _last(names[0], logistic_coefficients(ones, positive, logits), ones, positive, logits, groups, level),
        _last(names[1], _slope(positive, logits), np.column_stack([ones, logits]), positive, 0 * logits, groups, level),
    )


def _slope(truth: Bools, logits: Floats) -> Floats | None:
    if logits[truth].min() >= logits[~truth].max() or logits[truth].max() <= logits[~truth].min():
        return None
    return logistic_coefficients(np.column_stack([np.ones(len(logits)), logits]), truth, 0 * logits)


def logistic_coefficients(columns: Floats, truth: Bools, offset: Floats) -> Floats | None:
    """Newton's method with halved steps; None when it finds no maximum."""
    from scipy.special import expit

    def likelihood(beta: Floats) -> float:
        eta = columns @ beta + offset
        return float(np.sum(truth * eta - np.logaddexp(0, eta)))

    beta: Floats = np.zeros(columns.shape[1])
    for _ in range(100):
        fitted = expit(columns @ beta + offset)
        information = (columns * (fitted * (1 - fitted))[:, None]).T @ columns
        step = np.linalg.lstsq(information, columns.T @ (truth - fitted), rcond=None)[0]
        while likelihood(beta + step) < likelihood(beta) - 1e-9 and np.abs(step).max() > 1e-12:
            step = step / 2
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            return beta
    return None


def _last(name: Text, beta: Floats | None, columns: Floats, truth: Bools, offset: Floats, groups: Ints, level: float) -> Estimate:
    """The last coefficient with its Wald interval."""
    from scipy.special import expit, ndtri

    if beta is None:
        return Estimate(name, math.nan, None, None, level, "none: the probabilities separate the classes completely")
    fitted = expit(columns @ beta + offset)
    information = (columns * (fitted * (1 - fitted))[:, None]).T @ columns
    covariance, how = np.linalg.pinv(information), "logistic recalibration, Wald"
    if repeated(groups):
        scores = columns * (truth - fitted)[:, None]
        summed = np.stack([np.bincount(groups, weights=column) for column in scores.T])
        covariance = covariance @ (summed @ summed.T) @ covariance
        how = "logistic recalibration, sandwich by patient"
    reach = float(ndtri((1 + level) / 2) * math.sqrt(covariance[-1, -1]))
    value = float(beta[-1])
    return Estimate(name, value, value - reach, value + reach, level, how)


@feature("温度スケーリング", "Temperature scaling")
def temperature(logits: ArrayLike, truth_index: ArrayLike) -> float:
    """The T by which logits are divided to minimise the log loss (Guo et al. 2017, ICML); above 1 the network was too sure of itself.

    To be fitted on the validation part. Sought between 1/100 and 100; the limit itself comes back when the classes are fully separated.

    Parameters
    ----------
    logits : (n, classes) before softmax, or (n,) before the logistic function.
    truth_index : (n,) class numbers.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    scores, truth = numbers(logits, "logits"), np.asarray(truth_index).astype(np.int64)
    if scores.ndim == 1:
        scores = np.column_stack([0 * scores, scores])
    same_length(logits=scores, truth_index=truth)
    chosen = scores[np.arange(len(truth)), truth]

    def loss(log_t: float) -> float:
        scaled = math.exp(-log_t)
        return float(np.mean(logsumexp(scores * scaled, axis=1) - chosen * scaled))

    bound = math.log(HOTTEST)
    found = minimize_scalar(loss, bounds=(-bound, bound), method="bounded", options={"xatol": 1e-8})
    return math.exp(float(found.x))


def _pair(truth: ArrayLike, probability: ArrayLike) -> tuple[Bools, Floats]:
    positive, p = binary(truth), numbers(probability, "probabilities")
    same_length(truth=positive, probability=p)
    if p.min() < 0 or p.max() > 1:
        raise DataError(
            "G-STAT-012",
            en=f"probabilities must lie between 0 and 1; values from {p.min():g} to {p.max():g} came. "
            "Apply the softmax or logistic function first.",
            ja=f"確率は 0 から 1 の間でなければなりません。受け取った範囲: {p.min():g} から {p.max():g}。"
            "先にソフトマックスまたはロジスティック関数を適用してください。",
        )
    return positive, p
