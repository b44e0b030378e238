"""Batches for training: whole planes, or pieces of which a third shows a structure; masks move with their images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.seeds import generator
from gazo.learn.segment.cases import CaseStore
from gazo.learn.segment.plan import SegmentationPlan
from gazo.training.devices import world

if TYPE_CHECKING:
    import torch

    from gazo.training.augment import Augmentation
    from gazo.training.feed import Batch

SURE_SHARE = 1 / 3  # of pieces that are drawn about a structure (Isensee et al. 2021)


@dataclass(frozen=True, eq=False)
class CaseFeed:
    """Everything random about epoch e follows from (seed, e), so an interrupted training goes on exactly where it was.

    Parameters
    ----------
    rows : of the store.
    pieces : of each image in an epoch, where the plan cuts pieces.
    """

    store: CaseStore
    rows: Sequence[int]
    plan: SegmentationPlan
    seed: int
    pieces: int = 1
    augmentation: Augmentation | None = None

    def __len__(self) -> int:
        whole, rest = divmod(len(self._items()), self.plan.batch_size)
        return max(1, whole + (rest >= 2 * world()[1]))

    def _items(self) -> list[tuple[int, int]]:
        """(row, plane) of each whole plane, or (row, -1) as often as pieces are wanted."""
        if self.plan.whole:
            return [(row, plane) for row in self.rows for plane in range(self.store.entries[row].shape[1])]
        return [(row, -1) for row in self.rows for _ in range(self.pieces)]

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of one epoch, this process's share of each where several train."""
        import torch

        from gazo.training.feed import Batch

        rng = generator(self.seed, "epoch", number)
        items = self._items()
        order = rng.permutation(len(items))
        rank, processes = world()
        size = self.plan.batch_size
        for step in range(len(self)):
            chosen = [items[i] for i in order[step * size : (step + 1) * size]]
            chosen = chosen[: max(1, len(chosen) // processes) * processes]
            pairs = [self._piece(row, plane, rng) for row, plane in chosen]
            images = torch.from_numpy(np.stack([pair[0] for pair in pairs]).astype(np.float32))
            masks = torch.from_numpy(np.stack([pair[1] for pair in pairs]))
            if self.augmentation is not None:
                images, masks = moved(self.augmentation, images, masks, rng)
            rows = np.array([row for row, _ in chosen])
            yield Batch(images[rank::processes], masks.long()[rank::processes], rows[rank::processes])

    def _piece(self, row: int, plane: int, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        """Image (channels, *patch) and labels (*patch) of one item."""
        pixels, mask = self.store.pixels(row), self.store.mask(row)
        if self.plan.whole:
            return np.asarray(pixels[:, plane]), np.asarray(mask[plane])
        patch = self.plan.patch if self.plan.dims == 3 else (1, *self.plan.patch)
        corner = corner_of(mask.shape, patch, self.store.entries[row].places, rng)
        cut = tuple(slice(max(0, c), c + n) for c, n in zip(corner, patch, strict=True))
        image, labels = filled(np.asarray(pixels[(slice(None), *cut)]), patch), filled(np.asarray(mask[cut])[None], patch)[0]
        return (image, labels) if self.plan.dims == 3 else (image[:, 0], labels[0])


def corner_of(
    shape: Sequence[int], patch: Sequence[int], places: Sequence[NDArray[Any]], rng: np.random.Generator
) -> tuple[int, ...]:
    """Where a piece begins: anywhere, or in a third of the cases about a place of a structure. Always takes the same randomness."""
    sure, which, place, *anywhere = rng.random(6)
    room = [max(0, n - p) for n, p in zip(shape, patch, strict=True)]
    if sure >= SURE_SHARE or not places:
        return tuple(int(u * (r + 1)) for u, r in zip(anywhere, room, strict=True))
    among = places[int(which * len(places))]
    centre = among[int(place * len(among))]
    jittered = [int(c - p * u) for c, p, u in zip(centre, patch, anywhere, strict=True)]
    return tuple(int(np.clip(j, 0, r)) for j, r in zip(jittered, room, strict=True))


def filled(planes: NDArray[Any], patch: Sequence[int]) -> NDArray[Any]:
    """(n, planes, rows, columns) filled with 0 behind up to the size of a piece."""
    rest = [(0, max(0, p - n)) for n, p in zip(planes.shape[1:], patch, strict=True)]
    return np.pad(planes, [(0, 0), *rest]) if any(after for _, after in rest) else planes


def moved(
    augmentation: Augmentation, images: torch.Tensor, masks: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (n, channels, *patch) and labels (n, *patch) changed alike; all planes of a volume in the same way."""
    n, side = len(images), max(images.shape[-2:])
    drawn = augmentation.draw(n, size_px=side, generator=rng)
    plane = images.shape[-2:]
    changed = drawn.apply(images.reshape(n, -1, *plane)).reshape(images.shape)
    labels = drawn.apply_masks(masks.reshape(n, -1, *plane)).reshape(masks.shape)
    return changed, labels
