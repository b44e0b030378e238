"""ComBat against the authors' program, what it promises, and what it refuses."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.feature_table import feature_table
from gazo.radiomics import ComBat, harmonise
from gazo.radiomics.combat import cramers_v
from gazo.radiomics.harmonise import omega_squared

# 18 cases of 3 sites, 4 features, one covariate, from a linear congruential generator: free of any licence.
SITES = ["a"] * 7 + ["b"] * 6 + ["c"] * 5
COVARIATE = np.arange(18) % 2
SHOWN = [0, 1, 7, 8, 13, 17]
# neuroCombat 0.2.12: neuroCombat(dat=X.T, covars=DataFrame(s, c), batch_col="s", categorical_cols=["c"], ...)["data"].T[SHOWN]
PEER = {
    "plain": [
        [10.11746785, 18.84335677, 26.96843789, 44.45127602],
        [12.38264817, 22.03926623, 37.39316523, 48.87551822],
        [9.74048049, 24.46665571, 31.78983525, 46.79739796],
        [10.15179273, 19.97524246, 29.36105487, 33.62081359],
        [10.68633156, 19.59528325, 35.22654159, 39.8463094],
        [12.05880097, 23.25919604, 32.48408226, 48.7653105],
    ],
    "no_eb": [
        [10.15289322, 18.57998095, 27.19679112, 43.94005746],
        [12.13664446, 22.71690897, 37.08304411, 48.36757264],
        [9.47991586, 23.83398024, 31.81491489, 47.4904432],
        [10.02488203, 19.72679627, 29.44772849, 35.05069964],
        [10.82034806, 19.86207398, 34.82400996, 36.95623995],
        [12.02008591, 23.68304795, 32.4074049, 48.64134958],
    ],
    "mean_only": [
        [10.143413, 19.2061239, 27.32592267, 43.81042209],
        [12.28902298, 21.84964945, 36.85417726, 47.98484541],
        [9.29753988, 26.01550967, 31.13129533, 48.05592278],
        [10.0203008, 19.94440315, 29.18843843, 30.07127581],
        [10.67694943, 19.87568413, 34.94285042, 41.23172352],
        [11.81247954, 22.76136524, 32.68650598, 48.00712866],
    ],
    "reference": [
        [10.03829034, 18.99800555, 27.01893171, 43.22995172],
        [12.18390031, 21.6415311, 36.54718629, 47.40437504],
        [9.75095985, 22.52458499, 31.72986732, 45.94943825],
        [10.02598394, 19.75370518, 29.03983942, 35.86351892],
        [10.80568905, 19.92392562, 34.5596459, 39.99238516],
        [11.91359733, 21.99742288, 32.46715837, 46.95609233],
    ],
}
OPTIONS = {"plain": {}, "no_eb": {"empirical_bayes": False}, "mean_only": {"mean_only": True}, "reference": {"reference": "a"}}


def small_example():
    state = 6

    def uniform():
        nonlocal state
        state = (1103515245 * state + 12345) % 2**31
        return state / 2**31

    rows = []
    for i, site in enumerate(SITES):
        shift, scale = {"a": (0, 1), "b": (1.5, 2), "c": (-1, 0.6)}[site]
        row = []
        for f in range(4):
            g = (uniform() + uniform() + uniform() + uniform() - 2) * 3**0.5
            row.append(10 * (f + 1) + (f + 1) * (shift + scale * g) + 0.8 * (i % 2) * (f + 1))
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("kind", PEER)
def test_it_is_that_of_the_authors(kind):
    x = small_example()
    corrected = ComBat(**OPTIONS[kind]).fit(x, SITES, COVARIATE).transform(x, SITES, COVARIATE)
    assert np.abs(corrected[SHOWN] - PEER[kind]).max() < 1e-5


def test_without_shrinkage_batches_have_the_same_mean_and_spread():
    x = small_example()
    corrected = ComBat(empirical_bayes=False).fit(x, SITES).transform(x, SITES)
    sites = np.array(SITES)
    means = np.stack([corrected[sites == s].mean(0) for s in "abc"])
    spreads = np.stack([corrected[sites == s].std(0, ddof=1) for s in "abc"])
    assert np.ptp(means, axis=0) == pytest.approx(0, abs=1e-9)
    assert np.ptp(spreads, axis=0) == pytest.approx(0, abs=1e-9)


def test_new_cases_are_corrected_by_what_was_learned():
    x = small_example()
    fitted = ComBat().fit(x[:-2], SITES[:-2])
    alone = fitted.transform(x[-2:], SITES[-2:])
    assert alone == pytest.approx(fitted.transform(x, SITES)[-2:])
    assert not np.allclose(alone, x[-2:])


def test_units_of_a_feature_do_not_matter():
    x = small_example()
    one = ComBat(empirical_bayes=False).fit(x, SITES).transform(x, SITES)
    other = ComBat(empirical_bayes=False).fit(1000 * x + 7, SITES).transform(1000 * x + 7, SITES)
    assert other == pytest.approx(1000 * one + 7)


def test_a_constant_feature_stays():
    x = np.column_stack([small_example(), np.full(18, 3.0)])
    assert ComBat().fit(x, SITES).transform(x, SITES)[:, -1] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("G-RAD-401", lambda x: ComBat().fit(x, SITES).transform(x, ["z"] * 18)),
        ("G-RAD-402", lambda x: ComBat().fit(x, SITES).transform(x[:, :3], SITES)),
        ("G-RAD-402", lambda x: ComBat().fit(x, SITES, COVARIATE).transform(x, SITES)),
        ("G-RAD-403", lambda x: ComBat().fit(x, [*SITES[:-1], "z"])),
        ("G-RAD-403", lambda x: ComBat().fit(x, ["a"] * 18)),
        ("G-RAD-404", lambda x: ComBat(reference="z").fit(x, SITES)),
        ("G-RAD-405", lambda x: ComBat().fit(x[:, :1], SITES)),
        ("G-RAD-406", lambda x: ComBat().fit(x, SITES, [s == "a" for s in SITES])),
        ("G-STAT-003", lambda x: ComBat().fit(np.where(x > 40, np.nan, x), SITES)),
    ],
)
def test_what_it_refuses(code, act):
    with pytest.raises(GazoError, match=code):
        act(small_example())


def test_cramers_v():
    assert cramers_v("aabb", "xxyy") == pytest.approx(1)
    assert cramers_v("abab", "xxyy") == pytest.approx(0)
    assert cramers_v(["a"] * 30 + ["b"] * 30, ["x"] * 20 + ["y"] * 10 + ["x"] * 10 + ["y"] * 20) == pytest.approx(1 / 3)


def test_the_operation_takes_the_site_away_and_keeps_the_rest():
    made = feature_table(rng=generator(1), patients=90, features=30, sites=3, site_shift=1.0, site_scale=0.3)
    shown = harmonise(made.table, label="label", covariates=("age",))
    assert shown.before.value > 0.15
    assert abs(shown.after.value) < 0.05
    assert [row[:6] for row in shown.harmonised.rows] == [row[:6] for row in made.table.rows]
    assert any("classify-features" in text.en for text in shown.warnings)


def test_a_site_that_tells_the_label_is_named():
    heads = tuple(Text(w, w) for w in ("site", "label", "f1", "f2"))
    rows = tuple((f"s{i % 2}", f"c{i % 2}", float(v), float(w)) for i, (v, w) in enumerate(generator(0).normal(size=(20, 2))))
    shown = harmonise(Table(Text("a", "a"), heads, rows), label="label")
    assert any("Cramér's V = 1.00" in text.en for text in shown.warnings)
    with pytest.raises(GazoError, match="G-RAD-430"):
        harmonise(Table(Text("a", "a"), heads, (*rows, (None, "c1", 1.0, 2.0))), label="label")


def test_omega_squared_is_nothing_by_chance_and_all_when_groups_explain_all():
    rng = generator(2)
    group = np.arange(300) % 3
    assert abs(omega_squared(rng.normal(size=(300, 50)), group).mean()) < 0.01
    assert omega_squared(np.column_stack([group * 1.0, group + 1e-6 * rng.normal(size=300)]), group)[1] > 0.999
