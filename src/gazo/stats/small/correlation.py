"""`correlate`: Pearson, Spearman and Kendall with intervals, for every pair of the columns named."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Annotated, Literal

import numpy as np

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.stats.columns import word_column
from gazo.stats.inputs import Floats, Ints, groups_of, repeated
from gazo.stats.small.options import Level, Patient
from gazo.stats.small.rank_distributions import MOST_EXACT, midranks, tied
from gazo.stats.small.samples import NO_PATIENTS, finite_column
from gazo.stats.small.shown import Scatter
from gazo.stats.small.testing import P_ADJUSTED, P, adjusted, p_text, span_text

Method = Literal["pearson", "spearman", "kendall"]
MOST_PLOTS = 6
MOST_PERMUTED = 9  # patients up to which Spearman's p comes from all orders, as R's


@result("correlation")
@dataclass(frozen=True, eq=False, kw_only=True)
class Correlation(Measurement):
    """The conclusion, each pair's coefficient with its interval, and a table with p and corrected p."""

    conclusion: Text
    coefficients: tuple[Estimate, ...]
    pairs: Table
    plots: tuple[Scatter, ...]


@operation("相関", "Correlation")
def correlate(
    table: Table,
    *,
    columns: Annotated[tuple[str, ...], Label("数値の列 (2 つ以上)", "Columns of numbers (two or more)")],
    patient: Patient = None,
    method: Annotated[Method, Label("相関係数", "Coefficient")] = "pearson",
    per_patient: Annotated[
        Literal["mean", "median", "within"], Label("1 患者に複数行あるとき", "Where a patient has several rows")
    ] = "mean",
    correction: Annotated[
        Literal["holm", "bonferroni", "benjamini-hochberg", "none"], Label("多重性の補正", "Correction for many pairs")
    ] = "holm",
    level: Level = 0.95,
) -> Correlation:
    """How closely do two numbers go together? Each pair of columns; patients without one of the two are left out of that pair.

    Parameters
    ----------
    method : pearson (straight line), spearman or kendall (ranks).
    per_patient : mean or median correlates patients; within asks whether changes within a patient go together (Bland & Altman 1995,
        BMJ 310:446), Pearson's only.
    """
    _two_different(columns)
    if per_patient == "within" and (method != "pearson" or patient is None):
        raise OptionError(
            "G-TEST-031",
            en=f"per_patient=within needs method=pearson and a patient column; method={method} with {'a' if patient else 'no'} patient column came. Give both.",
            ja=f"per_patient=within には method=pearson と患者の列が必要です。受け取った指定: method={method}、患者の列{'あり' if patient else 'なし'}。両方を指定してください。",
        )
    rows = {name: _values(table, name, patient) for name in columns}
    found, plots, notes = [], [], [] if patient else [NO_PATIENTS]
    for first, second in combinations(columns, 2):
        x, y, who = _together(rows[first], rows[second])
        plots.append(Scatter(x, y, Text(first, first), Text(second, second)))
        left = len(table.rows) - len(x)
        if left:
            notes.append(
                Text(
                    f"{first}・{second}: 空欄のある {left} 行を除きました。",
                    f"{first}, {second}: {left} rows with an empty cell were left out.",
                )
            )
        found.append(_pair((first, second), x, y, who, method, per_patient, level, notes))
    corrected = adjusted([p for _, p, _, _ in found], correction)
    name = _NAMES[method]
    listed = tuple((e.name, e.value, e.low, e.high, n, how, p, q) for (e, p, n, how), q in zip(found, corrected, strict=True))
    headings = (
        Text("対", "Pair"), name, Text("下限", "Low"), Text("上限", "High"), Text("患者数", "Patients"), Text("p の求め方", "p by"), P, P_ADJUSTED,
    )  # fmt: skip
    main, p = span_text(found[0][0]), p_text(found[0][1])
    more = len(found) - 1
    return Correlation(
        conclusion=Text(
            f"{name.ja} {main.ja}、{p}" + (f" (ほかに {more} 対)。" if more else "。"),
            f"{name.en} {main.en}, {p}" + (f" (and {more} more pair(s))." if more else "."),
        ),
        coefficients=tuple(e for e, *_ in found),
        pairs=Table(Text("相関", "Correlations"), headings, listed),
        plots=tuple(plots[:MOST_PLOTS]),
        sentence=_sentence(method, per_patient, patient is not None, correction if more else "none", level),
        warnings=tuple(notes),
    )


_NAMES = {
    "pearson": Text("Pearson の r", "Pearson's r"),
    "spearman": Text("Spearman の ρ", "Spearman's rho"),
    "kendall": Text("Kendall の τb", "Kendall's tau-b"),
}
Column = tuple[Floats, tuple[str, ...]]


def _two_different(columns: tuple[str, ...]) -> None:
    if len(set(columns)) < 2 or len(set(columns)) < len(columns) or len(columns) > 30:
        raise OptionError(
            "G-TEST-030",
            en=f"a correlation needs 2 to 30 different columns; {len(columns)} came, {len(set(columns))} different. Name each once.",
            ja=f"相関には異なる列が 2 つ以上 30 以下必要です。受け取った数: {len(columns)} (異なる列 {len(set(columns))})。1 回ずつ指定してください。",
        )


def _values(table: Table, name: str, patient: str | None) -> dict[tuple[str, str], float]:
    """Value by place in the table and patient, rows without one left out."""
    numbers = finite_column(table, name)
    people = word_column(table, patient) if patient else tuple(f"row {n}" for n in range(len(numbers)))
    return {
        (str(n), who): float(value)
        for n, (value, who) in enumerate(zip(numbers, people, strict=True))
        if who is not None and value == value
    }


def _together(
    first: dict[tuple[str, str], float], second: dict[tuple[str, str], float]
) -> tuple[Floats, Floats, tuple[str, ...]]:
    keys = [key for key in first if key in second]
    return np.array([first[k] for k in keys]), np.array([second[k] for k in keys]), tuple(who for _, who in keys)


def _pair(
    names: tuple[str, str],
    x: Floats,
    y: Floats,
    who: tuple[str, ...],
    method: Method,
    per_patient: str,
    level: float,
    notes: list[Text],
) -> tuple[Estimate, float, int, Text]:
    label = Text(f"{names[0]}・{names[1]}", f"{names[0]}, {names[1]}")
    owner = groups_of(who, len(who))
    people = int(owner.max()) + 1 if len(owner) else 0
    if per_patient == "within":
        _enough(names, x, y, len(x) - people - 1)
        return (*_within(label, names, x, y, owner, level), people, Text("t 分布", "t"))
    if repeated(owner):
        fold = np.mean if per_patient == "mean" else np.median
        x, y = (np.array([float(fold(v[owner == one])) for one in range(people)]) for v in (x, y))
        told = _FOLDED[per_patient]
        notes.append(
            Text(
                f"{label.ja}: 患者より行が多いため、患者ごとの{told.ja}の相関を求めました ({len(owner)} 行、{people} 人)。",
                f"{label.en}: more rows than patients, so each patient's {told.en} was correlated ({len(owner)} rows, {people} patients).",
            )
        )
    _enough(names, x, y, len(x) - 3)
    return (*_COEFFICIENTS[method](label, x, y, level), people, _how(method, x, y))


_FOLDED = {"mean": Text("平均", "mean"), "median": Text("中央値", "median")}


def _enough(names: tuple[str, str], x: Floats, y: Floats, free: int) -> None:
    for name, values in zip(names, (x, y), strict=True):
        if free < 1 or float(np.ptp(values)) <= 1e-12 * max(float(np.abs(values).max()), 1e-300):
            raise DataError(
                "G-TEST-032",
                en=f"a correlation needs at least 4 patients (within patients: more rows) and values that differ; column '{name}' has {len(values)} usable values, {len(np.unique(values))} different. Add patients or choose another column.",
                ja=f"相関には 4 人以上の患者 (患者内の相関ではさらに多くの行) と、異なる値が必要です。列「{name}」の使える値は {len(values)} 個、異なる値は {len(np.unique(values))} 個です。患者を増やすか、別の列を選んでください。",
            )


def _pearson(name: Text, x: Floats, y: Floats, level: float) -> tuple[Estimate, float]:
    """r, t on n - 2 degrees of freedom, Fisher's z (1915, 1921)."""
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    return _by_z(name, r, 1 / math.sqrt(len(x) - 3), level, "Fisher's z"), _t_p(r, len(x) - 2)


def _spearman(name: Text, x: Floats, y: Floats, level: float) -> tuple[Estimate, float]:
    """Pearson's r of midranks; limits by Bonett & Wright 2000 (Psychometrika 65:23): variance of z (1 + r^2 / 2) / (n - 3)."""
    a, b = midranks(x), midranks(y)
    r = float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))
    p = _all_orders_p(a, b) if _permuted(x, y) else _t_p(r, len(x) - 2)
    return _by_z(name, r, math.sqrt((1 + r**2 / 2) / (len(x) - 3)), level, "Fisher's z, Bonett & Wright 2000"), p


def _kendall(name: Text, x: Floats, y: Floats, level: float) -> tuple[Estimate, float]:
    """tau-b; limits with variance of z 0.437 / (n - 4) (Fieller, Hartley & Pearson 1957), which five patients at least have."""
    from scipy.stats import kendalltau

    exact = len(x) < MOST_EXACT and not tied(x) and not tied(y)
    found = kendalltau(x, y, method="exact" if exact else "asymptotic")
    tau = float(found.statistic)
    if len(x) < 5:
        return Estimate(name, tau, None, None, level, "none: fewer than 5 patients"), float(found.pvalue)
    return _by_z(name, tau, math.sqrt(0.437 / (len(x) - 4)), level, "Fisher's z, Fieller 1957"), float(found.pvalue)


_COEFFICIENTS: dict[str, Callable[[Text, Floats, Floats, float], tuple[Estimate, float]]] = {
    "pearson": _pearson,
    "spearman": _spearman,
    "kendall": _kendall,
}


def _within(name: Text, names: tuple[str, str], x: Floats, y: Floats, owner: Ints, level: float) -> tuple[Estimate, float]:
    """Correlation of the deviations from the patients' means, rows - patients - 1 degrees of freedom (Bland & Altman 1995)."""
    sizes = np.bincount(owner)
    x, y = (values - (np.bincount(owner, values) / sizes)[owner] for values in (x, y))
    free = len(x) - len(sizes) - 1
    _enough(names, x, y, free)
    r = float(np.clip((x * y).sum() / math.sqrt(float((x**2).sum() * (y**2).sum())), -1, 1))
    spread = 1 / math.sqrt(free - 1) if free > 1 else math.inf
    return _by_z(name, r, spread, level, "Fisher's z, within patients"), _t_p(r, free)


def _by_z(name: Text, r: float, spread: float, level: float, how: str) -> Estimate:
    from scipy.special import ndtri

    if abs(r) >= 1 or not math.isfinite(spread):
        return Estimate(name, r, None, None, level, "none: no spread, or perfect correlation")
    reach = float(ndtri((1 + level) / 2)) * spread
    return Estimate(name, r, math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach), level, how)


def _t_p(r: float, free: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(free, -abs(r) * math.sqrt(free / (1 - r**2)))) if abs(r) < 1 else 0.0


def _permuted(x: Floats, y: Floats) -> bool:
    return len(x) <= MOST_PERMUTED and not tied(x) and not tied(y)


def _all_orders_p(a: Floats, b: Floats) -> float:
    """Twice the share of all orders whose sum of squared differences of ranks lies as far to the nearer side."""
    orders = np.array(list(permutations(range(len(b)))), np.int8)
    sums = ((a - b[orders]) ** 2).sum(1)
    seen = float(((a - b) ** 2).sum())
    return float(min(1.0, 2 * min((sums <= seen + 1e-9).mean(), (sums >= seen - 1e-9).mean())))


def _how(method: Method, x: Floats, y: Floats) -> Text:
    exact = Text("正確", "exact")
    if method == "kendall":
        return (
            exact
            if len(x) < MOST_EXACT and not tied(x) and not tied(y)
            else Text("正規近似、同順位の補正", "normal, corrected for ties")
        )
    return exact if method == "spearman" and _permuted(x, y) else Text("t 分布", "t")


def _sentence(method: Method, per_patient: str, known: bool, correction: str, level: float) -> Text:
    name, percent = _NAMES[method], f"{100 * level:g} %"
    inner = per_patient == "within"
    ja = f"{'患者内の' if inner else ''}相関は{name.ja}で評価し、{percent} 信頼区間は Fisher の z 変換によった。"
    en = f"Correlation{' within patients' if inner else ''} was assessed by {name.en}, with {percent} confidence intervals by Fisher's z."
    if correction != "none":
        ja, en = (
            f"{ja}複数の対の p 値は {correction.title()} 法で補正した。",
            f"{en} p values of several pairs were corrected by {correction.title()}.",
        )
    return Text(ja, en)
