"""Several networks trained alike on the same parts of the same images (booklet fig. 4)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated

from gazo.core.errors import OptionError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Choices, Ge, Gt, Label, Le
from gazo.core.progress import Event, OnEvent, quiet
from gazo.learn.classify.classifier import Classifier, ClassifierOptions
from gazo.learn.classify.side_by_side import NetworkComparisonStudy, side_by_side
from gazo.learn.protocol import Protocol
from gazo.nets.design.naming import PREFIX as DESIGN
from gazo.nets.design.naming import no_names
from gazo.nets.zoo import count_parameters, network_names


@method("classify", "ネットワークの比較", "Comparison of networks", name="compare-networks", booklet="K5")
@dataclass(frozen=True, kw_only=True)
class NetworkComparison(ClassifierOptions):
    """Train several networks alike, on the same parts with the same seed, and compare how they learn and how well."""

    networks: Annotated[
        tuple[str, ...],
        Choices(network_names, prefix="file:"),
        Choices(no_names, prefix=DESIGN),
        Label("ネットワーク", "Networks"),
    ] = ("lenet", "alexnet", "resnet50")
    epochs: Annotated[int, Ge(1), Le(10_000), Label("エポック数", "Epochs")] = 50
    fixed_loss: Annotated[float, Gt(0), Label("到達を比べる学習損失", "Training loss to be reached")] = 0.45

    def classifier(self, network: str) -> Classifier:
        """The specification of one of the networks."""
        shared = {f.name: getattr(self, f.name) for f in fields(ClassifierOptions)}
        return Classifier(network=network, **shared)

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained."""
        if len(set(self.networks)) < 2:
            raise OptionError(
                "G-LEARN-007",
                en=f"a comparison needs at least two different networks; {', '.join(self.networks)} came. Name more with --networks.",
                ja=f"比較には異なるネットワークが 2 つ以上必要です。受け取ったもの: {', '.join(self.networks)}。--networks で追加してください。",
            )
        for network in self.networks:
            self.classifier(network).preflight(images, protocol, seed=seed)

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> NetworkComparisonStudy:
        """Judge each network; the parts, the batches and the seed are the same for all."""
        self.preflight(images, protocol, seed=seed)
        studies = []
        for number, network in enumerate(self.networks):
            spec = replace(self.classifier(network), baseline=self.baseline and number == 0)
            place = None if folder is None else folder / "networks" / f"{number}-{network.partition(':')[0]}"
            studies.append(
                spec.study(
                    images, protocol, seed=seed, folder=place, on_event=_share(on_event, number, network, len(self.networks))
                )
            )
        sizes = [self._size(network, len(studies[0].classes)) for network in self.networks]
        return side_by_side([str(study.name) for study in studies], studies, sizes=sizes, fixed_loss=self.fixed_loss)

    def _size(self, network: str, classes: int) -> int | None:
        if network.startswith("file:"):
            return None
        if network.startswith(DESIGN):
            from gazo.nets.design import adapted, analyse, design_named

            shape = {"classes": classes, "channels": 3 if self.colour else 1, "size_px": self.size_px}
            return analyse(adapted(design_named(network), **shape)).parameters
        return count_parameters(network, classes=classes, channels=3 if self.colour else 1, size_px=self.size_px)


def _share(on_event: OnEvent, number: int, network: str, total: int) -> OnEvent:
    """Events of one network as a share of all."""

    def shared(event: Event) -> None:
        stage = Text(f"{network}: {event.stage.ja}", f"{network}: {event.stage.en}")
        done, whole = (
            (number * event.total + event.done, total * event.total) if "epoch" in event.facts else (event.done, event.total)
        )
        on_event(replace(event, stage=stage, done=done, total=whole, facts={**event.facts, "network": network}))

    return shared
