"""What all detectors share: fitting by the training loop, the study, what can be known to fail before anything is trained."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.datasets.splits import ValidationShare
from gazo.learn.detect.cases import Cases, cases_of
from gazo.learn.detect.feed import BoxFeed
from gazo.learn.detect.fitted import FittedDetector
from gazo.learn.detect.options import DetectorOptions
from gazo.learn.folds import watched_fold
from gazo.learn.protocol import Protocol, plan
from gazo.learn.truth import need_lesions
from gazo.training.augment import NO_AUGMENTATION

if TYPE_CHECKING:
    import torch

    from gazo.learn.detect.results import DetectionStudy

Rows = NDArray[np.integer[Any]]
Facts = Mapping[str, Any]
Places = Mapping[int, NDArray[np.float64]]
SQUARE_AT_LEAST = 2.0  # px; a lesion smaller than this in the square cannot be told from noise


@dataclass(frozen=True, kw_only=True)
class Detector(DetectorOptions, ABC):
    """Find lesions and frame them. Each method says how its network is built; its file shows it whole."""

    @property
    @abstractmethod
    def name(self) -> Text:
        """What reports call it."""

    def facts(self, cases: Cases, rows: Rows) -> dict[str, Any]:
        """What the network must know of the training lesions, as plain values (sizes of anchors, say)."""
        return {}

    @abstractmethod
    def build(self, facts: Facts, *, seed: int) -> torch.nn.Module:
        """The untrained network: in training it gives the loss of images and targets, else boxes and scores of each image."""

    def places(self, cases: Cases, rows: Rows, *, seed: int, on_event: OnEvent = quiet) -> Places | None:
        """Where to look in each image, corners (m, 4), for methods that are told; None for those that find out themselves."""
        return None

    def check(self) -> None:
        """Raise what is wrong with the options together."""

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained: lesions, parts, options. Reads no image."""
        self.check()
        need_lesions(images)
        plan(images, protocol, seed=seed)

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.15,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedDetector:
        """Train on `images` (role boxes or mask). A validation part drawn by patient is watched and gives the threshold.

        Near copies stay on one side. With a `checkpoint` file an interrupted training goes on where it was.
        """
        self.check()
        fold = watched_fold(images, validation_share, seed=seed, on_event=on_event) if validation_share else None
        with cases_of(images, self, on_event=on_event) as cases:
            watched = np.intersect1d(cases.usable, fold.test) if fold else cases.usable[:0]
            taught = np.setdiff1d(cases.usable, watched)
            return self.fit_prepared(cases, taught, watched, seed=seed, checkpoint=checkpoint, on_event=on_event)

    def fit_prepared(
        self, cases: Cases, train_rows: Rows, validation_rows: Rows, *, seed: int, checkpoint: Path | None = None, on_event: OnEvent = quiet
    ) -> FittedDetector:  # fmt: skip
        """As `fit`, on images that are prepared already; rows are those of `cases`."""
        from gazo.training.loop import train

        need_enough(cases, train_rows)
        facts = self.facts(cases, train_rows)
        net = self.seeded(facts, seed)
        places = self.places(cases, np.concatenate([train_rows, validation_rows]), seed=seed, on_event=on_event)
        feed = self.feed(cases, train_rows, seed, places)
        watched = BoxFeed(cases, validation_rows, self.batch_size, seed, NO_AUGMENTATION, places)
        trained = train(
            net, feed, self.parts(), self, seed=seed, watch=self.watcher(watched) if len(validation_rows) else None,
            checkpoint=checkpoint, on_event=on_event,
        )  # fmt: skip
        fitted = FittedDetector(self, (trained.net,), facts, seed, histories=(trained.history,))
        return fitted.with_threshold_from(cases, validation_rows)

    def seeded(self, facts: Facts, seed: int) -> torch.nn.Module:
        """The untrained network; the same seed gives the same weights."""
        import torch

        torch.manual_seed(derived_seed(seed, "weights"))
        return self.build(facts, seed=seed)

    def feed(self, cases: Cases, rows: Rows, seed: int, places: Places | None = None) -> BoxFeed:
        """The batches of the training part."""
        return BoxFeed(cases, rows, self.batch_size, seed, self.augmentation, places, self.balance == "sampling")

    def parts(self) -> list[Any]:
        """What the training loop minimises."""
        from gazo.training.loop import Part

        return [Part(lambda net, batch: net(batch.images, batch.targets))]

    def watcher(self, feed: BoxFeed) -> Any:
        """Measures the loss on the validation part, as `train` wants it."""

        def watch(net: torch.nn.Module) -> dict[str, float]:
            device = next(net.parameters()).device
            with _judging(net):
                losses = [float(net(batch.images.to(device), batch.targets.to(device))) for batch in feed.in_order()]
            return {"validation_loss": float(np.mean(losses))}

        return watch

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> DetectionStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.detect.study.study`."""
        from gazo.learn.detect.study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)


def need_enough(cases: Cases, rows: Rows) -> None:
    """Refuse a training part from which nothing can be learned."""
    sides = cases.sides(rows)
    if len(rows) < 2 or not len(sides):
        raise DataError(
            "G-DET-002",
            en=f"training needs at least 2 usable images and a lesion in one of them; {len(rows)} images with {len(sides)} lesions came. "
            "Add images with lesions, or enlarge the training part.",
            ja=f"学習には 2 枚以上の画像と 1 つ以上の病変が必要です。使える画像は {len(rows)} 枚、病変は {len(sides)} 個でした。"
            "病変のある画像を増やすか、学習データの割合を大きくしてください。",
        )
    small = float(np.median(sides.max(1)))
    if small < SQUARE_AT_LEAST:
        raise DataError(
            "G-DET-003",
            en=f"in images of {cases.size_px} px the usual lesion is {small:.1f} px wide, too small to be seen. Raise --size-px.",
            ja=f"一辺 {cases.size_px} px の入力画像では、病変の大きさの中央値が {small:.1f} px しかなく、検出できません。--size-px を大きくしてください。",
        )


@contextmanager
def _judging(net: torch.nn.Module) -> Iterator[None]:
    """The network gives its loss inside, and learns nothing: what normalises by batch uses what it has, dropout is off, and
    torch's random numbers go on afterwards as if nothing had been drawn."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        net.train()
        for module in net.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm | torch.nn.modules.dropout._DropoutNd):
                module.eval()
        try:
            yield
        finally:
            net.eval()
