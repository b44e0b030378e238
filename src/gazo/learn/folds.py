"""Every fold in turn, each stored when it is done: the honest judgement that all methods share.

Parts are drawn by patient with near copies kept together. An interrupted study finds the folds it has finished and goes on with
the checkpoint of the one it was in, with the numbers it would have had.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from gazo.core.files import write_json
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Table, from_json, to_json
from gazo.core.seeds import derived_seed
from gazo.datasets.checks import DataReport, check
from gazo.datasets.copies import find_copies
from gazo.datasets.leak_report import leak_report
from gazo.datasets.splits import Fold, holdout
from gazo.learn.protocol import Plan, Protocol, plan
from gazo.training.devices import meet, world

Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class FoldPlace:
    """Where a fold keeps its network and its checkpoint. `writes` says whether this process is the one that stores them."""

    folder: Path
    checkpoint: Path
    writes: bool


@dataclass(frozen=True, eq=False)
class JudgedFolds(Generic[Outcome]):
    """The plan, what the check of the data found, and one outcome a fold in the order of the plan."""

    plan: Plan
    report: DataReport
    outcomes: tuple[Outcome, ...]
    leaks: Table

    @property
    def tables(self) -> tuple[Table, ...]:
        """The leak report, and the tables that describe the data."""
        of = self.report
        return tuple(table for table in (self.leaks, of.summary, of.images, of.associations, of.shifts) if table.rows)

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What a reader must know about the data and the parts."""
        return (*self.plan.notes, *(f.text for f in self.report.findings if f.severity != "note"))


def judged_folds(
    images: ImageSet,
    protocol: Protocol,
    *,
    seed: int,
    folder: Path | None,
    on_event: OnEvent,
    one_fold: Callable[[Fold, FoldPlace, int, OnEvent], Outcome],
) -> JudgedFolds[Outcome]:
    """Draw the parts and judge each fold.

    Parameters
    ----------
    folder : of the run; None keeps the folds in a temporary folder.
    one_fold : given the fold, its place, its seed and where it tells of progress; its outcome is a `@result`, which is stored.
    """
    report = check(images, on_event=on_event)
    planned = plan(images, protocol, seed=seed, groups=report.copies.groups)
    on_event(Event(Text("準備", "Preparing"), note=planned.sentence))
    with _somewhere(folder) as home:
        outcomes = tuple(
            stored_fold(home, fold, seed, folder is None, counting(on_event, number, len(planned.folds)), one_fold)
            for number, fold in enumerate(planned.folds)
        )
    return JudgedFolds(planned, report, outcomes, leak_report(images, planned.folds, report))


def stored_fold(
    home: Path,
    fold: Fold,
    seed: int,
    alone: bool,
    on_event: OnEvent,
    one_fold: Callable[[Fold, FoldPlace, int, OnEvent], Outcome],
) -> Outcome:
    """The outcome of one fold: read when it is there already, else worked for and stored.

    Parameters
    ----------
    alone : each process that trains keeps files of its own, because the folder is a temporary one.
    """
    folder = fold_folder(home, fold)
    stored = folder / "outcome.json"
    if stored.exists():
        outcome: Outcome = from_json(json.loads(stored.read_text(encoding="utf-8")))
        return outcome
    place = FoldPlace(folder, home / "checkpoints" / f"{folder.name}.pt", alone or world()[0] == 0)
    outcome = one_fold(fold, place, derived_seed(seed, "fold", fold.repeat, fold.number), on_event)
    if place.writes:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(stored, to_json(outcome))
        place.checkpoint.unlink(missing_ok=True)
    meet()
    return outcome


def watched_fold(images: ImageSet, share: float, *, seed: int, on_event: OnEvent) -> Fold:
    """The division whose test part is watched while training: drawn by patient, near copies on one side."""
    copies = find_copies(images, on_event=on_event)
    return holdout(images, test_share=share, validation_share=0, seed=seed, groups=copies.groups)


def fold_folder(home: Path, fold: Fold) -> Path:
    """Where a fold keeps its network."""
    return home / "folds" / f"repeat{fold.repeat}-fold{fold.number}"


def counting(on_event: OnEvent, number: int, total: int) -> OnEvent:
    """Events of one fold as a share of all folds."""
    if total == 1:
        return on_event

    def counted(event: Event) -> None:
        stage = Text(f"{event.stage.ja} {number + 1}/{total}", f"{event.stage.en} {number + 1}/{total}")
        done, whole = number * event.total + event.done, total * event.total
        on_event(replace(event, stage=stage, done=done, total=whole, facts={**event.facts, "fold": number}))

    return counted


def passed_over(faults: Sequence[Fault], count: int) -> tuple[Text, ...]:
    """How many images were passed over, which and with which codes; no file names, they may tell who it is."""
    if not faults:
        return ()
    codes = ", ".join(sorted({fault.error.code for fault in faults}))
    rows = ", ".join(str(fault.row) for fault in faults[:20])
    return (
        Text(
            f"{count} 枚中 {len(faults)} 枚を除いて学習・評価しました (行 {rows}、{codes})。`gazo data check` で確認できます。",
            f"{len(faults)} of {count} images were passed over (rows {rows}; {codes}). `gazo data check` tells more.",
        ),
    )


@contextmanager
def _somewhere(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)
