"""Entrance kerma by the published formula, medians with exact intervals, editions of the reference levels."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Curve, Table
from gazo.quality import drl_compare, drl_table, entrance_air_kerma
from gazo.quality.intervals import of_median


def doses(values, item=None):
    names = ("dose_mgy",) if item is None else ("item", "dose_mgy")
    rows = tuple((v,) if item is None else (i, v) for v, i in zip(values, item or values, strict=True))
    return Table(Text("線量", "doses"), tuple(Text(n, n) for n in names), rows)


def test_entrance_kerma_by_hand():
    """Y = 50 uGy/mAs at 1 m, 20 mAs, FSD 80 cm: 50 x 20 x (100/80)^2 = 1562.5 uGy; with back-scatter 1.35: 2.109 mGy."""
    found = entrance_air_kerma(mas=20.0, focus_skin_cm=80.0, output_ugy_per_mas=50.0)
    assert found.incident.value == pytest.approx(1.5625, rel=1e-12)
    assert found.entrance.value == pytest.approx(2.109375, rel=1e-12)
    assert found.entrance.low == pytest.approx(2.109375 * 0.9)
    wide = entrance_air_kerma(
        mas=20.0, focus_skin_cm=80.0, output_ugy_per_mas=50.0, backscatter_factor=1.0, uncertainty_percent=20.0
    )
    assert wide.entrance.value == pytest.approx(1.5625)
    assert wide.entrance.high == pytest.approx(1.5625 * 1.2)


def test_the_output_is_read_as_a_power_of_the_voltage():
    kv = np.array([60.0, 80.0, 120.0])
    curve = Curve(kv, 0.005 * kv**2, Text("管電圧", "kV"), Text("出力", "output"))
    found = entrance_air_kerma(curve, mas=10.0, focus_skin_cm=100.0, tube_kv=100.0)
    assert found.incident.value == pytest.approx(0.005 * 100**2 * 10 / 1000, rel=1e-9)
    with pytest.raises(GazoError, match="G-QUA-338"):
        entrance_air_kerma(curve, mas=10.0, focus_skin_cm=100.0, tube_kv=130.0)
    with pytest.raises(GazoError, match="G-QUA-337"):
        entrance_air_kerma(mas=10.0, focus_skin_cm=100.0)


def test_distance_and_tube_load_count_as_the_law_says():
    near, far = (entrance_air_kerma(mas=10.0, focus_skin_cm=d, output_ugy_per_mas=40.0).entrance.value for d in (75.0, 150.0))
    assert near / far == pytest.approx(4)
    twice = entrance_air_kerma(mas=20.0, focus_skin_cm=75.0, output_ugy_per_mas=40.0).entrance.value
    assert twice / near == pytest.approx(2)


def test_editions_differ():
    """Values of the published tables: 2015 (JART), 2020 (as quoted by a hospital)."""
    old = {row[0]: row[1] for row in drl_table(version="japan-2015").rows}
    new = {row[0]: row[1] for row in drl_table(version="japan-2020").rows}
    assert old == {
        "skull-pa": 3.0, "skull-lateral": 2.0, "cervical": 0.9, "thoracic-ap": 3.0, "thoracic-lateral": 6.0,
        "chest-pa": 0.3, "abdomen": 3.0, "lumbar-ap": 4.0, "lumbar-lateral": 11.0, "pelvis": 3.0,
    }  # fmt: skip
    assert new["chest-pa-below-100kv"] == 0.4
    assert new["chest-pa"] == 0.3
    assert (new["skull-pa"], new["cervical"], new["abdomen"], new["pelvis"]) == (2.5, 0.8, 2.5, 2.5)
    assert (new["thoracic-ap"], new["thoracic-lateral"], new["lumbar-ap"], new["lumbar-lateral"]) == (3.0, 5.0, 3.5, 9.0)
    assert "2020" in drl_table(version="japan-2020").title.en


def test_an_edition_without_numbers_says_where_they_are():
    with pytest.raises(GazoError, match="G-QUA-336") as told:
        drl_table(version="japan-2025")
    assert "j-rime" in told.value.text.ja
    with pytest.raises(GazoError, match="G-QUA-335"):
        drl_table(version="japan-1999")
    with pytest.raises(GazoError, match="G-OPT-001"):
        drl_compare(doses([1.0]), version="japan-1999", item="pelvis")


@pytest.mark.parametrize(("factor", "verdict"), [(0.5, "below the DRL"), (1.6, "above the DRL"), (1.0, "open")])
def test_the_verdict_follows_the_interval(factor, verdict):
    values = np.exp(np.random.default_rng(0).normal(np.log(3.5 * factor), 0.3, 40)).tolist()
    found = drl_compare(doses(values), item="lumbar-ap")
    assert found.medians[0].value == pytest.approx(np.median(values))
    row = found.comparison.rows[0]
    assert row[7].en.startswith(verdict)
    assert row[6] == pytest.approx(np.median(values) / 3.5)


def test_several_examinations_and_a_table_of_ones_own():
    values, items = [0.2] * 30 + [5.0] * 8, ["胸部"] * 30 + ["腰椎"] * 8
    own = Table(Text("院内", "own"), (Text("item", "item"), Text("drl_mgy", "drl_mgy")), (("胸部", 0.25), ("腰椎", "4.0")))
    found = drl_compare(doses(values, items), own)
    assert [(row[0], row[1], row[5], row[7].en) for row in found.comparison.rows] == [
        ("胸部", 30, 0.25, "below the DRL"),
        ("腰椎", 8, 4.0, "above the DRL"),
    ]
    assert "腰椎" in found.warnings[0].ja
    assert "胸部" not in found.warnings[0].ja


def test_the_interval_of_a_median_is_the_exact_binomial_one():
    """n = 20: order statistics 6 and 15, coverage 95.9 % (Conover 1999, table of binomial intervals)."""
    found = of_median(Text("", ""), range(1, 21))
    assert (found.low, found.high) == (6, 15)
    assert of_median(Text("", ""), [3, 1, 2, 5, 4]).low is None
    assert (of_median(Text("", ""), range(1, 7)).low, of_median(Text("", ""), range(1, 7)).high) == (1, 6)


def test_the_interval_of_a_median_covers():
    rng = np.random.default_rng(0)
    hits = [found.low <= 0 <= found.high for found in (of_median(Text("", ""), rng.normal(size=25)) for _ in range(400))]
    assert 0.93 <= np.mean(hits) <= 0.99


@pytest.mark.parametrize(
    ("table", "item", "code"),
    [
        (doses([1.0]), "elbow", "G-QUA-339"),
        (doses([0.0, 1.0]), "pelvis", "G-QUA-340"),
        (doses(["a"]), "pelvis", "G-QUA-307"),
        (doses([]), "pelvis", "G-QUA-307"),
        (Table(Text("", ""), (Text("mGy", "mGy"),), ((1.0,),)), "pelvis", "G-QUA-306"),
    ],
)
def test_unfit_doses_are_refused(table, item, code):
    with pytest.raises(GazoError, match=code):
        drl_compare(table, item=item)
