"""The noise power spectrum of X-ray detectors after IEC 62220-1, and the two methods in use before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate
from gazo.quality.intervals import of_repeats
from gazo.quality.nps_bands import Repeats
from gazo.quality.nps_detrend import TREND_WORDS, Detrended, Trend
from gazo.quality.nps_inputs import Frame, corners, frames, need_regions, relative_scale, step_px
from gazo.quality.nps_lines import Lines, lines_of, pruned_lines
from gazo.quality.nps_plane import PER_MM, RADIAL, Plane, U, V, unit_of
from gazo.quality.nps_power import Floats, coverage, strips
from gazo.quality.nps_report import not_linear, regions_table, shown_regions
from gazo.quality.nps_results import ABSOLUTE, MEAN, RELATIVE, NoisePowerSpectrum
from gazo.quality.wiener_2d import Normalize

Method = Literal["IEC 62220-1", "Dobbins", "Samei-Flynn"]
ENOUGH_PIXELS = 4_000_000


@dataclass(frozen=True)
class Protocol:
    """What a method prescribes; lines are counted from the axis, 0 is the axis itself."""

    roi_px: int
    overlap_px: int
    trend: Trend
    over_image: bool
    first_line: int
    last_line: int


# After table 2 of Ranger, Samei, Dobbins, Ravin (Radiology 2007), which sets the methods side by side. That the earlier methods
# fit the trend to each region is our reading. The width of the bins, 0.01 / D, is recalled from the standard, not read.
PROTOCOLS: dict[Method, Protocol] = {
    "IEC 62220-1": Protocol(256, 128, "poly2", True, 1, 7),
    "Dobbins": Protocol(128, 0, "plane", False, 1, 4),
    "Samei-Flynn": Protocol(128, 0, "poly2", False, 0, 7),
}
BIN_HALF_WIDTH = 0.01  # times 1 / D


@operation("IEC 62220-1 によるノイズパワースペクトル", "Noise power spectrum after IEC 62220-1", booklet="W6")
def nps_iec(
    images: Sequence[Image],
    *,
    method: Annotated[Method, Label("方法", "Method")] = "IEC 62220-1",
    normalize: Normalize = "absolute",
    field_mm: Annotated[float | None, Gt(0), Le(1000), Label("中央の解析範囲 (空欄なら全体)", "Central field (empty: all)", "mm")] = 125.0,
    roi_px: Annotated[int | None, Ge(16), Le(2048), Label("関心領域の一辺 (空欄なら方法の値)", "Side of a region (empty: that of the method)", "px")] = None,
    overlap_px: Annotated[int | None, Ge(0), Le(2047), Label("関心領域の重なり (空欄なら方法の値)", "Overlap of regions (empty: that of the method)", "px")] = None,
    lines: Annotated[int | None, Ge(1), Le(64), Label("軸の片側の線の数 (空欄なら方法の値)", "Lines on each side of the axis (empty: those of the method)")] = None,
    report_step_per_mm: Annotated[float, Gt(0), Le(10), Label("報告する周波数の間隔", "Frequencies reported every", "cycles/mm")] = 0.5,
    bin_half_width_per_mm: Annotated[float | None, Gt(0), Le(5), Label("平均する幅の半分 (空欄なら 0.01/画素間隔)", "Half width averaged over (empty: 0.01 / pixel spacing)", "cycles/mm")] = None,
) -> NoisePowerSpectrum:  # fmt: skip
    r"""W(u, v) = Dx Dy / (M N^2) sum over M regions of \|DFT(I - S)\|^2, on 14 lines beside each axis, S the fitted trend.

    IEC 62220-1-1:2015: one second-order polynomial is subtracted from each image, regions of 256 x 256 step by 128, and the seven
    lines on each side of an axis are averaged, the axis itself left out. Each point keeps its own distance from the origin,
    sqrt(u^2 + v^2), and counts for a reported frequency f where it lies within f +- the half width. "Dobbins": regions of 128, no
    overlap, a plane, 4 lines. "Samei-Flynn": 128, second order, 7 lines and the axis. "relative" gives the NNPS, W / mean^2 in mm^2,
    each image divided by its mean. Computed in float32, in float64 when the pixels are float64. Bands as in `wiener_spectrum_2d`.

    Parameters
    ----------
    images : linearised uniform exposures with pixel spacing, read one at a time; IEC asks for four million pixels in all.
    report_step_per_mm : 0.5, 1.0 ... below the Nyquist frequency in the standard.
    """
    protocol = _changed(PROTOCOLS[method], roi_px, overlap_px, lines)
    found: _Measured | None = None
    for frame in frames(images, field_mm=field_mm):
        found = found or _Measured(protocol, frame, report_step_per_mm, bin_half_width_per_mm, normalize == "relative")
        found.add(frame)
    assert found is not None  # frames() refuses an empty sequence
    return found.result(method)


def _changed(protocol: Protocol, roi_px: int | None, overlap_px: int | None, lines: int | None) -> Protocol:
    """The method with the sizes that were given."""
    roi = roi_px or protocol.roi_px
    overlap = overlap_px if overlap_px is not None else roi * protocol.overlap_px // protocol.roi_px
    return Protocol(
        roi, overlap, protocol.trend, protocol.over_image, protocol.first_line, min(lines or protocol.last_line, roi // 2 - 1)
    )


class _Measured:
    """Curves of the strips of regions, gathered image by image."""

    def __init__(self, protocol: Protocol, first: Frame, every: float, half_width: float | None, relative: bool) -> None:
        self.protocol, self.first, self.relative = protocol, first, relative
        self.plane = Plane((protocol.roi_px, protocol.roi_px), first.spacing_mm)
        self.step = step_px(protocol.roi_px, protocol.overlap_px)
        self.numbers = range(protocol.first_line, protocol.last_line + 1)
        self.half_width = half_width or BIN_HALF_WIDTH / max(first.spacing_mm)
        self.bins = {axis: _Bins.of(*self._steps(axis), self.plane, self.numbers, every, self.half_width) for axis in "uv"}
        self.repeats = Repeats(protocol.roi_px, 1.0)
        self.means: list[float] = []
        self.count, self.pixels = 0, 0

    def add(self, frame: Frame) -> None:
        """Take in one image."""
        roi = self.plane.roi
        rows, columns = corners(frame.pixels.shape, roi, self.step)
        scale = 1 / relative_scale(frame) ** 2 if self.relative else 1.0
        groups = []
        for (row, count, along_u, along_v), square in self._lines(frame, rows, columns):
            weight = scale / count
            u, v = (self.bins[axis].sums(lines) * (weight * self.plane.scale) for axis, lines in (("u", along_u), ("v", along_v)))
            counts_u, counts_v = self.bins["u"].counts, self.bins["v"].counts
            common = min(len(u), len(v))
            both = (u[:common] + v[:common]) / (counts_u[:common] + counts_v[:common])
            groups.append((row, float(count), np.concatenate([u / counts_u, v / counts_v, both, [square * weight]])))
            self.count += count
        self.repeats.add_image(groups)
        self.means.append(frame.mean)
        self.pixels += (rows[-1] + roi[0] - rows[0]) * (columns[-1] + roi[1] - columns[0])

    def _lines(self, frame: Frame, rows: list[int], columns: list[int]) -> Iterator[tuple[Lines, float]]:
        """Lines of each strip and the mean square of its pixels times the number of regions."""
        side, how = self.plane.roi[0], self.protocol
        if not how.over_image:
            where: Any = {"trend": how.trend, "over_image": False, "dtype": frame.dtype}
            for strip in strips(frame.pixels, self.plane.roi, rows, columns, **where):
                yield (strip.row, strip.count, *lines_of(strip.packed, self.numbers)), strip.squares / side**2
            return
        flat = np.empty(frame.pixels.shape, frame.dtype)
        covered = coverage(flat.shape[1], side, columns, frame.dtype)
        squares = Detrended(frame.pixels, how.trend, frame.dtype).fill(0, flat, covered)
        for lines in pruned_lines(flat, side, rows, columns, self.numbers):
            yield lines, float(squares[lines[0] : lines[0] + side].sum()) / side**2

    def _steps(self, axis: str) -> tuple[float, float]:
        """Distance of frequencies along the axis and across it."""
        return (self.plane.du, self.plane.dv) if axis == "u" else (self.plane.dv, self.plane.du)

    def result(self, method: str) -> NoisePowerSpectrum:
        """Curves with bands and what belongs to them."""
        need_regions(self.count, 2)
        quantity, value_unit = (RELATIVE if self.relative else ABSOLUTE), self.first.image.unit
        unit = unit_of(value_unit, 2, relative=self.relative)
        low, high = self.repeats.band()
        parts = {"u": self.bins["u"].frequencies, "v": self.bins["v"].frequencies}
        parts["radial"] = parts["u"][: min(map(len, parts.values()))]
        curves, start = {}, 0
        for name, x in parts.items():
            cut = slice(start, start + len(x))
            bands = (None, None) if low is None or high is None else (low[cut], high[cut])
            curves[name] = Curve(x, self.repeats.mean[cut], _LABELS[name], quantity, _TITLES[name], PER_MM, unit, *bands)
            start += len(x)
        limits = (None, None) if low is None or high is None else (float(low[-1]), float(high[-1]))
        how = "too few repeats" if low is None else f"t, logarithm, {self.repeats.words.en}"
        square_unit = "" if self.relative or not value_unit else f"{value_unit}²"
        spread = Text("分散 (トレンド補正後)", "Variance about the trend")
        rows, columns = corners(self.first.pixels.shape, self.plane.roi, self.step)
        return NoisePowerSpectrum(
            quantity=quantity,
            curve_u=curves["u"],
            curve_v=curves["v"],
            radial=curves["radial"],
            mean=of_repeats(MEAN, self.means, unit=value_unit),
            variance=Estimate(spread, float(self.repeats.mean[-1]), *limits, 0.95, how, square_unit),
            regions=regions_table(len(self.means), self.count, self.plane, self.step),
            sentence=self._sentence(method),
            warnings=(*not_linear(self.first.image), *self._few(method)),
            shown=shown_regions(self.first.pixels, self.plane.roi, rows, columns),
        )

    def _few(self, method: str) -> tuple[Text, ...]:
        if method != "IEC 62220-1" or self.pixels >= ENOUGH_PIXELS:
            return ()
        return (
            Text(
                f"IEC 62220-1 は合計 400 万以上の独立な画素を求めていますが、{self.pixels:,} 画素しかありません。画像を追加してください。",
                f"IEC 62220-1 asks for four million independent pixels in all; there are {self.pixels:,}. Add images.",
            ),
        )

    def _sentence(self, method: str) -> Text:
        how, said = self.protocol, self.repeats.said
        ja, en = TREND_WORDS[how.trend]
        each_ja, each_en = ("画像ごとに", "each image") if how.over_image else ("領域ごとに", "each region")
        axis_ja, axis_en = ("軸を除く", "the axis left out") if how.first_line else ("軸を含む", "the axis included")
        norm_ja, norm_en = ("正規化ノイズパワースペクトル (NNPS)", "normalised noise power spectrum (NNPS)") if self.relative else ("ノイズパワースペクトル (NPS)", "noise power spectrum (NPS)")  # fmt: skip
        edition = "IEC 62220-1-1:2015" if method == "IEC 62220-1" else method
        return Text(
            f"{norm_ja}は {edition} の方法で求めた: 画像 {len(self.means)} 枚、画素間隔 {self.plane.spacing_mm[1]:g} mm、{each_ja}{ja}を引き、"
            f"{how.roi_px} × {how.roi_px} 画素の領域 {self.count} 個 (間隔 {self.step} 画素)、軸の両側 {how.last_line} 本ずつの線 ({axis_ja}) を "
            f"f ± {self.half_width:.3g} cycles/mm の範囲で平均。{said.ja}",
            f"The {norm_en} was measured after {edition}: {len(self.means)} image(s), pixel spacing {self.plane.spacing_mm[1]:g} mm, {en} subtracted from {each_en}, "
            f"{self.count} regions of {how.roi_px} × {how.roi_px} pixels (step {self.step}), {how.last_line} lines on each side of the axes ({axis_en}) averaged within "
            f"f ± {self.half_width:.3g} cycles/mm. {said.en}",
        )


@dataclass(frozen=True, eq=False)
class _Bins:
    """Which points of the lines count for which reported frequency."""

    frequencies: Floats
    order: Any
    first: Any
    last: Any

    @classmethod
    def of(cls, along: float, across: float, plane: Plane, numbers: Sequence[int], every: float, half_width: float) -> _Bins:
        """Bins at multiples of `every` below the Nyquist frequency."""
        side = plane.roi[0]
        radius = np.hypot(np.array(numbers)[:, None] * across, np.fft.fftfreq(side) * side * along).ravel()
        order = np.argsort(radius, kind="stable")
        highest = along * side / 2
        centres = every * np.arange(1, int(np.ceil(highest / every - 1e-9)))
        first = np.searchsorted(radius[order], centres - half_width - 1e-12)
        last = np.searchsorted(radius[order], centres + half_width + 1e-12)
        if len(centres) == 0 or (last == first).any():
            raise OptionError(
                "G-QUA-224",
                en=f"each reported frequency needs points of the spectrum within its width; none lie within {half_width:g} of some multiple of {every:g} below "
                f"{highest:g} cycles/mm. Widen bin_half_width_per_mm or report_step_per_mm.",
                ja=f"報告する各周波数の幅の中にスペクトルの点が必要ですが、{highest:g} cycles/mm 未満の {every:g} の倍数から {half_width:g} 以内に点がないものがあります。"
                "bin_half_width_per_mm か report_step_per_mm を変えてください。",
            )
        return cls(centres, order, first, last)

    @property
    def counts(self) -> Floats:
        """Points in each bin."""
        return np.asarray(self.last - self.first, np.float64)

    def sums(self, lines: Floats) -> Floats:
        """Sum of the points of each bin, by differences of the running sum."""
        running = np.concatenate([[0.0], np.cumsum(lines.ravel()[self.order])])
        return np.asarray(running[self.last] - running[self.first], np.float64)


_LABELS = {"u": U, "v": V, "radial": RADIAL}
_TITLES = {
    "u": Text("u 方向", "Along u"),
    "v": Text("v 方向", "Along v"),
    "radial": Text("両方向の平均", "Mean of both directions"),
}
