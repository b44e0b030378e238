"""Draw docs/phantoms/chest.png: women above, men below; PA, PA with a nodule, AP, AP with a nodule (boxes from the truth).

Run from the root of the repository: python docs/phantoms/chest_figure.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from gazo.core.seeds import generator
from gazo.phantoms import ChestRadiograph, chest_radiograph

SIZE = 208


def tile(sex: str, view: str, nodules: int) -> np.ndarray:
    """One picture of 8 bits with its boxes."""
    made: ChestRadiograph = chest_radiograph(
        rng=generator(2, sex, view, nodules), size_px=SIZE, sex=sex, view=view, nodules=nodules, nodule_diameter_mm=25.0
    )
    picture = (made.image.pixels // 16).astype(np.uint8)
    for x0, y0, x1, y1 in made.boxes.round().astype(int):
        cv2.rectangle(picture, (int(x0) - 3, int(y0) - 3), (int(x1) + 3, int(y1) + 3), 255, 1)
    return picture


def main() -> None:
    """Eight pictures in two rows."""
    rows = [np.hstack([tile(sex, view, n) for view in ("PA", "AP") for n in (0, 1)]) for sex in ("F", "M")]
    cv2.imwrite(str(Path(__file__).with_name("chest.png")), np.vstack(rows), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
