"""ComBat: what a site or a scanner adds to a feature, in mean and in spread, is estimated and taken away (Johnson et al. 2007).

x_ij = grand mean + covariates beta + sigma (shift_b + sqrt(scale_b) error): shift and scale of a batch are drawn towards those of all
features of that batch (empirical Bayes), since few cases tell little about a single feature. Johnson, Li & Rabinovic 2007, Biostatistics
8:118; for images Fortin et al. 2018, NeuroImage 167:104. `fit` sees the training part alone; `transform` uses what it learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.registry import feature
from gazo.stats.inputs import numbers, same_length

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CONVERGED = 1e-4  # largest relative step of shift and scale, as in the authors' program
SMALLEST = 1e-12


@dataclass(frozen=True, eq=False)
class FittedComBat:
    """What `ComBat.fit` learned.

    Parameters
    ----------
    batches : their names, in the order of the rows of `shift` and `scale`.
    grand_mean, coefficients, deviation : of each feature: level, effect of each covariate (covariates, features), residual SD.
    shift, scale : (batches, features), in units of that SD and of its square.
    reference : the batch that stays as it is, or None.
    """

    batches: tuple[str, ...]
    grand_mean: Floats
    coefficients: Floats
    deviation: Floats
    shift: Floats
    scale: Floats
    reference: str | None = None

    def transform(self, features: ArrayLike, batch: Sequence[Any], covariates: ArrayLike | None = None) -> Floats:
        """The features without what their batch adds; cases need not be those of `fit`, but their batches must be known.

        Parameters
        ----------
        features : (cases, features).
        batch : (cases,) names.
        covariates : (cases, covariates), the ones given to `fit`.
        """
        values, names = numbers(features, "features"), [str(name) for name in batch]
        beside = _covariates(covariates, len(values))
        unknown = sorted(set(names) - set(self.batches))
        if unknown:
            hint = nearest(unknown[0], self.batches)
            raise DataError(
                "G-RAD-401",
                en=f"ComBat can only correct batches that it learned from; '{unknown[0]}' is not among the {len(self.batches)} known ones. {hint.en} Fit again with cases of it, or leave those rows out.",
                ja=f"ComBat で補正できるのは学習に含まれた施設・装置だけです。「{unknown[0]}」は既知の {len(self.batches)} 個に含まれていません。{hint.ja} その症例を含めて学習し直すか、該当する行を除いてください。",
            )
        same_length(features=values, batch=np.array(names), covariates=beside)
        if values.shape[1:] != self.grand_mean.shape or beside.shape[1] != len(self.coefficients):
            raise DataError(
                "G-RAD-402",
                en=f"the same {len(self.grand_mean)} features and {len(self.coefficients)} covariates as in fit are needed; {values.shape[-1]} and {beside.shape[1]} came. Give the same columns.",
                ja=f"学習時と同じ {len(self.grand_mean)} 個の特徴量と {len(self.coefficients)} 個の共変量が必要です。受け取った数: {values.shape[-1]} 個と {beside.shape[1]} 個。同じ列を指定してください。",
            )
        number = np.array([self.batches.index(name) for name in names], np.int64)
        level = self.grand_mean + beside @ self.coefficients
        standard = (values - level) / self.deviation
        corrected: Floats = (standard - self.shift[number]) / np.sqrt(self.scale[number]) * self.deviation + level
        if self.reference is not None:
            own = number == self.batches.index(self.reference)
            corrected[own] = values[own]
        return corrected


@feature("ComBat による施設間・装置間差の補正", "ComBat harmonisation", booklet="C5")
@dataclass(frozen=True, kw_only=True)
class ComBat:
    """Take away what sites or scanners add to features.

    Parameters
    ----------
    empirical_bayes : draw each feature's shift and scale towards those of all features of its batch; False corrects each feature alone.
    mean_only : correct the mean and leave the spread.
    reference : a batch to which the others are brought; it stays as it is. None brings all to their common mean.
    """

    empirical_bayes: bool = True
    mean_only: bool = False
    reference: str | None = None

    def fit(self, features: ArrayLike, batch: Sequence[Any], covariates: ArrayLike | None = None) -> FittedComBat:
        """Estimate the effect of each batch.

        Parameters
        ----------
        features : (cases, features), complete.
        batch : (cases,) names of sites or scanners; each needs two cases at least.
        covariates : (cases, covariates) what may differ between batches for good reason and is kept, such as age. Never the label where
            a model is to be judged afterwards: new cases have none.
        """
        values, names = numbers(features, "features"), np.array([str(name) for name in batch])
        beside = _covariates(covariates, len(values))
        same_length(features=values, batch=names, covariates=beside)
        batches, number = np.unique(names, return_inverse=True)
        counts = np.bincount(number)
        self._check(batches.tolist(), counts, values)
        design = np.column_stack([np.eye(len(batches))[number], beside])
        _need_rank(design, len(batches))
        beta = np.linalg.lstsq(design, values, rcond=None)[0]
        residual = (values - design @ beta) ** 2
        if self.reference is None:
            grand, variance = counts @ beta[: len(batches)] / len(values), residual.mean(0)
        else:
            place = batches.tolist().index(self.reference)
            grand, variance = beta[place], residual[number == place].mean(0)
        constant = variance <= SMALLEST * np.maximum(1.0, grand**2)
        deviation = np.sqrt(np.where(constant, 1.0, variance))
        standard = (values - grand - beside @ beta[len(batches) :]) / deviation
        shift, scale = self._effects(standard, number, counts)
        if self.reference is not None:
            shift[place], scale[place] = 0.0, 1.0
        shift[:, constant], scale[:, constant] = 0.0, 1.0
        return FittedComBat(tuple(batches.tolist()), grand, beta[len(batches) :], deviation, shift, scale, self.reference)

    def _check(self, batches: Sequence[str], counts: Ints, values: Floats) -> None:
        lonely = [name for name, count in zip(batches, counts, strict=True) if count < 2]
        if lonely or len(batches) < 2:
            raise DataError(
                "G-RAD-403",
                en=f"ComBat needs at least two batches of at least two cases each; {len(batches)} came, and {len(lonely)} of them has or have one case (such as '{(lonely or batches)[0]}'). Join batches or leave those cases out.",
                ja=f"ComBat には 2 例以上の施設・装置が 2 つ以上必要です。受け取った数は {len(batches)} で、そのうち {len(lonely)} は 1 例だけです (例: 「{(lonely or batches)[0]}」)。施設をまとめるか、その症例を除いてください。",
            )
        if self.reference is not None and self.reference not in batches:
            hint = nearest(self.reference, batches)
            raise OptionError(
                "G-RAD-404",
                en=f"the reference must be one of the batches; '{self.reference}' is none. {hint.en}",
                ja=f"基準は施設・装置のいずれかでなければなりません。「{self.reference}」はありません。{hint.ja}",
            )
        if self.empirical_bayes and values.shape[1] < 2:
            raise DataError(
                "G-RAD-405",
                en=f"empirical Bayes borrows strength from other features and needs at least two; {values.shape[1]} came. Set empirical_bayes to false.",
                ja=f"経験ベイズでは他の特徴量の情報を使うため、特徴量が 2 つ以上必要です。受け取った数: {values.shape[1]}。empirical_bayes を false にしてください。",
            )

    def _effects(self, standard: Floats, number: Ints, counts: Ints) -> tuple[Floats, Floats]:
        """Shift and scale of each batch, (batches, features)."""
        shifts, scales = [], []
        for batch, count in enumerate(counts):
            own = standard[number == batch]
            shift, scale = own.mean(0), np.ones(own.shape[1])
            if not self.mean_only:
                scale = own.var(0, ddof=1)
                scale[scale <= SMALLEST] = 1.0
            if self.empirical_bayes and self.mean_only:
                shift = _shrunk_mean(shift, 1, scale, float(shift.mean()), float(shift.var(ddof=1)))
            elif self.empirical_bayes:
                shift, scale = _empirical_bayes(own, shift, scale, int(count))
            shifts.append(shift)
            scales.append(scale)
        return np.array(shifts), np.array(scales)


def _empirical_bayes(own: Floats, mean: Floats, variance: Floats, count: int) -> tuple[Floats, Floats]:
    """Posterior means under a normal prior of the shift and an inverse gamma prior of the scale, both by moments (Johnson 2007, eq. 3)."""
    middle, spread = float(mean.mean()), float(mean.var(ddof=1))
    level, wide = float(variance.mean()), max(float(variance.var(ddof=1)), SMALLEST)
    a, b = (2 * wide + level**2) / wide, (level * wide + level**3) / wide
    shift, scale = mean, variance
    for _ in range(1000):
        new_shift = _shrunk_mean(mean, count, scale, middle, spread)
        new_scale = (0.5 * ((own - new_shift) ** 2).sum(0) + b) / (count / 2 + a - 1)
        step = max(_step(new_shift, shift), _step(new_scale, scale))
        shift, scale = new_shift, new_scale
        if step <= CONVERGED:
            break
    return shift, scale


def _shrunk_mean(mean: Floats, count: int, scale: Floats, middle: float, spread: float) -> Floats:
    shrunk: Floats = (spread * count * mean + scale * middle) / np.maximum(spread * count + scale, SMALLEST)
    return shrunk


def _step(new: Floats, old: Floats) -> float:
    """Largest relative step. As in the authors' program the divisor keeps its sign, so a negative shift never asks for another round."""
    divisor = np.where(np.abs(old) > SMALLEST, old, SMALLEST)
    return float((np.abs(new - old) / divisor).max())


def _covariates(covariates: ArrayLike | None, rows: int) -> Floats:
    return np.zeros((rows, 0)) if covariates is None else numbers(covariates, "covariates").reshape(rows, -1)


def _need_rank(design: Floats, batches: int) -> None:
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise DataError(
            "G-RAD-406",
            en=f"ComBat cannot tell {batches} batches from {design.shape[1] - batches} covariate(s): one of them follows from the batch or from the others. Leave that covariate out.",
            ja=f"ComBat は {batches} 個の施設・装置と {design.shape[1] - batches} 個の共変量を区別できません。施設や他の共変量から決まってしまう共変量があります。その共変量を除いてください。",
        )


def cramers_v(first: Sequence[Any], second: Sequence[Any]) -> float:
    """How far two columns of names determine each other, 0 to 1 (Cramér 1946): sqrt(chi-square / (n (min(rows, columns) - 1)))."""
    one, other = (np.unique([str(v) for v in column], return_inverse=True)[1] for column in (first, second))
    counts = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(counts, (one, other), 1)
    if min(counts.shape) < 2:
        return 0.0
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    square = float(((counts - expected) ** 2 / expected).sum())
    return float(np.sqrt(square / (counts.sum() * (min(counts.shape) - 1))))
