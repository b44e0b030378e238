"""Change over time compared between groups, such as atrophy of carriers of APOE e4 and of e3, region by region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Gt, Label, Le, Lt
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.radiomics.longitudinal_visits import groups_in, series_of
from gazo.radiomics.mixed_model import Floats, Ints
from gazo.radiomics.slopes import Series, SlopeComparison, compare_slopes
from gazo.stats.small.testing import adjusted
from gazo.stats.survival.columns import with_gaps
from gazo.stats.survival.shown import p_words, span_words

FEW = 30  # subjects, below which the permutation of groups stands beside the other tests
Test = Literal["t", "wald", "likelihood-ratio", "permutation"]


@result("trajectories")
@dataclass(frozen=True, eq=False)
class Trajectories:
    """What a spaghetti plot shows: each subject's line, and the line of each group with its band.

    Parameters
    ----------
    time, value : (n,) in the order of time within a subject; `subject` (n,) its number; `group` (subjects,) the group of each.
    at : (m,) times of the group lines; mean, low, high (groups, m).
    """

    time: Floats
    value: Floats
    subject: Ints
    group: Ints
    names: tuple[str, ...]
    at: Floats
    mean: Floats
    low: Floats
    high: Floats
    y_label: Text
    title: Text
    y_unit: str = ""
    x_unit: str = ""
    level: float = 0.95


@result("longitudinal comparison")
@dataclass(frozen=True, eq=False, kw_only=True)
class LongitudinalComparison(Measurement):
    """Slopes of the groups, their differences with tests for each region, the models, and the lines of all subjects."""

    conclusion: Text
    differences: tuple[Estimate, ...]
    tests: Table
    slopes: Table
    models: Table
    spaghetti: tuple[Trajectories, ...]


@operation("縦断データの群間比較", "Longitudinal comparison of groups", booklet="C8")
def longitudinal(
    visits: Table,
    *,
    subject: Annotated[str, Label("被験者の列", "Column of the subject")],
    time: Annotated[str, Label("時間の列", "Column of the time")],
    values: Annotated[tuple[str, ...], Label("測定値の列 (領域ごと)", "Columns of the values, one a region")],
    group: Annotated[str, Label("群の列 (遺伝子型など)", "Column of the group, such as the genotype")],
    reference: Annotated[str, Label("基準の群 (空欄なら最初)", "Reference group; empty is the first")] = "",
    group_as: Annotated[
        Literal["categories", "dose"], Label("群の扱い (dose はアレル数など)", "Groups as categories, or as a dose")
    ] = "categories",
    covariates: Annotated[tuple[str, ...], Label("共変量の列", "Columns of covariates")] = (),
    random_slope: Annotated[bool, Label("個人ごとの傾き", "Random slope by subject")] = True,
    test: Annotated[Test, Label("結論に使う検定", "Test for the conclusion")] = "t",
    permutations: Annotated[int, Ge(100), Le(100_000), Label("並べ替えの回数", "Permutations")] = 1000,
    unit: Annotated[str, Label("測定値の単位 (表示用)", "Unit of the values, shown only")] = "ml",
    time_unit: Annotated[str, Label("時間の単位 (表示用)", "Unit of time, shown only")] = "y",
    level: Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Confidence level")] = 0.95,
    seed: int = 0,
) -> LongitudinalComparison:
    """Mixed model value ~ time x group + covariates with random intercept and slope; time x group is the question, FDR over regions.

    Parameters
    ----------
    visits : one row a visit of a subject; the group of a subject does not change.
    group_as : "dose" takes the group as a number (0, 1, 2 alleles): the change of the slope for each allele.
    covariates : such as age at the first visit, sex (as words or 0/1), intracranial volume; centred.
    """
    if not values:
        raise OptionError(
            "G-LONG-002",
            en="name at least one column of values, one for each region; none was named.",
            ja="測定値の列 (領域ごと) を 1 つ以上指定してください。指定がありません。",
        )
    table = with_gaps(visits)
    names, codes = groups_in(table, group, reference, group_as)
    told_as = (group,) if group_as == "dose" else names[1:]
    found = [
        series_of(
            table, name, subject=subject, time=time, group=group, names=names, codes=codes, told_as=told_as, covariates=covariates
        )
        for name in values
    ]
    few = min(len(series.group) for series, _ in found) < FEW
    shuffles = permutations if test == "permutation" or few else 0
    fits = [compare_slopes(s, random_slope=random_slope, permutations=shuffles, seed=seed) for s, _ in found]
    chosen = [_chosen(fit, test) for fit in fits]
    corrected = adjusted(chosen, "benjamini-hochberg")
    differences = tuple(
        e for name, fit in zip(values, fits, strict=True) for e in _differences(name, fit, level, unit, time_unit)
    )
    per = f"{unit}/{time_unit}"
    return LongitudinalComparison(
        conclusion=_conclusion(values, differences, corrected, fits, level, group_as),
        differences=differences,
        tests=_tests(values, fits, differences, corrected, per),
        slopes=_slopes(values, fits, names, codes, level, per, time_unit),
        models=_models(values, fits),
        spaghetti=tuple(
            _trajectories(name, fit, g, names, codes, level, unit, time_unit)
            for name, fit, (_, g) in zip(values, fits, found, strict=True)
        ),
        warnings=_warnings(values, found, fits, len(table.rows), random_slope),
        sentence=_sentence(covariates, fits, test, shuffles, len(values), group_as),
    )


def _chosen(fit: SlopeComparison, test: Test) -> float:
    return {"t": fit.p_t, "wald": fit.p_wald, "likelihood-ratio": fit.p_likelihood}.get(test, fit.p_permutation or 1.0)


def _differences(region: str, fit: SlopeComparison, level: float, unit: str, time_unit: str) -> list[Estimate]:
    """Slope of each group less that of the reference (or the change of the slope for each allele)."""
    found = []
    k = fit.series.group.shape[1]
    for n, name in enumerate(fit.series.names):
        contrast = np.zeros(len(fit.model.beta))
        contrast[len(contrast) - k + n] = 1
        words = Text(f"{region}: 傾きの差 ({name})", f"{region}: difference of slopes ({name})")
        found.append(Estimate(words, *fit.effect(contrast, level), level, f"REML, t with {fit.free} df", f"{unit}/{time_unit}"))
    return found


def _tests(
    values: tuple[str, ...], fits: list[SlopeComparison], differences: tuple[Estimate, ...], corrected: list[float], per: str
) -> Table:
    headings = (
        Text("領域", "region"), Text("比較", "contrast"), Text(f"傾きの差 [{per}]", f"difference [{per}]"),
        Text("下限", "low"), Text("上限", "high"), Text("p (t / F)", "p (t / F)"),
        Text("p (ワルド)", "p (Wald)"), Text("p (尤度比)", "p (LR)"), Text("p (並べ替え)", "p (perm.)"),
        Text("q (FDR)", "q (FDR)"),
    )  # fmt: skip
    rows, left = [], iter(differences)
    for region, fit, q in zip(values, fits, corrected, strict=True):
        p = (fit.p_t, fit.p_wald, fit.p_likelihood, fit.p_permutation, q)
        rows += [(region, name, e.value, e.low, e.high, *p) for name, e in zip(fit.series.names, left, strict=False)]
    note = Text(
        "p は領域ごとに 時間 × 群 の全体を調べたもの、q は選んだ検定の p を Benjamini-Hochberg 法で補正したもの。",
        "p tests time x group as a whole in each region (LR: likelihood ratio, perm.: permutation); q corrects the p of the chosen test by Benjamini and Hochberg.",
    )
    return Table(Text("時間 × 群 の検定", "Tests of time x group"), headings, tuple(rows), (note,))


def _slopes(
    values: tuple[str, ...], fits: list[SlopeComparison], names: tuple[str, ...], codes: Floats, level: float, per: str, time_unit: str
) -> Table:  # fmt: skip
    headings = (
        Text("領域", "region"), Text("群", "group"), Text(f"変化 [{per}]", f"change [{per}]"), Text("下限", "low"), Text("上限", "high"),
        Text(f"変化 [%/{time_unit}]", f"change [%/{time_unit}]"), Text("下限 [%]", "low [%]"), Text("上限 [%]", "high [%]"),
    )  # fmt: skip
    rows = tuple(
        (region, name, *fit.effect(fit.slope_of(code), level), *fit.percent(code, level))
        for region, fit in zip(values, fits, strict=True)
        for name, code in zip(names, codes, strict=True)
    )
    note = Text("% は時間 0 における群の平均に対する割合。", "% of the mean of the group at time 0.")
    return Table(Text("群ごとの変化の速さ", "Change in each group"), headings, rows, (note,))


def _models(values: tuple[str, ...], fits: list[SlopeComparison]) -> Table:
    headings = (
        Text("領域", "region"), Text("項", "term"), Text("推定値", "estimate"), Text("標準誤差", "standard error"),
    )  # fmt: skip
    rows: list[tuple[str, Text, float, float | None]] = []
    for region, fit in zip(values, fits, strict=True):
        model = fit.model
        pairs = zip(model.names, model.beta, model.standard_error, strict=True)
        rows += [(region, Text(name, name), float(b), float(se)) for name, b, se in pairs]
        rows.append((region, Text("分散: 切片", "variance: intercept"), float(model.random[0, 0]), None))
        if fit.slope:
            rows.append((region, Text("分散: 傾き", "variance: slope"), float(model.random[1, 1]), None))
            rows.append((region, Text("共分散: 切片と傾き", "covariance: intercept, slope"), float(model.random[0, 1]), None))
        rows.append((region, Text("分散: 残差", "variance: residual"), model.residual, None))
        rows.append((region, Text("制限付き対数尤度", "restricted log-likelihood"), model.value, None))
        rows.append((region, Text("時間の中心", "centre of time"), fit.series.centre, None))
    return Table(Text("混合モデル (時間は中心化)", "Mixed models, time centred"), headings, tuple(rows))


def _trajectories(
    region: str, fit: SlopeComparison, of: Ints, names: tuple[str, ...], codes: Floats, level: float, unit: str, time_unit: str
) -> Trajectories:  # fmt: skip
    series = fit.series
    order = np.lexsort([series.time, series.subject])
    at = np.linspace(float(series.time.min()), float(series.time.max()), 25)
    lines = np.array([[fit.effect(fit.level_of(code, t), level) for t in at] for code in codes])
    return Trajectories(
        series.time[order], series.y[order], series.subject[order], of, names, at,
        lines[..., 0], lines[..., 1], lines[..., 2], Text(region, region),
        Text(f"{region} の経過", f"Course of {region}"), unit, time_unit, level,
    )  # fmt: skip


def _conclusion(
    values: tuple[str, ...],
    differences: tuple[Estimate, ...],
    q: list[float],
    fits: list[SlopeComparison],
    level: float,
    group_as: str,
) -> Text:
    clear = [region for region, value in zip(values, q, strict=True) if value < 1 - level]
    if len(values) == 1:
        e = differences[0]
        span, size = span_words(e, "+.3g"), f"{e.value:+.3g} {e.unit}"
        ja, en = f"{size}{span.ja}、{p_words(q[0])}", f"{size}{span.en}, {p_words(q[0])}"
        name = fits[0].series.names[0]
        if group_as == "dose":
            return Text(
                f"変化の速さは {name} によって異なる{'' if clear else 'とは言えない'}。{name} が 1 増えるごとの差: {ja}。",
                f"The speed of change {'depends' if clear else 'was not shown to depend'} on {name}; for each step of {name}: {en}.",
            )
        if clear:
            return Text(
                f"変化の速さは群によって異なる。{name} の差: {ja}。",
                f"The speed of change differs between groups; {name}: {en}.",
            )
        return Text(
            f"変化の速さに群の差があるとは言えない。{name} の差: {ja}。",
            f"No difference in the speed of change was shown; {name}: {en}.",
        )
    if not clear:
        return Text(
            f"{len(values)} 領域のどこにも、変化の速さの群間差があるとは言えない (FDR 補正後)。",
            f"No difference in the speed of change was shown in any of {len(values)} regions (FDR).",
        )
    listed = ", ".join(clear)
    return Text(
        f"変化の速さが群によって異なる領域 (FDR 補正後、{len(values)} 領域中 {len(clear)}): {listed}。",
        f"The speed of change differs between groups in {len(clear)} of {len(values)} regions (FDR): {listed}.",
    )


def _warnings(
    values: tuple[str, ...], found: list[tuple[Series, Ints]], fits: list[SlopeComparison], rows: int, random_slope: bool
) -> tuple[Text, ...]:
    told = []
    lost = rows - min(len(series.y) for series, _ in found)
    if lost:
        told.append(
            Text(f"欠損のある行を除きました (最大 {lost} 行)。", f"rows with a missing value were left out (up to {lost}).")
        )
    flat = ", ".join(name for name, fit in zip(values, fits, strict=True) if random_slope and not fit.slope)
    if flat:
        told.append(
            Text(
                f"個人差のある傾きを推定できなかったため、ランダム切片だけのモデルにしました: {flat}。",
                f"slopes of single subjects could not be estimated, so the model has a random intercept only: {flat}.",
            )
        )
    people = min(len(series.group) for series, _ in found)
    if people < FEW:
        told.append(
            Text(
                f"被験者が {people} 例と少ないため ({FEW} 例未満)、ワルドと尤度比の p は小さすぎます。t か並べ替えの p を使ってください。",
                f"with {people} subjects (below {FEW}) p of the Wald and likelihood ratio tests is too small; use that of t or of the permutation.",
            )
        )
    return tuple(told)


def _sentence(
    covariates: tuple[str, ...], fits: list[SlopeComparison], test: str, shuffles: int, regions: int, group_as: str
) -> Text:
    slope = all(fit.slope for fit in fits)
    with_ja, with_en = "、".join(covariates), ", ".join(covariates)
    which_ja = {"t": "t 検定", "wald": "ワルド検定", "likelihood-ratio": "尤度比検定", "permutation": "並べ替え検定"}[test]
    which_en = {"t": "t (F)", "wald": "Wald", "likelihood-ratio": "likelihood ratio", "permutation": "permutation"}[test]
    what = "用量" if group_as == "dose" else "群"
    ja = f"測定値を 時間 × {what}{f' と共変量 ({with_ja})' if covariates else ''} で説明する線形混合モデル (被験者ごとのランダム切片{'と傾き' if slope else ''}、REML; Laird & Ware 1982) を当てはめ、時間 × {what} を {which_ja}で調べた。"
    en = (
        f"A linear mixed model of time x {'dose' if group_as == 'dose' else 'group'}{f' with covariates ({with_en})' if covariates else ''} and a random intercept"
        f"{' and slope' if slope else ''} for each subject (REML; Laird & Ware 1982) was fitted; time x group was tested by the {which_en} test."
    )
    if shuffles:
        ja += f"並べ替えは被験者間で群を {shuffles} 回入れ替えた。"
        en += f" Permutation shuffled the groups over the subjects {shuffles} times."
    if regions > 1:
        ja += "領域間の多重性は Benjamini-Hochberg 法で補正した。"
        en += " Regions were corrected after Benjamini & Hochberg (1995)."
    return Text(ja, en)
