"""A run in words for a page: its recipe with the labels of its options, and its log without places and names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.parameters import Parameter
from gazo.learn.protocol import Protocol
from gazo.runs.catalog import options_of
from gazo.runs.check import without_names
from gazo.runs.recipe import CHAIN, Recipe
from gazo.runs.tasks import entry_of
from gazo.runs.worker import without_places

_LONGEST_LOG = 200_000  # characters, the last ones
_OWN = {
    "seed": Text("乱数の種", "Seed"),
    "threads": Text("スレッド数", "Threads"),
    "processes": Text("並列プロセス数", "Processes"),
    "rows": Text("画像数", "Images"),
    "data_sha256": Text("データの指紋 (SHA-256)", "Fingerprint of the data (SHA-256)"),
    "machine": Text("計算機の種類", "Kind of machine"),
}

Line = tuple[str, Text, Any]


def recipe_table(recipe: Recipe) -> list[Line]:
    """Every option of a recipe: its name, its label and its value as text or number."""
    lines: list[Line] = []
    if recipe.task == CHAIN:
        steps = recipe.options.get("steps", [])
        lines += [(f"step {n}", Text(f"手順 {n}", f"Step {n}"), _step(step)) for n, step in enumerate(steps, 1)]
    else:
        lines += _labelled(recipe.options, _parameters(recipe))
    lines += _labelled(recipe.protocol, {p.name: p for p in _of_protocol()})
    return lines + [(name, label, _plain(getattr(recipe, name))) for name, label in _OWN.items()]


def log_text(folder: Path) -> str:
    """What the worker of a run printed and the trace of a mistake, without the folders, the user and the name of this machine."""
    parts = []
    for name in ("worker.log", "trace.log"):
        file = folder / name
        if file.exists():
            parts.append(file.read_text(encoding="utf-8", errors="replace")[-_LONGEST_LOG:])
    return without_names(without_places("\n".join(parts), folder)).strip()


def _parameters(recipe: Recipe) -> dict[str, Parameter]:
    try:
        return {parameter.name: parameter for parameter in options_of(entry_of(recipe.task))}
    except GazoError:
        return {}


def _of_protocol() -> tuple[Parameter, ...]:
    from gazo.core.parameters import parameters_of

    return parameters_of(Protocol)


def _labelled(options: Mapping[str, Any], known: Mapping[str, Parameter]) -> list[Line]:
    return [
        (name, known[name].label.text if name in known else Text(name, name), _plain(value)) for name, value in options.items()
    ]


def _step(step: Any) -> str:
    if not isinstance(step, Mapping):
        return str(step)
    name = step.get("operation") or step.get("name") or ""
    options = step.get("options") or {}
    return f"{name} " + ", ".join(f"{key}={_plain(value)}" for key, value in options.items()) if options else str(name)


def _plain(value: Any) -> Any:
    """Numbers, texts, yes and no as they are; a list as one text; nothing as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(str(_plain(item)) for item in value)
    return value if isinstance(value, str | int | float | bool) else str(value)
