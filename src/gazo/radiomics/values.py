"""All features of one region of one image, on plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.registry import feature
from gazo.radiomics.aggregate import dimensions
from gazo.radiomics.discretise import by_size, levels_of
from gazo.radiomics.first_order import statistics
from gazo.radiomics.glcm import glcm_features
from gazo.radiomics.glrlm import glrlm_features
from gazo.radiomics.histogram import histogram_features
from gazo.radiomics.ivh import ivh_features
from gazo.radiomics.local_intensity import local_intensity_features
from gazo.radiomics.morphology import morphology_features
from gazo.radiomics.names import Family
from gazo.radiomics.neighbours import neighbour_features
from gazo.radiomics.prepare import Prepared, prepared
from gazo.radiomics.settings import Settings
from gazo.radiomics.zone_matrices import zone_features


@feature("ラジオミクス特徴量 (配列から)", "Radiomic features of arrays", booklet="C5")
def feature_values(
    volume: NDArray[Any], mask: NDArray[Any], spacing_mm: tuple[float, ...], settings: Settings
) -> dict[str, float]:
    """The features of IBSI 1 of a region by tag and aggregation, such as ``cm_contrast_3D_avg``; NaN where one has no meaning.

    Parameters
    ----------
    volume : (planes, rows, columns) or (rows, columns), values.
    mask : the same shape; the region is where it is above 0.
    spacing_mm : along each axis.
    settings : how image and region are prepared, and what is computed.
    """
    return values_of(prepared(volume, mask, spacing_mm, settings), settings)


def values_of(region: Prepared, settings: Settings) -> dict[str, float]:
    """The features of what is prepared already, such as a filtered image with the region of the unfiltered one."""
    flat = region.volume.shape[0] == 1
    values = region.volume[region.intensity_mask]
    found: dict[str, float] = {}
    if settings.wants("morphology") and not flat:
        found |= morphology_features(region)
    if settings.wants("local_intensity") and not flat:
        found |= local_intensity_features(region)
    if settings.wants("statistics"):
        found |= {f"stat_{name}": value for name, value in statistics(values).items()}
    if settings.wants("ivh"):
        found |= ivh_features(values, settings)
    return found | _of_levels(region, settings)


def _of_levels(region: Prepared, settings: Settings) -> dict[str, float]:
    """Histogram and texture: what needs grey levels."""
    zoned: list[Family] = [family for family in ("glszm", "gldzm") if settings.wants(family)]
    near: list[Family] = [family for family in ("ngtdm", "ngldm") if settings.wants(family)]
    if not (zoned or near or any(settings.wants(family) for family in ("histogram", "glcm", "glrlm"))):
        return {}
    levels = levels_of(region.volume, region.intensity_mask, settings)
    inside = levels[region.intensity_mask]
    count = int(inside.max()) if by_size(settings) else settings.bin_number
    bordered = np.pad(levels, 1)
    chosen = settings.texture(region.volume.shape[0])
    found: dict[str, float] = {}
    if settings.wants("histogram"):
        found |= histogram_features(inside, count)
    if settings.wants("glcm"):
        found |= glcm_features(bordered, count, chosen)
    if settings.wants("glrlm"):
        found |= glrlm_features(bordered, count, chosen)
    if zoned:
        found |= zone_features(bordered, np.pad(region.mask, 1), count, dimensions(chosen), zoned)
    if near:
        found |= neighbour_features(bordered, count, dimensions(chosen), near)
    return found
