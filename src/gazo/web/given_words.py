"""What the page names as inputs of an operation: addresses of images, whole sets, results of runs, tables that were sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gazo.core.errors import OptionError
from gazo.core.files import replacing, storage_error
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.datasets.strata import is_missing
from gazo.io.finding import walk
from gazo.runs.given import Given, NamedSet
from gazo.runs.image_files import Files, as_cell
from gazo.runs.inputs import Input, is_volume
from gazo.runs.result_inputs import result_input
from gazo.runs.sets import files_of, find_set, images_of, source_of
from gazo.web.addresses import file_of

Words = Mapping[str, Sequence[str]]
_SENDABLE = (".csv", ".tsv", ".txt", ".xlsx", ".json", ".lrc", ".imrmc")
SENT = "sent:"  # a table or result that was sent from the page
_SENT_FILE = re.compile(rf"[0-9a-f]{{16}}({'|'.join(map(re.escape, _SENDABLE))})")
_SET = re.compile(r"set:([0-9a-f]{8})")


def given_words(inputs: Iterable[Input], words: Words, place: Path) -> Given:
    """The inputs that were named. A table that is needed and was not named is that of the set the images come from."""
    known = {one.name: one for one in inputs}
    _need_known(words, known)
    named = {name: tuple(w for w in found if w) for name, found in words.items()}
    named = {name: found for name, found in named.items() if found}
    whole = next((NamedSet(*source_of(_set_id(found[0]), place)) for name, found in named.items() if known[name].is_set), None)
    named = {name: found for name, found in named.items() if not known[name].is_set}
    files = {
        name: image_files(found, place, volume=is_volume(known[name])) for name, found in named.items() if known[name].is_image
    }
    results = {name: _results(found, known[name], place) for name, found in named.items() if not known[name].is_image}
    for one in known.values():
        if one.kind is Table and one.required and one.name not in results and (sets := _sets(named)):
            results[one.name] = table_of_rows(sets, place)
    origins = {name: found[0] for name, found in named.items() if not known[name].is_image and found[0].startswith("run:")}
    return Given(files, results, origins, whole)


def _set_id(word: str) -> str:
    found = _SET.fullmatch(word)
    return found[1] if found else word


def image_files(words: Sequence[str], place: Path, *, volume: bool = False) -> Files:
    """The files behind addresses, in order. "set:ID" is every image of a set, or with `volume` the one volume of its slices.

    They are called by their addresses, for file names may tell who a patient is.
    """
    pairs: list[tuple[str, str]] = []
    for word in words:
        whole = _SET.fullmatch(word)
        if whole is None:
            pairs.append((str(file_of(word, place)), word))
        elif volume and len(walk(str(folder := files_of(find_set(whole[1], place), place)))) > 1:
            pairs.append((str(folder), word))
        else:
            rows = range(len(images_of(whole[1], place)))
            pairs += [(str(file_of(f"{word}:{row}", place)), f"{word}:{row}") for row in rows]
    return Files(tuple(path for path, _ in pairs), tuple(name for _, name in pairs))


def table_of_rows(addresses: Sequence[str], place: Path) -> Table:
    """The table of a set without the names of its files: all rows, or those that addresses name, in their order."""
    number = addresses[0].split(":")[1]
    images = images_of(number, place)
    rows = [int(word.split(":")[2]) for word in addresses if word.count(":") == 2] or range(len(images))
    names = [name for name in images.columns if name != images.roles["image"]]
    cells = tuple(tuple(_cell(images.columns[name][row]) for name in names) for row in rows)
    return Table(Text("表", "Table"), tuple(Text(name, name) for name in names), cells)


def _cell(value: Any) -> float | str | None:
    if is_missing(value):
        return None
    return as_cell(str(value))


def _sets(words: Words) -> list[str]:
    """The words of the first input whose images all are rows of one set."""
    for found in words.values():
        if found and all(word.startswith("set:") for word in found) and len({word.split(":")[1] for word in found}) == 1:
            return list(found)
    return []


def _results(words: Sequence[str], one: Input, place: Path) -> Any:
    found = tuple(result_named(word, one, place) for word in words)
    return found if one.many else found[0]


def result_named(word: str, one: Input, place: Path) -> Any:
    """The result that a word names: "run:ID/field", a file that was sent, or the table of a set. No word is a path."""
    if one.kind is Table and word.startswith("set:"):
        return table_of_rows([word], place)
    if word.startswith(SENT):
        return result_input(str(sent_file(word, place)), one.kind, place)
    if not word.startswith("run:"):
        raise OptionError(
            "G-LIV-022",
            en=f"'{one.name}' is taken from a run (run:ID/field) or from a file that is sent; '{word[:40]}' came. Choose one.",
            ja=f"「{one.name}」は実行結果 (run:実行/項目) か、送信したファイルから選びます。受け取ったもの: 「{word[:40]}」。選び直してください。",
        )
    return result_input(word, one.kind, place)


def column_names(word: str, place: Path) -> list[tuple[str, str]]:
    """The headings of the table that a word names, as (ja, en)."""
    table = result_named(word, Input("table", Table, many=False, required=True), place)
    return [tuple(heading) for heading in table.headings]


def sent_file(word: str, place: Path) -> Path:
    """The file that was kept when it was sent; names that are not of that form name nothing."""
    name = word.removeprefix(SENT)
    path = place / "data" / "inputs" / name
    if _SENT_FILE.fullmatch(name) is None or not path.is_file():
        raise OptionError(
            "G-LIV-020",
            en="the file that was sent is no longer there. Choose it again.",
            ja="送信したファイルが見つかりません。もう一度選んでください。",
        )
    return path


def keep_sent(name: str, content: bytes, place: Path) -> str:
    """Keep a table or a result that was sent, under its content; the word that names it."""
    ending = Path(name).suffix.lower()
    if ending not in _SENDABLE:
        raise OptionError(
            "G-LIV-023",
            en=f"results come as {', '.join(_SENDABLE)}; a file ending in '{ending[:10]}' was chosen. Save the table as .csv or .xlsx.",
            ja=f"結果や表は {', '.join(_SENDABLE)} で読み込めます。選んだファイルの種類: 「{ending[:10]}」。表を .csv か .xlsx で保存してください。",
        )
    folder = place / "data" / "inputs"
    kept = f"{hashlib.sha256(content).hexdigest()[:16]}{ending}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from None
    with replacing(folder / kept) as file:
        file.write(content)
    return f"{SENT}{kept}"


def _need_known(words: Words, known: Mapping[str, Input]) -> None:
    strange = next((name for name in words if name not in known), None)
    if strange is not None:
        raise OptionError(
            "G-LIV-021",
            en=f"there is no input '{strange[:40]}' here; known are: {', '.join(known) or '-'}. Reload the page.",
            ja=f"「{strange[:40]}」という入力はありません。使えるもの: {', '.join(known) or '-'}。ページを再読み込みしてください。",
        )
