"""Relevance, redundancy, stability of features; each against a formula or another library."""

import numpy as np
import pytest
from scipy import stats
from sklearn.feature_selection import f_classif
from sklearn.metrics import mutual_info_score

from gazo.core.errors import GazoError
from gazo.core.seeds import generator
from gazo.phantoms.feature_table import feature_table
from gazo.radiomics import feature_agreement, minimum_redundancy, redundant_groups, select_features, stability
from gazo.radiomics.classification_report import selection_stability
from gazo.radiomics.feature_recipe import select
from gazo.radiomics.mrmr import f_statistic, in_three_levels, kruskal_wallis, mutual_information
from gazo.radiomics.select_features import false_discovery


@pytest.fixture(scope="module")
def noisy():
    rng = generator(1)
    truth = np.arange(60) % 3
    return np.round(rng.normal(size=(60, 8)) + 0.4 * truth[:, None] * (np.arange(8) < 3), 1), truth


def test_scores_are_those_of_scipy_and_scikit_learn(noisy):
    x, truth = noisy
    assert f_statistic(x, truth) == pytest.approx(f_classif(x, truth)[0])
    each = [stats.kruskal(*(column[truth == k] for k in range(3))).statistic for column in x.T]
    assert kruskal_wallis(x, truth) == pytest.approx(each)
    levels = in_three_levels(x)
    assert mutual_information(levels[:, 0], truth) == pytest.approx(mutual_info_score(levels[:, 0], truth))
    p = stats.chi2.sf(each, 2)
    assert false_discovery(p) == pytest.approx(stats.false_discovery_control(p))


def test_mrmr_follows_its_formula(noisy):
    x, truth = noisy
    relevance, r = f_classif(x, truth)[0], np.abs(np.corrcoef(x.T))
    chosen = [int(np.argmax(relevance))]
    while len(chosen) < 5:
        quotient = {j: relevance[j] / r[j, chosen].mean() for j in range(8) if j not in chosen}
        chosen.append(max(quotient, key=quotient.get))
    assert minimum_redundancy(x, truth, 5).tolist() == chosen
    levels = in_three_levels(x)
    relevance = [mutual_info_score(c, truth) for c in levels.T]
    chosen = [int(np.argmax(relevance))]
    while len(chosen) < 5:
        quotient = {
            j: relevance[j] / max(1e-3, np.mean([mutual_info_score(levels[:, j], levels[:, s]) for s in chosen]))
            for j in range(8)
            if j not in chosen
        }
        chosen.append(max(quotient, key=quotient.get))
    assert minimum_redundancy(x, truth, 5, criterion="miq").tolist() == chosen


def test_mrmr_takes_a_copy_late():
    rng = generator(2)
    truth = np.arange(200) % 2
    good = rng.normal(size=(200, 2)) + [1.5, 1.0] * truth[:, None]
    x = np.column_stack([good[:, 0], good[:, 0] + 0.05 * rng.normal(size=200), good[:, 1]])
    assert set(minimum_redundancy(x, truth, 2).tolist()) == {int(np.argmax(f_statistic(x, truth)[:2])), 2}
    assert np.argsort(-f_statistic(x, truth))[:2].tolist() in ([0, 1], [1, 0])


def test_groups_keep_their_worthiest_and_no_two_alike():
    rng = generator(3)
    base = rng.normal(size=(80, 3))
    x = np.column_stack([base[:, 0], np.exp(base[:, 0]), base[:, 1], -base[:, 1] + 0.01 * rng.normal(size=80), base[:, 2]])
    leader = redundant_groups(x, [1, 2, 5, 4, 0])
    assert leader.tolist() == [1, 1, 2, 2, 4]  # rank correlation sees through the exponential and the sign
    kept = np.flatnonzero(leader == np.arange(5))
    rho = np.abs(stats.spearmanr(x[:, kept]).statistic)
    assert (rho - np.eye(len(kept))).max() <= 0.9


@pytest.mark.parametrize("way", ["univariate", "f-test", "mrmr-fcq", "rfe"])
def test_every_method_finds_strong_features(way):
    rng = generator(4)
    truth = np.arange(200) % 2
    x = rng.normal(size=(200, 30)) + 1.5 * truth[:, None] * (np.arange(30) < 3)
    assert set(select(x, truth, way, (3,), redundancy=0.95, seed=0)[0].tolist()) == {0, 1, 2}


def test_icc_is_that_of_shrout_and_fleiss():
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    cube = np.stack([ratings, np.ones_like(ratings)], axis=2)
    found = feature_agreement(cube)
    assert found[0, 0] == pytest.approx(0.2898, abs=5e-5)  # Shrout & Fleiss 1979, table 4, ICC(2,1)
    assert np.isnan(found[1]).all()  # a feature that never changes has no ICC


def test_stability_keeps_what_repeats_and_drops_what_does_not():
    made = feature_table(rng=generator(5), patients=60, features=40, repeats=2, unreliable=0.5)
    shown = stability(made.table, features=("f*",))
    kept = {row[0] for row in shown.features.rows if row[4]}
    assert kept == {f"f{n:03d}" for n in range(1, 21)}
    assert shown.kept.value == 0.5
    rows = (*made.table.rows[:-1], made.table.rows[0])
    with pytest.raises(GazoError, match="G-RAD-416"):
        stability(type(made.table)(made.table.title, made.table.headings, rows), features=("f*",))
    with pytest.raises(GazoError, match="G-RAD-415"):
        stability(type(made.table)(made.table.title, made.table.headings, made.table.rows[:60]), features=("f*",))


def test_selection_stability_is_one_for_one_choice_and_nothing_for_chance():
    same = np.zeros((20, 50), bool)
    same[:, :5] = True
    assert selection_stability(same).value == pytest.approx(1)
    rng = generator(6)
    random = np.stack([np.isin(np.arange(50), rng.choice(50, 5, replace=False)) for _ in range(2000)])
    assert selection_stability(random).value == pytest.approx(0, abs=0.01)


def test_select_features_finds_the_informative_ones_and_warns():
    made = feature_table(rng=generator(7), patients=150, features=30, informative=4, effect=1.2)
    shown = select_features(
        made.table, label="label", patient="patient", features=("f*",), selection="univariate", count=4, resamples_made=20
    )
    assert {row[1] for row in shown.chosen.rows} == set(made.informative)
    assert shown.stability.value > 0.5
    assert any("0.8" in text.en for text in shown.warnings)
