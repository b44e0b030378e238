"""Floor 1: statistics of studies. Arrays in, results out."""

from gazo.stats.agreement import BlandAltman, bland_altman, concordance, linear_calibration
from gazo.stats.auc import RocCurve, auc, compare_aucs, roc_curve
from gazo.stats.average_precision import DetectionPrecision, average_precision
from gazo.stats.bootstrap import bootstrap, paired_bootstrap
from gazo.stats.calibration import BrierParts, Reliability, calibration, reliability, temperature
from gazo.stats.classification import classification_metrics
from gazo.stats.confusion import Confusion, confusion
from gazo.stats.detections import Found, iou
from gazo.stats.froc import FrocCurve, compare_frocs, froc_curve
from gazo.stats.intraclass import IntraclassCorrelation, intraclass_correlation
from gazo.stats.operating import partial_auc, sensitivity_at, youden_threshold
from gazo.stats.paired import PairedComparison
from gazo.stats.planning import (
    expected_auc,
    expected_auc_width,
    expected_proportion,
    expected_proportion_width,
    hanley_mcneil_se,
    patients_for_auc_width,
    patients_for_proportion_width,
)
from gazo.stats.precision_recall import PrecisionRecallCurve, precision_recall_curve
from gazo.stats.proportions import PairedTest, mcnemar, proportion, share_of
from gazo.stats.risk_coverage import RiskCoverage, risk_coverage

__all__ = [
    "BlandAltman",
    "BrierParts",
    "Confusion",
    "DetectionPrecision",
    "Found",
    "FrocCurve",
    "IntraclassCorrelation",
    "PairedComparison",
    "PairedTest",
    "PrecisionRecallCurve",
    "Reliability",
    "RiskCoverage",
    "RocCurve",
    "auc",
    "average_precision",
    "bland_altman",
    "bootstrap",
    "calibration",
    "classification_metrics",
    "compare_aucs",
    "compare_frocs",
    "concordance",
    "confusion",
    "expected_auc",
    "expected_auc_width",
    "expected_proportion",
    "expected_proportion_width",
    "froc_curve",
    "hanley_mcneil_se",
    "intraclass_correlation",
    "iou",
    "linear_calibration",
    "mcnemar",
    "paired_bootstrap",
    "partial_auc",
    "patients_for_auc_width",
    "patients_for_proportion_width",
    "precision_recall_curve",
    "proportion",
    "reliability",
    "risk_coverage",
    "roc_curve",
    "sensitivity_at",
    "share_of",
    "temperature",
    "youden_threshold",
]
