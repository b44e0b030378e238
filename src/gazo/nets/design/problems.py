"""What can be wrong with a design: a sentence that names the block and the cure, and where possible the cure as edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gazo.core.errors import OptionError, nearest
from gazo.core.language import Text
from gazo.nets.design.cures import Fix, cure, cut, removal
from gazo.nets.design.graph import Design, Link, Placed
from gazo.nets.design.kinds import KINDS
from gazo.nets.design.shapes import Misfit
from gazo.nets.design.walk import Facts


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `kind` is stable, `block` the id of the block to look at ("" for the whole design)."""

    kind: str
    block: str
    text: Text
    severity: Literal["error", "warning", "note"] = "error"
    fix: Fix | None = None


def wrong_option(placed: Placed, title: Text, error: OptionError) -> Problem:
    """An option that is not allowed."""
    known = KINDS[placed.kind].defaults()
    options = {name: value for name, value in known.items() if _refused(placed, name)}
    fix = Fix(Text("既定値に戻す", "Set it to its default"), ({"do": "set", "block": placed.id, "options": options},))
    return Problem("option", placed.id, Text(f"「{title.ja}」: {error.text.ja}", f"'{title.en}': {error.text.en}"), fix=fix if options else None)  # fmt: skip


def _refused(placed: Placed, name: str) -> bool:
    if name not in placed.options:
        return False
    try:
        KINDS[placed.kind].make({name: placed.options[name]})
    except OptionError:
        return True
    return False


def misfit(design: Design, id: str, facts: Mapping[str, Facts], wrong: Misfit) -> Problem:
    """A shape that does not fit."""
    title = facts[id].title
    text = Text(f"「{title.ja}」: {wrong.text.ja}。", f"'{title.en}': {wrong.text.en}.")
    return Problem("size" if wrong.small else "shape", id, text, fix=cure(design, id, facts, wrong))


def structure_problems(design: Design, titles: Mapping[str, Text]) -> list[Problem]:
    """Blocks and links that do not make a network."""
    found = [_unknown(b, titles[b.id]) for b in design.blocks if b.kind not in KINDS]
    found += _ends(design, titles)
    found += _broken_links(design, titles)
    found += _cycles(design, titles)
    for block in design.blocks:
        if block.kind in KINDS:
            found += _inputs(design, block, titles)
    return found


def _unknown(block: Placed, title: Text) -> Problem:
    hint = nearest(block.kind, KINDS)
    text = Text(
        f"「{title.ja}」: 「{block.kind}」という種類のブロックはありません。{hint.ja} このブロックを削除してください。",
        f"'{title.en}': there is no block of kind '{block.kind}'. {hint.en} Remove it.",
    )
    return Problem("kind", block.id, text, fix=removal(block.id))


def _ends(design: Design, titles: Mapping[str, Text]) -> list[Problem]:
    """Exactly one input and one output."""
    found = []
    left = min((b.x for b in design.blocks), default=0.0)
    top, bottom = min((b.y for b in design.blocks), default=0.0), max((b.y for b in design.blocks), default=0.0)
    for kinds, ja, en, y in (
        (("input", "vector-input"), "入力", "input", top - 100),
        (("output",), "出力", "output", bottom + 100),
    ):
        there = [b for b in design.blocks if b.kind in kinds]
        if not there:
            text = Text(f"{ja}のブロックがありません。1 つ置いてください。", f"There is no {en} block. Place one.")
            edit = {"do": "add", "kind": kinds[0], "x": left, "y": y}
            found.append(Problem("ends", "", text, fix=Fix(Text(f"{ja}ブロックを置く", f"Place an {en} block"), (edit,))))
        for extra in there[1:]:
            title = titles[extra.id]
            text = Text(
                f"「{title.ja}」は余分です。{ja}のブロックは 1 つだけにしてください (今は {len(there)} 個)。",
                f"'{title.en}' is one too many: keep a single {en} block (now {len(there)}).",
            )
            found.append(Problem("ends", extra.id, text, fix=removal(extra.id)))
    return found


def _broken_links(design: Design, titles: Mapping[str, Text]) -> list[Problem]:
    found = []
    for link in design.links:
        if link.source not in titles or link.target not in titles:
            there = link.target if link.target in titles else link.source
            title = titles.get(there, Text(there, there))
            text = Text(f"「{title.ja}」の線の片端にブロックがありません。線を削除してください。", f"A link of '{title.en}' ends at no block. Remove the link.")  # fmt: skip
            found.append(Problem("link", there if there in titles else "", text, fix=cut(link)))
    return found


def _cycles(design: Design, titles: Mapping[str, Text]) -> list[Problem]:
    """One problem for each link that leads back to where it came from."""
    found = []
    kept: list[Link] = []
    for link in design.links:
        if link.source in titles and link.target in titles and _leads(kept, link.target, link.source):
            a, b = titles[link.source], titles[link.target]
            text = Text(
                f"「{a.ja}」から「{b.ja}」への線で輪ができています。データは一方向にしか流れません。この線を削除してください。",
                f"The link from '{a.en}' to '{b.en}' closes a circle; data flow one way only. Remove this link.",
            )
            found.append(Problem("cycle", link.target, text, fix=cut(link)))
        else:
            kept.append(link)
    return found


def _leads(links: list[Link], start: str, end: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        ahead = {k.target for k in links if k.source == here} - seen
        seen |= ahead
        waiting += ahead
    return False


def _inputs(design: Design, block: Placed, titles: Mapping[str, Text]) -> list[Problem]:
    """The right number of inputs, one on each port."""
    (least, most), ports = KINDS[block.kind].inputs, KINDS[block.kind].ports
    came, title = design.into(block.id), titles[block.id]
    if len(came) > most:
        one = Text("1 本の線しか入りません。「加算」か「連結」でまとめるか、余分な線を削除してください", "takes one link only. Join them with an add or concatenate block, or remove the extra link")  # fmt: skip
        none = Text("入力のブロックなので線は入りません。線を削除してください", "is where the network begins, so no link ends there. Remove the link")  # fmt: skip
        many = Text(f"線は {most} 本までしか入りません。余分な線を削除してください", f"takes {most} links at most. Remove the extra link")  # fmt: skip
        said = none if most == 0 else one if most == 1 else many
        fix = _joined(design, block, came) if most == 1 else cut(came[-1])
        return [Problem("inputs", block.id, Text(f"「{title.ja}」には{said.ja}。", f"'{title.en}' {said.en}."), fix=fix)]
    if ports and sorted(k.port for k in came) != list(range(len(ports))):
        missing = [p for number, p in enumerate(ports) if number not in {k.port for k in came}]
        named = Text("・".join(p.ja for p in missing) or "入力", " and ".join(p.en.lower() for p in missing) or "input")
        text = Text(
            f"「{title.ja}」の{named.ja}に線をつないでください。", f"'{title.en}' lacks its {named.en}. Link a dense block to it."
        )
        return [Problem("missing", block.id, text)]
    if len(came) < least:
        few = Text(f"線が {least} 本必要ですが、{len(came)} 本しかつながっていません" if least > 1 else "線がつながっていません", f"needs {least} links; {len(came)} end there" if least > 1 else "gets nothing")  # fmt: skip
        text = Text(
            f"「{title.ja}」に{few.ja}。前のブロックからつないでください。", f"'{title.en}' {few.en}. Link a block to it."
        )
        return [Problem("missing", block.id, text, fix=_open_end(design, block, titles))]
    return []


def _joined(design: Design, block: Placed, came: tuple[Link, ...]) -> Fix:
    """What comes in by several links goes through a concatenation first."""
    new = design.free_id("concatenate")
    edits: list[Mapping[str, Any]] = [{"do": "unlink", "source": k.source, "target": k.target} for k in came]
    edits.append({"do": "add", "kind": "concatenate", "x": block.x, "y": block.y - 43})
    edits += [{"do": "link", "source": k.source, "target": new} for k in came]
    edits.append({"do": "link", "source": new, "target": block.id})
    return Fix(Text("「連結」でまとめる", "Join them by concatenation"), tuple(edits))


def _open_end(design: Design, block: Placed, titles: Mapping[str, Text]) -> Fix | None:
    """A link from the one block whose output goes nowhere, if it does not depend on this block."""
    links = list(design.links)
    ends = [
        b for b in design.blocks
        if b.id != block.id and b.kind in KINDS and b.kind != "output" and not design.out_of(b.id) and not _leads(links, block.id, b.id)
    ]  # fmt: skip
    if len(ends) != 1:
        return None
    title = titles[ends[0].id]
    edit = {"do": "link", "source": ends[0].id, "target": block.id}
    return Fix(Text(f"「{title.ja}」からつなぐ", f"Link '{title.en}' to it"), (edit,))
