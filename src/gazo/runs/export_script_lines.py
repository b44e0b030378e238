"""Lines of a script: calls with their options, imports as a person would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.core.registry import Entry
from gazo.runs.recipe import Recipe


@dataclass
class Code:
    """What a script is put together from.

    Parameters
    ----------
    imports : import statements.
    constants : lines at the top of the module.
    body : lines of its one function.
    arguments : what is named when it is called, such as "DATA [OUT]".
    """

    imports: set[str]
    constants: list[str]
    body: list[str]
    arguments: str


class Expression(str):
    """A piece of code that stands for a value."""

    def __repr__(self) -> str:
        return str(self)


def call_of(
    name: str, function: str, options: Mapping[str, Any], target: Any = None, *, before: Sequence[str] = (), after: str = ""
) -> list[str]:
    """``name = function(...)``: what was chosen first, then what stood at its default, so that a later gazo gives the same."""
    defaults = {} if target is None else {p.name: p.default for p in parameters_of(target)}
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    chosen = [key for key, value in values.items() if key not in defaults or value != defaults[key]]
    rest = [key for key in values if key not in chosen]
    lines = [f"{name} = {function}(", *(f"    {one}," for one in before), *(f"    {key}={values[key]!r}," for key in chosen)]
    if rest:
        lines.append(f"    # {Text('既定値のまま', 'as they are by default')}")
    return [*lines, *(f"    {key}={values[key]!r}," for key in rest), f"){after}"]


def arguments_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options; those that name files of the run name files beside the script."""
    return {name: _placed(value) for name, value in options.items()}


def _placed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_placed(one) for one in value)
    if isinstance(value, str) and value.removeprefix("file:").startswith("files/"):
        before = "file:" if value.startswith("file:") else ""
        return Expression(f"f\"{before}{{HERE / '{value.removeprefix('file:')}'}}\"")
    return value


def public_package(entry: Entry) -> str:
    """The package that exports a thing, so that the script imports it as a person would."""
    parts = entry.target.__module__.split(".")
    for length in range(2, len(parts)):
        package = ".".join(parts[:length])
        if getattr(import_module(package), entry.target.__name__, None) is entry.target:
            return package
    return str(entry.target.__module__)


def opened_set(recipe: Recipe, name: str) -> Code:
    """Open the set of images of a recipe under a name, and leave when it is another one."""
    told = "".join(f", {key}={value!r}" for key, value in recipe.source.items() if value)
    strange = Text("これは、この実行に使われたデータではありません。", "these are not the images of the run")
    return Code(
        {"from gazo.datasets import open_images", "from gazo.runs.references import fingerprint"},
        [
            "IMAGES = str(Path(sys.argv[2]).absolute()) if len(sys.argv) > 2 else None",
            f'DATA_SHA256 = "{recipe.data_sha256}"',
        ],
        [
            f"{name} = open_images(DATA, folder=IMAGES{told})",
            f"if fingerprint({name}) != DATA_SHA256:",
            f'    sys.exit("{strange}")',
        ],
        "DATA [IMAGES]",
    )
