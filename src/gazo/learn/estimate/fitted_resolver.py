"""A super-resolver that has learned: it enlarges images, is judged, shows what it added, and is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError
from gazo.core.history import Step
from gazo.core.image import Image
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.methods import options_of
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.learn.estimate.cubic import cubic_resize
from gazo.learn.estimate.planes import plane_of, rgb, ycbcr
from gazo.learn.saved import LOADERS, load_networks, parts_of, save_networks

if TYPE_CHECKING:
    import torch

    from gazo.learn.estimate.resolver_results import SuperResolutionStudy
    from gazo.learn.estimate.super_resolver import SuperResolver
    from gazo.training.loop import History

Floats = NDArray[np.float32]
FAMILY = "super-resolution"
TILE_PX = 512
LOADERS[FAMILY] = "gazo.learn.estimate.fitted_resolver:load"


@dataclass(frozen=True, eq=False)
class FittedSuperResolver:
    """A super-resolver that has learned. Several networks (folds) speak as one: their images are averaged."""

    spec: SuperResolver
    nets: tuple[torch.nn.Module, ...]
    seed: int
    histories: tuple[History, ...] = field(default=(), repr=False)
    faults: tuple[Fault, ...] = field(default=(), repr=False)

    def restored(self, enlarged: Floats) -> Floats:
        """What the networks make of an enlarged plane (rows, columns) in 0 to 1; tile by tile, without seams."""
        each = [_through(net, enlarged, self._reach) for net in self.nets]
        return np.asarray(np.mean(each, axis=0, dtype=np.float32))

    @property
    def _reach(self) -> int:
        """How far in pixels a network looks to each side."""
        reach = {"srcnn-9-1-5": 6, "srcnn-9-5-5": 8, "vdsr": 20, "vdsr-light": self.spec.depth}
        return reach[self.spec.network]

    def enlarge(self, image: Image) -> Image:
        """One image with `factor` times the rows and columns: spacing, origin and orientation fit, values in the unit and type of the input.

        Colour: the network works on the luminance, the colour differences are enlarged by cubic convolution.
        """
        factor, plane = self.spec.factor, plane_of(image)
        estimate = self.restored(cubic_resize(plane.pixels, factor))
        if image.colour:
            colours = cubic_resize(ycbcr(image), factor)
            colours[..., 0] = 255 * estimate
            pixels: NDArray[Any] = rgb(colours)
        else:
            pixels = _as_type(plane.values(estimate), image.pixels.dtype)
        step = Step("super_resolution", type(self.spec).version, {"network": self.spec.network, "factor": factor})  # type: ignore[attr-defined]
        return replace(image.with_pixels(pixels, **_geometry(image, factor)), history=(*image.history, step))

    def made(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Iterator[tuple[int, Image]]:
        """Row and enlarged image of every image that can be used, one after the other."""
        for row, image in images.stream(faults=[]):
            try:
                made = self.enlarge(image)
            except GazoError as error:
                on_event(
                    Event(_STAGE, row + 1, len(images), note=Text(f"行 {row}: {error.text.ja}", f"row {row}: {error.text.en}"))
                )
                continue
            yield row, made
            on_event(Event(_STAGE, row + 1, len(images)))

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """One row an image: sizes and pixel spacing before and after. The images themselves come from `made`."""
        names = images.role("image").tolist()
        first = Text("ファイル", "file") if all(isinstance(name, str) for name in names) else Text("行", "row")
        words = ("行数", "rows"), ("列数", "columns"), ("拡大後の行数", "rows after"), ("拡大後の列数", "columns after")
        headings = (first, *(Text(*pair) for pair in words), Text("拡大後の画素間隔 [mm]", "spacing after [mm]"))
        rows, seen = [], set()
        for row, made in self.made(images, on_event=on_event):
            seen.add(row)
            before = [length // self.spec.factor for length in made.shape]
            spacing = None if made.spacing_mm is None else made.spacing_mm[0]
            rows.append((names[row], *before, *made.shape, spacing))
        return Table(Text("拡大した画像", "Enlarged images"), headings, tuple(rows), _left_out(names, seen))

    def evaluate(self, images: ImageSet, *, on_event: OnEvent = quiet) -> SuperResolutionStudy:
        """Judge on images that had no part in the training: each is shrunk, enlarged and compared with itself."""
        from gazo.learn.estimate.resolver_study import evaluation

        return evaluation(self, images, on_event=on_event)

    def explain(self, images: ImageSet, rows: Sequence[int] | None = None, *, on_event: OnEvent = quiet) -> Panels:
        """Of at most 16 images the estimate, over it where the network changed the bicubic image."""
        from gazo.learn.estimate.restored import change_panels

        return change_panels(self, images.take(list(range(min(16, len(images)))) if rows is None else list(rows)[:16]))

    def save(self, folder: Path | str) -> Path:
        """Write the networks (safetensors) and `model.json` into a folder that `gazo.learn.load` reads."""
        options = {**options_of(self.spec), "learn_from": "images"}
        return save_networks(folder, self.nets, {"method": FAMILY, "options": options, "seed": self.seed})


def load(folder: Path | str, *, trust_file: bool = False) -> FittedSuperResolver:
    """The super-resolver that `save` wrote, or the networks of all folds of a run together. Nothing in it is run; `trust_file` changes nothing."""
    from gazo.learn.estimate.super_resolver import SuperResolver

    def build(about: Mapping[str, Any]) -> torch.nn.Module:
        return SuperResolver(**about["options"]).build(seed=about["seed"])

    found = [load_networks(part, build) for part in parts_of(folder)]
    about = found[0][0]
    return FittedSuperResolver(SuperResolver(**about["options"]), tuple(net for _, nets in found for net in nets), about["seed"])


_STAGE = Text("画像の拡大", "Enlarging images")


def _left_out(names: Sequence[Any], seen: set[int]) -> tuple[Text, ...]:
    """A sentence about images that could not be enlarged; nothing where all were."""
    listed = ", ".join(str(name) for row, name in enumerate(names) if row not in seen)
    said = Text(f"拡大できないため除いた画像: {listed}", f"Images passed over because they could not be enlarged: {listed}")
    return (said,) if listed else ()


def _through(net: torch.nn.Module, plane: Floats, reach: int) -> Floats:
    """A plane through one network in float32; each tile is given with all that its pixels see."""
    import torch

    device = next(net.parameters()).device
    made = np.empty(plane.shape, np.float32)
    net.eval()
    with torch.inference_mode():
        for top in range(0, plane.shape[0], TILE_PX):
            for left in range(0, plane.shape[1], TILE_PX):
                above, before = max(0, top - reach), max(0, left - reach)
                part = np.ascontiguousarray(plane[above : top + TILE_PX + reach, before : left + TILE_PX + reach])
                found = net(torch.from_numpy(part)[None, None].to(device)).float().cpu().numpy()[0, 0]
                kept = found[top - above :, left - before :][:TILE_PX, :TILE_PX]
                made[top : top + TILE_PX, left : left + TILE_PX] = kept
    return made


def _as_type(values: Floats, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Whole-number types rounded and kept within what they can hold; float types as they are."""
    if dtype.kind not in "iu":
        return values if dtype.kind == "b" else values.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values.astype(np.float64)), limits.min, limits.max).astype(dtype)


def _geometry(image: Image, factor: int) -> dict[str, Any]:
    """Spacing and origin of the enlarged image, which covers the same area: its first centre lies (1 - 1/factor) / 2 old pixels before."""
    if image.spacing_mm is None:
        return {}
    spacing = tuple(length / factor for length in image.spacing_mm)
    if image.origin_mm is None or image.orientation is None:
        return {"spacing_mm": spacing}
    shift = (1 - 1 / factor) / 2
    along_columns, along_rows = np.array(image.orientation[:3]), np.array(image.orientation[3:])
    moved = np.array(image.origin_mm) - shift * (image.spacing_mm[1] * along_columns + image.spacing_mm[0] * along_rows)
    return {"spacing_mm": spacing, "origin_mm": tuple(float(x) for x in moved)}
