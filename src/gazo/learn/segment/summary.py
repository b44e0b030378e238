"""From what each fold gave to figures of merit with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Panels, Table
from gazo.datasets.strata import numbered
from gazo.learn.classify.summary import loss_curves, pseudonyms
from gazo.learn.segment.classical import simple_name
from gazo.learn.segment.examples import TITLE
from gazo.learn.segment.measures import MEASURES, area_of
from gazo.learn.segment.results import SegmentationOutcome, SegmentationStudy
from gazo.stats.bootstrap import bootstrap, paired_bootstrap
from gazo.stats.paired import PairedComparison

Floats = NDArray[np.floating[Any]]
REPEATS = 2000
HOW = f"bootstrap by patient, {REPEATS} resamples, percentile"
MOST_SHOWN = 12
SECOND = Text("第 2 読影者", "Second observer")


def summary(
    spec: Any,
    structures: tuple[str, ...],
    images: ImageSet,
    outcomes: Sequence[SegmentationOutcome],
    plan_sentence: Text,
    *,
    in_mm: bool,
    seed: int,
) -> SegmentationStudy:
    """Judge the outcomes of all folds together; an image tested in several repeats counts once, with its mean values."""
    rows = np.unique(np.concatenate([o.test for o in outcomes]))
    who = numbered(images.role("patient"))[rows] if images.has("patient") else np.arange(len(rows))
    ours, simple, second = (_mean(outcomes, rows, name) for name in ("values", "baseline", "second"))
    assert ours is not None
    given: dict[str, Any] = {"structures": structures, "who": who, "seed": seed, "unit": "mm" if in_mm else "px"}
    odds = _mean(outcomes, rows, "odds")
    metrics = (*_metrics(ours, **given), *(() if odds is None else (_area(odds, who, seed),)))
    return SegmentationStudy(
        name=spec.name,
        structures=structures,
        plan=plan_sentence,
        metrics=metrics,
        losses=loss_curves([o.history for o in outcomes if o.history]),
        predictions=_cases(images, rows, structures, ours, simple, _mean(outcomes, rows, "sizes"), odds, in_mm),
        folds=_folds(outcomes),
        baseline_metrics=() if simple is None else _metrics(simple, **given),
        against_baseline=None if simple is None else _paired(ours, simple, who, seed, (spec.name, simple_name(spec))),
        second_metrics=() if second is None else _metrics(second, **given),
        against_second=None if second is None else _paired(ours, second, who, seed, (spec.name, SECOND)),
        roc=() if odds is None else (_roc(odds.sum(0), spec.name),),
        configuration=_configuration(outcomes),
        examples=_examples(outcomes),
        warnings=_empty(ours),
    )


def _mean(outcomes: Sequence[SegmentationOutcome], rows: NDArray[Any], name: str) -> Floats | None:
    """For each of `rows` the mean of what the folds say of it; None where they say nothing."""
    parts = [(o.test, np.asarray(getattr(o, name), np.float64)) for o in outcomes if getattr(o, name) is not None]
    if not parts:
        return None
    total, count = np.zeros((len(rows), *parts[0][1].shape[1:])), np.zeros(len(rows))
    for test, values in parts:
        places = np.searchsorted(rows, test)
        total[places] += values
        count[places] += 1
    return np.asarray(total / count.reshape(-1, *(1,) * (total.ndim - 1)))


def _by_patient(values: Floats, who: NDArray[Any]) -> Floats:
    """The mean over the images of each patient, those without a value left out; NaN where none has one."""
    return np.array([_nanmean(values[who == one]) for one in np.unique(who)])


def _nanmean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _metrics(
    values: Floats, *, structures: tuple[str, ...], who: NDArray[Any], seed: int, unit: str
) -> tuple[Estimate, ...]:  # fmt: skip
    """Every measure, over all structures and then of each of several."""
    units = {"hd95": unit, "size_error_percent": "%"}
    found = [
        _estimate(name, np.array([_nanmean(v) for v in values[:, :, i]]), who, seed, units.get(key, ""))
        for i, (key, name) in enumerate(MEASURES.items())
    ]
    for s, structure in enumerate(structures) if len(structures) > 1 else ():
        for i, (key, name) in enumerate(MEASURES.items()):
            named = Text(f"{name.ja}: {structure}", f"{name.en}: {structure}")
            found.append(_estimate(named, values[:, s, i], who, seed, units.get(key, "")))
    return tuple(found)


def _estimate(name: Text, values: Floats, who: NDArray[Any], seed: int, unit: str) -> Estimate:
    """The mean over patients with its interval; without one below two patients."""
    each = _by_patient(values, who)
    each = each[np.isfinite(each)]
    if not len(each):
        return Estimate(name, float("nan"), method="undefined: no such case", unit=unit)
    low, high = bootstrap(np.mean, each, repeats=REPEATS, seed=seed) if len(each) > 1 else (None, None)
    return Estimate(name, float(each.mean()), low, high, 0.95, HOW if len(each) > 1 else "", unit)


def _area(odds: Floats, who: NDArray[Any], seed: int) -> Estimate:
    """Area under the ROC curve of all pixels that are judged, pixels of all test images together."""
    name = Text("画素の AUC", "AUC of pixels")
    value = area_of(odds.sum(0))
    if np.isnan(value) or len(np.unique(who)) < 2:
        return Estimate(name, value)
    low, high = bootstrap(lambda part: area_of(part.sum(0)), odds, groups=who, repeats=REPEATS, seed=seed)
    return Estimate(name, value, low, high, 0.95, HOW)


def _roc(counts: Floats, title: Text) -> Curve:
    negative, positive = (np.append(0, np.cumsum(side[::-1])) / max(1.0, side.sum()) for side in counts)
    return Curve(
        negative, positive, Text("偽陽性率 (画素)", "False positive fraction (pixels)"),
        Text("真陽性率 (画素)", "True positive fraction (pixels)"), title,
    )  # fmt: skip


def _paired(ours: Floats, other: Floats, who: NDArray[Any], seed: int, names: tuple[Text, Text]) -> PairedComparison | None:
    """The difference of the mean Dice on the same patients."""
    first, second = (_by_patient(v[:, :, 0].mean(1), who) for v in (ours, other))
    if len(first) < 2:
        return None
    return paired_bootstrap(
        lambda _, values: float(values.mean()), np.zeros(len(first)), first, second, groups=range(len(first)),
        repeats=REPEATS, seed=seed, names=names,
    )  # fmt: skip


def _cases(
    images: ImageSet, rows: NDArray[Any], structures: tuple[str, ...], ours: Floats, simple: Floats | None, sizes: Floats | None,
    odds: Floats | None, in_mm: bool,
) -> Table:  # fmt: skip
    """A row for each image and structure."""
    names = pseudonyms(images)
    unit = "mm" if in_mm else "px"
    headings = [Text("行", "row"), Text("患者", "patient"), Text("構造", "structure")]
    headings += [Text("正解の画素数", "true pixels"), Text("検出した画素数", "pixels found")]
    for key, name in MEASURES.items():
        of = {"hd95": f" [{unit}]", "size_error_percent": " [%]"}.get(key, "")
        headings.append(Text(name.ja + of, name.en + of))
    headings += [Text("基準手法の Dice", "Dice of baseline")] if simple is not None else []
    headings += [Text("画素の AUC", "AUC of pixels")] if odds is not None else []
    made = []
    for i, row in enumerate(rows):
        for s, structure in enumerate(structures):
            counted = [None, None] if sizes is None else [round(float(n)) for n in sizes[i, s]]
            beside = [] if simple is None else [_number(simple[i, s, 0])]
            area = [] if odds is None else [_number(area_of(odds[i]))]
            made.append((int(row), names[row], structure, *counted, *map(_number, ours[i, s]), *beside, *area))
    return Table(Text("テスト画像ごとの結果", "Each test image"), tuple(headings), tuple(made))


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _folds(outcomes: Sequence[SegmentationOutcome]) -> Table:
    headings = (
        Text("回", "Repeat"), Text("分割", "Fold"), Text("テスト画像", "Test images"), Text("エポック", "Epochs"),
        Text("Dice 係数 (画像の平均)", "Dice (mean over images)"),
    )  # fmt: skip
    rows = tuple(
        (o.repeat + 1, o.number + 1, len(o.test), len(o.history), float(np.asarray(o.values)[:, :, 0].mean())) for o in outcomes
    )
    return Table(Text("分割ごとの結果", "Each fold"), headings, rows)


def _configuration(outcomes: Sequence[SegmentationOutcome]) -> tuple[Table, ...]:
    """The plan; where the folds differ, one column a fold."""
    plans = list(dict.fromkeys(o.plan for o in outcomes if o.plan is not None))
    if not plans:
        return ()
    tables = [plan.table() for plan in plans]
    several = len(tables) > 1
    names = [Text(f"構成 {n}", f"Configuration {n}") if several else tables[0].headings[1] for n in range(1, len(tables) + 1)]
    rows = zip(*(table.rows for table in tables), strict=True)
    return (Table(tables[0].title, (tables[0].headings[0], *names), tuple((r[0][0], *(c[1] for c in r)) for r in rows)),)


def _examples(outcomes: Sequence[SegmentationOutcome]) -> tuple[Panels, ...]:
    """The shown cases of all folds, the worst first."""
    every = [
        (score, picture, caption)
        for o in outcomes
        if o.shown is not None
        for score, picture, caption in zip(o.shown_dice, o.shown.images, o.shown.captions, strict=True)
    ]
    every = sorted(every, key=lambda one: one[0])[:MOST_SHOWN]
    title = Text(f"成績の低い例から順に: {TITLE.ja}", f"Worst first: {TITLE.en}")
    return (Panels(title, tuple(p for _, p, _ in every), tuple(c for *_, c in every)),) if every else ()


def _empty(values: Floats) -> tuple[Text, ...]:
    """How often no distance exists."""
    missing = int(np.isnan(values[:, :, 1]).sum())
    if not missing:
        return ()
    return (
        Text(
            f"正解または検出結果が空のため、HD95 と表面 Dice を求められない例が {missing} 件あります (平均から除外)。",
            f"In {missing} cases the truth or what was found is empty, so HD95 and surface Dice do not exist; the means leave them out.",
        ),
    )
