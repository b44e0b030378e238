"""Measurements of two detectors, or of two years, laid over each other: values side by side, curves with their difference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gazo.core.errors import GazoError, RunError
from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.quality.compare_curves import compare_curves
from gazo.runs.measurement_sections import named_curves, named_estimates, table_of
from gazo.runs.section import Picture, Section

Named = Mapping[str, Any]  # results of one kind by the names of their runs


@result("compared-curves")
@dataclass(frozen=True, eq=False, kw_only=True)
class ComparedCurves:
    """Curves of one field, each titled by its run, and the difference of each further one from the first, where it can be had."""

    name: str
    curves: tuple[Curve, ...]
    differences: tuple[Curve, ...]


@result("measurement-comparison")
@dataclass(frozen=True, eq=False, kw_only=True)
class MeasurementComparison(Measurement):
    """Every value and every curve that measurements have in common."""

    values: Table
    compared: tuple[ComparedCurves, ...]


def compare_measurements(found: Named) -> MeasurementComparison:
    """Compare two or more measurements of one kind; differences are those from the first.

    Raises
    ------
    RunError : fewer than two, or of different kinds.
    """
    kinds = {type(one) for one in found.values()}
    if len(found) < 2 or len(kinds) > 1:
        came = ", ".join(f"{name} ({type(one).__name__})" for name, one in found.items())
        raise RunError(
            "G-RUN-040",
            en=f"two or more measurements of one kind can be compared; {came} came. Choose other runs.",
            ja=f"比較できるのは、同じ種類の測定結果 2 つ以上です。受け取ったもの: {came}。別の実行結果を選んでください。",
        )
    fields = [named_curves(one) for one in found.values()]
    shared = [name for name in fields[0] if all(name in other for other in fields)]
    names = tuple(found)
    warnings = dict.fromkeys(text for one in found.values() for text in one.warnings)
    return MeasurementComparison(
        values=_values(found),
        compared=tuple(_compared(name, [f[name] for f in fields], names) for name in shared),
        sentence=Text(
            f"{'、'.join(names)} を比較した。差は最初のもの ({names[0]}) から引いた値で、その 95 % 区間は独立な測定として両者の区間から合成した (MOVER)。",
            f"{', '.join(names)} were compared. Differences are from the first ({names[0]}); their 95 % intervals join those of two independent measurements (MOVER).",
        ),
        warnings=tuple(warnings),
    )


def comparison_sections(found: MeasurementComparison) -> tuple[Section, ...]:
    """Values side by side, then each curve with its difference."""
    parts = [Section("summary", Text("要約", "Summary"), (found.sentence,), found.warnings, (found.values,))]
    for one in found.compared:
        title = one.curves[0].y_label
        key = one.name.replace("_", "-")
        pictures = [Picture(one.curves, title, key, 110)]
        if one.differences:
            pictures.append(Picture(one.differences, one.differences[0].y_label, f"{key}-difference", 110))
        parts.append(Section(key, title, pictures=tuple(pictures)))
        parts += [Section(f"{key}-difference-{n}", d.title, tables=(table_of(d),)) for n, d in enumerate(one.differences, 1)]
    return tuple(parts)


def _compared(name: str, curves: Sequence[Curve], runs: Sequence[str]) -> ComparedCurves:
    titled = tuple(replace(curve, title=Text(run, run)) for curve, run in zip(curves, runs, strict=True))
    return ComparedCurves(
        name=name, curves=titled, differences=tuple(d for d in (_difference(titled[0], c) for c in titled[1:]) if d)
    )


def _difference(first: Curve, other: Curve) -> Curve | None:
    """Other less first; None where they share no places."""
    try:
        found = compare_curves(other, first).difference
    except GazoError:
        return None
    title = Text(f"{other.title.ja} − {first.title.ja}", f"{other.title.en} - {first.title.en}")
    return replace(found, title=title, y_label=Text("差", "Difference"))


def _values(found: Named) -> Table:
    """Each number of every run, and for each further run its difference from the first."""
    each = [named_estimates(one) for one in found.values()]
    runs = tuple(found)
    headings = [Text("量", "Quantity"), Text("単位", "Unit")]
    for run in runs:
        headings += [Text(run, run), Text("下限", "Low"), Text("上限", "High")]
    for run in runs[1:]:
        headings += [Text(f"差 ({run})", f"Difference ({run})"), Text("下限", "Low"), Text("上限", "High")]
    rows = []
    for name, first in each[0].items():
        others = [numbers.get(name) for numbers in each]
        cells = [cell for one in others for cell in (_cells(one))]
        apart = [cell for one in others[1:] for cell in _cells(_apart(first, one))]
        rows.append((first.name, first.unit, *cells, *apart))
    return Table(Text("測定値の比較", "Values side by side"), tuple(headings), tuple(rows))


def _cells(one: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if one is None else (one.value, one.low, one.high)


def _apart(first: Estimate, other: Estimate | None) -> Estimate | None:
    """Other less first with the interval of independent estimates (MOVER, Zou & Donner 2008)."""
    if other is None or other.unit != first.unit:
        return None
    value = other.value - first.value
    if None in (first.low, first.high, other.low, other.high):
        return Estimate(first.name, value, unit=first.unit)
    a, b = (float(first.low or 0), float(first.high or 0)), (float(other.low or 0), float(other.high or 0))
    low = value - math.hypot(other.value - b[0], a[1] - first.value)
    high = value + math.hypot(b[1] - other.value, first.value - a[0])
    return Estimate(first.name, value, low, high, first.level, "MOVER", first.unit)
