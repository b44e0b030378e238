"""The task transfer function (TTF) of CT from the edge of a round insert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Panels, result
from gazo.quality.edge_shown import shown_line
from gazo.quality.edge_spectrum import fourier, mtf_and_band
from gazo.quality.inputs import listed
from gazo.quality.mtf_edge import ENOUGH_REPEATS
from gazo.quality.mtf_results import MTF, crossing, frequencies, mtf_curve, same_grid

Array = NDArray[np.float64]
Spacing = tuple[float, float]
BINS_PER_PX, SECTORS = 10, 8
ENOUGH_CNR = 15  # of all slices together (AAPM TG-233; recalled, not read)


@result("ttf")
@dataclass(frozen=True, eq=False, kw_only=True)
class TTF(MTF):
    """A task transfer function: also contrast (mean inside less outside), contrast-to-noise ratio of all slices, and diameter."""

    contrast: Estimate
    cnr: Estimate
    diameter: Estimate


@operation("円形エッジによる TTF", "Task transfer function from a circular edge")
def mtf_circular_edge(
    images: Sequence[Image],
    *,
    diameter_mm: Annotated[float, Gt(0), Le(200), Label("円柱の直径", "Diameter of the insert", "mm")],
    row_px: Annotated[
        float | None, Ge(0), Label("中心の行 (空欄なら自動)", "Row of the centre (automatic when empty)", "px")
    ] = None,
    column_px: Annotated[
        float | None, Ge(0), Label("中心の列 (空欄なら自動)", "Column of the centre (automatic when empty)", "px")
    ] = None,
) -> TTF:
    """The contrast-dependent MTF of reconstructions that are not linear (Richard et al., Med Phys 2012; 39: 4115; AAPM TG-233).

    The centre is the centroid of the insert above its surroundings; all pixels are sorted by radius in bins of 1/10 pixel; the edge
    spread is differentiated, a window of the insert's diameter laid over it (flat over the middle half, Hann flanks, so that blur
    much smaller than the radius is left alone), and the modulus of its Fourier transform divided by sinc(f d)^2 for difference and
    bins. Slices are averaged. The band is a t interval over slices (5 or more), else over eight
    sectors of each.

    Parameters
    ----------
    images : slices through the insert; pixel spacing known; computed in float64.
    diameter_mm : as made; the ring up to twice the radius must be free of other things.
    row_px, column_px : about where the centre is (within a third of the radius).
    """
    profiles, noise, shown, centre = [], [], None, None
    for _, pixels, spacing in same_grid(listed(images)):
        radius = diameter_mm / 2
        centre = centre or _start(pixels, spacing, radius, row_px, column_px)
        at = _centre(pixels, spacing, radius, centre)
        x, sectors, outside = _radial(pixels, spacing, radius, at)
        profiles.append(sectors)
        noise.append(outside)
        shown = shown or _shown(pixels, at, spacing, radius)
    stack = np.stack(profiles)  # (slices, sectors, bins)
    units = stack.mean(1) if len(stack) >= ENOUGH_REPEATS else stack.reshape(-1, len(x))
    return _result(x, stack.mean((0, 1)), units, np.array(noise), spacing, len(stack), diameter_mm, shown)


def _result(
    x: Array, whole: Array, units: Array, noise: Array, spacing: Spacing, slices: int, diameter_mm: float, shown: Panels | None
) -> TTF:
    step, frequency = x[1] - x[0], frequencies(0.5 / max(spacing))
    inside, outside = whole[x < 0.6 * diameter_mm / 2].mean(), whole[x > 1.3 * diameter_mm / 2].mean()
    contrast = float(inside - outside)
    edge = _half_way(x, whole, (inside + outside) / 2)
    at = x[:-1] + step / 2 - edge
    flank = np.clip(2 * np.abs(at) / (0.9 * edge) - 1, 0, 1)
    lsf = -np.diff(np.vstack([whole, units]), axis=1) / step * (0.5 + 0.5 * np.cos(np.pi * flank))
    found = fourier(lsf, at, frequency) / np.sinc(frequency * step) ** 2
    curve = mtf_curve(frequency, *mtf_and_band(found[0], found[1:]), Text("TTF", "TTF"))
    cnr = abs(contrast) / float(noise.mean()) * np.sqrt(slices) if noise.mean() > 0 else float("inf")
    words = (
        Text("中心からの距離", "Distance from the centre"),
        Text("画素値", "Pixel value"),
        Text("放射状 ESF", "Radial edge spread"),
    )
    few = Text(
        f"全断面の CNR は {cnr:.1f} で、{ENOUGH_CNR} (記憶による値) に達していません。断面を追加してください。",
        f"the CNR of all slices is {cnr:.1f}, below {ENOUGH_CNR} (recalled); add slices.",
    )
    return TTF(
        curve=curve,
        mtf50=crossing(curve, 0.5),
        mtf10=crossing(curve, 0.1),
        profiles=(Curve(x, whole, *words, "mm"),),
        contrast=Estimate(Text("コントラスト", "contrast"), contrast),
        cnr=Estimate(Text("全断面の CNR", "CNR of all slices"), float(cnr)),
        diameter=Estimate(Text("測定された直径", "diameter measured"), 2 * edge, unit="mm"),
        sentence=Text(
            f"TTF は直径 {diameter_mm:g} mm の円柱の {slices} 断面から放射状 ESF (1 画素あたり {BINS_PER_PX} ビン)、ハン型の裾をもつ窓、差分とビンの補正により求めた。95 % 信頼帯は {len(units)} 単位の t 区間である。",
            f"The TTF was obtained from {slices} slice(s) of an insert of {diameter_mm:g} mm by its radial edge spread ({BINS_PER_PX} bins a pixel), a window with Hann flanks, corrected for difference and bins; the 95 % band is a t interval over {len(units)} units.",
        ),
        warnings=(few,) if cnr < ENOUGH_CNR else (),
        shown=shown,
    )


def _start(pixels: Array, spacing: Spacing, radius: float, row: float | None, column: float | None) -> tuple[float, float]:
    """The centre given, or where a disc of the diameter stands out most from the ring around it."""
    if row is not None and column is not None:
        return row, column
    import cv2

    size = [2 * int(2 * radius / s) + 1 for s in spacing]
    y, x = np.mgrid[: size[0], : size[1]]
    away = np.hypot((y - size[0] // 2) * spacing[0], (x - size[1] // 2) * spacing[1])
    inner, ring = away < 0.9 * radius, (away > 1.1 * radius) & (away < 1.6 * radius)
    kernel = inner / inner.sum() - ring / ring.sum()
    score = np.abs(
        cv2.filter2D((pixels - np.median(pixels)).astype(np.float32), cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT)
    )
    r, c = (int(2 * radius / s) for s in spacing)
    if score.shape[0] <= 2 * r or score.shape[1] <= 2 * c:
        _need_ring((0.0, 0.0), pixels.shape, spacing, radius)
    score = score[r : score.shape[0] - r, c : score.shape[1] - c]
    top, left = np.unravel_index(int(score.argmax()), score.shape)
    return float(top + r), float(left + c)


def _centre(pixels: Array, spacing: Spacing, radius: float, start: tuple[float, float]) -> tuple[float, float]:
    """The centroid of what is inside 1.3 radii above the mean of the ring outside, repeated."""
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    at = start
    for _ in range(10):
        _need_ring(at, pixels.shape, spacing, radius)
        away = np.hypot((rows - at[0]) * spacing[0], (columns - at[1]) * spacing[1])
        ring, near = (away > 1.4 * radius) & (away < 1.9 * radius), away < 1.3 * radius
        above = pixels[near] - pixels[ring].mean()
        _need_contrast(float(above.mean()), float(pixels[ring].std()) / np.sqrt(near.sum()))
        at = (float((above * rows[near]).sum() / above.sum()), float((above * columns[near]).sum() / above.sum()))
    return at


def _need_ring(at: tuple[float, float], shape: tuple[int, ...], spacing: Spacing, radius: float) -> None:
    room = min(min(a, n - 1 - a) * s for a, n, s in zip(at, shape, spacing, strict=True))
    if room < 1.9 * radius or radius < 6 * max(spacing):
        raise DataError(
            "G-QUA-417",
            en=f"the insert needs a free ring of {1.9 * radius:.1f} mm around its centre inside the image and a radius of at least 6 pixels; {room:.1f} mm are there. Check the centre and the diameter.",
            ja=f"円柱の中心から {1.9 * radius:.1f} mm の範囲が画像内にあり、半径が 6 画素以上でなければなりません。端までの距離は {room:.1f} mm です。中心と直径を確認してください。",
        )


def _need_contrast(above: float, error: float) -> None:
    if above == 0 or abs(above) < 5 * error:
        raise DataError(
            "G-QUA-418",
            en="the insert does not stand out from its surroundings; check the centre and the diameter, or average more slices.",
            ja="円柱が周囲から際立っていません。中心と直径を確認するか、平均する断面を増やしてください。",
        )


def _radial(pixels: Array, spacing: Spacing, radius: float, at: tuple[float, float]) -> tuple[Array, Array, float]:
    """Radius of the bins, their means in each sector (sectors, bins), and the noise in the ring outside."""
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    y, x = (rows - at[0]) * spacing[0], (columns - at[1]) * spacing[1]
    away, step = np.hypot(x, y), min(spacing) / BINS_PER_PX
    bins = int(1.9 * radius / step)
    use = away < bins * step
    sector = ((np.arctan2(y, x)[use] / (2 * np.pi) + 0.5) * SECTORS).astype(int) % SECTORS
    index = sector * bins + (away[use] / step).astype(int)
    n = np.bincount(index, minlength=SECTORS * bins).reshape(SECTORS, bins)
    total = np.bincount(index, pixels[use], SECTORS * bins).reshape(SECTORS, bins)
    middle = np.bincount(index, away[use], SECTORS * bins).reshape(SECTORS, bins)
    centres = (np.arange(bins) + 0.5) * step
    # near the centre the bins are empty: the values there are interpolated at the true mean radius
    profiles = np.stack(
        [np.interp(centres, m[k > 0] / k[k > 0], t[k > 0] / k[k > 0]) for k, t, m in zip(n, total, middle, strict=True)]
    )
    return centres, profiles, float(pixels[(away > 1.4 * radius) & (away < 1.9 * radius)].std())


def _half_way(x: Array, values: Array, level: float) -> float:
    crossed = np.flatnonzero(np.diff(np.sign(values - level)))
    if not crossed.size:
        raise DataError(
            "G-QUA-419",
            en="the radial profile never reaches half the contrast; check the centre and the diameter of the insert.",
            ja="放射状プロファイルがコントラストの半分に達しません。円柱の中心と直径を確認してください。",
        )
    i = crossed[len(crossed) // 2]
    return float(x[i] + (x[i + 1] - x[i]) * (level - values[i]) / (values[i + 1] - values[i]))


def _shown(pixels: Array, at: tuple[float, float], spacing: Spacing, radius: float) -> Panels:
    reach = [1.9 * radius / s for s in spacing]
    box = tuple(round(v) for v in (at[0] - reach[0], at[1] - reach[1], 2 * reach[0], 2 * reach[1]))
    across = radius / spacing[1]
    ends = ((at[0], at[1] - across), (at[0], at[1] + across))
    return shown_line(pixels, box, ends, Text("検出した円柱", "The insert found"))
