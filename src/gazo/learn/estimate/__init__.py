"""Estimation: images of more pixels (super-resolution), and a number from an image (regression)."""

from gazo.learn.estimate.cubic import cubic_resize
from gazo.learn.estimate.fitted_regressor import FittedRegressor
from gazo.learn.estimate.fitted_resolver import FittedSuperResolver
from gazo.learn.estimate.regressor import Regressor
from gazo.learn.estimate.regressor_results import RegressionStudy
from gazo.learn.estimate.resolver_results import SuperResolutionStudy
from gazo.learn.estimate.super_resolver import SuperResolver

__all__ = [
    "FittedRegressor",
    "FittedSuperResolver",
    "RegressionStudy",
    "Regressor",
    "SuperResolutionStudy",
    "SuperResolver",
    "cubic_resize",
]
