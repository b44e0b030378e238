"""Lag: what an exposure leaves behind in later frames, and the additive and multiplicative lag of an IEC style test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, result
from gazo.quality.drawn import grey, outlined, panels
from gazo.quality.inputs import Mask, plane, region, same_shape, stack
from gazo.quality.intervals import by_tiles, tiles

IEC_LIMIT = 0.005  # IEC 62220-1: lag contributes less than 0.5 %. Recalled, not read here.


@result("lag")
@dataclass(frozen=True, eq=False, kw_only=True)
class Lag(Measurement):
    """Lag of the first frame after the exposure, and of every later one."""

    first_frame: Estimate
    decay: Curve


@result("lag iec")
@dataclass(frozen=True, eq=False, kw_only=True)
class LagIec(Measurement):
    """Additive lag (signal left in a dark frame) and multiplicative lag (changed sensitivity), as parts of the exposure."""

    additive: Estimate
    multiplicative: Estimate


@operation("残像 (ラグ)", "Lag", booklet="W4")
def lag(
    frames: Sequence[Image],
    mask: Image | None = None,
    *,
    dark_frames: Annotated[int, Ge(1), Le(1000), Label("はじめの暗画像の枚数", "Dark frames at the start")] = 1,
    exposed_frames: Annotated[int, Ge(1), Le(1000), Label("照射フレームの枚数", "Exposed frames after them")] = 1,
    seed: int = 0,
) -> Lag:
    """Lag of frame n after an exposure: L_n = (D_n - D_dark) / (D_exp - D_dark); L_1 is the first-frame lag.

    D_dark is the mean of the dark frames before, D_exp the last exposed frame. Interval: bootstrap over tiles of the region.

    Parameters
    ----------
    frames : in order of time: `dark_frames` without exposure, `exposed_frames` with it, then without again. Linear, no offset correction
        that follows the lag.
    mask : the region measured.
    """
    every = stack(frames, least=dark_frames + exposed_frames + 1, what="dark, exposed, after")
    chosen = region(mask, every.shape[1:])
    pixels = every[:, chosen].astype(np.float64)
    dark, exposed, after = np.split(pixels, [dark_frames, dark_frames + exposed_frames])
    base, top = dark.mean(0), exposed[-1]
    _exposed(float(top.mean() - base.mean()))
    owners = tiles(chosen)

    def part(left: np.ndarray, signal: np.ndarray) -> float:
        return float(left.sum() / signal.sum())

    found = [
        by_tiles(Text("第 1 フレームの残像", "First-frame lag"), part, (frame - base, top - base), owners, seed=seed)
        for frame in after
    ]
    number = np.arange(1, len(after) + 1, dtype=np.float64)
    low, high = (
        np.array([np.nan if limit is None else limit for limit in side])
        for side in zip(*((e.low, e.high) for e in found), strict=True)
    )
    return Lag(
        first_frame=found[0],
        decay=Curve(
            number,
            np.array([e.value for e in found]),
            Text("照射後のフレーム", "Frame after the exposure"),
            Text("残像", "Lag"),
            Text("残像の減衰", "Decay of the lag"),
            low=low,
            high=high,
        ),
        shown=panels(
            Text("測定範囲", "Region"),
            (Text("照射フレームと測定範囲", "exposed frame, region"), outlined(grey(every[dark_frames]), [chosen])),
        ),
        warnings=_above(found[0].value),
        sentence=Text(
            "残像は L_n = (D_n - D_dark)/(D_exp - D_dark) とし、95 % 区間は小領域のブートストラップで求めた。",
            "Lag was L_n = (D_n - D_dark)/(D_exp - D_dark), 95 % interval by bootstrap over tiles of the region.",
        ),
    )


@operation("残像の IEC 型試験", "Lag, IEC style", booklet="W6")
def lag_iec(
    object_image: Image,
    dark_after: Image,
    flat_before: Image,
    flat_after: Image,
    *,
    margin_px: Annotated[
        int, Ge(0), Le(200), Label("物体の縁から離す画素数", "Pixels kept off the edge of the object", "px")
    ] = 8,
    limit: Annotated[float, Gt(0), Le(1), Label("限界", "Limit")] = IEC_LIMIT,
    seed: int = 0,
) -> LagIec:
    """Additive and multiplicative lag after an exposure with an opaque object (in the style of IEC 62220-1, annex on lag; limit recalled).

    With o the open part and s the part behind the object: additive = (m_dark_after(o) - m_dark_after(s)) / (m_object(o) - m_object(s));
    multiplicative = [m_flat_after(o) / m_flat_after(s)] / [m_flat_before(o) / m_flat_before(s)] - 1.

    Parameters
    ----------
    object_image : exposure with the object; open and shielded parts are found by Otsu's threshold.
    dark_after : frame without exposure right after it.
    flat_before, flat_after : flat exposures before the object and after the dark frame.
    limit : a larger lag is named in a warning.
    """
    shot, dark, before, after = (plane(i) for i in (object_image, dark_after, flat_before, flat_after))
    for other in (dark, before, after):
        same_shape(shot, other)
    open_part, shielded = _parts(shot, margin_px)
    where = open_part | shielded
    is_open = open_part[where].astype(np.float64)
    owners = 2 * tiles(where) + is_open.astype(np.int64)

    def additive(left: np.ndarray, signal: np.ndarray, part: np.ndarray) -> float:
        return _step(left, part) / _step(signal, part)

    def multiplicative(later: np.ndarray, earlier: np.ndarray, part: np.ndarray) -> float:
        return _ratio(later, part) / _ratio(earlier, part) - 1

    first = by_tiles(Text("加算的残像", "Additive lag"), additive, (dark[where], shot[where], is_open), owners, seed=seed)
    second = by_tiles(
        Text("乗算的残像", "Multiplicative lag"), multiplicative, (after[where], before[where], is_open), owners, seed=seed
    )
    return LagIec(
        additive=first,
        multiplicative=second,
        shown=panels(
            Text("測定範囲", "Regions"),
            (Text("直接部 (橙) と遮蔽部 (青)", "open (orange) and shielded (blue)"), outlined(grey(shot), [open_part, shielded])),
        ),
        warnings=_above(max(abs(first.value), abs(second.value)), limit),
        sentence=Text(
            f"加算的・乗算的残像は IEC 62220-1 に準じ、遮蔽体の照射後の暗画像と均一照射画像から求めた (限界 {limit:g})。",
            f"Additive and multiplicative lag were taken from a dark and a flat image after an exposure with an opaque object, after IEC 62220-1 "
            f"(limit {limit:g}).",
        ),
    )


def _parts(shot: np.ndarray, margin_px: int) -> tuple[Mask, Mask]:
    """Open and shielded part of the exposure with the object, both kept off the edge between them."""
    import cv2
    from skimage.filters import threshold_otsu

    if float(shot.min()) == float(shot.max()):
        _exposed(0.0)
    bright = (cv2.medianBlur(shot.astype(np.float32), 5) > threshold_otsu(shot)).astype(np.uint8)
    kernel = np.ones((2 * margin_px + 1, 2 * margin_px + 1), np.uint8)
    parts = [cv2.erode(part, kernel, borderValue=1) > 0 for part in (bright, 1 - bright)]
    if min(part.sum() for part in parts) < 100:
        raise DataError(
            "G-QUA-326",
            en="the image with the object needs an open and a shielded part of 100 pixels each; one is missing. Use an opaque object that covers part of the field.",
            ja="物体の画像には直接部と遮蔽部がそれぞれ 100 画素以上必要ですが、一方が見つかりません。照射野の一部を覆う不透過の物体を使ってください。",
        )
    return parts[0], parts[1]


def _step(values: np.ndarray, part: np.ndarray) -> float:
    if part.min() == part.max():
        return float("nan")
    return float(values[part == 1].mean() - values[part == 0].mean())


def _ratio(values: np.ndarray, part: np.ndarray) -> float:
    if part.min() == part.max():
        return float("nan")
    return float(values[part == 1].mean() / values[part == 0].mean())


def _exposed(signal: float) -> None:
    if not signal > 0:
        raise DataError(
            "G-QUA-327",
            en=f"the exposed frame must be brighter than the dark ones; the difference is {signal:g}. Check the order of the frames and the polarity.",
            ja=f"照射フレームは暗画像より大きい値でなければなりません。差は {signal:g} です。フレームの順番と極性を確認してください。",
        )


def _above(found: float, limit: float = IEC_LIMIT) -> tuple[Text, ...]:
    if abs(found) <= limit:
        return ()
    return (
        Text(
            f"残像 {100 * abs(found):.2f} % は限界 {100 * limit:g} % を超えています。DQE の測定では照射間隔をあけてください。",
            f"a lag of {100 * abs(found):.2f} % is above the limit of {100 * limit:g} %; wait longer between exposures when DQE is measured.",
        ),
    )
