"""The course of a search: networks trained one after the other, every one of them written down when it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError
from gazo.core.files import write_json
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import from_json, to_json
from gazo.core.seeds import derived_seed
from gazo.datasets.splits import Rows
from gazo.learn.classify.fitted import FittedClassifier, load
from gazo.learn.classify.results import ClassificationStudy, FoldOutcome
from gazo.learn.classify.search_proposals import proposal
from gazo.learn.classify.search_results import NetworkSearchStudy, Trial, curves_of, front_of, in_words, table_of
from gazo.learn.classify.search_space import START, changed
from gazo.learn.classify.search_stop import asked_to_finish
from gazo.learn.classify.side_by_side import paired_difference
from gazo.learn.classify.summary import summary
from gazo.learn.losses import cross_entropy
from gazo.nets.design import Design, adapted, analyse, design_named, read_design, write_design
from gazo.nets.design import to_json as design_json
from gazo.stats.auc import auc
from gazo.training.pixels import PreparedPixels

if TYPE_CHECKING:
    from gazo.learn.classify.search import NetworkSearch


class _Enough(Exception):
    """The time is over, or somebody asked for the end, while a network is being trained."""


@dataclass(eq=False)
class Course:
    """A search on prepared images. `parts` are the rows of the training, validation and test part; files lie in ``place/search``."""

    spec: NetworkSearch
    images: ImageSet
    pixels: PreparedPixels
    targets: NDArray[np.int64]
    classes: tuple[str, ...]
    parts: tuple[Rows, ...]
    seed: int
    place: Path
    on_event: OnEvent
    trials: list[Trial] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.home / "designs").mkdir(parents=True, exist_ok=True)
        if self._log.exists():
            self.trials = list(from_json(json.loads(self._log.read_text(encoding="utf-8"))))

    @property
    def home(self) -> Path:
        return self.place / "search"

    @property
    def _log(self) -> Path:
        return self.home / "trials.json"

    @property
    def merit(self) -> Text:
        """What the error is one minus of."""
        return Text("AUC", "AUC") if len(self.classes) == 2 else Text("正解率", "accuracy")

    def run(self) -> None:
        """Try networks until the budget is used up; the start is always trained."""
        start = self._adapted(design_named(self.spec.start))
        while len(self.trials) < self.spec.trials and not (self.trials and self._over()):
            settings = proposal(self.trials, seed=self.seed, with_size=self.spec.goal == "error-and-size")
            try:
                self._keep(self._tried(start, settings))
            except _Enough:
                break

    def _adapted(self, design: Design) -> Design:
        spec = self.spec
        return adapted(design, classes=len(self.classes), channels=3 if spec.colour else 1, size_px=spec.size_px)

    def _over(self, running: float = 0.0) -> bool:
        spent = sum(trial.seconds for trial in self.trials) + running
        return asked_to_finish(self.place) or bool(self.spec.minutes and spent >= 60 * self.spec.minutes)

    def _tried(self, start: Design, settings: dict[str, Any]) -> Trial:
        """One network trained and judged by the validation part, or why not."""
        number, began = len(self.trials), time.monotonic()
        empty = Trial(number, dict(settings), 0, 0)
        try:
            design = changed(start, settings)
            found = analyse(design)
            size = replace(empty, parameters=found.parameters, multiply_adds=found.multiply_adds)
            if not found.ready:
                return replace(size, why=found.problems[0].text.en)
            if number and self.spec.most_parameters and found.parameters > self.spec.most_parameters:
                return replace(size, why="more parameters than allowed")
            twin = self._twin(design, settings["learning_rate"])
            if twin is not None:
                return replace(size, error=twin.error, loss=twin.loss, why=f"the same network as #{twin.number}")
            write_design(design, self.home / "designs" / f"{number:04d}.json")
            return self._trained(size, began)
        except GazoError as error:
            if number == 0:
                raise
            return replace(empty, seconds=time.monotonic() - began, why=error.code)

    def _twin(self, design: Design, rate: float) -> Trial | None:
        """A network tried before that is this one: a change may change nothing."""
        for trial in self.trials:
            file = self.home / "designs" / f"{trial.number:04d}.json"
            alike = trial.error is not None and trial.settings["learning_rate"] == rate and file.exists()
            if alike and _parts_of(read_design(file)) == _parts_of(design):
                return trial
        return None

    def _trained(self, trial: Trial, began: float) -> Trial:
        import torch

        train, validation, _ = self.parts
        network = f"design:{self.home / 'designs' / f'{trial.number:04d}.json'}"
        spec = self.spec.classifier(network, trial.settings["learning_rate"])
        fitted = spec.fit_prepared(
            self.pixels, self.targets, self.classes, train, validation,
            seed=derived_seed(self.seed, "search"), on_event=self._watching(trial, began),
        )  # fmt: skip
        probabilities = fitted.probabilities(self.pixels, validation)
        truth = self.targets[validation]
        loss = float(cross_entropy(torch.from_numpy(np.log(np.clip(probabilities, 1e-12, 1))), torch.from_numpy(truth)))
        done = replace(trial, error=self._error(truth, probabilities), loss=loss, seconds=time.monotonic() - began)
        for name, wanted in (("start", trial.number == 0), ("best", all(done.rank < other.rank for other in self.trials))):
            if wanted:
                fitted.save(self.home / name)
                write_json(self.home / name / "history.json", to_json(fitted.histories[0].rows))
                write_design(read_design(self.home / "designs" / f"{trial.number:04d}.json"), self.home / f"{name}.json")
        return done

    def _error(self, truth: Rows, probabilities: NDArray[np.float64]) -> float:
        if len(self.classes) == 2:
            return 1 - float(auc(truth, probabilities[:, 1]).value)
        return 1 - float((probabilities.argmax(1) == truth).mean())

    def _watching(self, trial: Trial, began: float) -> Callable[[Event], None]:
        """Events of one training as a share of the search; the place where the search can end in the middle of a training."""

        def shared(event: Event) -> None:
            stage = Text(f"探索 {trial.number + 1}/{self.spec.trials}", f"Search {trial.number + 1}/{self.spec.trials}")
            done, total = trial.number * max(1, event.total) + event.done, self.spec.trials * max(1, event.total)
            facts = {**event.facts, "network": f"#{trial.number}"}
            self.on_event(replace(event, stage=stage, done=done, total=total, facts=facts))
            if trial.number and self._over(time.monotonic() - began):
                raise _Enough

        return shared

    def _keep(self, trial: Trial) -> None:
        """Write the trial down; what was found so far stands in the folder whatever happens next."""
        self.trials.append(trial)
        write_json(self._log, to_json(self.trials))
        best = min(self.trials, key=lambda t: t.rank)
        words = in_words(trial)
        said = (
            Text("–", "–")
            if trial.error is None
            else Text(f"検証の誤り {trial.error:.3f}", f"validation error {trial.error:.3f}")
        )
        note = Text(f"#{trial.number} {words.ja}: {said.ja}、最良 #{best.number}", f"#{trial.number} {words.en}: {said.en}, best #{best.number}")  # fmt: skip
        facts = {"trial": trial.number, "validation_error": trial.error, "parameters": trial.parameters, "best": best.error}
        stage = Text(f"探索 {len(self.trials)}/{self.spec.trials}", f"Search {len(self.trials)}/{self.spec.trials}")
        self.on_event(Event(stage, len(self.trials), self.spec.trials, facts, note))

    def judged(self, sentence: Text) -> NetworkSearchStudy:
        """The best and the start on the test part, which is used here for the first and only time."""
        start, best = self._on_test("start", sentence), self._on_test("best", sentence)
        difference = paired_difference(best, start)
        found = min(self.trials, key=lambda t: t.rank)
        (progress, frontier), front = curves_of(self.trials), front_of(self.trials)
        return NetworkSearchStudy(
            plan=sentence,
            verdict=self._verdict(found, best, start, difference.p),
            best=best,
            start=start,
            difference=difference.difference,
            design=design_json(read_design(self.home / "best.json")),
            front=table_of(front, Text("誤りと大きさの最良の組", "Best front of error and size"), self.merit),
            trials=table_of(self.trials, Text("試したネットワーク", "Networks tried"), self.merit),
            curves=progress,
            frontier=frontier,
        )

    def _on_test(self, name: str, sentence: Text) -> ClassificationStudy:
        fitted: FittedClassifier = load(self.home / name)
        history = from_json(json.loads((self.home / name / "history.json").read_text(encoding="utf-8")))
        test = self.parts[2]
        outcome = FoldOutcome(0, 0, test, fitted.probabilities(self.pixels, test), fitted.threshold, tuple(history))
        label = Text("元の設計", "start") if name == "start" else Text("探索で得た設計", "best of the search")
        return summary(label, self.images, self.targets, self.classes, [outcome], plan_sentence=sentence, seed=self.seed)

    def _verdict(self, found: Trial, best: ClassificationStudy, start: ClassificationStudy, p: float) -> Text:
        first, words = self.trials[0], in_words(found)
        trained = sum(trial.error is not None for trial in self.trials)
        b, s = best.metrics[0], start.metrics[0]
        shown = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
        if found.settings == START:
            return Text(
                f"{trained} 個のネットワークを学習しましたが、検証データで元の設計より良いものはありませんでした (テストの{s.name.ja} {s.value:.3f})。",
                f"{trained} networks were trained; none was better than the start on the validation part ({s.name.en} on the test part {s.value:.3f}).",
            )
        return Text(
            f"{trained} 個のネットワークを学習し、最良は #{found.number} ({words.ja}) でした。テストの{b.name.ja}は {b.value:.3f}、元の設計は {s.value:.3f} ({shown})。"
            f"パラメータ数は {found.parameters:,} (元の設計 {first.parameters:,})。",
            f"{trained} networks were trained; the best was #{found.number} ({words.en}). {b.name.en} on the test part {b.value:.3f}, of the start {s.value:.3f} ({shown}); "
            f"{found.parameters:,} parameters (start {first.parameters:,}).",
        )


def _parts_of(design: Design) -> Any:
    """What a network consists of, without names and places."""
    number = {block.id: place for place, block in enumerate(design.blocks)}
    links = sorted((number[k.source], number[k.target], k.port) for k in design.links)
    return [(b.kind, dict(b.options)) for b in design.blocks], links
