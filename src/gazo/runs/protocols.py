"""Measurement protocols: named regions, lines, angles and ratios that are measured by hand, image after image.

A protocol is the folder ``protocols/ID`` (8 hex digits) of a workspace with ``protocol.json`` and, for each reader and pass,
``readings/READER-PASS.json``. A blinded protocol shows the images in an order of its own for each reader and pass, without labels.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MinLen
from pydantic import StringConstraints, TypeAdapter, ValidationError

from gazo.core.errors import DataError, FileError, OptionError, nearest
from gazo.core.files import storage_error, write_json
from gazo.core.language import Text
from gazo.core.seeds import generator
from gazo.runs.sets import find_set, now

FORMAT = 1
DRAWN = ("line", "angle", "rectangle", "ellipse", "polygon", "point")
Kind = Literal["line", "angle", "rectangle", "ellipse", "polygon", "point", "ratio"]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to measure.

    Parameters
    ----------
    key : short name that ratios refer to.
    kind : what is drawn; a ratio is computed.
    over, under : of a ratio, the items whose values are summed above and below the line.
    """

    key: Key
    name: Words
    kind: Kind
    over: tuple[Key, ...] = ()
    under: tuple[Key, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MeasurementProtocol:
    """What is measured, on which images, by whom and how often.

    Parameters
    ----------
    set : id of the data set; `rows` are the images of it, in its order.
    blinded : own order for each reader and pass, no labels shown while reading.
    readers : names, or better codes, of those who read.
    passes : how often each reader reads every image.
    seed : of the orders.
    """

    id: str
    name: Words
    created: str
    set: str
    rows: tuple[int, ...]
    items: tuple[Item, ...]
    blinded: bool = False
    readers: Annotated[tuple[Words, ...], MinLen(1)] = field(default=("1",))
    passes: Annotated[int, Ge(1), Le(20)] = 1
    seed: int = 0
    format: int = FORMAT


PRESETS: tuple[tuple[str, Text, tuple[tuple[str, Text, Kind, tuple[str, ...], tuple[str, ...]], ...]], ...] = (
    (
        "ctr",
        Text("心胸郭比 (CTR)", "Cardiothoracic ratio (CTR)"),
        (
            ("a", Text("正中線から心右縁", "Midline to right heart border"), "line", (), ()),
            ("b", Text("正中線から心左縁", "Midline to left heart border"), "line", (), ()),
            ("c", Text("胸郭内径", "Inner width of the chest"), "line", (), ()),
            ("ctr", Text("心胸郭比", "Cardiothoracic ratio"), "ratio", ("a", "b"), ("c",)),
        ),
    ),
    (
        "contrast",
        Text("信号比 (二つの ROI)", "Ratio of two regions"),
        (
            ("a", Text("対象", "Object"), "ellipse", (), ()),
            ("b", Text("背景", "Background"), "ellipse", (), ()),
            ("r", Text("対象 / 背景", "Object / background"), "ratio", ("a",), ("b",)),
        ),
    ),
    ("cobb", Text("角度 (3 点)", "Angle (three points)"), (("a", Text("角度", "Angle"), "angle", (), ()),)),
    ("length", Text("長さ", "Length"), (("a", Text("長さ", "Length"), "line", (), ()),)),
)


def new_protocol(facts: Mapping[str, Any], place: Path) -> MeasurementProtocol:
    """Make a protocol of what a form holds: name, set, rows (all when missing), items, blinded, readers, passes, seed."""
    found = find_set(str(facts.get("set", "")), place)
    rows = facts.get("rows") or range(found.rows)
    made = _checked({**facts, "id": secrets.token_hex(4), "created": now(), "rows": list(rows), "format": FORMAT})
    _need_sense(made, found.rows)
    folder = place / "protocols" / made.id
    try:
        (folder / "readings").mkdir(parents=True)
    except OSError as error:
        raise storage_error(error, folder) from None
    write_json(folder / "protocol.json", asdict(made))
    return made


def rename_protocol(id: str, name: str, place: Path) -> MeasurementProtocol:
    """Give a protocol another name; what is measured cannot change once it was begun."""
    made = _checked(asdict(replace(find_protocol(id, place), name=name)))
    write_json(folder_of(id, place) / "protocol.json", asdict(made))
    return made


def find_protocol(id: str, place: Path) -> MeasurementProtocol:
    """The protocol of that id; an error names the nearest."""
    known = [one.name for one in _folders(place)]
    if id not in known:
        hint = nearest(id[:40], known)
        raise FileError(
            "G-PRL-001",
            en=f"there is no measurement protocol '{id[:40]}' in this workspace. {hint.en}",
            ja=f"この作業フォルダに計測プロトコル「{id[:40]}」はありません。{hint.ja}",
        )
    return _read(folder_of(id, place))


def list_protocols(place: Path) -> list[MeasurementProtocol]:
    """All protocols of a workspace, the newest first."""
    return sorted((_read(folder) for folder in _folders(place)), key=lambda one: (one.created, one.id), reverse=True)


def delete_protocol(id: str, place: Path) -> None:
    """Remove a protocol and everything that was measured with it."""
    find_protocol(id, place)
    shutil.rmtree(folder_of(id, place))


def folder_of(id: str, place: Path) -> Path:
    """Where a protocol lies; the id has to be one that was checked."""
    return place / "protocols" / id


def order_of(protocol: MeasurementProtocol, reader: int, round_: int) -> tuple[int, ...]:
    """The rows in the order in which a reader sees them in a pass, both counted from 1; blinded, each has an order of its own."""
    _need_reader(protocol, reader, round_)
    if not protocol.blinded:
        return protocol.rows
    shuffled = generator(protocol.seed, "protocol", protocol.id, reader, round_).permutation(len(protocol.rows))
    return tuple(protocol.rows[i] for i in shuffled)


def _need_reader(protocol: MeasurementProtocol, reader: int, round_: int) -> None:
    if not (1 <= reader <= len(protocol.readers) and 1 <= round_ <= protocol.passes):
        raise OptionError(
            "G-PRL-002",
            en=f"this protocol has {len(protocol.readers)} readers and {protocol.passes} passes, counted from 1; reader {reader}, pass {round_} was asked for.",
            ja=f"このプロトコルの読影者は {len(protocol.readers)} 名、回数は {protocol.passes} 回 (1 から数えます) です。読影者 {reader}、{round_} 回目はありません。",
        )


def _checked(facts: Mapping[str, Any]) -> MeasurementProtocol:
    try:
        return TypeAdapter(MeasurementProtocol).validate_python(dict(facts))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise OptionError(
            "G-PRL-003",
            en=f"the protocol is not complete or wrong at '{where}'. Names have 1 to 60 letters; give at least one item and one reader.",
            ja=f"プロトコルの「{where}」がないか、正しくありません。名前は 1～60 文字です。計測項目と読影者を 1 つ以上指定してください。",
        ) from None


def _need_sense(protocol: MeasurementProtocol, images: int) -> None:
    """Refuse keys that stand twice, ratios of what is not there, and images that are not in the set."""
    drawn = [item.key for item in protocol.items if item.kind != "ratio"]
    keys = [item.key for item in protocol.items]
    _need_images(protocol.rows, images)
    if not drawn or len(set(keys)) < len(keys):
        raise DataError(
            "G-PRL-004",
            en="a protocol needs something to draw, and each item a key of its own. Add a line, an angle or a region, or rename a key.",
            ja="計測プロトコルには描画する項目が必要で、記号は重複できません。線・角度・領域を追加するか、記号を変えてください。",
        )
    for item in protocol.items:
        wrong = [key for key in (*item.over, *item.under) if key not in drawn]
        if item.kind == "ratio" and (wrong or not item.over or not item.under):
            raise DataError(
                "G-PRL-005",
                en=f"the ratio '{item.name}' needs items above and below its line that are drawn ({', '.join(drawn)}). Choose them again.",
                ja=f"比「{item.name}」には、分子と分母に描画する項目 ({', '.join(drawn)}) が必要です。選び直してください。",
            )
    _need_one_measure(protocol.items)


def _need_images(rows: Sequence[int], images: int) -> None:
    if not rows or len(set(rows)) < len(rows) or min(rows) < 0 or max(rows) >= images:
        raise DataError(
            "G-PRL-006",
            en=f"the images of a protocol are different rows of its set, which has {images}. Choose at least one.",
            ja=f"計測する画像は、データセット ({images} 枚) の中から重複なく 1 枚以上選んでください。",
        )


def _need_one_measure(items: Sequence[Item]) -> None:
    """A sum needs values of one unit: lengths with lengths, means with means."""
    of = {item.key: "area" if item.kind in ("rectangle", "ellipse", "polygon") else item.kind for item in items}
    for item in items:
        for side in (item.over, item.under):
            if len({of[key] for key in side}) > 1:
                raise DataError(
                    "G-PRL-007",
                    en=f"the ratio '{item.name}' adds values of different kinds. Add only lines with lines, regions with regions.",
                    ja=f"比「{item.name}」で種類の異なる値を足そうとしています。線どうし、領域どうしを選んでください。",
                )


def _folders(place: Path) -> list[Path]:
    home = place / "protocols"
    inside = home.iterdir() if home.is_dir() else ()
    return sorted(folder for folder in inside if _ID.fullmatch(folder.name) and (folder / "protocol.json").is_file())


def _read(folder: Path) -> MeasurementProtocol:
    stored = json.loads((folder / "protocol.json").read_text(encoding="utf-8"))
    return _checked(stored)
