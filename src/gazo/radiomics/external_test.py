"""The test that is made once: rows of another hospital, judged by a recipe that was fitted on all rows of the study."""

from __future__ import annotations

from dataclasses import replace

from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.radiomics.feature_columns import FeatureCases
from gazo.radiomics.feature_recipe import FittedFeatureRecipe
from gazo.stats.calibration import calibration
from gazo.stats.classification import classification_metrics


def tested_once(fitted: FittedFeatureRecipe, cases: FeatureCases, *, seed: int) -> tuple[Estimate, ...]:
    """All figures of merit with their intervals, and for two classes the calibration; thresholds are those of the study.

    Parameters
    ----------
    fitted : by all rows of the study.
    cases : rows that took no part in anything.
    """
    probabilities = fitted.probabilities(cases)
    owners = cases.patients.tolist()
    found = classification_metrics(
        cases.truth, probabilities, cases.classes, patients=owners, predicted_index=fitted.decisions(probabilities), seed=seed
    )
    if len(cases.classes) == 2:
        found = (*found, *calibration(cases.truth == 1, probabilities[:, 1], patients=owners))
    return tuple(replace(e, name=Text(f"外部検証: {e.name.ja}", f"External test: {e.name.en}")) for e in found)
