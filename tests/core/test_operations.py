"""Operations: results that hold several images, inputs that are lists of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gazo.core.history import Step
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Label


@dataclass(frozen=True)
class Parts:
    image: Image
    scatter: Image
    ratio: float


def test_every_image_of_a_result_gets_the_step(kept):
    @operation("分ける", "Parts of an image")
    def parts_of_image(image: Image, *, share: Annotated[float, Label("割合", "Share")] = 0.5) -> Parts:
        return Parts(image.with_pixels(image.pixels * (1 - share)), image.with_pixels(image.pixels * share), share)

    parts = parts_of_image(Image(np.ones((4, 4))), share=0.25)
    assert parts.image.history == parts.scatter.history == (Step("parts_of_image", 1, {"share": 0.25}),)
    assert parts.ratio == 0.25


def test_arrays_in_a_list_are_wrapped(kept):
    @operation("平均", "Mean of images")
    def mean_of_images(images: Sequence[Image]) -> float:
        return float(np.mean([image.pixels.mean() for image in images]))

    assert mean_of_images([np.full((3, 3), 1.0), np.full((3, 3), 2.0)]) == 1.5
