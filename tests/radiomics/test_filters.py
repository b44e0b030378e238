"""Filters of IBSI 2 against formulas and laws; the reference maps stand in tests/references."""

import numpy as np
import pytest

from gazo.core import Image
from gazo.core.errors import ImageError, OptionError
from gazo.radiomics import gabor, laplacian_of_gaussian, laws, mean_filter, separable_wavelet, simoncelli
from gazo.radiomics.filters.named import filters_named


def image_of(pixels, *spacing_mm):
    return Image(np.asarray(pixels, np.float32), spacing_mm=spacing_mm or (1.0,) * np.ndim(pixels))


def noise(shape, seed=1):
    return image_of(np.random.default_rng(seed).normal(size=shape))


@pytest.mark.parametrize("spacing", [(0.5, 0.5), (1.0, 1.0), (1.0, 0.5)])
def test_log_of_a_gaussian_is_the_laplacian_of_a_wider_one(spacing):
    """At the centre of a blob exp(-r²/2a²): -2/(a²+σ²) · a²/(a²+σ²), in units of the finest pixel squared."""
    a, sigma = 4.0, 3.0
    y, x = (np.arange(-60, 61) * s for s in spacing)
    blob = image_of(np.exp(-(y[:, None] ** 2 + x**2) / (2 * a**2)), *spacing)
    found = laplacian_of_gaussian(blob, sigma_mm=sigma, cutoff=8).pixels[60, 60]
    wanted = -2 * a**2 / (a**2 + sigma**2) ** 2 * min(spacing) ** 2
    assert found == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize("spacing", [0.5, 1.0])
@pytest.mark.parametrize("angle", [0, 30, 90])
def test_gabor_answers_to_its_own_wave_with_half_the_area_of_its_gaussian(angle, spacing):
    """|h * cos| = 1/2 · 2πσ²/γ / spacing², and nothing to a wave at a right angle."""
    y, x = np.mgrid[-80:81, -80:81] * spacing
    along = x * np.cos(np.deg2rad(angle)) + y * np.sin(np.deg2rad(angle))
    across = -x * np.sin(np.deg2rad(angle)) + y * np.cos(np.deg2rad(angle))
    options = {"sigma_mm": 5, "wavelength_mm": 4, "gamma": 1.5, "step_deg": 0, "angle_deg": angle}
    own = gabor(image_of(np.cos(2 * np.pi * along / 4), spacing, spacing), **options).pixels[80, 80]
    other = gabor(image_of(np.cos(2 * np.pi * across / 4), spacing, spacing), **options).pixels[80, 80]
    wanted = np.pi * 5**2 / 1.5 / spacing**2
    assert own == pytest.approx(wanted, rel=1e-3)
    assert other < 1e-3 * wanted


def test_gabor_of_a_volume_is_the_mean_of_its_three_planes():
    volume = noise((20, 24, 28))
    options = {"sigma_mm": 2, "wavelength_mm": 3, "step_deg": 90}
    turned = [gabor(image_of(np.moveaxis(volume.pixels, axis, 0)), by_slice=True, **options).pixels for axis in range(3)]
    planes = [np.moveaxis(one, 0, axis) for axis, one in enumerate(turned)]
    assert gabor(volume, **options).pixels == pytest.approx(np.mean(planes, axis=0), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(("level", "cycles"), [(1, 40), (1, 60), (2, 20), (2, 30), (3, 12)])
def test_simoncelli_passes_a_wave_with_its_gain(level, cycles):
    """cos(π/2 log2(2^j ν)), where ν = 2 cycles / (n - 1) on the grid of the reference."""
    n = 129  # odd: the grid of the reference is that of the transform, but for n / (n - 1)
    wave = np.cos(2 * np.pi * cycles * np.arange(n) / n)
    found = simoncelli(image_of(np.tile(wave, (n, 1))), level=level).pixels
    nu = 2 * cycles / (n - 1)
    wanted = np.cos(np.pi / 2 * np.log2(2**level * nu)) if 0.25 < 2 ** (level - 1) * nu <= 1 else 0
    assert found[5] == pytest.approx(wanted * wave, abs=1e-4)


def test_wavelet_low_pass_has_gain_sqrt2_along_each_axis_and_level():
    flat = image_of(np.full((20, 24), 3.0))
    assert separable_wavelet(flat, bands="LL", level=3).pixels == pytest.approx(np.full((20, 24), 3 * 2.0**3), rel=1e-5)
    assert separable_wavelet(flat, bands="LH", level=2).pixels == pytest.approx(np.zeros((20, 24)), abs=1e-4)


def test_haar_details_are_differences_of_neighbours():
    row = np.array([[1.0, 4, 9, 16, 25]])
    found = separable_wavelet(image_of(np.tile(row, (4, 1))), family="haar", bands="HL", rotation="none").pixels[1]
    assert np.abs(found[:-1]) == pytest.approx(np.abs(np.diff(row[0])), rel=1e-5)  # 1/√2 along x, √2 along y: its low pass


def test_laws_energy_is_the_mean_of_the_absolute_response():
    image = noise((30, 34))
    plain = laws(image, kernels="E5S5", energy_px=0, rotation="none").pixels
    energy = laws(image, kernels="E5S5", energy_px=3, rotation="none").pixels
    assert energy[15, 17] == pytest.approx(np.abs(plain[12:19, 14:21]).mean(), rel=1e-4)


INVARIANT = [
    lambda image: laws(image, kernels="E5L5", energy_px=2),
    lambda image: separable_wavelet(image, family="db3", bands="LH", level=2),
    lambda image: separable_wavelet(image, family="haar", bands="LH", rotation="max"),
    lambda image: gabor(image, sigma_mm=2, wavelength_mm=3, step_deg=45),
    lambda image: laplacian_of_gaussian(image, sigma_mm=2),
]


@pytest.mark.parametrize("filtered", INVARIANT)
def test_turning_the_image_turns_the_response(filtered):
    image = noise((32, 32))
    turned = filtered(image_of(np.rot90(image.pixels))).pixels
    assert turned == pytest.approx(np.rot90(filtered(image).pixels), rel=1e-3, abs=1e-3)


def test_a_volume_turned_in_space_has_its_response_turned():
    image = noise((16, 18, 20))
    options = {"family": "db2", "bands": "LLH"}
    turned = separable_wavelet(image_of(np.rot90(image.pixels, axes=(0, 2))), **options).pixels
    assert turned == pytest.approx(np.rot90(separable_wavelet(image, **options).pixels, axes=(0, 2)), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("filtered", [mean_filter, simoncelli, separable_wavelet, laws])
def test_with_the_periodic_boundary_a_shift_is_a_shift(filtered):
    image = noise((31, 33))
    moved = filtered(image_of(np.roll(image.pixels, (5, -7), (0, 1))), boundary="periodic").pixels
    assert moved == pytest.approx(np.roll(filtered(image, boundary="periodic").pixels, (5, -7), (0, 1)), abs=1e-4)


def test_slices_are_filtered_by_themselves():
    volume = noise((4, 20, 22))
    for filtered in (mean_filter, laplacian_of_gaussian, laws, gabor, separable_wavelet, simoncelli):
        one = filtered(image_of(volume.pixels[2])).pixels
        assert filtered(volume, by_slice=True).pixels[2] == pytest.approx(one, rel=1e-4, abs=1e-4), filtered.__name__


def test_a_response_is_no_longer_hu():
    found = mean_filter(Image(np.zeros((8, 8), np.int16), spacing_mm=(1.0, 1.0), meaning="HU", unit="HU"))
    assert (found.meaning, found.unit, found.pixels.dtype) == ("quantity", "", np.float32)


def test_words_name_filters_with_their_options():
    (one,) = filters_named(("log:sigma_mm=2:boundary=nearest",))
    assert dict(one.options) == {"sigma_mm": 2.0, "boundary": "nearest"}
    assert one.reach_mm((1, 1, 1)) == 9
    assert len(filters_named(("wavelet:bands=all",))) == 8
    assert filters_named(("mean:boundary=periodic",))[0].reach_mm((1, 1, 1)) == np.inf


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("G-RAD-201", lambda: mean_filter(image_of([[1, np.nan], [2, 3]]))),
        ("G-RAD-202", lambda: mean_filter(noise((8, 8)), size=4)),
        ("G-RAD-203", lambda: laws(noise((8, 8)), kernels="L5E5E5")),
        ("G-RAD-203", lambda: laws(noise((8, 8)), kernels="L5X5")),
        ("G-RAD-204", lambda: gabor(noise((8, 8)), step_deg=50)),
        ("G-RAD-205", lambda: separable_wavelet(noise((8, 8)), bands="LHL")),
        ("G-RAD-210", lambda: filters_named(("lgo:sigma_mm=2",))),
        ("G-RAD-211", lambda: filters_named(("log:2",))),
        ("G-OPT-003", lambda: filters_named(("log:sigma=2",))),
        ("G-IMG-003", lambda: laplacian_of_gaussian(Image(np.zeros((8, 8))))),
    ],
)
def test_what_cannot_be_filtered_is_told(code, call):
    with pytest.raises((OptionError, ImageError), match=f"^{code}"):
        call()
