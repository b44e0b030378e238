"""Scheffe's, Thurstone's, Bradley and Terry's comparison, normalised ranks and two-point preference."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats.normalised_rank import normalised_rank
from gazo.stats.paired_scaling import bradley_terry_log_worths, circular_triads, kendall_u, paired_scaling, thurstone_scale
from gazo.stats.preference import preference
from gazo.stats.scheffe import scheffe

COLUMNS = {"reader": "reader", "first": "first", "second": "second", "score": "score"}


def pairs(rows):
    return Table(Text("t", "t"), tuple(Text(h, h) for h in COLUMNS), tuple(rows))


NAKAYA = [(-2, -1, 1), (-2, -2, 2), (-3, 0, 3), (-3, 0, 2), (-1, 1, 2), (-3, -1, 0)]


def nakaya_rows():
    return [
        (f"o{k}", f"i{i}", f"i{j}", float(score))
        for k, scores in enumerate(NAKAYA)
        for (i, j), score in zip(((1, 2), (1, 3), (2, 3)), scores, strict=True)
    ]


def test_nakaya_of_the_published_example():
    # t = 3, N = 6; sums of squares, F and yardsticks of a published worked example
    found = scheffe(pairs(nakaya_rows()), **COLUMNS)
    assert [e.value for e in found.scale] == pytest.approx([-0.94444, 1.33333, -0.38889], abs=5e-6)
    assert [row[1] for row in found.variance.rows[:4]] == pytest.approx([50.7778, 11.2222, 0.0556, 2.9444], abs=5e-5)
    assert found.variance.rows[0][4:] == pytest.approx((43.1132, 0.000703), rel=1e-3)
    assert found.variance.rows[4][4:] == pytest.approx((22.6238, 0.000194), rel=2e-3)
    reach = found.differences.rows[0][2] - found.differences.rows[0][3]
    assert reach == pytest.approx(0.83234, abs=5e-6)
    strict = scheffe(pairs(nakaya_rows()), level=0.99, **COLUMNS).differences.rows[0]
    assert strict[2] - strict[3] == pytest.approx(1.26174, abs=5e-6)


def test_the_order_in_which_a_pair_is_written_does_not_matter_to_nakaya():
    turned = [(who, b, a, -score) for who, a, b, score in nakaya_rows()]
    one, other = scheffe(pairs(nakaya_rows()), **COLUMNS), scheffe(pairs(turned), **COLUMNS)
    assert {e.name: e.value for e in one.scale} == pytest.approx({e.name: e.value for e in other.scale})


def ura_rows(t=4, n=5, seed=3):
    rng = np.random.default_rng(seed)
    return [
        (f"o{k}", f"i{i}", f"i{j}", float(rng.integers(-2, 3) + (i - j))) for k in range(n) for i, j in permutations(range(t), 2)
    ]


def test_uras_sums_of_squares_are_projections():
    """Main effect, combination and order by least squares on their own columns (a law of balanced designs)."""
    t, n, rows = 4, 5, ura_rows()
    y = np.array([row[3] for row in rows])
    index = [(int(r[1][1:]), int(r[2][1:])) for r in rows]
    main = np.array([[(a == i) - (b == i) for i in range(t)] for a, b in index], float)
    pair = np.array([[(a, b) == p or -((b, a) == p) for p in combinations(range(t), 2)] for a, b in index], float)
    explained = [_projected(x, y) for x in (main, pair, np.ones((len(y), 1)))]
    found = scheffe(pairs(rows), variation="ura", **COLUMNS)
    squares = {row[0].en: row[1] for row in found.variance.rows}
    assert squares["main effect"] == pytest.approx(explained[0])
    assert squares["main effect"] + squares["combination"] == pytest.approx(explained[1])
    assert squares["order"] == pytest.approx(explained[2])
    assert sum(row[1] for row in found.variance.rows[:6]) == pytest.approx(float((y**2).sum()))
    assert sum(row[2] for row in found.variance.rows[:6]) == n * t * (t - 1)
    assert [e.value for e in found.scale] == pytest.approx(np.linalg.lstsq(main, y, rcond=None)[0])


def _projected(x, y):
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(fitted @ fitted)


@pytest.mark.parametrize(("variation", "code"), [("nakaya", "G-AGR-012"), ("ura", "G-AGR-013")])
def test_an_incomplete_table_is_refused(variation, code):
    with pytest.raises(DataError) as told:
        scheffe(pairs(nakaya_rows()[:-1]), variation=variation, **COLUMNS)
    assert told.value.code == code


def test_bradley_terry_of_agrestis_baseball_league():
    """Agresti, Categorical Data Analysis (2nd ed., table 10.10): American League 1987; log worths against Baltimore."""
    names = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
    wins = np.array(
        [
            [0, 7, 9, 7, 7, 9, 11], [6, 0, 7, 5, 11, 9, 9], [4, 6, 0, 7, 7, 8, 12], [6, 8, 6, 0, 6, 7, 10], [6, 2, 6, 7, 0, 7, 12],
            [4, 4, 5, 6, 6, 0, 6], [2, 4, 1, 3, 1, 7, 0],
        ], float,
    )  # fmt: skip
    worths = bradley_terry_log_worths(wins)
    against = dict(zip(names, worths - worths[-1], strict=True))
    expected = {
        "Milwaukee": 1.58,
        "Detroit": 1.44,
        "Toronto": 1.29,
        "New York": 1.25,
        "Boston": 1.11,
        "Cleveland": 0.68,
        "Baltimore": 0,
    }
    assert against == pytest.approx(expected, abs=0.005)


def test_thurstone_recovers_its_own_model():
    from scipy.special import ndtr

    truth = np.array([-0.8, -0.1, 0.2, 0.7])
    wins = ndtr(truth[:, None] - truth[None]) * 1e6
    np.fill_diagonal(wins, 0)
    assert thurstone_scale(wins) == pytest.approx(truth - truth.mean(), abs=1e-9)


def test_an_item_that_always_wins_has_a_finite_worth_and_the_best_place():
    wins = np.array([[0.0, 5, 5], [0, 0, 3], [0, 2, 0]])
    assert np.isfinite(bradley_terry_log_worths(wins)).all()
    assert bradley_terry_log_worths(wins).argmax() == 0


def test_triads_and_agreement_of_kendall():
    # a > b > c > a is one circular triad: zeta 0; a consistent observer has none. Three who agree fully have u = 1.
    circle = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    straight = np.array([[0.0, 1, 1], [0, 0, 1], [0, 0, 0]])
    assert circular_triads(circle) == (1, 0)
    assert circular_triads(straight) == (0, 1)
    assert kendall_u(np.stack([straight] * 4))[0] == pytest.approx(1)
    assert circular_triads(straight / 2) is None


def test_scaling_orders_items_and_its_intervals_hold_the_truth():
    rng, truth, rows = np.random.default_rng(5), np.array([0.0, 0.5, 1.2]), []
    for k in range(40):
        for i, j in combinations(range(3), 2):
            p = 1 / (1 + np.exp(truth[j] - truth[i]))
            rows.append((f"o{k}", f"i{i}", f"i{j}", 1.0 if rng.random() < p else -1.0))
    found = paired_scaling(pairs(rows), repeats=200, **COLUMNS)
    values = [e.value for e in found.bradley_terry]
    assert np.argsort(values).tolist() == [0, 1, 2]
    assert sum(e.low < t < e.high for e, t in zip(found.bradley_terry, truth - truth.mean(), strict=True)) >= 2
    assert found.tests.rows[0][3] < 0.05


def test_items_that_never_met_have_no_common_scale():
    rows = [("o", "a", "b", 1.0), ("o", "c", "d", 1.0)]
    with pytest.raises(DataError) as told:
        paired_scaling(pairs(rows), **COLUMNS)
    assert told.value.code == "G-AGR-014"


def ranks(columns):
    rows = [(f"i{i}", f"o{k}", float(r)) for k, order in enumerate(columns) for i, r in enumerate(order)]
    return Table(Text("t", "t"), tuple(Text(h, h) for h in ("item", "reader", "rank")), tuple(rows))


def test_normalised_ranks_are_normal_quantiles():
    from scipy.stats import friedmanchisquare, norm

    orders = [(1, 2, 3), (1, 3, 2), (2, 1, 3), (1, 2, 3)]
    found = normalised_rank(ranks(orders), item="item", reader="reader", rank="rank")
    z = norm.ppf((3 - np.array(orders, float).T + 0.5) / 3)
    assert [e.value for e in found.scale] == pytest.approx(z.mean(1))
    assert found.variance.rows[0][1] + found.variance.rows[1][1] == pytest.approx((z**2).sum())
    assert found.tests.rows[0][1] == pytest.approx(friedmanchisquare(*np.array(orders).T).statistic)
    assert found.tests.rows[1][1] == pytest.approx(found.tests.rows[0][1] / (4 * 2))
    last = normalised_rank(ranks(orders), item="item", reader="reader", rank="rank", best="last")
    assert [e.value for e in last.scale] == pytest.approx([-e.value for e in found.scale])


def test_a_missing_rank_is_refused():
    whole = ranks([(1, 2, 3), (1, 2, 3)])
    short = Table(whole.title, whole.headings, whole.rows[:-1])
    with pytest.raises(DataError) as told:
        normalised_rank(short, item="item", reader="reader", rank="rank")
    assert told.value.code == "G-AGR-020"


def test_two_point_preference_of_nine_in_ten():
    rows = [(f"o{k}", "a", "b", 1.0 if k else -1.0) for k in range(10)]
    found = preference(pairs(rows), **COLUMNS)
    assert found.test.rows[0][:2] == (9, 1)
    assert found.test.rows[0][3] == pytest.approx(0.0215, abs=5e-5)
    turned = [(who, b, a, -score) for who, a, b, score in rows[:5]] + rows[5:]
    assert preference(pairs(turned), **COLUMNS).test.rows[0][3] == pytest.approx(found.test.rows[0][3])


def test_an_observer_with_many_answers_counts_once():
    rows = [(f"o{k}", "a", "b", 1.0) for k in range(4) for _ in range(25)]
    found = preference(pairs(rows), **COLUMNS)
    assert found.test.rows[0][:2] == (4, 0)
    assert found.test.rows[0][3] == pytest.approx(0.125)


def test_a_pair_of_one_item_names_its_row():
    with pytest.raises(DataError, match="row 2") as told:
        preference(pairs([("o", "a", "b", 1.0), ("o", "a", "a", 1.0)]), **COLUMNS)
    assert told.value.code == "G-AGR-010"
