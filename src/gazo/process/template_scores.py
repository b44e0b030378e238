"""Two classes of template pictures, and how like the best of each a picture is: the highest correlation over small shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Measurement, Panels, Table, result
from gazo.process.contrast import contrasted

Array = NDArray[np.float32]


@result("template-scores")
@dataclass(frozen=True, eq=False, kw_only=True)
class TemplateScores(Measurement):
    """One row an image: its number, the similarity to each class (correlation, -1 to 1), their difference and the class."""

    scores: Table


def standard(image: Image, size_px: int) -> Array:
    """The picture on size_px x size_px pixels, mean 0, standard deviation 1, dense parts high when it is marked inverted."""
    import cv2

    pixels = contrasted(image, least=4)
    how = cv2.INTER_AREA if min(pixels.shape) >= size_px else cv2.INTER_LINEAR
    small = cv2.resize(-pixels if image.inverted else pixels, (size_px, size_px), interpolation=how)
    return (small - small.mean()) / max(float(small.std()), 1e-12)


def class_of_templates(images: Sequence[Image], size_px: int, name: Text) -> list[tuple[Array, str]]:
    """The templates of one class, each with the patient it is of."""
    made = [(standard(image, size_px), image.patient) for image in images]
    if not made:
        raise DataError(
            "G-PRC-305",
            en=f"templates of both classes are needed; there is none of '{name.en}'. Give at least one image.",
            ja=f"両方のクラスのテンプレートが必要ですが、「{name.ja}」が 1 枚もありません。1 枚以上指定してください。",
        )
    return made


def similarity(picture: Array, template: Array, shift_percent: float) -> float:
    """Highest normalised cross-correlation of the inner part of a template with a picture, over shifts up and down, left and right."""
    import cv2

    reach = round(shift_percent / 100 * len(template))
    inner = template[reach : len(template) - reach, reach : len(template) - reach]
    return float(cv2.matchTemplate(picture, inner, cv2.TM_CCOEFF_NORMED).max())


def as_panels(pictures: Sequence[Array], captions: Sequence[Text], title: Text) -> Panels:
    """Pictures of mean 0 and standard deviation 1 as bytes: -2.5 black, 2.5 white."""
    return Panels(title, tuple(((p + 2.5) * 51).clip(0, 255).astype(np.uint8) for p in pictures), tuple(captions))
