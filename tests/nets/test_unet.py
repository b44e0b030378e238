"""U-Net: the paper's count of parameters, sizes kept, what does not fit refused."""

import pytest

from gazo.core.errors import GazoError
from gazo.learn.segment.plan import pooling
from gazo.nets.unet_choices import create_segmentation

NAMES = ("unet", "residual_unet", "basic_unet", "dynunet", "segresnet", "unetr")


def counted(net):
    return sum(p.numel() for p in net.parameters())


def by_hand(classes, channels, width, levels=5):
    """Every kernel and bias of figure 1 of Ronneberger et al. 2015."""
    widths = [width * 2**k for k in range(levels)]
    twice = lambda i, o: (9 * i + 1) * o + (9 * o + 1) * o  # noqa: E731
    down = sum(twice(i, o) for i, o in zip([channels, *widths[:-1]], widths, strict=True))
    up = sum((4 * 2 * o + 1) * o + twice(2 * o, o) for o in widths[:-1])
    return down + up + (width + 1) * classes


def test_the_original_has_31_million_parameters():
    import torch

    from gazo.nets.unet import UNet

    with torch.device("meta"):
        net = UNet(classes=2)
    assert counted(net) == by_hand(2, 1, 64) == 31_030_658
    assert round(counted(net) / 1e6, 1) == 31.0


@pytest.mark.parametrize("width", [8, 16])
def test_the_count_follows_the_formula_at_other_widths(width):
    from gazo.nets.unet import UNet

    assert counted(UNet(classes=4, channels=3, width=width)) == by_hand(4, 3, width)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dims", [2, 3])
def test_logits_are_as_large_as_the_image(name, dims):
    import torch

    patch = (32,) * dims
    pools, kernels = pooling(patch, most=2)
    net = create_segmentation(name, classes=3, channels=1, width=4, patch=patch, pools=pools, kernels=kernels).eval()
    with torch.inference_mode():
        assert net(torch.zeros(1, 1, *patch)).shape == (1, 3, *patch)


def test_deep_supervision_gives_heads_in_training_only():
    import torch

    patch = (32, 32)
    pools, kernels = pooling(patch, most=3)
    net = create_segmentation(
        "dynunet", classes=2, channels=1, width=4, patch=patch, pools=pools, kernels=kernels, deep_supervision=True
    )
    images = torch.zeros(2, 1, *patch)
    assert net.train()(images).shape == (2, 3, 2, *patch)
    assert net.eval()(images).shape == (2, 2, *patch)


def test_an_image_of_the_wrong_size_is_refused_with_what_fits():
    with pytest.raises(GazoError, match="multiples of 8 x 8") as caught:
        create_segmentation("unet", classes=2, channels=1, width=4, patch=(36, 32), pools=((2, 2),) * 3, kernels=())
    assert caught.value.code == "G-SEG-001"


def test_the_output_sees_the_whole_field():
    """A change of one pixel reaches pixels far away: the deep levels are joined in."""
    import torch

    from gazo.nets.unet import UNet

    torch.manual_seed(0)
    net = UNet(classes=2, width=4, pools=((2, 2),) * 3).eval()
    image = torch.randn(1, 1, 64, 64, requires_grad=True)
    net(image)[0, 1, 32, 32].backward()
    reached = image.grad[0, 0].abs().nonzero()
    assert (reached.max(0).values - reached.min(0).values).min() >= 40
