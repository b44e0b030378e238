"""The numbers and formulas of scatter that the virtual grid and the scatter phantom share.

Sc(x) = integral over y of P(y) SPR(T(y)) k_T(y)(|x - y|): the primary P behind a body of thickness T sends SPR(T) times itself
into a kernel k that widens with T (convolution model: Love & Kruger, Med Phys 1987; 14: 178; Seibert & Boone, Med Phys 1988;
15: 567).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Computed with SpekPy 2.5.4, tungsten target, 12 degrees, 3.0 mm Al in all, air kerma: kV, yield in uGy/mAs at 1 m, and
# -ln(transmission of 150 mm water)/150 mm in 1/mm (primary only).
BEAMS = np.array(
    [
        (40, 14.37, 0.03935),
        (50, 26.70, 0.03413),
        (60, 40.31, 0.03118),
        (70, 54.64, 0.02920),
        (80, 70.20, 0.02761),
        (90, 86.93, 0.02633),
        (100, 104.6, 0.02531),
        (110, 123.3, 0.02445),
        (120, 142.3, 0.02373),
        (130, 162.0, 0.02310),
        (140, 182.7, 0.02253),
        (150, 203.8, 0.02202),
    ]
)
# Scale lengths of radial exponentials. Love & Kruger (1987) [abstract]: FWHM of 50 to 150 pixels of 512; on a 350 mm field
# and with FWHM = 2 ln 2 x scale that is about 25 to 75 mm.
NARROW_MM, WIDE_MM = 25.0, 75.0
WIDEST_AT_MM = 300.0
# Chosen: a scatter fraction of 0.7 behind 200 mm of water in a full field. Bedside chest radiographs: mean scatter to primary
# 2.33 (Baydush & Floyd, Med Phys [abstract]).
SPR_AT_200_MM = 2.0
SPR_POWER = 1.2  # chosen: scatter grows a little faster than thickness


def yield_ugy_per_mas(kv: float) -> float:
    """Air kerma (uGy) of 1 mAs at 1 m; interpolated in `BEAMS`. Measure your own tube where it counts."""
    return float(np.interp(kv, BEAMS[:, 0], BEAMS[:, 1]))


def water_mu_per_mm(kv: float) -> float:
    """Mean attenuation (1/mm) of the primary beam in 150 mm of water; interpolated in `BEAMS`."""
    return float(np.interp(kv, BEAMS[:, 0], BEAMS[:, 2]))


def scatter_to_primary(thickness_mm: NDArray[Any], at_200_mm: float) -> NDArray[Any]:
    """SPR(T) = at_200_mm (T / 200 mm)^1.2 of the body that a primary ray passes."""
    return at_200_mm * (thickness_mm / 200.0) ** SPR_POWER


def wide_share(thickness_mm: NDArray[Any]) -> NDArray[Any]:
    """Share of the wide kernel: rises in proportion to the thickness up to 1 at `WIDEST_AT_MM`."""
    return np.minimum(thickness_mm / WIDEST_AT_MM, 1.0)


def exponential_kernel(distance_mm: NDArray[Any], scale_mm: float) -> NDArray[Any]:
    """k(r) = exp(-r / L) / (2 pi L^2) in 1/mm2; its integral over the plane is 1, its FWHM 2 L ln 2."""
    return np.exp(-distance_mm / scale_mm) / (2 * np.pi * scale_mm**2)
