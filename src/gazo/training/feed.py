"""Batches for training: drawn, augmented and standardised the same way whenever the same epoch is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gazo.core.seeds import generator
from gazo.training.devices import world
from gazo.training.pixels import PreparedPixels

if TYPE_CHECKING:
    import torch

    from gazo.training.augment import Augmentation


class Batch(NamedTuple):
    """Images (n, channels, size, size), their targets (n, ...) and their rows in the set."""

    images: torch.Tensor
    targets: torch.Tensor
    rows: NDArray[np.integer[Any]]


class Batches(Protocol):
    """What the training loop draws from: everything random about epoch e follows from e and the feed's own seed."""

    def __len__(self) -> int:
        """Batches in an epoch."""

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of one epoch."""


def standardise(images: torch.Tensor) -> torch.Tensor:
    """Each image and channel to mean 0 and standard deviation 1, so that exposure and window say nothing."""
    mean = images.mean((2, 3), keepdim=True)
    return (images - mean) / (images.std((2, 3), keepdim=True) + 1e-6)


@dataclass(frozen=True, eq=False)
class Feed:
    """The training rows as shuffled batches.

    Everything random about epoch e follows from (seed, e), so an interrupted training goes on exactly where it was.

    Parameters
    ----------
    pixels : the prepared images.
    rows : which of them belong to the training part.
    targets : one target for each row of the whole set, a tensor indexed by row.
    weights : chance of each of `rows` to be drawn, relative; None draws each exactly once an epoch.
    """

    pixels: PreparedPixels
    rows: NDArray[np.integer[Any]]
    targets: torch.Tensor
    batch_size: int
    seed: int
    augmentation: Augmentation | None = None
    weights: NDArray[np.floating[Any]] | None = None

    def __len__(self) -> int:
        """Batches in an epoch. A last batch with less than two images for each process is left out (batch normalisation)."""
        whole, rest = divmod(len(self.rows), self.batch_size)
        return max(1, whole + (rest >= 2 * world()[1]))

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of one epoch, this process's share of each where several processes train."""
        rng = generator(self.seed, "epoch", number)
        order = self._order(rng)
        rank, processes = world()
        for step in range(len(self)):
            rows = order[step * self.batch_size : (step + 1) * self.batch_size]
            rows = rows[: max(1, len(rows) // processes) * processes]  # equal shares, so that gradients weigh equally
            drawn = (
                None
                if self.augmentation is None
                else self.augmentation.draw(len(rows), size_px=self.pixels.size_px, generator=rng)
            )
            images = self.pixels.read(rows)
            if drawn is not None:
                images = drawn.apply(images)
            yield Batch(standardise(images)[rank::processes], self.targets[rows][rank::processes], rows[rank::processes])

    def _order(self, rng: np.random.Generator) -> NDArray[np.integer[Any]]:
        if self.weights is None:
            return rng.permutation(self.rows)
        return rng.choice(self.rows, len(self.rows), p=self.weights / self.weights.sum())


def balancing_weights(labels: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """For each row the chance that makes every class equally frequent: 1 / size of its class."""
    return np.asarray(1.0 / np.bincount(labels)[labels], np.float64)
