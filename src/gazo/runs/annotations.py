"""Annotations of a data set: a class for each image, boxes, or masks, drawn by a person and kept beside the set until they are used.

An annotation is the folder ``data/sets/SET/annotations/ID`` with ``annotation.json``, ``marks.json`` (by row) and, for masks,
``masks/ROW.png`` (8 bits: 0 outside, 1 the first class ...).
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import MinLen
from numpy.typing import NDArray
from pydantic import StringConstraints, TypeAdapter, ValidationError

from gazo.core.errors import DataError, FileError, OptionError, nearest
from gazo.core.files import storage_error, write_json
from gazo.core.image import Image
from gazo.io.pictures import read_picture, write_png
from gazo.runs.sets import find_set, folder_of, images_of, now

FORMAT = 1
Kind = Literal["class", "boxes", "mask"]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^|\x00-\x1f]*$")]
Box = tuple[float, float, float, float]
_ID = re.compile(r"[0-9a-f]{8}")
MOST_CLASSES = 200  # of a mask with 8 bits


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """What is marked: one of `classes` for each image, boxes of these classes, or masks with these classes as labels 1, 2 ..."""

    id: str
    name: Word
    set: str
    kind: Kind
    classes: Annotated[tuple[Word, ...], MinLen(1)]
    created: str
    format: int = FORMAT


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a person marked on one image. Nothing marked is a statement too: no box, an empty mask.

    Parameters
    ----------
    name : the class of the image, where classes are marked.
    boxes : class and x, y, width, height in pixels from the top left corner of the image.
    mask : whether a mask lies beside it.
    """

    row: int
    name: str = ""
    boxes: tuple[tuple[str, Box], ...] = ()
    mask: bool = False


def new_annotation(set: str, name: str, kind: str, classes: list[str], place: Path) -> Annotation:
    """An empty annotation of a set."""
    find_set(set, place)
    facts = {"id": secrets.token_hex(4), "name": name, "set": set, "kind": kind, "classes": classes, "created": now()}
    made = _checked(facts)
    folder = annotation_folder(made, place)
    try:
        (folder / "masks").mkdir(parents=True)
    except OSError as error:
        raise storage_error(error, folder) from None
    write_json(folder / "annotation.json", asdict(made))
    return made


def list_annotations(set: str, place: Path) -> list[Annotation]:
    """The annotations of a set, the newest first."""
    home = folder_of(find_set(set, place).id, place) / "annotations"
    folders = [folder for folder in home.iterdir() if _ID.fullmatch(folder.name)] if home.is_dir() else []
    found = [_checked(json.loads((folder / "annotation.json").read_text(encoding="utf-8"))) for folder in folders]
    return sorted(found, key=lambda one: (one.created, one.id), reverse=True)


def find_annotation(set: str, id: str, place: Path) -> Annotation:
    """The annotation of that id; an error names the nearest."""
    known = {one.id: one for one in list_annotations(set, place)}
    if id not in known:
        hint = nearest(id[:40], known)
        raise FileError(
            "G-ANN-001",
            en=f"this data set has no annotation '{id[:40]}'. {hint.en}",
            ja=f"このデータセットに注釈「{id[:40]}」はありません。{hint.ja}",
        )
    return known[id]


def delete_annotation(set: str, id: str, place: Path) -> None:
    """Remove an annotation with everything marked."""
    shutil.rmtree(annotation_folder(find_annotation(set, id, place), place))


def annotation_folder(annotation: Annotation, place: Path) -> Path:
    """Where an annotation lies."""
    return folder_of(annotation.set, place) / "annotations" / annotation.id


def marks_of(annotation: Annotation, place: Path) -> dict[int, Mark]:
    """What was marked so far, by row."""
    try:
        stored = json.loads((annotation_folder(annotation, place) / "marks.json").read_text(encoding="utf-8"))
    except OSError:
        return {}
    return {one["row"]: _mark(one) for one in stored}


def store_mark(annotation: Annotation, facts: Mapping[str, Any], place: Path, *, mask: NDArray[np.uint8] | None = None) -> Mark:
    """Keep what was marked on one image; what was there is replaced.

    Parameters
    ----------
    facts : row and, for classes, name; for boxes a list of class and box.
    mask : (rows, columns) of labels, as large as the image.
    """
    made = _mark({**facts, "mask": mask is not None})
    _need_known(annotation, made)
    image = _image_of(annotation, made.row, place)
    if annotation.kind == "mask":
        write_png(Image(_fitting(mask, image, annotation), meaning="mask"), mask_file(annotation, made.row, place))
    for _, box in made.boxes:
        _need_inside(box, image)
    kept = marks_of(annotation, place) | {made.row: made}
    write_json(annotation_folder(annotation, place) / "marks.json", [asdict(kept[row]) for row in sorted(kept)])
    return made


def remove_mark(annotation: Annotation, row: int, place: Path) -> None:
    """Forget what was marked on one image."""
    kept = {other: mark for other, mark in marks_of(annotation, place).items() if other != row}
    write_json(annotation_folder(annotation, place) / "marks.json", [asdict(kept[one]) for one in sorted(kept)])
    mask_file(annotation, row, place).unlink(missing_ok=True)


def mask_file(annotation: Annotation, row: int, place: Path) -> Path:
    """Where the mask of one image lies."""
    return annotation_folder(annotation, place) / "masks" / f"{int(row) + 1:06d}.png"


def read_mask(annotation: Annotation, row: int, place: Path) -> NDArray[np.uint8]:
    """The labels (rows, columns) of one image; all 0 where nothing was drawn yet."""
    if row in marks_of(annotation, place) and mask_file(annotation, row, place).is_file():
        return np.asarray(read_picture(mask_file(annotation, row, place)).pixels, np.uint8)
    return np.zeros(_image_of(annotation, row, place).shape, np.uint8)


def _checked(facts: Mapping[str, Any]) -> Annotation:
    try:
        made = TypeAdapter(Annotation).validate_python(dict(facts))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise OptionError(
            "G-ANN-002",
            en=f"the annotation is not complete or wrong at '{where}'. It needs a name, class, boxes or mask, and at least one class (1 to 60 letters, no |).",
            ja=f"注釈の「{where}」がないか、正しくありません。名前、種類 (クラス・矩形・マスク)、1 つ以上のクラス名 (1～60 文字、| は不可) が必要です。",
        ) from None
    if len({name.casefold() for name in made.classes}) < len(made.classes) or len(made.classes) > MOST_CLASSES:
        raise OptionError(
            "G-ANN-003",
            en=f"classes need different names, and there can be {MOST_CLASSES}. Change a name.",
            ja=f"クラス名は重複できず、{MOST_CLASSES} 個までです。名前を変えてください。",
        )
    return made


def _mark(facts: Mapping[str, Any]) -> Mark:
    return TypeAdapter(Mark).validate_python(dict(facts))


def _need_known(annotation: Annotation, mark: Mark) -> None:
    named = [mark.name] if annotation.kind == "class" else [name for name, _ in mark.boxes]
    unknown = [name for name in named if name not in annotation.classes]
    if unknown:
        hint = nearest(unknown[0][:60], annotation.classes)
        raise DataError(
            "G-ANN-004",
            en=f"this annotation has no class '{unknown[0][:60]}'. {hint.en}",
            ja=f"この注釈にクラス「{unknown[0][:60]}」はありません。{hint.ja}",
        )


def _image_of(annotation: Annotation, row: int, place: Path) -> Image:
    images = images_of(annotation.set, place)
    if not 0 <= row < len(images):
        raise DataError(
            "G-ANN-005",
            en=f"the data set has {len(images)} images, numbered from 0; there is no number {row}.",
            ja=f"このデータセットの画像は {len(images)} 枚 (0 から数えます) で、番号 {row} の画像はありません。",
        )
    image = images[row]
    if annotation.kind != "class" and len(image.shape) != 2:
        raise DataError(
            "G-ANN-006",
            en="boxes and masks are drawn on single images; this one is a volume. Mark classes, or split the volume into images.",
            ja="矩形とマスクは 1 枚ずつの画像に描きます。この画像はボリュームです。クラスを付けるか、断面に分けてください。",
        )
    return image


def _fitting(mask: NDArray[np.uint8] | None, image: Image, annotation: Annotation) -> NDArray[np.uint8]:
    """A mask that has the size of its image and no label without a class."""
    if mask is None or mask.shape != image.shape or int(mask.max(initial=0)) > len(annotation.classes):
        came = "–" if mask is None else f"{mask.shape}, {int(mask.max(initial=0))}"
        raise DataError(
            "G-ANN-007",
            en=f"a mask has the size of its image {image.shape} and labels up to {len(annotation.classes)}; {came} came. Reload the page and draw it again.",
            ja=f"マスクは画像と同じ大きさ {image.shape} で、ラベルは {len(annotation.classes)} までです。受け取ったもの: {came}。ページを再読み込みして描き直してください。",
        )
    return mask


def _need_inside(box: Box, image: Image) -> None:
    x, y, width, height = box
    rows, columns = image.shape
    if not (width > 0 and height > 0 and x >= -0.5 and y >= -0.5 and x + width <= columns + 0.5 and y + height <= rows + 0.5):
        raise DataError(
            "G-ANN-008",
            en=f"a box has an extent and lies in the image of {columns} x {rows} pixels; x {x:g}, y {y:g}, width {width:g}, height {height:g} came. Draw it again.",
            ja=f"矩形は大きさを持ち、画像 ({columns} × {rows} 画素) の内側になければなりません。受け取ったもの: x {x:g}、y {y:g}、幅 {width:g}、高さ {height:g}。描き直してください。",
        )
