"""What the Japanese programs JLABROC and JSRT-MRMC compute, so that results of older papers can be repeated. Not for new studies.

The area comes from a least-squares line through normal deviates, not from maximum likelihood; tied ratings are not grouped, so the order
of tied cases changes it; the degrees of freedom subtract where Satterthwaite adds, and are rounded; and the interval of the difference is
a paired t interval over readers, which leaves out that other cases would have given another difference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.stats.inputs import Bools, Floats
from gazo.stats.labroc_legacy import labroc_legacy
from gazo.stats.mrmc_models import Analysis, Contrast, GlobalTest, global_test
from gazo.stats.mrmc_pseudovalues import Anova, anova_of
from gazo.stats.reader_study import ReaderStudy

CAVEAT = Text(
    "この結果は旧プログラム (JLABROC、JSRT-MRMC) の計算を再現したものです。差の信頼区間は読影者のばらつきだけから求め、症例のばらつきを含まないため、"
    '本来より狭くなります。また、同点の症例をまとめないので、症例の並び順によって F 値が変わります。新しい研究では method="or" を使ってください。',
    "these numbers repeat the calculation of older programs (JLABROC, JSRT-MRMC). The interval of the difference comes from the spread of the "
    "readers alone and leaves out that of the cases, so it is too narrow; and tied cases are not grouped, so F depends on the order of the "
    'cases. For a new study use method="or".',
)


@dataclass(frozen=True, eq=False)
class Legacy:
    """Areas (2, J), the analysis of variance of their pseudovalues, and the comparison."""

    theta: Floats
    anova: Anova
    analysis: Analysis


def legacy_analysis(study: ReaderStudy, level: float = 0.95) -> Legacy:
    """Two tests read completely, one case a patient."""
    _check(study)
    order = np.concatenate([np.flatnonzero(~study.truth), np.flatnonzero(study.truth)])
    truth, ratings = study.truth[order], study.ratings[..., order]
    theta = np.array([[_area(truth, row) for row in test] for test in ratings])
    count = len(truth)
    keep = ~np.eye(count, dtype=bool)
    left = np.array([[[_area(truth[rest], row[rest]) for rest in keep] for row in test] for test in ratings])
    found = anova_of(count * theta[..., None] - (count - 1) * left)
    apart = theta[0] - theta[1]
    readers = len(apart)
    between = Contrast(float(apart.mean()), float(apart.std(ddof=1)) / math.sqrt(readers), readers - 1, level)
    means = tuple(Contrast(float(row.mean()), float(row.std(ddof=1)) / math.sqrt(readers), readers - 1, level) for row in theta)
    return Legacy(theta, found, Analysis(_test(found), {(0, 1): between}, means))


def _test(found: Anova) -> GlobalTest:
    """MS(T) / MS(TRC) when neither MS(TR) nor MS(TC) exceeds MS(TRC), else MS(T) / (MS(TR) + MS(TC) - MS(TRC))."""
    ms, df = found.ms, found.df
    if max(ms["TR"], ms["TC"]) <= ms["TRC"]:
        return global_test("JSRT-MRMC", ms["T"], ms["TRC"], 1, df["RC"])
    den = ms["TR"] + ms["TC"] - ms["TRC"]
    spread = ms["TC"] ** 2 / df["C"] + ms["TR"] ** 2 / df["R"] - ms["TRC"] ** 2 / df["RC"]  # the minus sign is theirs
    return global_test("JSRT-MRMC", ms["T"], den, 1, max(1, int(den**2 / spread + 0.4444)))


def _area(truth: Bools, ratings: Floats) -> float:
    fit = labroc_legacy(truth, ratings)
    if fit.degenerate:
        raise DataError(
            "G-MRMC-008",
            en=f"the older programs need at least two ROC points with different false positive fractions inside the unit square; "
            f"{fit.points} points came (the ratings separate the cases perfectly, or nearly so). Choose method 'or'.",
            ja=f"旧プログラムの計算には、偽陽性率の異なる ROC 曲線上の点が (0 と 1 を除いて) 2 つ以上必要ですが、使える点は {fit.points} 個です "
            "(評点が症例をほぼ完全に分離しています)。method には「or」を選んでください。",
        )
    return fit.auc


def _check(study: ReaderStudy) -> None:
    if len(study.tests) != 2 or len(study.readers) < 2 or not study.complete or len(np.unique(study.patients)) < len(study.cases):
        raise DataError(
            "G-MRMC-009",
            en=f"the older programs compare two tests that at least two readers read completely, one case a patient; {len(study.tests)} tests, "
            f"{len(study.readers)} readers and {int(np.isnan(study.ratings).sum())} absent ratings came. Choose method 'or'.",
            ja=f"旧プログラムは、2 人以上の読影者が全症例を読影した 2 つの検査だけを (1 患者 1 症例で) 比較できます。受け取った研究は検査 {len(study.tests)}、"
            f"読影者 {len(study.readers)}、欠けた評点 {int(np.isnan(study.ratings).sum())} です。method には「or」を選んでください。",
        )
