"""A regression that has learned: it predicts, is judged, shows where it looked, and is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import options_of
from gazo.core.progress import OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.learn.image_network import keep_network, kept_options
from gazo.learn.saved import LOADERS, load_networks, parts_of, save_networks
from gazo.training.pixels import PreparedPixels, prepare

if TYPE_CHECKING:
    import torch

    from gazo.learn.estimate.regressor import Regressor
    from gazo.learn.estimate.regressor_results import RegressionStudy
    from gazo.learn.explain import Way
    from gazo.training.loop import History

FAMILY = "regress"
LOADERS[FAMILY] = "gazo.learn.estimate.fitted_regressor:load"


@dataclass(frozen=True, eq=False)
class FittedRegressor:
    """A regression that has learned. Several networks (folds) speak as one: their values are averaged.

    `scales` has mean and standard deviation of the values that taught each network, whose output is in those standard deviations.
    """

    spec: Regressor
    nets: tuple[torch.nn.Module, ...]
    scales: tuple[tuple[float, float], ...]
    seed: int
    histories: tuple[History, ...] = field(default=(), repr=False)

    def values(self, pixels: PreparedPixels, rows: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """The values (n,) of prepared images, in the unit that was learned."""
        from gazo.training.predict import outputs

        each = [
            outputs(net, pixels, rows, mirrored=self.spec.mirror).double().numpy()[:, 0] * spread + centre
            for net, (centre, spread) in zip(self.nets, self.scales, strict=True)
        ]
        return np.asarray(np.mean(each, axis=0))

    def values_from(self, features: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """As `values`, from the fixed features (n, looks, features) of the images."""
        from gazo.learn.estimate.transfer import said_of

        pairs = zip(self.nets, self.scales, strict=True)
        return np.asarray(np.mean([said_of(net, features) * spread + centre for net, (centre, spread) in pairs], axis=0))

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """One row an image that can be read: its file (its number where it has none) and the value."""
        with self.prepared(images, on_event) as pixels:
            rows = np.flatnonzero(pixels.usable)
            values = self.values(pixels, rows)
            passed_over = [fault.row for fault in pixels.faults]
        names = images.role("image").tolist()
        first = Text("ファイル", "file") if all(isinstance(name, str) for name in names) else Text("行", "row")
        listed = ", ".join(str(names[row]) for row in passed_over)
        said = Text(f"読めないため除いた画像: {listed}", f"Images passed over because they could not be read: {listed}")
        return Table(
            Text("予測", "Predictions"),
            (first, self.heading("推定値", "estimate")),
            tuple((names[row], float(value)) for row, value in zip(rows, values, strict=True)),
            notes=(said,) if passed_over else (),
        )

    def heading(self, ja: str, en: str) -> Text:
        """A heading with the unit of the value."""
        unit = f" [{self.spec.unit}]" if self.spec.unit else ""
        return Text(ja + unit, en + unit)

    def evaluate(self, images: ImageSet, *, on_event: OnEvent = quiet) -> RegressionStudy:
        """Judge on images that had no part in the training (role value); intervals by patient."""
        from gazo.learn.estimate.regressor_study import evaluation

        return evaluation(self, images, on_event=on_event)

    def explain(
        self, images: ImageSet, rows: Sequence[int] | None = None, *, way: Way = "auto", on_event: OnEvent = quiet
    ) -> Panels:
        """Heat maps of what raised the value in the (first) network; at most 16 images unless rows are named.

        `way` is one of `gazo.learn.explain.Way`: the Grad-CAM family or occlusion.
        """
        from gazo.learn.estimate.regressor_examples import heat_panels

        chosen = images.take(list(range(min(16, len(images)))) if rows is None else rows)
        with self.prepared(chosen, on_event) as pixels:
            good = np.flatnonzero(pixels.usable)
            return heat_panels(self, pixels, good, self.values(pixels, good), way=way)

    def prepared(self, images: ImageSet, on_event: OnEvent = quiet) -> PreparedPixels:
        """The images as the networks take them."""
        return prepare(images, **self.spec.input_options(), kept_of=self.spec.kept_of(images), on_event=on_event)

    def save(self, folder: Path | str) -> Path:
        """Write the networks (safetensors) and `model.json` into a folder that `gazo.learn.load` reads."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        options = {**options_of(self.spec), "network": keep_network(self.spec.network, folder), "weights": "none"}
        about = {"method": FAMILY, "options": options, "scales": self.scales, "seed": self.seed}
        return save_networks(folder, self.nets, about)


def load(folder: Path | str, *, trust_file: bool = False) -> FittedRegressor:
    """The regression that `save` wrote, or the networks of all folds of a run together. Only tensors and plain values are read."""
    fitted = [_load(part, trust_file) for part in parts_of(folder)]
    nets, scales = (tuple(x for f in fitted for x in getattr(f, name)) for name in ("nets", "scales"))
    return FittedRegressor(fitted[0].spec, nets, scales, fitted[0].seed)


def _load(folder: Path, trust_file: bool) -> FittedRegressor:
    from gazo.learn.estimate.regressor import Regressor

    def spec_of(about: Mapping[str, Any]) -> Regressor:
        return Regressor(**kept_options(about["options"], folder, trust_file=trust_file))

    about, nets = load_networks(folder, lambda about: spec_of(about).build(seed=about["seed"]))
    scales = tuple((float(centre), float(spread)) for centre, spread in about["scales"])
    return FittedRegressor(spec_of(about), nets, scales, about["seed"])
