"""Shape index and curvedness: what the surface of grey values looks like around each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.plane import plane


@dataclass(frozen=True, eq=False)
class ShapeIndex:
    """Form and strength of curvature at each pixel, float32.

    image : the shape index, -1 to 1: cup (dark spot) -1, rut -0.5, saddle 0, ridge 0.5, cap (bright spot) 1; 0 where it is flat.
    curvedness : how strongly it is curved, grey values per square pixel; the weight to use beside the index.
    """

    image: Image
    curvedness: Image


@operation("シェイプインデックス", "Shape index", booklet="D4")
def shape_index(
    image: Image,
    *,
    sigma_px: Annotated[float, Ge(0.5), Le(50), Label("ガウス微分の σ", "Sigma of the Gaussian derivatives", "px")] = 2.0,
) -> ShapeIndex:
    """s = -(2 / pi) atan2(k1 + k2, k1 - k2) and c = sqrt((k1^2 + k2^2) / 2), k1 >= k2 the eigenvalues of the Hessian at sigma.

    Koenderink & van Doorn, Image Vis Comput 1992; 10: 557. The arctangent of two arguments makes exactly symmetric spots -1 or
    1. The kernels of second derivatives are corrected to have sum 0 and second moment 2, so a quadratic surface has its exact
    curvature. Derivatives in float64, mirrored at the border. (scikit-image's index has the opposite sign of k.)

    Parameters
    ----------
    image : 2-D; the index does not change with brightness or contrast of the image.
    sigma_px : near the radius of the spots sought, in pixels.
    """
    down, right, mixed = (second.astype(np.float32) for second in _hessian(plane(image).astype(np.float64), sigma_px))
    total = down + right
    apart = np.sqrt((down - right) ** 2 + 4 * mixed**2)  # k1 - k2
    index = np.arctan2(total, apart) * np.float32(-2 / np.pi)
    curvedness = np.sqrt((total**2 + apart**2) / 4)  # = sqrt((k1^2 + k2^2) / 2)
    return ShapeIndex(
        image.with_pixels(index, meaning="quantity", unit="", window=(0.0, 2.0)),
        image.with_pixels(curvedness, meaning="quantity", unit="", window=None),
    )


def _hessian(pixels: NDArray[np.float64], sigma: float) -> tuple[NDArray[np.float64], ...]:
    """Second derivatives down, right and mixed of the blurred image."""
    import cv2

    axis = np.arange(-int(np.ceil(4 * sigma)), int(np.ceil(4 * sigma)) + 1)
    smooth = np.exp(-(axis**2) / (2 * sigma**2))
    smooth /= smooth.sum()
    slope = axis * smooth
    slope /= (axis * slope).sum()
    bend = (axis**2 - (axis**2 * smooth).sum()) * smooth
    bend *= 2 / (axis**2 * bend).sum()
    pixels = pixels - pixels.mean()

    def filtered(along_row: NDArray[np.float64], along_column: NDArray[np.float64]) -> NDArray[np.float64]:
        return cv2.sepFilter2D(pixels, cv2.CV_64F, along_row, along_column, borderType=cv2.BORDER_REFLECT)

    return filtered(smooth, bend), filtered(bend, smooth), filtered(slope, slope)
