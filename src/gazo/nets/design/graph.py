"""A drawn network as data: blocks with options, and links between them. Reading one runs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gazo.core.errors import FileError
from gazo.core.files import write_json
from gazo.core.language import Text
from gazo.nets.design.kinds import KINDS

FORMAT = 1
MOST_BLOCKS, MOST_LINKS, MOST_BYTES = 1000, 4000, 4_000_000


@dataclass(frozen=True)
class Placed:
    """A block of a design: its kind, its options as they were typed (checked by `analysis.analyse`), its place on the canvas."""

    id: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    x: float = 0.0
    y: float = 0.0
    name: str = ""


@dataclass(frozen=True)
class Link:
    """From what leaves one block to input `port` of another; joining blocks take their inputs in the order of the links."""

    source: str
    target: str
    port: int = 0


@dataclass(frozen=True)
class Design:
    """A network as it was drawn.

    Parameters
    ----------
    name : what it is called.
    blocks, links : what it consists of; nothing about them is guaranteed, `analysis.analyse` tells what is wrong.
    """

    name: str
    blocks: tuple[Placed, ...] = ()
    links: tuple[Link, ...] = ()

    def block(self, id: str) -> Placed | None:
        """A block by its id."""
        return next((b for b in self.blocks if b.id == id), None)

    def into(self, id: str) -> tuple[Link, ...]:
        """The links that end at a block, in the order of its inputs."""
        return tuple(sorted((link for link in self.links if link.target == id), key=lambda link: link.port))

    def out_of(self, id: str) -> tuple[Link, ...]:
        """The links that begin at a block."""
        return tuple(link for link in self.links if link.source == id)

    def titles(self) -> dict[str, Text]:
        """What each block is called in sentences and on the canvas: its own name, or its kind with a number."""
        counts: dict[str, int] = {}
        found = {}
        for block in self.blocks:
            counts[block.kind] = counts.get(block.kind, 0) + 1
            label = KINDS[block.kind].label if block.kind in KINDS else Text(block.kind, block.kind)
            number = counts[block.kind]
            found[block.id] = Text(block.name, block.name) if block.name else Text(f"{label.ja} {number}", f"{label.en} {number}")
        return found

    def free_id(self, kind: str) -> str:
        """An id no block has yet."""
        taken, number = {b.id for b in self.blocks}, 1
        while f"{kind}-{number}" in taken:
            number += 1
        return f"{kind}-{number}"

    def with_options(self, id: str, options: Mapping[str, Any]) -> Design:
        """The design with some options of a block changed."""
        blocks = (replace(b, options={**b.options, **options}) if b.id == id else b for b in self.blocks)
        return replace(self, blocks=tuple(blocks))


def to_json(design: Design) -> dict[str, Any]:
    """The design as it stands in a file."""
    return {
        "format": FORMAT,
        "name": design.name,
        "blocks": [
            {"id": b.id, "kind": b.kind, "options": dict(b.options), "x": round(b.x, 1), "y": round(b.y, 1)}
            | ({"name": b.name} if b.name else {})
            for b in design.blocks
        ],
        "links": [
            {"source": link.source, "target": link.target} | ({"port": link.port} if link.port else {}) for link in design.links
        ],
    }


def from_json(stored: Any) -> Design:
    """The design that `to_json` wrote; FileError for anything that does not have its form."""
    if not isinstance(stored, dict) or not isinstance(stored.get("blocks"), list) or not isinstance(stored.get("links"), list):
        raise FileError(
            "G-DSG-001",
            en="this is not a network design of gazo: 'format', 'blocks' and 'links' are needed. Use a file that the designer exported.",
            ja="gazo のネットワーク設計ではありません (format、blocks、links が必要です)。ネットワーク設計の画面から書き出したファイルを使ってください。",
        )
    if stored.get("format") != FORMAT:
        raise FileError(
            "G-DSG-002",
            en=f"the design has format {stored.get('format')}; this version of gazo reads {FORMAT}. Install a newer gazo.",
            ja=f"この設計の形式は {stored.get('format')} ですが、この版の gazo が読めるのは {FORMAT} です。新しい gazo を入れてください。",
        )
    if len(stored["blocks"]) > MOST_BLOCKS or len(stored["links"]) > MOST_LINKS:
        raise FileError(
            "G-DSG-003",
            en=f"the design has {len(stored['blocks'])} blocks and {len(stored['links'])} links; up to {MOST_BLOCKS} and {MOST_LINKS} can be shown. Use units of several layers.",
            ja=f"この設計にはブロックが {len(stored['blocks'])} 個、線が {len(stored['links'])} 本あります。扱えるのは {MOST_BLOCKS} 個と {MOST_LINKS} 本までです。まとまったユニットを使ってください。",
        )
    try:
        blocks = tuple(_placed(b) for b in stored["blocks"])
        links = tuple(_link(link) for link in stored["links"])
        name = _short(stored.get("name", ""), 100)
        if len({b.id for b in blocks}) != len(blocks):
            raise ValueError("two blocks have one id")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(
            "G-DSG-004",
            en=f"the design is damaged ({type(error).__name__}: {error}). Use a file that the designer exported.",
            ja=f"この設計は壊れています ({type(error).__name__}: {error})。ネットワーク設計の画面から書き出したファイルを使ってください。",
        ) from None
    return Design(name, blocks, links)


def _placed(stored: Any) -> Placed:
    options = {_short(k, 100): _plain(v) for k, v in dict(stored.get("options", {})).items()}
    x, y = float(stored.get("x", 0)), float(stored.get("y", 0))
    if not (abs(x) < 1e7 and abs(y) < 1e7):
        raise ValueError("a block lies outside the canvas")
    return Placed(_short(stored["id"], 60), _short(stored["kind"], 60), options, x, y, _short(stored.get("name", ""), 60))


def _link(stored: Any) -> Link:
    port = stored.get("port", 0)
    if not isinstance(port, int) or not 0 <= port < 64:
        raise ValueError("a port is a small whole number")
    return Link(_short(stored["source"], 60), _short(stored["target"], 60), port)


def _short(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise TypeError(f"a text of at most {most} letters is needed")
    return value


def _plain(value: Any) -> Any:
    if not isinstance(value, str | int | float | bool) or (isinstance(value, str) and len(value) > 200):
        raise TypeError("an option is a number, a short text, true or false")
    return value


def read_design(path: Path) -> Design:
    """The design in a JSON file."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("too large")
        stored = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise FileError(
            "G-DSG-005",
            en=f"there is no design '{path.name}' that can be read. Name a preset, a saved design or a JSON file of the designer.",
            ja=f"設計「{path.name}」を読めません。ひな形、保存済みの設計、または設計の JSON ファイルを指定してください。",
        ) from None
    except (ValueError, RecursionError):
        raise FileError(
            "G-DSG-006",
            en=f"'{path.name}' is not a design of gazo (JSON). Use a file that the designer exported.",
            ja=f"「{path.name}」は gazo の設計 (JSON) ではありません。ネットワーク設計の画面から書き出したファイルを使ってください。",
        ) from None
    return from_json(stored)


def write_design(design: Design, path: Path) -> None:
    """Write a design as a JSON file."""
    write_json(path, to_json(design))
