"""A design as a Python file that needs PyTorch only. Nothing is imported to write it: classes are copied from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from gazo.core.registry import feature
from gazo.nets.design.analysis import Analysis, ready
from gazo.nets.design.building import variables
from gazo.nets.design.graph import Design
from gazo.nets.design.kinds import Layer
from gazo.nets.design.shapes import shape_text
from gazo.nets.zoo import network

HERE = Path(__file__).parent
JOINED = {"add": " + ", "multiply": " * "}


@feature("Python への書き出し", "Export as Python", booklet="K2")
def design_to_python(design: Design) -> str:
    """A readable PyTorch module that runs without gazo; its weights bear the names that `build_design` gives them."""
    analysis = ready(design)
    names = variables(design, analysis)
    layers = {id: analysis.made[id].layer(*analysis.blocks[id].came) for id in analysis.order}
    imports, copied = _needed(layers.values())
    name = class_name(design.name)
    first, last = (analysis.blocks[id].shape or () for id in (_input(analysis), analysis.order[-1]))
    given = "image" if len(first) == 3 else "numbers"
    lines = [
        f'"""{_quoted(design.name)}: a network drawn in gazo. Runs with PyTorch alone.',
        "",
        f"Input {('n', *first)}, output {('n', *last)}; {analysis.parameters:,} learned numbers.".replace("'n'", "n"),
        '"""',
        "",
        *imports,
        "",
        *(line for part in copied for line in ("", part, "")),
        "",
        f"class {name}(nn.Module):",
        f'    """Input {shape_text(first)}, output {shape_text(last)}."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        self.{names[id]} = {call(layer)}{_comment(analysis, id)}" for id, layer in layers.items() if _module(layer)),
        "",
        f"    def forward(self, {given}):",
        *(f"        {line}" for line in _forward(design, analysis, names, layers, given)),
        "",
        "",
        'if __name__ == "__main__":',
        f"    network = {name}().eval()",
        f"    print(network(torch.zeros({', '.join(map(str, (1, *first)))})).shape)",
        "",
    ]
    return "\n".join(lines)


def class_name(name: str) -> str:
    """A name of a class made from the name of a design."""
    word = "".join(part[:1].upper() + part[1:] for part in "".join(c if c.isalnum() else " " for c in name).split())
    return (
        word
        if word.isidentifier() and word not in ("None", "True", "False")
        else f"Network{word if ('N' + word).isidentifier() else ''}"
    )


def call(layer: Layer) -> str:
    """How the layer is made, as code."""
    if layer.target == "zoo":
        return _zoo_call(layer)
    given = [*map(repr, layer.arguments), *(f"{k}={v!r}" for k, v in (layer.options or {}).items())]
    return f"{layer.target}({', '.join(given)})"


def _module(layer: Layer) -> bool:
    return layer.target != "nn.Identity" and layer.target not in (*JOINED, "concatenate")


def _comment(analysis: Analysis, id: str) -> str:
    shape = analysis.blocks[id].shape
    return f"  # {shape_text(shape)}" if shape else ""


def _input(analysis: Analysis) -> str:
    return next(id for id in analysis.order if analysis.made[id].kind.inputs[1] == 0)


def _forward(design: Design, analysis: Analysis, names: dict[str, str], layers: dict[str, Layer], given: str) -> Iterable[str]:
    """The lines of `forward`; a value used only by the next line is called x."""
    order = analysis.order
    called = {_input(analysis): given}
    for number, id in enumerate(order):
        sources = [called[k.source] for k in design.into(id)]
        if not sources:
            continue
        if not _module(layers[id]) and layers[id].target == "nn.Identity":
            called[id] = sources[0]
            continue
        users = {k.target for k in design.out_of(id)} & set(order)
        ahead = order[number + 1 :]
        called[id] = "x" if len(users) == 1 and ahead and users == {ahead[0]} else names[id]
        yield f"{called[id]} = {_said(layers[id], names[id], sources)}"
    yield f"return {called[order[-1]]}"


def _said(layer: Layer, name: str, sources: list[str]) -> str:
    if layer.target == "concatenate":
        return f"torch.cat([{', '.join(sources)}], 1)"
    if layer.target in JOINED:
        return JOINED[layer.target].join(sources)
    return f"self.{name}({', '.join(sources)})"


def _needed(layers: Iterable[Layer]) -> tuple[list[str], list[str]]:
    """Import lines, and the source of every class that PyTorch lacks."""
    imports, copied = ["import torch", "from torch import nn"], []
    for layer in layers:
        if layer.target == "zoo":
            library, source = network(layer.arguments[0]).source.split(":")
            if library == "timm":
                imports.append("import timm")
            else:
                imports += ["import torchvision"] if library == "torchvision" else []
                copied += [_module_source(HERE.parent / f"{f}.py") for f in _ZOO_FILES.get(source, (source,))]
        elif _module(layer) and not layer.target.startswith("nn."):
            copied.append(_class_source(layer.target))
    return sorted(dict.fromkeys(imports), key=lambda line: (line.startswith("from"), line)), list(dict.fromkeys(copied))


_ZOO_FILES = {
    "alexnet": ("googlenet", "stems"),
    "googlenet": ("googlenet", "stems"),
    "shufflenet_v2_x1_0": ("googlenet", "stems"),
}


def _zoo_call(layer: Layer) -> str:
    known, options = network(layer.arguments[0]), dict(layer.options or {})
    library, source = known.source.split(":")
    if library == "timm":
        sized = f", img_size={options['size_px']}" if known.step_px > 1 else ""
        return f'timm.create_model("{source}", num_classes={options["classes"]}, in_chans={options["channels"]}, drop_rate={options["drop"]}{sized})'
    if library == "torchvision":
        return f'from_torchvision("{source}", {options["classes"]}, {options["channels"]}, {options["drop"]})'
    sized = f", size_px={options['size_px']}" if source == "lenet" else ""
    made = "LeNet" if source == "lenet" else source
    return f"{made}(classes={options['classes']}, channels={options['channels']}{sized}, drop={options['drop']})"


@cache
def _class_source(name: str) -> str:
    text = (HERE / "parts.py").read_text("utf-8")
    node = next(n for n in ast.parse(text).body if isinstance(n, ast.ClassDef) and n.name == name)
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])


@cache
def _module_source(path: Path) -> str:
    """A whole module without its docstring and its imports."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Expr | ast.Import | ast.ImportFrom) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        ):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return "\n".join(line for line in lines if "from gazo." not in line).strip()


def _quoted(name: Any) -> str:
    return str(name).replace("\\", "/").replace('"', "'")
