"""What a search may change in a design: width, depth, windows, activation, normalisation, pooling, head, dropout, attention, learning rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Any, Protocol

from gazo.nets.design.activations import ACTIVATIONS
from gazo.nets.design.analysis import analyse
from gazo.nets.design.cures import deciding
from gazo.nets.design.edits import edited
from gazo.nets.design.graph import Design, Placed
from gazo.nets.design.layout import laid_out

Settings = Mapping[str, Any]
NORMS = ("batch-norm", "layer-norm", "instance-norm", "group-norm")
HIDDEN = tuple(name for name in ACTIVATIONS if name != "softmax")
CONVOLUTIONS = ("convolution", "convolution-unit", "residual")
KEPT = "as it is"

# The first value of each leaves the design as it is.
CHOICES: dict[str, Sequence[Any]] = {
    "width": (1.0, 0.5, 1 / sqrt(2), sqrt(2), 2.0, 4.0),
    "deeper": (0, 1, 2),
    "window": (KEPT, 3, 5),
    "activation": (KEPT, "relu", "leaky-relu", "elu", "gelu"),
    "normalisation": (KEPT, "batch-norm", "group-norm", "none"),
    "pooling": (KEPT, "max-pool", "average-pool"),
    "head": (KEPT, "mean", "maximum"),
    "dropout": (KEPT, 0.0, 0.2, 0.5),
    "attention": (False, True),
    "learning_rate": (1.0, 0.3, 3.0),
}
START: Settings = {name: values[0] for name, values in CHOICES.items()}


class Chooser(Protocol):
    """What Optuna's trials can do."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any: ...


def drawn(trial: Chooser) -> dict[str, Any]:
    """One setting of everything."""
    return {name: trial.suggest_categorical(name, values) for name, values in CHOICES.items()}


def changed(design: Design, settings: Settings) -> Design:
    """The design with these changes, laid out; what a change does not apply to stays."""
    for name, value in settings.items():
        if name in _CHANGES and value != CHOICES[name][0]:
            design = _CHANGES[name](design, value)
    return laid_out(design) if dict(settings) != dict(START) else design


def _kinds(design: Design, *kinds: str) -> list[Placed]:
    return [b for b in design.blocks if b.kind in kinds]


def _last(design: Design) -> str:
    """The block that decides the number of classes: its width is not free."""
    output = next(b for b in design.blocks if b.kind == "output")
    found = deciding(design, output.id)
    return found.id if found else ""


def _width(design: Design, factor: float) -> Design:
    """Maps and units of all hidden layers times a factor."""
    last = _last(design)
    for block in design.blocks:
        name = "units" if block.kind == "dense" else "maps"
        if (
            block.id != last
            and block.kind in (*CONVOLUTIONS, "dense", "transposed-convolution")
            and isinstance(block.options.get(name), int)
        ):
            design = design.with_options(block.id, {name: max(4, round(block.options[name] * factor))})
    return design


def _deeper(design: Design, more: int) -> Design:
    """A convolution unit of the same maps behind the last convolution of each size of the image, `more` times."""
    shapes = analyse(design).blocks
    by_side: dict[int, str] = {}
    for id in analyse(design).order:
        block, shape = design.block(id), shapes[id].shape
        if block and block.kind in CONVOLUTIONS and shape and len(shape) == 3 and shape[1] >= 3:
            by_side[shape[1]] = _tail(design, id)
    for id in by_side.values():
        shape = shapes[id].shape or (16,)
        options = {"maps": shape[0], "repeats": more, "normalisation": "batch"}
        design = edited(design, [{"do": "after", "block": id, "kind": "convolution-unit", "options": options}])
    return design


def _tail(design: Design, id: str) -> str:
    """The last of normalisation and activation that follow a convolution."""
    while True:
        out = design.out_of(id)
        ahead = design.block(out[0].target) if len(out) == 1 else None
        if ahead is None or ahead.kind not in (*NORMS, *HIDDEN):
            return id
        id = ahead.id


def _window(design: Design, side: int) -> Design:
    """Windows of all convolutions that are wider than 1 and keep the size of the image."""
    for block in _kinds(design, "convolution"):
        kernel = block.options.get("kernel", 3)
        if kernel > 1 and block.options.get("padding") == kernel // 2 and block.options.get("dilation", 1) == 1:
            design = design.with_options(block.id, {"kernel": side, "padding": side // 2})
    for block in _kinds(design, "convolution-unit"):
        design = design.with_options(block.id, {"kernel": side}) if block.options.get("kernel", 3) > 1 else design
    return design


def _replaced(design: Design, block: Placed, kind: str) -> Design:
    return edited(design, [{"do": "after", "block": block.id, "kind": kind}, {"do": "remove", "block": block.id}])


def _activation(design: Design, kind: str) -> Design:
    for block in _kinds(design, *HIDDEN):
        design = _replaced(design, block, kind)
    for block in _kinds(design, "convolution-unit"):
        design = design.with_options(block.id, {"activation": kind})
    return design


def _normalisation(design: Design, kind: str) -> Design:
    """The same one after each convolution, or none."""
    for block in _kinds(design, *NORMS):
        design = edited(design, [{"do": "remove", "block": block.id}])
    last, shapes = _last(design), analyse(design).blocks
    for block in _kinds(design, "convolution") if kind != "none" else []:
        shape = shapes[block.id].shape
        if block.id != last and shape:
            options = {"groups": 8 if shape[0] % 8 == 0 else 1} if kind == "group-norm" else {}
            design = edited(design, [{"do": "after", "block": block.id, "kind": kind, "options": options}])
    for block in _kinds(design, "convolution-unit"):
        design = design.with_options(block.id, {"normalisation": kind.removesuffix("-norm")})
    return design


def _pooling(design: Design, kind: str) -> Design:
    for block in _kinds(design, "max-pool", "average-pool"):
        if block.kind != kind:
            after = {"do": "after", "block": block.id, "kind": kind, "options": dict(block.options)}
            design = edited(design, [after, {"do": "remove", "block": block.id}])
    return design


def _head(design: Design, of: str) -> Design:
    """The plane becomes one number for each map, where it was flattened."""
    for block in _kinds(design, "flatten"):
        after = {"do": "after", "block": block.id, "kind": "global-pool", "options": {"of": of}}
        design = edited(design, [after, {"do": "remove", "block": block.id}])
    for block in _kinds(design, "global-pool"):
        design = design.with_options(block.id, {"of": of})
    return design


def _dropout(design: Design, rate: float) -> Design:
    """One dropout, before the layer that decides the classes."""
    for block in _kinds(design, "dropout"):
        design = edited(design, [{"do": "remove", "block": block.id}])
    last = _last(design)
    edit = {"do": "before", "block": last, "kind": "dropout", "options": {"rate": rate}}
    return edited(design, [edit]) if rate and last else design


def _attention(design: Design, wanted: bool) -> Design:
    """Squeeze and excitation before each pooling."""
    for block in _kinds(design, "max-pool", "average-pool", "global-pool") if wanted else []:
        into = design.into(block.id)
        before = design.block(into[0].source) if into else None
        if before and before.kind not in ("input", "squeeze-excitation"):
            design = edited(design, [{"do": "before", "block": block.id, "kind": "squeeze-excitation"}])
    return design


_CHANGES: dict[str, Callable[[Design, Any], Design]] = {
    "width": _width, "deeper": _deeper, "window": _window, "activation": _activation, "normalisation": _normalisation,
    "pooling": _pooling, "head": _head, "dropout": _dropout, "attention": _attention,
}  # fmt: skip
