"""From a table of features to probabilities, as one thing that is fitted on a training part and on nothing else.

The order of the steps: empty cells get the median; ComBat; constant columns go; standardisation; one feature of each redundant group;
selection; model. How many features and how strong a penalty is settled by an inner cross-validation by patient. Whatever looks at data
stands inside `FeatureRecipe.fit`, so an outer fold cannot leak (Ambroise & McLachlan 2002, PNAS 99:6562).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.registry import feature
from gazo.core.seeds import derived_seed
from gazo.radiomics.combat import ComBat, FittedComBat
from gazo.radiomics.feature_columns import FeatureCases
from gazo.radiomics.feature_models import STRENGTHS, FittedModel, Model, fit_model
from gazo.radiomics.mrmr import f_statistic, kruskal_wallis, minimum_redundancy
from gazo.radiomics.redundancy import redundant_groups
from gazo.stats.delong import auc_value
from gazo.stats.inputs import repeated
from gazo.stats.operating import youden_threshold

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Selection = Literal["none", "univariate", "f-test", "mrmr-fcq", "mrmr-miq", "rfe"]


@dataclass(frozen=True, eq=False)
class _Preparation:
    """What the first steps learned: medians, batches, which columns are left, their level and spread."""

    medians: Floats
    combat: FittedComBat | None
    used: Ints
    mean: Floats
    deviation: Floats
    clinical_mean: Floats
    clinical_deviation: Floats

    def apply(self, cases: FeatureCases) -> tuple[Floats, Floats]:
        """Standardised features that are used, and standardised clinical factors."""
        values = np.where(np.isnan(cases.features), self.medians, cases.features)
        if self.combat is not None and cases.batch is not None:
            values = self.combat.transform(values, cases.batch)
        standard = (values[:, self.used] - self.mean) / self.deviation
        return standard, (cases.clinical - self.clinical_mean) / self.clinical_deviation


@dataclass(frozen=True, eq=False)
class FittedFeatureRecipe:
    """What `FeatureRecipe.fit` learned.

    Parameters
    ----------
    chosen : True for each feature that the model uses.
    count, strength : the setting that the inner cross-validation chose.
    threshold : of two classes, the probability from which a case is called positive (Youden, inner cross-validation).
    weights : of a linear model, for standardised columns: those of `numbers`, then those of the clinical factors.
    """

    chosen: NDArray[np.bool_]
    count: int
    strength: float
    threshold: float
    weights: Floats | None
    _columns: Ints
    _preparation: _Preparation
    _model: FittedModel

    @property
    def numbers(self) -> Ints:
        """Which features the model was given, best first."""
        return self._preparation.used[self._columns]

    def probabilities(self, cases: FeatureCases) -> Floats:
        """(cases, classes) of rows that may be new."""
        features, clinical = self._preparation.apply(cases)
        return self._model.probabilities(np.column_stack([features[:, self._columns], clinical]))

    def decisions(self, probabilities: Floats) -> Ints:
        """Class numbers: by the threshold of the training part for two classes, else the most probable one."""
        if probabilities.shape[1] == 2:
            return (probabilities[:, 1] >= self.threshold).astype(np.int64)
        return probabilities.argmax(1).astype(np.int64)

    def standardised(self, cases: FeatureCases) -> Floats:
        """The chosen features of rows, in the units in which the model sees them."""
        return self._preparation.apply(cases)[0][:, self._columns]


@feature("特徴量の解析手順 (補正・選択・モデル)", "Recipe of a feature study (harmonise, select, model)", booklet="C6")
@dataclass(frozen=True, kw_only=True)
class FeatureRecipe:
    """What is done with features, from harmonisation to probabilities.

    Parameters
    ----------
    selection : "none", "univariate" (Kruskal-Wallis), "f-test", "mrmr-fcq", "mrmr-miq", "rfe" (recursive elimination). With "none" the
        model sees every feature, which suits "lasso" and "elastic-net".
    model : see `feature_models`.
    counts : numbers of features that are tried.
    redundancy : of features with |Spearman's rho| above it one is kept; 1 keeps all.
    balanced : every class has the same weight in training; probabilities are brought back to the true shares.
    inner : folds of the inner cross-validation; 0 takes the middle setting untried.
    """

    selection: Selection = "mrmr-fcq"
    model: Model = "ridge"
    counts: tuple[int, ...] = (5, 10)
    redundancy: float = 0.9
    balanced: bool = True
    inner: int = 5

    def fit(self, cases: FeatureCases, *, seed: int) -> FittedFeatureRecipe:
        """Learn from these rows alone; `seed` draws the inner folds."""
        count, strength, threshold = self._settle(cases, seed)
        preparation, features, clinical = _prepared(cases)
        columns = self._select(features, cases.truth, (count,), seed)[0]
        model = self._model(strength, features[:, columns], clinical, cases.truth, seed)
        weights = model.coefficients()
        if self.model in ("lasso", "elastic-net") and weights is not None:
            kept = (weights[:, : len(columns)] != 0).any(0)
            chosen = columns[kept]
        else:
            chosen = columns
        used = np.zeros(len(cases.names), bool)
        used[preparation.used[chosen]] = True
        return FittedFeatureRecipe(used, count, strength, threshold, weights, columns, preparation, model)

    def _settle(self, cases: FeatureCases, seed: int) -> tuple[int, float, float]:
        """Number of features, strength of the penalty and threshold, by the AUC of the inner cross-validation."""
        counts = tuple(sorted(set(self.counts))) if self.selection != "none" else (len(cases.names),)
        strengths = STRENGTHS[self.model]
        folds = min(self.inner, fewest_patients(cases))
        if folds < 2:
            return counts[len(counts) // 2], strengths[len(strengths) // 2], 0.5
        grid = [(c, s) for c in range(len(counts)) for s in range(len(strengths))]
        found = np.zeros((len(grid), len(cases.truth), len(cases.classes)))
        for train, test in stratified_folds(cases, folds, derived_seed(seed, "inner")):
            check_batches(cases, train)
            part, judged = cases.take(train), cases.take(test)
            preparation, features, clinical = _prepared(part)
            unseen, beside = preparation.apply(judged)
            sets = self._select(features, part.truth, counts, seed)
            for place, (c, s) in enumerate(grid):
                model = self._model(strengths[s], features[:, sets[c]], clinical, part.truth, seed)
                found[place, test] = model.probabilities(np.column_stack([unseen[:, sets[c]], beside]))
        worth = np.array([macro_auc(cases.truth, one) for one in found])
        best = int(np.argmax(np.round(np.nan_to_num(worth), 9)))
        threshold = youden_threshold(cases.truth, found[best][:, 1]) if len(cases.classes) == 2 else 0.5
        return counts[grid[best][0]], strengths[grid[best][1]], threshold

    def _select(self, features: Floats, truth: Ints, counts: Sequence[int], seed: int) -> list[Ints]:
        """Column numbers for each of the counts."""
        return select(features, truth, self.selection, counts, redundancy=self.redundancy, seed=seed)

    def _model(self, strength: float, features: Floats, clinical: Floats, truth: Ints, seed: int) -> FittedModel:
        columns = np.column_stack([features, clinical])
        return fit_model(self.model, strength, columns, truth, balanced=self.balanced, seed=derived_seed(seed, "model") % 2**31)


def select(
    features: Floats, truth: Ints, selection: Selection, counts: Sequence[int], *, redundancy: float, seed: int
) -> list[Ints]:
    """Column numbers, best first, for each of the counts; of redundant columns the one with the highest Kruskal-Wallis H is left.

    Parameters
    ----------
    features, truth : the training part alone.
    counts : how many columns are wanted; fewer come when there are no more.
    """
    columns = np.arange(features.shape[1])
    if redundancy < 1 and len(columns) > 1:
        leader = redundant_groups(features, kruskal_wallis(features, truth), limit=redundancy)
        columns = np.flatnonzero(leader == columns)
    if selection == "none":
        return [columns for _ in counts]
    if selection == "rfe":
        return [columns[_eliminated(features[:, columns], truth, count, seed)] for count in counts]
    most = max(counts)
    if selection in ("univariate", "f-test"):
        worth = (kruskal_wallis if selection == "univariate" else f_statistic)(features[:, columns], truth)
        order = np.argsort(-worth, kind="stable")[:most]
    else:
        order = minimum_redundancy(features[:, columns], truth, most, criterion="fcq" if selection == "mrmr-fcq" else "miq")
    return [columns[order[:count]] for count in counts]


def _eliminated(features: Floats, truth: Ints, count: int, seed: int) -> Ints:
    """Recursive elimination of a fifth of the columns at a time by the weights of a logistic regression (Guyon et al. 2002)."""
    from sklearn.feature_selection import RFE
    from sklearn.linear_model import LogisticRegression

    wanted = min(count, features.shape[1])
    found = RFE(LogisticRegression(C=0.1, max_iter=2000), n_features_to_select=wanted, step=0.2).fit(features, truth)
    return np.flatnonzero(found.support_)


def _prepared(cases: FeatureCases) -> tuple[_Preparation, Floats, Floats]:
    """Learn the first steps; also the features and clinical factors as they come out of them."""
    empty = np.isnan(cases.features).all(0)
    medians = np.where(empty, 0.0, np.nanmedian(np.where(empty, 0.0, cases.features), axis=0))
    values = np.where(np.isnan(cases.features), medians, cases.features)
    combat = None
    if cases.batch is not None:
        combat = ComBat(empirical_bayes=values.shape[1] > 1).fit(values, cases.batch)
        values = combat.transform(values, cases.batch)
    spread = values.std(0)
    used = np.flatnonzero(spread > 1e-12 * np.maximum(1.0, np.abs(values).max(0)))
    if not len(used):
        raise DataError(
            "G-RAD-420",
            en=f"a model needs at least one feature that differs between cases; all {values.shape[1]} are constant in a training part. Check the table.",
            ja=f"モデルには症例間で値の異なる特徴量が 1 つ以上必要ですが、学習部分では {values.shape[1]} 個すべてが一定です。表を確認してください。",
        )
    beside = cases.clinical.std(0)
    found = _Preparation(
        medians, combat, used, values[:, used].mean(0), spread[used], cases.clinical.mean(0), np.where(beside > 0, beside, 1.0)
    )
    return found, *found.apply(cases)


def macro_auc(truth: Ints, probabilities: Floats) -> float:
    """AUC of the second class; with more classes the mean of each class against the rest."""
    if probabilities.shape[1] == 2:
        return auc_value(truth == 1, probabilities[:, 1])
    return float(np.mean([auc_value(truth == k, probabilities[:, k]) for k in range(probabilities.shape[1])]))


def fewest_patients(cases: FeatureCases) -> int:
    """Patients of the rarest class."""
    return min(len(np.unique(cases.patients[cases.truth == k])) for k in range(len(cases.classes)))


def check_batches(cases: FeatureCases, train: Ints) -> None:
    """Refuse a site that a training part knows from fewer than two cases."""
    if cases.batch is None:
        return
    names = np.array(cases.batch)
    few = [str(name) for name in np.unique(names) if int((names[train] == name).sum()) < 2]
    if few:
        raise DataError(
            "G-RAD-422",
            en=f"harmonisation inside the folds needs at least 2 cases of each site in every training part; '{few[0]}' has too few ({int((names == few[0]).sum())} in all). Join it with another site, leave it out, or leave the batch column empty.",
            ja=f"分割ごとの施設間補正では、どの学習部分にも各施設の症例が 2 例以上必要です。「{few[0]}」は少なすぎます (全体で {int((names == few[0]).sum())} 例)。ほかの施設とまとめるか、除くか、施設の列を空欄にしてください。",
        )


def stratified_folds(cases: FeatureCases, folds: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Rows of training and test parts: patients whole, shares of the classes alike (scikit-learn's StratifiedGroupKFold)."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    several = repeated(cases.patients)
    kind = StratifiedGroupKFold if several else StratifiedKFold  # the same divisions, the second one much quicker
    drawn = kind(folds, shuffle=True, random_state=seed % 2**32)
    yield from drawn.split(cases.features, cases.truth, cases.patients if several else None)
