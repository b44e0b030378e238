"""From the rows of a table to one value a patient: independent groups, or the conditions of the same patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats.columns import number_column, word_column

Value = TypeVar("Value")
Design = Literal["auto", "independent", "paired"]
MOST_GROUPS = 50


@dataclass(frozen=True)
class Rows(Generic[Value]):
    """Usable rows in long form: the value, the group (or condition) and the patient of each, and what had to be left out.

    Parameters
    ----------
    known_patients : False where no patient was named and each row was taken as another one.
    """

    values: tuple[Value, ...]
    groups: tuple[str, ...]
    patients: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[Text, ...]
    known_patients: bool

    @property
    def crossed(self) -> bool:
        """Whether some patient stands in more than one group."""
        return len(set(zip(self.patients, self.groups, strict=True))) > len(set(self.patients))


@dataclass(frozen=True)
class Independent(Generic[Value]):
    """One value of each patient in each group."""

    names: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class Matched(Generic[Value]):
    """One value of each complete patient under each condition: `values[condition][patient]`."""

    names: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    notes: tuple[Text, ...]


def finite_column(table: Table, name: str) -> NDArray[np.float64]:
    """A column of numbers, NaN where a cell is empty; an infinite one is refused."""
    values = number_column(table, name)
    if np.isinf(values).any():
        raise DataError(
            "G-TEST-001",
            en=f"column '{name}' must hold finite numbers; row {int(np.argmax(np.isinf(values))) + 1} is infinite. Correct the cell.",
            ja=f"列「{name}」は有限の数値でなければなりませんが、{int(np.argmax(np.isinf(values))) + 1} 行目が無限大です。セルを直してください。",
        )
    return values


def numeric_rows(
    table: Table, outcome: tuple[str, ...], group: str | None, patient: str | None, order: tuple[str, ...]
) -> Rows[float]:
    """Rows whose outcome is a number."""

    def cells(name: str) -> Sequence[float | None]:
        return [None if value != value else float(value) for value in finite_column(table, name)]

    return _rows(table, outcome, group, patient, order, cells)


def word_rows(
    table: Table, outcome: tuple[str, ...], group: str | None, patient: str | None, order: tuple[str, ...]
) -> Rows[str]:
    """Rows whose outcome is a category."""
    return _rows(table, outcome, group, patient, order, lambda name: word_column(table, name))


def _rows(
    table: Table,
    outcome: tuple[str, ...],
    group: str | None,
    patient: str | None,
    order: tuple[str, ...],
    cells: Callable[[str], Sequence[Value | None]],
) -> Rows[Value]:
    """A group column beside one outcome (long form), or several outcomes side by side, each a condition (wide form)."""
    if bool(group) == (len(outcome) > 1) or not outcome:
        raise OptionError(
            "G-TEST-002",
            en=f"give one outcome column and a group column, or several outcome columns (one for each condition) and no group column; {len(outcome)} outcome column(s) and {1 if group else 0} group column(s) came.",
            ja=f"結果の列 1 つと群の列を指定するか、条件ごとの結果の列を 2 つ以上 (群の列なし) 指定してください。受け取った数: 結果の列 {len(outcome)}、群の列 {1 if group else 0}。",
        )
    who = [f"row {n}" for n in range(1, len(table.rows) + 1)] if patient is None else list(word_column(table, patient))
    kinds = list(word_column(table, group)) if group else []
    found: list[tuple[Value | None, str | None, str | None]] = []
    for name in outcome:
        found += zip(cells(name), kinds or [name] * len(who), who, strict=True)
    usable = [(v, g, p) for v, g, p in found if v is not None and g is not None and p is not None]
    names = _names(list(dict.fromkeys(g for _, g, _ in usable)), order)
    kept = [(v, g, p) for v, g, p in usable if g in names]
    notes = [*_told(len(found) - len(usable), len(found)), *(() if patient or len(outcome) > 1 else (NO_PATIENTS,))]
    values, groups, patients = tuple(r[0] for r in kept), tuple(r[1] for r in kept), tuple(r[2] for r in kept)
    return Rows(values, groups, patients, names, tuple(notes), patient is not None or len(outcome) > 1)


NO_PATIENTS = Text(
    "患者の列が指定されていないため、各行を別の患者とみなしました。同じ患者の行が複数あると p 値は小さくなりすぎます。",
    "No patient column was named, so each row was taken as another patient; several rows of one patient would make p too small.",
)


def _told(missing: int, total: int) -> tuple[Text, ...]:
    if not missing:
        return ()
    return (
        Text(
            f"空欄のある {total} 個中 {missing} 個の値を除きました。",
            f"{missing} of {total} values were left out because a cell was empty.",
        ),
    )


def _names(found: list[str], order: tuple[str, ...]) -> tuple[str, ...]:
    """The groups in the order asked for, else in that of the table; a name that is not there is refused."""
    absent = [name for name in order if name not in found]
    if absent or (order and len(set(order)) < len(order)):
        raise OptionError(
            "G-TEST-003",
            en=f"the order must name groups of the table, each once; '{', '.join(absent or order)}' came, the table has: {', '.join(found[:20])}.",
            ja=f"群の順には表にある群を 1 回ずつ指定してください。受け取った名前: {', '.join(absent or order)}。表にある群: {', '.join(found[:20])}。",
        )
    names = order or tuple(found)
    if not 2 <= len(names) <= MOST_GROUPS:
        raise DataError(
            "G-TEST-004",
            en=f"a comparison needs 2 to {MOST_GROUPS} groups; {len(names)} came. Choose a column that names groups, or the groups with 'order'.",
            ja=f"比較には 2 から {MOST_GROUPS} の群が必要です。受け取った群の数: {len(names)}。群を表す列を選ぶか、order で群を指定してください。",
        )
    return names


def is_paired(rows: Rows[Any], design: Design) -> bool:
    """Whether the groups are conditions of the same patients; a design that the rows contradict is refused."""
    if design == "independent" and rows.crossed:
        seen: dict[str, str] = {}
        both = next(g for p, g in zip(rows.patients, rows.groups, strict=True) if seen.setdefault(p, g) != g)
        raise DataError(
            "G-TEST-005",
            en=f"in an independent comparison each patient stands in one group; some patient stands in '{both}' and in another. Choose design=paired, or correct the patient column.",
            ja=f"対応のない比較では、患者は 1 つの群だけに入ります。「{both}」とほかの群の両方に入る患者がいます。design=paired を選ぶか、患者の列を直してください。",
        )
    if design == "paired" and not rows.known_patients:
        raise OptionError(
            "G-TEST-006",
            en="a paired comparison needs to know which values belong to one patient; no patient column came. Name it, or give one outcome column for each condition.",
            ja="対応のある比較には、どの値が同じ患者のものかの情報が必要ですが、患者の列がありません。患者の列を指定するか、条件ごとの結果の列を並べてください。",
        )
    return rows.known_patients and (design == "paired" or (design == "auto" and rows.crossed))


Fold = Callable[[list[Any]], Any]


def independent(rows: Rows[Value], fold: Fold, how: Text, least: int = 2) -> Independent[Value]:
    """One value a patient in each group; a patient's rows are folded to one."""
    cells, notes = _folded(rows, fold, how)
    values = tuple(tuple(v for (g, _), v in cells.items() if g == name) for name in rows.names)
    few = [f"{name} ({len(v)})" for name, v in zip(rows.names, values, strict=True) if len(v) < least]
    if few:
        raise DataError(
            "G-TEST-007",
            en=f"each group needs at least {least} patient(s) with a value; too few are in: {', '.join(few)}. Add patients, or leave the group out with 'order'.",
            ja=f"各群には値のある患者が {least} 人以上必要です。足りない群: {', '.join(few)}。患者を増やすか、order でその群を除いてください。",
        )
    return Independent(rows.names, values, (*rows.notes, *notes))


def matched(rows: Rows[Value], fold: Fold, how: Text) -> Matched[Value]:
    """One value for each condition of the patients who have all of them."""
    cells, notes = _folded(rows, fold, how)
    people = list(dict.fromkeys(p for _, p in cells))
    whole = [p for p in people if all((name, p) in cells for name in rows.names)]
    if len(whole) < 2:
        raise DataError(
            "G-TEST-008",
            en=f"a paired comparison needs at least 2 patients with a value under every condition; {len(whole)} of {len(people)} have one. Fill the missing values, or choose two conditions with 'order'.",
            ja=f"対応のある比較には、すべての条件に値のある患者が 2 人以上必要です。{len(people)} 人中 {len(whole)} 人でした。欠けた値を補うか、order で条件を選んでください。",
        )
    if len(whole) < len(people):
        notes += (
            Text(
                f"{len(people)} 人中 {len(people) - len(whole)} 人は一部の条件の値がないため除きました。",
                f"{len(people) - len(whole)} of {len(people)} patients lack a value under some condition and were left out.",
            ),
        )
    return Matched(rows.names, tuple(tuple(cells[name, p] for p in whole) for name in rows.names), (*rows.notes, *notes))


def _folded(rows: Rows[Value], fold: Fold, how: Text) -> tuple[dict[tuple[str, str], Value], tuple[Text, ...]]:
    """The value of each patient in each group, and a word about it where rows had to be folded."""
    gathered: dict[tuple[str, str], list[Value]] = {}
    for value, group, patient in zip(rows.values, rows.groups, rows.patients, strict=True):
        gathered.setdefault((group, patient), []).append(value)
    folded = {key: fold(values) for key, values in gathered.items()}
    cells = {key: value for key, value in folded.items() if value is not None}
    notes: tuple[Text, ...] = ()
    if len(gathered) < len(rows.values):
        notes += (
            Text(
                f"患者より行が多いため、患者ごとの値 ({how.ja}) で比較しました ({len(rows.values)} 行 → {len(gathered)} 個)。",
                f"There are more rows than patients, so each patient's {how.en} was compared ({len(rows.values)} rows to {len(gathered)} values).",
            ),
        )
    if len(cells) < len(gathered):
        notes += (
            Text(
                f"行ごとの分類が同数に割れた {len(gathered) - len(cells)} 人分の値を除きました。",
                f"{len(gathered) - len(cells)} value(s) of patients whose rows are evenly divided were left out.",
            ),
        )
    return cells, notes


def arrays(samples: Independent[float] | Matched[float]) -> list[NDArray[np.float64]]:
    """The values of each group as an array."""
    return [np.array(values, np.float64) for values in samples.values]


FOLDS: dict[str, tuple[Fold, Text]] = {
    "mean": (lambda values: float(np.mean(values)), Text("平均", "mean")),
    "median": (lambda values: float(np.median(values)), Text("中央値", "median")),
}
