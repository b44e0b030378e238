"""MTANN: a small network that enhances lesions pixel by pixel, to tell true candidates of a detection from false ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Ge, Gt, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.datasets.splits import ValidationShare
from gazo.learn.classify.labels import class_names, class_numbers
from gazo.learn.folds import watched_fold
from gazo.learn.mtann.fitted import FittedMTANN, Scale
from gazo.training.options import TrainingOptions
from gazo.training.pixels import PreparedPixels, prepare

if TYPE_CHECKING:
    import torch

    from gazo.learn.classify.results import ClassificationStudy
    from gazo.learn.protocol import Protocol
    from gazo.training.feed import Batch

Ints = NDArray[np.integer[Any]]


@method("classify", "MTANN による偽陽性の削減", "False-positive reduction by MTANN", name="mtann", booklet="B7")
@dataclass(frozen=True, kw_only=True)
class MassiveTraining(TrainingOptions):
    r"""Tell lesions from false candidates with a massive-training artificial neural network (Suzuki et al. 2003, Med Phys 30:1602).

    Each image holds one candidate in its middle. A perceptron looks at every region of `region_px` and says one pixel; it learns
    the teaching image T = exp(-r^2 / 2 s^2) where there is a lesion and 0 where there is none, from every pixel of the inner
    `taught_px` at once, so that few cases give many examples. The score of a candidate is the mean of the output weighted by a
    Gaussian of the same s. Images are brought to mean 0 and standard deviation 1, and each region to mean 0.
    """

    size_px: Annotated[int, Ge(16), Le(512), Label("候補画像の一辺", "Side of the candidate image", "px")] = 40
    region_px: Annotated[int, Ge(3), Le(31), Label("入力小領域の一辺 (奇数)", "Side of the region looked at (odd)", "px")] = 9
    hidden: Annotated[int, Ge(1), Le(512), Label("中間層のユニット数", "Hidden units")] = 20
    taught_px: Annotated[int, Ge(3), Le(512), Label("教師画像の一辺", "Side of the teaching image", "px")] = 19
    sigma_px: Annotated[float, Gt(0), Le(100), Label("教師画像とスコアのガウス分布の σ", "Sigma of the Gaussian of teaching image and score", "px")] = 5.0  # fmt: skip
    sensitivity: Annotated[float, Gt(0), Le(1), Label("閾値で保つ感度 (検証データで)", "Sensitivity kept at the threshold (validation part)")] = 0.977  # fmt: skip
    positive: Annotated[str, Label("病変とするクラス", "Class counted as lesion")] = ""
    epochs: Annotated[int, Ge(1), Le(10_000), Label("エポック数", "Epochs")] = 200
    batch_size: Annotated[int, Ge(1), Le(4096), Label("バッチサイズ", "Batch size")] = 8
    learning_rate: Annotated[float, Gt(0), Le(10), Label("学習率", "Learning rate")] = 1e-2
    weight_decay: Annotated[float, Ge(0), Le(1), Label("重み減衰", "Weight decay")] = 0.0

    @property
    def name(self) -> Text:
        """What reports call it."""
        return Text("MTANN", "MTANN")

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.15,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedMTANN:
        """Learn from candidates (role label). A validation part drawn by patient gives the threshold; near copies stay on one side."""
        self.check_sizes()
        classes = class_names(images, self.positive)
        _two(classes)
        targets = class_numbers(images, classes)
        watched: Ints = np.zeros(0, np.int64)
        if validation_share:
            watched = watched_fold(images, validation_share, seed=seed, on_event=on_event).test
        with prepare(images, size_px=self.size_px, channels=1, on_event=on_event) as pixels:
            rows = np.flatnonzero(pixels.usable)
            watched = np.intersect1d(rows, watched)
            taught = np.setdiff1d(rows, watched)
            return self.fit_prepared(
                pixels, targets, classes, taught, watched, seed=seed, checkpoint=checkpoint, on_event=on_event
            )

    def fit_prepared(
        self,
        pixels: PreparedPixels,
        targets: Ints,
        classes: tuple[str, ...],
        train_rows: Ints,
        validation_rows: Ints,
        *,
        seed: int,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedMTANN:
        """As `fit`, on images that are prepared already; without validation rows the training rows give the threshold."""
        import torch

        from gazo.training.feed import Feed
        from gazo.training.loop import Part, train

        if len(set(targets[train_rows].tolist())) < 2:
            raise DataError(
                "G-DEN-006",
                en=f"an MTANN learns from lesions and from false candidates; {len(train_rows)} images of one kind came. Add the other kind.",
                ja=f"MTANN の学習には病変と偽陽性の両方が必要ですが、{len(train_rows)} 枚すべてが一方だけです。もう一方の画像を追加してください。",
            )
        feed = Feed(pixels, train_rows, torch.from_numpy(np.asarray(targets)), self.batch_size, derived_seed(seed, "feed"))
        trained = train(
            self.build(seed=seed), feed, [Part(self._loss())], self, seed=seed, checkpoint=checkpoint, on_event=on_event
        )
        fitted = FittedMTANN(self, classes, (trained.net,), (Scale(),), seed, (trained.history,))
        judged = validation_rows if len(set(targets[validation_rows].tolist())) == 2 else train_rows
        scores = fitted.scores(pixels, judged)
        return fitted.scaled(Scale.of(targets[judged], scores, self.sensitivity, seed=seed))

    def _loss(self) -> Any:
        """Mean squared error of the inner pixels against the teaching image."""
        import torch
        from torch.nn import functional

        inner, lesion = self.inner(), torch.from_numpy(self.bell())

        def loss(net: torch.nn.Module, batch: Batch) -> torch.Tensor:
            said = net(batch.images)[:, :, inner, inner]
            wanted = batch.targets.float()[:, None, None, None] * lesion.to(said.device)[inner, inner]
            return functional.mse_loss(said, wanted)

        return loss

    def inner(self) -> slice:
        """Rows and columns of the part that is taught, in the middle of the image."""
        first = (self.size_px - self.taught_px) // 2
        return slice(first, first + self.taught_px)

    def bell(self) -> NDArray[np.float32]:
        """exp(-r^2 / 2 s^2) around the middle of the image: the teaching image of a lesion, and the weights of the score."""
        away = np.arange(self.size_px) - (self.size_px - 1) / 2
        axis = np.exp(-(away**2) / (2 * self.sigma_px**2))
        return np.asarray(axis[:, None] * axis, np.float32)

    def build(self, *, seed: int) -> torch.nn.Module:
        """The untrained network; the same seed gives the same weights."""
        import torch

        from gazo.nets.mtann import MTANN

        torch.manual_seed(derived_seed(seed, "weights"))
        return MTANN(region_px=self.region_px, hidden=self.hidden)

    def check_sizes(self) -> None:
        """Refuse regions without a middle, and teaching images or regions larger than the candidate's."""
        if self.region_px % 2 == 0 or max(self.region_px, self.taught_px) > self.size_px:
            raise OptionError(
                "G-DEN-007",
                en=f"region_px must be odd, and region_px and taught_px at most size_px; {self.region_px}, {self.taught_px} and {self.size_px} came. Change one of them.",
                ja=f"region_px は奇数、region_px と taught_px は size_px 以下でなければなりません。受け取った値: {self.region_px}、{self.taught_px}、{self.size_px}。いずれかを変更してください。",
            )

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained. Reads no image."""
        from gazo.learn.protocol import plan

        self.check_sizes()
        _two(class_names(images, self.positive))
        plan(images, protocol, seed=seed)

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> ClassificationStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.mtann.study.study`."""
        from gazo.learn.mtann.study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)


def _two(classes: tuple[str, ...]) -> None:
    if len(classes) != 2:
        raise DataError(
            "G-DEN-008",
            en=f"an MTANN tells two classes apart, lesions and false candidates; {len(classes)} came: {', '.join(classes)}. Choose a label with two.",
            ja=f"MTANN は病変と偽陽性の 2 クラスを分けます。{len(classes)} クラスが渡されました: {', '.join(classes)}。2 クラスのラベルを指定してください。",
        )
