"""A chain of operations as a recipe: each step names an operation, its version and its options."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from gazo.core.errors import FileError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.parameters import checked, parameters_of
from gazo.core.registry import Entry
from gazo.core.results import Estimate
from gazo.core.seeds import derived_seed
from gazo.io.opening import unreadable
from gazo.runs.inputs import ROOMS, Input, inputs_of, operation_named, wants


@dataclass(frozen=True)
class ChainStep:
    """One operation of a chain.

    Parameters
    ----------
    operation : its command, such as "unsharp-mask".
    version : of the operation with which the numbers were made.
    options : every option as plain values, those not named by the user too.
    """

    operation: str
    version: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> Entry:
        return operation_named(self.operation, *ROOMS)


@dataclass(frozen=True)
class Processed:
    """What came out of a chain: the image, by name the maps and numbers beside it, and warnings."""

    image: Image
    maps: Mapping[str, Image]
    numbers: Mapping[str, float]
    warnings: tuple[Text, ...] = ()


def chain_step(name: str, options: Mapping[str, Any]) -> ChainStep:
    """A step with all its options checked and those not given at their defaults."""
    entry = operation_named(name, *ROOMS)
    given = checked(entry.target, options)
    whole = {p.name: given.get(p.name, p.default) for p in parameters_of(entry.target)}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in whole.items()}
    return ChainStep(entry.name, entry.version, plain)


def read_steps(path: Path) -> tuple[ChainStep, ...]:
    """The chain in a JSON file: ``{"steps": [{"operation": "unsharp-mask", "options": {"radius_mm": 2}}, ...]}``, a recipe or a manifest."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        text = ""
    return steps_in_text(text, path.name)


def steps_in_text(text: str, name: str) -> tuple[ChainStep, ...]:
    """As `read_steps`, from the text of a file of that name."""
    try:
        steps = steps_in(json.loads(text))
    except ValueError:
        steps = ()
    if not steps:
        raise FileError(
            "G-RUN-030",
            en=f"'{name}' holds no chain; a JSON file is needed with "
            '{"steps": [{"operation": "unsharp-mask", "options": {"radius_mm": 2}}]}.',
            ja=f"「{name}」に処理の並びがありません。次の形の JSON が必要です: "
            '{"steps": [{"operation": "unsharp-mask", "options": {"radius_mm": 2}}]}。',
        )
    return steps


def steps_in(stored: Any) -> tuple[ChainStep, ...]:
    """The steps that stand in a recipe (`options.steps`) or a file of steps; none where there are none or they have no such form."""
    if isinstance(stored, Mapping) and "steps" not in stored:
        stored = stored.get("options")
    steps = stored.get("steps") if isinstance(stored, Mapping) else None
    if not isinstance(steps, Sequence) or not all(isinstance(s, Mapping) and isinstance(s.get("operation"), str) for s in steps):
        return ()
    for step in steps:
        _need_known(step)
    return tuple(chain_step(step["operation"], step.get("options") or {}) for step in steps)


def _need_known(step: Mapping[str, Any]) -> None:
    """Refuse what would be passed over in silence: an option that does not stand below "options"."""
    strange = sorted(step.keys() - {f.name for f in fields(ChainStep)})
    options = step.get("options") or {}
    if strange or not isinstance(options, Mapping):
        raise FileError(
            "G-RUN-041",
            en=f"a step holds 'operation' and, below 'options', its options by name; '{strange[0] if strange else 'options'}' came in the step "
            f'{step["operation"]}. Write {{"operation": "unsharp-mask", "options": {{"radius_mm": 2}}}}.',
            ja=f"処理の 1 項目には operation と、options の中にオプションを書きます。{step['operation']} の項目に「{strange[0] if strange else 'options'}」がありました。"
            '次の形で書いてください: {"operation": "unsharp-mask", "options": {"radius_mm": 2}}。',
        )


def other_inputs(steps: Sequence[ChainStep]) -> dict[str, Input]:
    """What a chain needs besides the image that passes through it: the further inputs of all steps by name."""
    return {given.name: given for step in steps for given in inputs_of(step.entry)[1:]}


def applied(steps: Sequence[ChainStep], image: Image, others: Mapping[str, Any], *, seed: int) -> Processed:
    """Send an image through a chain. A step that gives maps besides its image hands the image on and leaves the maps.

    Parameters
    ----------
    others : further inputs by name; each step takes those it knows.
    seed : of randomness in this image; each step draws numbers of its own.
    """
    maps: dict[str, Image] = {}
    numbers: dict[str, float] = {}
    warnings: list[Text] = []
    for number, step in enumerate(steps):
        entry = step.entry
        given = {one.name: others[one.name] for one in inputs_of(entry)[1:] if others.get(one.name) is not None}
        drawn = {"seed": derived_seed(seed, number)} if wants(entry, "seed") else {}
        made = entry.target(image, **given, **step.options, **drawn)
        image = made if isinstance(made, Image) else made.image
        warnings += getattr(made, "warnings", ())
        for name, value in _beside(made):
            free = name if name not in {*maps, *numbers} else f"{name}-{number + 1}"
            if isinstance(value, Image):
                maps[free] = value
            else:
                numbers[free] = value
    return Processed(image, maps, numbers, tuple(warnings))


def _beside(made: Any) -> Iterator[tuple[str, Image | float]]:
    """The images and numbers of a result besides the one called image."""
    for field_ in fields(made) if is_dataclass(made) and not isinstance(made, Image) else ():
        value = getattr(made, field_.name)
        value = value.value if isinstance(value, Estimate) else value
        if field_.name != "image" and isinstance(value, Image | float | int):
            yield field_.name, value
