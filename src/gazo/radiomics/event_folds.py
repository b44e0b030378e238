"""Folds of follow-up: patients whole, events spread evenly."""

from __future__ import annotations

import warnings

import numpy as np

from gazo.radiomics.risk_model import Bools, Ints


def event_folds(event: Bools, patients: Ints, folds: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Training and test rows of each fold."""
    from sklearn.model_selection import StratifiedGroupKFold

    split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed % 2**32)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")  # fewer censored patients than folds do no harm
        return list(split.split(np.zeros(len(event)), event.astype(int), patients))
