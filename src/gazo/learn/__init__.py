"""Floor 4: methods that learn."""

from gazo.learn.classify import (
    ClassificationStudy,
    Classifier,
    FittedClassifier,
    NetworkComparison,
    NetworkComparisonStudy,
    NetworkSearch,
    NetworkSearchStudy,
    NetworkSpeed,
    NetworkSpeedStudy,
)
from gazo.learn.denoise import FittedNoiseNetwork, NoiseNetwork, NoiseReductionStudy
from gazo.learn.estimate import (
    FittedRegressor,
    FittedSuperResolver,
    RegressionStudy,
    Regressor,
    SuperResolutionStudy,
    SuperResolver,
    cubic_resize,
)
from gazo.learn.losses import cross_entropy, mean_squared_error, perceptual_loss
from gazo.learn.mtann import FittedMTANN, MassiveTraining
from gazo.learn.protocol import Protocol
from gazo.learn.saved import load
from gazo.learn.segment import ClassicalLungs, FittedSegmenter, SegmentationStudy, Segmenter
from gazo.learn.teaching import DecisionBoundary, VanishingGradient, decision_boundary, vanishing_gradient

__all__ = [
    "ClassicalLungs",
    "ClassificationStudy",
    "Classifier",
    "DecisionBoundary",
    "FittedClassifier",
    "FittedMTANN",
    "FittedNoiseNetwork",
    "FittedRegressor",
    "FittedSegmenter",
    "FittedSuperResolver",
    "MassiveTraining",
    "NetworkComparison",
    "NetworkComparisonStudy",
    "NetworkSearch",
    "NetworkSearchStudy",
    "NetworkSpeed",
    "NetworkSpeedStudy",
    "NoiseNetwork",
    "NoiseReductionStudy",
    "Protocol",
    "RegressionStudy",
    "Regressor",
    "SegmentationStudy",
    "Segmenter",
    "SuperResolutionStudy",
    "SuperResolver",
    "VanishingGradient",
    "cross_entropy",
    "cubic_resize",
    "decision_boundary",
    "load",
    "mean_squared_error",
    "perceptual_loss",
    "vanishing_gradient",
]
