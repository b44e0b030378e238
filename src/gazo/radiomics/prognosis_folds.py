"""Prognosis models judged on patients they have not seen: repeated cross-validation by patient, everything fitted inside the fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.registry import feature
from gazo.core.seeds import derived_seed
from gazo.radiomics.event_folds import event_folds
from gazo.radiomics.risk_model import Bools, Floats, Ints, RiskModel, Scaler, with_baseline
from gazo.stats.survival.cox import cox_model


class PrognosisModel(Protocol):
    """Anything with options that can be fitted to follow-up."""

    def fit(self, x: Floats, time: Floats, event: Bools, *, names: Sequence[str], patients: Ints, seed: int) -> RiskModel:
        """Learn from these patients only."""
        ...


@dataclass(frozen=True, kw_only=True)
class PlainCox:
    """A Cox model of all covariates, for a few clinical ones; those that are constant among the patients of a fit are left out."""

    def fit(self, x: Floats, time: Floats, event: Bools, *, names: Sequence[str], patients: Ints, seed: int) -> RiskModel:
        """Maximum likelihood."""
        scale = Scaler.of(x)
        kept = np.isfinite(scale.sd)
        model = cox_model(time, event, scale(x)[:, kept], names=[n for n, k in zip(names, kept, strict=True) if k])

        def log_risk(rows: Floats) -> Floats:
            return model.linear(scale(rows)[:, kept])

        used = tuple((name, float(b)) for name, b in zip(model.names, model.beta, strict=True))
        return with_baseline(log_risk, x, time, event, used=used)


@dataclass(frozen=True, eq=False)
class Cohort:
    """Patients with follow-up; `inputs` names the covariates (n, p) that a model is given."""

    time: Floats
    event: Bools
    patients: Ints
    inputs: Mapping[str, tuple[tuple[str, ...], Floats]]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What one model said of patients it had not seen.

    Parameters
    ----------
    log_risk : (n,) mean over the repeats; `each` (repeats, n).
    survival : (n, times) mean over the repeats.
    high : (n,) whether the risk lay above the median of the training patients, in the first repeat.
    used : for each fit the names of the covariates in it.
    """

    log_risk: Floats
    each: Floats
    survival: Floats
    high: Bools
    used: tuple[tuple[str, ...], ...]


@feature("予後モデルの交差検証", "Cross-validation of prognosis models", booklet="C7")
def prognosis_folds(
    cohort: Cohort,
    models: Mapping[str, tuple[PrognosisModel, str]],
    *,
    moments: Floats,
    folds: int,
    repeats: int,
    seed: int,
    on_event: OnEvent = quiet,
) -> dict[str, HeldOut]:
    """Every model on the same folds, whole patients apart, events spread evenly; scaling, selection and tuning see the training part only.

    Parameters
    ----------
    models : name, and the model with the name of the inputs it is given.
    """
    n, size = len(cohort.time), len(moments)
    risks = {name: np.zeros((repeats, n)) for name in models}
    survival = {name: np.zeros((n, size)) for name in models}
    high = {name: np.zeros(n, bool) for name in models}
    used: dict[str, list[tuple[str, ...]]] = {name: [] for name in models}
    parts = [
        (repeat, *part) for repeat in range(repeats) for part in outer_folds(cohort, folds, derived_seed(seed, "outer", repeat))
    ]
    for repeat, train, test in counted(parts, Text("交差検証", "Cross-validation"), on_event):
        for name, (model, given) in models.items():
            fitted = fitted_to(model, cohort, given, train, seed=derived_seed(seed, name, repeat))
            x = cohort.inputs[given][1]
            risks[name][repeat, test] = fitted.log_risk(x[test])
            survival[name][test] += fitted.survival(x[test], moments) / repeats
            used[name].append(tuple(covariate for covariate, _ in fitted.used))
            if repeat == 0:
                high[name][test] = risks[name][0, test] > np.median(fitted.log_risk(x[train]))
    return {name: HeldOut(risks[name].mean(0), risks[name], survival[name], high[name], tuple(used[name])) for name in models}


def fitted_to(model: PrognosisModel, cohort: Cohort, given: str, rows: Ints, *, seed: int) -> RiskModel:
    """The model fitted to some of the rows."""
    names, x = cohort.inputs[given]
    return model.fit(x[rows], cohort.time[rows], cohort.event[rows], names=names, patients=cohort.patients[rows], seed=seed)


def outer_folds(cohort: Cohort, folds: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Training and test rows of each fold."""
    events = len(np.unique(cohort.patients[cohort.event]))
    if events < 2 * folds:
        raise DataError(
            "G-SURV-021",
            en=f"{folds} folds need at least {2 * folds} patients with an event, two in each; {events} came. Use fewer folds or wait for more events.",
            ja=f"{folds} 分割の交差検証には、イベントのあった患者が {2 * folds} 例以上 (各分割に 2 例) 必要です。受け取った数: {events}。"
            "分割数を減らすか、イベントが増えるまで追跡してください。",
        )
    return event_folds(cohort.event, cohort.patients, folds, seed)
