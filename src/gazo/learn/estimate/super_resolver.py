"""Super-resolution by a network: the specification and its training. SRCNN, VDSR; mean squared error or perceptual loss."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Ge, Gt, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.datasets.splits import ValidationShare
from gazo.learn.estimate.features import FEATURES, FeatureNetwork, feature_maps
from gazo.learn.estimate.fitted_resolver import FittedSuperResolver
from gazo.learn.estimate.patches import Cutting, PatchFeed, PatchPairs, patch_pairs
from gazo.learn.folds import watched_fold
from gazo.learn.losses import mean_squared_error, perceptual_loss
from gazo.nets.vdsr import DEPTH, WIDTH, Depth, Width
from gazo.training.options import TrainingOptions

if TYPE_CHECKING:
    import torch

    from gazo.learn.estimate.resolver_results import SuperResolutionStudy
    from gazo.learn.protocol import Protocol
    from gazo.training.feed import Batch

FACTORS = (2, 3, 4)
NAMES = {"srcnn-9-1-5": "SRCNN 9-1-5", "srcnn-9-5-5": "SRCNN 9-5-5", "vdsr": "VDSR", "vdsr-light": "VDSR"}


@method("estimate", "超解像", "Super-resolution", name="super-resolution", booklet=("E2", "E3", "E4"))
@dataclass(frozen=True, kw_only=True)
class SuperResolver(TrainingOptions):
    """Estimate an image of 2 to 4 times the pixels from one of few: bicubic enlargement, then a network that adds what it lacks.

    It learns from images that are shrunk (antialiased cubic) and enlarged again, square by square. Colour images are worked on
    in their luminance. A network makes detail that is probable, not detail that was seen: judge on truth, never diagnose from it.
    """

    network: Annotated[Literal["srcnn-9-1-5", "srcnn-9-5-5", "vdsr", "vdsr-light"], Label("ネットワーク", "Network")] = (
        "vdsr-light"
    )
    depth: Annotated[Depth, Label("vdsr-light の畳み込み層の数", "Convolutions of vdsr-light")] = 6
    width: Annotated[Width, Label("vdsr-light の特徴マップの数", "Feature maps of vdsr-light")] = 32
    factor: Annotated[int, Ge(2), Le(4), Label("拡大率", "Enlargement")] = 2
    all_factors: Annotated[bool, Label("2、3、4 倍を同時に学習 (マルチスケール)", "Learn 2, 3 and 4 times together")] = False
    loss: Annotated[Literal["mse", "perceptual"], Label("損失関数", "Loss")] = "mse"
    pixel_weight: Annotated[float, Ge(0), Le(1000), Label("画素の二乗誤差の重み", "Weight of the squared pixel error")] = 1.0
    perceptual_weight: Annotated[
        float, Gt(0), Le(1000), Label("Perceptual loss の重み α", "Weight alpha of the perceptual loss")
    ] = 0.01
    features: Annotated[FeatureNetwork, Label("特徴を取り出すネットワーク", "Network that gives the features")] = FEATURES
    feature_weights: Annotated[str, Label("その重み (installed、hub、ファイル名)", "Its weights (installed, hub or a file)")] = (
        "installed"
    )
    learn_from: Annotated[
        Literal["images", "pictures"],
        Label("学習に使う画像 (pictures = scikit-image 付属の写真)", "Learn from (pictures: those scikit-image ships)"),
    ] = "images"
    patch_px: Annotated[int, Ge(16), Le(512), Label("学習に使う領域の一辺", "Side of the training squares", "px")] = 41
    stride_px: Annotated[int, Ge(1), Le(512), Label("領域の間隔", "Stride of the training squares", "px")] = 41
    patches: Annotated[int, Ge(1), Le(100_000), Label("画像あたりの最大領域数", "Most squares of an image")] = 256
    turned: Annotated[bool, Label("回転・反転で学習画像を増やす", "Turn and mirror the squares")] = True
    last_layer_rate: Annotated[
        float,
        Gt(0),
        Le(1),
        Label("最終層の勾配の倍率 (SGD で学習率の比)", "Factor of the last layer's gradient (with SGD: of its rate)"),
    ] = 1.0
    batch_size: Annotated[int, Ge(1), Le(4096), Label("バッチサイズ", "Batch size")] = 16
    learning_rate: Annotated[float, Gt(0), Le(10), Label("学習率", "Learning rate")] = 2e-3
    weight_decay: Annotated[float, Ge(0), Le(1), Label("重み減衰", "Weight decay")] = 0.0

    @property
    def name(self) -> Text:
        """What reports call it."""
        size = f" ({self.depth} x {self.width})" if self.network == "vdsr-light" else ""
        loss = "" if self.loss == "mse" else " + Perceptual loss"
        words = f"{NAMES[self.network]}{size}{loss}"
        return Text(f"{words} ({self.factor} 倍)", f"{words}, x{self.factor}")

    @property
    def factors(self) -> tuple[int, ...]:
        """By which factors images are shrunk for training."""
        return FACTORS if self.all_factors else (self.factor,)

    def build(self, *, seed: int) -> torch.nn.Module:
        """The untrained network; the same seed gives the same weights."""
        import torch

        from gazo.nets.srcnn import srcnn
        from gazo.nets.vdsr import vdsr

        torch.manual_seed(derived_seed(seed, "weights"))
        if self.network.startswith("srcnn"):
            return srcnn("9-1-5" if self.network == "srcnn-9-1-5" else "9-5-5")
        light = self.network == "vdsr-light"
        return vdsr(self.depth if light else DEPTH, self.width if light else WIDTH)

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.15,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedSuperResolver:
        """Train on `images`, of which a part drawn by patient is watched, or on scikit-image's pictures where `learn_from` says so.

        Near copies stay on one side. With a `checkpoint` file an interrupted training goes on where it was.
        """
        taught, watched = self._parts(images, validation_share, seed, on_event)
        return self.fit_rows(self.taught_by(images), taught, watched, seed=seed, checkpoint=checkpoint, on_event=on_event)

    def taught_by(self, images: ImageSet) -> ImageSet:
        """The images whose squares are learned from."""
        from gazo.datasets.pictures import pictures

        return pictures() if self.learn_from == "pictures" else images

    def _parts(
        self, images: ImageSet, share: float, seed: int, on_event: OnEvent
    ) -> tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]:
        """Rows to learn from and rows to watch."""
        taught = self.taught_by(images)
        if not share or len(taught) < 2 or taught is not images:
            return np.arange(len(taught)), np.zeros(0, np.int64)
        fold = watched_fold(images, share, seed=seed, on_event=on_event)
        return fold.train, fold.test

    def fit_rows(
        self,
        images: ImageSet,
        train_rows: NDArray[np.integer[Any]],
        validation_rows: NDArray[np.integer[Any]],
        *,
        seed: int,
        checkpoint: Path | None = None,
        folder: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedSuperResolver:
        """As `fit`, on named rows of `images`."""
        from gazo.training.loop import Part, train

        rows = np.concatenate([train_rows, validation_rows]).astype(np.int64)
        cut = Cutting(self.factors, self.patch_px, self.stride_px, self.patches, derived_seed(seed, "patches"))
        with patch_pairs(images.take(rows), cut, folder=folder, on_event=on_event) as pairs:
            taught, watched = (np.flatnonzero((pairs.image < len(train_rows)) == side) for side in (True, False))
            self._need_squares(taught)
            net = self.build(seed=seed)
            self._slow_last_layer(net)
            loss = self.loss_of(int(net.margin))  # type: ignore[arg-type]
            trained = train(
                net, PatchFeed(pairs, taught, self.batch_size, seed, self.turned), [Part(loss)], self, seed=seed,
                watch=(lambda net: {"validation_loss": _mean_error(net, pairs, watched)}) if len(watched) else None,
                checkpoint=checkpoint, on_event=on_event,
            )  # fmt: skip
            faults = pairs.faults
        return FittedSuperResolver(self, (trained.net,), seed, (trained.history,), faults)

    def loss_of(self, margin: int) -> Any:
        """The loss of a batch: squared error of the pixels (eq. 2) and, where asked for, of the features (eq. 3)."""
        maps = feature_maps(self.features, self.feature_weights) if self.loss == "perceptual" else None

        def loss(net: torch.nn.Module, batch: Batch) -> torch.Tensor:
            made, truth = (inner(planes.float(), margin) for planes in (net(batch.images), batch.targets))
            total = self.pixel_weight * mean_squared_error(made, truth)
            if maps is not None:
                total = total + perceptual_loss(made, truth, features=maps, weight=self.perceptual_weight)
            return total

        return loss

    def _slow_last_layer(self, net: torch.nn.Module) -> None:
        """SRCNN's paper lets the last layer learn at a tenth of the rate; with SGD that is a tenth of its gradient."""
        last = [layer for layer in net.modules() if hasattr(layer, "kernel_size")][-1]
        for parameter in last.parameters() if self.last_layer_rate < 1 else ():
            parameter.register_hook(lambda gradient: gradient * self.last_layer_rate)  # type: ignore[no-untyped-call]

    def _need_squares(self, taught: NDArray[np.integer[Any]]) -> None:
        if len(taught) < 2:
            raise DataError(
                "G-EST-006",
                en=f"no training image is as large as {self.patch_px} px; choose larger images or a smaller --patch-px.",
                ja=f"学習用の画像に {self.patch_px} px 四方より大きいものがありません。大きな画像を使うか、--patch-px を小さくしてください。",
            )

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained: parts, weights of the features. Reads no image."""
        from gazo.learn.protocol import plan

        if self.learn_from == "images":
            plan(images, protocol, seed=seed)
        if self.loss == "perceptual":
            feature_maps(self.features, self.feature_weights)

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> SuperResolutionStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.estimate.resolver_study.study`."""
        from gazo.learn.estimate.resolver_study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)


def inner(planes: torch.Tensor, margin: int) -> torch.Tensor:
    """Without the border into which continued pixels reach."""
    return planes[..., margin:-margin, margin:-margin] if margin else planes


def _mean_error(net: torch.nn.Module, pairs: PatchPairs, numbers: NDArray[np.integer[Any]]) -> float:
    """Mean squared error over the watched squares."""
    import torch

    device = next(net.parameters()).device
    total = 0.0
    for start in range(0, len(numbers), 256):
        both = torch.from_numpy(pairs.read(numbers[start : start + 256])).to(device)
        total += float(((net(both[:, :1]) - both[:, 1:]) ** 2).mean((1, 2, 3)).sum())
    return total / len(numbers)
