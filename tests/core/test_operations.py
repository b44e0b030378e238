"""Operations: results that hold several images, inputs that are lists of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from gazo.core.errors import OptionError
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


def test_a_call_without_its_inputs_is_a_sentence(kept):
    @operation("差", "Difference of two")
    def difference_of_two(image: Image, other: Image, *, scale: Annotated[float, Label("倍率", "Scale")] = 1.0) -> Image:
        return image.with_pixels((image.pixels - other.pixels) * scale)

    one = Image(np.ones((4, 4)))
    with pytest.raises(OptionError, match=r"G-OPT-005.*needs its input 'other'"):
        difference_of_two(one)
    with pytest.raises(OptionError, match=r"G-OPT-005.*'image'"):
        difference_of_two(other=one)
    with pytest.raises(OptionError, match=r"G-OPT-006.*3 value"):
        difference_of_two(one, one, 2.0)
    with pytest.raises(OptionError, match=r"G-OPT-006.*1 input\(s\) twice"):
        difference_of_two(one, one, image=one)
    assert difference_of_two(one, other=one).pixels.max() == 0


def test_the_seed_stands_in_the_history(kept):
    @operation("ノイズを加える", "Add noise to an image")
    def with_added_noise(image: Image, *, sd: Annotated[float, Label("標準偏差", "SD")] = 1.0, seed: int) -> Image:
        return image.with_pixels(image.pixels + np.random.default_rng(seed).normal(0, sd, image.shape))

    made = with_added_noise(Image(np.ones((4, 4))), seed=7)
    assert made.history == (Step("with_added_noise", 1, {"sd": 1.0, "seed": 7}),)
