"""The three-dimensional Wiener spectrum of volumes and of series of frames (eqs 1', 5', 6', 7')."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Surface, Table
from gazo.quality.nps_bands import Repeats
from gazo.quality.nps_detrend import TREND_WORDS, without_trend_3d
from gazo.quality.nps_inputs import checked_frame, relative_scale, volumes_of
from gazo.quality.nps_plane import PER_MM, RADIAL, U, V
from gazo.quality.nps_power import frequencies
from gazo.quality.nps_report import not_linear, shown_corners
from gazo.quality.nps_results import ABSOLUTE, RELATIVE, WienerSpectrum3D
from gazo.quality.wiener_1d import TrendOf
from gazo.quality.wiener_2d import Normalize

Floats = NDArray[np.float64]
AXES = {"t": 0, "v": 1, "u": 2}


@operation("3 次元ウィーナースペクトル", "Three-dimensional Wiener spectrum", booklet="W4")
def wiener_spectrum_3d(
    volumes: Sequence[Image],
    *,
    axis: Annotated[Literal["t", "u", "v"], Label("平均・積分する周波数軸", "Frequency that is cut and integrated")] = "t",
    roi_px: Annotated[
        int | None, Ge(4), Le(1024), Label("関心領域の一辺 (空欄なら全体)", "Side of a region (empty: all)", "px")
    ] = None,
    roi_planes: Annotated[
        int | None, Ge(2), Le(4096), Label("関心領域の面数 (空欄なら全体)", "Planes of a region (empty: all)")
    ] = None,
    slab_px: Annotated[
        int, Ge(1), Le(4096), Label("スラブの厚さ (軸方向の平均)", "Thickness of the slab averaged along the axis", "px")
    ] = 1,
    frame_interval_s: Annotated[
        float | None, Gt(0), Le(3600), Label("フレーム間隔 (動画像のとき)", "Time between frames, for a series", "s")
    ] = None,
    detrend: TrendOf = "mean",
    normalize: Normalize = "absolute",
) -> WienerSpectrum3D:
    r"""3DWS(u, v, t) = Dx Dy Dz / (Nx Ny Nz) |F(u, v, t)|^2 (eq. 1'), averaged over regions and volumes; two planes of it are kept.

    `central` = 3DWS at frequency 0 of the axis; divided by 2Z it is the 2DWS of the mean of all planes (eq. 6'). `integral` over
    that frequency is the 2DWS of single planes (eq. 7'); through a slab of n pixels it is weighted with \|T\|^2 of their mean,
    T = sin(pi n t D) / (n sin(pi t D)) (eq. 5'), which leads from (7') to (6') as n grows. With a frame interval the third axis is time, t in 1/s. float64.

    Parameters
    ----------
    volumes : (planes, rows, columns) with spacing; CT volumes of a uniform phantom, or frames of one place.
    roi_px, roi_planes : size of regions, side by side without overlap; the trend is fitted to each.
    """
    found: _Sum | None = None
    for image in volumes_of(volumes):
        rows_mm, columns_mm = image.need_spacing()[-2:]
        third = frame_interval_s or image.need_spacing()[0]
        found = found or _Sum(image, (third, rows_mm, columns_mm), roi_px, roi_planes, detrend, normalize == "relative")
        found.add(image, (third, rows_mm, columns_mm))
    assert found is not None  # volumes_of() refuses an empty sequence
    return found.result(axis, slab_px, timed=frame_interval_s is not None)


class _Sum:
    """Summed periodograms of the regions of volumes."""

    def __init__(
        self, first: Image, spacing: tuple[float, ...], side: int | None, planes: int | None, trend: Any, relative: bool
    ) -> None:
        self.first, self.spacing, self.trend, self.relative = first, spacing, trend, relative
        self.roi = (planes or first.shape[0], side or first.shape[1], side or first.shape[2])
        self.power: Floats = np.zeros(self.roi)
        self.squares, self.count, self.volumes = 0.0, 0, 0
        self.repeats = Repeats(1)

    def add(self, image: Image, spacing: tuple[float, ...]) -> None:
        """Sum the regions of one volume."""
        import scipy.fft

        if any(have < want for have, want in zip(image.shape, self.roi, strict=True)) or not np.allclose(
            spacing, self.spacing, rtol=1e-4
        ):
            raise OptionError(
                "G-QUA-223",
                en=f"regions of {self.roi} must fit into every volume and the spacing must stay; shape {image.shape}, spacing {spacing} came. "
                "Choose smaller regions, or measure the volumes apart.",
                ja=f"関心領域 {self.roi} はすべてのボリュームに収まり、画素間隔は同じでなければなりません。受け取った形: {image.shape}、間隔: {spacing}。"
                "関心領域を小さくするか、別々に測定してください。",
            )
        scale = float(np.prod(self.spacing) / np.prod(self.roi))
        weight = (
            1.0 / relative_scale(checked_frame(image.pixels.reshape(image.shape[0], -1), (1.0, 1.0), image)) ** 2
            if self.relative
            else 1.0
        )
        groups = []
        for number, corner in enumerate(np.ndindex(*(n // r for n, r in zip(image.shape, self.roi, strict=True)))):
            part = image.pixels[tuple(slice(c * r, (c + 1) * r) for c, r in zip(corner, self.roi, strict=True))]
            flat = without_trend_3d(part, self.trend)
            transform = scipy.fft.fftn(flat)
            power = (transform.real**2 + transform.imag**2) * (scale * weight)
            self.power += power
            self.squares += float((flat**2).sum()) * weight
            groups.append((number, 1.0, self._curves(power)))
        self.count += len(groups)
        self.volumes += 1
        self.repeats.add_image(groups)

    def _curves(self, power: Floats) -> Floats:
        """Curves along t, v, u above 0, and the sum of all."""
        n = [length // 2 + 1 for length in self.roi]
        return np.concatenate([power[1 : n[0], 0, 0], power[0, 1 : n[1], 0], power[0, 0, 1 : n[2]], [power.sum()]])

    def result(self, axis: str, slab_px: int, *, timed: bool) -> WienerSpectrum3D:
        """Planes, curves and totals."""
        quantity = RELATIVE if self.relative else ABSOLUTE
        value = "" if self.relative or not self.first.unit else f"{self.first.unit}² "
        t_unit, whole_unit = ("1/s", f"{value}mm² s") if timed else (PER_MM, f"{value}mm³")
        less = {
            "t": f"{value}mm²",
            "u": f"{value}mm s" if timed else f"{value}mm²",
            "v": f"{value}mm s" if timed else f"{value}mm²",
        }
        t_label = (
            Text("時間周波数 t", "Temporal frequency t")
            if timed
            else Text("空間周波数 t (z 方向)", "Spatial frequency t (along z)")
        )
        labels, units = {"t": t_label, "v": V, "u": U}, {"t": t_unit, "v": PER_MM, "u": PER_MM}
        mean = np.fft.fftshift(self.power / self.count)
        steps = {name: 1 / (self.roi[place] * self.spacing[place]) for name, place in AXES.items()}
        rest = [name for name in AXES if name != axis]

        def plane(values: Floats, title: Text, unit: str) -> Surface:
            down, across = (frequencies(self.roi[AXES[name]], self.spacing[AXES[name]]) for name in rest)
            return Surface(
                across, down, values, labels[rest[1]], labels[rest[0]], quantity, title, units[rest[1]], units[rest[0]], unit
            )

        central = plane(
            mean.take(self.roi[AXES[axis]] // 2, AXES[axis]), Text(f"3DWS ({axis} = 0)", f"3DWS at {axis} = 0"), whole_unit
        )
        through = frequencies(self.roi[AXES[axis]], self.spacing[AXES[axis]]) * self.spacing[AXES[axis]]
        seen = np.tensordot(mean, (np.sinc(slab_px * through) / np.sinc(through)) ** 2, (AXES[axis], 0))
        integral = plane(seen * steps[axis], Text(f"3DWS の {axis} 方向の積分", f"3DWS integrated over {axis}"), less[axis])
        curves = self._lines(steps, labels, units, quantity, whole_unit)
        volume_step = float(np.prod(list(steps.values())))
        low, high = self.repeats.band()
        limits = (None, None) if low is None or high is None else (float(low[-1]) * volume_step, float(high[-1]) * volume_step)
        how = f"t, logarithm, {self.repeats.words.en}" if low is not None else "too few repeats"
        squares = self.squares / self.count / float(np.prod(self.roi))
        return WienerSpectrum3D(
            central=central,
            integral=integral,
            curve_u=curves["u"],
            curve_v=curves["v"],
            curve_t=curves["t"],
            radial=self._radial(mean, timed, quantity, whole_unit),
            variance=Estimate(
                Text("分散 (画素から)", "Variance (from pixels)"), squares, *limits, 0.95, how, value.replace("² ", "²")
            ),
            volume=Estimate(
                Text("3DWS の体積", "Volume of the 3DWS"),
                float(mean.sum()) * volume_step,
                *limits,
                0.95,
                how,
                value.replace("² ", "²"),
            ),
            regions=self._table(),
            sentence=self._sentence(axis),
            warnings=not_linear(self.first),
            shown=shown_corners(self.first.pixels[0], self.roi[1:], [(0, 0)]),
        )

    def _lines(
        self, steps: dict[str, float], labels: dict[str, Text], units: dict[str, str], quantity: Text, unit: str
    ) -> dict[str, Curve]:
        found, start = {}, 0
        low, high = self.repeats.band()
        mean = self.repeats.mean
        for name, place in AXES.items():
            count = self.roi[place] // 2
            part = slice(start, start + count)
            x = np.arange(1, count + 1) * steps[name]
            bands = (None if low is None else low[part], None if high is None else high[part])
            found[name] = Curve(
                x, mean[part], labels[name], quantity, Text(f"{name} 軸上", f"Along {name}"), units[name], unit, *bands
            )
            start += count
        return found

    def _radial(self, mean: Floats, timed: bool, quantity: Text, unit: str) -> Curve:
        """Mean over shells of (u, v, t); over rings of (u, v) at t = 0 where t is time. Without a band: shells are no repeats."""
        u, v = (frequencies(self.roi[place], self.spacing[place]) for place in (2, 1))
        t = frequencies(self.roi[0], self.spacing[0])
        values = mean[self.roi[0] // 2][None] if timed else mean
        radius = np.sqrt((0 * t[:1] if timed else t)[:, None, None] ** 2 + v[:, None] ** 2 + u**2)
        ends = self.spacing[1:] if timed else self.spacing
        width = max(1 / (self.roi[place] * self.spacing[place]) for place in ((1, 2) if timed else (0, 1, 2)))
        number = np.round(radius / width).astype(int)
        use = (number >= 1) & (number <= int(0.5 / max(ends) / width + 1e-9))
        _, place, count = np.unique(number[use], return_inverse=True, return_counts=True)
        x, y = (np.bincount(place, part[use]) / count for part in (radius, values))
        return Curve(x, y, RADIAL, quantity, Text("動径平均", "Radial mean"), PER_MM, unit)

    def _table(self) -> Table:
        rows = (
            (Text("ボリュームの数", "Volumes"), self.volumes),
            (Text("関心領域の数", "Regions"), self.count),
            (Text("関心領域 (面 x 行 x 列) [px]", "Region (planes x rows x columns) [px]"), " x ".join(map(str, self.roi))),
            (Text("画素間隔 (面, 行, 列)", "Spacing (planes, rows, columns)"), " x ".join(f"{s:g}" for s in self.spacing)),
        )
        return Table(Text("解析した領域", "Regions analysed"), (Text("項目", "Item"), Text("値", "Value")), rows)

    def _sentence(self, axis: str) -> Text:
        ja, en = TREND_WORDS[self.trend]
        size = " × ".join(map(str, self.roi))
        said = self.repeats.said
        return Text(
            f"ボリューム {self.volumes} 個の {size} 画素 (面 × 行 × 列) の領域 {self.count} 個から{ja}を引いた後、3DWS = ΔxΔyΔz/(NxNyNz)|F|² を求めて平均し、"
            f"{axis} = 0 の断面と {axis} 方向の積分を求めた。{said.ja}",
            f"After subtracting {en} from each of {self.count} regions of {size} pixels (planes × rows × columns) in {self.volumes} volume(s), ΔxΔyΔz/(NxNyNz)|F|² was averaged; "
            f"its plane at {axis} = 0 and its integral over {axis} are given. {said.en}",
        )
