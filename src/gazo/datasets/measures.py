"""Simple numbers of each image and of each marked region: what outliers and shifts are looked for in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted, quiet
from gazo.datasets.fingerprints import Fingerprint, fingerprint

_SAMPLE = 1 << 18


@dataclass(frozen=True)
class Measure:
    """Numbers of one image.

    Parameters
    ----------
    rows, columns : size in pixels. depth : data type and number of colours, such as "uint16" or "uint8 x 3".
    spacing_mm : distance of pixel centres along columns, NaN when unknown.
    mean, contrast : mean and standard deviation of the pixel values. low, high : 1st and 99th percentile.
    unusable : pixels that are not finite.
    """

    rows: int
    columns: int
    depth: str
    spacing_mm: float
    mean: float
    contrast: float
    low: float
    high: float
    unusable: int


@dataclass(frozen=True)
class Region:
    """One marked region of an image: equivalent diameter in `unit` (mm, px without spacing), contrast in SD of its surroundings."""

    row: int
    diameter: float
    contrast: float
    unit: str


@dataclass(frozen=True)
class Survey:
    """What one pass over a set has measured; None stands where an image could not be read."""

    measures: tuple[Measure | None, ...]
    prints: tuple[Fingerprint | None, ...]
    regions: tuple[Region, ...]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """One measure of every image, NaN where there is none."""
        return np.array([np.nan if m is None else float(getattr(m, name)) for m in self.measures])


def survey(images: ImageSet, *, on_event: OnEvent = quiet) -> Survey:
    """Read every image once: its numbers, its fingerprint and its marked regions (roles `boxes`, `mask`)."""
    measures: list[Measure | None] = []
    prints: list[Fingerprint | None] = []
    regions: list[Region] = []
    for row in counted(range(len(images)), Text("画像を検査", "Checking images"), on_event):
        try:
            image = images[row]
            regions += _regions(images, row, image)
        except GazoError:
            measures.append(None)
            prints.append(None)
        else:
            measures.append(measured(image))
            prints.append(fingerprint(image))
    return Survey(tuple(measures), tuple(prints), tuple(regions))


def measured(image: Image) -> Measure:
    """The numbers of one image; mean and percentiles of large images from every k-th pixel."""
    values = image.grey().pixels.ravel()
    values = np.asarray(values[:: max(1, values.size // _SAMPLE)], np.float64)
    usable = values[np.isfinite(values)]
    low, high = np.percentile(usable, [1, 99]) if usable.size else (0.0, 0.0)
    rows, columns = image.shape[-2:]
    return Measure(
        rows=rows,
        columns=columns,
        depth=f"{image.pixels.dtype.name}{' x 3' if image.colour else ''}",
        spacing_mm=float("nan") if image.spacing_mm is None else image.spacing_mm[-1],
        mean=float(usable.mean()) if usable.size else float("nan"),
        contrast=float(usable.std()) if usable.size else float("nan"),
        low=float(low),
        high=float(high),
        unusable=int(values.size - usable.size),
    )


def _regions(images: ImageSet, row: int, image: Image) -> Iterator[Region]:
    """The marked regions of one image; of a volume none, because boxes and masks here are plane."""
    pixels = np.asarray(image.grey().pixels, np.float32)
    if pixels.ndim != 2:
        return
    spacing, unit = (1.0, 1.0), "px"
    if image.spacing_mm is not None:
        spacing, unit = (image.spacing_mm[-2], image.spacing_mm[-1]), "mm"
    for inside in _marked(images, row, pixels.shape):
        diameter = 2 * np.sqrt(inside.sum() * spacing[0] * spacing[1] / np.pi)
        yield Region(row, float(diameter), _contrast(pixels, inside), unit)


def _marked(images: ImageSet, row: int, shape: tuple[int, ...]) -> Iterator[NDArray[np.bool_]]:
    """A mask for each box (the ellipse in it) and for each connected part of the mask image."""
    if images.has("boxes") and images.role("boxes")[row] is not None:
        y, x = np.mgrid[: shape[0], : shape[1]]
        for left, top, width, height in np.asarray(images.role("boxes")[row], float).reshape(-1, 4):
            across = (x + 0.5 - left - width / 2) / max(width / 2, 0.5)
            down = (y + 0.5 - top - height / 2) / max(height / 2, 0.5)
            inside = across**2 + down**2 <= 1
            if inside.any():
                yield inside
    elif images.has("mask") and (cell := images.role("mask")[row]) is not None:
        from scipy.ndimage import label

        mask = np.asarray(images.loader(cell).grey().pixels, np.float32)
        if mask.shape == shape:
            parts, count = label(mask > 0)
            yield from (parts == part for part in range(1, count + 1))


def _contrast(pixels: NDArray[np.float32], inside: NDArray[np.bool_]) -> float:
    """(mean inside - mean around) / SD around; around is a ring as wide as half the region's radius, at least 2 pixels."""
    from scipy.ndimage import distance_transform_edt

    radius = np.sqrt(inside.sum() / np.pi)
    reach = int(radius / 2 + 3)
    found: Any = np.nonzero(inside)
    window = tuple(slice(max(0, int(axis.min()) - reach), int(axis.max()) + reach + 1) for axis in found)
    part, values = inside[window], pixels[window]
    ring = (distance_transform_edt(~part) <= max(2.0, radius / 2)) & ~part
    if ring.sum() < 3 or not np.isfinite(values).all():
        return float("nan")
    return float((values[part].mean() - values[ring].mean()) / max(float(values[ring].std()), 1e-6))
