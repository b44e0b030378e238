"""Median, bilateral, CLAHE, guided filter and virtual grid on 2048 x 2048 against named peers, interleaved, CPU time."""

import cv2
import numpy as np
import SimpleITK as sitk
from heading import print_heading
from interleaved import compared, radiograph
from scipy import fft, ndimage
from skimage import exposure

from gazo.core.image import Image
from gazo.phantoms import scatter_phantom
from gazo.process import bilateral, clahe, gaussian, guided, median, non_local_means, virtual_grid


def sitk_median(pixels):
    return lambda: sitk.Median(sitk.GetImageFromArray(pixels), [7, 7])


def main() -> None:
    print_heading("SimpleITK", "opencv-python-headless", "scikit-image", "scipy")
    cv2.setNumThreads(1)
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    pixels = radiograph()
    image, grey = Image(pixels), pixels.astype(np.float32)
    assert np.array_equal(median(image, size_px=15).pixels[:300], ndimage.median_filter(pixels[:330], 15)[:300])
    compared(
        "median 15 x 15, 16 bits", lambda: median(image, size_px=15), {"SimpleITK": sitk_median(pixels)}, ">= 14 x SimpleITK"
    )
    compared(
        "bilateral, sigma 10 px",
        lambda: bilateral(image, sigma_px=10, sigma_value=700, way="grid"),
        {"OpenCV d=31": lambda: cv2.bilateralFilter(grey, 31, 700, 10)},
        "goal >= 15 x OpenCV",
    )
    compared(
        "CLAHE 8 x 8",
        lambda: clahe(image),
        {
            "OpenCV": lambda: cv2.createCLAHE(2.56, (8, 8)).apply(pixels),
            "scikit-image": lambda: exposure.equalize_adapthist(pixels),
        },
        "goal as OpenCV",
    )
    compared(
        "guided, radius 8 px",
        lambda: guided(image, radius_px=8),
        {"non-local means of OpenCV": lambda: non_local_means(image)},
        "none",
    )
    compared(
        "Gaussian, sigma 15 px",
        lambda: gaussian(image, sigma_px=15, way="fast"),
        {
            "OpenCV": lambda: cv2.GaussianBlur(grey, (91, 91), 15),
            "scipy": lambda: ndimage.gaussian_filter(grey, 15),
        },
        "none",
    )
    body = scatter_phantom(rng=np.random.default_rng(0), size_px=512, pixel_mm=0.8)
    padded = np.ones((1024, 1024), np.float32)
    compared(
        "virtual grid, 512 x 512 work grid, 10 iterations",
        lambda: virtual_grid(body.image, i0=body.i0, work_mm=0.8),
        {"33 FFTs of the padded grid": lambda: [fft.rfft2(padded) for _ in range(33)]},
        "goal <= 120 ms",
    )


if __name__ == "__main__":
    main()
