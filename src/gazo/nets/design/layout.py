"""Places for the blocks: columns from left to right, a new one where the image changes its size; a U-Net comes out as in its figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import log2

from gazo.nets.design.edits import STEP
from gazo.nets.design.graph import Design
from gazo.nets.design.walk import Facts, computable, made_blocks, walk

COLUMN = 224.0  # distance of two blocks side by side
MOST_ROWS, FEWEST_ROWS = 9, 4  # rows of a column; below the fewest a change of size begins no new one
DROP = 2  # rows by which a column of a U lies lower for each halving of the image


@dataclass
class _Column:
    rows: list[list[str]] = field(default_factory=list)
    side: int | None = None  # rows of the image in it


def laid_out(design: Design) -> Design:
    """The same design with every block at a readable place."""
    facts, _ = walk(design, made_blocks(design)[0])
    ranks = _ranks(design)
    sides = {id: _side(facts, id) for id in facts}
    folded = _folded(design, sides)
    if folded and all(len(rank) == 1 for rank in ranks) and len(ranks) == len(design.blocks):
        places = _as_u([rank[0] for rank in ranks], sides)
        return replace(design, blocks=tuple(replace(b, x=places[b.id][0], y=places[b.id][1]) for b in design.blocks))
    columns = _columns(ranks, sides, folded)
    largest = max((s for s in sides.values() if s), default=1)
    places: dict[str, tuple[float, float]] = {}
    x = 0.0
    for column in columns:
        depth = round(log2(largest / column.side)) if folded and column.side else 0
        for number, row in enumerate(column.rows):
            for beside, id in enumerate(_ordered(design, row, places)):
                places[id] = (x + beside * COLUMN, (number + DROP * depth) * STEP)
        x += COLUMN * max(len(row) for row in column.rows)
    for beside, block in enumerate(b for b in design.blocks if b.id not in places):
        places[block.id] = (beside * COLUMN, -STEP * 1.5)  # a block in a circle has no rank
    return replace(design, blocks=tuple(replace(b, x=places[b.id][0], y=places[b.id][1]) for b in design.blocks))


def _ranks(design: Design) -> list[list[str]]:
    """Blocks by the longest way that leads to them; those nothing leads to stand just before what they lead to."""
    rank: dict[str, int] = {}
    order = computable(design)
    for id in order:
        rank[id] = max((rank[k.source] + 1 for k in design.into(id) if k.source in rank), default=0)
    found: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for id in order:
        found[rank[id]].append(id)
    return found


def _side(facts: Mapping[str, Facts], id: str) -> int | None:
    shape = facts[id].shape
    return shape[1] if shape is not None and len(shape) == 3 else None


def _folded(design: Design, sides: Mapping[str, int | None]) -> bool:
    """Whether the image shrinks and grows again."""
    steps = [(sides.get(k.source), sides.get(k.target)) for k in design.links]
    return any(a and b and a > b for a, b in steps) and any(a and b and a < b for a, b in steps)


def _as_u(chain: list[str], sides: Mapping[str, int | None]) -> dict[str, tuple[float, float]]:
    """Down on the left; on the way up each level stands in the row of its counterpart, from left to right."""
    known = [sides[id] for id in chain]
    least = min(side for side in known if side)
    bottom = max(number for number, side in enumerate(known) if side == least)
    places = {id: (0.0, number * STEP) for number, id in enumerate(chain[: bottom + 1])}
    counterpart = {sides[id]: number for number, id in enumerate(chain[: bottom + 1])}
    row, beside, before = bottom, 1, sides[chain[bottom]]
    for id in chain[bottom + 1 :]:
        grown = sides[id] is not None and before is not None and sides[id] > before
        if grown:
            row, beside = counterpart.get(sides[id], row - 2), 1
            places[id] = (COLUMN, (row + 1) * STEP)
        else:
            places[id] = (beside * COLUMN, row * STEP)
            beside += 1
        before = sides[id] or before
    return places


def _columns(ranks: list[list[str]], sides: Mapping[str, int | None], folded: bool) -> list[_Column]:
    columns = [_Column()]
    for row in ranks:
        side = next((sides[id] for id in row if sides[id]), None)
        now = columns[-1]
        changed = side is not None and now.side is not None and side != now.side
        if now.rows and (len(now.rows) >= MOST_ROWS or (changed and (folded or len(now.rows) >= FEWEST_ROWS))):
            columns.append(now := _Column())
        now.rows.append(row)
        now.side = side or now.side
    return [column for column in columns if column.rows]


def _ordered(design: Design, row: list[str], places: Mapping[str, tuple[float, float]]) -> list[str]:
    """Blocks side by side in the order of what leads to them, so that few links cross."""

    def middle(id: str) -> float:
        before = [places[k.source][0] for k in design.into(id) if k.source in places]
        return sum(before) / len(before) if before else 0.0

    return sorted(row, key=middle)
