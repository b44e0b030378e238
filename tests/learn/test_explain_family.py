"""The Grad-CAM family against formulas and MONAI; a planted disc is found; a map follows the last layer and the geometry."""

import numpy as np
import pytest
import torch
from scipy.ndimage import binary_dilation, gaussian_filter
from torch import nn

from gazo.core import Image, ImageSet, OptionError
from gazo.learn import Classifier
from gazo.learn.explain import grad_cam, grad_cam_plus_plus, heat_map, in_geometry, layer_cam
from gazo.training.pixels import prepared_pixels

WAYS = ("grad-cam", "grad-cam++", "layer-cam", "occlusion")
SIDE = 32


def two_layers(pooled=2):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(pooled), nn.Flatten(), nn.Linear(4 * pooled**2, 2),
    ).eval()  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("ours", "theirs"), [(grad_cam, "GradCAM"), (grad_cam_plus_plus, "GradCAMpp")])
def test_maps_equal_monais_with_our_scale(ours, theirs):
    """MONAI turns its maps over by default; with the identity instead they are ours but for the scale.

    For Grad-CAM++ it sums A g^3 over a map where the paper (eq. 19) has g^3 sum A; both agree where g is one number a map.
    """
    import monai.visualize

    net, image = two_layers(pooled=1), torch.randn(1, 16, 12, generator=torch.Generator().manual_seed(2))
    cam = getattr(monai.visualize, theirs)(net, target_layers="2", postprocessing=lambda x: x)
    wanted = torch.relu(cam(image[None], class_idx=1))[0, 0].detach().numpy()
    np.testing.assert_allclose(ours(net, net[2], image, 1), wanted / wanted.max(), atol=1e-5)


def test_grad_cam_plus_plus_equals_equation_19_place_by_place():
    net, image = two_layers(), torch.randn(1, 16, 12, generator=torch.Generator().manual_seed(5))
    maps = net[2](net[1](net[0](image[None]))).detach().requires_grad_()
    net[6](net[5](net[4](net[3](maps))))[0, 1].backward()
    g, a = maps.grad[0].double().numpy(), maps.detach()[0].double().numpy()
    wanted = np.zeros(a.shape[1:])
    for k in range(len(a)):
        below = 2 * g[k] ** 2 + a[k].sum() * g[k] ** 3
        alpha = np.divide(g[k] ** 2, below, out=np.zeros_like(below), where=below != 0)
        wanted += (alpha * np.maximum(g[k], 0)).sum() * a[k]
    wanted = np.maximum(wanted, 0)
    np.testing.assert_allclose(grad_cam_plus_plus(net, net[2], image, 1), wanted / wanted.max(), atol=1e-4)


def test_layer_cam_is_the_sum_of_positive_gradients_times_maps():
    net, image = two_layers(), torch.randn(1, 16, 12, generator=torch.Generator().manual_seed(3))
    maps = net[2](net[1](net[0](image[None]))).detach().requires_grad_()
    net[6](net[5](net[4](net[3](maps))))[0, 1].backward()
    wanted = torch.relu((torch.relu(maps.grad) * maps).sum(1))[0].detach().numpy()
    np.testing.assert_allclose(layer_cam(net, net[2], image, 1), wanted / wanted.max(), atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_a_choice_and_changes_with_the_last_layer(way):
    """The sanity check of Adebayo et al. 2018: a map that stays the same under other weights explains nothing."""
    net, image = two_layers(), torch.randn(1, 16, 16, generator=torch.Generator().manual_seed(4))
    before, name = heat_map(net, image, 1, way=way)
    assert name.lower() == way
    assert before.shape == (16, 16)
    assert before.min() >= 0
    nn.init.normal_(net[6].weight)
    after, _ = heat_map(net, image, 1, way=way)
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] < 0.9


def test_the_cam_family_needs_planes():
    dense = nn.Sequential(nn.Flatten(), nn.Linear(256, 2))
    with pytest.raises(OptionError, match="G-LEARN-064"):
        heat_map(dense, torch.randn(1, 16, 16), 1, way="layer-cam")
    assert heat_map(dense, torch.randn(1, 16, 16), 1)[1] == "occlusion"


def discs(n, seed):
    """Lumps and noise, in the second half a disc of radius 4 at a random place; and the places.

    The lumps vary, so that mean and spread of an image do not tell whether there is a disc in it: images are standardised.
    """
    rng = np.random.default_rng(seed)
    lumps = np.stack([gaussian_filter(rng.normal(size=(SIDE, SIDE)), 5, mode="wrap") for _ in range(n)])
    lumps *= rng.uniform(0, 30, (n, 1, 1)) / lumps.std((1, 2), keepdims=True)
    places = rng.uniform(6, SIDE - 6, (n, 2))
    y, x = np.mgrid[:SIDE, :SIDE]
    inside = (y - places[:, :1, None]) ** 2 + (x - places[:, 1:, None]) ** 2 <= 16
    labels = np.arange(n) >= n // 2
    pixels = 100 + lumps + rng.normal(0, 5, (n, SIDE, SIDE)) + 40 * (inside & labels[:, None, None])
    return ImageSet.from_arrays(pixels.astype(np.float32), [str(int(v)) for v in labels], np.arange(n)), inside, labels


@pytest.fixture(scope="module")
def disc_network():
    spec = Classifier(
        network="small_cnn", size_px=SIDE, epochs=20, learning_rate=5e-3, batch_size=16, device="cpu", drop=0, smoothing=0,
        rotation_deg=0, translation_percent=0, scale_percent=0, gamma_percent=0,
    )  # fmt: skip
    return spec.fit(discs(240, 0)[0], seed=0, validation_share=0)


@pytest.mark.slow
@pytest.mark.parametrize(("way", "bar"), [("grad-cam", 0.9), ("grad-cam++", 0.9), ("layer-cam", 0.9), ("occlusion", 0.65)])
def test_pointing_game_on_planted_discs(disc_network, way, bar):
    """The highest place of the map of 'disc there' lies in the disc (with half a cell of the 8 x 8 map, 2 pixels, of grace).

    Occlusion points worse among lumps, because a grey square has edges of its own.
    """
    images, inside, labels = discs(80, 1)
    hits = []
    for row, heat in disc_network.heat_images(images.take(np.flatnonzero(labels)), way=way):
        place = np.unravel_index(heat.pixels.argmax(), heat.pixels.shape)
        hits.append(binary_dilation(inside[labels][row], iterations=2)[place])
    assert np.mean(hits) >= bar


@pytest.mark.slow
def test_panels_name_the_way(disc_network):
    images = discs(4, 1)[0]
    assert "Layer-CAM" in disc_network.explain(images, way="layer-cam").title.en
    assert "Grad-CAM" in disc_network.explain(images, [0, 3]).title.en


@pytest.mark.parametrize("fit", ["pad", "stretch"])
def test_a_map_lies_over_the_image_it_explains(fit):
    """What is bright in the image is bright in the map made of the prepared image; spacing and orientation are kept."""
    pixels = np.zeros((40, 90), np.float32)
    pixels[10:20, 60:75] = 1
    image = Image(pixels, spacing_mm=(0.2, 0.1), orientation=(1, 0, 0, 0, 1, 0), meaning="HU", unit="HU")
    square = prepared_pixels(image, size_px=64, channels=1, fit=fit)[0].astype(np.float32) / 65535
    found = in_geometry(square, image, fit)
    assert found.shape == image.shape
    assert (found.spacing_mm, found.orientation, found.unit) == (image.spacing_mm, image.orientation, "")
    assert np.corrcoef(found.pixels.ravel(), pixels.ravel())[0, 1] > 0.93
