"""What can be built but should be looked at, and what the machine cannot hold."""

from __future__ import annotations

from collections.abc import Mapping

from gazo.core.language import Text
from gazo.nets.design.cures import WEIGHTED, Fix, removal
from gazo.nets.design.graph import Design, Placed
from gazo.nets.design.kinds import KINDS
from gazo.nets.design.problems import Problem
from gazo.nets.design.shapes import shape_text
from gazo.nets.design.walk import Facts


def remarks(
    design: Design, order: tuple[str, ...], facts: Mapping[str, Facts], memory: int, batch: int, limit: int | None
) -> list[Problem]:
    """What can be built but should be looked at, and what the machine cannot hold."""
    found = [_unused(b, facts[b.id].title) for b in design.blocks if b.kind in KINDS and order and b.id not in order]
    found += [_softmax(design, b, facts) for b in design.blocks if b.kind == "output" and b.options.get("purpose", "classes") == "classes" and _last_kind(design, b.id) in ("softmax", "sigmoid")]  # fmt: skip
    found += [_linear(design, b, facts) for b in design.blocks if b.id in order and _linear_pair(design, b)]
    if limit is not None and memory > limit:
        found.append(_too_large(design, order, facts, memory, batch, limit))
    return found


def _unused(block: Placed, title: Text) -> Problem:
    text = Text(f"「{title.ja}」から出力まで線がつながっていないため、使われません。つなぐか、削除してください。", f"'{title.en}' does not lead to the output, so it is not used. Link it, or remove it.")  # fmt: skip
    return Problem("unused", block.id, text, "warning", removal(block.id))


def _last_kind(design: Design, id: str) -> str:
    into = design.into(id)
    last = design.block(into[0].source) if into else None
    return last.kind if last else ""


def _softmax(design: Design, output: Placed, facts: Mapping[str, Facts]) -> Problem:
    last = design.into(output.id)[0].source
    title = facts[last].title
    text = Text(
        f"「{title.ja}」は要りません。確率への変換 (ソフトマックス) は学習の損失 (交差エントロピー) に含まれており、二重になると学習が遅くなります。削除してください。",
        f"'{title.en}' is not wanted: the loss (cross entropy) makes probabilities itself (softmax), and doing it twice slows learning. Remove it.",
    )
    return Problem("softmax", last, text, "warning", removal(last))


def _linear_pair(design: Design, block: Placed) -> bool:
    """Two layers with weights, and nothing between them that bends."""
    if block.kind not in WEIGHTED - {"depthwise-convolution"}:
        return False
    into = design.into(block.id)
    before = design.block(into[0].source) if len(into) == 1 else None
    return before is not None and before.kind == block.kind and len(design.out_of(before.id)) == 1 and block.options.get("kernel") != 1 and before.options.get("kernel") != 1  # fmt: skip


def _linear(design: Design, block: Placed, facts: Mapping[str, Facts]) -> Problem:
    title, before = facts[block.id].title, facts[design.into(block.id)[0].source].title
    text = Text(
        f"「{before.ja}」と「{title.ja}」の間に活性化関数がありません。2 つ続けても 1 つの層と同じことしか表せません。ReLU などを入れてください。",
        f"There is no activation between '{before.en}' and '{title.en}': together they can say no more than one layer. Put a ReLU in.",
    )
    edit = {"do": "before", "block": block.id, "kind": "relu", "options": {}}
    return Problem("linear", block.id, text, "note", Fix(Text("ReLU を入れる", "Put a ReLU in"), (edit,)))


def _too_large(
    design: Design,
    order: tuple[str, ...],
    facts: Mapping[str, Facts],
    memory: int,
    batch: int,
    limit: int,
) -> Problem:
    """The block with most numbers is named; the image is halved where there is one."""

    def weight(id: str) -> int:
        values = 1
        for side in facts[id].shape or (0,):
            values *= side
        return 2 * batch * values + 4 * (facts[id].parameters or 0)

    most = max(order, key=weight)
    shape = facts[most].shape
    text = Text(
        f"学習に約 {memory / 2**30:.1f} GB のメモリが必要ですが、使えるのは {limit / 2**30:.1f} GB です (バッチ {batch} 枚)。最も大きいのは「{facts[most].title.ja}」"
        f" ({shape_text(shape) if shape else '-'}) です。入力画像かバッチを小さくするか、もっと手前で縮小してください。",
        f"Training would take about {memory / 2**30:.1f} GB; {limit / 2**30:.1f} GB are free (batch of {batch}). The largest is '{facts[most].title.en}' "
        f"({shape_text(shape) if shape else '-'}). Take smaller images or batches, or shrink earlier.",
    )
    there = next((b for b in design.blocks if b.kind == "input"), None)
    fix = None
    if there is not None and isinstance(there.options.get("rows"), int) and there.options["rows"] >= 32:
        half = {"rows": there.options["rows"] // 2, "columns": max(1, int(there.options.get("columns", 2)) // 2)}
        fix = Fix(Text("入力画像の一辺を半分にする", "Halve the side of the input image"), ({"do": "set", "block": there.id, "options": half},))  # fmt: skip
    return Problem("memory", most, text, fix=fix)
