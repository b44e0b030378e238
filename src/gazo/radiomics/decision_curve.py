"""Decision curves: what a model is worth at each threshold of treatment, against treating all and treating nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import ArrayLike, NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.radiomics.feature_columns import PatientName
from gazo.stats.bootstrap import resamples
from gazo.stats.columns import number_column, word_column
from gazo.stats.inputs import binary, both_classes, groups_of, numbers, same_length

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
RESAMPLES = 1000


@result("decision curves")
@dataclass(frozen=True, eq=False, kw_only=True)
class DecisionCurves(Measurement):
    """Net benefit of each model against the threshold probability, beside treating all and nobody.

    Parameters
    ----------
    curves : of each model with its band, then of treating all and of treating nobody.
    benefit : at the threshold asked for, the net benefit of each model.
    gain : there, model minus the better of treating all and nobody.
    avoided : there, interventions avoided for 100 patients against treating all, with no case missed more.
    useful : for each model the thresholds at which it is above both.
    values : net benefits in numbers.
    """

    conclusion: Text
    curves: tuple[Curve, ...]
    benefit: tuple[Estimate, ...]
    gain: tuple[Estimate, ...]
    avoided: tuple[Estimate, ...]
    useful: Table
    values: Table


@feature("正味の利益", "Net benefit", booklet="C7")
def net_benefit(truth: ArrayLike, probability: ArrayLike, thresholds: ArrayLike, *, weights: ArrayLike | None = None) -> Floats:
    """NB(t) = TP/n - FP/n t/(1-t), positive from p >= t on (Vickers & Elkin 2006, Med Decis Making 26:565).

    Treating all has NB = prevalence - (1 - prevalence) t/(1-t): give probabilities of 1. Treating nobody has 0.

    Parameters
    ----------
    truth, probability : (n,).
    thresholds : (m,) below 1.
    weights : (resamples, n) how often each row counts; None counts each once. The result is then (resamples, m).
    """
    positive, p, t = binary(truth), numbers(probability, "probabilities"), np.asarray(thresholds, np.float64)
    same_length(truth=positive, probability=p)
    counted = np.ones((1, len(p))) if weights is None else np.asarray(weights, np.float64)
    treated = p[:, None] >= t
    true, false = counted @ (treated & positive[:, None]), counted @ (treated & ~positive[:, None])
    found = (true - false * (t / (1 - t))) / counted.sum(1, keepdims=True)
    return found[0] if weights is None else found


@operation("決定曲線分析", "Decision curve analysis", booklet="C7")
def decision_curve(
    table: Table,
    *,
    outcome: Annotated[str, Label("結果の列 (0/1)", "Column of the outcome (0/1)")] = "truth",
    models: Annotated[tuple[str, ...], Label("予測確率の列", "Columns of predicted probabilities")] = ("features",),
    patient: PatientName = "",
    lowest: Annotated[float, Ge(0), Lt(1), Label("しきい値の下限", "Lowest threshold")] = 0.01,
    highest: Annotated[float, Gt(0), Lt(1), Label("しきい値の上限", "Highest threshold")] = 0.8,
    at: Annotated[float, Gt(0), Lt(1), Label("数値を示すしきい値", "Threshold at which numbers are told")] = 0.2,
    seed: int = 0,
) -> DecisionCurves:
    """Net benefit over a range of thresholds with a 95 % band from 1000 resamples of patients (Vickers 2008).

    The probabilities must come from rows that did not train the model, such as the table `predictions` of `classify_features`, and must
    be calibrated: a threshold means the risk from which on one would treat.

    Parameters
    ----------
    table : one row a patient.
    """
    if lowest >= highest:
        raise OptionError(
            "G-RAD-440",
            en=f"'lowest' must be below 'highest'; {lowest:g} and {highest:g} came. Give for example 0.01 and 0.8.",
            ja=f"しきい値の下限は上限より小さくなければなりません。受け取った値: {lowest:g} と {highest:g}。例: 0.01 と 0.8。",
        )
    truth, probabilities, groups, left_out = _columns(table, outcome, models, patient)
    thresholds = np.unique(np.append(np.linspace(lowest, highest, 80), at))
    place = int(np.argmin(np.abs(thresholds - at)))
    weights = np.array([np.bincount(rows, minlength=len(truth)) for rows in resamples(groups, repeats=RESAMPLES, seed=seed)])
    ones = np.ones(len(truth))
    everyone = net_benefit(truth, ones, thresholds), net_benefit(truth, ones, thresholds, weights=weights)
    found = {
        name: (net_benefit(truth, p, thresholds), net_benefit(truth, p, thresholds, weights=weights))
        for name, p in probabilities.items()
    }
    odds = thresholds[place] / (1 - thresholds[place])
    best = tuple(np.maximum(part, 0) for part in everyone)
    gains = {name: (own[place] - best[0][place], drawn[:, place] - best[1][:, place]) for name, (own, drawn) in found.items()}
    avoided = {
        name: (100 * (own[place] - everyone[0][place]) / odds, 100 * (drawn[:, place] - everyone[1][:, place]) / odds)
        for name, (own, drawn) in found.items()
    }
    benefit = {name: (own[place], drawn[:, place]) for name, (own, drawn) in found.items()}
    gain = _estimates(gains, Text(f"しきい値 {at:g} での上乗せ", f"gain at threshold {at:g}"))
    return DecisionCurves(
        conclusion=_conclusion(gain[0], models[0], at),
        curves=(*(_curve(thresholds, *pair, name) for name, pair in found.items()), *_references(thresholds, everyone)),
        benefit=_estimates(benefit, Text(f"しきい値 {at:g} での正味の利益", f"net benefit at threshold {at:g}")),
        gain=gain,
        avoided=_estimates(
            avoided, Text(f"しきい値 {at:g} で 100 人あたり避けられる介入", f"interventions avoided per 100 at {at:g}")
        ),
        useful=_useful(thresholds, found, everyone[0]),
        values=_values(thresholds, found, everyone[0]),
        warnings=_warnings(left_out, patient),
        sentence=Text(
            f"決定曲線分析 (Vickers & Elkin 2006) により、しきい値 {lowest:g}～{highest:g} の正味の利益を全例治療・無治療と比べた ({len(truth)} 行、陽性 {int(truth.sum())})。信頼帯は患者単位のブートストラップ {RESAMPLES} 回による。",
            f"Decision curve analysis (Vickers & Elkin 2006) compared the net benefit at thresholds {lowest:g} to {highest:g} with treating all and treating nobody ({len(truth)} rows, {int(truth.sum())} positive); bands come from {RESAMPLES} bootstrap resamples of patients.",
        ),
    )


def _columns(
    table: Table, outcome: str, models: tuple[str, ...], patient: str
) -> tuple[Bools, Mapping[str, Floats], NDArray[np.int64], int]:
    if not models:
        raise OptionError(
            "G-RAD-441",
            en=f"at least one column of probabilities is needed; none came. The table has: {', '.join(h.en for h in table.headings[:12])}.",
            ja=f"予測確率の列が 1 つ以上必要ですが、指定されていません。表の列: {', '.join(h.en for h in table.headings[:12])}。",
        )
    values, said = {name: number_column(table, name) for name in models}, number_column(table, outcome)
    owners = word_column(table, patient) if patient else None
    use = np.isfinite(said) & np.isfinite(np.array(list(values.values()))).all(0)
    if owners is not None:
        use &= np.array([one is not None for one in owners])
    for name, column in values.items():
        if column[use].size and (column[use].min() < 0 or column[use].max() > 1):
            raise DataError(
                "G-RAD-442",
                en=f"column '{name}' must hold probabilities from 0 to 1; it reaches from {column[use].min():g} to {column[use].max():g}. Give calibrated probabilities, not scores.",
                ja=f"列「{name}」は 0 から 1 の確率でなければなりません。範囲: {column[use].min():g}～{column[use].max():g}。スコアではなく較正された確率を指定してください。",
            )
    truth = binary(said[use])
    both_classes(truth)
    groups = groups_of(None if owners is None else [o for o, wanted in zip(owners, use, strict=True) if wanted], len(truth))
    return truth, {name: column[use] for name, column in values.items()}, groups, int((~use).sum())


def _curve(thresholds: Floats, value: Floats, drawn: Floats, name: str) -> Curve:
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return Curve(thresholds, value, _THRESHOLD, _BENEFIT, Text(name, name), low=low, high=high)


_THRESHOLD, _BENEFIT = Text("しきい値の確率", "Threshold probability"), Text("正味の利益", "Net benefit")


def _references(thresholds: Floats, everyone: tuple[Floats, Floats]) -> tuple[Curve, Curve]:
    """Treating all, shown where it is not far below 0, and treating nobody."""
    seen = everyone[0] >= -0.05
    low, high = np.quantile(everyone[1], (0.025, 0.975), axis=0)
    whole = Curve(
        thresholds[seen], everyone[0][seen], _THRESHOLD, _BENEFIT, Text("全例治療", "treat all"), low=low[seen], high=high[seen]
    )
    return whole, Curve(thresholds, np.zeros(len(thresholds)), _THRESHOLD, _BENEFIT, Text("無治療", "treat nobody"))


def _estimates(pairs: Mapping[str, tuple[Any, Floats]], name: Text) -> tuple[Estimate, ...]:
    made = []
    for model, (value, drawn) in pairs.items():
        low, high = np.quantile(drawn, (0.025, 0.975))
        called = Text(f"{name.ja}: {model}", f"{name.en}: {model}")
        how = f"bootstrap by patient, {RESAMPLES} resamples, percentile"
        made.append(Estimate(called, float(value), float(low), float(high), 0.95, how))
    return tuple(made)


def _useful(thresholds: Floats, found: Mapping[str, tuple[Floats, Floats]], everyone: Floats) -> Table:
    headings = (Text("モデル", "model"), Text("有用なしきい値の範囲", "thresholds above both references"))
    rows = tuple((name, _ranges(thresholds, own > np.maximum(everyone, 0) + 1e-12)) for name, (own, _) in found.items())
    return Table(Text("有用なしきい値", "Useful thresholds"), headings, rows)


def _ranges(thresholds: Floats, good: Bools) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(int), [0]])))
    spans = [f"{thresholds[a]:.2f}-{thresholds[b - 1]:.2f}" for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return ", ".join(spans) or "-"


def _values(thresholds: Floats, found: Mapping[str, tuple[Floats, Floats]], everyone: Floats) -> Table:
    headings = (_THRESHOLD, *(Text(name, name) for name in found), Text("全例治療", "treat all"))
    columns = [thresholds, *(own for own, _ in found.values()), everyone]
    return Table(Text("正味の利益", "Net benefit"), headings, tuple(zip(*(c.tolist() for c in columns), strict=True)))


def _conclusion(gain: Estimate, model: str, at: float) -> Text:
    low, high = gain.low or 0.0, gain.high or 0.0
    sure = low > 0
    return Text(
        f"しきい値 {at:g} で、{model} による判断は全例治療・無治療の良い方より正味の利益が {gain.value:+.3f} ({low:+.3f}～{high:+.3f}) です。"
        + ("" if sure else "上回るとは言えません。"),
        f"At threshold {at:g} deciding by {model} changes the net benefit by {gain.value:+.3f} ({low:+.3f} to {high:+.3f}) against the better of treating all and nobody."
        + ("" if sure else " It cannot be said to be better."),
    )


def _warnings(left_out: int, patient: str) -> tuple[Text, ...]:
    said = []
    if left_out:
        said.append(Text(f"空欄のある {left_out} 行を除きました。", f"{left_out} rows with empty cells were left out."))
    if not patient:
        said.append(
            Text(
                "患者の列がないため、1 行を 1 患者とみなしました。", "No patient column was named; each row counts as a patient."
            )
        )
    return tuple(said)
