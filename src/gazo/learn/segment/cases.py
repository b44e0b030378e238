"""Images and masks brought to where the network works, and its answers brought back to the geometry of the image."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError, ImageError
from gazo.core.files import storage_error
from gazo.core.image import Image
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.seeds import generator
from gazo.learn.segment.labels import labels_of
from gazo.learn.segment.plan import SegmentationPlan

Channel = Literal["grey", "colour", "green"]
Floats = NDArray[np.float32]
PLACES = 500  # kept of each structure of an image, for pieces that show it


@dataclass(frozen=True, kw_only=True)
class Look:
    """Which channel of an image is learned from, and whether its contrast is equalised (CLAHE) before."""

    channel: Channel = "grey"
    equalise: bool = False

    @property
    def channels(self) -> int:
        return 3 if self.channel == "colour" else 1


def network_pixels(image: Image, look: Look, plan: SegmentationPlan) -> Floats:
    """An image as the network sees it: (channels, planes, rows, columns), scaled in value and size."""
    planes = channel_planes(image, look)
    if not np.isfinite(planes).all():
        raise ImageError(
            "G-SEG-003",
            en="an image holds pixels that are no numbers (NaN or infinite). Repair the image or leave it out.",
            ja="画像に数値でない画素 (NaN または無限大) があります。画像を修正するか除いてください。",
        )
    if plan.values == "ct":
        low, high, mean, sd = plan.intensity
        planes = (np.clip(planes, low, high) - np.float32(mean)) / np.float32(max(sd, 1e-6))
    else:
        planes = np.stack([_standard(channel) for channel in planes])
    return framed(planes, plan, inner_shape(image, plan))


def network_mask(mask: NDArray[Any], image: Image, plan: SegmentationPlan, structures: int) -> NDArray[np.uint8]:
    """A mask (labels 0 ... n) brought to the same place; each pixel gets the structure that covers most of it."""
    whole = mask[None] if mask.ndim == 2 else mask
    shape = inner_shape(image, plan)
    if not plan.whole and shape == whole.shape:
        return whole.astype(np.uint8)
    shares = framed((whole[None] == np.arange(structures + 1)[:, None, None, None]).astype(np.float32), plan, shape)
    return np.asarray(shares.argmax(0), np.uint8)


def in_geometry(shares: Floats, shape: tuple[int, ...], inner: tuple[int, int, int], plan: SegmentationPlan) -> Floats:
    """Shares (classes, planes, rows, columns) from the network brought to the shape of the image: (classes, *shape)."""
    if plan.whole:
        top, left = ((side - own) // 2 for side, own in zip(plan.patch, inner[1:], strict=True))
        shares = shares[:, :, top : top + inner[1], left : left + inner[2]]
    planes = shape if len(shape) == 3 else (1, *shape)
    back = resized(shares, planes)  # type: ignore[arg-type]
    return back if len(shape) == 3 else back[:, 0]


def inner_shape(image: Image, plan: SegmentationPlan) -> tuple[int, int, int]:
    """Planes, rows and columns that the image itself takes where the network works."""
    planes, rows, columns = image.shape if len(image.shape) == 3 else (1, *image.shape)
    if plan.whole:
        scale = plan.patch[0] / max(rows, columns)
        return planes, max(1, round(rows * scale)), max(1, round(columns * scale))
    if plan.spacing_mm is None:
        return planes, max(1, round(rows / plan.shrink)), max(1, round(columns / plan.shrink))
    spacing = image.need_spacing()
    given = spacing if len(spacing) == 3 else (plan.spacing_mm[0], *spacing)
    factors = [have / wanted for have, wanted in zip(given, plan.spacing_mm, strict=True)]
    if plan.dims == 2:
        factors[0] = 1.0  # planes are learned one by one and stay as they are
    r = [max(1, round(n * f)) for n, f in zip((planes, rows, columns), factors, strict=True)]
    return r[0], r[1], r[2]


def framed(planes: Floats, plan: SegmentationPlan, inner: tuple[int, int, int]) -> Floats:
    """Stacked planes (n, planes, rows, columns) at the size where the network works; whole images in the middle of a square."""
    made = resized(planes, inner)
    if not plan.whole:
        return made
    square = np.zeros((len(made), inner[0], *plan.patch), np.float32)
    top, left = ((side - own) // 2 for side, own in zip(plan.patch, inner[1:], strict=True))
    square[:, :, top : top + inner[1], left : left + inner[2]] = made
    return square


def resized(planes: Floats, shape: tuple[int, int, int]) -> Floats:
    """(n, planes, rows, columns) at another size: areas averaged where it shrinks, else linear; planes linear."""
    import cv2

    if planes.shape[1:] == shape:
        return planes
    rows, columns = planes.shape[2:]
    if shape[1:] != (rows, columns):
        way = cv2.INTER_AREA if shape[1] <= rows and shape[2] <= columns else cv2.INTER_LINEAR
        size = (shape[2], shape[1])
        planes = np.stack([[cv2.resize(p, size, interpolation=way) for p in stack] for stack in planes])
    if shape[0] == planes.shape[1]:
        return planes
    at = np.clip((np.arange(shape[0]) + 0.5) * planes.shape[1] / shape[0] - 0.5, 0, planes.shape[1] - 1)
    below = np.minimum(at.astype(int), planes.shape[1] - 1)
    above, share = np.minimum(below + 1, planes.shape[1] - 1), (at - below).astype(np.float32)[:, None, None]
    mixed: Floats = planes[:, below] * (1 - share) + planes[:, above] * share
    return mixed


def channel_planes(image: Image, look: Look) -> Floats:
    """(channels, planes, rows, columns) float32 of the channels asked for, MONOCHROME1 turned over."""
    if image.colour and look.channel == "colour":
        chosen = np.moveaxis(np.asarray(image.pixels, np.float32), -1, 0)
    elif image.colour and look.channel == "green":
        chosen = np.asarray(image.pixels[..., 1], np.float32)[None]
    else:
        chosen = np.repeat(np.asarray(image.grey().pixels, np.float32)[None], look.channels, 0)
    planes = chosen[:, None] if len(image.shape) == 2 else chosen
    if look.equalise:
        from gazo.process.clahe import clahe

        planes = np.stack([[np.asarray(clahe(Image(p)).pixels, np.float32) for p in stack] for stack in planes])
    return -planes if image.inverted else planes


def _standard(values: Floats) -> Floats:
    """Cut to the 0.5th and 99.5th percentile, then mean 0 and standard deviation 1."""
    low, high = np.percentile(values, (0.5, 99.5))
    cut = np.clip(values, low, high)
    return np.asarray((cut - cut.mean()) / (cut.std() + np.float32(1e-6)), np.float32)


@dataclass(frozen=True, eq=False)
class _Entry:
    """Where a case lies in the file, how large it is, and where its structures are."""

    offset: int
    shape: tuple[int, ...]  # channels, planes, rows, columns
    places: tuple[NDArray[np.int32], ...]  # for each structure found: (n, 3) plane, row, column


@dataclass(eq=False)
class CaseStore:
    """Prepared images and masks in a temporary file, so that memory does not grow with the study. Use it in a `with` block."""

    file: IO[bytes]
    entries: dict[int, _Entry]
    faults: tuple[Fault, ...] = ()

    def __enter__(self) -> CaseStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def usable(self, rows: Sequence[int] | NDArray[Any]) -> list[int]:
        """Those of the rows that could be read."""
        return [int(row) for row in rows if int(row) in self.entries]

    def pixels(self, row: int) -> NDArray[np.float16]:
        """(channels, planes, rows, columns); pages are read when touched."""
        entry = self.entries[row]
        return np.memmap(self.file, np.float16, "r", entry.offset, entry.shape)

    def mask(self, row: int) -> NDArray[np.uint8]:
        """(planes, rows, columns) labels."""
        entry = self.entries[row]
        offset = entry.offset + 2 * int(np.prod(entry.shape))
        return np.memmap(self.file, np.uint8, "r", offset, entry.shape[1:])


def prepare_cases(
    images: ImageSet,
    rows: Sequence[int] | NDArray[Any],
    look: Look,
    plan: SegmentationPlan,
    structures: Sequence[str],
    *,
    folder: Path | None = None,
    on_event: OnEvent = quiet,
) -> CaseStore:
    """Read the images and masks of some rows once; what cannot be read becomes a fault."""
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it belongs to the object returned
    entries: dict[int, _Entry] = {}
    faults: list[Fault] = []
    try:
        for number, row in enumerate(map(int, rows), 1):
            try:
                image = images[row]
                pixels = network_pixels(image, look, plan).astype(np.float16)
                labels = labels_of(images, row, structures, shape=image.shape)
                mask = network_mask(labels, image, plan, len(structures))
            except GazoError as error:
                faults.append(Fault(row, error))
                continue
            entries[row] = _Entry(file.tell(), pixels.shape, _places(mask, row))
            content = pixels.tobytes() + mask.tobytes()
            file.write(content + bytes(-len(content) % 16))  # each case begins at a round place
            on_event(Event(Text("画像の読み込み", "Reading images"), number, len(rows)))
        file.flush()
    except OSError as error:
        file.close()
        raise storage_error(error, "prepared images") from None
    return CaseStore(file, entries, tuple(faults))


def _places(mask: NDArray[np.uint8], row: int) -> tuple[NDArray[np.int32], ...]:
    rng = generator(row, "places")
    found = []
    for structure in np.unique(mask[mask > 0]):
        at = np.flatnonzero(mask == structure)
        chosen = np.sort(rng.choice(at, min(PLACES, len(at)), replace=False))
        found.append(np.stack(np.unravel_index(chosen, mask.shape), 1).astype(np.int32))
    return tuple(found)
