"""Noise reduction by networks that predict the noise."""

from gazo.learn.denoise.fitted import FittedNoiseNetwork, Restored, load
from gazo.learn.denoise.noise import NoiseModel, noise_level
from gazo.learn.denoise.noise_network import NoiseNetwork
from gazo.learn.denoise.results import NoiseReductionStudy

__all__ = ["FittedNoiseNetwork", "NoiseModel", "NoiseNetwork", "NoiseReductionStudy", "Restored", "load", "noise_level"]
