"""Files on their way in: sent, looked at, decided about, taken."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.errors import FileError
from gazo.core.language import Language
from gazo.core.parameters import checked
from gazo.core.progress import OnEvent
from gazo.io.raw import read_raw
from gazo.runs.intake import Incoming, drop, find_incoming, local_incoming, new_incoming
from gazo.runs.intake_burned import Cure, Rectangle
from gazo.runs.intake_columns import Use
from gazo.runs.intake_file import take_files
from gazo.runs.intake_look import Looked, Way, look, source_for
from gazo.runs.intake_places import allowed, look_into
from gazo.runs.intake_take import Choices, take
from gazo.web.pixels_display import thumbnail
from gazo.web.place import Place
from gazo.web.texts import both, error_json
from gazo.web.uploads import receive
from gazo.web.uploads_jobs import begin

router = APIRouter(prefix="/api/uploads")


class WayGiven(BaseModel):
    """How to look at the files; see `gazo.runs.intake_look.Way`."""

    model_config = ConfigDict(extra="forbid")
    raw: dict[str, Any] | None = None
    table: int | None = None
    language: Language = "ja"


class LocalGiven(BaseModel):
    """A folder of this machine."""

    model_config = ConfigDict(extra="forbid")
    path: str = Field(max_length=4000)


class CureGiven(BaseModel):
    """What becomes of a group of images that may have text burned in."""

    model_config = ConfigDict(extra="forbid")
    take: bool = True
    rectangles: list[Rectangle] = Field(default=[], max_length=50)


class ChoicesGiven(WayGiven):
    """What was decided; see `gazo.runs.intake_take.Choices`."""

    name: str
    columns: dict[str, Use] = {}
    only_listed: bool = True
    spacing_mm: float | None = Field(default=None, gt=0, le=100)
    cures: dict[str, CureGiven] = {}
    in_place: bool = False


@router.post("/files")
async def single_files(request: Request, place: Place) -> dict[str, Any]:
    """Images taken in on the spot, without a data set."""
    incoming = new_incoming(place)
    files = await _received(request, incoming, lambda: take_files(incoming, place))
    return {"files": [{"address": f"file:{id}"} for id in files]}


@router.post("/incoming")
def begin_incoming(place: Place) -> dict[str, str]:
    """A place where files can wait."""
    return {"token": new_incoming(place).token}


@router.get("/places")
def places(at: str = "") -> dict[str, Any]:
    """Folders of this machine to choose from."""
    return asdict(look_into(at))


@router.post("/local")
def local(given: LocalGiven, place: Place) -> dict[str, str]:
    """A folder of this machine that is to be used in place, or copied."""
    return {"token": local_incoming(allowed(given.path), place).token}


@router.post("/incoming/{token}/files")
async def send(token: str, request: Request, place: Place) -> dict[str, Any]:
    """Files that join those that wait."""
    incoming = find_incoming(token, place)
    faults = await receive(request, incoming)
    return {"faults": [error_json(fault) for fault in faults]}


@router.post("/incoming/{token}/look")
def looked_at(token: str, given: WayGiven, place: Place) -> dict[str, str]:
    """Look at what waits; the job's result says what was recognised."""
    incoming = find_incoming(token, place)
    way = _way(given)
    return {"job": begin(lambda on_event: _shown(look(incoming, way, on_event=on_event)), given.language)}


@router.get("/incoming/{token}/picture")
def picture(
    token: str, place: Place, row: Annotated[int, Query(ge=0)], px: Annotated[int, Query(ge=16, le=2048)] = 160
) -> Response:
    """One of the images that wait, small."""
    incoming = find_incoming(token, place)
    images = source_for(incoming, Way()).images
    if images is None or row >= len(images):
        raise FileError(
            "G-SET-072",
            en=f"there is no image {row} among those that wait. Look at the files again.",
            ja=f"待機中の画像に {row} 番はありません。もう一度内容を確認してください。",
        )
    return Response(_png(thumbnail(images[row], px)), media_type="image/png", headers={"cache-control": "no-store"})


@router.post("/incoming/{token}/take")
def taken(token: str, given: ChoicesGiven, place: Place) -> dict[str, str]:
    """Make a data set of what waits; the job's result is its id."""
    incoming = find_incoming(token, place)
    cures = {key: Cure(cure.take, tuple(cure.rectangles)) for key, cure in given.cures.items()}
    choices = Choices(given.name, given.columns, _way(given), given.only_listed, given.spacing_mm, cures, given.in_place)

    def work(on_event: OnEvent) -> str:
        return take(incoming, choices, place, on_event=on_event).id

    return {"job": begin(work, given.language)}


@router.delete("/incoming/{token}", status_code=204)
def thrown_away(token: str, place: Place) -> None:
    """Forget the files that wait."""
    drop(find_incoming(token, place))


async def _received(request: Request, incoming: Incoming, then: Callable[[], Any]) -> Any:
    """Receive files, refuse them all when one is refused, then go on in a thread."""
    import asyncio

    try:
        faults = await receive(request, incoming)
        if faults:
            raise faults[0]
        return await asyncio.to_thread(then)
    finally:
        drop(incoming)


def _way(given: WayGiven) -> Way:
    return Way(None if given.raw is None else checked(read_raw, given.raw), given.table)


def _png(pixels: Any) -> bytes:
    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _shown(looked: Looked) -> dict[str, Any]:
    """What was recognised, for the page."""
    source, fitted = looked.source, looked.fitted
    return {
        "kind": source.kind,
        "layout": None if source.layout is None else both(source.layout),
        "images": looked.images,
        "patients": looked.patients,
        "others": len(source.files.others),
        "sizes": looked.sizes,
        "depths": looked.depths,
        "facts": [{"name": both(name), "value": value} for name, value in looked.facts],
        "said": [both(text) for text in source.said],
        "columns": [asdict(one) | {"why": None if one.why is None else both(one.why)} for one in looked.proposals],
        "tables": [asdict(one) for one in looked.tables],
        "table": None if fitted is None else _table(looked),
        "groups": [_group(one) for one in looked.groups],
        "faults": [{"number": fault.number, **both(fault.text)} for fault in looked.faults],
        "raw_sizes": [{"bytes": size, "files": count} for size, count in looked.raw_sizes],
        "in_place": looked.in_place,
        "masks": looked.has_masks,
        "boxes": looked.has_boxes,
    }


def _table(looked: Looked) -> dict[str, Any]:
    fitted = looked.fitted
    assert fitted is not None
    return {
        "on": fitted.on,
        "column": fitted.column,
        "matched": fitted.matched,
        "unlisted": looked.images - fitted.matched,
        "columns": fitted.headings(),
        "faults": [{"line": one.line, "serious": one.serious, **both(one.text)} for one in fitted.faults[:1000]],
        "fault_count": len(fitted.faults),
    }


def _group(group: Any) -> dict[str, Any]:
    return {
        "key": group.key,
        "modality": group.modality,
        "width": group.width,
        "height": group.height,
        "count": len(group.rows),
        "rows": group.rows[:60],
        "doubt": None if group.doubt is None else both(group.doubt),
    }
