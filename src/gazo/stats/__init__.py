"""Floor 1: statistics of studies. Arrays in, results out."""

from gazo.stats.agreement import BlandAltman, bland_altman, concordance, linear_calibration
from gazo.stats.agreement_study import BlandAltmanStudy, IntraclassStudy, intraclass, limits_of_agreement
from gazo.stats.auc import RocCurve, auc, compare_aucs, roc_curve
from gazo.stats.average_precision import DetectionPrecision, average_precision
from gazo.stats.binormal import BinormalFit, binormal_fit
from gazo.stats.bootstrap import bootstrap, paired_bootstrap
from gazo.stats.cad_vs_readers import AgainstReaders, cad_vs_readers
from gazo.stats.calibration import BrierParts, Reliability, calibration, reliability, temperature
from gazo.stats.classification import classification_metrics
from gazo.stats.compare_study import PairedAreas, compare
from gazo.stats.confusion import Confusion, confusion
from gazo.stats.contaminated_binormal import ContaminatedBinormalFit, contaminated_binormal_fit
from gazo.stats.detections import Found, iou
from gazo.stats.free_response import FreeResponseAnalysis, froc
from gazo.stats.froc import FrocCurve, compare_frocs, froc_curve
from gazo.stats.intraclass import IntraclassCorrelation, intraclass_correlation
from gazo.stats.kappa import Kappa, kappa
from gazo.stats.labroc_legacy import LegacyFit, labroc_legacy
from gazo.stats.lroc import LocalizationAnalysis, lroc
from gazo.stats.mrmc import MultiReaderAnalysis, mrmc
from gazo.stats.mrmc_power import PilotComponents, StudySize, mrmc_cases, mrmc_power, power, reader_study_size
from gazo.stats.normalised_rank import NormalisedRank, normalised_rank
from gazo.stats.operating import partial_auc, sensitivity_at, youden_threshold
from gazo.stats.paired import PairedComparison
from gazo.stats.paired_scaling import PairedScaling, paired_scaling
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
from gazo.stats.preference import Preference, preference
from gazo.stats.proper_binormal import ProperBinormalFit, proper_binormal_fit
from gazo.stats.proportions import PairedTest, mcnemar, proportion, share_of
from gazo.stats.risk_coverage import RiskCoverage, risk_coverage
from gazo.stats.roc_study import RocAnalysis, roc
from gazo.stats.scheffe import Scheffe, scheffe
from gazo.stats.small.adjust import AdjustedP, adjust_p
from gazo.stats.small.compare_categories import CategoryComparison, compare_categories
from gazo.stats.small.compare_groups import GroupComparison, compare_groups
from gazo.stats.small.correlation import Correlation, correlate
from gazo.stats.small.study_size import PatientsNeeded, study_size
from gazo.stats.small.table_one import TableOne, table_one
from gazo.stats.small.what_to_do import Proposal, what_to_do
from gazo.stats.survival.agreement import SurvivalAgreement, survival_agreement
from gazo.stats.survival.concordance import compare_concordance, survival_concordance
from gazo.stats.survival.cox import CoxModel, cox_model
from gazo.stats.survival.cox_study import CoxStudy, cox
from gazo.stats.survival.kaplan_meier import SurvivalCurve, kaplan_meier_curve
from gazo.stats.survival.kaplan_meier_study import KaplanMeierStudy, kaplan_meier
from gazo.stats.survival.log_rank import LogRank, log_rank, log_rank_pairs, log_rank_trend
from gazo.stats.survival.scores import BrierCurve, SurvivalCalibration, survival_auc, survival_brier, survival_calibration
from gazo.stats.survival.zph import ProportionalHazards, proportional_hazards
from gazo.stats.visual_grading import VisualGrading, visual_grading
from gazo.stats.visual_grading_regression import VisualGradingRegression, visual_grading_regression

__all__ = [
    "AdjustedP",
    "AgainstReaders",
    "BinormalFit",
    "BlandAltman",
    "BlandAltmanStudy",
    "BrierCurve",
    "BrierParts",
    "CategoryComparison",
    "Confusion",
    "ContaminatedBinormalFit",
    "Correlation",
    "CoxModel",
    "CoxStudy",
    "DetectionPrecision",
    "Found",
    "FreeResponseAnalysis",
    "FrocCurve",
    "GroupComparison",
    "IntraclassCorrelation",
    "IntraclassStudy",
    "KaplanMeierStudy",
    "Kappa",
    "LegacyFit",
    "LocalizationAnalysis",
    "LogRank",
    "MultiReaderAnalysis",
    "NormalisedRank",
    "PairedAreas",
    "PairedComparison",
    "PairedScaling",
    "PairedTest",
    "PatientsNeeded",
    "PilotComponents",
    "PrecisionRecallCurve",
    "Preference",
    "ProperBinormalFit",
    "ProportionalHazards",
    "Proposal",
    "Reliability",
    "RiskCoverage",
    "RocAnalysis",
    "RocCurve",
    "Scheffe",
    "StudySize",
    "SurvivalAgreement",
    "SurvivalCalibration",
    "SurvivalCurve",
    "TableOne",
    "VisualGrading",
    "VisualGradingRegression",
    "adjust_p",
    "auc",
    "average_precision",
    "binormal_fit",
    "bland_altman",
    "bootstrap",
    "cad_vs_readers",
    "calibration",
    "classification_metrics",
    "compare",
    "compare_aucs",
    "compare_categories",
    "compare_concordance",
    "compare_frocs",
    "compare_groups",
    "concordance",
    "confusion",
    "contaminated_binormal_fit",
    "correlate",
    "cox",
    "cox_model",
    "expected_auc",
    "expected_auc_width",
    "expected_proportion",
    "expected_proportion_width",
    "froc",
    "froc_curve",
    "hanley_mcneil_se",
    "intraclass",
    "intraclass_correlation",
    "iou",
    "kaplan_meier",
    "kaplan_meier_curve",
    "kappa",
    "labroc_legacy",
    "limits_of_agreement",
    "linear_calibration",
    "log_rank",
    "log_rank_pairs",
    "log_rank_trend",
    "lroc",
    "mcnemar",
    "mrmc",
    "mrmc_cases",
    "mrmc_power",
    "normalised_rank",
    "paired_bootstrap",
    "paired_scaling",
    "partial_auc",
    "patients_for_auc_width",
    "patients_for_proportion_width",
    "power",
    "precision_recall_curve",
    "preference",
    "proper_binormal_fit",
    "proportion",
    "proportional_hazards",
    "reader_study_size",
    "reliability",
    "risk_coverage",
    "roc",
    "roc_curve",
    "scheffe",
    "sensitivity_at",
    "share_of",
    "study_size",
    "survival_agreement",
    "survival_auc",
    "survival_brier",
    "survival_calibration",
    "survival_concordance",
    "table_one",
    "temperature",
    "visual_grading",
    "visual_grading_regression",
    "what_to_do",
    "youden_threshold",
]
