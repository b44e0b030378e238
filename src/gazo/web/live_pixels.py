"""Pixels of the live lane on their way to the browser: as ``/api/images/raw`` sends them, placed on the whole image."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from fastapi import Response

from gazo.core.image import Image
from gazo.web.addresses import Found
from gazo.web.live import Live, image_in, title_of
from gazo.web.pixels import Shown, spacing_of
from gazo.web.pixels_display import coded, line_for
from gazo.web.routes.images import header_of


def live_pixels(live: Live, part: str, told: dict[str, Any] | None = None) -> Response:
    """The image, the difference or a map of a result; `told` goes with it as the header ``x-gazo-live``."""
    image = image_in(live, part)
    line = line_for(image)
    wire = coded(image.pixels, line)
    about = header_of(
        Shown(image, Found(lambda: image, title=title_of(part), signed=part == "difference")), live.ask.level, None, 0
    )
    about |= {"shape": list(image.shape), "dtype": line.kind, "slope": line.slope, "intercept": line.intercept}
    about |= {"gaps": line.gaps, "exact": line.exact} | _whole(live, image)
    headers = {"x-gazo-image": json.dumps(about), "cache-control": "no-store"}
    if told is not None:
        headers["x-gazo-live"] = json.dumps(told)
    return Response(memoryview(np.ascontiguousarray(wire)).cast("B"), media_type="application/octet-stream", headers=headers)


def _whole(live: Live, image: Image) -> dict[str, Any]:
    """Size and spacing of the whole image where the result covers it; a result of another size stands for itself."""
    if image.shape != live.before.shape:
        return {"level": 0}
    spacing = spacing_of(live.source)
    return {"full": [1, *live.source.shape[-2:]], "spacing_mm": None if spacing is None else [0.0, *spacing]}
