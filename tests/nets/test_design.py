"""Problems of a design: every kind of mistake gives a sentence in both languages that names the block, and the cure cures it."""

import itertools
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazo.core.errors import DataError, FileError, OptionError
from gazo.nets.design import (
    KINDS,
    PRESETS,
    Design,
    Link,
    Placed,
    analyse,
    build_design,
    edited,
    from_json,
    laid_out,
    preset,
    to_json,
)
from gazo.nets.design.edits import STEP
from gazo.nets.design.layout import COLUMN
from gazo.nets.design.presets import Sketch
from gazo.nets.design.stored import delete, find_stored, rename, store, stored_designs, with_stored_designs
from gazo.nets.design.walk import computable

JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")


def lenet():
    return preset("lenet")


def unlinked(design, source, target):
    return edited(design, [{"do": "unlink", "source": source, "target": target}])


def linked(design, source, target, port=0):
    return replace(design, links=(*design.links, Link(source, target, port)))


def wrong_count():
    return lenet().with_options("output-1", {"count": 3})


def flatten_left_out():
    return edited(lenet(), [{"do": "remove", "block": "flatten-1"}])


def image_too_small():
    return preset("vgg16").with_options("input-1", {"rows": 24, "columns": 24})


def cycle():
    return linked(lenet(), "scaled-tanh-1", "convolution-1")


def nothing_comes():
    return unlinked(lenet(), "convolution-1", "scaled-tanh-1")


def unused():
    return edited(lenet(), [{"do": "add", "kind": "relu"}, {"do": "link", "source": "convolution-1", "target": "relu-1"}])


def two_into_one():
    return linked(lenet(), "convolution-1", "convolution-2")


def odd_u():
    return preset("unet-small").with_options("input-1", {"rows": 100, "columns": 100})


def different_maps():
    sketch = Sketch("sum", 1, 16)
    a = sketch.add("convolution", "input-1", maps=4)
    b = sketch.add("convolution", "input-1", maps=6)
    sketch.add("add", a, b)
    sketch.chain("global-pool", ("dense", {"units": 2}), "output")
    return sketch.design()


def no_log_variance():
    return unlinked(preset("vae"), "dense-2", "sampling-1")


def unequal_latent():
    return preset("vae").with_options("dense-2", {"units": 5})


def no_ends():
    return Design("empty", (Placed("a", "relu"),))


def two_outputs():
    return edited(lenet(), [{"do": "add", "kind": "output"}, {"do": "link", "source": "dense-3", "target": "output-2"}])


def unknown_kind():
    return replace(lenet(), blocks=(*lenet().blocks, Placed("x", "konvolution")))


def link_to_nowhere():
    return linked(lenet(), "dense-3", "not-there")


def forbidden_option():
    return lenet().with_options("convolution-1", {"kernel": 0})


def softmax():
    return edited(lenet(), [{"do": "before", "block": "output-1", "kind": "softmax"}])


def two_dense():
    return edited(lenet(), [{"do": "remove", "block": "scaled-tanh-4"}])


def groups():
    return preset("resnet18").with_options("convolution-1", {"groups": 2})


def small_for_a_network():
    sketch = Sketch("alex", 1, 32)
    sketch.chain(("network", {"network": "alexnet", "units": 2}), "output")
    return sketch.design()


def into_the_input():
    return linked(lenet(), "convolution-1", "input-1")


MISTAKES = {  # design, kind of problem, block, and whether the cure alone makes the design ready
    wrong_count: ("shape", "output-1", True), flatten_left_out: ("shape", "dense-1", True), image_too_small: ("size", "max-pool-5", True),
    cycle: ("cycle", "convolution-1", True), nothing_comes: ("missing", "scaled-tanh-1", True), unused: ("unused", "relu-1", True),
    two_into_one: ("inputs", "convolution-2", False), odd_u: ("shape", "concatenate-1", True), different_maps: ("shape", "add-1", True),
    no_log_variance: ("missing", "sampling-1", False), unequal_latent: ("shape", "sampling-1", True), no_ends: ("ends", "", False),
    two_outputs: ("ends", "output-2", True), unknown_kind: ("kind", "x", True), link_to_nowhere: ("link", "dense-3", True),
    forbidden_option: ("option", "convolution-1", True), softmax: ("softmax", "softmax-1", True), two_dense: ("linear", "dense-3", True),
    groups: ("shape", "convolution-1", True), small_for_a_network: ("shape", "network-1", True), into_the_input: ("inputs", "input-1", True),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.__name__)
def test_a_mistake_is_told_and_cured(mistake):
    design, (kind, block, cured) = mistake(), MISTAKES[mistake]
    found = analyse(design)
    problem = next(p for p in found.problems if p.kind == kind)
    assert problem.block == block
    title = design.titles().get(block)
    if title:
        assert title.ja in problem.text.ja
        assert title.en in problem.text.en
    assert JAPANESE.search(problem.text.ja)
    assert not JAPANESE.search(problem.text.en)
    assert problem.text.ja.endswith("。")
    assert problem.text.en.endswith(".")
    if problem.severity == "error":
        assert not found.ready
        with pytest.raises(DataError, match="G-DSG-011"):
            build_design(design)
    if problem.fix is None:
        assert not cured
        return
    after = edited(design, problem.fix.edits)
    json.dumps(problem.fix.edits)
    left = [p for p in analyse(after).problems if (p.kind, p.block) == (kind, block)]
    assert len(left) == len([p for p in found.problems if (p.kind, p.block) == (kind, block)]) - 1
    if cured:
        for _ in range(5):  # a cure may bring up the next problem, which has one too
            rest = [p for p in analyse(after).problems if p.severity == "error"]
            after = edited(after, rest[0].fix.edits) if rest else after
        assert analyse(after).ready


def test_memory():
    design = preset("unet")
    assert all(p.kind != "memory" for p in analyse(design, memory_bytes=2**40).problems)
    problem = next(p for p in analyse(design, memory_bytes=2**30).problems if p.kind == "memory")
    assert problem.severity == "error"
    smaller = analyse(edited(design, problem.fix.edits), memory_bytes=2**30)
    assert smaller.memory_bytes < analyse(design).memory_bytes / 2


@settings(max_examples=40)
@given(draw=st.data(), name=st.sampled_from(["lenet", "resnet18", "unet-small", "vae"]))
def test_whatever_is_done_to_a_design_is_told_without_a_fault(draw, name):
    """Random edits: the analysis never breaks, cures can always be applied, ready designs can be laid out, JSON keeps all."""
    design = preset(name)
    for _ in range(draw.draw(st.integers(1, 6))):
        ids = [b.id for b in design.blocks] or [""]
        one, other = draw.draw(st.sampled_from(ids)), draw.draw(st.sampled_from(ids))
        kind = draw.draw(st.sampled_from(sorted(KINDS)))
        edit = draw.draw(st.sampled_from([
            {"do": "remove", "block": one}, {"do": "link", "source": one, "target": other, "port": draw.draw(st.integers(0, 2))},
            {"do": "unlink", "source": one, "target": other}, {"do": "add", "kind": kind}, {"do": "before", "block": one, "kind": kind},
            {"do": "after", "block": one, "kind": kind}, {"do": "set", "block": one, "options": {"maps": -1, "kernel": 99}},
        ]))  # fmt: skip
        design = edited(design, [edit]) if design.blocks else design
    found = analyse(design, memory_bytes=2**33)
    for problem in found.problems:
        if problem.fix:
            analyse(edited(design, problem.fix.edits))
    assert from_json(json.loads(json.dumps(to_json(design)))) == replace(design, blocks=from_json(to_json(design)).blocks)
    assert len(laid_out(design).blocks) == len(design.blocks)


@pytest.mark.parametrize("name", PRESETS)
def test_blocks_are_laid_out_apart_and_in_the_order_of_the_flow(name):
    design = preset(name)
    for a, b in itertools.combinations(design.blocks, 2):
        assert abs(a.x - b.x) >= COLUMN - 1 or abs(a.y - b.y) >= STEP - 1, (a.id, b.id)
    assert set(computable(design)) == {b.id for b in design.blocks}


def test_a_u_net_is_drawn_as_one():
    """Every level stands in one row: what is handed over goes straight to the right."""
    design = preset("unet")
    place = {b.id: b for b in design.blocks}
    handed = [k for k in design.links if k.target.startswith("concatenate") and k.source.startswith("convolution-unit")]
    assert len(handed) == 4
    assert all(place[k.source].y == place[k.target].y and place[k.target].x > place[k.source].x for k in handed)


@pytest.mark.parametrize(("text", "code"), [
    ("[]", "G-DSG-001"), ('{"format": 9, "blocks": [], "links": []}', "G-DSG-002"), ("{", "G-DSG-006"),
    ('{"format": 1, "links": [], "blocks": [{"id": 3, "kind": "relu"}]}', "G-DSG-004"),
    ('{"format": 1, "links": [], "blocks": [{"id": "a", "kind": "relu"}, {"id": "a", "kind": "elu"}]}', "G-DSG-004"),
    ('{"format": 1, "links": [{"source": "a"}], "blocks": []}', "G-DSG-004"),
    ('{"format": 1, "links": [], "blocks": [{"id": "a", "kind": "relu", "x": 1e99}]}', "G-DSG-004"),
    ('{"format": 1, "links": [], "blocks": [{"id": "a", "kind": "relu", "options": {"slope": [1]}}]}', "G-DSG-004"),
    ('{"format": 1, "blocks": [], "links": ' + "[" * 100_000 + "}", "G-DSG-006"),
])  # fmt: skip
def test_damaged_files_are_refused(tmp_path, text, code):
    from gazo.nets.design import read_design

    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(FileError, match=code):
        read_design(tmp_path / "x.json")


def test_too_many_blocks():
    with pytest.raises(FileError, match="G-DSG-003"):
        from_json({"format": 1, "links": [], "blocks": [{"id": str(i), "kind": "relu"} for i in range(1001)]})


def test_an_edit_that_cannot_be_made():
    with pytest.raises(OptionError, match="G-DSG-010"):
        edited(lenet(), [{"do": "set", "block": "nowhere", "options": {}}])


def test_designs_are_kept_by_name(tmp_path):
    path = store(lenet(), "私の LeNet ①", tmp_path)
    assert path == find_stored("私の LeNet ①", tmp_path)
    store(preset("vae"), "other", tmp_path)
    assert {s.name for s in stored_designs(tmp_path)} == {"私の LeNet ①", "other"}
    with pytest.raises(OptionError, match="G-DSG-015"):
        rename("other", "私の LeNet ①", tmp_path)
    rename("other", "another", tmp_path)
    assert with_stored_designs({"network": "design:another", "epochs": 3}, tmp_path) == {
        "network": f"design:{tmp_path / 'designs' / 'another.json'}", "epochs": 3,
    }  # fmt: skip
    delete("another", tmp_path)
    with pytest.raises(FileError, match="G-DSG-014"):
        find_stored("another", tmp_path)
    (tmp_path / "designs" / "broken.json").write_text("{", "utf-8")
    assert [s.name for s in stored_designs(tmp_path) if s.fault] == ["broken"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\\b", ".hidden", "con", "a" * 200, "x\x00", "lenet", "end."])
def test_names_that_are_no_files_are_refused(tmp_path, name):
    with pytest.raises(OptionError, match="G-DSG-016"):
        store(lenet(), name, tmp_path)
    assert not list(tmp_path.rglob("*.json"))
    with pytest.raises(FileError, match="G-DSG-014"):
        find_stored(name or "x", tmp_path)
