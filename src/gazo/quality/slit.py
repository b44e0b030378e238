"""The presampled MTF from a slanted slit (or a wire lying on the detector): the composite line spread function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Panels
from gazo.quality.edge_line import Line, slit_line
from gazo.quality.edge_profile import Profile, projected
from gazo.quality.edge_shown import shown_line
from gazo.quality.edge_spectrum import fourier, mtf_and_band
from gazo.quality.inputs import listed
from gazo.quality.mtf_edge import ENOUGH_REPEATS
from gazo.quality.mtf_results import EdgeMTF, crossing, frequencies, mtf_curve, same_grid

Array = NDArray[np.float64]
BINS_PER_PX = 10


@operation("スリット法による MTF", "MTF from a slit", booklet="W6")
def mtf_slit(
    images: Sequence[Image],
    *,
    slit_mm: Annotated[float, Ge(0), Le(5), Label("スリットの幅", "Width of the slit", "mm")] = 0.01,
    half_width_mm: Annotated[float, Gt(0), Le(100), Label("解析する幅の半分", "Half the width analysed", "mm")] = 10.0,
) -> EdgeMTF:
    """The presampled MTF of a slit turned by a few degrees, imaged once or several times.

    Centroids of all rows give the line; pixels are projected on its normal in bins of 1/10 pixel, which composes a finely sampled line
    spread function from the rows (Fujita et al., IEEE Trans Med Imaging 1992; 11: 34, recalled, not read). A straight background
    through the outer fifths is subtracted; the modulus of the Fourier transform is divided by sinc(f d) for the bin d and by
    sinc(f w) for the slit width w, 1 at f = 0. The band is a t interval over repeats (5 or more), else over segments along the slit.

    Parameters
    ----------
    images : one image or repeats of a bright (or dark) line, linear in exposure, pixel spacing known; cut to the slit; float64.
    slit_mm : 0 for a slit much narrower than a pixel.
    half_width_mm : what lies farther from the slit is not used.
    """
    profiles: list[Profile] = []
    upright = True
    for _, pixels, spacing in same_grid(listed(images)):
        pixels = _bright(pixels)
        upright = upright if profiles else _upright(pixels)
        part, grid = (pixels, spacing) if upright else (pixels.T, spacing[::-1])
        line = slit_line(part)
        profiles.append(projected(part, line, grid, BINS_PER_PX))
        if len(profiles) == 1:
            first, shown = line, _shown(pixels, line, upright)
    x, whole, units = _composed(profiles, half_width_mm)
    frequency = frequencies(0.5 / grid[1])
    found = (
        fourier(np.vstack([whole, units]), x, frequency) / np.sinc(frequency * profiles[0].bin_mm) / np.sinc(frequency * slit_mm)
    )
    title = Text("MTF (u 方向)", "MTF along u") if upright else Text("MTF (v 方向)", "MTF along v")
    curve = mtf_curve(frequency, *mtf_and_band(found[0], found[1:]), title)
    words = Text("スリットからの距離", "Distance from the slit"), Text("LSF", "LSF"), Text("合成 LSF", "Composite LSF")
    return EdgeMTF(
        curve=curve,
        mtf50=crossing(curve, 0.5),
        mtf10=crossing(curve, 0.1),
        profiles=(Curve(x, whole / whole.max(), *words, "mm"),),
        angle=_angle(first, grid),
        contrast=Estimate(Text("スリットの高さ", "height of the slit"), float(whole.max())),
        sentence=_sentence(len(profiles), len(units), slit_mm),
        shown=shown,
    )


def _bright(pixels: Array) -> Array:
    """The image with the line brighter than its surroundings."""
    middle = np.median(pixels)
    above, below = pixels.max() - middle, middle - pixels.min()
    line = pixels if above >= below else -pixels
    if max(above, below) < 5 * 1.4826 * np.median(np.abs(pixels - middle)) or above == below:
        raise DataError(
            "G-QUA-414",
            en="no line stands out from the background; cut the image to the slit, or expose more.",
            ja="背景から際立つ線が見つかりません。スリットの周囲だけを切り出すか、線量を増やして撮影してください。",
        )
    return line


def _upright(pixels: Array) -> bool:
    """Whether the line stands out in more rows than columns."""
    in_rows, in_columns = (float((pixels.max(axis) - np.median(pixels, axis)).mean()) for axis in (1, 0))
    return in_rows >= in_columns


def _composed(profiles: list[Profile], half_width_mm: float) -> tuple[Array, Array, Array]:
    """Distance, the mean line spread and the units of the interval, all without background."""
    step = profiles[0].bin_mm
    starts = [round(p.x[0] / step - 0.5) for p in profiles]
    limit = int(half_width_mm / step)
    first = max(*starts, -limit) if len(starts) > 1 else max(starts[0], -limit)
    last = min([limit, *(s + len(p.x) for s, p in zip(starts, profiles, strict=True))])
    cuts = [slice(first - s, last - s) for s in starts]
    x = profiles[0].x[cuts[0]]
    wholes = np.stack([_without_background(x, p.values[c]) for p, c in zip(profiles, cuts, strict=True)])
    if len(profiles) >= ENOUGH_REPEATS:
        return x, wholes.mean(0), wholes
    units = [_without_background(x, part[c]) for p, c in zip(profiles, cuts, strict=True) for part in p.parts]
    return x, wholes.mean(0), np.stack(units)


def _without_background(x: Array, values: Array) -> Array:
    outer = max(4, len(x) // 5)
    tails = np.r_[:outer, len(x) - outer : len(x)]
    return np.asarray(values - np.polyval(np.polyfit(x[tails], values[tails], 1), x))


def _angle(line: Line, grid: tuple[float, float]) -> Estimate:
    ratio = grid[1] / grid[0]
    value = float(np.degrees(np.arctan(line.slope * ratio)))
    half = 1.96 * float(np.degrees(line.slope_se * ratio))
    return Estimate(
        Text("スリットの角度", "slit angle"), value, value - half, value + half, 0.95, "standard error of the line", "°"
    )


def _shown(pixels: Array, line: Line, upright: bool) -> Panels:
    rows = (0.0, float(pixels.shape[0 if upright else 1] - 1))
    ends = tuple((r, line.offset + line.slope * r) if upright else (line.offset + line.slope * r, r) for r in rows)
    return shown_line(pixels, (0, 0, *pixels.shape), ends, Text("検出したスリット", "The slit found"))


def _sentence(images: int, units: int, slit_mm: float) -> Text:
    return Text(
        f"プリサンプルド MTF は傾けたスリット (幅 {slit_mm:g} mm) の {images} 枚の画像から合成 LSF により求め、スリット幅とビン開口を補正した。95 % 信頼帯は {units} 単位の t 区間である。",
        f"The presampled MTF was obtained from {images} image(s) of a slanted slit ({slit_mm:g} mm wide) by a composite line spread function, corrected for slit width and bin aperture; the 95 % band is a t interval over {units} units.",
    )
