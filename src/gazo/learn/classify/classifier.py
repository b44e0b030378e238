"""Classification of images by a network: the specification, training, prediction, explanation, storage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.methods import method
from gazo.core.parameters import Ge, Label, Le, Lt
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.datasets.splits import ValidationShare
from gazo.learn.classify.calibrated import fitted_temperature
from gazo.learn.classify.fitted import FittedClassifier
from gazo.learn.classify.labels import class_names, class_numbers
from gazo.learn.folds import watched_fold
from gazo.learn.image_network import ImageNetworkOptions, NamedNetwork
from gazo.learn.losses import cross_entropy
from gazo.learn.remedies import Remedies, centred, loss_of, need_two_classes, weights_for
from gazo.stats.operating import youden_threshold
from gazo.training.pixels import PreparedPixels, prepare

if TYPE_CHECKING:
    import torch

    from gazo.learn.classify.results import ClassificationStudy
    from gazo.learn.protocol import Protocol
    from gazo.training.feed import Batch


@dataclass(frozen=True, kw_only=True)
class ClassifierOptions(ImageNetworkOptions, Remedies):
    """Everything about a classifier but its network."""

    smoothing: Annotated[float, Ge(0), Lt(1), Label("ラベル平滑化", "Label smoothing")] = 0.1
    mixing: Annotated[float, Ge(0), Le(10), Label("画像混合 (mixup) の α (0 = なし)", "Mixup alpha (0 = none)")] = 0.0
    positive: Annotated[str, Label("陽性とするクラス", "Class counted as positive")] = ""
    calibrate: Annotated[
        bool, Label("温度スケーリングで確率を較正 (検証データ)", "Temperature scaling of probabilities (by the validation part)")
    ] = False
    baseline: Annotated[
        bool, Label("基準手法 (HOG + ロジスティック回帰) も評価", "Judge HOG + logistic regression beside it")
    ] = True


@method("classify", "画像分類", "Image classification", name="classify", booklet=("K4", "K7", "C9"))
@dataclass(frozen=True, kw_only=True)
class Classifier(ClassifierOptions, NamedNetwork):
    """Tell the class of an image by a convolutional or transformer network.

    Images are scaled to one size and each to mean 0 and standard deviation 1; cross entropy is minimised. With small sets the
    defaults (one-cycle rate, augmentation, smoothing, weights of the last epoch) matter more than the network.
    """

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.15,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedClassifier:
        """Train on `images` (role label). A validation part drawn by patient is watched and, with two classes, gives the threshold.

        Near copies stay on one side. The specification itself never changes. With a `checkpoint` file an interrupted training goes on where it was.
        """
        classes = class_names(images, self.positive)
        targets = class_numbers(images, classes)
        fold = watched_fold(images, validation_share, seed=seed, on_event=on_event) if validation_share else None
        with prepare(images, **self.input_options(), kept_of=self.kept_of(images), on_event=on_event) as pixels:
            rows = np.flatnonzero(pixels.usable)
            watched = np.intersect1d(rows, fold.test) if fold else rows[:0]
            taught = np.setdiff1d(rows, watched)
            return self.fit_prepared(
                pixels, targets, classes, taught, watched, seed=seed, checkpoint=checkpoint, on_event=on_event
            )

    def fit_prepared(
        self,
        pixels: PreparedPixels,
        targets: NDArray[np.integer[Any]],
        classes: tuple[str, ...],
        train_rows: NDArray[np.integer[Any]],
        validation_rows: NDArray[np.integer[Any]],
        *,
        seed: int,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedClassifier:
        """As `fit`, on images that are prepared already; rows are those of `pixels`."""
        import torch

        from gazo.training.feed import Feed, balancing_weights
        from gazo.training.loop import Part, train
        from gazo.training.predict import outputs

        if len(train_rows) < 2:
            raise DataError(
                "G-LEARN-001",
                en=f"training needs at least 2 images; {len(train_rows)} can be used. Add images or enlarge the training part.",
                ja=f"学習には 2 枚以上の画像が必要ですが、使えるのは {len(train_rows)} 枚です。画像を増やすか、学習データの割合を大きくしてください。",
            )
        need_two_classes(self, len(classes))
        net = self.build(len(classes), seed=seed, on_event=on_event)
        labels = targets[train_rows]
        sampling = balancing_weights(labels) if self.balance == "sampling" else None
        feed = Feed(pixels, train_rows, torch.from_numpy(targets), self.batch_size, seed, self.augmentation, sampling)
        factors = weights_for(self, labels, len(classes))

        def loss(net: torch.nn.Module, batch: Any) -> torch.Tensor:
            weights = None if factors is None else factors.to(batch.images.device)
            return _loss(self, net, batch, weights, len(classes))

        def watch(net: torch.nn.Module) -> dict[str, float]:
            logits = outputs(net, pixels, validation_rows, mirrored=self.mirror)
            truth = torch.from_numpy(targets[validation_rows])
            right = float((logits.argmax(1) == truth).float().mean())
            return {"validation_loss": float(cross_entropy(logits, truth)), "validation_accuracy": right}

        trained = train(
            net, feed, [Part(loss)], self, seed=seed, watch=watch if len(validation_rows) else None,
            checkpoint=checkpoint, on_event=on_event,
        )  # fmt: skip
        fitted = FittedClassifier(self, classes, (trained.net,), seed=seed, histories=(trained.history,))
        if self.calibrate and len(validation_rows):
            seen = fitted.probabilities(pixels, validation_rows)
            fitted = fitted.with_temperature(fitted_temperature(seen, targets[validation_rows]))
        if len(set(targets[validation_rows])) == 2 == len(classes):
            watched = fitted.probabilities(pixels, validation_rows)[:, 1]
            fitted = fitted.with_threshold(youden_threshold(targets[validation_rows], watched))
        return fitted

    def build(self, classes: int, *, seed: int, on_event: OnEvent = quiet) -> torch.nn.Module:
        """The untrained network (or with the weights asked for); the same seed gives the same weights."""
        import torch

        torch.manual_seed(derived_seed(seed, "weights"))
        return centred(self, lambda outputs: self.network_of(outputs, on_event), classes)

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained: labels, parts, network, trust. Reads no image."""
        from gazo.learn.protocol import plan

        classes = class_names(images, self.positive)
        need_two_classes(self, len(classes))
        self.check_masks(images)
        plan(images, protocol, seed=seed)
        self.check_network(len(classes))

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> ClassificationStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.classify.study.study`."""
        from gazo.learn.classify.study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)


def _loss(
    spec: ClassifierOptions, net: torch.nn.Module, batch: Batch, weights: torch.Tensor | None, classes: int
) -> torch.Tensor:
    """The loss asked for, with the auxiliary heads of networks that have them.

    With alpha > 0 of pairs of images mixed in the share Beta(alpha, alpha) (Zhang et al. 2018).
    """
    import torch
    from torch.nn import functional

    images, targets = batch.images, batch.targets
    if not spec.mixing:
        return _judged(spec, net, _said(net, images), targets, weights)
    share = float(torch.distributions.Beta(spec.mixing, spec.mixing).sample())
    other = torch.randperm(len(targets)).to(targets.device)
    said = _said(net, share * images + (1 - share) * images[other])
    if spec.loss == "cross-entropy":
        whole = functional.one_hot(targets, classes).to(images.dtype)
        return _judged(spec, net, said, share * whole + (1 - share) * whole[other], weights)
    first, second = (_judged(spec, net, said, t, weights) for t in (targets, targets[other]))
    return share * first + (1 - share) * second


def _said(net: torch.nn.Module, images: torch.Tensor) -> list[tuple[float, torch.Tensor]]:
    """Weight and logits of the network's last layer and of its auxiliary heads."""
    from gazo.nets.zoo import auxiliary_logits

    return [(1.0, net(images)), *auxiliary_logits(net)]


def _judged(
    spec: ClassifierOptions,
    net: torch.nn.Module,
    said: list[tuple[float, torch.Tensor]],
    targets: torch.Tensor,
    weights: torch.Tensor | None,
) -> torch.Tensor:
    """The weighted sum of the loss of each head."""
    if spec.loss == "cross-entropy":
        losses = [w * cross_entropy(logits, targets, weights=weights, smoothing=spec.smoothing) for w, logits in said]
    else:
        judge = loss_of(spec, net, weights)
        losses = [w * judge(logits, targets) for w, logits in said]
    return sum(losses[1:], losses[0])
