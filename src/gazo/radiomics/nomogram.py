"""A nomogram: each factor gives points, their sum gives the risk; from a logistic or a Cox model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import ArrayLike, NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.core.seeds import generator
from gazo.stats.calibration import logistic_coefficients
from gazo.stats.columns import number_column
from gazo.stats.delong import auc_value
from gazo.stats.inputs import binary, both_classes
from gazo.stats.survival.cox import cox_model

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
OPTIMISM_RESAMPLES = 200
Scale = Annotated[int, Ge(2), Le(20), Label("目盛りの数", "Marks on each scale")]


@dataclass(frozen=True, eq=False)
class PointScale:
    """How values become points and points a linear predictor.

    Parameters
    ----------
    coefficients : (factors,) of the model.
    start : (factors,) the value of each factor that gives 0 points (the one of least risk).
    unit : linear predictor of one point.
    base : linear predictor of 0 points in all.
    """

    coefficients: Floats
    start: Floats
    unit: float
    base: float

    def points(self, factor: int, values: ArrayLike) -> Floats:
        """Points of one factor."""
        found: Floats = self.coefficients[factor] * (np.asarray(values, np.float64) - self.start[factor]) / self.unit
        return found

    def linear(self, total: ArrayLike) -> Floats:
        """Linear predictor of a sum of points."""
        found: Floats = self.base + self.unit * np.asarray(total, np.float64)
        return found


@feature("ノモグラムの点数", "Points of a nomogram", booklet="C7")
def point_scale(coefficients: ArrayLike, low: ArrayLike, high: ArrayLike, *, intercept: float = 0.0) -> PointScale:
    """points_j(x) = 100 b_j (x - start_j) / max_k |b_k (high_k - low_k)|: the factor of the longest reach has 0 to 100 points.

    start_j is `low` for a positive b_j and `high` for a negative one, so points are never negative within the range.

    Parameters
    ----------
    coefficients, low, high : (factors,) of the model, and the range of each factor.
    intercept : of the linear predictor.
    """
    b, least, most = (np.asarray(part, np.float64) for part in (coefficients, low, high))
    reach = float(np.abs(b * (most - least)).max(initial=0.0))
    if not np.isfinite(reach) or reach <= 0:
        raise DataError(
            "G-RAD-450",
            en=f"a nomogram needs a factor whose range changes the risk; the largest effect over its range is {reach:g}. Check coefficients and columns.",
            ja=f"ノモグラムには、値の範囲でリスクが変わる因子が必要です。範囲での最大の効果: {reach:g}。係数と列を確認してください。",
        )
    start = np.where(b >= 0, least, most)
    return PointScale(b, start, reach / 100, float(intercept + b @ start))


@result("nomogram")
@dataclass(frozen=True, eq=False, kw_only=True)
class Nomogram(Measurement):
    """The scales of a nomogram and the model behind it.

    Parameters
    ----------
    ratios : odds or hazard ratios for one unit of each factor.
    discrimination : AUC or Harrell's C on the rows themselves; `corrected` is the AUC less its optimism.
    risk : risk against the sum of points.
    scales : for each factor the points against its value.
    points : the same with marks, as a table.
    totals : sum of points and risk.
    """

    conclusion: Text
    ratios: tuple[Estimate, ...]
    discrimination: Estimate
    corrected: Estimate | None = None
    risk: Curve
    scales: tuple[Curve, ...]
    points: Table
    totals: Table


@operation("ノモグラム", "Nomogram", booklet="C7")
def nomogram(
    table: Table,
    *,
    outcome: Annotated[str, Label("結果の列 (0/1、Cox ではイベント)", "Column of the outcome (0/1; events for Cox)")],
    factors: Annotated[tuple[str, ...], Label("因子の列 (数値)", "Columns of factors (numbers)")],
    time: Annotated[str, Label("時間の列 (あれば Cox モデル)", "Column of times (Cox model if named)")] = "",
    horizon: Annotated[
        float, Ge(0), Le(1e6), Label("リスクを示す時点 (Cox、0 で中央値)", "Time of the risk (Cox; 0: the median)")
    ] = 0.0,
    marks: Scale = 6,
    seed: int = 0,
) -> Nomogram:
    """Fit a logistic model (or Cox's, where a column of times is named) and lay its points out (Harrell 2015, section 11.8).

    The model is fitted and shown on the same rows. For the logistic model the AUC is also given less its optimism, from 200 resamples
    (Harrell 1996, Stat Med 15:361); a test on other patients is still needed. Rows with empty cells are left out.

    Parameters
    ----------
    table : one row a patient.
    factors : few, and chosen beforehand: 10 patients with the event or more for each.
    """
    names = tuple(dict.fromkeys(factors))
    x, said, times, left_out = _rows(table, outcome, names, time)
    model = _cox(x, said, times, names, horizon) if times is not None else _logistic(x, said, names, seed)
    scale = point_scale(model.coefficients, x.min(0), x.max(0), intercept=model.intercept)
    ticks = [_ticks(column, marks) for column in x.T]
    most = sum(float(scale.points(j, [lo, hi]).max()) for j, (lo, hi) in enumerate(zip(x.min(0), x.max(0), strict=True)))
    totals = np.linspace(0, most, 101)
    risk = model.risk(scale.linear(totals))
    strongest = names[int(np.argmax(np.abs(model.coefficients * np.ptp(x, axis=0))))]
    return Nomogram(
        conclusion=Text(
            f"点数の幅が最も大きい因子は {strongest} です。合計点 0～{most:.0f} が {model.what.ja} {100 * risk[0]:.0f}～{100 * risk[-1]:.0f} % に対応します。",
            f"{strongest} has the widest scale; totals of 0 to {most:.0f} points stand for a {model.what.en} of {100 * risk[0]:.0f} to {100 * risk[-1]:.0f} %.",
        ),
        ratios=model.ratios,
        discrimination=model.discrimination,
        corrected=model.corrected,
        risk=Curve(totals, risk, _TOTAL, model.what, Text("合計点とリスク", "Total points and risk")),
        scales=tuple(_scale(name, tick, scale.points(j, tick)) for j, (name, tick) in enumerate(zip(names, ticks, strict=True))),
        points=_points(names, ticks, scale),
        totals=_totals(totals, model, scale),
        warnings=_warnings(left_out, int(said.sum()) if times is not None else int(min(said.sum(), (~said).sum())), len(names)),
        sentence=model.sentence,
    )


@dataclass(frozen=True, eq=False)
class _Model:
    coefficients: Floats
    intercept: float
    ratios: tuple[Estimate, ...]
    discrimination: Estimate
    corrected: Estimate | None
    risk: Callable[[Floats], Floats]
    what: Text
    sentence: Text


_TOTAL = Text("合計点", "Total points")


def _rows(table: Table, outcome: str, names: tuple[str, ...], time: str) -> tuple[Floats, Bools, Floats | None, int]:
    if not names:
        raise OptionError(
            "G-RAD-451",
            en=f"a nomogram needs at least one factor; none was named. The table has: {', '.join(h.en for h in table.headings[:12])}.",
            ja=f"ノモグラムには因子の列が 1 つ以上必要ですが、指定されていません。表の列: {', '.join(h.en for h in table.headings[:12])}。",
        )
    x, said = np.column_stack([number_column(table, name) for name in names]), number_column(table, outcome)
    times = number_column(table, time) if time else None
    use = np.isfinite(x).all(1) & np.isfinite(said) & (True if times is None else np.isfinite(times))
    truth = binary(said[use])
    both_classes(truth)
    return x[use], truth, None if times is None else times[use], int((~use).sum())


def _logistic(x: Floats, truth: Bools, names: tuple[str, ...], seed: int) -> _Model:
    from scipy.special import expit, ndtri

    beta, covariance = _fitted(x, truth)
    error = np.sqrt(np.diag(covariance))[1:]
    reach = float(ndtri(0.975)) * error
    scores = x @ beta[1:]
    apparent = auc_value(truth, scores)
    return _Model(
        beta[1:],
        float(beta[0]),
        _ratios(names, beta[1:], reach, Text("オッズ比", "odds ratio")),
        _apparent_auc(truth, scores),
        _less_optimism(x, truth, apparent, seed),
        lambda linear: np.asarray(expit(linear)),
        Text("確率", "probability"),
        Text(
            f"{len(truth)} 例 (陽性 {int(truth.sum())}) のロジスティック回帰 (最尤法、因子 {', '.join(names)}) からノモグラムを作成した。AUC の楽観性は再標本 {OPTIMISM_RESAMPLES} 回で補正した (Harrell 1996)。",
            f"A nomogram was made from a logistic regression (maximum likelihood; {', '.join(names)}) of {len(truth)} patients, {int(truth.sum())} positive. The AUC was corrected for optimism by {OPTIMISM_RESAMPLES} resamples (Harrell 1996).",
        ),
    )


def _fitted(x: Floats, truth: Bools) -> tuple[Floats, Floats]:
    """Coefficients with the intercept first, and their covariance; a factor that separates the classes is refused."""
    from scipy.special import expit

    level, spread = x.mean(0), x.std(0)
    if (spread <= 1e-12 * np.maximum(1, np.abs(level))).any():
        raise DataError(
            "G-RAD-452",
            en=f"each factor must differ between patients; {int((spread <= 1e-12 * np.maximum(1, np.abs(level))).sum())} of {len(spread)} do not. Leave them out.",
            ja=f"因子は患者間で値が異なる必要がありますが、{len(spread)} 個中 {int((spread <= 1e-12 * np.maximum(1, np.abs(level))).sum())} 個が一定です。除いてください。",
        )
    columns = np.column_stack([np.ones(len(x)), (x - level) / spread])
    beta = logistic_coefficients(columns, truth, np.zeros(len(x)))
    if beta is None or float(np.abs(beta).max()) > 30 or np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise DataError(
            "G-RAD-453",
            en=f"the logistic model of {x.shape[1]} factor(s) has no finite estimate: factors separate the outcomes completely or follow from one another. Leave one out or merge categories.",
            ja=f"{x.shape[1]} 個の因子のロジスティックモデルに有限の推定値がありません。因子が結果を完全に分けているか、互いに決まる関係にあります。因子を減らすか、カテゴリーをまとめてください。",
        )
    fitted = expit(columns @ beta)
    covariance = np.linalg.inv((columns * (fitted * (1 - fitted))[:, None]).T @ columns)
    back = np.diag(np.append(1.0, 1 / spread))
    back[0, 1:] = -level / spread
    return back @ beta, back @ covariance @ back.T


def _apparent_auc(truth: Bools, scores: Floats) -> Estimate:
    from gazo.stats.auc import auc

    return auc(truth, scores, name=Text("AUC (学習に使った症例)", "AUC (on the rows themselves)"))


def _less_optimism(x: Floats, truth: Bools, apparent: float, seed: int) -> Estimate:
    """Apparent area less the mean excess, in resamples, of the area on the resample over that on all rows."""
    rng = generator(seed, "optimism")
    excess = []
    for _ in range(OPTIMISM_RESAMPLES):
        rows = rng.integers(len(truth), size=len(truth))
        try:
            beta = _fitted(x[rows], truth[rows])[0][1:]
        except DataError:  # a resample may separate the classes where all rows do not
            continue
        excess.append(auc_value(truth[rows], x[rows] @ beta) - auc_value(truth, x @ beta))
    kept = np.array(excess)[np.isfinite(excess)]
    low, high = (apparent - np.quantile(kept, (0.975, 0.025))) if len(kept) > 20 else (math.nan, math.nan)
    name = Text("AUC (楽観性を補正)", "AUC less optimism")
    if not len(kept) > 20:
        return Estimate(name, math.nan, None, None, 0.95, "undefined: no such case")
    return Estimate(
        name, float(apparent - kept.mean()), float(low), float(high), 0.95, f"bootstrap, {len(kept)} resamples, percentile"
    )


def _cox(x: Floats, event: Bools, times: Floats | None, names: tuple[str, ...], horizon: float) -> _Model:
    from gazo.stats.survival.concordance import survival_concordance

    assert times is not None
    fitted = cox_model(times, event, x, names=names)
    when = horizon or float(np.median(times[event]))
    baseline = float(fitted.survival(fitted.mean[None], [when])[0][0, 0])
    shift = float(fitted.mean @ fitted.beta)
    return _Model(
        fitted.beta,
        -shift,
        fitted.hazard_ratios(),
        survival_concordance(times, event, fitted.linear(x)),
        None,
        lambda linear: 1 - baseline ** np.exp(linear),
        Text(f"時点 {when:g} までのイベント確率", f"probability of an event by {when:g}"),
        Text(
            f"{len(times)} 例 (イベント {int(event.sum())}) の Cox 比例ハザードモデル (Efron 法、因子 {', '.join(names)}) から、時点 {when:g} のノモグラムを作成した。",
            f"A nomogram for the time {when:g} was made from a Cox proportional hazards model (Efron; {', '.join(names)}) of {len(times)} patients with {int(event.sum())} events.",
        ),
    )


def _ratios(names: Sequence[str], beta: Floats, reach: Floats, what: Text) -> tuple[Estimate, ...]:
    return tuple(
        Estimate(Text(f"{what.ja}: {n}", f"{what.en}: {n}"), math.exp(b), math.exp(b - r), math.exp(b + r), 0.95, "Wald")
        for n, b, r in zip(names, beta.tolist(), reach.tolist(), strict=True)
    )


def _ticks(values: Floats, marks: int) -> Floats:
    """Round values over the range of a factor, its ends included; the values themselves where they are few."""
    known = np.unique(values)
    if len(known) <= marks:
        return known
    low, high = float(known[0]), float(known[-1])
    rough = (high - low) / (marks - 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * f for f in (1, 2, 2.5, 5, 10) if size * f >= rough * 0.999)
    inner = np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
    near = 0.25 * step
    return np.concatenate([[low], inner[(inner > low + near) & (inner < high - near)], [high]])


def _scale(name: str, ticks: Floats, points: Floats) -> Curve:
    return Curve(ticks, points, Text(name, name), Text("点数", "Points"), Text(f"{name} の点数", f"Points of {name}"))


def _points(names: Sequence[str], ticks: Sequence[Floats], scale: PointScale) -> Table:
    headings = (Text("因子", "factor"), Text("値", "value"), Text("点数", "points"))
    rows = tuple(
        (name, float(value), float(point))
        for j, (name, marks) in enumerate(zip(names, ticks, strict=True))
        for value, point in zip(marks, scale.points(j, marks), strict=True)
    )
    return Table(Text("点数表", "Points"), headings, rows)


def _totals(totals: Floats, model: _Model, scale: PointScale) -> Table:
    marks = totals[::5]
    risk = 100 * model.risk(scale.linear(marks))
    headings = (_TOTAL, Text(f"{model.what.ja} [%]", f"{model.what.en} [%]"))
    return Table(
        Text("合計点とリスク", "Total points and risk"), headings, tuple(zip(marks.tolist(), risk.tolist(), strict=True))
    )


def _warnings(left_out: int, events: int, factors: int) -> tuple[Text, ...]:
    said = []
    if left_out:
        said.append(Text(f"空欄のある {left_out} 行を除きました。", f"{left_out} rows with empty cells were left out."))
    if events < 10 * factors:
        said.append(
            Text(
                f"因子 1 個あたりのイベントは {events / factors:.1f} 例で、目安の 10 例を下回ります。",
                f"There are {events / factors:.1f} events for each factor, below the usual 10.",
            )
        )
    return tuple(said)
