"""K2: a network drawn block by block trains like a built-in one and is exported as a Python file that runs without gazo."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.nets.design import Design, analyse, build_design, design_to_python, from_json, write_design
from gazo.runs.proof import Proof, proof

IMAGES, SIDE, LEAST_AUC = 160, 32, 0.95
# As the page posts it: a user's own network, not a preset. Its problem (a wrong number of classes) is mended before it is trained.
POSTED = """{"format": 1, "name": "my network", "blocks": [
 {"id": "a", "kind": "input", "options": {"channels": 1, "rows": 32, "columns": 32}},
 {"id": "b", "kind": "convolution", "options": {"maps": 8, "kernel": 7, "padding": 3}},
 {"id": "c", "kind": "batch-norm", "options": {}},
 {"id": "d", "kind": "relu", "options": {}},
 {"id": "e", "kind": "average-pool", "options": {"kernel": 4, "stride": 4}},
 {"id": "f", "kind": "convolution", "options": {"maps": 8, "kernel": 3, "padding": 1}},
 {"id": "g", "kind": "relu", "options": {}},
 {"id": "h", "kind": "concatenate", "options": {}},
 {"id": "i", "kind": "global-pool", "options": {"of": "maximum"}},
 {"id": "j", "kind": "dense", "options": {"units": 5}},
 {"id": "k", "kind": "output", "options": {"count": 2}}],
 "links": [{"source": "a", "target": "b"}, {"source": "b", "target": "c"}, {"source": "c", "target": "d"},
 {"source": "d", "target": "e"}, {"source": "e", "target": "f"}, {"source": "f", "target": "g"}, {"source": "e", "target": "h"},
 {"source": "g", "target": "h"}, {"source": "h", "target": "i"}, {"source": "i", "target": "j"}, {"source": "j", "target": "k"}]}"""


@proof("K2", ja="画面で設計したネットワークの学習と Python への書き出し", en="A drawn network trains and is exported as Python")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """The design is checked, mended, trained on simulated nodules, exported, and the export repeats its numbers in a clean process."""
    design = from_json(json.loads(POSTED))
    told = [p for p in analyse(design).problems if p.severity == "error"]
    mended = _mended(design)
    with TemporaryDirectory() as folder:
        write_design(mended, Path(folder) / "drawn.json")
        auc = _auc(f"design:{Path(folder) / 'drawn.json'}", seed, on_event)
        same = _exported_is_the_same(mended, Path(folder), seed)
    found = analyse(mended)
    counted = sum(p.numel() for p in build_design(mended).parameters())
    rows = (
        (Text("見つかった問題と対処", "problems found, with a cure"), f"{len(told)}, {sum(p.fix is not None for p in told)}"),
        (Text("パラメータ数 (規則、torch)", "parameters (rules, torch)"), f"{found.parameters}, {counted}"),
        (Text("テスト AUC", "test AUC"), auc),
        (Text("書き出した Python が同じ値を出す", "exported Python gives the same numbers"), same),
    )
    measured = {"auc": auc, "parameters": found.parameters, "exported_runs_alone": same, "problems": len(told)}
    passed = len(told) == 1 and found.ready and found.parameters == counted and auc >= LEAST_AUC and same
    table = Table(Text("設計したネットワーク", "A drawn network"), (Text("項目", "What"), Text("結果", "Result")), rows)
    bar = Text(
        f"テスト AUC {LEAST_AUC} 以上、書き出した Python が gazo なしで同じ値を出す",
        f"a test AUC of at least {LEAST_AUC}, and the exported Python gives the same numbers without gazo",
    )
    return Proof("K2", bool(passed), measured, bar, table)


def _mended(design: Design) -> Design:
    from gazo.nets.design import edited

    for problem in analyse(design).problems:
        design = edited(design, problem.fix.edits) if problem.fix and problem.severity == "error" else design
    return design


def _auc(network: str, seed: int, on_event: OnEvent) -> float:
    """AUC on the second half of the images after learning from the first; every image is another patient."""
    from gazo.learn.classify import Classifier
    from gazo.stats.auc import auc

    images, half = nodules(seed, IMAGES, SIDE), IMAGES // 2
    spec = Classifier(
        network=network, size_px=SIDE, epochs=15, batch_size=16, positive="nodule", rotation_deg=0, translation_percent=0,
        scale_percent=0, gamma_percent=0, contrast_percent=0, smoothing=0, learning_rate=5e-3,
    )  # fmt: skip
    fitted = spec.fit(images.take(range(half)), seed=seed, validation_share=0, on_event=on_event)
    test = images.take(range(half, IMAGES))
    truth: Any = test.role("label") == "nodule"
    scores = [row[2 + fitted.classes.index("nodule")] for row in fitted.predict(test).rows]
    return float(auc(truth, scores).value)


def nodules(seed: int, images: int, side: int) -> ImageSet:
    """Noise, and in every second image a bright disc of 4 to 5 pixels radius anywhere."""
    rng = generator(seed, "K2")
    y, x = np.mgrid[:side, :side]
    centre, radius = rng.uniform(6, side - 6, (images, 2)), rng.uniform(4, 5, images)
    away = np.hypot(y - centre[:, :1, None], x - centre[:, 1:, None]) / radius[:, None, None]
    there = np.arange(images) % 2 == 0
    arrays = rng.normal(0, 1, (images, side, side)) + 1.5 * (away <= 1) * there[:, None, None]
    labels = np.where(there, "nodule", "none")
    return ImageSet.from_arrays(arrays.astype(np.float32), labels.tolist(), range(images))


def _exported_is_the_same(design: Design, folder: Path, seed: int) -> bool:
    """Weights and an image written by this process, read by one that cannot import gazo."""
    import torch

    torch.manual_seed(seed)
    net = build_design(design).eval()
    image = torch.randn(2, 1, SIDE, SIDE)
    with torch.no_grad():
        torch.save({"weights": net.state_dict(), "image": image, "said": net(image)}, folder / "kept.pt")
    (folder / "drawn.py").write_text(design_to_python(design), encoding="utf-8")
    script = (
        "import sys; sys.modules['gazo'] = None; import torch, drawn; kept = torch.load('kept.pt', weights_only=True); "
        "net = drawn.MyNetwork().eval(); net.load_state_dict(kept['weights']); print(torch.equal(net(kept['image']), kept['said']))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    return ran.stdout.strip() == "True"
