"""C1: microcalcifications by filters, features and a three-layer perceptron; FROC on simulated clusters and on mini-MIAS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet, as_column
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Panels, Table
from gazo.datasets.source import open_images
from gazo.learn.detect.cad_features import FeatureDetector, candidates_of
from gazo.learn.detect.cad_fitted import FittedSpots
from gazo.learn.detect.candidates_cases import SpotCases
from gazo.learn.detect.features48 import NAMES
from gazo.phantoms.calcifications import calcification_images
from gazo.runs.proof import Proof, proof
from gazo.stats.auc import auc
from gazo.stats.detections import Found, matched
from gazo.stats.froc import FrocCurve, froc_curve

IMAGES, CANDIDATES, AT_ONE = 60, 22, 0.85
CANDIDATE_SENSITIVITY, CANDIDATE_FALSE, CUT = 0.95, 20.0, 5.0
LOSS = 0.01  # of sensitivity: the cut in false positives that this would buy is told beside the one that counts
SHARED: dict[str, Any] = {"spots": "bright", "spot_radius_mm": 0.25, "candidates_by": "difference", "point_box_px": 8.0}
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Judged:
    """A fitted detector on the test half: its FROC, and what it found."""

    fitted: FittedSpots
    froc: FrocCurve
    found: tuple[Found, ...]


@proof("C1", ja="微小石灰化の特徴量とパーセプトロンによる検出", en="Microcalcifications by features and a perceptron")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Half of the simulated images teach, half judge. With `data`, mini-MIAS is judged as well, in folds by woman: a small set."""
    spec = FeatureDetector(**SHARED, candidates=CANDIDATES)
    images = calcification_images(seed=seed, images=IMAGES)
    train, test = np.split(np.arange(IMAGES), 2)
    with spec.cases(images, on_event=on_event) as cases:
        judged = judge(spec, cases, train, test, seed)
        candidates = _candidates(judged, cases, test)
        areas = _areas(judged.fitted, cases, test)
        boundary = _boundary(cases, train, test, seed)
    measured: dict[str, Any] = {
        "sensitivity_at_1": judged.froc.sensitivity_at(1), "low": judged.froc.at[3].low, "high": judged.froc.at[3].high,
        **candidates, **areas,
    }  # fmt: skip
    rows = [row(Text("模擬画像", "simulated"), judged.froc)]
    if data:
        curve = mini_mias(
            data, FeatureDetector(**SHARED | {"spot_radius_mm": 0.0, "spot_radius_px": 2.0}, candidates=60), seed, on_event
        )
        rows.append(row(Text("mini-MIAS", "mini-MIAS"), curve))
        measured["mini_mias_mean_sensitivity"] = curve.mean.value
    passed = judged.froc.sensitivity_at(1) >= AT_ONE and candidates["candidate_sensitivity"] >= CANDIDATE_SENSITIVITY
    passed &= candidates["candidate_false_positives"] <= CANDIDATE_FALSE and candidates["false_positives_cut"] >= CUT
    passed &= areas["auc_perceptron"] > areas["auc_best_feature"]
    table = Table(Text("微小石灰化の FROC", "FROC of microcalcifications"), HEADINGS, tuple(rows))
    return Proof("C1", bool(passed), measured, _BAR, table, pictures=(judged.froc.curve(), boundary))


HEADINGS = (
    Text("データ", "Data"), Text("病変", "Lesions"), Text("画像", "Images"), Text("感度 (1 FP/画像)", "Sensitivity at 1 FP per image"),
    Text("下限", "Low"), Text("上限", "High"), Text("平均感度 (1/8–8)", "Mean sensitivity (1/8–8)"), Text("下限", "Low"), Text("上限", "High"),
)  # fmt: skip
_BAR = Text(
    f"候補の感度 {CANDIDATE_SENSITIVITY} 以上 ({CANDIDATE_FALSE:g} FP/画像以下)、同じ感度で偽陽性を 1/{CUT:g} 以下に削減、AUC がどの特徴量単独より高い、感度 {AT_ONE} 以上 (1 FP/画像)",
    f"candidates: sensitivity at least {CANDIDATE_SENSITIVITY} at no more than {CANDIDATE_FALSE:g} FP per image; perceptron: {CUT:g} times fewer at "
    f"the same sensitivity, AUC above every feature, sensitivity at least {AT_ONE} at 1 FP per image",
)


def judge(spec: Any, cases: SpotCases, train: Rows, test: Rows, seed: int, on_event: Any = lambda event: None) -> Judged:
    """Teach on one part, judge on the other."""
    fitted = spec.fit_prepared(cases, train, train[:0], seed=seed, on_event=on_event)
    found = tuple(one for _, one in fitted.found(cases, test))
    truth = [cases.truth[int(row)] for row in test]
    patients = [cases.patients[int(row)] for row in test]
    return Judged(fitted, froc_curve(found, truth, patients=patients, seed=seed, title=spec.name), found)


def row(name: Text, curve: FrocCurve) -> tuple[Any, ...]:
    """A row of the table."""
    one, mean = curve.at[3], curve.mean
    return (name, curve.lesions, curve.images, one.value, one.low, one.high, mean.value, mean.low, mean.high)


def _candidates(judged: Judged, cases: SpotCases, test: Rows) -> dict[str, float]:
    """What the candidates alone find, and how many false ones the perceptron leaves at the same sensitivity and `LOSS` below."""
    truth = [cases.truth[int(row)] for row in test]
    matches = matched(judged.found, truth, np.arange(len(test)))
    found = float(np.isfinite(matches.lesion_scores).mean())
    false = len(matches.false_scores) / len(test)
    whole, nearly = (_left(judged.froc, found - loss) for loss in (0.0, LOSS))
    return {
        "candidate_sensitivity": found, "candidate_false_positives": false,
        "false_positives_left": whole, "false_positives_cut": false / max(whole, 1 / len(test)),
        "false_positives_left_with_loss": nearly, "false_positives_cut_with_loss": false / max(nearly, 1 / len(test)),
    }  # fmt: skip


def _left(froc: FrocCurve, sensitivity: float) -> float:
    """False positives an image at the threshold that first reaches a sensitivity."""
    return float(froc.false_positives[np.flatnonzero(froc.sensitivity >= sensitivity - 1e-9)[0]])


def _areas(fitted: FittedSpots, cases: SpotCases, test: Rows) -> dict[str, Any]:
    """AUC of the perceptron and of the best single feature over the candidates of the test half."""
    features, lesion = candidates_of(cases, test)
    net: Any = fitted.nets[0]
    each = [auc(lesion, column).value for column in features.T if np.ptp(column) > 0]
    names = [name for name, column in zip(NAMES, features.T, strict=True) if np.ptp(column) > 0]
    either = np.maximum(each, 1 - np.array(each))
    best = int(either.argmax())
    return {
        "auc_perceptron": auc(lesion, net.logits(features)).value,
        "auc_best_feature": float(either[best]),
        "best_feature": names[best],
    }


def _boundary(cases: SpotCases, train: Rows, test: Rows, seed: int) -> Panels:
    """The decision boundary of a perceptron over two features, with the candidates of the test half (fig. 1 of the article)."""
    from gazo.learn.detect.cad_perceptron import taught
    from gazo.learn.teaching.decision_boundary import REACH, SIDE, painted

    chosen = [NAMES.index("contrast over SD"), NAMES.index("circularity")]
    features, lesion = candidates_of(cases, train)
    mean, scale = features[:, chosen].mean(0), features[:, chosen].std(0)
    net = taught(
        (features[:, chosen] - mean) / scale, lesion, hidden=8, members=1, penalty=0.1, epochs=80, balanced=True, seed=seed
    )
    axis = np.linspace(-REACH, REACH, SIDE)
    grid = np.stack(np.meshgrid(axis, axis[::-1]), axis=-1).reshape(-1, 2)
    shown, truth = candidates_of(cases, test)
    points = np.clip((shown[:, chosen] - mean) / scale, -REACH + 0.1, REACH - 0.1)[::3]
    said = 1 / (1 + np.exp(-net.logits(grid))).reshape(SIDE, SIDE)
    title = Text(
        "2 つの特徴量での識別境界 (横: コントラスト/SD、縦: 円形度)",
        "Decision boundary of two features (across: contrast over SD, up: circularity)",
    )
    return Panels(title, (painted(said, points, truth[::3].astype(int)),), (Text("橙: 石灰化", "orange: calcification"),))


def mini_mias(folder: Path, spec: Any, seed: int, on_event: OnEvent) -> FrocCurve:
    """Films of mini-MIAS with calcifications and as many without, two folds by woman; the marked circles are the lesions."""
    images = calcified(folder)
    women = np.array([str(p) for p in images.role("patient")])
    known = sorted(set(women), key=lambda w: (-sum(len(images.role("boxes")[r]) > 0 for r in np.flatnonzero(women == w)), w))
    first = np.isin(women, known[::2])
    found: dict[int, Found] = {}
    with spec.cases(images, on_event=on_event) as cases:
        rows = cases.usable
        for test in (rows[first[rows]], rows[~first[rows]]):
            fitted = spec.fit_prepared(cases, np.setdiff1d(rows, test), rows[:0], seed=seed, on_event=on_event)
            found |= {int(r): one for r, (_, one) in zip(test, fitted.found(cases, test), strict=True)}
        order = sorted(found)
        truth = [cases.truth[r] for r in order]
    return froc_curve([found[r] for r in order], truth, patients=women[order], seed=seed, title=Text("mini-MIAS", "mini-MIAS"))


def calcified(folder: Path) -> ImageSet:
    """The films with marked calcifications, the circles as boxes, and an equal number of normal films."""
    import csv

    with (folder / "annotations.csv").open(encoding="utf-8-sig", newline="") as opened:
        marks = [m for m in csv.DictReader(opened) if m["abnormality"] == "calcification" and m["suspect"] == "0" and m["radius"]]
    images = open_images(folder / "labels.csv", patient="patient_id")
    files = [str(name) for name in images.role("image")]
    ill = [n for n, name in enumerate(files) if any(m["file"] == name for m in marks)]
    well = [n for n, flag in enumerate(images.columns["abnormal"]) if int(flag) == 0][: len(ill)]
    boxes: Any = np.empty(len(files), object)
    for number, name in enumerate(files):
        circles = np.array([(float(m["x"]), float(m["y"]), float(m["radius"])) for m in marks if m["file"] == name]).reshape(
            -1, 3
        )
        low, high = np.clip(circles[:, :2] - circles[:, 2:], 0, 512), np.clip(circles[:, :2] + circles[:, 2:], 0, 512)
        boxes[number] = np.hstack([low, high - low])
    return images.with_column("circles", as_column(boxes), "boxes").take(sorted(ill + well))
