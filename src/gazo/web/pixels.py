"""Decoded images of the workbench: those looked at last are kept, and no more of them than a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.web.addresses import Found, found_at

LIMIT_BYTES = 128 << 20  # with 110 MB of the server itself well below 300 MB
_LEVELS = 8


class Kept:
    """Values by key with their size in bytes. The least recently used go when together they are too large; the newest always stays."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._values: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Any, threading.Lock] = {}

    def get(self, key: Any, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        """The value of a key; made once, however many threads ask for it at the same time."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                with self._lock:
                    if key in self._values:
                        self._values.move_to_end(key)
                        return self._values[key][0]
                value = make()
                self._put(key, value, size(value))
                return value
        finally:
            with self._lock:
                self._making.pop(key, None)

    def _put(self, key: Any, value: Any, size: int) -> None:
        with self._lock:
            self._values[key] = (value, size)
            while len(self._values) > 1 and sum(s for _, s in self._values.values()) > self.limit_bytes:
                self._values.popitem(last=False)

    def peek(self, key: Any) -> Any:
        """The value of a key when it is there."""
        with self._lock:
            return self._values.get(key, (None, 0))[0]

    @property
    def bytes(self) -> int:
        """What is kept now."""
        with self._lock:
            return sum(size for _, size in self._values.values())


kept = Kept(LIMIT_BYTES)


@dataclass(frozen=True)
class Shown:
    """An image that is looked at, and what its address told."""

    image: Image
    found: Found


def shown_at(named: str, place: Path) -> Shown:
    """The image at an address, decoded once while it is looked at."""
    found = found_at(named, place)
    image = kept.get((str(place), named, found.stamp), found.read, lambda made: made.pixels.nbytes)
    return Shown(image, found)


def kept_image(named: str, place: Path) -> Image:
    """As `shown_at`, the image only."""
    return shown_at(named, place).image


def kept_or_read(named: str, place: Path) -> Shown:
    """As `shown_at`, but an image that is not looked at is not kept: a page of thumbnails pushes nothing out."""
    found = found_at(named, place)
    image = kept.peek((str(place), named, found.stamp))
    return Shown(found.read() if image is None else image, found)


def plane_of(image: Image, plane: int = 0, axis: int = 0) -> NDArray[Any]:
    """One plane (rows, columns[, 3]): of a volume number `plane` along planes (axis 0), rows (1) or columns (2)."""
    volume = image.pixels if len(image.shape) == 3 else image.pixels[None]
    if axis not in (0, 1, 2) or not 0 <= plane < volume.shape[axis]:
        count = volume.shape[axis] if axis in (0, 1, 2) else 0
        raise OptionError(
            "G-VIW-020",
            en=f"axis {axis} of this image has {count} planes, counted from 0; plane {plane} was asked for. Choose one that is there.",
            ja=f"この画像の軸 {axis} の断面は {count} 枚 (0 から数える) です。断面 {plane} はありません。範囲内の断面を選んでください。",
        )
    return np.asarray(volume[(slice(None),) * axis + (plane,)])


def spacing_of(image: Image, axis: int = 0) -> tuple[float, float] | None:
    """Spacing of the rows and columns of a plane across an axis, in mm."""
    if image.spacing_mm is None:
        return None
    every = image.spacing_mm if len(image.spacing_mm) == 3 else (1.0, *image.spacing_mm)
    rows, columns = (length for n, length in enumerate(every) if n != axis)
    return float(rows), float(columns)


def head_last(image: Image) -> bool:
    """Whether the planes of a volume rise towards the head, so that sections across them are shown upside down."""
    if image.orientation is None or len(image.shape) != 3:
        return False
    normal = np.cross(image.orientation[:3], image.orientation[3:6])
    return bool(normal[2] > 0.5)


def halved(plane: NDArray[Any]) -> NDArray[Any]:
    """Means of 2 x 2 pixels, whole numbers rounded; at an odd edge the mean of those that are there."""
    import cv2

    rows, columns = plane.shape[:2]
    if rows % 2 or columns % 2:
        beyond = ((0, rows % 2), (0, columns % 2)) + ((0, 0),) * (plane.ndim - 2)
        plane = np.pad(plane, beyond, mode="edge")
    size = (plane.shape[1] // 2, plane.shape[0] // 2)
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA))


def reduced(plane: NDArray[Any], level: int) -> NDArray[Any]:
    """A plane halved `level` times."""
    if not 0 <= level <= _LEVELS:
        raise OptionError(
            "G-VIW-021",
            en=f"the level of reduction is 0 (full size) to {_LEVELS}; {level} came. Give one of these.",
            ja=f"縮小の段階は 0 (原寸) から {_LEVELS} です。受け取った値: {level}。範囲内の値を指定してください。",
        )
    for _ in range(level):
        if max(plane.shape[:2]) <= 1:
            break
        plane = halved(plane)
    return plane
