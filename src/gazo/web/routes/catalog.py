"""``GET /api/catalog``: everything that is registered, as the forms need it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.core.registry import entries
from gazo.io.raw import read_raw
from gazo.runs.forms import forms, option_form
from gazo.runs.processed import storing

router = APIRouter(prefix="/api/catalog", tags=["catalog"])

# How rooms are called in lists; a room that has no name here yet is shown under its own.
_ROOMS = {
    "process": Text("画像処理", "Image processing"),
    "quality": Text("画質評価", "Image quality"),
    "phantoms": Text("ファントム (模擬画像)", "Phantoms (simulated images)"),
    "recon": Text("画像再構成", "Reconstruction"),
    "radiomics": Text("ラジオミクス", "Radiomics"),
    "mrlinac": Text("放射線治療画像", "Radiotherapy imaging"),
    "stats": Text("統計", "Statistics"),
    "learn": Text("学習", "Learning"),
    "nets": Text("ネットワーク", "Networks"),
}
_kept: dict[str, Any] = {}


@router.get("")
def whole_catalog() -> dict[str, Any]:
    """All operations and methods; made anew only after something was registered."""
    now = _stand()
    if _kept.get("stand") != now or not now:
        found = _both(forms())
        _kept.update(
            stand=_stand(),
            answer={"entries": found, "rooms": _rooms(found), "raw": _options(read_raw), "storing": _options(storing)},
        )
    answer: dict[str, Any] = _kept["answer"]
    return answer


def _stand() -> tuple[tuple[str, str, str, int], ...]:
    """What is registered, without asking for a search of all rooms."""
    return tuple((*entry.key, entry.version) for entry in entries())


def _rooms(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = dict.fromkeys(entry["room"] for entry in found)
    return [{"name": name, "label": _both(_ROOMS.get(name, Text(name, name)))} for name in names]


def _options(target: Any) -> Any:
    """The options of a function that is no operation but has a form: files without a header, storing of images."""
    return _both([option_form(parameter) for parameter in parameters_of(target)])


def _both(value: Any) -> Any:
    """Plain values with each text as {"ja": ..., "en": ...}."""
    if isinstance(value, Text):
        return {"ja": value.ja, "en": value.en}
    if isinstance(value, dict):
        return {key: _both(item) for key, item in value.items()}
    return [_both(item) for item in value] if isinstance(value, list) else value
