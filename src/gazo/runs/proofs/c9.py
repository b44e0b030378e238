"""C9: benign or malignant? A small convolutional network on nodules, beside their diameter alone, and both together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.datasets.source import open_images
from gazo.datasets.splits import patient_folds
from gazo.datasets.strata import numbered
from gazo.learn.classify.classifier import Classifier
from gazo.learn.protocol import Protocol
from gazo.runs.proof import Proof, proof
from gazo.stats.auc import compare_aucs
from gazo.stats.paired import PairedComparison
from gazo.training.augment import Flip

Floats = NDArray[np.float64]
NETWORK = Text("ネットワーク", "network")
DIAMETER = Text("直径のみ", "diameter alone")
BOTH = Text("ネットワーク + 直径", "network and diameter")
BAR = 0.8  # AUC of the network alone
FLIP: Flip = "both"
SETTINGS: dict[str, Any] = {
    "network": "lenet", "size_px": 32, "epochs": 20, "batch_size": 32, "learning_rate": 2e-3, "positive": "1", "flip": FLIP, "rotation_deg": 20, "translation_percent": 3,
    "scale_percent": 0, "baseline": False,
}  # fmt: skip


@proof("C9", ja="肺結節の良悪性鑑別 (直径との比較)", en="Benign or malignant nodules, beside the diameter")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Five folds by patient. With `data`: axial32.npz with labels.csv beside it (LIDC nodules, 32 x 32 at 0.6 mm); else simulated nodules.

    The label of the LIDC nodules is the readers' suspicion, no pathology, and goes with size, so the diameter alone is hard to beat.
    """
    images = nodule_images(data, seed)
    protocol = Protocol(evaluation="folds", folds=5, repeats=1)
    study = Classifier(**SETTINGS).study(images, protocol, seed=seed, on_event=on_event)
    rows = np.array([row[0] for row in study.predictions.rows])
    probabilities = np.array([row[4:] for row in study.predictions.rows], float)
    judged = images.take(rows)
    truth = judged.role("label").astype(int)
    diameters = np.asarray(judged.role("value"), float)
    patients = numbered(judged.role("patient"))
    both = together(probabilities[:, 1], diameters, judged, seed=seed)
    alone = compare_aucs(truth, probabilities[:, 1], diameters, patients=patients, names=(NETWORK, DIAMETER))
    added = compare_aucs(truth, both, diameters, patients=patients, names=(BOTH, DIAMETER))
    off = float(np.abs(probabilities.sum(1) - 1).max())
    measured = {
        "auc_network": _told(alone.first), "auc_diameter": _told(alone.second), "auc_both": _told(added.first),
        "p_both_against_diameter": added.p, "difference_both_diameter": _told(added.difference), "largest_error_of_sum": off,
        "images": len(rows), "patients": len(set(patients.tolist())),
    }  # fmt: skip
    passed = alone.first.value >= BAR and off < 1e-6 and added.first.value >= added.second.value - 0.005
    return Proof("C9", bool(passed), measured, _BAR, _table(alone, added))


_BAR = Text(
    f"患者単位の 5 分割でネットワークの AUC {BAR} 以上、直径を加えたとき直径のみを下回らない (0.005 以内)、確率の和は 1",
    f"five folds by patient: AUC of the network at least {BAR}, with the diameter not below the diameter alone (by more than 0.005), probabilities sum to 1",
)


def together(scores: Floats, diameters: Floats, images: ImageSet, *, seed: int) -> Floats:
    """Out-of-sample probabilities of a logistic regression on the network's logit and the logarithm of the diameter, five folds by patient.

    `scores` must come from networks that did not see the image.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    p = np.clip(scores, 1e-6, 1 - 1e-6)
    features = np.column_stack([np.log(p / (1 - p)), np.log(diameters)])
    truth = images.role("label").astype(int)
    found = np.zeros(len(truth))
    for fold in patient_folds(images, folds=5, repeats=1, validation_share=0.0, seed=seed):
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features[fold.train], truth[fold.train])
        found[fold.test] = model.predict_proba(features[fold.test])[:, 1]
    return found


def nodule_images(data: Path | None, seed: int) -> ImageSet:
    """Nodules with the roles label (1 malignant), patient, value (diameter in mm) and mask."""
    if data is None:
        return simulated(seed)
    file = data if data.is_file() else data / "axial32.npz"
    return open_images(file, label="label", patient="patient_id", value="diameter_mm")


def simulated(seed: int, *, nodules: int = 400) -> ImageSet:
    """Nodules of 4 to 16 mm in lumpy lung, 32 x 32 at 0.6 mm; malignant ones are larger in the mean and have spikes."""
    from scipy.ndimage import gaussian_filter

    rng = generator(seed, "nodules")
    labels = (np.arange(nodules) % 2).astype(int)
    diameters = np.clip(rng.lognormal(np.where(labels == 1, 2.3, 2.05), 0.25), 4, 16)
    y, x = (np.mgrid[:32, :32] - 15.5) * 0.6
    angle, radius = np.arctan2(y, x), np.hypot(y, x)
    pixels, masks = [], []
    for label, diameter in zip(labels, diameters, strict=True):
        spikes = 0.28 * label * np.cos(rng.integers(5, 9) * angle + rng.uniform(0, 2 * np.pi))
        mask = radius <= diameter / 2 * (1 + spikes + 0.08 * np.cos(2 * angle + rng.uniform(0, 2 * np.pi)))
        lung = -800 + 60 * gaussian_filter(rng.normal(size=(32, 32)), 2) * 7
        pixels.append(gaussian_filter(np.where(mask, 20.0, lung), 0.7) + rng.normal(0, 40, (32, 32)))
        masks.append(mask)
    patients = [f"P{number // 2:03d}" for number in rng.permutation(nodules)]
    return ImageSet.from_arrays(
        np.rint(pixels).astype(np.int16), labels.astype(str).tolist(), patients, values=diameters.tolist(), masks=np.array(masks, np.uint8),
        name="simulated nodules", spacing_mm=(0.6, 0.6),
    )  # fmt: skip


def _told(estimate: Any) -> list[float | None]:
    return [estimate.value, estimate.low, estimate.high]


def _table(alone: PairedComparison, added: PairedComparison) -> Table:
    headings = (
        Text("判定に使うもの", "Judged by"), Text("AUC", "AUC"), Text("下限", "Low"), Text("上限", "High"), Text("直径のみとの差", "Over the diameter"), Text("差の p 値", "p"),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (pair.first.name, pair.first.value, pair.first.low, pair.first.high, pair.difference.value, pair.p)
        for pair in (alone, added)
    ]
    rows.insert(1, (DIAMETER, alone.second.value, alone.second.low, alone.second.high, None, None))
    return Table(Text("良悪性鑑別", "Benign or malignant"), headings, tuple(rows), (_LAYERS,))


_LAYERS = Text(
    "ネットワーク (LeNet-5): 入力 32 × 32 → 畳み込み層 (5 × 5、6 枚) → プーリング層 → 畳み込み層 (5 × 5、16 枚) → プーリング層 → 全結合層 (120) → 全結合層 (84) → 出力層 (2、ソフトマックスで良性・悪性の確率)。",
    "The network (LeNet-5): input 32 x 32, convolution (5 x 5, 6 maps), pooling, convolution (5 x 5, 16 maps), pooling, fully connected (120), fully connected (84), output (2; the softmax gives the probabilities of benign and malignant).",
)
