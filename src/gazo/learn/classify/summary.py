"""From what each fold gave to figures of merit with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Table
from gazo.datasets.strata import numbered
from gazo.learn.classify.baseline import NAME as BASELINE
from gazo.learn.classify.calibrated import calibration_table
from gazo.learn.classify.results import ClassificationStudy, FoldOutcome
from gazo.learn.classify.sureness import sureness
from gazo.stats.auc import PairedComparison, RocCurve, auc, compare_aucs, roc_curve
from gazo.stats.calibration import reliability
from gazo.stats.classification import classification_metrics, confusion
from gazo.stats.planning import expected_auc, expected_proportion

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
SUPPOSED = 0.85  # figure of merit for which the interval to be expected is shown before training


def summary(
    name: Text,
    images: ImageSet,
    targets: Ints,
    classes: tuple[str, ...],
    outcomes: Sequence[FoldOutcome],
    *,
    plan_sentence: Text,
    seed: int,
) -> ClassificationStudy:
    """Judge the outcomes of all folds together; an image tested in several repeats counts once, with its mean probability."""
    rows = np.unique(np.concatenate([outcome.test for outcome in outcomes]))
    truth = targets[rows]
    probabilities = _mean([(o.test, o.probabilities) for o in outcomes], rows)
    said = _said(probabilities, _mean([(o.test, o.probabilities[:, 1:] - o.threshold) for o in outcomes], rows))
    patients = numbered(images.role("patient"))[rows] if images.has("patient") else None
    given: dict[str, Any] = {"patients": patients, "seed": seed}
    rocs = _rocs(truth, probabilities, classes, name, **given)
    with_baseline: dict[str, Any] = {}
    if outcomes[0].baseline is not None:
        other = _mean([(o.test, o.baseline) for o in outcomes if o.baseline is not None], rows)
        cuts = [(o.test, o.baseline[:, 1:] - o.baseline_threshold) for o in outcomes if o.baseline is not None]
        other_said = _said(other, _mean(cuts, rows))
        with_baseline = {
            "baseline_metrics": classification_metrics(truth, other, classes, predicted_index=other_said, **given),
            "baseline_roc": _rocs(truth, other, classes, BASELINE, **given),
            "against_baseline": _compared(truth, probabilities, other, patients, name),
        }
    return ClassificationStudy(
        name=name,
        classes=classes,
        plan=plan_sentence,
        metrics=classification_metrics(truth, probabilities, classes, predicted_index=said, **given),
        roc=rocs,
        confusion=confusion(truth, said, classes),
        reliability=reliability(truth, probabilities[:, 1]) if len(classes) == 2 else None,
        losses=loss_curves([o.history for o in outcomes]),
        predictions=_predictions(images, rows, truth, said, probabilities, classes),
        folds=_folds(targets, classes, outcomes, rocs[0].auc.value if len(classes) == 2 else None),
        calibration=calibration_table(outcomes, truth, rows, **given),
        uncertainty=sureness(outcomes, truth, said, rows, **given),
        **with_baseline,
    )


def expected(images: ImageSet, targets: Ints, classes: tuple[str, ...]) -> Estimate:
    """The interval the figure of merit will have if it comes out at 0.85, from the number of patients alone."""
    patients = numbered(images.role("patient")) if images.has("patient") else np.arange(len(images))
    counts = [len(set(patients[targets == c].tolist())) for c in range(len(classes))]
    if len(classes) == 2:
        return expected_auc(counts[1], counts[0], SUPPOSED)
    return expected_proportion(len(set(patients.tolist())), SUPPOSED)


def loss_curves(histories: Sequence[Sequence[dict[str, float]]]) -> tuple[Curve, ...]:
    """Training and validation loss over epochs: the mean over folds, from the lowest to the highest as band."""
    length = max((len(history) for history in histories), default=0)
    found = []
    for key, title in (("loss", Text("学習", "training")), ("validation_loss", Text("検証", "validation"))):
        values = np.full((len(histories), length), np.nan)
        for i, history in enumerate(histories):
            values[i, : len(history)] = [row.get(key, np.nan) for row in history]
        if length and not np.isnan(values).all():
            epochs = np.flatnonzero(~np.isnan(values).all(0))
            kept = values[:, epochs]
            band = (np.nanmin(kept, 0), np.nanmax(kept, 0)) if len(histories) > 1 else (None, None)
            found.append(
                Curve(
                    epochs + 1.0,
                    np.nanmean(kept, 0),
                    Text("エポック", "Epoch"),
                    Text("損失", "Loss"),
                    title,
                    low=band[0],
                    high=band[1],
                )
            )
    return tuple(found)


def _mean(parts: Sequence[tuple[Ints, Floats]], rows: Ints) -> Floats:
    """For each of `rows` the mean of what the parts say of it: (n, classes)."""
    total = np.zeros((len(rows), parts[0][1].shape[1]))
    count = np.zeros(len(rows))
    for test, values in parts:
        places = np.searchsorted(rows, test)
        total[places] += values
        count[places] += 1
    return total / count[:, None]


def _said(probabilities: Floats, above: Floats) -> Ints:
    """Two classes: `above` the threshold of the fold's validation part, in the mean over repeats. Else the most probable class."""
    if probabilities.shape[1] > 2:
        return np.asarray(probabilities.argmax(1))
    return np.asarray(above[:, 0] >= 0, np.int64)


def _rocs(truth: Ints, probabilities: Floats, classes: tuple[str, ...], name: Text, **given: Any) -> tuple[RocCurve, ...]:
    if len(classes) == 2:
        return (roc_curve(truth, probabilities[:, 1], title=name, **given),)
    return tuple(
        roc_curve(
            (truth == c).astype(int), probabilities[:, c], title=Text(f"{label} 対 その他", f"{label} against the rest"), **given
        )
        for c, label in enumerate(classes)
        if 0 < np.count_nonzero(truth == c) < len(truth)
    )


def _compared(truth: Ints, ours: Floats, other: Floats, patients: Any, name: Text) -> PairedComparison | None:
    """Paired DeLong test of the network against the baseline; two classes only."""
    if ours.shape[1] > 2:
        return None
    return compare_aucs(truth, ours[:, 1], other[:, 1], patients=patients, names=(name, BASELINE))


def pseudonyms(images: ImageSet) -> list[str]:
    """P0001 ... in the order in which patients appear; a row its own where its patient is not known."""
    keys = numbered(images.role("patient")).tolist() if images.has("patient") else list(range(len(images)))
    number: dict[Any, int] = {}
    return [f"P{number.setdefault(key, len(number) + 1):04d}" for key in keys]


def _predictions(images: ImageSet, rows: Ints, truth: Ints, said: Ints, probabilities: Floats, classes: tuple[str, ...]) -> Table:
    names = pseudonyms(images)
    headings = (Text("行", "row"), Text("患者", "patient"), Text("正解", "truth"), Text("予測", "predicted"))
    return Table(
        Text("テスト画像ごとの予測", "Predictions for each test image"),
        (*headings, *(Text(f"確率 {c}", f"probability {c}") for c in classes)),
        tuple(
            (int(row), names[row], classes[t], classes[s], *map(float, p))
            for row, t, s, p in zip(rows, truth, said, probabilities, strict=True)
        ),
    )


def _folds(targets: Ints, classes: tuple[str, ...], outcomes: Sequence[FoldOutcome], pooled: float | None) -> Table:
    two = len(classes) == 2
    merit = Text("AUC", "AUC") if two else Text("正解率", "Accuracy")
    rows = []
    for o in outcomes:
        truth = targets[o.test]
        if two:
            value = auc(truth, o.probabilities[:, 1]).value if len(set(truth.tolist())) == 2 else None
        else:
            value = float((o.probabilities.argmax(1) == truth).mean())
        rows.append((o.repeat + 1, o.number + 1, len(o.test), len(o.history), value, o.threshold if two else None))
    return Table(
        Text("分割ごとの結果", "Each fold"),
        (
            Text("回", "Repeat"),
            Text("分割", "Fold"),
            Text("テスト画像", "Test images"),
            Text("エポック", "Epochs"),
            merit,
            Text("閾値", "Threshold"),
        ),
        tuple(rows),
        () if pooled is None else _pooled_note(pooled, [row[4] for row in rows if row[4] is not None]),
    )


def _pooled_note(pooled: float, each: Sequence[float]) -> tuple[Text, ...]:
    """The mean of the folds' AUCs, and why the pooled one may lie below it."""
    if len(each) < 2:
        return ()
    mean = float(np.mean(each))
    told = Text(f"分割ごとの AUC の平均: {mean:.3f}。", f"Mean of the folds' AUCs: {mean:.3f}.")
    if pooled >= mean - 0.0005:  # equal at the digits shown
        return (told,)
    return (
        Text(
            f"{told.ja}全画像をまとめた AUC {pooled:.3f} がこれより低いのは、確率の尺度が分割ごとのネットワークで異なり、分割をまたぐ順位に誤りが加わるためです。",
            f"{told.en} The AUC of all images together, {pooled:.3f}, is lower because the network of each fold has its own scale of "
            "probabilities, so that ranks across folds are less certain than within one.",
        ),
    )
