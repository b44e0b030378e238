"""Radiomics: numbers that describe a region of an image (IBSI 1 features)."""

from __future__ import annotations

from gazo.radiomics.classify_features import FeatureClassification, classify_features
from gazo.radiomics.combat import ComBat, FittedComBat
from gazo.radiomics.cox_lasso import CoxLasso, LassoPath
from gazo.radiomics.decision_curve import DecisionCurves, decision_curve, net_benefit
from gazo.radiomics.deep_cox import DeepCox
from gazo.radiomics.extract import FeatureTable, extract
from gazo.radiomics.feature_columns import FeatureCases, feature_cases
from gazo.radiomics.feature_recipe import FeatureRecipe
from gazo.radiomics.features import FeatureSet, features
from gazo.radiomics.filters.gabor import gabor
from gazo.radiomics.filters.laplacian import laplacian_of_gaussian
from gazo.radiomics.filters.laws import laws
from gazo.radiomics.filters.mean import mean_filter
from gazo.radiomics.filters.simoncelli import simoncelli
from gazo.radiomics.filters.wavelets import separable_wavelet
from gazo.radiomics.harmonise import HarmonisedFeatures, harmonise
from gazo.radiomics.leak_demonstration import LeakDemonstration, leak_demonstration
from gazo.radiomics.longitudinal import LongitudinalComparison, Trajectories, longitudinal
from gazo.radiomics.mixed_model import MixedModel, fit_mixed
from gazo.radiomics.mrmr import minimum_redundancy
from gazo.radiomics.nested_cv import nested_cross_validation
from gazo.radiomics.nomogram import Nomogram, nomogram, point_scale
from gazo.radiomics.prognosis import Prognosis, prognosis
from gazo.radiomics.prognosis_folds import prognosis_folds
from gazo.radiomics.quality_score import QualityScore, quality_score
from gazo.radiomics.redundancy import redundant_groups
from gazo.radiomics.select_features import FeatureSelection, select_features
from gazo.radiomics.settings import PRESETS, Settings
from gazo.radiomics.similar_cases import SimilarCases, similar_cases
from gazo.radiomics.slopes import Series, SlopeComparison, compare_slopes
from gazo.radiomics.stability import FeatureStability, feature_agreement, stability
from gazo.radiomics.survival_forest import SurvivalForest
from gazo.radiomics.values import feature_values

__all__ = [
    "PRESETS",
    "ComBat",
    "CoxLasso",
    "DecisionCurves",
    "DeepCox",
    "FeatureCases",
    "FeatureClassification",
    "FeatureRecipe",
    "FeatureSelection",
    "FeatureSet",
    "FeatureStability",
    "FeatureTable",
    "FittedComBat",
    "HarmonisedFeatures",
    "LassoPath",
    "LeakDemonstration",
    "LongitudinalComparison",
    "MixedModel",
    "Nomogram",
    "Prognosis",
    "QualityScore",
    "Series",
    "Settings",
    "SimilarCases",
    "SlopeComparison",
    "SurvivalForest",
    "Trajectories",
    "classify_features",
    "compare_slopes",
    "decision_curve",
    "extract",
    "feature_agreement",
    "feature_cases",
    "feature_values",
    "features",
    "fit_mixed",
    "gabor",
    "harmonise",
    "laplacian_of_gaussian",
    "laws",
    "leak_demonstration",
    "longitudinal",
    "mean_filter",
    "minimum_redundancy",
    "nested_cross_validation",
    "net_benefit",
    "nomogram",
    "point_scale",
    "prognosis",
    "prognosis_folds",
    "quality_score",
    "redundant_groups",
    "select_features",
    "separable_wavelet",
    "similar_cases",
    "simoncelli",
    "stability",
]
