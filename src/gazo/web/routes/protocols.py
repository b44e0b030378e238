"""Measuring by hand: protocols, readings, and the table of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from gazo.runs.export_sections import plain_table
from gazo.runs.protocols import (
    PRESETS,
    MeasurementProtocol,
    delete_protocol,
    find_protocol,
    list_protocols,
    new_protocol,
    order_of,
    rename_protocol,
)
from gazo.runs.readings import readings_of, store_reading, table_of
from gazo.runs.sets import find_set, images_of
from gazo.web.place import Place
from gazo.web.texts import both

router = APIRouter(prefix="/api/protocols")


class NewProtocol(BaseModel):
    """What the form of a new protocol holds."""

    model_config = ConfigDict(extra="forbid")
    name: str
    set: str
    items: list[dict[str, Any]]
    rows: list[int] | None = None
    blinded: bool = False
    readers: list[str] = Field(default_factory=lambda: ["1"])
    passes: int = 1
    seed: int = 0


class Drawn(BaseModel):
    """The shape of one item."""

    model_config = ConfigDict(extra="forbid")
    points: list[tuple[float, float]]
    plane: int = 0


class NewReading(BaseModel):
    """What was drawn on one image."""

    model_config = ConfigDict(extra="forbid")
    row: int
    shapes: dict[str, Drawn]
    seconds: Annotated[float, Field(ge=0, le=1e6)] = 0
    note: str = ""


class Renaming(BaseModel):
    """Another name."""

    model_config = ConfigDict(extra="forbid")
    name: str


@router.get("")
def every(place: Place) -> dict[str, Any]:
    """All protocols with how far they are."""
    return {"protocols": [_told(one, place) for one in list_protocols(place)]}


@router.get("/presets")
def presets() -> dict[str, Any]:
    """Protocols to begin with."""
    return {
        "presets": [
            {
                "key": key,
                "name": both(name),
                "items": [
                    {"key": k, "name": both(n), "kind": kind, "over": over, "under": under} for k, n, kind, over, under in items
                ],
            }
            for key, name, items in PRESETS
        ]
    }


@router.post("")
def make(asked: NewProtocol, place: Place) -> dict[str, Any]:
    """Make a protocol."""
    facts = {name: value for name, value in asked.model_dump().items() if value is not None}
    return _told(new_protocol(facts, place), place)


@router.get("/{id}")
def one(id: str, place: Place) -> dict[str, Any]:
    """A protocol with how far it is."""
    return _told(find_protocol(id, place), place)


@router.put("/{id}")
def rename(id: str, asked: Renaming, place: Place) -> dict[str, Any]:
    """Give it another name."""
    return _told(rename_protocol(id, asked.name, place), place)


@router.delete("/{id}")
def delete(id: str, place: Place) -> None:
    """Remove it with everything measured."""
    delete_protocol(id, place)


@router.get("/{id}/table")
def table(id: str, place: Place) -> dict[str, Any]:
    """Everything that was measured."""
    return plain_table(table_of(find_protocol(id, place), place))


@router.get("/{id}/{reader}/{round_}")
def reading(id: str, reader: int, round_: int, place: Place) -> dict[str, Any]:
    """The images of a reader in a pass, in order, with what was measured so far. Blinded, nothing but the pixels is told of an image."""
    protocol = find_protocol(id, place)
    done = readings_of(protocol, reader, round_, place)
    images = images_of(protocol.set, place)
    labels = images.role("label") if images.has("label") and not protocol.blinded else None
    listed = [
        {
            "row": row,
            "address": f"set:{protocol.set}:{row}",
            "label": None if labels is None else labels[row],
            "reading": asdict(done[row]) if row in done else None,
        }
        for row in order_of(protocol, reader, round_)
    ]
    return {"protocol": _told(protocol, place), "images": listed}


@router.post("/{id}/{reader}/{round_}")
def store(id: str, reader: int, round_: int, asked: NewReading, place: Place) -> dict[str, Any]:
    """Keep what was drawn on one image; answers with its values."""
    return asdict(store_reading(find_protocol(id, place), reader, round_, asked.model_dump(), place))


def _told(protocol: MeasurementProtocol, place: Place) -> dict[str, Any]:
    rounds = [
        {"reader": reader, "name": name, "pass": number, "done": len(readings_of(protocol, reader, number, place))}
        for reader, name in enumerate(protocol.readers, 1)
        for number in range(1, protocol.passes + 1)
    ]
    return {**asdict(protocol), "set_name": find_set(protocol.set, place).name, "rounds": rounds}
