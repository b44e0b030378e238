"""What networks say of a whole image: piece by piece with Gaussian weights, mirrored where asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.learn.segment.plan import SegmentationPlan

if TYPE_CHECKING:
    import torch

Mirror = Literal["none", "horizontal", "all"]
PLANES_AT_ONCE = 16


def mirrored_axes(mirror: Mirror, dims: int) -> list[tuple[int, ...]]:
    """The sets of axes, counted from the end, along which an image is turned over for the mean; the first is none."""
    axes = {"none": [], "horizontal": [-1], "all": [-1, -2, -3][:dims]}[mirror]
    return [chosen for length in range(len(axes) + 1) for chosen in combinations(axes, length)]


def shares_of(
    nets: Sequence[torch.nn.Module],
    pixels: NDArray[np.floating[Any]],
    plan: SegmentationPlan,
    *,
    mirror: Mirror = "none",
    overlap: float = 0.5,
) -> NDArray[np.float32]:
    """Softmax shares (classes, planes, rows, columns) of an image (channels, planes, rows, columns) where the network works.

    The mean over the networks and the mirror images. Pieces overlap by `overlap` and weigh by a Gaussian about their middle with a
    sigma of an eighth of their side (Isensee et al. 2021), so that no seam shows.
    """
    import torch

    device = next(nets[0].parameters()).device
    turns = mirrored_axes(mirror, plan.dims)

    def said(images: torch.Tensor) -> torch.Tensor:
        total = None
        for net in nets:
            for axes in turns:
                one = net(images.flip(axes) if axes else images).float().softmax(1)
                one = one.flip(axes) if axes else one
                total = one if total is None else total + one
        assert total is not None
        mean: torch.Tensor = total / (len(nets) * len(turns))
        return mean

    given = torch.from_numpy(np.ascontiguousarray(pixels, np.float32))
    for net in nets:
        net.eval()
    with torch.inference_mode():
        if plan.dims == 3:
            return _slid(given[None], plan, said, device, overlap)[0].numpy()
        stacks = torch.split(given.transpose(0, 1), PLANES_AT_ONCE)  # planes as a batch
        found = [said(s.to(device)).cpu() if plan.whole else _slid(s, plan, said, device, overlap) for s in stacks]
        return torch.cat(found).transpose(0, 1).numpy()


def _slid(images: torch.Tensor, plan: SegmentationPlan, said: Any, device: torch.device, overlap: float) -> torch.Tensor:
    import torch
    from monai.inferers.utils import sliding_window_inference

    found = sliding_window_inference(
        images, plan.patch, max(1, plan.batch_size), said, overlap=overlap, mode="gaussian", sw_device=device,
        device=torch.device("cpu"),
    )  # fmt: skip
    return torch.as_tensor(found)


def tidied(labels: NDArray[np.uint8], *, parts: int, fill: bool) -> NDArray[np.uint8]:
    """Of each structure the `parts` largest connected parts (0 keeps all), holes filled with it where asked for.

    A hole is background that the structure surrounds; in volumes plane by plane.
    """
    if not parts and not fill:
        return labels
    from scipy.ndimage import binary_fill_holes, label

    made = np.zeros_like(labels)
    for structure in np.unique(labels[labels > 0]):
        own = labels == structure
        if parts:
            numbered, count = label(own)
            sizes = np.bincount(numbered.ravel(), minlength=count + 1)[1:]
            own = np.isin(numbered, 1 + np.argsort(-sizes, kind="stable")[:parts])
        if fill:
            own = own | _filled(own, binary_fill_holes) & (labels == 0)
        made[own] = structure
    return made


def _filled(own: NDArray[np.bool_], fill: Any) -> NDArray[np.bool_]:
    return np.asarray(fill(own) if own.ndim == 2 else np.stack([fill(plane) for plane in own]))
