"""Pairs of small squares, enlarged and true, for training: kept in a file so that memory does not grow with the study."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError
from gazo.core.files import storage_error
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.seeds import generator
from gazo.learn.estimate.cubic import bicubic, cropped
from gazo.learn.estimate.planes import plane_of
from gazo.training.devices import world
from gazo.training.feed import Batch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Cutting:
    """How images become pairs: by which factors they are shrunk, the side and the stride of the squares, how many an image gives at most."""

    factors: tuple[int, ...]
    patch_px: int
    stride_px: int
    most: int
    seed: int


@dataclass(eq=False)
class PatchPairs:
    """`count` pairs in a temporary file that vanishes when it is closed. `image` holds the row of the set each pair comes from."""

    file: IO[bytes]
    count: int
    patch_px: int
    image: NDArray[np.int64]
    faults: tuple[Fault, ...]

    def __enter__(self) -> PatchPairs:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def read(self, numbers: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Some pairs: (n, 2, side, side); first what the network is given, then what it should make of it."""
        found = np.empty((len(numbers), 2, self.patch_px, self.patch_px), np.float32)
        for target, number in zip(found, numbers, strict=True):
            self.file.seek(int(number) * target.nbytes)
            self.file.readinto(memoryview(target).cast("B"))  # type: ignore[attr-defined, arg-type]
        return found


def patch_pairs(images: ImageSet, cut: Cutting, *, folder: Path | None = None, on_event: OnEvent = quiet) -> PatchPairs:
    """Shrink and enlarge every image once for each factor and keep squares of both; images that cannot be used become faults."""
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it belongs to the object returned
    faults: list[Fault] = []
    rows: list[int] = []
    try:
        for row, image in images.stream(faults=faults):
            try:
                truth = plane_of(image).pixels
            except GazoError as error:
                faults.append(Fault(row, error))
                continue
            for factor in cut.factors:
                pairs = _pairs_of(cropped(truth, factor), factor, cut, row)
                file.write(pairs.tobytes())
                rows += [row] * len(pairs)
            on_event(Event(Text("画像の読み込み", "Reading images"), row + 1, len(images)))
        file.flush()
    except OSError as error:
        file.close()
        raise storage_error(error, "training patches") from None
    if len(rows) < 2:
        file.close()
        raise DataError(
            "G-EST-005",
            en=f"training needs at least 2 squares of {cut.patch_px} px; the {len(images)} images give {len(rows)}. Choose larger images or a smaller --patch-px.",
            ja=f"学習には {cut.patch_px} px 四方の領域が 2 つ以上必要ですが、{len(images)} 枚の画像から得られるのは {len(rows)} 個です。大きな画像を使うか、--patch-px を小さくしてください。",
        )
    return PatchPairs(file, len(rows), cut.patch_px, np.array(rows, np.int64), tuple(faults))


def _pairs_of(truth: NDArray[np.float32], factor: int, cut: Cutting, row: int) -> NDArray[np.float32]:
    """The squares of one image, on a grid; where there are more than wanted, some drawn at random."""
    rows, columns = (range(0, length - cut.patch_px + 1, cut.stride_px) for length in truth.shape)
    corners = [(r, c) for r in rows for c in columns]
    if not corners:
        return np.zeros((0, 2, cut.patch_px, cut.patch_px), np.float32)
    if len(corners) > cut.most:
        drawn = np.sort(generator(cut.seed, "patches", row, factor).permutation(len(corners))[: cut.most])
        corners = [corners[i] for i in drawn]
    both = np.stack([bicubic(truth, factor), truth])
    return np.stack([both[:, r : r + cut.patch_px, c : c + cut.patch_px] for r, c in corners])


@dataclass(frozen=True, eq=False)
class PatchFeed:
    """Some of the pairs as shuffled batches; everything random about an epoch follows from (seed, epoch).

    With `turned` each batch is turned by a multiple of 90 degrees and mirrored at random, both squares alike.
    """

    pairs: PatchPairs
    numbers: NDArray[np.integer[Any]]
    batch_size: int
    seed: int
    turned: bool = True

    def __len__(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.numbers) // self.batch_size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of one epoch, this process's share of each where several train."""
        import torch

        rng = generator(self.seed, "epoch", number)
        order = rng.permutation(self.numbers)
        rank, processes = world()
        for step in range(len(self)):
            chosen = order[step * self.batch_size : (step + 1) * self.batch_size]
            chosen = chosen[: max(1, len(chosen) // processes) * processes]
            pairs = torch.from_numpy(self.pairs.read(chosen))
            if self.turned:
                pairs = _turned(pairs, int(rng.integers(8)))
            pairs = pairs[rank::processes]
            yield Batch(pairs[:, :1], pairs[:, 1:], self.pairs.image[chosen][rank::processes])


def _turned(pairs: torch.Tensor, way: int) -> torch.Tensor:
    """One of the eight ways to lay a square on itself."""
    import torch

    turned = torch.rot90(pairs, way % 4, (2, 3))
    return turned.flip(3) if way >= 4 else turned
