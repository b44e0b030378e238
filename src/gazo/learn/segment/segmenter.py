"""Segmentation by a network: the specification, and training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Ge, Label, Le, Lt
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.datasets.splits import ValidationShare
from gazo.learn.folds import watched_fold
from gazo.learn.segment.cases import CaseStore, Channel, Look, prepare_cases
from gazo.learn.segment.feed import CaseFeed
from gazo.learn.segment.fitted import FittedSegmenter
from gazo.learn.segment.infer import Mirror
from gazo.learn.segment.judgement import SegmentationJudgement
from gazo.learn.segment.labels import Survey, masked_rows, survey, with_masks
from gazo.learn.segment.losses import SegmentationLoss, segmentation_loss
from gazo.learn.segment.plan import Fingerprint, SegmentationPlan, planned, pooling
from gazo.nets.unet_choices import SegmentationNetwork, fits
from gazo.training.augment import Augmentation
from gazo.training.options import TrainingOptions

if TYPE_CHECKING:
    import torch

    from gazo.learn.protocol import Protocol
    from gazo.learn.segment.results import SegmentationStudy

Rows = NDArray[np.integer[Any]]


@dataclass(frozen=True, kw_only=True)
class SegmenterOptions(TrainingOptions, Augmentation, SegmentationJudgement):
    """Everything about a segmenter but its network."""

    configure: Annotated[
        Literal["given", "auto"], Label("構成の決め方 (auto: データから nnU-Net の規則で)", "Configuration (auto: from the data by nnU-Net's rules)")
    ] = "given"  # fmt: skip
    dimensions: Annotated[Literal["auto", "2d", "3d"], Label("次元 (auto: 画像と同じ)", "Dimensions (auto: as the images)")] = (
        "auto"
    )
    learn_from: Annotated[
        Literal["auto", "whole", "patches"], Label("学習の単位 (auto: 平面画像は全体、立体は小領域)", "Learn from (auto: whole planes, pieces of volumes)")
    ] = "auto"  # fmt: skip
    size_px: Annotated[int, Ge(16), Le(2048), Label("画像全体の一辺", "Side of whole images", "px")] = 192
    patch_px: Annotated[int, Ge(16), Le(2048), Label("小領域の一辺", "Side of pieces", "px")] = 96
    patch_planes: Annotated[int, Ge(8), Le(512), Label("小領域の面数 (3D)", "Planes of pieces (3D)")] = 32
    patches: Annotated[
        int, Ge(1), Le(10_000), Label("1 エポックに画像 1 枚から取る小領域の数", "Pieces of each image in an epoch")
    ] = 8  # fmt: skip
    shrink: Annotated[
        float, Ge(1), Le(16), Label("小領域で学習する画像の縮小率 (1 = 原寸)", "Shrinking of images learned in pieces (1 = none)")
    ] = 1.0
    memory_gib: Annotated[float, Ge(0.05), Le(1000), Label("学習に使うメモリ (auto)", "Memory for training (auto)", "GiB")] = 8.0
    channel: Annotated[Channel, Label("使う色", "Channel")] = "grey"
    equalise: Annotated[bool, Label("CLAHE でコントラストを整える", "Equalise contrast (CLAHE)")] = False
    values: Annotated[
        Literal["auto", "image", "ct"], Label("画素値の標準化 (auto: HU なら ct)", "Scaling of values (auto: ct for HU)")
    ] = "auto"  # fmt: skip
    width: Annotated[int, Ge(4), Le(128), Label("最初の段の特徴数", "Features of the first level")] = 16
    depth: Annotated[int, Ge(2), Le(8), Label("段数の上限", "Most levels")] = 5
    normalisation: Annotated[
        Literal["batch", "instance", "none"], Label("正規化層 (unet のみ)", "Normalisation layers (unet only)")
    ] = "batch"  # fmt: skip
    drop: Annotated[float, Ge(0), Lt(1), Label("ドロップアウト率", "Dropout")] = 0.0
    deep_supervision: Annotated[bool, Label("中間層も教師あり学習 (dynunet のみ)", "Deep supervision (dynunet only)")] = True
    loss: Annotated[SegmentationLoss, Label("損失関数", "Loss")] = "dice+ce"
    gamma: Annotated[float, Ge(0), Le(10), Label("Focal 損失の γ", "Gamma of the focal loss")] = 2.0
    overlap: Annotated[float, Ge(0), Lt(0.95), Label("推論時の小領域の重なり", "Overlap of pieces when predicting")] = 0.5
    mirror: Annotated[Mirror, Label("推論時に反転像も使う", "Average with mirror images when predicting")] = "none"

    @property
    def augmentation(self) -> Augmentation:
        """The part of the options that says how training images are varied."""
        return Augmentation(**{f.name: getattr(self, f.name) for f in fields(Augmentation)})

    @property
    def look(self) -> Look:
        """How an image is looked at before it is scaled."""
        return Look(channel=self.channel, equalise=self.equalise)


@method("segment", "領域分割 (セグメンテーション)", "Segmentation", name="segment", booklet="C3")
@dataclass(frozen=True, kw_only=True)
class Segmenter(SegmenterOptions):
    """Find the pixels of organs or other structures by a U-Net or one of its relatives.

    Soft Dice and cross entropy are minimised, on whole images of one size or on pieces; volumes by networks of two or three
    dimensions. `configure` "auto" takes spacing, piece, depth and batch from the training images by the rules of nnU-Net. Masks come
    back in the geometry of the image.
    """

    network: Annotated[SegmentationNetwork, Label("ネットワーク", "Network")] = "unet"

    @property
    def name(self) -> Text:
        """What reports call it."""
        return Text(self.network, self.network)

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before an image is read."""
        from gazo.learn.segment.study import need_columns

        need_columns(self, images)
        masked_rows(images)
        for dims in {"2d": (2,), "3d": (3,), "auto": (2,)}[self.dimensions]:
            plan = self._given(dims)
            fits(self.network, plan.patch, plan.pools)
        from gazo.learn.protocol import plan as drawn

        drawn(with_masks(images), protocol, seed=seed)

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.15,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedSegmenter:
        """Train on `images` (role mask). A validation part drawn by patient is watched; near copies stay on one side."""
        chosen = with_masks(images)
        seen = survey(chosen, on_event=on_event)
        structures = seen.structures(self.structures)
        every = np.arange(len(chosen))
        watched = every[:0]
        if validation_share:
            watched = watched_fold(chosen, validation_share, seed=seed, on_event=on_event).test
        taught = np.setdiff1d(every, watched)
        return self.fit_rows(
            chosen, taught, watched, seen, structures, seed=seed, checkpoint=checkpoint, on_event=on_event
        )  # fmt: skip

    def fit_rows(
        self,
        images: ImageSet,
        taught: Rows,
        watched: Rows,
        seen: Survey,
        structures: tuple[str, ...],
        *,
        seed: int,
        folder: Path | None = None,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedSegmenter:
        """As `fit`, on rows that are chosen already. The plan comes from the rows that are taught, and from no others."""
        from gazo.training.loop import Part, train

        plan = self.plan(seen.fingerprint(taught))
        with prepare_cases(
            images, np.concatenate([taught, watched]), self.look, plan, structures, folder=folder, on_event=on_event
        ) as store:  # fmt: skip
            rows = store.usable(taught)
            if len(rows) < 2:
                raise _too_few(len(rows))
            net = self.build(len(structures) + 1, plan, seed=seed)
            feed = CaseFeed(store, rows, plan, seed, self.patches, self.augmentation)
            trained = train(
                net, feed, [Part(self._loss)], self, seed=seed, watch=self._watch(store, store.usable(watched), plan, seed),
                checkpoint=checkpoint, on_event=on_event,
            )  # fmt: skip
        return FittedSegmenter(self, structures, (plan,), (trained.net,), seed, (trained.history,))

    def plan(self, found: Fingerprint) -> SegmentationPlan:
        """How images reach the network: from the options, or by nnU-Net's rules from the training part."""
        volumes = bool((found.shapes[:, 0] > 1).any())
        dims = {"auto": 3 if volumes else 2, "2d": 2, "3d": 3}[self.dimensions]
        if dims == 3 and not volumes:
            raise DataError(
                "G-SEG-014",
                en="dimensions '3d' needs volumes; these images are flat. Set dimensions to auto or 2d.",
                ja="dimensions が 3d のときは立体画像が必要ですが、平面画像です。dimensions を auto か 2d にしてください。",
            )
        if self.configure == "auto":
            plan = planned(found, dims=dims, memory_gib=self.memory_gib, width=self.width)
        else:
            plan = self._given(dims)
        if self.values == "ct" or (self.values == "auto" and found.ct):
            plan = replace(plan, values="ct", intensity=(*found.percentiles, found.mean, found.sd))
        fits(self.network, plan.patch, plan.pools)
        return plan

    def _given(self, dims: int) -> SegmentationPlan:
        """The plan of the options alone."""
        whole = dims == 2 and self.learn_from != "patches"
        side = self.size_px if whole else self.patch_px
        patch = (side, side) if dims == 2 else (self.patch_planes, side, side)
        pools, kernels = pooling(patch, most=self.depth - 1)
        return SegmentationPlan(dims, whole, patch, self.batch_size, pools, kernels, shrink=1.0 if whole else self.shrink)

    def build(self, classes: int, plan: SegmentationPlan, *, seed: int) -> torch.nn.Module:
        """The untrained network; the same seed gives the same weights."""
        import torch

        from gazo.nets.unet_choices import create_segmentation

        torch.manual_seed(derived_seed(seed, "weights"))
        return create_segmentation(
            self.network, classes=classes, channels=self.look.channels, width=self.width, patch=plan.patch, pools=plan.pools,
            kernels=plan.kernels, normalisation=self.normalisation, drop=self.drop, deep_supervision=self.deep_supervision,
        )  # fmt: skip

    def _loss(self, net: torch.nn.Module, batch: Any) -> torch.Tensor:
        return segmentation_loss(net(batch.images), batch.targets, kind=self.loss, gamma=self.gamma)

    def _watch(self, store: CaseStore, rows: Sequence[int], plan: SegmentationPlan, seed: int) -> Any:
        """What is looked at after each epoch: loss and Dice on the same validation batches every time; None without any."""
        if not rows:
            return None
        batches = list(CaseFeed(store, rows, plan, derived_seed(seed, "watched"), self.patches).epoch(0))

        def watch(net: torch.nn.Module) -> dict[str, float]:
            device = next(net.parameters()).device
            losses, common, sizes = [], 0, 0
            for images, targets, _ in batches:
                logits, truth = net(images.to(device)), targets.to(device)
                losses.append(float(segmentation_loss(logits, truth, kind=self.loss, gamma=self.gamma)))
                said = logits.argmax(1)
                common += int(((said == truth) & (truth > 0)).sum())
                sizes += int((said > 0).sum()) + int((truth > 0).sum())
            return {"validation_loss": float(np.mean(losses)), "validation_dice": 2 * common / max(1, sizes)}

        return watch

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> SegmentationStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.segment.study.study`."""
        from gazo.learn.segment.study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)


def _too_few(count: int) -> DataError:
    return DataError(
        "G-SEG-015",
        en=f"training needs at least 2 images with masks; {count} can be used. Add images or enlarge the training part.",
        ja=f"学習にはマスク付きの画像が 2 枚以上必要ですが、使えるのは {count} 枚です。画像を増やすか、学習データの割合を大きくしてください。",
    )
