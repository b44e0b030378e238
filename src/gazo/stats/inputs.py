"""What the statistics accept: arrays of one length, a truth of two kinds, patients named in every row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazo.core.errors import DataError, OptionError, nearest

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def binary(truth: ArrayLike) -> Bools:
    """The truth as booleans; only 0 and 1 (or False and True) may stand in it."""
    values = np.asarray(truth)
    if values.dtype == bool:
        return values
    if values.dtype.kind not in "iuf" or not np.isin(values, (0, 1)).all():
        shown = ", ".join(map(str, list(dict.fromkeys(values.ravel().tolist()))[:5]))
        raise DataError(
            "G-STAT-001",
            en=f"the truth must hold only 0 (negative) and 1 (positive); {shown} came. Code the positive class as 1.",
            ja=f"真の値には 0 (陰性) と 1 (陽性) だけを指定してください。受け取った値: {shown}。陽性を 1 にしてください。",
        )
    return values.astype(bool)


def both_classes(truth: Bools) -> None:
    """Refuse a truth in which nobody is positive or nobody is negative."""
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        raise DataError(
            "G-STAT-002",
            en=f"positive and negative cases are both needed; {positives} positive and {negatives} negative came. "
            "Add cases of the missing class or choose another split.",
            ja=f"陽性と陰性の両方の症例が必要です。受け取った数: 陽性 {positives}、陰性 {negatives}。"
            "足りない側の症例を加えるか、データの分け方を変えてください。",
        )


def numbers(values: ArrayLike, what: str = "scores") -> Floats:
    """Values as float64; infinite ones may stand in them, missing ones may not."""
    array = np.asarray(values, np.float64)
    missing = int(np.isnan(array).sum())
    if missing:
        raise DataError(
            "G-STAT-003",
            en=f"every one of the {what} must be a number; {missing} of {array.size} are missing (NaN). Leave those rows out.",
            ja=f"{what} はすべて数でなければなりません。{array.size} 個のうち {missing} 個が欠損 (NaN) です。その行を除いてください。",
        )
    return array


def same_length(**arrays: NDArray[Any] | None) -> None:
    """Refuse arrays that do not have one row for each case."""
    lengths = {name: len(array) for name, array in arrays.items() if array is not None}
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        shown = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(
            "G-STAT-004",
            en=f"all inputs need the same number of rows, at least one; the lengths are: {shown}. Give one value for each case.",
            ja=f"入力の行数はすべて同じ (1 行以上) でなければなりません。受け取った長さ: {shown}。1 症例に 1 つの値を与えてください。",
        )


def groups_of(patients: Iterable[Any] | None, rows: int) -> Ints:
    """Patient numbers 0, 1, 2 ... in order of appearance; each row is a patient of its own when none are named."""
    if patients is None:
        return np.arange(rows)
    names = np.asarray(patients, dtype=object).tolist()
    absent = sum(name is None or name != name for name in names)
    if absent:
        raise DataError(
            "G-STAT-005",
            en=f"every row needs a patient, since rows of one patient are kept together; {absent} of {len(names)} have none. "
            "Fill the patient column or pass patients=None.",
            ja=f"同じ患者の行をまとめて扱うため、全行に患者 ID が必要です。{len(names)} 行のうち {absent} 行にありません。"
            "患者の列を埋めるか、patients=None としてください。",
        )
    numbers_of: dict[Any, int] = {}
    return np.array([numbers_of.setdefault(name, len(numbers_of)) for name in names], np.int64)


def repeated(groups: Ints) -> bool:
    """True when some patient has more than one row."""
    return bool(len(groups)) and int(groups.max()) + 1 < len(groups)


def one_of(option: str, value: str, known: Sequence[str]) -> None:
    """Refuse a word that is not among the known ones."""
    if value not in known:
        hint = nearest(value, known)
        raise OptionError(
            "G-STAT-006",
            en=f"'{option}' has no choice '{value}'. {hint.en}",
            ja=f"「{option}」に「{value}」という選択肢はありません。{hint.ja}",
        )


def within(option: str, value: float, low: float, high: float) -> None:
    """Refuse a value that is not strictly between two limits."""
    if not low < value < high:
        raise OptionError(
            "G-STAT-007",
            en=f"'{option}' must lie between {low:g} and {high:g}; {value:g} came. Give another value.",
            ja=f"「{option}」は {low:g} より大きく {high:g} より小さい値でなければなりません。受け取った値: {value:g}。値を直してください。",
        )
