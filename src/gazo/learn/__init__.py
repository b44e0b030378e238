"""Floor 4: methods that learn."""

from gazo.learn.blanking import widened
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
from gazo.learn.detect import (
    RCNN,
    DetectionStudy,
    DetectorComparison,
    DetectorComparisonStudy,
    FasterRCNN,
    FastRCNN,
    FittedDetector,
    OneStage,
    selective_search,
)
from gazo.learn.estimate import (
    FittedRegressor,
    FittedSuperResolver,
    RegressionStudy,
    Regressor,
    SuperResolutionStudy,
    SuperResolver,
    cubic_resize,
)
from gazo.learn.explain import heat_map
from gazo.learn.losses import (
    affinity_loss,
    cross_entropy,
    focal_loss,
    mean_squared_error,
    perceptual_loss,
    spread_of_centres,
)
from gazo.learn.mtann import FittedMTANN, MassiveTraining
from gazo.learn.protocol import Protocol
from gazo.learn.remedies import class_balanced_weights, class_weights
from gazo.learn.saved import load
from gazo.learn.segment import ClassicalLungs, FittedSegmenter, SegmentationStudy, Segmenter
from gazo.learn.teaching import DecisionBoundary, VanishingGradient, decision_boundary, vanishing_gradient
from gazo.learn.uncertainty import spread, uncertainty_of

__all__ = [
    "RCNN",
    "ClassicalLungs",
    "ClassificationStudy",
    "Classifier",
    "DecisionBoundary",
    "DetectionStudy",
    "DetectorComparison",
    "DetectorComparisonStudy",
    "FastRCNN",
    "FasterRCNN",
    "FittedClassifier",
    "FittedDetector",
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
    "OneStage",
    "Protocol",
    "RegressionStudy",
    "Regressor",
    "SegmentationStudy",
    "Segmenter",
    "SuperResolutionStudy",
    "SuperResolver",
    "VanishingGradient",
    "affinity_loss",
    "class_balanced_weights",
    "class_weights",
    "cross_entropy",
    "cubic_resize",
    "decision_boundary",
    "focal_loss",
    "heat_map",
    "load",
    "mean_squared_error",
    "perceptual_loss",
    "selective_search",
    "spread",
    "spread_of_centres",
    "uncertainty_of",
    "vanishing_gradient",
    "widened",
]
