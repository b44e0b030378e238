"""Laws that every operation, method, feature and proof keeps; a new one is tested by being registered."""

import dataclasses
import importlib
import inspect
import re
from typing import Annotated, get_args, get_origin, get_type_hints

import pytest

from gazo.core.parameters import Label
from gazo.runs.catalog import catalog, describe

JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
UNDESCRIBED = {"seed", "rng", "data", "workspace", "language"}  # passed on by every door; a recipe has its own place for them


@pytest.fixture(scope="module")
def found():
    return catalog()


def test_every_entry_is_named_in_both_languages(found):
    assert found
    assert [e.dotted for e in found if not JAPANESE.search(e.label.ja)] == []
    assert [e.dotted for e in found if not e.label.en or JAPANESE.search(e.label.en)] == []


def test_every_option_has_a_label_in_both_languages(found):
    wrong = []
    for entry in found:
        for option in describe(entry, "en")["options"]:
            japanese = next(o for o in describe(entry, "ja")["options"] if o["name"] == option["name"])
            if not JAPANESE.search(japanese["label"]) or not option["label"] or JAPANESE.search(option["label"]):
                wrong.append(f"{entry.dotted}: {option['name']}")
    assert wrong == []


def test_every_option_of_an_operation_or_method_is_described(found):
    """A keyword-only argument is an option with a label, a seed, or a listener; there is no third kind."""
    wrong = []
    for entry in found:
        if entry.kind not in ("operation", "method"):
            continue
        target = inspect.unwrap(entry.target)
        hints = get_type_hints(target, include_extras=True)
        for name, argument in inspect.signature(target).parameters.items():
            free = name in UNDESCRIBED or name.startswith("on_")
            if argument.kind is argument.KEYWORD_ONLY and not free and not _labelled(hints.get(name)):
                wrong.append(f"{entry.dotted}: {name}")
    assert wrong == []


def test_every_method_is_a_frozen_dataclass_that_learns_with_a_seed(found):
    methods = [e.target for e in found if e.kind == "method"]
    fields = {m: dataclasses.fields(m) for m in methods}
    assert [m for m in methods if not m.__dataclass_params__.frozen or not all(f.kw_only for f in fields[m])] == []
    assert [m for m in methods if "seed" not in inspect.signature(getattr(m, "fit", None) or m.study).parameters] == []


def test_every_entry_says_what_it_does(found):
    assert [e.dotted for e in found if len(describe(e, "en")["summary"]) < 20] == []


def test_every_entry_is_reached_through_its_room(found):
    wrong = []
    for entry in found:
        room = importlib.import_module(f"gazo.{entry.room}")
        if entry.kind != "proof" and getattr(room, entry.target.__name__, None) is not entry.target:
            wrong.append(entry.dotted)
    assert wrong == []


def _labelled(hint):
    return get_origin(hint) is Annotated and any(isinstance(mark, Label) for mark in get_args(hint)[1:])
