"""Noise of CT images: the Catphan's published integral, ramp noise, subtraction of two scans."""

import json

import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.phantoms import noise_field
from gazo.quality import ct_nps, ct_nps_3d


def ramp(seed, size_px=256, **options):
    return noise_field(rng=np.random.default_rng(seed), size_px=size_px, pixel_mm=0.5, kind="ramp", variance=144.0, **options)


def slices(count, seed=0, size_px=256):
    return [
        ramp([seed, n], size_px).image.with_pixels(ramp([seed, n], size_px).image.pixels, meaning="HU", unit="HU")
        for n in range(count)
    ]


def test_catphan_integral_and_curve(shared):
    from gazo.io import read

    folder = shared / "reference" / "image_quality" / "ct_catphan504"
    expected = json.loads((folder / "nps_expected.json").read_text("utf-8"))
    found = ct_nps([read(folder / "ctp486_slice12.dcm")], layout="grid", centre="image", detrend="mean")
    assert found.volume.value == pytest.approx(expected["integral_equals_variance_HU2"], rel=1e-9)
    assert found.variance.value == pytest.approx(expected["integral_equals_variance_HU2"], rel=1e-9)
    assert found.standard_deviation.value == pytest.approx(np.sqrt(700.1265246735679), rel=1e-9)
    rings = np.round(np.hypot(found.surface.y[:, None], found.surface.x) / expected["radial_bin_width_per_mm"]).astype(int)
    curve = np.bincount(rings.ravel(), found.surface.values.ravel()) / np.bincount(rings.ravel())
    assert np.allclose(curve[:33], expected["nps_radial_HU2mm2"], rtol=1e-9, atol=1e-9)
    assert np.allclose(found.radial.y, expected["nps_radial_HU2mm2"][1:33], rtol=1e-9)
    peer = expected["peer"]  # another trend (cubic) and axis: the middle of the curve only
    assert np.interp(peer["freq_per_mm"][6:22], found.radial.x, found.radial.y) == pytest.approx(peer["nps"][6:22], rel=0.15)


def test_ramp_noise_has_its_peak_where_it_was_put():
    found = ct_nps(slices(12), centre="image", radius_mm=40.0)
    step = 1 / (64 * 0.5)
    truth = ramp(0)
    f = np.fft.fftfreq(256, 0.5)[:128]
    peak = f[np.argmax(truth.spectrum[0, :128])]
    assert found.peak_frequency_per_mm.value == pytest.approx(peak, abs=step)
    assert found.peak_frequency_per_mm.low <= peak + step / 2
    assert found.peak_frequency_per_mm.high >= peak - step / 2
    expected = (f * truth.spectrum[0, :128]).sum() / truth.spectrum[0, :128].sum()
    assert found.mean_frequency_per_mm.value == pytest.approx(expected, rel=0.03)
    assert found.volume.value == pytest.approx(144, rel=0.01 + 3 * 0.005)
    assert found.volume.value == pytest.approx(found.variance.value, rel=0.01)
    assert found.standard_deviation.unit == "HU"


def test_the_difference_of_two_scans_has_no_structure():
    y, x = np.mgrid[:256, :256]
    rings = 60 * np.sin(np.hypot(y - 128, x - 128) / 4)
    first, second = ([s.with_pixels(s.pixels + rings) for s in slices(6, seed)] for seed in (1, 2))
    alone, apart = ct_nps(first, centre="image", radius_mm=35.0), ct_nps(first, second, centre="image", radius_mm=35.0)
    assert apart.volume.value == pytest.approx(144, rel=0.05)
    assert alone.volume.value > 1000
    assert "difference of two scans" in apart.sentence.en
    for few, many in ((first[:5], second), (first, second[:5])):
        with pytest.raises(DataError, match="G-QUA-231"):
            ct_nps(few, many, centre="image", radius_mm=35.0)


def test_regions_follow_the_phantom():
    y, x = np.mgrid[:256, :256]
    body = np.where(np.hypot(y - 150, x - 110) < 70, 0.0, -1000.0)
    image = slices(1)[0]
    found = ct_nps([image.with_pixels(image.pixels + body)], roi_px=32, radius_mm=20.0, detrend="mean")
    assert found.volume.value < 200
    assert abs(found.mean.value) < 5
    with pytest.raises(OptionError, match="G-QUA-233"):
        ct_nps([image], radius_mm=60.0)
    with pytest.raises(DataError, match="G-QUA-206"):
        ct_nps([image], regions=1, radius_mm=10.0)


def test_three_dimensions():
    rng = np.random.default_rng(4)
    made = [noise_field(rng=rng, size_px=96, planes=24, pixel_mm=0.5, plane_mm=1.0, variance=100.0) for _ in range(2)]
    found = ct_nps_3d([m.image for m in made], roi_px=32, regions=4, radius_mm=12.0, centre="image", detrend="mean")
    assert found.volume.value == pytest.approx(found.variance.value, rel=1e-12)
    assert found.volume.value == pytest.approx(100, rel=0.1)
    apart = ct_nps_3d([made[0].image], [made[1].image], roi_px=32, regions=4, radius_mm=12.0, centre="image", detrend="mean")
    assert apart.volume.value == pytest.approx(100, rel=0.1)
    with pytest.raises(DataError, match="G-QUA-232"):
        ct_nps_3d([m.image for m in made], [made[0].image], roi_px=32, regions=4, radius_mm=12.0)
    with pytest.raises(OptionError, match="G-QUA-223"):
        ct_nps_3d([made[0].image], roi_px=32, roi_planes=64, regions=4, radius_mm=12.0)
