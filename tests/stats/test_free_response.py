"""Free-response and localization studies: LCG-F (values of RJafroc 2.1.3), studies counted by hand, laws."""

from dataclasses import replace

import numpy as np
import pytest

from gazo.core.errors import DataError
from gazo.stats import froc, lroc, mrmc
from gazo.stats.foms import FREE, fom_named
from gazo.stats.free_response_curves import afroc_points, located_ratings, lroc_points
from gazo.stats.lroc import LrocFom
from gazo.stats.reader_study import Lesions, Marks, ReaderStudy
from gazo.stats.reading import reading_of

VALUES = {
    "wafroc": [0.6123333, 0.487, 0.5988889, 0.7562222, 0.7146667, 0.6337778],
    "wafroc1": [0.6013333, 0.5222424, 0.5386061, 0.7486667, 0.7193939, 0.5806061],
    "afroc": [0.5766667, 0.4883333, 0.6113333, 0.732, 0.731, 0.6343333],
    "hrauc": [0.8313333, 0.7773333, 0.8533333, 0.9, 0.912, 0.8406667],
}


def hand_made():
    """4 normal cases (0-3) and 2 diseased (4: lesions of weight .25 and .75, 5: one lesion); one test, one reader."""
    marks = [(0, -1, 3.0), (1, -1, 1.0), (1, -1, 2.0), (4, 0, 2.0), (4, 0, 1.0), (4, -1, 5.0), (5, 0, 4.0)]
    case, lesion, rating = (np.array(column) for column in zip(*marks, strict=True))
    none = np.zeros(len(marks), np.int64)
    ratings = np.array([[[3.0, 2.0, -np.inf, -np.inf, 5.0, 4.0]]])
    return ReaderStudy(
        ("a",), ("r",), tuple("012345"), np.arange(6) >= 4, np.arange(6), ratings,
        Marks(none, none, case, lesion, rating), Lesions(np.array([4, 4, 5]), np.array([0, 1, 0]), np.array([0.25, 0.75, 1.0])),
    )  # fmt: skip


@pytest.mark.parametrize("fom", VALUES)
def test_figures_of_merit_of_lcg_f(lcg_f, fom):
    assert [row[2] for row in mrmc(lcg_f, fom=fom).each_reader.rows] == pytest.approx(VALUES[fom], abs=5e-8)


def test_tests_of_lcg_f(lcg_f):
    """RRRC F 5.893267, df2 2, p .135929; FRRC X2 5.806550, p .0159666."""
    random, fixed = froc(lcg_f, repeats=100).test, froc(lcg_f, repeats=100, readers="fixed").test
    assert [random.statistic, random.df2, random.p] == pytest.approx([5.893267, 2, 0.135929], rel=5e-6)
    assert [fixed.statistic, fixed.p] == pytest.approx([5.80655, 0.0159666], rel=5e-6)


def test_a_study_counted_by_hand():
    """False marks 3, 2, none, none. Lesions: 2 (weight .25), none (.75), 4 (1): psi sums over the four normal cases 2.5, 1, 4."""
    reading = reading_of(hand_made(), 0, 0)
    assert fom_named("wafroc", free_response=True).value(reading) == pytest.approx((0.25 * 2.5 + 0.75 * 1 + 4) / (4 * 2))
    assert fom_named("afroc", free_response=True).value(reading) == pytest.approx((2.5 + 1 + 4) / (4 * 3))
    # Over all six cases: case 4 has a false mark of 5, case 5 has none.
    assert fom_named("wafroc1", free_response=True).value(reading) == pytest.approx((0.25 * 3.5 + 0.75 * 1.5 + 5) / (6 * 2))
    assert fom_named("hrauc", free_response=True).value(reading) == pytest.approx(1.0)
    x, y = afroc_points(reading, weighted=False)
    assert x.tolist() == [0, 0, 0.25, 0.5, 1]
    assert y == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3, 1])


def test_a_case_is_located_by_its_highest_mark():
    """Case 4: its lesion has 2, a false mark 5: not located. Case 5 is."""
    reading = reading_of(hand_made(), 0, 0)
    assert located_ratings(reading).tolist() == [-np.inf, 4.0]
    x, y = lroc_points(reading)
    assert x.tolist() == [0, 0, 0.25, 0.5]
    assert y.tolist() == [0, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("name", FREE)
def test_the_closed_jackknife_is_the_slow_one(lcg_f, name):
    fom, reading = fom_named(name, free_response=True), reading_of(lcg_f, 1, 2)
    rows = np.arange(len(reading.truth))
    slow = [fom.value(reading.take(rows[rows != k])) for k in rows]
    assert fom.left_out(reading) == pytest.approx(slow, abs=1e-13)


def test_the_area_under_the_weighted_curve_is_the_figure_of_merit(lcg_f):
    for test in range(2):
        for reader in range(3):
            reading = reading_of(lcg_f, test, reader)
            x, y = afroc_points(reading, weighted=True)
            assert np.trapezoid(y, x) == pytest.approx(fom_named("wafroc", free_response=True).value(reading))


def test_curves_begin_and_end_where_they_must(lcg_f):
    found = froc(lcg_f, repeats=100, seed=3)
    for curve in found.froc:
        assert (np.diff(curve.y) >= 0).all()
        assert (curve.low <= curve.y + 1e-12).all()
        assert (curve.y <= curve.high + 1e-12).all()
    assert [curve.y[-1] for curve in found.afroc] == [1, 1]
    last = [sum((lcg_f.marks.test == i) & (lcg_f.marks.lesion >= 0)) / 150 for i in range(2)]
    assert [curve.y[-1] for curve in found.froc] == pytest.approx(last)
    assert found.froc[0].x[-1] == pytest.approx(max(_false_marks(lcg_f)) / 55)


def _false_marks(study):
    own = study.marks.lesion < 0
    return [sum(own & (study.marks.test == i) & (study.marks.reader == j)) for i in range(2) for j in range(3)]


def test_more_marks_below_the_highest_change_no_wafroc(lcg_f):
    """Only the highest false mark of a case counts."""
    low = Marks(*(np.append(getattr(lcg_f.marks, key), value) for key, value in
                  zip(("test", "reader", "case", "lesion", "rating"), (0, 0, 3, -1, 0.5), strict=True)))  # fmt: skip
    reading = reading_of(lcg_f, 0, 0)
    if np.isfinite(reading.false[3]):
        assert reading_of(replace(lcg_f, marks=low), 0, 0).false[3] == reading.false[3]
    assert reading_of(replace(lcg_f, marks=low), 0, 0).false[3] == max(reading.false[3], 0.5)


def test_a_bootstrap_of_free_responses_is_near_the_jackknife(lcg_f):
    slow, quick = mrmc(lcg_f, covariance="bootstrap", repeats=300), mrmc(lcg_f)
    assert slow.components.rows[2][1] == pytest.approx(quick.components.rows[2][1], rel=0.3)


def test_localization(lcg_f):
    found = lroc(lcg_f, fom="area")
    area, at = LrocFom("area", found.means[0].name, 1.0), LrocFom("pcl", found.means[0].name, 0.25)
    reading = reading_of(lcg_f, 0, 0)
    x, y = lroc_points(reading)
    assert found.each_reader.rows[0][2] == pytest.approx(area.value(reading))
    assert area.value(reading) == pytest.approx(np.trapezoid(np.append(y, y[-1]), np.append(x, 1)))
    assert at.value(reading) == pytest.approx(np.interp(0.25 - 1e-12, x, y))
    assert found.test.analysis == "RRRC"
    assert "LROC area" in found.conclusion.en


def test_studies_without_marks_are_refused(lcg6):
    for analysis in (froc, lroc):
        with pytest.raises(DataError, match="G-MRMC-019"):
            analysis(lcg6)
