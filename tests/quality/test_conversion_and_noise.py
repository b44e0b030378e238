"""Conversion functions, linearisation, noise components, and the detectability of discs."""

import numpy as np
import pytest

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.core.seeds import generator
from gazo.phantoms import simulate_detector
from gazo.quality import (
    conversion_function,
    detectability_index,
    linearize,
    noise_components,
    noise_components_by_frequency,
)

KERMA = np.array([0.3, 0.6, 1.2, 2.5, 5, 10, 20])
WORDS = (Text("", ""), Text("", ""))
MODELS = {
    "linear": lambda k: 100 + 400 * k,
    "log": lambda k: 2000 + 900 * np.log(k),
    "power": lambda k: 50 + 700 * k**0.6,
}


def points(x, y, **more):
    return Curve(np.asarray(x, float), np.asarray(y, float), *WORDS, **more)


@pytest.mark.parametrize("model", MODELS)
def test_the_response_is_recovered_and_inverted(model):
    found = conversion_function(points(KERMA, MODELS[model](KERMA)), model=model)
    expected = {"linear": (100, 400, 1), "log": (2000, 900, 1), "power": (50, 700, 0.6)}[model]
    assert (found.a.value, found.b.value, found.c.value) == pytest.approx(expected, rel=1e-4)
    assert found.r_squared.value == pytest.approx(1)
    assert not found.warnings
    image = linearize(Image(MODELS[model](KERMA)[None].repeat(2, 0), (0.1, 0.1)), found)
    assert image.pixels[0] == pytest.approx(KERMA, rel=1e-3)
    assert (image.meaning, image.unit) == ("linear exposure", "µGy")
    assert image.history[-1].name == "linearize"


def test_the_intervals_cover_the_coefficients():
    inside = []
    for seed in range(200):
        noise = 1 + np.random.default_rng(seed).normal(0, 0.005, len(KERMA))
        found = conversion_function(points(KERMA, MODELS["linear"](KERMA) * noise))
        inside.append((found.a.low <= 100 <= found.a.high, found.b.low <= 400 <= found.b.high))
    assert 0.90 <= np.mean(inside) <= 0.985


def test_a_wrong_model_is_told():
    found = conversion_function(points(KERMA, MODELS["log"](KERMA)), model="linear")
    assert "R²" in found.warnings[0].en
    assert found.largest_residual.value > 2


def test_responses_that_cannot_be_fitted():
    with pytest.raises(DataError, match="G-QUA-420"):
        conversion_function(points([1, 2], [1, 2]))
    with pytest.raises(DataError, match="G-QUA-426"):
        conversion_function(points([0, 1, 2, 3], [1, 2, 3, 4]), model="log")
    for level in (0.0, 5.0):
        with pytest.raises(ImageError, match="G-QUA-427"):
            linearize(Image(np.ones((4, 4))), conversion_function(points(KERMA, np.full(7, level))))


def test_noise_components_of_a_simulated_detector():
    """Electronic noise of 30 quanta, quanta, and pixel gains of 1 %, at 8 kermas; variances of linear images in uGy^2."""
    kerma = np.geomspace(0.03, 300, 10)
    e, s, gain = 30.0, 0.01, 60.0
    per_ugy = 0.7 * 29653 * 0.15**2  # quanta in a pixel
    variances = []
    for number, k in enumerate(kerma):
        shot = simulate_detector(
            rng=generator(number, "noise"),
            kerma_ugy=float(k),
            electronic_quanta=e,
            gain_map_percent=100 * s,
            blur_mm=0.0226,  # hardly any blur, so that the quanta of a pixel stay in it
            gain_per_ugy=gain,
            quantise=False,
            rows_px=700,
            columns_px=700,
        )
        variances.append(((shot.image.pixels.astype(float) - 100) / gain).var())
    found = noise_components(points(kerma, variances))
    stays = share_that_stays(0.0226, 0.15) ** 2  # of the variance, both axes
    assert found.e.value == pytest.approx(e / per_ugy, rel=0.05)
    assert found.q.value == pytest.approx(stays / per_ugy, rel=0.05)
    assert found.s.value == pytest.approx(s, rel=0.05)
    assert found.e.low <= found.e.value <= found.e.high


def share_that_stays(blur, pixel):
    """Sum over sub-pixels of the squared share of light that a pixel collects, by the formula of the Gaussian integral."""
    from scipy.special import ndtr

    x = pixel / 3 * np.arange(-30, 31)
    return float(((ndtr((x + pixel / 2) / blur) - ndtr((x - pixel / 2) / blur)) ** 2).sum() / 3)


def test_noise_components_and_their_range():
    e2, q, s2 = 4.0, 10.0, 0.01
    kerma = np.geomspace(0.05, 5000, 12)
    exact = e2 + q * kerma + s2 * kerma**2
    noisy = exact * (1 + np.random.default_rng(0).normal(0, 0.01, 12))
    found = noise_components(points(kerma, noisy))
    assert found.e.value**2 == pytest.approx(e2, rel=0.05)
    assert found.q.value == pytest.approx(q, rel=0.05)
    assert found.s.value**2 == pytest.approx(s2, rel=0.05)
    for limit in (found.limited_from.value, found.limited_to.value):
        quantum = found.q.value * limit
        assert quantum / (found.e.value**2 + quantum + (found.s.value * limit) ** 2) == pytest.approx(0.5, abs=1e-6)


def test_the_intervals_of_noise_components_cover_the_truth():
    e2, q, s2 = 4.0, 10.0, 0.01
    kerma = np.geomspace(0.05, 5000, 12)
    inside = []
    for seed in range(150):
        noise = 1 + np.random.default_rng(seed).normal(0, 0.02, 12)
        found = noise_components(points(kerma, (e2 + q * kerma + s2 * kerma**2) * noise))
        truth = ((found.e, np.sqrt(e2)), (found.q, q), (found.s, np.sqrt(s2)))
        inside.append([estimate.low <= value <= estimate.high for estimate, value in truth])
    assert ((np.mean(inside, 0) > 0.88) & (np.mean(inside, 0) < 0.995)).all()


def test_noise_components_by_frequency():
    f, kerma = np.linspace(0.2, 3, 15), np.geomspace(0.1, 1000, 8)
    e2, q, s2 = np.full(15, 2.0), 8 * np.exp(-f), 0.01 * np.exp(-3 * f)
    spectra = [points(f, e2 + q * k + s2 * k**2) for k in kerma]
    found = noise_components_by_frequency(spectra, kerma_ugy=tuple(kerma.tolist()))
    assert found.electronic.y == pytest.approx(e2, rel=0.05)
    assert found.quantum.y == pytest.approx(q, rel=0.05)
    assert found.structure.y == pytest.approx(s2, rel=0.05)
    assert ((found.quantum_share.y > 0) & (found.quantum_share.y < 1)).all()


def test_noise_that_cannot_be_parted():
    with pytest.raises(DataError, match="G-QUA-420"):
        noise_components(points([1, 2, 3], [1, 2, 3]))
    with pytest.raises(DataError, match="G-QUA-429"):
        noise_components(points([1, 2, 3, 4, 5], [1, 2, 0, 4, 5]))
    with pytest.raises(DataError, match="G-QUA-428"):
        noise_components_by_frequency([points([1, 2], [1, 2])] * 3, kerma_ugy=(1.0, 2.0))
    assert noise_components(points([1, 1.5, 2, 2.5, 3], [1, 1.5, 2, 2.5, 3])).warnings


@pytest.mark.parametrize("disc", [2.0, 5.0, 12.0])
def test_a_disc_in_white_noise_has_the_closed_form(disc):
    """d' = C sqrt(area / NPS) by Parseval; 1 % to 30 cycles/mm."""
    f = np.linspace(0, 30, 301)
    found = detectability_index(points(f, np.ones(301)), points(f, np.full(301, 4.0)), disc_mm=disc, contrast=3.0)
    assert found.d_prime.value == pytest.approx(3.0 * np.sqrt(np.pi * disc**2 / 4 / 4.0), rel=0.01)


def test_a_gaussian_signal_in_gaussian_noise():
    """T = exp(-a f^2), NPS = n exp(-b f^2), against adaptive quadrature; a disc that the curves do not resolve is refused."""
    from scipy.integrate import quad
    from scipy.special import j1

    f, a, b, n = np.linspace(0, 3, 601), 2.0, 1.0, 5.0
    disc = 0.05
    ttf, nps = points(f, np.exp(-a * f**2)), points(f, n * np.exp(-b * f**2))
    with pytest.raises(DataError, match="G-QUA-431"):
        detectability_index(ttf, nps, disc_mm=disc, contrast=1.0)
    disc = 0.4
    found = detectability_index(ttf, nps, disc_mm=disc, contrast=1.0)

    def w2(x):
        z = np.pi * disc * x
        return (np.pi * disc**2 / 4 * (2 * j1(z) / z if z else 1)) ** 2

    power = quad(lambda x: 2 * np.pi * x * w2(x) * np.exp(-2 * a * x * x), 0, 3)[0]
    spread = quad(lambda x: 2 * np.pi * x * w2(x) * np.exp(-2 * a * x * x) * n * np.exp(-b * x * x), 0, 3)[0]
    assert found.d_prime.value == pytest.approx(power / np.sqrt(spread), rel=1e-3)


@pytest.mark.parametrize(("distance_cm", "zoom"), [(50, 1), (100, 1), (50, 2)])
def test_the_eye_filter_by_its_formula(distance_cm, zoom):
    """E = f^1.3 exp(-c f^2), its slope 0 at 4 cycles/degree; d' against adaptive quadrature."""
    from scipy.integrate import quad
    from scipy.special import j1

    c = 1.3 / 32
    assert 1.3 / 4 - 2 * c * 4 == pytest.approx(0)

    def eye(f):
        degrees = f / zoom * 10 * distance_cm * np.pi / 180
        return degrees**1.3 * np.exp(-c * degrees**2)

    def w2(f):
        z = 3 * np.pi * f
        return (np.pi * 9 / 4 * (2 * j1(z) / z if z else 1)) ** 2

    power = quad(lambda f: f * w2(f) * eye(f) ** 2, 0, 3, limit=200)[0]
    spread = quad(lambda f: f * w2(f) * eye(f) ** 4 * 2.0, 0, 3, limit=200)[0]
    f = np.linspace(0, 3, 31)
    found = detectability_index(
        points(f, np.ones(31)),
        points(f, np.full(31, 2.0)),
        disc_mm=3.0,
        contrast=1.0,
        observer="NPWE",
        distance_cm=distance_cm,
        zoom=zoom,
    )
    assert found.d_prime.value == pytest.approx(np.sqrt(2 * np.pi) * power / np.sqrt(spread), rel=1e-3)
    assert f"{distance_cm} cm" in found.sentence.en


def test_bands_give_an_interval_and_no_noise_is_refused():
    f = np.linspace(0, 5, 51)
    ttf = points(f, np.exp(-f), low=0.9 * np.exp(-f), high=1.1 * np.exp(-f))
    found = detectability_index(ttf, points(f, np.ones(51)), disc_mm=5, contrast=1).d_prime
    assert found.low == pytest.approx(0.9 * found.value, rel=1e-6)
    assert found.high == pytest.approx(1.1 * found.value, rel=1e-6)
    with pytest.raises(DataError, match="G-QUA-430"):
        detectability_index(ttf, points(f, np.zeros(51)), disc_mm=5, contrast=1)
