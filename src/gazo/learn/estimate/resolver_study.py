"""An honest judgement of super-resolution: every image restored by a network that never saw its patient, bicubic beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.core.seeds import derived_seed
from gazo.datasets.checks import check
from gazo.datasets.copies import find_copies
from gazo.datasets.findings import patient_faults
from gazo.datasets.splits import Fold
from gazo.learn.estimate.resolver_results import ResolverFold, SuperResolutionStudy
from gazo.learn.estimate.resolver_summary import summary
from gazo.learn.estimate.restored import Restored, comparison_panels
from gazo.learn.folds import FoldPlace, judged_folds, passed_over
from gazo.learn.protocol import Protocol

if TYPE_CHECKING:
    from gazo.learn.estimate.fitted_resolver import FittedSuperResolver
    from gazo.learn.estimate.super_resolver import SuperResolver

SHOWN = 4  # images of a fold that the report shows
CAUTION = Text(
    "超解像は「ありそうな」細部を作ります。実際にない構造が現れることも、ある構造が消えることもあるため、診断には原画像を使ってください。",
    "Super-resolution makes probable detail. It can show what is not there and hide what is; for diagnosis use the original images.",
)


@dataclass(frozen=True, eq=False)
class _Judged:
    """Measures and spectra of the test images that could be judged."""

    rows: NDArray[np.int64]
    measures: NDArray[np.float64]
    spectra: NDArray[np.float64]
    examples: tuple[Panels, ...]
    faults: tuple[Fault, ...]


def study(
    spec: SuperResolver, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
) -> SuperResolutionStudy:
    """Train and judge `spec` as `protocol` says; where it learns from scikit-image's pictures, all images are judged and none teaches.

    With a `folder` each fold's network and outcome are kept there, so that an interrupted study goes on where it was.
    """
    if spec.learn_from == "pictures":
        return _taught_elsewhere(spec, images, seed, folder, on_event)

    def one_fold(fold: Fold, place: FoldPlace, fold_seed: int, told: OnEvent) -> ResolverFold:
        fitted = spec.fit_rows(
            images, fold.train, fold.validation, seed=fold_seed, checkpoint=place.checkpoint, folder=folder, on_event=told
        )
        if place.writes:
            fitted.save(place.folder)
        return _outcome(fitted, images, fold.repeat, fold.number, fold.test, len(fold.train), told)

    judged = judged_folds(images, protocol, seed=seed, folder=folder, on_event=on_event, one_fold=one_fold)
    found = summary(spec, images, judged.outcomes, sentence=judged.plan.sentence, seed=seed)
    return replace(found, data=judged.tables, warnings=(CAUTION, *images.notes, *judged.warnings, *found.warnings))


def evaluation(fitted: FittedSuperResolver, images: ImageSet, *, on_event: OnEvent = quiet) -> SuperResolutionStudy:
    """Judge a fitted super-resolver on images that had no part in its training."""
    outcome = _outcome(fitted, images, 0, 0, np.arange(len(images)), 0, on_event)
    sentence = Text(f"別のデータ {len(outcome.test)} 枚での評価", f"judged on {len(outcome.test)} other images")
    found = summary(fitted.spec, images, [outcome], sentence=sentence, seed=fitted.seed)
    faults = (fault.text for fault in patient_faults(images))
    return replace(found, warnings=(CAUTION, *images.notes, *faults, *found.warnings))


def _taught_elsewhere(
    spec: SuperResolver, images: ImageSet, seed: int, folder: Path | None, on_event: OnEvent
) -> SuperResolutionStudy:
    """Train once on the pictures and judge on all images; a copy of a picture among the images is a leak that is told."""
    report = check(images, on_event=on_event)
    pictures = spec.taught_by(images)
    checkpoint = None if folder is None else folder / "checkpoints" / "pictures.pt"
    fitted = spec.fit(images, seed=derived_seed(seed, "fold", 0, 0), checkpoint=checkpoint, on_event=on_event)
    if folder is not None:
        fitted.save(folder / "folds" / "repeat0-fold0")
    outcome = _outcome(fitted, images, 0, 0, np.arange(len(images)), len(pictures), on_event)
    sentence = Text(
        f"scikit-image 付属の写真 {len(pictures)} 枚で学習し、{len(outcome.test)} 枚すべてで評価",
        f"taught by {len(pictures)} pictures that scikit-image ships, judged on all {len(outcome.test)} images",
    )
    found = summary(spec, images, [outcome], sentence=sentence, seed=seed)
    tables: Sequence[Table] = [report.summary, report.images, report.associations, report.shifts]
    told = (f.text for f in report.findings if f.severity != "note")
    warnings = (CAUTION, *images.notes, *told, *found.warnings, *_copies(images, pictures, on_event))
    return replace(found, data=tuple(table for table in tables if table.rows), warnings=warnings)


def _copies(images: ImageSet, pictures: ImageSet, on_event: OnEvent) -> tuple[Text, ...]:
    """A sentence when an image judged on is one of the pictures that taught."""
    both = _Together(images, pictures)
    rows = np.arange(len(images) + len(pictures))
    joined = ImageSet({"row": rows}, {"image": "row"}, both, name=images.name)
    copies = find_copies(joined, on_event=on_event)
    leaked = sorted({int(row) for group in copies.across((rows >= len(images)).tolist()) for row in group if row < len(images)})
    if not leaked:
        return ()
    listed = ", ".join(map(str, leaked))
    return (
        Text(
            f"漏洩: 学習に使った写真と同じ画像が評価に含まれています (行 {listed})。",
            f"Leak: images that are judged on are among the pictures that taught (rows {listed}).",
        ),
    )


@dataclass(frozen=True, eq=False)
class _Together:
    """Two sets behind one running number."""

    first: ImageSet
    second: ImageSet

    def _place(self, reference: Any) -> tuple[ImageSet, int]:
        row = int(reference)
        return (self.first, row) if row < len(self.first) else (self.second, row - len(self.first))

    def __call__(self, reference: Any) -> Any:
        images, row = self._place(reference)
        return images[row]

    def digest(self, reference: Any) -> str:
        images, row = self._place(reference)
        return images.digest(row)


def _outcome(
    fitted: FittedSuperResolver,
    images: ImageSet,
    repeat: int,
    number: int,
    test: NDArray[np.integer[Any]],
    taught: int,
    on_event: OnEvent,
) -> ResolverFold:
    judged = _judged(fitted, images, test, on_event)
    history = fitted.histories[0].rows if fitted.histories else ()
    notes = passed_over([*fitted.faults, *judged.faults], len(images))
    return ResolverFold(repeat, number, judged.rows, judged.measures, judged.spectra, history, taught, notes, judged.examples)


def _judged(fitted: FittedSuperResolver, images: ImageSet, test: NDArray[np.integer[Any]], on_event: OnEvent) -> _Judged:
    """Restore and measure each test image; those that cannot be used become faults, all of them an error."""
    rows: list[int] = []
    measures, spectra = [], []
    shown: list[tuple[int, Restored]] = []
    faults: list[Fault] = []
    for place, row in enumerate(test):
        try:
            one = Restored.of(fitted, images[int(row)])
        except GazoError as error:
            faults.append(Fault(int(row), error))
            continue
        rows.append(int(row))
        measures.append(one.measures())
        spectra.append(one.spectra())
        if len(shown) < SHOWN:
            shown.append((int(row), one))
        on_event(Event(Text("評価", "Judging"), place + 1, len(test)))
    if not rows:
        first = faults[0].error.text if faults else Text("画像がありません", "there are no images")
        raise DataError(
            "G-EST-008",
            en=f"none of the {len(test)} test images can be judged; the first says: {first.en} Check the files.",
            ja=f"{len(test)} 枚のテスト画像はどれも評価できません。最初のエラー: {first.ja} ファイルを確認してください。",
        )
    return _Judged(np.array(rows), np.array(measures), np.array(spectra), comparison_panels(shown), tuple(faults))
