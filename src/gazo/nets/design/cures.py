"""Cures that a button can apply: which edits would put a block right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gazo.core.language import Text
from gazo.nets.design.activations import ACTIVATIONS
from gazo.nets.design.graph import Design, Link, Placed
from gazo.nets.design.kinds import KINDS
from gazo.nets.design.shapes import Misfit, Shape
from gazo.nets.design.walk import Facts, made_blocks, walk

SIDES = (28, 32, 48, 64, 75, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 512, 768, 1024)
WEIGHTED = {"convolution", "depthwise-convolution", "transposed-convolution", "dense"}
KEEPS = {"dropout", "flatten", "batch-norm", "layer-norm", "instance-norm", "group-norm", "global-pool"} | set(ACTIVATIONS)


@dataclass(frozen=True)
class Fix:
    """A cure as edits of `edits.edited`."""

    label: Text
    edits: tuple[Mapping[str, Any], ...]


def cure(design: Design, id: str, facts: Mapping[str, Facts], wrong: Misfit) -> Fix | None:
    """What would help a block whose inputs do not fit."""
    shrunk = wrong.small and _input_side(design, facts, id)
    return shrunk or _own(id, wrong) or _beyond(design, id, facts)


def removal(id: str) -> Fix:
    """The block taken out; what came in goes on."""
    return Fix(Text("ブロックを削除", "Remove the block"), ({"do": "remove", "block": id},))


def cut(link: Link) -> Fix:
    """The link taken out."""
    edit = {"do": "unlink", "source": link.source, "target": link.target, "port": link.port}
    return Fix(Text("線を削除", "Remove the link"), (edit,))


def _own(id: str, wrong: Misfit) -> Fix | None:
    cure = wrong.cure
    if cure is None:
        return None
    if cure.before:
        kind, options = cure.before
        return Fix(cure.label, ({"do": "before", "block": id, "kind": kind, "options": dict(options)},))
    return Fix(cure.label, ({"do": "set", "block": id, "options": dict(cure.options)},))


def _beyond(design: Design, id: str, facts: Mapping[str, Facts]) -> Fix | None:
    """Cures that need to look beyond the block."""
    placed = design.block(id)
    kind, came = placed.kind if placed else "", facts[id].came
    if kind == "output":
        return units_fix(design, id, facts)
    if kind == "sampling":
        source = deciding(design, design.into(id)[1].source)
        return source and _units(source, came[0][0], facts)
    if kind == "add" and len({shape[1:] for shape in came}) == 1 and all(len(shape) == 3 for shape in came):
        wanted, port = came[0][0], next(i for i, shape in enumerate(came) if shape[0] != came[0][0])
        return _between(design, id, port, "convolution", {"maps": wanted, "kernel": 1, "padding": 0}, Text(f"{wanted} マップの 1 × 1 畳み込みを入れる", f"Put a 1 × 1 convolution of {wanted} maps in"))  # fmt: skip
    if kind in ("add", "concatenate") and all(len(shape) == 3 for shape in came):
        return _cropped(design, id, came)
    if kind == "network":
        return _input_side(design, facts, id)
    return None


def _cropped(design: Design, id: str, came: tuple[Shape, ...]) -> Fix | None:
    """The first input that is larger than the smallest, cropped to it in the middle."""
    rows, columns = min(s[1] for s in came), min(s[2] for s in came)
    port = next((i for i, s in enumerate(came) if s[1:] != (rows, columns)), None)
    if port is None:
        return None
    over, across = came[port][1] - rows, came[port][2] - columns
    edges = {"top": over // 2, "bottom": over - over // 2, "left": across // 2, "right": across - across // 2}
    return _between(design, id, port, "crop", edges, Text(f"{rows} × {columns} に切り取る", f"Crop to {rows} × {columns}"))


def _between(design: Design, id: str, number: int, kind: str, options: Mapping[str, Any], label: Text) -> Fix:
    """A new block on one of the links into a block; the order of its inputs stays."""
    links = design.into(id)
    new, edits = design.free_id(kind), []
    for link in links:
        edits.append({"do": "unlink", "source": link.source, "target": id, "port": link.port})
    edits.append({"do": "add", "kind": kind, "options": dict(options), **_middle(design, links[number])})
    for place, link in enumerate(links):
        source = new if place == number else link.source
        edits.append({"do": "link", "source": source, "target": id, "port": link.port})
    edits.append({"do": "link", "source": links[number].source, "target": new})
    return Fix(label, tuple(edits))


def _middle(design: Design, link: Link) -> dict[str, float]:
    a, b = design.block(link.source), design.block(link.target)
    return {"x": (a.x + b.x) / 2, "y": (a.y + b.y) / 2} if a and b else {"x": 0, "y": 0}


def deciding(design: Design, id: str) -> Placed | None:
    """The block with weights that decides how many numbers or maps arrive at `id`; None where several ways meet."""
    for _ in range(len(design.blocks)):
        placed = design.block(id)
        if placed is None or placed.kind in WEIGHTED | {"convolution-unit", "residual", "network"}:
            return placed
        into = design.into(id)
        if placed.kind not in KEEPS | {"upsample", "max-pool", "average-pool", "adaptive-pool", "output"} or len(into) != 1:
            return None
        id = into[0].source
    return None


def _units(placed: Placed, count: int, facts: Mapping[str, Facts]) -> Fix | None:
    name = {"dense": "units", "network": "units"}.get(placed.kind, "maps")
    if name not in KINDS[placed.kind].defaults():
        return None
    title = facts[placed.id].title
    label = Text(f"「{title.ja}」を {count} にする", f"Set '{title.en}' to {count}")
    return Fix(label, ({"do": "set", "block": placed.id, "options": {name: count}},))


def units_fix(design: Design, output: str, facts: Mapping[str, Facts]) -> Fix | None:
    """Let the last block with weights give as many numbers as the output says."""
    placed, out = deciding(design, output), design.block(output)
    count = out.options.get("count", 2) if out else 2
    return _units(placed, count, facts) if placed and isinstance(count, int) else None


def _input_side(design: Design, facts: Mapping[str, Facts], id: str) -> Fix | None:
    """The least usual side of the input image with which every block fits; None where the image has not shrunk before `id`."""
    there = next((b for b in design.blocks if b.kind == "input"), None)
    came = facts[there.id].shape if there else None
    known = design.block(id)
    if there is None or came is None or (known and known.kind != "network" and facts[id].came[0][1:] == came[1:]):
        return None
    for side in SIDES:
        options = {"rows": side, "columns": side}
        tried = design.with_options(there.id, options)
        if side > max(came[1:]) and not walk(tried, made_blocks(tried)[0])[1]:
            label = Text(f"入力画像を {side} × {side} にする", f"Make the input image {side} × {side}")
            return Fix(label, ({"do": "set", "block": there.id, "options": options},))
    return None
