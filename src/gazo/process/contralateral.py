"""Contralateral subtraction: a chest radiograph less its own mirror image, so that what is on one side only remains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt, Le

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.contrast import contrasted
from gazo.process.matching import half_frame, matched, reduced
from gazo.process.midline import found_midline, upright_pair
from gazo.process.shifts import map_of, rigid, sampled
from gazo.process.temporal import Order, RegionMm, SearchMm, local_passes


@dataclass(frozen=True, eq=False)
class ContralateralSubtraction:
    """What the two sides do not share, on the pixels of the input.

    image : the radiograph - its warped mirror image: a nodule stands out on its own side and, with the other sign, opposite.
    mirrored : the warped mirror image.
    shift_down, shift_right : float32, mm, in the frame of the body (along the midline, away from it to the right): what was added
        to each place before mirroring it at the midline.
    tilt_deg : how far the top of the midline leans to the right of the picture.
    midline_mm : where it crosses the middle row, right of the centre.
    """

    image: Image
    mirrored: Image
    shift_down: Image
    shift_right: Image
    tilt_deg: float
    midline_mm: float


@operation("左右差分", "Contralateral subtraction", booklet="B7")
def contralateral_subtraction(
    image: Image,
    *,
    max_tilt_deg: Annotated[float, Gt(0), Le(45), Label("体軸の傾きの上限", "Largest tilt of the body axis", "deg")] = 15.0,
    region_mm: RegionMm = 22.0,
    search_mm: SearchMm = 14.0,
    order: Order = 7,
) -> ContralateralSubtraction:
    """Mirror a frontal chest radiograph at its midline, warp the mirror image onto it, and subtract.

    1. Midline: the outer edges of the lungs in the rows between 25 and 65 % of the height, the straight line through their
    middles, then the axis at which the image is most like its mirror image (4 mm pixels). 2. In the frame where the midline is
    upright and central, two passes of elastic matching as in `temporal_subtraction` (1.4 and 0.7 mm pixels). 3. Turn, mirror and
    warp are one mapping, so the mirror image is interpolated once (cubic) and the input itself not at all: the result lies
    exactly on the input. Computed in float32; no clipping.

    Li, Katsuragawa & Doi, Med Phys 2000; 27: 1934 (midline, mirror, global match, two elastic passes). They show the difference
    in the upright frame; here it stays on the input. Polynomials instead of their smoothing, weights and robust fits are gazo's.

    Parameters
    ----------
    image : 2-D frontal chest, head up, spacing known; lungs dark or bright. The heart, aorta and stomach are not symmetric and
        remain in the difference.
    max_tilt_deg : a first line that leans further is not believed; the search then starts upright and central.
    region_mm, search_mm : side of the matched regions, and how far the first pass looks.
    order : of the shift polynomials.
    """
    spacing = image.need_spacing()
    pixels = contrasted(image)
    line = found_midline(pixels, spacing, max_tilt_deg)
    small, coarse = reduced(pixels, spacing, 0.7)
    upright, opposite = upright_pair(small, coarse, line)
    start = rigid(0.0, 0.0, 0.0, half_frame(pixels.shape, spacing))
    field = matched(upright, opposite, coarse, start, local_passes(region_mm, search_mm, order, 1))
    warped = sampled(pixels, spacing, map_of(lambda places: line.mirrored(places, field), pixels.shape, spacing))
    shift = map_of(lambda places: field.at(line.to_upright(places)), pixels.shape, spacing)
    down, right = (Image(s, spacing, meaning="quantity", unit="mm") for s in shift)
    difference = image.with_pixels(pixels - warped, window=None)
    return ContralateralSubtraction(difference, image.with_pixels(warped), down, right, line.tilt_deg, line.right_mm)
