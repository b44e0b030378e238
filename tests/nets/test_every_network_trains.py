import gc

import pytest
import torch

from gazo.nets import NETWORKS, create

LARGE = 70_000_000


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", NETWORKS, ids=lambda n: n.name)
def test_one_step_lowers_the_loss_of_its_own_batch(kind, channels):
    """One gradient step small enough for every network; the sizes are the smallest that suit each."""
    torch.manual_seed(0)
    size = max(kind.min_size_px, 32 if kind.parameters_1000 > LARGE else 64)
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
