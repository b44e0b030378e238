"""B6: the published examples hold, a wrong formula is noticed, and the simulated observers reach their bar."""

import importlib

import pytest

from gazo.runs.proof import reproduce
from gazo.runs.proofs import b6


def missed():
    return [name.en for name, measured, expected, tolerance in b6._published() if abs(measured - expected) > tolerance]


def test_the_published_examples_hold():
    assert missed() == []


def test_a_wrong_yardstick_is_noticed(monkeypatch):
    room = importlib.import_module("gazo.stats.scheffe")  # gazo.stats shows the function by the same name
    right = room._yardstick
    monkeypatch.setattr(room, "_yardstick", lambda *given: 1.01 * right(*given))
    assert missed() == ["Nakaya: yardstick"]


@pytest.mark.long
def test_b6_reaches_its_bar():
    shown = reproduce("B6", seed=0)
    assert shown.passed, shown.measured
