"""The presampled MTF from slanted edges: IEC 62220-1, Samei & Flynn, ISO 12233."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Panels
from gazo.quality.edge_checks import doubts, need_polarity, need_unsaturated
from gazo.quality.edge_finding import Region, checked_region, found_region
from gazo.quality.edge_line import Line, edge_line
from gazo.quality.edge_profile import Profile, projected
from gazo.quality.edge_shown import shown_line
from gazo.quality.edge_spectrum import RECIPES, Recipe, line_spread, mtf_and_band, spectra
from gazo.quality.inputs import listed
from gazo.quality.mtf_results import EdgeMTF, crossing, frequencies, mtf_curve, same_grid

Array = NDArray[np.float64]
ENOUGH_REPEATS = 5

Direction = Annotated[
    Literal["any", "u", "v"], Label("方向 (u: 行に沿う、v: 列に沿う)", "Direction (u along rows, v along columns)")
]
TopPx = Annotated[int | None, Ge(0), Label("領域の上端", "Top of the region", "px")]
LeftPx = Annotated[int | None, Ge(0), Label("領域の左端", "Left of the region", "px")]
HeightPx = Annotated[int | None, Ge(16), Label("領域の高さ", "Height of the region", "px")]
WidthPx = Annotated[int | None, Ge(16), Label("領域の幅", "Width of the region", "px")]


@dataclass(frozen=True)
class _Shot:
    """One image: its edge and its profile."""

    region: Region
    line: Line
    profile: Profile
    doubts: tuple[Text, ...]
    shown: Panels | None


@operation("エッジ法による MTF", "MTF from an edge", booklet="W6")
def mtf_edge(
    images: Sequence[Image],
    *,
    method: Annotated[Recipe, Label("方法", "Method")] = "iec",
    direction: Direction = "any",
    quiet_tails: Annotated[
        bool, Label("エッジから離れた部分の雑音を平均する (IEC のみ)", "Average noise away from the edge (IEC only)")
    ] = True,
    polarity: Annotated[
        Literal["any", "rising", "falling"], Label("エッジの向き", "Polarity, left to right or top to bottom")
    ] = "any",
    top_px: TopPx = None,
    left_px: LeftPx = None,
    height_px: HeightPx = None,
    width_px: WidthPx = None,
) -> EdgeMTF:
    """The presampled MTF of one edge, imaged once or several times.

    The edge is found (longest straight step that is turned by 0.5 to 20 degrees) unless a region is given. Its line is fitted robustly
    to the centroids of the gradient of each row; pixels are projected on the normal and averaged in bins of 1/10 (ISO: 1/4) pixel;
    the edge spreads of the repeats are averaged; the MTF is the modulus of the Fourier transform of their difference, divided by
    sinc(f d) for the difference and by sinc(f d) for the bin d, 1 at f = 0. Frequencies are along the normal. No window but in
    "samei" (4th order smoothing over 17 bins, Hann window of 15 mm; Samei, Flynn & Reimann, Med Phys 1998; 25: 102) and "iso12233"
    (central difference, Hamming window). The band is a t interval over the repeats (5 or more), else over segments along the edge.

    Parameters
    ----------
    images : one image or repeats, linear in exposure, pixel spacing known, computed in float64; not modified.
    quiet_tails : average the line spread over up to 2 px where it is more than 3 px from the edge (method "iec"); a low-frequency drop
        is kept. After the idea of Higashide, Ichikawa et al. 2015. Switch it off for images processed with strong, sharp-edged masks.
    polarity : refuse an edge of the other kind.
    top_px, left_px, height_px, width_px : the region by hand; what is left out reaches to the border.

    Errors: no edge, two edges in the region, region outside, saturation, wrong polarity, edge not turned, NaN, no spacing.
    """
    shots: list[_Shot] = []
    spacing = (0.0, 0.0)
    for image, pixels, spacing in same_grid(listed(images)):
        if not shots:
            region = _region(pixels, spacing, (top_px, left_px, height_px, width_px), direction)
        shots.append(_measured(image, pixels, spacing, region, polarity, RECIPES[method].bins_per_px, first=not shots))
    return _result(shots, spacing, method, quiet_tails and method == "iec")


def _region(pixels: Array, spacing: tuple[float, float], box: tuple[int | None, ...], direction: str) -> Region:
    """The region given (what is left out of it reaches to the border), or the one found; repeats are measured where the first one was."""
    if all(side is None for side in box):
        return found_region(pixels, spacing, direction)
    top, left = box[0] or 0, box[1] or 0
    height, width = box[2] or pixels.shape[0] - top, box[3] or pixels.shape[1] - left
    return checked_region(pixels, (top, left, height, width), direction)


def _measured(
    image: Image, pixels: Array, spacing: tuple[float, float], region: Region, polarity: str, bins_per_px: int, *, first: bool
) -> _Shot:
    """The edge of one image; the first one is drawn."""
    part = region.cut(pixels)
    need_unsaturated(part, image.pixels.dtype.kind in "iu")
    line = edge_line(part)
    need_polarity(line, polarity)
    grid = spacing if region.upright else spacing[::-1]
    profile = projected(part, line, grid, bins_per_px)
    angle = abs(_angle(line, grid))
    shown = _shown(pixels, region, line) if first else None
    return _Shot(region, line, profile, doubts(image, part, line, angle, region.others), shown)


def _result(shots: list[_Shot], spacing: tuple[float, float], method: Recipe, quiet: bool) -> EdgeMTF:
    region = shots[0].region
    grid = spacing if region.upright else spacing[::-1]
    axis, title = ("u", Text("MTF (u 方向)", "MTF along u")) if region.upright else ("v", Text("MTF (v 方向)", "MTF along v"))
    x, whole, units, how = _together(shots)
    lsf, at = line_spread(np.vstack([whole, units]), x, method, quiet)

    def curve_at(frequency: Array) -> Curve:
        found = spectra(lsf, at, frequency, method, quiet)
        return mtf_curve(frequency, *mtf_and_band(found[0], found[1:]), title)

    curve = curve_at(frequencies(0.5 / grid[1]))
    reaches = np.min(curve.y if curve.high is None else curve.high) < 0.1
    longer = curve if reaches else curve_at(frequencies(0.5 / grid[1], up_to=2))
    sign = 1 if whole[-1] > whole[0] else -1
    span = abs(whole[-1] - whole[0]) or 1.0
    profiles = (
        _profile(x, (whole - min(whole[0], whole[-1])) / span, "ESF", ""),
        _profile(at, sign * lsf[0] / span, "LSF", "1/mm"),
    )
    return EdgeMTF(
        curve=curve,
        mtf50=crossing(longer, 0.5),
        mtf10=crossing(longer, 0.1),
        profiles=profiles,
        angle=_mean([_angle(shot.line, grid) for shot in shots], [_angle_se(shot.line, grid) for shot in shots]),
        contrast=_contrast(shots),
        sentence=_sentence(method, quiet, shots, how, axis),
        warnings=tuple(dict.fromkeys(text for shot in shots for text in shot.doubts)),
        shown=shots[0].shown,
    )


def _together(shots: list[_Shot]) -> tuple[Array, Array, Array, Text]:
    """All profiles on the bins they share: x, their mean, the units of the interval, and what these are."""
    step = shots[0].profile.bin_mm
    firsts = [round(s.profile.x[0] / step - 0.5) for s in shots]
    first, last = max(firsts), min(f + len(s.profile.x) for f, s in zip(firsts, shots, strict=True))
    cuts = [slice(first - f, last - f) for f in firsts]
    wholes = np.stack([s.profile.values[c] for s, c in zip(shots, cuts, strict=True)])
    x = shots[0].profile.x[cuts[0]]
    if len(shots) >= ENOUGH_REPEATS:
        return x, wholes.mean(0), wholes, Text(f"{len(shots)} 回の繰り返し", f"{len(shots)} repeats")
    units = np.concatenate([s.profile.parts[:, c] for s, c in zip(shots, cuts, strict=True)])
    how = Text(f"エッジに沿う {len(units)} 区間", f"{len(units)} segments along the edge")
    return x, wholes.mean(0), units, how


def _angle(line: Line, grid: tuple[float, float]) -> float:
    return float(np.degrees(np.arctan(line.slope * grid[1] / grid[0])))


def _angle_se(line: Line, grid: tuple[float, float]) -> float:
    return float(np.degrees(line.slope_se * grid[1] / grid[0] / (1 + (line.slope * grid[1] / grid[0]) ** 2)))


def _mean(angles: list[float], errors: list[float]) -> Estimate:
    """The mean angle; its interval is the normal one of the line fits."""
    value, half = float(np.mean(angles)), 1.96 * float(np.sqrt(np.sum(np.square(errors)))) / len(errors)
    return Estimate(
        Text("エッジの角度", "edge angle"), value, value - half, value + half, 0.95, "standard error of the line", "°"
    )


def _contrast(shots: list[_Shot]) -> Estimate:
    """Difference of the plateaus over their sum (Michelson)."""
    values = [abs(s.line.high - s.line.low) / max(abs(s.line.high + s.line.low), 1e-300) for s in shots]
    return Estimate(Text("エッジのコントラスト", "edge contrast"), float(np.mean(values)))


def _profile(x: Array, y: Array, name: str, unit: str) -> Curve:
    return Curve(x, y, Text("エッジからの距離", "Distance from the edge"), Text(name, name), Text(name, name), "mm", unit)


def _shown(pixels: Array, region: Region, line: Line) -> Panels:
    length = region.height if region.upright else region.width
    ends = [(row, float(line.offset + line.slope * row)) for row in (0.0, length - 1.0)]
    places = [(r + region.top, c + region.left) if region.upright else (c + region.top, r + region.left) for r, c in ends]
    box = (region.top, region.left, region.height, region.width)
    return shown_line(pixels, box, tuple(places), Text("検出したエッジ", "The edge found"))


_NAMES = {
    "iec": Text("IEC 62220-1 の手順", "the procedure of IEC 62220-1"),
    "samei": Text("Samei と Flynn の方法 (1998)", "the method of Samei and Flynn (1998)"),
    "iso12233": Text("ISO 12233 の方法", "the method of ISO 12233"),
}


def _sentence(method: Recipe, quiet: bool, shots: list[_Shot], how: Text, axis: str) -> Text:
    region, bins = shots[0].region, RECIPES[method].bins_per_px
    name, size = _NAMES[method], f"{region.height} x {region.width} px"
    extra = Text(
        "エッジから 3 画素より離れた LSF は 2 画素以内の幅で平均した。",
        "The line spread was averaged over up to 2 px where it is more than 3 px from the edge. ",
    )
    extra = extra if quiet else Text("", "")
    return Text(
        f"プリサンプルド MTF ({axis} 方向) は{name.ja}により、{len(shots)} 枚のエッジ画像 (領域 {size}) から求めた。"
        f"画素をエッジの法線に投影し (1 画素あたり {bins} ビン)、ESF を平均し、差分とビン開口を補正した。{extra.ja}95 % 信頼帯は{how.ja}の t 区間である。",
        f"The presampled MTF along {axis} was obtained by {name.en} from {len(shots)} image(s) of an edge (region {size}): pixels were projected on the "
        f"normal of the edge ({bins} bins a pixel), edge spreads averaged, difference and bin aperture corrected. {extra.en}The 95 % band is a t interval over {how.en}.",
    )
