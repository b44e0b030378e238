import gc

import pytest
import torch

from gazo.nets import NETWORKS, create


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, pytest.param(3, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", NETWORKS, ids=lambda n: n.name)
def test_forward_and_backward_through_the_whole_network(kind, channels):
    """Two images of 64 px or what the network needs; the largest takes 4 GB."""
    torch.manual_seed(0)
    size = max(kind.min_size_px, 64)
    size = -(-size // kind.step_px) * kind.step_px
    net = create(kind.name, classes=2, channels=channels, size_px=size)
    x = torch.randn(2, channels, size, size)
    targets = torch.tensor([0, 1])
    logits = net(x)
    assert logits.shape == (2, 2)
    loss = torch.nn.functional.cross_entropy(logits, targets)
    loss.backward()
    stem = next(p for p in net.parameters() if p.ndim == 4)
    assert stem.shape[1] == channels
    assert stem.grad is not None
    assert stem.grad.abs().sum() > 0
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)
    del net, logits, loss, stem
    gc.collect()
