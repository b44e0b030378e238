"""Windows and VOI LUTs that a DICOM file asks for, as a viewer offers them (PS3.3 C.11.2)."""

from __future__ import annotations

from typing import Any

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.io.dicom_header import functional_groups, value_of
from gazo.web.texts import both

_MOST = 12


def voi_of(header: Any, image: Image) -> list[dict[str, Any]]:
    """Presets: a window has centre, width and function; a table has `first`, the value its first entry stands for, and entries 0 to 1."""
    if header is None or image.colour:
        return []
    sources = (header, *functional_groups(header, "FrameVOILUTSequence")[:1])
    return [preset for source in sources for preset in (*_windows(source), *_tables(source))][:_MOST]


def _windows(source: Any) -> list[dict[str, Any]]:
    centres, widths = _floats(value_of(source, "WindowCenter")), _floats(value_of(source, "WindowWidth"))
    function = str(value_of(source, "VOILUTFunction") or "LINEAR")
    return [
        {"name": both(_numbered("ファイルのウィンドウ", "Window of the file", n, len(centres))), "centre": centre, "width": width}
        | {"function": function if function in ("LINEAR", "LINEAR_EXACT", "SIGMOID") else "LINEAR"}
        for n, (centre, width) in enumerate(zip(centres, widths, strict=False), 1)
        if width > 0
    ]


def _tables(source: Any) -> list[dict[str, Any]]:
    items = list(value_of(source, "VOILUTSequence") or [])
    return [
        _table(item, _numbered("ファイルの VOI LUT", "VOI LUT of the file", n, len(items))) for n, item in enumerate(items, 1)
    ]


def _table(item: Any, name: Text) -> dict[str, Any]:
    count, first, bits = (int(number) for number in item.LUTDescriptor)
    data = item.LUTData
    entries = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.asarray(data, np.float64)
    shares = entries[: count or 65536].astype(np.float64) / (2**bits - 1)
    return {"name": both(name), "first": first, "entries": np.round(np.clip(shares, 0, 1), 5).tolist()}


def _numbered(ja: str, en: str, number: int, count: int) -> Text:
    return Text(f"{ja} {number}", f"{en} {number}") if count > 1 else Text(ja, en)


def _floats(value: Any) -> list[float]:
    if value is None or value == "":
        return []
    try:
        return [float(v) for v in (value if hasattr(value, "__iter__") and not isinstance(value, str) else [value])]
    except (TypeError, ValueError):
        return []
