"""How alike two images are: PSNR, SSIM, NRMSE and Dice, each defined here and nowhere else."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazo.core.errors import ImageError


def psnr(truth: ArrayLike, estimate: ArrayLike, *, data_range: float) -> float:
    """Peak signal-to-noise ratio in dB: 10 log10(range^2 / mean squared error); infinite for equal images."""
    a, b = _pair(truth, estimate)
    error = float(np.mean((a - b) ** 2))
    return float("inf") if error == 0 else float(10 * np.log10(data_range**2 / error))


def nrmse(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Root of the squared error over the squared truth: ||estimate - truth|| / ||truth||."""
    a, b = _pair(truth, estimate)
    size = float(np.linalg.norm(a))
    if size == 0:
        raise ImageError(
            "G-IMG-004",
            en="NRMSE divides by the norm of the true image, which is 0 everywhere; use a true image with signal.",
            ja="NRMSE は真の画像のノルムで割りますが、真の画像がすべて 0 です。信号のある画像を使ってください。",
        )
    return float(np.linalg.norm(b - a) / size)


def ssim(truth: ArrayLike, estimate: ArrayLike, *, data_range: float) -> float:
    """Mean structural similarity with the Gaussian window of sigma 1.5 and 11 pixels (Wang et al. 2004, IEEE TIP 13:600)."""
    from skimage import metrics

    a, b = _pair(truth, estimate)
    return float(
        metrics.structural_similarity(a, b, data_range=data_range, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    )


def dice(truth: ArrayLike, estimate: ArrayLike) -> float:
    """Overlap of two masks, 2 |A and B| / (|A| + |B|); 1 when both are empty."""
    a, b = np.asarray(truth, bool), np.asarray(estimate, bool)
    _same_shape(a, b)
    size = int(a.sum()) + int(b.sum())
    return 1.0 if size == 0 else 2 * int((a & b).sum()) / size


def _pair(truth: ArrayLike, estimate: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(truth, np.float64), np.asarray(estimate, np.float64)
    _same_shape(a, b)
    return a, b


def _same_shape(a: NDArray[np.generic], b: NDArray[np.generic]) -> None:
    if a.shape != b.shape:
        raise ImageError(
            "G-IMG-005",
            en=f"two images are compared pixel by pixel and must have one shape; {a.shape} and {b.shape} came.",
            ja=f"画素ごとの比較には同じ形の画像が必要です。受け取った形: {a.shape} と {b.shape}。",
        )
