"""Search for a better network: variations of a design are trained within a budget and judged by the validation part alone."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Literal

from gazo.core.errors import DataError, OptionError
from gazo.core.imageset import ImageSet
from gazo.core.methods import method
from gazo.core.parameters import Choices, Ge, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.learn.classify.classifier import Classifier, ClassifierOptions
from gazo.learn.classify.search_results import NetworkSearchStudy
from gazo.learn.protocol import Protocol
from gazo.nets.design.naming import PREFIX as DESIGN


def design_names() -> tuple[str, ...]:
    """The presets that classify."""
    return tuple(f"{DESIGN}{name}" for name in ("lenet", "alexnet", "vgg16", "resnet18"))


@method("classify", "ネットワークの自動探索", "Search for a better network", name="search-networks", booklet="N5")
@dataclass(frozen=True, kw_only=True)
class NetworkSearch(ClassifierOptions):
    """Train variations of a design within a budget; keep the best front of validation error and size; judge the best once on the test part.

    Every second network varies the best one so far in one or two ways, the others are proposed by the tree-structured Parzen
    estimator of Optuna (Bergstra et al. 2011). All are trained on the same parts with the same seed. A search that is stopped goes
    on where it was with the networks it would have tried, and can be told to end now with the best it has.
    """

    start: Annotated[str, Choices(design_names, prefix=DESIGN), Label("元になる設計", "Design to begin with")] = "design:lenet"
    trials: Annotated[int, Ge(2), Le(1000), Label("試すネットワークの数", "Networks to try")] = 20
    minutes: Annotated[float, Ge(0), Le(100_000), Label("時間の上限 (0 = なし)", "Time limit (0 = none)", "min")] = 30.0
    goal: Annotated[
        Literal["error", "error-and-size"], Label("目標 (誤りのみ、誤りと大きさ)", "Goal (error, or error and size)")
    ] = "error"
    most_parameters: Annotated[int, Ge(0), Label("パラメータ数の上限 (0 = なし)", "Most parameters (0 = any)")] = 5_000_000
    epochs: Annotated[int, Ge(1), Le(10_000), Label("1 つあたりのエポック数", "Epochs for each network")] = 15

    def classifier(self, network: str, rate_factor: float = 1.0) -> Classifier:
        """The specification of one network of the search."""
        shared = {f.name: getattr(self, f.name) for f in fields(ClassifierOptions)}
        return Classifier(network=network, **{**shared, "learning_rate": min(10.0, self.learning_rate * rate_factor)})

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained."""
        from gazo.learn.classify.search_proposals import need_optuna

        need_optuna()
        self.classifier(self.start).preflight(images, self.protocol(images, protocol), seed=seed)

    def protocol(self, images: ImageSet, protocol: Protocol) -> Protocol:
        """One division into training, validation and test part; anything else is refused."""
        if protocol.evaluation == "folds":
            raise OptionError(
                "G-DSG-021",
                en="a search divides the images once, so cross-validation is not possible. Take --evaluation held-out (or given).",
                ja="自動探索では画像を 1 回だけ分割するため、交差検証は使えません。--evaluation held-out (または given) を指定してください。",
            )
        if protocol.validation_share <= 0:
            raise OptionError(
                "G-DSG-023",
                en="a search judges by the validation part, so --validation-share must be above 0. Take 0.2, for example.",
                ja="自動探索は検証データで判定するため、--validation-share は 0 より大きくしてください (例: 0.2)。",
            )
        way = ("given" if images.has("split") else "held-out") if protocol.evaluation == "auto" else protocol.evaluation
        return replace(protocol, evaluation=way)

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> NetworkSearchStudy:
        """Search, and judge the best network and the start once on the test part."""
        from gazo.datasets.checks import check
        from gazo.learn.classify.labels import class_names, class_numbers
        from gazo.learn.classify.search_course import Course
        from gazo.learn.protocol import plan
        from gazo.training.pixels import prepare

        self.preflight(images, protocol, seed=seed)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        classes = class_names(images, self.positive)
        targets = class_numbers(images, classes)
        report = check(images, on_event=on_event)
        planned = plan(images, self.protocol(images, protocol), seed=seed, groups=report.copies.groups)
        with ExitStack() as stack:
            start = self.classifier(self.start)
            pixels = stack.enter_context(
                prepare(images, **start.input_options(), folder=folder, kept_of=start.kept_of(images), on_event=on_event)
            )
            place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            fold = planned.folds[0]
            parts = tuple(rows[pixels.usable[rows]] for rows in (fold.train, fold.validation, fold.test))
            if any(len(set(targets[rows].tolist())) < len(classes) for rows in parts):
                raise DataError(
                    "G-DSG-024",
                    en="every class must be in the training, the validation and the test part; one is missing. Raise --validation-share or --test-share, or use more images.",
                    ja="学習・検証・テストのすべてのデータに全クラスの画像が必要ですが、欠けているクラスがあります。--validation-share か --test-share を大きくするか、画像を増やしてください。",
                )
            course = Course(self, images, pixels, targets, classes, parts, seed, place, on_event)
            course.run()
            found = course.judged(planned.sentence)
        return replace(
            found, warnings=(*images.notes, *planned.notes, *(f.text for f in report.findings if f.severity != "note"))
        )
