"""The proofs of the Wiener spectrum reach their bars, and do not when what they prove is broken."""

from pathlib import Path

import numpy as np
import pytest

from gazo.runs.proof import reproduce


@pytest.mark.parametrize("id", ["W1", "W2", "W4", "W5"])
def test_the_proof_reaches_its_bar(id):
    shown = reproduce(id, seed=0)
    assert shown.passed, shown.measured
    assert all(shown.bar)


@pytest.mark.slow
def test_w3_reaches_its_bar():
    shown = reproduce("W3", seed=0)
    assert shown.passed, shown.measured


def test_w1_falls_with_the_other_convention(monkeypatch):
    from gazo.runs.proofs import w1

    right = w1.spectrum_of_dft
    monkeypatch.setattr(w1, "spectrum_of_dft", lambda *given, variance=None, **more: right(*given, **more))  # without its guard
    shown = reproduce("W1")
    assert not shown.passed
    assert not shown.measured["wrong_convention_refused"]


def test_w2_falls_when_the_slit_is_shorter_than_it_says(monkeypatch):
    from gazo.quality import wiener_1d

    right = wiener_1d._scans
    monkeypatch.setattr(wiener_1d, "_scans", lambda part, length, width: right(part[1:], min(length, len(part) - 1), width))
    assert reproduce("W2").measured["worst_single"] > 1e-3


def test_w3_falls_with_another_aperture(monkeypatch):
    from gazo.runs.proofs import w3

    monkeypatch.setattr(w3, "SCANS", 400)
    monkeypatch.setattr(w3, "APERTURES", ((3, 9),))
    right = w3.integrate_section
    narrower = lambda *given, slit_length_mm=0.0, **more: right(*given, slit_length_mm=slit_length_mm / 2, **more)  # noqa: E731
    assert reproduce("W3").passed
    monkeypatch.setattr(w3, "integrate_section", narrower)
    shown = reproduce("W3")
    assert not shown.passed
    assert shown.measured["worst_mean_z"] > 10


def test_w4_falls_when_a_plane_is_lost(monkeypatch):
    from gazo.runs.proofs import w4

    monkeypatch.setattr(w4, "PLANES", 19)  # the proof's own count for the slab; the volumes follow it, so 2Z stays right
    assert reproduce("W4").passed
    right = w4.wiener_spectrum_3d
    monkeypatch.setattr(
        w4, "wiener_spectrum_3d", lambda volumes, **more: right([v.with_pixels(v.pixels[1:]) for v in volumes], **more)
    )
    assert reproduce("W4").measured["volume_slab"] > 1e-3


def test_w5_falls_with_another_variance(monkeypatch):
    from gazo.runs.proofs import w5

    right = w5.noise_field
    monkeypatch.setattr(w5, "noise_field", lambda **more: right(variance=14.0, **more))
    shown = reproduce("W5")
    assert not shown.passed
    assert shown.measured["variance_from_13.2_in_se"] > 4


def test_w5_writes_its_figures(tmp_path, capsys):
    from gazo.cli.main import main

    folder = tmp_path / "図"
    assert main(["reproduce", "W5", "--figures", str(folder)]) == 0
    assert sorted(p.name for p in Path(folder).iterdir()) == ["W5-1.png", "W5-2.png", "W5-3.png"]
    assert "13.1" in capsys.readouterr().out


def test_surfaces_are_drawn_linear_and_logarithmic():
    from dataclasses import replace

    from matplotlib.colors import LogNorm, Normalize

    from gazo.runs.figures import figure

    surface = reproduce("W5").pictures[0]
    drawn = figure(surface)
    image = drawn.axes[0].images[0]
    assert type(image.norm) is Normalize
    assert np.allclose(image.get_extent(), (-5.078125, 4.921875, -5.078125, 4.921875))
    assert "cycles/mm" in drawn.axes[0].get_xlabel()
    assert "mm²" in drawn.axes[1].get_ylabel()
    shown = figure(replace(surface, logarithmic=True), language="ja")
    logged = shown.axes[0].images[0]
    assert not any("$" in label.get_text() for label in shown.axes[1].get_yticklabels())
    assert isinstance(logged.norm, LogNorm)
    assert logged.norm.vmax / logged.norm.vmin <= 1.0001e4
