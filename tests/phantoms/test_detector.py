import numpy as np
import pytest

from gazo.phantoms.detector import blurred, counted_quanta, scattered, shown


@pytest.mark.parametrize("pixel_mm", [0.1, 0.2])
@pytest.mark.parametrize("sigma_mm", [0.3, 0.6])
def test_blur_has_the_gaussian_mtf(sigma_mm, pixel_mm):
    point = np.zeros((256, 256))
    point[128, 128] = 1
    spread = blurred(point, sigma_mm, pixel_mm).sum(0)
    mtf = np.abs(np.fft.rfft(spread))
    u = np.fft.rfftfreq(256, pixel_mm)
    assert mtf[u < 1] == pytest.approx(np.exp(-2 * np.pi**2 * sigma_mm**2 * u[u < 1] ** 2), abs=2e-3)


@pytest.mark.parametrize(("exposure", "electronic"), [(1.0, 0.0), (0.2, 0.0), (0.2, 30.0)])
def test_variance_of_a_flat_field(exposure, electronic):
    counts = counted_quanta(np.full((512, 512), exposure), 4000, electronic, np.random.default_rng(1))
    assert counts.mean() == pytest.approx(4000 * exposure, rel=1e-3)
    assert counts.var() == pytest.approx(4000 * exposure + electronic**2, rel=0.02)


def test_scatter_in_all_is_the_ratio_times_the_primary_behind_the_body():
    primary = np.ones((128, 128), np.float32)
    body = np.zeros((128, 128), bool)
    body[44:84, 44:84] = True
    scatter = scattered(primary, body, 0.7, 30.0, 4.0)
    assert scatter.sum() == pytest.approx(0.7 * body.sum(), rel=0.01)
    assert scatter[64, 64] == pytest.approx(scatter.max(), rel=1e-3)
    assert scatter[0, 0] < 0.05 * scatter.max()


def test_display_shows_dense_parts_bright_in_12_bits():
    rng = np.random.default_rng(0)
    density = np.linspace(0.5, 6, 200)[None, :] + rng.normal(0, 0.01, (200, 200))
    pixels = shown(np.exp(-density).astype(np.float32), np.ones((200, 200), bool), 2.0)
    assert pixels.dtype == np.uint16
    assert pixels.max() <= 4095
    columns = pixels.astype(float).mean(0)
    assert np.all(np.diff(columns[::10]) > 0)
    assert columns[6] == pytest.approx(0.22 * 4095, rel=0.1)
    assert columns[-7] == pytest.approx(0.90 * 4095, rel=0.05)
