"""The curve of the older Japanese JLABROC programs: a straight line by least squares through the points on normal-deviate axes.

It is kept to repeat what was published with them. It is not maximum likelihood, and with tied ratings it depends on the order in which
the cases stand in the file; `binormal_fit` and `proper_binormal_fit` are what new work should use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import result
from gazo.stats.binormal import binormal_area
from gazo.stats.curve_fit import NO_POINT
from gazo.stats.delong import auc_value
from gazo.stats.inputs import Bools, Floats, Ints, binary, both_classes, numbers, one_of, same_length

NO_LINE = Text(
    "曲線の内部の点がすべて同じ偽陽性率にあり、直線を当てはめられません。経験的 AUC を示します。",
    "all points inside the unit square have one false positive fraction, so no line can be laid through them; the empirical AUC is given.",
)


@result("labroc legacy fit")
@dataclass(frozen=True)
class LegacyFit:
    """Phi^-1(TPF) = a + b Phi^-1(FPF) by least squares over `points` points; AUC = Phi(a / sqrt(1 + b^2)).

    `degenerate`: no line is determined; `auc` is then the empirical one, `a` and `b` are None.
    """

    auc: float
    a: float | None
    b: float | None
    points: int
    degenerate: bool
    warnings: tuple[Text, ...] = ()


@feature("JLABROC 互換の最小二乗近似", "Least squares as in JLABROC")
def labroc_legacy(truth: ArrayLike, ratings: ArrayLike, *, ties: Literal["legacy", "grouped"] = "legacy") -> LegacyFit:
    """One point after every case in the order of falling ratings, points at 0 or 1 dropped, ordinary least squares.

    Parameters
    ----------
    truth : (n,) 0 or 1; the old files hold the negative cases first, and their order matters with `ties="legacy"`.
    ratings : (n,) higher speaks for 1.
    ties : "legacy": equal ratings stay apart, in the order of the old exchange sort (for m < l swap when r[m] < r[l]). "grouped": equal
        ratings give one point.
    """
    from scipy.special import ndtri

    one_of("ties", ties, ("legacy", "grouped"))
    positive, values = binary(truth), numbers(ratings, "ratings")
    same_length(truth=positive, ratings=values)
    both_classes(positive)
    fpf, tpf = _points(positive, values, ties == "grouped")
    inside = (fpf > 0) & (fpf < 1) & (tpf > 0) & (tpf < 1)
    x, y = ndtri(fpf[inside]), ndtri(tpf[inside])
    if not inside.any():
        return LegacyFit(auc_value(positive, values), None, None, 0, True, (NO_POINT,))
    if np.ptp(x) == 0:
        return LegacyFit(auc_value(positive, values), None, None, len(x), True, (NO_LINE,))
    b = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    a = float(y.mean() - b * x.mean())
    return LegacyFit(binormal_area(a, b), a, b, len(x), False)


def _points(positive: Bools, values: Floats, grouped: bool) -> tuple[Floats, Floats]:
    order = np.argsort(-values, kind="stable") if grouped else exchange_order(values)
    last = np.append(np.diff(values[order]) != 0, True) if grouped else np.ones(len(values), bool)
    true, false = np.cumsum(positive[order])[last], np.cumsum(~positive[order])[last]
    return false / false[-1], true / true[-1]


def exchange_order(values: Floats) -> Ints:
    """The order that the old exchange sort leaves: for every m, for every l > m, swap when r[m] < r[l].

    In one pass the values that beat all before them move up one after the other: each record takes the place of the record before it.
    """
    values, order = values.copy(), np.arange(len(values))
    for m in range(len(values) - 1):
        highest = np.maximum.accumulate(values[m:])
        records = m + np.append(0, np.flatnonzero(highest[1:] > highest[:-1]) + 1)
        values[records], order[records] = values[np.roll(records, 1)], order[np.roll(records, 1)]
    return order
