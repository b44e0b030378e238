"""Floor 3: the loop, checkpoints, augmentation, weights."""

from gazo.training.augment import Augmentation, implausible
from gazo.training.userfile import load_user_network
from gazo.training.weights import load_weights

__all__ = ["Augmentation", "implausible", "load_user_network", "load_weights"]
