import subprocess
import sys

import pytest
import torch

from gazo.core.errors import MissingError, OptionError
from gazo.core.registry import entries
from gazo.nets import NETWORKS, auxiliary_logits, create, fuse, network, network_names

QUICK = (
    "lenet",
    "small_cnn",
    "small_resnet",
    "resnet18",
    "test_resnet",
    "test_vit",
    "test_efficientnet",
    "shufflenet_v2",
    "googlenet",
)


def images(n, channels, size):
    return torch.randn(n, channels, size, size, generator=torch.Generator().manual_seed(0))


def built(name, **options):
    torch.manual_seed(0)
    return create(name, **options)


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("name", QUICK)
def test_forward_and_backward_reach_every_parameter(name, channels):
    net = built(name, classes=3, channels=channels, size_px=64)
    logits = net(images(2, channels, 64))
    assert logits.shape == (2, 3)
    extra = sum(weight * torch.nn.functional.cross_entropy(a, torch.tensor([0, 2])) for weight, a in auxiliary_logits(net))
    (torch.nn.functional.cross_entropy(logits, torch.tensor([0, 2])) + extra).backward()
    without = [key for key, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert not without


@pytest.mark.parametrize("name", ["lenet", "alexnet", "shufflenet_v2", "googlenet", "resnet18", "small_cnn"])
def test_drop_is_random_in_training_only(name):
    net = built(name, classes=2, size_px=64, drop=0.9)
    x = images(2, 1, 64)
    net.eval()
    assert torch.equal(net(x), net(x))
    for part in net.modules():  # only the dropouts train, so that nothing but them can differ
        part.train("Dropout" in type(part).__name__)
    net.training = hasattr(net, "drop_rate")  # timm's heads ask the network itself
    assert not torch.equal(net(x), net(x))


def test_same_seed_same_weights():
    first, second = built("resnet18", classes=2, size_px=32).state_dict(), built("resnet18", classes=2, size_px=32).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_lenet_pads_small_digits_as_its_authors_did():
    small, large = built("lenet", classes=10, size_px=28), built("lenet", classes=10, size_px=32)
    large.load_state_dict(small.state_dict())
    digits = images(4, 1, 28)
    assert torch.equal(small(digits), large(torch.nn.functional.pad(digits, (2, 2, 2, 2))))


@pytest.mark.parametrize("kind", list({n.paper: n for n in reversed(NETWORKS)}.values()), ids=lambda n: n.name)
def test_takes_its_least_size_and_says_so_below(kind):
    with torch.device("meta"):
        net = create(kind.name, classes=2, size_px=kind.min_size_px)
        assert net(torch.empty(2, 1, kind.min_size_px, kind.min_size_px)).shape == (2, 2)
    with pytest.raises(OptionError, match=rf"G-NET-004.*at least {kind.min_size_px} px.*{kind.min_size_px - 1} px came"):
        create(kind.name, classes=2, size_px=kind.min_size_px - 1)


@pytest.mark.parametrize("name", ["alexnet", "inception_v3"])
def test_the_least_size_is_the_definitions_own_limit(name):
    smaller = network(name).min_size_px - 1
    with torch.device("meta"):
        net = create(name, classes=2, size_px=224)
        with pytest.raises(RuntimeError):
            net(torch.empty(2, 1, smaller, smaller))


@pytest.mark.parametrize("size", [96, 100, 128, 225])
@pytest.mark.parametrize("name", ["resnet18", "densenet121", "efficientnet_b0", "vgg16", "lenet", "swin_tiny", "vit_tiny"])
def test_any_size_works_or_is_refused_in_a_sentence(name, size):
    kind = network(name)
    with torch.device("meta"):
        if size % kind.step_px:
            below = size // kind.step_px * kind.step_px
            with pytest.raises(OptionError, match=f"G-NET-005.*{below} or {below + kind.step_px} px"):
                create(name, classes=2, size_px=size)
        else:
            assert create(name, classes=2, size_px=size)(torch.empty(2, 1, size, size)).shape == (2, 2)


@pytest.mark.parametrize(
    ("wrong", "meant"), [("resnet_18", "resnet18"), ("vit_tiny_patch16_224", "vit_tiny"), ("LeNet", "lenet")]
)
def test_unknown_network_names_the_nearest(wrong, meant):
    with pytest.raises(OptionError, match=f"G-NET-001.*'{wrong}'.*'{meant}'"):
        create(wrong, classes=2)


@pytest.mark.parametrize("options", [{"classes": 0}, {"classes": 2, "channels": 0}])
def test_no_class_and_no_channel_are_refused(options):
    with pytest.raises(OptionError, match="G-NET-003"):
        create("lenet", **options)


def test_library_that_cannot_be_imported_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingError, match=r"G-NET-006.*'timm'"):
        create("resnet18", classes=2)


@pytest.mark.parametrize("name", ["repvgg_a0"])
def test_merged_repvgg_is_the_trained_one(name):
    net = built(name, classes=2, size_px=64)
    generator = torch.Generator().manual_seed(1)
    for part in net.modules():  # as after a training: nothing is 0 or 1 any more
        if isinstance(part, torch.nn.BatchNorm2d):
            part.weight.data.uniform_(0.5, 1.5, generator=generator)
            part.bias.data.normal_(0, 0.2, generator=generator)
            part.running_mean.normal_(0, 0.1, generator=generator)
            part.running_var.uniform_(0.8, 2, generator=generator)
    before = net.state_dict().keys()
    merged = fuse(net)
    assert net.training
    assert net.state_dict().keys() == before
    net.eval()
    x = images(4, 1, 64)
    with torch.no_grad():
        wanted, got = net(x), merged(x)
    scale = float(wanted.abs().max())
    assert scale > 0
    assert float((wanted - got).abs().max()) <= 1e-5 * max(1, scale)
    assert sum(1 for m in merged.modules() if isinstance(m, torch.nn.Conv2d)) == 22


def test_merged_repvgg_a0_has_the_published_size():
    merged = fuse(create("repvgg_a0", classes=1000, channels=3))
    assert f"{sum(p.numel() for p in merged.parameters()) / 1e6:.2f}" == "8.31"  # Ding et al. 2021, table 4


def test_nothing_to_merge_is_said():
    with pytest.raises(OptionError, match="G-NET-002"):
        fuse(create("small_cnn", classes=2))


def test_googlenet_keeps_its_auxiliary_logits_for_one_reading():
    net = built("googlenet", classes=2, size_px=64)
    net(images(2, 1, 64))
    read = list(auxiliary_logits(net))
    assert [weight for weight, _ in read] == [0.3, 0.3]
    assert all(logits.shape == (2, 2) and logits.requires_grad for _, logits in read)
    assert list(auxiliary_logits(net)) == []
    net.eval()(images(2, 1, 64))
    assert list(auxiliary_logits(net)) == []
    assert list(auxiliary_logits(create("lenet", classes=2))) == []


def test_names_cost_no_torch():
    code = "import sys, gazo.nets; assert len(gazo.nets.network_names()) > 50; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_names_are_unique_and_in_the_catalog():
    assert len(set(network_names())) == len(NETWORKS)
    tagged = {e.name for e in entries("feature", "nets") if "K1" in e.booklet}
    assert {"network", "fuse"} <= tagged
