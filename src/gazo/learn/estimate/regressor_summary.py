"""From what each fold said to figures of merit with intervals, beside two baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Estimate, Table
from gazo.datasets.strata import numbered
from gazo.learn.classify.summary import loss_curves, pseudonyms
from gazo.learn.estimate.regressor_results import RegressionFold, RegressionStudy
from gazo.stats.agreement import bland_altman, concordance, linear_calibration
from gazo.stats.bootstrap import bootstrap, paired_bootstrap

if TYPE_CHECKING:
    from gazo.learn.estimate.regressor import Regressor

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
BASELINE = Text("HOG + リッジ回帰", "HOG + ridge regression")
MEAN = Text("平均値を答える", "Always the mean")


def mean_absolute_error(truth: Floats, values: Floats) -> float:
    """Mean of |estimate - truth|."""
    return float(np.abs(values - truth).mean())


def explained(truth: Floats, values: Floats) -> float:
    """R2 = 1 - sum (truth - estimate)^2 / sum (truth - its mean)^2; not defined where all truths are equal."""
    whole = float(((truth - truth.mean()) ** 2).sum())
    return 1 - float(((truth - values) ** 2).sum()) / whole if whole > 0 else float("nan")


def summary(
    spec: Regressor,
    images: ImageSet,
    truths: Floats,
    outcomes: Sequence[RegressionFold],
    *,
    sentence: Text,
    seed: int,
) -> RegressionStudy:
    """Judge the outcomes of all folds together; an image tested in several repeats counts once, with its mean estimate."""
    rows = np.unique(np.concatenate([outcome.test for outcome in outcomes]))
    truth = truths[rows]
    values = _mean([(o.test, o.values) for o in outcomes], rows)
    means = _mean([(o.test, np.full(len(o.test), o.mean)) for o in outcomes], rows)
    patients = numbered(images.role("patient"))[rows].tolist() if images.has("patient") else None
    given: dict[str, Any] = {"patients": patients, "seed": seed}
    compared: dict[str, Any] = {}
    if all(o.baseline is not None for o in outcomes):
        other = _mean([(o.test, o.baseline) for o in outcomes if o.baseline is not None], rows)
        compared = {
            "baseline_metrics": regression_metrics(truth, other, unit=spec.unit, **given),
            "against_baseline": paired_bootstrap(
                mean_absolute_error, truth, values, other, groups=patients, seed=seed, names=(spec.name, BASELINE)
            ),
        }
    return RegressionStudy(
        name=spec.name,
        plan=sentence,
        metrics=regression_metrics(truth, values, unit=spec.unit, **given),
        agreement=bland_altman(
            values, truth, names=(Text("推定値", "estimate"), Text("真の値", "truth")), unit=spec.unit, title=spec.name, **given
        ),
        mean_metrics=_errors(truth, means, spec.unit, **given),
        against_mean=paired_bootstrap(
            mean_absolute_error, truth, values, means, groups=patients, seed=seed, names=(spec.name, MEAN)
        ),
        losses=loss_curves([o.history for o in outcomes]),
        predictions=_predictions(images, rows, truth, values, spec.unit),
        folds=_folds(truths, outcomes, spec.unit),
        **compared,
    )


def regression_metrics(
    truth: Floats, values: Floats, *, patients: list[Any] | None = None, unit: str = "", seed: int = 0
) -> tuple[Estimate, ...]:
    """MAE, RMSE, R2, bias, concordance, calibration intercept and slope, each with its interval by patient."""
    errors = _errors(truth, values, unit, patients=patients, seed=seed)
    agree = concordance(values, truth, patients=patients, seed=seed)
    return (*errors, agree, *linear_calibration(truth, values, patients=patients))


def _errors(truth: Floats, values: Floats, unit: str, *, patients: list[Any] | None, seed: int) -> tuple[Estimate, ...]:
    """MAE, RMSE, R2 and bias."""
    of: list[tuple[Text, str, Callable[[Floats, Floats], float]]] = [
        (Text("平均絶対誤差 (MAE)", "Mean absolute error (MAE)"), unit, mean_absolute_error),
        (Text("二乗平均平方根誤差 (RMSE)", "Root mean square error (RMSE)"), unit, lambda t, v: float(np.sqrt(((v - t) ** 2).mean()))),
        (Text("決定係数 (R²)", "Coefficient of determination (R²)"), "", explained),
        (Text("バイアス (推定 − 真値)", "Bias (estimate − truth)"), unit, lambda t, v: float((v - t).mean())),
    ]  # fmt: skip
    how = "bootstrap by patient, 2000 resamples, percentile" if patients is not None else "bootstrap, 2000 resamples, percentile"
    found = []
    for name, own, statistic in of:
        low, high = bootstrap(statistic, truth, values, groups=patients, seed=seed)
        found.append(Estimate(name, statistic(truth, values), low, high, 0.95, how, own))
    return tuple(found)


def _predictions(images: ImageSet, rows: Ints, truth: Floats, values: Floats, unit: str) -> Table:
    names = pseudonyms(images)
    brackets = f" [{unit}]" if unit else ""
    words = ("真の値", "truth"), ("推定値", "estimate"), ("差", "difference")
    headings = (Text("行", "row"), Text("患者", "patient"), *(Text(ja + brackets, en + brackets) for ja, en in words))
    return Table(
        Text("テスト画像ごとの推定値", "Estimates for each test image"),
        headings,
        tuple((int(r), names[r], float(t), float(v), float(v - t)) for r, t, v in zip(rows, truth, values, strict=True)),
    )


def _folds(truths: Floats, outcomes: Sequence[RegressionFold], unit: str) -> Table:
    brackets = f" [{unit}]" if unit else ""
    words = ("回", "Repeat"), ("分割", "Fold"), ("テスト画像", "Test images"), ("エポック", "Epochs")
    headings = (*(Text(*pair) for pair in words), Text(f"MAE{brackets}", f"MAE{brackets}"))
    return Table(
        Text("分割ごとの結果", "Each fold"),
        headings,
        tuple(
            (o.repeat + 1, o.number + 1, len(o.test), len(o.history), mean_absolute_error(truths[o.test], o.values))
            for o in outcomes
        ),
    )


def _mean(parts: Sequence[tuple[Ints, Floats]], rows: Ints) -> NDArray[np.float64]:
    """For each of `rows` the mean of what the parts say of it."""
    total, count = np.zeros(len(rows)), np.zeros(len(rows))
    for test, values in parts:
        places = np.searchsorted(rows, test)
        total[places] += values
        count[places] += 1
    return total / count
