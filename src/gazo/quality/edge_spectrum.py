"""From edge spread functions to the MTF: derivative, window, Fourier transform, corrections, band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gazo.quality.mtf_results import t_half_width

Array = NDArray[np.float64]
Recipe = Literal["iec", "samei", "iso12233"]
QUIET_FROM_PX, QUIET_OVER_PX = 3, 2  # farther from the edge than 3 px the line spread may be averaged over up to 2 px
END = 0.05  # of the profile at each end is replaced by its mean, so that the area of the LSF does not rest on one bin


@dataclass(frozen=True)
class Steps:
    """How a method computes; the numbers of Samei & Flynn 1998 and ISO 12233 are recalled, not read."""

    bins_per_px: int
    smooth_bins: int
    central: bool
    window: str
    window_mm: float


RECIPES: dict[Recipe, Steps] = {
    "iec": Steps(10, 0, False, "", 0),
    "samei": Steps(10, 17, False, "hann", 15),
    "iso12233": Steps(4, 0, True, "hamming", 0),
}


def line_spread(esf: Array, x: Array, recipe: Recipe, quiet: bool) -> tuple[Array, Array]:
    """Derivative of edge spread functions and where it is sampled.

    Parameters
    ----------
    esf : (units, bins), rising or falling.
    x : (bins,) distance from the edge in mm.
    recipe : the method.
    quiet : average the line spread over up to 2 px where it is more than 3 px from the edge: high frequencies there are noise.
        The idea of a cut-off that falls with the distance is that of Higashide, Ichikawa et al. 2015; the lengths are ours.
    """
    from scipy.signal import savgol_filter

    steps = RECIPES[recipe]
    esf = _flat_ends(esf)
    if steps.smooth_bins:
        esf = savgol_filter(esf, steps.smooth_bins, 4, axis=1)
    step = x[1] - x[0]
    if quiet:
        return _widening(esf, x, steps.bins_per_px * step), x
    if steps.central:
        return np.gradient(esf, step, axis=1), x
    return np.diff(esf, axis=1) / step, x[:-1] + step / 2


def spectra(lsf: Array, x: Array, frequency: Array, recipe: Recipe, quiet: bool = False) -> Array:
    """Complex transforms (units, frequencies) of line spread functions, corrected for difference and bins, not yet normalised.

    The difference of neighbours multiplies by sinc(f d) (central: sinc(2 f d)), the mean over a bin by sinc(f d), d the bin.
    """
    steps, bin_mm = RECIPES[recipe], x[1] - x[0]
    if steps.window:
        lsf = lsf * _window(lsf, x, steps)
    reach = 2 if steps.central or quiet else 1  # bins that a difference spans near the edge, where the high frequencies are
    return fourier(lsf, x, frequency) / (np.sinc(frequency * bin_mm * reach) * np.sinc(frequency * bin_mm))


def fourier(values: Array, x: Array, frequency: Array) -> Array:
    """Integral of values(x) exp(-2 pi i f x) dx at evenly spaced frequencies from 0 and a last one of its own.

    Parameters
    ----------
    values : (units, samples).
    x : (samples,) evenly spaced.
    frequency : (k,) as `mtf_results.frequencies` makes them.
    """
    from scipy.signal import czt

    step, df = x[1] - x[0], frequency[1] - frequency[0]
    even = czt(values, len(frequency) - 1, np.exp(-2j * np.pi * df * step), axis=1)
    even = even * np.exp(-2j * np.pi * frequency[:-1] * x[0])
    last = values @ np.exp(-2j * np.pi * frequency[-1] * x)
    return np.asarray(np.concatenate([even, last[:, None]], axis=1) * step)


def mtf_and_band(whole: Array, units: Array) -> tuple[Array, Array | None]:
    """|H| / H(0) of the mean profile, and half the width of its t interval from the units.

    Units are projected on the phase of the mean, so that their mean is the result itself and no rectified noise enters; the ratio to
    H(0) is linearised.

    Parameters
    ----------
    whole : (frequencies,) complex, of the averaged profile.
    units : (units, frequencies) complex, of repeats or of segments.
    """
    size = np.abs(whole)
    mtf = size / size[0]
    along = (units * np.conj(whole / np.where(size > 0, size, 1))).real
    ratio = (along - mtf * along[:, :1]) / size[0]
    return mtf, t_half_width(ratio - ratio.mean(0))


def _flat_ends(esf: Array) -> Array:
    ends = max(2, int(END * esf.shape[1]))
    esf = esf.copy()
    esf[:, :ends] = esf[:, :ends].mean(1, keepdims=True)
    esf[:, -ends:] = esf[:, -ends:].mean(1, keepdims=True)
    return esf


def _window(lsf: Array, x: Array, steps: Steps) -> Array:
    """Hann or Hamming window centred on the edge (x = 0); its width is `window_mm` or all there is."""
    half = min(steps.window_mm / 2 or np.inf, -x[0], x[-1])
    wave = np.cos(np.pi * np.clip(x / half, -1, 1))
    base = 0.5 if steps.window == "hann" else 0.54
    return np.where(np.abs(x) <= half, base + (1 - base) * wave, 0)


def _widening(esf: Array, x: Array, pixel: float) -> Array:
    """Differences over two bins near the edge, over up to 2 px away from it."""
    step = x[1] - x[0]
    away = np.clip(np.abs(x) - QUIET_FROM_PX * pixel, 0, QUIET_OVER_PX * pixel)
    half = np.maximum(step, away / 2)
    place = np.arange(len(x))
    before, after = np.clip(place - half / step, 0, len(x) - 1), np.clip(place + half / step, 0, len(x) - 1)
    rows = [(np.interp(after, place, row) - np.interp(before, place, row)) / ((after - before) * step) for row in esf]
    return np.asarray(rows)
