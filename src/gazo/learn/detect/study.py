"""An honest judgement of a detector: parts by patient, every image judged by a network that never saw its patient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import generator
from gazo.datasets.findings import patient_faults
from gazo.datasets.splits import Fold
from gazo.learn.detect.cases import Cases, cases_of
from gazo.learn.detect.examples import telling_examples
from gazo.learn.detect.results import DetectionFold, DetectionStudy
from gazo.learn.detect.summary import summary
from gazo.learn.folds import FoldPlace, judged_folds, passed_over
from gazo.learn.protocol import Protocol
from gazo.training.augment import Augmentation, implausible

if TYPE_CHECKING:
    from gazo.learn.detect.detector import Detector
    from gazo.learn.detect.fitted import FittedDetector

TAUGHT = 60  # training images that are judged as well, for the gap between training and test


def study(
    spec: Detector, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
) -> DetectionStudy:
    """Train and judge `spec` as `protocol` says.

    Near copies stay in one part. With a `folder` each fold's network and outcome are kept there (`folds/`), so that an
    interrupted study goes on where it was with the numbers it would have had.
    """
    spec.check()
    with cases_of(images, spec, folder=_made(folder), on_event=on_event) as cases:

        def one_fold(fold: Fold, place: FoldPlace, fold_seed: int, told: OnEvent) -> DetectionFold:
            return judged(spec, cases, fold, place, fold_seed, told)

        found = judged_folds(images, protocol, seed=seed, folder=folder, on_event=on_event, one_fold=one_fold)
        first = found.outcomes[0]
        examples = telling_examples(cases, first.test, first.found, first.threshold, spec)
        faults = passed_over(cases.pixels.faults, cases.pixels.count)
        summed = summary(spec, images, cases, found.outcomes, plan=found.plan.sentence, seed=seed)
    warnings = (*images.notes, *found.warnings, *faults, *implausible(_unsided(spec.augmentation)))
    return replace(summed, examples=examples, data=found.tables, warnings=warnings)


def evaluation(fitted: FittedDetector, images: ImageSet, *, on_event: OnEvent = quiet) -> DetectionStudy:
    """Judge a fitted detector on images that had no part in its training."""
    with cases_of(images, fitted.spec, on_event=on_event) as cases:
        rows = cases.usable
        timed = fitted.found(cases, rows, on_event=on_event)
        found = tuple(one for _, one in timed)
        outcome = DetectionFold(0, 0, rows, found, rows[:0], (), fitted.threshold, _mean_seconds(timed))
        sentence = Text(f"別のデータ {len(rows)} 枚での評価", f"judged on {len(rows)} other images")
        summed = summary(fitted.spec, images, cases, [outcome], plan=sentence, seed=fitted.seed)
        examples = telling_examples(cases, rows, found, fitted.threshold, fitted.spec)
        faults = passed_over(cases.pixels.faults, cases.pixels.count)
    return replace(summed, examples=examples, warnings=(*images.notes, *(f.text for f in patient_faults(images)), *faults))


def judged(spec: Detector, cases: Cases, fold: Fold, place: FoldPlace, seed: int, on_event: OnEvent) -> DetectionFold:
    """Train for one fold, keep its network, judge it."""
    train, validation, test = (np.intersect1d(rows, cases.usable) for rows in (fold.train, fold.validation, fold.test))
    if not sum(len(cases.truth[int(row)]) for row in test):
        raise DataError(
            "G-DET-004",
            en=f"every test part needs a lesion; part {fold.number + 1} has none in {len(test)} usable images. Take fewer folds, or add images with lesions.",
            ja=f"どのテストデータにも病変が必要ですが、{fold.number + 1} 番目の分割の {len(test)} 枚には病変がありません。分割数を減らすか、病変のある画像を増やしてください。",
        )
    fitted = spec.fit_prepared(cases, train, validation, seed=seed, checkpoint=place.checkpoint, on_event=on_event)
    if place.writes:
        fitted.save(place.folder)
    timed = fitted.found(cases, test, on_event=on_event)
    taught = np.sort(generator(seed, "taught").permutation(train)[:TAUGHT])
    again = tuple(one for _, one in fitted.found(cases, taught))
    history: tuple[dict[str, float], ...] = fitted.histories[0].rows if fitted.histories else ()
    return DetectionFold(
        fold.repeat, fold.number, test, tuple(one for _, one in timed), taught, again, fitted.threshold, _mean_seconds(timed), history
    )  # fmt: skip


def _unsided(augmentation: Augmentation) -> Augmentation:
    """Without the horizontal flip, which does no harm here: a lesion on either side is a lesion."""
    return replace(augmentation, flip="none") if augmentation.flip == "horizontal" else augmentation


def _mean_seconds(timed: list[tuple[float, Any]]) -> float:
    return float(np.mean([seconds for seconds, _ in timed]))


def _made(folder: Path | None) -> Path | None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder
