"""The order of values in memory that a network is taught in."""

import pytest
import torch

from gazo.training.devices import memory_layout


@pytest.mark.parametrize(
    ("layer", "layout"),
    [
        (torch.nn.Conv2d(1, 4, 3, stride=2), torch.channels_last),
        (torch.nn.Conv2d(4, 4, 1, stride=2), torch.channels_last),
        (torch.nn.Conv2d(1, 4, 1, stride=2), torch.contiguous_format),
        (torch.nn.Conv2d(3, 4, 1, stride=2), torch.contiguous_format),
        (torch.nn.Conv3d(1, 4, 3), torch.contiguous_format),
    ],
)
def test_channels_come_last_where_that_is_safe(layer, layout):
    net = torch.nn.Sequential(layer)
    assert memory_layout(net, channels_last=True) is layout
    assert memory_layout(net, channels_last=False) is torch.contiguous_format
