"""Every network of the zoo as one block: the counts of its block against torch."""

import pytest
import torch

from gazo.nets import NETWORKS, create
from gazo.nets.design import KINDS
from gazo.nets.design.zoo_counts import zoo_multiply_adds, zoo_parameters

FEW = ("small_cnn", "small_resnet", "lenet", "alexnet", "googlenet", "vit_tiny", "swin_tiny", "resnet18", "repvgg_a0")


def count(name, classes, channels, size):
    with torch.device("meta"):
        return sum(p.numel() for p in create(name, classes=classes, channels=channels, size_px=size).parameters())


@pytest.mark.parametrize("name", FEW)
def test_learned_numbers(name):
    compare(name)


@pytest.mark.long
@pytest.mark.parametrize("name", [n.name for n in NETWORKS if n.name not in FEW])
def test_learned_numbers_of_the_others(name):
    compare(name)


def compare(name):
    known = next(n for n in NETWORKS if n.name == name)
    for classes, channels, size in ((2, 1, 96), (10, 3, 224), (5, 4, known.min_size_px + 20), (3, 2, 64)):
        size = max(-(-size // known.step_px) * known.step_px, known.min_size_px)
        block = KINDS["network"].make({"network": name, "units": classes})
        shape = (channels, size, size)
        assert block.shape(shape) == (classes,)
        assert block.parameters(shape) == count(name, classes, channels, size), (classes, channels, size)
        assert zoo_parameters(name, classes=classes, channels=channels, size_px=size) == block.parameters(shape)


def test_multiply_adds_at_the_counted_size_are_those_of_torchvision():
    assert zoo_multiply_adds("resnet18", size_px=224) == 1_814_073_344
    assert zoo_multiply_adds("resnet50", size_px=112) == 4_089_184_256 // 4
