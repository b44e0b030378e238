"""What the networks of a finished run say of other images, or again of their own test images, and where they looked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from gazo.learn.explain import in_image
from gazo.learn.saved import load
from gazo.runs.export_predict_images import makes_images
from gazo.runs.export_runs import family_of

LOOKING = Text("判定", "Judging")
_ENOUGH = 24  # training images that are looked at to know what they are like


@dataclass(frozen=True, eq=False)
class Judged:
    """What was said of some images.

    Parameters
    ----------
    family : of the networks: classify, segment, detect ...
    table : rows begin with the number of their image; what is said of it, or empty cells where it could not be read. Detectors
        have a row a finding.
    heat : where the network looked, in the geometry of the image, 0 to 255; None where there is none.
    boxes : of a detector, for each image x, y, width, height in pixels and score of each finding, the surest first.
    threshold : of a detector: the score from which a finding counts.
    structures : of a segmenter, in the order of the labels.
    """

    family: str
    table: Table
    heat: tuple[NDArray[np.uint8] | None, ...]
    boxes: tuple[tuple[tuple[float, ...], ...], ...] = ()
    threshold: float | None = None
    structures: tuple[str, ...] = ()


OnMade = Callable[[int, Image, Image], None]


def judge_images(
    folder: Path,
    images: ImageSet,
    *,
    rows: Mapping[int, int] | None = None,
    heat: bool = False,
    on_made: OnMade | None = None,
    on_event: OnEvent = quiet,
) -> Judged:
    """Let a finished run judge images, one after the other.

    Parameters
    ----------
    folder : of the run.
    rows : which of the images are test images of the run itself, and their rows there: they are judged by the network that never saw them.
    heat : also show where the network looked, where it tells.
    on_made : given the number, the image and what the network made of it (a mask, a restored image), one after the other.
    """
    together, family = load(folder), family_of(folder)
    own = {number: _fold_of(folder, row) for number, row in (rows or {}).items()}
    alone = {fold: load(fold) for fold in {fold for fold in own.values() if fold is not None}}
    said: list[tuple[Any, ...]] = []
    maps: list[NDArray[np.uint8] | None] = []
    boxes: list[tuple[tuple[float, ...], ...]] = []
    lost: list[Text] = []
    headings: tuple[Text, ...] = ()
    for number in range(len(images)):
        fitted = alone.get(own.get(number), together)  # type: ignore[arg-type]
        try:
            image = images[number]
            table, shown = _one(fitted, images.take([number]), image, heat and family != "detect")
            if on_made is not None and makes_images(fitted):
                for _, made in fitted.made(images.take([number])):
                    on_made(number, image, made)
            headings = headings or table.headings[1:]
            found = [(number + 1, *row[1:]) for row in table.rows]
        except GazoError as error:
            found, shown = [(number + 1,)], None
            lost.append(Text(f"画像 {number + 1}: {error.text.ja}", f"image {number + 1}: {error.text.en}"))
        said += found
        boxes.append(tuple(tuple(map(float, row[1:6])) for row in found if len(row) > 5) if family == "detect" else ())
        maps.append(shown)
        on_event(Event(LOOKING, number + 1, len(images)))
    width = 1 + len(headings)
    filled = tuple(row + (None,) * (width - len(row)) for row in said)
    table = Table(Text("予測", "Predictions"), (Text("番号", "number"), *headings), filled, (*_threshold(together), *lost))
    return Judged(
        family,
        table,
        tuple(maps),
        tuple(boxes),
        float(together.threshold) if family == "detect" else None,
        tuple(getattr(together, "structures", ())),
    )


def _one(fitted: Any, one: ImageSet, image: Image, heat: bool) -> tuple[Table, NDArray[np.uint8] | None]:
    """The table of one image, and where the network looked: only networks that see the image as a square tell that."""
    table: Table = fitted.predict(one)
    if not heat or makes_images(fitted) or not hasattr(fitted.spec, "fit_to_square"):
        return table, None
    overlay = fitted.explain(one, [0]).overlays[0]
    return table, None if overlay is None else in_image(overlay, image.shape[-2:], fitted.spec.fit_to_square)


def on_pixels_of(image: Image, made: Image) -> Image:
    """The image on the pixels of what was made of it: enlarged by cubic interpolation where that has more, so that both can be compared."""
    import cv2

    if made.shape == image.shape or len(made.shape) != 2:
        return image
    pixels = np.ascontiguousarray(image.pixels, np.float32)
    enlarged = cv2.resize(pixels, made.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return image.with_pixels(enlarged, spacing_mm=made.spacing_mm, origin_mm=made.origin_mm)


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


def _threshold(fitted: Any) -> tuple[Text, ...]:
    if len(getattr(fitted, "classes", ())) != 2:
        return ()
    name, cut = fitted.classes[1], f"{fitted.threshold:.3f}"
    return (Text(f"「{name}」と判定する確率の閾値: {cut}", f"Called '{name}' from a probability of {cut} on"),)


def _fold_of(folder: Path, row: int) -> Path | None:
    """The fold whose network had a row of the run in its test part."""
    for fold in sorted(folder.glob("folds/*/outcome.json")):
        if row in from_json(json.loads(fold.read_text(encoding="utf-8"))["test"]):
            return fold.parent
    return None
