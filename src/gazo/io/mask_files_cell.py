"""What a cell of a mask column means: a picture, or a structure of a file that is laid over the image of its row."""

from __future__ import annotations

import os
from pathlib import Path

from gazo.core.image import Image
from gazo.io.finding import Finder
from gazo.io.mask_files import dicom_kind, read_label_map

_BAR = "|"  # no name of a file on Windows holds one
_PLACED, _PICTURE = (".nii", ".nii.gz"), (".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg", ".gif", ".pgm")


def reference_of(cell: str, image: str, finder: Finder, structure: str = "") -> str | None:
    """How the loader is told about a mask: the path of a picture, else "file|structure|image"; None when there is no such file.

    Parameters
    ----------
    cell : a file, or `file#structure`; several structures are divided by commas and become 1, 2 ...
    image : the path of the image of the row.
    structure : taken where the cell names none.
    """
    file = finder.find(cell)
    if file is None and "#" in cell:
        before, _, named = cell.rpartition("#")
        file, structure = finder.find(before), named.strip()
    if file is None:
        return None
    lower = file.lower()
    plain = not structure and lower.endswith(_PICTURE)
    if not plain and (structure or lower.endswith(_PLACED) or dicom_kind(os.path.join(finder.folder, file))):
        return _BAR.join((file, structure, image))
    return file


def masked(folder: str, reference: str) -> Image | None:
    """The mask that a reference means, in the geometry of its image; None for the path of an ordinary file."""
    parts = reference.split(_BAR)
    if len(parts) != 3 or Path(folder, reference).exists():
        return None
    file, structure, image = parts
    wanted = tuple(one.strip() for one in structure.split(",") if one.strip())
    return read_label_map(os.path.join(folder, file), os.path.join(folder, image), wanted)
