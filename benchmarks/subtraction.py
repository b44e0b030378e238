"""Subtractions of a 2048 x 2048 radiograph against SimpleITK's B-spline and demons registration, filters against scikit-image; CPU time."""

import statistics
import time

import cv2
import numpy as np
import SimpleITK as sitk
from heading import print_heading
from skimage.feature import shape_index as peer_shape_index
from skimage.filters import gabor

from gazo.phantoms import chest_pair, symmetric_chest
from gazo.process import contralateral_subtraction, double_ring_filter, gabor_bank, shape_index, temporal_subtraction

SIDE, ROUNDS = 2048, 3
BAR = 2.0  # CPU seconds for one contralateral subtraction
QUANTA = 50_000.0 * (512 / SIDE) ** 2


def demons(fixed, moving):
    """Fast symmetric forces demons on three levels of the image, then the warp at full size; shift in pixels."""
    a, b = (sitk.GetImageFromArray(x) for x in (fixed, moving))
    field = None
    for factor, steps in ((8, 60), (4, 40), (2, 20)):
        small = [sitk.Shrink(sitk.SmoothingRecursiveGaussian(x, factor / 2), [factor] * 2) for x in (a, b)]
        method = sitk.FastSymmetricForcesDemonsRegistrationFilter()
        method.SetNumberOfIterations(steps)
        method.SetStandardDeviations(1.5)
        start = None if field is None else sitk.Resample(field, small[0])
        field = method.Execute(*small) if start is None else method.Execute(*small, start)
    full = sitk.Resample(field, a)
    sitk.Resample(b, a, sitk.DisplacementFieldTransform(sitk.Cast(full, sitk.sitkVectorFloat64)), sitk.sitkBSpline)
    return sitk.GetArrayFromImage(sitk.Resample(field, a))[..., ::-1]


def bspline(fixed, moving):
    """B-spline of 8 x 8 cells, correlation, L-BFGS-B, two levels at a quarter of the size; shift in pixels."""
    a, b = (sitk.GetImageFromArray(x) for x in (fixed, moving))
    small = [sitk.Shrink(sitk.SmoothingRecursiveGaussian(x, 2), [4, 4]) for x in (a, b)]
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsCorrelation()
    method.SetOptimizerAsLBFGSB(numberOfIterations=60)
    method.SetShrinkFactorsPerLevel([2, 1])
    method.SetSmoothingSigmasPerLevel([1, 0])
    method.SetInterpolator(sitk.sitkLinear)
    method.SetInitialTransform(sitk.BSplineTransformInitializer(small[0], [8, 8]), inPlace=True)
    found = method.Execute(*small)
    sitk.Resample(b, a, found, sitk.sitkBSpline)
    grid = sitk.TransformToDisplacementField(
        found, sitk.sitkVectorFloat64, small[0].GetSize(), small[0].GetOrigin(), small[0].GetSpacing()
    )
    return sitk.GetArrayFromImage(sitk.Resample(grid, a))[..., ::-1]


def seconds(work, *given):
    start = time.process_time()
    result = work(*given)
    return time.process_time() - start, result


def main() -> None:
    print_heading("numpy", "scipy", "opencv-python-headless", "SimpleITK", "scikit-image")
    cv2.setNumThreads(1)
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    pair = chest_pair(rng=np.random.default_rng(0), size_px=SIDE, quanta_per_pixel=QUANTA, nodules=0)
    spacing, lungs = pair.image.spacing_mm[0], pair.lungs.pixels > 0
    truth = np.stack([pair.shift_down.pixels, pair.shift_right.pixels]) / spacing
    rms = lambda shift: float(np.sqrt(np.mean(np.sum((shift - truth) ** 2, 0)[lungs])))  # noqa: E731
    times, error = {}, {}
    for _ in range(ROUNDS):
        cpu, made = seconds(temporal_subtraction, pair.image, pair.previous)
        times.setdefault("temporal", []).append(cpu)
        error["temporal"] = rms(np.stack([made.shift_down.pixels, made.shift_right.pixels]) / spacing)
        for name, peer in (("demons", demons), ("bspline", bspline)):
            cpu, shift = seconds(peer, pair.image.pixels, pair.previous.pixels)
            times.setdefault(name, []).append(cpu)
            error[name] = rms(np.moveaxis(shift, -1, 0))
    ours = statistics.median(times["temporal"])
    for name, spent in times.items():
        cpu = statistics.median(spent)
        print(f"{name:>14}: {cpu:6.2f} CPU s, {cpu / ours:5.1f}x, warp error RMS {error[name]:.2f} px of {SIDE}")
    chest = symmetric_chest(rng=np.random.default_rng(0), size_px=SIDE, quanta_per_pixel=QUANTA).image
    spent = statistics.median(seconds(contralateral_subtraction, chest)[0] for _ in range(5))
    print(f" contralateral: {spent:6.2f} CPU s; bar {BAR:g}")
    filters(chest.pixels.astype(np.float32))


def filters(pixels) -> None:
    """Each filter and its peer in turn on the same pixels; the peer of the bank runs one angle of twelve, on a quarter of the rows."""
    from scipy import ndimage

    from gazo.process.enhance.double_ring import _kernel

    kernel = _kernel(2.5, 5.0, 7.0)
    pairs = {
        "double ring": (lambda: double_ring_filter(pixels), lambda: ndimage.convolve(pixels, kernel, mode="reflect"), 1),
        "shape index": (
            lambda: shape_index(pixels, sigma_px=2.0),
            lambda: peer_shape_index(pixels, sigma=2.0, mode="reflect"),
            1,
        ),
        "gabor bank": (
            lambda: gabor_bank(pixels, frequency_per_px=0.2),
            lambda: gabor(pixels[: SIDE // 4], 0.2, sigma_x=2.8, sigma_y=5.6, n_stds=3),
            48,
        ),
    }
    for name, (ours, peer, times) in pairs.items():
        rounds = [(seconds(ours)[0], times * seconds(peer)[0]) for _ in range(ROUNDS)]
        mine, theirs = (statistics.median(r) for r in zip(*rounds, strict=True))
        print(f"{name:>14}: {mine:6.2f} CPU s, peer {theirs:7.2f}, {theirs / mine:5.1f}x")


if __name__ == "__main__":
    main()
