"""Decision curves, nomograms and similar cases, by hand."""

import math

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.feature_table import feature_table
from gazo.radiomics import decision_curve, net_benefit, nomogram, point_scale, similar_cases
from gazo.stats.survival.cox import cox_model


def table(**columns):
    return Table(Text("a", "a"), tuple(Text(n, n) for n in columns), tuple(zip(*columns.values(), strict=True)))


def test_net_benefit_by_hand():
    truth = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    p = [0.9, 0.6, 0.1, 0.7, 0.3, 0.2, 0.2, 0.1, 0.1, 0.0]
    found = net_benefit(truth, p, [0.1, 0.2, 0.5])
    # from 0.1: 3 true, 6 false; from 0.2: 2 true, 4 false; from 0.5: 2 true, 1 false
    assert found == pytest.approx([3 / 10 - 6 / 10 / 9, 2 / 10 - 4 / 10 / 4, 2 / 10 - 1 / 10])
    assert net_benefit(truth, np.ones(10), [0.1, 0.3]) == pytest.approx([0.3 - 0.7 / 9, 0.3 - 0.7 * 3 / 7])
    twice = net_benefit(truth, p, [0.2], weights=np.full((2, 10), 2.0))
    assert twice == pytest.approx(np.full((2, 1), found[1]))


def test_decision_curve_of_a_perfect_and_of_an_empty_model():
    rng = generator(1)
    truth = (rng.random(200) < 0.3).astype(float)
    shown = decision_curve(table(truth=truth, good=0.05 + 0.9 * truth, none=np.full(200, 0.3)), models=("good", "none"), at=0.2)
    prevalence = truth.mean()
    assert shown.benefit[0].value == pytest.approx(prevalence)
    everyone = prevalence - (1 - prevalence) / 4
    assert shown.gain[0].value == pytest.approx(prevalence - everyone)
    assert shown.gain[1].value == pytest.approx(0)  # treats all below 0.3, nobody above
    assert shown.avoided[0].value == pytest.approx(100 * (1 - prevalence))
    assert shown.benefit[0].low < prevalence < shown.benefit[0].high
    assert [c.title.en for c in shown.curves] == ["good", "none", "treat all", "treat nobody"]
    assert dict(shown.useful.rows)["none"] == "-"


def test_the_band_widens_when_rows_repeat_patients():
    rng = generator(2)
    truth = np.repeat((rng.random(40) < 0.4).astype(float), 5)
    p = np.clip(0.4 + 0.3 * (truth - 0.4) + np.repeat(rng.normal(0, 0.15, 40), 5), 0, 1)
    given = table(truth=truth, p=p, who=np.repeat([f"P{i}" for i in range(40)], 5))
    together = decision_curve(given, models=("p",), patient="who").benefit[0]
    apart = decision_curve(given, models=("p",)).benefit[0]
    assert together.high - together.low > 1.7 * (apart.high - apart.low)


@pytest.mark.parametrize(
    ("code", "columns", "options"),
    [
        ("G-RAD-440", {"truth": [0, 1], "p": [0.1, 0.9]}, {"lowest": 0.5, "highest": 0.4}),
        ("G-RAD-441", {"truth": [0, 1], "p": [0.1, 0.9]}, {"models": ()}),
        ("G-RAD-442", {"truth": [0, 1], "p": [-3.0, 2.0]}, {}),
        ("G-STAT-001", {"truth": [0, 2], "p": [0.1, 0.9]}, {}),
        ("G-STAT-002", {"truth": [1, 1], "p": [0.1, 0.9]}, {}),
    ],
)
def test_what_a_decision_curve_refuses(code, columns, options):
    with pytest.raises(GazoError, match=code):
        decision_curve(table(**columns), **{"models": ("p",)} | options)


def test_points_by_hand():
    """b = 0.05 over 40-80 reaches 2; b = -1 over 0-1 reaches 1; the first has 0 to 100 points, the second 50 to 0."""
    scale = point_scale([0.05, -1.0], [40, 0], [80, 1], intercept=-3)
    assert scale.points(0, [40, 60, 80]) == pytest.approx([0, 50, 100])
    assert scale.points(1, [0, 1]) == pytest.approx([50, 0])
    assert scale.linear([0, 150]) == pytest.approx([-3 + 2 - 1, -3 + 4 + 0])
    with pytest.raises(GazoError, match="G-RAD-450"):
        point_scale([0.0], [0], [1])


def study(n=400, seed=3):
    rng = generator(seed)
    age, grade = np.round(rng.uniform(40, 80, n)), rng.integers(0, 3, n)
    risk = 1 / (1 + np.exp(-(-6 + 0.08 * age + 0.7 * grade)))
    return table(age=age, grade=grade.astype(float), y=(rng.random(n) < risk).astype(float)), age, grade


def test_total_points_give_the_risk_of_the_model():
    """2 x 2 table: the logistic model is saturated, so risks are the shares themselves."""
    given = table(x=[0.0] * 40 + [1.0] * 60, y=[1.0] * 10 + [0.0] * 30 + [1.0] * 45 + [0.0] * 15)
    shown = nomogram(given, outcome="y", factors=("x",))
    assert shown.points.rows == (("x", 0.0, 0.0), ("x", 1.0, pytest.approx(100)))
    assert shown.risk.y[0] == pytest.approx(0.25)
    assert shown.risk.y[-1] == pytest.approx(0.75)
    assert shown.ratios[0].value == pytest.approx(9)
    error = math.sqrt(1 / 10 + 1 / 30 + 1 / 45 + 1 / 15)  # Woolf
    assert shown.ratios[0].high == pytest.approx(9 * math.exp(1.959964 * error), rel=1e-6)


def test_known_coefficients_come_back_and_optimism_is_taken_off():
    given, _, _ = study(4000)
    shown = nomogram(given, outcome="y", factors=("age", "grade"))
    assert shown.ratios[0].low < math.exp(0.08) < shown.ratios[0].high
    assert shown.ratios[1].low < math.exp(0.7) < shown.ratios[1].high
    few, _, _ = study(60)
    small = nomogram(few, outcome="y", factors=("age", "grade"))
    assert small.corrected.value < small.discrimination.value


def test_a_cox_nomogram_is_the_cox_model():
    rng = generator(4)
    x = np.column_stack([rng.uniform(40, 80, 150), rng.integers(0, 2, 150)])
    times, event = rng.exponential(np.exp(-0.04 * (x[:, 0] - 60) - 0.6 * x[:, 1])), rng.random(150) < 0.8
    given = table(age=x[:, 0], stage=x[:, 1], t=times, e=event.astype(float))
    shown = nomogram(given, outcome="e", factors=("age", "stage"), time="t", horizon=1.0)
    model = cox_model(times, event, x)
    ends = np.array([[x[:, 0].min(), 0], [x[:, 0].max(), 1]])
    assert shown.risk.y[[0, -1]] == pytest.approx(1 - model.survival(ends, [1.0])[0][:, 0])


def test_what_a_nomogram_refuses():
    given = table(x=[0.0, 0, 0, 1, 1, 1], y=[0.0, 0, 0, 1, 1, 1], z=[2.0] * 6)
    for code, factors in (("G-RAD-451", ()), ("G-RAD-452", ("z",)), ("G-RAD-453", ("x",))):
        with pytest.raises(GazoError, match=code):
            nomogram(given, outcome="y", factors=factors)


def test_similar_cases_by_hand():
    """Past cases at 0, 2, 4, 6: mean 3, SD sqrt(5); the case at 3.4 is 0.6 from 4 in these units / sqrt(5)."""
    past = table(f=[0.0, 2.0, 4.0, 6.0], g=[0.0, 2.0, 4.0, 6.0], outcome=["a", "b", "c", "d"])
    shown = similar_cases(past, table(f=[3.4], g=[3.4]), features=("f", "g"), neighbours=2, shown=("outcome",))
    assert shown.neighbours.rows == (
        (1, 3, pytest.approx(0.6 / math.sqrt(5)), "c"),
        (2, 2, pytest.approx(1.4 / math.sqrt(5)), "b"),
    )
    assert shown.strangeness.value == 0
    far = similar_cases(past, table(f=[60.0], g=[60.0]), features=("f", "g"))
    assert far.strangeness.value == 100
    assert "not much like any" in far.conclusion.en


def test_a_patient_is_no_neighbour_of_itself():
    made = feature_table(rng=generator(5), patients=30, features=6, informative=2, rows_per_patient=3)
    shown = similar_cases(made.table, row=1, features=("f*",), patient="patient", label="label", count=3, shown=("patient",))
    assert "P0001" not in {row[3] for row in shown.neighbours.rows}
    with pytest.raises(GazoError, match="G-RAD-446"):
        similar_cases(made.table, row=91, features=("f*",))
    rows = (*made.table.rows[:-1], (*made.table.rows[-1][:6], None, *made.table.rows[-1][7:]))
    with pytest.raises(GazoError, match="G-RAD-445"):
        similar_cases(Table(made.table.title, made.table.headings, rows), features=("f*",))
