"""What a set of files opens its images with."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any

from gazo.core.image import Image
from gazo.io.files import read
from gazo.io.opening import unreadable


@dataclass(frozen=True)
class FileLoader:
    """Opens image files by their path relative to one folder. Small and picklable: a worker process gets the folder's name.

    Parameters
    ----------
    folder : where the relative paths begin. It stays in here and never stands in a column.
    spacing_mm : pixel spacing of all of them when the files do not say it, as for PNG.
    """

    folder: str
    spacing_mm: float | tuple[float, ...] | None = None

    def __call__(self, reference: Any) -> Image:
        """Read one image; a mask of the form "file|structure|image" is laid over its image."""
        if "|" in str(reference):
            from gazo.io.mask_files_cell import masked

            mask = masked(self.folder, str(reference))
            if mask is not None:
                return self._spaced(mask)
        return read(os.path.join(self.folder, str(reference)), spacing_mm=self.spacing_mm)

    def _spaced(self, image: Image) -> Image:
        if self.spacing_mm is None:
            return image
        return image.with_spacing(*([self.spacing_mm] if isinstance(self.spacing_mm, int | float) else self.spacing_mm))

    def digest(self, reference: Any) -> str:
        """SHA-256 of the bytes of the file, read in pieces."""
        path = os.path.join(self.folder, str(reference))
        try:
            with open(path, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise unreadable(path, error) from None
