"""Risk and coverage: how often a method errs when it may pass the cases it is least sure of to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, result
from gazo.stats.bootstrap import bootstrap, resamples
from gazo.stats.inputs import Floats, groups_of, numbers, same_length, within

GRID = np.arange(1, 101) / 100  # coverages at which the band is drawn


@result("risk coverage")
@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The curve on a grid of coverages with its band, the area under it, and what a perfect ordering would reach.

    Parameters
    ----------
    coverage : share of the cases that are judged, the surest first. risk, low, high : mean loss among them, with its band.
    aurc : area under the curve, the mean risk over all coverages.
    excess : the area above the best ordering possible with the same errors (0 is perfect).
    all_risk : the risk when every case is judged.
    """

    coverage: Floats
    risk: Floats
    low: Floats
    high: Floats
    aurc: Estimate
    excess: Estimate
    all_risk: float
    level: float = 0.95
    title: Text = Text("", "")

    def curve(self) -> Curve:
        """As a curve with its band."""
        return Curve(
            self.coverage,
            self.risk,
            Text("判定する割合 (確信度の高い順)", "Coverage, the surest first"),
            Text("誤りの割合", "Risk"),
            self.title,
            low=self.low,
            high=self.high,
            level=self.level,
        )


@feature("リスク・カバレッジ曲線", "Risk-coverage curve")
def risk_coverage(
    losses: ArrayLike,
    confidence: ArrayLike,
    *,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    repeats: int = 1000,
    seed: int = 0,
    title: Text = Text("", ""),
) -> RiskCoverage:
    """Mean loss among the surest cases against their share (El-Yaniv & Wiener 2010; Geifman & El-Yaniv 2017).

    AURC = mean over k = 1 ... n of the risk of the k surest; its excess is that above the best ordering (Geifman et al., ICLR 2019).
    Cases of equal confidence have no order among them: each has the mean loss of its ties, so the order of the rows does not matter.
    Intervals by bootstrap over patients, percentile.

    Parameters
    ----------
    losses : (n,) 1 where the method errs, 0 where it is right; or any loss.
    confidence : (n,) higher is surer.
    patients : (n,) who each row belongs to; None takes every row as another patient.
    """
    within("level", level, 0, 1)
    errs, sure = numbers(losses, "losses"), numbers(confidence, "confidences")
    groups = groups_of(patients, len(errs))
    same_length(losses=errs, confidence=sure, patients=groups)
    draws = list(resamples(groups, repeats=repeats, seed=seed))
    curves = np.stack([np.interp(GRID, *_curve(errs[rows], sure[rows])) for rows in draws])
    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = np.quantile(curves, tails, axis=0)

    def estimate(name: Text, statistic: Callable[..., float]) -> Estimate:
        limits = bootstrap(statistic, errs, sure, groups=groups, repeats=repeats, seed=seed, level=level)
        return Estimate(name, statistic(errs, sure), *limits, level, f"bootstrap by patient, {repeats} resamples, percentile")

    risk = np.interp(GRID, *_curve(errs, sure))
    areas = estimate(Text("AURC", "AURC"), aurc), estimate(Text("超過 AURC", "Excess AURC"), excess_aurc)
    return RiskCoverage(GRID, risk, low, high, areas[0], areas[1], float(errs.mean()), level, title)


def aurc(losses: Floats, confidence: Floats) -> float:
    """The area alone, without its interval."""
    return float(_curve(losses, confidence)[1].mean())


def excess_aurc(losses: Floats, confidence: Floats) -> float:
    """The area above that of the best ordering, which judges the smallest losses first."""
    return aurc(losses, confidence) - float((np.cumsum(np.sort(losses)) / np.arange(1, len(losses) + 1)).mean())


def _curve(losses: Floats, confidence: Floats) -> tuple[Floats, Floats]:
    """Coverages k / n and the risk of the k surest; ties share their mean loss."""
    values, group = np.unique(-confidence, return_inverse=True)
    size = np.bincount(group)
    mean = np.bincount(group, weights=losses, minlength=len(values)) / size
    steps = np.arange(1, len(losses) + 1)
    return steps / len(losses), np.cumsum(np.repeat(mean, size)) / steps
