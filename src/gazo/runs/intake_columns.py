"""What each column of the data that waits may be for. What looks as if it told who somebody is, is proposed to be left out and never shown."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gazo.core.language import Text
from gazo.datasets.repairs import iso_date
from gazo.datasets.strata import is_missing
from gazo.datasets.tabulate import as_numbers

Use = Literal["label", "patient", "value", "mask", "split", "date", "keep", "leave"]

_PATIENT = re.compile(
    r"(patient|pat|subject|case|症例|患者)[ _'s-]*(id|no|number|番号|コード|code|key)?|id|id番号|mrn|カルテ(番号|no)?|診察券(番号|no)?",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"name|氏名|名前|姓名|患者名|かな|カナ|フリガナ|ふりがな|漢字|kana|birth|dob|生年月日|誕生|住所|address|電話|phone|tel|mail|メール|郵便|postal|zip"
    r"|physician|doctor|医師|主治医|担当|技師|operator|technologist|radiographer|撮影者|読影|依頼|requester|保険|insurance|accession|受付|オーダ|order"
    r"|institution|hospital|施設|病院|department|station|comment|コメント|備考|remark|note|memo|メモ|所見|report|path|url|uid|serial|mrn|カルテ|診察券",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"label|labels|class|classes|category|target|diagnosis|group|finding|findings|y|ラベル|クラス|分類|診断|診断名|群|判定|所見分類|正解",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"split|part|subset|partition|分割|区分|用途", re.IGNORECASE)
_DATE = re.compile(r".*(date|日付|検査日|撮影日|実施日)", re.IGNORECASE)
_MASK = re.compile(r".*(mask|マスク|segmentation|lungs|heart)", re.IGNORECASE)
_PART_WORDS = {"train", "training", "val", "valid", "validation", "test", "testing", "学習", "訓練", "検証", "テスト", "評価"}
_SAFE = re.compile(
    r"sex|gender|性別|age|年齢|view|position|撮影方向|体位|modality|モダリティ|laterality|左右|kvp|管電圧", re.IGNORECASE
)
_MOST_CLASSES, _LONGEST_CLASS, _SHOWN = 20, 40, 6


@dataclass(frozen=True)
class Proposal:
    """One column and what is proposed.

    Parameters
    ----------
    use : label, patient, value, mask, split, date, keep, or leave (not taken in).
    filled, different : cells that are not empty; how many of those differ.
    examples : the most frequent values with their counts; none where the column may tell who somebody is.
    why : the reason for leaving it out or replacing it; None where it speaks for itself.
    """

    name: str
    use: Use
    filled: int
    different: int
    examples: tuple[tuple[str, int], ...] = ()
    why: Text | None = None


_WHO = Text("個人を特定しうる列と思われるため、取り込みません。", "May tell who somebody is, so it is left out.")
_REPLACED = Text(
    "実際の ID は P0001 … に置き換え、対応表だけに残します。", "Real IDs become P0001 ...; only the key table keeps them."
)
_MANY = Text("値がほとんどの行で異なるため、取り込みません。", "Nearly every row differs, so it is left out.")
_MOVED = Text(
    "日付は患者ごとに同じ日数だけずらします (間隔は保たれます)。",
    "Dates are moved by the same number of days for each patient; intervals stay.",
)


def propose(name: str, cells: Sequence[Any]) -> Proposal:
    """What a column may be for, by its name and by what stands in it."""
    full = [str(cell).strip() for cell in cells if not is_missing(cell)]
    counts = Counter(full)
    use, why = _use(unicodedata.normalize("NFKC", name).strip(), cells, full, counts)
    examples = () if use in ("leave", "patient", "mask", "date") else _examples(cells, counts)
    return Proposal(name, use, len(full), len(counts), examples, why)


def folder_use(cells: Sequence[Any]) -> Use:
    """What folders may be: classes when they are few and hold several images each, else patients when there are several."""
    counts = Counter(str(cell) for cell in cells if not is_missing(cell))
    few = 2 <= len(counts) <= _MOST_CLASSES and min(counts.values()) >= 2
    return "label" if few and not any(map(_like_a_person, counts)) else "patient" if len(counts) > 1 else "leave"


def propose_folder(name: str, cells: Sequence[Any]) -> Proposal:
    """What the folders of pictures may be for."""
    counts = Counter(str(cell) for cell in cells if not is_missing(cell))
    use = folder_use(cells)
    examples = tuple(counts.most_common(_SHOWN)) if use == "label" else ()
    return Proposal(name, use, sum(counts.values()), len(counts), examples, _REPLACED if use == "patient" else None)


def one_of_each(proposals: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """The proposals with each part played once: the first column keeps it, later ones are kept without a part (IDs and masks go)."""
    seen: set[str] = set()
    made = []
    for one in proposals:
        if one.use in seen and one.use not in ("keep", "leave"):
            gone = one.use in ("patient", "mask")
            one = Proposal(
                one.name, "leave" if gone else "keep", one.filled, one.different, one.examples, _WHO if gone else one.why
            )
        seen.add(one.use)
        made.append(one)
    return tuple(made)


def _use(name: str, cells: Sequence[Any], full: list[str], counts: Counter[str]) -> tuple[Use, Text | None]:
    if not full:
        return "leave", None
    if _PATIENT.fullmatch(name):
        return "patient", _REPLACED
    if _TELLING.search(name) or sum(map(_like_a_person, counts)) * 2 > len(counts):
        return "leave", _WHO
    if _SPLIT.fullmatch(name) and {value.lower() for value in counts} <= _PART_WORDS:
        return "split", None
    if _MASK.fullmatch(name) and len(counts) > _MOST_CLASSES:
        return "mask", None
    if _DATE.fullmatch(name) or sum(iso_date(value) is not None and "-" in value + "/" for value in counts) == len(counts) > 3:
        return ("date", _MOVED) if any(iso_date(value) for value in counts) else ("leave", _WHO)
    if _LABEL.fullmatch(name) and len(counts) <= _MOST_CLASSES:
        return "label", None
    if as_numbers(cells) is not None or _SAFE.fullmatch(name):
        return ("leave", _WHO) if _like_numbers_of_people(full, counts) else ("keep", None)
    if len(counts) <= _MOST_CLASSES and max(map(len, counts)) <= _LONGEST_CLASS:
        return "keep", None
    return "leave", _MANY


def _like_a_person(value: str) -> bool:
    """ "YAMADA^TARO", "山田 太郎", "Yamada, Taro": a name as hospitals write it."""
    if re.search(r"\w\^\w", value) or re.fullmatch(r"[\u3400-\u9fff々ヶ]{1,4}[ \u3000][\u3400-\u9fffぁ-ヿ々]{1,5}", value):
        return True
    return (
        re.fullmatch(r"[A-Z][A-Za-z'-]+, ?[A-Z][A-Za-z'. -]+|[A-Z]{3,} [A-Z]{3,}|[ァ-ヺー]{2,} [ァ-ヺー]{2,}", value) is not None
    )


def _like_numbers_of_people(full: list[str], counts: Counter[str]) -> bool:
    """Whole numbers of five digits or more, nearly all different: no measurement, but an ID."""
    return len(full) > 3 and len(counts) > 0.9 * len(full) and all(re.fullmatch(r"\d{5,}", value) for value in counts)


def _examples(cells: Sequence[Any], counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    if as_numbers(cells) is not None:
        return ()
    return tuple(counts.most_common(_SHOWN)) if len(counts) <= _MOST_CLASSES else ()
