"""One-dimensional Wiener spectra: the virtual slit (eqs 2', 3, 6, 11) and the single row (eqs 4, 7, 12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate
from gazo.quality.nps_bands import Repeats
from gazo.quality.nps_detrend import TREND_WORDS, Trend, without_trend
from gazo.quality.nps_inputs import Frame, corners, frames, relative_scale
from gazo.quality.nps_plane import PER_MM, U, V, unit_of
from gazo.quality.nps_power import frequencies
from gazo.quality.nps_report import not_linear, shown_regions
from gazo.quality.nps_results import ABSOLUTE, RELATIVE, WienerSpectrum1D

Floats = NDArray[np.float64]
Axis = Annotated[Literal["u", "v"], Label("周波数軸", "Frequency axis")]
TrendOf = Annotated[Trend, Label("トレンド補正", "Trend that is subtracted")]


@operation("1 次元ウィーナースペクトル", "One-dimensional Wiener spectrum", booklet=("W2", "W3"))
def wiener_spectrum_1d(
    images: Sequence[Image],
    *,
    axis: Axis = "u",
    aperture: Annotated[Literal["row", "slit"], Label("走査", "Scan")] = "row",
    slit_length_px: Annotated[
        int | None, Ge(1), Le(65536), Label("スリットの長さ (空欄なら領域全体)", "Slit length (empty: the whole region)", "px")
    ] = None,
    slit_width_px: Annotated[int, Ge(1), Le(64), Label("スリットの幅", "Slit width", "px")] = 1,
    roi_px: Annotated[
        int | None,
        Ge(8),
        Le(65536),
        Label("関心領域の一辺 (空欄なら画像全体)", "Side of a region (empty: the whole image)", "px"),
    ] = None,
    detrend: TrendOf = "mean",
    normalize: Annotated[Literal["absolute", "relative"], Label("規格化", "Normalisation")] = "absolute",
) -> WienerSpectrum1D:
    r"""1DWS(u) = Dx / Nx |sum of f(x) exp(-2 pi i u x)|^2 of scans along x, averaged over all scans of all regions.

    "row": f is one row of pixels (eq. 4); the spectrum is the integral of the 2DWS over v (eq. 12). "slit": f is the mean of
    `slit_length_px` rows (eq. 2'), read in bands that do not overlap; with the slit as long as the region,
    2DWS(u, 0) = 2Y 1DWS_slit(u) (eqs 3, 11). A slit of several pixels' width is moved pixel by pixel. float64.

    Parameters
    ----------
    images : uniform exposures with pixel spacing; planes of an image of three axes count as images.
    axis : "u" scans along rows, "v" along columns.
    roi_px : regions side by side, without overlap; the trend is fitted to each.
    """
    length_px = 1 if aperture == "row" else slit_length_px
    squares, shares, means = 0.0, 0, []
    repeats, first = Repeats(1), None
    for frame in frames(images):
        roi = frame.pixels.shape if roi_px is None else (roi_px, roi_px)
        rows, columns = corners(frame.pixels.shape, roi, max(roi))
        places = [(row, column) for row in rows for column in columns]
        groups = []
        for number, (row, column) in enumerate(places):
            part = without_trend(frame.pixels[row : row + roi[0], column : column + roi[1]], detrend, np.float64)
            scans = _scans(part if axis == "u" else part.T, length_px or roi[axis == "v"], slit_width_px)
            scans = scans / (relative_scale(frame) if normalize == "relative" else 1.0)
            groups.append((number, float(len(scans)), _spectrum(scans, frame.spacing_mm[axis == "u"])))
            squares, shares = squares + float((scans**2).sum()), shares + scans.size
        repeats.add_image(groups)
        means.append(frame.mean)
        if first is None:
            first, shown = frame, shown_regions(frame.pixels, (roi[0], roi[1]), rows, columns)
            points, length_px = scans.shape[1], length_px or roi[axis == "v"]
    assert first is not None  # frames() refuses an empty sequence
    spacing = first.spacing_mm[axis == "u"]
    curve, area = _curve(repeats, points, spacing, axis, normalize == "relative", first)
    unit = "" if normalize == "relative" or not first.image.unit else f"{first.image.unit}²"
    variance = Estimate(
        Text("走査値の分散", "Variance of the scans"), squares / shares, area.low, area.high, 0.95, area.method, unit
    )
    return WienerSpectrum1D(
        curve=curve,
        variance=variance,
        area=area,
        sentence=_sentence(axis, aperture, length_px or 1, slit_width_px, len(means), detrend, first, repeats),
        warnings=not_linear(first.image),
        shown=shown,
    )


def _scans(part: Floats, length_px: int, width_px: int) -> Floats:
    """(scans, points): means over bands of `length_px` rows and over `width_px` columns."""
    bands = part.shape[0] // length_px
    if bands == 0 or part.shape[1] - width_px + 1 < 8:
        raise OptionError(
            "G-QUA-220",
            en=f"the slit must lie inside the region; {length_px} x {width_px} pixels of {part.shape[0]} x {part.shape[1]} were asked for. Make it shorter or narrower.",
            ja=f"スリットは領域の中に収まらなければなりません。{part.shape[0]} x {part.shape[1]} 画素の領域に {length_px} x {width_px} 画素が指定されました。短くするか細くしてください。",
        )
    scans = part[: bands * length_px].reshape(bands, length_px, part.shape[1]).mean(1)
    return scans if width_px == 1 else np.lib.stride_tricks.sliding_window_view(scans, width_px, axis=1).mean(-1)


def _spectrum(scans: Floats, spacing: float) -> Floats:
    """Mean periodogram of scans, both signs of the frequency, rising."""
    power = np.abs(np.fft.fft(scans, axis=1)) ** 2
    return np.asarray(np.fft.fftshift(power.mean(0)) * spacing / scans.shape[1], np.float64)


def _curve(repeats: Repeats, points: int, spacing: float, axis: str, relative: bool, first: Frame) -> tuple[Curve, Estimate]:
    """The spectrum with its band, and its area."""
    value_unit = first.image.unit
    low, high = repeats.band()
    curve = Curve(
        frequencies(points, spacing),
        repeats.mean,
        U if axis == "u" else V,
        RELATIVE if relative else ABSOLUTE,
        Text("1 次元ウィーナースペクトル", "One-dimensional Wiener spectrum"),
        PER_MM,
        unit_of(value_unit, 1, relative=relative),
        low,
        high,
    )
    step = 1 / (points * spacing)
    total = Repeats(1, 1.5, [(i, p, c, y.sum(keepdims=True)) for i, p, c, y in repeats.groups], [(c, y.sum(keepdims=True)) for c, y in repeats.images])  # fmt: skip
    lower, upper = total.band()
    interval = (None, None) if lower is None or upper is None else (float(lower[0]) * step, float(upper[0]) * step)
    method = f"t, logarithm, {total.words.en}" if interval[0] is not None else "too few repeats"
    unit = "" if relative or not value_unit else f"{value_unit}²"
    return curve, Estimate(Text("1DWS の面積", "Area of the 1DWS"), float(curve.y.sum()) * step, *interval, 0.95, method, unit)


def _sentence(
    axis: str, aperture: str, length: int, width: int, images: int, detrend: str, first: Frame, repeats: Repeats
) -> Text:
    ja, en = TREND_WORDS[detrend]
    along = first.spacing_mm[axis == "u"]
    across = first.spacing_mm[axis == "v"]
    what_ja, what_en = ("1 行ずつの走査", "single rows of pixels") if aperture == "row" else (f"長さ {length * across:g} mm の仮想スリットの走査", f"a virtual slit of {length * across:g} mm length")  # fmt: skip
    wide_ja, wide_en = (f" (幅 {width * along:g} mm)", f", {width * along:g} mm wide") if width > 1 else ("", "")
    said = repeats.said
    return Text(
        f"画像 {images} 枚から{ja}を引いた後、{axis} 軸方向の{what_ja}{wide_ja}から 1DWS = Δ/N |F|² を求めて平均した。{said.ja}",
        f"After subtracting {en} from each region of {images} image(s), the one-dimensional Wiener spectrum along {axis}, Δ/N |F|², was averaged over scans with {what_en}{wide_en}. "
        + said.en,
    )
