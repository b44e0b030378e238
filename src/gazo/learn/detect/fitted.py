"""A detector that has learned: it finds, is judged, shows what it found and is stored."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import options_of
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.learn.detect.boxes import together
from gazo.learn.detect.cases import Cases, cases_of
from gazo.learn.detect.feed import PROPOSAL, padded
from gazo.learn.detect.findings import findings_table
from gazo.learn.saved import load_networks, parts_of, save_networks
from gazo.stats.detections import Found, matched
from gazo.training.feed import standardise

if TYPE_CHECKING:
    import torch

    from gazo.learn.detect.detector import Detector, Places
    from gazo.learn.detect.results import DetectionStudy
    from gazo.training.loop import History

BATCH = 8
Rows = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class FittedDetector:
    """A detector that has learned. Several networks (folds) speak as one: the mean of their scores for a box.

    `facts` are what the networks had to know of the training lesions; `thresholds` the scores from which findings are shown.
    """

    spec: Detector
    nets: tuple[torch.nn.Module, ...]
    facts: dict[str, Any]
    seed: int
    thresholds: tuple[float, ...] = ()
    histories: tuple[History, ...] = field(default=(), repr=False)

    @property
    def threshold(self) -> float:
        """The score from which a finding is shown: one false positive an image on the validation part, 0.5 without one."""
        return float(np.mean(self.thresholds)) if self.thresholds else 0.5

    def with_threshold_from(self, cases: Cases, rows: Rows) -> FittedDetector:
        """The same networks with the threshold at which `rows` have at most one false positive an image."""
        if not len(rows):
            return self
        found = [one for _, one in self.found(cases, rows)]
        matches = matched(found, [cases.truth[int(row)] for row in rows], np.arange(len(rows)), self.spec.hit, self.spec.limit)
        scores = np.sort(matches.false_scores)[::-1]
        cut = float(scores[len(rows)]) if len(scores) > len(rows) else 0.0
        return replace(self, thresholds=(max(cut, self.spec.least_score),))

    def found(self, cases: Cases, rows: Rows, *, on_event: OnEvent = quiet) -> list[tuple[float, Found]]:
        """For each row the seconds it took and what was found, in pixels of the image, the surest first."""
        results: list[tuple[float, Found]] = []
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            began = time.perf_counter()
            places = self.spec.places(cases, part, seed=self.seed)
            said = self._said(cases, part, places)
            each = (time.perf_counter() - began) / len(part)
            results += [(each, cases.found(int(row), *one)) for row, one in zip(part, said, strict=True)]
            on_event(Event(Text("検出", "Detecting"), len(results), len(rows)))
        return results

    def _said(self, cases: Cases, rows: Rows, places: Places | None) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Corners and scores in the square, of all networks together."""
        import torch

        images = standardise(cases.pixels.read(rows))
        given = None
        if places is not None:
            given = padded([np.column_stack([places[int(r)], np.full(len(places[int(r)]), PROPOSAL)]) for r in rows])
        each = []
        for net in self.nets:
            net.eval()
            device = next(net.parameters()).device
            with torch.inference_mode():
                told = net(images.to(device), None if given is None else given.to(device))
            each.append([(boxes.float().cpu(), scores.float().cpu()) for boxes, scores in told])
        return [_most(together(own, 0.5), self.spec.most_found) for own in zip(*each, strict=True)]

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """A row a finding: the file (or row), the box in pixels of the image, its score, and whether it is above the threshold."""
        with cases_of(images, self.spec, truth=False, on_event=on_event) as cases:
            rows = cases.usable
            found = [one for _, one in self.found(cases, rows, on_event=on_event)]
            passed_over = [fault.row for fault in cases.pixels.faults]
        return findings_table(images, rows, found, threshold=self.threshold, passed_over=passed_over)

    def evaluate(self, images: ImageSet, *, on_event: OnEvent = quiet) -> DetectionStudy:
        """Judge on images that had no part in the training (role boxes or mask); intervals by patient."""
        from gazo.learn.detect.study import evaluation

        return evaluation(self, images, on_event=on_event)

    def explain(self, images: ImageSet, rows: Sequence[int] | None = None, *, on_event: OnEvent = quiet) -> Panels:
        """Images with what was found above the threshold, and the truth where the set has it; at most 16 unless rows are named."""
        from gazo.learn.detect.examples import panels_of

        chosen = images.take(list(range(min(16, len(images)))) if rows is None else rows)
        truth = images.has("boxes")
        with cases_of(chosen, self.spec, truth=truth, on_event=on_event) as cases:
            good = cases.usable
            found = [one for _, one in self.found(cases, good, on_event=on_event)]
            return panels_of(cases, good, found, self.threshold, Text("検出結果", "What was found"))

    def save(self, folder: Path | str) -> Path:
        """Write the networks (safetensors) and `model.json` into a folder that `load` reads."""
        options = {**options_of(self.spec), "weights": "none"} if hasattr(self.spec, "weights") else options_of(self.spec)
        about = {
            "method": "detect", "kind": type(self.spec).__name__, "options": options, "facts": self.facts, "seed": self.seed,
            "thresholds": self.thresholds,
        }  # fmt: skip
        return save_networks(folder, self.nets, about)


def _most(said: tuple[torch.Tensor, torch.Tensor], most: int) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    order = torch.argsort(said[1], descending=True, stable=True)[:most]
    return said[0][order], said[1][order]


def load(folder: Path | str, *, trust_file: bool = False) -> FittedDetector:
    """The detector that `save` wrote, or the networks of all folds of a run together. Only tensors and plain values are read."""
    fitted = [_load(part) for part in parts_of(folder)]
    nets, thresholds = (tuple(x for f in fitted for x in getattr(f, name)) for name in ("nets", "thresholds"))
    return replace(fitted[0], nets=nets, thresholds=thresholds)


def _load(folder: Path) -> FittedDetector:
    from gazo.learn.detect.methods import detector_of

    def build(about: Any) -> torch.nn.Module:
        return detector_of(about["kind"], about["options"]).seeded(about["facts"], about["seed"])

    about, nets = load_networks(folder, build)
    spec = detector_of(about["kind"], about["options"])
    return FittedDetector(spec, nets, about["facts"], about["seed"], tuple(about["thresholds"]))
