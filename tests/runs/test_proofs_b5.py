"""B5 reaches its bar; its studies are those of the tests; it falls when the covariance of readers is left out."""

import importlib
import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gazo.runs.proof import reproduce
from gazo.runs.proofs import b5
from gazo.stats import mrmc_models


@pytest.mark.long
def test_b5_reaches_its_bar():
    shown = reproduce("B5", seed=0)
    assert shown.passed, shown.measured


def test_the_studies_are_those_of_the_tests():
    place = Path(__file__).parents[1] / "stats" / "lcg_studies.py"
    spec = importlib.util.spec_from_file_location("lcg_studies_again", place)
    theirs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(theirs)
    assert np.array_equal(b5.lcg6().ratings, theirs.lcg6().ratings)
    one, two = b5.lcg_f(), theirs.lcg_f()
    assert np.array_equal(one.marks.rating, two.marks.rating)
    assert np.array_equal(one.lesions.weight, two.lesions.weight)


def test_b5_falls_without_the_covariance_of_readers(monkeypatch):
    parts = mrmc_models.components_of
    room = importlib.import_module("gazo.stats.mrmc")  # gazo.stats shows the function by the same name
    monkeypatch.setattr(room, "components_of", lambda *inputs: replace(parts(*inputs), cov2=0.0))
    shown = b5._anchors()
    assert b5._row("lcg6_jackknife", shown["lcg6_jackknife"])[-1] == "missed"
