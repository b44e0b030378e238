"""A7: recovery of known primary and scatter, contrast as behind a real grid, and the failure the booklet warns of."""

import numpy as np
import pytest

from gazo.core.errors import GazoError, ImageError, OptionError
from gazo.core.image import Image
from gazo.phantoms.scatter import scatter_phantom
from gazo.process import grid_factors, virtual_grid
from gazo.process.grid_factors import GRIDS
from gazo.process.scatter_model import (
    exponential_kernel,
    scatter_to_primary,
    water_mu_per_mm,
    wide_share,
    yield_ugy_per_mas,
)


@pytest.fixture(scope="module")
def phantom():
    return scatter_phantom(rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def known(phantom):
    """Settings that fit the phantom; the work grid is its own grid."""
    return {"i0": phantom.i0, "mu_per_mm": phantom.mu_per_mm, "work_mm": 1.6}


def discs(image):
    """Mean contrast of the six inserts against the ring around each."""
    n = image.shape[0]
    y, x = (np.indices(image.shape) - (n - 1) / 2) / (n / 2)
    found = []
    for row in (-0.1, 0.42):
        for column in (-0.36, 0.0, 0.36):
            far = np.hypot(y - row, x - column)
            found.append(1 - image.pixels[far < 0.04].mean() / image.pixels[(far > 0.06) & (far < 0.08)].mean())
    return float(np.mean(found))


def body_error(out, phantom):
    inside = phantom.thickness.pixels > 20
    return float(np.sqrt(np.mean((out.primary.pixels / phantom.primary.pixels - 1)[inside] ** 2)))


@pytest.mark.parametrize(("iterations", "allowed"), [(3, 0.021), (5, 0.0027), (10, 0.0001)])
def test_the_primary_is_recovered(phantom, known, iterations, allowed):
    assert body_error(virtual_grid(phantom.image, iterations=iterations, **known), phantom) <= allowed


def test_thickness_and_scatter_fraction_are_recovered(phantom, known):
    out = virtual_grid(phantom.image, **known)
    inside = phantom.thickness.pixels > 10
    assert np.abs(out.thickness.pixels - phantom.thickness.pixels)[inside].max() < 0.1
    true = (phantom.scatter.pixels / phantom.image.pixels)[inside].mean()
    assert out.scatter_fraction == pytest.approx(true, abs=1e-3)
    assert out.thickness.unit == "mm"
    assert out.warnings == ()
    assert out.field_ratio == pytest.approx(1, abs=0.005)


def test_a_finer_image_and_a_coarse_work_grid_give_the_same(phantom):
    fine = scatter_phantom(rng=np.random.default_rng(0), size_px=640, pixel_mm=0.64)
    out = virtual_grid(fine.image, i0=fine.i0, mu_per_mm=fine.mu_per_mm)
    assert body_error(out, fine) < 0.006
    assert out.image.shape == (640, 640)


def test_a_picture_of_unequal_sides_and_spacings(phantom, known):
    """Pixels twice as tall and an odd number of columns: the maps stay where they are."""
    tall = phantom.image.pixels[:, :-5].reshape(128, 2, 251).mean(1)
    out = virtual_grid(Image(tall, (3.2, 1.6), meaning="linear exposure"), **known)
    primary = phantom.primary.pixels[:, :-5].reshape(128, 2, 251).mean(1)
    thick = phantom.thickness.pixels[::2, :-5] > 150
    assert np.median(np.abs(out.primary.pixels / primary - 1)[thick]) < 0.005


@pytest.mark.parametrize("ratio", GRIDS)
def test_contrast_is_that_behind_the_grid(phantom, known, ratio):
    tp, ts = GRIDS[ratio]
    true = phantom.image.with_pixels(tp * phantom.primary.pixels + ts * phantom.scatter.pixels)
    assert discs(virtual_grid(phantom.image, grid_ratio=ratio, **known).image) == pytest.approx(discs(true), rel=0.01)


def test_contrast_rises_with_the_grid_ratio(phantom, known):
    contrasts = [discs(virtual_grid(phantom.image, grid_ratio=r, **known).image) for r in GRIDS]
    assert [discs(phantom.image), *contrasts] == sorted({discs(phantom.image), *contrasts})


def test_parts_add_up_to_the_input(phantom):
    noisy = scatter_phantom(rng=np.random.default_rng(1), quanta_per_pixel=2000).image
    out = virtual_grid(noisy, i0=10_000)
    assert np.abs(out.primary.pixels + out.scatter.pixels - noisy.pixels).max() <= 1e-6 * noisy.pixels.max()
    assert out.primary.pixels.min() >= 0
    assert out.image.pixels.min() >= 0


def test_a_shorter_distance_than_set_thins_the_body_and_lowers_contrast(phantom):
    """Booklet: the detector receives more than expected, thickness is underestimated, contrast comes out too low."""
    mu = phantom.mu_per_mm
    settings = {"kv": 90, "response_per_ugy": 1.0, "mu_per_mm": mu}
    mas = phantom.i0 / (yield_ugy_per_mas(90) * (100 / 160) ** 2)
    right = virtual_grid(phantom.image, sid_cm=160, mas=mas, **settings)
    wrong = virtual_grid(phantom.image, sid_cm=180, mas=mas, **settings)
    assert right.i0 == pytest.approx(phantom.i0, rel=1e-6)
    assert wrong.i0 == pytest.approx(phantom.i0 * (160 / 180) ** 2, rel=1e-6)
    thick = phantom.thickness.pixels > 190
    fall_mm = right.thickness.pixels[thick].mean() - wrong.thickness.pixels[thick].mean()
    assert fall_mm > 2 * np.log(180 / 160) / mu  # the primary's share alone; the rest is scatter taken as primary
    assert discs(wrong.image) < 0.985 * discs(right.image)
    assert right.warnings == ()
    assert "too thin" in wrong.warnings[0].en
    assert wrong.field_ratio == pytest.approx((180 / 160) ** 2, rel=0.01)


def test_a_longer_distance_than_set_is_told_as_well(phantom):
    out = virtual_grid(phantom.image, i0=phantom.i0 * 1.3, mu_per_mm=phantom.mu_per_mm)
    assert "too thick" in out.warnings[0].en
    assert "過大" in out.warnings[0].ja


def test_without_an_open_field_nothing_is_claimed(phantom):
    inside = Image(phantom.image.pixels[60:196, 60:196], (1.6, 1.6), meaning="linear exposure")
    out = virtual_grid(inside, i0=phantom.i0, mu_per_mm=phantom.mu_per_mm)
    assert out.field_ratio is None
    assert out.warnings == ()


def test_without_settings_the_brightest_field_serves_and_it_is_said(phantom, known):
    out = virtual_grid(phantom.image, mu_per_mm=phantom.mu_per_mm)
    assert out.i0 == pytest.approx(phantom.i0, rel=0.02)
    assert "brightest field" in out.warnings[0].en


def test_other_settings_of_the_same_scale_give_the_same(phantom, known):
    """Twice the pixel value and twice I0: everything in mm stays, exposures double."""
    once = virtual_grid(phantom.image, **known)
    twice = virtual_grid(phantom.image.with_pixels(2 * phantom.image.pixels), **(known | {"i0": 2 * phantom.i0}))
    np.testing.assert_allclose(twice.thickness.pixels, once.thickness.pixels, atol=1e-3)
    np.testing.assert_allclose(twice.image.pixels, 2 * once.image.pixels, rtol=1e-4)


def test_no_body_gives_the_beam_through_the_grid():
    beam = Image(np.full((40, 50), 100, np.uint16), (2.0, 2.0), meaning="linear exposure")
    out = virtual_grid(beam, i0=100, grid_ratio="8:1")
    assert out.image.pixels == pytest.approx(70)
    assert out.scatter.pixels.max() == 0
    assert out.scatter_fraction == 0


def test_own_transmissions_replace_those_of_the_ratio(phantom, known):
    out = virtual_grid(phantom.image, primary_transmission=0.5, scatter_transmission=0.0, **known)
    np.testing.assert_allclose(out.image.pixels, 0.5 * out.primary.pixels, rtol=1e-6)


def test_history_and_input(phantom):
    before = phantom.image.pixels.copy()
    out = virtual_grid(phantom.image, i0=phantom.i0)
    assert [str(s).split("(")[0] for s in out.scatter.history] == ["scatter_phantom", "virtual_grid"]
    assert np.array_equal(before, phantom.image.pixels)


@pytest.mark.parametrize(
    ("image", "options", "code"),
    [
        (Image(np.ones((40, 40)), (1.0, 1.0), meaning="display"), {}, "G-PRC-210"),
        (Image(np.ones((40, 40)), (1.0, 1.0)), {"mas": 2.0}, "G-PRC-211"),
        (Image(np.ones((40, 40)), (1.0, 1.0)), {"response_per_ugy": 2.0}, "G-PRC-211"),
        (Image(np.zeros((40, 40)), (1.0, 1.0)), {}, "G-PRC-212"),
        (Image(np.ones((40, 40))), {}, "G-IMG-003"),
        (Image(np.full((40, 40), np.nan), (1.0, 1.0)), {}, "G-PRC-202"),
        (Image(np.ones((40, 40, 3)), (1.0, 1.0), colour=True), {}, "G-PRC-201"),
        (Image(np.ones((1, 1)), (1.0, 1.0)), {}, "G-PRC-201"),
    ],
)
def test_what_cannot_be_done_is_said(image, options, code):
    with pytest.raises(GazoError, match=code) as caught:
        virtual_grid(image, **options)
    assert isinstance(caught.value, ImageError | OptionError)


@pytest.mark.parametrize(("ratio", "improvement"), [("6:1", 1.70), ("8:1", 1.90), ("10:1", 2.03), ("12:1", 2.10)])
def test_grid_factors_follow_their_definitions(ratio, improvement):
    tp, ts = GRIDS[ratio]
    spr = 1.61  # scatter fraction 0.617
    found = grid_factors(primary_transmission=tp, scatter_transmission=ts, scatter_to_primary=spr)
    assert found.contrast_improvement.value == pytest.approx(improvement, abs=0.01)
    assert found.exposure_factor.value == pytest.approx((1 + spr) / (tp + ts * spr))
    assert found.selectivity.value == pytest.approx(tp / ts)
    assert found.improvement_factor.value == pytest.approx(tp * found.contrast_improvement.value)


def test_a_grid_that_passes_everything_changes_nothing():
    found = grid_factors(primary_transmission=1.0, scatter_transmission=1.0, scatter_to_primary=3.0)
    assert {found.exposure_factor.value, found.contrast_improvement.value, found.improvement_factor.value} == {1}


def test_the_table_of_beams_against_published_attenuation():
    """NIST: water 0.2683 /cm at 40 keV, 0.2059 at 60 keV; the mean energies of 80 and 120 kV behind 3 mm Al are near these."""
    assert water_mu_per_mm(80) == pytest.approx(0.02683, rel=0.05)
    assert 0.02059 < water_mu_per_mm(120) < 0.02683
    assert yield_ugy_per_mas(120) / yield_ugy_per_mas(60) == pytest.approx(2**1.82, rel=0.02)


def test_the_kernel_has_unit_integral_and_its_width():
    axis = np.arange(-800, 801) * 1.0
    kernel = exponential_kernel(np.hypot(axis[:, None], axis), 25.0)
    assert kernel.sum() == pytest.approx(1, abs=1e-3)
    assert exponential_kernel(np.array([25 * np.log(2)]), 25.0)[0] == pytest.approx(kernel.max() / 2)
    assert scatter_to_primary(np.array([0.0, 200.0]), 2.0).tolist() == [0, 2]
    assert wide_share(np.array([0.0, 150.0, 600.0])).tolist() == [0, 0.5, 1]


def test_scatter_on_a_reduced_grid_is_near_the_exact_one():
    """A work grid of 0.8 mm is finer than scatter needs; it is convolved at 1.6 mm."""
    fine = scatter_phantom(rng=np.random.default_rng(0), size_px=400, pixel_mm=0.8)
    out = virtual_grid(fine.image, i0=fine.i0, mu_per_mm=fine.mu_per_mm, work_mm=0.8, iterations=15)
    inside = fine.thickness.pixels > 20
    assert np.abs(out.scatter.pixels / fine.scatter.pixels - 1)[inside].max() < 3e-3
    assert body_error(out, fine) < 1e-3
