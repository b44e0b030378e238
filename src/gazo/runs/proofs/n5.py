"""N5: a search for a better network beats the network it began with, at equal budget."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Table
from gazo.core.seeds import derived_seed
from gazo.datasets.splits import Fold
from gazo.learn.classify.search import NetworkSearch
from gazo.learn.protocol import Protocol, plan
from gazo.nets.design import analyse, from_json, write_design
from gazo.nets.design.presets import Sketch
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.k2 import nodules
from gazo.stats.auc import auc
from gazo.training.pixels import prepare

IMAGES, SIDE, TRIALS, EPOCHS = 240, 28, 12, 8
PROTOCOL = Protocol(evaluation="held-out", test_share=0.4, validation_share=0.25)


@proof("N5", ja="自動探索と元のネットワークの比較 (同じ学習回数)", en="Search against its start at equal budget")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """As many trainings of as many epochs for both: the start is trained anew each time and its best is taken by the validation part too."""
    images = nodules(seed, IMAGES, SIDE)
    with TemporaryDirectory() as folder:
        start = Path(folder) / "start.json"
        sketch = Sketch("start", 1, SIDE)
        sketch.chain(("convolution", {"maps": 2}), "sigmoid", "max-pool", "flatten", ("dense", {"units": 2}), "output")
        write_design(sketch.design(), start)
        spec = NetworkSearch(
            start=f"design:{start}", trials=TRIALS, minutes=0, epochs=EPOCHS, size_px=SIDE, positive="nodule", batch_size=16,
            rotation_deg=0, translation_percent=0, scale_percent=0, gamma_percent=0, contrast_percent=0, smoothing=0, learning_rate=3e-3,
        )  # fmt: skip
        found = spec.study(images, PROTOCOL, seed=seed, on_event=on_event)
        again = _restarts(spec, images, seed, on_event)
    searched = float(found.best.metrics[0].value)
    rows = (
        (Text("元のネットワーク (最良の 1 回)", "the start (best of its trainings)"), TRIALS, again),
        (Text("自動探索の最良", "best of the search"), len(found.trials.rows), searched),
    )
    headings = (Text("方法", "Way"), Text("学習の回数", "Trainings"), Text("テスト AUC", "AUC on the test part"))
    table = Table(Text("同じ学習回数での比較", "At equal budget"), headings, rows, (found.verdict,))
    measured = {
        "auc_search": searched,
        "auc_start": again,
        "trials": len(found.trials.rows),
        "parameters": analyse(from_json(found.design)).parameters,
    }
    bar = Text(
        "自動探索のテスト AUC が元のネットワークの最良を上回る",
        "the search's AUC on the test part is above the best of its start",
    )
    return Proof("N5", searched > again, measured, bar, table)


def _restarts(spec: NetworkSearch, images: ImageSet, seed: int, on_event: OnEvent) -> float:
    """AUC on the test part of the training of the start that did best on the validation part."""
    from gazo.learn.classify.labels import class_names, class_numbers

    classes = class_names(images, "nodule")
    targets = class_numbers(images, classes)
    fold: Fold = plan(images, PROTOCOL, seed=seed).folds[0]
    one, chosen, best = spec.classifier(spec.start), 0.0, -1.0
    with prepare(images, **one.input_options()) as pixels:
        for number in range(TRIALS):
            own = derived_seed(seed, "restart", number)
            rows = (np.asarray(fold.train), np.asarray(fold.validation))
            fitted = one.fit_prepared(pixels, targets, classes, *rows, seed=own)
            seen, judged = (
                float(auc(targets[part], fitted.probabilities(pixels, part)[:, 1]).value)
                for part in (rows[1], np.asarray(fold.test))
            )
            best, chosen = (seen, judged) if seen > best else (best, chosen)
            on_event(Event(Text("元のネットワークの学習", "Training the start"), number + 1, TRIALS))
    return chosen
