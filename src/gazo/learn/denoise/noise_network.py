"""Noise reduction by a network that predicts the noise, which is then subtracted (smart noise cancellation)."""

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
from gazo.core.parameters import Ge, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed, generator
from gazo.datasets.splits import ValidationShare
from gazo.learn.denoise.fitted import FittedNoiseNetwork
from gazo.learn.denoise.network import build
from gazo.learn.denoise.noise import NoiseModel, Seen
from gazo.learn.denoise.store import LEAST_PX, CleanImages, NoisyCrops
from gazo.learn.folds import watched_fold
from gazo.training.options import TrainingOptions

if TYPE_CHECKING:
    import torch

    from gazo.learn.denoise.results import NoiseReductionStudy
    from gazo.learn.protocol import Protocol
    from gazo.training.feed import Batch

Ints = NDArray[np.integer[Any]]
Target = Literal["noise", "clean", "noise2noise"]
NAMES: dict[str, Text] = {
    "noise": Text("ノイズを予測する", "noise"),
    "clean": Text("画像を予測する", "clean image"),
    "noise2noise": Text("Noise2Noise の", "Noise2Noise"),
}
WATCHED, WATCHED_PX = 8, 256  # images and side of the crops that are watched while training


@method("denoise", "ノイズ予測ネットワーク (SNC)", "Noise-predicting network (SNC)", name="denoise", booklet="P6")
@dataclass(frozen=True, kw_only=True)
class NoiseNetwork(TrainingOptions, NoiseModel):
    """A network maps an image to its noise field; the output image is the image less strength x noise.

    Learned from images taken as free of noise, to which noise of a given dose is added anew each time (Toepfer et al. 2020,
    Carestream Health technical paper: U-Net, L1 loss, 128 x 128 crops, one model for a type of detector). For comparison the network
    can predict the clean image itself, or a second noisy image (Noise2Noise, Lehtinen et al. 2018, ICML). Every image is seen
    on a scale on which its noise is 1 everywhere (`Seen`), measured in the image, so that a model serves other gains and doses nearby.
    """

    target: Annotated[
        Target,
        Label("学習の目標 (ノイズ、ノイズのない画像、別のノイズ画像)", "What is predicted (noise, clean or second noisy image)"),
    ] = "noise"
    network: Annotated[Literal["unet", "mtann"], Label("ネットワーク", "Network")] = "unet"
    width: Annotated[int, Ge(2), Le(256), Label("最初の層のチャンネル数", "Channels of the first layer")] = 16
    depth: Annotated[int, Ge(1), Le(5), Label("U-Net の段数", "Levels of the U-Net")] = 3
    crop_px: Annotated[int, Ge(16), Le(1024), Label("切り出しの一辺", "Side of the crops", "px")] = 128
    crops_per_image: Annotated[
        int, Ge(1), Le(10_000), Label("画像あたりの切り出し数 (エポックごと)", "Crops an image and epoch")
    ] = 8
    strength: Annotated[float, Ge(0), Le(1), Label("抑制の強さ", "Strength")] = 1.0
    epochs: Annotated[int, Ge(1), Le(10_000), Label("エポック数", "Epochs")] = 20
    batch_size: Annotated[int, Ge(1), Le(4096), Label("バッチサイズ", "Batch size")] = 8
    weight_decay: Annotated[float, Ge(0), Le(1), Label("重み減衰", "Weight decay")] = 0.0

    @property
    def name(self) -> Text:
        """What reports call it."""
        net = {"unet": "U-Net", "mtann": "MTANN"}[self.network]
        said = NAMES[self.target]
        return Text(f"{said.ja} {net}", f"{net} that predicts: {said.en}")

    @property
    def noise_model(self) -> NoiseModel:
        """The part of the options that says which noise is learned."""
        return NoiseModel(**{f.name: getattr(self, f.name) for f in fields(NoiseModel)})

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.15,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedNoiseNetwork:
        """Learn from `images`, taken as free of noise. A validation part drawn by patient is watched; near copies stay on one side."""
        watched: Ints = np.zeros(0, np.int64)
        if validation_share:
            watched = watched_fold(images, validation_share, seed=seed, on_event=on_event).test
        with CleanImages.of(images, self.noise_model, on_event=on_event) as clean:
            watched = np.intersect1d(clean.usable, watched)
            taught = np.setdiff1d(clean.usable, watched)
            return self.fit_prepared(clean, taught, watched, seed=seed, checkpoint=checkpoint, on_event=on_event)

    def fit_prepared(
        self,
        clean: CleanImages,
        train_rows: Ints,
        validation_rows: Ints,
        *,
        seed: int,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedNoiseNetwork:
        """As `fit`, on images that are read already; rows are those of `clean`."""
        from gazo.training.loop import Part, train

        if len(train_rows) < 1:
            raise DataError(
                "G-DEN-004",
                en=f"training needs at least 1 image of at least {LEAST_PX} x {LEAST_PX} px that can be used; there is none. Add images.",
                ja=f"学習には {LEAST_PX} × {LEAST_PX} 画素以上の使える画像が 1 枚以上必要ですが、ありません。画像を追加してください。",
            )
        least = min(min(clean.places[int(row)][1]) for row in train_rows)
        unit = 2**self.depth
        crop = min(self.crop_px, least) // unit * unit
        if crop == 0:
            raise DataError(
                "G-DEN-005",
                en=f"a U-Net of {self.depth} levels needs images of at least {unit} px; the smallest has {least} px. Lower depth, or leave small images out.",
                ja=f"{self.depth} 段の U-Net には一辺 {unit} px 以上の画像が必要ですが、最小の画像は {least} px です。depth を小さくするか、小さい画像を除いてください。",
            )
        net = self.build(seed=seed)
        model = self.noise_model
        feed = NoisyCrops(clean, train_rows, model, self, self.target, crop, self.crops_per_image, derived_seed(seed, "crops"))
        watch = self._watch(clean, validation_rows[:WATCHED], seed) if len(validation_rows) else None
        trained = train(net, feed, [Part(_l1)], self, seed=seed, watch=watch, checkpoint=checkpoint, on_event=on_event)
        return FittedNoiseNetwork(self, (trained.net,), seed, (trained.history,))

    def _watch(self, clean: CleanImages, rows: Ints, seed: int) -> Any:
        """The mean error of the noise told in crops that stay the same, on the scale of the training."""
        pairs = []
        for row in rows:
            pixels = clean.read(int(row))
            middle = tuple(slice(max(0, (n - WATCHED_PX) // 2), max(0, (n - WATCHED_PX) // 2) + WATCHED_PX) for n in pixels.shape)
            pixels = np.ascontiguousarray(pixels[middle])
            law = clean.laws[int(row)]
            noisy = self.noise_model.add(pixels, law, generator(seed, "watched", int(row)))
            pairs.append((noisy, noisy - pixels, law, Seen.of(noisy, law).spread))

        def watch(net: torch.nn.Module) -> dict[str, float]:
            told = FittedNoiseNetwork(self, (net,), seed)
            errors = [float(np.abs((told.noise_in(noisy, law) - noise) / spread).mean()) for noisy, noise, law, spread in pairs]
            return {"validation_loss": float(np.mean(errors))}

        return watch

    def build(self, *, seed: int) -> torch.nn.Module:
        """The untrained network; the same seed gives the same weights."""
        import torch

        torch.manual_seed(derived_seed(seed, "weights"))
        return build(self.network, width=self.width, depth=self.depth)

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained. Reads no image."""
        from gazo.learn.protocol import plan

        plan(images, protocol, seed=seed)

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> NoiseReductionStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.denoise.study.study`."""
        from gazo.learn.denoise.study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)


def _l1(net: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """Mean absolute error."""
    from torch.nn import functional

    return functional.l1_loss(net(batch.images), batch.targets)
