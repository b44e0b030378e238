"""Make a run again and compare, to the last digit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazo.core.progress import OnEvent, quiet
from gazo.runs.recipe import read_recipe
from gazo.runs.start import make_again, read_result, run


@dataclass(frozen=True)
class Repetition:
    """The new run, the places where its results differ from the first one's, and what differs in the environment."""

    folder: Path
    differences: tuple[str, ...]
    environment: tuple[str, ...]

    @property
    def identical(self) -> bool:
        return not self.differences


def rerun(folder: Path, *, place: Path, data: Path | None = None, on_event: OnEvent = quiet) -> Repetition:
    """Run the recipe of a finished run again, under the same threads, and compare every number of the results."""
    read_result(folder)
    again = make_again(folder, place=place, data=data)
    run(again, on_event=on_event)
    first, second = (json.loads((f / "results.json").read_text(encoding="utf-8")) for f in (folder, again))
    return Repetition(again, tuple(differences(first, second)), tuple(_environment(folder, again)))


def differences(first: Any, second: Any, place: str = "") -> list[str]:
    """Where two JSON values differ, as "path: first, second"; numbers are compared exactly."""
    if isinstance(first, dict) and isinstance(second, dict):
        found = []
        for key in sorted({*first, *second}):
            if key not in first or key not in second:
                found.append(f"{place}/{key}: only in the {'second' if key not in first else 'first'}")
            else:
                found += differences(first[key], second[key], f"{place}/{key}")
        return found
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [d for i, pair in enumerate(zip(first, second, strict=True)) for d in differences(*pair, f"{place}/{i}")]
    return [] if first == second and type(first) is type(second) else [f"{place}: {_short(first)}, {_short(second)}"]


def _environment(first: Path, second: Path) -> list[str]:
    a, b = read_recipe(first), read_recipe(second)
    old, new = (
        {**r.packages, "machine": r.machine, "threads": r.threads, "method version": r.version, "device": r.device}
        for r in (a, b)
    )
    return [f"{name}: {old.get(name)}, {new.get(name)}" for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
