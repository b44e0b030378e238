"""Images written into a data set under neutral names, with nothing but pixels and what makes them medical."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from gazo.core.errors import GazoError
from gazo.core.image import Image, Meaning
from gazo.core.imageset import Loader
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted, quiet
from gazo.datasets.strata import is_missing
from gazo.io.files import write

FILES = "files"
COPYING = Text("画像の取り込み", "Taking in images")
_UNITS = ("", "HU", "mm", "mGy", "µGy", "uGy", "Gy", "keV", "1/mm", "mm2/s", "SUV")


@dataclass(frozen=True)
class Stored:
    """What became of each image: its file below the set's folder (None where it could not be taken), and the faults by row."""

    files: tuple[str | None, ...]
    faults: tuple[tuple[int, GazoError], ...]

    @property
    def rows(self) -> list[int]:
        """The rows that were taken."""
        return [row for row, file in enumerate(self.files) if file is not None]


def store(loader: Loader, references: Sequence[Any], folder: Path, *, start: str = "", on_event: OnEvent = quiet) -> Stored:
    """Write every image as ``files/000001.png`` (or .tif, .nii.gz) below `folder`; one that cannot be read is passed over and told.

    Parameters
    ----------
    loader, references : what opens the images, and what it is given for each; an empty reference is no image and no fault.
    start : before the number, such as "mask".
    """
    (folder / FILES).mkdir(parents=True, exist_ok=True)
    files: list[str | None] = []
    faults: list[tuple[int, GazoError]] = []
    for row, reference in enumerate(counted(references, COPYING, on_event)):
        file = None
        if not is_missing(reference):
            try:
                image = bare(loader(reference))
                file = f"{FILES}/{start}{row + 1:06d}{_ending(image)}"
                write(image, folder / file)
            except GazoError as error:
                faults.append((row, error))
                file = None
        files.append(file)
    return Stored(tuple(files), tuple(faults))


def bare(image: Image) -> Image:
    """An image without history and without any word that a file may have brought along; only known words stay."""
    return replace(
        image,
        history=(),
        patient="",
        meaning=image.meaning if image.meaning in get_args(Meaning) else "unknown",
        unit=image.unit if image.unit in _UNITS else "",
        modality=image.modality if len(image.modality) == 2 and image.modality.isalpha() and image.modality.isupper() else "",
        inverted=bool(image.inverted),
    )


def _ending(image: Image) -> str:
    """Without loss, in the plainest file that holds it: whole numbers of one plane as PNG, placed volumes as NIfTI, the rest as TIFF."""
    if len(image.shape) == 2 and image.pixels.dtype in (np.uint8, np.uint16, np.bool_):
        return ".png"
    if len(image.shape) == 3 and image.spacing_mm is not None and not image.colour and image.pixels.dtype.kind in "iuf":
        return ".nii.gz"
    return ".tif"
