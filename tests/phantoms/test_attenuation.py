import numpy as np
import pytest

from gazo.phantoms.attenuation import MU_PER_MM, line_integral, transmission


def test_published_coefficients_at_60_kev():
    """NIST SRD 126, table 4, 60 keV: soft tissue 0.2048, adipose 0.1974, lung 0.2053, compact bone 0.3148 cm2/g (ICRU-44)."""
    density = {"soft": 1.06, "adipose": 0.95, "lung": 0.26, "bone": 1.92}
    published = {"soft": 0.2048, "adipose": 0.1974, "lung": 0.2053, "bone": 0.3148}
    assert {t: mu * 10 / density[t] for t, mu in MU_PER_MM.items()} == pytest.approx(published, rel=1e-6)


def test_beer_lambert_on_a_slab():
    slab = {"soft": np.full((4, 4), 120.0), "bone": np.full((4, 4), 7.0), "lung": np.full((4, 4), 150.0)}
    expected = np.exp(-(0.0217088 * 120 + 0.06044160 * 7 + 0.00533780 * 150))
    assert transmission(slab) == pytest.approx(np.full((4, 4), expected), rel=1e-5)


def test_half_value_layer_of_soft_tissue():
    half = {"soft": np.array([[10 * np.log(2) / (0.2048 * 1.06)]])}
    assert transmission(half)[0, 0] == pytest.approx(0.5, rel=1e-6)


def test_an_unknown_tissue_is_refused():
    with pytest.raises(KeyError):
        line_integral({"cheese": np.ones((2, 2))})
