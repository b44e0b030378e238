"""The report of a study: its facts, its runs and data, the checklist, then the report of each run as a chapter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gazo.core.errors import GazoError
from gazo.core.language import Language, Text
from gazo.core.results import Table
from gazo.runs.export_runs import is_finished, outcome_of, task_label
from gazo.runs.keeping import called
from gazo.runs.recipe import read_recipe
from gazo.runs.report import Told, page_of
from gazo.runs.section import Section
from gazo.runs.sections import sections
from gazo.runs.study import Answer, Study, is_linked
from gazo.runs.study_checklist import CITATION, ITEMS, STATES

_FACTS = {
    "title": Text("題名", "Title"),
    "created": Text("作成日", "Created"),
    "ethics": Text("倫理審査の承認番号", "Ethics approval"),
    "period": Text("撮影期間", "Period of the images"),
    "exclusions": Text("除外基準と除外数", "Exclusions"),
    "notes": Text("メモ", "Notes"),
}


@dataclass(frozen=True)
class StudyFacts:
    """A study as the first chapter of its report; `runs` are (name, what it did, images) of each run, `linked` the keys of data known here."""

    study: Study
    runs: tuple[tuple[str, Text, int], ...]
    linked: frozenset[str]


def study_page(study: Study, place: Path, *, language: Language, with_runs: bool = True) -> str:
    """The whole report as one page. Runs that are gone or not finished stand in the list only."""
    folders = [place / "runs" / name for name in study.runs]
    listed = tuple((called(folder), *_did(folder)) for folder in folders)
    linked = frozenset(data.key for data in study.data if is_linked(data.key, place))
    told = [Told(study.name, StudyFacts(study, listed, linked), title=study.title or study.name)]
    if with_runs:
        told += [
            Told(f.name, outcome_of(f), read_recipe(f), called(f), frozenset({"predictions", "checklist"}))
            for f in folders
            if is_finished(f)
        ]
    return page_of(told, language=language, title=study.title or study.name)


@sections.register
def _(facts: StudyFacts) -> tuple[Section, ...]:
    study = facts.study
    rows = tuple((label, getattr(study, name) or None) for name, label in _FACTS.items())
    about = Table(Text("報告事項", "Facts"), (Text("項目", "Fact"), Text("内容", "Content")), rows)
    run_headings = (Text("実行", "Run"), Text("手法", "Method"), Text("画像", "Images"))
    runs = Table(Text("実行結果", "Runs"), run_headings, facts.runs)
    data_headings = (
        Text("データ (内容の指紋)", "Data (by content)"),
        Text("画像", "Images"),
        Text("この作業フォルダにあるか", "Found here"),
    )
    data = Table(Text("データ", "Data"), data_headings, tuple((d.sha256[:16], d.rows, d.key in facts.linked) for d in study.data))
    found = [
        Section("facts", Text("研究の概要", "The study"), tables=tuple(t for t in (about, runs, data) if t.rows)),
        Section(
            "checklist", Text("報告のチェックリスト", "Reporting checklist"), (CITATION, _count(study)), (), (_checklist(study),)
        ),
    ]
    return tuple(found)


def _checklist(study: Study) -> Table:
    headings = (
        Text("区分", "Part"),
        Text("報告すること", "To be reported"),
        Text("状態", "State"),
        Text("記載", "Answer"),
        Text("出典", "Source"),
    )
    answers = {item.key: study.checklist.get(item.key, Answer()) for item in ITEMS}
    rows = tuple((i.part, i.text, STATES[answers[i.key].state], answers[i.key].text or None, i.source) for i in ITEMS)
    return Table(Text("チェックリスト", "Checklist"), headings, rows)


def _count(study: Study) -> Text:
    done = sum(study.checklist.get(item.key, Answer()).state != "open" for item in ITEMS)
    return Text(f"{len(ITEMS)} 項目中 {done} 項目に答えました。", f"{done} of {len(ITEMS)} items are answered.")


def _did(folder: Path) -> tuple[Text, int]:
    try:
        recipe = read_recipe(folder)
    except GazoError:
        return Text("(見つかりません)", "(not found)"), 0
    return task_label(recipe), recipe.rows
