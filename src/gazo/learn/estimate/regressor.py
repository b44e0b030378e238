"""A number from an image: the specification of a regression and its training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.imageset import ImageSet
from gazo.core.methods import method
from gazo.core.parameters import Gt, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.datasets.splits import ValidationShare
from gazo.learn.estimate.fitted_regressor import FittedRegressor
from gazo.learn.estimate.targets import by_value, need_spread, values_of
from gazo.learn.folds import watched_fold
from gazo.learn.image_network import NamedNetwork
from gazo.training.pixels import PreparedPixels, prepare

if TYPE_CHECKING:
    import torch

    from gazo.learn.estimate.regressor_results import RegressionStudy
    from gazo.learn.protocol import Protocol
    from gazo.training.feed import Batch


@method("estimate", "値の推定 (回帰)", "Value regression", name="regress", booklet="E5")
@dataclass(frozen=True, kw_only=True)
class Regressor(NamedNetwork):
    """Estimate a number (role value), such as the age, from an image, by the networks of classification with one output.

    The value is learned with mean 0 and standard deviation 1 of the training part. With a few hundred images the features of a
    network that was taught on photographs, kept as they are, and ridge regression on them are hard to beat (`approach` features).
    """

    approach: Annotated[
        Literal["fine-tune", "features"],
        Label("学習方法 (features: 特徴は固定しリッジ回帰)", "What learns (features: a ridge on fixed features)"),
    ] = "fine-tune"
    loss: Annotated[Literal["mse", "smooth-l1", "huber"], Label("損失関数", "Loss")] = "smooth-l1"
    delta: Annotated[
        float,
        Gt(0),
        Le(100),
        Label("二乗から絶対値に変わる誤差 (標準偏差の倍数)", "Error where the square becomes absolute, in SD"),
    ] = 1.0
    unit: Annotated[str, Label("値の単位", "Unit of the value")] = ""
    baseline: Annotated[bool, Label("基準手法 (HOG + リッジ回帰) も評価", "Judge HOG + ridge regression beside it")] = True

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.15,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedRegressor:
        """Train on `images` (role value); a part drawn by patient is watched. Near copies stay on one side.

        With a `checkpoint` file an interrupted training goes on where it was.
        """
        images = by_value(images)
        values = values_of(images)
        watched = np.zeros(0, np.int64)
        if validation_share:
            watched = watched_fold(images, validation_share, seed=seed, on_event=on_event).test
        with prepare(images, **self.input_options(), kept_of=self.kept_of(images), on_event=on_event) as pixels:
            rows = np.flatnonzero(pixels.usable)
            watched = np.intersect1d(rows, watched)
            taught = np.setdiff1d(rows, watched)
            return self.fit_prepared(pixels, values, taught, watched, seed=seed, checkpoint=checkpoint, on_event=on_event)

    def fit_prepared(
        self,
        pixels: PreparedPixels,
        values: NDArray[np.floating[Any]],
        train_rows: NDArray[np.integer[Any]],
        validation_rows: NDArray[np.integer[Any]],
        *,
        seed: int,
        features: NDArray[np.floating[Any]] | None = None,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedRegressor:
        """As `fit`, on images that are prepared already; rows are those of `pixels`.

        A ridge learns from both parts; `features` has those of every row where they are known already.
        """
        if len(train_rows) < 2:
            raise DataError(
                "G-EST-013",
                en=f"training needs at least 2 images; {len(train_rows)} can be used. Add images or enlarge the training part.",
                ja=f"学習には 2 枚以上の画像が必要ですが、使えるのは {len(train_rows)} 枚です。画像を増やすか、学習データの割合を大きくしてください。",
            )
        self.need_weights()
        need_spread(np.asarray(values[train_rows], np.float64))
        centre, spread = float(values[train_rows].mean()), float(values[train_rows].std())
        net = self.build(seed=seed, on_event=on_event)
        scaled = (values - centre) / spread
        if self.approach == "features":
            from gazo.learn.estimate.transfer import features_of, fit_ridge
            from gazo.training.devices import pick_device

            rows = np.sort(np.concatenate([train_rows, validation_rows]))
            net = net.to(pick_device(self.device))
            known = features_of(net, pixels, rows, mirrored=self.mirror) if features is None else features[rows]
            fit_ridge(net, known, scaled[rows])
            return FittedRegressor(self, (net,), ((centre, spread),), seed)
        trained = self._trained(net, pixels, scaled, train_rows, validation_rows, seed, checkpoint, on_event)
        return FittedRegressor(self, (trained.net,), ((centre, spread),), seed, (trained.history,))

    def _trained(
        self,
        net: torch.nn.Module,
        pixels: PreparedPixels,
        scaled: NDArray[np.floating[Any]],
        train_rows: NDArray[np.integer[Any]],
        validation_rows: NDArray[np.integer[Any]],
        seed: int,
        checkpoint: Path | None,
        on_event: OnEvent,
    ) -> Any:
        import torch

        from gazo.training.feed import Feed
        from gazo.training.loop import Part, train
        from gazo.training.predict import outputs

        targets = torch.from_numpy(scaled.astype(np.float32))[:, None]
        feed = Feed(pixels, train_rows, targets, self.batch_size, seed, self.augmentation)

        def loss(net: torch.nn.Module, batch: Batch) -> torch.Tensor:
            from gazo.nets.zoo import auxiliary_logits

            said = [(1.0, net(batch.images)), *auxiliary_logits(net)]
            return torch.stack([weight * self.distance(value.float(), batch.targets) for weight, value in said]).sum()

        def watch(net: torch.nn.Module) -> dict[str, float]:
            said = outputs(net, pixels, validation_rows, mirrored=self.mirror)
            return {"validation_loss": float(self.distance(said, targets[validation_rows]))}

        return train(
            net, feed, [Part(loss)], self, seed=seed, watch=watch if len(validation_rows) else None,
            checkpoint=checkpoint, on_event=on_event,
        )  # fmt: skip

    def distance(self, estimate: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """The loss, mean over the batch; d = estimate - target.

        mse: d^2 (estimation article, eq. 2). smooth-l1: d^2 / (2 delta) below delta, else |d| - delta / 2 (Girshick 2015, eq. 3).
        huber: delta times that (Huber 1964).
        """
        from torch.nn import functional

        from gazo.learn.losses import mean_squared_error

        if self.loss == "mse":
            return mean_squared_error(estimate, target)
        if self.loss == "smooth-l1":
            return functional.smooth_l1_loss(estimate, target, beta=self.delta)
        return functional.huber_loss(estimate, target, delta=self.delta)

    def build(self, *, seed: int, on_event: OnEvent = quiet) -> torch.nn.Module:
        """The untrained network with one output; the same seed gives the same weights."""
        import torch

        torch.manual_seed(derived_seed(seed, "weights"))
        net = self.network_of(1, on_event)
        if self.approach == "fine-tune":
            return net
        from gazo.learn.estimate.transfer import feature_ridge

        return feature_ridge(net, self.size_px, 3 if self.colour else 1)

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained: values, parts, network, weights. Reads no image."""
        from gazo.learn.protocol import plan

        need_spread(values_of(images))
        self.check_masks(images)
        plan(by_value(images), protocol, seed=seed)
        self.check_network(1)
        self.need_weights()

    def need_weights(self) -> None:
        """Refuse fixed features of a network that was never taught."""
        if self.approach == "features" and self.weights == "none":
            raise OptionError(
                "G-EST-014",
                en="fixed features need a network that was taught before; weights 'none' are random. Use --weights installed (with "
                "--network efficientnet_lite0), hub or a file, or --approach fine-tune.",
                ja="固定した特徴には学習済みのネットワークが必要ですが、weights が none (乱数) です。--weights installed "
                "(--network efficientnet_lite0 と組み合わせて)、hub、またはファイルを指定するか、--approach fine-tune にしてください。",
            )

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> RegressionStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.estimate.regressor_study.study`."""
        from gazo.learn.estimate.regressor_study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)
