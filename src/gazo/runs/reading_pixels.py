"""Images for a pack that is read without gazo: 8 or 16 bits, packed into scripts, because a page opened from a folder may read nothing else."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image

_MOST = 65535


def image_script(image: Image, number: int) -> bytes:
    """A call that hands the pixels to the page: size, kind (grey of 8 or 16 bits, or colour), window, and the codes, deflated."""
    if len(image.shape) != 2:
        raise ImageError(
            "G-READ-040",
            en=f"a pack takes single images; image {number} has {len(image.shape)} axes. Read volumes in the workbench, or split them into images.",
            ja=f"持ち出し用の読影セットに入れられるのは 1 枚ずつの画像です。画像 {number} は {len(image.shape)} 軸です。ボリュームは作業画面で読影するか、断面に分けてください。",
        )
    codes, centre, width = _codes(image)
    facts: dict[str, Any] = {
        "rows": image.shape[0], "columns": image.shape[1], "kind": "rgb" if image.colour else f"u{8 * codes.dtype.itemsize}",
        "centre": round(centre, 4), "width": round(max(width, 1e-6), 4), "inverted": bool(image.inverted),
        "aspect": round(_aspect(image), 5),
    }  # fmt: skip
    little = np.ascontiguousarray(codes, codes.dtype.newbyteorder("<"))
    packed = base64.b64encode(zlib.compress(little.tobytes(), 6)).decode()
    return f'gazoImage({number}, {json.dumps(facts)}, "{packed}");\n'.encode()


def _codes(image: Image) -> tuple[NDArray[Any], float, float]:
    """Codes with the window to begin with, in codes."""
    pixels = image.pixels.astype(np.uint8) * 255 if image.pixels.dtype == bool else image.pixels
    if pixels.dtype == np.uint8:
        return pixels, *_window(image, pixels, 0.0, 1.0)
    values = np.where(np.isfinite(pixels), pixels, np.nan).astype(np.float64)
    low, high = (float(np.nanmin(values)), float(np.nanmax(values))) if np.isfinite(values).any() else (0.0, 1.0)
    if image.colour:
        return _stretched(values, low, high, 255).astype(np.uint8), 127.5, 255.0
    whole = pixels.dtype.kind in "iu" and high - low <= _MOST
    slope = 1.0 if whole else (high - low) / _MOST or 1.0
    codes = np.rint((np.nan_to_num(values, nan=low) - low) / slope).astype(np.uint16)
    return codes, *_window(image, codes, low, slope)


def _window(image: Image, codes: NDArray[Any], low: float, slope: float) -> tuple[float, float]:
    """That of the file; 0 to 255 for display values; else the 0.5th to 99.5th percentile."""
    if image.window is not None:
        return (image.window[0] - low) / slope, image.window[1] / slope
    if image.colour or (codes.dtype == np.uint8 and image.meaning == "display"):
        return 127.5, 255.0
    first, last = np.percentile(codes, (0.5, 99.5))
    return float(first + last) / 2, float(last - first) or 1.0


def _stretched(values: NDArray[np.float64], low: float, high: float, top: int) -> NDArray[np.float64]:
    return np.asarray(np.rint((np.nan_to_num(values, nan=low) - low) / (high - low or 1.0) * top))


def _aspect(image: Image) -> float:
    """Height of a pixel over its width."""
    return image.spacing_mm[-2] / image.spacing_mm[-1] if image.spacing_mm else 1.0
