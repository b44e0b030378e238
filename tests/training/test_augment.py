import numpy as np
import pytest
import torch

from gazo.core.errors import DataError, OptionError
from gazo.core.image import Image
from gazo.training.augment import NO_AUGMENTATION, Augmentation, implausible

NOTHING = {"rotation_deg": 0, "translation_percent": 0, "scale_percent": 0, "gamma_percent": 0, "contrast_percent": 0}
STRONG = {"rotation_deg": 40, "translation_percent": 15, "scale_percent": 30, "flip": "both"}


def drawn(n=1, size=64, seed=0, **options):
    return Augmentation(**(NOTHING | options)).draw(n, size_px=size, generator=np.random.default_rng(seed))


def smooth_images(n=4, channels=1, size=64):
    """Low frequencies only, so that interpolation is good to 1e-2."""
    y, x = np.mgrid[:size, :size] / size
    planes = [[np.sin(2 * np.pi * (x * (i + 1) + c)) + np.cos(3 * y + i) for c in range(channels)] for i in range(n)]
    return torch.from_numpy(np.array(planes, np.float32))


def test_nothing_drawn_is_exactly_the_image_and_another_tensor():
    images = smooth_images()
    got = NO_AUGMENTATION.draw(4, size_px=64, generator=np.random.default_rng(0)).apply(images)
    assert torch.equal(got, images)
    assert got.data_ptr() != images.data_ptr()


def test_input_is_never_changed():
    images = smooth_images()
    before = images.clone()
    everything = {"contrast_percent": 20, "brightness_percent": 20, "gamma_percent": 20, "noise_percent": 5, "erase_percent": 30}
    for geometry in ({}, STRONG):
        drawn(4, **geometry, **everything, blur_px=2).apply(images)
        assert torch.equal(images, before)


def test_same_generator_same_images_and_another_seed_others():
    images = smooth_images()
    options = {**STRONG, "noise_percent": 10, "erase_percent": 20}
    first = drawn(4, **options)
    assert torch.equal(first.apply(images), drawn(4, **options).apply(images))
    assert torch.equal(first.apply(images), first.apply(images))
    assert not torch.equal(first.apply(images), drawn(4, seed=1, **options).apply(images))


def test_randomness_taken_does_not_depend_on_what_is_switched_on():
    states = []
    for options in ({}, {**STRONG, "noise_percent": 10}):
        generator = np.random.default_rng(0)
        Augmentation(**(NOTHING | options)).draw(3, size_px=32, generator=generator)
        states.append(generator.bit_generator.state)
    assert states[0] == states[1]


def test_values_stay_within_the_limits_and_reach_for_them():
    d = drawn(2000, size=200, **STRONG, contrast_percent=20, gamma_percent=50, blur_px=3)
    for values, low, high in (
        (d.rotation_deg, -40, 40), (d.translation_px, -30, 30), (d.scale, 0.7, 1.3), (d.contrast, 0.8, 1.2),
        (d.gamma, 1 / 1.5, 1.5), (d.blur_px, 0, 3),
    ):  # fmt: skip
        assert low <= values.min() < low + 0.02 * (high - low)
        assert high - 0.02 * (high - low) < values.max() <= high
    assert 0.45 < d.flip_x.mean() < 0.55
    assert 0.45 < d.flip_y.mean() < 0.55
    assert not drawn(200, flip="horizontal").flip_y.any()


def test_matrix_is_the_product_of_flip_scale_rotation_and_shift():
    d = drawn(50, size=100, **STRONG)
    for i, matrix in enumerate(d.matrices):
        a = np.deg2rad(d.rotation_deg[i])
        rotation = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        flip = np.diag([-1.0 if d.flip_x[i] else 1.0, -1.0 if d.flip_y[i] else 1.0])
        np.testing.assert_allclose(matrix[:, :2], d.scale[i] * rotation @ flip, atol=1e-12)
        np.testing.assert_allclose(matrix[:, 2], d.translation_px[i], atol=1e-12)


@pytest.mark.parametrize("shape", [(64, 64), (64, 40)])
def test_pixels_go_where_the_matrix_says(shape):
    """g(A p + t) = f(p): the moved image of a smooth function is that function at the point the matrix came from."""
    rows, columns = shape

    def value(x, y):
        return np.sin(x / 9) + np.cos(y / 7) + 0.01 * x

    y, x = np.mgrid[:rows, :columns] + 0.5
    x, y = x - columns / 2, y - rows / 2
    d = drawn(20, size=64, **STRONG)
    images = torch.from_numpy(np.repeat(value(x, y)[None, None], 20, axis=0).astype(np.float32))
    moved = d.apply(images).numpy()[:, 0]
    for got, matrix in zip(moved, d.matrices, strict=True):
        back = np.linalg.inv(matrix[:, :2])
        from_x, from_y = back @ (np.stack([x.ravel(), y.ravel()]) - matrix[:, 2:])
        inside = (abs(from_x) < columns / 2 - 1) & (abs(from_y) < rows / 2 - 1)
        assert inside.sum() > 300
        np.testing.assert_allclose(got.ravel()[inside], value(from_x, from_y)[inside], atol=5e-3)


def test_a_quarter_turn_is_rot90():
    images = smooth_images(1)
    d = drawn(1)
    turned = type(d)(**{**vars(d), "rotation_deg": np.array([90.0])}).apply(images)
    np.testing.assert_allclose(turned, torch.rot90(images, -1, (2, 3)), atol=1e-4)  # clockwise on the screen


def test_flips_alone_are_exact():
    images = smooth_images(8)
    d = drawn(8, flip="both")
    got = d.apply(images)
    for i in range(8):
        axes = [axis for axis, flipped in ((2, d.flip_x[i]), (1, d.flip_y[i])) if flipped]
        assert torch.equal(got[i], images[i].flip(axes))
    assert d.flip_x.any()
    assert d.flip_y.any()


@pytest.mark.parametrize("seed", range(20))
def test_box_around_a_bright_square_still_is_around_it(seed):
    n, size, box = 8, 96, (50, 30, 66, 42)
    images = torch.zeros(n, 1, size, size)
    images[:, :, box[1] : box[3], box[0] : box[2]] = 1
    d = drawn(n, size, seed, **STRONG, edge="zeros")
    moved, masks, boxes = d.apply(images), d.apply_masks(images.bool()), d.apply_boxes([[box]] * n)
    for image, mask, own, scale, angle in zip(moved, masks, boxes, d.scale, d.rotation_deg, strict=True):
        x0, y0, x1, y1 = own[0]
        rows, columns = np.nonzero(image[0].numpy() > 0.5)
        assert len(rows) > 50
        assert x0 - 0.5 <= columns.min()
        assert columns.max() + 1 <= x1 + 0.5
        assert y0 - 0.5 <= rows.min()
        assert rows.max() + 1 <= y1 + 0.5
        a = np.deg2rad(abs(angle))
        if x0 > 0 and x1 < size and y0 > 0 and y1 < size:  # and it is the smallest one: its sides are those of a turned rectangle
            assert x1 - x0 == pytest.approx(scale * (16 * np.cos(a) + 12 * np.sin(a)))
            assert y1 - y0 == pytest.approx(scale * (16 * np.sin(a) + 12 * np.cos(a)))
        assert mask.dtype == torch.bool
        overlap = (mask[0] & (image[0] > 0.5)).sum() / (mask[0] | (image[0] > 0.5)).sum()
        assert overlap > 0.9


def test_masks_keep_their_values():
    masks = torch.randint(0, 5, (4, 1, 64, 64), generator=torch.Generator().manual_seed(0))
    got = drawn(4, **STRONG).apply_masks(masks)
    assert got.dtype == masks.dtype
    assert set(got.unique().tolist()) <= set(range(5))


def test_boxes_keep_their_order_and_a_lost_one_has_no_area():
    d = drawn(2, 100)
    d = type(d)(**{**vars(d), "translation_px": np.array([[60.0, 0.0], [0.0, -15.0]])})
    boxes = d.apply_boxes([[(50, 10, 60, 20), (0, 0, 10, 10)], [(5, 10, 20, 30)]])
    np.testing.assert_allclose(boxes[0], [[100, 10, 100, 20], [60, 0, 70, 10]])
    np.testing.assert_allclose(boxes[1], [[5, 0, 20, 15]])
    assert d.apply_boxes([[], []])[1].shape == (0, 4)


def test_contrast_brightness_and_gamma_follow_their_formulas():
    images = smooth_images(6)
    d = drawn(6, contrast_percent=30, brightness_percent=50, gamma_percent=80)
    for image, got, c, b, g in zip(images.double(), d.apply(images), d.contrast, d.brightness, d.gamma, strict=True):
        low, high = image.min(), image.max()
        toned = low + (high - low) * ((image - low) / (high - low)) ** g
        wanted = toned.mean() + c * (toned - toned.mean()) + b * toned.std(correction=0)
        np.testing.assert_allclose(got, wanted, atol=2e-5)


def test_noise_has_the_drawn_standard_deviation_and_is_white():
    images = smooth_images(8, size=128)
    d = drawn(8, 128, noise_percent=40)
    added = (d.apply(images) - images).numpy()[:, 0]
    wanted = d.noise * images.std((1, 2, 3), correction=0).numpy()
    np.testing.assert_allclose(added.std((1, 2)), wanted, rtol=0.03)
    neighbours = np.mean(added[:, :, 1:] * added[:, :, :-1], axis=(1, 2)) / wanted**2
    assert np.abs(neighbours).max() < 0.03  # 4 standard errors of 16,256 pairs
    assert abs(np.corrcoef(added[0].ravel(), added[1].ravel())[0, 1]) < 0.03


def test_blur_is_the_gaussian_drawn():
    """A sine of u cycles a pixel keeps exp(-2 pi^2 sigma^2 u^2) of its amplitude."""
    size, u = 128, 8 / 128
    wave = np.sin(2 * np.pi * u * np.arange(size))
    images = torch.from_numpy(np.broadcast_to(wave.astype(np.float32), (6, 2, size, size)).copy())
    d = drawn(6, size, blur_px=3)
    middle = d.apply(images)[:, :, 32:96, 32:96].numpy()
    phase = wave[32:96]
    gains = (middle * phase).sum(-1) / (phase**2).sum()
    np.testing.assert_allclose(
        gains, np.broadcast_to(np.exp(-2 * (np.pi * d.blur_px * u) ** 2)[:, None, None], gains.shape), atol=6e-3
    )


def test_erased_square_is_flat_and_nothing_else_changed():
    images = smooth_images(6)
    d = drawn(6, erase_percent=50)
    got = d.apply(images)
    for image, before, (x0, y0, x1, y1) in zip(got, images, d.erased_px, strict=True):
        assert 0 <= x0 <= x1 <= 64
        assert 0 <= y0 <= y1 <= 64
        assert (image[:, y0:y1, x0:x1] == before.mean()).all()
        changed = (image != before).nonzero()
        assert all(y0 <= row < y1 and x0 <= column < x1 for _, row, column in changed.tolist())
    assert (d.erased_px[:, 2] > d.erased_px[:, 0]).any()


@pytest.mark.parametrize(("edge", "corner"), [("zeros", 0.0), ("border", 1.0), ("reflection", 1.0)])
def test_what_lies_outside(edge, corner):
    d = drawn(1, edge=edge)
    moved = type(d)(**{**vars(d), "translation_px": np.array([[20.0, 20.0]])}).apply(torch.ones(1, 1, 64, 64))
    assert float(moved[0, 0, 5, 5]) == pytest.approx(corner, abs=1e-6)
    assert float(moved[0, 0, 40, 40]) == pytest.approx(1, abs=1e-6)


def test_images_it_was_not_drawn_for_are_refused():
    for wrong in (torch.zeros(2, 1, 64, 64), torch.zeros(1, 1, 32, 32), torch.zeros(1, 64, 64)):
        with pytest.raises(DataError, match="G-AUG-001"):
            drawn(1).apply(wrong)


def test_record_says_everything_that_was_drawn():
    d = drawn(3, **STRONG, noise_percent=3)
    rows = d.record()
    assert [row["rotation_deg"] for row in rows] == d.rotation_deg.tolist()
    assert rows[1]["translation_px"] == d.translation_px[1].tolist()
    assert {row["noise_seed"] for row in rows} == {d.noise_seed}
    assert set(rows[0]) == set(vars(d))


def test_preview_keeps_what_the_image_is():
    grey = Image(np.arange(48 * 64, dtype=np.uint16).reshape(48, 64), spacing_mm=(0.2, 0.2), modality="DX")
    shown = Augmentation().preview(grey, n=5, seed=3)
    assert len(shown) == 5
    assert all(i.shape == (48, 64) and i.spacing_mm == (0.2, 0.2) and i.modality == "DX" for i in shown)
    again = Augmentation().preview(grey, n=5, seed=3)
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(shown, again, strict=True))
    assert not np.array_equal(shown[0].pixels, shown[1].pixels)
    colour = Image(np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8), colour=True)
    still = NO_AUGMENTATION.preview(colour, n=1, seed=0)[0]
    assert np.array_equal(still.pixels, colour.pixels)


@pytest.mark.parametrize(
    ("options", "word", "japanese"),
    [
        ({"rotation_deg": 45}, "rotation of 45", "回転 45"),
        ({"translation_percent": 30}, "shift of 30", "平行移動"),
        ({"scale_percent": 50}, "scale of 50", "拡大"),
        ({"contrast_percent": 60}, "contrast", "コントラスト"),
        ({"gamma_percent": 100}, "gamma", "ガンマ"),
        ({"noise_percent": 80}, "noise", "ノイズ"),
        ({"blur_px": 5}, "blur", "ぼけ"),
        ({"erase_percent": 60}, "erasing", "消去"),
        ({"flip": "horizontal"}, "horizontal flip", "左右反転"),
        ({"flip": "vertical"}, "vertical flip", "上下反転"),
        ({"edge": "reflection"}, "mirrored edges", "鏡像"),
    ],
)
def test_implausible_settings_warn_and_name_themselves(options, word, japanese):
    warnings = implausible(Augmentation(**options))
    assert len(warnings) == 1
    assert word in warnings[0].en
    assert japanese in warnings[0].ja


def test_defaults_and_nothing_are_plausible():
    assert implausible(Augmentation()) == ()
    assert implausible(NO_AUGMENTATION) == ()
    assert len(implausible(Augmentation(flip="both"))) == 2


@pytest.mark.parametrize("options", [{"rotation_deg": -1}, {"scale_percent": 100}, {"flip": "diagonal"}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(OptionError, match="G-OPT"):
        Augmentation(**options)
