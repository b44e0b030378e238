"""Several readers, several tests, the same cases: are the tests alike? The operation, its result and its words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.stats.foms import FittedFom, Fom, FomName, fom_named
from gazo.stats.inputs import Floats
from gazo.stats.mrmc_covariance import CovarianceName, covariance_of, jackknife, jackknife_covariance, readings
from gazo.stats.mrmc_curves import mean_roc, reader_roc
from gazo.stats.mrmc_gallas import gallas_analysis
from gazo.stats.mrmc_jsrt import CAVEAT, legacy_analysis
from gazo.stats.mrmc_models import Analysis, Components, Effect, GlobalTest, analysed, components_of, reader_differences
from gazo.stats.mrmc_pseudovalues import DegreesOfFreedom, pseudovalue_analysis, pseudovalues
from gazo.stats.mrmc_tables import (
    SE,
    TEST,
    anova_table,
    components_table,
    contrast_cells,
    contrast_headings,
    difference_estimates,
    differences_table,
    global_table,
    mean_estimates,
    pseudovalue_table,
    reader_differences_table,
    reader_table,
)
from gazo.stats.mrmc_words import conclusion_of, sentence_of
from gazo.stats.reader_study import ReaderStudy
from gazo.stats.reading import Reading

Method = Literal["or", "dbm", "gallas", "jsrt"]
FomOption = Annotated[
    FomName, Label("評価指標 (auto: ROC は AUC、FROC は wAFROC)", "Figure of merit (auto: AUC, or wAFROC for marks)")
]
ThresholdOption = Annotated[
    float, Label("陽性とする評点の下限 (感度・特異度)", "Least rating called positive (sensitivity, specificity)")
]
LeastSpecificity = Annotated[float, Gt(0), Lt(1), Label("部分 AUC の特異度の下限", "Least specificity of the partial AUC")]
AtSpecificity = Annotated[float, Gt(0), Lt(1), Label("感度を読み取る特異度", "Specificity at which the sensitivity is read off")]
Repeats = Annotated[int, Ge(100), Le(100_000), Label("ブートストラップの回数", "Bootstrap resamples")]
LevelOption = Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Level of the intervals")]


@result("multi-reader analysis")
@dataclass(frozen=True, eq=False, kw_only=True)
class MultiReaderAnalysis(Measurement):
    """The mean figure of merit of each test, the differences, the global test (None for one test), and the tables behind them.

    `against` compares each mean with a value; `roc` is the mean curve of each test, `reader_roc` those of every reader.
    """

    conclusion: Text
    means: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    global_test: Table | None
    comparisons: Table | None
    each_reader: Table
    within_readers: Table | None
    against: Table
    anova: Table
    components: Table | None
    roc: tuple[Curve, ...]
    reader_roc: tuple[Curve, ...]
    test: GlobalTest | None


@dataclass(frozen=True, eq=False)
class Computed:
    """What a method found; `covariance` and `components` are None for the legacy programs."""

    theta: Floats
    analysis: Analysis
    anova: Table
    covariance: Floats | None = None
    components: Components | None = None


@operation("多読影者研究の解析 (MRMC)", "Multi-reader multi-case analysis (MRMC)", booklet="B5")
def mrmc(
    study: ReaderStudy,
    *,
    fom: FomOption = "auto",
    method: Annotated[Method, Label("解析法 (jsrt: 旧プログラムの再現)", "Method (jsrt: as the older programs)")] = "or",
    covariance: Annotated[CovarianceName, Label("共分散の推定", "Covariance by")] = "jackknife",
    readers: Annotated[Effect, Label("読影者 (random: 母集団へ一般化)", "Readers (random: speak for other readers)")] = "random",
    cases: Annotated[Effect, Label("症例 (random: 母集団へ一般化)", "Cases (random: speak for other cases)")] = "random",
    degrees_of_freedom: Annotated[
        DegreesOfFreedom,
        Label("dbm の自由度 (satterthwaite: 1992 年の式)", "Degrees of freedom of dbm (satterthwaite: as in 1992)"),
    ] = "hillis",
    against: Annotated[float, Ge(0), Le(1), Label("各検査の平均と比べる値", "Value each mean is compared with")] = 0.5,
    threshold: ThresholdOption = 3.0,
    least_specificity: LeastSpecificity = 0.8,
    specificity: AtSpecificity = 0.9,
    level: LevelOption = 0.95,
    repeats: Repeats = 1000,
    seed: int = 0,
) -> MultiReaderAnalysis:
    """Compare tests read by several readers: F test, differences with intervals, variance components, each reader's figure of merit.

    Parameters
    ----------
    study : ratings, or marks with lesions; cases that a reader did not read may be absent (split-plot designs).
    method : "or" Obuchowski & Rockette with Hillis' degrees of freedom (default); "dbm" the analysis of pseudovalues; "gallas" the U-statistic
        variance of iMRMC; "jsrt" repeats JLABROC and JSRT-MRMC, whose interval is too narrow (a warning tells why).
    covariance : of "or"; "delong" and "unbiased" exist for the empirical area only.
    """
    _check(study, method, readers, cases)
    merit = fom_named(
        "auc" if method in ("jsrt", "gallas") and fom == "auto" and not study.free_response else fom,
        free_response=study.free_response,
        threshold=threshold,
        least_specificity=least_specificity,
        specificity=specificity,
    )
    if method == "or":
        found = _obuchowski_rockette(study, merit, covariance, readers, cases, level, repeats, seed)
    elif method == "dbm":
        found = _pseudovalues(study, merit, readers, cases, degrees_of_freedom, level)
    elif method == "gallas":
        found = _gallas(study, merit, level)
    else:
        found = _legacy(study, merit, level)
    return _shown(study, merit, found, method, covariance, against, level)


def _obuchowski_rockette(
    study: ReaderStudy, fom: Fom, how: CovarianceName, readers: Effect, cases: Effect, level: float, repeats: int, seed: int
) -> Computed:
    readings(study)
    theta, covariance = covariance_of(study, fom, how, repeats=repeats, seed=seed)
    parts = components_of(theta, covariance)
    analysis = analysed(theta, parts, readers=readers, cases=cases, level=level)
    return Computed(theta, analysis, anova_table(parts), covariance, parts)


def _pseudovalues(study: ReaderStudy, fom: Fom, readers: Effect, cases: Effect, df: DegreesOfFreedom, level: float) -> Computed:
    _need_every_rating(study)
    theta, left = jackknife(study, fom)
    found, analysis = pseudovalue_analysis(theta, pseudovalues(theta, left), readers=readers, cases=cases, df=df, level=level)
    shape = theta.shape
    covariance = jackknife_covariance(left).reshape(*shape, *shape)
    return Computed(theta, analysis, pseudovalue_table(found), covariance, components_of(theta, covariance))


def _gallas(study: ReaderStudy, fom: Fom, level: float) -> Computed:
    readings(study)
    theta, covariance = covariance_of(study, fom, "unbiased", repeats=0, seed=0)
    parts = components_of(theta, covariance)
    return Computed(theta, gallas_analysis(study, theta, covariance, level), anova_table(parts), covariance, parts)


def _legacy(study: ReaderStudy, fom: Fom, level: float) -> Computed:
    if fom.key != "auc":
        raise OptionError(
            "G-MRMC-011",
            en=f"the older programs know one figure of merit, the area of their least-squares line; '{fom.key}' came. Leave 'fom' out.",
            ja=f"旧プログラムの評価指標は最小二乗直線による AUC だけです。「{fom.key}」は使えません。「fom」を指定しないでください。",
        )
    found = legacy_analysis(study, level)
    return Computed(found.theta, found.analysis, pseudovalue_table(found.anova))


def _shown(
    study: ReaderStudy, fom: Fom, found: Computed, method: Method, how: CovarianceName, against: float, level: float
) -> MultiReaderAnalysis:
    analysis, parts, table = found.analysis, found.components, readings(study)
    several = len(study.tests) > 1
    within = parts is not None and several and method != "gallas"
    return MultiReaderAnalysis(
        conclusion=conclusion_of(study, fom, analysis),
        means=mean_estimates(study, fom, analysis),
        differences=difference_estimates(study, analysis),
        global_test=global_table(analysis.test) if analysis.test else None,
        comparisons=differences_table(study, analysis) if several else None,
        each_reader=reader_table(study, fom, found.theta, found.covariance, level),
        within_readers=reader_differences_table(study, reader_differences(found.theta, parts, level))
        if within and parts
        else None,
        against=_against_table(study, fom, analysis, against),
        anova=found.anova,
        components=components_table(parts) if parts else None,
        roc=mean_roc(study.tests, table),
        reader_roc=tuple(
            curve for test, row in zip(study.tests, table, strict=True) for curve in reader_roc(test, study.readers, row)
        ),
        test=analysis.test,
        sentence=sentence_of(study, fom, analysis, method, how),
        warnings=(*_warnings(study, found, method), *_undetermined(study, fom, table)),
    )


def _against_table(study: ReaderStudy, fom: Fom, analysis: Analysis, against: float) -> Table:
    rows = tuple((test, *contrast_cells(mean, against)) for test, mean in zip(study.tests, analysis.means, strict=True))
    title = Text(f"各検査の平均と、値 {against:g} との比較", f"Mean of each test, and its comparison with {against:g}")
    return Table(title, (TEST, fom.name, SE, *contrast_headings(fom.name)[2:]), rows)


def _warnings(study: ReaderStudy, found: Computed, method: Method) -> tuple[Text, ...]:
    few = 0 < len(study.readers) < 4 and method != "jsrt"
    told = (
        (CAVEAT, method == "jsrt"),
        (_ONE_READER, len(study.readers) == 1),
        (_FEW_READERS, few and len(study.readers) > 1),
        (_PERFECT, bool((np.abs(found.theta - 0.5) >= 0.5 - 1e-12).any())),
        (_NO_VARIANCE, found.analysis.test is not None and math.isnan(found.analysis.test.p)),
    )
    return tuple(text for text, applies in told if applies)


def _undetermined(study: ReaderStudy, fom: Fom, table: list[list[Reading]]) -> tuple[Text, ...]:
    """Readings to which the model of a fitted area does not fit."""
    if not isinstance(fom, FittedFom):
        return ()
    places = [(i, j) for i in range(len(study.tests)) for j in range(len(study.readers)) if fom.degenerate(table[i][j])]
    named = ", ".join(f"'{study.tests[i]}' / '{study.readers[j]}'" for i, j in places)
    text = Text(
        f"モデルの曲線が定まらない読影があります (検査 / 読影者: {named})。尤度が近づく先の面積 (完全な分離では 1) を用いました。経験的 AUC の結果も確認してください。",
        f"no curve is determined for some readings (test / reader: {named}); the area that the likelihood tends to was taken (1 for "
        "perfect separation). Look at the empirical areas too.",
    )
    return (text,) if places else ()


_ONE_READER = Text(
    "読影者が 1 人なので、結果はこの読影者についてだけ成り立ちます (他の読影者へは一般化できません)。",
    "there is one reader, so the result holds for this reader only and does not speak for others.",
)
_FEW_READERS = Text(
    "読影者が 4 人未満です。読影者を変量とする検定は検出力が低く、分散成分の推定も不安定です。",
    "fewer than four readers: a test with random readers has little power, and the components are uncertain.",
)
_PERFECT = Text(
    "評価指標が 0 または 1 の読影があります (完全な分離)。その分散は 0 と推定されるため、区間は狭めになります。",
    "some reading reached 0 or 1 (perfect separation); its variance is estimated as 0, so intervals are on the narrow side.",
)
_NO_VARIANCE = Text(
    "症例を除いても値が変わらず分散が 0 なので、検定できません。",
    "no value changes when a case is left out: the variance is 0 and there is no test.",
)


def _check(study: ReaderStudy, method: Method, readers: Effect, cases: Effect) -> None:
    if readers == "fixed" and cases == "fixed":
        raise OptionError(
            "G-MRMC-012",
            en="with fixed readers and fixed cases nothing is random and there is no test; readers='fixed' and cases='fixed' came. "
            "Take the cases, the readers or both as random.",
            ja="読影者と症例の両方を固定すると、ばらつくものがなく検定できません。readers='fixed' と cases='fixed' が指定されました。"
            "少なくとも一方を random にしてください。",
        )
    if len(study.readers) == 1 and cases == "fixed":
        raise OptionError(
            "G-MRMC-013",
            en="with one reader the cases must be random; cases='fixed' came. Leave 'cases' out.",
            ja="読影者が 1 人のときは症例を変量 (random) とする必要がありますが、cases='fixed' が指定されました。「cases」を指定しないでください。",
        )
    if (readers, cases) != ("random", "random") and method in ("gallas", "jsrt"):
        raise OptionError(
            "G-MRMC-014",
            en=f"method '{method}' takes readers and cases as random; readers='{readers}' and cases='{cases}' came. Choose method 'or'.",
            ja=f"「{method}」は読影者と症例の両方を変量とする方法ですが、readers='{readers}'、cases='{cases}' が指定されました。「or」を選んでください。",
        )


def _need_every_rating(study: ReaderStudy) -> None:
    if not study.complete:
        raise OptionError(
            "G-MRMC-015",
            en=f"the analysis of pseudovalues needs every rating; {int(np.isnan(study.ratings).sum())} are absent. Choose method 'or'.",
            ja=f"擬似値の解析にはすべての評点が必要ですが、{int(np.isnan(study.ratings).sum())} 個がありません。「or」を選んでください。",
        )
