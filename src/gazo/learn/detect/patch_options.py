"""How a patch network is taught: equal classes, then once more with the false positives of the first pass."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from gazo.core.parameters import Ge, Label, Le, Lt
from gazo.core.progress import OnEvent, quiet
from gazo.core.seeds import derived_seed, generator
from gazo.learn.detect.cad_options import Rows, need_lesions_and_others, sigmoid
from gazo.learn.detect.candidates import Points, peaks
from gazo.learn.detect.candidates_cases import SpotCases
from gazo.learn.detect.candidates_planes import channel_count
from gazo.learn.detect.dense import dense_map
from gazo.learn.detect.patch_feed import Cuts, PatchFeed, cuts_at, random_points
from gazo.training.augment import Augmentation, Flip
from gazo.training.options import TrainingOptions

if TYPE_CHECKING:
    import torch

    from gazo.learn.detect.patch_network import PatchNetwork
    from gazo.training.loop import History

HARD = 60  # false positives of an image at most, of the first pass


@dataclass(frozen=True, kw_only=True)
class PatchOptions(TrainingOptions, Augmentation):
    """The patches, the network and its training."""

    batch_size: Annotated[int, Ge(4), Le(4096), Label("バッチサイズ", "Batch size")] = 64
    epochs: Annotated[int, Ge(1), Le(10_000), Label("エポック数", "Epochs")] = 20
    learning_rate: Annotated[float, Ge(1e-6), Le(1), Label("学習率", "Learning rate")] = 3e-3
    rotation_deg: Annotated[float, Ge(0), Le(180), Label("回転", "Rotation", "°")] = 180.0
    translation_percent: Annotated[
        float, Ge(0), Le(50), Label("平行移動 (切り出した一辺に対する割合)", "Shift, share of the side that is cut", "%")
    ] = 5.0
    flip: Annotated[Flip, Label("反転", "Flip")] = "both"
    gamma_percent: Annotated[float, Ge(0), Le(300), Label("ガンマ (階調)", "Gamma", "%")] = 0.0
    contrast_percent: Annotated[float, Ge(0), Lt(100), Label("コントラスト", "Contrast", "%")] = 15.0
    enhancement: Annotated[
        Literal["none", "filters", "both"],
        Label("入力 (原画像、二重リング・シェイプインデックス・ガボール、両方)", "Input: image, enhancement filters, or both"),
    ] = "both"
    patch_px: Annotated[int, Ge(20), Le(128), Label("パッチの一辺 (4 の倍数)", "Side of a patch (a multiple of 4)", "px")] = 32
    width: Annotated[int, Ge(4), Le(128), Label("最初の層のチャンネル数", "Maps of the first layer")] = 16
    drop: Annotated[float, Ge(0), Lt(1), Label("ドロップアウト率", "Dropout before the last layer")] = 0.3
    stride: Annotated[Literal[1, 2, 4], Label("走査の間隔", "Stride of the raster scan", "px")] = 2
    patches: Annotated[int, Ge(16), Le(10_000_000), Label("1 エポックのパッチ数", "Patches of an epoch")] = 2048
    passes: Annotated[
        int, Ge(1), Le(5), Label("学習の回数 (2 回目以降は偽陽性を加える)", "Passes (from the second on with false positives)")
    ] = 2

    @property
    def augmentation(self) -> Augmentation:
        """The part of the options that says how patches are varied."""
        return Augmentation(**{f.name: getattr(self, f.name) for f in fields(Augmentation)})

    def network(self, *, seed: int) -> PatchNetwork:
        """The untrained network; the same seed gives the same weights."""
        import torch

        from gazo.learn.detect.patch_network import PatchNetwork

        torch.manual_seed(derived_seed(seed, "weights"))
        return PatchNetwork(channels=channel_count(self.enhancement), patch_px=self.patch_px, width=self.width, drop=self.drop)

    def taught_network(
        self, cases: SpotCases, rows: Rows, *, seed: int, checkpoint: Path | None = None, on_event: OnEvent = quiet
    ) -> tuple[PatchNetwork, History]:
        """A network taught on lesions, random places and candidates; in later passes also on what it took for lesions."""
        from gazo.training.loop import Part, train

        pools = self._pools(cases, rows, seed)
        net, history = self.network(seed=seed), None
        for number in range(self.passes):
            if number:
                wrong = [(int(row), self._false_positives(net, cases, int(row))) for row in rows]
                pools = (*pools[:3], cuts_at(cases, wrong, self.enhancement, self.patch_px))
            feed = PatchFeed(
                pools[0],
                pools[1:],
                self.patch_px,
                self.batch_size,
                self.patches,
                derived_seed(seed, "pass", number),
                self.augmentation,
            )
            stored = None if checkpoint is None else checkpoint.with_suffix(f".pass{number}.pt")
            trained = train(net, feed, [Part(_loss)], self, seed=seed + number, checkpoint=stored, on_event=on_event)
            if stored is not None and number + 1 == self.passes:
                for old in range(self.passes):
                    checkpoint.with_suffix(f".pass{old}.pt").unlink(missing_ok=True)  # type: ignore[union-attr]
            net, history = trained.net, trained.history  # type: ignore[assignment]
        assert history is not None
        return net, history

    def _pools(self, cases: SpotCases, rows: Rows, seed: int) -> tuple[Cuts, ...]:
        """Patches of lesions, of random places, and of candidates that are none."""
        rng = generator(seed, "places")
        lesions = [(int(row), cases.lesion_points(int(row))) for row in rows]
        places = [(int(row), random_points(cases, int(row), 100, rng)) for row in rows]
        others = [(int(row), _others(cases, int(row), cases.points[int(row)])) for row in rows]
        need_lesions_and_others(sum(len(p) for _, p in lesions), sum(len(p) for _, p in places))
        return tuple(cuts_at(cases, where, self.enhancement, self.patch_px) for where in (lesions, places, others))

    def _false_positives(self, net: PatchNetwork, cases: SpotCases, row: int) -> Points:
        points, _ = self.scanned(net, cases, row, most=2 * HARD, apart=cases.radius[row])
        return _others(cases, row, points)[:HARD]

    def scanned(self, net: Any, cases: SpotCases, row: int, *, most: int, apart: float) -> tuple[Points, Any]:
        """The highest local maxima of the raster scan, and their scores."""
        told = dense_map(net, cases.channels(row, self.enhancement), stride=self.stride)
        inside = cases.inside(row)[:: self.stride, :: self.stride]
        points = peaks(told, inside, apart / self.stride, most)
        return points * self.stride, sigmoid(told[tuple(points.T)])


def _others(cases: SpotCases, row: int, points: Points) -> Points:
    return points[~cases.hit(row, points)]


def _loss(net: Any, batch: Any) -> torch.Tensor:
    from torch.nn import functional

    return functional.binary_cross_entropy_with_logits(net(batch.images).float(), batch.targets)
