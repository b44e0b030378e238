"""Prognosis from features: models compared out of fold, risk groups, and the predicted curve of one patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Gt, Label, Le, Lt
from gazo.core.progress import OnEvent, quiet
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.radiomics.cox_lasso import CoxLasso
from gazo.radiomics.deep_cox import DeepCox
from gazo.radiomics.feature_columns import FeatureNames, feature_columns
from gazo.radiomics.prognosis_case import one_patient, past_patients
from gazo.radiomics.prognosis_folds import Cohort, HeldOut, PlainCox, prognosis_folds
from gazo.radiomics.prognosis_tables import comparison_table, figure_table, frequency_table, predictions_table
from gazo.radiomics.survival_forest import SurvivalForest
from gazo.stats.inputs import groups_of
from gazo.stats.paired import PairedComparison
from gazo.stats.survival.columns import Followed, followed, with_gaps
from gazo.stats.survival.concordance import compare_concordance, survival_concordance
from gazo.stats.survival.kaplan_meier import kaplan_meier_curve
from gazo.stats.survival.log_rank import LogRank, log_rank
from gazo.stats.survival.scores import survival_auc, survival_brier
from gazo.stats.survival.shown import SurvivalCurves, p_words, span_words
from gazo.stats.survival.times import event_quartiles

Model = Literal["cox-lasso", "elastic-net", "survival-forest", "deep-cox"]
MODELS: dict[str, Callable[[], Any]] = {
    "cox-lasso": CoxLasso,
    "elastic-net": lambda: CoxLasso(mixing=0.5),
    "survival-forest": SurvivalForest,
    "deep-cox": DeepCox,
}
CLINICAL = "clinical"
GRID = 25  # times of the Brier score and of the curve of one patient


@result("prognosis")
@dataclass(frozen=True, eq=False, kw_only=True)
class Prognosis(Measurement):
    """Figures of merit of each model on patients it had not seen, their differences, risk groups, and one patient's curve.

    Parameters
    ----------
    concordance : Harrell's C of each model, in the order of `comparison`.
    areas : the area at each time, and `brier` the integrated Brier score and skill, of each model.
    differences : C of each model less that of the clinical model (or of the first model).
    risk_groups : Kaplan-Meier curves of the first model's high and low risk patients, cut at the median of the training patients.
    similar : the past patients most like the one whose curve is shown, and what became of them.
    predictions : rows of the table with the risk and the survival that each model predicted out of fold, for `survival_agreement`.
    """

    conclusion: Text
    concordance: tuple[Estimate, ...]
    areas: tuple[Estimate, ...]
    brier: tuple[Estimate, ...]
    differences: tuple[Estimate, ...] = ()
    comparison: Table | None = None
    risk_groups: SurvivalCurves
    log_rank_p: Estimate | None = None
    patient_curve: Curve | None = None
    similar: Table | None = None
    figures: Table
    frequency: Table
    predictions: Table


@operation("予後予測モデルの比較", "Comparison of prognosis models", booklet="C7")
def prognosis(
    table: Table,
    *,
    time: Annotated[str, Label("観察期間の列", "Column of the follow-up time")],
    event: Annotated[str, Label("イベントの列", "Column of the event")],
    event_value: Annotated[str, Label("イベント発生を表す値", "Value that means an event")] = "1",
    features: FeatureNames = ("*",),
    clinical: Annotated[tuple[str, ...], Label("臨床因子の列 (数値または語)", "Columns of clinical factors")] = (),
    patient: Annotated[str, Label("患者の列 (空欄なら 1 行 1 患者)", "Column of patients (empty: one row a patient)")] = "",
    models: Annotated[tuple[Model, ...], Label("比べるモデル", "Models")] = ("cox-lasso",),
    folds: Annotated[int, Ge(2), Le(20), Label("外側の分割数", "Outer folds")] = 5,
    repeats: Annotated[int, Ge(1), Le(50), Label("繰り返し", "Repeats")] = 3,
    moments: Annotated[tuple[float, ...], Label("評価する時点 (空欄なら四分位)", "Times of evaluation; empty is quartiles")] = (),
    row: Annotated[
        int, Ge(0), Le(1_000_000), Label("曲線を示す患者の行 (0 は示さない)", "Row whose curve is shown; 0 is none")
    ] = 0,
    resamples: Annotated[int, Ge(20), Le(5000), Label("患者の曲線のための再標本", "Resamples for the curve of a patient")] = 50,
    unit: Annotated[str, Label("時間の単位 (表示用)", "Unit of time, shown only")] = "",
    level: Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Confidence level")] = 0.95,
    seed: int = 0,
    on_event: OnEvent = quiet,
) -> Prognosis:
    """Repeated nested cross-validation by patient; a Cox model of the clinical factors stands beside, on the same folds.

    Parameters
    ----------
    table : one row a patient or lesion: follow-up, features, clinical factors. Missing features become the training median.
    models : the first one makes the risk groups and the curve.
    """
    cohort, found = _cohort(table, time, event, event_value, features, clinical, patient)
    _need_row(found, row)
    specs: dict[str, tuple[Any, str]] = {name: (MODELS[name](), "features") for name in dict.fromkeys(models)}
    if clinical:
        specs[CLINICAL] = (PlainCox(), "clinical")
    if not specs:
        raise OptionError(
            "G-SURV-022",
            en=f"name at least one model: {', '.join(MODELS)}; none was named.",
            ja=f"モデルを 1 つ以上指定してください (指定がありません): {', '.join(MODELS)}。",
        )
    at = np.array(sorted(moments) if moments else event_quartiles(cohort.time, cohort.event))
    grid = _grid(cohort)
    held = prognosis_folds(cohort, specs, moments=grid, folds=folds, repeats=repeats, seed=seed, on_event=on_event)
    merits = {name: _merits(cohort, out, at, grid, level, seed) for name, out in held.items()}
    beside = CLINICAL if clinical else next(iter(specs))
    gaps = {name: _gap(cohort, held, name, beside, level) for name in specs if name != beside}
    first = next(iter(specs))
    curve, similar = _one(cohort, specs[first], found, row, grid, resamples, level, seed, unit)
    curves, test = _risk_groups(cohort, held[first], level, unit)
    return Prognosis(
        conclusion=_conclusion(merits, gaps, beside, test),
        concordance=tuple(_named(name, m["C"]) for name, m in merits.items()),
        areas=tuple(_named(name, e) for name, m in merits.items() for key, e in m.items() if key.startswith("AUC")),
        brier=tuple(_named(name, m[key]) for name, m in merits.items() for key in ("IBS", "skill")),
        differences=tuple(_named(f"{name} − {beside}", gap.difference, _GAP) for name, gap in gaps.items()),
        comparison=comparison_table(gaps, beside) if gaps else None,
        risk_groups=curves,
        log_rank_p=None
        if test is None
        else Estimate(Text("ログランク p (高リスク対低リスク)", "log-rank p, high against low risk"), test.p),
        patient_curve=curve,
        similar=similar,
        figures=figure_table(merits),
        frequency=frequency_table(held),
        predictions=predictions_table(cohort, held, found.rows, grid, at),
        warnings=(*found.warnings, *_doubts(cohort, len(held[first].used[0]), patient)),
        sentence=_sentence(tuple(specs), folds, repeats, level),
    )


_GAP = Text("C の差", "difference of C")


def _named(model: str, one: Estimate, words: Text | None = None) -> Estimate:
    """The estimate with the name of its model before its own."""
    told = words or one.name
    return replace(one, name=Text(f"{model}: {told.ja}", f"{model}: {told.en}"))


def _cohort(
    table: Table, time: str, event: str, event_value: str, features: tuple[str, ...], clinical: tuple[str, ...], patient: str
) -> tuple[Cohort, Followed]:
    table = with_gaps(table)
    found = followed(
        table, time=time, event=event, event_value=event_value, covariates=clinical, words=(patient,), least_events=4
    )
    names, values = feature_columns(table, features, besides=(time, event, patient, *clinical))
    whose = groups_of(found.words.get(patient), len(found.time))
    values = np.where(np.isfinite(values), values, np.nan)[found.rows]
    inputs = {"features": (names, values), "clinical": (found.names, found.x)}
    return Cohort(found.time, found.event, whose, inputs), found


def _need_row(found: Followed, row: int) -> None:
    if row and row - 1 not in found.rows:
        raise OptionError(
            "G-SURV-023",
            en=f"row {row} has no complete follow-up, or the table ends before it; rows run from 1 to {int(found.rows[-1]) + 1}. Choose another row.",
            ja=f"{row} 行目は観察期間などが欠損しているか、表にありません (1 ～ {int(found.rows[-1]) + 1} 行)。別の行を選んでください。",
        )


def _grid(cohort: Cohort) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Times between the 10th and the 90th percentile of the events."""
    low, high = np.quantile(cohort.time[cohort.event], (0.1, 0.9))
    return np.unique(np.linspace(float(low), float(min(high, np.nextafter(cohort.time.max(), 0))), GRID))


def _merits(cohort: Cohort, held: HeldOut, at: Any, grid: Any, level: float, seed: int) -> dict[str, Estimate]:
    given: dict[str, Any] = {"patients": cohort.patients, "level": level}
    found = {"C": survival_concordance(cohort.time, cohort.event, held.log_risk, **given)}
    found["Uno"] = survival_concordance(cohort.time, cohort.event, held.log_risk, method="uno", **given)
    for moment in at:
        found[f"AUC {moment:g}"] = survival_auc(
            cohort.time, cohort.event, held.log_risk, float(moment), repeats=500, seed=seed, **given
        )
    brier = survival_brier(cohort.time, cohort.event, held.survival, grid, repeats=200, seed=seed, **given)
    return found | {"IBS": brier.integrated, "skill": brier.skill}


def _gap(cohort: Cohort, held: dict[str, HeldOut], name: str, beside: str, level: float) -> PairedComparison:
    return compare_concordance(
        cohort.time, cohort.event, held[name].log_risk, held[beside].log_risk, patients=cohort.patients, level=level,
        names=(Text(name, name), Text(beside, beside)),
    )  # fmt: skip


def _risk_groups(cohort: Cohort, held: HeldOut, level: float, unit: str) -> tuple[SurvivalCurves, LogRank | None]:
    """Curves of the two groups and their test; one curve and none where the model tells nobody apart (an empty LASSO)."""
    names = (Text("低リスク", "low risk"), Text("高リスク", "high risk"))
    parts = [held.high == side for side in (False, True)]
    curves = tuple(
        kaplan_meier_curve(cohort.time[rows], cohort.event[rows], level=level, name=name)
        for rows, name in zip(parts, names, strict=True)
        if rows.any()
    )
    test = log_rank(cohort.time, cohort.event, held.high.tolist()) if len(curves) == 2 else None
    note = Text("", "") if test is None else Text(*[f"log-rank {p_words(test.p)}"] * 2)
    return SurvivalCurves(curves, Text("交差検証によるリスク群", "Risk groups, out of fold"), unit, note), test


def _one(
    cohort: Cohort,
    spec: tuple[Any, str],
    found: Followed,
    row: int,
    grid: Any,
    resamples: int,
    level: float,
    seed: int,
    unit: str,
) -> tuple[Curve | None, Table | None]:
    """The curve of the patient in a row, and the past patients most like it."""
    if not row:
        return None, None
    place = int(np.flatnonzero(found.rows == row - 1)[0])
    times = np.linspace(0, grid[-1], 2 * GRID)
    told = one_patient(cohort, spec[0], spec[1], place, times, resamples=resamples, level=level, seed=seed)
    title = Text(f"{row} 行目の患者の予測生存率", f"Predicted survival of the patient in row {row}")
    curve = Curve(
        times, told.middle, Text("時間", "Time"), Text("生存率", "Survival"), title, unit, "", told.low, told.high, level
    )
    return curve, past_patients(cohort, spec[1], place, told.used, found.rows)


def _doubts(cohort: Cohort, covariates: int, patient: str) -> tuple[Text, ...]:
    events = len(np.unique(cohort.patients[cohort.event]))
    told = []
    if events < 100:
        told.append(
            Text(
                f"イベントは {events} 例です。100 例未満では予測モデルの評価は不確かです (Vergouwe 2005)。",
                f"{events} patients had an event; below 100 the judgement of a prediction model is uncertain (Vergouwe 2005).",
            )
        )
    if covariates and events / covariates < 10:
        told.append(
            Text(
                f"最初の当てはめで選ばれた変数 1 つあたりのイベントは {events / covariates:.1f} 例です (目安 10 例)。",
                f"{events / covariates:.1f} events for each covariate of the first fit (rule of thumb: 10).",
            )
        )
    missing = int(np.isnan(cohort.inputs["features"][1]).sum())
    if missing:
        told.append(
            Text(
                f"特徴量の空欄 {missing} 個は、学習部分の中央値で補いました。",
                f"{missing} empty cells of features were filled with the median of the training part.",
            )
        )
    if not patient:
        told.append(
            Text(
                "患者の列が指定されていないため、1 行を 1 患者として扱いました。",
                "no column of patients was named, so each row was taken as a patient.",
            )
        )
    return tuple(told)


def _conclusion(
    merits: dict[str, dict[str, Estimate]], gaps: dict[str, PairedComparison], beside: str, test: LogRank | None
) -> Text:
    spans = {name: span_words(m["C"]) for name, m in merits.items()}
    ja, en = ("; ".join(f"{name} C {m['C'].value:.3f}{spans[name][i]}" for name, m in merits.items()) for i in (0, 1))
    apart = "; ".join(f"{name} − {beside}: {g.difference.value:+.3f}, {p_words(g.p)}" for name, g in gaps.items())
    ja = f"交差検証による {ja}。" + (f"C の差: {apart}。" if apart else "")
    en = f"Out of fold: {en}." + (f" Differences of C: {apart}." if apart else "")
    if test is None:
        return Text(f"{ja}最初のモデルはリスク群を分けませんでした。", f"{en} The first model did not tell risk groups apart.")
    return Text(
        f"{ja}高リスク群と低リスク群のログランク検定: {p_words(test.p)}。",
        f"{en} High against low risk: log-rank {p_words(test.p)}.",
    )


def _sentence(models: tuple[str, ...], folds: int, repeats: int, level: float) -> Text:
    listed = ", ".join(models)
    cite = {
        "cox-lasso": "Tibshirani 1997",
        "elastic-net": "Simon 2011",
        "survival-forest": "Ishwaran 2008",
        "deep-cox": "Katzman 2018",
    }
    sources = "; ".join(cite[name] for name in models if name in cite)
    return Text(
        f"予後モデル ({listed}; {sources}) を患者単位の {folds} 分割交差検証 ({repeats} 回) で評価した。標準化、変数選択、罰則の選択は学習用の患者だけで行い、"
        f"識別能は Harrell の C と Uno の C ({100 * level:g} % 区間は無限小ジャックナイフ法)、時間依存 AUC、予測生存率は積分 Brier スコアで評価した。C の差は同じ患者で検定し、リスク群は各分割の学習用患者の中央値で分けた。",
        f"Prognosis models ({listed}; {sources}) were judged by {folds}-fold cross-validation over patients ({repeats} repeats); scaling, selection and penalties "
        f"saw the training patients only. Harrell's and Uno's C ({100 * level:g} % limits from the infinitesimal jackknife), the time-dependent area and the integrated Brier "
        "score are out of fold, the mean of a patient's predictions over the repeats; differences of C are paired, and risk groups were cut at the median of the training patients.",
    )
