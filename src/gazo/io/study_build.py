"""From single readings, in whatever file they stood, to a reader study; and the errors that every such file can give."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from gazo.core.errors import DataError
from gazo.io.rows import is_empty, plain
from gazo.stats.reader_study import ReaderStudy

_YES = (
    "1",
    "1.0",
    "true",
    "yes",
    "positive",
    "pos",
    "abnormal",
    "diseased",
    "malignant",
    "+",
    "陽性",
    "異常",
    "あり",
    "有",
    "有り",
    "悪性",
    "病変あり",
)
_NO = ("0", "0.0", "false", "no", "negative", "neg", "normal", "non-diseased", "nondiseased", "benign", "-", "陰性", "正常", "なし", "無", "無し", "良性", "病変なし")  # fmt: skip


class Reading(NamedTuple):
    """One rating: `line` of the file it stood in, the names, the rating (NaN: not read); truth and patient where the line tells them."""

    line: int
    test: str
    reader: str
    case: str
    rating: float
    truth: bool | None = None
    patient: str | None = None


def number_in(text: str, name: str, line: int, column: str) -> float:
    """A cell as a number; an empty one, or NA, is NaN."""
    if is_empty(text):
        return math.nan
    try:
        return float(plain(text))
    except ValueError:
        raise DataError(
            "G-IO-140",
            en=f"'{name}', row {line}, column {column}: a number is needed, '{text[:40]}' stands there. Correct the cell, or empty it if "
            "the case was not read.",
            ja=f"「{name}」{line} 行目、{column} 列: 数値が必要ですが「{text[:40]}」があります。セルを直すか、読影していない場合は空欄にしてください。",
        ) from None


def is_number(text: str) -> bool:
    """Whether a cell or a word is a number."""
    try:
        float(plain(text))
    except ValueError:
        return False
    return not is_empty(text)


def truth_in(text: str, name: str, line: int, column: str) -> bool | None:
    """A cell that says whether a case has disease; None when it is empty."""
    word = plain(text).casefold()
    if not word or (is_empty(text) and word not in _NO):
        return None
    if word not in _YES + _NO:
        raise DataError(
            "G-IO-141",
            en=f"'{name}', row {line}, column {column}: the truth must be 0 (no disease) or 1 (disease), '{text[:40]}' stands there. "
            "Write 0 or 1.",
            ja=f"「{name}」{line} 行目、{column} 列: 真の状態は 0 (病変なし) か 1 (病変あり) ですが「{text[:40]}」があります。0 か 1 にしてください。",
        )
    return word in _YES


def study_of(name: str, readings: Sequence[Reading], truths: dict[str, bool] | None = None) -> ReaderStudy:
    """Names in the order in which they first come; cases of one patient, where patients are named, share a number."""
    known = dict(truths or {})
    patients: dict[str, str] = {}
    for one in readings:
        _agree(name, one, known, patients)
    tests, readers = ordered(one.test for one in readings), ordered(one.reader for one in readings)
    cases = ordered([*(truths or {}), *(one.case for one in readings)])
    _both(name, cases, known)
    ratings = np.full((len(tests), len(readers), len(cases)), np.nan)
    lines: dict[tuple[str, str, str], int] = {}
    places = [{word: n for n, word in enumerate(words)} for words in (tests, readers, cases)]
    for one in readings:
        _once(name, one, lines)
        ratings[places[0][one.test], places[1][one.reader], places[2][one.case]] = one.rating
    if not np.isfinite(np.nan_to_num(ratings, nan=np.inf)).any():
        raise DataError(
            "G-IO-142",
            en=f"'{name}' holds no rating. Fill in the column of ratings.",
            ja=f"「{name}」に評点がありません。評点の列を入力してください。",
        )
    groups = {word: n for n, word in enumerate(ordered(patients.get(case, f"\0{case}") for case in cases))}
    numbers = np.array([groups[patients.get(case, f"\0{case}")] for case in cases], np.int64)
    return ReaderStudy(tests, readers, cases, np.array([known[case] for case in cases]), numbers, ratings)


def ordered(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, in the order of its first coming."""
    return tuple(dict.fromkeys(words))


def _agree(name: str, one: Reading, known: dict[str, bool], patients: dict[str, str]) -> None:
    """Take what a reading tells of its case, and refuse what contradicts an earlier one."""
    if one.truth is not None and known.setdefault(one.case, one.truth) != one.truth:
        raise DataError(
            "G-IO-143",
            en=f"'{name}', row {one.line}: the case '{one.case}' has truth {int(one.truth)} here and {int(not one.truth)} in an earlier row. "
            "Give each case one truth.",
            ja=f"「{name}」{one.line} 行目: 症例「{one.case}」の真の状態がここでは {int(one.truth)}、前の行では {int(not one.truth)} です。"
            "症例ごとに 1 つに統一してください。",
        )
    if one.patient is not None and patients.setdefault(one.case, one.patient) != one.patient:
        raise DataError(
            "G-IO-144",
            en=f"'{name}', row {one.line}: the case '{one.case}' belongs to the patient '{one.patient}' here and to another in an earlier "
            "row. Give each case one patient.",
            ja=f"「{name}」{one.line} 行目: 症例「{one.case}」の患者がここでは「{one.patient}」ですが、前の行では別の患者です。"
            "症例ごとに 1 人に統一してください。",
        )


def _once(name: str, one: Reading, lines: dict[tuple[str, str, str], int]) -> None:
    before = lines.setdefault((one.test, one.reader, one.case), one.line)
    if before != one.line:
        raise DataError(
            "G-IO-145",
            en=f"'{name}', row {one.line}: reader '{one.reader}' rated the case '{one.case}' under the test '{one.test}' in row {before} "
            "already. Delete one of the two rows, or add a column that names the test.",
            ja=f"「{name}」{one.line} 行目: 読影者「{one.reader}」は検査「{one.test}」の症例「{one.case}」を {before} 行目ですでに評価しています。"
            "どちらかの行を削除するか、検査を区別する列を加えてください。",
        )


def _both(name: str, cases: Sequence[str], known: dict[str, bool]) -> None:
    without = [case for case in cases if case not in known]
    if without:
        raise DataError(
            "G-IO-146",
            en=f"'{name}' does not tell the truth of {len(without)} of {len(cases)} cases, such as '{without[0]}'. Fill the column of "
            "truth (0 or 1) in at least one row of each case.",
            ja=f"「{name}」には {len(cases)} 症例のうち {len(without)} 例 (「{without[0]}」など) の真の状態がありません。"
            "各症例の少なくとも 1 行で、真の状態 (0 または 1) の列を埋めてください。",
        )
    positives = sum(known[case] for case in cases)
    if not 0 < positives < len(cases):
        raise DataError(
            "G-IO-147",
            en=f"'{name}' needs cases with and without disease; {positives} of {len(cases)} have disease. Check the column of truth.",
            ja=f"「{name}」には病変のある症例とない症例の両方が必要です。{len(cases)} 例のうち病変ありは {positives} 例です。真の状態の列を確かめてください。",
        )
