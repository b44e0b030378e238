"""The double-ring filter: mean of a ring less the mean of the disc within it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.plane import plane

Spots = Literal["dark", "bright"]


@operation("二重リングフィルタ", "Double-ring filter", booklet="D4")
def double_ring_filter(
    image: Image,
    *,
    disc_radius_px: Annotated[float, Ge(0.5), Le(200), Label("内円の半径", "Radius of the disc", "px")] = 2.5,
    ring_inner_px: Annotated[float, Ge(0.5), Le(200), Label("リングの内半径", "Inner radius of the ring", "px")] = 5.0,
    ring_outer_px: Annotated[float, Ge(1), Le(200), Label("リングの外半径", "Outer radius of the ring", "px")] = 7.0,
    scales: Annotated[
        tuple[Annotated[float, Gt(0), Le(20)], ...],
        Label("半径の倍率 (最大値をとる)", "Scales of the radii (the highest response counts)"),
    ] = (1.0,),
    spots: Annotated[Spots, Label("対象", "Spots that are")] = "dark",
) -> Image:
    """g = mean over r2 < r <= r3 - mean over r <= r1, r1 the disc, r2 and r3 the ring: high at dark round spots, lower at lines.

    Zero where the image is constant or a plane. Pixels count wholly when their centre lies within a radius. Computed in float32,
    mirrored at the border; no clipping. The filter is named in the booklet (Hatanaka) without radii; the defaults fit
    microaneurysms of some ten pixels.

    Parameters
    ----------
    image : 2-D, such as the green channel of a fundus photograph; the radii are in pixels, since such pictures have no spacing.
    scales : each multiplies the three radii.
    spots : "bright" turns the sign.
    """
    if not disc_radius_px <= ring_inner_px < ring_outer_px:
        raise OptionError(
            "G-PRC-310",
            en=f"the radii must rise: disc, inner, outer; {disc_radius_px:g}, {ring_inner_px:g}, {ring_outer_px:g} came.",
            ja=f"半径は内円、リングの内側、外側の順に大きくなければなりません。受け取った値: {disc_radius_px:g}、{ring_inner_px:g}、{ring_outer_px:g}。",
        )
    import cv2

    pixels = plane(image)
    pixels = pixels - np.float32(pixels.mean(dtype=np.float64))
    sign = 1 if spots == "dark" else -1
    best: NDArray[np.float32] | None = None
    for scale in scales or (1.0,):
        kernel = sign * _kernel(disc_radius_px * scale, ring_inner_px * scale, ring_outer_px * scale)
        response = cv2.filter2D(pixels, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT)
        best = response if best is None else np.maximum(best, response)
    return image.with_pixels(best, meaning="quantity", unit=image.unit, window=None)


def _kernel(disc: float, inner: float, outer: float) -> NDArray[np.float32]:
    reach = int(np.ceil(outer))
    axis = np.arange(-reach, reach + 1)
    radius = np.hypot(axis[:, None], axis[None, :])
    ring, core = (radius > inner) & (radius <= outer), radius <= disc
    return (ring / ring.sum() - core / core.sum()).astype(np.float32)
