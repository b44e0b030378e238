"""Detection: lesions are found and framed."""

from gazo.learn.detect.cad_combined import CombinedDetector
from gazo.learn.detect.cad_features import FeatureDetector
from gazo.learn.detect.cad_fitted import FittedSpots
from gazo.learn.detect.candidates import candidates_in
from gazo.learn.detect.compare import DetectorComparison, detectors_compared
from gazo.learn.detect.dense import dense_map, patch_scores
from gazo.learn.detect.fast_rcnn import FastRCNN
from gazo.learn.detect.faster_rcnn import FasterRCNN
from gazo.learn.detect.features48 import features_at
from gazo.learn.detect.fitted import FittedDetector, load
from gazo.learn.detect.losses import box_loss, class_loss, proposal_loss, smooth_l1
from gazo.learn.detect.one_stage import OneStage
from gazo.learn.detect.patch_detector import PatchDetector
from gazo.learn.detect.patch_feed import PatchFeed
from gazo.learn.detect.r_cnn import RCNN
from gazo.learn.detect.results import DetectionStudy
from gazo.learn.detect.selective_search import selective_search
from gazo.learn.detect.side_by_side import DetectorComparisonStudy

__all__ = [
    "RCNN",
    "CombinedDetector",
    "DetectionStudy",
    "DetectorComparison",
    "DetectorComparisonStudy",
    "FastRCNN",
    "FasterRCNN",
    "FeatureDetector",
    "FittedDetector",
    "FittedSpots",
    "OneStage",
    "PatchDetector",
    "PatchFeed",
    "box_loss",
    "candidates_in",
    "class_loss",
    "dense_map",
    "detectors_compared",
    "features_at",
    "load",
    "patch_scores",
    "proposal_loss",
    "selective_search",
    "smooth_l1",
]
