"""N8: a lesson that somebody writes as a folder appears, checks itself, is repaired and gives a code, without a line of program."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gazo.core.errors import GazoError
from gazo.core.files import write_json, write_text
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.runs.lessons.codes import decoded, encoded, status_of
from gazo.runs.lessons.model import repair
from gazo.runs.lessons.progress import answered, begin, checked
from gazo.runs.lessons.shelf import find_lesson, list_lessons
from gazo.runs.proof import Proof, proof
from gazo.runs.workspace import workspace

NAME = "third-lesson"
_WORDS = {"ja": "三つ目の教材", "en": "A third lesson"}


def _lesson() -> dict[str, Any]:
    """``lesson.json`` as a teacher would write it."""
    question = {"question": _WORDS, "choices": [_WORDS, {"ja": "いいえ", "en": "No"}], "right": 0}
    return {
        "format": 1, "title": _WORDS, "summary": _WORDS, "needs": ["learn classify"],
        "steps": [
            {"id": "images", "title": _WORDS, "text": {"ja": "a.ja.md", "en": "a.en.md"}, "screen": "/data",
             "check": {"set": {"classes": 4, "rows": [">=", 40]}}, "model": {"sample": "directions"}},
            {"id": "question", "title": _WORDS, "text": {"ja": "a.ja.md", "en": "a.en.md"}, "screen": "/data/{set}", "check": {"answer": question}},
        ],
    }  # fmt: skip


@proof("N8", ja="フォルダを置くだけで増える教材", en="A lesson added as a folder")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """A folder is dropped into a workspace; the engine lists it, finds what is missing, repairs it, and a code tells the teacher."""
    with TemporaryDirectory() as folder:
        place = workspace(Path(folder))
        before = len(list_lessons(place)[0])
        _write(place / "lessons" / NAME, _lesson())
        listed = len(list_lessons(place)[0]) == before + 1
        lesson = find_lesson(NAME, place)
        progress = checked(lesson, begin(lesson, place), place)
        missing = bool(progress.missing.get("images"))
        progress = repair(lesson, progress, "images", place, on_event=on_event)
        repaired = progress.steps["images"].state == "done" and progress.steps["images"].helped
        progress = checked(lesson, answered(lesson, progress, "question", 0, place), place)
        status = decoded(encoded(status_of(progress)))
        told = status.lesson == NAME and status.steps == ("helped", "done")
        spoiled = _refused(place)
    found = {
        Text("一覧に加わる", "appears in the list"): listed,
        Text("足りないものを知らせる", "tells what is missing"): missing,
        Text("模範解答で補える", "can be repaired"): repaired,
        Text("コードで講師に伝わる", "a code tells the teacher"): told,
        Text("誤りのある教材は場所を示して拒否", "a faulty lesson is refused by name"): spoiled,
    }
    table = Table(_BAR, (Text("項目", "What"), Text("結果", "Result")), tuple(found.items()))
    return Proof("N8", all(found.values()), {text.en: value for text, value in found.items()}, _BAR, table)


_BAR = Text("プログラムを書かずに加えた教材が働く", "a lesson added without a program works")


def _write(folder: Path, stored: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    write_json(folder / "lesson.json", stored)
    write_text(folder / "a.ja.md", "# 手順\n\n画像を用意します。")
    write_text(folder / "a.en.md", "# Step\n\nGet the images.")


def _refused(place: Path) -> bool:
    """A lesson that points out of its folder and to another site is listed as spoiled, with the place of the fault."""
    wrong = json.loads(json.dumps(_lesson()))
    wrong["steps"][0]["text"]["ja"] = "../../secret.md"
    _write(place / "lessons" / "wrong", wrong)
    errors: list[GazoError] = [one.error for one in list_lessons(place)[1]]
    return len(errors) == 1 and "steps.0.text.ja" in errors[0].text.en
