"""The MTF of CT from a wire across the slices, and from a point (bead)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Panels
from gazo.quality.edge_shown import shown_line
from gazo.quality.inputs import listed
from gazo.quality.mtf_edge import ENOUGH_REPEATS
from gazo.quality.mtf_results import MTF, crossing, frequencies, mtf_curve, same_grid, t_half_width

Array = NDArray[np.float64]
HalfWidth = Annotated[float, Gt(0), Le(100), Label("解析する半径", "Radius analysed", "mm")]


@operation("ワイヤ法による MTF", "MTF from a wire")
def mtf_wire(
    images: Sequence[Image],
    *,
    wire_mm: Annotated[float, Ge(0), Le(5), Label("ワイヤの直径", "Diameter of the wire", "mm")] = 0.0,
    radius_mm: HalfWidth = 5.0,
) -> MTF:
    """The MTF in the plane of slices that a thin wire crosses.

    In each slice the wire is found as the most outstanding place; a plane fitted to the rim of the region is subtracted; the mean over
    all directions of the two-dimensional Fourier transform about the centroid is sum p(x, y) J0(2 pi f r), 1 at f = 0. It is divided
    by 2 J1(pi d f)/(pi d f), the transform of a wire of diameter d. Slices are pooled, so a slightly slanted wire is sampled more
    finely than the pixels. The band is a t interval over slices (5 or more); with fewer it comes from the noise in the rim, taken as
    white: var M = s^2 sum (J0 - M)^2 / (sum p)^2.

    Parameters
    ----------
    images : slices, or one image of several planes; pixel spacing known; computed in float64.
    wire_mm : 0 leaves the wire uncorrected.
    radius_mm : of the region around the wire; nothing else may lie in it.
    """
    name = Text(f"ワイヤ (直径 {wire_mm:g} mm)", f"a wire of {wire_mm:g} mm diameter")
    return _point_mtf(images, radius_mm, lambda f: disc_transform(np.pi * wire_mm * f), name)


@operation("点 (ビーズ) による MTF", "MTF from a point (bead)")
def mtf_point(
    images: Sequence[Image],
    *,
    bead_mm: Annotated[float, Ge(0), Le(5), Label("ビーズの直径", "Diameter of the bead", "mm")] = 0.0,
    radius_mm: HalfWidth = 5.0,
) -> MTF:
    """The MTF from images of a small sphere: as `mtf_wire`, divided by 3 (sin z - z cos z)/z^3, z = pi d f, the transform of a sphere.

    Parameters
    ----------
    images : images or slices that show the bead; pixel spacing known; computed in float64.
    bead_mm : 0 leaves the bead uncorrected.
    radius_mm : of the region around the bead; nothing else may lie in it.
    """
    name = Text(f"ビーズ (直径 {bead_mm:g} mm)", f"a bead of {bead_mm:g} mm diameter")
    return _point_mtf(images, radius_mm, lambda f: _sphere(np.pi * bead_mm * f), name)


def disc_transform(z: Array) -> Array:
    """2 J1(z)/z, 1 at z = 0."""
    from scipy.special import j1

    safe = np.where(z == 0, 1, z)
    return np.where(z == 0, 1.0, 2 * j1(safe) / safe)


def _sphere(z: Array) -> Array:
    safe = np.where(z < 1e-3, 1, z)
    return np.where(z < 1e-3, 1 - z**2 / 10, 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3)


def _point_mtf(images: Sequence[Image], radius_mm: float, transform: Callable[[Array], Array], name: Text) -> MTF:
    from scipy.special import j0

    sums: list[Array] = []
    variances: list[Array] = []
    radial: list[tuple[Array, Array]] = []
    shown = None
    for _, pixels, spacing in same_grid(_planes(listed(images))):
        frequency = frequencies(0.5 / max(spacing))
        spot, x, y, centre = _spot(pixels, spacing, radius_mm)
        kernel = j0(2 * np.pi * frequency * np.hypot(x, y)[:, None])
        sums.append(spot @ kernel)
        noise = spot[np.hypot(x, y) > 0.8 * radius_mm].var(ddof=3)
        variances.append(noise * ((kernel - sums[-1] / sums[-1][0]) ** 2).sum(0))
        radial.append((np.hypot(x, y), spot))
        shown = shown or _shown(pixels, centre, spacing, radius_mm)
    planes = np.stack(sums)
    whole = planes.sum(0)
    mtf, correction = whole / whole[0], transform(frequency)
    if len(planes) >= ENOUGH_REPEATS:  # a slice's part in the ratio, linearised; slices weigh by what they hold
        half = t_half_width((planes - mtf * planes[:, :1]) / (whole[0] / len(planes)))
    else:
        half = 1.96 * np.sqrt(np.sum(variances, axis=0)) / whole[0]
    curve = mtf_curve(frequency, mtf / correction, half / np.abs(correction), Text("MTF", "MTF"))
    return MTF(
        curve=curve,
        mtf50=crossing(curve, 0.5),
        mtf10=crossing(curve, 0.1),
        profiles=(_profile(radial, spacing),),
        sentence=_sentence(name, len(planes)),
        warnings=_doubts(curve),
        shown=shown,
    )


def _planes(images: Iterable[Image]) -> Iterator[Image]:
    """Every plane of every image."""
    for image in images:
        if len(image.shape) == 3 and not image.colour:
            spacing = image.spacing_mm[-2:] if image.spacing_mm else None
            yield from (Image(plane, spacing) for plane in image.pixels)
        else:
            yield image


def _spot(pixels: Array, spacing: tuple[float, float], radius_mm: float) -> tuple[Array, Array, Array, tuple[float, float]]:
    """Values above the background within the radius, their distances from the centroid in mm, and the centroid in pixels."""
    import cv2

    smooth = cv2.GaussianBlur((pixels - np.median(pixels)).astype(np.float32), (0, 0), 1.0)
    sign = 1.0 if smooth.max() >= -smooth.min() else -1.0
    row, column = np.unravel_index(int((sign * smooth).argmax()), pixels.shape)
    _need_spot(float((sign * smooth)[row, column]), smooth)
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    at, values = (float(row), float(column)), pixels
    for _ in range(8):
        y, x = (rows - at[0]) * spacing[0], (columns - at[1]) * spacing[1]
        away = np.hypot(x, y)
        inside, rim = away <= radius_mm, (away > 0.8 * radius_mm) & (away <= radius_mm)
        _need_room(at, pixels.shape, spacing, radius_mm)
        values = sign * (pixels - _plane(x, y, pixels, rim))
        near = values * np.exp(-0.5 * (away / (2 * max(spacing))) ** 2)
        total = near[inside].sum()
        at = (
            at[0] + (near * (rows - at[0]))[inside].sum() / total * 1.5,
            at[1] + (near * (columns - at[1]))[inside].sum() / total * 1.5,
        )
    return values[inside], x[inside], y[inside], at


def _plane(x: Array, y: Array, pixels: Array, rim: NDArray[np.bool_]) -> Array:
    """The plane through the pixels of the rim."""
    terms = np.stack([np.ones(rim.sum()), x[rim], y[rim]], axis=1)
    a, b, c = np.linalg.lstsq(terms, pixels[rim], rcond=None)[0]
    return a + b * x + c * y


def _need_spot(height: float, smooth: NDArray[np.float32]) -> None:
    noise = 1.4826 * float(np.median(np.abs(smooth)))
    if height <= 0 or height < 6 * noise:
        raise DataError(
            "G-QUA-415",
            en="no wire or bead stands out from the background; cut the slices to its surroundings.",
            ja="背景から際立つワイヤ (ビーズ) が見つかりません。その周囲だけを切り出してください。",
        )


def _need_room(at: tuple[float, float], shape: tuple[int, ...], spacing: tuple[float, float], radius_mm: float) -> None:
    room = min(min(a, n - 1 - a) * s for a, n, s in zip(at, shape, spacing, strict=True))
    if room < radius_mm or radius_mm < 4 * max(spacing):
        raise DataError(
            "G-QUA-416",
            en=f"a radius of {radius_mm:g} mm is wanted around the wire, but it lies {room:.1f} mm from the border and a pixel has {max(spacing):g} mm; choose a radius of at least 4 pixels that fits into the image.",
            ja=f"ワイヤの周囲に半径 {radius_mm:g} mm が必要ですが、画像の端まで {room:.1f} mm、画素は {max(spacing):g} mm です。4 画素以上で画像に収まる半径を指定してください。",
        )


def _profile(radial: list[tuple[Array, Array]], spacing: tuple[float, float]) -> Curve:
    """Mean of the point spread in rings of a quarter pixel."""
    away, values = (np.concatenate(each) for each in zip(*radial, strict=True))
    ring = (away / (min(spacing) / 4)).astype(int)
    n = np.bincount(ring)
    there = n > 0
    mean = np.bincount(ring, values)[there] / n[there]
    at = np.bincount(ring, away)[there] / n[there]
    words = Text("中心からの距離", "Distance from the centre"), Text("PSF", "PSF"), Text("点広がり関数", "Point spread function")
    return Curve(at, mean / mean.max(), *words, "mm")


def _doubts(curve: Curve) -> tuple[Text, ...]:
    if curve.y[-1] < 0.1:
        return ()
    return (
        Text(
            f"ナイキスト周波数で MTF が {curve.y[-1]:.2f} 残っており、折り返しの影響を受けています。視野を小さくして再構成するか、ワイヤを傾けてください。",
            f"the MTF is still {curve.y[-1]:.2f} at the Nyquist frequency, so it is aliased; reconstruct a smaller field, or slant the wire.",
        ),
    )


def _shown(pixels: Array, at: tuple[float, float], spacing: tuple[float, float], radius_mm: float) -> Panels:
    rows, columns = radius_mm / spacing[0], radius_mm / spacing[1]
    box = (round(at[0] - rows), round(at[1] - columns), max(2, round(2 * rows)), max(2, round(2 * columns)))
    ends = ((at[0] - 1, at[1]), (at[0] + 1, at[1]))
    return shown_line(pixels, box, ends, Text("検出した中心", "The centre found"))


def _sentence(name: Text, planes: int) -> Text:
    how = Text("縁の雑音 (白色とみなす)", "the noise in the rim, taken as white")
    if planes >= ENOUGH_REPEATS:
        how = Text(f"{planes} 断面の t 区間", f"a t interval over {planes} slices")
    return Text(
        f"MTF は{name.ja}の {planes} 断面から、平面の背景を差し引いた点広がり関数の 2 次元フーリエ変換を全方向で平均し、径を補正して求めた。95 % 信頼帯は{how.ja}による。",
        f"The MTF was obtained from {planes} plane(s) of {name.en}: a plane background was subtracted, the two-dimensional Fourier transform averaged over all directions and corrected for the diameter; the 95 % band is from {how.en}.",
    )
