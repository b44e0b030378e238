"""A smaller image for the hand on a slider: what a level of the pyramid means for the image and for options in pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gazo.core.image import Image
from gazo.core.parameters import Parameter, parameters_of
from gazo.runs.steps import ChainStep
from gazo.web.pixels import plane_of, reduced, spacing_of

_LENGTHS, _FREQUENCIES = ("px",), ("cycles/px", "1/px")


def at_level(image: Image, level: int, plane: int = 0) -> Image:
    """One plane, halved `level` times, with the spacing it has then; an image of one plane at level 0 is passed on as it is."""
    if level == 0 and len(image.shape) == 2:
        return image
    whole = plane_of(image, plane) if len(image.shape) == 3 else image.pixels
    small = reduced(whole, level)
    spacing = spacing_of(image)
    rows, columns = (n / m for n, m in zip(whole.shape[:2], small.shape[:2], strict=True))
    scaled = None if spacing is None else (spacing[0] * rows, spacing[1] * columns)
    return image.with_pixels(small, spacing_mm=scaled, origin_mm=None, orientation=None)


def steps_at_level(steps: Sequence[ChainStep], level: int) -> tuple[ChainStep, ...]:
    """The chain for an image of that level. Lengths in mm need nothing, for the image knows its spacing; those in pixels are divided."""
    return tuple(steps) if level == 0 else tuple(replace(s, options=_scaled(s, 2**level)) for s in steps)


def _scaled(step: ChainStep, factor: int) -> Mapping[str, Any]:
    units = {p.name: p for p in parameters_of(step.entry.target) if p.label.unit in (*_LENGTHS, *_FREQUENCIES)}
    return {name: _value(units[name], value, factor) if name in units else value for name, value in step.options.items()}


def _value(parameter: Parameter, value: Any, factor: int) -> Any:
    """A number of pixels at another level, inside the limits of the option; whole numbers that were odd stay odd (masks have a centre)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    scaled = value * factor if parameter.label.unit in _FREQUENCIES else value / factor
    if isinstance(value, int):
        whole = round(scaled)
        scaled = whole if whole % 2 == value % 2 else 2 * math.floor(scaled / 2) + value % 2
    return _inside(parameter, scaled)


def _inside(parameter: Parameter, value: float) -> float:
    limits = parameter.limits
    low = limits.get("ge", limits["gt"] + (1 if isinstance(value, int) else 1e-3) if "gt" in limits else -math.inf)
    return min(max(value, low), limits.get("le", math.inf))
