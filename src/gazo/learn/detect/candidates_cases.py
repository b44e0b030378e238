"""The images of a set made ready for detectors of spots: levelled planes and filters in a file, candidates and lesions in memory."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError
from gazo.core.image import Image
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.learn.detect.candidates import Points, candidates_in, hits
from gazo.learn.detect.candidates_planes import Enhancement, Planes, SpotOptions, planes_of
from gazo.learn.detect.cases import to_square
from gazo.learn.truth import NO_BOXES, Boxes, boxes_of, need_lesions
from gazo.training.pixels import Fit, PreparedPixels, prepared_pixels

Floats = NDArray[np.float32]
SHOWN_PX = 512  # side of the pictures in reports
STORED = ("raw", "double-ring", "cup", "gabor")
OF: dict[str, tuple[int, ...]] = {"none": (0,), "filters": (1, 2, 3), "both": (0, 1, 2, 3)}


@dataclass(eq=False)
class SpotCases:
    """What is known of each image that can be used. Close it, or use it in a `with` block.

    Parameters
    ----------
    file : the planes of all images as float16, 8 bytes a pixel; it vanishes when it is closed.
    shapes, radius, spacing_mm : of each image; the radius of a spot in its pixels.
    truth : its lesions as x, y, width, height in pixels.
    patients : who it belongs to; the row where nobody says.
    points, features : its candidates (row, column) and their 48 features, where they were asked for.
    packed : where candidates may lie, one bit a pixel.
    pixels, fit : small pictures for reports, and how they became square.
    offsets : where the planes of an image begin in the file.
    """

    file: IO[bytes]
    pixels: PreparedPixels
    fit: Fit = "pad"
    offsets: dict[int, int] = field(default_factory=dict)
    shapes: dict[int, tuple[int, int]] = field(default_factory=dict)
    radius: dict[int, float] = field(default_factory=dict)
    spacing_mm: dict[int, tuple[float, float] | None] = field(default_factory=dict)
    truth: dict[int, Boxes] = field(default_factory=dict)
    patients: dict[int, str] = field(default_factory=dict)
    points: dict[int, Points] = field(default_factory=dict)
    features: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    packed: dict[int, NDArray[np.uint8]] = field(default_factory=dict)

    def __enter__(self) -> SpotCases:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.pixels.file.close()

    @property
    def size_px(self) -> int:
        return self.pixels.size_px

    @property
    def usable(self) -> NDArray[np.int64]:
        """The rows that can be used."""
        return np.flatnonzero(self.pixels.usable)

    def channels(self, row: int, enhancement: Enhancement) -> Floats:
        """What a network sees of an image: (channels, rows, columns)."""
        rows, columns = self.shapes[row]
        wanted = OF[enhancement]
        found = np.empty((len(wanted), rows, columns), np.float16)
        for target, number in zip(found, wanted, strict=True):
            self.file.seek(self.offsets[row] + number * target.nbytes)
            self.file.readinto(memoryview(target).cast("B"))  # type: ignore[attr-defined]
        return found.astype(np.float32)

    def inside(self, row: int) -> NDArray[np.bool_]:
        """Where candidates of an image may lie."""
        rows, columns = self.shapes[row]
        return np.unpackbits(self.packed[row], count=rows * columns).reshape(rows, columns).astype(bool)

    def lesion_points(self, row: int) -> Points:
        """The pixel in the middle of each lesion."""
        middle = self.truth[row][:, 1::-1] + self.truth[row][:, 3:1:-1] / 2
        return np.minimum(middle.astype(np.int64), np.array(self.shapes[row]) - 1)

    def hit(self, row: int, points: Points) -> NDArray[np.bool_]:
        """Which points lie on a lesion of the image."""
        return hits(points, self.truth[row], 1.2 * self.radius[row])

    def lesions(self, row: int) -> NDArray[np.float64]:
        """The lesions of an image as corners in pixels of the small picture."""
        return to_square(self.truth[row], self.shapes[row], self.size_px, self.fit)


def spot_cases(
    images: ImageSet,
    options: SpotOptions,
    *,
    truth: bool = True,
    features: bool = False,
    point_box_px: float = 0.0,
    folder: Path | None = None,
    on_event: OnEvent = quiet,
) -> SpotCases:
    """Read every image once; one that cannot be used, or whose boxes are wrong, is passed over as a fault.

    Parameters
    ----------
    features : whether the 48 features of all candidates are computed.
    point_box_px : side of the box within which a finding hits a lesion that is a point or smaller; 0: four radii of a spot.
    """
    if truth:
        need_lesions(images)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    files = [tempfile.TemporaryFile(dir=folder) for _ in range(2)]  # noqa: SIM115 - they belong to the object returned
    faults: list[Fault] = []
    usable = np.zeros(len(images), bool)
    kept_of = options.kept_of(images)
    cases = SpotCases(files[0], PreparedPixels(files[1], len(images), 1, SHOWN_PX, (), usable))
    owners = images.role("patient") if images.has("patient") else np.arange(len(images))
    for row, image in images.stream(faults=faults):
        try:
            planes = planes_of(image, options, None if kept_of is None else kept_of(row, image))
            lesions = boxes_of(images, row, shape=image.shape) if truth else NO_BOXES
        except GazoError as error:
            faults.append(Fault(row, error))
            continue
        _keep(cases, row, image, planes, options)
        cases.truth[row] = widened_boxes(lesions, cases.shapes[row], point_box_px or 4 * planes.radius)
        if features:
            from gazo.learn.detect.features48 import features_at

            cases.features[row] = features_at(planes, cases.points[row])
        cases.patients[row] = str(owners[row])
        usable[row] = True
        on_event(Event(Text("候補の抽出", "Finding candidates"), row + 1, len(images)))
    cases.pixels = PreparedPixels(files[1], len(images), 1, SHOWN_PX, tuple(faults), usable)
    return _needed(cases, faults)


def _keep(cases: SpotCases, row: int, image: Image, planes: Planes, options: SpotOptions) -> None:
    enhanced = planes.enhanced()
    cases.file.seek(0, 2)
    cases.offsets[row] = cases.file.tell()
    for plane in (planes.raw, *(enhanced[name] for name in STORED[1:])):
        cases.file.write(plane.astype(np.float16).tobytes())
    small = prepared_pixels(image.grey(), size_px=SHOWN_PX, channels=1)
    cases.pixels.file.seek(row * small.nbytes)
    cases.pixels.file.write(small.tobytes())
    cases.shapes[row] = (planes.raw.shape[0], planes.raw.shape[1])
    cases.radius[row] = planes.radius
    cases.spacing_mm[row] = None if image.spacing_mm is None else (image.spacing_mm[0], image.spacing_mm[1])
    cases.packed[row] = np.packbits(planes.inside)
    cases.points[row] = candidates_in(planes, options)


def _needed(cases: SpotCases, faults: list[Fault]) -> SpotCases:
    if len(cases.usable):
        return cases
    cases.__exit__()
    first = faults[0].error.text if faults else Text("画像がありません", "there are no images")
    raise DataError(
        "G-CAD-013",
        en=f"none of the {cases.pixels.count} images can be used; the first says: {first.en} Check the files.",
        ja=f"{cases.pixels.count} 枚の画像はどれも使えません。最初のエラー: {first.ja} ファイルを確認してください。",
    )


def widened_boxes(boxes: Boxes, shape: tuple[int, int], least: float) -> Boxes:
    """Boxes with sides of at least `least` pixels about the same centre, as far as the image reaches: points and small lesions need room."""
    if not len(boxes):
        return boxes
    centre, half = boxes[:, :2] + boxes[:, 2:] / 2, np.maximum(boxes[:, 2:], least) / 2
    edge: NDArray[Any] = np.array([shape[1], shape[0]], float)
    low, high = np.clip(centre - half, 0, edge), np.clip(centre + half, 0, edge)
    return np.hstack([low, high - low])
