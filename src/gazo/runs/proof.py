"""Proofs: a small experiment for each system of the booklet that shows, on the user's own machine, that it does what it should.

A proof stands in `runs/proofs/<id>.py` and is found by the catalog. Tests call the same function as `gazo reproduce`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from gazo.core.errors import OptionError, RunError, nearest
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.core.registry import Entry, entries, register
from gazo.core.results import Table, result
from gazo.runs.catalog import discover
from gazo.runs.systems import checklist

Prover = TypeVar("Prover", bound=Callable[..., "Proof"])


@result("proof")
@dataclass(frozen=True)
class Proof:
    """What an experiment measured, and whether that reaches the bar.

    Parameters
    ----------
    id : the system of the booklet.
    passed : the verdict.
    measured : the numbers the verdict rests on, by name.
    bar : what had to be reached, in words.
    table : the measurements in rows.
    seconds : how long it took; set by `reproduce`.
    seed : the seed it ran with; set by `reproduce`.
    pictures : what `gazo.figure` can draw of it, such as the figures of the article; a tuple among them is drawn together.
    """

    id: str
    passed: bool
    measured: Mapping[str, Any]
    bar: Text
    table: Table
    seconds: float = 0.0
    seed: int = 0
    pictures: tuple[Any, ...] = field(default=(), compare=False)


def proof(id: str, *, ja: str, en: str) -> Callable[[Prover], Prover]:
    """Register a function ``(*, data, seed, on_event) -> Proof`` as the proof of a system.

    Parameters
    ----------
    id : the system, such as "K1".
    ja, en : what the experiment does, in both languages.
    """

    def add(function: Prover) -> Prover:
        register(Entry("proof", "runs", id, Text(ja, en), function, (id,)))
        return function

    return add


def reproduce(id: str, *, data: Path | None = None, seed: int = 0, on_event: OnEvent = quiet) -> Proof:
    """Run the proof of a system and say whether it reaches its bar.

    Parameters
    ----------
    id : the system, such as "K1"; `gazo systems` lists them.
    data : folder of real images, for proofs that use them.
    seed : of everything random in it.
    on_event : listener for progress.
    """
    started = time.perf_counter()
    prove = _prover(id.upper()).target
    shown = prove(data=None if data is None else Path(data), seed=seed, on_event=on_event)
    return replace(shown, seconds=time.perf_counter() - started, seed=seed)


def _prover(id: str) -> Entry:
    discover()
    known = checklist()
    if id not in known:
        hint = nearest(id, known) if id else Text("", "")
        raise OptionError(
            "G-CAT-001",
            en=f"there is no system '{id}' in the checklist. {hint.en} `gazo systems` lists them all.",
            ja=f"「{id}」というシステムは一覧にありません。{hint.ja} `gazo systems` ですべて表示できます。",
        )
    for entry in entries("proof"):
        if entry.name == id:
            return entry
    raise RunError(
        "G-CAT-002",
        en=f"system {id} ({known[id]['name_en']}) has no proof yet, so nothing can be reproduced. `gazo systems` shows which have one.",
        ja=f"システム {id} ({known[id]['name_ja']}) の検証はまだ用意されていません。検証のあるシステムは `gazo systems` で確認できます。",
    )
