"""Draw docs/process/processing.png: a simulated chest radiograph, six processings of it, and what each changed (below).

Run from the root of the repository: python docs/process/processing_figure.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from gazo.core.image import Image
from gazo.core.seeds import generator
from gazo.phantoms import chest_radiograph
from gazo.process import (
    difference_image,
    dynamic_range_compression,
    flexible_noise_control,
    multi_frequency_processing,
    musica,
    unsharp_mask,
)

SIZE = 300


def processed(image: Image) -> dict[str, Image]:
    """The input and what became of it."""
    return {
        "original": image,
        "unsharp mask": unsharp_mask(image, radius_mm=6.0, amount=1.0),
        "dynamic range": dynamic_range_compression(image, radius_mm=20.0, low_strength=0.6, high_strength=0.6).image,
        "multi-frequency": multi_frequency_processing(image, finest_mm=0.8, gains=(0.5, 1.0, 1.0, 0.8, 0.4)),
        "MUSICA": musica(image, fine_mm=1.5, coarse_mm=80.0, coarse_gain=0.7),
        "noise control": flexible_noise_control(image, strength=0.9).image,
    }


def grey(pixels: np.ndarray, low: float, high: float) -> np.ndarray:
    """8 bits, small values black."""
    return np.clip((pixels - low) / (high - low) * 255, 0, 255).astype(np.uint8)


def tile(picture: np.ndarray, words: str) -> np.ndarray:
    """A part of the chest with a caption."""
    part = picture.copy()
    for colour, width in ((0, 4), (255, 1)):
        cv2.putText(part, words, (6, SIZE - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, width, cv2.LINE_AA)
    return part


def main() -> None:
    """Processed images above, differences below."""
    made = chest_radiograph(
        rng=generator(4, "picture"), size_px=512, sex="M", nodules=1, quanta_per_pixel=3000.0, output="log exposure"
    )
    above, below = [], []
    whole = made.image
    for name, image in processed(whole).items():
        part = image.pixels[100 : 100 + SIZE, 60 : 60 + SIZE]
        above.append(tile(grey(part, *np.percentile(part, [1, 99])), name))
        change = difference_image(whole, image).image.pixels[100 : 100 + SIZE, 60 : 60 + SIZE]
        reach = max(float(np.abs(change).max()) / 3, 1e-6)
        below.append(tile(grey(change, -reach, reach), "" if name == "original" else "difference"))
    picture = np.vstack([np.hstack(above), np.hstack(below)])
    cv2.imwrite(str(Path(__file__).with_name("processing.png")), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
