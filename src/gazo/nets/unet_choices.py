"""Networks that label each pixel, by name: our U-Net and its relatives from MONAI."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from math import gcd
from typing import TYPE_CHECKING, Any, Literal

from gazo.core.errors import DataError, MissingError
from gazo.core.registry import feature

if TYPE_CHECKING:
    import torch

    from gazo.nets.unet import Normalisation

SegmentationNetwork = Literal["unet", "residual_unet", "basic_unet", "dynunet", "segresnet", "unetr"]
MOST_FEATURES = {2: 512, 3: 320}  # of nnU-Net's deepest levels (Isensee et al. 2021)
_STEP = {"basic_unet": 16, "segresnet": 8, "unetr": 16}  # what sides are multiples of, where the pooling is fixed


@feature("領域分割ネットワーク一式", "Networks for segmentation", booklet="C3", name="segmentation-network")
def create_segmentation(
    name: SegmentationNetwork,
    *,
    classes: int,
    channels: int,
    width: int,
    patch: Sequence[int],
    pools: Sequence[tuple[int, ...]],
    kernels: Sequence[tuple[int, ...]],
    normalisation: Normalisation = "batch",
    drop: float = 0.0,
    deep_supervision: bool = False,
) -> torch.nn.Module:
    """A network with random weights (from torch's generator: seed it to repeat) that maps images to logits of the same size.

    unet: Ronneberger et al. 2015; residual_unet: Kerfoot et al. 2018; basic_unet: Falk et al. 2019; dynunet: that of nnU-Net, Isensee et
    al. 2021; segresnet: Myronenko 2018; unetr: Hatamizadeh et al. 2022.

    Parameters
    ----------
    classes : with the background.
    width : features of the first level; for unetr of the decoder, its transformer is 12 times as wide.
    patch : size of the images, (rows, columns) or (planes, rows, columns).
    pools, kernels : factor of each pooling and side of the convolutions of each level; only some networks can follow.
    deep_supervision : dynunet gives in training (n, heads, classes, ...), the output first, then those of coarser levels.
    """
    fits(name, patch, pools)
    dims = len(patch)
    if name == "unet":
        from gazo.nets.unet import UNet

        return UNet(classes=classes, channels=channels, width=width, pools=pools, normalisation=normalisation, drop=drop)
    net: torch.nn.Module = _from_monai(
        name, {"spatial_dims": dims, "in_channels": channels, "out_channels": classes}, width, patch, pools, kernels, drop, deep_supervision
    )  # fmt: skip
    return net


def _from_monai(
    name: SegmentationNetwork, shape: dict[str, int], width: int, patch: Sequence[int], pools: Sequence[tuple[int, ...]],
    kernels: Sequence[tuple[int, ...]], drop: float, deep_supervision: bool,
) -> Any:  # fmt: skip
    nets: Any = import_module("monai.networks.nets")
    dims = len(patch)
    if name == "unetr":
        return nets.UNETR(
            **shape, img_size=tuple(patch), feature_size=width, hidden_size=12 * width, mlp_dim=48 * width, num_heads=12,
            dropout_rate=drop,
        )  # fmt: skip
    if name == "basic_unet":
        return nets.BasicUNet(**shape, features=(width, width, 2 * width, 4 * width, 8 * width, width), dropout=drop)
    if name == "segresnet":
        norm = ("GROUP", {"num_groups": gcd(8, width)})
        return nets.SegResNet(**shape, init_filters=width, dropout_prob=drop or None, norm=norm)
    widths = [min(width * 2**level, max(width, MOST_FEATURES[dims])) for level in range(len(pools) + 1)]
    if name == "residual_unet":
        return nets.UNet(**shape, channels=widths, strides=list(pools), num_res_units=2, dropout=drop)
    heads = min(2, len(pools) - 1) if deep_supervision else 0
    return nets.DynUNet(
        **shape, kernel_size=list(kernels), strides=[(1,) * dims, *pools], upsample_kernel_size=list(pools), filters=widths,
        dropout=drop or None, deep_supervision=heads > 0, deep_supr_num=max(1, heads),
    )  # fmt: skip


def step_of(name: SegmentationNetwork, pools: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """What the sides of images must be multiples of, along each axis."""
    step = [1] * len(pools[0])
    for pool in pools:
        step = [have * more for have, more in zip(step, pool, strict=True)]
    return tuple(_STEP.get(name, axis) for axis in step)


def fits(name: SegmentationNetwork, patch: Sequence[int], pools: Sequence[tuple[int, ...]]) -> None:
    """Refuse, without torch, a size that the network cannot take, and a network whose library is not there."""
    step = step_of(name, pools)
    if any(side % one or side < 2 * one for side, one in zip(patch, step, strict=True)):
        wanted, came = " x ".join(map(str, step)), " x ".join(map(str, patch))
        raise DataError(
            "G-SEG-001",
            en=f"'{name}' takes images whose sides are multiples of {wanted} and at least twice that; {came} came. Change size_px, patch_px or patch_planes.",
            ja=f"「{name}」に入力する画像の各辺は {wanted} の倍数で、その 2 倍以上でなければなりません。指定: {came}。size_px、patch_px、patch_planes を変更してください。",
        )
    needed = ["monai"] * (name != "unet") + ["einops"] * (name == "unetr")
    missing = [library for library in needed if find_spec(library) is None]
    if missing:
        raise MissingError(
            "G-SEG-002",
            en=f"the network '{name}' needs {missing[0]}, which is not installed here. Install it, or take 'unet'.",
            ja=f"ネットワーク「{name}」には {missing[0]} が必要ですが、インストールされていません。インストールするか、unet を使ってください。",
        )
