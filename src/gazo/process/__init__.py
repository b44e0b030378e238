"""Floor 1: processing of radiographs. An image in, an image out."""

from gazo.process.bilateral import bilateral
from gazo.process.clahe import clahe
from gazo.process.contralateral import ContralateralSubtraction, contralateral_subtraction
from gazo.process.difference import Difference, difference_image
from gazo.process.dose_reduction import simulate_dose_reduction
from gazo.process.dual_energy import DualEnergySubtraction, dual_energy_subtraction
from gazo.process.dynamic_range import Compressed, dynamic_range_compression
from gazo.process.edges import EdgeLeak, edge_leak
from gazo.process.enhance.directional_contrast import directional_contrast
from gazo.process.enhance.double_ring import double_ring_filter
from gazo.process.enhance.gabor import GaborBank, gabor_bank
from gazo.process.enhance.iris import iris_filter
from gazo.process.enhance.shape_index import ShapeIndex, shape_index
from gazo.process.enhance.vesselness import vesselness
from gazo.process.filters import gaussian, guided, non_local_means, otsu, wavelet_denoise
from gazo.process.flat_field import find_defects, flat_field_correct
from gazo.process.gradation import gradation
from gazo.process.grid_factors import GridFactors, grid_factors
from gazo.process.grid_lines import GridLines, suppress_grid_lines
from gazo.process.gsdf import gsdf_jnd, gsdf_luminance, presentation_lut
from gazo.process.median import median
from gazo.process.multi_frequency import multi_frequency_processing
from gazo.process.musica import musica
from gazo.process.noise_control import NoiseReduced, flexible_noise_control
from gazo.process.projection import identify_projection
from gazo.process.template_matching import template_matching
from gazo.process.template_scores import TemplateScores
from gazo.process.temporal import TemporalSubtraction, temporal_subtraction
from gazo.process.unsharp import unsharp_mask
from gazo.process.virtual_grid import VirtualGrid, virtual_grid
from gazo.process.voi import apply_voi_lut

__all__ = [
    "Compressed",
    "ContralateralSubtraction",
    "Difference",
    "DualEnergySubtraction",
    "EdgeLeak",
    "GaborBank",
    "GridFactors",
    "GridLines",
    "NoiseReduced",
    "ShapeIndex",
    "TemplateScores",
    "TemporalSubtraction",
    "VirtualGrid",
    "apply_voi_lut",
    "bilateral",
    "clahe",
    "contralateral_subtraction",
    "difference_image",
    "directional_contrast",
    "double_ring_filter",
    "dual_energy_subtraction",
    "dynamic_range_compression",
    "edge_leak",
    "find_defects",
    "flat_field_correct",
    "flexible_noise_control",
    "gabor_bank",
    "gaussian",
    "gradation",
    "grid_factors",
    "gsdf_jnd",
    "gsdf_luminance",
    "guided",
    "identify_projection",
    "iris_filter",
    "median",
    "multi_frequency_processing",
    "musica",
    "non_local_means",
    "otsu",
    "presentation_lut",
    "shape_index",
    "simulate_dose_reduction",
    "suppress_grid_lines",
    "template_matching",
    "temporal_subtraction",
    "unsharp_mask",
    "vesselness",
    "virtual_grid",
    "wavelet_denoise",
]
