"""A ready study for ``gazo app --demo``: simulated images, a small training and an experiment that finish by themselves."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from gazo.core.errors import GazoError
from gazo.core.language import Text, language
from gazo.core.progress import Event
from gazo.runs.keeping import rename
from gazo.runs.launch import launch
from gazo.runs.lessons.lesson import ModelRun
from gazo.runs.lessons.model import make_model_run
from gazo.runs.lessons.progress import Done, Progress
from gazo.runs.lessons.shelf import find_lesson
from gazo.runs.ownership import UNDER_WAY, read_status
from gazo.runs.sets import list_sets
from gazo.runs.sets_sample import add_sample
from gazo.runs.study import add_runs, list_studies, new_study, read_study, set_facts

NAME = "demo"
TITLE = Text("デモ: 胸部 X 線画像の向き", "Demonstration: directions of chest radiographs")
NOTES = Text(
    "シミュレーション画像によるデモ研究です。実在する患者のものではありません。",
    "A demonstration with simulated images; no patient stands behind them.",
)
_EXPERIMENT = ModelRun(task="learn decision-boundary", options={"hidden_units": [1, 4, 16, 64], "repeats": 4, "steps": 500})
_ASK_AGAIN_S = 1.0


def prepare(place: Path) -> list[Path]:
    """Put sample sets, a study and two runs into a workspace, once; the runs are trained in processes of their own.

    The folders of the runs that were begun; nothing is begun where the study is there already. A thread of this process takes
    the runs into the study when they have finished.
    """
    if NAME in list_studies(place):
        return []
    _say(Text("デモ用の模擬画像を作成しています…", "Simulating images for the demonstration ..."))
    made = {key: add_sample(key, place, on_event=_show).id for key in ("chest", "directions")}
    set_facts(new_study(NAME, place), place, title=getattr(TITLE, language()), notes=getattr(NOTES, language()))
    runs = _runs(made["directions"], place)
    for folder in runs:
        launch(folder)
    threading.Thread(target=_collect, args=(runs, place), daemon=True).start()
    _say(Text("学習を始めました。1 分ほどで結果が揃います。", "Training has begun; the results are there in about a minute."))
    return runs


def _runs(directions: str, place: Path) -> list[Path]:
    """The training of the first lesson, and an experiment on over-fitting."""
    step = find_lesson("direction", place).step("train")
    model = step.model if step else None
    assert model  # it comes with gazo
    assert model.run
    known = Progress(lesson=NAME, digest="0000", started=time.time(), steps={"data": Done(set=directions)})
    training = make_model_run(model.run, known, place, name="directions")
    rename(training, str(next(one.name for one in list_sets(place) if one.id == directions)))
    return [training, make_model_run(_EXPERIMENT, known, place, name="over-fitting")]


def _collect(runs: list[Path], place: Path) -> None:
    """Wait for the runs, and take those that finished into the study."""
    while any(read_status(folder)["state"] in UNDER_WAY for folder in runs):
        time.sleep(_ASK_AGAIN_S)
    for folder in runs:
        if read_status(folder)["state"] == "finished":
            with suppress(GazoError):  # the study may have been deleted meanwhile
                add_runs(read_study(NAME, place), [folder], place)


def _say(text: Text) -> None:
    print(text, file=sys.stderr, flush=True)


def _show(event: Event) -> None:
    """Progress on one line of a terminal."""
    if event.total and sys.stderr.isatty():
        end = "\n" if event.done == event.total else "\r"
        print(f"  {event.stage} {event.done}/{event.total}", end=end, file=sys.stderr, flush=True)
