"""Size zones (GLSZM) and distance zones (GLDZM) of IBSI 1, chapters 3.8 and 3.9: how large the zones of one grey level are, how deep they lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.aggregate import by_dimension
from gazo.radiomics.emphasis import emphases
from gazo.radiomics.names import Family, tags_of
from gazo.radiomics.zones import border_distances, zone_matrix, zones

SIZE, DISTANCE = 1, 2


def zone_features(
    levels: NDArray[np.int32], mask: NDArray[np.bool_], count: int, wanted: Sequence[str], families: Sequence[Family]
) -> dict[str, float]:
    """Features of size zones ("glszm") and distance zones ("gldzm", chapter 3.9), which share the search for zones.

    Parameters
    ----------
    levels : as for `glcm_features`.
    mask : the region for its form, from whose border distances count; with a border of False.
    wanted : of "2D", "2_5D", "3D".
    """
    tags = [tag for family in families for tag in tags_of(family)]
    columns = [SIZE if family == "glszm" else DISTANCE for family in families]
    distances = {planar: border_distances(mask, planar=planar) for planar in {name != "3D" for name in wanted}}

    def measured(ranges: Sequence[tuple[int, int]], planar: bool) -> NDArray[np.float64]:
        found = np.concatenate([zones(levels, distances[planar], a, b, planar=planar) for a, b in ranges])
        voxels = float(found[:, SIZE].sum())
        return np.concatenate([emphases(*zone_matrix(found, column, count), voxels)[:16] for column in columns])

    return by_dimension(tags, measured, levels.shape[0], wanted)
