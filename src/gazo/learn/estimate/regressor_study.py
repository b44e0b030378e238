"""An honest judgement of a regression: every image judged by a network that never saw its patient, two baselines beside it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.findings import patient_faults
from gazo.datasets.splits import Fold, Rows
from gazo.learn.classify.baseline import hog_features
from gazo.learn.estimate.regressor_examples import telling_examples
from gazo.learn.estimate.regressor_results import RegressionFold, RegressionStudy
from gazo.learn.estimate.regressor_summary import summary
from gazo.learn.estimate.targets import by_value, values_of
from gazo.learn.estimate.transfer import features_of, ridge
from gazo.learn.folds import FoldPlace, judged_folds, passed_over
from gazo.learn.protocol import Protocol
from gazo.training.augment import implausible
from gazo.training.devices import pick_device
from gazo.training.pixels import PreparedPixels, prepare

if TYPE_CHECKING:
    from gazo.learn.estimate.fitted_regressor import FittedRegressor
    from gazo.learn.estimate.regressor import Regressor


@dataclass(frozen=True, eq=False)
class _Data:
    """What all folds share; `features` of the baseline are None without it."""

    pixels: PreparedPixels
    values: NDArray[np.float64]
    features: NDArray[np.float32] | None
    fixed: NDArray[np.float64] | None  # features of a network that does not learn: the same in every fold


def study(
    spec: Regressor, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
) -> RegressionStudy:
    """Train and judge `spec` as `protocol` says, the baselines on the same parts.

    Parts are drawn by patient in equal shares of the fifths of the value. With a `folder` each fold's network and outcome are kept
    there, so that an interrupted study goes on where it was.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    images = by_value(images)
    values = values_of(images)
    with ExitStack() as stack:
        pixels = stack.enter_context(
            prepare(images, **spec.input_options(), kept_of=spec.kept_of(images), folder=folder, on_event=on_event)
        )
        data = _Data(pixels, values, hog_features(pixels) if spec.baseline else None, _fixed(spec, pixels, seed, on_event))

        def one_fold(fold: Fold, place: FoldPlace, fold_seed: int, told: OnEvent) -> RegressionFold:
            return _fold(spec, data, fold, place, fold_seed, told)

        judged = judged_folds(images, protocol, seed=seed, folder=folder, on_event=on_event, one_fold=one_fold)
        faults = passed_over(pixels.faults, pixels.count)
    found = summary(spec, images, values, judged.outcomes, sentence=judged.plan.sentence, seed=seed)
    return replace(
        found,
        data=judged.tables,
        examples=judged.outcomes[0].examples,
        warnings=(*images.notes, *judged.warnings, *faults, *implausible(spec.augmentation)),
    )


def evaluation(fitted: FittedRegressor, images: ImageSet, *, on_event: OnEvent = quiet) -> RegressionStudy:
    """Judge a fitted regression on images that had no part in its training."""
    truths = values_of(images)
    with fitted.prepared(images, on_event) as pixels:
        rows = np.flatnonzero(pixels.usable)
        values = fitted.values(pixels, rows)
        examples = telling_examples(fitted, pixels, rows, values, truths[rows])
    outcome = RegressionFold(0, 0, rows, values, float(np.mean([centre for centre, _ in fitted.scales])), ())
    sentence = Text(f"別のデータ {len(rows)} 枚での評価", f"judged on {len(rows)} other images")
    found = summary(fitted.spec, images, truths, [outcome], sentence=sentence, seed=fitted.seed)
    return replace(found, examples=examples, warnings=(*images.notes, *(fault.text for fault in patient_faults(images))))


def _fold(spec: Regressor, data: _Data, fold: Fold, place: FoldPlace, seed: int, on_event: OnEvent) -> RegressionFold:
    """Train for one fold, keep its network, judge it."""
    usable = data.pixels.usable
    train, validation, test = (np.asarray(rows)[usable[rows]] for rows in (fold.train, fold.validation, fold.test))
    if not len(test):
        raise DataError(
            "G-EST-015",
            en="a fold has no image left to judge, because none of its test images can be read. Check the files or use fewer folds.",
            ja="テスト画像がどれも読めないため、評価できる画像のない分割があります。ファイルを確認するか、分割数を減らしてください。",
        )
    fitted = spec.fit_prepared(
        data.pixels, data.values, train, validation,
        seed=seed, features=data.fixed, checkpoint=place.checkpoint, on_event=on_event,
    )  # fmt: skip
    if place.writes:
        fitted.save(place.folder)
    taught = np.concatenate([train, validation])
    values = fitted.values(data.pixels, test) if data.fixed is None else fitted.values_from(data.fixed[test])
    first = fold.repeat == fold.number == 0
    return RegressionFold(
        repeat=fold.repeat,
        number=fold.number,
        test=test,
        values=values,
        mean=float(data.values[taught].mean()),
        history=fitted.histories[0].rows if fitted.histories else (),
        baseline=_baseline(data, taught, test),
        examples=telling_examples(fitted, data.pixels, test, values, data.values[test]) if first else (),
    )


def _fixed(spec: Regressor, pixels: PreparedPixels, seed: int, on_event: OnEvent) -> NDArray[np.float64] | None:
    """The features of all images where the network that gives them does not learn; rows that cannot be read stay 0."""
    if spec.approach != "features":
        return None
    spec.need_weights()
    net = spec.build(seed=seed, on_event=on_event).to(pick_device(spec.device))
    rows = np.flatnonzero(pixels.usable)
    known = features_of(net, pixels, rows, mirrored=spec.mirror)
    found = np.zeros((pixels.count, *known.shape[1:]))
    found[rows] = known
    return found


def _baseline(data: _Data, taught: Rows, test: Rows) -> NDArray[np.float64] | None:
    """What a ridge on standardised HOG features says of the test part."""
    if data.features is None:
        return None
    features = data.features.astype(np.float64)
    mean, deviation = features[taught].mean(0), features[taught].std(0) + 1e-6
    weights, constant = ridge((features[taught] - mean) / deviation, data.values[taught])
    return np.asarray((features[test] - mean) / deviation @ weights + constant)
