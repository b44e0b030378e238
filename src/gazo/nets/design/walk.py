"""Shapes carried through a design, block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.nets.design.graph import Design, Placed
from gazo.nets.design.kinds import KINDS, Block
from gazo.nets.design.shapes import Misfit, Shape


@dataclass(frozen=True)
class Facts:
    """What is known about one block; None where the blocks before it are wrong."""

    title: Text
    told: str = ""
    shape: Shape | None = None
    came: tuple[Shape, ...] = ()
    parameters: int | None = None
    multiply_adds: int | None = None


def made_block(placed: Placed) -> Block:
    """The block with its options checked; OptionError where one is not allowed."""
    return _block(placed.kind, tuple(sorted(placed.options.items())))


@lru_cache(maxsize=4096, typed=True)
def _block(kind: str, options: tuple[tuple[str, Any], ...]) -> Block:
    return KINDS[kind].make(dict(options))


def made_blocks(design: Design) -> tuple[dict[str, Block], dict[str, OptionError]]:
    """The blocks whose options are allowed, and what is wrong with the others."""
    made, wrong = {}, {}
    for placed in design.blocks:
        if placed.kind in KINDS:
            try:
                made[placed.id] = made_block(placed)
            except OptionError as error:
                wrong[placed.id] = error
    return made, wrong


def walk(design: Design, made: Mapping[str, Block]) -> tuple[dict[str, Facts], dict[str, Misfit]]:
    """Facts of every block, and what the shape rules refuse."""
    titles, facts, wrong = design.titles(), {}, {}
    for id in computable(design):
        block, came = made.get(id), [facts[k.source].shape if k.source in facts else None for k in design.into(id)]
        facts[id] = Facts(titles[id], "" if block is None else block.told())
        least, most = block.kind.inputs if block else (0, 0)
        inputs = tuple(shape for shape in came if shape is not None)
        if block is None or len(inputs) != len(came) or not least <= len(came) <= most:
            continue
        try:
            shape = block.shape(*inputs)
            counts = (block.parameters(*inputs), block.multiply_adds(*inputs))
            facts[id] = Facts(titles[id], block.told(), shape, inputs, *counts)
        except Misfit as misfit:
            facts[id] = Facts(titles[id], block.told(), None, inputs)
            wrong[id] = misfit
    for placed in design.blocks:
        facts.setdefault(placed.id, Facts(titles[placed.id], made[placed.id].told() if placed.id in made else ""))
    return facts, wrong


def computable(design: Design) -> list[str]:
    """Ids so that each comes after what it needs; those in or behind a cycle are left out. A block stays near the one before it."""
    ids = [b.id for b in design.blocks]
    known = set(ids)
    waiting = {id: {k.source for k in design.links if k.target == id and k.source in known} for id in ids}
    ready, order = [id for id in reversed(ids) if not waiting[id]], []
    while ready:
        done = ready.pop()
        order.append(done)
        follow = [id for id in ids if done in waiting[id]]
        for id in follow:
            waiting[id].discard(done)
        ready += [id for id in reversed(follow) if not waiting[id]]
    return order


def live(design: Design) -> tuple[str, ...]:
    """The blocks from which the output is computed, in order."""
    needed = [b.id for b in design.blocks if b.kind == "output"]
    seen = set(needed)
    while needed:
        for link in design.into(needed.pop()):
            if link.source not in seen:
                seen.add(link.source)
                needed.append(link.source)
    return tuple(id for id in computable(design) if id in seen)
