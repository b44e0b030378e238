"""Where on the detector the beam arrived: inside the collimator, beside the patient (direct exposure), behind the patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.core.registry import feature
from gazo.quality.inputs import plane, varied

Array = NDArray[np.float32]
Flags = NDArray[np.bool_]

GRID = 256  # pixels of the longer side on which the search runs
FULL_STEP = 0.10  # difference of ln(exposure) a pixel that counts fully as an edge of the collimator
LEAST_EDGE = 0.30  # mean step along a line, of FULL_STEP, that makes it an edge
TURNS_DEG = 15.0
FLAT = 0.012  # gradient of ln(exposure) a pixel below which an area is flat, as the direct beam is
DIRECT_SHARE = 0.88  # of the direct beam that still counts as direct exposure


@dataclass(frozen=True, eq=False)
class ExposedRegion:
    """Masks (uint8, 0 or 1) on the pixels of the image; `direct` and `anatomy` share out `field`.

    Parameters
    ----------
    field : inside the straight edges of the collimator; all of the image where none are found.
    direct : in the field, not covered by the patient.
    anatomy : in the field, covered.
    turn_deg : how far the field is turned against the rows, clockwise positive.
    """

    field: Image
    direct: Image
    anatomy: Image
    turn_deg: float


@feature("照射領域の自動認識", "Exposed region, found automatically", booklet="W7")
def find_exposed_region(image: Image) -> ExposedRegion:
    """Find collimator edges, direct exposure and anatomy in an image whose values rise with exposure (linear, not processed).

    Collimator: on a grid of 256 pixels, for turns up to 15 degrees, the four lines across which ln(exposure) falls outwards
    most evenly along their whole length (a mean of steps clipped at 0.1 a pixel, so a few strong edges of bones do not win, less
    its running median, so broad slopes do not).
    A side without such a line reaches to the border. Direct exposure: the bright flat area (gradient of ln(exposure) below 0.012
    a pixel) that touches the edge of the field gives the direct level as a plane; all of the field above 88 % of it is direct.
    Scaling the image does not change the answer. Not found: round or many-sided fields, fields that do not reach the middle of the image, two fields on one image, direct
    exposure that does not touch the edge of the field; give a mask by hand there.

    Parameters
    ----------
    image : (rows, columns), linear exposure or raw linear values; a processed or logarithmic image is refused.
    """
    if image.meaning in ("display", "log exposure", "HU", "mask"):
        raise ImageError(
            "G-QUA-310",
            en=f"the exposed region is found on values linear in exposure; this image is '{image.meaning}'. Use the image FOR PROCESSING, linearised.",
            ja=f"照射領域は線量に比例する画素値から求めます。この画像は「{image.meaning}」です。処理前 (FOR PROCESSING) の画像を線形化して使ってください。",
        )
    pixels = plane(image)
    if min(pixels.shape) < 64:
        raise ImageError(
            "G-QUA-311",
            en=f"edges of a field can be found on 64 x 64 pixels and more; {pixels.shape} came. Give the whole image, or a mask by hand.",
            ja=f"照射野の辺を認識するには 64 x 64 画素以上が必要です。受け取った大きさ: {pixels.shape}。画像全体を使うか、マスクを手で指定してください。",
        )
    varied(pixels, "exposure")
    small, logs = _small(pixels)
    turn, sides = _collimator(logs)
    scale = (pixels.shape[0] / small.shape[0], pixels.shape[1] / small.shape[1])
    inside = _between(pixels.shape, scale, turn, sides)
    direct = _direct(small, logs, _between(small.shape, (1.0, 1.0), turn, sides), pixels.shape) & inside
    flat = image.spacing_mm[-2:] if image.spacing_mm else None
    field, beside, behind = (Image(m.astype(np.uint8), flat, meaning="mask") for m in (inside, direct, inside & ~direct))
    return ExposedRegion(field, beside, behind, float(np.rad2deg(turn)))


def _small(pixels: NDArray[Any]) -> tuple[Array, Array]:
    """The image on the coarse grid, and its logarithm above a floor of 1/10000 of the brightest part."""
    import cv2

    factor = min(1.0, GRID / max(pixels.shape))
    size = (max(8, round(pixels.shape[1] * factor)), max(8, round(pixels.shape[0] * factor)))
    small = cv2.medianBlur(cv2.resize(pixels.astype(np.float32), size, interpolation=cv2.INTER_AREA), 3)
    floor = max(float(np.percentile(small, 99.5)) * 1e-4, 1e-12)
    return small, np.asarray(np.log(np.maximum(small, np.float32(floor))), np.float32)


def _collimator(logs: Array) -> tuple[float, NDArray[np.float64]]:
    """Turn (radians) and the four sides: least and largest coordinate across and along, from the centre of the grid."""
    slope_y, slope_x = np.gradient(logs)
    slopes = (np.asarray(slope_y, np.float32), np.asarray(slope_x, np.float32))
    turn, sides = 0.0, np.zeros(4)
    for step, reach in ((1.0, TURNS_DEG), (0.25, 0.75)):
        angles = np.arange(turn - reach, turn + reach + step / 2, step)
        found = [_sides(logs, slopes, np.deg2rad(angle)) for angle in angles]
        best = int(np.argmax([score for score, _ in found]))
        turn, sides = float(angles[best]), found[best][1]
    return (float(np.deg2rad(turn)) if np.isfinite(sides).any() else 0.0), sides


def _sides(logs: Array, slopes: tuple[Array, Array], turn: float) -> tuple[float, NDArray[np.float64]]:
    """Sum of the squared scores of the sides at one turn, and where they lie (infinite where there is none).

    The second round looks only between the other two sides that the first one found, so a small field counts as much as a large one.
    """
    across, along = _coordinates(logs.shape, (1.0, 1.0), turn)
    slope_y, slope_x = slopes
    rises = (slope_x * np.cos(turn) + slope_y * np.sin(turn), slope_y * np.cos(turn) - slope_x * np.sin(turn))
    sides = np.array([-np.inf, np.inf, -np.inf, np.inf])
    total = 0.0
    for _ in range(2):
        found = []
        for axis, (place, other) in enumerate(((across, along), (along, across))):
            low, high = sides[2 - 2 * axis : 4 - 2 * axis]
            used = (other > low) & (other < high)
            step = np.clip(rises[axis][used] / FULL_STEP, -1, 1)
            found += [_edge(sign * place[used], sign * step, logs[used], min(logs.shape)) for sign in (1, -1)]
        total = sum(score for score, _ in found)
        sides = np.array([place * sign for (_, place), sign in zip(found, (1, -1, 1, -1), strict=True)])
    return total, sides


def _edge(place: Array, step: Array, logs: Array, reach: int) -> tuple[float, float]:
    """Squared score and place of the sharpest rise before the middle (place 0) with darkness outside; (0, -inf) if there is none."""
    from scipy.ndimage import median_filter

    start = int(np.floor(place.min()))
    bins = np.floor(place).astype(int) - start
    counts = np.bincount(bins)
    full = counts > 0.25 * reach
    rise = np.where(full, np.bincount(bins, step) / np.maximum(counts, 1), 0)
    rise -= median_filter(rise, 17, mode="nearest")  # lungs and shoulders slope over many pixels, a collimator over two or three
    level = np.bincount(bins, logs) / np.maximum(counts, 1)
    outside = np.cumsum(level * counts) / np.maximum(np.cumsum(counts), 1)
    lines = np.arange(2, max(3, min(-start, len(rise) - 10)))  # before the middle
    total = np.cumsum(level)
    inside = (total[lines + 9] - total[lines]) / 9
    allowed = full[lines] & (rise[lines] > LEAST_EDGE) & (outside[lines - 2] < inside)
    score = np.zeros(len(rise))
    score[lines] = np.where(allowed, rise[lines], 0)
    best = int(np.argmax(score))
    return (float(score[best]) ** 2, _exact(rise, best, start)) if score[best] > 0 else (0.0, -np.inf)


def _exact(means: NDArray[Any], peak: int, start: int) -> float:
    """Centroid of the peak and its two neighbours on either side."""
    near = np.arange(max(0, peak - 2), min(len(means), peak + 3))
    weight = np.maximum(means[near], 0)
    return float(start + 0.5 + (near * weight).sum() / weight.sum())


def _coordinates(shape: tuple[int, ...], scale: tuple[float, float], turn: float) -> tuple[Array, Array]:
    """Across and along the turned field, in pixels of the coarse grid from its centre, for each pixel of a grid `scale` finer."""
    y = ((np.arange(shape[0]) - (shape[0] - 1) / 2) / scale[0]).astype(np.float32)[:, None]
    x = ((np.arange(shape[1]) - (shape[1] - 1) / 2) / scale[1]).astype(np.float32)[None, :]
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    return x * cos + y * sin, y * cos - x * sin


def _between(shape: tuple[int, ...], scale: tuple[float, float], turn: float, sides: NDArray[np.float64]) -> Flags:
    across, along = _coordinates(shape, scale, turn)
    inside: Flags = (across >= sides[0]) & (across <= sides[1]) & (along >= sides[2]) & (along <= sides[3])
    return inside


def _direct(small: Array, logs: Array, inside: Flags, shape: tuple[int, ...]) -> Flags:
    """Direct exposure on the full grid."""
    import cv2

    nothing = np.zeros(shape, bool)
    core = cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0) > 0
    if not core.any():
        return nothing
    bright = core & (logs > np.percentile(logs[core], 99.7) + np.log(0.7))
    smooth_y, smooth_x = np.gradient(cv2.GaussianBlur(logs, (0, 0), 1.0))
    bright = _at_edge(bright, core)
    clear = cv2.erode(bright.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=0) > 0  # free of the blur of edges
    flat = clear & (np.hypot(smooth_y, smooth_x) < FLAT)
    if flat.sum() < max(8, 0.001 * core.sum()) or flat.sum() < 0.5 * clear.sum():
        return nothing
    above = logs - _plane_through(logs, flat) - np.float32(np.log(DIRECT_SHARE))
    return np.asarray(cv2.resize(above, shape[::-1], interpolation=cv2.INTER_LINEAR) > 0)


def _at_edge(flags: Flags, core: Flags) -> Flags:
    """The connected parts that touch the edge of the field."""
    import cv2

    rim = core & ~(cv2.erode(core.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0)
    count, labels = cv2.connectedComponents(flags.astype(np.uint8))
    touching = np.zeros(count, bool)
    touching[np.unique(labels[rim & flags])] = True
    touching[0] = False
    return np.asarray(touching[labels])


def _plane_through(logs: Array, where: Flags) -> Array:
    """The plane (least squares) through the values at marked pixels, everywhere."""
    rows, columns = np.nonzero(where)
    terms = np.stack([np.ones(len(rows)), rows, columns], 1)
    a, b, c = np.linalg.lstsq(terms, logs[where].astype(np.float64), rcond=None)[0]
    y, x = np.ogrid[: logs.shape[0], : logs.shape[1]]
    return np.asarray(a + b * y + c * x, np.float32)
