"""Networks by name, for 1 or more channels and the wanted size: from timm and torchvision where they have them, else ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from gazo.core.errors import MissingError, OptionError, nearest
from gazo.core.parameters import Ge, Label, Le, Lt
from gazo.core.registry import feature
from gazo.nets.table import NETWORKS, Network

if TYPE_CHECKING:
    import torch

_BY_NAME = {network.name: network for network in NETWORKS}


def network_names() -> tuple[str, ...]:
    """The names `create` knows, small ones first. Needs no torch."""
    return tuple(_BY_NAME)


def network(name: str) -> Network:
    """What is known about a network; OptionError with the nearest name when there is none."""
    if name not in _BY_NAME:
        elsewhere = next((n.name for n in NETWORKS if n.source.split(":")[1] == name), name)
        hint = nearest(elsewhere, _BY_NAME)
        raise OptionError(
            "G-NET-001",
            en=f"there is no network '{name}'. {hint.en} A network of your own is named as file:PATH.py:NAME.",
            ja=f"「{name}」というネットワークはありません。{hint.ja} 自作のネットワークは file:パス.py:名前 で指定します。",
        )
    return _BY_NAME[name]


@feature("分類ネットワーク一式", "Networks for classification", booklet="K1", name="network")
def create(
    name: str,
    *,
    classes: Annotated[int, Ge(1), Label("クラス数", "Number of classes")],
    channels: Annotated[int, Ge(1), Le(64), Label("チャンネル数", "Channels")] = 1,
    size_px: Annotated[int, Ge(1), Le(8192), Label("入力画像の一辺", "Side of the input image", "px")] = 224,
    drop: Annotated[float, Ge(0), Lt(1), Label("ドロップアウト率", "Dropout before the last layer")] = 0.0,
) -> torch.nn.Module:
    """A network with random weights (from torch's generator: seed it to repeat) that maps (n, channels, size, size) to logits.

    Stems are the papers' own at every size. `drop` acts before the last dense layer (in AlexNet and VGG before both hidden ones);
    the papers of AlexNet and VGG use 0.5.

    Raises
    ------
    OptionError : an unknown name, a size too small or no multiple of the patch, classes or channels below 1.
    MissingError : timm or torchvision cannot be imported here.
    """
    kind = network(name)
    _check(kind, classes, channels, size_px)
    library, source = kind.source.split(":")
    if library == "timm":
        return _from_timm(source, classes, channels, size_px, drop)
    if library == "torchvision":
        _imported("torchvision")
        from gazo.nets.stems import from_torchvision

        return from_torchvision(source, classes, channels, drop)
    return _ours(source, classes, channels, size_px, drop)


def check_fit(name: str, *, classes: int, channels: int, size_px: int) -> None:
    """Refuse, without torch, what `create` would refuse: an unknown name, images too small for the network."""
    _check(network(name), classes, channels, size_px)


def count_parameters(name: str, *, classes: int = 1000, channels: int = 3, size_px: int | None = None) -> int:
    """How many learned numbers the network has, by default at the size its published number is for; nothing is allocated."""
    import torch

    size_px = network(name).counted_px if size_px is None else size_px
    with torch.device("meta"):
        net = create(name, classes=classes, channels=channels, size_px=size_px)
    return sum(p.numel() for p in net.parameters())


def auxiliary_logits(net: torch.nn.Module) -> Iterator[tuple[float, torch.Tensor]]:
    """Weight and logits of each auxiliary head in the last training pass (GoogLeNet); nothing for other networks.

    A loss adds ``sum(w * loss(a, targets) for w, a in auxiliary_logits(net))``. Reading empties the store.
    """
    inner = getattr(net, "module", net)  # what DistributedDataParallel wraps
    kept = getattr(inner, "auxiliary", ())
    if kept:
        from gazo.nets.googlenet import AUXILIARY_WEIGHT

        inner.auxiliary = ()
        yield from ((AUXILIARY_WEIGHT, logits) for logits in kept)


@feature("RepVGG の分岐の統合", "Merging the branches of RepVGG", booklet=("K1", "K6"))
def fuse(net: torch.nn.Module) -> torch.nn.Module:
    """A copy for prediction in which each block's 3x3, 1x1 and identity branches are one 3x3 convolution (Ding et al. 2021, 3.3).

    The logits are those of `net` in evaluation mode up to rounding; the copy cannot be trained on. OptionError when `net` has no
    such branches.
    """
    timm = _imported("timm")
    if not any(hasattr(part, "reparameterize") or hasattr(part, "fuse") for part in net.modules()):
        raise OptionError(
            "G-NET-002",
            en="this network has no branches that could be merged; only RepVGG has. Use the network as it is.",
            ja="このネットワークには統合できる分岐がありません (対象は RepVGG のみ)。そのまま使用してください。",
        )
    fused: torch.nn.Module = timm.utils.reparameterize_model(net, inplace=False)
    return fused.eval()


def _check(kind: Network, classes: int, channels: int, size_px: int) -> None:
    if classes < 1 or channels < 1:
        raise OptionError(
            "G-NET-003",
            en=f"a network needs at least 1 class and 1 channel; {classes} and {channels} came. Check the labels and the images.",
            ja=f"クラス数とチャンネル数は 1 以上が必要です。受け取った値: {classes} と {channels}。ラベルと画像を確認してください。",
        )
    if size_px < kind.min_size_px:
        raise OptionError(
            "G-NET-004",
            en=f"{kind.name} needs images of at least {kind.min_size_px} px; {size_px} px came. Raise size_px or take another network.",
            ja=f"{kind.name} には一辺 {kind.min_size_px} px 以上の画像が必要です。指定: {size_px} px。size_px を大きくするか、別のネットワークを選んでください。",
        )
    if size_px % kind.step_px:
        below = size_px // kind.step_px * kind.step_px
        raise OptionError(
            "G-NET-005",
            en=f"{kind.name} cuts the image into patches, so its side is a multiple of {kind.step_px} px; {size_px} px came. "
            f"Take {below} or {below + kind.step_px} px.",
            ja=f"{kind.name} は画像をパッチに分割するため、一辺は {kind.step_px} px の倍数でなければなりません。指定: {size_px} px。"
            f"{below} px か {below + kind.step_px} px を指定してください。",
        )


def _imported(library: str) -> Any:
    """timm or torchvision; a torchwise mismatch of the two shows as RuntimeError at import."""
    import importlib

    try:
        return importlib.import_module(library)
    except (ImportError, RuntimeError) as error:
        raise MissingError(
            "G-NET-006",
            en=f"this network needs '{library}', which cannot be imported here ({error}). "
            "Install gazo with its ordinary dependencies, or take lenet, small_cnn or small_resnet.",
            ja=f"このネットワークには「{library}」が必要ですが、この環境では読み込めません ({error})。"
            "gazo を通常の依存関係とともにインストールするか、lenet、small_cnn、small_resnet を使用してください。",
        ) from None


def _from_timm(source: str, classes: int, channels: int, size_px: int, drop: float) -> torch.nn.Module:
    timm = _imported("timm")
    sized = {"img_size": size_px} if timm.get_pretrained_cfg(source).fixed_input_size else {}
    net: torch.nn.Module = timm.create_model(
        source, pretrained=False, num_classes=classes, in_chans=channels, drop_rate=drop, **sized
    )
    return net


def _ours(source: str, classes: int, channels: int, size_px: int, drop: float) -> torch.nn.Module:
    if source == "lenet":
        from gazo.nets.lenet import LeNet

        return LeNet(classes=classes, channels=channels, size_px=size_px, drop=drop)
    if source == "small_cnn":
        from gazo.nets.small_cnn import small_cnn

        return small_cnn(classes=classes, channels=channels, drop=drop)
    from gazo.nets.small_resnet import small_resnet

    return small_resnet(classes=classes, channels=channels, drop=drop)
