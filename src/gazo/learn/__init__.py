"""Floor 4: methods that learn."""

from gazo.learn.classify import ClassificationStudy, Classifier, FittedClassifier, NetworkComparison, NetworkComparisonStudy, load
from gazo.learn.losses import cross_entropy, mean_squared_error
from gazo.learn.protocol import Protocol

__all__ = [
    "ClassificationStudy",
    "Classifier",
    "FittedClassifier",
    "NetworkComparison",
    "NetworkComparisonStudy",
    "Protocol",
    "cross_entropy",
    "load",
    "mean_squared_error",
]
