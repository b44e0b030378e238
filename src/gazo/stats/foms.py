"""Figures of merit of a reading, and the same figure without each patient in turn.

Areas over pairs (empirical ROC, AFROC, wAFROC and their kin) have a closed-form jackknife in O(n log n); so have sensitivity and
specificity at a rating. What is fitted is fitted again, from the optimum of all cases, once for each different set of runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.stats.inputs import Bools, Floats, Ints
from gazo.stats.operating import area_to, rates
from gazo.stats.rating_runs import runs_of
from gazo.stats.reading import Reading

FomName = Literal[
    "auto", "auc", "binormal", "proper", "cbm", "partial-auc", "sensitivity", "specificity", "sensitivity-at-specificity",
    "wafroc", "afroc", "wafroc1", "afroc1", "hrauc",
]  # fmt: skip
FREE = ("wafroc", "afroc", "wafroc1", "afroc1", "hrauc")


class Fom(Protocol):
    """A figure of merit."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> Text: ...

    def counts(self, truth: Bools) -> Bools:
        """Which cases the figure rests on: the sensitivity on those with disease only."""
        ...

    def value(self, reading: Reading) -> float:
        """Of all cases of a reading."""
        ...

    def left_out(self, reading: Reading) -> Floats:
        """(n,) without each case in turn."""
        ...


@dataclass(frozen=True)
class PairFom:
    """Mean over pairs of a case and a lesion of w psi(FP, LL), psi = 1, 1/2 (tie), 0, over the sum of the weights w.

    Parameters
    ----------
    everywhere : FP is the highest false mark of any case (AFROC1), else of the cases without disease.
    weighted : the lesions of a case share its weight (wAFROC), else every lesion counts alike (AFROC).
    by_case : compares highest marks of cases, whatever they hit (ROC, HrAuc).
    """

    key: str
    name: Text
    everywhere: bool = False
    weighted: bool = False
    by_case: bool = False

    def counts(self, truth: Bools) -> Bools:
        return every_case(truth)

    def value(self, reading: Reading) -> float:
        false, _, rating, weight = self._parts(reading)
        beside = np.sort(reading.ratings[false] if self.by_case else reading.false[false])
        return float(weight @ _share_below(beside, rating) / weight.sum())

    def left_out(self, reading: Reading) -> Floats:
        """(N - n_k - m_k + o_k) / ((A - 1[k in A]) (W - w_k)): the pairs without the row and the column of case k."""
        counted, case, rating, weight = self._parts(reading)
        size = len(reading.truth)
        scores = reading.ratings if self.by_case else reading.false
        false = scores[counted]
        hits = weight * _share_below(np.sort(false), rating) * len(false)
        by_case, weights = (np.bincount(case, w, minlength=size) for w in (hits, weight))
        of_false = np.zeros(size)
        of_false[counted] = _weight_above(rating, weight, false)
        both: Floats = np.zeros(size)
        if self.everywhere:
            own = scores[case]
            won = weight * ((rating > own) + 0.5 * (rating == own))
            both = np.bincount(case, won, minlength=size).astype(np.float64)
        pairs = (len(false) - counted) * (weight.sum() - weights)
        left: Floats = (hits.sum() - of_false - by_case + both) / pairs
        return left

    def _parts(self, reading: Reading) -> tuple[Bools, Ints, Floats, Floats]:
        """Whose false marks count, and case, rating and weight of each lesion."""
        counted = np.ones(len(reading.truth), bool) if self.everywhere else ~reading.truth
        if self.by_case:
            positive = np.flatnonzero(reading.truth)
            return counted, positive, reading.ratings[positive], np.ones(len(positive))
        weight = reading.lesion_weight if self.weighted else np.ones(len(reading.lesion_case))
        return counted, reading.lesion_case, reading.lesion_rating, weight


@dataclass(frozen=True)
class ShareFom:
    """Sensitivity, or specificity, when a rating of at least `threshold` is called positive."""

    key: str
    name: Text
    threshold: float

    def counts(self, truth: Bools) -> Bools:
        return truth if self.key == "sensitivity" else ~truth

    def value(self, reading: Reading) -> float:
        right, counted = self._right(reading)
        return float(right[counted].mean())

    def left_out(self, reading: Reading) -> Floats:
        right, counted = self._right(reading)
        left: Floats = ((right & counted).sum() - (right & counted)) / (counted.sum() - counted)
        return left

    def _right(self, reading: Reading) -> tuple[Bools, Bools]:
        called = reading.ratings >= self.threshold
        return (called, reading.truth) if self.key == "sensitivity" else (~called, ~reading.truth)


@dataclass(frozen=True)
class CurveFom:
    """A number read off the empirical ROC curve, such as the partial area; computed again without each case."""

    key: str
    name: Text
    read_off: Callable[[Floats, Floats], float]

    def counts(self, truth: Bools) -> Bools:
        return every_case(truth)

    def value(self, reading: Reading) -> float:
        return self.read_off(*rates(reading.truth, reading.ranks))

    def left_out(self, reading: Reading) -> Floats:
        return _without_each(reading, self.value)


@dataclass(frozen=True)
class FittedFom:
    """The area under a fitted curve."""

    key: str
    name: Text
    fit: Callable[..., Any]

    def counts(self, truth: Bools) -> Bools:
        return every_case(truth)

    def value(self, reading: Reading) -> float:
        return _area_of(self.fit(reading.truth, reading.ratings))

    def left_out(self, reading: Reading) -> Floats:
        start, known = self.fit(reading.truth, reading.ratings).shape, dict[tuple[bytes, bytes], float]()

        def again(rest: Reading) -> float:
            runs = runs_of(rest.truth, rest.ratings)  # equal runs have equal curves: five categories need ten fits, not 114
            key = runs.negative.tobytes(), runs.positive.tobytes()
            if key not in known:
                known[key] = _area_of(self.fit(rest.truth, rest.ratings, start))
            return known[key]

        return _without_each(reading, again)

    def degenerate(self, reading: Reading) -> bool:
        """Whether no curve of the model is determined."""
        return bool(self.fit(reading.truth, reading.ratings).degenerate)


def _area_of(fit: Any) -> float:
    """Without a point inside the unit square the area that the likelihood tends to, so that all jackknife values speak of one model."""
    return float(fit.auc if fit.limit is None else fit.limit)


def every_case(truth: Bools) -> Bools:
    """All of them."""
    return np.ones(len(truth), bool)


def _without_each(reading: Reading, value: Callable[[Reading], float]) -> Floats:
    rows = np.arange(len(reading.truth))
    return np.array([value(reading.take(rows[rows != out])) for out in rows])


def _share_below(ordered: Floats, values: Floats) -> Floats:
    """Share of the ordered scores below each value, ties half."""
    share: Floats = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / (2 * len(ordered))
    return share


def _weight_above(rating: Floats, weight: Floats, scores: Floats) -> Floats:
    """For each score the weight of the lesions rated above it, ties half."""
    order = np.argsort(rating, kind="stable")
    ranked, below = rating[order], np.append(0.0, np.cumsum(weight[order]))
    left, right = (below[np.searchsorted(ranked, scores, side)] for side in ("left", "right"))
    above: Floats = below[-1] - (left + right) / 2
    return above


def jackknifed(fom: Fom, reading: Reading, patients: int) -> tuple[float, Floats]:
    """The figure of all cases, and (patients,) without each patient of the study; one who was not read changes nothing."""
    value = fom.value(reading)
    left = np.full(patients, value)
    if reading.single:
        left[reading.patients] = fom.left_out(reading)
    else:
        for patient in np.unique(reading.patients):
            left[patient] = fom.value(reading.take(np.flatnonzero(reading.patients != patient)))
    return value, left


def fom_named(
    name: FomName, *, free_response: bool, threshold: float = 3.0, least_specificity: float = 0.8, specificity: float = 0.9
) -> Fom:
    """The figure of merit behind a name; "auto" is wAFROC for free responses and the empirical area otherwise.

    Parameters
    ----------
    threshold : least rating called positive, of sensitivity and specificity.
    least_specificity : where the partial area begins.
    specificity : at which the sensitivity is read off.
    """
    if name == "auto":
        name = "wafroc" if free_response else "auc"
    if name in FREE and not free_response:
        raise DataError(
            "G-MRMC-001",
            en=f"the figure of merit '{name}' needs marks with places and the lesions (a free-response study); this study has one rating "
            "for each case. Choose 'auc', or give the file of marks.",
            ja=f"評価指標「{name}」には、位置のあるマークと病変の情報 (自由応答研究) が必要ですが、この研究には症例ごとの評点しかありません。"
            "「auc」を選ぶか、マークのファイルを指定してください。",
        )
    return _foms(threshold, least_specificity, specificity)[name]


def _foms(threshold: float, least_specificity: float, specificity: float) -> dict[str, Fom]:
    false = 1 - least_specificity
    found: tuple[Fom, ...] = (
        PairFom("auc", Text("AUC", "AUC"), by_case=True),
        PairFom("hrauc", Text("最高評点の AUC", "highest-rating AUC"), by_case=True),
        PairFom("wafroc", Text("wAFROC の面積", "wAFROC area"), weighted=True),
        PairFom("afroc", Text("AFROC の面積", "AFROC area")),
        PairFom("wafroc1", Text("wAFROC1 の面積", "wAFROC1 area"), everywhere=True, weighted=True),
        PairFom("afroc1", Text("AFROC1 の面積", "AFROC1 area"), everywhere=True),
        ShareFom(
            "sensitivity", Text(f"感度 (評点 {threshold:g} 以上)", f"sensitivity (rating at least {threshold:g})"), threshold
        ),
        ShareFom(
            "specificity", Text(f"特異度 (評点 {threshold:g} 以上)", f"specificity (rating at least {threshold:g})"), threshold
        ),
        CurveFom(
            "partial-auc",
            Text(f"部分 AUC (特異度 {least_specificity:g} 以上)", f"partial AUC (specificity at least {least_specificity:g})"),
            lambda fpr, tpr: area_to(fpr, tpr, false),
        ),
        CurveFom(
            "sensitivity-at-specificity",
            Text(f"特異度 {specificity:g} での感度", f"sensitivity at specificity {specificity:g}"),
            lambda fpr, tpr: float(np.interp(1 - specificity, fpr, tpr)),
        ),
        FittedFom("binormal", Text("バイノーマル AUC", "binormal AUC"), _binormal),
        FittedFom("proper", Text("proper バイノーマル AUC", "proper binormal AUC"), _proper),
        FittedFom("cbm", Text("CBM の AUC", "contaminated binormal AUC"), _contaminated),
    )
    return {fom.key: fom for fom in found}


def _binormal(*inputs: Any) -> Any:
    from gazo.stats.binormal import binormal_fit

    return binormal_fit(*inputs)


def _proper(*inputs: Any) -> Any:
    from gazo.stats.proper_binormal import proper_binormal_fit

    return proper_binormal_fit(*inputs)


def _contaminated(*inputs: Any) -> Any:
    from gazo.stats.contaminated_binormal import contaminated_binormal_fit

    return contaminated_binormal_fit(*inputs)
