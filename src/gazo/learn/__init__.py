"""Floor 4: methods that learn."""

from gazo.learn.classify import (
    ClassificationStudy,
    Classifier,
    FittedClassifier,
    NetworkComparison,
    NetworkComparisonStudy,
    NetworkSearch,
    NetworkSearchStudy,
)
from gazo.learn.losses import cross_entropy, mean_squared_error
from gazo.learn.protocol import Protocol
from gazo.learn.saved import load
from gazo.learn.teaching import DecisionBoundary, VanishingGradient, decision_boundary, vanishing_gradient

__all__ = [
    "ClassificationStudy",
    "Classifier",
    "DecisionBoundary",
    "FittedClassifier",
    "NetworkComparison",
    "NetworkComparisonStudy",
    "NetworkSearch",
    "NetworkSearchStudy",
    "Protocol",
    "VanishingGradient",
    "cross_entropy",
    "decision_boundary",
    "load",
    "mean_squared_error",
    "vanishing_gradient",
]
