"""Edges and flat areas of an image, and how much more a processing changed the one than the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.results import Estimate, Measurement, Panels, result
from gazo.core.seeds import generator
from gazo.process.kernels import Pixels
from gazo.process.plane import plane, same_shape

Mask = NDArray[np.bool_]

SIGMA_PX = 1.5  # of the Gaussian before the gradient
EDGE, FLAT = 6.0, 3.0  # gradient in units of what noise alone makes: above is edge, below is flat
LEAST_SHARE = 0.01  # of the steepest gradient that an edge needs where there is no noise
QUARTER = 0.7585  # lower quartile of a Rayleigh distribution over its parameter
TILES, REPEATS = 8, 1000  # the interval: tiles a side that are drawn again, and how often
LEAST_PIXELS = 16


@result("edge_leak")
@dataclass(frozen=True, eq=False, kw_only=True)
class EdgeLeak(Measurement):
    """What a processing took from edges against what it took from flat areas.

    Parameters
    ----------
    index : mean |S - S'| on edges over that on flat areas; 1 for pure noise, above 1 where structure was removed too.
    on_edges, on_flat : the two means, in pixel values.
    """

    index: Estimate
    on_edges: Estimate
    on_flat: Estimate


@dataclass(frozen=True)
class Areas:
    """Edges, flat areas away from them, and the gradient both come from."""

    edges: Mask
    flat: Mask
    gradient: tuple[Pixels, Pixels]


def gradient(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """Slopes along columns and rows of the image behind a Gaussian of 1.5 pixels."""
    import cv2

    smooth = cv2.GaussianBlur(pixels, (0, 0), SIGMA_PX, borderType=cv2.BORDER_REFLECT)
    return cv2.Sobel(smooth, -1, 1, 0, scale=0.125), cv2.Sobel(smooth, -1, 0, 1, scale=0.125)


def areas(pixels: Pixels) -> Areas:
    """Where the gradient is more than 6 times, or less than 3 times, what the noise of this image makes (lower quartile)."""
    import cv2

    slopes = gradient(pixels)
    steep = cv2.magnitude(*slopes)
    noise = float(np.quantile(steep, 0.25)) / QUARTER
    edges = steep > max(EDGE * noise, LEAST_SHARE * float(steep.max()), np.finfo(np.float32).tiny)
    near = cv2.dilate(edges.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return Areas(edges, (steep <= FLAT * noise) & ~near, slopes)


@operation("エッジ漏れ指数", "Edge leak", booklet=("P4", "P7"))
def edge_leak(original: Image, processed: Image, *, seed: int = 0) -> EdgeLeak:
    """How much more a processing changed edges than flat areas: mean |S - S'| on edges over mean |S - S'| on flat areas.

    For a noise reduction 1 means that only noise was removed, more that structure went with it. For an enhancement the index says how
    strongly it singles out edges. Edges and flat areas: see `gazo.process.edges.areas`. 95 % interval: percentile bootstrap over 8 x 8 tiles.

    Parameters
    ----------
    original, processed : grey images of one shape; not modified.
    seed : of the bootstrap.

    Errors: G-PRC-130 (no edges or no flat area), G-PRC-131 (nothing changed in flat areas), G-PRC-201 to 203.
    """
    before = plane(original, least=1)
    change = np.abs(same_shape(original, processed, name_en="processed image", name_ja="処理後の画像") - before)
    found = areas(before)
    _enough(found)
    if not change[found.flat].any():
        raise DataError(
            "G-PRC-131",
            en="the processing changed no flat area, so there is nothing to compare the edges with. Look at `difference_image` instead.",
            ja="平坦な領域がまったく変化していないため、エッジと比べられません。`difference_image` で差分画像を確かめてください。",
        )
    index, on_edges, on_flat = _leak(change, found, seed)
    return EdgeLeak(index=index, on_edges=on_edges, on_flat=on_flat, sentence=_sentence(index), shown=_shown(before, found))


def leak_of(before: Pixels, after: Pixels, found: Areas, seed: int) -> Estimate | None:
    """The index, or None where it does not exist."""
    change = np.abs(after - before)
    if min(found.edges.sum(), found.flat.sum()) < LEAST_PIXELS or not change[found.flat].any():
        return None
    return _leak(change, found, seed)[0]


def _enough(found: Areas) -> None:
    edges, flat = int(found.edges.sum()), int(found.flat.sum())
    if min(edges, flat) < LEAST_PIXELS:
        raise DataError(
            "G-PRC-130",
            en=f"at least {LEAST_PIXELS} pixels of edges and of flat areas are needed; {edges} and {flat} were found. Choose an image with both.",
            ja=f"エッジと平坦な領域がそれぞれ {LEAST_PIXELS} 画素以上必要です。見つかった画素数: {edges} と {flat}。両方を含む画像を選んでください。",
        )


def _leak(change: Pixels, found: Areas, seed: int) -> tuple[Estimate, Estimate, Estimate]:
    """Index and both means with their intervals."""
    sums = np.array([_tiles(a) for a in (change * found.edges, found.edges, change * found.flat, found.flat)])
    drawn = generator(seed, "edge_leak").integers(0, sums.shape[1], (REPEATS, sums.shape[1]))
    a, b, c, d = (np.maximum(each, 1e-30) for each in (*sums[:2][:, drawn].sum(-1), *sums[2:][:, drawn].sum(-1)))
    there = (b > 0.5) & (d > 0.5)
    edges, flat = sums[0].sum() / sums[1].sum(), sums[2].sum() / sums[3].sum()
    return (
        _estimate(Text("エッジ漏れ指数", "Edge-leak index"), edges / flat, ((a / b) / (c / d))[there]),
        _estimate(Text("エッジでの平均変化量", "Mean change on edges"), edges, (a / b)[there]),
        _estimate(Text("平坦部での平均変化量", "Mean change on flat areas"), flat, (c / d)[there]),
    )


def _tiles(values: NDArray[Any]) -> NDArray[np.float64]:
    """Sums over tiles, as many as `TILES` a side (fewer in small images)."""
    edges = [np.unique(np.linspace(0, n, TILES + 1).astype(int))[:-1] for n in values.shape]
    rows = np.add.reduceat(values.astype(np.float64), edges[0], axis=0)
    return np.add.reduceat(rows, edges[1], axis=1).ravel()


def _estimate(name: Text, value: float, drawn: NDArray[np.float64]) -> Estimate:
    if drawn.size < REPEATS // 2:
        return Estimate(name, float(value))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(name, float(value), float(low), float(high), method="percentile bootstrap over tiles")


def _sentence(index: Estimate) -> Text:
    from_to = None if index.low is None or index.high is None else (f"{index.low:.2f}", f"{index.high:.2f}")
    ja, en = ("", "") if from_to is None else (f" ({'～'.join(from_to)})", f" ({' to '.join(from_to)})")
    return Text(
        ja=f"エッジ漏れ指数 (エッジと平坦部の平均絶対変化量の比) は {index.value:.2f}{ja} であった。エッジは、標準偏差 {SIGMA_PX} 画素のガウスフィルタ後の"
        f"勾配が雑音の {EDGE:g} 倍を超える画素、平坦部は {FLAT:g} 倍以下の画素とした (95% 信頼区間: 8 x 8 区画のブートストラップ)。",
        en=f"The edge-leak index (mean absolute change on edges over that on flat areas) was {index.value:.2f}{en}; edges have a gradient, "
        f"after a Gaussian of {SIGMA_PX} pixels, above {EDGE:g} times that of noise, flat areas at most {FLAT:g} times (95% interval: "
        "bootstrap over 8 x 8 tiles).",
    )


def _shown(pixels: Pixels, found: Areas) -> Panels:
    grey, edges, flat = (
        _small(a) for a in (_bytes(pixels), 255 * found.edges.astype(np.uint8), 255 * found.flat.astype(np.uint8))
    )
    captions = (Text("エッジ", "Edges"), Text("平坦部", "Flat areas"))
    return Panels(Text("エッジと平坦部", "Edges and flat areas"), (grey, grey), captions, (edges, flat))


def _bytes(pixels: Pixels) -> NDArray[np.uint8]:
    low, high = np.percentile(pixels, [1, 99])
    return np.clip((pixels - low) / max(high - low, 1e-30) * 255, 0, 255).astype(np.uint8)


def _small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    scale = min(1.0, 512 / max(picture.shape))
    size = [max(1, round(n * scale)) for n in picture.shape[::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
