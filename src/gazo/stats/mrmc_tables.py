"""The tables of a multi-reader analysis, as they stand in the literature."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Estimate, Table
from gazo.stats.delong import auc_limits
from gazo.stats.foms import Fom, ShareFom
from gazo.stats.inputs import Floats
from gazo.stats.mrmc_models import Analysis, Components, Contrast, GlobalTest
from gazo.stats.mrmc_pseudovalues import Anova
from gazo.stats.proportions import wilson_limits
from gazo.stats.reader_study import ReaderStudy

TEST = Text("検査", "Test")
READER = Text("読影者", "Reader")
LIMITS = Text("下限", "Low"), Text("上限", "High")
STATISTIC = Text("統計量", "Statistic")
DF = Text("自由度", "df")
P = Text("p 値", "p")
SE = Text("標準誤差", "SE")
DIFFERENCE = Text("差", "Difference")
SOURCE = Text("要因", "Source")
MEAN_SQUARE = Text("平均平方", "Mean square")
_FACTORS = {
    "T": Text("検査 (T)", "Test (T)"),
    "R": Text("読影者 (R)", "Reader (R)"),
    "C": Text("症例 (C)", "Case (C)"),
    "TR": Text("検査 × 読影者 (TR)", "Test x reader (TR)"),
    "TC": Text("検査 × 症例 (TC)", "Test x case (TC)"),
    "RC": Text("読影者 × 症例 (RC)", "Reader x case (RC)"),
    "TRC": Text("検査 × 読影者 × 症例 (TRC)", "Test x reader x case (TRC)"),
}


def named(text: str) -> Text:
    """A name of the user's, the same in both languages."""
    return Text(text, text)


def known(value: float | None) -> float | None:
    """None for what is not a number or has no end."""
    return None if value is None or not math.isfinite(value) else float(value)


def mean_estimates(study: ReaderStudy, fom: Fom, analysis: Analysis) -> tuple[Estimate, ...]:
    """The mean figure of merit of each test with its interval; none where nothing varies."""
    return tuple(
        estimate(Text(f"{fom.name.ja}: {test}", f"{fom.name.en}: {test}"), mean, analysis, (0.0, 1.0))
        for test, mean in zip(study.tests, analysis.means, strict=True)
    )


def difference_estimates(study: ReaderStudy, analysis: Analysis) -> tuple[Estimate, ...]:
    """The difference of each pair of tests, first less second."""
    return tuple(
        estimate(
            Text(f"差: {study.tests[i]} − {study.tests[k]}", f"difference: {study.tests[i]} - {study.tests[k]}"), one, analysis
        )
        for (i, k), one in analysis.differences.items()
    )


def estimate(name: Text, one: Contrast, analysis: Analysis, bounds: tuple[float, float] = (-1.0, 1.0)) -> Estimate:
    """A contrast as an estimate, cut at what the figure can reach."""
    how = f"{analysis.test.analysis if analysis.test else 'OR'}, {'normal' if one.df is None else 't'}"
    if one.se <= 0:
        return Estimate(name, one.value, None, None, one.level, "no variance")
    return Estimate(name, one.value, max(bounds[0], one.low), min(bounds[1], one.high), one.level, how)


def global_table(test: GlobalTest) -> Table:
    """The test of all tests at once."""
    headings = (Text("解析", "Analysis"), STATISTIC, Text("値", "Value"), Text("自由度 1", "df1"), Text("自由度 2", "df2"), P)
    row = (test.analysis, test.letter, known(test.statistic), test.df1, known(test.df2), known(test.p))
    return Table(Text("全体の検定 (すべての検査が等しい)", "Global test (all tests are alike)"), headings, (row,))


def differences_table(study: ReaderStudy, analysis: Analysis) -> Table:
    """Each pair of tests, as in the tables of OR-DBM MRMC."""
    rows = tuple((f"{study.tests[i]} - {study.tests[k]}", *contrast_cells(one)) for (i, k), one in analysis.differences.items())
    notes = () if len(rows) < 2 else (_NOT_CORRECTED,)
    return Table(
        Text("検査間の差", "Differences of tests"), (Text("比較", "Comparison"), *contrast_headings(DIFFERENCE)), rows, notes
    )


_NOT_CORRECTED = Text("p 値と区間は多重比較の補正をしていません。", "p and intervals are not corrected for several comparisons.")


def contrast_headings(name: Text) -> tuple[Text, ...]:
    """Headings above `contrast_cells`."""
    return (name, SE, *LIMITS, Text("t または z", "t or z"), DF, P)


def contrast_cells(one: Contrast, against: float = 0.0) -> tuple[Any, ...]:
    """A contrast and its test against a value; an empty cell for what does not exist."""
    cells = (one.value, one.se, one.low, one.high, one.statistic(against), one.df, one.p(against))
    return tuple(known(cell) for cell in cells)


def reader_table(study: ReaderStudy, fom: Fom, theta: Floats, covariance: Floats | None, level: float) -> Table:
    """The figure of merit of every reader under every test with its interval over cases."""
    rows = []
    for i, test in enumerate(study.tests):
        for j, reader in enumerate(study.readers):
            value = float(theta[i, j])
            limits = (
                (None, None)
                if covariance is None
                else reader_limits(study, fom, i, j, value, float(covariance[i, j, i, j]), level)
            )
            rows.append((test, reader, value, *limits))
    return Table(Text("読影者ごとの値", "Each reader"), (TEST, READER, fom.name, *LIMITS), tuple(rows))


def reader_limits(
    study: ReaderStudy, fom: Fom, test: int, reader: int, value: float, variance: float, level: float
) -> tuple[float | None, float | None]:
    """Logit limits of an area, Newcombe's or Wilson's where the variance is 0; a partial area has Wald's."""
    seen = study.read_cases(test, reader)
    positives, negatives = (len(np.unique(study.patients[seen & kind])) for kind in (study.truth, ~study.truth))
    if isinstance(fom, ShareFom) or fom.key == "sensitivity-at-specificity":
        trials = negatives if fom.key == "specificity" else positives
        return wilson_limits(round(value * trials, 6), trials, level)
    if fom.key == "partial-auc":
        one = Contrast(value, math.sqrt(max(variance, 0.0)), None, level)
        return (max(0.0, one.low), min(1.0, one.high)) if one.se > 0 else (None, None)
    return auc_limits(value, variance, positives, negatives, level, "logit")[:2]


def reader_differences_table(study: ReaderStudy, found: dict[tuple[int, int, int], Contrast]) -> Table:
    """Each pair of tests within each reader."""
    rows = tuple(
        (f"{study.tests[i]} - {study.tests[k]}", study.readers[j], *contrast_cells(one)) for (i, k, j), one in found.items()
    )
    headings = (Text("比較", "Comparison"), READER, *contrast_headings(DIFFERENCE))
    return Table(Text("読影者ごとの差", "Differences within readers"), headings, rows)


def anova_table(c: Components) -> Table:
    """Mean squares of the figures of merit."""
    rows = (
        (_FACTORS["T"], c.tests - 1, c.ms_test if c.tests > 1 else None),
        (_FACTORS["R"], c.readers - 1, c.ms_reader if c.readers > 1 else None),
        (_FACTORS["TR"], (c.tests - 1) * (c.readers - 1), c.ms_test_reader if min(c.tests, c.readers) > 1 else None),
    )
    return Table(Text("分散分析", "Analysis of variance"), (SOURCE, DF, MEAN_SQUARE), rows)


def pseudovalue_table(found: Anova) -> Table:
    """Mean squares of the pseudovalues."""
    rows = tuple((_FACTORS[name], found.df[name], found.ms[name]) for name in _FACTORS)
    return Table(Text("擬似値の分散分析", "Analysis of variance of the pseudovalues"), (SOURCE, DF, MEAN_SQUARE), rows)


def components_table(c: Components) -> Table:
    """Components and error correlations; the components of readers may be negative and are not cut."""
    two, several = c.tests > 1, c.readers > 1
    rows = (
        (Text("読影者の分散", "Var(reader)"), c.var_reader if two and several else None, None),
        (Text("検査 × 読影者の分散", "Var(test x reader)"), c.var_test_reader if two and several else None, None),
        (Text("誤差分散", "Var(error)"), c.var, None),
        (
            Text("Cov1 (同じ読影者、異なる検査)", "Cov1 (same reader, other test)"),
            c.cov1 if two else None,
            _share(c.cov1, c, two),
        ),
        (
            Text("Cov2 (同じ検査、異なる読影者)", "Cov2 (same test, other reader)"),
            c.cov2 if several else None,
            _share(c.cov2, c, several),
        ),
        (
            Text("Cov3 (検査も読影者も異なる)", "Cov3 (other test, other reader)"),
            c.cov3 if two and several else None,
            _share(c.cov3, c, two and several),
        ),
    )
    headings = (Text("成分", "Component"), Text("推定値", "Estimate"), Text("相関", "Correlation"))
    return Table(Text("分散成分", "Variance components"), headings, rows)


def _share(covariance: float, c: Components, exists: bool) -> float | None:
    return covariance / c.var if exists and c.var > 0 else None
