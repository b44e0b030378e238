"""Patches for training: as many with a lesion as without, turned, mirrored and shifted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.registry import feature
from gazo.core.seeds import generator
from gazo.learn.detect.candidates import Points
from gazo.learn.detect.candidates_cases import SpotCases
from gazo.learn.detect.candidates_planes import Enhancement
from gazo.training.augment import Augmentation
from gazo.training.devices import world
from gazo.training.feed import Batch

MARGIN = 1.5  # cut so much larger than a patch, so that turned and shifted patches have no empty corners


@dataclass(frozen=True, eq=False)
class Cuts:
    """Patches with a margin: (n, channels, side, side) float16, and the row of the image each comes from."""

    patches: NDArray[np.float16]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def joined(self, other: Cuts) -> Cuts:
        """Both together."""
        return Cuts(np.concatenate([self.patches, other.patches]), np.concatenate([self.rows, other.rows]))


def cuts_at(cases: SpotCases, places: Sequence[tuple[int, Points]], enhancement: Enhancement, patch_px: int) -> Cuts:
    """The patches about points (row, column) of some images, with their margin; each image is read once."""
    half = round(MARGIN * patch_px) // 2
    cut, rows = [], []
    for row, points in places:
        if not len(points):
            continue
        framed = np.pad(cases.channels(row, enhancement), ((0, 0), (half, half - 1), (half, half - 1)), mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(framed, (2 * half, 2 * half), axis=(1, 2))
        cut.append(np.moveaxis(windows[:, points[:, 0], points[:, 1]], 0, 1).astype(np.float16))
        rows += [row] * len(points)
    if not cut:
        channels = cases.channels(int(cases.usable[0]), enhancement).shape[0]
        return Cuts(np.zeros((0, channels, 2 * half, 2 * half), np.float16), np.zeros(0, np.int64))
    return Cuts(np.concatenate(cut), np.array(rows))


def random_points(cases: SpotCases, row: int, count: int, rng: np.random.Generator) -> Points:
    """Places of an image where a patch may lie, away from its lesions."""
    places = np.flatnonzero(cases.inside(row))
    if not len(places):
        return np.zeros((0, 2), np.int64)
    drawn = rng.choice(places, min(2 * count, len(places)), replace=False)
    points = np.stack(np.unravel_index(drawn, cases.shapes[row]), 1)
    return points[~cases.hit(row, points)][:count]


@feature("陽性・陰性を同数にしたパッチ抽出", "Equal numbers of patches of both classes", booklet=("D4", "D5"))
@dataclass(frozen=True, eq=False)
class PatchFeed:
    """Batches of patches, half of them with a lesion, drawn, turned and shifted anew in every epoch.

    `negatives` are drawn from several pools alike (random places, candidates, false positives of a first pass), whatever their sizes.
    """

    positives: Cuts
    negatives: tuple[Cuts, ...]
    patch_px: int
    batch_size: int
    patches: int
    seed: int
    augmentation: Augmentation

    def __len__(self) -> int:
        return max(1, self.patches // self.batch_size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of one epoch, this process's share of each where several processes train."""
        import torch

        rng = generator(self.seed, "patches", number)
        pools = [pool for pool in self.negatives if len(pool)]
        rank, processes = world()
        for _ in range(len(self)):
            half = self.batch_size // 2
            parts = [_drawn(self.positives, half, rng)]
            sizes = np.full(len(pools), (self.batch_size - half) // len(pools))
            sizes[: (self.batch_size - half) % len(pools)] += 1
            parts += [_drawn(pool, int(size), rng) for pool, size in zip(pools, sizes, strict=True)]
            images = torch.from_numpy(np.concatenate([p for p, _ in parts]).astype(np.float32))
            moved = self.augmentation.draw(len(images), size_px=images.shape[-1], generator=rng).apply(images)
            targets = torch.zeros(len(images))
            targets[:half] = 1
            own = slice(rank, None, processes)
            yield Batch(centre(moved, self.patch_px)[own], targets[own], np.concatenate([r for _, r in parts])[own])


def centre(images: Any, patch_px: int) -> Any:
    """The patch in the middle of patches with a margin; pixel `side / 2` becomes pixel `patch_px / 2`."""
    start = images.shape[-1] // 2 - patch_px // 2
    return images[..., start : start + patch_px, start : start + patch_px].contiguous()


def _drawn(pool: Cuts, count: int, rng: np.random.Generator) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    chosen = rng.integers(len(pool), size=count)
    return pool.patches[chosen], pool.rows[chosen]
