"""Calibration methods of a flat-panel detector compared: what each leaves on flat exposures, against the quantum noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.quality.drawn import grey, panels
from gazo.quality.inputs import listed, plane, region, same_shape, stack
from gazo.quality.intervals import by_tiles, tiles

Floats = NDArray[np.float64]


@result("calibration comparison")
@dataclass(frozen=True, eq=False, kw_only=True)
class CalibrationComparison(Measurement):
    """For each method its noise over the quantum noise (1 is the best there can be), against exposure, and all numbers in a table."""

    ratios: tuple[Estimate, ...]
    curves: tuple[Curve, ...]
    groups: Table


@operation("キャリブレーション法の比較", "Comparison of calibration methods", booklet="W10")
def compare_calibrations(
    images: Sequence[Image],
    mask: Image | None = None,
    *,
    methods: Annotated[tuple[str, ...], Label("画像ごとの方法の名前", "Method of each image, by name")],
    exposures_ugy: Annotated[
        tuple[float, ...], Label("画像ごとの線量 (空欄ならすべて同じ)", "Exposure of each image (one for all when empty)", "µGy")
    ] = (),
    tolerance: Annotated[
        float, Gt(0), Le(10), Label("許容する量子雑音との比の超過", "Excess over the quantum noise that is accepted")
    ] = 0.05,
    seed: int = 0,
) -> CalibrationComparison:
    """Residual of a flat exposure after each calibration, against the quantum noise of the same exposure.

    In a group (one method, one exposure) of n flats: quantum variance q = median over pixels of the variance over images (ddof 1, the mean
    of each image removed), over the median of chi-square / (n - 1), so noisy defects do not count; total variance t = variance over pixels of one image, averaged over images. Ratio = sqrt(t / q): 1 when only
    quantum noise is left; fixed pattern f = sqrt(t - q). Everything is relative to the mean signal. Outliers: pixels of the mean image beyond 5 standard
    deviations of its quantum noise, of the median. Interval: bootstrap over tiles.

    Parameters
    ----------
    images : corrected flats, at least two of each method and exposure, linear values.
    mask : the part judged.
    methods : one name for each image.
    exposures_ugy : one number for each image; ratios against exposure show what a wrong linearity leaves.
    """
    given = listed(images)
    levels = exposures_ugy or (0.0,) * len(given)
    if len(methods) != len(given) or len(levels) != len(given):
        raise DataError(
            "G-QUA-333",
            en=f"one method (and one exposure, if any) is needed for each image; {len(given)} images, {len(methods)} methods and {len(exposures_ugy)} exposures came. Repeat the name for each image.",
            ja=f"画像ごとに方法の名前 (線量を指定するなら線量も) が必要です。画像 {len(given)} 枚、方法 {len(methods)} 個、線量 {len(exposures_ugy)} 個を受け取りました。画像の数だけ繰り返してください。",
        )
    groups = {
        key: [n for n, pair in enumerate(zip(methods, levels, strict=True)) if pair == key]
        for key in dict.fromkeys(zip(methods, levels, strict=True))
    }
    chosen = region(mask, plane(given[0]).shape)
    found = {key: _group([given[n] for n in rows], chosen, key, seed) for key, rows in groups.items()}
    names = list(dict.fromkeys(methods))
    top = max(levels)
    ratios = tuple(found[name, max(level for n, level in found if n == name)].ratio for name in names)
    return CalibrationComparison(
        ratios=ratios,
        curves=tuple(_curve(name, found) for name in names) if len(set(levels)) > 1 else (),
        groups=_table(found),
        shown=panels(
            Text("補正後の平均画像", "Mean corrected image"),
            *((Text(f"{name}", f"{name}"), found[name, max(level for n, level in found if n == name)].picture) for name in names),
        ),
        warnings=_patterns_left(ratios, tolerance),
        sentence=Text(
            f"補正法は、均一照射画像の全雑音と量子雑音 (画像間の差から求める) の比で比較した{'' if not top else f' (最大線量 {top:g} uGy)'}。",
            "Calibrations were compared by the ratio of the total noise of flat exposures to their quantum noise, taken from image to image"
            f"{'' if not top else f' (largest exposure {top:g} uGy)'}.",
        ),
    )


def _patterns_left(ratios: tuple[Estimate, ...], tolerance: float) -> tuple[Text, ...]:
    """The methods whose noise lies above the quantum noise by more than the tolerance, interval included."""
    beyond = [r.name for r in ratios if (r.low or r.value) > 1 + tolerance]
    return tuple(
        Text(
            f"「{name.ja}」では量子雑音を {100 * tolerance:g} % より多く超える固定パターンが残っています。",
            f"'{name.en}' leaves a fixed pattern that lifts the noise more than {100 * tolerance:g} % above the quantum noise.",
        )
        for name in beyond
    )


def _table(found: dict[tuple[str, float], _Group]) -> Table:
    """All numbers, a row for each method and exposure."""
    return Table(
        Text("方法と線量ごとの結果", "Methods and exposures"),
        (
            Text("方法", "method"),
            Text("線量 [uGy]", "exposure [uGy]"),
            Text("雑音 / 量子雑音", "noise / quantum noise"),
            Text("量子雑音 [%]", "quantum noise [%]"),
            Text("固定パターン [%]", "fixed pattern [%]"),
            Text("外れ画素の割合", "share of outliers"),
            Text("シェーディング [%]", "shading [%]"),
        ),
        tuple(
            (name, level, g.ratio.value, 100 * g.quantum, 100 * g.fixed, g.outliers, 100 * g.shading)
            for (name, level), g in found.items()
        ),
    )


@dataclass(frozen=True, eq=False)
class _Group:
    """Numbers of one method at one exposure; all but the ratio relative to the mean signal."""

    ratio: Estimate
    quantum: float
    fixed: float
    outliers: float
    shading: float
    picture: NDArray[np.uint8]


def _group(images: Sequence[Image], chosen: NDArray[np.bool_], key: tuple[str, float], seed: int) -> _Group:
    frames = stack(images, least=2, what=f"flats of {key[0]}")
    same_shape(frames[0], chosen)
    pixels = frames[:, chosen].astype(np.float64)
    signal = float(pixels.mean())
    pixels /= np.maximum(pixels.mean(1, keepdims=True), 1e-12)
    quantum, average = pixels.var(0, ddof=1), pixels.mean(0)
    if signal <= 0 or float(np.median(quantum)) == 0:
        raise DataError(
            "G-QUA-334",
            en=f"flats of '{key[0]}' must have signal and noise; their mean is {signal:g} and the images are "
            f"{'equal' if signal > 0 else 'not brighter than 0'}. Give different exposures, with the offset left above 0.",
            ja=f"「{key[0]}」の均一照射画像には信号と雑音が必要です。平均は {signal:g} で、画像は"
            f"{'すべて同じ' if signal > 0 else '0 以下'}です。別々に照射した画像を使ってください。",
        )
    n, owners = len(frames), tiles(chosen)

    def total(values: Floats, noise: Floats) -> float:
        """Variance over pixels of a single image: that of the mean image, with the share of the noise it lost by averaging."""
        return float(values.var(ddof=1) + noise.mean() * (1 - 1 / n))

    def ratio(values: Floats, noise: Floats) -> float:
        return float(np.sqrt(total(values, noise) / _quantum(noise, n)))

    least = _quantum(quantum, n)
    width = np.sqrt(least / n)
    coarse = np.bincount(owners, average) / np.bincount(owners)
    return _Group(
        ratio=by_tiles(Text(key[0], key[0]), ratio, (average, quantum), owners, seed=seed),
        quantum=float(np.sqrt(least)),
        fixed=float(np.sqrt(max(0.0, total(average, quantum) - least))),
        outliers=float((np.abs(average - np.median(average)) > 5 * width).mean()),
        shading=float((coarse.max() - coarse.min()) / (coarse.max() + coarse.min())),
        picture=grey(frames.mean(0)),
    )


def _quantum(noise: Floats, n: int) -> float:
    """Variance of good pixels from the median of variances over n images: the median of chi-square with n - 1 degrees lies below its mean."""
    from scipy.stats import chi2

    return float(np.median(noise) * (n - 1) / chi2.ppf(0.5, n - 1))


def _curve(name: str, found: dict[tuple[str, float], _Group]) -> Curve:
    """Ratio against exposure, rising."""
    own = sorted(((level, g.ratio) for (owner, level), g in found.items() if owner == name), key=lambda pair: pair[0])
    low, high = (
        np.array([getattr(r, side) if getattr(r, side) is not None else np.nan for _, r in own]) for side in ("low", "high")
    )
    return Curve(
        np.array([level for level, _ in own]),
        np.array([r.value for _, r in own]),
        Text("線量", "Exposure"),
        Text("雑音 / 量子雑音", "Noise / quantum noise"),
        Text(name, name),
        "µGy",
        low=low,
        high=high,
    )
