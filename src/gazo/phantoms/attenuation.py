"""How strongly tissues weaken x rays of one effective energy, and Beer-Lambert's law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Maps = Mapping[str, NDArray[np.float32]]

EFFECTIVE_ENERGY_KEV = 60.0

# Mass attenuation coefficient (cm2/g) at 60 keV x density (g/cm3) of ICRU-44 tissues: Hubbell & Seltzer, NIST
# Standard Reference Database 126 (2004), table 4. 60 keV stands for a 110-130 kV chest beam behind the patient's skin.
# The density of lung is that of ICRU-44 lung filled with air.
MU_PER_MM: Mapping[str, float] = {
    "soft": 0.2048 * 1.06 / 10,
    "adipose": 0.1974 * 0.95 / 10,
    "lung": 0.2053 * 0.26 / 10,
    "bone": 0.3148 * 1.92 / 10,
}


def line_integral(thickness_mm: Maps) -> NDArray[np.float32]:
    """Sum of mu t over the tissues in `MU_PER_MM`; other names are refused with a KeyError."""
    parts = [np.float32(MU_PER_MM[tissue]) * np.asarray(t, np.float32) for tissue, t in thickness_mm.items()]
    total: NDArray[Any] = np.sum(parts, axis=0, dtype=np.float32)
    return total


def transmission(thickness_mm: Maps) -> NDArray[np.float32]:
    """Beer-Lambert: I / I0 = exp(-sum mu t), for photons of `EFFECTIVE_ENERGY_KEV` and without scatter."""
    through: NDArray[np.float32] = np.exp(-line_integral(thickness_mm))
    return through
