import numpy as np
import pytest

from gazo.core.errors import DataError
from gazo.stats import mcnemar, proportion, share_of


@pytest.mark.parametrize(("successes", "total"), [(0, 10), (1, 10), (5, 10), (81, 263), (10, 10), (1, 29)])
@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("method", ["wilson", "exact"])
def test_limits_are_those_of_scipy(successes, total, level, method):
    from scipy import stats

    theirs = stats.binomtest(successes, total).proportion_ci(level, method)
    found = proportion(successes, total, level=level, method=method)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-10)


@pytest.mark.parametrize(
    ("successes", "total", "wilson", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_published_intervals(successes, total, wilson, exact):
    """Newcombe 1998, Stat Med 17:857, table I, methods 3 and 5."""
    for method, limits in (("wilson", wilson), ("exact", exact)):
        found = proportion(successes, total, method=method)
        assert (found.low, found.high) == pytest.approx(limits, abs=5.1e-5)


def test_one_row_a_patient_is_the_plain_interval():
    hits = np.arange(50) % 3 == 0
    assert share_of(hits, patients=np.arange(50)) == proportion(17, 50, name=share_of(hits).name)


def test_copies_of_a_patient_count_once():
    hits = np.arange(50) % 3 == 0
    plain, copied = share_of(hits), share_of(np.repeat(hits, 6), patients=np.repeat(np.arange(50), 6))
    assert (copied.low, copied.high) == pytest.approx((plain.low, plain.high), abs=0.003)


@pytest.mark.parametrize("always", [True, False])
def test_all_or_none_counts_patients(always):
    found = share_of(np.full(30, always), patients=np.repeat(np.arange(6), 5))
    plain = proportion(6 * always, 6)
    assert (found.low, found.high) == (plain.low, plain.high)


def test_rows_that_differ_inside_patients_are_not_counted_twice():
    """One hit and one miss in each patient: less spread than chance, and no more rows than there are."""
    hits, plain = np.tile([True, False], 20), proportion(20, 40)
    nearly = np.concatenate([[True, True, False, False], hits[4:]])
    for rows in (hits, nearly):
        found = share_of(rows, patients=np.repeat(np.arange(20), 2))
        assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize(("successes", "total"), [(3, 0), (4, 3), (-1, 5)])
def test_impossible_counts_are_refused(successes, total):
    with pytest.raises(DataError, match="G-STAT-009"):
        proportion(successes, total)


def test_mcnemar_counts_and_exact_p():
    from scipy import stats

    a, b = np.repeat([1, 1, 0, 0], [50, 14, 5, 31]), np.repeat([1, 0, 1, 0], [50, 14, 5, 31])
    found = mcnemar(a, b)
    assert (found.both, found.only_a, found.only_b, found.neither) == (50, 14, 5, 31)
    assert found.p == pytest.approx(stats.binomtest(5, 19).pvalue, abs=1e-12)
    assert found.difference.value == pytest.approx(0.09)
    assert mcnemar(b, a).difference.low == pytest.approx(-found.difference.high)


def test_difference_by_hand():
    """Bonett & Price 2012: (15 - 6) / 102 +- z sqrt((21/102 - (9/102)^2) / 102)."""
    a, b = np.repeat([1, 1, 0, 0], [50, 14, 5, 31]), np.repeat([1, 0, 1, 0], [50, 14, 5, 31])
    reach = 1.959964 * ((21 / 102 - (9 / 102) ** 2) / 102) ** 0.5
    found = mcnemar(a, b).difference
    assert (found.low, found.high) == pytest.approx((9 / 102 - reach, 9 / 102 + reach), abs=1e-6)


def test_equal_readers_do_not_differ():
    found = mcnemar([1, 0, 1], [1, 0, 1])
    assert found.p == 1
    assert found.difference.low < 0 < found.difference.high


@pytest.mark.slow
def test_the_interval_by_patient_covers():
    rng, hits = np.random.default_rng(0), []
    patients = np.repeat(np.arange(50), 4)
    for _ in range(2000):
        rows = rng.random(200) < np.repeat(rng.beta(4, 2, 50), 4)
        found = share_of(rows, patients=patients)
        hits.append(found.low <= 2 / 3 <= found.high)
    assert 0.93 <= np.mean(hits) <= 0.97
