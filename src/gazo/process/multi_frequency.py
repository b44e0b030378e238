"""Multi-frequency processing: several masks, each band enhanced for itself, with a term for the dynamic range (booklet, equation 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve
from gazo.process.density import TABLE, density_weights
from gazo.process.kernels import UNLIMITED, Pixels, add_limited, looked_up
from gazo.process.masks import (
    Blurred,
    Grid,
    Sigma,
    blurred,
    enlarged,
    full_rows,
    inside,
    level_of,
    masked_rows,
    sigma_px,
    strips,
)
from gazo.process.plane import plane
from gazo.process.tone import compression

SAMPLED = 32  # rows of a few strips, which suffice for the standard deviation of a band


@operation("マルチ周波数処理", "Multi-frequency processing", booklet="P3")
def multi_frequency_processing(
    image: Image,
    density_curve: Curve | None = None,
    *,
    finest_mm: Annotated[float, Gt(0), Le(10), Label("最も細かいマスクの標準偏差", "Sigma of the finest mask", "mm")] = 0.15,
    gains: Annotated[
        tuple[Annotated[float, Ge(0), Le(10)], ...], Label("各帯域の強調 (細かい帯域から)", "Gain of each band, finest first")
    ] = (0.5, 0.8, 0.8, 0.6, 0.4, 0.2),
    limit_sd: Annotated[
        float | None, Gt(0), Le(1000), Label("強調の上限 (帯域の標準偏差の倍数)", "Limit of each band in its SDs")
    ] = 3.0,
    amount: Annotated[float, Ge(0), Le(10), Label("強調全体の強さ", "Amount of the whole enhancement")] = 1.0,
    density_low: Annotated[float | None, Label("強調を弱める側の画素値", "Pixel value of weak enhancement")] = None,
    density_high: Annotated[float | None, Label("強調を全部かける画素値", "Pixel value of full enhancement")] = None,
    density_floor: Annotated[float, Ge(0), Le(1), Label("弱める側の強調の割合", "Share of the amount at the weak side")] = 0.0,
    low_threshold: Annotated[
        float | None, Label("これより低い画素値を持ち上げる", "Pixel value below which values are raised")
    ] = None,
    low_strength: Annotated[float, Ge(0), Le(1), Label("低い側の圧縮の強さ", "Strength of compression at the low side")] = 0.0,
    high_threshold: Annotated[
        float | None, Label("これより高い画素値を下げる", "Pixel value above which values are lowered")
    ] = None,
    high_strength: Annotated[float, Ge(0), Le(1), Label("高い側の圧縮の強さ", "Strength of compression at the high side")] = 0.0,
    compression_gains: Annotated[
        tuple[Annotated[float, Ge(0), Le(1)], ...],
        Label("圧縮の対象から除く各帯域の割合", "Share of each band kept out of compression"),
    ] = (1.0,),
) -> Image:
    r"""Enhance several frequency bands, each for itself, and compress what is left: S' = S + beta(S) sum f_k(B_k) + D(S - sum g_k B_k).

    S_k: the image behind Gaussian masks of sigma finest_mm x 2^(k-1), k = 1 .. n, as many as there are `gains`; B_k = S_(k-1) - S_k,
    S_0 = S, so that B_1 + .. + B_n + S_n = S. f_k(b) = a_k L_k tanh(b / L_k) with L_k = `limit_sd` standard deviations of the band:
    strong edges, which would get the undershoot of a single mask, are enhanced less than fine structure. Without limit the gain is
    1 + beta sum a_k (H_(k-1) - H_k), H_k = exp(-2 pi^2 sigma_k^2 u^2). D: the curve of `dynamic_range_compression` (off at strengths
    of 0); g_k linear. Structure of US 6,072,913 and US 5,991,457 (Yamada); FCR names: gains MRB, limit MRT, amount MRE,
    compression_gains MDB, curve MDT, strengths MDE (recalled, not read). The makers' tables are not public. f_k is computed on the grid
    of its band. Clothing creases and elastic bands outside the body are enhanced too. float32; reflected at borders; nothing is clipped.

    Parameters
    ----------
    image : 2-D, any real dtype, pixel spacing known; not modified.
    density_curve : beta against pixel value, instead of the rise between `density_low` and `density_high`.
    gains : a_k; 0 leaves a band as it is.
    limit_sd : None for no limit.
    compression_gains : g_k, one for each band or one for all; 1 compresses S_n only, less lets part of the band be compressed too.

    Errors: G-PRC-101 to 103 (density dependence), G-PRC-110 (slope), G-PRC-111 (number of gains), G-PRC-201 and 202.
    """
    import cv2

    pixels = plane(image, least=1)
    kept = _one_each(compression_gains, len(gains))
    sigmas = [sigma_px(image, finest_mm * 2**k) for k in range(len(gains))]
    narrow = [sigma for sigma in sigmas if level_of(sigma) == 0]
    wide, grid = blurred(pixels, sigmas[len(narrow) :]) if len(narrow) < len(sigmas) else ([], Grid((pixels.shape,)))
    sides = {"low": low_threshold, "low_strength": low_strength, "high": high_threshold, "high_strength": high_strength}
    correction = _correction(pixels, sigmas, wide, grid, kept, sides) if low_strength > 0 or high_strength > 0 else None
    if amount == 0 or not any(gains):
        return image.with_pixels(pixels.copy() if correction is None else cv2.add(pixels, correction))
    weight = density_weights(pixels, density_curve, density_low, density_high, density_floor)
    bands = Bands(pixels, narrow, wide, grid, tuple(amount * a for a in gains), limit_sd)
    result = bands.enhanced(weight)
    return image.with_pixels(result if correction is None else cv2.add(result, correction, dst=result))


def _one_each(values: tuple[float, ...], count: int) -> tuple[float, ...]:
    if count == 0 or len(values) not in (1, count):
        raise OptionError(
            "G-PRC-111",
            en=f"'gains' needs at least one value, 'compression_gains' one or as many; {count} and {len(values)} came. Give one for each band.",
            ja=f"gains には 1 つ以上、compression_gains には 1 つまたは gains と同じ個数の値が必要です。受け取った個数: {count} と {len(values)}。帯域ごとに 1 つずつ指定してください。",
        )
    return values if len(values) == count else values * count


@dataclass(frozen=True)
class Bands:
    """The image and what its enhancement needs: narrow masks are worked out strip by strip, wide ones stand on reduced grids."""

    pixels: Pixels
    narrow: Sequence[Sigma]
    wide: Sequence[Blurred]
    grid: Grid
    gains: Sequence[float]
    limit_sd: float | None

    def enhanced(self, weight: Pixels | None) -> Pixels:
        """S + weight x sum of f_k(B_k), from the coarsest band to the finest, each on the grid of its finer image."""
        import cv2

        below, total = self._coarse()
        limits = self._limits(below)
        result = np.empty_like(self.pixels)
        for rows in strips(self.pixels.shape):
            layers = self._layers(below, rows)
            part = np.zeros_like(layers[0]) if total is None else full_rows(total, self.grid, rows)
            for finer, coarser, gain, limit in zip(layers, layers[1:], self.gains, limits, strict=False):
                if gain > 0 and limit > 0:
                    add_limited(part, finer, coarser, gain=gain, upper=limit, lower=limit)
            cv2.add(layers[0], part if weight is None else cv2.multiply(part, weight[rows]), dst=result[rows])
        return result

    def _layers(self, below: Pixels | None, rows: slice) -> list[Pixels]:
        """S_0, S_1 .. on rows of the full grid, the last one brought there from level 1."""
        layers = [self.pixels[rows], *(masked_rows(self.pixels, sigma, rows) for sigma in self.narrow)]
        return layers if below is None else [*layers, full_rows(below, self.grid, rows)]

    def _coarse(self) -> tuple[Pixels | None, Pixels | None]:
        """On level 1: the first of the wide masks, and the sum of the enhanced bands between wide masks; None without any."""
        if not self.wide:
            return None, None
        total = Blurred(np.zeros_like(self.wide[-1].pixels), self.wide[-1].level)
        for finer, coarser, gain in zip(self.wide[-2::-1], self.wide[:0:-1], self.gains[::-1], strict=False):
            under = enlarged(coarser, self.grid, finer.level)
            total = Blurred(enlarged(total, self.grid, finer.level), finer.level)
            limit = self._limit(gain, _deviation(finer.pixels, under))
            if gain > 0 and limit > 0:
                add_limited(total.pixels, finer.pixels, under, gain=gain, upper=limit, lower=limit)
        return enlarged(self.wide[0], self.grid, 1), enlarged(total, self.grid, 1)

    def _limits(self, below: Pixels | None) -> list[float]:
        """The limits of the bands on the full grid, from some rows of it."""
        every = strips(self.pixels.shape)
        few = [slice(r.start, min(r.start + SAMPLED, r.stop)) for r in every[:: max(1, len(every) // 4)]]
        found = [self._layers(below, rows) for rows in few]
        spread = [np.concatenate([a - b for a, b in zip(x, y, strict=True)]).std() for x, y in pairwise(zip(*found, strict=True))]
        return [self._limit(gain, float(sd)) for gain, sd in zip(self.gains, spread, strict=False)]

    def _limit(self, gain: float, deviation: float) -> float:
        return UNLIMITED if self.limit_sd is None else gain * self.limit_sd * deviation


def _deviation(finer: Pixels, below: Pixels) -> float:
    """Standard deviation of the difference, from rows spread over the image."""
    rows = slice(None, None, max(1, finer.shape[0] // 128))
    return float(np.std(finer[rows] - below[rows]))


def _correction(
    pixels: Pixels,
    sigmas: Sequence[Sigma],
    wide: Sequence[Blurred],
    grid: Grid,
    kept: Sequence[float],
    sides: Mapping[str, Any],
) -> Pixels:
    """D(S - sum g_k B_k) on the full grid."""
    import cv2

    if min(kept) < 1 or not wide:
        masks, grid = blurred(pixels, sigmas)
        rest = _rest([Blurred(pixels, 0), *masks], grid, kept)
    else:
        rest = wide[-1]
    densities = inside(rest, grid)
    start, end, *_ = cv2.minMaxLoc(densities)
    f = compression(start, end, cv2.mean(densities)[0], None, **sides)
    values = np.linspace(start, end, TABLE, dtype=np.float32)
    added = looked_up(rest.pixels, f(values), start, (end - start) / (TABLE - 1))
    return enlarged(Blurred(added, rest.level), grid)


def _rest(bands: Sequence[Blurred], grid: Grid, kept: Sequence[float]) -> Blurred:
    """S - sum g_k B_k = S_n + sum (1 - g_k) B_k, on the coarsest grid that carries it."""
    rest = bands[-1]
    for finer, coarser, g in zip(bands[-2::-1], bands[:0:-1], kept[::-1], strict=True):
        if g < 1 or rest is not bands[-1]:
            rest = Blurred(enlarged(rest, grid, finer.level).copy(), finer.level)
        if g < 1:
            add_limited(rest.pixels, finer.pixels, enlarged(coarser, grid, finer.level), gain=1 - g)
    return rest
