"""An honest judgement of a detector of spots: parts by patient, the same figures as for every detector."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.findings import patient_faults
from gazo.datasets.splits import Fold
from gazo.learn.detect.examples import telling_examples
from gazo.learn.detect.results import DetectionFold, DetectionStudy
from gazo.learn.detect.study import judged
from gazo.learn.detect.summary import summary
from gazo.learn.folds import FoldPlace, judged_folds, passed_over
from gazo.learn.protocol import Protocol

if TYPE_CHECKING:
    from gazo.learn.detect.cad_fitted import FittedSpots
    from gazo.learn.detect.cad_options import SpotDetector


def study(
    spec: SpotDetector, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
) -> DetectionStudy:
    """Teach and judge `spec` as `protocol` says. With a `folder` each fold's network and outcome are kept there."""
    with spec.cases(images, folder=folder, on_event=on_event) as cases:
        given: Any = cases  # the same attributes as `Cases`, but the pixels of each image in its own size

        def one_fold(fold: Fold, place: FoldPlace, fold_seed: int, told: OnEvent) -> DetectionFold:
            return judged(cast(Any, spec), given, fold, place, fold_seed, told)

        found = judged_folds(images, protocol, seed=seed, folder=folder, on_event=on_event, one_fold=one_fold)
        first = found.outcomes[0]
        examples = telling_examples(given, first.test, first.found, first.threshold, spec)
        faults = passed_over(cases.pixels.faults, cases.pixels.count)
        summed = summary(cast(Any, spec), images, given, found.outcomes, plan=found.plan.sentence, seed=seed)
    return replace(summed, examples=examples, data=found.tables, warnings=(*images.notes, *found.warnings, *faults))


def evaluation(fitted: FittedSpots, images: ImageSet, *, on_event: OnEvent = quiet) -> DetectionStudy:
    """Judge a fitted detector on images that had no part in its training."""
    with fitted.spec.cases(images, on_event=on_event) as cases:
        given: Any = cases
        timed = fitted.found(cases, cases.usable, on_event=on_event)
        found = tuple(one for _, one in timed)
        seconds = float(np.mean([each for each, _ in timed]))
        outcome = DetectionFold(0, 0, cases.usable, found, cases.usable[:0], (), fitted.threshold, seconds)
        sentence = Text(f"別のデータ {len(found)} 枚での評価", f"judged on {len(found)} other images")
        summed = summary(cast(Any, fitted.spec), images, given, [outcome], plan=sentence, seed=fitted.seed)
        examples = telling_examples(given, cases.usable, found, fitted.threshold, fitted.spec)
        faults = passed_over(cases.pixels.faults, cases.pixels.count)
    return replace(summed, examples=examples, warnings=(*images.notes, *(f.text for f in patient_faults(images)), *faults))
