"""The visits of a table as series of subjects: complete rows, one group a subject, enough visits to see a change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.results import Table
from gazo.radiomics.mixed_model import Floats, Ints
from gazo.radiomics.slopes import Series
from gazo.stats.columns import number_column, word_column
from gazo.stats.survival.columns import covariate_columns, finite_column

LEAST = 3  # subjects with two visits or more in each group


def groups_in(table: Table, group: str, reference: str, group_as: str) -> tuple[tuple[str, ...], Floats]:
    """Names of the groups, the reference first, and the columns (groups, k) that tell them apart."""
    kinds = sorted({w for w in word_column(table, group) if w is not None})
    if len(kinds) < 2:
        raise DataError(
            "G-LONG-003",
            en=f"two groups or more are compared; column '{group}' holds {len(kinds)}. Choose another column.",
            ja=f"2 群以上が必要ですが、列「{group}」の群は {len(kinds)} 個です。別の列を選んでください。",
        )
    if group_as == "dose":
        doses = sorted({float(v) for v in number_column(table, group) if not np.isnan(v)})
        return tuple(f"{dose:g}" for dose in doses), np.array(doses)[:, None]
    if reference and reference not in kinds:
        hint = nearest(reference, kinds)
        raise OptionError(
            "G-LONG-004",
            en=f"there is no group '{reference}'. {hint.en}",
            ja=f"「{reference}」という群はありません。{hint.ja}",
        )
    first = reference or kinds[0]
    names = (first, *(kind for kind in kinds if kind != first))
    return names, np.eye(len(names))[:, 1:]


def series_of(
    table: Table, value: str, *, subject: str, time: str, group: str, names: tuple[str, ...], codes: Floats, told_as: tuple[str, ...],
    covariates: Sequence[str]
) -> tuple[Series, Ints]:  # fmt: skip
    """The complete visits of one region, and the group (its place in `names`) of each subject."""
    y, t = finite_column(table, value), finite_column(table, time)
    who, what = word_column(table, subject), word_column(table, group)
    parts = [covariate_columns(table, name) for name in covariates]
    columns = np.concatenate([np.empty((len(y), 0)), *(part for _, part in parts)], axis=1)
    named = np.array([w is not None and g is not None for w, g in zip(who, what, strict=True)], bool)
    rows = np.flatnonzero(named & ~np.isnan(y) & ~np.isnan(t) & ~np.isnan(columns).any(1))
    people = {name: place for place, name in enumerate(dict.fromkeys(who[row] for row in rows))}
    place = np.array([people[who[row]] for row in rows], np.int64)
    told = np.array([names.index(str(what[row])) for row in rows], np.int64)
    of = _of_subject(place, told, len(people), group)
    _need_visits(place, of, names, value)
    inside = columns[rows]
    called = tuple(name for each, _ in parts for name in each)
    return Series(y[rows], t[rows], place, codes[of], inside - inside.mean(0), told_as, called), of


def _of_subject(place: Ints, told: Ints, subjects: int, group: str) -> Ints:
    of = np.full(subjects, -1)
    for who, what in zip(place, told, strict=True):
        if of[who] not in (-1, what):
            raise DataError(
                "G-LONG-005",
                en=f"the group of a subject must not change between visits; subject number {who + 1} has two values in column '{group}'. Correct the table.",
                ja=f"被験者の群は検査ごとに変わってはいけません。{who + 1} 番目の被験者は列「{group}」に 2 つの値があります。表を直してください。",
            )
        of[who] = what
    return of


def _need_visits(place: Ints, of: Ints, names: tuple[str, ...], value: str) -> None:
    several = np.bincount(place, minlength=len(of)) > 1
    counts = [int((several & (of == n)).sum()) for n in range(len(names))]
    if min(counts) < LEAST:
        lacking = names[int(np.argmin(counts))]
        raise DataError(
            "G-LONG-006",
            en=f"each group needs at least {LEAST} subjects with two visits or more in '{value}'; group '{lacking}' has {min(counts)}. Add visits, or merge groups.",
            ja=f"各群に 2 回以上検査した被験者が {LEAST} 例以上必要です (「{value}」)。群「{lacking}」: {min(counts)} 例。検査を加えるか、群をまとめてください。",
        )
