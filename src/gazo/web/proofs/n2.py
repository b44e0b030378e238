"""N2: a network from ready-made blocks, its parameters adjusted, trained, and its result read - over the addresses the pages use."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.runs.proof import Proof, proof
from gazo.web.proofs.bench import Bench, workbench

BAR = 0.8
_NAME, _SIZE_PX = "自作ネットワーク", 32
_OPTIONS = {"size_px": _SIZE_PX, "epochs": 10, "batch_size": 16, "learning_rate": 0.003, "baseline": False}


@proof("N2", ja="ブロックで作ったネットワークが学習し、結果が出るか", en="A network made of blocks trains and gives a result")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Take LeNet's blocks, spoil a link (which must be told), widen a layer, keep the design, train it on turned chest radiographs, read the result."""
    with workbench(on_event) as bench:
        images = bench.job("/api/sets/jobs", bench.post("/api/sets/samples", {"kind": "directions"}))
        problem, parameters = _designed(bench)
        state, accuracy = _trained(bench, images, seed)
    measured = {"parameters": parameters, "accuracy": accuracy, "problem_told": problem}
    rows = (
        (Text("切れたつながりの指摘", "The cut link is told"), problem),
        (Text("パラメータ数", "Parameters"), parameters),
        (Text("実行の状態", "State of the run"), state),
        (Text("正解率", "Accuracy"), accuracy),
    )
    table = Table(
        Text("ブロックで作ったネットワーク", "A network made of blocks"), (Text("項目", "Item"), Text("値", "Value")), rows
    )
    bar = Text(
        f"誤りが指摘され、4 方向の正解率が {BAR} 以上",
        f"the fault is told, and accuracy of the four directions is at least {BAR}",
    )
    return Proof("N2", problem and state == "finished" and accuracy >= BAR, measured, bar, table)


def _designed(bench: Bench) -> tuple[bool, int]:
    """Whether a cut link was told, and the learned numbers of the design that was kept."""
    design = bench.get(f"/api/design/presets/lenet?channels=1&size_px={_SIZE_PX}&count=4")
    cut = {**design, "links": design["links"][:-1]}
    told = bool(bench.post("/api/design/check", {"design": cut})["problems"])
    checked = bench.post("/api/design/check", {"design": design})
    bench.post(f"/api/designs/{quote(_NAME)}", {"design": design}, method="PUT")
    return told and not checked["problems"], checked["parameters"]


def _trained(bench: Bench, images: str, seed: int) -> tuple[str, float]:
    wish = {
        "method": "classify", "set": images, "options": {**_OPTIONS, "network": f"design:{_NAME}"}, "protocol": {"evaluation": "held-out"}, "seed": seed,
    }  # fmt: skip
    run = bench.job("/api/train/jobs", bench.post("/api/train/start", wish))
    state = bench.finished(run)["state"]
    return state, _accuracy(bench.get(f"/api/results/{run}")) if state == "finished" else 0.0


def _accuracy(result: Any) -> float:
    """The accuracy among the figures of merit of a result page."""
    tables = [table for section in result["sections"] for table in section["tables"]]
    return next(row[1][0] for table in tables for row in table["rows"] if isinstance(row[0], dict) and row[0]["en"].lower() == "accuracy")  # fmt: skip
