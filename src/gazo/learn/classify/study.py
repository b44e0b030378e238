"""An honest judgement of a classifier: parts by patient, every image judged by a network that never saw its patient."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.datasets.checks import check
from gazo.datasets.findings import patient_faults
from gazo.datasets.leak_report import leak_report
from gazo.datasets.splits import Fold, Rows
from gazo.learn.classify.baseline import baseline_probabilities, hog_features
from gazo.learn.classify.calibrated import fitted_temperature
from gazo.learn.classify.classifier import Classifier
from gazo.learn.classify.examples import telling_examples
from gazo.learn.classify.fitted import FittedClassifier, load
from gazo.learn.classify.labels import class_names, class_numbers
from gazo.learn.classify.results import ClassificationStudy, FoldOutcome
from gazo.learn.classify.summary import expected, summary
from gazo.learn.folds import FoldPlace, counting, fold_folder, passed_over, stored_fold
from gazo.learn.protocol import Protocol, plan
from gazo.stats.operating import youden_threshold
from gazo.training.augment import implausible
from gazo.training.pixels import PreparedPixels, prepare


@dataclass(frozen=True, eq=False)
class _Data:
    """What all folds share."""

    pixels: PreparedPixels
    targets: NDArray[np.int64]
    classes: tuple[str, ...]
    features: NDArray[np.float32] | None


def study(
    spec: Classifier,
    images: ImageSet,
    protocol: Protocol,
    *,
    seed: int,
    folder: Path | None = None,
    on_event: OnEvent = quiet,
) -> ClassificationStudy:
    """Train and judge `spec` as `protocol` says, its baseline on the same parts.

    Near copies stay in one part. With a `folder` each fold's network and outcome are kept there (`folds/`), so that an
    interrupted study goes on where it was with the numbers it would have had.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    classes = class_names(images, spec.positive)
    targets = class_numbers(images, classes)
    report = check(images, on_event=on_event)
    planned = plan(images, protocol, seed=seed, groups=report.copies.groups)
    width = expected(images.take(tested := planned.tested()), targets[tested], classes)
    on_event(Event(Text("準備", "Preparing"), note=Text(f"{planned.sentence.ja}。{width.name.ja}: {width.low:.2f}-{width.high:.2f} (真値 {width.value:g} のとき)", f"{planned.sentence.en}. {width.name.en}: {width.low:.2f}-{width.high:.2f} (if the truth is {width.value:g})")))  # fmt: skip
    with ExitStack() as stack:
        pixels = stack.enter_context(
            prepare(images, **spec.input_options(), folder=folder, kept_of=spec.kept_of(images), on_event=on_event)
        )
        _need_classes(planned.folds, targets, pixels.usable, classes)
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        untrained = any(not (fold_folder(place, fold) / "outcome.json").exists() for fold in planned.folds)
        features = hog_features(pixels) if spec.baseline and untrained else None
        data = _Data(pixels, targets, classes, features)

        def one_fold(fold: Fold, kept: FoldPlace, fold_seed: int, told: OnEvent) -> FoldOutcome:
            return _outcome(spec, data, fold, fold_seed, kept, told)

        outcomes = [
            stored_fold(place, fold, seed, folder is None, counting(on_event, number, len(planned.folds)), one_fold)
            for number, fold in enumerate(planned.folds)
        ]
        first = load(fold_folder(place, planned.folds[0]), trust_file=spec.trust_file)
        examples = telling_examples(first, pixels, outcomes[0].test, outcomes[0].probabilities, targets[outcomes[0].test])
    return replace(
        summary(spec.name, images, targets, classes, outcomes, plan_sentence=planned.sentence, seed=seed),
        expected_width=width,
        examples=examples,
        leaks=leak_report(images, planned.folds, report),
        data=tuple(table for table in (report.summary, report.images, report.associations, report.shifts) if table.rows),
        warnings=(
            *images.notes,
            *planned.notes,
            *(f.text for f in report.findings if f.severity != "note"),
            *passed_over(pixels.faults, pixels.count),
            *implausible(spec.augmentation),
        ),
    )


def evaluation(fitted: FittedClassifier, images: ImageSet, *, on_event: OnEvent = quiet) -> ClassificationStudy:
    """Judge a fitted classifier on images that had no part in its training."""
    targets = class_numbers(images, fitted.classes)
    with prepare(images, **fitted.spec.input_options(), kept_of=fitted.spec.kept_of(images), on_event=on_event) as pixels:
        rows = np.flatnonzero(pixels.usable)
        probabilities = fitted.probabilities(pixels, rows)
        examples = telling_examples(fitted, pixels, rows, probabilities, targets[rows])
    outcome = FoldOutcome(0, 0, rows, probabilities, fitted.threshold, ())
    sentence = Text(f"別のデータ {len(rows)} 枚での評価", f"judged on {len(rows)} other images")
    judged = summary(fitted.spec.name, images, targets, fitted.classes, [outcome], plan_sentence=sentence, seed=fitted.seed)
    return replace(judged, examples=examples, warnings=(*images.notes, *(found.text for found in patient_faults(images))))


def _outcome(spec: Classifier, data: _Data, fold: Fold, seed: int, place: FoldPlace, on_event: OnEvent) -> FoldOutcome:
    """Train for one fold, keep its network, judge it."""
    train, validation, test = (np.asarray(rows)[data.pixels.usable[rows]] for rows in (fold.train, fold.validation, fold.test))
    fitted = spec.fit_prepared(
        data.pixels, data.targets, data.classes, train, validation, seed=seed, checkpoint=place.checkpoint, on_event=on_event
    )
    baseline, cut = _baseline(data, train, validation, test)
    temperature: float | None = fitted.temperatures[0] if fitted.temperatures else None
    if temperature is None and len(validation):
        temperature = fitted_temperature(fitted.probabilities(data.pixels, validation), data.targets[validation])
    if place.writes:
        fitted.save(place.folder)
    return FoldOutcome(
        repeat=fold.repeat,
        number=fold.number,
        test=test,
        probabilities=fitted.probabilities(data.pixels, test),
        threshold=fitted.threshold,
        history=fitted.histories[0].rows,
        baseline=baseline,
        baseline_threshold=cut,
        temperature=temperature,
        scaled=bool(fitted.temperatures),
    )


def _baseline(data: _Data, train: Rows, validation: Rows, test: Rows) -> tuple[NDArray[np.float64] | None, float]:
    """What the baseline says of the test part, and its threshold from the validation part, as for the network."""
    if data.features is None:
        return None, 0.5
    rows = np.concatenate([validation, test])
    given = baseline_probabilities(data.features, data.targets, train, rows, classes=len(data.classes))
    truth = data.targets[validation]
    cut = youden_threshold(truth, given[: len(validation), 1]) if len(set(truth)) == 2 == len(data.classes) else 0.5
    return given[len(validation) :], cut


def _need_classes(folds: Sequence[Fold], targets: Rows, usable: NDArray[np.bool_], classes: tuple[str, ...]) -> None:
    """Every class must be learned from in each fold, and judged in some fold; said before anything is trained."""
    tested = np.concatenate([fold.test[usable[fold.test]] for fold in folds])
    parts = [(Text("学習", "training"), fold.train[usable[fold.train]]) for fold in folds] + [(Text("テスト", "test"), tested)]
    for part, rows in parts:
        missing = [name for c, name in enumerate(classes) if c not in targets[rows]]
        if missing:
            raise DataError(
                "G-LEARN-008",
                en=f"every class must be in every part; the {part.en} part has no usable image of: {', '.join(missing)}. Divide otherwise or leave the class out.",
                ja=f"どのクラスもすべての部分に必要ですが、{part.ja}データに使える画像がないクラスがあります: {', '.join(missing)}。分割を変えるか、そのクラスを除いてください。",
            )
