"""B7 reaches its bar, and does not when the shifts are thrown away or the templates are swapped."""

import importlib

from gazo.core.results import from_json, to_json
from gazo.runs.proof import reproduce
from gazo.runs.proofs import b7


def test_b7_reaches_its_bar():
    shown = reproduce("B7", seed=0)
    assert shown.passed, shown.measured
    assert from_json(to_json(shown)) == shown


def test_b7_falls_without_local_matching(monkeypatch):
    monkeypatch.setattr(
        importlib.import_module("gazo.process.temporal"), "matched", lambda fixed, moving, spacing, start, *more: start
    )
    shown = b7._temporal(0)
    assert shown["warp_rms_px"] > 0.5
    assert b7._row("warp_rms_px", shown["warp_rms_px"])[-1] == "missed"


def test_b7_falls_with_a_midline_through_the_centre(monkeypatch):
    from gazo.process.midline import Midline

    module = importlib.import_module("gazo.process.contralateral")
    monkeypatch.setattr(module, "found_midline", lambda *given: Midline(0.0, 0.0))
    shown = b7._contralateral(0)
    assert all(b7._row(name, shown[name])[-1] == "missed" for name in ("tilt_error_deg", "midline_error_px", "rest_to_noise"))


def test_b7_reports_real_views_where_they_are(data):
    shown = b7._real(data)
    assert 0.6 < shown["real_view_auc"] <= 1
    assert b7._real(data / "mini_mias") == {}
