"""Unsharp mask, compression, multi-frequency processing, MUSICA and noise control on 2048 x 2048 against named peers, CPU time.

The chain is P1 to P4 one after the other through the public operations, checks of options and pixels included.
"""

import cv2
import numpy as np
from heading import print_heading
from interleaved import compared, radiograph
from scipy import fft
from skimage import filters, transform

from gazo.core.image import Image
from gazo.process import (
    dynamic_range_compression,
    flexible_noise_control,
    multi_frequency_processing,
    musica,
    unsharp_mask,
)


def direct_masks(pixels: np.ndarray) -> None:
    for sigma in (1, 2, 4, 8, 16, 32):
        cv2.GaussianBlur(pixels, (0, 0), sigma)


def pyramid_of_scikit_image(pixels: np.ndarray) -> None:
    """Decomposition, power law and sum over the levels, the plain way."""
    total = 0.0
    for level in transform.pyramid_laplacian(pixels, max_layer=7):
        total += float((np.sign(level) * np.abs(level) ** 0.7).sum())


def noise_in_numpy(pixels: np.ndarray) -> np.ndarray:
    """Three bands with the same maps, mask by mask and map by map in OpenCV and NumPy."""
    smooth = [pixels, *(cv2.GaussianBlur(pixels, (0, 0), s) for s in (1, 2, 4))]
    noise = np.zeros_like(pixels)
    for k in range(3):
        band = smooth[k] - smooth[k + 1]
        s = np.float32(1.2533) * cv2.blur(np.abs(band), (65, 65))
        share = np.clip(2 - np.abs(band) / (3 * s), 0, 1)
        excess = np.maximum(cv2.blur(band * band, (2 * 2**k + 1,) * 2) / (s * s) - np.float32(1.5), 0)
        noise += band * share / (1 + excess * excess)
    return pixels - np.float32(0.5) * noise


def chain(image: Image) -> Image:
    """P4, P2, P3, P1: noise, dynamic range, bands, sharpening."""
    image = flexible_noise_control(image).image
    image = dynamic_range_compression(image).image
    image = multi_frequency_processing(image)
    return unsharp_mask(image, amount=0.3)


def main() -> None:
    print_heading("opencv-python-headless", "scikit-image", "scipy", "numba")
    cv2.setNumThreads(1)
    whole = radiograph()
    grey = whole.astype(np.float32)
    image, real = Image(whole, spacing_mm=(0.15, 0.15)), Image(grey, spacing_mm=(0.15, 0.15))
    transformed = {"one scipy rfft2": lambda: fft.rfft2(grey)}
    radius = {"preserve_range": True, "radius": 15, "amount": 1}
    compared(
        "unsharp mask, box of 31, uint16",
        lambda: unsharp_mask(image, radius_mm=2.325),
        {"scikit-image": lambda: filters.unsharp_mask(whole, **radius)},
        ">= 30",
    )
    compared(
        "unsharp mask, Gaussian of 15 px",
        lambda: unsharp_mask(real, radius_mm=3.897, mask="gaussian"),
        {"scikit-image": lambda: filters.unsharp_mask(grey, **radius)},
        "none",
    )
    compared("dynamic range compression", lambda: dynamic_range_compression(real), transformed, "none")
    compared(
        "multi-frequency, 6 bands, whole operation",
        lambda: multi_frequency_processing(real),
        {"6 direct Gaussians of OpenCV": lambda: direct_masks(grey)},
        ">= 9",
    )
    compared(
        "MUSICA", lambda: musica(real), {"scikit-image pyramid": lambda: pyramid_of_scikit_image(grey)} | transformed, "none"
    )
    compared(
        "noise control, 3 bands",
        lambda: flexible_noise_control(real),
        {"OpenCV and NumPy": lambda: noise_in_numpy(grey)} | transformed,
        "goal 80 ms",
    )
    compared("chain P1 to P4", lambda: chain(real), transformed, "at most 13 transforms")


if __name__ == "__main__":
    main()
