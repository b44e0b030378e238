"""Follow-up and covariates out of the named columns of a table: rows that lack one are left out and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats.columns import column, number_column, word_column
from gazo.stats.inputs import Bools, Floats, Ints
from gazo.stats.survival.times import follow_up

_MISSING = ("", "NA", "N/A", "NaN", "nan", "欠損")
_TRUTH = {"True": "1", "False": "0"}


@dataclass(frozen=True, eq=False)
class Followed:
    """The rows of a table that can be used, and what stands in them.

    Parameters
    ----------
    rows : (n,) their places in the table.
    time, event : (n,).
    x : (n, p) covariates; a column of words gives an indicator for each category but the first. `names` (p,) of them.
    origin : (p,) the heading that each came from.
    words : the other columns asked for, as words.
    warnings : how many rows were left out.
    """

    rows: Ints
    time: Floats
    event: Bools
    x: Floats
    names: tuple[str, ...]
    origin: tuple[str, ...]
    words: dict[str, tuple[str, ...]]
    warnings: tuple[Text, ...]


def followed(
    table: Table,
    *,
    time: str,
    event: str,
    event_value: str,
    covariates: Sequence[str] = (),
    words: Sequence[str] = (),
    least_events: int = 1,
) -> Followed:
    """The rows of `table` in which time, event, covariates and words all stand; an event is where the cell is `event_value`."""
    table = with_gaps(table)
    times = number_column(table, time)
    states = tuple(None if w is None else _TRUTH.get(w, w) for w in word_column(table, event))
    _need_value(states, event, event_value)
    asked = {name: word_column(table, name) for name in words if name}
    parts = {name: covariate_columns(table, name) for name in covariates}
    complete = ~np.isnan(times) & np.array([s is not None for s in states], bool)
    for _, values in parts.values():
        complete &= ~np.isnan(values).any(1)
    for cells in asked.values():
        complete &= np.array([w is not None for w in cells], bool)
    rows = np.flatnonzero(complete)
    _need_rows(rows, len(times))
    watched, events = follow_up(times[rows], np.array([states[r] == event_value for r in rows]), least_events=least_events)
    x = np.concatenate([values for _, values in parts.values()], axis=1)[rows] if parts else np.empty((len(rows), 0))
    lost = len(times) - len(rows)
    warning = Text(f"欠損のある {lost} 行を除きました。", f"{lost} rows with a missing value were left out.")
    return Followed(
        rows,
        watched,
        events,
        x,
        tuple(name for names, _ in parts.values() for name in names),
        tuple(heading for heading, (names, _) in parts.items() for _ in names),
        {name: tuple(str(cells[r]) for r in rows) for name, cells in asked.items()},
        (warning,) if lost else (),
    )


def with_gaps(table: Table) -> Table:
    """The table with empty cells where another program wrote a mark for a missing value."""
    rows = tuple(
        tuple(None if isinstance(cell, str) and cell.strip() in _MISSING else cell for cell in row) for row in table.rows
    )
    return replace(table, rows=rows)


def finite_column(table: Table, name: str) -> Floats:
    """A column of numbers in which no infinite one stands; an empty cell is NaN."""
    values = number_column(table, name)
    if np.isinf(values).any():
        raise DataError(
            "G-SURV-015",
            en=f"column '{name}' must hold finite numbers; row {int(np.flatnonzero(np.isinf(values))[0]) + 1} is infinite. Correct or empty the cell.",
            ja=f"列「{name}」は有限の数でなければなりませんが、{int(np.flatnonzero(np.isinf(values))[0]) + 1} 行目が無限大です。セルを直すか空欄にしてください。",
        )
    return values


def covariate_columns(table: Table, name: str) -> tuple[tuple[str, ...], Floats]:
    """Names and values (n, p) of one column: numbers as they are, words as an indicator of each but the first; missing cells are NaN."""
    cells = column(table, name)
    if all(cell is None or isinstance(cell, int | float) for cell in cells):
        return (name,), finite_column(table, name)[:, None]
    words = word_column(table, name)
    kinds = sorted({w for w in words if w is not None})
    if len(kinds) > 20:
        raise DataError(
            "G-SURV-011",
            en=f"column '{name}' holds words of {len(kinds)} kinds; a covariate may have up to 20. Choose a column of numbers, or merge categories.",
            ja=f"列「{name}」には {len(kinds)} 種類の語があります。共変量にできるのは 20 種類までです。数値の列を選ぶか、カテゴリをまとめてください。",
        )
    values = np.array([[np.nan if w is None else float(w == kind) for kind in kinds[1:]] for w in words], np.float64)
    return tuple(f"{name}: {kind}" for kind in kinds[1:]), values.reshape(len(words), len(kinds) - 1)


def _need_value(states: Sequence[Any], event: str, event_value: str) -> None:
    if event_value == "1" and {state for state in states if state is not None} == {"1", "2"}:
        raise DataError(
            "G-SURV-024",
            en=f"column '{event}' holds 1 and 2, which R reads as censored and event, so 1 as the event is in doubt. Give event_value=2, or code censored rows as 0.",
            ja=f"列「{event}」の値は 1 と 2 です。R の表では 1 が打ち切り、2 がイベント発生なので、1 をイベントとしてよいか判断できません。event_value=2 を指定するか、打ち切りを 0 に直してください。",
        )
    if event_value not in states:
        shown = ", ".join(sorted({s for s in states if s is not None})[:10])
        raise OptionError(
            "G-SURV-010",
            en=f"no row of column '{event}' holds '{event_value}', the value that means an event; it holds: {shown}. Name the right value.",
            ja=f"列「{event}」に、イベント発生を表す値「{event_value}」の行がありません。ある値: {shown}。正しい値を指定してください。",
        )


def _need_rows(rows: Ints, total: int) -> None:
    if len(rows) < 2:
        raise DataError(
            "G-SURV-012",
            en=f"at least two complete rows are needed; {len(rows)} of {total} have every value. Choose columns with fewer gaps or fill them.",
            ja=f"すべての値がそろった行が 2 行以上必要です。{total} 行のうち {len(rows)} 行しかありません。欠損の少ない列を選ぶか、値を補ってください。",
        )
