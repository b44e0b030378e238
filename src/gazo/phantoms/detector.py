"""From thickness to pixels: scatter, blur, quanta, electronics, and what a monitor shows."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Output = Literal["display", "log exposure", "linear exposure"]

DISPLAY_MAX = 4095


def blurred(image: Array, sigma_mm: float, pixel_mm: float) -> Array:
    """Gaussian blur of focus and detector: MTF(u) = exp(-2 pi^2 sigma^2 u^2), u in cycles/mm."""
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(image, sigma_mm / pixel_mm, mode="nearest", truncate=5) if sigma_mm > 0 else image


def scattered(primary: Array, in_body: NDArray[np.bool_], ratio: float, spread_mm: float, pixel_mm: float) -> Array:
    """Scattered radiation: the primary behind the body, spread by a broad Gaussian, `ratio` times as much in all.

    A convolution model (Seibert & Boone, Med Phys 1988; 15: 567). Computed on a grid of about 8 mm.
    """
    import cv2

    size = primary.shape[0]
    coarse = max(16, min(size, round(size * pixel_mm / 8)))
    source = cv2.resize(primary * in_body, (coarse, coarse), interpolation=cv2.INTER_AREA)
    wide = cv2.GaussianBlur(source, (0, 0), spread_mm / (size * pixel_mm / coarse), borderType=cv2.BORDER_CONSTANT)
    return np.float32(ratio) * cv2.resize(wide, (size, size), interpolation=cv2.INTER_CUBIC).clip(0)


def counted_quanta(exposure: NDArray[Any], quanta: float, electronic: float, rng: np.random.Generator) -> Array:
    """Quanta counted in each pixel: Poisson of mean `quanta` x exposure, plus Gaussian electronic noise (in quanta).

    Parameters
    ----------
    exposure : relative to the unattenuated beam.
    quanta : per pixel in the unattenuated beam.
    """
    counts = rng.poisson(quanta * np.asarray(exposure, np.float64)).astype(np.float32)
    return counts + rng.normal(0, electronic, counts.shape).astype(np.float32) if electronic > 0 else counts


def shown(exposure: Array, chest: NDArray[np.bool_], pixel_mm: float) -> NDArray[np.uint16]:
    """12-bit values for a monitor: lungs dark, bones and heart bright, as a console shows them.

    The logarithm is parted by a Gaussian of 14 mm; broad differences count 0.8 (dynamic range compression), details 1.6
    (enhancement). Then the 3rd and 97th percentile inside the rib cage (`chest`) go to 22 % and 90 % of a logistic curve
    (DICOM PS3.3 C.11.2.1.3.1, sigmoid); direct exposure comes near black.
    """
    import cv2

    density = -np.log(np.maximum(exposure, np.float32(1e-7)))
    broad = cv2.GaussianBlur(density, (0, 0), 14 / pixel_mm, borderType=cv2.BORDER_REFLECT)
    density = np.float32(0.8) * broad + np.float32(1.6) * (density - broad)
    low, high = np.percentile(density[chest], (3, 97)) if chest.any() else (0.0, 1.0)
    black, white = np.log(0.22 / 0.78), np.log(0.90 / 0.10)
    values = DISPLAY_MAX / (1 + np.exp(-black - (white - black) * (density - low) / max(high - low, 1e-3)))
    return np.round(values).astype(np.uint16)
