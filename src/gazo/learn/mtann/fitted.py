"""An MTANN that has learned: scores of candidates, output images, storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import options_of
from gazo.core.progress import OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.learn.saved import load_networks, parts_of, save_networks
from gazo.training.pixels import PreparedPixels, prepare

if TYPE_CHECKING:
    import torch

    from gazo.learn.classify.results import ClassificationStudy
    from gazo.learn.mtann.massive_training import MassiveTraining
    from gazo.training.loop import History

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """From score to probability, 1 / (1 + exp(-(slope x score + offset))), and the probability called a lesion."""

    slope: float = 1.0
    offset: float = 0.0
    threshold: float = 0.5

    @classmethod
    def of(cls, truth: NDArray[np.integer[Any]], scores: Floats, sensitivity: float, *, seed: int) -> Scale:
        """Logistic regression of the truth on the score, and the highest threshold that keeps the sensitivity."""
        from sklearn.linear_model import LogisticRegression

        spread = max(float(scores.std()), 1e-12)
        fitted = LogisticRegression(random_state=seed % 2**31).fit((scores / spread)[:, None], truth)
        scale = cls(float(fitted.coef_[0, 0]) / spread, float(fitted.intercept_[0]))
        lesions = np.sort(scale.probability(scores)[truth == 1])
        return replace(scale, threshold=float(lesions[int((1 - sensitivity) * len(lesions) + 1e-9)]))

    def probability(self, scores: Floats) -> Floats:
        """Of being a lesion."""
        from scipy.special import expit

        return np.asarray(expit(self.slope * scores + self.offset), np.float64)


@dataclass(frozen=True, eq=False)
class FittedMTANN:
    """An MTANN that has learned. Several networks (folds) speak as one: their probabilities are averaged."""

    spec: MassiveTraining
    classes: tuple[str, ...]
    nets: tuple[torch.nn.Module, ...]
    scales: tuple[Scale, ...]
    seed: int
    histories: tuple[History, ...] = field(default=(), repr=False)

    @property
    def threshold(self) -> float:
        """The probability from which a candidate is kept."""
        return float(np.mean([scale.threshold for scale in self.scales]))

    def scaled(self, scale: Scale) -> FittedMTANN:
        """The same network with another scale."""
        return replace(self, scales=(scale,))

    def maps(self, pixels: PreparedPixels, rows: Sequence[int] | NDArray[np.integer[Any]], which: int = 0) -> NDArray[np.float32]:
        """Output images of one network: (n, size, size)."""
        from gazo.training.predict import outputs

        return np.asarray(outputs(self.nets[which], pixels, rows)[:, 0].numpy(), np.float32)

    def scores(self, pixels: PreparedPixels, rows: Sequence[int] | NDArray[np.integer[Any]], which: int = 0) -> Floats:
        """S = sum of Gaussian x output over the image, the Gaussian with sum 1 (Suzuki et al. 2003)."""
        bell = self.spec.bell().astype(np.float64)
        return np.asarray((self.maps(pixels, rows, which) * (bell / bell.sum())).sum((1, 2)), np.float64)

    def probabilities(self, pixels: PreparedPixels, rows: Sequence[int] | NDArray[np.integer[Any]]) -> Floats:
        """(n, 2); each row sums to 1."""
        each = [scale.probability(self.scores(pixels, rows, k)) for k, scale in enumerate(self.scales)]
        lesion = np.mean(each, axis=0)
        return np.stack([1 - lesion, lesion], axis=1)

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """One row a candidate that can be read: kept as a lesion or not, its probability and score."""
        with prepare(images, size_px=self.spec.size_px, channels=1, on_event=on_event) as pixels:
            rows = np.flatnonzero(pixels.usable)
            lesion = self.probabilities(pixels, rows)[:, 1]
            scores = np.mean([self.scores(pixels, rows, k) for k in range(len(self.nets))], axis=0)
        names = images.role("image").tolist()
        first = Text("ファイル", "file") if all(isinstance(name, str) for name in names) else Text("行", "row")
        said = [self.classes[int(p >= self.threshold)] for p in lesion]
        cut = f"{self.threshold:.3f}"
        return Table(
            Text("候補の判定", "Candidates"),
            (first, Text("予測", "predicted"), Text(f"確率 {self.classes[1]}", f"probability {self.classes[1]}"), Text("スコア", "score")),
            tuple((names[r], s, float(p), float(v)) for r, s, p, v in zip(rows, said, lesion, scores, strict=True)),
            (Text(f"「{self.classes[1]}」として残す確率の閾値: {cut}", f"Kept as '{self.classes[1]}' from a probability of {cut} on"),),
        )  # fmt: skip

    def evaluate(self, images: ImageSet, *, on_event: OnEvent = quiet) -> ClassificationStudy:
        """Judge on candidates that had no part in the training (role label); intervals by patient."""
        from gazo.learn.mtann.study import evaluation

        return evaluation(self, images, on_event=on_event)

    def explain(self, images: ImageSet, rows: Sequence[int] | None = None, *, on_event: OnEvent = quiet) -> Panels:
        """The output image of the (first) network over each candidate; at most 16 unless rows are named."""
        chosen = images.take(list(range(min(16, len(images)))) if rows is None else rows)
        with prepare(chosen, size_px=self.spec.size_px, channels=1, on_event=on_event) as pixels:
            good = np.flatnonzero(pixels.usable)
            return self.panels(pixels, good, [Text(f"{row + 1}", f"{row + 1}") for row in good])

    def panels(self, pixels: PreparedPixels, rows: NDArray[np.integer[Any]], captions: Sequence[Text]) -> Panels:
        """Candidates with their output images over them; an output of 1, a certain lesion, is the strongest."""
        shown = np.rint(pixels.read(rows)[:, 0].numpy() * 255).astype(np.uint8)
        heat = np.rint(np.clip(self.maps(pixels, rows), 0, 1) * 255).astype(np.uint8)
        numbers = (f"{self.spec.name.ja} {p:.2f}" for p in self.probabilities(pixels, rows)[:, 1])
        under = tuple(Text(f"{c.ja}: {n}", f"{c.en}: {n}") for c, n in zip(captions, numbers, strict=True))
        return Panels(Text("MTANN の出力画像", "Output images of the MTANN"), tuple(shown), under, tuple(heat))

    def save(self, folder: Path | str) -> Path:
        """Write the networks, their scales and options into a folder that `gazo.learn.load` reads."""
        about = {"method": "mtann", "options": options_of(self.spec), "classes": self.classes, "seed": self.seed}
        return save_networks(folder, self.nets, about | {"scales": [asdict(scale) for scale in self.scales]})


def load(folder: Path | str, *, trust_file: bool = False) -> FittedMTANN:
    """The MTANN that `save` wrote, or those of all folds of a run together. Only tensors and plain values are read."""
    from gazo.learn.mtann.massive_training import MassiveTraining

    def build(about: Any) -> torch.nn.Module:
        return MassiveTraining(**about["options"]).build(seed=about["seed"])

    found = [load_networks(part, build) for part in parts_of(folder)]
    about = found[0][0]
    scales = tuple(Scale(**scale) for each, _ in found for scale in each["scales"])
    nets = tuple(net for _, each in found for net in each)
    return FittedMTANN(MassiveTraining(**about["options"]), tuple(about["classes"]), nets, scales, about["seed"])
