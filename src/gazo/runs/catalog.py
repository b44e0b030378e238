"""What gazo can do, found by importing every room; the doors (command line, forms, reference pages) read it from here."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib.machinery import PathFinder
from typing import Any

from gazo.core.language import Language, Text, speaking
from gazo.core.parameters import Parameter, parameters_of
from gazo.core.registry import Entry, entries

DOORS = ("gazo.cli", "gazo.web")
_NEEDS_TORCH = re.compile(rb"^(?:import|from) (?:torch|torchvision|timm)\b", re.MULTILINE)


def discover() -> None:
    """Import every module of every room, so that what they register stands in the catalog.

    A module that imports torch at its top (networks do) is left out: nothing in it may be registered,
    which keeps `gazo list` quick; a test looks for decorated things that are not found this way.
    """
    import gazo

    for name in modules(gazo.__path__, "gazo."):
        importlib.import_module(name)


def catalog() -> list[Entry]:
    """Every operation, method, feature and proof, sorted by room, kind and name."""
    discover()
    return entries()


def describe(entry: Entry, language: Language) -> dict[str, Any]:
    """An entry in one language as plain values: its names, what it does, and each option with limits, unit and default."""
    with speaking(language):
        return {
            "kind": entry.kind,
            "room": entry.room,
            "name": entry.name,
            "label": str(entry.label),
            "summary": summary(entry.target),
            "dotted": entry.dotted,
            "booklet": list(entry.booklet),
            "version": entry.version,
            "options": [_option(parameter) for parameter in options_of(entry)],
        }


def options_of(entry: Entry) -> tuple[Parameter, ...]:
    """The options of an operation, a method or a feature; a proof has none."""
    return () if entry.kind == "proof" else parameters_of(entry.target)


def summary(target: Any) -> str:
    """The first paragraph of a docstring on one line."""
    text = inspect.getdoc(target) or ""
    return " ".join(text.split("\n\n", 1)[0].split())


def modules(path: Any, prefix: str) -> Iterator[str]:
    """Dotted names of the modules that discovery imports, packages before what they hold."""
    for found in pkgutil.iter_modules(path, prefix):
        if found.name in DOORS or found.name.endswith("__main__"):
            continue
        if not found.ispkg and _imports_torch(found.name, path):
            continue
        yield found.name
        if found.ispkg:
            yield from modules(importlib.import_module(found.name).__path__, found.name + ".")


def _imports_torch(name: str, path: Any) -> bool:
    spec = PathFinder.find_spec(name, path)
    loader: Any = spec.loader if spec else None
    source: bytes = b"" if spec is None or spec.origin is None else loader.get_data(spec.origin)
    return _NEEDS_TORCH.search(source) is not None and any(_NEEDS_TORCH.match(line) for line in _imports_at_top(source))


def _imports_at_top(source: bytes) -> list[bytes]:
    """The import statements of a module that run when it is imported; those inside functions and texts do not."""
    tree = ast.parse(source)
    return [ast.unparse(node).encode() for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def _option(parameter: Parameter) -> dict[str, Any]:
    default = None if parameter.required else parameter.default
    return {
        "name": parameter.name,
        "label": str(Text(parameter.label.ja, parameter.label.en)),
        "unit": parameter.label.unit,
        "type": _type_name(parameter),
        "many": parameter.many,
        "required": parameter.required,
        "default": list(default) if isinstance(default, tuple) else default,
        "limits": parameter.limits,
        "choices": list(parameter.choices),
        "must": str(parameter.must()),
    }


def _type_name(parameter: Parameter) -> str:
    return getattr(parameter.bare, "__name__", str(parameter.bare))
