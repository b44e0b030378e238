"""The models that a feature study compares, from scikit-learn, and how they are fitted when classes are unequal."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Model = Literal["ridge", "lasso", "elastic-net", "svm", "forest", "boosting"]

# What is tried inside, from the most to the least restrained: C of logistic regression and support vectors, learning rate of boosting.
STRENGTHS: Mapping[str, tuple[float, ...]] = {
    "ridge": (0.01, 0.1, 1.0),
    "lasso": (0.1, 0.3, 1.0),
    "elastic-net": (0.1, 0.3, 1.0),
    "svm": (0.1, 1.0, 10.0),
    "forest": (1.0,),
    "boosting": (0.1,),
}
_MIXING = {"ridge": 0.0, "lasso": 1.0, "elastic-net": 0.5}


class FittedModel:
    """A model of scikit-learn whose probabilities are those of the shares of the classes in its training part."""

    def __init__(self, estimator: Any, prior: Floats, corrected: bool) -> None:
        self.estimator, self.prior, self.corrected = estimator, prior, corrected

    def probabilities(self, columns: Floats) -> Floats:
        """(cases, classes). A model that saw all classes as equally frequent is brought back to their shares (Elkan 2001, theorem 2)."""
        found = np.zeros((len(columns), len(self.prior)))
        found[:, self.estimator.classes_] = self.estimator.predict_proba(columns)
        if self.corrected:
            found = found * self.prior
        total: Floats = found / found.sum(1, keepdims=True)
        return total

    def coefficients(self) -> Floats | None:
        """Weights of a linear model, (classes or 1, columns); None of another one."""
        weights = getattr(self.estimator, "coef_", None)
        return None if weights is None else np.asarray(weights, np.float64)


def fit_model(model: Model, strength: float, columns: Floats, truth: Ints, *, balanced: bool, seed: int) -> FittedModel:
    """Fit one model on standardised columns.

    Parameters
    ----------
    strength : one of STRENGTHS[model].
    columns, truth : (cases, columns) and class numbers of the training part.
    balanced : give every class the same weight.
    """
    prior = np.bincount(truth, minlength=int(truth.max()) + 1) / len(truth)
    estimator, weights = _estimator(model, strength, int(truth.max()) + 1, balanced, seed), None
    if model == "boosting" and balanced:
        weights = (1 / prior[truth]) / np.mean(1 / prior[truth])
    with warnings.catch_warnings():
        from sklearn.exceptions import ConvergenceWarning

        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # a path that stops early is one more candidate, judged like the others
        estimator.fit(columns, truth, **({} if weights is None else {"sample_weight": weights}))
    return FittedModel(estimator, prior, balanced and model != "svm")


def _estimator(model: Model, strength: float, classes: int, balanced: bool, seed: int) -> Any:
    weight = "balanced" if balanced else None
    if model == "svm":
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.svm import SVC

        return CalibratedClassifierCV(SVC(C=strength, class_weight=weight), ensemble=False, cv=3)
    if model == "forest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(200, min_samples_leaf=2, class_weight=weight, random_state=seed)
    if model == "boosting":
        from sklearn.ensemble import GradientBoostingClassifier

        return GradientBoostingClassifier(n_estimators=60, learning_rate=strength, max_depth=2, random_state=seed)
    return _logistic(_MIXING[model], strength, classes, weight, seed)


def _logistic(mixing: float, strength: float, classes: int, weight: str | None, seed: int) -> Any:
    """Logistic regression with a share `mixing` of the L1 penalty; its arguments have changed names over the releases."""
    from sklearn import __version__
    from sklearn.linear_model import LogisticRegression

    solver = "lbfgs" if mixing == 0 else "liblinear" if mixing == 1 and classes == 2 else "saga"
    given: dict[str, Any] = {"C": strength, "solver": solver, "class_weight": weight, "max_iter": 2000, "random_state": seed}
    if solver == "saga":
        given["tol"] = 1e-3
    if tuple(map(int, __version__.split(".")[:2])) >= (1, 8):
        return LogisticRegression(l1_ratio=mixing, **given)
    kind = {0.0: "l2", 1.0: "l1"}.get(mixing, "elasticnet")
    return LogisticRegression(penalty=kind, l1_ratio=mixing if kind == "elasticnet" else None, **given)
