"""The proof of the features reaches its bar, and does not when a formula is broken."""

import numpy as np
import pytest

from gazo.core import FileError
from gazo.radiomics import neighbours
from gazo.runs.proof import reproduce


def test_c5_agrees_with_the_digital_phantom():
    shown = reproduce("C5")
    assert shown.passed, shown.table
    assert shown.measured["IBSI 1 digital phantom"] == {"values": 482, "agreeing": 482}


def test_c5_fails_when_a_feature_is_wrong(monkeypatch):
    right = neighbours.tone_differences
    monkeypatch.setattr(neighbours, "tone_differences", lambda tone: right(tone) * np.array([1, 1, 1, 1, 1.02]))
    shown = reproduce("C5")
    assert not shown.passed
    assert shown.measured["IBSI 1 digital phantom"]["agreeing"] == 479
    assert "ngt_strength_3D" in shown.table.rows[0][3]


def test_c5_says_what_its_folder_must_hold(tmp_path):
    with pytest.raises(FileError, match="ct_phantom"):
        reproduce("C5", data=tmp_path)
