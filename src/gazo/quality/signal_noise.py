"""Signal and noise of regions: SNR, CNR, and the signal-to-noise ratio of Rose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Gt, Le

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Panels, result
from gazo.quality.drawn import grey, outlined, panels
from gazo.quality.inputs import Mask, plane, region, spacing
from gazo.quality.intervals import by_tiles, tiles

ROSE_CRITERION = 5.0  # Rose 1948, J Opt Soc Am 38:196: a signal of 3 to 5 standard deviations is seen with certainty


@result("snr")
@dataclass(frozen=True, eq=False, kw_only=True)
class SignalToNoise(Measurement):
    """Mean, standard deviation and their ratio in a region."""

    ratio: Estimate
    mean: Estimate
    deviation: Estimate


@result("cnr")
@dataclass(frozen=True, eq=False, kw_only=True)
class ContrastToNoise(Measurement):
    """Contrast-to-noise ratio, and the relative contrast |m1 - m2| / |m2|."""

    ratio: Estimate
    contrast: Estimate


@result("rose")
@dataclass(frozen=True, eq=False, kw_only=True)
class Rose(Measurement):
    """k of Rose's model, with what it is made of: contrast, area, NEQ at zero frequency."""

    k: Estimate
    contrast: Estimate
    area: Estimate
    neq: Estimate


@operation("信号対雑音比", "Signal-to-noise ratio", booklet="W6")
def snr(image: Image, mask: Image | None = None, *, seed: int = 0) -> SignalToNoise:
    """SNR = mean / standard deviation (ddof 1) of the pixels of a region; for linear values. Shading counts as noise: choose a flat part.

    Parameters
    ----------
    image : (rows, columns).
    mask : not 0 in the region; all of the image when none is given.
    """
    pixels = plane(image)
    chosen = region(mask, pixels.shape)
    values, owners = pixels[chosen], tiles(chosen)
    _noisy(values)
    return SignalToNoise(
        ratio=by_tiles(Text("SNR", "SNR"), _snr, (values,), owners, seed=seed),
        mean=by_tiles(Text("平均", "Mean"), _mean, (values,), owners, seed=seed, unit=image.unit),
        deviation=by_tiles(Text("標準偏差", "Standard deviation"), _deviation, (values,), owners, seed=seed, unit=image.unit),
        shown=_shown(pixels, [chosen]),
        sentence=Text(
            f"SNR は関心領域 ({len(values)} 画素) の平均を標準偏差で割った値とし、95 % 区間は小領域のブートストラップで求めた。",
            f"SNR was the mean over the standard deviation of a region of {len(values)} pixels, 95 % interval by bootstrap over tiles of it.",
        ),
    )


@operation("コントラスト対雑音比", "Contrast-to-noise ratio", booklet="W6")
def cnr(image: Image, signal: Image, background: Image, *, seed: int = 0) -> ContrastToNoise:
    """CNR = |m1 - m2| / sqrt((s1^2 + s2^2) / 2) of two regions (ddof 1).

    Parameters
    ----------
    image : (rows, columns), linear values.
    signal, background : masks, not 0 in the regions.
    """
    pixels = plane(image)
    inside, outside = region(signal, pixels.shape), region(background, pixels.shape)
    _apart(inside, outside)
    _noisy(pixels[outside])
    values, part, owners = _pooled(pixels, inside, outside)
    return ContrastToNoise(
        ratio=by_tiles(Text("CNR", "CNR"), _cnr, (values, part), owners, seed=seed),
        contrast=by_tiles(Text("相対コントラスト", "Relative contrast"), _contrast, (values, part), owners, seed=seed),
        shown=_shown(pixels, [inside, outside]),
        sentence=Text(
            "CNR = |m1 - m2| / sqrt((s1² + s2²)/2) とし、95 % 区間は小領域のブートストラップで求めた。",
            "CNR = |m1 - m2| / sqrt((s1^2 + s2^2)/2), 95 % interval by bootstrap over tiles of both regions.",
        ),
    )


@operation("Rose モデルの k", "Rose's k", booklet="W6")
def rose_k(
    image: Image,
    signal: Image,
    background: Image,
    *,
    neq0_per_mm2: Annotated[
        float | None, Gt(0), Le(1e12), Label("ゼロ周波数の NEQ (空欄なら背景から)", "NEQ at zero frequency", "1/mm2")
    ] = None,
    seed: int = 0,
) -> Rose:
    """k = C sqrt(A NEQ(0)): C = |m1 - m2| / |m2|, A the area of the signal (Rose 1948; a disc is seen with certainty from k about 5).

    Without a measured NEQ(0) that of white noise in the background is used, (m2 / s2)^2 / pixel area; noise that is
    correlated makes it too large, so give the value of `neq` there.

    Parameters
    ----------
    image : (rows, columns), linear values, pixel spacing known.
    signal, background : masks, not 0 in the regions; the signal's area is that of its mask.
    """
    pixels = plane(image)
    rows_mm, columns_mm = spacing(image)
    inside, outside = region(signal, pixels.shape), region(background, pixels.shape)
    _apart(inside, outside)
    _noisy(pixels[outside])
    values, part, owners = _pooled(pixels, inside, outside)
    area = float(inside.sum() * rows_mm * columns_mm)

    def noise_equivalent(v: np.ndarray, p: np.ndarray) -> float:
        return neq0_per_mm2 or _snr(v[p == 0]) ** 2 / (rows_mm * columns_mm)

    def k_of(v: np.ndarray, p: np.ndarray) -> float:
        return _contrast(v, p) * float(np.sqrt(area * noise_equivalent(v, p)))

    neq_name = Text("NEQ(0)", "NEQ(0)")
    given = None if neq0_per_mm2 is None else Estimate(neq_name, neq0_per_mm2, method="given", unit="1/mm2")
    how = Text("測定値", "given") if given else Text("背景の白色雑音", "white noise of the background")
    k = by_tiles(Text("Rose の k", "Rose's k"), k_of, (values, part), owners, seed=seed)
    below = Text(f"k は Rose の基準 {ROSE_CRITERION:g} より低い値です。", f"k lies below Rose's criterion of {ROSE_CRITERION:g}.")
    return Rose(
        k=k,
        contrast=by_tiles(Text("相対コントラスト", "Relative contrast"), _contrast, (values, part), owners, seed=seed),
        area=Estimate(Text("信号の面積", "Area of the signal"), area, method="counted pixels", unit="mm2"),
        neq=given or by_tiles(neq_name, noise_equivalent, (values, part), owners, seed=seed, unit="1/mm2"),
        shown=_shown(pixels, [inside, outside]),
        warnings=(below,) if k.value < ROSE_CRITERION else (),
        sentence=Text(
            f"k = C sqrt(A NEQ(0)) (Rose 1948)、NEQ(0) は{how.ja}による。",
            f"k = C sqrt(A NEQ(0)) (Rose 1948), NEQ(0) from {how.en}.",
        ),
    )


def _mean(values: np.ndarray) -> float:
    return float(values.mean())


def _deviation(values: np.ndarray) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _snr(values: np.ndarray) -> float:
    noise = _deviation(values)
    return _mean(values) / noise if noise > 0 else float("nan")


def _cnr(values: np.ndarray, part: np.ndarray) -> float:
    first, second = values[part == 1], values[part == 0]
    noise = np.sqrt((_deviation(first) ** 2 + _deviation(second) ** 2) / 2) if min(len(first), len(second)) > 1 else 0.0
    return abs(_mean(first) - _mean(second)) / noise if noise > 0 else float("nan")


def _contrast(values: np.ndarray, part: np.ndarray) -> float:
    if part.min() == part.max():
        return float("nan")
    second = _mean(values[part == 0])
    return abs(_mean(values[part == 1]) - second) / abs(second) if second else float("nan")


def _pooled(pixels: np.ndarray, inside: Mask, outside: Mask) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of both regions, which one each belongs to (1 signal), and their tiles, which are never shared."""
    values = np.concatenate([pixels[inside], pixels[outside]])
    part = np.repeat([1.0, 0.0], [inside.sum(), outside.sum()])
    first, second = tiles(inside), tiles(outside)
    return values, part, np.concatenate([first, second + first.max() + 1])


def _apart(inside: Mask, outside: Mask) -> None:
    if (inside & outside).any():
        raise DataError(
            "G-QUA-316",
            en=f"signal and background must not overlap; {int((inside & outside).sum())} pixels belong to both. Draw them apart.",
            ja=f"信号と背景の領域は重なってはいけません。{int((inside & outside).sum())} 画素が両方に含まれています。離して指定してください。",
        )


def _noisy(values: np.ndarray) -> None:
    if float(values.min()) == float(values.max()):
        raise DataError(
            "G-QUA-317",
            en=f"a ratio to noise needs noise; every pixel of the region is {float(values.flat[0]):g}. Use an exposure that was not clipped or synthesised.",
            ja=f"雑音との比を求めるには雑音が必要です。領域の画素がすべて {float(values.flat[0]):g} です。飽和や合成のない画像を使ってください。",
        )


def _shown(pixels: np.ndarray, masks: list[Mask]) -> Panels:
    captions = Text("測定した領域 (橙: 信号、青: 背景)", "regions (orange: signal, blue: background)")
    alone = Text("測定した領域", "region measured")
    return panels(Text("関心領域", "Regions"), (captions if len(masks) > 1 else alone, outlined(grey(pixels), masks)))
