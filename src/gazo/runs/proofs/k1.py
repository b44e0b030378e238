"""K1: every network has the parameters its publication says, and learns on grey and on colour images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Table
from gazo.runs.proof import Proof, proof

# Millions of parameters for 1000 classes as printed with torchvision's and timm's model cards (GoogLeNet with both auxiliary heads).
PRINTED = {
    "alexnet": "61.10",
    "vgg16": "138.36",
    "vgg19": "143.67",
    "googlenet": "13.00",
    "inception_v3": "23.83",
    "resnet18": "11.69",
    "resnet50": "25.56",
    "resnet101": "44.55",
    "resnet152": "60.19",
    "resnetrs50": "35.69",
    "resnetrs101": "63.62",
    "resnetrs152": "86.62",
    "densenet121": "7.98",
    "densenet161": "28.68",
    "densenet169": "14.15",
    "densenet201": "20.01",
    "mobilenet_v1": "4.23",
    "mobilenet_v2": "3.50",
    "mobilenet_v3_large": "5.48",
    "mobilenet_v3_small": "2.54",
    "mobilenet_v4_small": "3.77",
    "shufflenet_v2": "2.28",
    "resnext50": "25.03",
    "mnasnet_a1": "3.89",
    "mnasnet_b1": "4.38",
    "efficientnet_b0": "5.29",
    "efficientnet_b1": "7.79",
    "efficientnet_b7": "66.35",
    "efficientnet_v2_b0": "7.14",
    "efficientnet_v2_rw_t": "13.65",
    "efficientnet_v2_s": "21.46",
    "efficientnet_v2_m": "54.14",
    "efficientnet_v2_l": "118.52",
    "bit_resnet50": "25.55",
    "bit_resnet101": "44.54",
    "vit_tiny": "5.72",
    "vit_small": "22.05",
    "vit_base": "86.57",
    "vit_large": "304.33",
    "repvgg_a0": "9.11",
    "convnext_tiny": "28.59",
    "swin_tiny": "28.29",
    "test_resnet": "0.47",
    "test_vit": "0.37",
    "test_efficientnet": "0.36",
}
SIZE_PX = 64  # at 32 px the last maps are 1 x 1, where batch normalisation of two images makes deep gradients overflow
LENET_10 = 61_706  # LeCun et al. 1998 with all C3 connections: 156 + 2416 + 48120 + 10164 + 850, 10 classes, 32 px, 1 channel


@proof(
    "K1",
    ja="全ネットワークのパラメータ数と、1・3 チャンネルでの順伝播・逆伝播",
    en="Parameter counts, forward and backward of every network",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Counts equal the layers' arithmetic, the table and the printed digits; forward and backward at a small size, 1 and 3 channels."""
    from gazo.nets.zoo import network_names

    names = network_names()
    rows = tuple(_row(name, seed) for name in counted(names, Text("ネットワーク", "Networks"), on_event))
    wrong_counts = [row[0] for row in rows if len({row[1], row[2], row[3]}) > 1 or (row[4] and row[4] != _millions(row[3]))]
    wrong_passes = [row[0] for row in rows if row[6:] != ("ok", "ok")]
    lenet = _lenet_10()
    fused, difference = _repvgg(seed)
    measured = {
        "networks": len(rows),
        "counts_wrong": len(wrong_counts),
        "printed_missing": len(set(PRINTED) - set(names)),
        "passes_wrong": len(wrong_passes),
        "lenet_10_classes": lenet,
        "repvgg_a0_merged_millions": _millions(fused),
        "repvgg_merged_difference": difference,
    }
    passed = not wrong_counts and not wrong_passes and set(names) >= set(PRINTED)
    passed = passed and lenet == LENET_10 and _millions(fused) == "8.31" and difference <= 1e-5
    return Proof("K1", passed, measured, _bar(), Table(Text("ネットワーク一覧", "Networks"), _headings(), rows))


def _row(name: str, seed: int) -> tuple[Any, ...]:
    from gazo.nets.zoo import count_parameters, network

    kind = network(name)
    arithmetic = _arithmetic(name, kind.counted_px)
    size = -(-max(kind.min_size_px, SIZE_PX) // kind.step_px) * kind.step_px
    passes = [_pass(name, channels, size, seed) for channels in (1, 3)]
    return name, kind.parameters_1000, arithmetic, count_parameters(name), PRINTED.get(name), size, *passes


def _arithmetic(name: str, size_px: int) -> int:
    """Parameters by the arithmetic of the layers: k k c_in/groups c_out (+ c_out) for convolutions, and so on."""
    import torch

    from gazo.nets.zoo import create

    with torch.device("meta"):
        net = create(name, classes=1000, channels=3, size_px=size_px)
    return sum(_of_layer(layer) for layer in net.modules())


def _of_layer(layer: Any) -> int:
    """What a layer itself holds; the layers inside it are counted on their own."""
    from torch import nn

    if isinstance(layer, nn.Conv2d):
        rows, columns = layer.kernel_size
        return rows * columns * layer.in_channels // layer.groups * layer.out_channels + layer.out_channels * (
            layer.bias is not None
        )
    if isinstance(layer, nn.Linear):
        return layer.in_features * layer.out_features + layer.out_features * (layer.bias is not None)
    if isinstance(layer, nn.BatchNorm2d):
        return 2 * layer.num_features * layer.affine
    return sum(p.numel() for p in layer.parameters(recurse=False))  # tokens, positions, scales


def _pass(name: str, channels: int, size: int, seed: int) -> str:
    """One step of learning on two random images; "ok", or what is wrong with it."""
    import torch

    from gazo.nets.zoo import create

    torch.manual_seed(seed)
    net = create(name, classes=2, channels=channels, size_px=size).train()
    try:
        logits = net(torch.randn(2, channels, size, size))
        torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1])).backward()
    except (RuntimeError, ValueError) as error:
        return str(error).splitlines()[0]
    if tuple(logits.shape) != (2, 2):
        return f"shape {tuple(logits.shape)}"
    slopes = [p.grad for p in net.parameters() if p.grad is not None]
    if not all(bool(torch.isfinite(slope).all()) for slope in slopes):
        return "gradient not finite"
    reaches = any(bool(slope.any()) for slope in slopes[:3])  # the first layers
    return "ok" if reaches else "gradient does not reach the first layers"


def _lenet_10() -> int:
    from gazo.nets.zoo import count_parameters

    return count_parameters("lenet", classes=10, channels=1, size_px=32)


def _repvgg(seed: int) -> tuple[int, float]:
    """Parameters of the merged RepVGG-A0, and how much its logits differ from those of the branches."""
    import torch

    from gazo.nets.zoo import create, fuse

    torch.manual_seed(seed)
    net = create("repvgg_a0", classes=1000, channels=3, size_px=64).eval()
    merged, image = fuse(net), torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        difference = float((net(image) - merged(image)).abs().max())
    return sum(p.numel() for p in merged.parameters()), difference


def _millions(count: int) -> str:
    return f"{count / 1e6:.2f}"


def _headings() -> tuple[Text, ...]:
    return (
        Text("ネットワーク", "Network"),
        Text("一覧表の値", "Table"),
        Text("層の計算", "Arithmetic of the layers"),
        Text("実際の数", "Built"),
        Text("公表値 (百万)", "Printed (millions)"),
        Text("試した大きさ [px]", "Size tried [px]"),
        Text("1 チャンネル", "1 channel"),
        Text("3 チャンネル", "3 channels"),
    )


def _bar() -> Text:
    return Text(
        ja="パラメータ数が層の計算・一覧表・公表値と一致し、全ネットワークが 1・3 チャンネルで順伝播・逆伝播できる。統合後の RepVGG の差は 1e-5 以下",
        en="counts equal the arithmetic of the layers, the table and the printed digits; every network passes forward and backward with 1 and 3 channels; merged RepVGG differs by at most 1e-5",
    )
