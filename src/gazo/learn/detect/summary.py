"""From what each fold found to figures of merit with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Estimate, Table
from gazo.datasets.strata import numbered
from gazo.learn.classify.summary import loss_curves, pseudonyms
from gazo.learn.detect.cases import Cases
from gazo.learn.detect.findings import BOX_HEADINGS
from gazo.learn.detect.results import DetectionFold, DetectionStudy
from gazo.stats.average_precision import average_precision
from gazo.stats.bootstrap import bootstrap
from gazo.stats.detections import Found, iou, nearness
from gazo.stats.froc import FrocCurve, froc_curve

if TYPE_CHECKING:
    from gazo.learn.detect.detector import Detector

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
HOW = "bootstrap by patient, 2000 resamples, percentile"


def summary(
    spec: Detector, images: ImageSet, cases: Cases, outcomes: Sequence[DetectionFold], *, plan: Text, seed: int
) -> DetectionStudy:
    """Judge the outcomes of all folds together; an image tested in several repeats counts each time, its patient once."""
    rows = np.concatenate([outcome.test for outcome in outcomes])
    found = tuple(one for outcome in outcomes for one in outcome.found)
    truth = tuple(cases.truth[int(row)] for row in rows)
    patients = np.asarray(numbered(images.role("patient")) if images.has("patient") else np.arange(len(images)), np.int64)[rows]
    rule: dict[str, Any] = {"rule": spec.hit, "limit": spec.limit}
    froc = froc_curve(found, truth, **rule, patients=patients, seed=seed, title=spec.name)
    precision = average_precision(found, truth, patients=patients, seed=seed, title=spec.name)
    hits = _hits(cases, rows, found, truth, _cut(froc), spec)
    seconds = float(np.mean([outcome.seconds for outcome in outcomes]))
    metrics = (
        froc.at[3],
        froc.mean,
        precision.ap,
        precision.mean,
        *_box_errors(hits, patients, seed),
        Estimate(
            Text("処理速度", "Speed"),
            1 / max(seconds, 1e-9),
            method="wall time on this machine, proposals included",
            unit="images/s",
        ),
        *_gap(cases, outcomes, froc, rule),
    )
    return DetectionStudy(
        name=spec.name, plan=plan, metrics=metrics, froc=(froc,), precision=(precision,),
        losses=loss_curves([outcome.history for outcome in outcomes]),
        predictions=_predictions(images, rows, found, truth, spec), folds=_folds(cases, outcomes, rule),
        rows=rows, patients=patients, truth=truth, found=found, seconds=seconds, rule=spec.hit, limit=spec.limit,
    )  # fmt: skip


def _cut(froc: FrocCurve) -> float:
    """The score at which there is one false positive an image."""
    below = np.flatnonzero(froc.false_positives <= 1 + 1e-12)
    return float(froc.thresholds[below[-1]])


def _hits(cases: Cases, rows: Ints, found: Sequence[Found], truth: Sequence[Floats], cut: float, spec: Detector) -> Floats:
    """A row a lesion that was hit with a score of `cut` at least: image, IoU, distance of centres, mean |difference| of x, y, w, h, mm a pixel."""
    listed = []
    for place, (row, one, lesions) in enumerate(zip(rows, found, truth, strict=True)):
        sure = one.scores >= cut
        boxes, scores = one.boxes[sure], one.scores[sure]
        fits = np.isfinite(nearness(boxes, lesions, spec.hit, spec.limit))
        for number in np.flatnonzero(fits.any(0)):
            own = np.flatnonzero(fits[:, number])
            box, true = boxes[own[scores[own].argmax()]], lesions[number]
            apart = np.hypot(*(box[:2] + box[2:] / 2 - true[:2] - true[2:] / 2))
            spacing = cases.spacing_mm[int(row)]
            pitch = np.nan if spacing is None else float(np.mean(spacing))
            listed.append((place, iou(box[None], true[None])[0, 0], apart, np.abs(box - true).mean(), pitch))
    return np.array(listed, float).reshape(-1, 5)


def _box_errors(hits: Floats, patients: Ints, seed: int) -> tuple[Estimate, ...]:
    """How well the boxes of found lesions sit, at one false positive an image."""
    figures = [
        (Text("検出された病変の平均 IoU", "Mean IoU of lesions found"), hits[:, 1], ""),
        (Text("中心の誤差", "Error of the centre"), hits[:, 2], "px"),
        (Text("ボックス (x, y, 幅, 高さ) の平均絶対誤差", "Mean absolute error of the box (x, y, w, h)"), hits[:, 3], "px"),
    ]
    if len(hits) and np.isfinite(hits[:, 4]).all():
        figures.append((Text("中心の誤差", "Error of the centre"), hits[:, 2] * hits[:, 4], "mm"))
    groups = patients[hits[:, 0].astype(int)]
    return tuple(_mean(name, values, groups, seed, unit) for name, values, unit in figures)


def _mean(name: Text, values: Floats, groups: Ints, seed: int, unit: str) -> Estimate:
    if len(set(groups.tolist())) < 2:
        value = float(values.mean()) if len(values) else float("nan")
        return Estimate(name, value, method="" if len(values) else "no lesion was found", unit=unit)
    low, high = bootstrap(np.mean, values, groups=groups, seed=seed)
    return Estimate(name, float(values.mean()), low, high, method=HOW, unit=unit)


def _gap(cases: Cases, outcomes: Sequence[DetectionFold], froc: FrocCurve, rule: dict[str, Any]) -> tuple[Estimate, ...]:
    """How much more of the training lesions than of the test lesions is found, at one false positive an image."""
    found = [one for outcome in outcomes for one in outcome.taught_found]
    truth = [cases.truth[int(row)] for outcome in outcomes for row in outcome.taught]
    if not sum(map(len, truth)):
        return ()
    taught = froc_curve(found, truth, **rule, repeats=1).at[3].value
    name = Text("学習とテストの感度の差 (1 FP/画像)", "Sensitivity at 1 FP per image, training minus test")
    return (Estimate(name, taught - froc.at[3].value, method=f"training images {taught:.3f}"),)


def _predictions(images: ImageSet, rows: Ints, found: Sequence[Found], truth: Sequence[Floats], spec: Detector) -> Table:
    names = pseudonyms(images)
    listed = []
    for row, one, lesions in zip(rows, found, truth, strict=True):
        hits = np.asarray(np.isfinite(nearness(one.boxes, lesions, spec.hit, spec.limit)).any(1))
        listed += [
            (int(row), names[row], *map(float, box), float(score), bool(hit))
            for box, score, hit in zip(one.boxes, one.scores, hits, strict=True)
        ]
    headings = (
        Text("行", "row"),
        Text("患者", "patient"),
        *BOX_HEADINGS,
        Text("スコア", "score"),
        Text("病変に一致", "hits a lesion"),
    )
    return Table(Text("テスト画像での検出結果", "Findings in the test images"), headings, tuple(listed))


def _folds(cases: Cases, outcomes: Sequence[DetectionFold], rule: dict[str, Any]) -> Table:
    rows = []
    for o in outcomes:
        truth = [cases.truth[int(row)] for row in o.test]
        sensitivity = froc_curve(o.found, truth, **rule, repeats=1).at[3].value
        lesions = sum(map(len, truth))
        rows.append((o.repeat + 1, o.number + 1, len(o.test), lesions, len(o.history), sensitivity, o.threshold, o.seconds))
    headings = (
        Text("回", "Repeat"), Text("分割", "Fold"), Text("テスト画像", "Test images"), Text("病変", "Lesions"), Text("エポック", "Epochs"),
        Text("感度 (1 FP/画像)", "Sensitivity at 1 FP per image"), Text("閾値", "Threshold"), Text("1 枚の時間 [s]", "Time an image [s]"),
    )  # fmt: skip
    return Table(Text("分割ごとの結果", "Each fold"), headings, tuple(rows))
