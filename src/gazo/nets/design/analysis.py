"""Shapes, numbers of parameters and multiply-adds, memory and problems of a design, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gazo.core.errors import DataError
from gazo.nets.design.graph import Design
from gazo.nets.design.kinds import Block
from gazo.nets.design.problems import Problem, misfit, structure_problems, wrong_option
from gazo.nets.design.remarks import remarks
from gazo.nets.design.shapes import size
from gazo.nets.design.walk import Facts, live, made_blocks, walk

BYTES = 4  # float32
TRAINED = 4  # a weight, its gradient and two moments of the optimiser
BATCH = 16


@dataclass(frozen=True)
class Analysis:
    """What a design comes to.

    Parameters
    ----------
    blocks : facts of each block by id.
    order : ids of the blocks on a way from input to output, in an order in which they can be computed.
    parameters, multiply_adds : sums over these blocks; `estimated` where the multiply-adds of a known network are scaled by area.
    memory_bytes : estimate for training with `batch` images: weights, gradients, moments, and every value between blocks twice.
    problems : what is wrong, the worst first.
    """

    blocks: Mapping[str, Facts]
    order: tuple[str, ...]
    parameters: int
    multiply_adds: int
    memory_bytes: int
    batch: int
    estimated: bool = False
    problems: tuple[Problem, ...] = ()
    made: Mapping[str, Block] = field(default_factory=dict, repr=False)

    @property
    def ready(self) -> bool:
        """Whether it can be built."""
        return not any(p.severity == "error" for p in self.problems)


def analyse(design: Design, *, batch: int = BATCH, memory_bytes: int | None = None) -> Analysis:
    """Everything about a design.

    Parameters
    ----------
    batch : images of a batch, for the memory.
    memory_bytes : what the machine has; more is a problem. None asks nothing.
    """
    titles = design.titles()
    made, refused = made_blocks(design)
    facts, wrong = walk(design, made)
    problems = [wrong_option(b, titles[b.id], refused[b.id]) for b in design.blocks if b.id in refused]
    problems += structure_problems(design, titles)
    problems += [misfit(design, id, facts, wrong[id]) for id in wrong]
    order = live(design)
    memory = _memory(order, facts, made, batch)
    problems += remarks(design, order, facts, memory, batch, memory_bytes)
    rank = {"error": 0, "warning": 1, "note": 2}
    return Analysis(
        blocks=facts,
        order=order,
        parameters=sum(facts[id].parameters or 0 for id in order),
        multiply_adds=sum(facts[id].multiply_adds or 0 for id in order),
        memory_bytes=memory,
        batch=batch,
        estimated=any(b.kind == "network" for b in design.blocks if b.id in order),
        problems=tuple(sorted(problems, key=lambda p: rank[p.severity])),
        made=made,
    )


def ready(design: Design) -> Analysis:
    """The analysis of a design that can be built; DataError with its first problem otherwise."""
    found = analyse(design)
    if not found.ready:
        first = found.problems[0].text
        raise DataError(
            "G-DSG-011",
            en=f"the design '{design.name}' cannot be built: {first.en} Correct it on the page of the network designer.",
            ja=f"設計「{design.name}」からネットワークを作れません。{first.ja}ネットワーク設計の画面で直してください。",
        )
    return found


def _memory(order: tuple[str, ...], facts: Mapping[str, Facts], made: Mapping[str, Block], batch: int) -> int:
    weights = sum(facts[id].parameters or 0 for id in order)
    values = 0
    for id in order:
        shape = facts[id].shape
        if shape is not None and id in made:
            values += size(shape) + made[id].activations(*facts[id].came)
    return BYTES * (TRAINED * weights + 2 * batch * values)
