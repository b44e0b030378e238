"""Returns of packs: recognised, checked, and merged into the answers of the experiment; nothing that is there is ever changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError, FileError, GazoError
from gazo.core.files import write_text
from gazo.runs.reading import ReadingExperiment, folder_of, trials_of
from gazo.runs.reading_answers import append, checked_line, lines_of, standing
from gazo.runs.reading_pack import packs_of

_MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Merged:
    """What became of a return: the reader (from 1), how many lines were new, and how many trials of all are answered now."""

    reader: int
    new: int
    done: int
    total: int


def merge_return(experiment: ReadingExperiment, content: bytes, place: Path) -> Merged:
    """Check the file of a reader and append what is new; a file that was merged before brings nothing new.

    Parameters
    ----------
    content : of the file, as it was saved.

    Raises
    ------
    FileError : no return. DataError : of another experiment or pack, altered, or in conflict with answers that are there.
    """
    given = _opened(content)
    pack = _pack_of(experiment, given, place)
    _need_seal(given)
    lines = _lines(experiment, pack["reader"], given, place)
    kept = lines_of(experiment, pack["reader"], place)
    if kept != lines[: len(kept)] and lines != kept[: len(lines)]:
        raise DataError(
            "G-READ-054",
            en=f"reader '{experiment.readers[pack['reader'] - 1]}' has other answers already: the pack was read twice, or in the workbench too. Nothing was merged; keep the return and decide which reading counts.",
            ja=f"読影者「{experiment.readers[pack['reader'] - 1]}」には別の回答がすでにあります (同じ読影セットを 2 回読影したか、作業画面でも読影しています)。統合していません。どちらの読影を採用するか決めてください。",
        )
    new = lines[len(kept) :]
    if new:
        name = hashlib.sha256(content).hexdigest()[:16]
        write_text(folder_of(experiment.id, place) / "returns" / f"{name}.json", content.decode("utf-8"))
        append(experiment, pack["reader"], new, place)
    now = standing(experiment, pack["reader"], place)
    return Merged(pack["reader"], len(new), now.done, now.total)


def _opened(content: bytes) -> dict[str, Any]:
    try:
        given = json.loads(content) if len(content) <= _MOST_BYTES else None
    except ValueError:
        given = None
    wanted = {"experiment": str, "pack": str, "seal": str, "lines": list}
    if not isinstance(given, dict) or not all(isinstance(given.get(name), kind) for name, kind in wanted.items()):
        raise FileError(
            "G-READ-050",
            en="this file is no return of a reading pack, or it was cut off. Let the reader save it again from the page of the pack.",
            ja="読影セットから保存した回答ファイルではないか、途中で切れています。読影セットの画面からもう一度保存してもらってください。",
        )
    return given


def _pack_of(experiment: ReadingExperiment, given: Mapping[str, Any], place: Path) -> dict[str, Any]:
    if given["experiment"] != experiment.id:
        raise DataError(
            "G-READ-051",
            en=f"the return belongs to the experiment '{given['experiment'][:20]}', not to '{experiment.id}'. Merge it there.",
            ja=f"この回答ファイルは実験「{given['experiment'][:20]}」のもので、「{experiment.id}」のものではありません。該当する実験で取り込んでください。",
        )
    found = [pack for pack in packs_of(experiment, place) if pack["pack"] == given["pack"]]
    if not found:
        raise DataError(
            "G-READ-052",
            en=f"no pack with the mark '{given['pack'][:32]}' was handed out from this workspace. Use the workspace in which it was made, or hand out a new pack.",
            ja=f"目印「{given['pack'][:32]}」の読影セットは、この作業フォルダからは渡されていません。作成した作業フォルダで取り込むか、新しい読影セットを渡してください。",
        )
    return found[0]


def _need_seal(given: Mapping[str, Any]) -> None:
    """The seal of the page is SHA-256 over pack and lines. It finds damage and editing by hand, not a forger."""
    text = "\n".join([given["pack"], *map(str, given["lines"])])
    if hashlib.sha256(text.encode()).hexdigest() != given["seal"]:
        raise DataError(
            "G-READ-053",
            en="the return was altered after the page saved it (its seal does not fit). Ask the reader for the file as it was saved.",
            ja="回答ファイルは保存後に変更されています (封印が一致しません)。保存したままのファイルを送ってもらってください。",
        )


def _lines(experiment: ReadingExperiment, reader: int, given: Mapping[str, Any], place: Path) -> list[dict[str, Any]]:
    """Every line as the workbench would have stored it; trials are answered in order, none of them left out."""
    trials = trials_of(experiment, reader, place)
    found: list[dict[str, Any]] = []
    following = 0
    try:
        for line in map(json.loads, given["lines"]):
            if line["kind"] == "answer":
                following = _next(int(line["trial"]), following)
            found.append(checked_line(experiment, trials, line))
    except (LookupError, TypeError, ValueError, OverflowError, GazoError):
        raise DataError(
            "G-READ-055",
            en=f"line {len(found) + 1} of the return is no answer to a trial of the pack, or trials were left out. Ask the reader for the file as it was saved.",
            ja=f"回答ファイルの {len(found) + 1} 番目の記録が読影セットの画像への回答になっていないか、抜けがあります。保存したままのファイルを送ってもらってください。",
        ) from None
    return found


def _next(number: int, following: int) -> int:
    """The first trial that has no answer yet; one further on cannot be answered."""
    if not 0 <= number <= following:
        raise ValueError(number)
    return max(following, number + 1)
