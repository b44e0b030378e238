"""A classifier that has learned: it predicts, is judged, explains itself and is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.files import replacing
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import options_of
from gazo.core.progress import OnEvent, quiet
from gazo.core.results import Panels, Table
from gazo.learn.saved import load_networks, parts_of, save_networks
from gazo.nets.design import design_named, write_design
from gazo.nets.design.naming import PREFIX as DESIGN
from gazo.training.pixels import PreparedPixels, prepare
from gazo.training.userfile import user_file

if TYPE_CHECKING:
    import torch

    from gazo.learn.classify.classifier import Classifier
    from gazo.learn.classify.results import ClassificationStudy
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
    histories: tuple[History, ...] = field(default=(), repr=False)

    @property
    def threshold(self) -> float:
        """Two classes: the probability of the second from which an image is called positive (from the validation part)."""
        return float(np.mean(self.thresholds)) if self.thresholds else 0.5

    def with_threshold(self, value: float) -> FittedClassifier:
        """The same networks with another threshold."""
        return FittedClassifier(self.spec, self.classes, self.nets, self.seed, (value,), self.histories)

    def probabilities(self, pixels: PreparedPixels, rows: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Softmax probabilities of prepared images: (n, classes); each row sums to 1."""
        from gazo.training.predict import outputs

        each = [outputs(net, pixels, rows, mirrored=self.spec.mirror).double().softmax(1).numpy() for net in self.nets]
        return np.asarray(np.mean(each, axis=0))

    def predict(self, images: ImageSet, *, on_event: OnEvent = quiet) -> Table:
        """One row an image that can be read: its file (its number where it has none), the class said, the probability of each class."""
        with prepare(images, **self.spec.input_options(), kept_of=self.spec.kept_of(images), on_event=on_event) as pixels:
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

    def explain(self, images: ImageSet, rows: Sequence[int] | None = None, *, on_event: OnEvent = quiet) -> Panels:
        """Heat maps of where the (first) network looked for the class it said; at most 16 images unless rows are named."""
        from gazo.learn.classify.examples import heat_panels

        chosen = images.take(list(range(min(16, len(images)))) if rows is None else rows)
        with prepare(chosen, **self.spec.input_options(), kept_of=self.spec.kept_of(chosen), on_event=on_event) as pixels:
            good = np.flatnonzero(pixels.usable)
            probabilities = self.probabilities(pixels, good)
            return heat_panels(self, pixels, good, self.decide(probabilities), probabilities)

    def save(self, folder: Path | str) -> Path:
        """Write the networks (safetensors) and `classifier.json` into a folder that `load` reads."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        about = {
            "method": "classify", "options": {**options_of(self.spec), "network": self._own_file(folder), "weights": "none"}, "classes": self.classes,
            "thresholds": self.thresholds, "seed": self.seed,
        }  # fmt: skip
        return save_networks(folder, self.nets, about, file=FILE)

    def _own_file(self, folder: Path) -> str:
        """The network's name; a user's file or a design is copied beside the weights and named without its folder."""
        if self.spec.network.startswith(DESIGN):
            write_design(design_named(self.spec.network), folder / "network.json")
            return f"{DESIGN}network.json"
        if not self.spec.network.startswith("file:"):
            return self.spec.network
        file = user_file(self.spec.network)
        with replacing(folder / "network.py") as copy:
            copy.write(file.content)
        return f"file:network.py:{file.name}" if file.name else "file:network.py"


def load(folder: Path | str, *, trust_file: bool = False) -> FittedClassifier:
    """The classifier that `save` wrote, or the networks of all folds of a run together. Only tensors and plain values are read."""
    fitted = [_load(part, trust_file) for part in parts_of(folder, file=FILE)]
    nets, thresholds = (tuple(x for f in fitted for x in getattr(f, name)) for name in ("nets", "thresholds"))
    return FittedClassifier(fitted[0].spec, fitted[0].classes, nets, fitted[0].seed, thresholds)


def _load(folder: Path, trust_file: bool) -> FittedClassifier:
    from gazo.learn.classify.classifier import Classifier

    def spec_of(about: Mapping[str, Any]) -> Classifier:
        options = {**about["options"], "trust_file": trust_file}
        if options["network"].startswith("file:"):
            options["network"] = options["network"].replace("file:network.py", f"file:{folder / 'network.py'}", 1)
        elif options["network"].startswith(DESIGN):
            options["network"] = f"{DESIGN}{folder / 'network.json'}"
        return Classifier(**options)

    def build(about: Mapping[str, Any]) -> torch.nn.Module:
        return spec_of(about).build(len(about["classes"]), seed=about["seed"])

    about, nets = load_networks(folder, build, file=FILE)
    return FittedClassifier(spec_of(about), tuple(about["classes"]), nets, about["seed"], tuple(about["thresholds"]))
