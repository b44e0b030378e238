"""A noise network that has learned: what it takes off, the images it makes, storage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gazo.core.image import Image
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.methods import options_of
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.learn.denoise.network import applied
from gazo.learn.denoise.noise import Law, Pixels, Seen, noise_level
from gazo.learn.saved import load_networks, parts_of, save_networks
from gazo.process.plane import plane

if TYPE_CHECKING:
    import torch

    from gazo.learn.denoise.noise_network import NoiseNetwork
    from gazo.learn.denoise.results import NoiseReductionStudy
    from gazo.training.loop import History

SHOWN = 5  # images that `explain` shows, three panels each


@dataclass(frozen=True, eq=False)
class Restored:
    """An image with less noise, and what was taken off; together they are the image that came (strength x noise + image).

    level : the fine noise of the image that came, in pixel values (`noise_level`).
    """

    image: Image
    noise: Image
    level: float


@dataclass(frozen=True, eq=False)
class FittedNoiseNetwork:
    """A noise network that has learned. Several networks (folds) speak as one: their noise fields are averaged."""

    spec: NoiseNetwork
    nets: tuple[torch.nn.Module, ...]
    seed: int
    histories: tuple[History, ...] = field(default=(), repr=False)

    def noise_in(self, pixels: Pixels, law: Law) -> Pixels:
        """The noise field the network tells, in pixel values; 0 everywhere in an image without any grain."""
        seen = Seen.of(pixels, law)
        if seen.level == 0:
            return np.zeros_like(pixels)
        said = np.mean([applied(net, seen.detail, depth=self.spec.depth) for net in self.nets], axis=0, dtype=np.float32)
        return np.asarray(seen.spread * (said if self.spec.target == "noise" else seen.detail - said), np.float32)

    def restore(self, image: Image, *, strength: float | None = None) -> Restored:
        """One image less strength x noise (None: the strength of the options); 0 gives the image back as it came.

        Grey, 2-D, any real dtype; float32 comes out, nothing is clipped, spacing, orientation and meaning are kept.
        """
        share = self.spec.strength if strength is None else strength
        image = image.grey()
        pixels = plane(image)
        noise = np.float32(share) * self.noise_in(pixels, self.spec.noise_model.law_of(image))
        return Restored(image.with_pixels(pixels - noise), image.with_pixels(noise, window=None), noise_level(pixels))

    def made(self, images: ImageSet, *, strength: float | None = None, on_event: OnEvent = quiet) -> Iterator[tuple[int, Image]]:
        """The restored image of each row that can be read, in the geometry of its input."""
        for row, image in images.stream(faults=[]):
            yield row, self.restore(image, strength=strength).image
            on_event(Event(Text("ノイズ抑制", "Noise reduction"), row + 1, len(images)))

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """One row an image: the noise level before, that of the restored image, and the SD of what was taken off, in pixel values."""
        names = images.role("image").tolist()
        first = Text("ファイル", "file") if all(isinstance(name, str) for name in names) else Text("行", "row")
        rows, faults = [], list[Fault]()
        for row, image in images.stream(faults=faults):
            found = self.restore(image)
            after = noise_level(np.asarray(found.image.pixels, np.float32))
            taken = float(found.noise.pixels.std(dtype=np.float64))
            rows.append((names[row], found.level, after, after / found.level if found.level else None, taken))
            on_event(Event(Text("ノイズ抑制", "Noise reduction"), row + 1, len(images)))
        passed_over = ", ".join(str(names[fault.row]) for fault in faults)
        left_out = Text(
            f"読めないため除いた画像: {passed_over}", f"Images passed over because they could not be read: {passed_over}"
        )
        return Table(
            Text("ノイズ抑制の結果", "Noise reduction"),
            (
                first,
                Text("細かいノイズの大きさ (画素値)", "fine noise (pixel value)"),
                Text("抑制後 (画素値)", "after (pixel value)"),
                Text("比", "ratio"),
                Text("除いたノイズの標準偏差 (画素値)", "SD of what was taken off (pixel value)"),
            ),
            tuple(rows),
            (left_out,) if faults else (),
        )

    def evaluate(self, images: ImageSet, *, on_event: OnEvent = quiet) -> NoiseReductionStudy:
        """Judge on images that had no part in the training and are taken as free of noise; intervals by patient."""
        from gazo.learn.denoise.study import evaluation

        return evaluation(self, images, on_event=on_event)

    def explain(self, images: ImageSet, rows: Sequence[int] | None = None, *, on_event: OnEvent = quiet) -> Panels:
        """For at most 5 images (or those named): as it came, restored, and the difference, in which no edge should be seen."""
        from gazo.learn.denoise.judged import difference_grey, grey

        chosen = images.take(list(range(min(SHOWN, len(images)))) if rows is None else list(rows)[:SHOWN])
        shown, captions = [], []
        for row, image in chosen.stream(faults=[]):
            found = self.restore(image)
            before = plane(image.grey())
            low, high = (float(v) for v in np.percentile(before, (1, 99)))
            noise = np.asarray(found.noise.pixels, np.float32)
            shown += [grey(before, low, high), grey(np.asarray(found.image.pixels), low, high), difference_grey(noise, noise)]
            captions += [
                Text(f"{row + 1}: 原画像", f"{row + 1}: image"), Text("ノイズ抑制後", "restored"), Text("差分 (除いたもの)", "difference: what was taken off")
            ]  # fmt: skip
            on_event(Event(Text("ノイズ抑制", "Noise reduction"), row + 1, len(chosen)))
        return Panels(Text("ノイズ抑制と差分画像", "Noise reduction and difference image"), tuple(shown), tuple(captions))

    def save(self, folder: Path | str) -> Path:
        """Write the networks and their options into a folder that `gazo.learn.load` reads."""
        return save_networks(folder, self.nets, {"method": "denoise", "options": options_of(self.spec), "seed": self.seed})


def load(folder: Path | str, *, trust_file: bool = False) -> FittedNoiseNetwork:
    """The network that `save` wrote, or those of all folds of a run together. Only tensors and plain values are read."""
    from gazo.learn.denoise.noise_network import NoiseNetwork

    def build(about: Any) -> torch.nn.Module:
        return NoiseNetwork(**about["options"]).build(seed=about["seed"])

    found = [load_networks(part, build) for part in parts_of(folder)]
    about = found[0][0]
    return FittedNoiseNetwork(NoiseNetwork(**about["options"]), tuple(net for _, nets in found for net in nets), about["seed"])
