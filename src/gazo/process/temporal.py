"""Temporal subtraction: the earlier radiograph is warped onto the present one and taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.contrast import contrasted
from gazo.process.matching import Pass, matched, rigid_match
from gazo.process.plane import same_shape
from gazo.process.shifts import Array, map_of, sampled

RegionMm = Annotated[float, Ge(5), Le(60), Label("照合領域の一辺", "Side of a matched region", "mm")]
SearchMm = Annotated[float, Gt(0), Le(40), Label("局所的なずれの探索範囲", "Reach of the local search", "mm")]
Order = Annotated[int, Ge(1), Le(12), Label("ずれを表す多項式の次数", "Order of the shift polynomial")]
Iterations = Annotated[int, Ge(0), Le(5), Label("細かい照合の繰り返し回数", "Repeats of the fine match")]


@dataclass(frozen=True, eq=False)
class TemporalSubtraction:
    """What is new, and how the earlier image was brought under the present one.

    image : current - warped previous, in the values of the current image, zero where nothing changed.
    warped : the previous image on the pixels of the current one, its density matched when asked for.
    shift_down, shift_right : float32, mm: what `current` shows at x stands in `previous` at x + shift(x), both measured from the
        centre of their image.
    """

    image: Image
    warped: Image
    shift_down: Image
    shift_right: Image


@operation("経時差分", "Temporal subtraction", booklet="B7")
def temporal_subtraction(
    current: Image,
    previous: Image,
    mask: Image | None = None,
    *,
    max_shift_mm: Annotated[float, Gt(0), Le(80), Label("全体のずれの上限", "Largest shift of the whole", "mm")] = 25.0,
    max_turn_deg: Annotated[float, Ge(0.5), Le(20), Label("全体の回転の上限", "Largest turn of the whole", "deg")] = 6.0,
    region_mm: RegionMm = 22.0,
    search_mm: SearchMm = 11.0,
    order: Order = 7,
    iterations: Iterations = 2,
    match_density: Annotated[bool, Label("濃度をそろえる", "Match the density")] = True,
) -> TemporalSubtraction:
    """Warp the previous radiograph onto the current one and subtract it.

    1. Shift and turn of the whole from blurred images of 4 mm pixels. 2. Regions of the current image on a grid are found in the
    previous one by normalised cross-correlation of their detail, at 1.4 mm, then `iterations` times at 0.7 mm in the image warped
    so far; peaks below 0.5 or at the rim of the search are dropped. 3. A polynomial (Legendre) for each direction is fitted to
    the shifts, each weighted by the curvature of its correlation peak, so that a region on one straight edge says nothing along
    it; outliers lose weight (Cauchy). 4. One cubic interpolation of the original previous image; subtraction. Computed in
    float32; no clipping.

    Kano, Doi, MacMahon, Hassell & Giger, Med Phys 1994; 21: 453 (shift vectors and polynomial); Ishida et al., Med Phys 1999;
    26: 1320 (repeated warping). The direction of the search (current to previous), the weights and the robust fit are gazo's.

    Parameters
    ----------
    current, previous : 2-D, spacing known, the same kind of pixel values; sizes and spacings may differ.
    mask : on the pixels of `current`; regions are centred where it is not 0, such as in the lungs.
    max_shift_mm, max_turn_deg : limits of step 1.
    region_mm, search_mm : a region is 32 x 32 and its search area 64 x 64 pixels of 0.7 mm by default, as in the literature.
    order : highest sum of exponents; 1 is shift, turn and stretch, above 9 the margin becomes restless.
    iterations : 0 stops after the coarse pass.
    match_density : scale the warped image by the straight line that fits it best to the current one (another exposure, another
        window); a nodule loses nothing noticeable by it.
    """
    spacing = current.need_spacing()
    now, before = contrasted(current), _on_frame_of(current, previous)
    start, _ = rigid_match(now, before, spacing, reach_mm=max_shift_mm, turn_deg=max_turn_deg)
    where = None if mask is None else (same_shape(current, mask, name_en="mask", name_ja="マスク") != 0).astype(np.float32)
    field = matched(now, before, spacing, start, local_passes(region_mm, search_mm, order, iterations), where)
    places = map_of(field.places, now.shape, spacing)
    warped = sampled(contrasted(previous), previous.need_spacing(), places)
    if match_density:
        warped = _matched_density(warped, now)
    shift = map_of(field.at, now.shape, spacing)
    down, right = (Image(s, spacing, meaning="quantity", unit="mm") for s in shift)
    return TemporalSubtraction(current.with_pixels(now - warped, window=None), current.with_pixels(warped), down, right)


def local_passes(region_mm: float, search_mm: float, order: int, iterations: int) -> tuple[Pass, ...]:
    """One coarse pass with larger regions and at most the 4th order, then fine ones with a reach that halves."""
    coarse = Pass(pixel_mm=1.4, half_mm=0.75 * region_mm, reach_mm=search_mm, step_mm=0.55 * region_mm, order=min(order, 4))
    fine = [
        Pass(
            pixel_mm=0.7, half_mm=region_mm / 2, reach_mm=max(search_mm / 2 ** (n + 1), 2.1), step_mm=0.4 * region_mm, order=order
        )
        for n in range(iterations)
    ]
    return coarse, *fine


def _on_frame_of(current: Image, previous: Image) -> Array:
    """The previous image on the pixels of the current one, centre on centre, as it is when the two agree."""
    pixels, spacing = contrasted(previous), previous.need_spacing()
    if pixels.shape == current.shape and spacing == current.spacing_mm:
        return pixels
    return sampled(pixels, spacing, map_of(lambda places: places, current.shape, current.need_spacing()))


def _matched_density(warped: Array, now: Array) -> Array:
    """a + b warped, with a and b by least squares over the pixels."""
    slope = float(np.cov(warped.ravel(), now.ravel())[0, 1]) / max(float(warped.var(ddof=1)), 1e-30)
    return (warped - warped.mean()) * np.float32(slope) + now.mean()
