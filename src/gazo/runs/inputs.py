"""What an operation is given besides its options: images, sequences of images, results of other measurements."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from gazo.core.errors import OptionError, nearest
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.registry import Entry, entries
from gazo.runs.catalog import discover

ROOMS = ("process", "quality", "stats", "radiomics")  # whose operations have doors of their own


@dataclass(frozen=True)
class Input:
    """One positional argument of an operation.

    Parameters
    ----------
    name : of the argument.
    kind : Image, or the class of a result such as Curve.
    many : a sequence of them.
    required : it has no default.
    """

    name: str
    kind: type
    many: bool
    required: bool

    @property
    def is_image(self) -> bool:
        return self.kind is Image

    @property
    def is_set(self) -> bool:
        """Whether it is a whole set of images, as methods that learn take it."""
        return self.kind is ImageSet


def operation_named(name: str, *rooms: str) -> Entry:
    """The operation of one of these rooms by its command (or Python) name; the nearest name is told when there is none."""
    wanted = name.replace("_", "-").lower()
    for room in rooms:
        import_module(f"gazo.{room}")  # enough for what the room exports, and much quicker than all rooms
    found = _by_name(rooms)
    if wanted not in found:
        discover()
        found = _by_name(rooms)
    if wanted not in found:
        hint = nearest(wanted, found)
        raise OptionError(
            "G-RUN-020",
            en=f"there is no operation '{name}' for this. {hint.en}",
            ja=f"この用途に使える処理「{name}」はありません。{hint.ja}",
        )
    return found[wanted]


def _by_name(rooms: Sequence[str]) -> dict[str, Entry]:
    return {entry.name: entry for room in rooms for entry in entries("operation", room)}


def inputs_of(entry: Entry) -> tuple[Input, ...]:
    """The positional arguments of an operation in order; an annotation of any other kind is a mistake of ours."""
    function = inspect.unwrap(entry.target)
    hints = typing.get_type_hints(function)
    return tuple(
        _input(argument, hints[argument.name])
        for argument in inspect.signature(function).parameters.values()
        if argument.kind in (argument.POSITIONAL_ONLY, argument.POSITIONAL_OR_KEYWORD)
    )


def is_folder(given: Input) -> bool:
    """Whether it is no input but the folder to write into, which every door gives by itself."""
    return issubclass(given.kind, Path)


def is_volume(given: Input) -> bool:
    """Whether a folder named for an input is one volume: where one image is wanted, or volumes by name."""
    return not given.many or given.name.startswith("volume")


def image_operations() -> list[Entry]:
    """The operations that make an image from an image."""
    return [entry for room in ROOMS for entry in entries("operation", room) if _makes_image(entry)]


def measurements(*rooms: str) -> list[Entry]:
    """The operations of these rooms (of all that have doors, where none is named) whose result is a run: those that make no image."""
    return [entry for room in rooms or ROOMS for entry in entries("operation", room) if not _makes_image(entry)]


def _makes_image(entry: Entry) -> bool:
    """Whether the first input is one image, and the result an image or something whose field `image` is one."""
    given = inputs_of(entry)
    made = typing.get_type_hints(inspect.unwrap(entry.target)).get("return")
    part = typing.get_type_hints(made).get("image") if dataclasses.is_dataclass(made) else None
    return bool(given) and given[0].is_image and not given[0].many and Image in (made, part)


def wants(entry: Entry, name: str) -> bool:
    """Whether an operation takes a keyword that every door passes on, such as `seed`."""
    return name in inspect.signature(inspect.unwrap(entry.target)).parameters


def _input(argument: inspect.Parameter, hint: Any) -> Input:
    kind = _without_none(hint)
    many = typing.get_origin(kind) in (Sequence, list, tuple)
    kind = _without_none(typing.get_args(kind)[0]) if many else kind
    if not isinstance(kind, type):
        raise TypeError(f"{argument.name}: {hint} is no Image, no sequence of them and no result")
    return Input(argument.name, kind, many, argument.default is argument.empty)


def _without_none(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(kind for kind in typing.get_args(hint) if kind is not type(None))
    return hint
