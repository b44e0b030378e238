import numpy as np
import pytest

from gazo.phantoms.scatter import scatter_phantom
from gazo.process.scatter_model import NARROW_MM, WIDE_MM, exponential_kernel, scatter_to_primary, wide_share


def test_behind_20_cm_the_scatter_fraction_is_that_of_a_chest():
    made = scatter_phantom(rng=np.random.default_rng(0))
    fraction = (made.scatter.pixels / made.image.pixels)[made.thickness.pixels > 190]
    assert 0.62 < fraction.mean() < 0.72
    assert fraction.min() > 0.62


def test_primary_is_beer_lambert_and_the_field_is_open():
    made = scatter_phantom(rng=np.random.default_rng(0), mu_per_mm=0.02, i0=500.0)
    np.testing.assert_allclose(made.primary.pixels, 500 * np.exp(-0.02 * made.thickness.pixels), rtol=1e-5)
    assert made.primary.pixels[0, 0] == 500
    assert made.thickness.pixels.max() == pytest.approx(205, abs=0.5)  # with an insert
    np.testing.assert_allclose(made.image.pixels, made.primary.pixels + made.scatter.pixels, rtol=1e-6)


def test_scatter_is_the_sum_over_all_pixels():
    """One pixel by the definition, summed by hand."""
    made = scatter_phantom(rng=np.random.default_rng(0), size_px=64, pixel_mm=6.4)
    thickness, primary = made.thickness.pixels.astype(float), made.primary.pixels.astype(float)
    y, x = np.indices(thickness.shape)
    row, column = 20, 33
    distance = np.hypot(y - row, x - column) * 6.4
    wide = wide_share(thickness)
    kernel = (1 - wide) * exponential_kernel(distance, NARROW_MM) + wide * exponential_kernel(distance, WIDE_MM)
    by_hand = (primary * scatter_to_primary(thickness, 2.0) * kernel).sum() * 6.4**2
    assert made.scatter.pixels[row, column] == pytest.approx(by_hand, rel=1e-5)


def test_noise_is_poisson():
    clean = scatter_phantom(rng=np.random.default_rng(0)).image.pixels
    noisy = scatter_phantom(rng=np.random.default_rng(0), quanta_per_pixel=5000).image.pixels
    score = (noisy - clean) / np.sqrt(clean * 10_000 / 5000)
    assert score.std() == pytest.approx(1, abs=0.02)
    assert abs(score.mean()) < 0.02


def test_the_inserts_are_marked():
    made = scatter_phantom(rng=np.random.default_rng(0), detail_mm=7.0)
    plain = scatter_phantom(rng=np.random.default_rng(0), detail_mm=0.0)
    added = made.thickness.pixels - plain.thickness.pixels
    assert np.array_equal(added > 3.5, made.details.pixels == 1)
    assert added[made.details.pixels == 1] == pytest.approx(7, abs=1e-3)
