"""Floor 2: simulators with known truth."""

from gazo.phantoms.abdomen import AbdominalCT, abdominal_ct, abdominal_images
from gazo.phantoms.anatomy import Body, Pose, draw_body, draw_pose
from gazo.phantoms.atrophy import atrophied_volume, atrophy_table
from gazo.phantoms.attenuation import EFFECTIVE_ENERGY_KEV, MU_PER_MM, line_integral, transmission
from gazo.phantoms.back_scatter import BackScatterPair, back_scatter_pair
from gazo.phantoms.calcifications import calcification_images, microaneurysm_images
from gazo.phantoms.chest import ChestRadiograph, Exposure, chest_radiograph, expose
from gazo.phantoms.dual_energy import DualEnergyChest, dual_energy_phantom
from gazo.phantoms.exposed_chest import ExposedChest, exposed_chest
from gazo.phantoms.exposure_delay import DelayTraces, exposure_delay_traces
from gazo.phantoms.feature_table import SimulatedFeatures, feature_table
from gazo.phantoms.flat_panel import DetectorExposure, simulate_detector
from gazo.phantoms.lateral import lateral_chest
from gazo.phantoms.nodules import Nodule
from gazo.phantoms.noise_fields import NoiseField, noise_field
from gazo.phantoms.pair import ChestPair, chest_pair
from gazo.phantoms.raw_panel import RawPanel, raw_panel
from gazo.phantoms.reader_study import SimulatedStudy, free_response_study, rating_study
from gazo.phantoms.scatter import ScatterPhantom, scatter_phantom
from gazo.phantoms.study import ChestLoader, chest_images, chest_study
from gazo.phantoms.survival_table import SimulatedSurvival, survival_table
from gazo.phantoms.symmetric import SymmetricChest, symmetric_chest

__all__ = [
    "EFFECTIVE_ENERGY_KEV",
    "MU_PER_MM",
    "AbdominalCT",
    "BackScatterPair",
    "Body",
    "ChestLoader",
    "ChestPair",
    "ChestRadiograph",
    "DelayTraces",
    "DetectorExposure",
    "DualEnergyChest",
    "ExposedChest",
    "Exposure",
    "Nodule",
    "NoiseField",
    "Pose",
    "RawPanel",
    "ScatterPhantom",
    "SimulatedFeatures",
    "SimulatedStudy",
    "SimulatedSurvival",
    "SymmetricChest",
    "abdominal_ct",
    "abdominal_images",
    "atrophied_volume",
    "atrophy_table",
    "back_scatter_pair",
    "calcification_images",
    "chest_images",
    "chest_pair",
    "chest_radiograph",
    "chest_study",
    "draw_body",
    "draw_pose",
    "dual_energy_phantom",
    "expose",
    "exposed_chest",
    "exposure_delay_traces",
    "feature_table",
    "free_response_study",
    "lateral_chest",
    "line_integral",
    "microaneurysm_images",
    "noise_field",
    "rating_study",
    "raw_panel",
    "scatter_phantom",
    "simulate_detector",
    "survival_table",
    "symmetric_chest",
    "transmission",
]
