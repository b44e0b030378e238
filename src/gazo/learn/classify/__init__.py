"""Classification of images."""

from gazo.learn.classify.classifier import Classifier
from gazo.learn.classify.compare import NetworkComparison
from gazo.learn.classify.fitted import FittedClassifier, load
from gazo.learn.classify.results import ClassificationStudy
from gazo.learn.classify.search import NetworkSearch
from gazo.learn.classify.search_results import NetworkSearchStudy
from gazo.learn.classify.side_by_side import NetworkComparisonStudy
from gazo.learn.classify.speed import NetworkSpeed, NetworkSpeedStudy

__all__ = [
    "ClassificationStudy",
    "Classifier",
    "FittedClassifier",
    "NetworkComparison",
    "NetworkComparisonStudy",
    "NetworkSearch",
    "NetworkSearchStudy",
    "NetworkSpeed",
    "NetworkSpeedStudy",
    "load",
]
