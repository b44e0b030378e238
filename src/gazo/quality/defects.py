"""Defective pixels of a detector: which, how many, of what kind and in what groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.quality.drawn import grey, panels
from gazo.quality.inputs import same_shape, stack

Flags = NDArray[np.bool_]
# Kinds and limits of ASTM E2597 (industrial detector arrays), as a trade forum quotes it; the standard itself was not read.
KINDS = {
    "dead": Text("無反応", "dead"),
    "over": Text("過大応答", "over-responding"),
    "under": Text("過小応答", "under-responding"),
    "noisy": Text("雑音過多", "noisy"),
    "non-uniform": Text("不均一", "non-uniform"),
}
LINE_SHARE = 0.5  # of a row or column, in one run, that makes defects a line
WIDE, NEAR = 21, 9  # pixels a side of the neighbourhoods of the standard


@result("detector defects")
@dataclass(frozen=True, eq=False, kw_only=True)
class DetectorDefects(Measurement):
    """Share of defective pixels, how many there are of each kind, and how they lie together."""

    share: Estimate
    kinds: Table
    groups: Table


@operation("欠損画素", "Defective pixels", booklet="W10")
def detector_defects(
    flats: Sequence[Image],
    darks: Sequence[Image],
    *,
    over: Annotated[
        float, Gt(1), Le(10), Label("過大応答の限界 (近傍中央値比)", "Over-responding from, of the local median")
    ] = 1.3,
    under: Annotated[
        float, Gt(0), Lt(1), Label("過小応答の限界 (近傍中央値比)", "Under-responding up to, of the local median")
    ] = 0.6,
    noisy: Annotated[float, Gt(1), Le(100), Label("雑音過多の限界 (中央値比)", "Noisy from, of the median noise")] = 6.0,
    uniform_percent: Annotated[
        float | None,
        Ge(0.01),
        Le(100),
        Label("不均一の限界 (空欄なら調べない)", "Non-uniform beyond (not asked when empty)", "%"),
    ] = None,
) -> DetectorDefects:
    """Dead, over- and under-responding, noisy and (after flat-field correction) non-uniform pixels, single, in clusters and in lines.

    Response = mean flat - mean dark. Dead: response at most 5 % of the local median; over / under: beyond `over` / `under` of the median
    of 21 x 21 pixels; noisy: standard deviation over the dark frames above `noisy` times the median of all; non-uniform: response off by
    more than `uniform_percent` from the median of 9 x 9, for corrected images. Single: no defective neighbour; cluster: two or more
    that touch; line: more than half of a row or column in one run. The limits are those of ASTM E2597 as quoted in secondary
    sources; few dark frames scatter, so noisy pixels need ten and more.

    Parameters
    ----------
    flats : uniform exposures, uncorrected (or corrected, to see what correction left).
    darks : frames without exposure, at least two.
    """
    kinds = _kinds(flats, darks, over, under, noisy, uniform_percent)
    defective = np.any(list(kinds.values()), axis=0)
    groups = _grouped(defective)
    n, found = defective.size, int(defective.sum())
    low, high = _wilson(found, n)
    many = Text(
        f"画素の {100 * found / n:.2f} % が欠損です。条件とオフセットを確認してください。",
        f"{100 * found / n:.2f} % of the pixels are defective; check limits and offset.",
    )
    return DetectorDefects(
        share=Estimate(Text("欠損画素の割合", "Share of defective pixels"), found / n, low, high, 0.95, "Wilson"),
        kinds=Table(
            Text("種類", "Kinds"),
            (Text("種類", "Kind"), Text("画素数", "Pixels")),
            (*((KINDS[name], int(where.sum())) for name, where in kinds.items()), (Text("合計", "all"), found)),
        ),
        groups=Table(
            Text("まとまり", "Groups"), (Text("まとまり", "Group"), Text("数", "Count"), Text("画素数", "Pixels")), groups
        ),
        shown=panels(Text("欠損画素", "Defective pixels"), (Text("欠損画素の地図", "map of defective pixels"), _map(defective))),
        warnings=(many,) if found > 0.05 * n else (),
        sentence=Text(
            f"欠損画素は、21 x 21 画素の中央値に対する応答が {over:g} 倍超または {under:g} 倍未満、暗画像の雑音が中央値の {noisy:g} 倍超の画素とした (ASTM E2597 に準じる)。",
            f"Pixels were called defective when their response was above {over:g} or below {under:g} of the median of 21 x 21 pixels, or their dark "
            f"noise above {noisy:g} times the median (after ASTM E2597).",
        ),
    )


@feature("欠損画素マップ", "Map of defective pixels", booklet="W10")
def defect_map(
    flats: Sequence[Image], darks: Sequence[Image], *, over: float = 1.3, under: float = 0.6, noisy: float = 6.0
) -> Image:
    """The pixels that `detector_defects` finds, as a mask (uint8, 1 = defective) for a flat-field correction.

    Parameters
    ----------
    flats, darks, over, under, noisy : as in `detector_defects`.
    """
    found = np.any(list(_kinds(flats, darks, over, under, noisy, None).values()), axis=0)
    first = flats if isinstance(flats, Image) else flats[0]
    return Image(found.astype(np.uint8), first.spacing_mm[-2:] if first.spacing_mm else None, meaning="mask")


def _kinds(
    flats: Sequence[Image], darks: Sequence[Image], over: float, under: float, noisy: float, uniform_percent: float | None
) -> dict[str, Flags]:
    """Each kind as a mask; a pixel is counted once, as the first kind that fits."""
    flat, dark = stack(flats, least=1, what="flat"), stack(darks, least=2, what="dark")
    same_shape(flat[0], dark[0])
    response = (flat.mean(0) - dark.mean(0)).astype(np.float32)
    level = float(np.median(response))
    if level <= 0:
        raise DataError(
            "G-QUA-325",
            en=f"flat images must be brighter than dark ones; the median difference is {level:g}. Check which images are which, and the polarity.",
            ja=f"均一照射画像は暗画像より大きい値でなければなりません。差の中央値は {level:g} です。画像の取り違えと極性を確認してください。",
        )
    local = _local_median(response, WIDE, level)
    spread = dark.std(0, ddof=1)
    found = {
        "dead": response <= 0.05 * local,
        "over": response > over * local,
        "under": response < under * local,
        "noisy": spread > noisy * max(float(np.median(spread)), 1e-12),
    }
    if uniform_percent is not None:
        near = _local_median(response, NEAR, level)
        found["non-uniform"] = np.abs(response / near - 1) > uniform_percent / 100
    taken = np.zeros(response.shape, bool)
    for name, where in found.items():
        found[name] = where & ~taken
        taken |= where
    return found


def _local_median(response: NDArray[Any], side: int, level: float) -> NDArray[np.float32]:
    """Median of about side x side pixels (a median of medians of 5 x 5, four pixels apart), never below 1 % of the overall level."""
    import cv2
    from scipy.ndimage import median_filter

    near = cv2.medianBlur(response.astype(np.float32), 5)
    coarse = median_filter(near[::4, ::4], max(3, round(side / 4)), mode="reflect")
    median = cv2.resize(coarse, response.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(median, np.float32(0.01 * level)), np.float32)


def _grouped(defective: Flags) -> tuple[tuple[Any, ...], ...]:
    """Rows of the table of groups: rows, columns, clusters, single pixels; each pixel counted once, in this order."""
    import cv2

    rest = defective.copy()
    rows = []
    for words, turned in ((Text("行", "row"), rest), (Text("列", "column"), rest.T)):
        lines = [n for n, line in enumerate(turned) if _longest_run(line) > LINE_SHARE * len(line)]
        rows.append((words, len(lines), int(turned[lines].sum())))
        turned[lines] = False
    count, _, stats, _ = cv2.connectedComponentsWithStats(rest.astype(np.uint8), connectivity=8)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    rows.append(
        (Text("かたまり (2 画素以上)", "cluster (2 pixels and more)"), int((areas > 1).sum()), int(areas[areas > 1].sum()))
    )
    rows.append((Text("単独", "single"), int((areas == 1).sum()), int((areas == 1).sum())))
    return tuple(rows)


def _longest_run(line: Flags) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def _wilson(found: int, n: int) -> tuple[float, float]:
    """Wilson 1927, 95 %."""
    z = 1.959964
    middle, half = (found + z * z / 2) / (n + z * z), z / (n + z * z) * np.sqrt(found * (n - found) / n + z * z / 4)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _map(defective: Flags) -> NDArray[np.uint8]:
    """Defects in white on black, widened so that a single one is seen in the small picture."""
    import cv2

    side = max(1, round(max(defective.shape) / 240))
    return grey(cv2.dilate(defective.astype(np.uint8), np.ones((side, side), np.uint8)))
