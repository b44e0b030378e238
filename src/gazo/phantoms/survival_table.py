"""Follow-up of patients whose hazard ratios are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Table


@dataclass(frozen=True, eq=False)
class SimulatedSurvival:
    """A table (patient, time, event, x1 ...), the log hazard ratios of its columns, and the true log risk of each patient."""

    table: Table
    names: tuple[str, ...]
    x: NDArray[np.float64]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    beta: NDArray[np.float64]
    log_risk: NDArray[np.float64]


@feature("生存時間データ (模擬)", "Simulated follow-up", booklet="C7")
def survival_table(
    *,
    rng: np.random.Generator,
    patients: int = 200,
    log_hazard_ratios: tuple[float, ...] = (0.7, -0.5, 0.0),
    noise_columns: int = 0,
    median_time: float = 24.0,
    shape: float = 1.2,
    censored: float = 0.3,
    whole: bool = False,
) -> SimulatedSurvival:
    """Weibull times of proportional hazards, T = s (E / exp(x'b))^(1/k) with E exponential (Bender 2005, Stat Med 24:1713), censored evenly over time.

    Parameters
    ----------
    log_hazard_ratios : of standard normal columns x1, x2 ...; `noise_columns` more have none.
    median_time, shape : s and k, for a patient at the mean; shape 1 is a constant hazard.
    censored : about this share leaves before the event, by exponential times that know nothing of x.
    whole : times are rounded up to whole numbers, which makes ties.
    """
    beta = np.concatenate([log_hazard_ratios, np.zeros(noise_columns)])
    x = rng.normal(size=(patients, len(beta)))
    log_risk = x @ beta
    scale = median_time / np.log(2) ** (1 / shape)
    death = scale * (rng.exponential(size=patients) / np.exp(log_risk)) ** (1 / shape)
    left = _leaving(rng, death, censored)
    time = np.minimum(death, left)
    time = np.ceil(time) if whole else time
    event = death <= left
    names = tuple(f"x{n}" for n in range(1, len(beta) + 1))
    rows = tuple(
        (f"P{n + 1:04d}", float(t), int(e), *map(float, values))
        for n, (t, e, values) in enumerate(zip(time, event, x, strict=True))
    )
    headings = tuple(Text(name, name) for name in ("patient", "time", "event", *names))
    title = Text("生存時間データ (模擬)", "Simulated follow-up")
    return SimulatedSurvival(Table(title, headings, rows), names, x, time, event, beta, log_risk)


def _leaving(rng: np.random.Generator, death: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Exponential times of leaving whose mean is set by bisection so that the wanted share leaves first."""
    unit = rng.exponential(size=len(death))
    if share <= 0:
        return np.full(len(death), np.inf)
    low, high = 1e-6 * float(death.max()), 1e6 * float(death.max())
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if float((unit * middle < death).mean()) < share else (middle, high)
    return unit * high
