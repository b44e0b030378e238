"""EI and DI: the definition of IEC 62494-1, and what may not change them (acceptance F12)."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.results import from_json, to_json
from gazo.phantoms import exposed_chest
from gazo.quality import deviation_index, exposure_index


@pytest.fixture(scope="module")
def chest():
    return exposed_chest(rng=np.random.default_rng(0), open_kerma_ugy=20.0)


def test_one_microgray_is_an_index_of_100():
    rng = np.random.default_rng(0)
    flat = Image(rng.normal(1.0, 0.01, (200, 200)), meaning="linear exposure", unit="µGy")
    found = exposure_index(flat, Image(np.ones((200, 200), np.uint8)))
    assert found.index.value == pytest.approx(100, rel=1e-3)
    assert found.index.low <= found.index.value <= found.index.high
    assert found.index.high - found.index.low < 0.3


def test_doubling_the_kerma_doubles_ei_and_adds_3_01_to_di(chest):
    twice = chest.image.with_pixels(chest.image.pixels * 2)
    one, two = (exposure_index(image, target_index=250.0) for image in (chest.image, twice))
    assert two.index.value / one.index.value == pytest.approx(2, rel=1e-6)
    assert two.deviation.value - one.deviation.value == pytest.approx(10 * np.log10(2), abs=1e-6)


def test_a_second_exposure_of_twice_the_kerma_doubles_ei():
    one, two = (exposed_chest(rng=np.random.default_rng(5), open_kerma_ugy=k) for k in (10.0, 20.0))
    assert exposure_index(two.image).index.value / exposure_index(one.image).index.value == pytest.approx(2, rel=0.01)


def test_the_display_has_no_part_in_it(chest):
    """Window, inversion and processed copies change nothing; a processed image itself is refused."""
    before = exposure_index(chest.image).index
    dressed = chest.image.with_pixels(chest.image.pixels, window=(3.0, 1.0), inverted=True)
    assert exposure_index(dressed).index == before
    sharp = chest.image.pixels + 2 * (chest.image.pixels - gaussian_filter(chest.image.pixels, 3))
    shown = Image(np.round(sharp * 100).astype(np.uint16), meaning="display")
    with pytest.raises(GazoError, match="G-QUA-312"):
        exposure_index(shown)


def test_the_index_is_that_of_the_true_region(chest):
    truth = 100 * np.median(chest.image.pixels[chest.anatomy.pixels > 0])
    assert exposure_index(chest.image).index.value == pytest.approx(truth, rel=0.02)
    assert exposure_index(chest.image, chest.anatomy).index.value == pytest.approx(truth, rel=1e-6)


def test_collimation_and_direct_exposure_do_not_count(chest):
    """A mask over everything gives another index, so leaving them out matters."""
    everything = exposure_index(chest.image, Image(np.ones(chest.image.shape, np.uint8)))
    assert abs(everything.index.value / exposure_index(chest.image).index.value - 1) > 0.1


def test_stored_values_need_their_slope(chest):
    stored = Image(chest.image.pixels * 500, meaning="stored")
    with pytest.raises(GazoError, match="G-QUA-315"):
        exposure_index(stored)
    assert exposure_index(stored, ugy_per_value=1 / 500).index.value == pytest.approx(
        exposure_index(chest.image).index.value, rel=1e-4
    )


def test_a_region_without_dose_is_refused(chest):
    with pytest.raises(GazoError, match="G-QUA-313"):
        exposure_index(chest.image.with_pixels(chest.image.pixels - 1000), chest.anatomy)


def test_the_range_tells_how_much_rests_on_the_edge_of_the_region():
    """100 inside, 50 in a frame of 5 % of the side: the range begins at the whole region and ends at the inner part."""
    pixels = np.full((200, 200), 0.5)
    pixels[10:190, 10:190] = 1.0
    found = exposure_index(Image(pixels, meaning="linear exposure", unit="µGy"), Image(np.ones((200, 200))), central="mean").index
    assert found.value == found.low == pytest.approx(50 + 50 * 0.81)
    assert found.high == pytest.approx(100)


def test_the_picture_and_the_sentence_tell_how(chest):
    found = exposure_index(chest.image)
    assert found.shown.images[0].ndim == 3
    assert len(np.unique(found.shown.images[0].reshape(-1, 3), axis=0)) > 10
    assert "100 /µGy" in found.sentence.en
    assert "自動認識" in found.sentence.ja
    assert from_json(to_json(found)).index == found.index


def test_deviation_index_is_ten_logarithms():
    found = deviation_index(exposure_indices=(250.0, 500.0, 125.0, 2500.0, 260.0, 240.0, 250.0), target_index=250.0)
    assert [row[1] for row in found.exposures.rows[:4]] == pytest.approx([0, 3.0103, -3.0103, 10], abs=1e-4)
    assert found.median.value == pytest.approx(0, abs=1e-12)
    assert found.median.low < 0 < found.median.high
    assert sum(row[1] for row in found.bands.rows) == 7
    assert [row[1] for row in found.bands.rows] == [4, 0, 0, 3]
    assert "3 of 7" in found.warnings[0].en
    single = deviation_index(exposure_indices=(300.0,), target_index=250.0)
    assert single.median.low is None


@pytest.mark.parametrize("indices", [(), (0.0,), (float("nan"),), (-5.0, 3.0)])
def test_indices_above_zero_are_needed(indices):
    with pytest.raises(GazoError, match="G-QUA-314"):
        deviation_index(exposure_indices=indices, target_index=250.0)
