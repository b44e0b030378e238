"""MUSICA: identity, the conversion is odd and monotone, weak contrast gains more than strong, noise is held back."""

import numpy as np
import pytest

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.process import musica
from gazo.process.musica import convert, noise_shares

SHAPES = [(128, 128), (200, 317), (97, 64), (31, 500)]


def noise(shape, sd=100.0, spacing_mm=0.15):
    return Image(np.random.default_rng(1).normal(1000, sd, shape).astype(np.float32), spacing_mm=(spacing_mm,) * 2)


@pytest.mark.parametrize("shape", SHAPES)
def test_power_1_and_gains_1_are_the_identity(shape):
    image = noise(shape)
    assert np.abs(musica(image, power=1.0).pixels - image.pixels).max() <= 1e-5 * np.ptp(image.pixels)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_size_gives_a_finite_image_of_that_size(shape):
    made = musica(noise(shape), fine_gain=2.0, coarse_gain=0.5, noise_sd=50.0).pixels
    assert made.shape == shape
    assert np.isfinite(made).all()


@pytest.mark.parametrize("power", [0.5, 0.7, 0.9, 1.0])
def test_the_conversion_is_odd_monotone_and_the_formula(power):
    x = np.linspace(0, 1000, 20001, dtype=np.float32)
    y = convert(x[None], gain=1.7, scale=1000.0, power=power, core=0.005)[0].astype(float)
    core = 0.005 * 1000
    power_law = 1.7 * 1000 * (x / 1000.0) ** power
    line = 1.7 * 1000 * (x / core) * (core / 1000) ** power
    assert y == pytest.approx(np.where(x >= core, power_law, line), rel=1e-5, abs=1e-5)
    assert (np.diff(y) > 0).all()
    assert np.array_equal(convert(-x[None], gain=1.7, scale=1000.0, power=power, core=0.005)[0], -y.astype(np.float32))


def grating(contrast, size=256):
    wave = 1000 * (1 + contrast * np.sin(2 * np.pi * np.arange(size) / 16))
    wave[:8], wave[-8:] = 400, 1600  # one range for all contrasts
    return Image(wave[None].repeat(128, 0).astype(np.float32), spacing_mm=(0.15, 0.15))


def test_weak_contrast_gains_more_than_strong():
    gains = []
    for contrast in (0.01, 0.3):
        made = musica(grating(contrast)).pixels[64, 64:192].astype(float)
        gains.append(2 * abs(np.fft.rfft(made)[8]) / 128 / (1000 * contrast))
    assert gains[0] > 1.5 * gains[1]
    assert gains[1] > 1


def test_gains_of_fine_and_coarse_structure():
    rng = np.random.default_rng(0)
    import cv2

    fine, coarse = rng.normal(0, 1, (512, 512)), cv2.GaussianBlur(rng.normal(0, 1, (512, 512)), (0, 0), 40.0)
    for detail, sign in ((fine, 1), (coarse / coarse.std(), -1)):
        image = Image((100 * detail).astype(np.float32), spacing_mm=(0.15, 0.15))
        change = musica(image, power=1.0, fine_gain=1.5, coarse_gain=0.5).pixels.std() / image.pixels.std() - 1
        assert change * sign > 0.2


def test_another_spacing_gives_the_same_image():
    """The gains belong to sizes in mm: the same smooth object on pixels half as large."""
    y, x = np.mgrid[:256, :256] * 0.3

    def smooth(y, x):
        return 1000 + 300 * np.sin(x / 4) * np.cos(y / 5) + 200 * np.exp(-((x - 40) ** 2 + (y - 40) ** 2) / 50)

    options = {"fine_gain": 1.5, "coarse_gain": 0.6, "full_scale": 1000.0}
    coarse = musica(Image(smooth(y, x).astype(np.float32), spacing_mm=(0.3, 0.3)), **options).pixels
    y, x = np.mgrid[:512, :512] * 0.15
    fine = musica(Image(smooth(y, x).astype(np.float32), spacing_mm=(0.15, 0.15)), **options).pixels[::2, ::2]
    assert np.abs(coarse - fine)[20:-20, 20:-20].max() < 0.03 * np.ptp(coarse)


def test_a_noise_image_keeps_its_mean():
    image = noise((512, 500))
    assert abs(musica(image).pixels.mean(dtype=np.float64) - image.pixels.mean(dtype=np.float64)) < 0.01 * 100


def test_shares_of_noise_are_those_of_simulated_noise():
    import cv2

    white = np.random.default_rng(2).normal(size=(1024, 1024)).astype(np.float32)
    for share in noise_shares(5):
        below = cv2.pyrDown(white)
        assert (white - cv2.pyrUp(below)).std() == pytest.approx(share, rel=0.03)
        white = below


def test_known_noise_is_amplified_less():
    flat = noise((256, 256), sd=20.0)
    options = {"power": 0.6, "full_scale": 3000.0}
    free, held = (musica(flat, noise_sd=sd, **options).pixels.std() / 20 for sd in (None, 20.0))
    assert free > 2
    assert held < 1 + 0.35 * (free - 1)
    strong = flat.pixels + np.where(np.arange(256) % 32 < 16, 0, 1500).astype(np.float32)
    image = flat.with_pixels(strong)
    steps = [np.diff(musica(image, noise_sd=sd, **options).pixels.mean(0))[[15, 31, 47]] for sd in (0.0, 20.0)]
    assert steps[1] == pytest.approx(steps[0], rel=0.1)


def test_sizes_the_wrong_way_round_are_refused():
    with pytest.raises(OptionError, match="G-PRC-115"):
        musica(noise((64, 64)), fine_mm=5.0, coarse_mm=5.0)
