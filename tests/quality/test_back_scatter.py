"""The ratio map of exposures without and with a shield recovers the share of back-scatter."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.phantoms import back_scatter_pair
from gazo.quality import back_scatter


@pytest.fixture(scope="module")
def pairs():
    return [back_scatter_pair(rng=np.random.default_rng(n)) for n in range(3)]


@pytest.fixture(scope="module")
def measured(pairs):
    return back_scatter([p.image for p in pairs], [p.shielded for p in pairs])


def test_the_share_and_the_map_are_recovered(pairs, measured):
    found = measured
    share, left = pairs[0].share.pixels, pairs[0].shielded_share.pixels
    truth = (1 + share) / (1 + left)
    assert found.share.value == pytest.approx(100 * (truth.mean() - 1), abs=0.02)
    step = round(10 / pairs[0].image.spacing_mm[0])
    rows, columns = found.ratio.values.shape
    want = truth[step // 2 :: step, step // 2 :: step][1:-1, 1:-1]
    got = found.ratio.values[1 : rows - 1, 1 : columns - 1]
    assert np.abs(got - want).max() < 0.006
    assert np.corrcoef(got.ravel(), want.ravel())[0, 1] > 0.99
    assert found.lowest.value < found.share.value < found.highest.value


def test_profiles_have_bands_that_hold_the_truth(pairs, measured):
    found = measured
    truth = (1 + pairs[0].share.pixels) / (1 + pairs[0].shielded_share.pixels)
    third = len(truth) // 3
    for curve, profile in zip(
        found.profiles, (truth[third : 2 * third].mean(0), truth[:, third : 2 * third].mean(1)), strict=True
    ):
        inner = slice(10, -10)
        assert curve.y[inner] == pytest.approx(profile[inner], abs=0.004)
        assert ((curve.low <= profile) & (profile <= curve.high))[inner].mean() > 0.8
    single = back_scatter([pairs[0].image], [pairs[0].shielded])
    assert single.profiles[0].low is None


def test_more_lead_leaves_less():
    shares = []
    for lead in (0.0, 0.05, 0.2):
        pair = back_scatter_pair(rng=np.random.default_rng(0), size_px=128, lead_mm=lead, frame_percent=0.0)
        none = back_scatter_pair(rng=np.random.default_rng(1), size_px=128, lead_mm=5.0, frame_percent=0.0)
        shares.append(back_scatter([pair.shielded], [none.shielded]).share.value)
    assert shares[1] / shares[0] == pytest.approx(np.exp(-2 * 5.699 * 0.05), abs=0.03)
    assert shares[2] / shares[0] == pytest.approx(np.exp(-2 * 5.699 * 0.2), abs=0.03)


def test_a_reference_takes_out_the_tube(pairs):
    pair = back_scatter_pair(rng=np.random.default_rng(4), size_px=128, spread_mm=20.0)
    brighter = pair.image.with_pixels(pair.image.pixels * 1.05)
    corner = (0, 15, 0, 15)
    plain = back_scatter([pair.image], [pair.shielded], reference=corner).share.value
    assert back_scatter([brighter], [pair.shielded], reference=corner).share.value == pytest.approx(plain, abs=1e-6)
    assert back_scatter([brighter], [pair.shielded]).share.value > plain + 4


def test_the_spectrum_is_higher_with_a_support_behind():
    with_support, without = (
        back_scatter([p.image], [p.shielded])
        for p in (back_scatter_pair(rng=np.random.default_rng(0), frame_percent=f, share_percent=4.0) for f in (4.0, 0.0))
    )
    low = (with_support.spectrum.x > 0.004) & (with_support.spectrum.x < 0.015)  # periods of 70 to 250 mm
    assert with_support.spectrum.y[low].sum() > 10 * without.spectrum.y[low].sum()
    assert with_support.spectrum.x.max() <= 0.5 / 9.57 + 1e-9  # 1 / (2 x 10 mm, in whole pixels)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda i: back_scatter([i], [i.with_pixels(0 * i.pixels)]), "G-QUA-328"),
        (lambda i: back_scatter([i], [i], reference=(5, 5, 0, 9)), "G-QUA-329"),
        (lambda i: back_scatter([i], [Image(np.ones((9, 9)), (1.0, 1.0))]), "G-QUA-303"),
        (lambda i: back_scatter([Image(i.pixels)], [i]), "G-IMG-003"),
        (lambda i: back_scatter([], [i]), "G-QUA-302"),
    ],
)
def test_unfit_input_is_refused(pairs, call, code):
    with pytest.raises(GazoError, match=code):
        call(pairs[0].image)
