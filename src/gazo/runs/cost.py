"""What a network costs, counted without building it: multiply-adds for one image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError
from gazo.nets.design.adapting import resized
from gazo.nets.design.analysis import analyse
from gazo.nets.design.naming import PREFIX, design_named
from gazo.nets.design.zoo_counts import zoo_multiply_adds


def multiply_adds(options: Mapping[str, Any], folder: Path) -> int | None:
    """Of the network that the options in the recipe of a run name; None where that cannot be told, as for a file of the user's."""
    name, size = options.get("network"), options.get("size_px")
    if not isinstance(name, str) or not isinstance(size, int):
        return None
    try:
        if name.startswith(PREFIX):
            drawn = design_named(name.replace(f"{PREFIX}files/", f"{PREFIX}{folder}/files/"))
            fitted = resized(drawn, classes=2, channels=3 if options.get("colour") else 1, size_px=size)
            return analyse(fitted).multiply_adds or None
        return zoo_multiply_adds(name, size_px=size)
    except (GazoError, KeyError):
        return None
