"""A classifier that has learned: it predicts, is judged, explains itself and is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from gazo.learn.saved import load_networks, parts_of, save_networks
from gazo.training.pixels import PreparedPixels, prepare

if TYPE_CHECKING:
    import torch

    from gazo.core.image import Image
    from gazo.learn.classify.classifier import Classifier
    from gazo.learn.classify.results import ClassificationStudy
    from gazo.learn.explain import Way
    from gazo.learn.uncertainty import Way as Sureness
    from gazo.training.loop import History

FILE = "classifier.json"


@dataclass(frozen=True, eq=False)
class FittedClassifier:
    """A classifier that has learned. Several networks (folds) speak as one: their probabilities are averaged."""

    spec: Classifier
    classes: tuple[str, ...]
    nets: tuple[torch.nn.Module, ...]
    seed: int
    thresholds: tuple[float, ...] = ()
    temperatures: tuple[float, ...] = ()
    histories: tuple[History, ...] = field(default=(), repr=False)

    @property
    def threshold(self) -> float:
        """Two classes: the probability of the second from which an image is called positive (from the validation part)."""
        return float(np.mean(self.thresholds)) if self.thresholds else 0.5

    def with_threshold(self, value: float) -> FittedClassifier:
        """The same networks with another threshold."""
        return replace(self, thresholds=(value,))

    def with_temperature(self, value: float) -> FittedClassifier:
        """The same networks, their logits divided by a temperature: the order of images stays, the probabilities change."""
        return replace(self, temperatures=(value,) * len(self.nets))

    @property
    def heats(self) -> tuple[float, ...]:
        """By what each network's logits are divided."""
        return self.temperatures or (1.0,) * len(self.nets)

    def probabilities(self, pixels: PreparedPixels, rows: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Softmax probabilities of prepared images: (n, classes); each row sums to 1."""
        return np.asarray(self.each(pixels, rows).mean(0))

    def each(self, pixels: PreparedPixels, rows: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """What each network says: (networks, n, classes)."""
        from gazo.training.predict import outputs

        said = [outputs(net, pixels, rows, mirrored=self.spec.mirror).double() for net in self.nets]
        return np.stack([(logits / heat).softmax(1).numpy() for logits, heat in zip(said, self.heats, strict=True)])

    def mean_of(self, images: torch.Tensor) -> NDArray[np.float64]:
        """Probabilities (n, classes) of standardised images, the mean over the networks, which stay in the mode they are in."""
        import torch

        device = next(self.nets[0].parameters()).device
        said = [net(images.to(device)).double() / heat for net, heat in zip(self.nets, self.heats, strict=True)]
        return np.asarray(torch.stack([logits.softmax(1) for logits in said]).mean(0).cpu().numpy())

    def uncertainty(
        self, images: ImageSet, *, seed: int, way: Sureness = "auto", passes: int = 20, on_event: OnEvent = quiet
    ) -> Table:
        """How sure each prediction is; see `gazo.learn.uncertainty.uncertainty_of`."""
        from gazo.learn.uncertainty import uncertainty_of

        return uncertainty_of(self, images, seed=seed, way=way, passes=passes, on_event=on_event)

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """One row an image that can be read: its file (its number where it has none), the class said, the probability of each class."""
        with self.prepared(images, on_event) as pixels:
            rows = np.flatnonzero(pixels.usable)
            probabilities = self.probabilities(pixels, rows)
            passed_over = [fault.row for fault in pixels.faults]
        said = self.decide(probabilities)
        names = images.role("image").tolist()
        first = Text("ファイル", "file") if all(isinstance(name, str) for name in names) else Text("行", "row")
        headings = (first, Text("予測", "predicted"), *(Text(f"確率 {c}", f"probability {c}") for c in self.classes))
        return Table(
            Text("予測", "Predictions"),
            headings,
            tuple((names[r], self.classes[s], *map(float, p)) for r, s, p in zip(rows, said, probabilities, strict=True)),
            notes=self._notes([names[r] for r in passed_over]),
        )

    def _notes(self, passed_over: Sequence[Any]) -> tuple[Text, ...]:
        """The threshold, and the images that could not be read: what a reader of the table must know."""
        notes = []
        if len(self.classes) == 2:
            name, cut = self.classes[1], f"{self.threshold:.3f}"
            notes.append(Text(f"「{name}」と判定する確率の閾値: {cut}", f"Called '{name}' from a probability of {cut} on"))
        if passed_over:
            listed = ", ".join(map(str, passed_over))
            notes.append(
                Text(f"読めないため除いた画像: {listed}", f"Images passed over because they could not be read: {listed}")
            )
        return tuple(notes)

    def decide(self, probabilities: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """Class numbers: above the threshold for two classes, else the most probable."""
        if len(self.classes) == 2:
            return (probabilities[:, 1] >= self.threshold).astype(np.int64)
        return np.asarray(probabilities.argmax(1), np.int64)

    def evaluate(self, images: ImageSet, *, on_event: OnEvent = quiet) -> ClassificationStudy:
        """Judge on images that had no part in the training (role label); intervals by patient."""
        from gazo.learn.classify.study import evaluation

        return evaluation(self, images, on_event=on_event)

    def explain(
        self, images: ImageSet, rows: Sequence[int] | None = None, *, way: Way = "auto", on_event: OnEvent = quiet
    ) -> Panels:
        """Heat maps of where the (first) network looked for the class it said; at most 16 images unless rows are named.

        `way` is one of `gazo.learn.explain.Way`: the Grad-CAM family or occlusion.
        """
        from gazo.learn.classify.examples import heat_panels

        chosen = images.take(list(range(min(16, len(images)))) if rows is None else rows)
        with self.prepared(chosen, on_event) as pixels:
            good = np.flatnonzero(pixels.usable)
            probabilities = self.probabilities(pixels, good)
            return heat_panels(self, pixels, good, self.decide(probabilities), probabilities, way=way)

    def heat_images(self, images: ImageSet, *, way: Way = "auto", on_event: OnEvent = quiet) -> Iterator[tuple[int, Image]]:
        """Row and heat map (0 to 1) of every image that can be read, in the size, spacing and orientation of the image."""
        from gazo.learn.explain import heat_map, in_geometry
        from gazo.training.feed import standardise

        with self.prepared(images, on_event) as pixels:
            for row in np.flatnonzero(pixels.usable).tolist():
                said = int(self.decide(self.probabilities(pixels, [row]))[0])
                heat, _ = heat_map(self.nets[0], standardise(pixels.read([row]))[0], said, way=way)
                yield row, in_geometry(heat, images[row], self.spec.fit_to_square)

    def prepared(self, images: ImageSet, on_event: OnEvent = quiet) -> PreparedPixels:
        """Images as the networks see them; use it in a `with` block."""
        return prepare(images, **self.spec.input_options(), kept_of=self.spec.kept_of(images), on_event=on_event)

    def save(self, folder: Path | str) -> Path:
        """Write the networks (safetensors) and `classifier.json` into a folder that `load` reads."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        about = {
            "method": "classify", "options": {**options_of(self.spec), "network": keep_network(self.spec.network, folder), "weights": "none"}, "classes": self.classes,
            "thresholds": self.thresholds, "temperatures": self.temperatures, "seed": self.seed,
        }  # fmt: skip
        return save_networks(folder, self.nets, about, file=FILE)


def load(folder: Path | str, *, trust_file: bool = False) -> FittedClassifier:
    """The classifier that `save` wrote, or the networks of all folds of a run together. Only tensors and plain values are read."""
    fitted = [_load(part, trust_file) for part in parts_of(folder, file=FILE)]
    nets, thresholds, heats = (tuple(x for f in fitted for x in getattr(f, name)) for name in ("nets", "thresholds", "heats"))
    return FittedClassifier(fitted[0].spec, fitted[0].classes, nets, fitted[0].seed, thresholds, heats)


def _load(folder: Path, trust_file: bool) -> FittedClassifier:
    from gazo.learn.classify.classifier import Classifier

    def spec_of(about: Mapping[str, Any]) -> Classifier:
        return Classifier(**kept_options(about["options"], folder, trust_file=trust_file))

    def build(about: Mapping[str, Any]) -> torch.nn.Module:
        return spec_of(about).build(len(about["classes"]), seed=about["seed"])

    about, nets = load_networks(folder, build, file=FILE)
    return FittedClassifier(
        spec_of(about),
        tuple(about["classes"]),
        nets,
        about["seed"],
        tuple(about["thresholds"]),
        tuple(about.get("temperatures", ())),
    )
