"""A linear mixed model: all rows are used, a random intercept keeps the rows of a patient together."""

from __future__ import annotations

import warnings

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.stats.small.samples import Rows
from gazo.stats.small.testing import Tested
from gazo.stats.small.two_means import some_spread


def mixed_model(rows: Rows[float], level: float) -> Tested:
    """value = mean of its group + intercept of its patient + rest, by restricted maximum likelihood (Laird & Ware 1982, Biometrics 38:963).

    Effects are the differences from the first group. F = Wald's chi-square / (k - 1); its second degrees of freedom are those of nlme
    (Pinheiro & Bates 2000, 2.4.2): rows - patients - (k - 1) where groups vary within patients, else patients - k.
    """
    from scipy.special import fdtrc, stdtrit
    from statsmodels.regression.mixed_linear_model import MixedLM

    y, k = np.array(rows.values), len(rows.names)
    owner = np.array([rows.names.index(g) for g in rows.groups])
    design = np.column_stack([np.ones(len(y)), *(owner == place for place in range(1, k))]).astype(np.float64)
    patients = np.unique(rows.patients, return_inverse=True)[1]
    _enough(len(y), int(patients.max()) + 1, k)
    some_spread(y - np.array([y[owner == place].mean() for place in owner]), float(np.abs(y).max()))
    scale = float(y.std())  # the optimiser's step sizes are made for values of about 1
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        fitted = MixedLM(y / scale, design, groups=patients).fit(reml=True)
    beta, covariance = fitted.fe_params[1:] * scale, np.atleast_2d(fitted.cov_params()[1:k, 1:k]) * scale**2
    f = float(beta @ np.linalg.solve(covariance, beta)) / (k - 1)
    people = int(patients.max()) + 1
    free = len(y) - people - (k - 1) if rows.crossed else people - k
    reach = float(stdtrit(free, (1 + level) / 2)) * np.sqrt(np.diag(covariance))
    first, how = rows.names[0], "t, mixed model"
    effects = tuple(
        Estimate(Text(f"{name} - {first}", f"{name} - {first}"), float(b), float(b - r), float(b + r), level, how)
        for name, b, r in zip(rows.names[1:], beta, reach, strict=True)
    )
    cite = Text(
        "全行を用い、患者をランダム切片とする線形混合モデル (制限付き最尤法) で群の平均を比較した (F 検定)。",
        "All rows entered a linear mixed model with a random intercept for each patient (restricted maximum likelihood); groups were "
        "compared by an F test.",
    )
    name, free_of_f = Text("線形混合モデル", "Linear mixed model"), (float(k - 1), float(free))
    p = float(fdtrc(*free_of_f, f))
    return Tested(name, "F", f, free_of_f, p, effects, cite, _doubts(said, bool(fitted.converged)))


def _doubts(said: list[warnings.WarningMessage], converged: bool) -> tuple[Text, ...]:
    if converged and not said:
        return ()
    return (
        Text(
            "混合モデルの当てはめが不安定でした (患者間のばらつきがほぼ 0、または収束しない)。患者ごとの平均による比較と見比べてください。",
            "The mixed model was fitted with doubt (almost no variance between patients, or no convergence): compare it with the patient means.",
        ),
    )


def _enough(rows: int, patients: int, groups: int) -> None:
    if rows < patients + groups or patients <= groups:
        raise DataError(
            "G-TEST-015",
            en=f"a mixed model needs several rows of a patient and more patients than groups; {rows} rows of {patients} patients in {groups} groups came. Compare one value a patient instead (test=auto).",
            ja=f"混合モデルには 1 患者あたり複数の行と、群の数より多い患者が必要です。受け取った数: {patients} 人の {rows} 行、{groups} 群。患者ごとの値 (test=auto) で比較してください。",
        )
