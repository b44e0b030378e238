"""Segmentation without a network: lungs by a shape prior, a threshold and a watershed; and simpler methods to compare with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, FileError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import method, options_of
from gazo.core.parameters import Gt, Label, Lt
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.splits import ValidationShare
from gazo.learn.saved import MODEL, save_networks
from gazo.learn.segment.cases import Look, channel_planes, resized
from gazo.learn.segment.fitted import FindsStructures, Found
from gazo.learn.segment.infer import tidied
from gazo.learn.segment.judgement import SegmentationJudgement
from gazo.learn.segment.labels import Survey, labels_of, masked_rows, survey, with_masks

if TYPE_CHECKING:
    from gazo.learn.protocol import Protocol
    from gazo.learn.segment.results import SegmentationStudy

Floats = NDArray[np.float32]
PRIOR_PX, PRIOR_PLANES, WORK_PX = 64, 16, 256
RIDGE_IMAGES = 8  # from which the threshold of ridges is taken


@method(
    "segment",
    "古典的な肺野抽出 (形状事前分布 + watershed)",
    "Classical lung segmentation (shape prior, watershed)",
    name="classical-lungs",
    booklet="C3",
)
@dataclass(frozen=True, kw_only=True)
class ClassicalLungs(SegmentationJudgement):
    """Lung fields of chest radiographs without a network.

    The mean of the training masks, moved and scaled to where it agrees best with dark places, says where lungs may lie. There Otsu's threshold (1979) tells dark from bright. Dark pixels of likely
    places and all pixels of sure places mark the lungs, unlikely places the rest, and a watershed on the gradient (Beucher & Meyer
    1993) draws the border between the marks. Closing, opening, the largest parts and filled holes come last.
    """

    sure: Annotated[float, Gt(0.5), Lt(1), Label("必ず肺野とする事前確率", "Prior from which a place is lung for certain")] = 0.7
    likely: Annotated[float, Gt(0.05), Lt(1), Label("暗ければ肺野とする事前確率", "Prior from which a dark place is lung")] = 0.4
    never: Annotated[float, Gt(0), Lt(0.5), Label("肺野としない事前確率", "Prior below which a place is never lung")] = 0.15

    @property
    def name(self) -> Text:
        """What reports call it."""
        return Text("古典的な肺野抽出", "classical lungs")

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before an image is read."""
        from gazo.learn.protocol import plan
        from gazo.learn.segment.study import need_columns

        need_columns(self, images)
        masked_rows(images)
        plan(with_masks(images), protocol, seed=seed)

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.0,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedClassical:
        """Take the mean of the masks; nothing is watched and nothing is random, so the share and the seed change nothing."""
        chosen = with_masks(images)
        seen = survey(chosen, on_event=on_event)
        every = np.arange(len(chosen))
        return self.fit_rows(chosen, every, every[:0], seen, seen.structures(self.structures), seed=seed)

    def fit_rows(
        self, images: ImageSet, taught: Any, watched: Any, seen: Survey, structures: tuple[str, ...], *, seed: int, **_: Any
    ) -> FittedClassical:
        """As `fit`, on rows that are chosen already."""
        if len(structures) > 1:
            raise DataError(
                "G-SEG-017",
                en=f"the classical method finds one structure, the lungs; the masks show {len(structures)}. Use the network, or masks of the lungs alone.",
                ja=f"古典的な方法で抽出できる構造は肺野の 1 つだけですが、マスクには {len(structures)} 個あります。ネットワークを使うか、肺野だけのマスクを用意してください。",
            )
        return FittedClassical(self, structures, mean_mask(images, taught, seen, structures), seed)

    def look_at(self, image: Image, prior: Floats) -> Floats:
        """Shares of background and lungs, (2, rows, columns)."""
        from scipy.ndimage import binary_closing, binary_opening, gaussian_filter
        from skimage.filters import sobel, threshold_otsu
        from skimage.segmentation import watershed

        if len(image.shape) != 2:
            raise DataError(
                "G-SEG-018",
                en=f"lungs are looked for in flat radiographs; an image of shape {image.shape} came. Choose other images.",
                ja=f"肺野抽出の対象は平面の X 線画像です。形 {image.shape} の画像が渡されました。別の画像を選んでください。",
            )
        planes = channel_planes(image, Look())
        scale = WORK_PX / max(image.shape)
        rows, columns = (max(8, round(n * scale)) for n in image.shape)
        grey = evened(gaussian_filter(resized(planes, (1, rows, columns))[0, 0], 1.5))
        chance = resized(laid(prior[1, 0], grey)[None, None], (1, rows, columns))[0, 0]
        possible = chance > self.never
        values = grey[possible]
        dark = grey < (threshold_otsu(values) if np.ptp(values) > 0 else values.min())
        marks = np.where(chance >= self.sure, 2, np.where((chance >= self.likely) & dark, 2, 0))
        marks[~possible] = 1
        marks[(chance < self.likely / 2) & ~dark] = 1
        lungs = binary_closing(np.pad(watershed(sobel(grey), marks) == 2, 12), iterations=8)[12:-12, 12:-12]
        lungs = binary_opening(lungs, iterations=4)
        share = gaussian_filter(lungs.astype(np.float32), 1.0)
        back = resized(np.stack([1 - share, share])[:, None], (1, *image.shape))
        return back[:, 0]

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> SegmentationStudy:
        """Judge it as a network is judged; see `gazo.learn.segment.study.study`."""
        from gazo.learn.segment.study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)


@dataclass(frozen=True, kw_only=True)
class MeanMask(SegmentationJudgement):
    """The mean of the training masks, wherever the image shows something: what knowing the place alone is worth."""

    def fit_rows(
        self, images: ImageSet, taught: Any, watched: Any, seen: Survey, structures: tuple[str, ...], *, seed: int, **_: Any
    ) -> FittedClassical:
        """Take the mean of the masks."""
        return FittedClassical(self, structures, mean_mask(images, taught, seen, structures), seed)

    def look_at(self, image: Image, prior: Floats) -> Floats:
        """The prior at the size of the image."""
        return resized(prior, image.shape if len(image.shape) == 3 else (1, *image.shape)).reshape(len(prior), *image.shape)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Ridges(SegmentationJudgement):
    """Dark lines by the Hessian filter of Sato et al. (1998) at three widths, above the level that suits the training masks best."""

    look: Look
    shrink: float

    def fit_rows(
        self, images: ImageSet, taught: Any, watched: Any, seen: Survey, structures: tuple[str, ...], *, seed: int, **_: Any
    ) -> FittedClassical:
        """Find the level with the highest Dice over a few training images."""
        rows = [int(row) for row in taught if int(row) in seen.seen][:RIDGE_IMAGES]
        truth = np.concatenate([labels_of(images, row, structures, shape=seen.seen[row].shape).ravel() > 0 for row in rows])
        strength = np.concatenate([self._strength(images[row]).ravel() for row in rows])
        levels = np.quantile(strength, np.linspace(0.5, 0.995, 60))
        overlaps = [2 * np.count_nonzero(truth & (strength > c)) / (truth.sum() + np.count_nonzero(strength > c)) for c in levels]
        return FittedClassical(self, structures, np.array([levels[int(np.argmax(overlaps))]], np.float32), seed)

    def look_at(self, image: Image, prior: Floats) -> Floats:
        """Shares that pass one half where the strength passes the level."""
        strength, level = self._strength(image), max(float(prior[0]), 1e-9)
        share = strength / (strength + level)
        return np.stack([1 - share, share]).astype(np.float32)

    def _strength(self, image: Image) -> Floats:
        from skimage.filters import sato

        plane = channel_planes(image, self.look)[0, 0]
        small = max(1, round(plane.shape[0] / self.shrink)), max(1, round(plane.shape[1] / self.shrink))
        work = resized(plane[None, None], (1, *small))[0, 0]
        lines = sato(work, sigmas=[2 / self.shrink, 3 / self.shrink, 4 / self.shrink], black_ridges=True)
        return np.asarray(resized(np.asarray(lines, np.float32)[None, None], (1, *plane.shape))[0, 0], np.float32)


@dataclass(frozen=True, eq=False)
class FittedClassical(FindsStructures):
    """A method without a network that knows its training masks. `prior` is (n + 1, planes, 64, 64), or the level of ridges."""

    spec: Any
    structures: tuple[str, ...]
    prior: Floats
    seed: int

    def found(self, image: Image) -> Found:
        """The structures in one image."""
        shares = self.spec.look_at(image, self.prior)
        labels = shares.argmax(0).astype(np.uint8)
        lungs = isinstance(self.spec, ClassicalLungs)
        labels = tidied(labels, parts=self.spec.keep_parts or (2 if lungs else 0), fill=self.spec.fill_holes or lungs)
        return Found(labels, shares)

    def save(self, folder: Path | str) -> Path:
        """Write `model.json` into a folder that `load` reads."""
        about = {
            "method": "classical-lungs", "options": options_of(self.spec), "structures": self.structures, "seed": self.seed,
            "shape": self.prior.shape, "prior": [round(float(p), 5) for p in self.prior.ravel()],
        }  # fmt: skip
        return save_networks(folder, (), about)


def load(folder: Path | str, *, trust_file: bool = False) -> FittedClassical:
    """The classical method that `save` wrote; of a run with several folds the mean of what they know."""
    from gazo.learn.saved import parts_of, read_networks

    told = [read_networks(part)[0] for part in parts_of(folder)]
    try:
        priors = [np.array(about["prior"], np.float32).reshape(about["shape"]) for about in told]
        spec = ClassicalLungs(**told[0]["options"])
        return FittedClassical(spec, tuple(told[0]["structures"]), np.mean(priors, 0, dtype=np.float32), told[0]["seed"])
    except (KeyError, ValueError, TypeError):
        raise FileError(
            "G-SEG-019",
            en=f"'{MODEL}' in '{Path(folder).name}' does not hold the classical method as save() writes it. Use an unchanged copy.",
            ja=f"「{Path(folder).name}」の {MODEL} は save() が書いた古典的手法の形式ではありません。変更されていない複製を使ってください。",
        ) from None


def evened(grey: Floats) -> Floats:
    """Brightness against that of the surroundings (a Gaussian of a sixth of the image), so that air and shoulders stand out less."""
    from scipy.ndimage import gaussian_filter

    about = grey - gaussian_filter(grey, max(grey.shape) / 6)
    return np.asarray(about / (about.std() + np.float32(1e-6)), np.float32)


def laid(chance: Floats, grey: Floats) -> Floats:
    """The mean mask (64, 64) moved and scaled so that its correlation with darkness, less a little for each step, is highest."""
    import cv2

    dark = -resized(grey[None, None], (1, PRIOR_PX, PRIOR_PX))[0, 0]
    dark = (dark - dark.mean()) / (dark.std() + np.float32(1e-6))
    middle, best = (PRIOR_PX - 1) / 2, -np.inf
    kept: Any = chance
    for scale in (0.7, 0.8, 0.9, 1.0, 1.1):
        for down in range(-10, 11, 2):
            for right in range(-6, 7, 2):
                shift = [middle * (1 - scale) + right, middle * (1 - scale) + down]
                matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)
                placed = cv2.warpAffine(chance, matrix, (PRIOR_PX, PRIOR_PX))
                score = float(((placed - placed.mean()) * dark).mean() / (placed.std() + 1e-6))
                score -= 0.01 * (abs(down) + abs(right)) + 0.3 * abs(scale - 1)
                if score > best:
                    best, kept = score, placed
    return np.asarray(kept, np.float32)


def simple_method(spec: Any) -> Any:
    """The method judged beside `spec`, with its options of judgement; None where none is asked for."""
    if spec.baseline == "none" or (isinstance(spec, ClassicalLungs) and spec.baseline == "classical-lungs"):
        return None
    shared = {f.name: getattr(spec, f.name) for f in fields(SegmentationJudgement)}
    if spec.baseline == "classical-lungs":
        return ClassicalLungs(**shared)
    if spec.baseline == "ridges":
        return Ridges(**shared, look=getattr(spec, "look", Look()), shrink=getattr(spec, "shrink", 1.0))
    return MeanMask(**shared)


def simple_name(spec: Any) -> Text:
    """What reports call the method judged beside `spec`."""
    return {
        "classical-lungs": Text("古典的な肺野抽出 (watershed)", "classical lungs (watershed)"),
        "ridges": Text("線状構造の強調 + しきい値", "ridge filter and threshold"),
        "mean-mask": Text("平均マスク", "mean mask"),
    }[spec.baseline]


def mean_mask(images: ImageSet, rows: Any, seen: Survey, structures: tuple[str, ...]) -> Floats:
    """How often each place (in shares of the image's sides) belongs to each class: (n + 1, planes, 64, 64)."""
    total: Any = 0.0
    used = [int(row) for row in rows if int(row) in seen.seen]
    for row in used:
        shape = seen.seen[row].shape
        labels = labels_of(images, row, structures, shape=shape)
        whole = labels if labels.ndim == 3 else labels[None]
        hot = (whole[None] == np.arange(len(structures) + 1)[:, None, None, None]).astype(np.float32)
        total = total + resized(hot, (PRIOR_PLANES if labels.ndim == 3 else 1, PRIOR_PX, PRIOR_PX))
    return np.asarray(total / max(1, len(used)), np.float32)
