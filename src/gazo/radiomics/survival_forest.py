"""A random survival forest, through scikit-survival, which is an extra because of its licence (GPL)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gazo.core.errors import MissingError
from gazo.core.registry import feature
from gazo.core.seeds import derived_seed
from gazo.radiomics.risk_model import Bools, Floats, Ints, RiskModel, Scaler, with_baseline


@feature("ランダム生存フォレスト", "Random survival forest", booklet="C7")
@dataclass(frozen=True, kw_only=True)
class SurvivalForest:
    """Trees split by the log-rank statistic (Ishwaran 2008, Ann Appl Stat 2:841); the risk is the expected number of events of a patient.

    Its own survival curves are replaced by those of proportional hazards in its out-of-bag risk, so that all models are judged alike.
    """

    trees: int = 200
    least_in_leaf: int = 10

    def fit(self, x: Floats, time: Floats, event: Bools, *, names: Sequence[str], patients: Ints, seed: int) -> RiskModel:
        """Fit; the baseline is made from out-of-bag risks, since those of the trees' own patients are far too sure."""
        forest_class = _forest()
        scale = Scaler.of(x)
        outcome = np.array(list(zip(event, time, strict=True)), dtype=[("event", bool), ("time", float)])
        forest = forest_class(
            n_estimators=self.trees, min_samples_leaf=self.least_in_leaf, min_samples_split=2 * self.least_in_leaf,
            oob_score=True, random_state=derived_seed(seed, "forest") % 2**32, n_jobs=1,
        ).fit(scale(x), outcome)  # fmt: skip
        raw = np.asarray(forest.oob_prediction_, np.float64)
        raw = np.where(np.isfinite(raw), raw, np.nanmedian(raw))
        logs = np.log(np.maximum(raw, 1e-6))
        middle, slope = float(logs.mean()), _slope(logs - logs.mean(), time, event)

        def log_risk(rows: Floats) -> Floats:
            return np.asarray(slope * (np.log(np.maximum(forest.predict(scale(rows)), 1e-6)) - middle))

        kept = slope * (logs - middle)
        return with_baseline(lambda rows: kept if rows is x else log_risk(rows), x, time, event, told=(("slope", slope),))


def _slope(log_risk: Floats, time: Floats, event: Bools) -> float:
    """The Cox coefficient of the out-of-bag risk, at least a little above 0 so that the order of patients stays that of the forest."""
    from gazo.core.errors import DataError
    from gazo.stats.survival.cox import cox_model

    try:
        return max(0.05, float(cox_model(time, event, log_risk).beta[0]))
    except DataError:
        return 1.0


def _forest() -> Any:
    try:
        from sksurv.ensemble import RandomSurvivalForest
    except ImportError:
        raise MissingError(
            "G-SURV-020",
            en="a survival forest needs scikit-survival, which is not installed (its licence is GPL, so it is an extra). "
            "Install it with: pip install 'gazo[survival-forest]'",
            ja="ランダム生存フォレストには scikit-survival が必要ですが、インストールされていません (ライセンスが GPL のため追加機能です)。"
            "pip install 'gazo[survival-forest]' でインストールしてください。",
        ) from None
    return RandomSurvivalForest
