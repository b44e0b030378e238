"""P5 reaches its bar, and does not when scatter is not estimated or the warning is lost."""

import importlib
from dataclasses import replace

from gazo.core.results import from_json, to_json
from gazo.runs.proof import reproduce
from gazo.runs.proofs import p5


def test_p5_reaches_its_bar():
    shown = reproduce("P5", seed=0)
    assert shown.passed, shown.measured
    assert 0.62 < shown.measured["scatter_fraction"] < 0.72
    assert from_json(to_json(shown)) == replace(
        shown, measured=shown.measured | {"contrast_gains": tuple(shown.measured["contrast_gains"])}
    )


def test_p5_falls_with_another_kernel(monkeypatch):
    module = importlib.import_module("gazo.process.virtual_grid")
    monkeypatch.setattr(module, "WIDE_MM", 60.0)
    shown = reproduce("P5")
    assert not shown.passed
    assert shown.measured["primary_error_after_10"] > 0.001


def test_p5_falls_when_nobody_is_warned(monkeypatch):
    module = importlib.import_module("gazo.process.virtual_grid")
    monkeypatch.setattr(module, "_warnings", lambda *given, **more: ())
    shown = reproduce("P5")
    assert not shown.passed
    assert not shown.measured["warned"]
    assert p5.BAR.ja
