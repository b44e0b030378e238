"""Images with the contours of the truth and of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Panels
from gazo.learn.segment.labels import labels_of

if TYPE_CHECKING:
    from gazo.learn.segment.fitted import FindsStructures

SIDE_PX = 256
TRUE_COLOUR, FOUND_COLOUR = (86, 180, 233), (230, 159, 0)  # sky blue and orange: told apart with any colour vision (Okabe & Ito)
TITLE = Text("輪郭 (水色: 正解、橙: 検出結果)", "Contours (blue: truth, orange: found)")


def contour_panel(image: Image, truth: NDArray[Any] | None, found: NDArray[Any]) -> NDArray[np.uint8]:
    """One image in grey, 8 bits with three colours, the contours over it; of a volume the plane where most was found."""
    import cv2

    pixels = np.asarray(image.grey().pixels, np.float32)
    if pixels.ndim == 3:
        plane = int(np.argmax((found > 0).sum((1, 2)) + (0 if truth is None else (truth > 0).sum((1, 2)))))
        pixels, found, truth = pixels[plane], found[plane], None if truth is None else truth[plane]
    low, high = np.percentile(pixels, (0.5, 99.5))
    grey = np.clip((pixels - low) / max(float(high - low), 1e-6) * 255, 0, 255)
    grey = 255 - grey if image.inverted else grey
    scale = SIDE_PX / max(grey.shape)
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = np.repeat(np.rint(cv2.resize(grey, size, interpolation=way)).astype(np.uint8)[..., None], 3, 2)
    for mask, colour in ((truth, TRUE_COLOUR), (found, FOUND_COLOUR)):
        for label in np.unique(mask[mask > 0]) if mask is not None else ():
            own = cv2.resize((mask == label).astype(np.float32), size, interpolation=cv2.INTER_LINEAR) >= 0.5
            lines, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(shown, lines, -1, colour, 1)
    return shown


def found_panels(fitted: FindsStructures, images: ImageSet, rows: Sequence[int]) -> Panels:
    """What was found in some images; the truth beside it where there is a mask."""
    pictures, captions = [], []
    for row in rows:
        try:
            image = images[row]
            found = fitted.found(image).labels
        except GazoError:
            continue
        truth = None
        if images.has("mask") and images.role("mask")[row] is not None:
            truth = labels_of(images, row, fitted.structures, shape=image.shape)
        pictures.append(contour_panel(image, truth, found))
        sizes = ", ".join(f"{name} {int((found == n).sum())}" for n, name in enumerate(fitted.structures, 1))
        captions.append(Text(f"行 {row}: {sizes} 画素", f"row {row}: {sizes} pixels"))
    return Panels(TITLE, tuple(pictures), tuple(captions))
