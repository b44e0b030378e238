"""A design for another set of images: its input and its output follow the data, everything between stays as it was drawn."""

from __future__ import annotations

from gazo.core.errors import DataError
from gazo.nets.design.analysis import ready
from gazo.nets.design.cures import units_fix
from gazo.nets.design.edits import edited
from gazo.nets.design.graph import Design
from gazo.nets.design.walk import made_blocks, walk


def resized(design: Design, *, classes: int, channels: int, size_px: int) -> Design:
    """The design with this input and output, whether or not its blocks fit then."""
    for block in design.blocks:
        if block.kind == "input":
            design = design.with_options(block.id, {"channels": channels, "rows": size_px, "columns": size_px})
        elif block.kind == "output" and block.options.get("purpose", "classes") == "classes":
            design = design.with_options(block.id, {"count": classes})
            fix = units_fix(design, block.id, walk(design, made_blocks(design)[0])[0])
            design = edited(design, fix.edits) if fix else design
    return design


def adapted(design: Design, *, classes: int, channels: int, size_px: int) -> Design:
    """The design ready to classify images of this kind; DataError when it does not classify, or a block does not fit."""
    outputs = [b.options.get("purpose", "classes") for b in design.blocks if b.kind == "output"]
    if outputs != ["classes"] or not any(b.kind == "input" for b in design.blocks):
        raise DataError(
            "G-DSG-012",
            en=f"the design '{design.name}' does not turn an image into classes, so it cannot be trained as a classifier. Give it an input image and an output of kind 'classes'.",
            ja=f"設計「{design.name}」は画像をクラスに分ける形ではないため、画像分類の学習には使えません。入力画像と、種類が「classes」の出力を置いてください。",
        )
    fitted = resized(design, classes=classes, channels=channels, size_px=size_px)
    ready(fitted)
    return fitted
