"""Heat maps against their definitions, on networks whose answer is known."""

import numpy as np
import torch
from torch import nn

from gazo.learn.explain import grad_cam, heat_map, occlusion


def pooled_network():
    """Two convolutions whose maps are known, average pooling, a linear layer."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.Flatten(2), MeanAndLinear())


class MeanAndLinear(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x):
        return self.linear(x.mean(2))


def test_grad_cam_of_a_pooled_network_is_the_weighted_sum_of_its_maps():
    net, image = pooled_network(), torch.randn(1, 12, 10)
    found = grad_cam(net, net[0], image, 1)
    with torch.no_grad():
        maps = net[0](image[None])[0]
    wanted = torch.relu((net[2].linear.weight[1][:, None, None] * maps).sum(0)).detach().numpy()
    np.testing.assert_allclose(found, wanted / wanted.max(), rtol=1e-5)


def test_grad_cam_changes_with_the_class_and_with_the_last_layer():
    net, image = pooled_network(), torch.randn(1, 12, 10)
    before = grad_cam(net, net[0], image, 1)
    assert not np.allclose(before, grad_cam(net, net[0], image, 0))
    nn.init.normal_(net[2].linear.weight)
    assert not np.allclose(before, grad_cam(net, net[0], image, 1))


class Corner(nn.Module):
    """Class 1 is the sum of the lower right quarter."""

    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return torch.stack([self.unused.expand(len(x)), x[:, 0, 8:, 8:].sum((1, 2))], 1)


def test_occlusion_finds_the_quarter_that_decides():
    image = torch.zeros(1, 16, 16)
    image[0, 8:, 8:] = 1
    found = occlusion(Corner(), image, 1, patches=4)
    assert found[12, 12] == 1.0
    assert found[:6, :6].max() == 0.0


def way(net):
    return heat_map(net, torch.randn(1, 16, 16), 1)[1]


def test_convolutions_get_grad_cam_and_others_occlusion():
    late = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert way(late) == "Grad-CAM"
    patches = nn.Sequential(nn.Conv2d(1, 4, 4, 4), nn.Flatten(), *(nn.Linear(64, 64) for _ in range(4)), nn.Linear(64, 2))
    assert way(patches) == "occlusion"
    assert way(Corner()) == "occlusion"


def test_grad_cam_is_taken_where_the_map_still_is_a_plane():
    """A convolution that has shrunk to one point (squeeze-and-excitation, VGG's dense layers) says nothing about places."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 2, 1), nn.Flatten()
    )
    heat, _ = heat_map(net, torch.randn(1, 16, 16), 1)
    assert np.ptp(heat) > 0.5
