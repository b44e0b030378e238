"""What makes pixels medical, kept in picture files that have no place for it: one JSON text in a PNG or TIFF that `read` understands.

No patient, no date and no path stands in it.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace
from typing import Any

import numpy as np

from gazo.core.errors import ImageError
from gazo.core.history import Step
from gazo.core.image import Image

_START = b'{"gazo": '
_LOOKED_AT = 1 << 18  # the text stands before the pixels
_PLAIN = {"meaning": "unknown", "unit": "", "modality": "", "inverted": False}
_LISTS = ("spacing_mm", "orientation", "origin_mm", "window")
_PNG_HEAD = 33  # signature and IHDR; any other chunk may follow


def note_of(image: Image, rescale: tuple[float, float] | None = None) -> str:
    """The text for an image, ASCII; empty when there is nothing to tell.

    Parameters
    ----------
    image : whose spacing, meaning, unit, modality, direction, window and history are written down.
    rescale : slope and intercept that lead from the stored numbers back to the values.
    """
    facts: dict[str, Any] = {name: list(value) for name in _LISTS if (value := getattr(image, name)) is not None}
    facts |= {name: getattr(image, name) for name, usual in _PLAIN.items() if getattr(image, name) != usual}
    if rescale is not None:
        facts["rescale"] = list(rescale)
    if not facts and not image.history:
        return ""
    facts["history"] = [{"name": s.name, "version": s.version, "options": dict(s.options)} for s in image.history]
    return json.dumps({"gazo": facts}, default=str)


def noted(image: Image, content: bytes) -> Image:
    """The image with what a text in its file says; unchanged when there is none that can be read."""
    at = content.find(_START, 0, _LOOKED_AT)
    if at < 0:
        return image
    try:
        facts = json.JSONDecoder().raw_decode(content[at : at + _LOOKED_AT].decode("latin-1"))[0]["gazo"]
        found: dict[str, Any] = {name: tuple(map(float, facts[name])) for name in _LISTS if name in facts}
        found |= {name: facts[name] for name in _PLAIN if name in facts}
        found["history"] = tuple(Step(s["name"], s["version"], s["options"]) for s in facts["history"])
        if "rescale" in facts:
            slope, intercept = map(np.float32, facts["rescale"])
            found["pixels"] = image.pixels.astype(np.float32) * slope + intercept
        return replace(image, **found)
    except (ValueError, KeyError, TypeError, ImageError):
        return image


def png_with(content: bytes, note: str) -> bytes:
    """The bytes of a PNG with the text in a tEXt chunk."""
    if not note:
        return content
    chunk = b"tEXtgazo\0" + note.encode("ascii")
    whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return content[:_PNG_HEAD] + whole + content[_PNG_HEAD:]
