"""Where lessons lie: those that come with gazo, and folders that were dropped into ``lessons/`` of the workspace."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gazo.core.errors import FileError, GazoError, OptionError, RunError, nearest
from gazo.core.registry import entries
from gazo.runs.catalog import discover
from gazo.runs.lessons.lesson import FORMAT, NAME, Lesson, LessonFile, Step

MOST_BYTES = 200_000  # of one text of a lesson
MOST_PICTURE_BYTES = 5_000_000
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}


@dataclass(frozen=True)
class Spoiled:
    """A folder that looks like a lesson and cannot be read, and why."""

    name: str
    error: GazoError


def list_lessons(place: Path) -> tuple[list[Lesson], list[Spoiled]]:
    """All lessons whose needs are met here, those of gazo first, and the folders that cannot be read."""
    found, spoiled = [], []
    for folder, own in _folders(place):
        try:
            lesson = read_lesson(folder, own=own)
        except GazoError as error:
            spoiled.append(Spoiled(folder.name, error))
        else:
            found += [lesson] * (not missing_needs(lesson))
    return found, spoiled


def find_lesson(name: str, place: Path) -> Lesson:
    """The lesson of that name; an error names the nearest."""
    folder = next(((folder, own) for folder, own in _folders(place) if folder.name == name), None)
    if folder is not None:
        lesson = read_lesson(folder[0], own=folder[1])
        _need(lesson)
        return lesson
    hint = nearest(name, [folder.name for folder, _ in _folders(place)])
    raise FileError(
        "G-LSN-001",
        en=f"there is no lesson '{name}'. {hint.en} A lesson is a folder with a lesson.json in the folder 'lessons' of the workspace.",
        ja=f"教材「{name}」はありません。{hint.ja} 教材は、作業フォルダの lessons の中に lesson.json を入れたフォルダとして置きます。",
    )


def step_of(lesson: Lesson, id: str) -> Step:
    """The step of that id; an error names the nearest."""
    step = lesson.step(id)
    if step is None:
        hint = nearest(id, [step.id for step in lesson.file.steps])
        raise OptionError(
            "G-LSN-002",
            en=f"the lesson '{lesson.name}' has no step '{id}'. {hint.en}",
            ja=f"教材「{lesson.name}」に手順「{id}」はありません。{hint.ja}",
        )
    return step


def read_lesson(folder: Path, *, own: bool) -> Lesson:
    """The lesson in a folder; what is wrong with it is said with its place."""
    stored = _text(folder, "lesson.json")
    try:
        plain = json.loads(stored)
    except ValueError as error:
        raise FileError(
            "G-LSN-003",
            en=f"the lesson.json of '{folder.name}' is no JSON ({error}). Look for a missing comma, quotation mark or bracket there.",
            ja=f"「{folder.name}」の lesson.json が JSON として読めません ({error})。その付近のカンマ、引用符、括弧を確かめてください。",
        ) from None
    if isinstance(plain, dict) and isinstance(plain.get("format"), int) and plain["format"] > FORMAT:
        raise RunError(
            "G-LSN-004",
            en=f"the lesson '{folder.name}' has format {plain['format']}; this version of gazo reads up to {FORMAT}. Install a newer gazo.",
            ja=f"教材「{folder.name}」の形式は {plain['format']} ですが、この版の gazo が読めるのは {FORMAT} までです。新しい gazo を入れてください。",
        )
    try:
        file = LessonFile.model_validate(plain)
    except ValidationError as error:
        where, why = _first(error)
        raise FileError(
            "G-LSN-005",
            en=f"the lesson.json of '{folder.name}' is not right at '{where}' ({why}). See the page about writing lessons.",
            ja=f"「{folder.name}」の lesson.json の「{where}」が正しくありません ({why})。教材の作り方のページをご覧ください。",
        ) from None
    texts = {s.id: {"ja": _text(folder, s.text.ja), "en": _text(folder, s.text.en)} for s in file.steps}
    digest = hashlib.sha256(stored.encode()).hexdigest()[:4]
    return Lesson(name=folder.name, folder=folder, own=own, digest=digest, file=file, texts=texts)


def missing_needs(lesson: Lesson) -> list[str]:
    """What the lesson needs and this gazo does not have."""
    missing = [need for need in lesson.file.needs if need not in _known()]
    if missing:
        discover()  # takes a moment, and everything is registered already in most cases
    return [need for need in missing if need not in _known()]


def picture_of(lesson: Lesson, name: str) -> tuple[Path, str]:
    """A picture that lies in the folder of a lesson, and its media type; anything else is refused."""
    file = lesson.folder / name
    kind = PICTURES.get(file.suffix.lower())
    inside = not re.search(r"[/\\:]|^\.", name) and file.is_file() and not file.is_symlink()
    if kind is None or not inside or file.stat().st_size > MOST_PICTURE_BYTES:
        raise FileError(
            "G-LSN-006",
            en=f"the lesson '{lesson.name}' has no picture '{name}' that can be shown (PNG, JPEG, GIF or WebP up to 5 MB, beside its lesson.json).",
            ja=f"教材「{lesson.name}」に表示できる画像「{name}」はありません (lesson.json と同じフォルダの PNG・JPEG・GIF・WebP、5 MB まで)。",
        )
    return file, kind


def _known() -> set[str]:
    return {f"{entry.room} {entry.name}" for entry in entries() if entry.kind in ("method", "operation")}


def _folders(place: Path) -> Iterator[tuple[Path, bool]]:
    """Folders with a ``lesson.json``: of gazo, then of the workspace where no lesson of gazo has the name."""
    taken = set()
    for home, own in ((Path(__file__).parent, False), (place / "lessons", True)):
        for folder in sorted(home.iterdir()) if home.is_dir() else []:
            usable = re.match(NAME, folder.name) and folder.is_dir() and not folder.is_symlink()
            if usable and folder.name not in taken and (folder / "lesson.json").is_file():
                taken.add(folder.name)
                yield folder, own


def _text(folder: Path, name: str) -> str:
    """A text file that lies in the folder itself, not one that a link leads to."""
    file = folder / name
    try:
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            raise OSError
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise FileError(
            "G-LSN-007",
            en=f"the lesson '{folder.name}' lacks a readable '{name}' (a UTF-8 text of at most 200 kB in the same folder, no link).",
            ja=f"教材「{folder.name}」の「{name}」が読めません (同じフォルダに置いた 200 kB までの UTF-8 のテキストが必要です。リンクは使えません)。",
        ) from None


def _need(lesson: Lesson) -> None:
    missing = missing_needs(lesson)
    if missing:
        raise RunError(
            "G-LSN-008",
            en=f"the lesson '{lesson.name}' needs '{missing[0]}', which this version of gazo does not have. Install a newer gazo.",
            ja=f"教材「{lesson.name}」に必要な「{missing[0]}」が、この版の gazo にはありません。新しい gazo を入れてください。",
        )


def _first(error: ValidationError) -> tuple[str, str]:
    """Where the first fault is, and what kind it is; the choices of a condition are told as one."""
    found = error.errors()[0]
    parts = [str(part) for part in found["loc"]]
    steps = parts.index("check") + 3 if "check" in parts and len(parts) > parts.index("check") + 3 else len(parts)
    return ".".join(parts[:steps]) or "lesson.json", found["msg"]
