"""Detection: lesions are found and framed."""

from gazo.learn.detect.compare import DetectorComparison, detectors_compared
from gazo.learn.detect.fast_rcnn import FastRCNN
from gazo.learn.detect.faster_rcnn import FasterRCNN
from gazo.learn.detect.fitted import FittedDetector, load
from gazo.learn.detect.one_stage import OneStage
from gazo.learn.detect.r_cnn import RCNN
from gazo.learn.detect.results import DetectionStudy
from gazo.learn.detect.selective_search import selective_search
from gazo.learn.detect.side_by_side import DetectorComparisonStudy

__all__ = [
    "RCNN",
    "DetectionStudy",
    "DetectorComparison",
    "DetectorComparisonStudy",
    "FastRCNN",
    "FasterRCNN",
    "FittedDetector",
    "OneStage",
    "detectors_compared",
    "load",
    "selective_search",
]
