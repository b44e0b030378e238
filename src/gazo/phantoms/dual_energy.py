"""A chest of two materials, soft tissue and bone, exposed at two energies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.phantoms.anatomy import Sex, draw_body, draw_pose
from gazo.phantoms.chest import Blur, Clutter, Diameter, FieldMm, ScatterRatio, SizePx, thicknesses
from gazo.phantoms.lines import FINER, PairQuanta, Raw, pooled, radiograph
from gazo.phantoms.nodules import chord, draw_spot, lung_field, placed
from gazo.phantoms.organs import Grid

# Mass attenuation coefficient (cm2/g) x density (g/cm3) of ICRU-44 soft tissue and cortical bone: Hubbell & Seltzer, NIST
# Standard Reference Database 126 (2004), table 4. 80 keV stands for 120 kV with a copper filter, 40 keV for 60 kV.
HIGH_KEV, LOW_KEV = 80.0, 40.0
MU_HIGH_PER_MM: Mapping[str, float] = {"soft": 0.1823 * 1.06 / 10, "bone": 0.2229 * 1.92 / 10}
MU_LOW_PER_MM: Mapping[str, float] = {"soft": 0.2688 * 1.06 / 10, "bone": 0.6655 * 1.92 / 10}


@dataclass(frozen=True, eq=False)
class DualEnergyChest:
    """Two radiographs of one moment and what they are made of.

    image : the high-energy radiograph. low : the low-energy one.
    soft, bone, nodule : mu t at the high energy of soft tissue (with the nodule), of bone, and of the nodule's surplus alone;
        mean over each pixel, without blur. The two first sum up to the noiseless log exposure of `image` but for blur.
    lungs : mask of the lung field.
    """

    image: Image
    low: Image
    soft: Image
    bone: Image
    nodule: Image
    lungs: Image


@operation("二重エネルギー胸部ファントム", "Dual-energy chest phantom")
def dual_energy_phantom(
    *,
    rng: np.random.Generator,
    size_px: SizePx = 512,
    field_mm: FieldMm = 400.0,
    sex: Annotated[Sex, Label("性別", "Sex")] = "F",
    nodules: Annotated[int, Ge(0), Le(5), Label("結節の数", "Number of nodules")] = 1,
    nodule_diameter_mm: Diameter = 15.0,
    quanta_per_pixel: PairQuanta = 200_000.0,
    scatter_to_primary: ScatterRatio = 0.0,
    blur_mm: Blur = 0.4,
    clutter: Clutter = 1.0,
    output: Annotated[Raw, Label("出力", "Output")] = "log exposure",
) -> DualEnergyChest:
    """Monochromatic radiographs at 80 and 40 keV without motion between them; fat and lung count as thinner soft tissue.

    Parameters
    ----------
    rng : draws body, position, nodules and noise (high energy first), in this order.
    quanta_per_pixel : in the open beam of each exposure.
    scatter_to_primary : of both exposures; scatter breaks the law that dual-energy subtraction rests on.
    """
    grid = Grid(draw_body(rng, sex), draw_pose(rng, "PA"), size_px * FINER, field_mm)
    soft, tissues, _ = thicknesses(grid, (), clutter)
    bone = tissues["bone"]
    flesh = tissues["soft"] + np.float32(0.95 / 1.06) * tissues["adipose"] + np.float32(0.26 / 1.06) * tissues["lung"]
    growth = np.zeros_like(flesh)
    for nodule in placed([draw_spot(rng) for _ in range(nodules)], [nodule_diameter_mm] * nodules, 1.0, grid):
        growth += np.float32(1 - 0.26 / 1.06) * chord(nodule, grid)
    high, low = (
        radiograph(
            np.float32(mu["soft"]) * (flesh + growth) + np.float32(mu["bone"]) * bone,
            rng=rng,
            size_px=size_px,
            field_mm=field_mm,
            quanta_per_pixel=quanta_per_pixel,
            scatter_to_primary=scatter_to_primary,
            blur_mm=blur_mm,
            output=output,
        )
        for mu in (MU_HIGH_PER_MM, MU_LOW_PER_MM)
    )
    spacing = (field_mm / size_px,) * 2
    mu_soft, mu_bone = np.float32(MU_HIGH_PER_MM["soft"]), np.float32(MU_HIGH_PER_MM["bone"])
    parts = (mu_soft * (flesh + growth), mu_bone * bone, mu_soft * growth)
    truths = (Image(pooled(part), spacing, meaning="quantity") for part in parts)
    lungs = Image((pooled(lung_field(soft).astype(np.float32)) > 0.5).astype(np.uint8), spacing, meaning="mask")
    return DualEnergyChest(high, low, *truths, lungs)
