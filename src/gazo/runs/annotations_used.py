"""What becomes of annotations: a column or a new data set to learn from, a table, COCO."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError
from gazo.core.files import storage_error
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.io.rows import Rows
from gazo.io.write_table import write_table
from gazo.runs.annotations import Annotation, Mark, marks_of, mask_file
from gazo.runs.sets import DataSet, files_of, find_set, folder_of, images_of, keep, new_set_folder, now, set_roles
from gazo.runs.sets_fixes import Fix, read_fixes, write_fixes
from gazo.runs.sets_table import BOXES, FILE, TABLE


def use_annotation(annotation: Annotation, place: Path) -> DataSet:
    """The set to learn from. Classes become the label of the set itself; boxes and masks make a new set of the images that were marked."""
    marks = marks_of(annotation, place)
    if not marks:
        raise DataError(
            "G-ANN-010",
            en="nothing was marked yet. Mark some images first.",
            ja="まだ注釈がありません。先に画像に注釈を付けてください。",
        )
    return _as_label(annotation, marks, place) if annotation.kind == "class" else _as_set(annotation, marks, place)


def annotation_table(annotation: Annotation, place: Path) -> Table:
    """Every mark: the number of the image and its class, or one line for each box, or the area of each label of a mask."""
    marks = marks_of(annotation, place)
    title = Text(annotation.name, annotation.name)
    head, name = Text("画像", "Image"), Text("クラス", "Class")
    if annotation.kind == "class":
        return Table(title, (head, name), tuple((row + 1, mark.name) for row, mark in sorted(marks.items())))
    if annotation.kind == "mask":
        return Table(title, (head, name, Text("画素数", "Pixels")), tuple(_areas(annotation, sorted(marks), place)))
    headings = (head, name, *(Text(ja, en) for ja, en in (("x", "x"), ("y", "y"), ("幅", "width"), ("高さ", "height"))))
    return Table(
        title, headings, tuple((row + 1, label, *box) for row, mark in sorted(marks.items()) for label, box in mark.boxes)
    )


def coco(annotation: Annotation, place: Path) -> dict[str, Any]:
    """Boxes in the COCO format (Lin et al. 2014): images by number, categories, x, y, width, height from the top left."""
    images, marks = images_of(annotation.set, place), marks_of(annotation, place)
    files = images.role("image")
    shapes = {row: images[row].shape for row in marks}
    number = {name: n for n, name in enumerate(annotation.classes, 1)}
    boxes = [(row, label, box) for row, mark in sorted(marks.items()) for label, box in mark.boxes]
    return {
        "images": [{"id": row + 1, "file_name": str(files[row]), "height": shapes[row][0], "width": shapes[row][1]} for row in sorted(marks)],
        "categories": [{"id": n, "name": name} for name, n in number.items()],
        "annotations": [
            {"id": n, "image_id": row + 1, "category_id": number[label], "bbox": list(box), "area": box[2] * box[3], "iscrowd": 0}
            for n, (row, label, box) in enumerate(boxes, 1)
        ],
    }  # fmt: skip


def _areas(annotation: Annotation, rows: Sequence[int], place: Path) -> list[tuple[int, str, int]]:
    from gazo.runs.annotations import read_mask

    found = []
    for row in rows:
        mask = read_mask(annotation, row, place)
        found += [(row + 1, name, int((mask == n).sum())) for n, name in enumerate(annotation.classes, 1)]
    return found


def _as_label(annotation: Annotation, marks: dict[int, Mark], place: Path) -> DataSet:
    """The classes as a column of the set, as corrections that can be taken back."""
    folder = folder_of(annotation.set, place)
    others = [fix for fix in read_fixes(folder) if fix.column != annotation.name]
    made = [
        Fix(annotation.name, name, tuple(sorted(row for row, mark in marks.items() if mark.name == name)))
        for name in annotation.classes
        if any(mark.name == name for mark in marks.values())
    ]
    write_fixes([*others, *made], folder)
    return set_roles(annotation.set, {"label": annotation.name}, place)


def _as_set(annotation: Annotation, marks: dict[int, Mark], place: Path) -> DataSet:
    """A new set of the marked images with copies of its own, boxes as lines of its table or masks as files."""
    source, images, rows = find_set(annotation.set, place), images_of(annotation.set, place), sorted(marks)
    id, making = new_set_folder(place)
    try:
        files = [_copied(files_of(source, place) / str(images.role("image")[row]), making, row) for row in rows]
        plain = [name for name in images.columns if name not in (FILE, "boxes", "box_labels", *BOXES, annotation.name)]
        cells = [[_cell(images, name, row) for name in plain] for row in rows]
        lines, headings, roles = _marked(annotation, marks, rows, making, place)
        table = [(files[n], *cells[n], *line) for n, line in lines]
        write_table(Rows(TABLE, (FILE, *plain, *headings), tuple(table), tuple(range(len(table)))), making / TABLE)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    kept = {role: column for role, column in source.roles.items() if role not in ("boxes", "mask", *roles)}
    made = replace(
        source, id=id, name=f"{source.name} / {annotation.name}"[:100], created=now(), folder="files", rows=len(rows),
        roles={**kept, **roles}, said=(), parent=source.id, exclusions={}, origin="sample" if source.simulated else "upload",
    )  # fmt: skip
    return keep(made, making, place)


def _marked(
    annotation: Annotation, marks: dict[int, Mark], rows: Sequence[int], making: Path, place: Path
) -> tuple[list[tuple[int, tuple[str, ...]]], tuple[str, ...], dict[str, str]]:
    """Lines (number of the image and cells), headings and roles of what was marked."""
    if annotation.kind == "mask":
        lines = []
        (making / "files" / "masks").mkdir()
        for n, row in enumerate(rows):
            name = f"masks/{row + 1:06d}.png"
            shutil.copyfile(mask_file(annotation, row, place), making / "files" / name)
            lines.append((n, (name,)))
        return lines, (annotation.name,), {"mask": annotation.name}
    lines = []
    for n, row in enumerate(rows):
        boxes = marks[row].boxes or (("", ("", "", "", "")),)
        lines += [(n, (label, *(f"{side:g}" if side != "" else "" for side in box))) for label, box in boxes]
    return lines, (annotation.name, *BOXES), {"label": annotation.name, "boxes": ",".join(BOXES)}


def _copied(file: Path, making: Path, row: int) -> str:
    """A copy of an image under its number, as a second name of the same bytes where the disk allows it."""
    name = f"{row + 1:06d}{file.suffix.lower()}"
    target = making / "files" / name
    target.parent.mkdir(exist_ok=True)
    try:
        os.link(file, target)
    except OSError:
        try:
            shutil.copyfile(file, target)
        except OSError as error:
            raise storage_error(error, target) from None
    return name


def _cell(images: ImageSet, name: str, row: int) -> str:
    cell = images.columns[name][row]
    return "" if cell is None else str(cell)


def coco_text(annotation: Annotation, place: Path) -> str:
    """The COCO file as text."""
    return json.dumps(coco(annotation, place), ensure_ascii=False, indent=1)
