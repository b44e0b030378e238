"""Networks drawn as blocks and links: shapes, counts and problems in pure Python, torch only when one is built."""

# The modules are imported for the blocks they put into the palette.
from gazo.nets.design import activations, arranging, ends, joining, layers, pooling, units  # noqa: F401
from gazo.nets.design.adapting import adapted
from gazo.nets.design.analysis import Analysis, analyse
from gazo.nets.design.building import build_design
from gazo.nets.design.edits import edited
from gazo.nets.design.export import design_to_python
from gazo.nets.design.graph import Design, Link, Placed, from_json, read_design, to_json, write_design
from gazo.nets.design.kinds import GROUPS, KINDS
from gazo.nets.design.layout import laid_out
from gazo.nets.design.naming import design_named
from gazo.nets.design.presets import PRESETS, preset

__all__ = [
    "GROUPS",
    "KINDS",
    "PRESETS",
    "Analysis",
    "Design",
    "Link",
    "Placed",
    "adapted",
    "analyse",
    "build_design",
    "design_named",
    "design_to_python",
    "edited",
    "from_json",
    "laid_out",
    "preset",
    "read_design",
    "to_json",
    "write_design",
]  # fmt: skip
