"""Texts as the browser takes them: always in both languages."""

from __future__ import annotations

from gazo.core.errors import GazoError
from gazo.core.language import Text


def both(text: Text) -> dict[str, str]:
    """A text as ``{"ja": ..., "en": ...}``."""
    return {"ja": text.ja, "en": text.en}


def error_json(error: GazoError) -> dict[str, str]:
    """An error as ``{"code": ..., "ja": ..., "en": ...}``."""
    return {"code": error.code, **both(error.text)}
