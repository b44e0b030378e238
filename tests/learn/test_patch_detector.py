"""The patch network: laid over an image it says what it says of each patch; its feed, its training, its errors."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.learn import Protocol, load
from gazo.learn.detect.dense import dense_map, patch_scores
from gazo.learn.detect.patch_detector import PatchDetector
from gazo.learn.detect.patch_feed import PatchFeed, cuts_at, random_points
from gazo.learn.detect.patch_network import PatchNetwork
from gazo.phantoms.calcifications import microaneurysm_images
from gazo.training.augment import NO_AUGMENTATION

SMALL = {"epochs": 2, "patches": 64, "batch_size": 16, "width": 4, "candidates": 20, "patch_px": 20, "device": "cpu"}


@pytest.fixture(scope="module")
def images():
    return microaneurysm_images(seed=0, images=8, size_px=128, contrast=5.0)


@pytest.fixture(scope="module")
def cases(images):
    with PatchDetector(**SMALL).cases(images) as cases:
        yield cases


def network(patch_px, channels=2):
    import torch

    torch.manual_seed(0)
    net = PatchNetwork(channels=channels, patch_px=patch_px, width=6)
    for layer in net.normalisations:
        layer.running_mean.normal_()
        layer.running_var.uniform_(0.5, 2)
    return net.eval()


@pytest.mark.parametrize(("patch_px", "stride"), [(32, 1), (32, 2), (32, 4), (20, 1), (24, 2), (40, 1)])
def test_the_dense_map_is_the_looped_one(patch_px, stride):
    channels = np.random.default_rng(0).normal(size=(2, 43, 38)).astype(np.float32)
    net = network(patch_px)
    places = np.argwhere(np.ones((43, 38)))
    looped = patch_scores(net, channels, places).reshape(43, 38)[::stride, ::stride]
    assert np.abs(dense_map(net, channels, stride=stride) - looped).max() < 1e-5
    assert looped.std() > 1e-3


def test_bands_do_not_show(monkeypatch):
    from gazo.learn.detect import dense

    channels = np.random.default_rng(1).normal(size=(2, 50, 30)).astype(np.float32)
    whole = dense_map(network(20), channels, stride=2)
    monkeypatch.setattr(dense, "BAND_PX", 16)
    assert dense_map(network(20), channels, stride=2) == pytest.approx(whole, abs=1e-6)


def test_the_patch_of_a_place_has_it_in_the_middle(cases):
    """Pixel side / 2 of the patch is the place itself, at the border mirrored."""
    raw = cases.channels(0, "none")[0]
    points = np.array([[60, 70], [0, 127]])
    cut = cuts_at(cases, [(0, points)], "none", 20)
    assert cut.patches.shape == (2, 1, 30, 30)
    assert cut.patches[:, 0, 15, 15].tolist() == raw[[60, 0], [70, 127]].tolist()
    assert cut.patches[1, 0, 14, 15] == raw[0, 127]


def test_batches_hold_as_many_patches_with_a_lesion_as_without_and_repeat_exactly(cases):
    row = next(int(r) for r in cases.usable if len(cases.truth[int(r)]))
    lesions = cuts_at(cases, [(row, cases.lesion_points(row))], "none", 20)
    others = cuts_at(cases, [(row, random_points(cases, row, 30, np.random.default_rng(0)))], "none", 20)
    feed = PatchFeed(lesions, (others, cuts_at(cases, [], "none", 20)), 20, 16, 48, 0, NO_AUGMENTATION)
    batches = list(feed.epoch(3))
    assert [float(batch.targets.sum()) for batch in batches] == [8, 8, 8]
    centres = {float(patch[0, 10, 10]) for batch in batches for patch in batch.images[:8]}
    assert centres <= {float(value) for value in lesions.patches[:, 0, 15, 15]}
    assert (next(iter(feed.epoch(3))).images == batches[0].images).all()
    assert (next(iter(feed.epoch(4))).images != batches[0].images).any()


def test_random_places_lie_away_from_lesions_and_edges(cases):
    for row in map(int, cases.usable):
        points = random_points(cases, row, 50, np.random.default_rng(0))
        assert not cases.hit(row, points).any()
        assert cases.inside(row)[tuple(points.T)].all()


@pytest.mark.slow
def test_it_learns_to_find_dark_spots_is_stored_and_says_the_same_again(images, tmp_path):
    spec = PatchDetector(**SMALL | {"epochs": 8, "patches": 256, "passes": 2, "width": 6})
    study = spec.study(images, Protocol(evaluation="folds", folds=2), seed=0, folder=tmp_path)
    assert study.froc[0].sensitivity_at(8) > 0.8
    assert study.metrics[0].low <= study.metrics[0].value <= study.metrics[0].high
    fitted = load(tmp_path)
    assert len(fitted.nets) == 2
    table = fitted.predict(images.take([1]))
    again = load(fitted.save(tmp_path / "copy")).predict(images.take([1]))
    assert table.rows == again.rows
    assert len(fitted.explain(images.take([1, 2])).images) == 2
    resumed = spec.study(images, Protocol(evaluation="folds", folds=2), seed=0, folder=tmp_path)
    assert resumed.predictions == study.predictions


def test_what_lies_outside_the_mask_is_black_and_has_no_findings():
    """Blanking (D6): the same image with other things outside the mask is seen alike."""
    rng = np.random.default_rng(0)
    pixels = rng.normal(100, 3, (2, 128, 128)).astype(np.float32)
    mask = np.zeros((2, 128, 128), np.uint8)
    mask[:, 20:100, 30:110] = 1
    pixels[1] = np.where(mask[1] > 0, pixels[0], rng.normal(500, 90, (128, 128)))
    images = ImageSet.from_arrays(pixels, masks=mask, boxes=[[(50, 50, 10, 10)]] * 2)
    with PatchDetector(**SMALL, blank="mask").cases(images) as cases:
        assert cases.channels(1, "both") == pytest.approx(cases.channels(0, "both"), abs=0.02)
        assert (cases.channels(0, "none")[0][mask[0] == 0] == 0).all()
        assert all(mask[0][tuple(cases.points[row].T)].all() for row in (0, 1))


def test_bad_input_is_refused_with_words(images):
    with pytest.raises(GazoError, match="G-CAD-020"):
        PatchDetector(patch_px=30).preflight(images, Protocol(), seed=0)
    with pytest.raises(GazoError, match="G-LEARN-061"):
        PatchDetector(blank="mask").preflight(images, Protocol(), seed=0)
    empty = ImageSet.from_arrays(np.zeros((3, 64, 64)), boxes=[[], [], []])
    with pytest.raises(GazoError, match="G-LEARN-054"):
        PatchDetector(**SMALL).preflight(empty, Protocol(), seed=0)
    small = ImageSet.from_arrays(np.zeros((2, 24, 24)), boxes=[[(3, 3, 4, 4)]] * 2)
    with pytest.raises(GazoError, match=r"G-CAD-013.*at least 8 times"):
        PatchDetector(**SMALL).cases(small)
    one = ImageSet.from_arrays(np.random.default_rng(0).normal(size=(1, 96, 96)), boxes=[[(40, 40, 9, 9)]])
    with pytest.raises(GazoError, match="G-CAD-030"):
        PatchDetector(**SMALL).fit(one, seed=0, validation_share=0)


def test_colour_of_16_bits_planes_and_broken_pixels():
    from gazo.core.image import Image
    from gazo.learn.detect.candidates_planes import planes_of

    rng = np.random.default_rng(0)
    colour = rng.integers(0, 65536, (96, 96, 3)).astype(np.uint16)
    spec = PatchDetector(**SMALL)
    planes = planes_of(Image(colour, colour=True), spec)
    assert planes.colours.max() <= 1
    green = planes_of(Image(colour[..., 1]), spec)
    assert (planes.raw == green.raw).all()
    for pixels, code in ((np.zeros((4, 96, 96)), "G-CAD-011"), (np.full((96, 96), np.nan), "G-CAD-012")):
        with pytest.raises(GazoError, match=code):
            planes_of(Image(pixels), spec)
