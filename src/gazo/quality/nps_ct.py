"""The noise power spectrum of CT images: regions on a circle, scans subtracted from each other, peak and mean frequency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate
from gazo.quality.nps_bands import Repeats
from gazo.quality.nps_detrend import TREND_WORDS, Trend
from gazo.quality.nps_inputs import Frame, difference, frames, need_regions, volumes_of
from gazo.quality.nps_plane import PER_MM, Plane
from gazo.quality.nps_report import regions_table, shown_corners
from gazo.quality.nps_results import CtNoise, WienerSpectrum3D
from gazo.quality.wiener_2d import Gathered
from gazo.quality.wiener_3d import wiener_spectrum_3d

Corner = tuple[int, int]
RoiPx = Annotated[int, Ge(16), Le(512), Label("関心領域の一辺", "Side of a region", "px")]
Layout = Annotated[Literal["circle", "grid"], Label("関心領域の配置", "Layout of the regions")]
Regions = Annotated[int, Ge(1), Le(64), Label("円周上の関心領域の数", "Regions on the circle")]
RadiusMm = Annotated[float, Ge(0), Le(300), Label("円の半径", "Radius of the circle", "mm")]
Centre = Annotated[Literal["image", "phantom"], Label("円の中心", "Centre of the circle")]
Fit = Annotated[Trend, Label("トレンド補正", "Trend that is subtracted")]
REPEATS = 1000


@operation("CT の NPS", "NPS of CT images", booklet="W1")
def ct_nps(
    images: Sequence[Image],
    second: Sequence[Image] | None = None,
    *,
    roi_px: RoiPx = 64,
    layout: Layout = "circle",
    regions: Regions = 8,
    radius_mm: RadiusMm = 50.0,
    centre: Centre = "phantom",
    detrend: Fit = "poly2",
    seed: int = 0,
) -> CtNoise:
    r"""NPS(u, v) = Dx Dy / (Nx Ny) <\|DFT(region - fit)\|^2> of slices of a uniform phantom; float64.

    A second scan of the same slices is subtracted pair by pair, /sqrt(2), so that NPS keeps its size and cupping, rings and
    structure are gone. peak frequency: top of the radial curve; mean frequency: sum f NPS / sum NPS; standard deviation: sqrt of
    the volume (ICRU 87; AAPM TG-233, 2019). Below about 0.15 cycles/mm the trend chosen decides (Dolly et al. 2016). Intervals:
    curves as in `wiener_spectrum_2d` with single regions or, from five slices on, slices as repeats; frequencies by bootstrap of
    these, percentile.

    Parameters
    ----------
    images : slices with pixel spacing, CT numbers; planes of a volume count as slices.
    second : the same slices of a repeated scan, in the same order.
    layout : "circle" of regions around the centre, or a "grid" of 3 x 3 regions side by side around it.
    centre : "phantom" is the centroid of what is denser than half way between air and the brightest tenth of the slice.
    """
    gathered: Gathered | None = None
    for scan, noise in _pairs(frames(images), None if second is None else frames(second)):
        if gathered is None:
            first, places = scan.pixels, _corners(scan.pixels, scan.spacing_mm, roi_px, layout, regions, radius_mm, centre)
            gathered = Gathered(Plane((roi_px, roi_px), scan.spacing_mm), roi_px, (detrend, "roi", False), scan)
            gathered.repeats = Repeats(1)
        groups, means = [], []
        for number, (row, column) in enumerate(places):
            inside = slice(row, row + roi_px), slice(column, column + roi_px)
            means.append(float(scan.pixels[inside].mean()))
            groups += [(number, *rest) for _, *rest in gathered.groups(replace(noise, pixels=noise.pixels[inside]), [0], [0])]
        gathered.add_groups(replace(scan, mean=float(np.mean(means))), groups)
    assert gathered is not None  # frames() refuses an empty sequence
    need_regions(gathered.count, 2)
    return _result(gathered, first, places, layout, second is not None, seed)


@operation("CT の 3 次元 NPS", "Three-dimensional NPS of CT volumes", booklet="W4")
def ct_nps_3d(
    volumes: Sequence[Image],
    second: Sequence[Image] | None = None,
    *,
    roi_px: RoiPx = 64,
    roi_planes: Annotated[
        int | None, Ge(2), Le(4096), Label("関心領域の面数 (空欄なら全体)", "Planes of a region (empty: all)")
    ] = None,
    layout: Layout = "circle",
    regions: Regions = 8,
    radius_mm: RadiusMm = 50.0,
    centre: Centre = "phantom",
    detrend: Fit = "poly2",
) -> WienerSpectrum3D:
    """3-D NPS of blocks on a circle around the axis of a uniform phantom: `wiener_spectrum_3d` of these blocks.

    Parameters
    ----------
    volumes : (planes, rows, columns) with spacing, CT numbers.
    second : a repeated scan of each volume, subtracted /sqrt(2).
    """
    blocks: list[Image] = []
    others = None if second is None else volumes_of(second)
    for image in volumes_of(volumes):
        values = image.pixels.astype(np.float64)
        spacing = image.need_spacing()
        places = _corners(values[len(values) // 2], (spacing[1], spacing[2]), roi_px, layout, regions, radius_mm, centre)
        if others is not None:
            values = (values - _partner(next(others, None), values)) * np.sqrt(0.5)
        blocks += [image.with_pixels(values[:, r : r + roi_px, c : c + roi_px]) for r, c in places]
    if others is not None and next(others, None) is not None:
        _partner(None, values)
    measured = wiener_spectrum_3d(blocks, roi_planes=roi_planes, detrend=detrend)
    words, (ja, en) = _where_words(layout, second is not None), TREND_WORDS[detrend]
    size = f"{roi_planes or len(values)} × {roi_px} × {roi_px}"
    said = Text(
        f"{words.ja}ブロックの大きさ {size} 画素 (面 × 行 × 列)、{len(blocks)} 個。ブロックごとに{ja}を引き、ΔxΔyΔz/(NxNyNz)|F|² を平均した。95 % 区間はブロックのばらつきから t 分布 (対数) で求めた。",
        f"{words.en} {len(blocks)} blocks of {size} pixels (planes × rows × columns); {en} was subtracted from each and ΔxΔyΔz/(NxNyNz)|F|² averaged. "
        "95 % intervals: Student's t on the logarithm over the blocks.",
    )
    shown = shown_corners(values[len(values) // 2], (roi_px, roi_px), places)
    return replace(measured, sentence=said, shown=shown)


def _pairs(first: Iterator[Frame], second: Iterator[Frame] | None) -> Iterator[tuple[Frame, Frame]]:
    """Each slice in float64, and the noise in it: itself, or the half-power difference from its partner."""
    for frame in first:
        scan = replace(frame, pixels=frame.pixels.astype(np.float64))
        yield scan, scan if second is None else difference(scan, _there(next(second, None)))
    if second is not None and next(second, None) is not None:
        _there(None)


def _there(frame: Frame | None) -> Frame:
    if frame is None:
        raise DataError(
            "G-QUA-231",
            en="both scans must have the same number of slices; one has more. Give the slices of the repeated scan in the same order.",
            ja="2 回のスキャンは同じ枚数でなければなりませんが、一方が多くなっています。2 回目のスライスを同じ順に指定してください。",
        )
    return frame


def _partner(image: Image | None, values: NDArray[np.float64]) -> NDArray[np.float64]:
    if image is None or image.shape != values.shape:
        came = "-" if image is None else str(image.shape)
        raise DataError(
            "G-QUA-232",
            en=f"each volume needs its partner of the second scan, of shape {values.shape}; {came} came. Give as many volumes of the same range for both scans.",
            ja=f"各ボリュームには、2 回目のスキャンの同じ形 {values.shape} のボリュームが対応しなければなりません。受け取ったもの: {came}。同じ範囲・同じ個数を指定してください。",
        )
    return image.pixels.astype(np.float64)


def _corners(
    pixels: NDArray[Any], spacing_mm: tuple[float, float], roi: int, layout: str, count: int, radius_mm: float, centre: str
) -> list[Corner]:
    """First row and column of each region."""
    row, column = _centroid(pixels) if centre == "phantom" else (pixels.shape[0] / 2, pixels.shape[1] / 2)
    if layout == "grid":
        offsets = [(a * roi, b * roi) for a in (-1.0, 0.0, 1.0) for b in (-1.0, 0.0, 1.0)]
    else:
        angles = 2 * np.pi * np.arange(count) / count
        offsets = [(-radius_mm / spacing_mm[0] * np.sin(a), radius_mm / spacing_mm[1] * np.cos(a)) for a in angles]
    found = [(round(row + down - roi / 2), round(column + across - roi / 2)) for down, across in offsets]
    if any(r < 0 or c < 0 or r + roi > pixels.shape[0] or c + roi > pixels.shape[1] for r, c in found):
        raise OptionError(
            "G-QUA-233",
            en=f"all regions must lie inside the slice of {pixels.shape[0]} x {pixels.shape[1]} pixels; with {roi} pixels and {radius_mm:g} mm some lie outside. "
            "Reduce radius_mm or roi_px.",
            ja=f"関心領域はすべて {pixels.shape[0]} x {pixels.shape[1]} 画素の断面に収まらなければなりません。一辺 {roi} 画素、半径 {radius_mm:g} mm では外に出ます。"
            "radius_mm か roi_px を小さくしてください。",
        )
    return found


def _centroid(pixels: NDArray[Any]) -> tuple[float, float]:
    """Centre of the largest part above the middle between the 1st and the 90th percentile; of the slice where nothing stands out."""
    import cv2

    low, high = np.percentile(pixels, (1, 90))
    inside = (pixels > (low + high) / 2).astype(np.uint8)
    _, _, facts, centres = cv2.connectedComponentsWithStats(cv2.medianBlur(inside, 5))
    if high - low < 300 or len(facts) < 2:  # no air around it: less than 300 HU between dark and bright
        return pixels.shape[0] / 2, pixels.shape[1] / 2
    column, row = centres[1 + int(np.argmax(facts[1:, cv2.CC_STAT_AREA]))]
    return float(row) + 0.5, float(column) + 0.5


def _result(gathered: Gathered, reference: NDArray[Any], places: list[Corner], layout: str, paired: bool, seed: int) -> CtNoise:
    fields = gathered.fields()
    radial, plane, repeats = fields["radial"], gathered.plane, gathered.repeats
    drawn = repeats.resampled(REPEATS, seed, "ct")
    curves = None if drawn is None else plane.part(drawn, "radial")
    how = "too few repeats" if drawn is None else f"bootstrap, {repeats.words.en}, {REPEATS} resamples, percentile"

    def estimate(name: Text, value: float, values: NDArray[np.float64] | None) -> Estimate:
        limits = (None, None) if values is None else tuple(float(q) for q in np.quantile(values, (0.025, 0.975)))
        return Estimate(name, value, *limits, 0.95, how, PER_MM)

    volume = fields["volume"]
    roots = [None if limit is None else float(np.sqrt(limit)) for limit in (volume.low, volume.high)]
    words = _where_words(layout, paired)
    said = gathered.sentence()
    fields["regions"] = regions_table(len(gathered.means), gathered.count, plane, plane.roi[0])
    return CtNoise(
        **fields,
        peak_frequency_per_mm=estimate(Text("ピーク周波数", "Peak frequency"), _peak(radial.x, radial.y), None if curves is None else np.array([_peak(radial.x, one) for one in curves])),
        mean_frequency_per_mm=estimate(Text("平均周波数", "Mean frequency"), _centre_of(radial.x, radial.y), None if curves is None else _centre_of(radial.x, curves)),
        standard_deviation=Estimate(Text("ノイズ (標準偏差)", "Noise (standard deviation)"), float(np.sqrt(volume.value)), *roots, 0.95, volume.method, volume.unit.removesuffix("²")),
        sentence=Text(words.ja + said.ja, words.en + " " + said.en),
        warnings=gathered.warnings(),
        shown=shown_corners(reference, plane.roi, places),
    )  # fmt: skip


def _peak(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Top of the parabola through the highest point and its neighbours; at an end the point itself."""
    top = int(np.argmax(y))
    if top in (0, len(y) - 1):
        return float(x[top])
    before, here, after = y[top - 1 : top + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(np.interp(top + shift, np.arange(len(x)), x))


def _centre_of(x: NDArray[np.float64], y: NDArray[np.float64]) -> Any:
    found = (y * x).sum(-1) / y.sum(-1)
    return float(found) if np.ndim(found) == 0 else found


def _where_words(layout: str, paired: bool) -> Text:
    where = Text("円周上に配置した関心領域", "Regions on a circle around the centre") if layout == "circle" else Text("3 x 3 の関心領域", "3 x 3 regions around the centre")  # fmt: skip
    pair = Text("、2 回のスキャンの差 (√2 で割る)", ", difference of two scans divided by the square root of 2") if paired else Text("", "")  # fmt: skip
    return Text(f"{where.ja}{pair.ja}。", f"{where.en}{pair.en}.")
