"""Classification of images by a network: the specification, training, prediction, explanation, storage."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Choices, Ge, Label, Le, Lt
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.datasets.copies import find_copies
from gazo.datasets.splits import Fold, ValidationShare, holdout
from gazo.learn.classify.fitted import FittedClassifier
from gazo.learn.classify.labels import class_names, class_numbers
from gazo.learn.losses import cross_entropy
from gazo.nets.design.naming import PREFIX as DESIGN
from gazo.nets.design.naming import no_names
from gazo.nets.zoo import network_names
from gazo.stats.operating import youden_threshold
from gazo.training.augment import Augmentation
from gazo.training.options import TrainingOptions
from gazo.training.pixels import Fit, PreparedPixels, prepare

if TYPE_CHECKING:
    import torch

    from gazo.learn.classify.results import ClassificationStudy
    from gazo.learn.protocol import Protocol
    from gazo.training.feed import Batch


@dataclass(frozen=True, kw_only=True)
class ClassifierOptions(TrainingOptions, Augmentation):
    """Everything about a classifier but its network."""

    size_px: Annotated[int, Ge(16), Le(1024), Label("入力画像の一辺", "Side of the input image", "px")] = 96
    colour: Annotated[bool, Label("カラー画像として学習", "Learn from colour")] = False
    fit_to_square: Annotated[Fit, Label("正方形への合わせ方", "How images become square")] = "pad"
    weights: Annotated[str, Label("初期の重み (none、hub、ファイル名)", "Initial weights (none, hub or a file)")] = "none"
    drop: Annotated[float, Ge(0), Lt(1), Label("ドロップアウト率", "Dropout before the last layer")] = 0.2
    smoothing: Annotated[float, Ge(0), Lt(1), Label("ラベル平滑化", "Label smoothing")] = 0.1
    mixing: Annotated[float, Ge(0), Le(10), Label("画像混合 (mixup) の α (0 = なし)", "Mixup alpha (0 = none)")] = 0.0
    balance: Annotated[Literal["none", "weights", "sampling"], Label("クラスの偏りへの対処", "Remedy for unequal classes")] = (
        "none"
    )
    positive: Annotated[str, Label("陽性とするクラス", "Class counted as positive")] = ""
    mirror: Annotated[bool, Label("推論時に左右反転像も使う", "Average with the mirror image when predicting")] = False
    baseline: Annotated[
        bool, Label("基準手法 (HOG + ロジスティック回帰) も評価", "Judge HOG + logistic regression beside it")
    ] = True
    trust_file: Annotated[bool, Label("利用者のネットワークファイルの実行を許可", "Allow running the named network file")] = False

    @property
    def augmentation(self) -> Augmentation:
        """The part of the options that says how training images are varied."""
        return Augmentation(**{f.name: getattr(self, f.name) for f in fields(Augmentation)})


@method("classify", "画像分類", "Image classification", name="classify", booklet=("K4", "K7"))
@dataclass(frozen=True, kw_only=True)
class Classifier(ClassifierOptions):
    """Tell the class of an image by a convolutional or transformer network.

    Images are scaled to one size and each to mean 0 and standard deviation 1; cross entropy is minimised. With small sets the
    defaults (one-cycle rate, augmentation, smoothing, weights of the last epoch) matter more than the network.
    """

    network: Annotated[
        str, Choices(network_names, prefix="file:"), Choices(no_names, prefix=DESIGN), Label("ネットワーク", "Network")
    ] = "small_resnet"

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
        fold = self._watched(images, validation_share, seed, on_event) if validation_share else None
        with prepare(images, **self.input_options(), on_event=on_event) as pixels:
            rows = np.flatnonzero(pixels.usable)
            watched = np.intersect1d(rows, fold.test) if fold else rows[:0]
            taught = np.setdiff1d(rows, watched)
            return self.fit_prepared(
                pixels, targets, classes, taught, watched, seed=seed, checkpoint=checkpoint, on_event=on_event
            )

    def _watched(self, images: ImageSet, share: float, seed: int, on_event: OnEvent) -> Fold:
        """The division whose test part is watched while training."""
        copies = find_copies(images, on_event=on_event)
        return holdout(images, test_share=share, validation_share=0, seed=seed, groups=copies.groups)

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
        net = self.build(len(classes), seed=seed, on_event=on_event)
        labels = targets[train_rows]
        sampling = balancing_weights(labels) if self.balance == "sampling" else None
        feed = Feed(pixels, train_rows, torch.from_numpy(targets), self.batch_size, seed, self.augmentation, sampling)
        factors = _class_factors(labels, len(classes)) if self.balance == "weights" else None

        def loss(net: torch.nn.Module, batch: Any) -> torch.Tensor:
            weights = None if factors is None else factors.to(batch.images.device)
            return _loss(net, batch, self.mixing, self.smoothing, weights, len(classes))

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
        if len(set(targets[validation_rows])) == 2 == len(classes):
            watched = fitted.probabilities(pixels, validation_rows)[:, 1]
            fitted = fitted.with_threshold(youden_threshold(targets[validation_rows], watched))
        return fitted

    @property
    def name(self) -> Text:
        """What reports call it."""
        shown = Path(self.network.removeprefix("file:").removeprefix(DESIGN)).name.removesuffix(
            ".json"
        )  # no folder of the user's
        return Text(shown, shown)

    def build(self, classes: int, *, seed: int, on_event: OnEvent = quiet) -> torch.nn.Module:
        """The untrained network (or with the weights asked for); the same seed gives the same weights."""
        import torch

        from gazo.nets.zoo import create
        from gazo.training.userfile import load_user_network
        from gazo.training.weights import load_weights

        torch.manual_seed(derived_seed(seed, "weights"))
        shape = {"classes": classes, "channels": 3 if self.colour else 1, "size_px": self.size_px}
        if self.network.startswith("file:"):
            return load_user_network(self.network, trust=self.trust_file, on_event=on_event, **shape)
        if self.network.startswith(DESIGN):
            from gazo.nets.design import adapted, build_design, design_named

            drawn = build_design(adapted(design_named(self.network), **shape))
            load_weights(drawn, self.weights, name=self.network)
            return drawn
        net = create(self.network, drop=self.drop, **shape)
        load_weights(net, self.weights, name=self.network)
        return net

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained: labels, parts, network, trust. Reads no image."""
        from gazo.learn.protocol import plan
        from gazo.nets.zoo import check_fit
        from gazo.training.userfile import need_trust, user_file

        classes = class_names(images, self.positive)
        plan(images, protocol, seed=seed)
        if self.network.startswith("file:"):
            need_trust(user_file(self.network), self.trust_file)
            return
        shape = {"classes": len(classes), "channels": 3 if self.colour else 1, "size_px": self.size_px}
        if self.network.startswith(DESIGN):
            from gazo.nets.design import adapted, design_named

            adapted(design_named(self.network), **shape)
        else:
            check_fit(self.network, **shape)

    def input_options(self) -> dict[str, Any]:
        """What `prepare` must know."""
        return {"size_px": self.size_px, "channels": 3 if self.colour else 1, "fit": self.fit_to_square}

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> ClassificationStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.classify.study.study`."""
        from gazo.learn.classify.study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)


def _class_factors(labels: NDArray[np.integer[Any]], classes: int) -> torch.Tensor:
    """n / (classes * n_c): rare classes weigh more, the mean over the rows is 1."""
    import torch

    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    return torch.from_numpy((len(labels) / (classes * counts)).astype(np.float32))


def _loss(
    net: torch.nn.Module, batch: Batch, alpha: float, smoothing: float, weights: torch.Tensor | None, classes: int
) -> torch.Tensor:
    """Cross entropy, with the auxiliary heads of networks that have them.

    With alpha > 0 of pairs of images mixed in the share Beta(alpha, alpha) (Zhang et al. 2018).
    """
    import torch
    from torch.nn import functional

    from gazo.nets.zoo import auxiliary_logits

    images, targets = batch.images, batch.targets
    if alpha:
        share = float(torch.distributions.Beta(alpha, alpha).sample())
        other = torch.randperm(len(targets)).to(targets.device)
        images = share * images + (1 - share) * images[other]
        whole = functional.one_hot(targets, classes).to(images.dtype)
        targets = share * whole + (1 - share) * whole[other]
    total = cross_entropy(net(images), targets, weights=weights, smoothing=smoothing)
    for weight, logits in auxiliary_logits(net):
        total = total + weight * cross_entropy(logits, targets, weights=weights, smoothing=smoothing)
    return total
