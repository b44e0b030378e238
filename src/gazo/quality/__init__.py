"""Floor 1: physical image quality. Images in, measurements out."""

from gazo.quality.back_scatter import BackScatter, back_scatter
from gazo.quality.calibration_methods import CalibrationComparison, compare_calibrations
from gazo.quality.compare_curves import CurveComparison, compare_curves
from gazo.quality.conversion import ConversionFunction, conversion_function, linearize
from gazo.quality.ct_rois import CtRoiStatistics, CtUniformity, ct_roi_statistics, ct_uniformity
from gazo.quality.dark_level import DarkLevel, dark_level
from gazo.quality.defects import DetectorDefects, defect_map, detector_defects
from gazo.quality.detectability import Detectability, detectability_index
from gazo.quality.detector_results import DetectorSession
from gazo.quality.detector_session import detector
from gazo.quality.dose import DrlComparison, EntranceAirKerma, drl_compare, drl_table, entrance_air_kerma
from gazo.quality.dqe import DQE, NEQ, dqe, neq
from gazo.quality.exposed_region import ExposedRegion, find_exposed_region
from gazo.quality.exposure_delay import ExposureDelay, ExposureOnset, exposure_delay, exposure_onset
from gazo.quality.exposure_index import DeviationIndex, ExposureIndex, deviation_index, exposure_index
from gazo.quality.lag import Lag, LagIec, lag, lag_iec
from gazo.quality.mr_phantom import MrSignalToNoise, MrUniformity, mr_snr, mr_uniformity
from gazo.quality.mtf_circular_edge import TTF, mtf_circular_edge
from gazo.quality.mtf_edge import mtf_edge
from gazo.quality.mtf_results import MTF, EdgeMTF
from gazo.quality.nnps import nnps
from gazo.quality.noise_components import (
    NoiseComponents,
    NoiseComponentsByFrequency,
    noise_components,
    noise_components_by_frequency,
)
from gazo.quality.nps_ct import ct_nps, ct_nps_3d
from gazo.quality.nps_iec import nps_iec
from gazo.quality.nps_results import (
    CtNoise,
    DimensionCheck,
    NoisePowerSpectrum,
    SpectrumSection,
    WienerSpectrum1D,
    WienerSpectrum2D,
    WienerSpectrum3D,
)
from gazo.quality.signal_noise import ContrastToNoise, Rose, SignalToNoise, cnr, rose_k, snr
from gazo.quality.slit import mtf_slit
from gazo.quality.snr_in2 import SnrIn2, snr_in2_from_spectrum
from gazo.quality.uniformity import Uniformity, uniformity
from gazo.quality.wiener_1d import wiener_spectrum_1d
from gazo.quality.wiener_2d import wiener_spectrum_2d
from gazo.quality.wiener_3d import wiener_spectrum_3d
from gazo.quality.wiener_check import wiener_dimension_check
from gazo.quality.wiener_dft import spectrum_of_dft
from gazo.quality.wiener_sections import central_section, integrate_section, radial_nps
from gazo.quality.wire import mtf_point, mtf_wire

__all__ = [
    "DQE",
    "MTF",
    "NEQ",
    "TTF",
    "BackScatter",
    "CalibrationComparison",
    "ContrastToNoise",
    "ConversionFunction",
    "CtNoise",
    "CtRoiStatistics",
    "CtUniformity",
    "CurveComparison",
    "DarkLevel",
    "Detectability",
    "DetectorDefects",
    "DetectorSession",
    "DeviationIndex",
    "DimensionCheck",
    "DrlComparison",
    "EdgeMTF",
    "EntranceAirKerma",
    "ExposedRegion",
    "ExposureDelay",
    "ExposureIndex",
    "ExposureOnset",
    "Lag",
    "LagIec",
    "MrSignalToNoise",
    "MrUniformity",
    "NoiseComponents",
    "NoiseComponentsByFrequency",
    "NoisePowerSpectrum",
    "Rose",
    "SignalToNoise",
    "SnrIn2",
    "SpectrumSection",
    "Uniformity",
    "WienerSpectrum1D",
    "WienerSpectrum2D",
    "WienerSpectrum3D",
    "back_scatter",
    "central_section",
    "cnr",
    "compare_calibrations",
    "compare_curves",
    "conversion_function",
    "ct_nps",
    "ct_nps_3d",
    "ct_roi_statistics",
    "ct_uniformity",
    "dark_level",
    "defect_map",
    "detectability_index",
    "detector",
    "detector_defects",
    "deviation_index",
    "dqe",
    "drl_compare",
    "drl_table",
    "entrance_air_kerma",
    "exposure_delay",
    "exposure_index",
    "exposure_onset",
    "find_exposed_region",
    "integrate_section",
    "lag",
    "lag_iec",
    "linearize",
    "mr_snr",
    "mr_uniformity",
    "mtf_circular_edge",
    "mtf_edge",
    "mtf_point",
    "mtf_slit",
    "mtf_wire",
    "neq",
    "nnps",
    "noise_components",
    "noise_components_by_frequency",
    "nps_iec",
    "radial_nps",
    "rose_k",
    "snr",
    "snr_in2_from_spectrum",
    "spectrum_of_dft",
    "uniformity",
    "wiener_dimension_check",
    "wiener_spectrum_1d",
    "wiener_spectrum_2d",
    "wiener_spectrum_3d",
]
