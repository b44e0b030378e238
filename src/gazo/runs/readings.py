"""What was measured by hand with a protocol: shapes as they were drawn, values computed from the exact pixels, a table of all."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError
from gazo.core.files import write_json
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.quality.regions import angle_deg, inside, length_mm, points_of, region_statistics
from gazo.runs.protocols import Item, MeasurementProtocol, folder_of, order_of
from gazo.runs.sets import images_of

AREAS = ("rectangle", "ellipse", "polygon")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One image measured once.

    Parameters
    ----------
    shapes : by key of the item: ``{"points": [[x, y], ...], "plane": 0}``.
    values : by key: the values of `values_of`.
    seconds : from the moment the image was shown.
    """

    row: int
    shapes: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, Mapping[str, float | None]]
    seconds: float
    note: str = ""
    time: float = 0.0


def readings_of(protocol: MeasurementProtocol, reader: int, round_: int, place: Path) -> dict[int, Reading]:
    """What a reader measured in a pass, by row."""
    order_of(protocol, reader, round_)
    try:
        stored = json.loads(_file(protocol, reader, round_, place).read_text(encoding="utf-8"))
    except OSError:
        return {}
    return {int(one["row"]): Reading(**one) for one in stored}


def store_reading(protocol: MeasurementProtocol, reader: int, round_: int, facts: Mapping[str, Any], place: Path) -> Reading:
    """Keep what was drawn on one image, with the values it has; what was there for the image is replaced.

    Parameters
    ----------
    facts : row, shapes (by key), seconds, note.
    """
    row = int(facts["row"])
    if row not in protocol.rows:
        raise DataError(
            "G-PRL-010",
            en=f"the image of row {row} does not belong to this protocol. Go back to the list of its images.",
            ja=f"番号 {row} の画像はこのプロトコルに含まれていません。画像の一覧に戻ってください。",
        )
    shapes = {key: dict(shape) for key, shape in facts["shapes"].items()}
    _need_all(protocol, shapes)
    image = images_of(protocol.set, place)[row].grey()
    values = values_of(protocol.items, shapes, image)
    made = Reading(row=row, shapes=shapes, values=values, seconds=float(facts.get("seconds", 0)), note=str(facts.get("note", ""))[:500], time=round(time.time(), 1))  # fmt: skip
    kept = readings_of(protocol, reader, round_, place) | {row: made}
    write_json(_file(protocol, reader, round_, place), [asdict(one) for one in kept.values()])
    return made


def values_of(items: Sequence[Item], shapes: Mapping[str, Mapping[str, Any]], image: Image) -> dict[str, dict[str, float | None]]:
    """The values of each item: a line's length, an angle in degrees, a region's mean, SD and area, a point's value, a ratio.

    Lengths are in mm where the pixel spacing is known, else in pixels; angles are those on the patient.
    """
    found = {item.key: _measured(item, shapes[item.key], image) for item in items if item.kind != "ratio"}
    for item in items:
        if item.kind == "ratio":
            above, below = (sum(_main(found[key]) for key in side) for side in (item.over, item.under))
            found[item.key] = {"ratio": above / below if below else None}
    return found


def columns_of(item: Item, *, spacing: bool) -> tuple[tuple[str, Text], ...]:
    """The values of an item in the table: name among its values, heading with unit."""
    name = item.name
    if item.kind == "line":
        unit = "mm" if spacing else "px"
        return (("length", Text(f"{name} [{unit}]", f"{name} [{unit}]")),)
    if item.kind == "angle":
        return (("angle", Text(f"{name} [°]", f"{name} [°]")),)
    if item.kind == "ratio":
        return (("ratio", Text(name, name)),)
    if item.kind == "point":
        return (("value", Text(f"{name} 画素値", f"{name} value")), ("x", Text(f"{name} x [px]", f"{name} x [px]")), ("y", Text(f"{name} y [px]", f"{name} y [px]")))  # fmt: skip
    unit = "mm²" if spacing else "px"
    return (
        ("mean", Text(f"{name} 平均", f"{name} mean")),
        ("sd", Text(f"{name} 標準偏差", f"{name} SD")),
        ("area", Text(f"{name} 面積 [{unit}]", f"{name} area [{unit}]")),
    )


def table_of(protocol: MeasurementProtocol, place: Path) -> Table:
    """Every measurement: one row for each image, reader and pass, images that were not measured yet left out."""
    images = images_of(protocol.set, place)
    spacing = images[protocol.rows[0]].spacing_mm is not None
    values = [(item.key, name, heading) for item in protocol.items for name, heading in columns_of(item, spacing=spacing)]
    with_patient = images.has("patient")
    head = [
        Text("画像", "Image"),
        *([Text("患者", "Patient")] if with_patient else []),
        Text("読影者", "Reader"),
        Text("回", "Pass"),
    ]
    rows = []
    for reader, name in enumerate(protocol.readers, 1):
        for round_ in range(1, protocol.passes + 1):
            for row, one in sorted(readings_of(protocol, reader, round_, place).items()):
                who = [images.role("patient")[row]] if with_patient else []
                rows.append((row + 1, *who, name, round_, *(one.values[key].get(value) for key, value, _ in values), round(one.seconds, 1), one.note))  # fmt: skip
    headings = (*head, *(heading for *_, heading in values), Text("時間 [s]", "Time [s]"), Text("メモ", "Note"))
    return Table(Text(protocol.name, protocol.name), headings, tuple(rows))


def _measured(item: Item, shape: Mapping[str, Any], image: Image) -> dict[str, float | None]:
    points = points_of(item.kind, shape["points"]).tolist()
    spacing = tuple(image.spacing_mm[-2:]) if image.spacing_mm else None
    if item.kind == "line":
        return {"length": length_mm(points, spacing or (1.0, 1.0))}
    if item.kind == "angle":
        return {"angle": angle_deg(points, spacing or (1.0, 1.0))}
    plane = _plane(image, shape)
    if item.kind == "point":
        (x, y), (rows, columns) = points[0], plane.shape
        column, row = round(x), round(y)
        inside_ = 0 <= row < rows and 0 <= column < columns
        return {"value": _number(float(plane[row, column])) if inside_ else None, "x": x, "y": y}
    found = region_statistics(plane, inside(item.kind, points, plane.shape), spacing)
    return {"mean": found.mean, "sd": found.sd, "area": float(found.n) if found.area_mm2 is None else found.area_mm2}


def _plane(image: Image, shape: Mapping[str, Any]) -> Any:
    if len(image.shape) == 2:
        return image.pixels
    number = int(shape.get("plane", 0))
    if not 0 <= number < image.shape[0]:
        raise DataError(
            "G-PRL-011",
            en=f"the image has {image.shape[0]} planes; a shape lies on plane {number}. Draw it on a plane that is there.",
            ja=f"この画像の断面は {image.shape[0]} 枚ですが、図形が断面 {number} にあります。範囲内の断面に描いてください。",
        )
    return image.pixels[number]


def _main(values: Mapping[str, float | None]) -> float:
    """The value a ratio takes of an item: the first one."""
    first = next(iter(values.values()))
    return math.nan if first is None else first


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _need_all(protocol: MeasurementProtocol, shapes: Mapping[str, Any]) -> None:
    wanted = {item.key: item.name for item in protocol.items if item.kind != "ratio"}
    missing = [name for key, name in wanted.items() if key not in shapes]
    if missing or set(shapes) - set(wanted):
        listed = ", ".join(missing) or ", ".join(sorted(set(shapes) - set(wanted)))
        raise DataError(
            "G-PRL-012",
            en=f"every item is drawn once before the image is stored; missing or unknown: {listed}. Draw it, then press Enter.",
            ja=f"保存する前に、すべての項目を 1 回ずつ描いてください。不足または不明な項目: {listed}。描いてから Enter を押してください。",
        )


def _file(protocol: MeasurementProtocol, reader: int, round_: int, place: Path) -> Path:
    return folder_of(protocol.id, place) / "readings" / f"{reader}-{round_}.json"
