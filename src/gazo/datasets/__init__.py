"""Floor 3: named sets, public layouts, joins, splits, checks."""

from __future__ import annotations

from gazo.datasets.splits import Fold, holdout, official_split, patient_folds

__all__ = ["Fold", "holdout", "official_split", "patient_folds"]
