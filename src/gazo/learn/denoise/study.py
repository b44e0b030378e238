"""An honest judgement of a noise network: parts by patient, noise added to images of patients it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.results import Curve, Estimate, Panels, Table
from gazo.core.seeds import generator
from gazo.datasets.findings import patient_faults
from gazo.datasets.splits import Fold
from gazo.datasets.strata import numbered
from gazo.learn.classify.summary import loss_curves, pseudonyms
from gazo.learn.denoise.fitted import FittedNoiseNetwork
from gazo.learn.denoise.judged import BANDS, COLUMN, FIGURES, example, judge
from gazo.learn.denoise.noise_network import NoiseNetwork
from gazo.learn.denoise.results import NoiseReductionOutcome, NoiseReductionStudy
from gazo.learn.denoise.store import CleanImages
from gazo.learn.folds import FoldPlace, judged_folds, passed_over
from gazo.learn.protocol import Protocol
from gazo.stats.bootstrap import bootstrap, paired_bootstrap

EXAMPLES = 3
OTHERS = {"_gaussian": Text("最良のガウシアン", "best Gaussian"), "_fnc": Text("FNC", "FNC")}
Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]


def study(
    spec: NoiseNetwork,
    images: ImageSet,
    protocol: Protocol,
    *,
    seed: int,
    folder: Path | None = None,
    on_event: OnEvent = quiet,
) -> NoiseReductionStudy:
    """Train and judge `spec` as `protocol` says. With a `folder` each fold's network and outcome are kept there (`folds/`)."""
    with CleanImages.of(images, spec.noise_model, on_event=on_event) as clean:

        def one_fold(fold: Fold, place: FoldPlace, seed: int, on_event: OnEvent) -> NoiseReductionOutcome:
            parts = [np.intersect1d(rows, clean.usable) for rows in (fold.train, fold.validation, fold.test)]
            fitted = spec.fit_prepared(clean, parts[0], parts[1], seed=seed, checkpoint=place.checkpoint, on_event=on_event)
            if place.writes:
                fitted.save(place.folder)
            return _judged(fitted, clean, parts[2], seed, fold, on_event)

        found = judged_folds(images, protocol, seed=seed, folder=folder, on_event=on_event, one_fold=one_fold)
        faults = passed_over(clean.faults, clean.count)
    summed = _summary(spec, images, found.outcomes, found.plan.sentence, seed)
    return replace(summed, data=found.tables, warnings=(*images.notes, *found.warnings, *faults, CLEAN))


def evaluation(fitted: FittedNoiseNetwork, images: ImageSet, *, on_event: OnEvent = quiet) -> NoiseReductionStudy:
    """Judge a fitted network on images that had no part in its training."""
    with CleanImages.of(images, fitted.spec.noise_model, on_event=on_event) as clean:
        everything = Fold(0, 0, clean.usable[:0], clean.usable[:0], clean.usable)
        outcome = replace(_judged(fitted, clean, clean.usable, fitted.seed, everything, on_event), history=())
        faults = passed_over(clean.faults, clean.count)
    sentence = Text(f"別のデータ {len(outcome.test)} 枚での評価", f"judged on {len(outcome.test)} other images")
    summed = _summary(fitted.spec, images, [outcome], sentence, fitted.seed)
    return replace(summed, warnings=(*images.notes, *(found.text for found in patient_faults(images)), *faults, CLEAN))


CLEAN = Text(
    "評価は、与えた画像をノイズのない画像とみなし、シミュレーションしたノイズを加えて行いました。もとの画像に含まれるノイズは区別できません。",
    "The images given were taken as free of noise, and simulated noise was added to them. Noise they held already cannot be told apart.",
)


def _judged(
    fitted: FittedNoiseNetwork, clean: CleanImages, rows: Ints, seed: int, fold: Fold, on_event: OnEvent
) -> NoiseReductionOutcome:
    """Every test image with noise drawn from the seed and its row, so that every method of one study meets the same noise."""
    figures, spectra = [], []
    shown: list[Panels] = []
    for row in counted([int(r) for r in rows], Text("評価", "Judging"), on_event):
        truth = clean.read(row)
        noisy = fitted.spec.noise_model.add(truth, clean.laws[row], generator(seed, "judged", row))
        told = np.float32(fitted.spec.strength) * fitted.noise_in(noisy, clean.laws[row])
        values, power = judge(truth, noisy, told, seed=seed)
        figures.append(values)
        spectra.append(power)
        if len(shown) < EXAMPLES and fold.repeat == fold.number == 0:
            shown.append(example(truth, noisy, told))
    history = fitted.histories[0].rows if fitted.histories else ()
    power = _mean(np.reshape(spectra, (-1, 2, BANDS)))
    return NoiseReductionOutcome(
        fold.repeat, fold.number, np.asarray(rows), np.reshape(figures, (-1, len(FIGURES))), power, history, tuple(shown)
    )


def _mean(values: NDArray[np.floating[Any]]) -> Floats:
    """The mean over the first axis of what exists; NaN where nothing does."""
    there = np.isfinite(values)
    total = np.where(there, values, 0).sum(0) / np.maximum(there.sum(0), 1)
    return np.where(there.any(0), total, np.nan)


def _summary(
    spec: NoiseNetwork, images: ImageSet, outcomes: Sequence[NoiseReductionOutcome], plan: Text, seed: int
) -> NoiseReductionStudy:
    """All folds together; an image judged in several repeats counts once, with its means."""
    tested = np.concatenate([outcome.test for outcome in outcomes])
    figures = np.concatenate([outcome.figures for outcome in outcomes])
    rows = np.unique(tested)
    figures = np.stack([_mean(figures[tested == row]) for row in rows])
    patients = numbered(images.role("patient"))[rows] if images.has("patient") else None
    return NoiseReductionStudy(
        name=spec.name,
        plan=plan,
        metrics=tuple(_estimate(name, figures, patients, seed) for name in ("psnr", "ssim", "flat", "leak", "detail", "overlap")),
        compared=_compared(figures, patients, seed),
        tests=tuple(
            test
            for name in ("psnr", "ssim", "detail")
            for ending in OTHERS
            if (test := _test(name, ending, figures, patients, seed, spec.name)) is not None
        )
        + tuple(t for t in (_leak_test(figures, patients, seed, spec.name),) if t is not None),
        spectra=_curves(_mean(np.stack([outcome.spectra for outcome in outcomes]))),
        losses=loss_curves([outcome.history for outcome in outcomes]),
        predictions=_predictions(images, rows, figures),
        folds=_folds(outcomes),
        examples=outcomes[0].examples,
    )


def _estimate(name: str, figures: Floats, patients: Ints | None, seed: int) -> Estimate:
    """The mean over images with its interval by patient."""
    values = figures[:, COLUMN[name]]
    there = np.isfinite(values)
    if not there.any():
        return Estimate(FIGURES[name], float("nan"), method="not defined for these images")
    groups = None if patients is None else patients[there]
    how = "bootstrap by patient, 2000 resamples, percentile"
    if len(set(np.arange(there.sum()).tolist() if groups is None else groups.tolist())) < 2:
        return Estimate(FIGURES[name], float(values[there].mean()))
    low, high = bootstrap(np.mean, values[there], groups=groups, seed=seed)
    return Estimate(FIGURES[name], float(values[there].mean()), low, high, method=how)


def _test(name: str, ending: str, figures: Floats, patients: Ints | None, seed: int, ours: Text) -> Any:
    """The paired difference of a figure between the network and another way, on the images where both exist."""
    pair = figures[:, [COLUMN[name], COLUMN[name + ending]]]
    return _paired(pair, patients, seed, (_named(FIGURES[name], ours), FIGURES[name + ending]))


def _leak_test(figures: Floats, patients: Ints | None, seed: int, ours: Text) -> Any:
    pair = figures[:, [COLUMN["leak_equal"], COLUMN["leak_fnc"]]]
    return _paired(pair, patients, seed, (_named(FIGURES["leak_equal"], ours), FIGURES["leak_fnc"]))


def _named(figure: Text, name: Text) -> Text:
    return Text(f"{figure.ja} {name.ja}", f"{figure.en}, {name.en}")


def _paired(pair: Floats, patients: Ints | None, seed: int, names: tuple[Text, Text]) -> Any:
    there = np.isfinite(pair).all(1)
    groups = None if patients is None else patients[there]
    if len(set(np.flatnonzero(there).tolist() if groups is None else groups.tolist())) < 2:
        return None
    first, second = pair[there].T
    return paired_bootstrap(_mean_of, np.zeros(len(first)), first, second, groups=groups, seed=seed, names=names)


def _mean_of(_: Any, values: Any) -> float:
    return float(np.mean(values))


def _compared(figures: Floats, patients: Ints | None, seed: int) -> Table:
    """A row for each way, the mean over images with its interval."""
    ways = {
        "_noisy": Text("ノイズ画像", "noisy image"),
        "": Text("ネットワーク", "network"),
        **OTHERS,
    }
    rows: list[tuple[Any, ...]] = []
    for ending, words in ways.items():
        row: list[Any] = [words]
        for name in ("psnr", "ssim", "flat", "leak", "detail"):
            key = "leak_noise" if (name, ending) == ("leak", "_noisy") else name + ending
            found = _estimate(key, figures, patients, seed) if key in COLUMN else None
            row += [None] * 3 if found is None else [found.value, found.low, found.high]
        rows.append(tuple(row))
    low, high = Text("下限", "low"), Text("上限", "high")
    heads = [FIGURES["psnr"], FIGURES["ssim"], FIGURES["flat"], FIGURES["leak"], FIGURES["detail"]]
    return Table(
        Text("従来法との比較", "Beside conventional filters"),
        (Text("方法", "Way"), *(h for head in heads for h in (head, low, high))),
        tuple(rows),
        (
            Text(
                "ガウシアンの σ は画像ごとに PSNR が最大となる値、FNC の漏れと、FNC・ネットワークの細部の相関は平坦部のノイズを揃えた値。ノイズ画像の行の漏れは加えたノイズ自体のもの",
                "the Gaussian has the best sigma for each image; the leak of FNC, and the correlation with detail of FNC and network, are those at equal flat noise; in the row of the noisy image it is that of the added noise itself",
            ),
        ),
    )


def _curves(power: Floats) -> tuple[Curve, ...]:
    centres = (np.arange(BANDS) + 0.5) * 0.5 / BANDS
    names = Text("加えたノイズ", "noise added"), Text("除いたノイズ", "noise taken off")
    labels = Text("空間周波数", "Spatial frequency"), Text("ノイズの配分", "Share of noise power")
    return tuple(
        Curve(centres, y, *labels, title=name, x_unit="cycles/px")
        for y, name in zip(power, names, strict=True)
        if np.isfinite(y).all()
    )


def _predictions(images: ImageSet, rows: Ints, figures: Floats) -> Table:
    names = pseudonyms(images)
    return Table(
        Text("テスト画像ごとの結果", "Each test image"),
        (Text("行", "row"), Text("患者", "patient"), *FIGURES.values()),
        tuple(
            (int(row), names[row], *(float(v) if np.isfinite(v) else None for v in values))
            for row, values in zip(rows, figures, strict=True)
        ),
    )


def _folds(outcomes: Sequence[NoiseReductionOutcome]) -> Table:
    return Table(
        Text("分割ごとの結果", "Each fold"),
        (
            Text("回", "Repeat"),
            Text("分割", "Fold"),
            Text("テスト画像", "Test images"),
            Text("エポック", "Epochs"),
            FIGURES["psnr"],
        ),
        tuple(
            (o.repeat + 1, o.number + 1, len(o.test), len(o.history), float(_mean(o.figures[:, COLUMN["psnr"]])))
            for o in outcomes
        ),
    )
