"""Power and size of a multi-reader study from the variance components of a pilot (Hillis, Obuchowski & Berbaum 2011, Acad Radiol 18:129).

K* is the number of cases of the pilot: the error covariances shrink as K* / K. The component of test x reader is taken as 0 where its
estimate is negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.stats.foms import Fom, fom_named
from gazo.stats.mrmc import AtSpecificity, FomOption, LeastSpecificity, ThresholdOption
from gazo.stats.mrmc_covariance import covariance_of, readings
from gazo.stats.mrmc_models import components_of
from gazo.stats.mrmc_tables import components_table
from gazo.stats.reader_study import ReaderStudy

Generalised = Literal["RRRC", "FRRC", "RRFC"]
MOST_CASES = 100_000
ALPHA = 0.05
EffectOption = Annotated[float, Gt(0), Lt(1), Label("検出したい差", "Difference to be detected")]
AlphaOption = Annotated[float, Gt(0), Lt(0.5), Label("有意水準 (両側)", "Significance level (two-sided)")]
KindOption = Annotated[
    Generalised,
    Label(
        "一般化 (RRRC: 読影者と症例、FRRC: 症例のみ、RRFC: 読影者のみ)",
        "Speak for other readers and cases (RRRC), cases (FRRC), readers (RRFC)",
    ),
]
ReadersOption = Annotated[int, Ge(2), Le(1000), Label("読影者数", "Readers")]


@result("pilot components")
@dataclass(frozen=True)
class PilotComponents:
    """Components of a pilot study of `cases` cases: of test x reader, and the error covariances Var, Cov1, Cov2, Cov3."""

    test_reader: float
    var: float
    cov1: float
    cov2: float
    cov3: float
    cases: int


@result("reader study size")
@dataclass(frozen=True, eq=False, kw_only=True)
class StudySize(Measurement):
    """The power of the study asked for, power against the number of cases, and the cases needed with each number of readers."""

    conclusion: Text
    power: tuple[Estimate, ...]
    power_curves: tuple[Curve, ...]
    sizes: Table
    components: Table


@feature("読影実験の検出力", "Power of a multi-reader study", name="mrmc-power")
def mrmc_power(
    pilot: PilotComponents, *, effect: float, readers: int, cases: int, kind: Generalised = "RRRC", alpha: float = ALPHA
) -> float:
    """The chance that two tests which differ by `effect` are found different at the two-sided level `alpha`.

    den = VarTR + (K*/K) [Var - Cov1 + (J - 1) max(Cov2 - Cov3, 0)], Delta = J effect^2 / (2 den), noncentral F with 1 and
    den^2 (J - 1) / [VarTR + (K*/K)(Var - Cov1 - max(Cov2 - Cov3, 0))]^2 degrees of freedom. Fixed readers: no VarTR, noncentral
    chi-square; fixed cases: no max(Cov2 - Cov3, 0) that readers share, J - 1 degrees of freedom.
    """
    from scipy.stats import chi2, f, ncf, ncx2

    shared = max(pilot.cov2 - pilot.cov3, 0.0)
    ratio = pilot.cases / cases
    of_readers = max(pilot.test_reader, 0.0)
    own = of_readers + ratio * (pilot.var - pilot.cov1 - shared)
    if kind == "FRRC":
        den = ratio * (pilot.var - pilot.cov1 + (readers - 1) * shared)
        return _bounded(float(ncx2.sf(chi2.isf(alpha, 1), 1, readers * effect**2 / (2 * den)))) if den > 0 else 1.0
    den = own if kind == "RRFC" else own + readers * ratio * shared
    if own <= 0:
        return 1.0
    df2 = readers - 1 if kind == "RRFC" else den**2 * (readers - 1) / own**2
    return _bounded(float(ncf.sf(f.isf(alpha, 1, df2), 1, df2, readers * effect**2 / (2 * den))))


def _bounded(power: float) -> float:
    return min(1.0, max(0.0, power))


@feature("読影実験に必要な症例数", "Cases needed for a multi-reader study", name="mrmc-cases")
def mrmc_cases(
    pilot: PilotComponents,
    *,
    effect: float,
    readers: int,
    power: float = 0.8,
    kind: Generalised = "RRRC",
    alpha: float = ALPHA,
) -> int | None:
    """The smallest number of cases (in the proportion of the pilot) with which the power is reached; None when even 100,000 are too few."""

    def reached(cases: int) -> bool:
        return mrmc_power(pilot, effect=effect, readers=readers, cases=cases, kind=kind, alpha=alpha) >= power

    few, many = 1, 4
    while not reached(many):
        few, many = many, 2 * many
        if many > MOST_CASES:
            return None
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if reached(middle) else (middle, many)
    return many


def pilot_of(study: ReaderStudy, fom: Fom) -> PilotComponents:
    """Components of a pilot by the jackknife; patients count as cases."""
    if len(study.tests) < 2 or len(study.readers) < 2:
        raise DataError(
            "G-MRMC-018",
            en=f"a pilot needs at least two tests and two readers; {len(study.tests)} tests and {len(study.readers)} readers came. "
            "Use 'reader-study-size' with components from the literature.",
            ja=f"予備研究には検査と読影者がそれぞれ 2 つ以上必要です。受け取った研究は検査 {len(study.tests)}、読影者 {len(study.readers)} です。"
            "文献の分散成分を使う場合は「reader-study-size」を使ってください。",
        )
    readings(study)
    theta, covariance = covariance_of(study, fom, "jackknife", repeats=0, seed=0)
    parts = components_of(theta, covariance)
    count = len(np.unique(study.patients))
    return PilotComponents(parts.var_test_reader, parts.var, parts.cov1, parts.cov2, parts.cov3, count)


@operation("予備研究からの検出力", "Power from a pilot study", booklet="B5")
def power(
    study: ReaderStudy,
    *,
    effect: EffectOption = 0.05,
    readers: ReadersOption = 6,
    cases: Annotated[int, Ge(4), Le(MOST_CASES), Label("症例数", "Cases")] = 200,
    target: Annotated[float, Gt(0), Lt(1), Label("目標の検出力", "Power aimed at")] = 0.8,
    kind: KindOption = "RRRC",
    alpha: AlphaOption = ALPHA,
    fom: FomOption = "auto",
    threshold: ThresholdOption = 3.0,
    least_specificity: LeastSpecificity = 0.8,
    specificity: AtSpecificity = 0.9,
) -> StudySize:
    """The power of a planned study, and how many cases each number of readers needs, with the variance components of a pilot study.

    The share of cases with disease is taken to be that of the pilot. A pilot gives rough components: plan with a margin.

    Parameters
    ----------
    study : the pilot, two tests or more, two readers or more.
    """
    merit = fom_named(
        fom,
        free_response=study.free_response,
        threshold=threshold,
        least_specificity=least_specificity,
        specificity=specificity,
    )
    pilot = pilot_of(study, merit)
    theta, covariance = covariance_of(study, merit, "jackknife", repeats=0, seed=0)
    table = components_table(components_of(theta, covariance))
    return _planned(pilot, table, effect, readers, cases, target, kind, alpha)


@operation("読影実験の規模 (分散成分から)", "Size of a reader study from given components", booklet="B5")
def reader_study_size(
    *,
    test_reader: Annotated[float, Ge(0), Le(1), Label("検査 × 読影者の分散", "Variance of test x reader")] = 0.0002,
    var: Annotated[float, Gt(0), Le(1), Label("誤差分散", "Error variance")] = 0.0008,
    cov1: Annotated[float, Ge(0), Le(1), Label("Cov1 (同じ読影者、異なる検査)", "Cov1 (same reader, other test)")] = 0.00035,
    cov2: Annotated[float, Ge(0), Le(1), Label("Cov2 (同じ検査、異なる読影者)", "Cov2 (same test, other reader)")] = 0.00034,
    cov3: Annotated[float, Ge(0), Le(1), Label("Cov3 (検査も読影者も異なる)", "Cov3 (other test, other reader)")] = 0.00024,
    pilot_cases: Annotated[
        int, Ge(4), Le(MOST_CASES), Label("成分を求めた研究の症例数", "Cases of the study behind the components")
    ] = 114,
    effect: EffectOption = 0.05,
    readers: ReadersOption = 6,
    cases: Annotated[int, Ge(4), Le(MOST_CASES), Label("症例数", "Cases")] = 200,
    target: Annotated[float, Gt(0), Lt(1), Label("目標の検出力", "Power aimed at")] = 0.8,
    kind: KindOption = "RRRC",
    alpha: AlphaOption = ALPHA,
) -> StudySize:
    """The same from components of the literature. The defaults are near those of Van Dyke's study (2 tests, 5 readers, 114 cases)."""
    pilot = PilotComponents(test_reader, var, cov1, cov2, cov3, pilot_cases)
    return _planned(pilot, _given_table(pilot), effect, readers, cases, target, kind, alpha)


def _given_table(pilot: PilotComponents) -> Table:
    names = (Text("検査 × 読影者の分散", "Var(test x reader)"), Text("誤差分散", "Var(error)"))
    more = tuple(Text(name, name) for name in ("Cov1", "Cov2", "Cov3"))
    values = (pilot.test_reader, pilot.var, pilot.cov1, pilot.cov2, pilot.cov3)
    headings = (Text("成分", "Component"), Text("値", "Value"))
    return Table(Text("分散成分", "Variance components"), headings, tuple(zip((*names, *more), values, strict=True)))


def _planned(
    pilot: PilotComponents,
    components: Table,
    effect: float,
    readers: int,
    cases: int,
    target: float,
    kind: Generalised,
    alpha: float,
) -> StudySize:
    found = {k: mrmc_power(pilot, effect=effect, readers=readers, cases=cases, kind=k, alpha=alpha) for k in _KINDS}
    counts = sorted({3, 4, 5, 6, 8, 10, 12, 15, 20, readers})
    needed = {j: mrmc_cases(pilot, effect=effect, readers=j, power=target, kind=kind, alpha=alpha) for j in counts}
    grid = np.unique(np.linspace(20, max(400, 2 * cases), 39).round())
    curves = tuple(_curve(pilot, grid, effect, j, kind, alpha) for j in sorted({max(2, readers // 2), readers, 2 * readers}))
    percent, wanted = f"{100 * found[kind]:.0f} %", needed[readers]
    unreached = Text("この読影者数では到達できません", "it cannot be reached with this number of readers")
    enough = Text(f"{wanted} 例が必要です", f"{wanted} cases are needed") if wanted else unreached
    return StudySize(
        conclusion=Text(
            f"読影者 {readers} 人・症例 {cases} 例で差 {effect:g} を検出する力は {percent} です。{100 * target:g} % の検出力には、同じ読影者数で{enough.ja}。",
            f"{readers} readers and {cases} cases find a difference of {effect:g} with a power of {percent}; for {100 * target:g} % "
            f"with as many readers, {enough.en}.",
        ),
        power=tuple(Estimate(Text(f"検出力 ({_KINDS[k].ja})", f"power ({_KINDS[k].en})"), value) for k, value in found.items()),
        power_curves=curves,
        sizes=_sizes(pilot, needed, effect, kind, alpha),
        components=components,
        sentence=Text(
            f"検出力は Hillis・Obuchowski・Berbaum (2011) の式で計算した (差 {effect:g}、両側有意水準 {alpha:g}、{_KINDS[kind].ja})。分散成分は {pilot.cases} 例の研究による。",
            f"Power was calculated by the formulas of Hillis, Obuchowski & Berbaum (2011) for a difference of {effect:g} at the two-sided level "
            f"{alpha:g} ({_KINDS[kind].en}), with the variance components of a study of {pilot.cases} cases.",
        ),
        warnings=(_CLAMPED,) if pilot.test_reader < 0 else (),
    )


_KINDS: dict[Generalised, Text] = {
    "RRRC": Text("RRRC: 読影者と症例は変量", "RRRC: readers and cases random"),
    "FRRC": Text("FRRC: 読影者は固定", "FRRC: readers fixed"),
    "RRFC": Text("RRFC: 症例は固定", "RRFC: cases fixed"),
}
_CLAMPED = Text(
    "検査 × 読影者の分散の推定値が負なので 0 としました。予備研究が小さいと検出力は高めに出ます。",
    "the estimate of the component of test x reader is negative and was taken as 0; with a small pilot the power is on the high side.",
)


def _curve(pilot: PilotComponents, grid: np.ndarray, effect: float, readers: int, kind: Generalised, alpha: float) -> Curve:
    values = [mrmc_power(pilot, effect=effect, readers=readers, cases=int(k), kind=kind, alpha=alpha) for k in grid]
    title = Text(f"読影者 {readers} 人", f"{readers} readers")
    return Curve(grid, np.array(values), Text("症例数", "Cases"), Text("検出力", "Power"), title)


def _sizes(pilot: PilotComponents, needed: dict[int, int | None], effect: float, kind: Generalised, alpha: float) -> Table:
    rows = tuple(
        (j, k, None if k is None else mrmc_power(pilot, effect=effect, readers=j, cases=k, kind=kind, alpha=alpha))
        for j, k in needed.items()
    )
    headings = (Text("読影者数", "Readers"), Text("必要な症例数", "Cases needed"), Text("検出力", "Power"))
    note = Text("空欄: 10 万例でも到達しません。", "empty: not even with 100,000 cases.")
    return Table(Text("必要な規模", "Sizes"), headings, rows, (note,))
