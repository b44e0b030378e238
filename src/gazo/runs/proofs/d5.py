"""D5: one case of a class to fifty of the other, with and without remedies, and what the threshold does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Table
from gazo.core.seeds import derived_seed, generator
from gazo.datasets.source import open_images
from gazo.learn.classify.classifier import Classifier
from gazo.runs.proof import Proof, proof
from gazo.stats.bootstrap import bootstrap, paired_bootstrap
from gazo.stats.delong import auc_value
from gazo.training.pixels import PreparedPixels, prepare

COMMON, RARE, WATCHED, SEEDS, RESAMPLES = 1200, 24, 0.25, 3, 1000
ARMS: dict[str, tuple[Text, dict[str, Any]]] = {
    "plain": (Text("対処なし (交差エントロピー)", "none (cross entropy)"), {}),
    "weights": (Text("クラスの重み", "class weights"), {"balance": "weights"}),
    "class-balanced": (Text("class-balanced の重み", "class-balanced weights"), {"balance": "class-balanced"}),
    "sampling": (Text("同数になるように抽出", "equal sampling"), {"balance": "sampling"}),
    "focal": (Text("フォーカル損失", "focal loss"), {"loss": "focal"}),
    "affinity": (Text("アフィニティ損失", "Affinity loss"), {"loss": "affinity"}),
    "affinity, weights": (
        Text("アフィニティ損失 + クラスの重み", "Affinity loss and class weights"),
        {"loss": "affinity", "balance": "weights"},
    ),
}
GAIN = 0.1  # in balanced accuracy that the threshold of the validation part must bring to plain cross entropy
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Arm:
    """What one remedy gave: scores of the test images for each seed (n, seeds) and the thresholds of the validation parts."""

    scores: NDArray[np.float64]
    thresholds: NDArray[np.float64]

    def balanced(self, truth: Ints, cuts: Any) -> float:
        """(Sensitivity + specificity) / 2, the mean over seeds."""
        sensitivity, specificity = self.rates(truth, cuts)
        return (sensitivity + specificity) / 2

    def rates(self, truth: Ints, cuts: Any) -> tuple[float, float]:
        """Sensitivity and specificity, the means over seeds."""
        said = self.scores >= cuts
        return float(said[truth == 1].mean()), float(1 - said[truth == 0].mean())


@proof("D5", ja="1:50 の不均衡データでの対処法の比較", en="Remedies at 1:50 against plain cross entropy")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """1200 images of one class and 24 of the other, a quarter of each watched; judged on a test part with both classes in plenty.

    With `data` PneumoniaMNIST (pneumoniamnist.npz or its folder): its training part is thinned, its test part judges. Without it:
    faint simulated spots. Each remedy is trained with three seeds; intervals by bootstrap over the test images (no patients are known).
    """
    images, taught, watched, judged = _parts(data, seed)
    targets = np.array([int(label) for label in images.role("label")], np.int64)
    with prepare(images, size_px=28, channels=1, on_event=on_event) as pixels:
        arms = dict(_trained(pixels, targets, taught, watched, judged, seed, on_event))
    truth = targets[judged]
    rows = [_row(name, arm, arms["plain"], truth, seed) for name, arm in arms.items()]
    plain = arms["plain"]
    gain = plain.balanced(truth, plain.thresholds) - plain.balanced(truth, 0.5)
    measured = {
        "auc": {name: _mean_auc(truth, arm.scores) for name, arm in arms.items()},
        "sensitivity_tuned": {name: arm.rates(truth, arm.thresholds)[0] for name, arm in arms.items()},
        "gain_of_threshold": gain,
        "largest_gain_of_a_remedy_in_auc": max(_mean_auc(truth, a.scores) for a in arms.values())
        - _mean_auc(truth, plain.scores),
    }
    return Proof("D5", bool(gain >= GAIN), measured, _BAR, Table(_TITLE, _HEADINGS, tuple(rows), _NOTES))


_TITLE = Text("1:50 の不均衡データ", "One to fifty")
_HEADINGS = (
    Text("対処", "Remedy"), Text("AUC", "AUC"), Text("下限", "Low"), Text("上限", "High"), Text("対処なしとの差", "Gain over none"), Text("差 下限", "Gain low"), Text("差 上限", "Gain high"),
    Text("感度 (閾値 0.5)", "Sensitivity at 0.5"), Text("特異度 (閾値 0.5)", "Specificity at 0.5"), Text("感度 (検証データの閾値)", "Sensitivity, tuned"), Text("特異度 (検証データの閾値)", "Specificity, tuned"),
)  # fmt: skip
_BAR = Text(
    f"検証データで決めた閾値だけで、対処なしの均衡正解率 (感度と特異度の平均) が {GAIN} 以上上がる。対処法が勝つことは求めない",
    f"the threshold of the validation part alone raises the balanced accuracy of plain cross entropy by at least {GAIN}; that a remedy wins is not asked",
)
_NOTES = (
    Text(
        "AUC と差は種 3 個の平均、区間はテスト画像のブートストラップ。学習のばらつき (種) は区間に含まれません。",
        "AUC and gain are means over three seeds, intervals by bootstrap over the test images; they do not hold the scatter between seeds.",
    ),
)


def _parts(data: Path | None, seed: int) -> tuple[ImageSet, Ints, Ints, Ints]:
    """The images and the rows that teach, are watched and judge; 0 is the common class."""
    images = simulated(seed) if data is None else open_images(data if data.is_file() else data / "pneumoniamnist.npz")
    labels = images.role("label").astype(int)
    split = images.role("split").astype(str)
    rng = generator(seed, "D5")
    taught, watched = [], []
    for label, count in ((0, COMMON), (1, RARE)):
        rows = rng.permutation(np.flatnonzero((split == "train") & (labels == label)))[:count]
        cut = round(WATCHED * len(rows))
        watched.append(rows[:cut])
        taught.append(rows[cut:])
    return images, np.concatenate(taught), np.concatenate(watched), np.flatnonzero(split == "test")


def simulated(seed: int, *, common: int = COMMON, rare: int = RARE, tested: int = 200) -> ImageSet:
    """28 px squares of smooth noise; the rare class has a faint round spot at a random place."""
    from scipy.ndimage import gaussian_filter

    rng = generator(seed, "D5 spots")
    labels = np.array([0] * common + [1] * rare + [0] * tested + [1] * tested)
    y, x = np.mgrid[:28, :28]
    pixels = np.stack([gaussian_filter(rng.normal(size=(28, 28)), 1.5) for _ in labels])
    for place in np.flatnonzero(labels == 1):
        row, column = rng.uniform(8, 20, 2)
        pixels[place] += 0.5 * np.exp(-((x - column) ** 2 + (y - row) ** 2) / 18)
    split = ["train"] * (common + rare) + ["test"] * (2 * tested)
    return ImageSet.from_arrays(pixels.astype(np.float32), labels.astype(str).tolist()).with_column("split", split, "split")


def _trained(
    pixels: PreparedPixels, targets: Ints, taught: Ints, watched: Ints, judged: Ints, seed: int, on_event: OnEvent
) -> Iterator[tuple[str, Arm]]:
    for number, (name, (_, options)) in enumerate(ARMS.items()):
        scores, cuts = [], []
        for turn in range(SEEDS):
            spec = Classifier(
                network="small_cnn", size_px=28, epochs=6, batch_size=32, learning_rate=3e-3, smoothing=0.0, drop=0.0, **options
            )
            own = derived_seed(seed, "D5", turn)
            fitted = spec.fit_prepared(pixels, targets, ("0", "1"), taught, watched, seed=own)
            scores.append(fitted.probabilities(pixels, judged)[:, 1])
            cuts.append(fitted.threshold)
            on_event(Event(Text("対処法ごとの学習", "Training with each remedy"), number * SEEDS + turn + 1, len(ARMS) * SEEDS))
        yield name, Arm(np.stack(scores, 1), np.array(cuts))


def _mean_auc(truth: Any, scores: Any) -> float:
    return float(np.mean([auc_value(np.asarray(truth) == 1, column) for column in np.asarray(scores).T]))


def _row(name: str, arm: Arm, plain: Arm, truth: Ints, seed: int) -> tuple[Any, ...]:
    low, high = bootstrap(_mean_auc, truth, arm.scores, repeats=RESAMPLES, seed=seed)
    gain: tuple[Any, ...] = (None, None, None)
    if arm is not plain:
        pair = paired_bootstrap(_mean_auc, truth, arm.scores, plain.scores, repeats=RESAMPLES, seed=seed)
        gain = (pair.difference.value, pair.difference.low, pair.difference.high)
    return (
        ARMS[name][0],
        _mean_auc(truth, arm.scores),
        low,
        high,
        *gain,
        *arm.rates(truth, 0.5),
        *arm.rates(truth, arm.thresholds),
    )
