"""`study_size`: how many patients a comparison needs, or what power so many have."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Gt, Label, Le, Lt
from gazo.core.results import Curve, Estimate, Measurement, Table, result

Question = Literal[
    "means", "paired-means", "several-means", "proportions", "paired-proportions", "correlation", "equivalence", "non-inferiority"
]
MOST = 1_000_000
Power = Callable[[float], float]


@result("patients needed")
@dataclass(frozen=True, eq=False, kw_only=True)
class PatientsNeeded(Measurement):
    """Patients in each group and in all, drop-out added, their power, and the power of other sizes."""

    conclusion: Text
    per_group: Estimate
    total: Estimate
    power: Estimate
    sizes: Table
    curve: Curve


@dataclass(frozen=True)
class _Plan:
    """The power of n patients in the first group, how many groups of which size, and the words."""

    power: Power
    sizes: Callable[[int], tuple[int, ...]]
    least: int
    words: Text


@operation("必要患者数 (検定)", "Study size for a test")
def study_size(
    *,
    question: Annotated[Question, Label("比べるもの", "What is compared")],
    difference: Annotated[
        float, Ge(0), Label("検出したい差 (同等性では予想される差)", "Difference to be found (equivalence: expected)")
    ] = 0.0,
    sd: Annotated[float, Gt(0), Label("標準偏差 (対応のある比較では差の標準偏差)", "SD (paired: of the differences)")] = 1.0,
    margin: Annotated[
        float | None, Gt(0), Label("許容できる差 (同等性・非劣性)", "Margin (equivalence, non-inferiority)")
    ] = None,
    first: Annotated[
        float | None, Gt(0), Lt(1), Label("割合 1 (対応あり: 1 番目だけ陽性の割合)", "Proportion 1 (paired: only the first)")
    ] = None,
    second: Annotated[
        float | None, Gt(0), Lt(1), Label("割合 2 (対応あり: 2 番目だけ陽性の割合)", "Proportion 2 (paired: only the second)")
    ] = None,
    r: Annotated[float | None, Gt(-1), Lt(1), Label("相関係数", "Correlation")] = None,
    effect_f: Annotated[float | None, Gt(0), Label("Cohen の f (多群)", "Cohen's f (several groups)")] = None,
    groups: Annotated[int, Ge(2), Le(50), Label("群の数", "Groups")] = 3,
    ratio: Annotated[
        float, Ge(0.1), Le(10), Label("2 群目の人数の比", "Patients of the second group for each of the first")
    ] = 1.0,
    power: Annotated[float, Gt(0.05), Lt(1), Label("検出力", "Power")] = 0.8,
    alpha: Annotated[float, Gt(0), Lt(0.5), Label("有意水準", "Level of significance")] = 0.05,
    patients: Annotated[
        int | None,
        Ge(2),
        Le(MOST),
        Label("1 群の人数 (指定すると検出力を求める)", "Patients in a group (then the power is given)"),
    ] = None,
    drop_out: Annotated[float, Ge(0), Lt(0.9), Label("脱落の割合", "Share of patients lost")] = 0.0,
) -> PatientsNeeded:
    """The smallest number of patients whose test has the power, two-sided (equivalence: two one-sided tests; non-inferiority: one-sided).

    Means: noncentral t and F through statsmodels. Proportions: normal, pooled under equality (Fleiss 1981). Paired proportions: McNemar,
    Connor 1987 (Biometrics 43:207). Correlation: Fisher's z. Equivalence of two means: exact power of both t tests (Phillips 1990).

    Parameters
    ----------
    alpha : of each one-sided test for equivalence and non-inferiority: 0.05 belongs to the 90 % interval, 0.025 to the 95 % one.
    drop_out : patients / (1 - drop_out) are to be enrolled; the power is that of the patients who stay.
    """
    plan = _plan(question, difference, sd, margin, first, second, r, effect_f, groups, ratio, alpha)
    wanted = _smallest(plan, power) if patients is None else max(patients, plan.least)
    reached = plan.power(wanted)
    sizes = plan.sizes(wanted)
    enrolled = tuple(math.ceil(n / (1 - drop_out) - 1e-9) for n in sizes)
    none = "none: a plan has no interval"
    lost = Text(f"、脱落 {100 * drop_out:g} % を見込む", f", {100 * drop_out:g} % lost") if drop_out else Text("", "")
    shown, parts = f"{100 * reached:.1f} %", " + ".join(map(str, enrolled))
    each = parts if len(enrolled) == 1 else f"{parts} = {sum(enrolled)}"
    return PatientsNeeded(
        conclusion=Text(
            f"{plan.words.ja}: {each} 人で検出力 {shown}{lost.ja}。", f"{plan.words.en}: {each} patients give a power of {shown}{lost.en}."
        ),
        per_group=Estimate(Text("1 群目の人数", "Patients in the first group"), enrolled[0], method=none),
        total=Estimate(Text("全体の人数", "Patients in all"), sum(enrolled), method=none),
        power=Estimate(Text("検出力", "Power"), reached, method=none),
        sizes=_other_sizes(plan, drop_out),
        curve=_curve(plan, wanted),
        sentence=_sentence(question, plan, alpha, sum(enrolled), shown, lost),
    )  # fmt: skip


def _plan(
    question: Question, difference: float, sd: float, margin: float | None, first: float | None, second: float | None,
    r: float | None, effect_f: float | None, groups: int, ratio: float, alpha: float,
) -> _Plan:  # fmt: skip
    def two(n: int) -> tuple[int, ...]:
        return n, max(2, math.ceil(n * ratio - 1e-9))

    if question in ("means", "paired-means"):
        _need(question, difference=difference or None)
        paired = question == "paired-means"
        words = Text(f"差 {difference:g}、標準偏差 {sd:g}", f"difference {difference:g}, SD {sd:g}")
        return _Plan(_t_power(difference / sd, ratio, alpha, paired=paired), (lambda n: (n,)) if paired else two, 2, words)
    if question == "several-means":
        f = _need(question, effect_f=effect_f)[0]
        return _Plan(
            _f_power(f, groups, alpha), lambda n: (n,) * groups, 2, Text(f"f {f:g}、{groups} 群", f"f {f:g}, {groups} groups")
        )
    if question in ("proportions", "paired-proportions"):
        p, q = _different(question, *_need(question, first=first, second=second))
        words = Text(f"割合 {p:g} と {q:g}", f"proportions {p:g} and {q:g}")
        if question == "proportions":
            return _Plan(_proportion_power(p, q, ratio, alpha), two, 2, words)
        return _Plan(_paired_proportion_power(p, q, alpha), lambda n: (n,), 2, words)
    if question == "correlation":
        rho = _need(question, r=r or None)[0]
        return _Plan(_correlation_power(rho, alpha), lambda n: (n,), 4, Text(f"相関 {rho:g}", f"correlation {rho:g}"))
    edge = _need(question, margin=margin)[0]
    _inside(difference, edge)
    words = Text(
        f"許容差 {edge:g}、予想差 {difference:g}、標準偏差 {sd:g}",
        f"margin {edge:g}, expected difference {difference:g}, SD {sd:g}",
    )
    ways = {"equivalence": _equivalence_power, "non-inferiority": _one_sided_power}
    return _Plan(ways[question](edge, difference, sd, ratio, alpha), two, 2, words)


def _t_power(d: float, ratio: float, alpha: float, *, paired: bool) -> Power:
    from statsmodels.stats.power import TTestIndPower, TTestPower

    if paired:
        return lambda n: float(TTestPower().power(d, n, alpha))
    return lambda n: float(TTestIndPower().power(d, n, alpha, ratio=ratio))


def _f_power(f: float, groups: int, alpha: float) -> Power:
    from statsmodels.stats.power import FTestAnovaPower

    return lambda n: float(FTestAnovaPower().power(f, n * groups, alpha, k_groups=groups))


def _proportion_power(p: float, q: float, ratio: float, alpha: float) -> Power:
    """Phi((sqrt(n) |p - q| - z sqrt(P (1 - P) (1 + 1/k))) / sqrt(p (1 - p) + q (1 - q) / k)), P the pooled proportion, k the ratio."""
    from scipy.special import ndtr, ndtri

    pooled = (p + ratio * q) / (1 + ratio)
    null = float(ndtri(1 - alpha / 2)) * math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    spread = math.sqrt(p * (1 - p) + q * (1 - q) / ratio)
    return lambda n: float(ndtr((math.sqrt(n) * abs(p - q) - null) / spread))


def _paired_proportion_power(p: float, q: float, alpha: float) -> Power:
    """Phi((sqrt(n) |p - q| - z sqrt(p + q)) / sqrt(p + q - (p - q)^2)), p and q the two kinds of discordant pairs (Connor 1987)."""
    from scipy.special import ndtr, ndtri

    z = float(ndtri(1 - alpha / 2))
    return lambda n: float(ndtr((math.sqrt(n) * abs(p - q) - z * math.sqrt(p + q)) / math.sqrt(p + q - (p - q) ** 2)))


def _correlation_power(rho: float, alpha: float) -> Power:
    """Phi(|atanh r| sqrt(n - 3) - z)."""
    from scipy.special import ndtr, ndtri

    z = float(ndtri(1 - alpha / 2))
    return lambda n: float(ndtr(abs(math.atanh(rho)) * math.sqrt(max(0.0, n - 3)) - z))


def _one_sided_power(margin: float, difference: float, sd: float, ratio: float, alpha: float) -> Power:
    """One t test against the margin; `difference` is how much worse the new one is expected to be."""
    from statsmodels.stats.power import TTestIndPower

    return lambda n: float(TTestIndPower().power((margin - difference) / sd, n, alpha, ratio=ratio, alternative="larger"))


def _equivalence_power(margin: float, difference: float, sd: float, ratio: float, alpha: float) -> Power:
    """Chance that both one-sided t tests reject (Schuirmann 1987), averaged over the pooled SD (Phillips 1990, J Pharmacokinet 18:137).

    E over s of max(0, Phi((m - d) / e - t s) - Phi(-(m + d) / e + t s)), e the standard error, s^2 chi-square over its degrees of freedom.
    """
    from scipy.special import chdtri, ndtr, stdtrit

    shares = (np.arange(2000) + 0.5) / 2000  # midpoints of equal shares of the distribution of s

    def power(n: float) -> float:
        free = n * (1 + ratio) - 2
        s = np.sqrt(chdtri(free, 1 - shares) / free)
        error, t = sd * math.sqrt(1 / n + 1 / (ratio * n)), float(stdtrit(free, 1 - alpha))
        chances = ndtr((margin - difference) / error - t * s) - ndtr(-(margin + difference) / error + t * s)
        return float(np.maximum(chances, 0).mean())

    return power


def _need(question: str, **values: float | None) -> tuple[float, ...]:
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise OptionError(
            "G-TEST-050",
            en=f"question={question} needs, other than 0: {', '.join(values)}; missing: {', '.join(missing)}. Give what the study expects.",
            ja=f"question={question} には 0 以外の {', '.join(values)} が必要です。足りないもの: {', '.join(missing)}。予想される値を指定してください。",
        )
    return tuple(value for value in values.values() if value is not None)


def _different(question: str, p: float, q: float) -> tuple[float, float]:
    if p == q or (question == "paired-proportions" and p + q > 1):
        raise OptionError(
            "G-TEST-051",
            en=f"two different proportions are needed (paired: of discordant pairs, at most 1 together); {p:g} and {q:g} came. Give others.",
            ja=f"異なる 2 つの割合が必要です (対応ありでは不一致の組の割合で、合計 1 以下)。受け取った値: {p:g}、{q:g}。値を直してください。",
        )
    return p, q


def _inside(difference: float, margin: float) -> None:
    if difference >= margin:
        raise OptionError(
            "G-TEST-052",
            en=f"the expected difference must be smaller than the margin; {difference:g} and {margin:g} came. Such a study cannot succeed.",
            ja=f"予想される差は許容できる差より小さくなければなりません。受け取った値: {difference:g}、{margin:g}。この条件では示せません。",
        )


def _smallest(plan: _Plan, power: float) -> int:
    few, many = plan.least - 1, plan.least
    while plan.power(many) < power:
        few, many = many, 2 * many
        if many > MOST:
            raise DataError(
                "G-TEST-053",
                en=f"more than {MOST:,} patients in a group would be needed ({plan.words.en}). Look for a larger difference.",
                ja=f"1 群に {MOST:,} 人を超える患者が必要です ({plan.words.ja})。より大きな差を想定してください。",
            )
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if plan.power(middle) >= power else (middle, many)
    return many


def _other_sizes(plan: _Plan, drop_out: float) -> Table:
    rows = []
    for power in (0.7, 0.8, 0.85, 0.9, 0.95):
        with suppress(DataError):  # more patients than anybody has: no row
            enrolled = [math.ceil(size / (1 - drop_out) - 1e-9) for size in plan.sizes(_smallest(plan, power))]
            rows.append((power, enrolled[0], sum(enrolled)))
    headings = (
        Text("検出力 (以上)", "Power of at least"),
        Text("1 群目の人数", "Patients in the first group"),
        Text("全体の人数", "Patients in all"),
    )
    return Table(Text("検出力と人数", "Power and patients"), headings, tuple(rows))


def _curve(plan: _Plan, wanted: int) -> Curve:
    sizes = np.unique(np.linspace(plan.least, max(2 * wanted, plan.least + 10), 40).round())
    powers = np.array([plan.power(float(n)) for n in sizes])
    return Curve(
        sizes,
        powers,
        Text("1 群の人数", "Patients in a group"),
        Text("検出力", "Power"),
        Text("人数と検出力", "Power against size"),
    )


_TESTS = {
    "means": Text("対応のない t 検定", "the t test of two groups"),
    "paired-means": Text("対応のある t 検定", "the paired t test"),
    "several-means": Text("一元配置分散分析", "one-way analysis of variance"),
    "proportions": Text("2 群の割合の検定 (正規近似)", "the test of two proportions (normal)"),
    "paired-proportions": Text("McNemar 検定 (Connor 1987)", "McNemar's test (Connor 1987)"),
    "correlation": Text("相関の検定 (Fisher の z)", "the test of a correlation (Fisher's z)"),
    "equivalence": Text("同等性の 2 つの片側 t 検定", "two one-sided t tests of equivalence"),
    "non-inferiority": Text("非劣性の片側 t 検定", "the one-sided t test of non-inferiority"),
}


def _sentence(question: str, plan: _Plan, alpha: float, total: int, shown: str, lost: Text) -> Text:
    test = _TESTS[question]
    sides = Text("片側", "one-sided") if question in ("equivalence", "non-inferiority") else Text("両側", "two-sided")
    return Text(
        f"必要患者数は{test.ja}について求めた ({plan.words.ja}、{sides.ja}有意水準 {alpha:g})。{total} 人で検出力は {shown} である{lost.ja}。",
        f"The study size was computed for {test.en} ({plan.words.en}, {sides.en} level {alpha:g}): {total} patients give a power of {shown}{lost.en}.",
    )
