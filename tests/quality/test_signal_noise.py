"""SNR, CNR and Rose's k against their formulas on noise of known size."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.quality import cnr, rose_k, snr


@pytest.fixture(scope="module")
def disc():
    """100 +- 5 everywhere, 110 +- 7 in a disc of 15 pixels radius; 0.2 mm pixels."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:128, :128] - 63.5
    inside = np.hypot(y, x) < 15
    ring = (np.hypot(y, x) > 20) & (np.hypot(y, x) < 60)
    pixels = np.where(inside, rng.normal(110, 7, inside.shape), rng.normal(100, 5, inside.shape))
    return Image(pixels, (0.2, 0.2)), Image(inside.astype(np.uint8)), Image(ring.astype(np.uint8))


def test_snr_is_mean_over_deviation(disc):
    image, _, ring = disc
    values = image.pixels[ring.pixels > 0]
    found = snr(image, ring)
    assert found.ratio.value == pytest.approx(values.mean() / values.std(ddof=1), rel=1e-12)
    assert found.ratio.low < 20 < found.ratio.high
    assert found.mean.low < 100 < found.mean.high
    assert found.deviation.low < 5 < found.deviation.high


def test_cnr_follows_the_formula(disc):
    image, inside, ring = disc
    a, b = image.pixels[inside.pixels > 0], image.pixels[ring.pixels > 0]
    by_hand = abs(a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    found = cnr(image, inside, ring)
    assert found.ratio.value == pytest.approx(by_hand, rel=1e-12)
    assert found.ratio.low < 10 / np.sqrt((49 + 25) / 2) < found.ratio.high
    assert found.contrast.value == pytest.approx(0.1, abs=0.01)
    assert cnr(image, ring, inside).ratio.value == pytest.approx(by_hand, rel=1e-12)


def test_rose_k_is_contrast_times_root_of_area_and_neq(disc):
    image, inside, ring = disc
    area = inside.pixels.sum() * 0.04
    given = rose_k(image, inside, ring, neq0_per_mm2=10_000.0)
    assert given.k.value == pytest.approx(given.contrast.value * np.sqrt(area * 10_000), rel=1e-12)
    assert given.area.value == pytest.approx(area)
    white = rose_k(image, inside, ring)
    assert white.neq.value == pytest.approx((100 / 5) ** 2 / 0.04, rel=0.05)
    assert white.k.low < 0.1 * np.sqrt(area * 400 / 0.04) < white.k.high
    assert white.warnings == ()
    faint = image.with_pixels(np.where(inside.pixels > 0, image.pixels - 9.5, image.pixels))
    assert "criterion" in rose_k(faint, inside, ring).warnings[0].en


def test_k_equals_the_detectability_of_an_ideal_observer(disc):
    """k of Rose is d' of the matched filter in white noise: the mean over the disc, its noise s / sqrt(n)."""
    rng = np.random.default_rng(1)
    _, inside, ring = disc
    where = inside.pixels > 0
    without, with_signal = ([], [])
    for _ in range(400):
        field = rng.normal(100, 5, where.shape)
        without.append(field[where].mean())
        with_signal.append(field[where].mean() + 2)
    prime = (np.mean(with_signal) - np.mean(without)) / np.std(without)
    image = Image(np.where(where, 102.0, 100.0) + rng.normal(0, 5, where.shape), (0.2, 0.2))
    assert rose_k(image, inside, ring).k.value == pytest.approx(prime, rel=0.3)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda i, a, b: snr(Image(np.ones((20, 20)))), "G-QUA-317"),
        (lambda i, a, b: snr(Image(np.ones((3, 20, 20)))), "G-QUA-301"),
        (lambda i, a, b: snr(i, Image(np.zeros((128, 128)))), "G-QUA-304"),
        (lambda i, a, b: snr(i, Image(np.ones((9, 9)))), "G-QUA-303"),
        (lambda i, a, b: cnr(i, a, a), "G-QUA-316"),
        (lambda i, a, b: rose_k(Image(i.pixels), a, b), "G-IMG-003"),
    ],
)
def test_unfit_input_is_refused(disc, call, code):
    with pytest.raises(GazoError, match=code):
        call(*disc)
