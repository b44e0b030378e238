import numpy as np
import pytest
from scipy import ndimage
from skimage import data, metrics

from gazo.core.errors import ImageError
from gazo.core.metrics import dice, nrmse, psnr, ssim


@pytest.fixture(scope="module")
def pair():
    clean = data.camera()[:128, :128].astype(np.float64)
    return clean, np.clip(clean + np.random.default_rng(0).normal(0, 12, clean.shape), 0, 255)


def test_psnr_of_a_known_error():
    truth = np.zeros((4, 4))
    assert psnr(truth, truth + 0.1, data_range=1.0) == pytest.approx(20.0)  # 10 log10(1 / 0.01)
    assert psnr(truth, truth, data_range=1.0) == float("inf")


def test_psnr_agrees_with_scikit_image(pair):
    assert psnr(*pair, data_range=255) == pytest.approx(metrics.peak_signal_noise_ratio(*pair, data_range=255), rel=1e-12)


def test_integers_do_not_overflow():
    assert psnr(np.full((2, 2), 250, np.uint8), np.full((2, 2), 5, np.uint8), data_range=255) == pytest.approx(
        20 * np.log10(255 / 245)
    )


def test_ssim_follows_its_definition(pair):
    """Wang et al. 2004, eq. 13 with K1 = 0.01, K2 = 0.03; the border of 5 pixels, where the window does not fit, is left out."""
    a, b = pair
    offset = np.arange(-5, 6)
    window = np.exp(-(offset**2) / (2 * 1.5**2))
    window = np.outer(window, window) / window.sum() ** 2

    def mean(x):
        return ndimage.convolve(x, window, mode="reflect")

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    va, vb, cov = mean(a * a) - mean(a) ** 2, mean(b * b) - mean(b) ** 2, mean(a * b) - mean(a) * mean(b)
    index = (2 * mean(a) * mean(b) + c1) * (2 * cov + c2) / ((mean(a) ** 2 + mean(b) ** 2 + c1) * (va + vb + c2))
    assert ssim(a, b, data_range=255) == pytest.approx(index[5:-5, 5:-5].mean(), rel=1e-9)
    assert ssim(a, a, data_range=255) == pytest.approx(1.0)


def test_nrmse_is_the_relative_norm(pair):
    truth, estimate = pair
    assert nrmse(truth, estimate) == pytest.approx(np.sqrt(((truth - estimate) ** 2).sum() / (truth**2).sum()), rel=1e-12)
    assert nrmse(truth, estimate) == pytest.approx(
        metrics.normalized_root_mse(truth, estimate, normalization="euclidean"), rel=1e-12
    )
    assert nrmse(truth, np.zeros_like(truth)) == pytest.approx(1.0)


def test_nrmse_needs_a_signal():
    with pytest.raises(ImageError, match="G-IMG-004"):
        nrmse(np.zeros((2, 2)), np.ones((2, 2)))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [([1, 1, 0, 0], [0, 1, 1, 1], 0.4), ([0, 0], [0, 0], 1.0), ([1, 0], [0, 1], 0.0), ([2, 0], [1, 0], 1.0)],
)
def test_dice_counts_the_overlap_twice(a, b, expected):
    assert dice(a, b) == pytest.approx(expected)


@pytest.mark.parametrize("compare", [dice, nrmse, lambda a, b: psnr(a, b, data_range=1), lambda a, b: ssim(a, b, data_range=1)])
def test_images_of_different_shape_are_refused(compare):
    with pytest.raises(ImageError, match="G-IMG-005"):
        compare(np.ones((16, 16)), np.ones((1, 16)))
