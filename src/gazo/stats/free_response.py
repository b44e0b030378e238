"""A free-response study: FROC and AFROC curves, every figure of merit, and the comparison of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.stats.detections import Matched
from gazo.stats.foms import FREE, fom_named
from gazo.stats.free_response_curves import froc_of_readers, matched_reading, mean_afroc, rate_grid
from gazo.stats.froc import RATES, sensitivities_at
from gazo.stats.mrmc import LevelOption
from gazo.stats.mrmc_covariance import covariance_of, readings
from gazo.stats.mrmc_models import Analysis, Effect, GlobalTest, analysed, components_of
from gazo.stats.mrmc_tables import (
    READER,
    TEST,
    components_table,
    difference_estimates,
    differences_table,
    global_table,
    mean_estimates,
    reader_table,
)
from gazo.stats.mrmc_words import conclusion_of, sentence_of
from gazo.stats.reader_study import ReaderStudy
from gazo.stats.reading import Reading

FreeFom = Literal["wafroc", "afroc", "wafroc1", "afroc1", "hrauc"]
CurveRepeats = Annotated[int, Ge(100), Le(100_000), Label("帯のブートストラップの回数", "Bootstrap resamples of the band")]


@result("free-response analysis")
@dataclass(frozen=True, eq=False, kw_only=True)
class FreeResponseAnalysis(Measurement):
    """The comparison of the tests by the chosen figure of merit, every figure of merit of every reader, and the curves of each test.

    `froc` has a band over patients; `sensitivities` are the shares of lesions found at 1/8 ... 8 false positives an image.
    """

    conclusion: Text
    means: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    global_test: Table | None
    comparisons: Table | None
    each_reader: Table
    figures_of_merit: Table
    sensitivities: Table
    components: Table
    froc: tuple[Curve, ...]
    afroc: tuple[Curve, ...]
    weighted_afroc: tuple[Curve, ...]
    test: GlobalTest | None


@operation("自由応答研究の解析 (FROC)", "Free-response study (FROC)", booklet="B5")
def froc(
    study: ReaderStudy,
    *,
    fom: Annotated[FreeFom, Label("比較に使う評価指標", "Figure of merit compared")] = "wafroc",
    readers: Annotated[Effect, Label("読影者 (random: 母集団へ一般化)", "Readers (random: speak for other readers)")] = "random",
    cases: Annotated[Effect, Label("症例 (random: 母集団へ一般化)", "Cases (random: speak for other cases)")] = "random",
    level: LevelOption = 0.95,
    repeats: CurveRepeats = 500,
    seed: int = 0,
) -> FreeResponseAnalysis:
    """Compare tests in which readers marked places: wAFROC and its kin by Obuchowski & Rockette's method, FROC and AFROC curves.

    NLF(t) is the number of false marks rated at least t over all images, LLF(t) the share of lesions marked at least t (Bunch et al. 1978).
    wAFROC compares the highest false mark of a case without disease with each lesion, the lesions of a case sharing its weight
    (Chakraborty & Berbaum 2004; Chakraborty & Zhai 2016). AFROC counts lesions alike; wAFROC1 and AFROC1 also take the false marks of
    diseased cases and are meant for studies with few normal cases; HrAuc is the ROC area of the highest marks.

    Parameters
    ----------
    study : marks and lesions.
    """
    need_marks(study)
    merit = fom_named(fom, free_response=True)
    table = readings(study)
    theta, covariance = covariance_of(study, merit, "jackknife", repeats=0, seed=0)
    parts = components_of(theta, covariance)
    analysis = analysed(theta, parts, readers=readers, cases=cases, level=level)
    matches = [[matched_reading(study, i, j) for j in range(len(study.readers))] for i in range(len(study.tests))]
    grid = rate_grid([one for row in matches for one in row])
    curves = tuple(
        froc_of_readers(row, Text(test, test), grid, repeats=repeats, seed=seed, level=level)
        for test, row in zip(study.tests, matches, strict=True)
    )
    return FreeResponseAnalysis(
        conclusion=conclusion_of(study, merit, analysis),
        means=mean_estimates(study, merit, analysis),
        differences=difference_estimates(study, analysis),
        each_reader=reader_table(study, merit, theta, covariance, level),
        figures_of_merit=_every_fom(study, table),
        sensitivities=_at_rates(study, matches),
        components=components_table(parts),
        froc=curves,
        afroc=mean_afroc(study.tests, table, weighted=False),
        weighted_afroc=mean_afroc(study.tests, table, weighted=True),
        sentence=sentence_of(study, merit, analysis, "or", "jackknife"),
        warnings=_warnings(study, fom),
        **compared(study, analysis),
    )


def compared(study: ReaderStudy, analysis: Analysis) -> dict[str, Any]:
    """The test of all tests and the table of their differences, both None for one test."""
    return {
        "global_test": global_table(analysis.test) if analysis.test else None,
        "comparisons": differences_table(study, analysis) if analysis.differences else None,
        "test": analysis.test,
    }


def need_marks(study: ReaderStudy) -> None:
    """Refuse a study that has no places."""
    if not study.free_response:
        raise DataError(
            "G-MRMC-019",
            en="this analysis needs marks with places and the lesions; the study has one rating for each case. "
            "Use 'mrmc', or give the file of marks.",
            ja="この解析には位置のあるマークと病変の情報が必要ですが、この研究には症例ごとの評点しかありません。"
            "「mrmc」を使うか、マークのファイルを指定してください。",
        )


def _every_fom(study: ReaderStudy, table: list[list[Reading]]) -> Table:
    foms = [fom_named(name, free_response=True) for name in FREE]  # type: ignore[arg-type]
    rows = tuple(
        (test, reader, *(fom.value(one) for fom in foms))
        for test, row in zip(study.tests, table, strict=True)
        for reader, one in zip(study.readers, row, strict=True)
    )
    return Table(Text("評価指標の一覧", "Every figure of merit"), (TEST, READER, *(fom.name for fom in foms)), rows)


def _at_rates(study: ReaderStudy, matches: list[list[Matched]]) -> Table:
    """LLF at 1/8 ... 8 false positives an image and their mean."""
    rows = []
    for test, row in zip(study.tests, matches, strict=True):
        for reader, one in zip(study.readers, row, strict=True):
            values = sensitivities_at(one, np.ones((1, one.patients)), np.array(RATES))[0]
            rows.append((test, reader, *values.tolist(), float(values.mean())))
    names = tuple(Text(f"{rate:g} FP/画像", f"{rate:g} FP per image") for rate in RATES)
    headings = (TEST, READER, *names, Text("平均 (CPM)", "mean (CPM)"))
    return Table(Text("偽陽性数ごとの病変検出率", "Lesions found at a rate of false positives"), headings, tuple(rows))


def _warnings(study: ReaderStudy, fom: str) -> tuple[Text, ...]:
    normal = int((~study.truth).sum())
    told = (
        (_NORMALS, fom.endswith("1") and normal >= 20),
        (_FEW, len(study.readers) < 4),
    )
    return tuple(text for text, applies in told if applies)


_NORMALS = Text(
    "正常例が十分にあるので、疾患例の偽陽性も使う AFROC1 系の指標よりも wAFROC を勧めます。",
    "there are enough cases without disease; wAFROC is preferred to the figures that also take false marks of diseased cases.",
)
_FEW = Text(
    "読影者が 4 人未満です。読影者を変量とする検定は検出力が低く、結果の一般化には注意してください。",
    "fewer than four readers: a test with random readers has little power; be careful in speaking for other readers.",
)
