"""What a viewer shows of a DICOM image: window or VOI LUT, then MONOCHROME1 turned white on black."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.history import Step
from gazo.core.image import Image
from gazo.io.dicom_header import functional_groups, number, value_of
from gazo.process.voi import windowed


def window_of(dataset: Any) -> tuple[float, float] | None:
    """Centre and width of the first window, in the units of the rescaled values."""
    for item in (dataset, *functional_groups(dataset, "FrameVOILUTSequence")[:1]):
        centre, width = number(item, "WindowCenter"), number(item, "WindowWidth")
        if centre is not None and width is not None and width > 0:
            return centre, width
    return None


def rendered(image: Image, dataset: Any) -> Image:
    """The image as uint8 display values, black 0 and white 255 (PS3.3 C.11.2)."""
    if value_of(dataset, "VOILUTSequence"):
        shown = _voi_table(image.pixels, dataset)
    elif image.window is not None:
        function = str(value_of(dataset, "VOILUTFunction") or "LINEAR")
        centre, width = image.window
        width = max(width, 1.0) if function == "LINEAR" else width  # some files break the rule of the standard
        shown = windowed(np.asarray(image.pixels, np.float32), centre, width, function, 255)
    else:
        low, high = float(image.pixels.min()), float(image.pixels.max())
        shown = (image.pixels.astype(np.float32) - np.float32(low)) * np.float32(255 / max(high - low, 1e-12))
    grey = np.rint(shown).astype(np.uint8)
    if image.inverted:
        grey = np.uint8(255) - grey
    step = Step("read_dicom", 1, {"voi": True})
    return replace(image, pixels=grey, meaning="display", unit="", window=None, inverted=False).with_step(step)


def _voi_table(values: NDArray[np.generic], dataset: Any) -> NDArray[np.float32]:
    """Values looked up in the first VOI LUT, scaled from its bits to 0 to 255."""
    from pydicom.pixels import apply_voi

    bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
    looked_up = apply_voi(np.asarray(values).astype(np.int32), dataset)
    return looked_up.astype(np.float32) * np.float32(255 / (2**bits - 1))
