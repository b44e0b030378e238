"""From what each fold restored to figures of merit with intervals, beside bicubic enlargement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Table
from gazo.datasets.strata import numbered
from gazo.learn.classify.summary import loss_curves, pseudonyms
from gazo.learn.estimate.resolver_results import ResolverFold, SuperResolutionStudy
from gazo.stats.bootstrap import paired_bootstrap, resamples
from gazo.stats.inputs import groups_of

if TYPE_CHECKING:
    from gazo.learn.estimate.super_resolver import SuperResolver

Floats = NDArray[np.floating[Any]]
BICUBIC = Text("バイキュービック補間", "Bicubic enlargement")
FIGURES = (
    (Text("PSNR", "PSNR"), "dB"), (Text("SSIM", "SSIM"), ""), (Text("NRMSE", "NRMSE"), ""),
    (Text("エッジ幅 (10-90 %)", "Edge width (10-90 %)"), "px"),
    (Text("失われた帯域のパワー (真値との比)", "Power of the lost band over the truth's"), ""),
    (Text("ラプラシアンのエネルギー (真値との比)", "Laplacian energy over the truth's"), ""),
)  # fmt: skip


def summary(
    spec: SuperResolver, images: ImageSet, outcomes: Sequence[ResolverFold], *, sentence: Text, seed: int
) -> SuperResolutionStudy:
    """Judge the outcomes of all folds together; an image restored in several repeats counts once, with the mean of its figures."""
    rows = np.unique(np.concatenate([outcome.test for outcome in outcomes]))
    measures = _mean([(o.test, o.measures) for o in outcomes], rows)
    spectra = _mean([(o.test, o.spectra) for o in outcomes], rows)
    patients = numbered(images.role("patient"))[rows].tolist() if images.has("patient") else None
    names = spec.name, BICUBIC
    compared = paired_bootstrap(
        lambda truth, values: float(values.mean()), measures[:, 0, 0], measures[:, 1, 0], measures[:, 0, 0],
        groups=patients, seed=seed, names=names,
    )  # fmt: skip
    return SuperResolutionStudy(
        name=spec.name,
        plan=sentence,
        metrics=_estimates(measures[:, 1], patients, seed),
        baseline_metrics=_estimates(measures[:, 0], patients, seed),
        gains=_estimates(measures[:, 1] - measures[:, 0], patients, seed),
        against_baseline=compared,
        spectra=_curves(spectra, patients, seed, spec.name),
        losses=loss_curves([o.history for o in outcomes]),
        predictions=_predictions(images, rows, measures),
        folds=_folds(outcomes),
        warnings=tuple(dict.fromkeys(note for o in outcomes for note in o.warnings)),
        examples=outcomes[0].examples,
    )


def _estimates(values: Floats, patients: list[Any] | None, seed: int) -> tuple[Estimate, ...]:
    """The mean of each figure over the images with its interval; images without it (no edge, no spectrum) are left out of it."""
    how = "bootstrap by patient, 2000 resamples, percentile" if patients is not None else "bootstrap, 2000 resamples, percentile"
    groups = groups_of(patients, len(values))
    draws = np.stack([_means(values[rows]) for rows in resamples(groups, repeats=2000, seed=seed)])
    found = []
    for place, ((name, unit), value) in enumerate(zip(FIGURES, _means(values), strict=True)):
        drawn = draws[np.isfinite(draws[:, place]), place]
        if np.isfinite(values[:, place]).sum() < 2:
            found.append(Estimate(name, float(value), method="none: a single image has no interval", unit=unit))
            continue
        low, high = np.quantile(drawn, (0.025, 0.975))
        found.append(Estimate(name, float(value), float(low), float(high), 0.95, how, unit))
    return tuple(found)


def _means(values: Floats) -> NDArray[np.float64]:
    """The mean of each column over the rows that have a number there; NaN where none has."""
    there = np.isfinite(values)
    counts = there.sum(0)
    sums = np.where(there, values, 0).sum(0)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))


def _curves(spectra: Floats, patients: list[Any] | None, seed: int, name: Text) -> tuple[Curve, ...]:
    """Mean spectra over the images with bands from resamples of patients; images too small for a spectrum are left out."""
    there = np.asarray(np.isfinite(spectra).all((1, 2)))
    if not there.any():
        return ()
    used = spectra[there]
    groups = groups_of(None if patients is None else [p for p, keep in zip(patients, there, strict=True) if keep], len(used))
    draws = list(resamples(groups, repeats=500, seed=seed))
    titles = Text("原画像", "truth"), BICUBIC, name
    found = []
    for place, title in enumerate(titles, 1):
        logs = 10 * np.log10(np.maximum(used[:, place], 1e-20))
        low, high = np.quantile([logs[rows].mean(0) for rows in draws], (0.025, 0.975), axis=0)
        words = Text("空間周波数 (動径)", "Radial spatial frequency"), Text("パワー", "Power")
        found.append(Curve(used[0, 0], logs.mean(0), *words, title, "cycles/px", "dB", low, high))
    return tuple(found)


def _predictions(images: ImageSet, rows: NDArray[np.integer[Any]], measures: Floats) -> Table:
    names = pseudonyms(images)
    headings = [Text("行", "row"), Text("患者", "patient")]
    for name, unit in FIGURES:
        brackets = f" [{unit}]" if unit else ""
        headings += [
            Text(f"{name.ja}{brackets}: バイキュービック", f"{name.en}{brackets}: bicubic"),
            Text(f"{name.ja}{brackets}: 推定", f"{name.en}{brackets}: estimate"),
        ]
    cells = [tuple(None if np.isnan(x) else float(x) for x in one.T.ravel()) for one in measures]
    return Table(
        Text("画像ごとの結果", "Each test image"),
        tuple(headings),
        tuple((int(row), names[row], *values) for row, values in zip(rows, cells, strict=True)),
    )


def _folds(outcomes: Sequence[ResolverFold]) -> Table:
    words = (
        ("回", "Repeat"),
        ("分割", "Fold"),
        ("学習画像", "Training images"),
        ("テスト画像", "Test images"),
        ("エポック", "Epochs"),
    )
    headings = (*(Text(*pair) for pair in words), Text("PSNR [dB]", "PSNR [dB]"), Text("PSNR の差 [dB]", "Gain in PSNR [dB]"))
    rows = [(o.repeat + 1, o.number + 1, o.taught, len(o.test), len(o.history), *_gain(o.measures[:, :, 0])) for o in outcomes]
    return Table(Text("分割ごとの結果", "Each fold"), headings, tuple(rows))


def _gain(psnr: Floats) -> tuple[float, float]:
    return float(psnr[:, 1].mean()), float((psnr[:, 1] - psnr[:, 0]).mean())


def _mean(parts: Sequence[tuple[NDArray[np.integer[Any]], Floats]], rows: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """For each of `rows` the mean of what the parts say of it."""
    total = np.zeros((len(rows), *parts[0][1].shape[1:]))
    count = np.zeros(len(rows))
    for test, values in parts:
        places = np.searchsorted(rows, test)
        total[places] += values
        count[places] += 1
    return total / count.reshape(-1, *[1] * (total.ndim - 1))
