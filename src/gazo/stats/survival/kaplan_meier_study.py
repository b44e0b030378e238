"""Kaplan-Meier curves of the groups of a table, with the log-rank test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Gt, Label, Le, Lt
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.stats.survival.columns import Followed, followed
from gazo.stats.survival.kaplan_meier import SurvivalCurve, kaplan_meier_curve
from gazo.stats.survival.log_rank import LogRank, log_rank, log_rank_pairs, log_rank_trend
from gazo.stats.survival.shown import SurvivalCurves, p_words

Time = Annotated[str, Label("観察期間の列", "Column of the follow-up time")]
Event = Annotated[str, Label("イベントの列", "Column of the event")]
EventValue = Annotated[str, Label("イベント発生を表す値", "Value that means an event")]
Unit = Annotated[str, Label("時間の単位 (表示用)", "Unit of time, shown only")]
Level = Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Confidence level")]
Moments = Annotated[tuple[float, ...], Label("生存率を示す時点", "Times at which survival is told")]
GroupAs = Annotated[
    Literal["values", "median"], Label("群の分け方 (値ごと / 中央値)", "Groups: by value, or split at the median")
]


@result("kaplan-meier study")
@dataclass(frozen=True, eq=False, kw_only=True)
class KaplanMeierStudy(Measurement):
    """Curves, medians and survival at chosen times of each group, and whether the groups differ."""

    conclusion: Text
    medians: tuple[Estimate, ...]
    curves: SurvivalCurves
    groups: Table
    at_times: Table
    tests: Table | None = None
    pairs: Table | None = None
    steps: Table


@operation("カプラン・マイヤー曲線とログランク検定", "Kaplan-Meier curves and log-rank test", booklet="C7")
def kaplan_meier(
    patients: Table,
    *,
    time: Time,
    event: Event,
    event_value: EventValue = "1",
    group: Annotated[str, Label("群の列 (空欄なら全例)", "Column of the groups; empty is everybody")] = "",
    group_as: GroupAs = "values",
    strata: Annotated[str, Label("層別の列", "Column of the strata")] = "",
    rho: Annotated[float, Ge(0), Le(2), Label("早期の差への重み (0 はログランク)", "Weight of early events (0: log-rank)")] = 0.0,
    moments: Moments = (),
    unit: Unit = "",
    level: Level = 0.95,
) -> KaplanMeierStudy:
    """Product-limit survival with log-log limits, medians, number at risk, and the (stratified) log-rank test with trend and Holm-corrected pairs.

    Parameters
    ----------
    patients : one row a patient.
    group_as : "median" splits a column of numbers into above and not above its median; the cut is seen in the same patients, so p is for orientation.
    """
    labels = (strata,) if group_as == "median" else (group, strata)
    found = followed(
        patients, time=time, event=event, event_value=event_value, words=labels,
        covariates=(group,) if group_as == "median" and group else (),
    )  # fmt: skip
    names = _names(found, group, group_as)
    kinds = sorted(set(names))
    place = np.array([kinds.index(n) for n in names])
    curves = tuple(
        kaplan_meier_curve(found.time[place == k], found.event[place == k], level=level, name=Text(kind, kind) if group else _ALL)
        for k, kind in enumerate(kinds)
    )
    layers = found.words.get(strata)
    test = log_rank(found.time, found.event, names, strata=layers, rho=rho) if len(kinds) > 1 else None
    medians = tuple(curve.median(unit=unit) for curve in curves)
    warnings = found.warnings if group_as == "values" else (*found.warnings, _MEDIAN)
    return KaplanMeierStudy(
        conclusion=_conclusion(test, medians, group, unit, level),
        medians=medians,
        curves=SurvivalCurves(
            curves, _TITLE, unit, note=Text("", "") if test is None else Text(*[f"log-rank {p_words(test.p)}"] * 2)
        ),
        groups=_groups(curves, test, medians),
        at_times=_at_times(curves, moments or _usual(found.time), unit),
        tests=None if test is None else _tests(found, names, layers, test, rho),
        pairs=_pairs(found, names, layers) if len(kinds) > 2 else None,
        steps=_steps(curves, unit),
        sentence=_sentence(level, test, rho, strata, len(kinds)),
        warnings=warnings,
    )


_ALL = Text("全例", "all")
_TITLE = Text("カプラン・マイヤー曲線", "Kaplan-Meier curves")
_MEDIAN = Text(
    "群は同じ患者の中央値で分けています。予測性能の主張には、交差検証 (radiomics prognosis) を使ってください。",
    "the groups are split at the median of the same patients; for a claim of prediction use cross-validation (radiomics prognosis).",
)


def _names(found: Followed, group: str, group_as: str) -> list[str]:
    if not group:
        return [""] * len(found.time)
    if group_as == "values":
        return list(found.words[group])
    values = found.x[:, 0]
    cut = float(np.median(values))
    return [f"> {cut:.4g}" if v > cut else f"<= {cut:.4g}" for v in values]


def _usual(time: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, ...]:
    """Three round times within the follow-up."""
    step = float(np.quantile(time, 0.75)) / 3
    size = 10 ** np.floor(np.log10(step)) if step > 0 else 1.0
    return tuple(float(size * max(1, round(step / size)) * n) for n in (1, 2, 3))


def _groups(curves: tuple[SurvivalCurve, ...], test: LogRank | None, medians: tuple[Estimate, ...]) -> Table:
    headings = (
        Text("群", "group"), Text("患者数", "patients"), Text("イベント", "events"), Text("期待イベント", "expected events"),
        Text("生存期間中央値", "median survival"), Text("下限", "low"), Text("上限", "high"),
    )  # fmt: skip
    rows = tuple(
        (c.name, c.patients, int(c.events.sum()), None if test is None else float(test.expected[k]), m.value, m.low, m.high)
        for k, (c, m) in enumerate(zip(curves, medians, strict=True))
    )
    return Table(Text("群ごとの要約", "Groups"), headings, rows)


def _at_times(curves: tuple[SurvivalCurve, ...], moments: tuple[float, ...], unit: str) -> Table:
    headings = (
        Text("群", "group"), Text(f"時点{f' [{unit}]' if unit else ''}", f"time{f' [{unit}]' if unit else ''}"),
        Text("リスク集合", "at risk"), Text("生存率", "survival"), Text("下限", "low"), Text("上限", "high"),
    )  # fmt: skip
    rows = []
    for curve in curves:
        for moment in moments:
            here = curve.at(moment)
            value = None if np.isnan(here.value) else here.value
            rows.append((curve.name, moment, curve.still_at_risk(moment), value, here.low, here.high))
    return Table(Text("時点ごとの生存率", "Survival at times"), headings, tuple(rows))


def _tests(found: Followed, names: list[str], layers: tuple[str, ...] | None, test: LogRank, rho: float) -> Table:
    name = (
        Text("ログランク", "log-rank")
        if rho == 0
        else Text(f"Harrington-Fleming (rho {rho:g})", f"Harrington-Fleming (rho {rho:g})")
    )
    rows = [(name, test.statistic, test.degrees, test.p)]
    if len(test.groups) > 2:
        trend, p = log_rank_trend(found.time, found.event, names, strata=layers)
        rows.append((Text("傾向 (群の名前の順)", "trend over groups in the order of their names"), trend, 1, p))
    headings = (Text("検定", "test"), Text("χ²", "chi-square"), Text("自由度", "degrees of freedom"), Text("p", "p"))
    return Table(Text("群の差の検定", "Tests"), headings, tuple(rows))


def _pairs(found: Followed, names: list[str], layers: tuple[str, ...] | None) -> Table:
    headings = (
        Text("群 1", "group 1"), Text("群 2", "group 2"), Text("χ²", "chi-square"), Text("p", "p"), Text("p (Holm)", "p (Holm)"),
    )  # fmt: skip
    return Table(Text("対比較", "Pairs of groups"), headings, log_rank_pairs(found.time, found.event, names, strata=layers))


def _steps(curves: tuple[SurvivalCurve, ...], unit: str) -> Table:
    headings = (
        Text("群", "group"), Text(f"時間{f' [{unit}]' if unit else ''}", f"time{f' [{unit}]' if unit else ''}"),
        Text("リスク集合", "at risk"), Text("イベント", "events"), Text("打ち切り", "censored"),
        Text("生存率", "survival"), Text("下限", "low"), Text("上限", "high"),
    )  # fmt: skip
    rows = []
    for c in curves:
        columns = (c.time, c.at_risk, c.events, c.censored, c.survival, c.low, c.high)
        for cells in zip(*(part.tolist() for part in columns), strict=True):
            rows.append((c.name, *(None if cell != cell else cell for cell in cells)))
    return Table(Text("生存曲線の各段", "Every step of the curves"), headings, tuple(rows))


def _conclusion(test: LogRank | None, medians: tuple[Estimate, ...], group: str, unit: str, level: float) -> Text:
    if test is None:
        return Text(
            str(medians[0].name.ja) + f": {_told(medians[0], unit)}", f"{_capital(medians[0].name.en)}: {_told(medians[0], unit)}"
        )
    differ = test.p < 1 - level
    return Text(
        f"「{group}」の群の間で生存曲線に統計的な差が{'ある' if differ else 'あるとは言えない'} ({p_words(test.p)})。",
        f"Survival {'differs' if differ else 'was not shown to differ'} between the groups of '{group}' ({p_words(test.p)}).",
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _told(median: Estimate, unit: str) -> str:
    value = "-" if np.isinf(median.value) else f"{median.value:g}"
    high = "-" if median.high is None or np.isinf(median.high) else f"{median.high:g}"
    low = "-" if median.low is None else f"{median.low:g}"
    return f"{value}{f' {unit}' if unit else ''} ({100 * median.level:g} % CI {low} – {high})"


def _sentence(level: float, test: LogRank | None, rho: float, strata: str, groups: int) -> Text:
    ja = f"生存率は Kaplan-Meier 法で推定し、{100 * level:g} % 信頼区間は Greenwood の分散の log-log 変換、中央値の区間は Brookmeyer-Crowley 法で求めた。"
    en = (
        f"Survival was estimated by Kaplan and Meier (1958) with {100 * level:g} % limits from Greenwood's variance on the log-log scale "
        "and those of the median by Brookmeyer and Crowley (1982)."
    )
    if test is not None:
        which = "ログランク検定" if rho == 0 else f"重み付きログランク検定 (rho = {rho:g})"
        ja += f"群の差は{f'「{strata}」で層別した' if strata else ''}{which}で調べた" + (
            "(対比較は Holm 法で補正)。" if groups > 2 else "。"
        )
        en += f" Groups were compared by the {'stratified ' if strata else ''}{'' if rho == 0 else 'weighted '}log-rank test"
        en += f"{'' if rho == 0 else f' (rho = {rho:g})'}{', pairs corrected by Holm (1979)' if groups > 2 else ''}."
    return Text(ja, en)
