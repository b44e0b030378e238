"""Every remedy learns, is stored and comes back; mixing works with each; blanking shows a network the mask alone."""

import numpy as np
import pytest

from gazo.core import DataError, ImageError, ImageSet
from gazo.learn import Classifier, Protocol, load
from gazo.learn.blanking import widened
from gazo.training.pixels import FULL, prepare, prepared_pixels

QUICK = {
    "network": "small_cnn", "size_px": 16, "epochs": 6, "learning_rate": 1e-2, "batch_size": 16, "device": "cpu",
    "rotation_deg": 0, "translation_percent": 0, "scale_percent": 0, "gamma_percent": 0, "drop": 0, "baseline": False,
}  # fmt: skip


def squares(common=48, rare=12):
    """Noise; the rare class has a bright square somewhere in the middle."""
    rng = np.random.default_rng(0)
    pixels = rng.normal(100, 10, (common + rare, 16, 16))
    for image, (row, column) in zip(pixels[common:], rng.integers(4, 9, (rare, 2)), strict=True):
        image[row : row + 4, column : column + 4] += 60
    return ImageSet.from_arrays(pixels, ["0"] * common + ["1"] * rare, np.arange(common + rare))


@pytest.mark.parametrize(
    "options",
    [
        {"balance": "weights"},
        {"balance": "class-balanced"},
        {"balance": "sampling"},
        {"loss": "focal", "focal_alpha": 0.75, "balance": "weights"},
        {"loss": "affinity", "affinity_centres": 2},
        {"loss": "affinity", "affinity_centres": 1, "mixing": 0.4, "balance": "class-balanced"},
        {"loss": "focal", "mixing": 0.4},
    ],
)
def test_each_remedy_learns_the_rare_class_and_comes_back_from_its_folder(options, tmp_path):
    images = squares()
    fitted = Classifier(**QUICK, **options).fit(images, seed=0, validation_share=0.3)
    table = fitted.predict(images)
    probabilities = np.array([row[2:] for row in table.rows])
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-6)
    truth = np.array([int(label) for label in images.role("label")])
    assert probabilities[truth == 1, 1].mean() > probabilities[truth == 0, 1].mean() + 0.1
    fitted.save(tmp_path)
    assert load(tmp_path).predict(images).rows == table.rows


def marked(n=12):
    """Noise in which only a square in the mask tells the class; outside, a bright corner tells it too well."""
    rng = np.random.default_rng(0)
    pixels = rng.uniform(50, 60, (n, 20, 20))
    masks = np.zeros((n, 20, 20), np.uint8)
    masks[:, 6:12, 6:12] = 255
    labels = np.arange(n) % 2
    pixels[labels == 1, :3, :3] = 250
    return ImageSet.from_arrays(pixels, [str(label) for label in labels], np.arange(n), masks=masks, spacing_mm=(0.5, 1.0))


def test_what_lies_outside_the_mask_is_exactly_zero_and_the_inside_untouched():
    images = marked()
    kept = Classifier(blank="mask").kept_of(images)
    with prepare(images, size_px=20, channels=1, kept_of=kept) as blanked, prepare(images, size_px=20, channels=1) as plain:
        a, b = blanked.read([1])[0, 0].numpy(), plain.read([1])[0, 0].numpy()
    inside = np.zeros((20, 20), bool)
    inside[6:12, 6:12] = True
    assert (a[~inside] == 0).all()
    np.testing.assert_array_equal(a[inside], b[inside])
    assert a[inside].min() > 0 or b[inside].min() == 0


def test_inverted_images_are_blanked_to_black_too():
    from gazo.core import Image

    image = Image(np.arange(16.0).reshape(4, 4), inverted=True)
    kept = np.eye(4, dtype=bool)
    found = prepared_pixels(image, size_px=4, channels=1, kept=kept)[0]
    assert (found[~kept] == 0).all()
    assert found[0, 0] == FULL


def test_a_margin_is_measured_in_millimetres_along_each_axis():
    mask = np.zeros((21, 21))
    mask[10, 10] = 1
    near = widened(mask, (0.5, 1.0), margin_mm=2.0)
    rows, columns = np.mgrid[:21, :21]
    np.testing.assert_array_equal(near, ((rows - 10) * 0.5) ** 2 + (columns - 10) ** 2 <= 4)
    np.testing.assert_array_equal(widened(mask, margin_px=3), (rows - 10) ** 2 + (columns - 10) ** 2 <= 9)
    np.testing.assert_array_equal(widened(mask), mask > 0)
    with pytest.raises(ImageError, match="G-LEARN-063"):
        widened(mask, None, margin_mm=2.0)


def test_a_network_that_may_not_see_the_shortcut_does_not_learn_it():
    """The corner that tells the class is outside the mask."""
    images = marked(24)
    free = Classifier(**QUICK).fit(images, seed=0, validation_share=0)
    held = Classifier(**QUICK, blank="margin", blank_margin_mm=1.0).fit(images, seed=0, validation_share=0)
    truth = images.role("label").astype(int)

    def gap(fitted):
        positive = np.array([row[3] for row in fitted.predict(images).rows])
        return positive[truth == 1].mean() - positive[truth == 0].mean()

    assert gap(free) > 0.5
    assert abs(gap(held)) < 0.25


def test_blanking_without_masks_or_with_empty_ones():
    images = marked()
    bare = ImageSet.from_arrays(np.zeros((4, 8, 8)), ["a", "b"] * 2)
    with pytest.raises(DataError, match="G-LEARN-061"):
        Classifier(blank="mask").preflight(bare, Protocol(), seed=0)
    with pytest.raises(DataError, match="G-LEARN-061"):
        Classifier(**QUICK, blank="mask").fit(bare, seed=0, validation_share=0)
    emptied = images.with_column("mask", [None, *images.role("mask")[1:]], "mask")
    with prepare(emptied, size_px=20, channels=1, kept_of=Classifier(blank="mask").kept_of(emptied)) as pixels:
        assert [fault.error.code for fault in pixels.faults] == ["G-LEARN-062"]
