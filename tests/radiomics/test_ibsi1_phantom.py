"""The digital phantom of IBSI 1 against its consensus values, by the array core and by the operation."""

import numpy as np
import pytest

from gazo.core import Image
from gazo.radiomics import feature_values, features
from gazo.radiomics.digital_phantom import SETTINGS, SPACING_MM, agrees, consensus, digital_phantom, disagreeing
from gazo.radiomics.names import known, named


@pytest.fixture(scope="module")
def found():
    return feature_values(*digital_phantom(), SPACING_MM, SETTINGS)


def test_all_482_consensus_values(found):
    assert len(consensus()) == 482
    assert disagreeing(found, consensus()) == {}
    assert len(found) == 487  # and the five that are not standardised


def test_a_wrong_value_would_be_seen(found):
    off = found | {"cm_contrast_3D_avg": found["cm_contrast_3D_avg"] * 1.01}
    assert list(disagreeing(off, consensus())) == ["cm_contrast_3D_avg"]
    assert list(disagreeing({k: v for k, v in found.items() if k != "stat_mean"}, consensus())) == ["stat_mean"]
    assert not agrees(5.3, 5.32, 0)


def test_printed_anchors(found):
    """Values as the reference manual prints them (3-D)."""
    anchors = {
        "stat_mean": 2.15, "stat_var": 3.05, "stat_skew": 1.08, "stat_kurt": -0.355, "ih_entropy": 1.27, "cm_joint_entr_3D_avg": 2.40,
        "cm_contrast_3D_avg": 5.32, "cm_corr_3D_avg": 0.157, "cm_joint_entr_3D_comb": 2.57, "cm_contrast_3D_comb": 5.12,
        "cm_corr_3D_comb": 0.183, "rlm_sre_3D_avg": 0.705, "rlm_sre_3D_comb": 0.729, "szm_sze_3D": 0.255, "dzm_lde_3D": 1,
        "ngt_coarseness_3D": 0.0296, "ngt_strength_3D": 0.763, "ngl_lde_3D": 0.045, "ngl_dc_entr_3D": 4.40,
    }  # fmt: skip
    assert {tag: float(f"{found[tag]:.3g}") for tag in anchors} == pytest.approx(anchors)


def test_the_operation_gives_the_same_numbers_with_their_names():
    volume, mask = digital_phantom()
    image = Image(volume, spacing_mm=SPACING_MM, unit="HU")
    given = features(image, Image(mask.astype(np.uint8), spacing_mm=SPACING_MM), discretisation="fixed bin size", bin_size=1.0)
    rows = {row[0]: row for row in given.features.rows}
    assert rows["cm_contrast_3D_avg"][5] == pytest.approx(5.32, abs=0.005)
    assert rows["cm_contrast_3D_avg"][1] == "ACUI"
    assert rows["stat_var"][6] == "HU²"
    assert len(rows) == 174
    assert "295: 328" in given.sentence.en
    assert "74" in given.conclusion.en
    assert any("border" in warning.en for warning in given.warnings)


def test_every_feature_has_both_names():
    assert len(known()) == 174
    assert all(feature.name.ja and feature.name.en and feature.ibsi for feature in known().values())
    assert len({feature.name.ja for feature in known().values()}) == 174
    assert named("cm_contrast_2_5D_comb")[1] == "2_5D_comb"
    assert named("stat_mean") == (known()["stat_mean"], "")
    with pytest.raises(KeyError):
        named("cm_nothing_3D")
