"""A segmenter that has learned: it labels images, is judged, shows what it found and is stored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError
from gazo.core.history import Step
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import options_of
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.learn.saved import load_networks, parts_of, save_networks
from gazo.learn.segment.cases import in_geometry, inner_shape, network_pixels
from gazo.learn.segment.infer import shares_of, tidied
from gazo.learn.segment.plan import SegmentationPlan

if TYPE_CHECKING:
    import torch

    from gazo.learn.segment.judgement import SegmentationJudgement
    from gazo.learn.segment.results import SegmentationStudy
    from gazo.learn.segment.segmenter import Segmenter
    from gazo.training.loop import History


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in one image, in its geometry: labels 0 ... n, and the shares of all classes (n + 1, *shape)."""

    labels: NDArray[np.uint8]
    shares: NDArray[np.float32]


class FindsStructures(ABC):
    """What every fitted method of segmentation does with what `found` tells of one image."""

    spec: SegmentationJudgement
    structures: tuple[str, ...]
    seed: int

    @abstractmethod
    def found(self, image: Image) -> Found:
        """The structures in one image."""

    def made(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Iterator[tuple[int, Image]]:
        """Row number and mask of each image that can be read: labels 1 ... n in the geometry of the image."""
        for row in range(len(images)):
            try:
                mask = self.mask(images[row])
            except GazoError:
                continue
            on_event(Event(Text("領域分割", "Segmenting"), row + 1, len(images)))
            yield row, mask

    def mask(self, image: Image) -> Image:
        """The mask of one image: uint8 labels, its spacing, orientation, origin and patient."""
        made = replace(
            image, pixels=self.found(image).labels, colour=False, meaning="mask", unit="", modality="SEG", window=None, inverted=False
        )  # fmt: skip
        return made.with_step(Step("segment", options={"structures": self.structures}))

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """A row for each image and structure: its size in pixels, in mm² or mL where the spacing is known, and its share of the image."""
        names = images.role("image").tolist()
        rows = [
            (names[row], structure, *_size(mask, label))
            for row, mask in self.made(images, on_event=on_event)
            for label, structure in enumerate(self.structures, 1)
        ]
        first = Text("ファイル", "file") if all(isinstance(name, str) for name in names) else Text("行", "row")
        headings = (
            first, Text("構造", "structure"), Text("画素数", "pixels"), Text("面積 [mm²]", "area [mm²]"),
            Text("体積 [mL]", "volume [mL]"), Text("画像に占める割合", "share of the image"),
        )  # fmt: skip
        said = {row[0] for row in rows}
        passed = [str(name) for name in names if name not in said]
        note = Text(f"読めないため除いた画像: {', '.join(passed)}", f"Images passed over because they could not be read: {', '.join(passed)}")  # fmt: skip
        return Table(Text("見つかった構造", "Structures found"), headings, tuple(rows), (note,) if passed else ())

    def evaluate(self, images: ImageSet, *, on_event: OnEvent = quiet) -> SegmentationStudy:
        """Judge on images that had no part in the training (role mask); intervals by patient."""
        from gazo.learn.segment.study import evaluation

        return evaluation(self, images, on_event=on_event)

    def explain(self, images: ImageSet, rows: Sequence[int] | None = None, *, on_event: OnEvent = quiet) -> Panels:
        """The contours that were found, with those of the truth where a mask is named; at most 16 images unless rows are named."""
        from gazo.learn.segment.examples import found_panels

        return found_panels(self, images, list(range(min(16, len(images)))) if rows is None else list(rows))


@dataclass(frozen=True, eq=False)
class FittedSegmenter(FindsStructures):
    """A segmenter that has learned. Several networks (folds) speak as one: their shares are averaged in the image."""

    spec: Segmenter
    structures: tuple[str, ...]
    plans: tuple[SegmentationPlan, ...]
    nets: tuple[torch.nn.Module, ...]
    seed: int
    histories: tuple[History, ...] = field(default=(), repr=False)

    def shares(self, image: Image) -> NDArray[np.float32]:
        """Softmax shares of the background and each structure, (n + 1, *shape of the image); they sum to 1."""
        total: Any = 0.0
        for plan in dict.fromkeys(self.plans):
            nets = [net for net, own in zip(self.nets, self.plans, strict=True) if own == plan]
            pixels = network_pixels(image, self.spec.look, plan)
            said = shares_of(nets, pixels, plan, mirror=self.spec.mirror, overlap=self.spec.overlap)
            total = total + len(nets) * in_geometry(said, image.shape, inner_shape(image, plan), plan)
        return np.asarray(total / len(self.nets), np.float32)

    def found(self, image: Image) -> Found:
        """The most likely structure of each pixel, tidied as the options say."""
        shares = self.shares(image)
        labels = shares.argmax(0).astype(np.uint8)
        return Found(tidied(labels, parts=self.spec.keep_parts, fill=self.spec.fill_holes), shares)

    def save(self, folder: Path | str) -> Path:
        """Write the networks (safetensors) and `model.json` with options, structures and plan into a folder that `load` reads."""
        about = {
            "method": "segment", "options": options_of(self.spec), "structures": self.structures,
            "plans": [vars(plan) for plan in self.plans], "seed": self.seed,
        }  # fmt: skip
        return save_networks(folder, self.nets, about)


def load(folder: Path | str, *, trust_file: bool = False) -> FittedSegmenter:
    """The segmenter that `save` wrote, or the networks of all folds of a run together. Only tensors and plain values are read."""
    fitted = [_load(part) for part in parts_of(folder)]
    plans = tuple(plan for one in fitted for plan in one.plans)
    return replace(fitted[0], plans=plans, nets=tuple(net for one in fitted for net in one.nets))


def _load(folder: Path) -> FittedSegmenter:
    from gazo.learn.segment.segmenter import Segmenter

    def build(about: Mapping[str, Any]) -> torch.nn.Module:
        plan = SegmentationPlan(**about["plans"][0])
        return Segmenter(**about["options"]).build(len(about["structures"]) + 1, plan, seed=about["seed"])

    about, nets = load_networks(folder, build)
    plans = tuple(SegmentationPlan(**plan) for plan in about["plans"])
    return FittedSegmenter(Segmenter(**about["options"]), tuple(about["structures"]), plans, nets, about["seed"])


def _size(mask: Image, label: int) -> tuple[int, float | None, float | None, float]:
    """Pixels, mm² of a flat image, mL of a volume, share of the image."""
    count = int((mask.pixels == label).sum())
    each = None if mask.spacing_mm is None else float(np.prod(mask.spacing_mm))
    flat = len(mask.shape) == 2
    area = count * each if each is not None and flat else None
    volume = count * each / 1000 if each is not None and not flat else None
    return count, area, volume, count / mask.pixels.size
