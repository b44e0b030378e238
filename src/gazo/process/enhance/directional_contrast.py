"""Directional contrast: how much a point differs from its surroundings in every direction, so that lines do not answer."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.enhance.double_ring import Spots
from gazo.process.plane import plane

Floats = NDArray[np.float32]


@operation("方向別コントラスト", "Directional contrast", booklet="D4")
def directional_contrast(
    image: Image,
    *,
    radii_px: Annotated[
        tuple[Annotated[float, Gt(0), Le(200)], ...],
        Label("比べる点までの距離 (最大値をとる)", "Distances of the points compared (the highest response counts)", "px"),
    ] = (6.0, 8.0, 10.0),
    sigma_px: Annotated[float, Ge(0), Le(50), Label("平滑化の σ", "Sigma of the smoothing", "px")] = 2.2,
    directions: Annotated[int, Ge(4), Le(64), Label("方向の数", "Number of directions")] = 16,
    left_out: Annotated[
        int, Ge(0), Le(16), Label("除外する方向の数 (血管の通る方向)", "Directions left out (where a vessel runs)")
    ] = 2,
    spots: Annotated[Spots, Label("対象", "Spots that are")] = "dark",
) -> Image:
    """The contrast to the points all around that holds in all directions but a few: g_k - g(0), g_k the (k+1)-th lowest of N points.

    The N points lie on a circle about the pixel, k directions are left out. A dark spot answers with its depth; on a dark line at least
    two directions stay on the line, and as long as they are more than k, it answers with 0. In the manner of directional local contrast
    (Long et al., BioMed Eng OnLine 2020; 19: 21); this definition is ours. Computed in float32, mirrored at the border, points to the
    nearest pixel.

    Parameters
    ----------
    image : 2-D, such as the green channel of a fundus photograph.
    radii_px : somewhat more than the radius of the spots.
    """
    import cv2

    pixels = plane(image) * np.float32(1 if spots == "dark" else -1)
    if sigma_px:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT), np.float32)
    rank = min(left_out, directions - 1)
    best = np.full_like(pixels, -np.inf)
    for radius in radii_px or (6.0,):
        np.maximum(best, _lowest(pixels, radius, directions, rank) - pixels, out=best)
    return image.with_pixels(best, meaning="quantity", window=None)


def _lowest(pixels: Floats, radius: float, directions: int, rank: int) -> Floats:
    """The value of rank `rank` (0 the lowest) among the points on a circle, kept in order while the directions pass by."""
    rows, columns = pixels.shape
    reach = int(np.ceil(radius))
    framed = np.pad(pixels, reach, mode="symmetric")
    kept = [np.full_like(pixels, np.inf) for _ in range(rank + 1)]
    for angle in 2 * np.pi * np.arange(directions) / directions:
        top, left = reach + round(radius * float(np.sin(angle))), reach + round(radius * float(np.cos(angle)))
        coming = framed[top : top + rows, left : left + columns]
        for place, value in enumerate(kept):
            kept[place], coming = np.minimum(value, coming), np.maximum(value, coming)
    return kept[rank]
