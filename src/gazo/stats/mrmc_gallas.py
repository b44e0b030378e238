"""The one-shot U-statistic variance of a mean area or of a difference of mean areas (Gallas 2006, Acad Radiol 13:353), readers and cases random.

Degrees of freedom by Satterthwaite's rule on the mean squares of readers, cases with and cases without disease (Obuchowski, Gallas &
Hillis 2012, Acad Radiol 19:1508), as the program iMRMC prints them ("BDG").
"""

from __future__ import annotations

import math

import numpy as np

from gazo.core.errors import DataError
from gazo.stats.delong import placements
from gazo.stats.inputs import Floats
from gazo.stats.mrmc_models import Analysis, Contrast, GlobalTest
from gazo.stats.reader_study import ReaderStudy


def gallas_analysis(study: ReaderStudy, theta: Floats, covariance: Floats, level: float) -> Analysis:
    """Every mean and every difference with its own variance.

    Parameters
    ----------
    theta, covariance : (I, J) areas and their unbiased covariance (I, J, I, J).
    """
    tests, readers = theta.shape
    if readers < 2 or not study.complete:
        raise DataError(
            "G-MRMC-010",
            en=f"method 'gallas' needs at least two readers and every rating; {readers} readers and {int(np.isnan(study.ratings).sum())} "
            "absent ratings came. Choose method 'or'.",
            ja=f"「gallas」には 2 人以上の読影者とすべての評点が必要です。受け取った研究は読影者 {readers} 人、欠けた評点 "
            f"{int(np.isnan(study.ratings).sum())} 個です。method には「or」を選んでください。",
        )
    placed = np.stack([[placements(study.truth, row) for row in test] for test in study.ratings])
    weights = np.eye(tests)
    means = tuple(_contrast(w, study, theta, covariance, placed, level) for w in weights)
    pairs = {
        (i, k): _contrast(weights[i] - weights[k], study, theta, covariance, placed, level)
        for i in range(tests)
        for k in range(i + 1, tests)
    }
    return Analysis(_test(pairs) if tests == 2 else None, pairs, means)


def _test(pairs: dict[tuple[int, int], Contrast]) -> GlobalTest:
    one = pairs[0, 1]
    return GlobalTest("BDG", "F", one.statistic() ** 2, 1, one.df, one.p())


def _contrast(weights: Floats, study: ReaderStudy, theta: Floats, covariance: Floats, placed: Floats, level: float) -> Contrast:
    """S^2 / J of the readers' values plus the mean covariance of two readers; df = V^2 / sum of (V_part^2 / df_part)."""
    values = weights @ theta
    readers = len(values)
    between = np.einsum("i,ijkl,k->jl", weights, covariance, weights)
    parts = [(float(values.var(ddof=1)) / readers, readers - 1)]
    variance = parts[0][0] + float(between[~np.eye(readers, dtype=bool)].mean())
    shares = np.tensordot(weights, placed, 1).mean(axis=0)
    for kind in (study.truth, ~study.truth):
        count = int(kind.sum())
        parts.append((float(shares[kind].var(ddof=1)) / count, count - 1))
    spread = sum(part**2 / df for part, df in parts)
    df = variance**2 / spread if spread > 0 else math.inf
    return Contrast(float(values.mean()), math.sqrt(max(variance, 0.0)), df, level)
