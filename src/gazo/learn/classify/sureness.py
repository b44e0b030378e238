"""How sure the networks of the folds were of each test image, at no further cost, and how far errors gather among the unsure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.learn.classify.results import FoldOutcome
from gazo.stats.risk_coverage import RiskCoverage, risk_coverage

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]


def sureness(outcomes: Sequence[FoldOutcome], truth: Ints, said: Ints, rows: Ints, **given: Any) -> tuple[RiskCoverage, ...]:
    """Risk-coverage curves by the probability, and with repeats also by how well the networks that judged an image agree.

    Parameters
    ----------
    truth, said, rows : true class, class said and row number of each judged image.
    given : patients and seed, as in `risk_coverage`.
    """
    wrong = (said != truth).astype(float)
    if wrong.min() == wrong.max():
        return ()
    values: list[list[float]] = [[] for _ in rows]
    certain = np.zeros(len(rows))
    for outcome in outcomes:
        places = np.searchsorted(rows, outcome.test)
        for place, value, probability in zip(places, _signed(outcome), outcome.probabilities, strict=True):
            certain[place] += value
            values[place].append(float(probability[said[place]]))
    counts = np.array([len(v) for v in values])
    found = [risk_coverage(wrong, np.abs(certain) / counts, title=Text("確率による確信度", "by probability"), **given)]
    if counts.min() > 1:
        agreement = -np.array([np.std(v, ddof=1) for v in values])
        found.append(risk_coverage(wrong, agreement, title=Text("ネットワーク間の一致", "by agreement of the networks"), **given))
    return tuple(found)


def _signed(outcome: FoldOutcome) -> Floats:
    """Two classes: from -1 to 1, how far the probability lies from the threshold on the way to the end of its side.

    More: the highest probability.
    """
    p, t = outcome.probabilities, min(max(outcome.threshold, 1e-6), 1 - 1e-6)
    if p.shape[1] > 2:
        return np.asarray(p.max(1))
    return np.asarray(np.where(p[:, 1] >= t, (p[:, 1] - t) / (1 - t), (p[:, 1] - t) / t))
