"""C7: known hazard ratios are recovered, chance is called chance, published values come out, and a prognosis model is judged without a leak."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Table
from gazo.core.seeds import derived_seed, generator
from gazo.phantoms.survival_table import survival_table
from gazo.radiomics.prognosis import Prognosis, prognosis
from gazo.runs.proof import Proof, proof
from gazo.stats.survival.columns import followed
from gazo.stats.survival.concordance import concordance_value, survival_concordance
from gazo.stats.survival.cox import cox_model
from gazo.stats.survival.kaplan_meier import kaplan_meier_curve
from gazo.stats.survival.log_rank import log_rank

STUDIES, PATIENTS = 400, 150
TRUTH = (0.7, -0.5, 0.0)
# Freireich 1963 (Blood 21:699): weeks in remission under 6-MP and under placebo; Cox 1972 and every textbook since.
WEEKS = (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
RELAPSE = (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)


@proof(
    "C7",
    ja="生存時間解析と予後モデル: 既知のハザード比、偶然、公表値",
    en="Survival and prognosis: known hazard ratios, chance, published values",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Simulated follow-up with known truth, the remission of Freireich's patients, and with `data` (reference/survival) the values of R's survival."""
    measured = _recovered(seed, on_event) | _remission() | _prognosis(seed, on_event) | _published(data)
    rows = tuple(_row(name, value) for name, value in measured.items())
    headings = (Text("量", "Quantity"), Text("値", "Value"), Text("下限", "Low"), Text("上限", "High"), Text("判定", "Verdict"))
    table = Table(Text("生存時間解析と予後モデル", "Survival and prognosis"), headings, rows)
    bar = Text("表のすべての量が下限と上限の間にある", "every quantity of the table between its limits")
    return Proof("C7", all(row[-1] == "ok" for row in rows), measured, bar, table)


BARS: dict[str, tuple[Text, float, float]] = {
    "bias": (Text("Cox 係数の平均の偏り (最大)", "largest mean error of a Cox coefficient"), 0, 0.04),
    "coverage_low": (Text("95 % 区間の被覆率 (最小)", "coverage of 95 % intervals, lowest"), 0.92, 0.98),
    "coverage_high": (Text("95 % 区間の被覆率 (最大)", "coverage of 95 % intervals, highest"), 0.92, 0.98),
    "c_bias": (Text("真のリスクの C: 平均の偏り", "C of the true risk: mean error"), -0.01, 0.01),
    "c_coverage": (Text("C の 95 % 区間の被覆率", "coverage of the interval of C"), 0.91, 0.98),
    "log_rank_null": (Text("差のない群でのログランク検定の棄却率", "log-rank rejections without a difference"), 0.03, 0.07),
    "remission_chi_square": (Text("6-MP: ログランク χ² (16.79294)", "6-MP: log-rank chi-square (16.79294)"), 16.792940, 16.792942),
    "remission_beta": (Text("6-MP: Cox 係数 (1.572125)", "6-MP: Cox coefficient (1.572125)"), 1.572124, 1.572126),
    "remission_c": (Text("6-MP: C (0.690042)", "6-MP: C (0.690042)"), 0.690041, 0.690043),
    "prognosis_c": (Text("Cox-LASSO の C − 真のリスクの C", "C of the Cox-LASSO less that of the true risk"), -0.06, 0.02),
    "prognosis_gain_p": (Text("雑音だけの臨床モデルとの差の p", "p of the gain over a clinical model of noise"), 0, 0.01),
    "prognosis_noise": (Text("雑音だけの Cox-LASSO の C", "C of the Cox-LASSO on noise"), 0.40, 0.58),
    "published_error": (Text("公表値との最大の相対差", "largest relative difference from published values"), 0, 1e-5),
    "published_values": (Text("比べた公表値の数", "published values compared"), 60, 1000),
}  # fmt: skip


def _row(name: str, value: float) -> tuple[Any, ...]:
    words, low, high = BARS[name]
    return words, value, low, high, "ok" if low <= value <= high else "missed"


def _recovered(seed: int, on_event: OnEvent) -> dict[str, float]:
    """Estimates, intervals and C of many studies; a third group that means nothing for the log-rank test."""
    whole = survival_table(rng=generator(seed, "C7", "population"), patients=6000, log_hazard_ratios=TRUTH, censored=0.0)
    best = concordance_value(whole.time, whole.event, whole.log_risk)
    betas, inside, values, covered, rejected = [], [], [], 0, 0
    for study in range(STUDIES):
        rng = generator(seed, "C7", study)
        made = survival_table(rng=rng, patients=PATIENTS, log_hazard_ratios=TRUTH, censored=0.3)
        model = cox_model(made.time, made.event, made.x)
        betas.append(model.beta)
        inside.append(np.abs(model.beta - TRUTH) <= 1.959964 * model.standard_error)
        c = survival_concordance(made.time, made.event, made.log_risk, method="uno", until=float(np.quantile(made.time, 0.95)))
        values.append(c.value)
        covered += int(c.low is not None and c.high is not None and c.low <= best <= c.high)
        rejected += int(log_rank(made.time, made.event, rng.integers(0, 3, PATIENTS)).p < 0.05)
        if (study + 1) % 20 == 0:
            on_event(Event(Text("模擬研究", "Simulated studies"), study + 1, STUDIES))
    coverage = np.mean(inside, axis=0)
    return {
        "bias": float(np.abs(np.mean(betas, axis=0) - TRUTH).max()),
        "coverage_low": float(coverage.min()),
        "coverage_high": float(coverage.max()),
        "c_bias": float(np.mean(values)) - best,
        "c_coverage": covered / STUDIES,
        "log_rank_null": rejected / STUDIES,
    }


def _remission() -> dict[str, float]:
    time, event = np.array(WEEKS + PLACEBO, float), np.array(RELAPSE + (1,) * 21)
    placebo = np.repeat([0, 1], 21)
    model = cox_model(time, event, placebo)
    return {
        "remission_chi_square": log_rank(time, event, placebo).statistic,
        "remission_beta": float(model.beta[0]),
        "remission_c": survival_concordance(time, event, placebo).value,
    }


def _prognosis(seed: int, on_event: OnEvent) -> dict[str, float]:
    """Three true columns among 43, and noise alone; the clinical model is given two columns of noise."""
    found = _judged((0.7, -0.6, 0.5), 42, seed, on_event)
    noise = _judged((), 45, seed, on_event)
    return {
        "prognosis_c": found[0].concordance[0].value - found[1],
        "prognosis_gain_p": float(found[0].comparison.rows[0][-1]) if found[0].comparison else 1.0,
        "prognosis_noise": noise[0].concordance[0].value,
    }


def _judged(truth: tuple[float, ...], noise: int, seed: int, on_event: OnEvent) -> tuple[Prognosis, float]:
    made = survival_table(
        rng=generator(seed, "C7", "prognosis", noise), patients=240, log_hazard_ratios=truth, noise_columns=noise, censored=0.3
    )
    given = {"time": "time", "event": "event", "patient": "patient", "features": made.names[:-2], "clinical": made.names[-2:]}
    found = prognosis(made.table, **given, models=("cox-lasso",), repeats=2, seed=derived_seed(seed, "C7"), on_event=on_event)
    return found, concordance_value(made.time, made.event, made.log_risk)


def _published(data: Path | None) -> dict[str, float]:
    """Cox models, log-rank tests and Kaplan-Meier curves of R survival 3.5.3 on ncctg_lung, rossi and lung1_clinical."""
    folder = (
        None
        if data is None
        else next(
            (f for f in (data, data / "survival", data / "reference" / "survival") if (f / "ncctg_lung_R.json").is_file()), None
        )
    )
    if folder is None:
        return {}
    off: list[float] = []
    for name, event_value in (("ncctg_lung", "2"), ("rossi", "1"), ("lung1_clinical", "1")):
        expected = json.loads((folder / f"{name.replace('_clinical', '')}_R.json").read_text())
        for one in expected["cox"]:
            off += _off_by(_table(folder / f"{name}.csv"), one, event_value)
        for one in expected["logrank"]:
            time, event, right = _formula(one["formula"])
            found = followed(_table(folder / f"{name}.csv"), time=time, event=event, event_value=event_value, words=(right[0],))
            test = log_rank(found.time, found.event, found.words[right[0]])
            off += [_apart(test.statistic, one["chisq_logrank"]), _apart(test.p, one["p_logrank"])]
        for one in expected["km"]:
            off += _curves_off_by(_table(folder / f"{name}.csv"), one, event_value)
    return {"published_error": max(off), "published_values": float(len(off))}


def _off_by(table: Table, one: dict[str, Any], event_value: str) -> list[float]:
    time, event, right = _formula(one["formula"])
    found = followed(table, time=time, event=event, event_value=event_value, covariates=right)
    model = cox_model(found.time, found.event, found.x, names=found.names, ties=one["ties"])
    c = survival_concordance(found.time, found.event, model.linear(found.x)).value
    pairs = [(model.null, one["loglik_null"]), (model.value, one["loglik"]), (c, one["concordance"]["C"])]
    pairs += [(model.likelihood_ratio.statistic, one["LR"]["test"]), (model.score.statistic, one["score"]["test"])]
    pairs += list(zip(model.beta, one["coef"].values(), strict=True))
    pairs += list(zip(model.standard_error, one["se"].values(), strict=True))
    if model.patients != one["n"] or model.events != one["events"]:
        raise DataError(
            "G-CAT-071",
            en=f"the table holds {model.patients} patients and {model.events} events; {one['n']} and {one['events']} were published. Give the original table.",
            ja=f"表の患者 {model.patients} 例、イベント {model.events} 件は、公表値 ({one['n']} 例、{one['events']} 件) と一致しません。元の表を指定してください。",
        )
    return [_apart(float(a), float(b)) for a, b in pairs]


def _curves_off_by(table: Table, one: dict[str, Any], event_value: str) -> list[float]:
    """Survival of each group at the times that were published."""
    time, event, right = _formula(one["formula"])
    words = () if right == ("1",) else right
    found = followed(table, time=time, event=event, event_value=event_value, words=words)
    labels = np.array(found.words[words[0]] if words else [""] * len(found.time))
    curves = [kaplan_meier_curve(found.time[labels == kind], found.event[labels == kind]) for kind in np.unique(labels)]
    values = [curve.at(moment).value for curve in curves for moment in one["times"]]
    return [_apart(a, b) for a, b in zip(values, one["surv"], strict=True)]


def _formula(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Time, event and the terms of "Surv(time, status == 2) ~ age + sex"."""
    left, _, right = text.partition("~")
    time, event = left.strip().removeprefix("Surv(").rstrip(") ").split(",")
    return time.strip(), event.split("==")[0].strip(), tuple(term.strip() for term in right.split("+"))


def _table(path: Path) -> Table:
    from gazo.io.rows import read_rows
    from gazo.runs.result_inputs import table_of

    return table_of(read_rows(path))


def _apart(found: float, published: float) -> float:
    return abs(found - published) / max(abs(published), 1e-3)
