"""The massive-training artificial neural network (MTANN)."""

from gazo.learn.mtann.fitted import FittedMTANN, load
from gazo.learn.mtann.massive_training import MassiveTraining

__all__ = ["FittedMTANN", "MassiveTraining", "load"]
