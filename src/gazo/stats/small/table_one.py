"""`table_one`: who the patients are, by group, for the first table of a paper."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any

import numpy as np

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Measurement, Table, result
from gazo.stats.columns import column, word_column
from gazo.stats.inputs import Floats
from gazo.stats.small.fisher import fisher_p
from gazo.stats.small.many_means import welch_anova
from gazo.stats.small.many_ranks import kruskal_wallis
from gazo.stats.small.options import Group, Order, Patient
from gazo.stats.small.samples import MOST_GROUPS, NO_PATIENTS, finite_column
from gazo.stats.small.two_means import welch
from gazo.stats.small.two_ranks import mann_whitney

WHOLE = Text("全体", "All")


@result("table one")
@dataclass(frozen=True, eq=False, kw_only=True)
class TableOne(Measurement):
    """The table as it stands in a paper, with the standardised difference of the groups."""

    conclusion: Text
    characteristics: Table


@operation("患者背景表 (Table 1)", "Table 1: patient characteristics")
def table_one(
    table: Table,
    *,
    columns: Annotated[tuple[str, ...], Label("背景の列", "Columns of the characteristics")],
    group: Group = None,
    patient: Patient = None,
    order: Order = (),
    median: Annotated[tuple[str, ...], Label("中央値と四分位で示す列", "Columns shown as median and quartiles")] = (),
    categories: Annotated[tuple[str, ...], Label("数字でも分類として数える列", "Columns of numbers that are categories")] = (),
    p_values: Annotated[bool, Label("p 値も示す", "Show p values")] = False,
    seed: int = 0,
) -> TableOne:
    """Mean (SD), median [quartiles] or count (percent) of each group, with the standardised difference; a patient counts once.

    A column is a category where a cell is no number. Standardised difference (Austin 2009, Stat Med 28:3083; categories: Yang & Dalton
    2012, SAS Global Forum 335), the largest of the pairs where there are more than two groups; above 0.1 is often called imbalance.
    p values are not given unless asked for: baseline tests do not tell whether an imbalance matters.

    Parameters
    ----------
    patient : a patient's first known value counts where rows repeat; values that change within a patient are told.
    median : for skewed numbers; the others are shown as mean (SD).
    """
    _need_known(columns, (*median, *categories))
    first, notes = _first_rows(table, patient)
    labels = [None] * len(first) if group is None else _once(word_column(table, group), first, group, notes)
    names = _groups(labels, order) if group else ()
    if group and (lost := sum(label not in names for label in labels)):
        notes.append(
            Text(
                f"群のない (または選ばれていない) {lost} 人を除きました。",
                f"{lost} patients without a group, or of others, were left out.",
            )
        )
        first, labels = [r for r, g in zip(first, labels, strict=True) if g in names], [g for g in labels if g in names]
    rows: list[tuple[Any, ...]] = [_counts(labels, names, p_values)]
    for name in columns:
        cells = column(table, name)
        if name in categories or not all(cell is None or isinstance(cell, int | float) for cell in cells):
            words = _once(word_column(table, name), first, name, notes)
            rows += _category(name, words, labels, names, p_values, seed, notes)
        else:
            numbers = _once([None if v != v else float(v) for v in finite_column(table, name)], first, name, notes)
            rows.append(_number(name, numbers, labels, names, name in median, p_values, seed, notes))
    return TableOne(
        conclusion=_conclusion(rows, len(labels), names),
        characteristics=Table(Text("患者背景", "Patient characteristics"), _headings(names, p_values), tuple(rows)),
        sentence=_sentence(names, p_values),
        warnings=tuple(notes),
    )


def _need_known(columns: tuple[str, ...], named: tuple[str, ...]) -> None:
    odd = [name for name in named if name not in columns]
    if odd or not columns:
        raise OptionError(
            "G-TEST-040",
            en=f"columns must name at least one column, and median and categories only some of them; {len(columns)} column(s) came, not among them: {', '.join(odd) or '-'}.",
            ja=f"columns には 1 つ以上の列を指定し、median と categories にはその中の列だけを指定してください。受け取った列の数: {len(columns)}、含まれない列: {', '.join(odd) or '-'}。",
        )


def _first_rows(table: Table, patient: str | None) -> tuple[list[list[int]], list[Text]]:
    """The rows of each patient, and what has to be told about them."""
    if patient is None:
        return [[n] for n in range(len(table.rows))], [NO_PATIENTS]
    rows: dict[str, list[int]] = {}
    people = word_column(table, patient)
    for n, who in enumerate(people):
        if who is not None:
            rows.setdefault(who, []).append(n)
    notes = []
    if len(rows) < len(people):
        ja = f"{len(people)} 行を {len(rows)} 人にまとめ、各人 1 回だけ数えました。"
        notes.append(Text(ja, f"{len(people)} rows of {len(rows)} patients: each patient counts once."))
    return list(rows.values()), notes


def _once(cells: Sequence[Any], first: list[list[int]], name: str, notes: list[Text]) -> list[Any]:
    """The first known value of each patient."""
    known = [[cells[n] for n in rows if cells[n] is not None] for rows in first]
    changing = sum(len(set(values)) > 1 for values in known)
    if changing:
        ja = f"{name}: {changing} 人で行により値が異なるため、最初の値を使いました。"
        notes.append(Text(ja, f"{name}: {changing} patients have different values; the first was taken."))
    return [values[0] if values else None for values in known]


def _groups(labels: Sequence[str | None], order: tuple[str, ...]) -> tuple[str, ...]:
    found = list(dict.fromkeys(label for label in labels if label is not None))
    names = order or tuple(found)
    if not 1 <= len(names) <= MOST_GROUPS or any(name not in found for name in names):
        raise DataError(
            "G-TEST-041",
            en=f"the group column must name 1 to {MOST_GROUPS} groups, and 'order' only such; {len(found)} came: {', '.join(found[:10])}. Choose the column that names groups.",
            ja=f"群の列には 1 から {MOST_GROUPS} の群が必要で、order にはその中の群だけを指定します。群の数: {len(found)} ({', '.join(found[:10])})。群を表す列を選んでください。",
        )
    return names


def _headings(names: tuple[str, ...], p_values: bool) -> tuple[Text, ...]:
    shown = (Text("項目", "Characteristic"), WHOLE, *(Text(name, name) for name in names))
    if len(names) > 1:
        shown += (Text("標準化差", "Standardised difference"),)
        shown += (Text("p", "p"), Text("検定", "Test")) if p_values else ()
    return (*shown, Text("欠測", "Missing"))


def _padded(
    cells: list[Any],
    difference: float | None,
    tested: tuple[float | None, Text | None],
    missing: Any,
    names: tuple[str, ...],
    p_values: bool,
) -> tuple[Any, ...]:
    more = [difference, *(tested if p_values else ())] if len(names) > 1 else []
    return (*cells, *more, missing)


def _counts(labels: Sequence[str | None], names: tuple[str, ...], p_values: bool) -> tuple[Any, ...]:
    cells = [Text("患者数", "Patients"), len(labels), *(labels.count(name) for name in names)]
    return _padded(cells, None, (None, None), None, names, p_values)


def _split(values: Sequence[Any], labels: Sequence[str | None], names: tuple[str, ...]) -> list[list[Any]]:
    return [[v for v, g in zip(values, labels, strict=True) if g == name and v is not None] for name in names]


def _number(
    name: str,
    values: list[Any],
    labels: Sequence[str | None],
    names: tuple[str, ...],
    by_median: bool,
    p_values: bool,
    seed: int,
    notes: list[Text],
) -> tuple[Any, ...]:
    groups = [np.array(part, np.float64) for part in _split(values, labels, names)]
    known = np.array([v for v in values if v is not None], np.float64)
    kind = Text("中央値 [四分位]", "median [quartiles]") if by_median else Text("平均 (SD)", "mean (SD)")
    shown = [_in_words(part, by_median) for part in (known, *groups)]
    tested = _number_p(name, groups, by_median, seed, notes) if p_values and len(names) > 1 else (None, None)
    cells = [Text(f"{name}, {kind.ja}", f"{name}, {kind.en}"), *shown]
    return _padded(
        cells,
        _largest([_difference(a, b) for a, b in combinations(groups, 2)]),
        tested,
        len(values) - len(known),
        names,
        p_values,
    )


def _in_words(values: Floats, by_median: bool) -> str:
    if not len(values):
        return "–"
    if by_median:
        middle, low, high = np.quantile(values, [0.5, 0.25, 0.75])
        return f"{middle:.4g} [{low:.4g}, {high:.4g}]"
    return f"{values.mean():.4g} ({values.std(ddof=1):.3g})" if len(values) > 1 else f"{values.mean():.4g} (–)"


def _difference(a: Floats, b: Floats) -> float | None:
    """(mean a - mean b) / sqrt((s_a^2 + s_b^2) / 2), Austin 2009, eq. 1."""
    if min(len(a), len(b)) < 2:
        return None
    spread = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    return abs(float(a.mean() - b.mean())) / spread if spread > 0 else (0.0 if a.mean() == b.mean() else None)


def _largest(found: Sequence[float | None]) -> float | None:
    return max((value for value in found if value is not None), default=None)


def _number_p(name: str, groups: list[Floats], by_median: bool, seed: int, notes: list[Text]) -> tuple[float | None, Text | None]:
    """Welch or Mann-Whitney for two groups, Welch's analysis of variance or Kruskal-Wallis for more."""
    try:
        if any(len(group) < 2 for group in groups):
            return None, None
        if len(groups) == 2:
            found = (mann_whitney if by_median else welch)(groups[0], groups[1], 0.95)
        else:
            found = kruskal_wallis(groups, 0.95, seed) if by_median else welch_anova(groups, 0.95)
    except DataError as error:
        notes.append(Text(f"{name}: p 値なし ({error.text.ja})", f"{name}: no p ({error.text.en})"))
        return None, None
    return found.p, found.name


def _category(
    name: str,
    values: list[Any],
    labels: Sequence[str | None],
    names: tuple[str, ...],
    p_values: bool,
    seed: int,
    notes: list[Text],
) -> list[tuple[Any, ...]]:
    known = [v for v in values if v is not None]
    kinds = [kind for kind, _ in sorted(Counter(known).items(), key=lambda item: str(item[0]))]
    if len(kinds) > MOST_GROUPS:
        raise DataError(
            "G-TEST-042",
            en=f"column '{name}' has {len(kinds)} categories, more than {MOST_GROUPS}; it looks like a name or a number with words in it. Leave it out or merge categories.",
            ja=f"列「{name}」の分類は {len(kinds)} 個で、{MOST_GROUPS} を超えています。名前の列か、文字の混じった数値の列のようです。除くか、分類をまとめてください。",
        )
    groups = _split(values, labels, names)
    counts = np.array([[part.count(kind) for kind in kinds] for part in groups], np.int64).reshape(len(names), len(kinds))
    tested: tuple[float | None, Text | None] = (None, None)
    if p_values and len(names) > 1 and len(kinds) > 1:
        p, exact = fisher_p(counts, seed)
        tested = (
            p,
            Text("Fisher の正確検定", "Fisher's exact test") if exact else Text("Fisher (無作為抽出)", "Fisher, random tables"),
        )
    head = [Text(f"{name}, 人数 (%)", f"{name}, n (%)"), *([""] * (1 + len(names)))]
    difference = _largest([_category_difference(a, b) for a, b in combinations(counts, 2)])
    rows = [_padded(head, difference, tested, len(values) - len(known), names, p_values)]
    for kind in kinds:
        parts = [(part.count(kind), len(part)) for part in (known, *groups)]
        cells = [f"  {kind}", *(f"{hits} ({100 * hits / total:.1f} %)" if total else "–" for hits, total in parts)]
        rows.append(_padded(cells, None, (None, None), None, names, p_values))
    return rows


def _category_difference(a: Any, b: Any) -> float | None:
    """sqrt(d' S^-1 d) with d the differences of all shares but the first and S the mean of both covariances (Yang & Dalton 2012)."""
    if not a.sum() or not b.sum():
        return None
    used = (a + b) > 0
    p, q = (counts[used][1:] / counts.sum() for counts in (a, b))
    if not len(p):
        return 0.0
    covariance = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    if np.linalg.cond(covariance) > 1e12:
        return None  # the groups share no category
    return math.sqrt(max(0.0, float((p - q) @ np.linalg.solve(covariance, p - q))))


def _conclusion(rows: list[tuple[Any, ...]], patients: int, names: tuple[str, ...]) -> Text:
    if len(names) < 2:
        return Text(f"患者 {patients} 人。", f"{patients} patients.")
    differences = [(row[2 + len(names)], row[0]) for row in rows if row[2 + len(names)] is not None]
    uneven = [str(label.en).split(",")[0] for value, label in differences if value > 0.1]
    shown = ", ".join(uneven[:8]) or "–"
    return Text(
        f"患者 {patients} 人、{len(names)} 群。標準化差が 0.1 を超える項目: {shown}。",
        f"{patients} patients in {len(names)} groups; standardised difference above 0.1: {shown}.",
    )


def _sentence(names: tuple[str, ...], p_values: bool) -> Text:
    ja = "患者背景は平均 (標準偏差)、中央値 [四分位範囲] または人数 (%) で示した。"
    en = "Characteristics are shown as mean (SD), median [quartiles] or number (%)."
    if len(names) > 1:
        ja += "群間の偏りは標準化差 (Austin 2009、分類は Yang & Dalton 2012) で評価した。"
        en += " Imbalance was assessed by standardised differences (Austin 2009; categories: Yang and Dalton 2012)."
    if p_values and len(names) > 1:
        ja += "p 値は数値では Welch の検定または順位の検定、分類では Fisher の正確検定により、多重性は補正していない。"
        en += " p values: Welch's or rank tests for numbers, Fisher's exact test for categories, not corrected for their number."
    return Text(ja, en)
