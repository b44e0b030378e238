"""Every block of the designer: its pure-Python shape, parameter and multiply-add rules against torch, with drawn options."""

import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from gazo.core.errors import OptionError
from gazo.core.parameters import parameters_of
from gazo.nets.design import KINDS
from gazo.nets.design.drawn import JOINING, module
from gazo.nets.design.shapes import Misfit

ENDS = {"input", "vector-input", "output"}
IMAGES = st.tuples(st.sampled_from([1, 2, 3, 4, 8, 12]), st.integers(1, 20), st.integers(1, 20))
LISTS = st.tuples(st.integers(1, 40))
MOST = {"maps": 24, "units": 40, "kernel": 6, "channels": 12, "rows": 8, "columns": 8, "stride": 4, "padding": 3, "dilation": 3}
MOST |= {
    "repeats": 3,
    "side": 9,
    "multiplier": 3,
    "groups": 6,
    "extra": 3,
    "top": 4,
    "bottom": 4,
    "left": 4,
    "right": 4,
    "factor": 4,
}


def options(kind):
    """Legal options, small enough to compute."""

    def of(parameter):
        if parameter.choices:
            return st.sampled_from(parameter.choices)
        if parameter.bare is bool:
            return st.booleans()
        low = parameter.limits.get("ge", 0)
        if parameter.bare is int:
            return st.integers(int(low), min(MOST.get(parameter.name, 16), int(parameter.limits["le"])))
        return st.sampled_from([0.0, 0.2, 0.5]).filter(lambda v: v > parameter.limits.get("gt", -1))

    return st.fixed_dictionaries({p.name: of(p) for p in parameters_of(kind.target)})


def run(layer, shapes):
    """What torch makes of it: shape, parameters, multiply-adds; no numbers are computed."""
    with torch.device("meta"):
        given = [torch.zeros(2, *shape) for shape in shapes]
        if layer.target in JOINING:
            return tuple(JOINING[layer.target](given).shape[1:]), 0, 0
        net = module(layer)
        with FlopCounterMode(display=False) as count:
            out = net(*given)
    return tuple(out.shape[1:]), sum(p.numel() for p in net.parameters()), count.get_total_flops() // 2 // 2


def works(layer, shapes):
    """Whether torch makes a number of it."""
    try:
        return 0 not in run(layer, shapes)[0]
    except (RuntimeError, ValueError, TypeError):
        return False


@pytest.mark.parametrize("name", sorted(set(KINDS) - ENDS - {"network"}))
@settings(max_examples=25)
@given(draw=st.data())
def test_rules_are_those_of_torch(name, draw):
    kind = KINDS[name]
    block = kind.make(draw.draw(options(kind), label="options"))
    kinds_of_shape = LISTS if name in ("dense", "sampling") else IMAGES | LISTS
    first = draw.draw(kinds_of_shape, label="shape")
    shapes = [first] * kind.inputs[0]
    if name == "concatenate":
        shapes[1] = (draw.draw(st.integers(1, 9)), *first[1:])
    if name == "reshape" and len(first) == 3:
        shapes = [(block.channels * block.rows * block.columns,)]
    try:
        shape = block.shape(*shapes)
    except Misfit:
        # torch takes a list for an image of one row, a slice beyond the edge from the other side, and lets an even window shrink the image
        assume(len(first) == 3 or name in ("dense", "sampling", "group-norm", "reshape"))
        assume(name != "crop" and (name != "convolution-unit" or block.kernel % 2))
        assert not works(block.layer(*shapes), shapes)
        return
    assert (shape, block.parameters(*shapes), block.multiply_adds(*shapes)) == run(block.layer(*shapes), shapes)


@pytest.mark.parametrize("name", sorted(set(KINDS) - ENDS))
def test_every_kind_is_told_in_both_languages(name):
    kind = KINDS[name]
    assert kind.label.ja
    assert kind.label.en.isascii()
    assert kind.target.__doc__
    assert kind.make(kind.defaults()) == kind.make({})


@given(rows=st.integers(1, 6), columns=st.integers(1, 6), one=st.booleans())
@example(rows=5, columns=5, one=True)
def test_multiplication_spreads_sides_of_one_as_torch_does(rows, columns, one):
    block = KINDS["multiply"].make({})
    shapes = [(4, rows, columns), (4, 1, 1) if one else (1, rows, columns)]
    assert block.shape(*shapes) == run(block.layer(*shapes), shapes)[0]


@pytest.mark.parametrize(("name", "shapes"), [("add", [(4, 5, 5), (4, 5, 4)]), ("concatenate", [(4, 5, 5), (4, 5, 4)]), ("multiply", [(4, 5, 5), (3, 5, 5)])])  # fmt: skip
def test_what_torch_cannot_join_is_refused(name, shapes):
    block = KINDS[name].make({})
    with pytest.raises(Misfit):
        block.shape(*shapes)
    with pytest.raises(RuntimeError):
        run(block.layer(*shapes), shapes)


def test_a_cure_cures():
    """Every cure that sets options of the block makes the block fit."""
    tried = [
        ("convolution", {"kernel": 9, "padding": 0}, (3, 5, 5)), ("convolution", {"groups": 3}, (4, 9, 9)),
        ("transposed-convolution", {"extra": 5}, (3, 5, 5)), ("group-norm", {"groups": 5}, (8, 4, 4)),
        ("transposed-convolution", {"padding": 9}, (3, 3, 3)), ("max-pool", {"padding": 2}, (3, 8, 8)),
        ("max-pool", {"kernel": 8}, (3, 5, 5)), ("crop", {"top": 9}, (3, 5, 5)), ("padding", {"filling": "mirror", "top": 9}, (1, 4, 4)),
        ("reshape", {"rows": 2, "columns": 3}, (24,)), ("convolution-unit", {"normalisation": "instance"}, (4, 1, 1)),
    ]  # fmt: skip
    for name, wrong, shape in tried:
        with pytest.raises(Misfit) as caught:
            KINDS[name].make(wrong).shape(shape)
        cured = KINDS[name].make({**wrong, **caught.value.cure.options})
        assert len(cured.shape(shape)) == 3, name


def test_options_are_checked():
    with pytest.raises(OptionError, match="G-OPT-002"):
        KINDS["convolution"].make({"kernel": 0})
    with pytest.raises(OptionError, match="G-OPT-003"):
        KINDS["convolution"].make({"kernal": 3})
