"""Localization ROC (LROC): one place and one rating a case. Was the lesion found where it is?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le

from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.stats.foms import Fom, every_case
from gazo.stats.free_response import compared, need_marks
from gazo.stats.free_response_curves import lroc_points, mean_lroc
from gazo.stats.inputs import Bools, Floats
from gazo.stats.mrmc import LevelOption
from gazo.stats.mrmc_covariance import covariance_of, readings
from gazo.stats.mrmc_models import Contrast, Effect, GlobalTest, analysed, components_of
from gazo.stats.mrmc_tables import LIMITS, READER, TEST, components_table, difference_estimates, mean_estimates
from gazo.stats.mrmc_words import conclusion_of, sentence_of
from gazo.stats.operating import area_to, height_at
from gazo.stats.reader_study import ReaderStudy
from gazo.stats.reading import Reading


@dataclass(frozen=True)
class LrocFom:
    """The area under the LROC curve up to a false positive fraction, or the share located at it; straight lines join the points, and
    where the curve rises upright the foot counts."""

    key: str
    name: Text
    fpf: float

    def counts(self, truth: Bools) -> Bools:
        return every_case(truth)

    def value(self, reading: Reading) -> float:
        x, y = lroc_points(reading)
        return height_at(x, y, self.fpf) if self.key == "pcl" else area_to(x, y, self.fpf)

    def left_out(self, reading: Reading) -> Floats:
        rows = np.arange(len(reading.truth))
        return np.array([self.value(reading.take(rows[rows != out])) for out in rows])


@result("localization study")
@dataclass(frozen=True, eq=False, kw_only=True)
class LocalizationAnalysis(Measurement):
    """The comparison of the tests, each reader's share located and area, and the mean LROC curve of each test."""

    conclusion: Text
    means: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    global_test: Table | None
    comparisons: Table | None
    each_reader: Table
    components: Table
    lroc: tuple[Curve, ...]
    test: GlobalTest | None


@operation("LROC 解析", "Localization ROC (LROC)", booklet="B5")
def lroc(
    study: ReaderStudy,
    *,
    fom: Annotated[
        Literal["pcl", "area"], Label("評価指標 (pcl: 正しく位置を示した割合)", "Figure of merit (pcl: share located)")
    ] = "area",
    fpf: Annotated[
        float, Gt(0), Le(1), Label("偽陽性率 (PCL の位置、面積の上限)", "False positive fraction (of PCL; end of the area)")
    ] = 1.0,
    readers: Annotated[Effect, Label("読影者 (random: 母集団へ一般化)", "Readers (random: speak for other readers)")] = "random",
    level: LevelOption = 0.95,
) -> LocalizationAnalysis:
    """PCL(t), the share of diseased cases located and rated at least t, against the false positive fraction (Starr et al. 1975; Swensson 1996).

    A diseased case is located when its highest mark hit a lesion; a false mark rated alike makes it not located. Tests are compared by the
    method of Obuchowski & Rockette, cases random, with the jackknife.

    Parameters
    ----------
    study : marks and lesions; of several marks in a case the highest counts.
    """
    need_marks(study)
    merit = _fom(fom, fpf)
    table = readings(study)
    theta, covariance = covariance_of(study, merit, "jackknife", repeats=0, seed=0)
    parts = components_of(theta, covariance)
    analysis = analysed(theta, parts, readers=readers, cases="random", level=level)
    return LocalizationAnalysis(
        conclusion=conclusion_of(study, merit, analysis),
        means=mean_estimates(study, merit, analysis),
        differences=difference_estimates(study, analysis),
        each_reader=_reader_table(study, table, theta, covariance, merit, fpf, level),
        components=components_table(parts),
        lroc=mean_lroc(study.tests, table),
        sentence=sentence_of(study, merit, analysis, "or", "jackknife"),
        **compared(study, analysis),
    )


def _fom(key: str, fpf: float) -> LrocFom:
    if key == "pcl":
        return LrocFom("pcl", Text(f"PCL (偽陽性率 {fpf:g})", f"PCL at a false positive fraction of {fpf:g}"), fpf)
    end = Text("", "") if fpf == 1 else Text(f" (偽陽性率 {fpf:g} まで)", f" up to a false positive fraction of {fpf:g}")
    return LrocFom("area", Text(f"LROC の面積{end.ja}", f"LROC area{end.en}"), fpf)


def _reader_table(
    study: ReaderStudy, table: list[list[Reading]], theta: Floats, covariance: Floats, fom: Fom, fpf: float, level: float
) -> Table:
    other = _fom("area" if fom.key == "pcl" else "pcl", fpf)
    rows = []
    for i, test in enumerate(study.tests):
        for j, reader in enumerate(study.readers):
            one = Contrast(float(theta[i, j]), float(max(covariance[i, j, i, j], 0.0)) ** 0.5, None, level)
            limits = (max(0.0, one.low), min(1.0, one.high)) if one.se > 0 else (None, None)
            rows.append((test, reader, one.value, *limits, other.value(table[i][j])))
    return Table(Text("読影者ごとの値", "Each reader"), (TEST, READER, fom.name, *LIMITS, other.name), tuple(rows))
