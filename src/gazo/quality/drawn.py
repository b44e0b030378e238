"""Pictures that show what was measured: the image in grey, regions outlined or tinted on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Panels

SIDE = 480
# Okabe & Ito (2008), told apart by colour-blind readers: orange, sky blue, yellow, vermillion, bluish green.
COLOURS = ((230, 159, 0), (86, 180, 233), (240, 228, 66), (213, 94, 0), (0, 158, 115))


def grey(pixels: NDArray[Any], *, log: bool = False) -> NDArray[np.uint8]:
    """An image of at most `SIDE` pixels a side, its 0.5th to 99.5th percentile spread over black to white."""
    import cv2

    values = _logarithm(pixels) if log else np.asarray(pixels, np.float32)
    scale = SIDE / max(values.shape)
    if scale < 1:
        size = (max(1, round(values.shape[1] * scale)), max(1, round(values.shape[0] * scale)))
        values = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    low, high = np.percentile(values, (0.5, 99.5))
    return (255 * np.clip((values - low) / max(float(high - low), 1e-12), 0, 1)).astype(np.uint8)


def outlined(picture: NDArray[np.uint8], masks: Sequence[NDArray[Any]]) -> NDArray[np.uint8]:
    """The picture in colour with the edge of each mask drawn on it, in the order of `COLOURS`."""
    import cv2

    shown = np.repeat(picture[..., None], 3, -1)
    size = (picture.shape[1], picture.shape[0])
    for mask, colour in zip(masks, COLOURS * len(masks), strict=False):
        small = cv2.resize(np.asarray(mask, np.uint8), size, interpolation=cv2.INTER_NEAREST)
        found, _ = cv2.findContours(small, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        shown = cv2.drawContours(np.ascontiguousarray(shown), found, -1, colour, 1)
    return np.asarray(shown, np.uint8)


def panels(title: Text, *pairs: tuple[Text, NDArray[np.uint8]]) -> Panels:
    """Pictures with their captions side by side."""
    return Panels(title, tuple(picture for _, picture in pairs), tuple(caption for caption, _ in pairs))


def _logarithm(pixels: NDArray[Any]) -> NDArray[np.float32]:
    values = np.asarray(pixels, np.float32)
    floor = np.float32(1e-4) * max(float(np.percentile(values, 99.5)), 1e-12)
    return np.asarray(np.log(np.maximum(values, floor)), np.float32)
