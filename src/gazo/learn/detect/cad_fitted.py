"""A detector of spots that has learned: it finds, is judged, shows what it found and is stored."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import options_of
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.learn.detect.candidates import found_at
from gazo.learn.detect.candidates_cases import SpotCases
from gazo.learn.detect.findings import findings_table
from gazo.learn.saved import load_networks, parts_of, save_networks
from gazo.stats.detections import Found, matched

if TYPE_CHECKING:
    import torch

    from gazo.learn.detect.cad_options import SpotDetector
    from gazo.learn.detect.results import DetectionStudy
    from gazo.training.loop import History

FAMILY = "detect-spots"
KINDS = {
    "PatchDetector": "gazo.learn.detect.patch_detector",
    "FeatureDetector": "gazo.learn.detect.cad_features",
    "CombinedDetector": "gazo.learn.detect.cad_combined",
}
Rows = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class FittedSpots:
    """A detector of spots that has learned. Several networks (folds) speak as one: the mean of their scores.

    `thresholds` are the scores from which findings are shown: one false positive an image on the validation part.
    """

    spec: SpotDetector
    nets: tuple[torch.nn.Module, ...]
    seed: int
    thresholds: tuple[float, ...] = ()
    histories: tuple[History, ...] = field(default=(), repr=False)

    @property
    def threshold(self) -> float:
        """The score from which a finding is shown; 0.5 without a validation part."""
        return float(np.mean(self.thresholds)) if self.thresholds else 0.5

    def with_threshold_from(self, cases: SpotCases, rows: Rows) -> FittedSpots:
        """The same networks with the threshold at which `rows` have at most one false positive an image."""
        if not len(rows):
            return self
        found = [one for _, one in self.found(cases, rows)]
        matches = matched(found, [cases.truth[int(row)] for row in rows], np.arange(len(rows)), self.spec.hit, self.spec.limit)
        scores = np.sort(matches.false_scores)[::-1]
        cut = float(scores[len(rows)]) if len(scores) > len(rows) else 0.0
        return replace(self, thresholds=(max(np.nextafter(cut, 1), self.spec.least_score),))

    def found(self, cases: SpotCases, rows: Rows, *, on_event: OnEvent = quiet) -> list[tuple[float, Found]]:
        """For each row the seconds it took (candidates and filters not counted) and what was found, the surest first."""
        results: list[tuple[float, Found]] = []
        for row in map(int, rows):
            began = time.perf_counter()
            found = self._found(cases, row)
            results.append((time.perf_counter() - began, found))
            on_event(Event(Text("検出", "Detecting"), len(results), len(rows)))
        return results

    def _found(self, cases: SpotCases, row: int) -> Found:
        """Several networks that scan give their own peaks, so the surest place of each neighbourhood stands for it."""
        each = [self.spec.scored(net, cases, row) for net in self.nets]
        points, scores = each[0]
        if len(each) > 1:
            points, scores = _together(each, self.spec.merge_radii * cases.radius[row])
        order = np.argsort(-scores, kind="stable")[: self.spec.most_found]
        order = order[scores[order] >= self.spec.least_score]
        return found_at(points[order], scores[order], 2 * cases.radius[row], cases.shapes[row])

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """A row a finding: the file (or row), the box in pixels of the image, its score, and whether it is above the threshold."""
        with self.spec.cases(images, truth=False, on_event=on_event) as cases:
            rows = cases.usable
            found = [one for _, one in self.found(cases, rows, on_event=on_event)]
            passed_over = [fault.row for fault in cases.pixels.faults]
        return findings_table(images, rows, found, threshold=self.threshold, passed_over=passed_over)

    def evaluate(self, images: ImageSet, *, on_event: OnEvent = quiet) -> DetectionStudy:
        """Judge on images that had no part in the training (role boxes or mask); intervals by patient."""
        from gazo.learn.detect.cad_study import evaluation

        return evaluation(self, images, on_event=on_event)

    def explain(self, images: ImageSet, rows: Sequence[int] | None = None, *, on_event: OnEvent = quiet) -> Panels:
        """Images with what was found above the threshold, and the truth where the set has it; at most 16 unless rows are named."""
        from gazo.learn.detect.examples import panels_of

        chosen = images.take(list(range(min(16, len(images)))) if rows is None else rows)
        with self.spec.cases(chosen, truth=images.has("boxes"), on_event=on_event) as cases:
            good = cases.usable
            found = [one for _, one in self.found(cases, good, on_event=on_event)]
            return panels_of(cast(Any, cases), good, found, self.threshold, Text("検出結果", "What was found"))

    def save(self, folder: Path | str) -> Path:
        """Write the networks (safetensors) and `model.json` into a folder that `load` reads."""
        about = {
            "method": FAMILY, "kind": type(self.spec).__name__, "options": options_of(self.spec), "seed": self.seed,
            "thresholds": self.thresholds,
        }  # fmt: skip
        return save_networks(folder, self.nets, about)


def _together(each: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]], apart: float) -> tuple[Any, Any]:
    """Places of several networks as one list: the surest place of a neighbourhood, with the mean over networks of their best score in it."""
    from scipy.spatial import cKDTree

    points, scores = np.concatenate([p for p, _ in each]), np.concatenate([s for _, s in each])
    owner = np.repeat(np.arange(len(each)), [len(p) for p, _ in each])
    order = np.argsort(-scores, kind="stable")
    around = cKDTree(points).query_ball_point(points, apart)
    free, kept, means = np.ones(len(points), bool), [], []
    for place in order:
        if free[place]:
            near = np.array(around[place])
            best = np.zeros(len(each))
            np.maximum.at(best, owner[near], scores[near])
            free[near] = False
            kept.append(place)
            means.append(best.mean())
    return points[kept], np.array(means)


def spec_of(about: Mapping[str, Any]) -> SpotDetector:
    """The specification that was stored."""
    made: SpotDetector = getattr(import_module(KINDS[about["kind"]]), about["kind"])(**about["options"])
    return made


def load(folder: Path | str, *, trust_file: bool = False) -> FittedSpots:
    """The detector that `save` wrote, or the networks of all folds of a run together. Only tensors and plain values are read."""
    fitted = [_load(part) for part in parts_of(folder)]
    nets, thresholds = (tuple(x for f in fitted for x in getattr(f, name)) for name in ("nets", "thresholds"))
    return replace(fitted[0], nets=nets, thresholds=thresholds)


def _load(folder: Path) -> FittedSpots:
    about, nets = load_networks(folder, lambda about: spec_of(about).build(seed=about["seed"]))
    return FittedSpots(spec_of(about), nets, about["seed"], tuple(about["thresholds"]))
