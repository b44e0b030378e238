"""What to show the physician of one patient: the predicted curve with an interval, and the most similar past patients with what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Table
from gazo.radiomics.cox_lasso import CoxLasso
from gazo.radiomics.prognosis_folds import Cohort, PrognosisModel, fitted_to
from gazo.radiomics.risk_model import Floats, Ints, Scaler
from gazo.radiomics.similar_cases import similar_cases
from gazo.stats.bootstrap import resamples as drawn
from gazo.stats.inputs import groups_of

NEIGHBOURS = 5


@dataclass(frozen=True, eq=False)
class OnePatient:
    """Predicted survival at each time with its limits, and the covariates of the model (all of them where it does not choose)."""

    middle: Floats
    low: Floats
    high: Floats
    used: tuple[str, ...]


def one_patient(
    cohort: Cohort, model: PrognosisModel, given: str, place: int, times: Floats, *, resamples: int, level: float, seed: int
) -> OnePatient:
    """Models fitted to resamples of all the others: no row of the patient is learned from; other patients are drawn with replacement, whole.

    The interval says how the curve would move with other patients to learn from, not how long this patient may live. The penalty of a
    Cox-LASSO is that of all the others in each resample.
    """
    others = np.flatnonzero(cohort.patients != cohort.patients[place])
    x = cohort.inputs[given][1][place : place + 1]
    fitted = fitted_to(model, cohort, given, others, seed=seed)
    if isinstance(model, CoxLasso):
        model = replace(model, strength=dict(fitted.told)["strength"])
    groups = groups_of(cohort.patients[others].tolist(), len(others))
    curves = []
    for number, rows in enumerate(drawn(groups, repeats=resamples, seed=seed)):
        taken: Ints = others[rows]
        if cohort.event[taken].sum() >= 4:
            curves.append(fitted_to(model, cohort, given, taken, seed=seed + number).survival(x, times)[0])
    low, high = np.quantile(curves, ((1 - level) / 2, (1 + level) / 2), axis=0)
    middle = fitted.survival(x, times)[0]
    names = tuple(name for name, _ in fitted.used) or cohort.inputs[given][0]
    return OnePatient(middle, np.minimum(low, middle), np.maximum(high, middle), names)


def past_patients(cohort: Cohort, given: str, place: int, used: Sequence[str], rows: Ints) -> Table | None:
    """The most similar other patients over the covariates that the model uses, with their follow-up; `rows` are places in the user's table.

    None where the covariates are the same for everybody.
    """
    names, x = cohort.inputs[given]
    filled = np.where(np.isnan(x), Scaler.of(x).middle, x)
    chosen = [names.index(name) for name in used]
    if not np.ptp(filled[:, chosen], axis=0).any():
        return None
    headings = ("patient", "time", "event", *used)
    cells = zip(
        cohort.patients.tolist(),
        cohort.time.tolist(),
        cohort.event.astype(int).tolist(),
        *filled[:, chosen].T.tolist(),
        strict=True,
    )
    table = Table(Text("", ""), tuple(Text(name, name) for name in headings), tuple(cells))
    found = similar_cases(
        table, row=place + 1, features=tuple(used), patient="patient", shown=("time", "event"), neighbours=NEIGHBOURS
    )
    note = Text(
        "モデルが使う変数の距離 (標準偏差単位) が近い順。似た症例は予後そのものではなく、平均もしていません。"
        f"これより近い最近傍をもつ過去の症例: {found.strangeness.value:.0f} %。",
        "nearest first, by distance over the covariates of the model in standard deviations. A similar patient is no prognosis, and none is averaged. "
        f"Past patients with a nearer nearest neighbour: {found.strangeness.value:.0f} %.",
    )
    near = tuple((rank, int(rows[row - 1]) + 1, *rest) for rank, row, *rest in found.neighbours.rows)
    words = (
        Text("順位", "rank"),
        Text("行", "row"),
        Text("距離", "distance"),
        Text("観察期間", "follow-up"),
        Text("イベント", "event"),
    )
    return Table(Text("似た過去の患者", "Similar past patients"), words, near, (note,))
