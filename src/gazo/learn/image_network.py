"""What classifiers and regressors share: images made square, a network by name, file or drawing, and how it is kept with its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gazo.core.files import replacing
from gazo.core.language import Text
from gazo.core.parameters import Choices, Ge, Label, Le, Lt
from gazo.core.progress import OnEvent
from gazo.learn.blanking import Blanking
from gazo.nets.design import design_named, write_design
from gazo.nets.design.naming import PREFIX as DESIGN
from gazo.nets.design.naming import no_names
from gazo.nets.zoo import network_names
from gazo.training.augment import Augmentation
from gazo.training.options import TrainingOptions
from gazo.training.pixels import Fit
from gazo.training.userfile import user_file

if TYPE_CHECKING:
    import torch

FILE = "file:"


@dataclass(frozen=True, kw_only=True)
class ImageNetworkOptions(TrainingOptions, Augmentation, Blanking):
    """How images come to a network that says one thing of each, and how it begins."""

    size_px: Annotated[int, Ge(16), Le(1024), Label("入力画像の一辺", "Side of the input image", "px")] = 96
    colour: Annotated[bool, Label("カラー画像として学習", "Learn from colour")] = False
    fit_to_square: Annotated[Fit, Label("正方形への合わせ方", "How images become square")] = "pad"
    weights: Annotated[
        str, Label("初期の重み (none、hub、installed、ファイル名)", "Initial weights (none, hub, installed or a file)")
    ] = "none"
    drop: Annotated[float, Ge(0), Lt(1), Label("ドロップアウト率", "Dropout before the last layer")] = 0.2
    mirror: Annotated[bool, Label("推論時に左右反転像も使う", "Average with the mirror image when predicting")] = False
    trust_file: Annotated[bool, Label("利用者のネットワークファイルの実行を許可", "Allow running the named network file")] = False

    @property
    def augmentation(self) -> Augmentation:
        """The part of the options that says how training images are varied."""
        return Augmentation(**{f.name: getattr(self, f.name) for f in fields(Augmentation)})

    def input_options(self) -> dict[str, Any]:
        """What `prepare` must know."""
        return {"size_px": self.size_px, "channels": self._channels, "fit": self.fit_to_square}

    @property
    def _channels(self) -> int:
        return 3 if self.colour else 1


@dataclass(frozen=True, kw_only=True)
class NamedNetwork(ImageNetworkOptions):
    """One network, named: one of the zoo, a user's file, a drawing."""

    network: Annotated[
        str, Choices(network_names, prefix=FILE), Choices(no_names, prefix=DESIGN), Label("ネットワーク", "Network")
    ] = "small_resnet"

    @property
    def name(self) -> Text:
        """What reports call it; no folder of the user's."""
        shown = Path(self.network.removeprefix(FILE).removeprefix(DESIGN)).name.removesuffix(".json")
        return Text(shown, shown)

    def network_of(self, outputs: int, on_event: OnEvent) -> torch.nn.Module:
        """The network with its first weights; random ones come from torch's generator."""
        from gazo.nets.zoo import create
        from gazo.training.userfile import load_user_network
        from gazo.training.weights import load_weights

        shape = self._shape(outputs)
        if self.network.startswith(FILE):
            return load_user_network(self.network, trust=self.trust_file, on_event=on_event, **shape)
        if self.network.startswith(DESIGN):
            from gazo.nets.design import adapted, build_design

            net = build_design(adapted(design_named(self.network), **shape))
        else:
            net = create(self.network, drop=self.drop, **shape)
        load_weights(net, self.weights, name=self.network)
        return net

    def check_network(self, outputs: int) -> None:
        """Raise what can be known to fail of the network: name, size, trust. Reads no image."""
        from gazo.nets.design import adapted
        from gazo.nets.zoo import check_fit
        from gazo.training.userfile import need_trust

        if self.network.startswith(FILE):
            need_trust(user_file(self.network), self.trust_file)
        elif self.network.startswith(DESIGN):
            adapted(design_named(self.network), **self._shape(outputs))
        else:
            check_fit(self.network, **self._shape(outputs))

    def _shape(self, outputs: int) -> dict[str, Any]:
        return {"classes": outputs, "channels": self._channels, "size_px": self.size_px}


def keep_network(network: str, folder: Path) -> str:
    """The network's name as it is stored; a user's file or a design is copied beside the weights and named without its folder."""
    if network.startswith(DESIGN):
        write_design(design_named(network), folder / "network.json")
        return f"{DESIGN}network.json"
    if not network.startswith(FILE):
        return network
    file = user_file(network)
    with replacing(folder / "network.py") as copy:
        copy.write(file.content)
    return f"{FILE}network.py:{file.name}" if file.name else f"{FILE}network.py"


def kept_options(options: Mapping[str, Any], folder: Path, *, trust_file: bool) -> dict[str, Any]:
    """The stored options of a method, its network found again beside the weights."""
    network = options["network"]
    if network.startswith(FILE):
        network = network.replace(f"{FILE}network.py", f"{FILE}{folder / 'network.py'}", 1)
    elif network.startswith(DESIGN):
        network = f"{DESIGN}{folder / 'network.json'}"
    return {**options, "trust_file": trust_file, "network": network}
