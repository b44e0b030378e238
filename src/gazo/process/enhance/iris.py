"""The iris filter: how well the gradients around a pixel converge on it, whatever their strength."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.enhance.double_ring import Spots
from gazo.process.plane import plane

Floats = NDArray[np.float32]


@operation("アイリスフィルタ", "Iris filter", booklet="C1")
def iris_filter(
    image: Image,
    *,
    lines: Annotated[int, Ge(8), Le(128), Label("半直線の数", "Number of half-lines")] = 32,
    least_radius_px: Annotated[int, Ge(1), Le(200), Label("半径の下限", "Least radius", "px")] = 4,
    largest_radius_px: Annotated[int, Ge(1), Le(400), Label("半径の上限", "Largest radius", "px")] = 20,
    spots: Annotated[Spots, Label("対象", "Spots that are")] = "bright",
) -> Image:
    """Mean over N half-lines of the highest mean cosine on them: (1/N) sum_i max_R (1/R) sum_{r=1..R} cos phi_i(r), -1 to 1.

    phi_i(r) is the angle between the gradient at r on line i and the direction to the pixel in the middle; R runs from the least to
    the largest radius. 1 at the centre of a cone or a hemisphere, 1/pi just within the boundary of a round or long convex region that
    the lines can cross; contrast does not matter (Kobatake & Hashimoto, IEEE Trans Image Process 1999; 8: 1029). Where it is flat, and
    outside the image, the cosine is 0. Gradients by Sobel, points on the lines to the nearest pixel; computed in float32.

    Parameters
    ----------
    image : 2-D; smooth a noisy one first, since gradients of noise have directions too.
    largest_radius_px : at least the radius of the spots; the diameter for the value 1/pi at their boundary.
    """
    if least_radius_px > largest_radius_px:
        raise OptionError(
            "G-PRC-311",
            en=f"the least radius must not exceed the largest; {least_radius_px} and {largest_radius_px} px came.",
            ja=f"半径の下限は上限以下でなければなりません。受け取った値: {least_radius_px} と {largest_radius_px} 画素。",
        )
    along_x, along_y = _directions(plane(image))
    sign = 1.0 if spots == "bright" else -1.0
    total = np.zeros(along_x.shape, np.float32)
    for angle in 2 * np.pi * np.arange(lines) / lines:
        right, down = np.cos(angle), np.sin(angle)
        towards = np.float32(-sign * right) * along_x + np.float32(-sign * down) * along_y
        total += _best_mean(towards, right, down, least_radius_px, largest_radius_px)
    return image.with_pixels(total / np.float32(lines), meaning="quantity", unit="", window=(0.0, 2.0))


def _directions(pixels: Floats) -> tuple[Floats, Floats]:
    """The gradient at each pixel as a vector of length 1; 0 where the picture is flat."""
    import cv2

    x, y = (cv2.Sobel(pixels, cv2.CV_32F, *order, ksize=3, borderType=cv2.BORDER_REFLECT) for order in ((1, 0), (0, 1)))
    length = cv2.magnitude(x, y)
    flat = length <= 1e-6 * max(float(np.abs(pixels).max()), 1e-30)
    length[flat] = np.inf
    return np.asarray(x / length, np.float32), np.asarray(y / length, np.float32)


def _best_mean(cosine: Floats, right: float, down: float, least: int, largest: int) -> Floats:
    """For each pixel the highest mean of `cosine` over the first R points of the half-line, R from `least` to `largest`."""
    rows, columns = cosine.shape
    framed = np.pad(cosine, largest + 1)
    summed, best = np.zeros_like(cosine), np.full_like(cosine, -np.inf)
    for radius in range(1, largest + 1):
        top, left = (largest + 1 + round(radius * way) for way in (down, right))
        summed += framed[top : top + rows, left : left + columns]
        if radius >= least:
            np.maximum(best, summed / np.float32(radius), out=best)
    return best
