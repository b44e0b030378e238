"""What a form needs to know of an operation or a method, in both languages at once: names, inputs, options with limits and defaults."""

from __future__ import annotations

import inspect
import types
import typing
from typing import Annotated, Any, get_args, get_origin

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import Choices, Parameter
from gazo.core.registry import Entry
from gazo.runs.catalog import catalog, options_of, summary
from gazo.runs.form_groups import group_of
from gazo.runs.input_words import input_word
from gazo.runs.inputs import Input, image_operations, inputs_of, is_folder, wants
from gazo.runs.simulate import makes_images

_KINDS = {int: "int", float: "float", bool: "bool", str: "text"}
_EACH = {"int": Text("整数", "whole numbers"), "float": Text("数", "numbers"), "text": Text("文字列", "texts"), "bool": Text("true か false", "true or false")}  # fmt: skip


def forms() -> list[dict[str, Any]]:
    """Every operation and method that is registered now, sorted by room and name; nothing else has to know of a new one."""
    found = catalog()
    makers = {entry.key for entry in image_operations()}
    return [form_of(entry) | {"makes": _makes(entry, makers)} for entry in found if entry.kind in ("operation", "method")]


def form_of(entry: Entry) -> dict[str, Any]:
    """One entry as plain values. Texts are (ja, en) pairs; the summary and the details are the docstring's, in English."""
    return {
        "kind": entry.kind,
        "room": entry.room,
        "name": entry.name,
        "label": entry.label,
        "summary": summary(entry.target),
        "details": inspect.getdoc(entry.target) or "",
        "booklet": list(entry.booklet),
        "group": group_of(entry),
        "version": entry.version,
        "seeded": any(wants(entry, name) for name in ("seed", "rng")),
        "options": [option_form(parameter) for parameter in options_of(entry)],
        "inputs": [_input(one) for one in (inputs_of(entry) if entry.kind == "operation" else ()) if not is_folder(one)],
    }


def option_form(parameter: Parameter) -> dict[str, Any]:
    """One option: its labels, kind of value, limits, default, and in words what a value must be."""
    kind, limits, length = _value(parameter)
    default = None if parameter.required else parameter.default
    return {
        "name": parameter.name,
        "label": Text(parameter.label.ja, parameter.label.en),
        "unit": parameter.label.unit,
        "type": "choice" if parameter.choices else kind,
        "many": parameter.many,
        "length": length,
        "nullable": _takes_none(parameter.annotation),
        "required": parameter.required,
        "default": list(default) if isinstance(default, tuple) else default,
        "limits": limits,
        "choices": list(parameter.choices),
        "prefixes": [m.prefix for m in parameter.marks if isinstance(m, Choices) and m.prefix],
        "must": _must(parameter, kind, limits, length),
    }


def _value(parameter: Parameter) -> tuple[str, dict[str, float], int | None]:
    """Kind of one value, its limits, and how many there must be (None: one, or any number)."""
    if not parameter.many:
        return _KINDS.get(parameter.bare, "text"), parameter.limits, None
    first, *rest = get_args(parameter.bare)
    one = Parameter(parameter.name, first, None, parameter.label, get_args(first)[1:] if get_origin(first) is Annotated else ())
    return _KINDS.get(one.bare, "text"), one.limits, None if rest == [...] else 1 + len(rest)


def _must(parameter: Parameter, kind: str, limits: dict[str, float], length: int | None) -> Text:
    if not parameter.many or parameter.choices:
        return parameter.must()
    marks = parameter.marks if limits == parameter.limits else get_args(get_args(parameter.bare)[0])[1:]
    one = Parameter(
        parameter.name, {"int": int, "float": float, "bool": bool}.get(kind, str), None, parameter.label, marks
    ).must()
    many = _EACH[kind] if not limits else one
    number = Text(f"{length} 個の", f"{length} ") if length else Text("", "")
    each = f"{number.en}values separated by commas, each {many.en}" if limits else f"{number.en}{many.en} separated by commas"
    return Text(f"{number.ja}{many.ja} (コンマ区切り)", each)


def _takes_none(annotation: Any) -> bool:
    kind = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return get_origin(kind) in (typing.Union, types.UnionType) and type(None) in get_args(kind)


def _input(one: Input) -> dict[str, Any]:
    label = input_word(one.name)
    return {
        "name": one.name,
        "label": label,
        "kind": one.kind.__name__,
        "image": one.is_image,
        "many": one.many,
        "required": one.required,
    }


def _makes(entry: Entry, makers: set[tuple[str, str, str]]) -> str:
    """What comes out: "image" (from an image), "images" (simulated), "result", for a method "model";
    "set" is one that exists in memory only, for which no run can be made."""
    if entry.kind == "method":
        return "model"
    if entry.key in makers:
        return "image"
    if makes_images(entry):
        return "images"
    return "set" if typing.get_type_hints(inspect.unwrap(entry.target)).get("return") is ImageSet else "result"
