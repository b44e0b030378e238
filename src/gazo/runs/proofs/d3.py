"""D3: a one-stage detector beside Faster R-CNN: sensitivity and images a second."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.learn.detect.compare import detectors_compared
from gazo.learn.protocol import Protocol
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.nodule_study import detectors, nodule_study

BAR = 0.85
PATIENTS, EPOCHS = 130, 24


@proof("D3", ja="一段階検出 (YOLO 型) の FROC と処理速度", en="One-stage detection: FROC and images a second beside Faster R-CNN")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Simulated nodules, patients apart; both learn and are judged on the same patients, each with its own length of training."""
    images = nodule_study(seed=seed, patients=PATIENTS, on_event=on_event)
    _, two_stage, one_stage = detectors(EPOCHS)
    protocol = Protocol(evaluation="held-out", test_share=0.35)
    found = detectors_compared((one_stage, two_stage), images, protocol, seed=seed, on_event=on_event)
    single, other = found.froc
    each = [row[-1] for row in found.table.rows]  # ms
    measured = {
        "sensitivity": single.at[3].value, "low": single.at[3].low, "high": single.at[3].high, "sensitivity_two_stage": other.at[3].value,
        "images_per_second": 1000 / each[0], "images_per_second_two_stage": 1000 / each[1],
    }  # fmt: skip
    bar = Text(
        f"画像あたりの偽陽性 1 での感度が {BAR} 以上で、Faster R-CNN より速いこと",
        f"sensitivity of at least {BAR} at one false positive an image, and faster than Faster R-CNN",
    )
    passed = single.at[3].value >= BAR and each[0] < each[1]
    return Proof("D3", bool(passed), measured, bar, replace(found.table, notes=(found.order,)), pictures=(found.froc,))
