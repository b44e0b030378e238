"""What a processing did: the signed difference, and what in it tells of too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.results import Estimate, Table
from gazo.process.edges import LEAST_PIXELS, Areas, Mask, areas, gradient, leak_of
from gazo.process.kernels import Pixels
from gazo.process.plane import plane, same_shape

HALO_PX = 8  # how far from an edge its over- and undershoot are looked for
# What each measure may reach before it is warned of: design values, for a first look and not for a verdict.
LEAK, NOISE, HALO, SHIFT, REVERSED = 1.0, 2.0, 0.3, 0.2, 0.02
# A processing is judged as a noise reduction where noise fell and edges lost contrast, so that edges in the difference are a loss.
LESS_NOISE, EDGES_KEPT = 0.95, 0.98


class Measure(NamedTuple):
    """One thing looked at: its value (None where it cannot be had), the limit, and the warning beyond it."""

    name: Text
    value: float | None
    limit: float
    beyond: bool
    warning: Text


@dataclass(frozen=True, kw_only=True, eq=False)
class Difference:
    """Processed less original, and what was found in it.

    Parameters
    ----------
    image : S' - S, signed.
    edges : the edges of the original, a mask.
    edge_leak : mean |S' - S| on edges over that on flat areas; None where there are no edges or nothing changed between them.
    measures : each measure with its value and limit.
    warnings : signs of over-processing.
    """

    image: Image
    edges: Image
    edge_leak: Estimate | None
    measures: Table
    warnings: tuple[Text, ...] = ()


@operation("処理前後の差分と過剰処理の確認", "Difference image and over-processing", booklet="P7")
def difference_image(original: Image, processed: Image, *, seed: int = 0) -> Difference:
    """Processed less original, for any operation, with the edge-leak index and warnings of over-processing.

    Looked at: edges in what a noise reduction took off (index above 1 while they lost contrast); noise in flat areas after over before (above 2: clothing creases
    and noise are raised with it); over- and undershoot beside edges, 95th percentile in units of the local contrast (above 0.3); fall of
    the highest or rise of the lowest density of large areas (above a fifth of the range); edges whose contrast turned into its negative
    (above 2 %). The limits are design values for a first look. Both images are in the same unit. float32.

    Parameters
    ----------
    original, processed : grey images of one shape; not modified.
    seed : of the interval of the edge-leak index.

    Errors: G-PRC-201 to 203 (no plain grey pictures of one shape).
    """
    before = plane(original, least=1)
    after = same_shape(original, processed, name_en="processed image", name_ja="処理後の画像")
    found = areas(before)
    leak = leak_of(before, after, found, seed)
    measures = _measures(before, after, found, leak)
    return Difference(
        image=original.with_pixels(after - before, meaning="quantity", window=None, inverted=False),
        edges=original.with_pixels(found.edges.astype(np.uint8), meaning="mask", unit="", window=None, inverted=False),
        edge_leak=leak,
        measures=_table(measures),
        warnings=tuple(m.warning for m in measures if m.beyond),
    )


def _measures(before: Pixels, after: Pixels, found: Areas, leak: Estimate | None) -> list[Measure]:
    noise, halo = _noise_ratio(before, after, found.flat), _halo(before, after, found.edges)
    top, bottom = _shifts(before, after)
    kept, reversed_share = _edges_after(after, found)
    index = None if leak is None else leak.value
    removed = noise is not None and noise < LESS_NOISE and kept is not None and kept < EDGES_KEPT
    return [
        Measure(
            Text("エッジ漏れ指数", "Edge-leak index"),
            index,
            LEAK,
            removed and (index or 0) > LEAK,
            Text(
                ja=f"取り除いた成分にエッジが見えます (エッジ漏れ指数 {index or 0:.2f})。ノイズだけでなく構造も失われています。",
                en=f"edges are seen in what was taken off (edge-leak index {index or 0:.2f}): structure was lost with the noise.",
            ),
        ),
        Measure(
            Text("平坦部のノイズの比", "Noise in flat areas, after over before"),
            noise,
            NOISE,
            (noise or 0) > NOISE,
            Text(
                ja=f"平坦部の細かい変動が {noise or 0:.1f} 倍になりました。ノイズや衣類のシワ、ズボンのゴムなども目立ちます。強調を弱めてください。",
                en=f"fine variation in flat areas grew {noise or 0:.1f} times: noise, clothing creases and elastic bands show too. Enhance less.",
            ),
        ),
        Measure(
            Text("オーバー/アンダーシュート (局所コントラスト比)", "Over- or undershoot, share of local contrast"),
            halo,
            HALO,
            (halo or 0) > HALO,
            Text(
                ja=f"エッジの両側にコントラストの {halo or 0:.0%} のオーバーシュートやアンダーシュートがあります。構造と見間違えるおそれがあります。",
                en=f"over- or undershoot beside edges reaches {halo or 0:.0%} of their contrast and may be taken for structure.",
            ),
        ),
        Measure(
            Text("最高濃度の低下 (濃度幅比)", "Fall of the highest density, share of the range"),
            -top,
            SHIFT,
            -top > SHIFT,
            Text(
                ja=f"最高濃度 (最大の画素値) が画像の幅の {-top:.0%} だけ下がりました。圧縮を弱めてください。",
                en=f"the maximum density fell by {-top:.0%} of the range. Compress less.",
            ),
        ),
        Measure(
            Text("最低濃度の上昇 (濃度幅比)", "Rise of the lowest density, share of the range"),
            bottom,
            SHIFT,
            bottom > SHIFT,
            Text(
                ja=f"最低濃度 (最小の画素値) が画像の幅の {bottom:.0%} だけ上がり、白い部分が黒くなりました。圧縮を弱めてください。",
                en=f"the minimum density rose by {bottom:.0%} of the range, so white areas turned dark. Compress less.",
            ),
        ),
        Measure(
            Text("白黒が反転したエッジの割合", "Share of edges turned into their negative"),
            reversed_share,
            REVERSED,
            (reversed_share or 0) > REVERSED,
            Text(
                ja=f"エッジの {reversed_share or 0:.1%} で白黒の向きが逆になりました。処理が強すぎます。",
                en=f"{reversed_share or 0:.1%} of the edges turned into their negative: the processing is too strong.",
            ),
        ),
    ]


def _noise_ratio(before: Pixels, after: Pixels, flat: Mask) -> float | None:
    """Standard deviation of fine variation (less a Gaussian of 2 pixels) in flat areas, after over before."""
    import cv2

    if flat.sum() < LEAST_PIXELS:
        return None
    old, new = (
        (a - cv2.GaussianBlur(a, (0, 0), 2.0, borderType=cv2.BORDER_REFLECT))[flat].std(dtype=np.float64) for a in (before, after)
    )
    return float(new / old) if old > 0 else None


def _halo(before: Pixels, after: Pixels, edges: Mask) -> float | None:
    """How far the processed image leaves the local range of the original beside edges, 95th percentile in units of that range.

    A slow shift, as compression makes it, is taken off first.
    """
    import cv2

    if edges.sum() < LEAST_PIXELS:
        return None
    window = np.ones((2 * HALO_PX + 1, 2 * HALO_PX + 1), np.uint8)
    high, low = cv2.dilate(before, window), cv2.erode(before, window)
    shift = cv2.boxFilter(after - before, -1, window.shape, borderType=cv2.BORDER_REFLECT)
    level = after - shift
    beyond = np.maximum(np.maximum(level - high, low - level), 0)
    most = cv2.dilate(beyond, window)
    return float(np.quantile((most / np.maximum(high - low, 1e-30))[edges], 0.95))


def _shifts(before: Pixels, after: Pixels) -> tuple[float, float]:
    """Change of the highest and of the lowest density (99th and 1st percentile of areas of 1/32 of the image), share of the range."""
    import cv2

    size = [min(n, 32) for n in before.shape[::-1]]
    old, new = (np.percentile(cv2.resize(a, size, interpolation=cv2.INTER_AREA), [1, 99]) for a in (before, after))
    span = old[1] - old[0]
    return (float((new[1] - old[1]) / span), float((new[0] - old[0]) / span)) if span > 0 else (0.0, 0.0)


def _edges_after(after: Pixels, found: Areas) -> tuple[float | None, float | None]:
    """Mean gradient on the edges, along that of the original and over it; share of edges, by their energy, where it is the other way."""
    if found.edges.sum() < LEAST_PIXELS:
        return None, None
    along, down = gradient(after)
    x, y = (slope[found.edges] for slope in found.gradient)
    agree = along[found.edges] * x + down[found.edges] * y
    energy = x * x + y * y
    return float((agree / np.sqrt(energy)).sum() / np.sqrt(energy).sum()), float(energy[agree < 0].sum() / energy.sum())


def _table(measures: list[Measure]) -> Table:
    headings = (Text("項目", "Measure"), Text("値", "Value"), Text("目安", "Limit"), Text("判定", "Verdict"))
    rows = tuple((m.name, m.value, m.limit, Text("警告", "warning") if m.beyond else Text("なし", "none")) for m in measures)
    notes = (
        Text(
            "目安は設計値です。診断に使える画質かどうかの判定ではありません。",
            "The limits are design values, not a verdict on diagnostic use.",
        ),
    )
    return Table(Text("処理による変化", "What the processing changed"), headings, rows, notes)
