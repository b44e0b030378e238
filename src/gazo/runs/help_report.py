"""N7: one click makes a text for the teacher: screen, settings, error, log, versions, machine. No pixels and no names.

What a person typed or what came from data (names of sets, runs, columns and files, notes, paths) never goes in, whatever it looks like: a
setting is kept when it is a number, yes or no, or one of the words gazo itself offers; an error by its code and its sentence without what
was filled in; the log by its own words. The note to the teacher is the only free text, and what the workspace knows as a name is taken out of it.
"""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError
from gazo.core.language import Language, Text, speaking
from gazo.core.registry import feature
from gazo.runs.catalog import catalog, options_of
from gazo.runs.check import check_machine, status_text, without_names
from gazo.runs.error_sites import CODE, error_sites
from gazo.runs.events import read_events
from gazo.runs.ownership import read_status
from gazo.runs.recipe import environment, read_recipe
from gazo.runs.workspace import run_folders

RUNS, LINES, TOLD = 5, 12, 2000
SOMETHING = "<...>"
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_RUN_NAME = re.compile(r"^(\d{8}-\d{6})-.*-([0-9a-f]{4})$")
_PLACES = re.compile(
    r"(?:[A-Za-z]:)?(?:[\\/][^\s\\/\"'<>|]*)+|\S+\.(?:dcm|png|jpe?g|tiff?|nii(?:\.gz)?|csv|xlsx?|zip|npz|raw|img|json|pdf)\b|\S+@\S+",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"\d{4,}")
_TRACE = re.compile(r'^\s*File "(?:GAZO|PYTHON)/([^"]*)", line (\d+), in (\w+)|^(\w*(?:Error|Exception|Interrupt))\b')


@feature("支援レポート", "Help report", booklet="N7")
def help_report(
    place: Path,
    *,
    screen: str = "",
    settings: Mapping[str, Any] | None = None,
    error: str = "",
    note: str = "",
    language: Language | None = None,
) -> str:
    """A text that may be sent to a teacher or to us.

    Parameters
    ----------
    place : the workspace.
    screen : where the user was, such as "train".
    settings : what was set there, by the names of options.
    error : what was said last, with its code.
    note : what the user wants to tell.
    """
    with speaking(language):
        parts = [
            (Text("状況", "What happened"), _situation(screen, error, note, place)),
            (Text("設定", "Settings"), _settings(settings or {})),
            (Text("最近の実行", "Latest runs"), [line for folder in run_folders(place)[-RUNS:] for line in _run(folder)]),
            (Text("版", "Versions"), [f"{k} {v}" for k, v in environment()["packages"].items()]),
            (Text("点検", "Check"), status_text(check_machine(workspace=place)).splitlines()),
        ]
        head = Text(
            "gazo 相談用の文書 (画像・氏名・ファイル名を含みません)", "gazo help report (holds no images, names or file names)"
        )
        lines = [str(head), time.strftime("%Y-%m-%d %H:%M"), ""]
        for title, said in parts:
            lines += [f"== {title} ==", *(said or ["–"]), ""]
    return without_names("\n".join(lines))


def help_archive(text: str) -> bytes:
    """The report as a ZIP that can be attached to a message."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gazo-help.txt", "\ufeff" + text.replace("\n", "\r\n"))
    return buffer.getvalue()


def _situation(screen: str, error: str, note: str, place: Path) -> list[str]:
    said = [f"{Text('画面', 'Screen')}: {screen if _WORD.fullmatch(screen) else SOMETHING}"]
    said += [f"{Text('エラー', 'Error')}: {code} {_sentence(code)}" for code in dict.fromkeys(CODE.findall(error))]
    if note.strip():
        said.append(f"{Text('利用者より', 'From the user')}: {without_identity(note[:TOLD], place)}")
    return said


def _sentence(code: str) -> str:
    """What an error says, without what was filled in, which may be a name."""
    return next((re.sub(r"\{[^}]*\}", SOMETHING, str(text)) for known, text in _sentences() if known == code), "")


@cache
def _sentences() -> tuple[tuple[str, Text], ...]:
    return tuple((site.code, site.text) for site in error_sites())


def _settings(settings: Mapping[str, Any], before: str = "") -> list[str]:
    """Names of options with their values; other names and free texts are left out."""
    lines = []
    for name, value in settings.items():
        known = name if name in _vocabulary() else SOMETHING
        if isinstance(value, Mapping):
            lines += _settings(value, f"{before}{known}.")
        else:
            lines.append(f"{before}{known} = {_value(value)}")
    return lines


def _value(value: Any) -> str:
    if value is None or isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value[:20]) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(_settings(value)) + "}"
    return str(value) if str(value) in _vocabulary() or not str(value) else SOMETHING


@cache
def _vocabulary() -> frozenset[str]:
    """Every word that gazo itself offers: names of things and options, and their choices."""
    from gazo.core.parameters import parameters_of
    from gazo.datasets.source import open_images
    from gazo.learn.protocol import Protocol
    from gazo.runs.processed import storing

    words = {"auto", "none", "chain", "steps", "operation", "version", "options", "protocol", "source", "seed", "threads"}
    for entry in catalog():
        words |= {entry.name, entry.room, *_words_of(options_of(entry))}
    return frozenset(
        words | set(_words_of(parameter for target in (open_images, Protocol, storing) for parameter in parameters_of(target)))
    )


def _words_of(parameters: Iterable[Any]) -> Iterator[str]:
    for parameter in parameters:
        yield parameter.name
        yield from parameter.choices


def _run(folder: Path) -> list[str]:
    """A run by time and number, how it stands, how it was set, and the end of its log in gazo's own words."""
    match = _RUN_NAME.match(folder.name)
    status = read_status(folder)
    code = CODE.findall(str(status.get("code", "")))
    head = f"[{'-...-'.join(match.groups()) if match else SOMETHING}] {status['state']} {' '.join(code)}".rstrip()
    try:
        recipe = read_recipe(folder)
    except GazoError as error:
        return [head, f"  recipe: {error.code}"]
    task = "/".join(word if word in _vocabulary() else SOMETHING for word in recipe.task)
    lines = [f"{task}, {recipe.rows} rows, seed {recipe.seed}, threads {recipe.threads}, gazo {recipe.packages.get('gazo', '')}"]
    lines += _settings({**recipe.options, "protocol": recipe.protocol})
    lines += _events(folder) + [f"{_sentence(one)}" for one in code] + _trace(folder)
    return [head, *(f"  {line}" for line in lines)]


def _events(folder: Path) -> list[str]:
    """The last events: how far each stage came, without notes."""
    try:
        events = read_events(folder)
    except GazoError:
        return []
    stages: dict[str, str] = {}
    for event in events:
        stages[event.stage.en] = f"{event.done}/{event.total}"
    said = [f"{_own_words(stage)}: {where}" for stage, where in stages.items() if stage]
    return said[-LINES:]


def _own_words(stage: str) -> str:
    """A stage may begin with the name of a network, which may be a file of the user's."""
    name, colon, rest = stage.partition(": ")
    return stage if not colon else f"{name if name in _vocabulary() else SOMETHING}: {rest}"


def _trace(folder: Path) -> list[str]:
    """Where in the source a mistake happened, without what was said, which may hold names."""
    try:
        text = (folder / "trace.log").read_text(encoding="utf-8")
    except OSError:
        return []
    found = [match for line in text.splitlines() if (match := _TRACE.match(line))]
    return [m[4] if m[4] else f"{m[1]}:{m[2]} {m[3]}" for m in found][-LINES:]


def without_identity(text: str, place: Path) -> str:
    """A text without what the workspace knows as a name, without paths, file names, addresses and long numbers."""
    text = without_names(_PLACES.sub(SOMETHING, text))
    for name in sorted(known_names(place), key=len, reverse=True):
        edge = r"\b" if name.isascii() and name[0].isalnum() and name[-1].isalnum() else ""
        text = re.sub(edge + re.escape(name) + edge, SOMETHING, text, flags=re.IGNORECASE)
    return _NUMBERS.sub(SOMETHING, text)


def known_names(place: Path) -> set[str]:
    """Everything people have named in a workspace, with the words it is made of: runs, sets, columns, references, keys."""
    names = {folder.name for part in ("runs", "studies") for folder in (place / part).glob("*")}
    for file in (place / "data").rglob("*.json"):
        names |= set(_texts(_stored(file)))
    for file in (place / "runs").glob("*/kept.json"):
        names |= set(_texts(_stored(file)))
    for file in (place / "data").rglob("*.csv"):
        names |= set(_cells(file))
    words = {word for name in names for word in (name, *re.split(r"[\s\\/_,;:.()\[\]「」、。・-]+", name))}
    return {word for word in words - _vocabulary() if len(word) >= (3 if word.isascii() else 2) and not word.isdecimal()}


def _cells(file: Path, most: int = 200_000) -> Iterator[str]:
    """Every cell of a table that was taken in."""
    try:
        text = file.read_text(encoding="utf-8-sig", errors="replace")[:most]
    except OSError:
        return
    yield from (cell.strip().strip('"') for line in text.splitlines() for cell in line.split(","))


def _stored(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
