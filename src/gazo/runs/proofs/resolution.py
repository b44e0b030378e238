"""What the proofs of super-resolution share: pictures to learn from, pictures to be judged on, and how both are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Estimate, Table
from gazo.datasets.pictures import pictures
from gazo.datasets.source import open_images
from gazo.learn.estimate.resolver_results import SuperResolutionStudy
from gazo.learn.estimate.super_resolver import SuperResolver
from gazo.learn.protocol import Protocol

# Learning fast on two cores: 1 minute of CPU time for SRCNN, half of it for the small VDSR.
SRCNN = SuperResolver(network="srcnn-9-1-5", epochs=16, patches=64, learning_rate=5e-3)
VDSR = SuperResolver(network="vdsr-light", epochs=4, patches=64)
HELD_OUT = ("astronaut", "chelsea", "coffee", "rocket")
HEADINGS = (
    Text("方法", "Method"), Text("PSNR [dB]", "PSNR [dB]"), Text("下限", "Low"), Text("上限", "High"), Text("差 [dB]", "Gain [dB]"),
    Text("SSIM", "SSIM"), Text("エッジ幅 [px]", "Edge width [px]"), Text("失われた帯域のパワー", "Power of the lost band"),
    Text("ラプラシアン", "Laplacian energy"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Judgement:
    """Specifications judged alike, in the order given."""

    studies: tuple[SuperResolutionStudy, ...]
    where: Text

    def table(self, title: Text) -> Table:
        """A row for bicubic enlargement and one for each network."""
        first = self.studies[0]
        rows = [(Text("バイキュービック", "bicubic"), *_cells(first.baseline_metrics, 0.0))]
        rows += [(study.name, *_cells(study.metrics, study.gains[0].value)) for study in self.studies]
        return Table(title, HEADINGS, tuple(rows), (self.where,))


def judged(specs: Sequence[SuperResolver], data: Path | None, seed: int, on_event: OnEvent) -> Judgement:
    """With `data` (a folder such as Set5) all pictures of scikit-image teach and its images are judged; without, ten teach and four are judged."""
    if data is not None:
        images = of_folder(data, specs[0].factor)
        where = Text(f"評価: 指定されたフォルダの {len(images)} 枚", f"judged on the {len(images)} images of the folder named")
        taught = [replace(spec, learn_from="pictures") for spec in specs]
        protocol = Protocol()
    else:
        named = pictures()
        parts = ["test" if name in HELD_OUT else "train" for name in named.role("image")]
        images = named.with_column("part", parts, "split")
        where = Text("評価: scikit-image の 4 枚 (学習に使わない)", "judged on four pictures of scikit-image that taught nothing")
        taught = [replace(spec, learn_from="images") for spec in specs]
        protocol = Protocol(evaluation="given", validation_share=0)
    studies = tuple(spec.study(images, protocol, seed=seed, on_event=on_event) for spec in taught)
    return Judgement(studies, where)


def of_folder(folder: Path, factor: int) -> ImageSet:
    """The images of a folder; where it has NAME_x2_HR.png for several factors, those of the factor alone."""
    images = open_images(folder)
    names = [str(name) for name in images.role("image")]
    fitting = np.array([name.endswith(f"_x{factor}_HR.png") for name in names])
    return images.take(fitting) if fitting.any() else images


def _cells(metrics: Sequence[Estimate], gain: float) -> tuple[float | None, ...]:
    psnr, ssim, _, width, detail, laplacian = metrics
    values = [one.value for one in (ssim, width, detail, laplacian)]
    return (psnr.value, psnr.low, psnr.high, gain, *values)
