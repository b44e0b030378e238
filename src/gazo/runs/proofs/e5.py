"""E5: a number from an image: the age from a chest radiograph, or the planted size of a disc where no data are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.datasets.source import open_images
from gazo.learn.estimate.regressor import Regressor
from gazo.learn.estimate.regressor_results import RegressionStudy
from gazo.learn.protocol import Protocol
from gazo.runs.proof import Proof, proof

BAR_R2, SIDE = 0.9, 48
AGE = Regressor(approach="features", network="efficientnet_lite0", weights="installed", size_px=224, unit="years")
SIZE = Regressor(network="small_resnet", size_px=SIDE, epochs=25, learning_rate=3e-3, rotation_deg=0, scale_percent=0, unit="mm")


@proof(
    "E5", ja="値の推定: 胸部 X 線画像からの年齢 (データなしでは円の直径)", en="A value from an image: age, or a planted diameter"
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """With `data`, a table of radiographs with age and patient_id: five folds, better than HOG + ridge. Without: discs, R2 above 0.9."""
    if data is None:
        study = SIZE.study(discs(seed), Protocol(evaluation="held-out"), seed=seed, on_event=on_event)
        passed = study.metrics[2].value > BAR_R2 and study.against_mean.difference.value < 0
        bar = Text(f"R² > {BAR_R2}、平均値を答えるより小さい MAE", f"R² > {BAR_R2} and an MAE below always saying the mean")
    else:
        images = open_images(data / "labels.csv" if data.is_dir() else data, value="age", patient="patient_id")
        study = AGE.study(images, Protocol(evaluation="folds", folds=5), seed=seed, on_event=on_event)
        other = study.against_baseline
        passed = other is not None and other.difference.value < 0 and study.against_mean.difference.value < 0
        bar = Text(
            "MAE が HOG + リッジ回帰と平均値の両方より小さい",
            "an MAE below HOG + ridge regression and below always saying the mean",
        )
    return Proof("E5", bool(passed), _measured(study), bar, _table(study), pictures=(study.agreement, *study.examples[:1]))


def discs(seed: int, count: int = 300) -> ImageSet:
    """Noisy discs of 8 to 28 mm at random places, two images a patient; the value is the diameter."""
    rng = generator(seed, "E5")
    radius = rng.uniform(4, 14, count)
    y, x = np.mgrid[:SIDE, :SIDE]
    planes = np.empty((count, SIDE, SIDE))
    for plane, r in zip(planes, radius, strict=True):
        row, column = rng.uniform(16, 32, 2)
        plane[:] = 60 + rng.uniform(40, 120) * (np.hypot(y - row, x - column) < r) + rng.normal(0, 12, plane.shape)
    pixels = np.clip(planes, 0, 255).astype(np.uint8)
    patients = [f"patient {number // 2}" for number in range(count)]
    return ImageSet.from_arrays(pixels, patients=patients, values=(2 * radius).tolist(), spacing_mm=(1.0, 1.0), name="discs")


def _measured(study: RegressionStudy) -> dict[str, float | None]:
    mae, rmse, r2, bias = study.metrics[:4]
    found = {"mae": mae.value, "mae_low": mae.low, "mae_high": mae.high, "rmse": rmse.value, "r2": r2.value, "bias": bias.value}
    found |= {"mae_of_the_mean": study.mean_metrics[0].value}
    if study.against_baseline is not None:
        found |= {"mae_of_hog_ridge": study.baseline_metrics[0].value, "p_against_hog_ridge": study.against_baseline.p}
    return found


def _table(study: RegressionStudy) -> Table:
    headings = (
        Text("指標", "Figure of merit"),
        Text("値", "Value"),
        Text("下限", "Low"),
        Text("上限", "High"),
        Text("基準手法", "Baseline"),
    )
    others = {e.name: e.value for e in study.baseline_metrics}
    rows = tuple((e.name, e.value, e.low, e.high, others.get(e.name)) for e in study.metrics)
    return Table(Text(f"値の推定: {study.plan.ja}", f"A value from an image: {study.plan.en}"), headings, rows)
