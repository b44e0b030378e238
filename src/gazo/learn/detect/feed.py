"""Batches for detectors: augmented images with their boxes moved alike, padded to one number of boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.seeds import generator
from gazo.learn.detect.cases import Cases
from gazo.training.devices import world
from gazo.training.feed import Batch, balancing_weights, standardise

if TYPE_CHECKING:
    import torch

    from gazo.training.augment import Augmentation

LESION, PROPOSAL = 1.0, 2.0  # what the last column of the targets says; 0 fills up
STILL_THERE = 0.3  # least share of a box that augmentation must leave inside the image for it to count


@dataclass(frozen=True, eq=False)
class BoxFeed:
    """The training rows as shuffled batches (see `gazo.training.feed.Feed`); targets are (n, most, 5): x0, y0, x1, y1, kind.

    Parameters
    ----------
    proposals : for methods that are given places to look at, corners (m, 4) of each row; they move with the images.
    balanced : draw rows so that those with and those without lesions are equally frequent.
    """

    cases: Cases
    rows: NDArray[np.integer[Any]]
    batch_size: int
    seed: int
    augmentation: Augmentation
    proposals: Mapping[int, NDArray[np.floating[Any]]] | None = None
    balanced: bool = False

    def __len__(self) -> int:
        """Batches in an epoch; a last batch with less than two images for each process is left out (batch normalisation)."""
        whole, rest = divmod(len(self.rows), self.batch_size)
        return max(1, whole + (rest >= 2 * world()[1]))

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of one epoch, this process's share of each where several processes train."""
        rng = generator(self.seed, "epoch", number)
        order = self._order(rng)
        rank, processes = world()
        for step in range(len(self)):
            rows = order[step * self.batch_size : (step + 1) * self.batch_size]
            rows = rows[: max(1, len(rows) // processes) * processes]
            drawn = self.augmentation.draw(len(rows), size_px=self.cases.size_px, generator=rng)
            images = drawn.apply(self.cases.pixels.read(rows))
            boxes = [self._boxes(int(row)) for row in rows]
            moved = drawn.apply_boxes([own[:, :4] for own in boxes])
            targets = padded([_still_there(m, b) for m, b in zip(moved, boxes, strict=True)])
            yield Batch(standardise(images)[rank::processes], targets[rank::processes], rows[rank::processes])

    def in_order(self) -> Iterator[Batch]:
        """All rows once as they stand, without augmentation."""
        for start in range(0, len(self.rows), self.batch_size):
            rows = self.rows[start : start + self.batch_size]
            yield Batch(standardise(self.cases.pixels.read(rows)), padded([self._boxes(int(row)) for row in rows]), rows)

    def _boxes(self, row: int) -> NDArray[np.float64]:
        """Lesions and proposals of a row with their kind, (n, 5)."""
        parts = [(self.cases.lesions(row), LESION)]
        if self.proposals is not None:
            parts.append((np.asarray(self.proposals[row], float), PROPOSAL))
        return np.concatenate([np.column_stack([boxes, np.full(len(boxes), kind)]) for boxes, kind in parts])

    def _order(self, rng: np.random.Generator) -> NDArray[np.integer[Any]]:
        ill = np.array([len(self.cases.truth[int(row)]) > 0 for row in self.rows], np.int64)
        if not self.balanced or ill.all():
            return rng.permutation(self.rows)
        weights = balancing_weights(ill)
        return rng.choice(self.rows, len(self.rows), p=weights / weights.sum())


def _still_there(moved: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    """The moved boxes with their kind, without those that left the image."""
    area = (moved[:, 2:] - moved[:, :2]).prod(1)
    kept = area > STILL_THERE * (before[:, 2:4] - before[:, :2]).prod(1)
    return np.asarray(np.column_stack([moved, before[:, 4]])[kept])


def padded(boxes: Sequence[NDArray[np.float64]]) -> torch.Tensor:
    """Lists of (m, 5) as one tensor (n, most, 5), filled up with zeros."""
    import torch

    filled = np.zeros((len(boxes), max([1, *map(len, boxes)]), 5), np.float32)
    for place, own in zip(filled, boxes, strict=True):
        place[: len(own)] = own
    return torch.from_numpy(filled)
