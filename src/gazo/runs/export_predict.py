"""What the networks of a finished run say of other images, or again of their own test images, and where they looked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Table, from_json
from gazo.learn.classify.fitted import FittedClassifier, load
from gazo.training.pixels import Fit

LOOKING = Text("判定", "Judging")
_ENOUGH = 24  # training images that are looked at to know what they are like


@dataclass(frozen=True, eq=False)
class Judged:
    """What was said of some images.

    Parameters
    ----------
    table : one row an image: its number, the class said, the probability of each class; empty cells where it could not be read.
    heat : where the network looked, in the geometry of the image, 0 to 255; None where there is none.
    notes : what a reader must know.
    """

    table: Table
    heat: tuple[NDArray[np.uint8] | None, ...]
    notes: tuple[Text, ...] = ()


def judge_images(
    folder: Path, images: ImageSet, *, rows: Mapping[int, int] | None = None, heat: bool = False, on_event: OnEvent = quiet
) -> Judged:
    """Let a finished run judge images, one after the other.

    Parameters
    ----------
    folder : of the run.
    rows : which of the images are test images of the run itself, and their rows there: they are judged by the network that never saw them.
    heat : also show where the network looked for the class it said.
    """
    together = load(folder)
    own = {number: _fold_of(folder, row) for number, row in (rows or {}).items()}
    alone = {fold: load(fold) for fold in {fold for fold in own.values() if fold is not None}}
    said: list[tuple[Any, ...]] = []
    maps: list[NDArray[np.uint8] | None] = []
    lost: list[Text] = []
    for number in range(len(images)):
        fitted = alone.get(own.get(number), together)  # type: ignore[arg-type]
        try:
            cells, shown = _one(fitted, images, number, heat)
        except GazoError as error:
            cells, shown = (None,) * (1 + len(together.classes)), None
            lost.append(Text(f"画像 {number + 1}: {error.text.ja}", f"image {number + 1}: {error.text.en}"))
        said.append((number + 1, *cells))
        maps.append(shown)
        on_event(Event(LOOKING, number + 1, len(images)))
    headings = (
        Text("番号", "number"),
        Text("予測", "predicted"),
        *(Text(f"確率 {c}", f"probability {c}") for c in together.classes),
    )
    table = Table(Text("予測", "Predictions"), headings, tuple(said), (*_threshold(together), *lost))
    return Judged(table, tuple(maps))


def _one(fitted: FittedClassifier, images: ImageSet, number: int, heat: bool) -> tuple[tuple[Any, ...], NDArray[np.uint8] | None]:
    one = images.take([number])
    row = fitted.predict(one).rows[0]
    if not heat:
        return row[1:], None
    panels = fitted.explain(one, [0])
    overlay = panels.overlays[0]
    shape = images[number].shape
    return row[1:], None if overlay is None else in_image(overlay, shape[-2:], fitted.spec.fit_to_square)


def in_image(heat: NDArray[np.uint8], shape: Sequence[int], fit: Fit) -> NDArray[np.uint8]:
    """A map of the square that a network saw, laid over the image it was made from: `prepared_pixels` the other way round."""
    import cv2

    rows, columns = (int(n) for n in shape)
    if fit == "pad":
        size = heat.shape[0]
        scale = size / max(rows, columns)
        high, wide = max(1, round(rows * scale)), max(1, round(columns * scale))
        top, left = (size - high) // 2, (size - wide) // 2
        heat = heat[top : top + high, left : left + wide]
    return np.asarray(cv2.resize(np.ascontiguousarray(heat), (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)


def differences(training: ImageSet, images: ImageSet) -> tuple[Text, ...]:
    """In what the images differ from those of the training: size, meaning of a pixel, kind of examination, colour, pixel spacing."""
    step = max(1, len(training) // _ENOUGH)
    learned = [_traits(image) for image in _readable(training, range(0, len(training), step))]
    if not learned:
        return (_UNKNOWN,)
    found = []
    for place, name in enumerate(_TRAITS):
        known = {traits[place] for traits in learned}
        others = Counter(t for t in (_traits(i)[place] for i in _readable(images, range(len(images)))) if t not in known)
        if others:
            found.append(_differs(name, known, others, len(images)))
    return tuple(found)


_TRAITS = (
    Text("画像の大きさ", "size"),
    Text("画素値の意味", "meaning of a pixel"),
    Text("モダリティ", "modality"),
    Text("カラー", "colour"),
    Text("画素間隔", "pixel spacing"),
)
_UNKNOWN = Text(
    "学習に使った画像を開けないため、同じ種類の画像かどうかを確かめられませんでした。",
    "The images of the training cannot be opened here, so whether these are of the same kind could not be checked.",
)


def _traits(image: Image) -> tuple[str, ...]:
    spacing = "" if image.spacing_mm is None else " × ".join(f"{s:.3g}" for s in image.spacing_mm) + " mm"
    return (
        " × ".join(map(str, image.shape)),
        image.meaning,
        image.modality or "–",
        "RGB" if image.colour else "–",
        spacing or "–",
    )


def _differs(name: Text, known: set[str], others: Counter[str], total: int) -> Text:
    came = ", ".join(list(others)[:3]) + (" ..." if len(others) > 3 else "")
    learned = ", ".join(sorted(known)[:3]) + (" ..." if len(known) > 3 else "")
    number = sum(others.values())
    return Text(
        f"{name.ja}が学習時と異なる画像が {total} 枚中 {number} 枚あります (学習: {learned}、今回: {came})。この予測がどれだけ当たるかは確かめられていません。",
        f"{number} of {total} images differ from the training in {name.en} (training: {learned}; here: {came}). How well the network does on such images was not tested.",
    )


def _readable(images: ImageSet, rows: Sequence[int]) -> Iterator[Image]:
    for row in rows:
        try:
            yield images[row]
        except GazoError:
            continue


def _threshold(fitted: FittedClassifier) -> tuple[Text, ...]:
    if len(fitted.classes) != 2:
        return ()
    name, cut = fitted.classes[1], f"{fitted.threshold:.3f}"
    return (Text(f"「{name}」と判定する確率の閾値: {cut}", f"Called '{name}' from a probability of {cut} on"),)


def _fold_of(folder: Path, row: int) -> Path | None:
    """The fold whose network had a row of the run in its test part."""
    for fold in sorted(folder.glob("folds/*/outcome.json")):
        outcome = from_json(json.loads(fold.read_text(encoding="utf-8")))
        if row in outcome.test:
            return fold.parent
    return None
