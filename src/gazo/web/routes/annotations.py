"""Annotating a data set: classes, boxes and masks."""

from __future__ import annotations

import zlib
from dataclasses import asdict
from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from gazo.core.errors import DataError
from gazo.runs.annotations import (
    Annotation,
    delete_annotation,
    find_annotation,
    list_annotations,
    marks_of,
    new_annotation,
    read_mask,
    remove_mark,
    store_mark,
)
from gazo.runs.annotations_used import annotation_table, coco_text, use_annotation
from gazo.runs.export_sections import plain_table
from gazo.runs.sets import find_set
from gazo.web.place import Place

router = APIRouter(prefix="/api/annotations")
_LARGEST = 64 << 20  # bytes of one mask


class NewAnnotation(BaseModel):
    """What is to be marked."""

    model_config = ConfigDict(extra="forbid")
    name: str
    kind: str
    classes: list[str]


class NewMark(BaseModel):
    """A class, or boxes, of one image."""

    model_config = ConfigDict(extra="forbid")
    row: int
    name: str = ""
    boxes: list[tuple[str, tuple[float, float, float, float]]] = []


@router.get("/{set}")
def every(set: str, place: Place) -> dict[str, Any]:
    """The annotations of a set with how far they are."""
    return {"annotations": [_told(one, place) for one in list_annotations(set, place)]}


@router.post("/{set}")
def make(set: str, asked: NewAnnotation, place: Place) -> dict[str, Any]:
    """Begin an annotation."""
    return _told(new_annotation(set, asked.name, asked.kind, asked.classes, place), place)


@router.get("/{set}/{id}")
def one(set: str, id: str, place: Place) -> dict[str, Any]:
    """An annotation with everything marked."""
    annotation = find_annotation(set, id, place)
    marks = marks_of(annotation, place)
    return _told(annotation, place) | {"marks": [asdict(marks[row]) for row in sorted(marks)]}


@router.delete("/{set}/{id}")
def delete(set: str, id: str, place: Place) -> None:
    """Remove it."""
    delete_annotation(set, id, place)


@router.post("/{set}/{id}/marks")
def mark(set: str, id: str, asked: NewMark, place: Place) -> dict[str, Any]:
    """Keep a class or boxes of one image."""
    return asdict(store_mark(find_annotation(set, id, place), asked.model_dump(), place))


@router.delete("/{set}/{id}/marks/{row}")
def unmark(set: str, id: str, row: int, place: Place) -> None:
    """Forget what was marked on one image."""
    remove_mark(find_annotation(set, id, place), row, place)


@router.get("/{set}/{id}/masks/{row}")
def mask(set: str, id: str, row: int, place: Place) -> Response:
    """The labels of one image, a byte a pixel, row by row."""
    labels = read_mask(find_annotation(set, id, place), row, place)
    return Response(labels.tobytes(), media_type="application/octet-stream", headers={"x-gazo-shape": f"{labels.shape[0]},{labels.shape[1]}"})  # fmt: skip


@router.put("/{set}/{id}/masks/{row}")
async def store_mask(set: str, id: str, row: int, rows: int, columns: int, request: Request, place: Place) -> dict[str, Any]:
    """Keep a mask: labels row by row, a byte a pixel, packed with deflate."""
    packed = await request.body()

    def kept() -> dict[str, Any]:
        labels = _unpacked(packed, rows, columns)
        return asdict(store_mark(find_annotation(set, id, place), {"row": row}, place, mask=labels))

    return await run_in_threadpool(kept)


@router.get("/{set}/{id}/table")
def table(set: str, id: str, place: Place) -> dict[str, Any]:
    """Everything marked as a table."""
    return plain_table(annotation_table(find_annotation(set, id, place), place))


@router.get("/{set}/{id}/coco")
def as_coco(set: str, id: str, place: Place) -> Response:
    """The boxes in the COCO format."""
    text = coco_text(find_annotation(set, id, place), place)
    return Response(
        text, media_type="application/json", headers={"content-disposition": 'attachment; filename="annotations.json"'}
    )


@router.post("/{set}/{id}/use")
def use(set: str, id: str, place: Place) -> dict[str, Any]:
    """Make the annotation what a network learns from; the set to go on with."""
    return {"set": use_annotation(find_annotation(set, id, place), place).id}


def _told(annotation: Annotation, place: Place) -> dict[str, Any]:
    found = find_set(annotation.set, place)
    return {**asdict(annotation), "done": len(marks_of(annotation, place)), "rows": found.rows, "set_name": found.name}


def _unpacked(packed: bytes, rows: int, columns: int) -> np.ndarray:
    """Labels of the promised size, and no more."""
    expected = rows * columns
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, min(expected, _LARGEST) + 1) if 0 < expected <= _LARGEST else b""
    except zlib.error:
        content = b""
    if len(content) != expected:
        raise DataError(
            "G-ANN-020",
            en=f"the mask is broken or not {rows} x {columns} pixels. Reload the page and draw it again.",
            ja=f"マスクが壊れているか、{rows} × {columns} 画素ではありません。ページを再読み込みして描き直してください。",
        )
    return np.frombuffer(content, np.uint8).reshape(rows, columns)
