"""Cox regression on the columns of a table: hazard ratios, tests, and whether the hazards are proportional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.stats.inputs import groups_of, repeated
from gazo.stats.survival.columns import Followed, followed
from gazo.stats.survival.concordance import survival_concordance
from gazo.stats.survival.cox import CoxModel, Ties, cox_model
from gazo.stats.survival.kaplan_meier_study import Event, EventValue, Level, Time
from gazo.stats.survival.shown import Forest, p_words, span_words
from gazo.stats.survival.zph import ProportionalHazards, proportional_hazards

EVENTS_PER_COVARIATE = 10  # below, estimates are shaky (Peduzzi 1995, J Clin Epidemiol 48:1503)


@result("cox study")
@dataclass(frozen=True, eq=False, kw_only=True)
class CoxStudy(Measurement):
    """Hazard ratios with intervals, tests of the model, of each covariate and of proportional hazards, and how well the model orders patients."""

    conclusion: Text
    hazard_ratios: tuple[Estimate, ...]
    concordance: Estimate
    forest: Forest
    coefficients: Table
    tests: Table
    proportional: Table


@operation("Cox 回帰", "Cox regression", booklet="C7")
def cox(
    patients: Table,
    *,
    time: Time,
    event: Event,
    event_value: EventValue = "1",
    covariates: Annotated[tuple[str, ...], Label("共変量の列", "Columns of the covariates")],
    strata: Annotated[str, Label("層別の列", "Column of the strata")] = "",
    patient: Annotated[str, Label("患者の列 (1 人に複数行あるとき)", "Column of the patient, where one has several rows")] = "",
    per_sd: Annotated[bool, Label("1 標準偏差あたりのハザード比", "Hazard ratio per standard deviation")] = False,
    ties: Annotated[Ties, Label("同時刻のイベントの扱い", "Tied events")] = "efron",
    level: Level = 0.95,
) -> CoxStudy:
    """Proportional hazards regression (Cox 1972) with the test of Grambsch & Therneau (1994); C is that of the patients it was fitted to.

    Parameters
    ----------
    patients : one row a patient; a column of words gives one hazard ratio for each category against the first.
    per_sd : columns of numbers are divided by their standard deviation.
    """
    if not covariates:
        raise OptionError(
            "G-SURV-013",
            en="Cox regression needs at least one covariate; none was named. Name columns of the table as covariates.",
            ja="Cox 回帰には共変量が 1 つ以上必要ですが、指定されていません。表の列を共変量として指定してください。",
        )
    found = followed(
        patients, time=time, event=event, event_value=event_value, covariates=covariates, words=(strata, patient), least_events=2
    )
    x = found.x / _units(found, per_sd)
    layers, whose = found.words.get(strata), found.words.get(patient)
    model = cox_model(found.time, found.event, x, names=found.names, ties=ties, strata=layers, patients=whose)
    drift = proportional_hazards(model, found.time, found.event, x, strata=layers)
    c = survival_concordance(found.time, found.event, model.linear(x), patients=whose, level=level)
    ratios = model.hazard_ratios(level=level)
    several = whose is not None and repeated(groups_of(whose, len(found.time)))
    return CoxStudy(
        conclusion=_conclusion(model, ratios, level),
        hazard_ratios=ratios,
        concordance=c,
        forest=Forest(found.names, ratios, Text("ハザード比", "Hazard ratio"), Text("ハザード比", "Hazard ratios")),
        coefficients=_coefficients(model, ratios),
        tests=_tests(model),
        proportional=_proportional(drift),
        warnings=(*found.warnings, *_doubts(model, drift)),
        sentence=_sentence(model, ties, strata, several, per_sd),
    )


def _units(found: Followed, per_sd: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Standard deviations (n - 1) of the numbers, 1 for indicators."""
    spread = found.x.std(0, ddof=1)
    wanted = [per_sd and name == origin and s > 0 for name, origin, s in zip(found.names, found.origin, spread, strict=True)]
    return np.where(wanted, spread, 1.0)


def _coefficients(model: CoxModel, ratios: tuple[Estimate, ...]) -> Table:
    headings = (
        Text("共変量", "covariate"), Text("係数", "coefficient"), Text("標準誤差", "standard error"), Text("z", "z"), Text("p", "p"),
        Text("ハザード比", "hazard ratio"), Text("下限", "low"), Text("上限", "high"),
    )  # fmt: skip
    rows = tuple(
        (name, float(b), float(se), float(b / se), float(p), hr.value, hr.low, hr.high)
        for name, b, se, p, hr in zip(model.names, model.beta, model.standard_error, model.p_values(), ratios, strict=True)
    )
    note = Text(f"患者 {model.patients}、イベント {model.events}", f"{model.patients} patients, {model.events} events")
    return Table(Text("係数とハザード比", "Coefficients and hazard ratios"), headings, rows, (note,))


def _tests(model: CoxModel) -> Table:
    headings = (Text("検定", "test"), Text("χ²", "chi-square"), Text("自由度", "degrees of freedom"), Text("p", "p"))
    named = (
        (Text("尤度比", "likelihood ratio"), model.likelihood_ratio),
        (Text("ワルド", "Wald"), model.wald),
        (Text("スコア", "score"), model.score),
    )
    note = Text(f"対数尤度 {model.null:.5f} → {model.value:.5f}", f"log-likelihood {model.null:.5f} to {model.value:.5f}")
    rows = tuple((name, t.statistic, t.degrees, t.p) for name, t in named)
    return Table(Text("モデル全体の検定", "Tests of the model"), headings, rows, (note,))


def _proportional(drift: ProportionalHazards) -> Table:
    headings = (Text("共変量", "covariate"), Text("χ²", "chi-square"), Text("自由度", "degrees of freedom"), Text("p", "p"))
    rows = [(name, t.statistic, t.degrees, t.p) for name, t in zip(drift.names, drift.each, strict=True)]
    whole = (Text("全体", "all"), drift.together.statistic, drift.together.degrees, drift.together.p)
    note = Text("p が小さいとき、ハザード比は時間とともに変わります。", "a small p says that the hazard ratio changes with time.")
    return Table(Text("比例ハザード性の検定", "Test of proportional hazards"), headings, (*rows, whole), (note,))


def _doubts(model: CoxModel, drift: ProportionalHazards) -> tuple[Text, ...]:
    found = []
    per = model.events / len(model.names)
    if per < EVENTS_PER_COVARIATE:
        found.append(
            Text(
                f"共変量 1 つあたりのイベントが {per:.1f} 件と少なく (目安 {EVENTS_PER_COVARIATE} 件)、推定値は不安定です。",
                f"only {per:.1f} events for each covariate (rule of thumb: {EVENTS_PER_COVARIATE}); the estimates are shaky.",
            )
        )
    changing = [name for name, test in zip(drift.names, drift.each, strict=True) if test.p < 0.05]
    if changing:
        listed = ", ".join(changing)
        found.append(
            Text(
                f"比例ハザード性が疑わしい共変量: {listed}。層別するか、時期を分けて解析してください。",
                f"hazards may not be proportional for: {listed}. Stratify, or analyse periods apart.",
            )
        )
    return tuple(found)


def _conclusion(model: CoxModel, ratios: tuple[Estimate, ...], level: float) -> Text:
    clear = [(n, hr, p) for n, hr, p in zip(model.names, ratios, model.p_values(), strict=True) if p < 1 - level]
    if not clear:
        return Text(
            "どの共変量のハザード比も 1 と異なるとは言えません。", "No covariate was shown to have a hazard ratio other than 1."
        )

    spans = [span_words(hr, ".3g") for _, hr, _ in clear]
    ja, en = (
        "; ".join(
            f"{name} HR {hr.value:.3g}{span[i]}, {p_words(float(p))}" for (name, hr, p), span in zip(clear, spans, strict=True)
        )
        for i in (0, 1)
    )
    return Text(f"独立に関連した因子: {ja}。", f"Independently associated: {en}.")


def _sentence(model: CoxModel, ties: str, strata: str, several: bool, per_sd: bool) -> Text:
    name = {"efron": "Efron", "breslow": "Breslow"}[ties]
    ja = f"Cox 比例ハザードモデルを当てはめ (同時刻のイベントは {name} 法{f'、「{strata}」で層別' if strata else ''})、"
    ja += f"{'1 標準偏差あたりの' if per_sd else ''}ハザード比と{'患者単位のサンドイッチ分散による' if several else ''}ワルド信頼区間を求め、比例ハザード性を Grambsch-Therneau 検定で調べた。"
    en = f"A Cox proportional hazards model was fitted (ties: {name}{f', stratified by {strata}' if strata else ''}); hazard ratios "
    en += f"{'per standard deviation ' if per_sd else ''}have Wald limits{' from the sandwich variance over patients (Lin & Wei 1989)' if several else ''}, "
    en += "and proportional hazards were tested after Grambsch & Therneau (1994)."
    return Text(ja, en)
