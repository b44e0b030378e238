"""Images taken as free of noise, kept in their own size in a temporary file; crops with fresh noise for training."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError
from gazo.core.image import Image
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.seeds import generator
from gazo.learn.denoise.noise import Law, NoiseModel, Pixels, Seen
from gazo.process.plane import plane
from gazo.training.feed import Batch

if TYPE_CHECKING:
    from gazo.training.options import TrainingOptions

LEAST_PX = 16


@dataclass(eq=False)
class CleanImages:
    """The images of a set as float32 in a temporary file. Close it, or use it in a `with` block."""

    file: IO[bytes]
    places: dict[int, tuple[int, tuple[int, int]]]
    laws: dict[int, Law]
    faults: tuple[Fault, ...]
    count: int

    @classmethod
    def of(cls, images: ImageSet, model: NoiseModel, *, on_event: OnEvent = quiet) -> CleanImages:
        """Read every image once; those that cannot be used become faults."""
        kept = cls(tempfile.TemporaryFile(), {}, {}, (), len(images))  # noqa: SIM115 - it belongs to the object returned
        faults: list[Fault] = []
        for row, image in images.stream(faults=faults):
            try:
                kept._take(row, image, model)
            except GazoError as error:
                faults.append(Fault(row, error))
            on_event(Event(Text("画像の読み込み", "Reading images"), row + 1, len(images)))
        kept.faults = tuple(faults)
        if not kept.places:
            kept.file.close()
            first = faults[0].error.text if faults else Text("画像がありません", "there are no images")
            raise DataError(
                "G-DEN-002",
                en=f"none of the {len(images)} images can be used; the first says: {first.en} Check the files.",
                ja=f"{len(images)} 枚の画像はどれも使えません。最初のエラー: {first.ja} ファイルを確認してください。",
            )
        return kept

    def _take(self, row: int, image: Image, model: NoiseModel) -> None:
        pixels = plane(image.grey(), least=LEAST_PX)
        if float(pixels.min()) == float(pixels.max()):
            raise DataError(
                "G-DEN-003",
                en=f"an image to learn from must show something; every pixel of this one is {float(pixels.min()):g}. Leave it out.",
                ja=f"学習には内容のある画像が必要ですが、この画像はすべての画素値が {float(pixels.min()):g} です。除いてください。",
            )
        law = model.law_of(image)
        model.add(pixels, law, generator(0, "trial"))  # what cannot be given noise is told now
        self.places[row] = (self.file.tell(), (pixels.shape[0], pixels.shape[1]))
        self.laws[row] = law
        self.file.write(pixels.tobytes())

    @property
    def usable(self) -> NDArray[np.int64]:
        """The rows that can be used."""
        return np.array(sorted(self.places), np.int64)

    def read(self, row: int) -> Pixels:
        """The pixels of one image."""
        place, shape = self.places[int(row)]
        pixels = np.empty(shape, np.float32)
        end = self.file.tell()
        self.file.seek(place)
        self.file.readinto(memoryview(pixels).cast("B"))  # type: ignore[attr-defined, arg-type]
        self.file.seek(end)
        return pixels

    def __enter__(self) -> CleanImages:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


@dataclass(frozen=True, eq=False)
class NoisyCrops:
    """Crops of images with noise drawn anew each epoch; targets hold the noise, or a clean or a second noisy image.

    Everything random about epoch e follows from (seed, e). Images come as `Seen.detail`, targets on the same scale.

    Parameters
    ----------
    rows : the images to learn from.
    target : "noise", "clean" or "noise2noise".
    """

    images: CleanImages
    rows: NDArray[np.integer[Any]]
    model: NoiseModel
    options: TrainingOptions
    target: str
    crop_px: int
    crops_per_image: int
    seed: int

    def __len__(self) -> int:
        """Batches in an epoch: groups of as many images as a batch has, `crops_per_image` batches of each."""
        return -(-len(self.rows) // self.options.batch_size) * self.crops_per_image

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of one epoch: each holds one crop of every image of a group."""
        import torch

        rng = generator(self.seed, "epoch", number)
        order = rng.permutation(self.rows)
        for start in range(0, len(order), self.options.batch_size):
            rows = order[start : start + self.options.batch_size]
            crops = [self._crops(int(row), rng) for row in rows]
            for each in range(self.crops_per_image):
                inputs, targets = (torch.from_numpy(np.stack([pair[each] for pair in kind])) for kind in zip(*crops, strict=True))
                yield Batch(inputs[:, None], targets[:, None], rows)

    def _crops(self, row: int, rng: np.random.Generator) -> tuple[list[Pixels], list[Pixels]]:
        """Crops of one image at one dose, each turned or mirrored by chance."""
        clean, law = self.images.read(row), self.images.laws[row]
        dose = float(np.exp(rng.uniform(-1, 1) * np.log(self.model.dose_spread)))
        noisy = self.model.add(clean, law, rng, dose=dose)
        seen = Seen.of(noisy, law)
        told = self._over(noisy - clean, seen)
        if self.target == "noise2noise":
            told = told - self._over(self.model.add(clean, law, rng, dose=dose) - clean, seen)
        pair = (seen.detail, told if self.target == "noise" else seen.detail - told)
        drawn = [self._place(clean.shape, rng) for _ in range(self.crops_per_image)]
        found = [[_turned(part[where], turn) for where, turn in drawn] for part in pair]
        return found[0], found[1]

    def _over(self, noise: Pixels, seen: Seen) -> Pixels:
        """Noise on the scale of the network; 0 in an image without grain."""
        return np.divide(noise, seen.spread, out=np.zeros_like(noise), where=seen.spread != 0)

    def _place(self, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[tuple[slice, slice], int]:
        """Where a crop lies, and which of the eight turns and mirrorings it gets."""
        first = [int(rng.integers(0, n - self.crop_px + 1)) for n in shape]
        return (slice(first[0], first[0] + self.crop_px), slice(first[1], first[1] + self.crop_px)), int(rng.integers(8))


def _turned(crop: Pixels, turn: int) -> Pixels:
    turned = np.rot90(crop, turn % 4)
    return np.ascontiguousarray(turned[::-1] if turn > 3 else turned)
