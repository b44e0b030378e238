"""Changes of a design as plain values, so that a button, a script and the search make them alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gazo.core.errors import OptionError
from gazo.nets.design.graph import Design, Link, Placed
from gazo.nets.design.kinds import KINDS

Edit = Mapping[str, Any]
STEP = 86.0  # distance of two blocks in a column of the canvas


def edited(design: Design, edits: Sequence[Edit]) -> Design:
    """The design after the edits, in order.

    Parameters
    ----------
    edits : each with "do": "set" (block, options), "remove" (block; what came in goes on to where it led), "unlink" and "link"
        (source, target, port), "before" (block, kind, options: a new block on the way in), "after" (likewise on the way out), "add"
        (kind, options, x, y).
    """
    for edit in edits:
        make = _EDITS.get(str(edit.get("do")))
        try:
            if make is None:
                raise KeyError("do")
            design = make(design, edit)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise OptionError(
                "G-DSG-010",
                en=f"the edit {dict(edit)} cannot be made: known are {', '.join(_EDITS)}, for blocks of the design. Look at the design again.",
                ja=f"変更 {dict(edit)} は行えません。使える変更: {', '.join(_EDITS)} (設計にあるブロックが対象)。設計を読み直してください。",
            ) from None
    return design


def placed(design: Design, kind: str, options: Mapping[str, Any], x: float, y: float) -> Placed:
    """A new block with the kind's own options and those given."""
    return Placed(design.free_id(kind), kind, {**KINDS[kind].defaults(), **options}, x, y)


def _known(design: Design, id: Any) -> Placed:
    found = design.block(str(id))
    if found is None:
        raise KeyError(id)
    return found


def _set(design: Design, edit: Edit) -> Design:
    return design.with_options(_known(design, edit["block"]).id, dict(edit["options"]))


def _add(design: Design, edit: Edit) -> Design:
    new = placed(design, edit["kind"], dict(edit.get("options", {})), float(edit.get("x", 0)), float(edit.get("y", 0)))
    return replace(design, blocks=(*design.blocks, new))


def _link(design: Design, edit: Edit) -> Design:
    link = Link(_known(design, edit["source"]).id, _known(design, edit["target"]).id, int(edit.get("port", 0)))
    return design if link in design.links else replace(design, links=(*design.links, link))


def _unlink(design: Design, edit: Edit) -> Design:
    wanted = (str(edit["source"]), str(edit["target"]))
    port = edit.get("port")
    kept = [k for k in design.links if (k.source, k.target) != wanted or (port is not None and k.port != port)]
    return replace(design, links=tuple(kept))


def _remove(design: Design, edit: Edit) -> Design:
    gone = _known(design, edit["block"])
    sources = [link.source for link in design.into(gone.id)][:1]
    links = []
    for link in design.links:
        if link.source == gone.id and link.target != gone.id:
            links += [Link(source, link.target, link.port) for source in sources]
        elif link.target != gone.id:
            links.append(link)
    return replace(design, blocks=tuple(b for b in design.blocks if b is not gone), links=tuple(dict.fromkeys(links)))


def _before(design: Design, edit: Edit) -> Design:
    """A new block on the link that ends at `block` (at its input `port`, the first without)."""
    there = _known(design, edit["block"])
    new = placed(design, edit["kind"], dict(edit.get("options", {})), there.x, there.y - STEP / 2)
    come = [k for k in design.into(there.id) if "port" not in edit or k.port == edit["port"]][: None if "port" in edit else 1]
    swapped = {k: Link(new.id, k.target, k.port) for k in come}
    links = [swapped.get(k, k) for k in design.links] + [Link(k.source, new.id) for k in come]
    return replace(design, blocks=(*design.blocks, new), links=tuple(links))


def _after(design: Design, edit: Edit) -> Design:
    """A new block through which everything goes that left `block`."""
    there = _known(design, edit["block"])
    new = placed(design, edit["kind"], dict(edit.get("options", {})), there.x, there.y + STEP / 2)
    links = [Link(new.id, k.target, k.port) if k.source == there.id else k for k in design.links]
    return replace(design, blocks=(*design.blocks, new), links=(*links, Link(there.id, new.id)))


_EDITS = {
    "set": _set,
    "add": _add,
    "remove": _remove,
    "link": _link,
    "unlink": _unlink,
    "before": _before,
    "after": _after,
}
