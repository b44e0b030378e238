"""Judgements of several detectors laid over each other: FROC curves, one table, paired tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Curve, Table, result
from gazo.learn.classify.side_by_side import holm
from gazo.learn.detect.results import DetectionStudy
from gazo.stats.froc import RATES, FrocCurve, compare_frocs
from gazo.stats.paired import PairedComparison


@result("detector comparison")
@dataclass(frozen=True, eq=False)
class DetectorComparisonStudy:
    """Detectors side by side.

    `table` has a row a detector with the sensitivities at 1/8 to 8 false positives an image, `tests` a row a pair; `order` says in
    words which detector found most, and how fast each is.
    """

    plan: Text
    order: Text
    froc: tuple[FrocCurve, ...]
    losses: tuple[Curve, ...]
    table: Table
    tests: Table
    data: tuple[Table, ...] = ()
    warnings: tuple[Text, ...] = ()


def side_by_side(studies: Sequence[DetectionStudy], *, seed: int = 0) -> DetectorComparisonStudy:
    """Lay studies of the same images side by side, in the order given."""
    first = studies[0]
    warnings = tuple(dict.fromkeys(sentence for study in studies for sentence in study.warnings))
    return DetectorComparisonStudy(
        plan=first.plan, order=_order(studies), froc=tuple(study.froc[0] for study in studies),
        losses=tuple(replace(study.losses[0], title=study.name) for study in studies if study.losses),
        table=_table(studies), tests=_tests(studies, seed), data=first.data, warnings=warnings,
    )  # fmt: skip


def _table(studies: Sequence[DetectionStudy]) -> Table:
    rates = tuple(Text(f"感度 {_rate(r)} FP", f"Sens. {_rate(r)} FP") for r in RATES)
    headings = (
        Text("検出法", "Detector"), *rates, Text("平均感度", "Mean sensitivity"), Text("下限", "Low"), Text("上限", "High"), Text("AP50", "AP50"),
        Text("下限", "Low"), Text("上限", "High"), Text("1 枚の時間 [ms]", "Time an image [ms]"),
    )  # fmt: skip
    rows = []
    for study in studies:
        curve, ap = study.froc[0], study.precision[0].ap
        mean = curve.mean
        rows.append(
            (
                study.name,
                *(e.value for e in curve.at),
                mean.value,
                mean.low,
                mean.high,
                ap.value,
                ap.low,
                ap.high,
                1000 * study.seconds,
            )
        )
    return Table(Text("検出法の比較", "Detectors compared"), headings, tuple(rows))


def paired_difference(a: DetectionStudy, b: DetectionStudy, *, at: float | None = None, seed: int = 0) -> PairedComparison:
    """Two judgements on the images that both tested: the mean sensitivity, or that at one rate, from the same resamples of patients."""
    place = {row: number for number, row in reversed(list(enumerate(b.rows.tolist())))}
    both = [(i, place[row]) for i, row in enumerate(a.rows.tolist()) if row in place]
    first, second = np.array(both).T
    found_a, found_b = [a.found[i] for i in first], [b.found[i] for i in second]
    truth, patients = [a.truth[i] for i in first], a.patients[first]
    rule = {"rule": a.rule, "limit": a.limit}
    return compare_frocs(found_a, found_b, truth, at=at, patients=patients, seed=seed, names=(a.name, b.name), **rule)  # type: ignore[arg-type]


def _tests(studies: Sequence[DetectionStudy], seed: int) -> Table:
    """Every pair on the same test images: bootstrap of the mean sensitivity by patient; p values also after Holm (1979)."""
    rows: list[list[Any]] = []
    for a, b in combinations(studies, 2):
        pair = paired_difference(a, b, seed=seed)
        rows.append([a.name, b.name, pair.difference.value, pair.difference.low, pair.difference.high, pair.p])
    corrected = holm([row[5] for row in rows])
    headings = (
        Text("A", "A"), Text("B", "B"), Text("平均感度の差", "Difference of mean sensitivity"), Text("下限", "Low"), Text("上限", "High"),
        Text("p 値", "p"), Text("p 値 (Holm 補正)", "p (Holm)"),
    )  # fmt: skip
    title = Text("対応のある検定 (患者単位のブートストラップ)", "Paired tests (bootstrap by patient)")
    return Table(title, headings, tuple((*row, p) for row, p in zip(rows, corrected, strict=True)))


def _order(studies: Sequence[DetectionStudy]) -> Text:
    found = sorted(studies, key=lambda study: -study.froc[0].at[3].value)
    fast = sorted(studies, key=lambda study: study.seconds)
    ja = "、".join(f"{s.name.ja} ({s.froc[0].at[3].value:.3f})" for s in found)
    en = ", ".join(f"{s.name.en} ({s.froc[0].at[3].value:.3f})" for s in found)
    ja_fast = "、".join(f"{s.name.ja} ({1000 * s.seconds:.0f} ms)" for s in fast)
    en_fast = ", ".join(f"{s.name.en} ({1000 * s.seconds:.0f} ms)" for s in fast)
    return Text(
        f"画像あたりの偽陽性 1 での感度の順: {ja}。1 枚の処理時間の順: {ja_fast}。",
        f"In order of sensitivity at one false positive an image: {en}. In order of time an image: {en_fast}.",
    )


def _rate(rate: float) -> str:
    return f"1/{round(1 / rate)}" if rate < 1 else f"{rate:g}"
