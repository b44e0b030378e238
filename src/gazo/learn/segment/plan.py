"""How images reach the network: spacing, size of pieces, depth, range of values. Given by the user, or drawn from the data.

The rules are those of nnU-Net (Isensee et al., Nat Methods 18:203, 2021, with its supplement): a fingerprint of the training part, and
from it by fixed rules a plan that stays with the network.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Table, result

Values = Literal["image", "ct"]
LEAST_PX = 4  # no axis is pooled below this
ANISOTROPIC = 3.0  # ratio of spacings from which the coarse axis is treated apart
MOST_POOLS = {2: 7, 3: 5}
BYTES_PER_FEATURE = 8  # 128^3 pieces, two a batch, 32 features then take 7 GiB; nnU-Net's plan for 8 GiB is that size


@result("segmentation fingerprint")
@dataclass(frozen=True, eq=False)
class Fingerprint:
    """What the training images are like.

    Parameters
    ----------
    shapes : (n, 3) planes, rows, columns of each image.
    spacings : (n, 3) mm along them; NaN where it is not known.
    ct : the values are Hounsfield units.
    percentiles, mean, sd : 0.5th and 99.5th percentile, mean and standard deviation of the values inside the structures.
    """

    shapes: NDArray[np.integer[Any]]
    spacings: NDArray[np.floating[Any]]
    ct: bool = False
    percentiles: tuple[float, float] = (0.0, 1.0)
    mean: float = 0.0
    sd: float = 1.0


@result("segmentation plan")
@dataclass(frozen=True)
class SegmentationPlan:
    """What is done with each image, the same in training and afterwards.

    Parameters
    ----------
    dims : 2 for planes, 3 for volumes.
    whole : every plane is brought to the square `patch` (longest side fits, the rest is filled); else pieces are cut.
    patch : (rows, columns) or (planes, rows, columns) that the network sees.
    spacing_mm : (planes, rows, columns) that images are brought to; None leaves pixels as they are, but for `shrink`.
    shrink : pixels of the image for one of the network's, along rows and columns, where there is no spacing.
    pools, kernels : of the network's levels.
    values : "image": each image to mean 0 and SD 1; "ct": `intensity` (low, high, mean, SD of all) cuts and scales.
    """

    dims: int
    whole: bool
    patch: tuple[int, ...]
    batch_size: int
    pools: tuple[tuple[int, ...], ...]
    kernels: tuple[tuple[int, ...], ...]
    spacing_mm: tuple[float, ...] | None = None
    shrink: float = 1.0
    values: Values = "image"
    intensity: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        for name in ("patch", "spacing_mm", "intensity"):  # JSON brings lists
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else tuple(value))
        for name in ("pools", "kernels"):
            object.__setattr__(self, name, tuple(tuple(level) for level in getattr(self, name)))

    def table(self) -> Table:
        """The plan in words, for reports."""
        size = " x ".join(map(str, self.patch))
        whole = Text(f"画像全体を {size} px に", f"whole images at {size} px")
        pieces = Text(f"{size} px の小領域", f"pieces of {size} px")
        spacing = "–" if self.spacing_mm is None else " x ".join(f"{s:.3g}" for s in self.spacing_mm) + " mm"
        ct = Text("値域 {:.0f}–{:.0f}、平均 {:.0f}、SD {:.0f}", "range {:.0f}–{:.0f}, mean {:.0f}, SD {:.0f}")
        each = Text("画像ごとに平均 0・SD 1 (0.5–99.5 パーセンタイル)", "each image to mean 0, SD 1 (0.5th to 99.5th percentile)")
        shown = Text(ct.ja.format(*self.intensity), ct.en.format(*self.intensity)) if self.values == "ct" else each
        rows = (
            (Text("次元", "Dimensions"), f"{self.dims}D"),
            (Text("入力", "Input"), whole if self.whole else pieces),
            (Text("画素間隔 (面, 行, 列)", "Spacing (planes, rows, columns)"), spacing),
            (Text("縮小率", "Shrinking"), f"{self.shrink:g}"),
            (Text("バッチサイズ", "Batch size"), str(self.batch_size)),
            (Text("段数", "Levels"), str(len(self.pools) + 1)),
            (Text("プーリング", "Pooling"), ", ".join("x".join(map(str, p)) for p in self.pools)),
            (Text("カーネル", "Kernels"), ", ".join("x".join(map(str, k)) for k in self.kernels)),
            (Text("画素値の標準化", "Values"), shown),
        )
        return Table(Text("学習の構成", "Configuration"), (Text("項目", "Item"), Text("値", "Value")), rows)


def pooling(
    patch: Sequence[int], spacing: Sequence[float] | None = None, *, most: int | None = None
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Pools and kernels: an axis is halved while it keeps `LEAST_PX`, a coarse one waits until the others are as coarse.

    An axis whose spacing is more than twice the finest of that level is neither pooled nor convolved along there.
    """
    sizes = list(patch)
    steps = [1.0] * len(sizes) if spacing is None else [float(s) for s in spacing]
    pools, kernels = [], []
    for _ in range(MOST_POOLS[len(sizes)] if most is None else most):
        able = [i for i, size in enumerate(sizes) if size >= 2 * LEAST_PX and size % 2 == 0]
        if not able:
            break
        finest = min(steps[i] for i in able)
        pool = tuple(2 if i in able and steps[i] < 2 * finest else 1 for i in range(len(sizes)))
        kernels.append(_kernel(steps))
        pools.append(pool)
        sizes, steps = [n // p for n, p in zip(sizes, pool, strict=True)], [s * p for s, p in zip(steps, pool, strict=True)]
    return tuple(pools), (*kernels, _kernel(steps))


def _kernel(steps: Sequence[float]) -> tuple[int, ...]:
    return tuple(1 if step > 2 * min(steps) else 3 for step in steps)


def planned(found: Fingerprint, *, dims: int, memory_gib: float, width: int = 32, images: int | None = None) -> SegmentationPlan:
    """The plan for images of this fingerprint.

    Spacing: the median along each axis; along a coarse axis (three times the finest, and few planes) the 10th percentile. Pieces: the
    median size at that spacing, the axis that is longest for its median made smaller until two pieces fit the memory. Levels: until a side is 4 px. The batch fills the memory, 2 at least, and holds at most a twentieth of
    all voxels.

    Parameters
    ----------
    dims : 2 or 3.
    memory_gib : of the device.
    width : features of the first level.
    images : of the training part; by default those of the fingerprint.
    """
    spacing = _target(found)
    sizes = found.shapes if spacing is None else found.shapes * found.spacings / np.asarray(spacing)
    median = np.maximum(1, np.rint(np.median(sizes, 0))).astype(int)[3 - dims :]
    steps = None if spacing is None else spacing[3 - dims :]
    patch = [max(2 * LEAST_PX, int(n)) if n > 1 else 1 for n in median]
    least = 2
    while True:
        rounded, pools, kernels = _rounded(patch, steps)
        if _bytes(rounded, pools, width) * least <= memory_gib * 2**30 or max(rounded) <= 4 * LEAST_PX:
            break
        longest = int(np.argmax([p / m if p > 4 * LEAST_PX else 0 for p, m in zip(rounded, median, strict=True)]))
        patch = list(rounded)
        patch[longest] = max(4 * LEAST_PX, patch[longest] - _step(pools, longest))
    fill = int(memory_gib * 2**30 // _bytes(rounded, pools, width))
    voxels = float(np.prod(np.median(sizes, 0))) * (images or len(found.shapes))
    cap = max(least, int(0.05 * voxels / np.prod(rounded)))
    batch = int(np.clip(fill, least, cap))
    return SegmentationPlan(dims, False, rounded, batch, pools, kernels, spacing)


def _target(found: Fingerprint) -> tuple[float, ...] | None:
    """The spacing images are brought to; None where it is not known."""
    if np.isnan(found.spacings).any():
        return None
    spacing, sizes = np.median(found.spacings, 0), np.median(found.shapes, 0)
    coarse = int(np.argmax(spacing))
    others = [axis for axis in range(3) if axis != coarse and sizes[axis] > 1]
    apart = spacing[coarse] > ANISOTROPIC * min(spacing[others]) and sizes[coarse] * ANISOTROPIC < min(sizes[others])
    if apart and sizes[coarse] > 1:
        fine = float(np.percentile(found.spacings[:, coarse], 10))
        spacing[coarse] = max(fine, float(min(spacing[others])))
    return tuple(float(s) for s in spacing)


def _rounded(
    patch: Sequence[int], steps: Sequence[float] | None
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """The patch made divisible by what its own pooling asks for, with that pooling."""
    halvings = [max(0, int(math.log2(max(1, size) / LEAST_PX))) for size in patch]
    most = MOST_POOLS[len(patch)]
    sizes = [max(1, round(n / 2 ** min(h, most))) * 2 ** min(h, most) for n, h in zip(patch, halvings, strict=True)]
    pools, kernels = pooling(sizes, steps)
    return tuple(sizes), pools, kernels


def _step(pools: Sequence[tuple[int, ...]], axis: int) -> int:
    return max(2, math.prod(pool[axis] for pool in pools))


def _bytes(patch: Sequence[int], pools: Sequence[tuple[int, ...]], width: int) -> float:
    """Memory of one piece in training: two convolutions a level on the way down, two and the enlargement on the way up."""
    voxels, most = math.prod(patch), 512 if len(patch) == 2 else 320
    total, features = 0.0, width
    for level, pool in enumerate([*pools, None]):
        total += voxels * features * (2 if pool is None else 5)
        if pool is not None:
            voxels, features = voxels // math.prod(pool), min(width * 2 ** (level + 1), most)
    return total * BYTES_PER_FEATURE
