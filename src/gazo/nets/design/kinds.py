"""Kinds of blocks: `@kind` puts a frozen dataclass of annotated options into the palette of the designer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from gazo.core.language import Text
from gazo.core.parameters import checked
from gazo.nets.design.shapes import Shape

Group = Literal["ends", "convolution", "activation", "normalisation", "pooling", "numbers", "joining", "size", "unit"]
GROUPS: dict[str, Text] = {
    "ends": Text("入力と出力", "Input and output"),
    "convolution": Text("畳み込み", "Convolution"),
    "activation": Text("活性化関数", "Activation"),
    "normalisation": Text("正規化", "Normalisation"),
    "pooling": Text("プーリング", "Pooling"),
    "numbers": Text("全結合とドロップアウト", "Dense and dropout"),
    "joining": Text("結合", "Joining"),
    "size": Text("大きさと形", "Size and shape"),
    "unit": Text("まとまったユニット", "Units of several layers"),
}
MANY = 8  # inputs a joining block takes at most


@dataclass(frozen=True)
class Layer:
    """What a block is in PyTorch: ``nn.Conv2d(1, 16, 3, padding=1)``; built by `building.build_design`, printed by `export.design_to_python`.

    `target` is "nn.NAME", a class of `parts.py`, "zoo" for a network by name, or a joining function ("add", "multiply", "concatenate").
    """

    target: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] | None = None


class Block:
    """What every block of the palette can tell. Shapes are those of its inputs, in order, without the batch."""

    if TYPE_CHECKING:
        kind: ClassVar[Kind]

    def shape(self, *inputs: Shape) -> Shape:
        """The shape that leaves it; `Misfit` where the inputs cannot enter."""
        return inputs[0]

    def parameters(self, *inputs: Shape) -> int:
        """How many numbers it learns."""
        return 0

    def multiply_adds(self, *inputs: Shape) -> int:
        """Multiplications with addition in convolutions and dense layers for one image; the others do not count."""
        return 0

    def activations(self, *inputs: Shape) -> int:
        """Numbers kept inside for the way back, besides what leaves it."""
        return 0

    def layer(self, *inputs: Shape) -> Layer:
        """What it is in PyTorch."""
        return Layer("nn.Identity")

    def told(self) -> str:
        """Its main options, short and without words."""
        return ""


@dataclass(frozen=True)
class Kind:
    """A kind of block as the palette shows it. `inputs` are the least and the most; `ports` names them where they differ in meaning."""

    name: str
    label: Text
    group: Group
    target: Any
    inputs: tuple[int, int] = (1, 1)
    ports: tuple[Text, ...] = ()

    def make(self, options: Mapping[str, Any]) -> Block:
        """The block with these options; OptionError for what is not allowed."""
        made: Block = self.target(**checked(self.target, options))
        return made

    def defaults(self) -> dict[str, Any]:
        """The options a new block starts with."""
        return {f.name: f.default for f in fields(self.target)}


KINDS: dict[str, Kind] = {}
Class = TypeVar("Class", bound=type)


def kind(
    name: str,
    ja: str,
    en: str,
    *,
    group: Group,
    inputs: tuple[int, int] = (1, 1),
    ports: tuple[Text, ...] = (),
) -> Callable[[Class], Class]:
    """Put a frozen, keyword-only dataclass into the palette."""

    def add(target: Class) -> Class:
        if name in KINDS:
            raise ValueError(f"there is a block '{name}' already")
        KINDS[name] = Kind(name, Text(ja, en), group, target, inputs, ports)
        target.kind = KINDS[name]  # type: ignore[attr-defined]
        return target

    return add
