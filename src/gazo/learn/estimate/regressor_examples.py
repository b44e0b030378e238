"""Images with heat maps: where the network found what raised the value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Panels
from gazo.learn.estimate.fitted_regressor import FittedRegressor
from gazo.learn.explain import Way, heat_map
from gazo.training.feed import standardise
from gazo.training.pixels import PreparedPixels


def heat_panels(
    fitted: FittedRegressor,
    pixels: PreparedPixels,
    rows: NDArray[np.integer[Any]],
    values: NDArray[np.floating[Any]],
    *,
    truth: NDArray[np.floating[Any]] | None = None,
    title: Text | None = None,
    way: Way = "auto",
) -> Panels:
    """One panel a row: the image, over it what raised the value, below the value; `rows`, `values` and `truth` have one entry an image."""
    images, overlays, captions, used = [], [], [], ""
    for place, row in enumerate(rows):
        image = pixels.read([row])
        heat, used = heat_map(fitted.nets[0], standardise(image)[0], 0, way=way)
        planes = image[0].numpy()
        images.append(np.rint((planes[0] if len(planes) == 1 else np.moveaxis(planes, 0, -1)) * 255).astype(np.uint8))
        overlays.append(np.rint(heat * 255).astype(np.uint8))
        captions.append(
            _caption(int(row), float(values[place]), None if truth is None else float(truth[place]), fitted.spec.unit)
        )
    name = title or Text("推定の根拠", "What raised the value")
    return Panels(Text(f"{name.ja} ({used})", f"{name.en} ({used})"), tuple(images), tuple(captions), tuple(overlays))


def telling_examples(
    fitted: FittedRegressor,
    pixels: PreparedPixels,
    rows: NDArray[np.integer[Any]],
    values: NDArray[np.floating[Any]],
    truth: NDArray[np.floating[Any]],
    *,
    each: int = 6,
) -> tuple[Panels, ...]:
    """The `each` nearest and the `each` farthest estimates."""
    order = np.argsort(np.abs(values - truth), kind="stable")
    chosen = (
        (order[:each], Text("誤差の小さい推定", "Nearest estimates")),
        (order[each:][::-1][:each], Text("誤差の大きい推定", "Farthest estimates")),
    )
    return tuple(
        heat_panels(fitted, pixels, rows[some], values[some], truth=truth[some], title=title)
        for some, title in chosen
        if len(some)
    )


def _caption(row: int, value: float, truth: float | None, unit: str) -> Text:
    true = ("", "") if truth is None else (f"真値 {truth:.3g}、", f"true {truth:.3g}, ")
    after = f" {unit}" if unit else ""
    return Text(f"行 {row}: {true[0]}推定 {value:.3g}{after}", f"row {row}: {true[1]}estimate {value:.3g}{after}")
