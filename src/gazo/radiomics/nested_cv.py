"""Nested cross-validation by patient: every case is judged by models that never saw its patient, in no step at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.registry import feature
from gazo.core.results import Estimate
from gazo.core.seeds import derived_seed, generator
from gazo.radiomics.feature_columns import FeatureCases
from gazo.radiomics.feature_recipe import FeatureRecipe, check_batches, fewest_patients, macro_auc, stratified_folds
from gazo.stats.bootstrap import bootstrap
from gazo.stats.delong import auc_covariance, auc_value, placements
from gazo.stats.proportions import exact_limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What the outer folds gave.

    Parameters
    ----------
    probabilities : (repeats, cases, classes).
    decisions : (repeats, cases) class numbers, two classes by the threshold of each training part.
    chosen : (fits, features) which features each fit used.
    settings : for each fit the number of features and the strength of the penalty.
    """

    probabilities: Floats
    decisions: Ints
    chosen: NDArray[np.bool_]
    settings: tuple[tuple[int, float], ...]


@feature("特徴量の入れ子交差検証", "Nested cross-validation of features", booklet="C6")
def nested_cross_validation(
    cases: FeatureCases,
    recipe: FeatureRecipe,
    *,
    folds: int = 5,
    repeats: int = 10,
    seed: int,
    stage: Text = Text("入れ子交差検証", "Nested cross-validation"),
    on_event: OnEvent = quiet,
) -> OutOfFold:
    """Outer folds by patient, repeated; the whole recipe with its inner cross-validation is fitted on each training part anew.

    Parameters
    ----------
    cases : rows with labels and patients.
    recipe : all that is fitted.
    folds, repeats : outer folds, and how often they are drawn anew. The same seed gives the same folds for every recipe.
    """
    check_folds(cases, folds)
    probabilities = np.zeros((repeats, len(cases.truth), len(cases.classes)))
    decisions = np.zeros((repeats, len(cases.truth)), np.int64)
    chosen, settings = [], []
    for repeat in range(repeats):
        for number, (train, test) in enumerate(stratified_folds(cases, folds, derived_seed(seed, "outer", repeat))):
            check_batches(cases, train)
            part, judged = cases.take(train), cases.take(test)
            fitted = recipe.fit(part, seed=derived_seed(seed, repeat, number))
            probabilities[repeat, test] = fitted.probabilities(judged)
            decisions[repeat, test] = fitted.decisions(probabilities[repeat, test])
            chosen.append(fitted.chosen)
            settings.append((fitted.count, fitted.strength))
            on_event(Event(stage, repeat * folds + number + 1, folds * repeats))
    return OutOfFold(probabilities, decisions, np.array(chosen), tuple(settings))


def check_folds(cases: FeatureCases, folds: int) -> None:
    """Refuse fewer patients of a class than folds."""
    fewest = fewest_patients(cases)
    if fewest < folds:
        raise DataError(
            "G-RAD-421",
            en=f"{folds} folds need at least {folds} patients of each class; the rarest has {fewest}. Use fewer folds, join classes or add patients.",
            ja=f"{folds} 分割には各クラスに患者が {folds} 人以上必要ですが、最も少ないクラスは {fewest} 人です。分割数を減らすか、クラスをまとめるか、患者を増やしてください。",
        )


def mean_auc(truth: NDArray[np.bool_], scores: Floats, patients: Ints, *, seed: int, name: Text, level: float = 0.95) -> Estimate:
    """Mean over repeats of the area of the pooled out-of-fold scores; interval from resamples of patients.

    Parameters
    ----------
    scores : (repeats, cases).
    """

    def statistic(positive: NDArray[np.bool_], columns: Floats) -> float:
        return float(np.mean([auc_value(positive, column) for column in columns.T]))

    low, high = bootstrap(statistic, truth, scores.T, groups=patients.tolist(), repeats=RESAMPLES, seed=seed, level=level)
    how = f"bootstrap by patient, {RESAMPLES} resamples, percentile"
    return Estimate(name, statistic(truth, scores.T), low, high, level, how)


def compare_mean_aucs(
    truth: NDArray[np.bool_], first: Floats, second: Floats, patients: Ints, *, name: Text, level: float = 0.95
) -> tuple[Estimate, float]:
    """Difference first - second of two mean areas on the same cases and folds, and its two-sided p (DeLong et al. 1988).

    The mean of areas is linear in the placements, so DeLong's covariance of the mean placements over repeats is that of the means; with
    several rows of a patient Obuchowski's (1997). The models themselves are taken as given: variation of the training parts is not in it.

    Parameters
    ----------
    first, second : (repeats, cases).
    """
    from scipy.special import ndtr, ndtri

    placed = np.stack([np.mean([placements(truth, one) for one in scores], axis=0) for scores in (first, second)])
    contrast = np.array([1.0, -1.0])
    variance = max(float(contrast @ auc_covariance(truth, placed, patients) @ contrast), 0.0)
    difference = float(placed[0][truth].mean() - placed[1][truth].mean())
    error = float(np.sqrt(variance))
    p = float(2 * ndtr(-abs(difference) / error)) if error > 0 else 1.0
    reach = float(ndtri((1 + level) / 2)) * error
    low, high = max(-1.0, difference - reach), min(1.0, difference + reach)
    return Estimate(name, difference, low, high, level, "DeLong 1988, paired"), p


def permutation_test(
    cases: FeatureCases, recipe: FeatureRecipe, *, folds: int, permutations: int, seed: int, on_event: OnEvent = quiet
) -> tuple[Estimate, float, Floats]:
    """p of the hypothesis that features say nothing of the class; also the observed area and those of the shuffled labels.

    Labels are shuffled between patients (Ojala & Garriga 2010, JMLR 11:1833) and one whole cross-validation is run each time, with the
    middle setting of the recipe and without tuning, for the true labels in the same way. p = (1 + as large or larger) / (1 + permutations);
    its interval is that of the finite number of permutations (Clopper & Pearson).

    Parameters
    ----------
    permutations : how many times.
    """
    from dataclasses import replace

    plain = replace(recipe, inner=0)
    rng = generator(seed, "permutation")
    members = [np.flatnonzero(cases.patients == one) for one in range(int(cases.patients.max()) + 1)]

    def area(truth: Ints, number: int) -> float:
        told = replace(cases, truth=truth)
        found = nested_cross_validation(told, plain, folds=folds, repeats=1, seed=derived_seed(seed, "permutation", number))
        return macro_auc(truth, found.probabilities[0])

    observed, shuffled = area(cases.truth, -1), []
    while len(shuffled) < permutations:
        order = _shuffled(members, rng)
        truth = np.empty_like(cases.truth)
        truth[np.concatenate(members)] = cases.truth[np.concatenate([members[o] for o in order])]
        if fewest_patients(replace(cases, truth=truth)) < folds:  # only where patients have rows of several classes
            continue
        shuffled.append(area(truth, len(shuffled)))
        on_event(Event(Text("並べ替え検定", "Permutation test"), len(shuffled), permutations))
    above = int((np.array(shuffled) >= observed - 1e-12).sum())
    low, high = exact_limits(above, permutations, 0.95)
    name = Text("並べ替え検定の p 値", "Permutation p")
    p = Estimate(name, (1 + above) / (1 + permutations), low, high, 0.95, "Clopper-Pearson 1934")
    return p, observed, np.array(shuffled)


def _shuffled(members: list[Ints], rng: np.random.Generator) -> Ints:
    """An order of the patients in which each takes the place of one with as many rows."""
    sizes = np.array([len(own) for own in members])
    order = np.arange(len(members))
    for size in np.unique(sizes):
        own = np.flatnonzero(sizes == size)
        order[own] = rng.permutation(own)
    return order
