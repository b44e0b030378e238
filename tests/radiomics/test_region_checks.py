"""What is said about a region that cannot be measured, or only with care."""

import numpy as np
import pytest

from gazo.core import DataError, Image, ImageError, OptionError
from gazo.radiomics import features

RNG = np.random.default_rng(1)
VOLUME = Image(RNG.normal(0, 100, (12, 14, 16)), spacing_mm=(1.0, 1.0, 1.0), origin_mm=(0.0, 0.0, 0.0))


def mask(*boxes, value=1, spacing_mm=(1.0, 1.0, 1.0), **more):
    pixels = np.zeros((12, 14, 16), np.uint8)
    for box in boxes or (np.s_[3:9, 3:9, 3:9],):
        pixels[box] = value
    return Image(pixels, spacing_mm=spacing_mm, **more)


def said(result):
    return " ".join(warning.en for warning in result.warnings)


def test_a_sound_region_has_no_warning():
    assert features(VOLUME, mask(), families=("statistics",)).warnings == ()


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (mask(np.s_[1:6, 1:6, 1:6], np.s_[7:11, 7:13, 7:13]), "2 separate parts"),
        (mask(np.s_[0:6, 3:9, 3:9]), "border"),
        (mask(np.s_[3:6, 3:6, 3:6]), "27 voxels"),
    ],
)
def test_warnings(region, words):
    assert words in said(features(VOLUME, region, families=("statistics",)))


def test_unequal_sides_and_a_narrow_range_are_told():
    slices = VOLUME.with_spacing(5.0, 1.0, 1.0)
    assert "unequal sides" in said(features(slices, mask(spacing_mm=None), families=("statistics",)))
    assert "unequal" not in said(features(slices, mask(spacing_mm=None), families=("statistics",), grid_mm=1.0))
    assert "% of the region" in said(features(VOLUME, mask(), families=("statistics",), lowest=50.0))


@pytest.mark.parametrize(
    ("region", "error", "code"),
    [
        (Image(np.zeros((12, 14, 16), np.uint8)), DataError, "G-RAD-010"),
        (Image(np.ones((12, 14, 15), np.uint8)), ImageError, "G-RAD-013"),
        (mask(spacing_mm=(1.0, 1.0, 1.2)), ImageError, "G-RAD-014"),
        (mask(origin_mm=(0.0, 0.0, 2.5)), ImageError, "G-RAD-014"),
    ],
)
def test_what_does_not_fit_is_refused(region, error, code):
    with pytest.raises(error, match=code):
        features(VOLUME, region)


def test_a_label_chooses_the_region():
    pixels = np.zeros((12, 14, 16), np.uint8)
    pixels[2:6, 3:9, 3:9], pixels[7:10, 3:9, 3:9] = 1, 2
    both = Image(pixels, spacing_mm=(1.0, 1.0, 1.0))
    one = features(VOLUME, both, label=2, families=("statistics",))
    assert one.region.rows[0][1] == 3 * 6 * 6
    with pytest.raises(DataError, match="G-RAD-010"):
        features(VOLUME, both, label=3)


def test_values_and_kinds_of_images_that_cannot_be_measured():
    broken = VOLUME.pixels.copy()
    broken[4, 4, 4] = np.nan
    with pytest.raises(DataError, match="G-RAD-011"):
        features(VOLUME.with_pixels(broken), mask())
    colour = Image(np.zeros((12, 14, 16, 3), np.uint8), colour=True, spacing_mm=(1.0, 1.0, 1.0))
    with pytest.raises(ImageError, match="G-RAD-012"):
        features(colour, mask())
    with pytest.raises(ImageError, match="G-IMG-003"):
        features(Image(VOLUME.pixels), mask(spacing_mm=None))
    plane = Image(VOLUME.pixels[5], spacing_mm=(1.0, 1.0))
    with pytest.raises(OptionError, match="G-RAD-007"):
        features(plane, Image(mask().pixels[5]), aggregations=("3D_avg",))


def test_a_radiograph_is_measured_in_its_plane():
    plane = Image(VOLUME.pixels[5], spacing_mm=(0.2, 0.2))
    found = features(plane, Image(mask().pixels[5]), preset="radiograph")
    assert {row[0] for row in found.features.rows} >= {"cm_contrast_2D_avg", "szm_sze_2D", "stat_mean"}
    assert "mm²" in found.conclusion.en


def test_presets_say_what_they_do():
    found = features(VOLUME, mask(), preset="ct-lung", families=("statistics",))
    settings = dict(found.settings.rows)
    assert (settings["lowest"], settings["highest"], settings["bin_size"], settings["rounding"]) == (-1000, 400, 25, True)
    assert "[-1000, 400]" in found.sentence.en
    changed = features(VOLUME, mask(), preset="ct-lung", families=("statistics",), bin_size=10.0, lowest=-500.0)
    assert dict(changed.settings.rows)["bin_size"] == 10
