"""Images made ready for a detector: prepared pixels with their lesions, in the pixels of the network and in those of the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.progress import OnEvent, quiet
from gazo.learn.truth import NO_BOXES, Boxes, boxes_of, need_lesions
from gazo.stats.detections import Found
from gazo.training.pixels import Fit, PreparedPixels, prepare

if TYPE_CHECKING:
    import torch

    from gazo.learn.detect.options import DetectorOptions

Shape = tuple[int, int]


def placing(shape: Shape, size_px: int, fit: Fit) -> NDArray[np.float64]:
    """How `prepared_pixels` places an image in its square: factor along x, along y, then the shift to the right and down."""
    rows, columns = shape
    scale = size_px / max(rows, columns)
    wide, high = (size_px, size_px) if fit == "stretch" else (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.array([wide / columns, high / rows, (size_px - wide) // 2, (size_px - high) // 2], float)


def to_square(boxes: Boxes, shape: Shape, size_px: int, fit: Fit) -> NDArray[np.float64]:
    """Boxes x, y, width, height in pixels of the image as corners x0, y0, x1, y1 in pixels of the square."""
    factor, shift = np.split(placing(shape, size_px, fit), 2)
    low = boxes[:, :2] * factor + shift
    return np.hstack([low, low + boxes[:, 2:] * factor])


def from_square(corners: NDArray[np.floating[Any]], shape: Shape, size_px: int, fit: Fit) -> NDArray[np.float64]:
    """The inverse of `to_square`; what reaches beyond the image is cut off."""
    factor, shift = np.split(placing(shape, size_px, fit), 2)
    edge = np.array([shape[1], shape[0]], float)
    low = np.clip((corners[:, :2] - shift) / factor, 0, edge)
    high = np.clip((corners[:, 2:] - shift) / factor, 0, edge)
    return np.hstack([low, np.maximum(high - low, 0)])


@dataclass(eq=False)
class Cases:
    """The images of a set as a detector sees them. Close it, or use it in a `with` block.

    Parameters
    ----------
    pixels : the prepared images.
    fit : how they became square.
    shapes : rows and columns of each image that can be used.
    truth : its lesions as x, y, width, height in its own pixels; nothing where the set names none.
    spacing_mm : distance of its rows and columns, None where it is not known.
    """

    pixels: PreparedPixels
    fit: Fit
    shapes: dict[int, Shape] = field(default_factory=dict)
    truth: dict[int, Boxes] = field(default_factory=dict)
    spacing_mm: dict[int, tuple[float, float] | None] = field(default_factory=dict)

    def __enter__(self) -> Cases:
        return self

    def __exit__(self, *_: object) -> None:
        self.pixels.file.close()

    @property
    def size_px(self) -> int:
        return self.pixels.size_px

    @property
    def usable(self) -> NDArray[np.int64]:
        """The rows that can be used."""
        return np.flatnonzero(self.pixels.usable)

    def lesions(self, row: int) -> NDArray[np.float64]:
        """The lesions of an image as corners in pixels of the square."""
        return to_square(self.truth[row], self.shapes[row], self.size_px, self.fit)

    def found(self, row: int, corners: torch.Tensor, scores: torch.Tensor) -> Found:
        """What was found in the square, in pixels of the image."""
        boxes = from_square(corners.double().numpy(), self.shapes[row], self.size_px, self.fit)
        return Found(boxes, scores.double().numpy())

    def sides(self, rows: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Width and height of every lesion of some rows, (n, 2), in pixels of the square."""
        boxes = np.concatenate([NO_BOXES, *(self.lesions(int(row)) for row in rows)])
        return np.asarray(boxes[:, 2:] - boxes[:, :2])


def cases_of(
    images: ImageSet, options: DetectorOptions, *, truth: bool = True, folder: Path | None = None, on_event: OnEvent = quiet
) -> Cases:
    """Read every image once, with its lesions where `truth` is asked for; an image whose boxes are wrong is passed over as a fault."""
    shapes: dict[int, Shape] = {}
    lesions: dict[int, Boxes] = {}
    spacing: dict[int, tuple[float, float] | None] = {}

    def note(row: int, image: Image) -> None:
        shapes[row] = (image.shape[0], image.shape[1])
        spacing[row] = None if image.spacing_mm is None else (image.spacing_mm[0], image.spacing_mm[1])
        lesions[row] = _sized(boxes_of(images, row, shape=image.shape), shapes[row], options.point_box_px) if truth else NO_BOXES

    if truth:
        need_lesions(images)
    size: dict[str, Any] = {"size_px": options.size_px, "channels": options.channels, "fit": options.fit_to_square}
    pixels = prepare(images, **size, folder=folder, kept_of=note, on_event=on_event)
    return Cases(pixels, options.fit_to_square, shapes, lesions, spacing)


def _sized(boxes: Boxes, shape: Shape, side_px: float) -> Boxes:
    """Points as boxes of a side about them, as far as the image reaches; boxes as they are."""
    points = (boxes[:, 2:] <= 0).any(1)
    if not points.any():
        return boxes
    if not side_px:
        raise DataError(
            "G-DET-001",
            en="some lesions are points, boxes without width or height; a detector of boxes must know how large they are. "
            "Set --point-box-px to the usual size of a lesion in pixels of the image.",
            ja="病変に点 (幅または高さが 0 の矩形) が含まれています。矩形を検出するには病変の大きさが必要です。"
            "--point-box-px に病変の標準的な大きさ (画像の画素数) を指定してください。",
        )
    edge = np.array([shape[1], shape[0]], float)
    centre = boxes[points, :2] + boxes[points, 2:] / 2
    low, high = np.clip(centre - side_px / 2, 0, edge), np.clip(centre + side_px / 2, 0, edge)
    sized = boxes.copy()
    sized[points] = np.hstack([low, high - low])
    return sized
