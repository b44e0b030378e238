"""From a map of line integrals (sum of mu t) to a radiograph, for phantoms that change the map before they expose it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.parameters import Label
from gazo.phantoms.detector import blurred, counted_quanta, scattered
from gazo.phantoms.shapes import Array

Raw = Literal["log exposure", "linear exposure"]
PairQuanta = Annotated[float, Gt(0), Le(1e9), Label("画素あたりの入射光子数", "Quanta per pixel in the open beam")]
Tilt = Annotated[float, Ge(-15), Le(15), Label("体軸の傾き", "Tilt of the body axis", "deg")]
Offset = Annotated[float, Ge(-50), Le(50), Label("体軸の横ずれ", "Sideways offset of the body axis", "mm")]
FINER = 2


def radiograph(
    line: Array,
    *,
    rng: np.random.Generator,
    size_px: int,
    field_mm: float,
    quanta_per_pixel: float,
    scatter_to_primary: float,
    blur_mm: float,
    output: Raw,
) -> Image:
    """Beer-Lambert, blur, mean over each pixel, scatter, Poisson noise, and the logarithm unless linear exposure is asked for.

    Parameters
    ----------
    line : sum of mu t along each ray on a grid `FINER` times as fine as the image; where it is above 0.5 there is a body.
    rng : draws the noise only.
    """
    import cv2

    primary = blurred(np.exp(-line), blur_mm, field_mm / line.shape[0])
    primary, body = (
        cv2.resize(m, (size_px, size_px), interpolation=cv2.INTER_AREA) for m in (primary, (line > 0.5).astype(np.float32))
    )
    reaching = primary + scattered(primary, body > 0.5, scatter_to_primary, 45.0, field_mm / size_px)
    exposure = counted_quanta(reaching, quanta_per_pixel, 0.0, rng) / np.float32(quanta_per_pixel)
    pixels = exposure if output == "linear exposure" else -np.log(np.maximum(exposure, np.float32(0.5 / quanta_per_pixel)))
    return Image(pixels, (field_mm / size_px,) * 2, meaning=output, modality="DX")


def pooled(image: Array) -> Array:
    """Mean over the `FINER` x `FINER` rays of each pixel."""
    import cv2

    return cv2.resize(image, None, fx=1 / FINER, fy=1 / FINER, interpolation=cv2.INTER_AREA)


def smooth_shift(
    rng: np.random.Generator, warp_mm: float, order: int, rows: NDArray[np.floating], columns: NDArray[np.floating]
) -> Array:
    """A random polynomial shift (2, rows, columns: down, right) in mm whose longest vector on the frame is `warp_mm`.

    Parameters
    ----------
    order : highest sum of exponents.
    rows, columns : where it is evaluated, -1 to 1 from edge to edge of the frame.
    """
    powers = [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]
    weights = rng.normal(size=(2, len(powers)))
    frame = np.linspace(-1, 1, 65)
    longest = np.hypot(*_polynomial(weights, powers, frame[:, None], frame[None, :])).max()
    return (_polynomial(weights, powers, rows, columns) * (warp_mm / longest)).astype(np.float32)


def _polynomial(
    weights: NDArray[np.float64], powers: list[tuple[int, int]], rows: NDArray[Any], columns: NDArray[Any]
) -> NDArray[np.float64]:
    terms = [rows**i * columns**j for i, j in powers]
    return np.stack([sum(w * term for w, term in zip(part, terms, strict=True)) for part in weights])
