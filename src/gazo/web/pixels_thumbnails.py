"""Small pictures, kept as files in the workspace's cache under names that tell nothing."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import StorageError
from gazo.core.files import replacing
from gazo.web.addresses import found_at
from gazo.web.pixels import kept_or_read
from gazo.web.pixels_display import thumbnail

_VERSION = 1  # raise it when the same image gives another picture


def thumbnail_png(named: str, side: int, place: Path) -> tuple[bytes, str]:
    """The PNG of an address and a mark (ETag) that changes with it."""
    stamp = found_at(named, place).stamp
    key = hashlib.sha256(f"{_VERSION}|{named}|{stamp}|{side}".encode()).hexdigest()[:32]
    file = place / "cache" / "thumbnails" / key[:2] / f"{key}.png"
    with suppress(OSError):
        return file.read_bytes(), f'"{key}"'
    shown = kept_or_read(named, place)
    png = _png(thumbnail(shown.image, side, shown.found.signed))
    with suppress(OSError, StorageError):  # a full disk costs time, not the picture
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as target:
            target.write(png)
    return png, f'"{key}"'


def _png(pixels: NDArray[np.uint8]) -> bytes:
    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
