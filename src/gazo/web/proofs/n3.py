"""N3: the seminar's two exercises as lessons: each step says what it lacks, is done, checks itself, and the code for the teacher tells so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.runs.proof import Proof, proof
from gazo.web.proofs.bench import Bench, workbench

_WHOLE = {"kind": "rectangle", "points": [[-0.5, -0.5], [127.5, 127.5]]}  # of an image of the sample
LESSONS = ("direction", "lung-segmentation")


@proof(
    "N3",
    ja="胸部画像の向きと肺野抽出の教材を、最初から最後まで行えるか",
    en="The lessons on directions and on the lungs of chest radiographs, walked from end to end",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Begin each lesson, look at each step before and after its model answer, and decode the status code.

    Of the lungs also the mask that the network finds in an image of the set is compared with the true one.
    """
    with workbench(on_event) as bench:
        walks = [_lesson(bench, lesson) for lesson in LESSONS]
        found, true = _lungs(bench)
    rows = tuple(row for walk, _ in walks for row in walk)
    done, right = sum(row[-1] for row in rows), all(read for _, read in walks)
    headings = (
        Text("教材", "Lesson"),
        Text("手順", "Step"),
        Text("行う前に済んでいたか", "Done before"),
        Text("行った後", "Done after"),
    )
    table = Table(Text("教材の手順", "Steps of the lessons"), headings, rows)
    bar = Text(
        "行う前は未了、行った後は済みになり、コードが読め、抽出した肺野の面積が正解の 0.7～1.4 倍",
        "each step is open before and done after, the code can be read, and the lungs that are found have 0.7 to 1.4 times the true area",
    )
    opened = sum(not row[2] for row in rows)
    measured = {
        "steps": len(rows),
        "done": done,
        "open_before": opened,
        "code_read": right,
        "lungs_found": found,
        "lungs_true": true,
    }
    return Proof("N3", done == opened == len(rows) and right and 0.7 < found / true < 1.4, measured, bar, table)


def _lesson(bench: Bench, lesson: str) -> tuple[list[tuple[Any, ...]], bool]:
    """The steps of one lesson, and whether its code was read."""
    bench.post(f"/api/lessons/{lesson}/begin")
    steps = [one["id"] for one in bench.get(f"/api/lessons/{lesson}")["texts"]]
    rows = [_walked(bench, lesson, step) for step in steps]
    code = bench.get(f"/api/lessons/{lesson}")["progress"]["code"]
    decoded = bench.post("/api/lessons/decode", {"text": f"先生、終わりました。{code} よろしくお願いします。"})
    return rows, len(decoded["rows"]) == 1 and not decoded["faults"]


def _lungs(bench: Bench) -> tuple[float, float]:
    """The shares of the first test image that the network of the second lesson calls lung, and that are lung."""
    run = next(one for one in bench.get("/api/predict/models") if one["family"] == "segment")
    job = bench.post("/api/predict", {"run": run["id"], "images": [f"row:{run['id']}:0"]})["id"]
    outcome = bench.wait(f"/api/predict/{job}", lambda found: found["state"] != "running")["outcome"]
    found, true = (
        bench.post("/api/images/statistics", {"address": outcome[key][0], "shape": _WHOLE})["mean"] for key in ("made", "truth")
    )
    return float(found), float(true)


def _walked(bench: Bench, lesson: str, step: str) -> tuple[Any, ...]:
    """Whether a step was done before its model answer and after it."""
    before = _done(bench, lesson, step)
    bench.post(f"/api/lessons/{lesson}/repair", {"step": step, "language": "ja"})
    bench.wait("/api/jobs", lambda found: not found["going"] or _done(bench, lesson, step))
    return lesson, step, before, _done(bench, lesson, step)


def _done(bench: Bench, lesson: str, step: str) -> bool:
    """Whether the lesson finds a step done now."""
    progress = bench.post(f"/api/lessons/{lesson}/check", {"at": step})
    return any(one["id"] == step and one["state"] == "done" for one in progress["steps"])
