"""From a value column to numbers a network can learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.datasets.strata import is_missing


def values_of(images: ImageSet) -> NDArray[np.float64]:
    """The value of each row; each must be a number, and not all the same."""
    column = images.role("value")
    found = np.array([_number(cell) for cell in column])
    lacking = np.flatnonzero(~np.isfinite(found))
    if len(lacking):
        shown = ", ".join(map(str, lacking[:10])) + (" ..." if len(lacking) > 10 else "")
        raise DataError(
            "G-EST-010",
            en=f"every image needs a number as value; {len(lacking)} have none (rows {shown}, counted from 0). Fill them in or leave these rows out.",
            ja=f"すべての画像に数値が必要ですが、{len(lacking)} 枚にありません (0 から数えて {shown} 行)。値を補うか、これらの行を除いてください。",
        )
    return found


def need_spread(values: NDArray[np.float64]) -> None:
    """Refuse values that are all equal: there would be nothing to learn."""
    if not len(values) or np.ptp(values) == 0:
        raise DataError(
            "G-EST-011",
            en="regression needs values that differ; all of those to learn from are equal. Choose another --value or more images.",
            ja="回帰には異なる値が必要ですが、学習に使う値がすべて同じです。別の --value を指定するか、画像を増やしてください。",
        )


def by_value(images: ImageSet) -> ImageSet:
    """The set without its labels, so that parts are drawn in equal shares of the fifths of the value."""
    return replace(images, roles={role: column for role, column in images.roles.items() if role != "label"})


def _number(cell: object) -> float:
    try:
        return float("nan") if is_missing(cell) else float(str(cell))
    except ValueError:
        return float("nan")
