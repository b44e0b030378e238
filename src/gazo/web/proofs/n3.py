"""N3: the seminar's exercise as a lesson: each step says what it lacks, is done, checks itself, and the code for the teacher tells so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.runs.proof import Proof, proof
from gazo.web.proofs.bench import Bench, workbench

LESSON = "direction"


@proof(
    "N3",
    ja="胸部画像の向きの教材を、最初から最後まで行えるか",
    en="The lesson on directions of chest radiographs, walked from end to end",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Begin the lesson, look at each step before and after its model answer, and decode the status code.

    The lesson on lung segmentation joins this proof when a method that segments is registered.
    """
    with workbench(on_event) as bench:
        bench.post(f"/api/lessons/{LESSON}/begin")
        steps = [one["id"] for one in bench.get(f"/api/lessons/{LESSON}")["texts"]]
        rows = tuple(_walked(bench, step) for step in steps)
        code = bench.get(f"/api/lessons/{LESSON}")["progress"]["code"]
        decoded = bench.post("/api/lessons/decode", {"text": f"先生、終わりました。{code} よろしくお願いします。"})
    done = sum(row[-1] for row in rows)
    right = len(decoded["rows"]) == 1 and not decoded["faults"]
    headings = (Text("手順", "Step"), Text("行う前に済んでいたか", "Done before"), Text("行った後", "Done after"))
    table = Table(Text("教材の手順", "Steps of the lesson"), headings, rows)
    bar = Text(
        "行う前は未了、行った後は済みになり、コードが読める", "each step is open before and done after, and the code can be read"
    )
    measured = {"steps": len(rows), "done": done, "open_before": sum(not row[1] for row in rows), "code_read": right}
    return Proof("N3", done == len(rows) and not any(row[1] for row in rows) and right, measured, bar, table)


def _walked(bench: Bench, step: str) -> tuple[Any, ...]:
    """Whether a step was done before its model answer and after it."""
    before = _done(bench, step)
    bench.post(f"/api/lessons/{LESSON}/repair", {"step": step, "language": "ja"})
    bench.wait("/api/jobs", lambda found: not found["going"] or _done(bench, step))
    return step, before, _done(bench, step)


def _done(bench: Bench, step: str) -> bool:
    """Whether the lesson finds a step done now."""
    progress = bench.post(f"/api/lessons/{LESSON}/check", {"at": step})
    return any(one["id"] == step and one["state"] == "done" for one in progress["steps"])
