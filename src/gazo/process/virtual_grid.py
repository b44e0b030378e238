"""Virtual grid: what an anti-scatter grid would have shown, computed from a radiograph taken without one (booklet, P5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import ImageError, OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.grid_factors import GRIDS
from gazo.process.plane import plane
from gazo.process.scatter_model import (
    NARROW_MM,
    SPR_AT_200_MM,
    SPR_POWER,
    WIDE_MM,
    WIDEST_AT_MM,
    exponential_kernel,
    water_mu_per_mm,
    yield_ugy_per_mas,
)

Array = NDArray[np.float32]

LEAST_PRIMARY = np.float32(0.02)  # of the exposure: where noise would make the primary negative
FINE = 15.0  # cells that a scale length of the narrow kernel needs at least; the error of scatter is then below 0.3 %
AGREED = 1e-4  # of the exposure: when primary + scatter differ by less everywhere, the iteration ends
NO_EXPOSURE = ("log exposure", "HU", "display", "mask")


@dataclass(frozen=True, kw_only=True, eq=False)
class VirtualGrid:
    """The radiograph as behind a grid, and the maps it comes from, all on the pixels of the input.

    Parameters
    ----------
    image : Tp x primary + Ts x scatter, linear exposure. Noise is left as it is: follow with `flexible_noise_control`.
    primary, scatter : parts of the input; they add up to it.
    thickness : water-equivalent thickness of the body in mm.
    i0 : pixel value of the unattenuated beam that was used.
    scatter_fraction : share of scatter in the exposure behind the body (more than 10 mm thick), mean.
    field_ratio : exposure found in the unattenuated field over `i0`; None where no such field was found.
    warnings : what makes the result doubtful.
    """

    image: Image
    primary: Image
    scatter: Image
    thickness: Image
    i0: float
    scatter_fraction: float
    field_ratio: float | None
    warnings: tuple[Text, ...] = ()


@operation("散乱線補正処理 (バーチャルグリッド)", "Virtual grid", booklet="P5")
def virtual_grid(
    image: Image,
    *,
    kv: Annotated[float, Ge(40), Le(150), Label("管電圧", "Tube voltage", "kV")] = 90.0,
    mas: Annotated[float | None, Gt(0), Le(1000), Label("管電流時間積", "Tube current x time", "mAs")] = None,
    sid_cm: Annotated[float, Ge(50), Le(400), Label("焦点-受像器間距離", "Focus-detector distance", "cm")] = 120.0,
    response_per_ugy: Annotated[
        float | None, Gt(0), Label("検出器の感度 (1 µGy あたりの画素値)", "Detector response (pixel value per µGy)")
    ] = None,
    i0: Annotated[float | None, Gt(0), Label("直接線の画素値", "Pixel value of the open beam")] = None,
    grid_ratio: Annotated[Literal["6:1", "8:1", "10:1", "12:1"], Label("グリッド比", "Grid ratio")] = "8:1",
    primary_transmission: Annotated[
        float | None, Gt(0), Le(1), Label("一次線透過率 (グリッド比より優先)", "Transmission of primary (instead of the ratio's)")
    ] = None,
    scatter_transmission: Annotated[
        float | None, Ge(0), Le(1), Label("散乱線透過率 (グリッド比より優先)", "Transmission of scatter (instead of the ratio's)")
    ] = None,
    mu_per_mm: Annotated[
        float | None,
        Gt(0),
        Le(0.1),
        Label("水の線減弱係数 (管電圧より優先)", "Attenuation of water (instead of the kV's)", "1/mm"),
    ] = None,
    spr_at_200_mm: Annotated[
        float, Ge(0), Le(10), Label("水 200 mm の散乱線/一次線比", "Scatter to primary at 200 mm of water")
    ] = SPR_AT_200_MM,
    iterations: Annotated[int, Ge(1), Le(100), Label("反復回数", "Iterations")] = 10,
    work_mm: Annotated[float, Ge(0.5), Le(8), Label("計算格子の間隔", "Pitch of the work grid", "mm")] = 2.0,
) -> VirtualGrid:
    r"""Estimate body thickness and scatter, then weaken scatter as a grid would (Kawamura et al., FUJIFILM R&D 2015; 60).

    On a grid of `work_mm`: T = -ln(P / I0) / mu, Sc = sum of P SPR(T) k_T(r), P <- P (I / (P + Sc))^1.5, repeated, beginning with
    P = I; the power 1.5 halves the iterations that 1 would need, and they end when P + Sc is within 0.01 % of I. k_T is a mixture
    of two radial exponentials (`gazo.process.scatter_model`). Scatter is smooth, so it is enlarged (bicubic) and taken off the
    input at full resolution; primary is kept above 2 % of the exposure. Result: Tp P + Ts Sc.
    I0 = response x yield(kv) x mas x (100 cm / sid_cm)^2, unless `i0` is given; with neither, the brightest field of the image
    itself (a warning says so). Nothing comes from outside the image: it should end where the collimator does. float32.
    The granularity step of the booklet is `flexible_noise_control`, applied to the result.

    Parameters
    ----------
    image : linear exposure, 2-D, pixel spacing known; not modified.
    mas, response_per_ugy : go together; the pixel value of 1 uGy is measured as for the exposure index.

    Errors: G-PRC-210 (no linear exposure), G-PRC-211 (mas without response), G-PRC-212 (nothing exposed).
    """
    exposure = _linear(image)
    tp, ts = GRIDS[grid_ratio]
    tp, ts = primary_transmission or tp, ts if scatter_transmission is None else scatter_transmission
    mu = mu_per_mm or water_mu_per_mm(kv)
    small, pitch_mm = _work_grid(exposure, image.need_spacing(), work_mm)
    beam = i0 or _open_beam(small, kv, mas, sid_cm, response_per_ugy)
    primary, scatter, depth = _separated(small, beam, mu, spr_at_200_mm, pitch_mm, iterations)
    scatter_full = np.minimum(_enlarged(scatter, exposure.shape), (1 - LEAST_PRIMARY) * exposure)
    primary_full = exposure - scatter_full
    body = depth > 10
    ratio = _field_ratio(primary, beam)
    return VirtualGrid(
        image=image.with_pixels(np.float32(tp) * primary_full + np.float32(ts) * scatter_full, window=None),
        primary=image.with_pixels(primary_full, window=None),
        scatter=image.with_pixels(scatter_full, window=None),
        thickness=image.with_pixels(_enlarged(depth, exposure.shape), meaning="quantity", unit="mm", window=None, inverted=False),
        i0=float(beam),
        scatter_fraction=float(np.mean((scatter / (primary + scatter))[body])) if body.any() else 0.0,
        field_ratio=ratio,
        warnings=_warnings(ratio, taken_from_image=i0 is None and mas is None),
    )


def _linear(image: Image) -> Array:
    pixels = plane(image)
    if image.meaning in NO_EXPOSURE:
        raise ImageError(
            "G-PRC-210",
            en=f"scatter adds up only in linear exposure; an image of '{image.meaning}' came. Give the FOR PROCESSING image, "
            "made linear with the detector's response.",
            ja=f"散乱線が加算になるのは線量に比例する画素値のときだけです。受け取った画素値: {image.meaning}。"
            "処理用 (FOR PROCESSING) 画像を検出器の入出力特性で線形化して渡してください。",
        )
    return np.maximum(pixels, 0)


def _open_beam(small: Array, kv: float, mas: float | None, sid_cm: float, response: float | None) -> float:
    """I0 from the settings, or where they are not given the brightest field: the 99.5th percentile of the work grid."""
    if (mas is None) != (response is None):
        raise OptionError(
            "G-PRC-211",
            en=f"the open beam follows from 'mas' and 'response_per_ugy' together; mas={mas}, response_per_ugy={response} came. "
            "Give both, or 'i0', or none to take the brightest field of the image.",
            ja=f"直接線の画素値は mas と response_per_ugy の両方から求めます。受け取った値: mas={mas}、response_per_ugy={response}。"
            "両方を指定するか、i0 を指定するか、どれも指定せずに画像内の最も明るい領域を使ってください。",
        )
    if mas is not None and response is not None:
        return response * yield_ugy_per_mas(kv) * mas * (100 / sid_cm) ** 2
    return float(np.percentile(small, 99.5))


def _work_grid(exposure: Array, spacing_mm: tuple[float, ...], work_mm: float) -> tuple[Array, tuple[float, float]]:
    """The exposure averaged on a grid of about `work_mm`, never finer than the image, and the pitch along rows and columns."""
    import cv2

    if not exposure.any():
        raise ImageError(
            "G-PRC-212",
            en="no pixel of this image is above 0, so nothing was exposed; give a linear-exposure image.",
            ja="0 より大きい画素がなく、照射された領域がありません。線量に比例する画素値の画像を渡してください。",
        )
    shape = [min(n, max(2, round(n * s / work_mm))) for n, s in zip(exposure.shape, spacing_mm, strict=True)]
    pitch = (spacing_mm[0] * exposure.shape[0] / shape[0], spacing_mm[1] * exposure.shape[1] / shape[1])
    small = cv2.resize(exposure, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.maximum(small, small.max() * np.float32(1e-6)), pitch  # a logarithm follows


def _separated(
    exposure: Array, i0: float, mu: float, spr_at_200_mm: float, pitch_mm: tuple[float, float], iterations: int
) -> tuple[Array, Array, Array]:
    """Primary, scatter and thickness on the work grid."""
    spread = _reduced_spreader(exposure.shape, pitch_mm)
    primary, depth = exposure, _depth(exposure, i0, mu)
    scatter = _scattered(primary, depth, spr_at_200_mm, spread)
    for _ in range(iterations):
        agreement = exposure / (primary + scatter)
        if float(np.abs(agreement - 1).max()) < AGREED:
            break
        primary = primary * (agreement * np.sqrt(agreement))
        depth = _depth(primary, i0, mu)
        scatter = _scattered(primary, depth, spr_at_200_mm, spread)
    return primary, scatter, depth


def _depth(primary: Array, i0: float, mu: float) -> Array:
    """T = -ln(P / I0) / mu in mm, 0 where more than the open beam arrives."""
    import cv2

    share = np.maximum(primary * np.float32(1 / i0), np.float32(1e-20))  # a logarithm of 0 would have no end
    return np.maximum(cv2.log(share) * np.float32(-1 / mu), 0)


def _scattered(primary: Array, depth: Array, spr_at_200_mm: float, spread: Callable[[Array, Array], Array]) -> Array:
    """Sc = sum of P SPR(T) k_T, the formula of `scatter_model.scatter_to_primary` and `wide_share` in float32."""
    import cv2

    sent = primary * cv2.pow(depth * np.float32(1 / 200), SPR_POWER)
    sent *= np.float32(spr_at_200_mm)
    wide = sent * np.minimum(depth * np.float32(1 / WIDEST_AT_MM), 1)
    return spread(sent - wide, wide)


def _reduced_spreader(shape: tuple[int, ...], pitch_mm: tuple[float, float]) -> Callable[[Array, Array], Array]:
    """`_spreader` on a grid a whole number of times coarser, where that still gives the narrow kernel `FINE` cells."""
    import cv2

    factor = int(NARROW_MM / FINE / max(pitch_mm))
    if factor < 2:
        return _spreader(shape, pitch_mm)
    rows, columns = (-(-n // factor) for n in shape)
    exact = _spreader((rows, columns), (pitch_mm[0] * shape[0] / rows, pitch_mm[1] * shape[1] / columns))

    def spread(narrow: Array, wide: Array) -> Array:
        small = [cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA) for part in (narrow, wide)]
        return _enlarged(exact(*small), shape)

    return spread


def _spreader(shape: tuple[int, ...], pitch_mm: tuple[float, float]) -> Callable[[Array, Array], Array]:
    """A function that convolves two maps, one with the narrow and one with the wide kernel, and adds them; outside is 0.

    Padded to twice the size, so nothing wraps round; the empty half is transformed along one axis only.
    """
    from scipy import fft

    rows, columns = shape
    tall, broad = (fft.next_fast_len(2 * n - 1, real=True) for n in shape)
    y, x = (np.minimum(np.arange(n), n - np.arange(n)) * np.float32(mm) for n, mm in zip((tall, broad), pitch_mm, strict=True))
    distance, area = np.hypot(y[:, None], x), np.float32(pitch_mm[0] * pitch_mm[1])
    kernels = [fft.rfft2(area * exponential_kernel(distance, mm)).real.copy() for mm in (NARROW_MM, WIDE_MM)]

    def forward(part: Array) -> NDArray[np.complex64]:
        return fft.fft(fft.rfft(part, broad, axis=1), tall, axis=0, overwrite_x=True)

    def spread(narrow: Array, wide: Array) -> Array:
        both = forward(narrow)
        both *= kernels[0]
        other = forward(wide)
        other *= kernels[1]
        both += other
        upper = fft.ifft(both, axis=0, overwrite_x=True)[:rows]
        return np.maximum(fft.irfft(upper, broad, axis=1)[:, :columns], 0)

    return spread


def _enlarged(small: Array, shape: tuple[int, ...]) -> Array:
    import cv2

    if small.shape == shape:
        return small
    return np.maximum(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), 0)


def _field_ratio(primary: Array, i0: float) -> float | None:
    """Mean of the brightest field over I0 where it is flat (SD below 3 %) and takes up 1 % of the image; else None.

    The field is what lies within 10 % of the 99th percentile.
    """
    top = float(np.percentile(primary, 99))
    field = primary[(primary > 0.9 * top) & (primary < 1.1 * top)]
    flat = field.size >= 0.01 * primary.size and field.std() < 0.03 * field.mean()
    ratio = float(field.mean() / i0)
    return ratio if ratio > 1.1 or (flat and ratio > 0.5) else None


def _warnings(ratio: float | None, *, taken_from_image: bool) -> tuple[Text, ...]:
    found = []
    if taken_from_image:
        found.append(
            Text(
                ja="直接線の画素値 I0 を画像内の最も明るい領域から求めました。直接線の領域がない画像では厚さを過小評価します。",
                en="I0 was taken from the brightest field of the image; without an unattenuated field, thickness is underestimated.",
            )
        )
    if ratio is not None and not 0.9 <= ratio <= 1.1:
        thin = ratio > 1
        found.append(
            Text(
                ja=f"直接線の領域の画素値が I0 の {ratio:.2f} 倍です。管電圧、mAs、距離、感度の設定が実際と異なり、体厚を"
                f"{'過小' if thin else '過大'}評価し、コントラストが{'低く' if thin else '高く'}なりすぎます。",
                en=f"the unattenuated field is {ratio:.2f} times I0: kV, mAs, distance or response differ from what was set, so the body "
                f"is taken as too {'thin and contrast comes out too low' if thin else 'thick and contrast comes out too high'}.",
            )
        )
    return tuple(found)
