"""Presets: shapes and counts equal torch; published numbers; LeNet and the residual networks equal the zoo's number for number."""

import json
import subprocess
import sys

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from gazo.nets import create
from gazo.nets.design import PRESETS, adapted, analyse, build_design, design_to_python, from_json, preset, to_json
from gazo.nets.design.building import variables

CLASSIFIERS = ("lenet", "alexnet", "vgg16", "resnet18")


def watched(design, analysis, shape):
    """Shapes, learned numbers and multiply-adds of each block, seen from inside torch."""
    names = {v: k for k, v in variables(design, analysis).items()}
    seen = {}

    def see(module, inputs, output):
        seen[names[module.drawn_as]] = tuple(output.shape[1:])

    with torch.device("meta"):
        net = build_design(design)
        for name, module in net.named_children():
            module.drawn_as = name
            module.register_forward_hook(see)
        with FlopCounterMode(display=False) as count:
            out = net(torch.zeros(2, *shape))
    parameters = {names[name]: sum(p.numel() for p in module.parameters()) for name, module in net.named_children()}
    return seen, parameters, count.get_total_flops() // 2 // 2, tuple(out.shape[1:])


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("other", [False, True])
def test_every_block_is_as_torch_says(name, other):
    sizes = {"channels": 2, "size_px": {"lenet": 28, "alexnet": 96, "vgg16": 64}.get(name, 32), "count": 3} if other else {}
    design = preset(name, **sizes)
    analysis = analyse(design)
    assert analysis.problems == ()
    first = analysis.blocks[analysis.order[0]].shape
    seen, parameters, adds, out = watched(design, analysis, first)
    assert seen
    assert {id: analysis.blocks[id].shape for id in seen} == seen
    assert {id: analysis.blocks[id].parameters for id in parameters} == parameters
    assert (analysis.multiply_adds, analysis.parameters) == (adds, sum(parameters.values()))
    assert analysis.blocks[analysis.order[-1]].shape == out


def test_published_numbers():
    """Learned numbers: torchvision's tables; 8,032 weights and 97 biases (Dong et al. 2014, 9-1-5); the DCGAN pair as in PyTorch's
    tutorial; the U-Net from its figure. Multiply-adds: torchvision's tables (GFLOPS 0.71, 15.47, 1.81)."""
    parameters = {name: analyse(preset(name)).parameters for name in PRESETS}
    assert parameters["alexnet"] == 61_100_840
    assert parameters["vgg16"] == 138_357_544
    assert parameters["resnet18"] == 11_689_512
    assert parameters["lenet"] == 61_706
    assert parameters["srcnn"] == 8_032 + 97
    assert parameters["dcgan-generator"] == 3_576_704
    assert parameters["dcgan-discriminator"] == 2_765_568
    assert parameters["vdsr"] == 2 * 64 * 9 + 18 * 64 * 64 * 9 + 19 * 64 + 1
    assert parameters["unet"] == figure_1(64, 1, 2)
    adds = {name: analyse(preset(name)).multiply_adds for name in ("alexnet", "vgg16", "resnet18")}
    assert adds == {"alexnet": 714_188_480, "vgg16": 15_470_264_320, "resnet18": 1_814_073_344}


def figure_1(width, channels, classes):
    """Learned numbers of Ronneberger et al. 2015, figure 1, from the widths alone."""
    conv = lambda a, b, k: a * b * k * k + b  # noqa: E731
    total, ins = 0, channels
    for level in range(5):
        total, ins = total + conv(ins, width << level, 3) + conv(width << level, width << level, 3), width << level
    for level in (3, 2, 1, 0):
        w = width << level
        total += conv(2 * w, w, 2) + conv(2 * w, w, 3) + conv(w, w, 3)
    return total + conv(width, classes, 1)


def test_the_lenet_of_the_specification():
    """Numbers of the prototype: 64 px, two classes, two hidden layers fewer."""
    convolutions = (1 * 25 * 6 + 6) + (6 * 25 * 16 + 16)
    assert convolutions + 16 * 16 * 16 * 120 + 120 + 121 * 2 == 494_454


@pytest.mark.parametrize(("name", "zoo", "size"), [("lenet", "lenet", 28), ("lenet", "lenet", 40), ("alexnet", "alexnet", 64), ("resnet18", "resnet18", 64)])  # fmt: skip
def test_a_preset_is_the_network_of_the_zoo(name, zoo, size):
    """The weights of one put into the other in their order give the same numbers."""
    torch.manual_seed(1)
    theirs = create(zoo, classes=3, channels=2, size_px=size).eval()
    ours = build_design(preset(name, channels=2, size_px=size, count=3)).eval()
    put(theirs, ours)
    x = torch.randn(2, 2, size, size)
    with torch.no_grad():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def put(source, target):
    """Weights by their order; where a block is written in another order, by what fits first."""
    left = [v for v in source.state_dict().values()]
    for value in target.state_dict().values():
        at = next(i for i, other in enumerate(left) if other.shape == value.shape)
        value.copy_(left.pop(at))
    assert not left


@pytest.mark.parametrize("name", PRESETS)
def test_json_keeps_everything(name):
    design = preset(name)
    assert from_json(json.loads(json.dumps(to_json(design)))) == design


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_follows_the_data(name):
    design = adapted(preset(name), classes=4, channels=1, size_px=96)
    found = analyse(design)
    assert found.ready
    assert found.blocks[found.order[0]].shape == (1, 96, 96)
    assert found.blocks[found.order[-1]].shape == (4,)


@pytest.mark.slow
def test_exported_files_run_without_gazo(tmp_path):
    """In a process that cannot import gazo each file takes the weights `build_design` made and gives the same numbers."""
    script = ["import importlib.util, sys, torch", "sys.modules['gazo'] = None"]
    for name in PRESETS:
        small = {"size_px": 32, "count": 4} if name not in ("alexnet", "vgg16") else {"size_px": 64, "count": 2}
        if name in ("alexnet", "vgg16", "unet"):
            continue  # as the others, and hundreds of megabytes
        design = preset(name, **small)
        keep(design, tmp_path, name)
        script.append(CHECK.format(name=name))
    for number, zoo in enumerate(("small_resnet", "small_cnn", "lenet", "shufflenet_v2", "test_vit", "googlenet")):
        keep(with_network(zoo), tmp_path, f"zoo{number}")
        script.append(CHECK.format(name=f"zoo{number}"))
    (tmp_path / "check.py").write_text("\n".join(script))
    ran = subprocess.run([sys.executable, "-W", "error", "check.py"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("same") == len(PRESETS) - 3 + 6


CHECK = """
spec = importlib.util.spec_from_file_location("{name}", "{name}.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
kept = torch.load("{name}.pt", weights_only=True)
net = next(v for v in vars(module).values() if isinstance(v, type) and v.__name__ == kept["class"])().eval()
net.load_state_dict(kept["weights"])
with torch.no_grad():
    assert torch.equal(net(kept["x"]), kept["y"]), "{name}"
print("same")
"""


def with_network(zoo):
    from gazo.nets.design.presets import Sketch

    sketch = Sketch(f"with {zoo}", 2, 64)
    sketch.chain(("network", {"network": zoo, "units": 7}), "relu", ("dense", {"units": 3}), ("output", {"count": 3}))
    return sketch.design()


def keep(design, folder, name):
    from gazo.nets.design.export import class_name

    torch.manual_seed(2)
    net = build_design(design).eval()
    found = analyse(design)
    x = torch.randn(2, *found.blocks[found.order[0]].shape)
    with torch.no_grad():
        kept = {"class": class_name(design.name), "weights": net.state_dict(), "x": x, "y": net(x)}
    torch.save(kept, folder / f"{name}.pt")
    (folder / f"{name}.py").write_text(design_to_python(design), "utf-8")


def test_the_pure_part_needs_no_torch():
    script = "import sys; from gazo.nets.design import *; analyse(preset('unet')); design_to_python(preset('resnet18')); print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.stdout.strip() == "False", ran.stderr
