"""SRCNN and VDSR: numbers of the papers, sizes, what they do before they learned."""

import pytest

from gazo.nets import srcnn, vdsr

torch = pytest.importorskip("torch")


def learned(net):
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(("kernels", "weights", "biases"), [("9-1-5", 8_032, 97), ("9-5-5", 57_184, 97)])
def test_srcnn_has_the_weights_of_the_paper(kernels, weights, biases):
    net = srcnn(kernels)
    assert sum(p.numel() for p in net.parameters() if p.ndim == 4) == weights
    assert learned(net) == weights + biases
    assert net(torch.rand(1, 1, 40, 33)).shape == (1, 1, 40, 33)
    assert sum(isinstance(layer, torch.nn.ReLU) for layer in net) == 2  # none behind the last convolution


def test_srcnn_sees_its_margin_and_no_farther():
    net = srcnn("9-5-5").eval()
    plane = torch.rand(1, 1, 41, 41)
    other = plane.clone()
    other[0, 0, 20, 20] += 1
    changed = (net(plane) != net(other))[0, 0].nonzero()
    assert int((changed - 20).abs().max()) == net.margin == 8


def test_vdsr_has_the_weights_of_the_paper():
    net = vdsr()
    assert learned(net) == 665_921
    convolutions = [layer for layer in net.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert (len(convolutions), convolutions[-1].out_channels, len(list(net.residual))) == (20, 1, 39)


def test_an_untrained_vdsr_returns_its_input_and_learns_at_every_layer():
    net = vdsr(4, 8)
    plane = torch.rand(2, 1, 20, 24)
    assert torch.equal(net(plane), plane)
    torch.nn.init.normal_(net.residual[-1].weight)
    ((net(plane) - torch.rand(2, 1, 20, 24)) ** 2).mean().backward()
    assert all(float(p.grad.abs().sum()) > 0 for p in net.parameters() if p.ndim == 4)
