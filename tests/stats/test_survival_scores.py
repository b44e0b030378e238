"""C, areas, Brier scores and calibration: brute force over pairs, other libraries, laws, simulated truth."""

import math

import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.phantoms import survival_table
from gazo.stats import (
    auc,
    compare_concordance,
    cox_model,
    survival_agreement,
    survival_auc,
    survival_brier,
    survival_calibration,
    survival_concordance,
)
from gazo.stats.survival.censoring import censoring_survival


@pytest.fixture(scope="module")
def made():
    return survival_table(rng=np.random.default_rng(1), patients=120, whole=True, censored=0.4)


def pairs(time, event, risk, weight):
    """C over all pairs, one after the other."""
    right = every = 0.0
    for i in range(len(time)):
        for j in range(len(time)):
            if event[i] and (time[i] < time[j] or (time[i] == time[j] and not event[j])):
                every += weight[i]
                right += weight[i] * ((risk[i] > risk[j]) + 0.5 * (risk[i] == risk[j]))
    return right / every


@pytest.mark.parametrize("method", ["harrell", "uno"])
def test_c_is_the_share_of_pairs_in_order(made, method):
    risk = np.round(made.log_risk, 1)  # with equal risks
    weight = np.ones(len(risk))
    if method == "uno":
        weight = 1 / np.maximum(censoring_survival(made.time, made.event).before(made.time), 1e-12) ** 2
    found = survival_concordance(made.time, made.event, risk, method=method)
    assert found.value == pytest.approx(pairs(made.time, made.event, risk, weight), abs=1e-12)


def test_the_remission_of_freireichs_patients():
    """concordance() of R survival 3.5.3: 0.690042076, se 0.0411353889."""
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    found = survival_concordance(weeks + placebo, relapse + [1] * 21, [0] * 21 + [1] * 21)
    assert found.value == pytest.approx(0.690042076, abs=1e-9)
    logit = math.log(found.high / (1 - found.high)) - math.log(found.low / (1 - found.low))
    error = logit / (2 * 1.959963984540054) * found.value * (1 - found.value)
    assert error == pytest.approx(0.0411353889, rel=0.01)


def test_a_perfect_and_a_blind_order(made):
    untied = survival_table(rng=np.random.default_rng(2), patients=60)
    perfect = survival_concordance(untied.time, untied.event, -untied.time)
    assert perfect.value == 1
    assert (perfect.low, perfect.high) == (None, None)
    assert survival_concordance(made.time, made.event, np.zeros(120)).value == 0.5
    turned = survival_concordance(made.time, made.event, -made.log_risk).value
    assert turned == pytest.approx(1 - survival_concordance(made.time, made.event, made.log_risk).value)


def test_a_risk_compared_with_itself_and_with_a_worse_one(made):
    same = compare_concordance(made.time, made.event, made.log_risk, made.log_risk)
    assert (same.difference.value, same.p) == (0, 1)
    noise = -made.log_risk + np.random.default_rng(0).normal(size=120)
    better = compare_concordance(made.time, made.event, made.log_risk, noise)
    assert better.difference.value > 0
    assert better.p < 0.01
    back = compare_concordance(made.time, made.event, noise, made.log_risk)
    assert (back.difference.value, back.p) == pytest.approx((-better.difference.value, better.p))


def test_rows_of_one_patient_make_the_interval_no_narrower(made):
    repeated = [np.repeat(part, 2) for part in (made.time, made.event, made.log_risk)]
    once = survival_concordance(made.time, made.event, made.log_risk)
    known = survival_concordance(*repeated, patients=np.repeat(np.arange(120), 2))
    assert known.high - known.low == pytest.approx(once.high - once.low, rel=0.02)


def test_without_censoring_the_area_at_a_time_is_the_roc_area():
    made = survival_table(rng=np.random.default_rng(3), patients=200, censored=0)
    moment = float(np.median(made.time))
    found = survival_auc(made.time, made.event, made.log_risk, moment, repeats=0)
    assert found.value == pytest.approx(auc(made.time <= moment, made.log_risk).value, abs=1e-12)


def test_without_censoring_the_brier_score_is_the_mean_square():
    made = survival_table(rng=np.random.default_rng(3), patients=200, censored=0)
    at = np.quantile(made.time, (0.2, 0.5, 0.8))
    predicted = np.random.default_rng(0).random((200, 3))
    found = survival_brier(made.time, made.event, predicted, at, repeats=0)
    assert found.score == pytest.approx(((predicted - (made.time[:, None] > at)) ** 2).mean(0))
    share = (made.time[:, None] > at).mean(0)
    assert found.reference == pytest.approx(share * (1 - share))
    assert found.integrated.value == pytest.approx(np.trapezoid(found.score, at) / (at[-1] - at[0]))


def test_calibration_finds_what_was_predicted():
    made = survival_table(rng=np.random.default_rng(4), patients=2000, censored=0.2, shape=1.0, median_time=10.0)
    rate = math.log(2) / 10 * np.exp(made.log_risk)
    found = survival_calibration(made.time, made.event, np.exp(-8 * rate), 8.0)
    assert [o.low <= p <= o.high for o, p in zip(found.observed, found.predicted, strict=True)].count(True) >= 3
    assert found.ratio.low <= 1 <= found.ratio.high
    wrong = survival_calibration(made.time, made.event, np.exp(-2 * 8 * rate), 8.0)  # twice the hazard
    assert wrong.ratio.high < 0.9


@pytest.mark.slow
def test_the_interval_of_c_holds_what_it_claims():
    """Uno's C up to a time against that of the whole population, 300 studies of 100 patients."""
    whole = survival_table(rng=np.random.default_rng(0), patients=4000, censored=0)
    best = survival_concordance(whole.time, whole.event, whole.log_risk).value
    covered, values = 0, []
    for seed in range(300):
        made = survival_table(rng=np.random.default_rng(seed + 1), patients=100, censored=0.3)
        found = survival_concordance(made.time, made.event, made.log_risk)
        covered += found.low <= best <= found.high
        values.append(found.value)
    assert 0.91 <= covered / 300 <= 0.98
    assert np.mean(values) == pytest.approx(best, abs=0.01)


def predictions(made, **more):
    model = cox_model(made.time, made.event, made.x)
    survival, _, _ = model.survival(made.x, [10.0, 20.0])
    columns = {"time": made.time, "event": made.event.astype(int), "risk": made.log_risk, "other": made.x[:, 2]}
    columns |= {"S10": survival[:, 0], "S20": survival[:, 1]} | more
    rows = zip(*(np.asarray(part).tolist() for part in columns.values()), strict=True)
    return Table(Text("表", "table"), tuple(Text(name, name) for name in columns), tuple(rows))


def test_the_operation_gives_every_figure_with_an_interval(made):
    found = survival_agreement(
        predictions(made), time="time", event="event", risk="risk", second_risk="other", moments=(10.0, 20.0),
        survival=("S10", "S20"), repeats=100,
    )  # fmt: skip
    for one in (*found.concordance, *found.areas, *found.difference, *found.brier):
        assert one.low <= one.value <= one.high
    assert len(found.calibration) == 2
    assert found.comparison.rows[2][4] < 0.05
    assert "risk" in found.conclusion.en


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"moments": (10.0, 20.0), "survival": ("S10",)}, "G-SURV-014"),
        ({"moments": (1e6,)}, "G-SURV-008"),
        ({"risk": "rsik"}, "G-STAT-030"),
        ({"moments": (10.0,), "survival": ("time",)}, "G-SURV-016"),
    ],
)
def test_questions_without_an_answer_are_refused(made, options, code):
    with pytest.raises((DataError, OptionError)) as caught:
        survival_agreement(predictions(made), **{"time": "time", "event": "event", "risk": "risk", "repeats": 100} | options)
    assert caught.value.code == code


def test_times_after_the_last_patient_are_refused(made):
    with pytest.raises(DataError) as caught:
        survival_brier(made.time, made.event, np.full((120, 1), 0.5), [1e6])
    assert caught.value.code == "G-SURV-009"


def test_nobody_to_compare_with_is_said():
    """The only event comes last."""
    with pytest.raises(DataError) as caught:
        survival_concordance([1, 2, 3], [0, 0, 1], [3, 2, 1])
    assert caught.value.code == "G-SURV-007"
