"""The two-dimensional Wiener spectrum of a set of images (eqs 1, 8, 9 of the booklet's article)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Panels
from gazo.quality.intervals import of_repeats
from gazo.quality.nps_bands import Repeats
from gazo.quality.nps_detrend import TREND_WORDS
from gazo.quality.nps_inputs import Frame, corners, differences, frames, relative_scale, step_px
from gazo.quality.nps_plane import Plane, Sections, unit_of
from gazo.quality.nps_power import strips, unpacked
from gazo.quality.nps_report import not_linear, regions_table, shown_regions, volume_estimate
from gazo.quality.nps_results import ABSOLUTE, MEAN, RELATIVE, WienerSpectrum2D

Detrend = Annotated[Literal["poly2", "plane", "mean", "difference", "none"], Label("トレンド補正", "Trend that is subtracted")]
FitOver = Annotated[Literal["image", "roi"], Label("トレンドを求める範囲", "Trend fitted over")]
Normalize = Annotated[Literal["absolute", "relative"], Label("規格化", "Normalisation")]
RoiPx = Annotated[
    int | None, Ge(8), Le(4096), Label("関心領域の一辺 (空欄なら画像全体)", "Side of a region (empty: the whole image)", "px")
]
OverlapPx = Annotated[
    int | None, Ge(0), Le(4095), Label("関心領域の重なり (空欄なら一辺の半分)", "Overlap of regions (empty: half the side)", "px")
]


@operation("2 次元ウィーナースペクトル", "Two-dimensional Wiener spectrum", booklet="W1")
def wiener_spectrum_2d(
    images: Sequence[Image],
    *,
    roi_px: RoiPx = 256,
    overlap_px: OverlapPx = None,
    detrend: Detrend = "poly2",
    fit_over: FitOver = "image",
    normalize: Normalize = "absolute",
) -> WienerSpectrum2D:
    r"""2DWS(u, v) = Dx Dy / (Nx Ny) |F(u, v)|^2, F the plain sum over the pixels of a region, averaged over all regions.

    Eqs (1), (8) and (9) of Nishiki and Doi; "relative" divides each image by its mean first (NOTE 2): the NNPS in mm^2.
    Computed in float32, in float64 when the pixels are float64. Bands: 95 %, from images (five or more), else from strips of
    regions.

    Parameters
    ----------
    images : uniform exposures with pixel spacing; planes of an image of three axes count as images. Linear exposure, density
        (NOTE 1) or CT numbers (NOTE 3). A lazy sequence is read one image at a time.
    roi_px : side of the square regions.
    overlap_px : how far neighbouring regions overlap; ignored for whole images.
    detrend : least-squares fit; "difference" subtracts successive images pairwise, /sqrt(2), and then the mean.
    fit_over : one fit for the image (IEC 62220-1) or one for each region.
    """
    relative = normalize == "relative"
    found = frames(images)
    gathered = Gathered.of(
        differences(found) if detrend == "difference" else found, roi_px, overlap_px, detrend, fit_over, relative
    )
    return WienerSpectrum2D(
        **gathered.fields(), shown=gathered.shown(), sentence=gathered.sentence(), warnings=gathered.warnings()
    )


class Gathered:
    """What is kept of the images while they pass by: summed power, curves of each strip, means."""

    def __init__(self, plane: Plane, step: int, how: tuple[str, str, bool], first: Frame) -> None:
        self.plane, self.step, self.first = plane, step, first
        self.detrend, self.fit_over, self.relative = how
        self.repeats = Repeats(plane.roi[0])
        self.power: NDArray[np.float64] = np.zeros(plane.roi)
        self.squares, self.count = 0.0, 0
        self.means: list[float] = []

    @classmethod
    def of(
        cls, found: Iterator[Frame], roi_px: int | None, overlap_px: int | None, detrend: str, fit_over: str, relative: bool
    ) -> Gathered:
        """Take in all images."""
        first = next(found)
        roi = first.pixels.shape if roi_px is None else (roi_px, roi_px)
        step = max(roi) if roi_px is None else step_px(roi_px, roi_px // 2 if overlap_px is None else overlap_px)
        gathered = cls(Plane((roi[0], roi[1]), first.spacing_mm), step, (detrend, fit_over, relative), first)
        gathered.add(first)
        for frame in found:
            gathered.add(frame)
        return gathered

    def add(self, frame: Frame) -> None:
        """Sum the periodograms of one image."""
        rows, columns = corners(frame.pixels.shape, self.plane.roi, self.step)
        self.add_groups(frame, self.groups(frame, rows, columns))

    def add_groups(self, frame: Frame, groups: list[tuple[int, float, NDArray[np.float64]]]) -> None:
        """Close one image: its groups are repeats, its mean counts once."""
        self.repeats.add_image(groups)
        self.means.append(frame.mean)

    def groups(self, frame: Frame, rows: Sequence[int], columns: Sequence[int]) -> list[tuple[int, float, NDArray[np.float64]]]:
        """Sum the regions that begin at these rows and columns; gives the place, number and curves of each strip of them."""
        trend: Any = "mean" if self.detrend == "difference" else self.detrend
        weight = 1 / relative_scale(frame) ** 2 if self.relative else 1.0
        where = {"trend": trend, "over_image": self.fit_over == "image", "dtype": frame.dtype}
        sections = Sections(self.plane, len(rows))
        for number, strip in enumerate(strips(frame.pixels, self.plane.roi, rows, columns, **where)):
            sections.take(number, strip.packed)
            self.squares += weight * strip.squares
        self.power += sections.total * (weight * self.plane.scale)
        self.count += len(rows) * len(columns)
        curves = sections.vectors() * (weight * self.plane.scale / len(columns))
        return [(row, float(len(columns)), curve) for row, curve in zip(rows, curves, strict=True)]

    def fields(self) -> dict[str, Any]:
        """The parts of the result."""
        quantity = RELATIVE if self.relative else ABSOLUTE
        value_unit = self.first.image.unit
        unit = unit_of(value_unit, 2, relative=self.relative)
        half = unpacked(self.power / self.count)
        low, high = self.repeats.band()
        curves = self.plane.curves(self.repeats.mean, low, high, quantity, unit)
        surface = self.plane.surface(half, quantity, unit)
        square_unit = "" if self.relative or not value_unit else f"{value_unit}²"
        volume = float(surface.values.sum()) * self.plane.du * self.plane.dv
        squares = self.squares / self.count / (self.plane.roi[0] * self.plane.roi[1])
        name = Text("分散 (画素から)", "Variance (from pixels)")
        variance = volume_estimate(name, squares, self.repeats, self.plane, square_unit)
        return {
            "quantity": quantity,
            "curve_u": curves["u"],
            "curve_v": curves["v"],
            "radial": curves["radial"],
            "projection_u": curves["row_u"],
            "projection_v": curves["row_v"],
            "surface": surface,
            "mean": of_repeats(MEAN, self.means, unit=value_unit),
            "variance": variance,
            "volume": replace(variance, name=Text("2DWS の体積", "Volume of the 2DWS"), value=volume),
            "regions": regions_table(len(self.means), self.count, self.plane, self.step),
        }

    def shown(self) -> Panels:
        """The regions on the first image."""
        rows, columns = corners(self.first.pixels.shape, self.plane.roi, self.step)
        return shown_regions(self.first.pixels, self.plane.roi, rows, columns)

    def sentence(self) -> Text:
        """How it was done, for the methods part of a paper."""
        rows, columns = self.plane.roi
        ja, en = TREND_WORDS["mean" if self.detrend == "difference" else self.detrend]
        where_ja, where_en = ("画像ごとに", "each image") if self.fit_over == "image" else ("関心領域ごとに", "each region")
        pair_ja, pair_en = ("2 枚ずつの差を √2 で割った画像について、", "After pairwise subtraction (divided by the square root of 2), the") if self.detrend == "difference" else ("", "The")  # fmt: skip
        size = f"{columns} × {rows}"
        pixel = f"{self.plane.spacing_mm[1]:g} × {self.plane.spacing_mm[0]:g} mm"
        norm_ja, norm_en = (
            (" (画像平均の 2 乗で規格化)", ", divided by the squared mean of each image") if self.relative else ("", "")
        )
        said = self.repeats.said
        return Text(
            f"{pair_ja}画素 {pixel} の画像 {len(self.means)} 枚の {size} 画素の関心領域 {self.count} 個 (間隔 {self.step} 画素) から、{where_ja}{ja}を引いた後、"
            f"2DWS = ΔxΔy/(NxNy)|F|²{norm_ja} を求めて平均した。{said.ja}",
            f"{pair_en} two-dimensional Wiener spectrum, ΔxΔy/(NxNy)|F|²{norm_en}, was averaged over {self.count} regions of {size} pixels (step {self.step}) "
            f"in {len(self.means)} image(s) of {pixel} pixels, after subtracting {en} fitted to {where_en}. {said.en}",
        )

    def warnings(self) -> tuple[Text, ...]:
        """What the reader should know before using it."""
        found = list(not_linear(self.first.image))
        if self.count == 1:
            found.append(
                Text(
                    "領域が 1 つしかないため、各点の誤差は 100 % で、区間は求められません。",
                    "There is only one region: the error of each point is 100 %, and no interval exists.",
                )
            )
        return tuple(found)
