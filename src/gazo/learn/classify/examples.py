"""Images with heat maps: the surest right and the surest wrong decisions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Panels
from gazo.learn.classify.fitted import FittedClassifier
from gazo.learn.explain import Way, heat_map
from gazo.training.feed import standardise
from gazo.training.pixels import PreparedPixels


def heat_panels(
    fitted: FittedClassifier,
    pixels: PreparedPixels,
    rows: NDArray[np.integer[Any]],
    said: NDArray[np.integer[Any]],
    probabilities: NDArray[np.floating[Any]],
    *,
    truth: NDArray[np.integer[Any]] | None = None,
    title: Text | None = None,
    way: Way = "auto",
) -> Panels:
    """One panel a row: the image, over it where the network looked for the class it said, below what it said.

    `rows`, `said`, `probabilities` and `truth` have one entry an image; all are class numbers into `fitted.classes`.
    """
    images, overlays, captions, used = [], [], [], ""
    for i, row in enumerate(rows):
        image = pixels.read([row])
        heat, used = heat_map(fitted.nets[0], standardise(image)[0], int(said[i]), way=way)
        images.append(_eight_bit(image[0].numpy()))
        overlays.append(np.rint(heat * 255).astype(np.uint8))
        captions.append(
            _caption(
                fitted.classes, int(said[i]), float(probabilities[i, said[i]]), None if truth is None else int(truth[i]), int(row)
            )
        )
    name = title or Text("判断の根拠", "Where the network looked")
    return Panels(Text(f"{name.ja} ({used})", f"{name.en} ({used})"), tuple(images), tuple(captions), tuple(overlays))


def telling_examples(
    fitted: FittedClassifier,
    pixels: PreparedPixels,
    rows: NDArray[np.integer[Any]],
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    *,
    each: int = 6,
) -> tuple[Panels, ...]:
    """The `each` surest right decisions (as equally from the classes as they come) and the `each` surest wrong ones."""
    said = fitted.decide(probabilities)
    sure = probabilities[np.arange(len(said)), said]
    right, wrong = np.flatnonzero(said == truth), np.flatnonzero(said != truth)
    chosen = [
        (_by_class(right, sure, truth, each), Text("正しい判断", "Right decisions")),
        (wrong[np.argsort(-sure[wrong], kind="stable")][:each], Text("誤った判断", "Wrong decisions")),
    ]
    return tuple(
        heat_panels(fitted, pixels, rows[i], said[i], probabilities[i], truth=truth[i], title=title)
        for i, title in chosen
        if len(i)
    )


def _by_class(
    right: NDArray[np.integer[Any]], sure: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]], each: int
) -> NDArray[np.integer[Any]]:
    """The surest of every class in turn."""
    order = right[np.argsort(-sure[right], kind="stable")]
    place = {int(i): int(np.flatnonzero(order[truth[order] == truth[i]] == i)[0]) for i in order}
    return np.array(sorted(order.tolist(), key=lambda i: (place[i], truth[i])), np.int64)[:each]


def _eight_bit(planes: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    grey = planes[0] if len(planes) == 1 else np.moveaxis(planes, 0, -1)
    return np.rint(grey * 255).astype(np.uint8)


def _caption(classes: tuple[str, ...], said: int, probability: float, truth: int | None, row: int) -> Text:
    true = ("", "") if truth is None else (f"正解 {classes[truth]}、", f"true {classes[truth]}, ")
    return Text(
        f"行 {row}: {true[0]}予測 {classes[said]} ({probability:.2f})",
        f"row {row}: {true[1]}said {classes[said]} ({probability:.2f})",
    )
