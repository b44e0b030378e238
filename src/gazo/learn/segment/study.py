"""An honest judgement of a segmentation: parts by patient, every image judged by a network that never saw its patient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Panels
from gazo.datasets.findings import patient_faults
from gazo.datasets.splits import Fold
from gazo.learn.folds import FoldPlace, judged_folds, passed_over
from gazo.learn.protocol import Protocol
from gazo.learn.segment.classical import simple_method
from gazo.learn.segment.examples import TITLE, contour_panel
from gazo.learn.segment.fitted import FindsStructures
from gazo.learn.segment.labels import labels_of, survey, with_masks
from gazo.learn.segment.measures import mask_measures, odds_counts
from gazo.learn.segment.results import SegmentationOutcome, SegmentationStudy
from gazo.learn.segment.summary import summary
from gazo.learn.truth import mask_of
from gazo.training.augment import implausible

SHOWN = 4  # of each fold: the worst but one place, which goes to a middling case


def study(
    spec: Any, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
) -> SegmentationStudy:
    """Train and judge `spec` (a `Segmenter` or another method with `fit_rows`) as `protocol` says, its baseline on the same parts."""
    need_columns(spec, images)
    chosen = with_masks(images)
    seen = survey(chosen, on_event=on_event)
    structures = seen.structures(spec.structures)
    known = all(np.isfinite(one.spacing).all() for one in seen.seen.values())

    def one_fold(fold: Fold, place: FoldPlace, seed: int, on_event: OnEvent) -> SegmentationOutcome:
        given: dict[str, Any] = {"seed": seed, "folder": folder, "on_event": on_event}
        fitted = spec.fit_rows(
            chosen, fold.train, fold.validation, seen, structures, checkpoint=place.checkpoint, **given
        )  # fmt: skip
        if place.writes:
            fitted.save(place.folder)
        simple = simple_method(spec)
        beside = simple and simple.fit_rows(chosen, fold.train, fold.validation, seen, structures, **given)
        return judged(fitted, beside or None, chosen, fold, in_mm=known, on_event=on_event)

    found = judged_folds(chosen, protocol, seed=seed, folder=folder, on_event=on_event, one_fold=one_fold)
    made = summary(spec, structures, chosen, found.outcomes, found.plan.sentence, in_mm=known, seed=seed)
    reasons = dict.fromkeys(text for outcome in found.outcomes for text in outcome.passed_over)
    changes = implausible(spec.augmentation) if hasattr(spec, "augmentation") else ()
    return replace(
        made, data=found.tables, warnings=(*chosen.notes, *found.warnings, *reasons, *made.warnings, *changes)
    )  # fmt: skip


def evaluation(fitted: FindsStructures, images: ImageSet, *, on_event: OnEvent = quiet) -> SegmentationStudy:
    """Judge a fitted method on images that had no part in its training."""
    need_columns(fitted.spec, images)
    chosen = with_masks(images)
    seen = survey(chosen, on_event=on_event)
    known = all(np.isfinite(one.spacing).all() for one in seen.seen.values())
    every = np.arange(len(chosen))
    fold = Fold(0, 0, every[:0], every[:0], every)
    outcome = judged(fitted, None, chosen, fold, in_mm=known, on_event=on_event)
    sentence = Text(f"別のデータ {len(outcome.test)} 枚での評価", f"judged on {len(outcome.test)} other images")
    made = summary(fitted.spec, fitted.structures, chosen, [outcome], sentence, in_mm=known, seed=fitted.seed)
    faults = tuple(found.text for found in patient_faults(chosen))
    return replace(made, warnings=(*chosen.notes, *faults, *outcome.passed_over, *made.warnings))


def judged(
    fitted: FindsStructures, simple: FindsStructures | None, images: ImageSet, fold: Fold, *, in_mm: bool, on_event: OnEvent
) -> SegmentationOutcome:
    """Every test image against its mask; what cannot be read is passed over and told."""
    spec, count = fitted.spec, len(fitted.structures)
    rows, values, others, seconds, sizes, odds = [], [], [], [], [], []
    faults: list[Fault] = []
    for number, row in enumerate(map(int, fold.test), 1):
        try:
            image = images[row]
            truth = labels_of(images, row, fitted.structures, shape=image.shape)
            inside = _column_mask(images, spec.inside, row, image.shape)
            second = _column_mask(images, spec.second, row, image.shape)
            found = fitted.found(image)
            beside = None if simple is None else simple.found(image).labels
        except GazoError as error:
            faults.append(Fault(row, error))
            continue
        how: dict[str, Any] = {"spacing": image.spacing_mm if in_mm else None, "tolerance": spec.tolerance_mm, "inside": inside}
        rows.append(row)
        values.append(mask_measures(truth, found.labels, count, **how))
        others += [] if beside is None else [mask_measures(truth, beside, count, **how)]
        seconds += [] if second is None else [mask_measures(truth, second.astype(np.uint8), count, **how)]
        sizes.append([[int((mask == n).sum()) for mask in (truth, found.labels)] for n in range(1, count + 1)])
        odds += [odds_counts(truth, found.shares[1], inside)] if count == 1 else []
        on_event(Event(Text("評価", "Judging"), number, len(fold.test)))
    if not rows:
        raise _none_judged(faults)
    made = np.array(values)
    shown, its_dice = _shown(fitted, images, np.array(rows), made[:, :, 0].mean(1))
    histories, plans = getattr(fitted, "histories", ()), getattr(fitted, "plans", ())
    return SegmentationOutcome(
        fold.repeat, fold.number, np.array(rows), made, np.array(sizes), histories[0].rows if histories else (),
        np.array(others) if others else None, np.array(seconds) if seconds else None, np.array(odds) if odds else None,
        plans[0] if plans else None, shown, its_dice, passed_over(faults, len(fold.test)),
    )  # fmt: skip


def need_columns(spec: Any, images: ImageSet) -> None:
    """Refuse names of columns that are not there."""
    images.role("mask")
    for column in (spec.inside, spec.second):
        if column:
            images.with_role("mask", column)


def _column_mask(images: ImageSet, column: str, row: int, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    """The mask of another column, True inside; None where no column is named."""
    return mask_of(images.with_role("mask", column), row, shape=shape) > 0 if column else None


def _shown(
    fitted: FindsStructures, images: ImageSet, rows: NDArray[Any], scores: NDArray[np.floating[Any]]
) -> tuple[Panels, tuple[float, ...]]:
    """The worst cases, and the one in the middle."""
    order = np.argsort(scores, kind="stable")
    chosen = list(dict.fromkeys([*order[: SHOWN - 1].tolist(), int(order[len(order) // 2])]))
    pictures, captions = [], []
    for i in chosen:
        row = int(rows[i])
        image = images[row]
        truth = labels_of(images, row, fitted.structures, shape=image.shape)
        pictures.append(contour_panel(image, truth, fitted.found(image).labels))
        captions.append(Text(f"行 {row}: Dice {scores[i]:.3f}", f"row {row}: Dice {scores[i]:.3f}"))
    return Panels(TITLE, tuple(pictures), tuple(captions)), tuple(float(scores[i]) for i in chosen)


def _none_judged(faults: list[Fault]) -> DataError:
    first = faults[0].error.text if faults else Text("画像がありません", "there are no images")
    return DataError(
        "G-SEG-016",
        en=f"none of the test images could be judged; the first says: {first.en} Check the files.",
        ja=f"評価できるテスト画像が 1 枚もありません。最初のエラー: {first.ja} ファイルを確認してください。",
    )
