"""`compare_categories`: how often each category occurs in groups, or under several conditions of the same patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any, Literal

import numpy as np

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.stats.inputs import Ints
from gazo.stats.proportions import wilson_limits
from gazo.stats.small.category_tests import bowker, chi_square, cochran_q, fisher, mcnemar_chi_square, mcnemar_exact
from gazo.stats.small.options import DesignOption, Group, Level, Order, Outcome, Patient
from gazo.stats.small.post_hoc import by_pairs
from gazo.stats.small.samples import MOST_GROUPS, independent, is_paired, matched, word_rows
from gazo.stats.small.testing import Tested, span_text

Test = Literal[
    "auto",
    "chi-square",
    "chi-square-yates",
    "fisher",
    "mcnemar",
    "mcnemar-chi-square",
    "mcnemar-corrected",
    "cochran-q",
    "bowker",
]
FISHER_UP_TO = 300  # patients; beyond, chi-square is as good and quicker
INDEPENDENT, PAIRED = (
    ("chi-square", "chi-square-yates", "fisher"),
    ("mcnemar", "mcnemar-chi-square", "mcnemar-corrected", "cochran-q", "bowker"),
)


@result("category comparison")
@dataclass(frozen=True, eq=False, kw_only=True)
class CategoryComparison(Measurement):
    """The conclusion, effects with intervals, p, the test, the counts, the shares with intervals, and every pair of several groups."""

    conclusion: Text
    effects: tuple[Estimate, ...]
    p: Estimate
    test: Table
    counts: Table
    shares: Table
    pairs: Table | None = None


@operation("群の比較 (分類)", "Compare groups (categories)")
def compare_categories(
    table: Table,
    *,
    outcome: Outcome,
    group: Group = None,
    patient: Patient = None,
    order: Order = (),
    event: Annotated[
        str | None, Label("陽性とする分類 (空欄なら表の最初)", "Category that is the event (the first when empty)")
    ] = None,
    design: DesignOption = "auto",
    test: Annotated[Test, Label("検定", "Test")] = "auto",
    per_patient: Annotated[
        Literal["majority", "any"], Label("1 患者に複数行あるときの値", "One category of a patient with several rows")
    ] = "majority",
    level: Level = 0.95,
    seed: int = 0,
) -> CategoryComparison:
    """Do the groups hold the categories in equal shares? Test, risk difference, odds ratio or Cramer's V with intervals, every pair.

    auto: Fisher's exact test up to 300 patients, else chi-square; for the same patients McNemar's exact test (two conditions), Cochran's Q
    (several, two categories) or Bowker's test (two conditions, several categories). One value a patient is compared.

    Parameters
    ----------
    table : long (outcome column, group column) or wide (one outcome column for each condition, a patient a row).
    event : the category whose share is compared, where there are two.
    per_patient : majority of a patient's rows (evenly divided ones are left out), or any: the event if one row has it.
    """
    rows = word_rows(table, outcome, group, patient, order)
    paired = is_paired(rows, design)
    kinds = _kinds(list(dict.fromkeys(rows.values)), event)
    folded = (matched if paired else independent)(rows, *_fold(per_patient, kinds))
    counts = np.array([[values.count(kind) for kind in kinds] for values in folded.values], np.int64)
    indexed = (
        np.array([[kinds.index(v) for v in values] for values in folded.values], np.int64)
        if paired
        else np.zeros((0, 0), np.int64)
    )
    chosen = _chosen(test, counts, paired=paired)
    found = _paired(chosen, indexed, len(kinds), level, seed) if paired else _independent(chosen, counts, level, seed)
    pairs = _pairs(folded.names, indexed, counts, level, seed, paired=paired)
    main, told = span_text(found.effects[0]), found.shown()
    listed = " vs ".join(folded.names) + (f" ({kinds[0]})" if len(kinds) == 2 else "")
    return CategoryComparison(
        conclusion=Text(f"{listed}: {main.ja}、{found.name.ja}、{told}。", f"{listed}: {main.en}; {found.name.en}, {told}."),
        effects=found.effects,
        p=found.p_estimate,
        test=found.table(),
        counts=_counts(folded.names, kinds, counts, indexed),
        shares=_shares(folded.names, kinds, counts, level),
        pairs=pairs,
        sentence=_sentence(found, pairs, level),
        warnings=(*folded.notes, *found.notes),
    )


def _kinds(found: list[str], event: str | None) -> list[str]:
    if not 2 <= len(found) <= MOST_GROUPS:
        raise DataError(
            "G-TEST-020",
            en=f"a comparison of categories needs 2 to {MOST_GROUPS} categories in the outcome; {len(found)} came. Choose another column, merge categories, or compare numbers with compare-groups.",
            ja=f"分類の比較には、結果の列に 2 から {MOST_GROUPS} の分類が必要です。受け取った分類の数: {len(found)}。別の列を選ぶか、分類をまとめてください。数値なら compare-groups を使ってください。",
        )
    if event is not None and event not in found:
        hint = nearest(event, found)
        raise OptionError(
            "G-TEST-021",
            en=f"the outcome has no category '{event}' to be the event. {hint.en}",
            ja=f"結果の列に、陽性とする分類「{event}」はありません。{hint.ja}",
        )
    return found if event is None else [event, *(kind for kind in found if kind != event)]


def _fold(per_patient: str, kinds: list[str]) -> tuple[Callable[[list[Any]], Any], Text]:
    if per_patient == "any" and len(kinds) > 2:
        raise OptionError(
            "G-TEST-022",
            en=f"per_patient=any needs two categories, the event and the other; {len(kinds)} came. Choose majority.",
            ja=f"per_patient=any は 2 つの分類 (陽性とそれ以外) の場合に使えます。受け取った分類の数: {len(kinds)}。majority を選んでください。",
        )
    if per_patient == "any":
        ja, en = f"1 行でも {kinds[0]} なら {kinds[0]}", f"category ({kinds[0]} if any row has it)"
        return (lambda values: kinds[0] if kinds[0] in values else kinds[1]), Text(ja, en)
    return _majority, Text("多数の行の分類", "category of most rows")


def _majority(values: list[str]) -> str | None:
    ranked = Counter(values).most_common(2)
    return None if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def _chosen(test: str, counts: Ints, *, paired: bool) -> str:
    """The test asked for, or the one that the table leads to; one that does not fit is refused."""
    groups, kinds = counts.shape
    fitting: tuple[str, ...]
    if not paired:
        _need_two(counts)
        fitting = INDEPENDENT if (groups, kinds) == (2, 2) else ("fisher", "chi-square")
        proposal = "fisher" if counts.sum() <= FISHER_UP_TO else "chi-square"
    elif groups > 2:
        fitting, proposal = (("cochran-q",), "cochran-q") if kinds == 2 else ((), "")
    else:
        fitting = PAIRED if kinds == 2 else ("bowker",)
        proposal = "mcnemar" if kinds == 2 else "bowker"
    if not fitting or (test != "auto" and test not in fitting):
        raise OptionError(
            "G-TEST-023",
            en=f"test={test} does not fit {groups} {'conditions of the same patients' if paired else 'groups'} and {kinds} categories; these do: {', '.join(fitting) or 'none (choose two conditions or merge categories to two)'}.",
            ja=f"test={test} は {groups} 群 ({'同じ患者の条件' if paired else '対応なし'})、{kinds} 分類の表には使えません。使える検定: {', '.join(fitting) or 'なし (条件を 2 つ選ぶか、分類を 2 つにまとめてください)'}。",
        )
    return proposal if test == "auto" else test


def _need_two(counts: Ints) -> None:
    if int((counts.sum(0) > 0).sum()) < 2:
        raise DataError(
            "G-TEST-024",
            en=f"a comparison needs patients in at least 2 categories; all {int(counts.sum())} are in one after each patient was given one category. There is nothing to compare.",
            ja=f"比較には 2 つ以上の分類に患者が必要です。患者ごとに 1 つの分類とした結果、{int(counts.sum())} 人全員が同じ分類でした。比較できません。",
        )


def _independent(chosen: str, counts: Ints, level: float, seed: int) -> Tested:
    return (
        fisher(counts, level, seed) if chosen == "fisher" else chi_square(counts, level, corrected=chosen == "chi-square-yates")
    )


def _paired(chosen: str, indexed: Ints, kinds: int, level: float, seed: int) -> Tested:
    events = (indexed == 0).astype(np.int64)
    if chosen == "cochran-q":
        return cochran_q(events.T, level, seed)
    if chosen == "bowker":
        return bowker(_square(indexed, kinds), level)
    if chosen == "mcnemar":
        return mcnemar_exact(events[0], events[1], level)
    return mcnemar_chi_square(events[0], events[1], level, corrected=chosen == "mcnemar-corrected")


def _square(indexed: Ints, kinds: int) -> Ints:
    found: Ints = np.bincount(indexed[0] * kinds + indexed[1], minlength=kinds**2).reshape(kinds, kinds)
    return found


def _pairs(names: tuple[str, ...], indexed: Ints, counts: Ints, level: float, seed: int, *, paired: bool) -> Table | None:
    """Every pair of more than two groups, with Holm's p."""
    if len(names) < 3:
        return None
    if paired:
        events = list((indexed == 0).astype(np.int64))
        return by_pairs(
            names, events, lambda a, b: mcnemar_exact(a, b, level), Text("2 条件ずつの McNemar 検定", "McNemar's tests"), ""
        )
    if any(not (counts[i] + counts[j]).astype(bool).sum() > 1 for i, j in combinations(range(len(names)), 2)):
        return None  # two groups that hold one and the same category only cannot be told apart
    title = Text("2 群ずつの Fisher の正確検定", "Fisher's exact tests")
    return by_pairs(names, list(counts), lambda a, b: fisher(np.stack([a, b]), level, seed), title, "")


def _counts(names: tuple[str, ...], kinds: list[str], counts: Ints, indexed: Ints) -> Table:
    """Counts of groups and categories; for two conditions of the same patients the first against the second."""
    if len(names) == 2 and indexed.size:
        square = _square(indexed, len(kinds))
        corner = Text(f"{names[0]} ＼ {names[1]}", f"{names[0]} \\ {names[1]}")
        rows = tuple((kind, *map(int, line)) for kind, line in zip(kinds, square, strict=True))
        return Table(Text("患者数", "Patients"), (corner, *(Text(k, k) for k in kinds)), rows)
    rows = tuple((name, *map(int, line), int(line.sum())) for name, line in zip(names, counts, strict=True))
    return Table(Text("患者数", "Patients"), (Text("群", "Group"), *(Text(k, k) for k in kinds), Text("計", "Total")), rows)


def _shares(names: tuple[str, ...], kinds: list[str], counts: Ints, level: float) -> Table:
    rows = []
    for name, line in zip(names, counts, strict=True):
        total = int(line.sum())
        for kind, hits in zip(kinds, map(int, line), strict=True):
            low, high = wilson_limits(hits, total, level)
            rows.append((name, kind, hits, total, 100 * hits / total, 100 * low, 100 * high))
    headings = (
        Text("群", "Group"), Text("分類", "Category"), Text("患者数", "Patients"), Text("全体", "Of"), Text("割合 [%]", "Share [%]"),
        Text("下限", "Low"), Text("上限", "High"),
    )  # fmt: skip
    note = Text(f"{100 * level:g} % 区間は Wilson 1927", f"{100 * level:g} % intervals: Wilson 1927")
    return Table(Text("割合", "Shares"), headings, tuple(rows), (note,))


def _sentence(found: Tested, pairs: Table | None, level: float) -> Text:
    ja, en = found.cite.ja, found.cite.en
    if pairs is not None:
        ja, en = f"{ja}{pairs.title.ja}。", f"{en} {pairs.title.en}."
    percent = f"{100 * level:g} %"
    return Text(
        f"{ja}両側検定とし、{percent} 信頼区間を付けた (gazo、SciPy)。",
        f"{en} Tests were two-sided, with {percent} confidence intervals (gazo with SciPy).",
    )
