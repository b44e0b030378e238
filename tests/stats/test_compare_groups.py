"""Tests of means and ranks give R's values; the R call stands beside each."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats import compare_groups
from gazo.stats.small.rank_distributions import rank_sum_chances, signed_rank_chances

SLEEP = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
PLANTS = [4.17, 5.58, 5.18, 6.11, 4.5, 4.61, 5.17, 4.53, 5.33, 5.14, 4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69]
PLANTS += [6.31, 5.12, 5.54, 5.5, 5.37, 5.29, 4.92, 6.15, 5.8, 5.26]
FEED = {
    "casein": [368, 390, 379, 260, 404, 318, 352, 359, 216, 222, 283, 332],
    "horsebean": [179, 160, 136, 227, 217, 168, 108, 124, 143, 140],
    "linseed": [309, 229, 181, 141, 260, 203, 148, 169, 213, 257, 244, 271],
    "meatmeal": [325, 257, 303, 315, 380, 153, 263, 242, 206, 344, 258],
    "soybean": [243, 230, 248, 327, 329, 250, 193, 271, 316, 267, 199, 171, 158, 248],
    "sunflower": [423, 340, 392, 339, 341, 226, 320, 295, 334, 322, 297, 318],
}
OZONE = {
    5: [41, 36, 12, 18, None, 28, 23, 19, 8, None, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, None, None, None, 23, 45, 115, 37],
    6: [None] * 6 + [29, None, 71, 39, None, None, 23, None, None, 21, 37, 20, 12, 13] + [None] * 10,
    7: [135, 49, 32, None, 64, 40, 77, 97, 97, 85, None, 10, 27, None, 7, 48, 35, 61, 79, 63, 16, None, None, 80, 108, 20, 52, 82, 50, 64, 59],
    8: [39, 9, 16, 78, 35, 66, 122, 89, 110, None, None, 44, 28, 65, None, 22, 59, 23, 31, 44, 21, 9, None, 45, 168, 73, None, 76, 118, 84, 85],
    9: [96, 78, 73, 91, 47, 32, 20, 23, 21, 24, 44, 21, 28, 9, 13, 46, 18, 13, 24, 16, 13, 23, 36, 7, 14, 30, None, 14, 18, 20],
}  # fmt: skip
ROUNDING = np.array([
    5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70, 5.45, 5.55, 5.60, 5.40, 5.40, 5.35,
    5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95,
    5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45, 5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55,
    6.30, 6.30, 6.25,
]).reshape(22, 3)  # fmt: skip
# Aoki, http://aoki2.si.gunma-u.ac.jp/R/Steel-Dwass.html, the example
AOKI = {
    1: [6.9, 7.5, 8.5, 8.4, 8.1, 8.7, 8.9, 8.2, 7.8, 7.3, 6.8],
    2: [9.6, 9.4, 9.5, 8.5, 9.4, 9.9, 8.7, 8.1, 7.8, 8.8],
    3: [5.7, 6.4, 6.8, 7.8, 7.6, 7.0, 7.7, 7.5, 6.8, 5.9],
    4: [7.6, 8.7, 8.5, 8.5, 9.0, 9.2, 9.3, 8.0, 7.2, 7.9, 7.8],
}


def table(**columns):
    return Table(Text("表", "table"), tuple(Text(n, n) for n in columns), tuple(zip(*columns.values(), strict=True)))


def long(groups):
    return table(y=[v for values in groups.values() for v in values], g=[str(n) for n, values in groups.items() for _ in values])


def plants(**options):
    return compare_groups(table(y=PLANTS, g=np.repeat(["ctrl", "trt1", "trt2"], 10)), outcome=("y",), group="g", **options)


def two(a, b, **options):
    return compare_groups(long({"a": list(a), "b": list(b)}), outcome=("y",), group="g", **options)


def paired(a, b, **options):
    return compare_groups(table(a=list(a), b=list(b)), outcome=("a", "b"), **options)


def row_of(found):
    return found.test.rows[0][2:]


def limits(estimate):
    return estimate.value, estimate.low, estimate.high


@pytest.mark.parametrize(
    ("test", "statistic", "free", "p", "interval"),
    [
        # t.test(extra ~ group, sleep, var.equal = TRUE)
        ("student", -1.860813467, "18", 0.07918671422, (-3.363874032, 0.2038740323)),
        # t.test(extra ~ group, sleep)
        ("welch", -1.860813467, "17.7765", 0.07939414019, (-3.365483231, 0.2054832307)),
    ],
)
def test_t(test, statistic, free, p, interval):
    found = two(*SLEEP, test=test)
    assert row_of(found) == (pytest.approx(statistic, rel=1e-8), free, pytest.approx(p, rel=1e-8))
    assert limits(found.effects[0]) == pytest.approx((-1.58, *interval), rel=1e-8)
    # J t sqrt(1/5) and the noncentralities by uniroot(pt(t, 18, ncp) - 0.975) and - 0.025
    assert limits(found.effects[1]) == pytest.approx((-0.796935239191, -1.66517179067, 0.0914077328052), rel=1e-7)


def test_paired_t():
    """t.test(s1, s2, paired = TRUE)"""
    found = paired(*SLEEP)
    assert row_of(found) == (pytest.approx(-4.062127683, rel=1e-8), "9", pytest.approx(0.002832890197, rel=1e-8))
    assert limits(found.effects[0]) == pytest.approx((-1.58, -2.459885763, -0.7001142367), rel=1e-8)
    assert limits(found.effects[1]) == pytest.approx((-1.17392490351, -1.93560211253, -0.378917895996), rel=1e-7)


def test_signed_rank_with_ties_and_zeros():
    """wilcox.test(s1, s2, paired = TRUE, exact = FALSE, conf.int = TRUE); R finds the limits by uniroot, these are the pairs' means"""
    found = paired(*SLEEP, scale="ordinal")
    assert (row_of(found)[0], found.p.value) == (0, pytest.approx(0.009090698016, rel=1e-8))
    assert limits(found.effects[0]) == pytest.approx((-1.400030672, -2.9499208, -1.050017991), abs=1e-4)
    assert "1 of 10 pairs" in str([w.en for w in found.warnings])


def test_signed_rank_exact():
    """wilcox.test(x, y, paired = TRUE, conf.int = TRUE), Hollander & Wolfe 1973, 29f"""
    x, y = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30], [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = paired(x, y, test="wilcoxon")
    assert (row_of(found)[0], found.p.value) == (40, pytest.approx(0.0390625, abs=1e-12))
    assert limits(found.effects[0]) == pytest.approx((0.46, 0.01, 0.786), abs=1e-9)
    assert "(exact)" in found.p.method


def test_mann_whitney_exact():
    """wilcox.test(x, y, conf.int = TRUE), Hollander & Wolfe 1973, 69f"""
    x, y = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46], [1.15, 0.88, 0.90, 0.74, 1.21]
    found = two(x, y, scale="ordinal")
    assert (row_of(found)[0], found.p.value) == (35, pytest.approx(0.2544122544, rel=1e-9))
    assert limits(found.effects[0]) == pytest.approx((0.305, -0.15, 0.76), abs=1e-9)
    assert found.effects[1].value == pytest.approx(2 * 35 / 50 - 1)


def test_mann_whitney_with_ties():
    """wilcox.test(Ozone ~ Month, airquality, subset = Month %in% c(5, 8), exact = FALSE, conf.int = TRUE)"""
    found = two(OZONE[5], OZONE[8], scale="ordinal")
    assert (row_of(found)[0], found.p.value) == (127.5, pytest.approx(0.0001208078308, rel=1e-8))
    assert limits(found.effects[0]) == pytest.approx((-32, -53, -15), abs=1.01)  # R inverts the normal curve between the jumps
    assert "10 of 62 values" in found.warnings[0].en


def test_anova_and_tukey():
    """summary(aov(weight ~ group, PlantGrowth)); TukeyHSD(): group 2 less group 1, so the signs are turned"""
    found = plants(test="anova")
    assert row_of(found) == (pytest.approx(4.846087862, rel=1e-8), "2, 27", pytest.approx(0.01590995833, rel=1e-8))
    # omega squared and ncp / (ncp + 30) with ncp by uniroot(pf(F, 2, 27, ncp) - ...)
    assert limits(found.effects[0]) == pytest.approx((0.20407884599, 0.00990396851755, 0.463896467045), rel=1e-6)
    expected = [
        (0.371, -0.32021605141, 1.06221605141, 0.3908711442021),
        (-0.494, -1.18521605141, 0.19721605141, 0.1979959912997),
        (-0.865, -1.55621605141, -0.17378394859, 0.0120064239795),
    ]
    assert [row[1:] for row in found.pairs.rows] == [pytest.approx(e, abs=1e-7) for e in expected]


def test_tukey_with_unequal_groups():
    """TukeyHSD(aov(weight ~ feed, chickwts))$feed[1:4, ]"""
    found = compare_groups(long(FEED), outcome=("y",), group="g", test="anova").pairs.rows[:4]
    ours = [(-row[1], -row[3], -row[2], row[4]) for row in found if row[0] != "casein - sunflower"]
    assert ours == [
        pytest.approx((-163.3833333333, -232.346876204, -94.4197904622, 3.07019679679e-08), rel=1e-6, abs=1e-10),
        pytest.approx((-104.8333333333, -170.587491483, -39.0791751889, 2.10015132162e-04), rel=1e-6),
        pytest.approx((-46.6742424242, -113.906206623, 20.5577217746, 0.332458415973), rel=1e-6),
        pytest.approx((-77.1547619048, -140.517054139, -13.7924696701, 0.00836530868306), rel=1e-6),
    ]


def test_welch_anova_and_games_howell():
    """oneway.test(weight ~ group, PlantGrowth); pairs by ptukey and qtukey with Welch's degrees of freedom"""
    found = plants()
    assert row_of(found) == (pytest.approx(5.180972408, rel=1e-8), "2, 17.1284", pytest.approx(0.01739282149, rel=1e-8))
    assert [row[1:] for row in found.pairs.rows] == [
        pytest.approx((0.371, -0.430087501502, 1.1720875015, 0.474554922194), abs=1e-6),
        pytest.approx((-0.494, -1.08855443333, 0.100554433333, 0.112889176854), abs=1e-6),
        pytest.approx((-0.865, -1.61648700668, -0.113512993317, 0.0237034547392), abs=1e-6),
    ]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        # pairwise.t.test(weight, group, pool.sd = FALSE)
        ("welch-anova", (0.2503825085875, 0.0957985112039, 0.0278952141518)),
    ],
)
def test_pairs_with_holm(test, expected):
    found = plants(test=test, post_hoc="holm")
    assert [row[-1] for row in found.pairs.rows] == pytest.approx(expected, rel=1e-8)


def test_kruskal_wallis_and_dunn():
    """kruskal.test(Ozone ~ Month, airquality); Dunn: (R_i - R_j) / sqrt((N (N + 1) / 12 - sum(t^3 - t) / (12 (N - 1))) (1/n_i + 1/n_j))"""
    found = compare_groups(long(OZONE), outcome=("y",), group="g", scale="ordinal")
    assert row_of(found) == (pytest.approx(29.26657631, rel=1e-8), "4", pytest.approx(6.900714119e-06, rel=1e-8))
    rows = found.pairs.rows
    assert [row[4] for row in rows[:4]] == pytest.approx(
        (-0.92515861626873, -4.41947064061156, -4.13281342220511, -1.32120228252017), rel=1e-8
    )
    assert [row[6] for row in rows[:4]] == pytest.approx((1, 9.89429615e-05, 3.22514652898e-04, 0.745735701851), rel=1e-8)
    # suppressWarnings(pairwise.wilcox.test(Ozone, Month, exact = FALSE))
    pairs = compare_groups(long(OZONE), outcome=("y",), group="g", scale="ordinal", post_hoc="holm", p_value="normal").pairs
    assert [row[-1] for row in pairs.rows[:4]] == pytest.approx(
        (0.57750494318174, 0.00029963895856, 0.00108727047692, 0.47437233358595), rel=1e-8
    )


def test_steel_dwass_published():
    found = compare_groups(long(AOKI), outcome=("y",), group="g", scale="ordinal", post_hoc="steel-dwass")
    t = [abs(row[4]) for row in found.pairs.rows]
    assert t == pytest.approx((2.680234, 2.539997, 1.282642, 3.746076, 2.046776, 3.384456), abs=5e-7)
    p = [row[5] for row in found.pairs.rows]
    assert p == pytest.approx((0.036960431, 0.053980573, 0.574011771, 0.001031145, 0.170965537, 0.003976894), abs=5e-7)


def test_friedman_and_repeated_measures():
    """friedman.test(RoundingTimes); anova(lm(RoundingTimes ~ 1), X = ~ 1, test = "Spherical"), Hollander & Wolfe 1973, 140ff"""
    wide = table(round=ROUNDING[:, 0].tolist(), narrow=ROUNDING[:, 1].tolist(), wide=ROUNDING[:, 2].tolist())
    ranks = compare_groups(wide, outcome=("round", "narrow", "wide"), scale="ordinal")
    assert row_of(ranks) == (pytest.approx(11.14285714, rel=1e-8), "2", pytest.approx(0.003805040776, rel=1e-8))
    assert ranks.effects[0].value == pytest.approx(11.14285714 / 44, rel=1e-8)
    means = compare_groups(wide, outcome=("round", "narrow", "wide"))
    assert row_of(means)[0] == pytest.approx(6.28830791835167, rel=1e-8)
    assert means.p.value == pytest.approx(0.00843979903189, rel=1e-8)
    assert round(means.effects[1].value, 4) == 0.7735
    # pairwise.t.test(y, c, paired = TRUE)
    assert [row[-1] for row in means.pairs.rows] == pytest.approx((0.7324813268559, 0.0284153313727, 0.00202632071279), rel=1e-8)


def test_mixed_model_is_that_of_nlme():
    """library(nlme); lme(extra ~ group, random = ~ 1 | ID, sleep): 1.58, SE 0.3889588, DF 9, p 0.002832895; equal to the paired t test"""
    people = list(range(10)) * 2
    both = table(y=SLEEP[0] + SLEEP[1], g=np.repeat(["1", "2"], 10), id=people)
    found = compare_groups(both, outcome=("y",), group="g", patient="id", test="mixed-model")
    assert row_of(found) == (pytest.approx(4.062127683**2, rel=1e-4), "1, 9", pytest.approx(0.002832890197, rel=1e-4))
    assert limits(found.effects[0]) == pytest.approx((1.58, 0.7001142367, 2.459885763), rel=1e-4)


def test_mixed_model_between_patients():
    """lme(distance ~ Sex, random = ~ 1 | Subject, Orthodont): -2.321023, SE 0.7614169, DF 25, p 0.00537506"""
    girls = [
        21,
        20,
        21.5,
        23,
        21,
        21.5,
        24,
        25.5,
        20.5,
        24,
        24.5,
        26,
        23.5,
        24.5,
        25,
        26.5,
        21.5,
        23,
        22.5,
        23.5,
        20,
        21,
        21,
        22.5,
    ]
    girls += [21.5, 22.5, 23, 25, 23, 23, 23.5, 24, 20, 21, 22, 21.5, 16.5, 19, 19, 19.5, 24.5, 25, 28, 28]
    boys = [
        26,
        25,
        29,
        31,
        21.5,
        22.5,
        23,
        26.5,
        23,
        22.5,
        24,
        27.5,
        25.5,
        27.5,
        26.5,
        27,
        20,
        23.5,
        22.5,
        26,
        24.5,
        25.5,
        27,
        28.5,
    ]
    boys += [22, 22, 24.5, 26.5, 24, 21.5, 24.5, 25.5, 23, 20.5, 31, 26, 27.5, 28, 31, 31.5, 23, 23, 23.5, 25, 21.5, 23.5, 24, 28]
    boys += [17, 24.5, 26, 29.5, 22.5, 25.5, 25.5, 26, 23, 24.5, 26, 30, 22, 21.5, 23.5, 25]
    both = table(y=boys + girls, g=["m"] * 64 + ["f"] * 44, id=np.repeat(np.arange(27), 4).tolist())
    found = compare_groups(both, outcome=("y",), group="g", patient="id", test="mixed-model")
    reach = 2.059538553 * 0.7614169388  # qt(.975, 25)
    assert limits(found.effects[0]) == pytest.approx((-2.321022727, -2.321022727 - reach, -2.321022727 + reach), rel=1e-4)
    assert found.p.value == pytest.approx(0.005375060609, rel=1e-3)
    # the mean of each patient tells the same in a balanced study
    means = compare_groups(both, outcome=("y",), group="g", patient="id", test="student")
    assert means.p.value == pytest.approx(found.p.value, rel=1e-3)
    assert "108 rows to 27 values" in str([w.en for w in means.warnings])


def test_more_rows_than_patients_are_folded():
    """Copies of rows must not change p; without the patient column they would."""
    once = table(y=PLANTS, g=np.repeat(["a", "b", "c"], 10), id=list(range(30)))
    many = table(y=np.repeat(PLANTS, 5).tolist(), g=np.repeat(["a", "b", "c"], 50), id=np.repeat(range(30), 5).tolist())
    asked = {"outcome": ("y",), "group": "g", "post_hoc": "none"}
    assert compare_groups(many, **asked, patient="id").p.value == pytest.approx(
        compare_groups(once, **asked, patient="id").p.value
    )
    assert compare_groups(many, **asked).p.value < 1e-3 * compare_groups(once, **asked).p.value


def test_a_patient_in_both_groups_makes_it_paired():
    both = table(y=SLEEP[0] + SLEEP[1], g=np.repeat(["x", "y"], 10), id=list(range(10)) * 2)
    found = compare_groups(both, outcome=("y",), group="g", patient="id")
    assert found.p.value == pytest.approx(paired(*SLEEP).p.value)
    turned = compare_groups(both, outcome=("y",), group="g", patient="id", order=("y", "x"))
    assert turned.effects[0].value == pytest.approx(1.58)


def test_incomplete_patients_are_left_out_and_told():
    found = compare_groups(table(a=[1.0, 2.0, 3.5, None], b=[2.0, 4.0, 4.5, 9.0]), outcome=("a", "b"))
    assert found.groups.rows[0][1] == 3
    assert any("1 of 4 patients" in w.en for w in found.warnings)


def test_rank_distributions_by_counting():
    """All choices and all signs, with ties, written out."""
    from itertools import combinations, product

    ranks = np.array([1, 2.5, 2.5, 4, 5.5, 5.5])
    sums = [sum(c) for c in combinations(ranks, 3)]
    chances = rank_sum_chances(ranks, 3)
    assert [chances[round(2 * s)] for s in sorted(set(sums))] == pytest.approx([sums.count(s) / 20 for s in sorted(set(sums))])
    signed = [float(np.dot(signs, ranks)) for signs in product((0, 1), repeat=6)]
    chances = signed_rank_chances(ranks)
    assert [chances[round(2 * s)] for s in sorted(set(signed))] == pytest.approx(
        [signed.count(s) / 64 for s in sorted(set(signed))]
    )


def test_exact_with_ties_is_the_permutation_test():
    from scipy import stats

    a, b = [1, 2, 2, 3, 3, 4], [2, 3, 4, 4, 5, 5, 5]
    found = two(a, b, scale="ordinal", p_value="exact")
    ranks = stats.rankdata(a + b)
    theirs = stats.permutation_test((ranks[:6], ranks[6:]), lambda x, y: x.sum(), n_resamples=np.inf)
    assert found.p.value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_assumptions_are_shown_and_do_not_choose():
    """shapiro.test(PlantGrowth$weight[1:10]); Brown-Forsythe: anova(lm(abs(weight - ave(weight, group, FUN = median)) ~ group))"""
    found = plants(post_hoc="none")
    assert found.groups.rows[0][-1] == pytest.approx(0.74747344383, rel=1e-6)
    assert "p = 0.341" in found.groups.notes[1].en
    skewed = two([1, 1, 1, 1, 2, 90], [2, 2, 3, 2, 1, 80])
    assert "Welch" in skewed.p.method
    assert any("Skewed" in w.en for w in skewed.warnings)


@pytest.mark.parametrize(
    ("columns", "options", "code"),
    [
        ({"y": [1, 1, 1, 1], "g": list("aabb")}, {}, "G-TEST-010"),
        ({"y": [1, 1, 1, 1], "g": list("aabb")}, {"scale": "ordinal"}, "G-TEST-012"),
        ({"y": [1, 2, 3, 4], "g": list("aaaa")}, {}, "G-TEST-004"),
        ({"y": [1, 2, 3, 4], "g": list("abbb")}, {}, "G-TEST-007"),
        ({"y": [1, None, 3, 4], "g": list("aabb")}, {}, "G-TEST-007"),
        ({"y": [1, 2, "high", 4], "g": list("aabb")}, {}, "G-STAT-031"),
        ({"y": [1, 2, float("inf"), 4], "g": list("aabb")}, {}, "G-TEST-001"),
        ({"y": list(range(60)), "g": list(range(60))}, {}, "G-TEST-004"),
        ({"y": [1, 2, 3, 4], "g": list("aabb")}, {"order": ("a", "z")}, "G-TEST-003"),
        ({"y": [1, 2, 3, 4], "g": list("aabb")}, {"design": "paired"}, "G-TEST-006"),
        ({"y": [1, 2, 3, 4], "g": list("aabb"), "id": [1, 2, 1, 2]}, {"design": "independent", "patient": "id"}, "G-TEST-005"),
        ({"y": [1, 2, 3, 4], "g": list("aabb"), "id": [1, 2, 1, 3]}, {"patient": "id"}, "G-TEST-008"),
        ({"y": [1, 2, 3, 4], "g": list("aabb")}, {"test": "friedman"}, "G-TEST-017"),
        ({"y": [1, 2, 3, 4, 5, 7], "g": list("aabbcc")}, {"test": "anova", "post_hoc": "dunn"}, "G-TEST-016"),
        ({"y": [1, 2, 3, 4], "g": list("aabb"), "id": [1, 2, 3, 4]}, {"patient": "id", "test": "mixed-model"}, "G-TEST-015"),
        ({"y": [1, 2, 3, 4], "g": [None] * 4}, {}, "G-TEST-004"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused(columns, options, code):
    with pytest.raises(GazoError, match=code):
        compare_groups(table(**columns), outcome=("y",), group="g", **options)


def test_columns_must_be_named_one_way():
    with pytest.raises(GazoError, match="G-TEST-002"):
        compare_groups(table(a=[1, 2], b=[2, 3], g=["x", "y"]), outcome=("a", "b"), group="g")
    with pytest.raises(GazoError, match="G-TEST-011"):
        paired([1, 2, 3], [1, 2, 3], scale="ordinal")
    with pytest.raises(GazoError, match="G-TEST-014"):
        compare_groups(table(a=[1, 2], b=[1, 2], c=[1, 2]), outcome=("a", "b", "c"), scale="ordinal")
    with pytest.raises(GazoError, match="G-TEST-013"):
        two(range(200), range(200, 400), scale="ordinal", p_value="exact")


def test_few_patients_get_no_interval_that_lies():
    """Three pairs cannot hold 95 %: the whole range holds 75 %."""
    found = paired([1.0, 2.0, 3.1], [2.0, 3.5, 5.1], scale="ordinal")
    assert found.effects[0].low is None
    assert found.p.value == pytest.approx(0.25)


@pytest.mark.slow
def test_the_interval_of_hedges_g_covers():
    from gazo.stats.small.effects import hedges_g

    rng, hits = np.random.default_rng(0), []
    for _ in range(2000):
        found = hedges_g(rng.normal(0.8, 1, 12), rng.normal(0, 1, 15), 0.95)
        hits.append(found.low <= 0.8 <= found.high)
    assert 0.935 <= np.mean(hits) <= 0.965
