"""Losses, measures, planner, geometry and seams of segmentation, each against something known."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.learn.segment.cases import Look, in_geometry, inner_shape, network_mask, network_pixels, resized
from gazo.learn.segment.feed import corner_of, moved
from gazo.learn.segment.infer import mirrored_axes, shares_of, tidied
from gazo.learn.segment.labels import survey, with_masks
from gazo.learn.segment.losses import dice_loss, segmentation_loss
from gazo.learn.segment.measures import area_of, mask_measures, odds_counts
from gazo.learn.segment.plan import Fingerprint, SegmentationPlan, planned, pooling
from gazo.training.augment import Augmentation


def disc(size, radius, row, column):
    y, x = np.mgrid[:size, :size]
    return ((y - row) ** 2 + (x - column) ** 2 <= radius**2).astype(np.uint8)


def plan_of(patch, whole=False, **more):
    pools, kernels = pooling(patch, most=2)
    return SegmentationPlan(len(patch), whole, patch, 2, pools, kernels, **more)


# losses


def test_dice_loss_of_hand_computed_shares():
    import torch

    share = torch.tensor([0.8, 0.6, 0.1, 0.5])
    logits = torch.stack([torch.zeros(4), torch.log(share / (1 - share))])[None]
    targets = torch.tensor([[1, 1, 0, 0]])
    expected = 1 - 2 * (0.8 + 0.6) / (0.8 + 0.6 + 0.1 + 0.5 + 2)
    assert float(dice_loss(logits, targets, smooth=0)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("dims", [2, 3])
def test_dice_and_cross_entropy_as_monai_computes_them(pooled, dims):
    import torch
    from monai.losses import DiceCELoss

    torch.manual_seed(0)
    logits = torch.randn(3, 4, *(6, 7, 5)[:dims], dtype=torch.float64)
    targets = torch.randint(0, 4, (3, *(6, 7, 5)[:dims]))
    theirs = DiceCELoss(include_background=False, to_onehot_y=True, softmax=True, batch=pooled, smooth_nr=1e-5, smooth_dr=1e-5)(
        logits, targets[:, None]
    )
    ours = dice_loss(logits, targets, pooled=pooled) + torch.nn.functional.cross_entropy(logits, targets)
    assert float(ours) == pytest.approx(float(theirs), abs=1e-6)
    if pooled:
        assert float(segmentation_loss(logits, targets, kind="dice+ce", gamma=2)) == pytest.approx(float(theirs), abs=1e-6)


def test_focal_term_without_gamma_is_cross_entropy_and_heads_weigh_1_half_quarter():
    import torch

    torch.manual_seed(1)
    heads = torch.randn(2, 3, 2, 8, 8)
    targets = torch.randint(0, 2, (2, 8, 8))
    each = [float(segmentation_loss(heads[:, h], targets, kind="dice+ce", gamma=2)) for h in range(3)]
    plain = segmentation_loss(heads[:, 0], targets, kind="dice+focal", gamma=0.0)
    assert float(plain) == pytest.approx(each[0], abs=1e-6)
    whole = segmentation_loss(heads, targets, kind="dice+ce", gamma=2)
    assert float(whole) == pytest.approx((each[0] + each[1] / 2 + each[2] / 4) / 1.75, abs=1e-6)


# measures


def test_measures_of_two_shifted_squares():
    truth, found = np.zeros((40, 40), np.uint8), np.zeros((40, 40), np.uint8)
    truth[10:30, 10:30] = 1
    found[10:30, 14:34] = 1
    dice, hd95, near, sensitivity, precision, error = mask_measures(truth, found, 1, spacing=(0.5, 0.5), tolerance=0.4)[0]
    assert dice == pytest.approx(16 / 20)
    assert hd95 == pytest.approx(4 * 0.5)
    assert (sensitivity, precision, error) == pytest.approx((0.8, 0.8, 0))
    # of 76 border pixels of each square, the two sides of 16 common columns touch the other border: 2 x 16 of 76
    assert near == pytest.approx(32 / 76, abs=0.03)


def test_hd95_as_scipy_computes_it_and_in_volumes_with_unequal_spacing():
    from scipy.ndimage import binary_erosion, distance_transform_edt

    rng = np.random.default_rng(0)
    z, y, x = np.mgrid[:12, :24, :24]
    a = (z - 6) ** 2 * 4 + (y - 12) ** 2 + (x - 12) ** 2 <= 64
    b = (z - 5) ** 2 * 4 + (y - 13) ** 2 + (x - 10) ** 2 <= 49 + rng.integers(0, 20)
    spacing = (3.0, 0.7, 0.7)
    edges = [m & ~binary_erosion(m) for m in (a, b)]
    far = [distance_transform_edt(~other, sampling=spacing)[own] for own, other in (edges, edges[::-1])]
    expected = max(np.percentile(d, 95) for d in far)
    assert mask_measures(a.astype(int), b.astype(int), 1, spacing=spacing)[0, 1] == pytest.approx(expected, rel=1e-3)


def test_what_does_not_exist_is_nan_and_equal_masks_are_perfect():
    one, none = disc(20, 5, 10, 10), np.zeros((20, 20), np.uint8)
    np.testing.assert_allclose(mask_measures(one, one, 1)[0], [1, 0, 1, 1, 1, 0])
    missed = mask_measures(one, none, 1)[0]
    assert missed[0] == 0
    assert np.isnan(missed[[1, 2, 4]]).all()
    assert mask_measures(none, none, 1)[0, 0] == 1
    inside = np.zeros((20, 20), bool)
    inside[:, :10] = True
    half = np.where(inside, one, 0)
    assert mask_measures(one, half, 1, inside=inside)[0, 0] == 1


def test_area_of_counted_odds_is_the_auc():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(3)
    truth = rng.random((60, 60)) < 0.2
    shares = 1 / (1 + np.exp(-(rng.normal(0, 1.5, truth.shape) + 1.7 * truth)))
    inside = rng.random(truth.shape) < 0.7
    exact = roc_auc_score(truth[inside], shares[inside])
    assert area_of(odds_counts(truth, shares, inside)) == pytest.approx(exact, abs=2e-3)


# the planner (Isensee et al. 2021)


def test_plan_of_an_isotropic_volume_set():
    """Median spacing and shape; every axis pooled alike down to 4 px; the batch is 2, for the memory holds no more."""
    shapes, spacings = np.tile([128, 128, 128], (20, 1)), np.tile([1.0, 1.0, 1.0], (20, 1))
    spacings[0] = 9.0  # an outlier does not move a median
    shapes[0] = 10
    plan = planned(Fingerprint(shapes, spacings), dims=3, memory_gib=8)
    assert plan.spacing_mm == (1.0, 1.0, 1.0)
    assert plan.patch == (128, 128, 128)
    assert plan.pools == ((2, 2, 2),) * 5
    assert set(plan.kernels) == {(3, 3, 3)}
    assert plan.batch_size == 2
    small = planned(Fingerprint(shapes, spacings), dims=3, memory_gib=1)
    assert np.prod(small.patch) < np.prod(plan.patch) / 4
    assert all(n % 2**5 == 0 or n >= 4 for n in small.patch)


def test_plan_of_thick_slices():
    """Coarse along the body: 10th percentile of the spacing there, pooled and convolved there only once the rest is as coarse."""
    shapes = np.tile([20, 256, 256], (20, 1))
    spacings = np.tile([6.0, 1.0, 1.0], (20, 1))
    spacings[:4, 0] = 4.0
    plan = planned(Fingerprint(shapes, spacings), dims=3, memory_gib=8)
    assert plan.spacing_mm == (4.0, 1.0, 1.0)
    assert plan.pools[0] == (1, 2, 2)
    assert plan.kernels[0] == (1, 3, 3)
    assert any(pool[0] == 2 for pool in plan.pools)
    assert plan.kernels[-1] == (3, 3, 3)
    for axis in range(3):
        assert plan.patch[axis] % np.prod([pool[axis] for pool in plan.pools]) == 0
        assert plan.patch[axis] // np.prod([pool[axis] for pool in plan.pools]) >= 4


def test_plan_of_flat_radiographs():
    """No spacing known: pixels stay as they are; the piece is about the median image; the batch fills the memory, at most 5 % of all."""
    shapes = np.array([[1, 200 + n, 256] for n in range(100)])
    plan = planned(Fingerprint(shapes, np.full((100, 3), np.nan)), dims=2, memory_gib=2)
    assert plan.spacing_mm is None
    assert plan.patch == (256, 256)
    assert len(plan.pools) == 6
    assert 2 <= plan.batch_size <= 5
    assert planned(Fingerprint(shapes, np.full((100, 3), np.nan)), dims=2, memory_gib=0.05).batch_size == 2


# geometry


@pytest.mark.parametrize("shape", [(60, 40), (40, 60), (33, 50)])
def test_a_mask_comes_back_to_where_it_was(shape):
    """Into the network's square and back: the same mask but for border pixels, at the shape of the image."""
    truth = np.zeros(shape, np.uint8)
    truth[shape[0] // 4 : shape[0] // 2, shape[1] // 3 : 3 * shape[1] // 4] = 1
    image, plan = Image(truth.astype(np.float32)), plan_of((128, 128), whole=True)
    inner = network_mask(truth, image, plan, 1)
    assert inner.shape == (1, 128, 128)
    hot = np.stack([inner == 0, inner == 1]).astype(np.float32)
    back = in_geometry(hot, shape, inner_shape(image, plan), plan)
    assert back.shape == (2, *shape)
    assert (back.argmax(0) == truth).all()


def test_images_of_unequal_spacing_look_alike_at_the_spacing_of_the_plan():
    fine = Image(np.kron(disc(32, 9, 15, 15), np.ones((2, 2))).astype(np.float32), (0.5, 0.5))
    coarse = Image(disc(32, 9, 15, 15).astype(np.float32), (1.0, 1.0))
    plan = plan_of((32, 32), spacing_mm=(1.0, 1.0, 1.0))
    np.testing.assert_allclose(network_pixels(fine, Look(), plan), network_pixels(coarse, Look(), plan), atol=1e-3)


def test_planes_are_interpolated_about_their_middles():
    volume = np.arange(8, dtype=np.float32)[None, :, None, None] * np.ones((1, 8, 4, 4), np.float32)
    np.testing.assert_allclose(resized(volume, (4, 4, 4))[0, :, 0, 0], [0.5, 2.5, 4.5, 6.5])


def test_values_of_ct_are_cut_and_scaled_by_the_training_part():
    image = Image(np.array([[-2000.0, 50], [150, 3000]] * 8).repeat(8, 1), meaning="HU")
    plan = plan_of((16, 16), values="ct", intensity=(-50.0, 250.0, 100.0, 50.0))
    assert set(np.unique(network_pixels(image, Look(), plan))) == {-3.0, -1.0, 1.0, 3.0}


def test_green_and_inverted_channels():
    colours = np.zeros((16, 16, 3), np.uint8)
    colours[:8, :, 1], colours[:, :8, 0] = 200, 100
    green = network_pixels(Image(colours, colour=True), Look(channel="green"), plan_of((16, 16)))
    assert green.shape == (1, 1, 16, 16)
    assert len(np.unique(green)) == 2
    grey = Image(colours[..., 1])
    turned = Image(colours[..., 1], inverted=True)
    np.testing.assert_allclose(
        network_pixels(grey, Look(), plan_of((16, 16))), -network_pixels(turned, Look(), plan_of((16, 16))), atol=1e-5
    )


# pieces


def test_mask_and_image_move_together():
    """The moved mask agrees with the moved image of that mask, for planes and for every plane of a volume."""
    import torch

    shape = np.stack([disc(64, 14, 25 + n, 36) for n in range(6)])
    change = Augmentation(
        rotation_deg=30, translation_percent=15, scale_percent=20, flip="both", gamma_percent=0, contrast_percent=0
    )
    for images, masks in ((shape[:, None], shape), (shape[None, None], shape[None])):
        given = torch.from_numpy(np.ascontiguousarray(images)).float(), torch.from_numpy(np.ascontiguousarray(masks))
        image, mask = moved(change, *given, np.random.default_rng(5))
        assert mask.shape == masks.shape
        assert ((image.reshape(mask.shape) > 0.5) != (mask > 0)).float().mean() < 0.01
        assert (mask != given[1]).float().mean() > 0.02


def test_a_third_of_the_pieces_shows_a_structure():
    mask = np.zeros((1, 200, 200), np.uint8)
    mask[0, 180:184, 180:184] = 1
    places = (np.argwhere(mask).astype(np.int32),)
    rng = np.random.default_rng(0)
    corners = [corner_of(mask.shape, (1, 16, 16), places, rng) for _ in range(900)]
    shows = [mask[0, r : r + 16, c : c + 16].any() for _, r, c in corners]
    assert 0.28 < np.mean(shows) < 0.42
    assert all(0 <= r <= 184 and 0 <= c <= 184 for _, r, c in corners)


class Neighbours:
    """A network that looks at the neighbours of each pixel only, so that pieces must agree with the whole."""

    def __init__(self, dims):
        import torch

        self.kernel = torch.nn.Parameter(torch.linspace(-1, 1, 2 * 3**dims).reshape(2, 1, *(3,) * dims) / 4**dims)
        self.convolve = {2: torch.nn.functional.conv2d, 3: torch.nn.functional.conv3d}[dims]

    def __call__(self, images):
        return self.convolve(images, self.kernel, padding=1)

    def parameters(self):
        return iter([self.kernel])

    def eval(self):
        return self


@pytest.mark.parametrize("dims", [2, 3])
def test_no_seam_shows_between_pieces(dims):
    rng = np.random.default_rng(0)
    pixels = rng.normal(0, 1, (1, 1, 90, 75) if dims == 2 else (1, 20, 40, 36)).astype(np.float32)
    small = plan_of((32, 32) if dims == 2 else (16, 16, 16))
    large = plan_of(pixels.shape[4 - dims :])
    pieced, whole = (shares_of([Neighbours(dims)], pixels, plan, overlap=0.5) for plan in (small, large))
    seamed = shares_of([Neighbours(dims)], pixels, small, overlap=0)
    inner = (slice(None), slice(6, -6) if dims == 3 else slice(None), slice(8, -8), slice(8, -8))
    np.testing.assert_allclose(pieced.sum(0), 1, atol=1e-5)
    off, off_seamed = (np.abs(made - whole)[inner] for made in (pieced, seamed))  # the border of a piece sees zeros
    assert off.max() < 2e-3
    assert off_seamed.max() > 20 * off.max()


def test_mirror_axes():
    assert mirrored_axes("none", 2) == [()]
    assert mirrored_axes("horizontal", 3) == [(), (-1,)]
    assert len(mirrored_axes("all", 2)) == 4
    assert len(mirrored_axes("all", 3)) == 8


def test_only_the_largest_part_without_holes_is_kept():
    labels = disc(40, 9, 14, 14) - disc(40, 3, 14, 14)
    labels[30:33, 30:33] = 1
    labels[0:2, 0:6] = 2
    made = tidied(labels, parts=1, fill=True)
    np.testing.assert_array_equal(made == 1, disc(40, 9, 14, 14) == 1)
    assert (made == 2).sum() == 12
    np.testing.assert_array_equal(tidied(labels, parts=0, fill=False), labels)


# masks


def set_of(masks, **more):
    masks = np.asarray(masks)
    return ImageSet.from_arrays(np.random.default_rng(0).random(masks.shape).astype(np.float32), masks=masks, **more)


def test_names_of_structures():
    assert survey(set_of([disc(16, 4, 8, 8) * 255] * 2)).structures(()) == ("structure",)
    assert survey(set_of([disc(16, 4, 8, 8) * 7] * 2)).structures(("lung",)) == ("lung",)
    two = [disc(16, 2, 8, 8) * 2, disc(16, 2, 8, 8)]
    assert survey(set_of(two)).structures(()) == ("1", "2")
    assert survey(set_of(two)).structures(("liver", "kidneys", "spleen")) == ("liver", "kidneys", "spleen")


@pytest.mark.parametrize(
    ("masks", "names", "code"),
    [
        (np.zeros((2, 8, 8), np.uint8), (), "G-SEG-012"),
        (np.arange(128, dtype=np.uint8).reshape(2, 8, 8) * 2, (), "G-SEG-013"),
        (np.array([disc(8, 2, 4, 4), disc(8, 2, 4, 4) * 3]), ("a", "b"), "G-SEG-013"),
    ],
)
def test_masks_that_cannot_be_meant(masks, names, code):
    with pytest.raises(GazoError) as caught:
        survey(set_of(masks)).structures(names)
    assert caught.value.code == code


def test_rows_without_a_mask_are_left_out_and_told():
    images = set_of([disc(16, 4, 8, 8)] * 3)
    images = images.with_column("mask", ["0/mask", None, "2/mask"], "mask")
    kept = with_masks(images)
    assert len(kept) == 2
    assert "1 images without a mask" in kept.notes[-1].en
    with pytest.raises(GazoError, match="G-SEG-010"):
        with_masks(images.with_column("mask", [None, "", None], "mask"))
