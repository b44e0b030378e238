"""Laws that every operation on images of the room `process` keeps; a new one is tested by being registered.

What an operation needs besides one ordinary image, and every exception to a law with its reason, stands in `KNOWN`.
"""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.core.registry import entries
from gazo.core.results import Curve, Estimate, Surface, Table
from gazo.runs.catalog import discover

discover()
SPACING = 0.4
ROUNDING = 1e-6  # of the largest value: float32, whose sums depend on where the pixels lie in memory
SHAPE = (120, 136)


def smooth(pitch=SPACING, shape=SHAPE, shift_mm=0.0):
    """A smooth object in millimetres, so that it can be sampled at any pitch: values from about 400 to 3600, detail of 3 mm and more."""
    y, x = np.mgrid[: shape[0], : shape[1]] * pitch
    x = x - shift_mm
    values = 2000 + 900 * np.sin(x / 9) * np.cos(y / 7) + 300 * np.sin(x / 2.1 + 1) * np.sin(y / 2.4)
    return values + 400 * np.exp(-((x - 30) ** 2 + (y - 25) ** 2) / 40)


def ordinary(seed=0):
    """The smooth object with noise, whole numbers that every type of pixel can hold."""
    return whole(smooth(), seed)


def bones(seed=0):
    """Sharp edges and flat areas."""
    values = np.full(SHAPE, 1000.0)
    values[30:80, 40:60], values[:, 90:110] = 2000, 2600
    return whole(values, seed)


def whole(values, seed):
    return np.round(values + np.random.default_rng(seed).normal(0, 15, values.shape)).clip(0, 4095)


def nps():
    f = np.linspace(0, 2, 20)
    return Surface(f, f, np.ones((20, 20)) * 40, Text("", ""), Text("", ""), Text("", ""))


@dataclass(frozen=True)
class Known:
    """What one operation needs, and what it may do.

    `others` makes the inputs after the first image from its pixels; `types` and `spacing` are tolerances (share of the range) of two
    laws, None where the law does not hold, with the reason in `why`.
    """

    others: Callable[..., tuple[Any, ...]] = lambda pixels, wrap: ()
    picture: Callable[..., Any] = ordinary
    options: dict[str, Any] = field(default_factory=dict)
    types: float | None = 1e-5
    spacing: float | None = 0.02
    why: str = ""


def second(change):
    """The second image is the first one changed."""
    return lambda pixels, wrap: (wrap(change(pixels)),)


def as_processed(pixels):
    return pixels + np.round(20 + 20 * np.sin(np.arange(pixels.shape[-1]))).astype(pixels.dtype)


def two_classes(pixels, wrap):
    """Examples of two classes for the operations that compare with templates: the picture itself, and turned."""
    turned = np.ascontiguousarray(np.swapaxes(pixels, 0, 1)[::-1])
    return [wrap(pixels), wrap(pixels[::-1])], [wrap(turned), wrap(turned[::-1])]


KNOWN: dict[str, Known] = {
    "apply-voi-lut": Known(options={"centre": 2000.0, "width": 3000.0}),
    "clahe": Known(options={"low": 0.0, "high": 4095.0}),
    "difference-image": Known(others=second(as_processed), picture=bones),
    "dual-energy-subtraction": Known(others=second(lambda pixels: np.roll(pixels, 1, 1)), options={"values": "linear exposure"}),
    "edge-leak": Known(others=second(as_processed), picture=bones),
    "flat-field-correct": Known(
        others=second(lambda pixels: (np.arange(pixels.size) % 3 + 3).reshape(pixels.shape).astype(pixels.dtype))
    ),
    "identify-projection": Known(others=two_classes),
    "simulate-dose-reduction": Known(others=lambda pixels, wrap: (nps(),), spacing=None, why="noise is drawn for each pixel"),
    "template-matching": Known(others=two_classes),
    "temporal-subtraction": Known(
        others=second(lambda pixels: np.roll(pixels, 2, 0)), spacing=0.05, why="found shifts differ a little"
    ),
}


def operations():
    """Operations whose first input is an image or a sequence of images."""
    found = []
    for entry in entries("operation", "process"):
        first = next(iter(inspect.signature(inspect.unwrap(entry.target)).parameters.values()), None)
        if first is not None and first.kind is not first.KEYWORD_ONLY and "Image" in str(first.annotation):
            found.append(pytest.param(entry, id=entry.name))
    return found


def first_is_sequence(entry):
    return "Sequence" in str(next(iter(inspect.signature(inspect.unwrap(entry.target)).parameters.values())).annotation)


def as_image(spacing=SPACING):
    """A wrapper of pixels; None for images without spacing."""

    def wrap(pixels):
        pixels = np.asarray(pixels)
        colour = pixels.ndim == 3 and pixels.shape[-1] == 3
        return Image(pixels, colour=colour, spacing_mm=None if spacing is None else (spacing,) * (pixels.ndim - colour))

    return wrap


def run(entry, pixels, wrap=None):
    known, wrap = KNOWN.get(entry.name, Known()), wrap or as_image()
    first = [wrap(pixels), wrap(pixels[::-1])] if first_is_sequence(entry) else wrap(pixels)
    return entry.target(first, *known.others(pixels, wrap), **known.options)


def picture(entry):
    return KNOWN.get(entry.name, Known()).picture()


def outcome(entry, pixels, wrap=None):
    """The result, or the code of the error: both must be the same on both sides of a law."""
    try:
        return run(entry, pixels, wrap)
    except GazoError as error:
        return error.code


def arrays(result):
    """Every number of a result: pixels of images, values of estimates, curves, tables and fields."""
    if isinstance(result, Image):
        return [result.pixels.astype(float)]
    if isinstance(result, np.ndarray):
        return [result.astype(float)]
    if isinstance(result, bool | int | float):
        return [np.array([float(result)])]
    if isinstance(result, Estimate):
        return [np.array([result.value])]
    if isinstance(result, Curve):
        return [np.asarray(result.x, float), np.asarray(result.y, float)]
    if isinstance(result, Table):
        return [np.array([float(c)]) for row in result.rows for c in row if isinstance(c, int | float)]
    if isinstance(result, tuple | list):
        return [a for r in result for a in arrays(r)]
    if dataclasses.is_dataclass(result):
        return [a for f in dataclasses.fields(result) for a in arrays(getattr(result, f.name))]
    return []


def alike(one, other, share):
    """Same kinds and shapes, values within a share of the largest one."""
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    pairs = list(zip(arrays(one), arrays(other), strict=True))
    assert pairs
    for a, b in pairs:
        assert a.shape == b.shape
        size = np.abs(a).max(initial=0)
        assert np.abs(a - b).max(initial=0) <= share * size + 1e-9


@pytest.mark.parametrize("entry", operations())
class TestEveryOperation:
    def test_works_and_leaves_its_input_as_it_was(self, entry):
        image, array = picture(entry).astype(np.float32), picture(entry).astype(np.float32)
        result = run(entry, image)
        assert all(np.isfinite(a).all() for a in arrays(result))
        outcome(entry, array, lambda pixels: pixels)
        assert np.array_equal(image, picture(entry).astype(np.float32))
        assert np.array_equal(array, image)

    def test_gives_the_same_again(self, entry):
        alike(run(entry, picture(entry)), run(entry, picture(entry)), ROUNDING)

    def test_gives_the_same_for_every_type_of_pixel(self, entry):
        share = KNOWN.get(entry.name, Known()).types
        results = [run(entry, picture(entry).astype(kind)) for kind in (np.float64, np.float32, np.uint16, np.int32)]
        for other in results[1:] if share is not None else ():
            alike(results[0], other, share)

    def test_gives_the_same_for_views_with_gaps_and_other_orders(self, entry):
        pixels = picture(entry).astype(np.float32)
        wide = np.zeros((2 * SHAPE[0], 3 * SHAPE[1]), np.float32)
        wide[::2, 1::3] = pixels
        for view in (wide[::2, 1::3], np.asfortranarray(pixels), pixels[::-1][::-1]):
            alike(run(entry, pixels), run(entry, view), ROUNDING)

    def test_gives_the_same_for_an_array_and_an_image_without_spacing(self, entry):
        alike(outcome(entry, picture(entry), as_image(None)), outcome(entry, picture(entry), lambda pixels: pixels), ROUNDING)

    def test_gives_the_same_on_one_thread_and_on_two(self, entry):
        before = cv2.getNumThreads()
        try:
            results = []
            for threads in (1, 2):
                cv2.setNumThreads(threads)
                results.append(run(entry, picture(entry).astype(np.float32)))
        finally:
            cv2.setNumThreads(before)
        alike(results[0], results[1], ROUNDING)

    def test_gives_the_same_on_smaller_pixels(self, entry):
        """Lengths in mm: the same object on pixels half as large. Lengths in pixels, or none: the spacing changes nothing."""
        share = KNOWN.get(entry.name, Known()).spacing
        if share is None:
            return
        if not any(p.name.endswith("_mm") for p in parameters_of(entry.target)):
            alike(outcome(entry, picture(entry), as_image(0.3)), outcome(entry, picture(entry), as_image(0.3001)), 2e-3)
            return
        coarse = main_image(run(entry, smooth()))
        fine = main_image(run(entry, smooth(SPACING / 2, (2 * SHAPE[0], 2 * SHAPE[1])), as_image(SPACING / 2)))[::2, ::2]
        inner = (slice(25, -25), slice(25, -25))
        assert np.abs(coarse - fine)[inner].max() <= share * np.ptp(coarse)

    @pytest.mark.parametrize(
        "kind",
        [
            "constant",
            "zero",
            "NaN",
            "infinite",
            "huge",
            "one pixel",
            "one row",
            "colour",
            "stack",
            "bool",
            "no spacing",
            "negative",
        ],
    )
    def test_odd_images_end_in_a_finite_result_or_a_sentence(self, entry, kind):
        wrap = as_image(None if kind == "no spacing" else SPACING)
        result = outcome(entry, odd(kind), wrap)
        assert isinstance(result, str) or all(np.isfinite(a).all() for a in arrays(result))


def main_image(result):
    return arrays(result if isinstance(result, Image) else getattr(result, "image", result))[0]


def odd(kind):
    """An image that is not what a user would give on purpose."""
    pixels = ordinary().astype(np.float32)
    if kind in ("NaN", "infinite", "huge"):
        pixels = pixels.astype(np.float64)
        pixels[50, 60] = {"NaN": np.nan, "infinite": np.inf, "huge": 1e300}[kind]
        return pixels
    return {
        "constant": np.full(SHAPE, 1000.0, np.float32),
        "zero": np.zeros(SHAPE, np.uint16),
        "one pixel": np.full((1, 1), 7.0),
        "one row": pixels[:1],
        "colour": np.repeat(pixels[..., None], 3, -1),
        "stack": np.stack([pixels] * 4),
        "bool": pixels > 2000,
        "no spacing": pixels,
        "negative": pixels - 5000,
    }[kind]


class TestTheTester:
    """Operations that break one law each must be seen."""

    @staticmethod
    def entry(function):
        return SimpleNamespace(name="broken", target=function)

    @pytest.mark.parametrize(
        ("law", "broken"),
        [
            ("works_and_leaves_its_input_as_it_was", lambda i: spoil(i)),
            ("works_and_leaves_its_input_as_it_was", lambda i: np.full(SHAPE, np.nan)),
            ("gives_the_same_again", lambda i: np.random.default_rng().normal(size=SHAPE)),
            ("gives_the_same_for_every_type_of_pixel", lambda i: pixels_of(i) / (2 if pixels_of(i).dtype == np.uint16 else 1)),
            ("gives_the_same_for_views_with_gaps_and_other_orders", lambda i: np.array(pixels_of(i).ravel(order="K"))),
            ("gives_the_same_for_an_array_and_an_image_without_spacing", lambda i: np.ones(3) * isinstance(i, Image)),
            ("gives_the_same_on_one_thread_and_on_two", lambda i: np.ones(3) * cv2.getNumThreads()),
            ("gives_the_same_on_smaller_pixels", lambda i: np.ones(3) * (i.spacing_mm[0] > 0.30005)),
        ],
    )
    def test_a_broken_operation_is_seen(self, law, broken):
        with pytest.raises(AssertionError):
            getattr(TestEveryOperation(), f"test_{law}")(self.entry(broken))

    @pytest.mark.parametrize("broken", [lambda i: np.full(3, np.inf), lambda i: np.log(pixels_of(i) * 0.0)])
    def test_an_odd_image_that_slips_through_is_seen(self, broken):
        with pytest.raises((AssertionError, RuntimeWarning)):
            TestEveryOperation().test_odd_images_end_in_a_finite_result_or_a_sentence(self.entry(broken), "zero")


def pixels_of(image):
    return image.pixels if isinstance(image, Image) else image


def spoil(image):
    pixels = pixels_of(image)
    pixels.flags.writeable = True
    pixels[0, 0] = -1
    return pixels
