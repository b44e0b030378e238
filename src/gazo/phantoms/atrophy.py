"""Series of brain volumes of carriers and non-carriers whose speed of atrophy is known, as a table or measured from volumes of MR."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Table


@feature("萎縮の経時データ (模擬)", "Simulated series of atrophy", booklet="C8")
def atrophy_table(
    *,
    rng: np.random.Generator,
    subjects: int = 80,
    visits: int = 4,
    regions: tuple[str, ...] = ("hippocampus",),
    volume_ml: float = 7.0,
    loss_ml_per_year: float = 0.08,
    extra_ml_per_allele: float = 0.08,
    subject_sd_ml: float = 0.6,
    slope_sd_ml: float = 0.05,
    noise_ml: float = 0.06,
    e4_frequency: float = 0.28,
    carriers_of_one: bool = False,
) -> Table:
    """Volume = base + age, sex and head size effects - (loss + extra x alleles + own slope) x years + noise; visits about a year apart, some missed.

    Parameters
    ----------
    extra_ml_per_allele : the truth to be found; alleles of e4 (0, 1, 2) are drawn in Hardy-Weinberg proportions.
    noise_ml : of one measurement; subject_sd_ml and slope_sd_ml between subjects. Sizes are of the order of published hippocampal
        series (7 ml both sides, 1-2 % a year, 3-4 % in patients), chosen for the simulation, not fitted to any.
    carriers_of_one : nobody carries two, so that carriers lose exactly `extra_ml_per_allele` more than the others; the first half carries one.
    """
    alleles = np.arange(subjects) < subjects // 2 if carriers_of_one else rng.binomial(2, e4_frequency, subjects)
    age, sex, head = rng.normal(72, 6, subjects), rng.integers(0, 2, subjects), rng.normal(1500, 120, subjects)
    base = volume_ml - 0.02 * (age - 72) + 0.25 * sex + 0.002 * (head - 1500)
    own = rng.normal(0, 1, (subjects, len(regions), 2))
    rows = []
    for who in range(subjects):
        years = np.concatenate([[0.0], np.sort(np.arange(1, visits) + rng.normal(0, 0.1, visits - 1))])
        came = np.concatenate([[True, True], rng.random(visits - 2) > 0.15])
        speed = loss_ml_per_year + extra_ml_per_allele * int(alleles[who])
        carrier = "e4" if alleles[who] else "e3"
        for year in years[came]:
            volumes = [
                base[who] + subject_sd_ml * a - (speed + slope_sd_ml * b) * year + rng.normal(0, noise_ml) for a, b in own[who]
            ]
            cells = (f"S{who + 1:04d}", float(year), int(alleles[who]), carrier, float(age[who]), "FM"[sex[who]])
            rows.append((*cells, float(head[who]), *map(float, volumes)))
    named = ("subject", "years", "alleles", "carrier", "age", "sex", "head_ml", *regions)
    return Table(Text("萎縮の経時データ", "Series of atrophy"), tuple(Text(n, n) for n in named), tuple(rows))


@feature("海馬の MR ボリューム (模擬)", "Simulated MR volume of a hippocampus", booklet="C8")
def atrophied_volume(
    volume_ml: float, *, rng: np.random.Generator, spacing_mm: float = 1.0, noise: float = 0.08, size: int = 48
) -> NDArray[np.float64]:
    """(size, size, size) two ellipsoids of grey matter (1) in white (0) at a known volume, each voxel mixed by its share, with noise.

    The axes keep their proportions 40 : 14 : 12 while the volume shrinks; the place differs from scan to scan by up to half a voxel.
    """
    reach = (volume_ml * 1000 / 2 / (4 / 3 * np.pi * 40 * 14 * 12)) ** (1 / 3)
    fine = 2  # parts of a voxel along each axis
    edges = (np.arange(size * fine) + 0.5) / fine * spacing_mm - size * spacing_mm / 2
    z, y, x = np.meshgrid(edges, edges, edges, indexing="ij", sparse=True)
    shift = rng.uniform(-0.5, 0.5, 3) * spacing_mm
    inside = np.zeros((size * fine,) * 3, bool)
    for side in (-1, 1):
        centre = side * 13.0 + shift[2]
        inside |= ((z - shift[0]) / 14) ** 2 + ((y - shift[1]) / 40) ** 2 + ((x - centre) / 12) ** 2 < reach**2
    share = inside.reshape(size, fine, size, fine, size, fine).mean((1, 3, 5))
    return share + rng.normal(0, noise, share.shape)
