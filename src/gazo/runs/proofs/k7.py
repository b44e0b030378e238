"""K7: a PyTorch module from somebody's file trains like a built-in one, and nothing in it runs before it is allowed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.runs.proof import Proof, proof

IMAGES, SIDE, LEAST_AUC = 160, 32, 0.95
# A file as a course would hand it out; the first line leaves a mark when the file is executed.
FILE = """
from pathlib import Path
Path(__file__).with_name("was run").touch()
import torch
from torch import nn

class CourseNet(nn.Module):
    def __init__(self, num_classes, in_channels=1):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 8, 7, padding=3), nn.BatchNorm2d(8), nn.ReLU(), nn.AvgPool2d(4),
            nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveMaxPool2d(1),
        )
        self.head = nn.Linear(16, num_classes)

    def forward(self, images):
        return self.head(self.features(images).flatten(1))
"""


@proof("K7", ja="他者のファイルのネットワークで学習", en="Training a network from somebody else's file")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """The file is refused untouched without trust; with it the network learns simulated nodules as the built-in small CNN does."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "course.py"
        file.write_text(FILE, encoding="utf-8")
        refused, told = _refused(file), _told(file)
        own = _auc(f"file:{file}:CourseNet", seed, on_event)
    built_in = _auc("small_cnn", seed, on_event)
    measured = {"refused_without_trust": refused, "told_before_running": told, "auc": own, "auc_small_cnn": built_in}
    rows = (
        (Text("許可なしでは実行されない", "refused and not run without trust"), refused),
        (Text("実行前に SHA-256 を知らせる", "SHA-256 told before it is run"), told),
        (Text("ファイルのネットワークの AUC", "AUC of the network from the file"), own),
        (Text("組み込みの small_cnn の AUC", "AUC of the built-in small_cnn"), built_in),
    )
    table = Table(Text("利用者のネットワーク", "A user's network"), (Text("項目", "What"), Text("結果", "Result")), rows)
    bar = Text(
        f"許可なしでは何も実行されず、テスト AUC が {LEAST_AUC} 以上",
        f"nothing runs without trust, and a test AUC of at least {LEAST_AUC}",
    )
    return Proof("K7", bool(refused and told and own >= LEAST_AUC), measured, bar, table)


def _refused(file: Path) -> bool:
    from gazo.training.userfile import load_user_network

    try:
        load_user_network(file, "CourseNet", trust=False, classes=2, channels=1, size_px=SIDE)
    except GazoError as error:
        return error.code == "G-WEI-021" and not file.with_name("was run").exists()
    return False


def _told(file: Path) -> bool:
    """Whether the listener heard of the file, by its SHA-256, before anything in it ran."""
    from hashlib import sha256

    from gazo.training.userfile import load_user_network

    heard: list[tuple[str, bool]] = []

    def listen(event: Event) -> None:
        heard.append((event.facts.get("sha256", ""), file.with_name("was run").exists()))

    load_user_network(file, "CourseNet", trust=True, classes=2, channels=1, size_px=SIDE, on_event=listen)
    return heard[:1] == [(sha256(file.read_bytes()).hexdigest(), False)] and file.with_name("was run").exists()


def _auc(network: str, seed: int, on_event: OnEvent) -> float:
    """AUC on the second half of the images after learning from the first; every image is another patient."""
    from gazo.learn.classify import Classifier
    from gazo.stats.auc import auc

    images = _nodules(seed)
    half = IMAGES // 2
    spec = Classifier(
        network=network, trust_file=True, size_px=SIDE, epochs=15, batch_size=16, positive="nodule", rotation_deg=0,
        translation_percent=0, scale_percent=0, gamma_percent=0, contrast_percent=0, drop=0, smoothing=0,
    )  # fmt: skip
    fitted = spec.fit(images.take(range(half)), seed=seed, validation_share=0, on_event=on_event)
    test = images.take(range(half, IMAGES))
    truth: Any = test.role("label") == "nodule"
    scores = [row[2 + fitted.classes.index("nodule")] for row in fitted.predict(test).rows]
    return float(auc(truth, scores).value)


def _nodules(seed: int) -> ImageSet:
    """Noise, and in every second image a bright disc of 4 to 5 pixels radius anywhere."""
    rng = generator(seed, "K7")
    y, x = np.mgrid[:SIDE, :SIDE]
    centre, radius = rng.uniform(8, SIDE - 8, (IMAGES, 2)), rng.uniform(4, 5, IMAGES)
    away = np.hypot(y - centre[:, :1, None], x - centre[:, 1:, None]) / radius[:, None, None]
    there = np.arange(IMAGES) % 2 == 0
    arrays = rng.normal(0, 1, (IMAGES, SIDE, SIDE)) + 1.5 * (away <= 1) * there[:, None, None]
    labels = np.where(there, "nodule", "none")
    return ImageSet.from_arrays(arrays.astype(np.float32), labels.tolist(), range(IMAGES))
