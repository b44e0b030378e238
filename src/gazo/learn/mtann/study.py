"""An honest judgement of an MTANN: parts by patient, every candidate judged by a network that never saw its patient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.core.results import Panels
from gazo.datasets.findings import patient_faults
from gazo.datasets.splits import Fold
from gazo.learn.classify.labels import class_names, class_numbers
from gazo.learn.classify.results import ClassificationStudy, FoldOutcome
from gazo.learn.classify.summary import summary
from gazo.learn.folds import FoldPlace, fold_folder, judged_folds, passed_over
from gazo.learn.mtann.fitted import FittedMTANN, load
from gazo.learn.mtann.massive_training import MassiveTraining
from gazo.learn.protocol import Protocol
from gazo.training.pixels import PreparedPixels, prepare

SHOWN = 6
Ints = NDArray[np.integer[Any]]


def study(
    spec: MassiveTraining,
    images: ImageSet,
    protocol: Protocol,
    *,
    seed: int,
    folder: Path | None = None,
    on_event: OnEvent = quiet,
) -> ClassificationStudy:
    """Train and judge `spec` as `protocol` says.

    Specificity is the share of false candidates removed, sensitivity the share of lesions kept, at the threshold that the
    validation part gave.
    """
    spec.preflight(images, protocol, seed=seed)
    classes = class_names(images, spec.positive)
    targets = class_numbers(images, classes)
    taught: dict[tuple[int, int], FittedMTANN] = {}
    with prepare(images, size_px=spec.size_px, channels=1, folder=folder, on_event=on_event) as pixels:

        def one_fold(fold: Fold, place: FoldPlace, seed: int, on_event: OnEvent) -> FoldOutcome:
            parts = [np.asarray(rows)[pixels.usable[rows]] for rows in (fold.train, fold.validation, fold.test)]
            fitted = spec.fit_prepared(
                pixels, targets, classes, parts[0], parts[1], seed=seed, checkpoint=place.checkpoint, on_event=on_event
            )
            if place.writes:
                fitted.save(place.folder)
            taught[fold.repeat, fold.number] = fitted
            said, history = fitted.probabilities(pixels, parts[2]), fitted.histories[0].rows
            return FoldOutcome(fold.repeat, fold.number, parts[2], said, fitted.threshold, history)

        found = judged_folds(images, protocol, seed=seed, folder=folder, on_event=on_event, one_fold=one_fold)
        faults = passed_over(pixels.faults, pixels.count)
        first = found.plan.folds[0]
        fitted = taught.get((0, 0)) or load(fold_folder(folder or Path(), first))  # a resumed study has not trained it now
        shown = _panels(fitted, pixels, targets, found.outcomes[0].test)
    judged = summary(spec.name, images, targets, classes, found.outcomes, plan_sentence=found.plan.sentence, seed=seed)
    return replace(judged, examples=(shown,), data=found.tables, warnings=(*images.notes, *found.warnings, *faults))


def evaluation(fitted: FittedMTANN, images: ImageSet, *, on_event: OnEvent = quiet) -> ClassificationStudy:
    """Judge a fitted MTANN on candidates that had no part in its training."""
    targets = class_numbers(images, fitted.classes)
    with prepare(images, size_px=fitted.spec.size_px, channels=1, on_event=on_event) as pixels:
        rows = np.flatnonzero(pixels.usable)
        outcome = FoldOutcome(0, 0, rows, fitted.probabilities(pixels, rows), fitted.threshold, ())
        examples = (_panels(fitted, pixels, targets, rows),)
        faults = passed_over(pixels.faults, pixels.count)
    sentence = Text(f"別のデータ {len(rows)} 枚での評価", f"judged on {len(rows)} other images")
    judged = summary(fitted.spec.name, images, targets, fitted.classes, [outcome], plan_sentence=sentence, seed=fitted.seed)
    warnings = (*images.notes, *(found.text for found in patient_faults(images)), *faults)
    return replace(judged, examples=examples, warnings=warnings)


def _panels(fitted: FittedMTANN, pixels: PreparedPixels, targets: Ints, rows: Ints) -> Panels:
    """The first test candidates of both classes, the truth as caption."""
    chosen = np.concatenate([rows[targets[rows] == c][:SHOWN] for c in (1, 0)])
    return fitted.panels(pixels, chosen, [Text(fitted.classes[targets[r]], fitted.classes[targets[r]]) for r in chosen])
