"""E2: SRCNN, three convolutions, against bicubic enlargement; on photographs and on chest radiographs."""

from __future__ import annotations

from pathlib import Path

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.learn.protocol import Protocol
from gazo.nets.srcnn import srcnn
from gazo.phantoms.study import chest_images
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.resolution import SRCNN, judged

BAR_DB = 0.3
PUBLISHED = {"9-1-5": 8_129, "9-5-5": 57_281}  # weights of the paper and one bias a map


@proof("E2", ja="SRCNN による超解像 (バイキュービックとの比較)", en="Super-resolution by SRCNN against bicubic enlargement")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """With `data`, a folder such as Set5 (never learned from): at least 0.3 dB above bicubic. Simulated chest radiographs beside it."""
    found = judged([SRCNN], data, seed, on_event)
    head = found.studies[0]
    chests = chest_images(seed=seed, patients=12, size_px=256)
    body = SRCNN.study(chests, Protocol(evaluation="held-out", test_share=0.34), seed=seed, on_event=on_event)
    counts = {kernels: sum(p.numel() for p in srcnn(kernels).parameters()) for kernels in ("9-1-5", "9-5-5")}
    table = found.table(Text("SRCNN とバイキュービック補間 (2 倍)", "SRCNN and bicubic enlargement, x2"))
    told = Text(
        f"模擬胸部 X 線画像 {len(body.predictions.rows)} 枚 (患者を分けて学習): PSNR の差 {body.gains[0]}",
        f"{len(body.predictions.rows)} simulated chest radiographs, patients apart: gain in {body.gains[0]}",
    )
    return Proof(
        id="E2",
        passed=bool(head.gains[0].value >= BAR_DB and body.gains[0].value > 0 and counts == PUBLISHED),
        measured={
            "bicubic_db": head.baseline_metrics[0].value,
            "srcnn_db": head.metrics[0].value,
            "gain_db": head.gains[0].value,
            "gain_low_db": head.gains[0].low,
            "gain_chest_db": body.gains[0].value,
            "parameters": counts,
        },
        bar=Text(
            f"バイキュービックより {BAR_DB} dB 以上高い PSNR、胸部でも改善、パラメータ数は論文どおり",
            f"PSNR at least {BAR_DB} dB above bicubic, a gain on chest radiographs too, parameters as in the paper",
        ),
        table=table.__class__(table.title, table.headings, table.rows, (*table.notes, told)),
        pictures=(head.spectra, *head.examples[:2], *body.examples[:1]),
    )
