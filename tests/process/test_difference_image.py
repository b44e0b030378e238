"""The difference image tells what was changed: edges in it, noise, halos, density; each pitfall of the booklet is warned of."""

import cv2
import numpy as np
import pytest

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.process import (
    difference_image,
    dynamic_range_compression,
    edge_leak,
    flexible_noise_control,
    multi_frequency_processing,
    unsharp_mask,
)
from gazo.process.edges import areas


def body(seed=0, sd=8.0, size=300):
    """Bones on a slope, with noise: a picture that every operation can be tried on."""
    y, x = np.mgrid[:size, :size] * 300 / size
    truth = 1000 + 4 * x + 400 * (np.hypot(x - 90, y - 150) < 40) - 500 * (np.abs(x - 215) < 18) * (y > 40)
    noise = np.random.default_rng(seed).normal(0, sd, truth.shape)
    return Image((cv2.GaussianBlur(truth, (0, 0), 0.7) + noise).astype(np.float32), spacing_mm=(0.15, 0.15))


def test_the_difference_is_processed_less_original():
    image = body()
    made = unsharp_mask(image)
    found = difference_image(image, made)
    assert np.array_equal(found.image.pixels, made.pixels - image.pixels)
    assert found.image.meaning == "quantity"
    assert found.image.history[-1].name == "difference_image"


def test_edges_and_flat_areas_are_where_they_are():
    found = areas(body().pixels)
    y, x = np.mgrid[:300, :300]
    ring = np.abs(np.hypot(x - 90, y - 150) - 40) < 1
    assert found.edges[ring].all()
    assert not found.flat[ring].any()
    assert found.flat.mean() > 0.6
    assert found.edges.mean() < 0.1


def test_pure_noise_taken_off_gives_index_1():
    image, other = body(), np.random.default_rng(10).normal(0, 5, (300, 300)).astype(np.float32)
    found = edge_leak(image, image.with_pixels(image.pixels - other))
    assert found.index.low < 1 < found.index.high
    assert found.index.value == pytest.approx(1, abs=0.05)
    assert found.on_flat.value == pytest.approx(5 * np.sqrt(2 / np.pi), rel=0.02)


def test_the_index_is_the_ratio_of_mean_changes():
    image = body(sd=2.0)
    found = areas(image.pixels)
    changed = image.with_pixels(image.pixels + np.where(found.edges, 6.0, -2.0).astype(np.float32))
    leak = edge_leak(image, changed)
    assert leak.index.value == pytest.approx(3.0, rel=1e-4)
    assert (leak.on_edges.value, leak.on_flat.value) == pytest.approx((6.0, 2.0), rel=1e-4)
    assert leak.shown.overlays[0].shape == (300, 300)
    assert "3.00" in leak.sentence.en
    assert "3.00" in leak.sentence.ja


WARNED = {
    "smoothing": (lambda i: i.with_pixels(cv2.GaussianBlur(i.pixels, (0, 0), 1.5)), "structure was lost"),
    "sharpening": (
        lambda i: unsharp_mask(i, amount=1.5, radius_mm=1.0, mask="gaussian", overshoot_limit=1.0),
        "of their contrast",
    ),
    "enhancement": (lambda i: multi_frequency_processing(i, gains=(3.0,) * 6), "elastic bands"),
    "high side": (
        lambda i: dynamic_range_compression(i, radius_mm=3.0, low_strength=0.0, high_strength=0.75, high_threshold=1200.0).image,
        "maximum density fell",
    ),
    "low side": (
        lambda i: dynamic_range_compression(i, radius_mm=3.0, low_strength=0.75, low_threshold=1800.0).image,
        "white areas turned dark",
    ),
    "negative": (lambda i: i.with_pixels(3000 - i.pixels), "turned into their negative"),
}


@pytest.mark.parametrize("kind", WARNED)
def test_too_much_is_warned_of(kind):
    process, words = WARNED[kind]
    image = body()
    found = difference_image(image, process(image))
    assert any(words in w.en for w in found.warnings), found.measures.rows
    assert all(w.ja and w.ja != w.en for w in found.warnings)


@pytest.mark.parametrize(
    "process",
    [
        lambda i: i,
        lambda i: unsharp_mask(i, amount=0.5, radius_mm=1.0),
        lambda i: multi_frequency_processing(i, amount=0.5),
        lambda i: flexible_noise_control(i, strength=0.5).image,
        lambda i: dynamic_range_compression(i, low_strength=0.2).image,
    ],
    ids=["nothing", "unsharp_mask", "multi_frequency", "noise_control", "compression"],
)
def test_moderate_settings_are_not_warned_of(process):
    image = body()
    assert difference_image(image, process(image)).warnings == ()


def test_images_without_edges_or_change():
    flat = Image(np.full((40, 40), 5.0))
    found = difference_image(flat, flat)
    assert found.edge_leak is None
    assert found.warnings == ()
    with pytest.raises(DataError, match="G-PRC-130"):
        edge_leak(flat, flat)
    image = body()
    with pytest.raises(DataError, match="G-PRC-131"):
        edge_leak(image, image)
    with pytest.raises(ImageError, match="G-PRC-203"):
        difference_image(image, flat)
