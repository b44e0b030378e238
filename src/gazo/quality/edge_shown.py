"""The picture that shows what was measured: region and line on the image, and the region itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Panels

SIDE_PX = 512
REGION, LINE = (255, 170, 0), (0, 190, 255)


def shown_line(
    pixels: NDArray[Any], box: tuple[int, int, int, int], ends: tuple[tuple[float, float], ...], title: Text
) -> Panels:
    """The image with the region (orange) and the line (blue), and the region alone.

    Parameters
    ----------
    pixels : (rows, columns).
    box : top, left, height, width of the region.
    ends : row and column of the ends of the line found.
    title : what was found.
    """
    import cv2

    scale = SIDE_PX / max(pixels.shape)
    whole = _resized(pixels, scale)
    top, left, height, width = box
    corners = ((top - 0.5, left - 0.5), (top + height - 0.5, left + width - 0.5))
    cv2.rectangle(whole, *_points(corners, scale), REGION, 3)
    cv2.line(whole, *_points(ends, scale), LINE, 3)
    part = pixels[max(0, top) : top + height, max(0, left) : left + width]
    zoom = SIDE_PX / max(part.shape)
    near = _resized(part, zoom)
    cv2.line(near, *_points(tuple((r - top, c - left) for r, c in ends), zoom), LINE, 2)
    captions = (
        Text("画像と測定領域 (橙)、直線 (青)", "image, region (orange) and line (blue)"),
        Text("測定領域", "the region measured"),
    )
    return Panels(title, (whole, near), captions)


def _resized(pixels: NDArray[Any], scale: float) -> NDArray[np.uint8]:
    import cv2

    size = tuple(max(1, round(n * scale)) for n in pixels.shape[::-1])
    return _grey(cv2.resize(pixels.astype(np.float32), size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST))


def _grey(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = np.percentile(values[::3, ::3], (0.5, 99.5))
    grey = np.clip((values - low) / max(high - low, 1e-12) * 255, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))


def _points(places: tuple[tuple[float, float], ...], scale: float) -> list[tuple[int, int]]:
    return list((round((c + 0.5) * scale), round((r + 0.5) * scale)) for r, c in places)
