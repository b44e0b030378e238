"""Judgements of several classifiers laid over each other: curves, one table, paired tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Curve, Table, result
from gazo.learn.classify.baseline import NAME as BASELINE
from gazo.learn.classify.results import ClassificationStudy
from gazo.stats.auc import PairedComparison, RocCurve, compare_aucs
from gazo.stats.bootstrap import paired_bootstrap


@result("network comparison")
@dataclass(frozen=True, eq=False)
class NetworkComparisonStudy:
    """Networks side by side.

    `losses` and `validation_losses` hold a curve a network, `table` a row a network, `tests` a row a pair; `order` says in words
    which network came first to the fixed loss.
    """

    plan: Text
    order: Text
    losses: tuple[Curve, ...]
    validation_losses: tuple[Curve, ...]
    table: Table
    tests: Table
    roc: tuple[RocCurve, ...] = ()
    data: tuple[Table, ...] = ()
    warnings: tuple[Text, ...] = ()


def side_by_side(
    names: Sequence[str],
    studies: Sequence[ClassificationStudy],
    *,
    sizes: Sequence[int | None],
    fixed_loss: float,
) -> NetworkComparisonStudy:
    """Lay studies of the same images side by side, in the order given.

    Parameters
    ----------
    names : what the studies are called, one each.
    sizes : numbers of parameters, None where not known.
    fixed_loss : the training loss whose epoch is compared.
    """
    reached = [epochs_to(study.losses[0], fixed_loss) if study.losses else None for study in studies]
    first, two = studies[0], len(studies[0].classes) == 2
    return NetworkComparisonStudy(
        plan=first.plan,
        order=_order_sentence(names, reached, fixed_loss),
        losses=_curves(names, studies, 0),
        validation_losses=_curves(names, studies, 1),
        table=_table(names, studies, sizes, reached, fixed_loss),
        tests=_tests(names, studies),
        roc=tuple(replace(study.roc[0], title=Text(name, name)) for name, study in zip(names, studies, strict=True))
        if two
        else (),
        data=first.data,
        warnings=first.warnings,
    )


def _table(
    names: Sequence[str],
    studies: Sequence[ClassificationStudy],
    sizes: Sequence[int | None],
    reached: Sequence[int | None],
    fixed_loss: float,
) -> Table:
    headings = (
        Text("ネットワーク", "Network"), Text("パラメータ数", "Parameters"), studies[0].metrics[0].name, Text("下限", "Low"), Text("上限", "High"),
        Text("最終学習損失", "Last training loss"), Text("最終検証損失", "Last validation loss"),
        Text(f"学習損失 {fixed_loss:g} までのエポック", f"Epochs to training loss {fixed_loss:g}"),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for name, study, size, epochs in zip(names, studies, sizes, reached, strict=True):
        head = study.metrics[0]
        last = ([float(c.y[-1]) for c in study.losses] + [None, None])[:2]
        rows.append((name, size, head.value, head.low, head.high, *last, epochs))
    if studies[0].baseline_metrics:
        base = studies[0].baseline_metrics[0]
        rows.append((BASELINE, None, base.value, base.low, base.high, None, None, None))
    return Table(Text("ネットワークの比較", "Networks compared"), headings, tuple(rows))


def epochs_to(curve: Curve, loss: float) -> int | None:
    """The first epoch whose loss is at or below `loss`; None when it was never reached."""
    below = np.flatnonzero(curve.y <= loss)
    return int(curve.x[below[0]]) if len(below) else None


def holm(p_values: Sequence[float]) -> list[float]:
    """P values adjusted for their number by Holm's step-down rule (1979)."""
    order = np.argsort(p_values, kind="stable")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def _tests(names: Sequence[str], studies: Sequence[ClassificationStudy]) -> Table:
    """Every pair on the same test images: DeLong for two classes, a bootstrap of the accuracy by patient for more; p values also after Holm."""
    two = len(studies[0].classes) == 2
    rows = []
    for (name_a, a), (name_b, b) in combinations(zip(names, studies, strict=True), 2):
        pair = paired_difference(a, b)
        rows.append([name_a, name_b, pair.difference.value, pair.difference.low, pair.difference.high, pair.p])
    corrected = holm([row[5] for row in rows])
    way = Text("DeLong", "DeLong") if two else Text("患者単位のブートストラップ", "bootstrap by patient")
    merit = Text("AUC の差", "Difference of AUC") if two else Text("正解率の差", "Difference of accuracy")
    return Table(
        Text(f"対応のある検定 ({way.ja})", f"Paired tests ({way.en})"),
        (
            Text("A", "A"),
            Text("B", "B"),
            merit,
            Text("下限", "Low"),
            Text("上限", "High"),
            Text("p 値", "p"),
            Text("p 値 (Holm 補正)", "p (Holm)"),
        ),
        tuple((*row, p) for row, p in zip(rows, corrected, strict=True)),
    )


def paired_difference(a: ClassificationStudy, b: ClassificationStudy) -> PairedComparison:
    """Two judgements on the images that both tested: the AUC by DeLong for two classes, the accuracy by a bootstrap of patients for more."""
    if len(a.classes) == 2:
        truth, patients, first, second = _scores(a, b)
        return compare_aucs(truth, first, second, patients=patients)
    unused, right_a, right_b, patients = _right(a, b)
    return paired_bootstrap(_accuracy, unused, right_a, right_b, groups=patients)


def _scores(a: ClassificationStudy, b: ClassificationStudy) -> tuple[Any, ...]:
    """Truth, patients and both scores for a's positive class, of the images that both studies tested."""
    positive = a.classes[1]
    first, second = ({row[0]: row for row in study.predictions.rows} for study in (a, b))
    rows = sorted(first.keys() & second.keys())
    truth = np.array([first[r][2] == positive for r in rows], int)
    scores = [
        np.array([rows_of[r][4 + study.classes.index(positive)] for r in rows]) for rows_of, study in ((first, a), (second, b))
    ]
    return truth, [first[r][1] for r in rows], *scores


def _right(a: ClassificationStudy, b: ClassificationStudy) -> tuple[Any, ...]:
    """Patients, and which of the images that both tested each got right."""
    first, second = ({row[0]: row for row in study.predictions.rows} for study in (a, b))
    rows = sorted(first.keys() & second.keys())
    right = [np.array([float(rows_of[r][2] == rows_of[r][3]) for r in rows]) for rows_of in (first, second)]
    return np.zeros(len(rows)), *right, [first[r][1] for r in rows]


def _accuracy(unused: Any, right: Any) -> float:
    return float(right.mean())


def _curves(names: Sequence[str], studies: Sequence[ClassificationStudy], which: int) -> tuple[Curve, ...]:
    pairs = zip(names, studies, strict=True)
    return tuple(replace(study.losses[which], title=Text(name, name)) for name, study in pairs if len(study.losses) > which)


def _order_sentence(networks: Sequence[str], reached: Sequence[int | None], loss: float) -> Text:
    there = sorted((epochs, name) for name, epochs in zip(networks, reached, strict=True) if epochs is not None)
    never = [name for name, epochs in zip(networks, reached, strict=True) if epochs is None]
    listed = ", ".join(f"{name} ({epochs})" for epochs, name in there) or "–"
    ja = f"学習損失 {loss:g} に達した順 (エポック): {listed}。"
    en = f"Order in which a training loss of {loss:g} was reached (epoch): {listed}."
    if never:
        ja, en = f"{ja}到達せず: {', '.join(never)}。", f"{en} Not reached: {', '.join(never)}."
    booklet = ("resnet50", "alexnet", "lenet")
    if set(booklet) <= set(networks):
        found = [name for _, name in there if name in booklet]
        same = found == list(booklet)[: len(found)] and len(found) >= 2
        ja += f"記事の順序 (ResNet-50、AlexNet、LeNet) は確認{'されました' if same else 'されませんでした'}。"
        en += f" The booklet's order (ResNet-50, AlexNet, LeNet) was {'confirmed' if same else 'not confirmed'}."
    return Text(ja, en)
