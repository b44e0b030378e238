"""The figures of merit of a classifier, each with its interval, patients kept together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate
from gazo.core.seeds import generator
from gazo.stats.auc import auc
from gazo.stats.bootstrap import bootstrap
from gazo.stats.confusion import Confusion, class_numbers, confusion, confusion_counts, kappa, matthews
from gazo.stats.delong import auc_limits, placements
from gazo.stats.inputs import Bools, Floats, Ints, both_classes, groups_of, numbers, repeated, same_length, within
from gazo.stats.proportions import share_of

__all__ = ["Confusion", "classification_metrics", "confusion"]

REPEATS = 2000


@dataclass(frozen=True, eq=False)
class _Case:
    """What every figure below needs."""

    truth: Ints
    predicted: Ints
    probabilities: Floats
    classes: tuple[str, ...]
    groups: Ints
    level: float
    seed: int


@feature("分類の評価指標", "Figures of merit of a classifier", booklet="K4")
def classification_metrics(
    truth_index: ArrayLike,
    probabilities: ArrayLike,
    classes: Sequence[str],
    *,
    patients: Iterable[Any] | None = None,
    threshold: float | None = None,
    predicted_index: ArrayLike | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Estimate, ...]:
    """All figures of merit of a classifier, in a fixed order.

    Two classes (the second is the positive one): AUC, sensitivity, specificity, PPV, NPV, accuracy, balanced accuracy, F1, MCC, Brier
    score, log loss, prevalence. More classes: accuracy, balanced accuracy, macro AUC, the AUC of each class against the rest, kappa.

    Intervals: AUC as in `auc`; shares Wilson 1927, with the design effect of Rao & Scott 1992 when patients repeat; balanced accuracy
    from those of the recalls (MOVER, Zou & Donner 2008); F1 from the share TP / (TP + FP + FN), of which it is a function; macro AUC
    from the placements of each row (DeLong), summed by patient; the rest percentile bootstrap over patients, 2000 resamples.

    Parameters
    ----------
    truth_index : (n,) class numbers.
    probabilities : (n, classes), each row adding up to 1.
    threshold : two classes only: from which probability of the second class on a case is called positive (0.5 when None). It must come
        from the validation part.
    predicted_index : (n,) class numbers that were decided elsewhere, such as with another threshold in each fold; `threshold` is then not used.
    """
    within("level", level, 0, 1)
    truth, p = class_numbers(truth_index, len(classes)), _probabilities(probabilities, len(classes))
    groups = groups_of(patients, len(truth))
    same_length(truth_index=truth, probabilities=p, patients=groups)
    two = len(classes) == 2
    if predicted_index is not None:
        predicted = class_numbers(predicted_index, len(classes))
        same_length(truth_index=truth, predicted_index=predicted)
    else:
        predicted = (p[:, 1] >= (0.5 if threshold is None else threshold)).astype(np.int64) if two else p.argmax(axis=1)
    return (_binary if two else _several)(_Case(truth, predicted, p, tuple(classes), groups, level, seed))


def _binary(case: _Case) -> tuple[Estimate, ...]:
    positive, called = case.truth == 1, case.predicted == 1
    both_classes(positive)
    right = positive == called
    union = positive | called
    return (
        auc(positive, case.probabilities[:, 1], patients=case.groups, level=case.level),
        _share(case, called, positive, Text("感度", "Sensitivity")),
        _share(case, ~called, ~positive, Text("特異度", "Specificity")),
        _share(case, positive, called, Text("陽性的中率 (PPV)", "Positive predictive value (PPV)")),
        _share(case, ~positive, ~called, Text("陰性的中率 (NPV)", "Negative predictive value (NPV)")),
        _share(case, right, right | True, Text("正解率", "Accuracy")),
        _balanced(case),
        _f1(_share(case, positive & called, union, Text("F1 スコア", "F1 score"))),
        _from_counts(case, matthews, Text("マシューズ相関係数 (MCC)", "Matthews correlation (MCC)")),
        _mean(case, (case.probabilities[:, 1] - positive) ** 2, Text("Brier スコア", "Brier score")),
        _mean(case, _log_losses(case), Text("対数損失", "Log loss")),
        _share(case, positive, right | True, Text("陽性の割合", "Prevalence")),
    )


def _several(case: _Case) -> tuple[Estimate, ...]:
    right = case.truth == case.predicted
    return (
        _share(case, right, right | True, Text("正解率", "Accuracy")),
        _balanced(case),
        _macro_auc(case),
        *(_class_auc(case, number) for number in range(len(case.classes))),
        _from_counts(case, kappa, Text("κ 係数 (Cohen)", "Cohen's kappa")),
    )


def _share(case: _Case, hits: Bools, among: Bools, name: Text) -> Estimate:
    """The share of hits among some rows; undefined when there are none."""
    if not among.any():
        return Estimate(name, math.nan, None, None, case.level, "undefined: no such case")
    return share_of(hits[among], patients=case.groups[among], level=case.level, name=name)


def _balanced(case: _Case) -> Estimate:
    """Mean recall of the classes present; limits from those of the recalls (method of variance estimates recovery)."""
    name = Text("均衡正解率", "Balanced accuracy")
    recalls = [_share(case, case.predicted == k, case.truth == k, name) for k in np.unique(case.truth).tolist()]
    values, low, high = (np.array([getattr(r, side) for r in recalls], float) for side in ("value", "low", "high"))
    mean, count = float(values.mean()), len(recalls)
    below, above = math.hypot(*(values - low)) / count, math.hypot(*(high - values)) / count
    return Estimate(name, mean, mean - below, mean + above, case.level, f"{recalls[0].method}, MOVER")


def _f1(jaccard: Estimate) -> Estimate:
    """F1 = 2 J / (1 + J), J = TP / (TP + FP + FN); given that sum, TP is binomial."""
    value, low, high = (2 * j / (1 + j) for j in (jaccard.value, jaccard.low or 0.0, jaccard.high or 0.0))
    return Estimate(jaccard.name, value, low, high, jaccard.level, f"{jaccard.method}, of TP / (TP + FP + FN)")


def _mean(case: _Case, losses: Floats, name: Text) -> Estimate:
    low, high = bootstrap(_average, losses, groups=case.groups, repeats=REPEATS, seed=case.seed, level=case.level)
    return Estimate(name, float(losses.mean()), low, high, case.level, _how(case))


def _average(values: Floats) -> float:
    return float(values.mean())


def _log_losses(case: _Case) -> Floats:
    chosen = case.probabilities[np.arange(len(case.truth)), case.truth]
    losses: Floats = -np.log(np.clip(chosen, np.finfo(np.float64).eps, 1.0))
    return losses


def _from_counts(case: _Case, statistic: Callable[[Ints], float], name: Text) -> Estimate:
    """A statistic of the confusion matrix, with a bootstrap interval; at 1 or -1, where it would have no width, a Bayesian one."""
    classes = len(case.classes)

    def value_of(truth: Ints, predicted: Ints) -> float:
        return statistic(confusion_counts(truth, predicted, classes))

    value = value_of(case.truth, case.predicted)
    if math.isnan(value):
        return Estimate(name, value, None, None, case.level, "undefined: one class only in truth or prediction")
    if abs(value) == 1:
        low, high = _jeffreys(case, statistic)
        return Estimate(
            name, value, *((low, 1.0) if value > 0 else (-1.0, high)), case.level, "Dirichlet posterior, Jeffreys prior"
        )
    arrays = case.truth, case.predicted
    low, high = bootstrap(value_of, *arrays, groups=case.groups, repeats=REPEATS, seed=case.seed, level=case.level)
    return Estimate(name, value, low, high, case.level, _how(case))


def _jeffreys(case: _Case, statistic: Callable[[Ints], float]) -> tuple[float, float]:
    """One-sided limits of a statistic when the cells of the table have a Dirichlet posterior; patients count, not rows."""
    counts = confusion_counts(case.truth, case.predicted, len(case.classes))
    patients = counts * (len(np.unique(case.groups)) / counts.sum())
    draws = generator(case.seed, "jeffreys").dirichlet(patients.ravel() + 0.5, size=REPEATS)
    values = [statistic(draw.reshape(counts.shape)) for draw in draws]
    low, high = np.quantile(values, (1 - case.level, case.level))
    return float(low), float(high)


def _class_auc(case: _Case, number: int) -> Estimate:
    name = Text(f"AUC ({case.classes[number]} 対その他)", f"AUC ({case.classes[number]} against the rest)")
    truth = case.truth == number
    if truth.all() or not truth.any():
        return Estimate(name, math.nan, None, None, case.level, "undefined: no such case")
    return auc(truth, case.probabilities[:, number], patients=case.groups, level=case.level, name=name)


def _macro_auc(case: _Case) -> Estimate:
    """Mean over the classes present of the AUC against the rest; its variance from the summed influence of each patient."""
    name = Text("AUC (クラス平均)", "Macro AUC (one against the rest)")
    present = np.unique(case.truth).tolist()
    if len(present) < 2:
        return Estimate(name, math.nan, None, None, case.level, "undefined: one class only")
    values, influence = [], np.zeros(len(case.truth))
    for number in present:
        truth = case.truth == number
        placed = placements(truth, case.probabilities[:, number])
        values.append(float(placed[truth].mean()))
        influence += (placed - values[-1]) / np.where(truth, truth.sum(), (~truth).sum()) / len(present)
    by_patient = np.bincount(case.groups, weights=influence)
    variance = len(by_patient) / max(1, len(by_patient) - 1) * float((by_patient**2).sum())
    value = sum(values) / len(values)
    own = {number: len(np.unique(case.groups[case.truth == number])) for number in present}
    rarest = min(present, key=lambda number: own[number])
    others = len(np.unique(case.groups[case.truth != rarest]))  # a patient may have cases of several classes
    low, high, how = auc_limits(value, variance, own[rarest], others, case.level, "logit")
    return Estimate(name, value, low, high, case.level, f"DeLong 1988 placements, {how}")


def _how(case: _Case) -> str:
    return f"bootstrap{' by patient' if repeated(case.groups) else ''}, {REPEATS} resamples, percentile"


def _probabilities(probabilities: ArrayLike, classes: int) -> Floats:
    p = numbers(probabilities, "probabilities")
    if p.ndim != 2 or p.shape[1] != classes or p.min(initial=0) < 0 or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise DataError(
            "G-STAT-014",
            en=f"probabilities need the shape (cases, {classes}), no negative value and rows that add up to 1; {p.shape} came. "
            "Apply the softmax function to the outputs of the network.",
            ja=f"確率は (症例数, {classes}) の形で、負の値がなく、各行の和が 1 でなければなりません。受け取った形: {p.shape}。"
            "ネットワークの出力にソフトマックス関数を適用してください。",
        )
    return p
