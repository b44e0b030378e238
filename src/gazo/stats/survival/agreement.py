"""How well a given prediction agrees with what happened: C, areas at times, Brier scores, calibration, and a paired comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Label, Le
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.stats.paired import PairedComparison
from gazo.stats.survival.columns import followed
from gazo.stats.survival.concordance import compare_concordance, survival_concordance
from gazo.stats.survival.kaplan_meier_study import Event, EventValue, Level, Time
from gazo.stats.survival.scores import BrierCurve, SurvivalCalibration, survival_auc, survival_brier, survival_calibration
from gazo.stats.survival.shown import p_words, span_words
from gazo.stats.survival.times import event_quartiles


@result("survival agreement")
@dataclass(frozen=True, eq=False, kw_only=True)
class SurvivalAgreement(Measurement):
    """Figures of merit of a risk (and of predicted survival), and the difference to a second risk."""

    conclusion: Text
    concordance: tuple[Estimate, ...]
    areas: tuple[Estimate, ...]
    difference: tuple[Estimate, ...] = ()
    comparison: Table | None = None
    brier: tuple[Estimate, ...] = ()
    scores: Table | None = None
    calibration: tuple[Table, ...] = ()
    ratios: tuple[Estimate, ...] = ()


@operation("生存予測の評価", "Evaluation of a survival prediction", booklet="C7")
def survival_agreement(
    patients: Table,
    *,
    time: Time,
    event: Event,
    event_value: EventValue = "1",
    risk: Annotated[str, Label("リスクの列 (大きいほど早くイベント)", "Column of the risk; higher is earlier")],
    second_risk: Annotated[str, Label("比べるリスクの列", "Column of a second risk to compare")] = "",
    patient: Annotated[str, Label("患者の列 (1 人に複数行あるとき)", "Column of the patient, where one has several rows")] = "",
    moments: Annotated[tuple[float, ...], Label("評価する時点", "Times of evaluation")] = (),
    survival: Annotated[
        tuple[str, ...], Label("各時点の予測生存率の列 (時点と同じ順)", "Columns of predicted survival, one for each time")
    ] = (),
    repeats: Annotated[int, Ge(100), Le(20_000), Label("ブートストラップの回数", "Bootstrap resamples")] = 1000,
    level: Level = 0.95,
    seed: int = 0,
) -> SurvivalAgreement:
    """Harrell's and Uno's C, time-dependent AUC, Brier score and calibration of predictions that stand in the table (made elsewhere, or by cross-validation).

    Parameters
    ----------
    patients : one row a patient with follow-up and prediction. A prediction of the patients it was fitted to looks better than it is.
    moments : none takes the quartiles of the event times.
    """
    _need_pairs(survival, moments)
    given = [name for name in (risk, second_risk, *survival) if name]
    found = followed(
        patients, time=time, event=event, event_value=event_value, covariates=given, words=(patient,), least_events=2
    )
    whose = found.words.get(patient)
    value = {name: found.x[:, found.names.index(name)] for name in given}
    at = tuple(moments) or event_quartiles(found.time, found.event)
    each = tuple(
        survival_concordance(found.time, found.event, value[risk], method=m, patients=whose, level=level)
        for m in ("harrell", "uno")
    )
    areas = tuple(
        survival_auc(found.time, found.event, value[risk], t, patients=whose, repeats=repeats, seed=seed, level=level) for t in at
    )
    compared = None
    if second_risk:
        names = Text(risk, risk), Text(second_risk, second_risk)
        compared = compare_concordance(
            found.time, found.event, value[risk], value[second_risk], patients=whose, level=level, names=names
        )
    predicted = np.column_stack([value[name] for name in survival]) if survival else None
    brier = None
    if predicted is not None:
        brier = survival_brier(found.time, found.event, predicted, at, patients=whose, repeats=repeats, seed=seed, level=level)
    checks = (
        []
        if predicted is None
        else [survival_calibration(found.time, found.event, predicted[:, k], t, level=level) for k, t in enumerate(at)]
    )
    return SurvivalAgreement(
        conclusion=_conclusion(risk, second_risk, each[0], compared),
        concordance=each,
        areas=areas,
        difference=() if compared is None else (compared.difference,),
        comparison=None if compared is None else _comparison(compared),
        brier=() if brier is None else (brier.integrated, brier.integrated_reference, brier.skill),
        scores=None if brier is None else _scores(brier),
        calibration=tuple(_calibration(c) for c in checks),
        ratios=tuple(c.ratio for c in checks),
        sentence=_sentence(repeats, predicted is not None, compared is not None),
        warnings=found.warnings,
    )


def _need_pairs(survival: tuple[str, ...], moments: tuple[float, ...]) -> None:
    if survival and len(survival) != len(moments):
        raise OptionError(
            "G-SURV-014",
            en=f"each time needs one column of predicted survival; {len(moments)} times and {len(survival)} columns came. Name as many of both.",
            ja=f"時点と予測生存率の列は同じ数だけ必要です。時点 {len(moments)} 個、列 {len(survival)} 個が指定されました。数をそろえてください。",
        )


def _comparison(found: PairedComparison) -> Table:
    headings = (Text("C", "C"), Text("値", "value"), Text("下限", "low"), Text("上限", "high"), Text("p", "p"))
    rows = tuple(
        (one.name, one.value, one.low, one.high, p)
        for one, p in ((found.first, None), (found.second, None), (found.difference, found.p))
    )
    return Table(Text("2 つのリスクの比較", "Comparison of two risks"), headings, rows)


def _scores(brier: BrierCurve) -> Table:
    headings = (Text("時点", "time"), Text("Brier スコア", "Brier score"), Text("全例の生存曲線", "of the Kaplan-Meier curve"))
    rows = tuple(zip(brier.time.tolist(), brier.score.tolist(), brier.reference.tolist(), strict=True))
    return Table(Text("Brier スコア (小さいほどよい)", "Brier score, lower is better"), headings, rows)


def _calibration(found: SurvivalCalibration) -> Table:
    headings = (
        Text("患者数", "patients"), Text("予測生存率", "predicted survival"), Text("観測生存率", "observed survival"),
        Text("下限", "low"), Text("上限", "high"),
    )  # fmt: skip
    rows = tuple(
        (int(n), float(p), None if np.isnan(o.value) else o.value, o.low, o.high)
        for n, p, o in zip(found.patients, found.predicted, found.observed, strict=True)
    )
    return Table(Text(f"較正 ({found.moment:g} 時点)", f"Calibration at {found.moment:g}"), headings, rows)


def _conclusion(risk: str, second: str, c: Estimate, compared: PairedComparison | None) -> Text:
    if compared is None:
        span = span_words(c)
        return Text(f"「{risk}」の C は {c.value:.3f}{span.ja}。", f"C of '{risk}' is {c.value:.3f}{span.en}.")
    gap = compared.difference
    span, p = span_words(gap, "+.3f"), p_words(compared.p)
    return Text(
        f"C の差 (「{risk}」 − 「{second}」) は {gap.value:+.3f}{span.ja}、{p}。",
        f"Difference of C ('{risk}' - '{second}'): {gap.value:+.3f}{span.en}, {p}.",
    )


def _sentence(repeats: int, predicted: bool, compared: bool) -> Text:
    ja = "識別能は Harrell の C (1982) と、打ち切りの逆確率で重み付けした Uno の C (2011)、時間依存 AUC (Uno 2007) で評価した。"
    en = "Discrimination was judged by Harrell's C (1982), Uno's C (2011) and the cumulative/dynamic area (Uno 2007), weighted by the inverse probability of censoring; "
    ja += f"C の区間は無限小ジャックナイフ法、AUC の区間は患者単位のブートストラップ ({repeats} 回) による。"
    en += f"limits of C are from the infinitesimal jackknife, those of the area from {repeats} bootstrap resamples of patients."
    if compared:
        ja += "2 つの C は同じ患者で対応のある比較をした。"
        en += " Two C were compared on the same patients."
    if predicted:
        ja += "予測生存率は Brier スコア (Graf 1999) と較正で評価した。"
        en += " Predicted survival was judged by the Brier score (Graf 1999) and by calibration."
    return Text(ja, en)
