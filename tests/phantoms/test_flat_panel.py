"""The simulated detector keeps what it promises: mean, spectrum, sharpness, gains, lag, dark."""

import numpy as np
import pytest

from gazo.core.errors import DataError
from gazo.core.seeds import generator
from gazo.phantoms import simulate_detector
from gazo.phantoms.flat_panel import edge_mean


def flat(seed=0, **more):
    return simulate_detector(rng=generator(seed, "flat panel"), **more)


@pytest.mark.parametrize(
    "kind", [{}, {"swank": 0.6}, {"electronic_quanta": 40.0}, {"gain_map_percent": 3.0}, {"gain_per_ugy": 40.0}]
)
def test_the_spectrum_of_flats_is_the_theory(kind):
    """Mean periodogram over v-lines around the axis, 24 images of 128 pixels, against NNPS(u) at 20 frequencies."""
    shots = [flat(seed, rows_px=128, columns_px=128, panel=seed, **kind) for seed in range(24)]
    gain = kind.get("gain_per_ugy", 1000.0)
    relative = np.stack([(s.image.pixels.astype(float) - 100) / (2.5 * gain) for s in shots])
    assert relative.mean() == pytest.approx(1, abs=0.005)
    power = (np.abs(np.fft.fft2(relative - relative.mean((1, 2), keepdims=True))) ** 2).mean(0) * 0.15**2 / 128**2
    u = np.fft.rfftfreq(128, 0.15)
    line = power[[1, 2, 3, -1, -2, -3], :65].mean(0)
    pooled = np.array([line[k : k + 6].mean() for k in range(3, 63, 6)])
    at = np.array([u[k : k + 6].mean() for k in range(3, 63, 6)])
    assert pooled == pytest.approx(np.interp(at, shots[0].nnps.x, shots[0].nnps.y), rel=0.12)
    assert (pooled / np.interp(at, shots[0].nnps.x, shots[0].nnps.y)).mean() == pytest.approx(1, abs=0.03)


def test_theory_of_the_dqe():
    """Without electronic noise and quantiser the DQE at 0 is eta times the Swank factor."""
    shot = flat(rows_px=16, columns_px=16, electronic_quanta=0.0, quantise=False, swank=0.8, efficiency=0.6)
    assert shot.dqe.y[0] == pytest.approx(0.6 * 0.8, rel=1e-9)
    assert (np.diff(shot.dqe.y) < 0).all()
    assert shot.mtf.y[-1] == pytest.approx(np.exp(-2 * (np.pi * 0.08 / 0.3) ** 2) * 2 / np.pi)


def test_the_mean_of_an_edge_is_the_blurred_half_plane():
    from scipy.special import erf

    mean = edge_mean((40, 60), 0.15, 0.1, 0.0)
    x = (np.arange(60) + 0.5 - 30) * 0.15
    fine = x[:, None] + (np.arange(200) + 0.5) / 200 * 0.15 - 0.075
    assert mean[7] == pytest.approx((0.5 + erf(fine / 0.1 / 2**0.5) / 2).mean(1), abs=1e-6)
    shots = [
        simulate_detector(rng=generator(s, "edge"), exposure="edge", edge_degrees=0.0, rows_px=200, columns_px=60, blur_mm=0.1)
        for s in range(4)
    ]
    profile = np.mean([(s.image.pixels.astype(float) - 100) / 2500 for s in shots], axis=(0, 1))
    assert profile == pytest.approx(mean[7], abs=0.01)


def test_turned_edges_and_transmission():
    along_v = simulate_detector(
        rng=generator(0, "v"), exposure="edge", edge_along="v", edge_transmission=0.2, rows_px=100, columns_px=60
    )
    pixels = along_v.image.pixels.astype(float) - 100
    assert pixels.shape == (100, 60)
    assert pixels[:20].mean() == pytest.approx(500, rel=0.02)
    assert pixels[-20:].mean() == pytest.approx(2500, rel=0.02)


def test_lag_and_dark():
    bright = flat(rows_px=64, columns_px=64).image
    dark = simulate_detector(bright, rng=generator(1, "dark"), exposure="dark", rows_px=64, columns_px=64, lag_percent=2.0).image
    assert dark.pixels.mean() == pytest.approx(100 + 0.02 * 2500, rel=0.01)
    plain = simulate_detector(rng=generator(1, "dark"), exposure="dark", rows_px=64, columns_px=64).image
    assert plain.pixels.mean() == pytest.approx(100, abs=0.5)
    with pytest.raises(DataError, match="G-PHA-301"):
        simulate_detector(bright, rng=generator(1, "dark"), rows_px=65, columns_px=64, lag_percent=2.0)


def test_a_panel_keeps_its_gains():
    def shot(seed, panel):
        return flat(
            seed, rows_px=64, columns_px=64, kerma_ugy=1000.0, gain_per_ugy=10.0, gain_map_percent=5.0, panel=panel
        ).image.pixels.ravel()

    assert np.corrcoef(shot(0, 3), shot(1, 3))[0, 1] > 0.9
    assert abs(np.corrcoef(shot(0, 3), shot(1, 4))[0, 1]) < 0.1


def test_values_stop_at_16_bits_and_the_same_seed_gives_the_same():
    assert flat(rows_px=16, columns_px=16, kerma_ugy=1000.0).image.pixels.max() == 65535
    assert np.array_equal(flat(3, rows_px=32, columns_px=32).image.pixels, flat(3, rows_px=32, columns_px=32).image.pixels)


def test_too_little_blur_is_refused():
    with pytest.raises(DataError, match="G-PHA-302"):
        flat(blur_mm=0.01)
