"""A flat-panel detector with known MTF, NNPS and DQE: flat, edge and dark exposures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve
from gazo.core.seeds import generator
from gazo.quality.snr_in2 import Beam, Standard, constant

Array = NDArray[np.float64]
SUB = 3  # sub-pixels along each side of a pixel
LEAST_BLUR = 0.15  # of a pixel; below it, light beyond what sub-pixels can carry is not lost in the blur
ALIASES = 4
TOP = 65535


@dataclass(frozen=True, eq=False)
class DetectorExposure:
    """One exposure and what is true of the detector along a row or column at this kerma.

    image : pixel value = offset + gain x kerma on average; meaning "stored".
    mtf : T(u) sinc(uD), presampled.
    nnps : mm^2, of images from which the offset was subtracted.
    dqe : for SNRin^2 of the beam.
    """

    image: Image
    mtf: Curve
    nnps: Curve
    dqe: Curve


@dataclass(frozen=True)
class _Panel:
    """The numbers the physics needs: quanta detected per mm^2, pixel and blur in mm, Swank factor, noise in quanta per pixel."""

    quanta: float
    pixel: float
    blur: float
    swank: float
    electronic: float
    structure: float
    step: float  # of the quantiser, in quanta

    @property
    def per_pixel(self) -> float:
        return self.quanta * self.pixel**2


@operation("フラットパネル検出器のシミュレーション", "Flat-panel detector simulation", booklet="W6")
def simulate_detector(
    previous: Image | None = None,
    *,
    rng: np.random.Generator,
    exposure: Annotated[Literal["flat", "edge", "dark"], Label("照射の種類", "Exposure")] = "flat",
    rows_px: Annotated[int, Ge(16), Le(8192), Label("行数", "Rows", "px")] = 512,
    columns_px: Annotated[int, Ge(16), Le(8192), Label("列数", "Columns", "px")] = 512,
    pixel_mm: Annotated[float, Gt(0.001), Le(5), Label("画素の大きさ", "Pixel size", "mm")] = 0.15,
    kerma_ugy: Annotated[float, Gt(0), Le(1e4), Label("空気カーマ", "Air kerma", "µGy")] = 2.5,
    beam: Annotated[Beam, Label("線質", "Beam")] = "RQA5",
    standard: Annotated[Standard, Label("SNRin² の規格の版", "Edition of the standard for SNRin²")] = "2015",
    efficiency: Annotated[float, Gt(0), Le(1), Label("検出効率 η", "Quantum efficiency")] = 0.7,
    blur_mm: Annotated[float, Gt(0.005), Le(2), Label("ぼけ (ガウス分布の σ)", "Blur (Gaussian sigma)", "mm")] = 0.08,
    swank: Annotated[float, Gt(0.1), Le(1), Label("スワンク因子", "Swank factor")] = 1.0,
    electronic_quanta: Annotated[float, Ge(0), Le(1e5), Label("電子雑音 (量子数換算)", "Electronic noise", "quanta")] = 3.0,
    gain_per_ugy: Annotated[float, Gt(0), Le(1e5), Label("感度", "Gain", "1/µGy")] = 1000.0,
    offset: Annotated[float, Ge(0), Le(10000), Label("オフセット", "Offset")] = 100.0,
    gain_map_percent: Annotated[
        float, Ge(0), Le(50), Label("画素ごとの感度のばらつき (標準偏差)", "Spread of pixel gains (SD)", "%")
    ] = 0.0,
    panel: Annotated[
        int, Ge(0), Le(10**6), Label("パネルの番号 (感度のばらつきを決める)", "Number of the panel (fixes its pixel gains)")
    ] = 0,
    lag_percent: Annotated[float, Ge(0), Lt(100), Label("残像 (前の画像の割合)", "Lag, share of the previous image", "%")] = 0.0,
    edge_degrees: Annotated[float, Ge(-45), Le(45), Label("エッジの角度", "Angle of the edge", "°")] = 2.5,
    edge_along: Annotated[Literal["u", "v"], Label("エッジを横切る方向", "Direction across the edge")] = "u",
    edge_transmission: Annotated[float, Ge(0), Lt(1), Label("エッジの透過率", "Transmission of the edge")] = 0.0,
    quantise: Annotated[bool, Label("16 ビット整数にする", "Whole numbers of 16 bits")] = True,
) -> DetectorExposure:
    """One exposure of a linear, shift-invariant detector, with its theory.

    Quanta, Poisson of mean eta K SNRin^2 d^2 on sub-pixels d, are multiplied by gains of the given Swank factor A, spread by a
    Gaussian T(u) = exp(-2 pi^2 s^2 u^2) and integrated over square pixels D with weights in closed form; then pixel gains, Gaussian
    electronic noise, lag of the previous image, offset, quantiser. With N quanta per pixel, and quanta per mm^2 q = N/D^2:
    NNPS(u) = sum_k T^2 sinc^2(u + k/D)/(A q) + D^2 (s_e^2 + quantiser)/N^2 + D^2 s_gain^2; DQE = T^2 sinc^2/(K SNRin^2 NNPS).
    The quantiser's share, one twelfth, holds where the noise is at least half a step. Not modelled: scatter, glare, K-fluorescence, correlated electronic noise.

    Parameters
    ----------
    previous : the image before, for lag; of the same size.
    rng : draws quanta and noise.
    kerma_ugy : in the open beam; a dark exposure has none.
    gain_per_ugy : mean pixel value above the offset per uGy.
    edge_degrees : of the edge against the columns ("u") or rows ("v"); the covered side is left or above.
    panel : pixel gains do not change from exposure to exposure of a panel.
    """
    _need_blur(blur_mm, pixel_mm)
    snr_in2 = constant(beam, standard)[0]
    quanta = efficiency * kerma_ugy * snr_in2
    value_of_quantum = gain_per_ugy * kerma_ugy / (quanta * pixel_mm**2)
    step = 1 / value_of_quantum if quantise else 0.0
    detector = _Panel(quanta, pixel_mm, blur_mm, swank, electronic_quanta, gain_map_percent / 100, step)
    shape = (rows_px, columns_px)
    if exposure == "dark":
        signal = np.zeros(shape)
    elif exposure == "flat":
        signal = detector.per_pixel + _spread_noise(np.full((1, 1), 1.0), shape, detector, rng)
    else:
        turned = shape if edge_along == "u" else shape[::-1]
        signal = _edge(turned, detector, np.radians(edge_degrees), edge_transmission, rng)
        signal = signal if edge_along == "u" else signal.T
    if gain_map_percent:
        signal = signal * (1 + gain_map_percent / 100 * generator(panel, "gain map").standard_normal(shape))
    values = value_of_quantum * (signal + rng.normal(0, electronic_quanta, shape)) + offset
    if previous is not None and lag_percent:
        values += lag_percent / 100 * (_same(previous, shape) - offset)
    pixels = np.clip(np.rint(values), 0, TOP).astype(np.uint16) if quantise else values.astype(np.float32)
    image = Image(pixels, (pixel_mm, pixel_mm), meaning="stored", modality="DX")
    return DetectorExposure(image, *_theory(detector, kerma_ugy * snr_in2))


def _need_blur(blur_mm: float, pixel_mm: float) -> None:
    if blur_mm < LEAST_BLUR * pixel_mm:
        raise DataError(
            "G-PHA-302",
            en=f"the blur must be at least {LEAST_BLUR:g} of the pixel; {blur_mm:g} mm came for a pixel of {pixel_mm:g} mm. Give more blur or a smaller pixel.",
            ja=f"ぼけは画素の {LEAST_BLUR:g} 倍以上でなければなりません。受け取った値: {blur_mm:g} mm (画素 {pixel_mm:g} mm)。ぼけを大きくするか画素を小さくしてください。",
        )


def _same(previous: Image, shape: tuple[int, int]) -> Array:
    if previous.pixels.shape != shape:
        raise DataError(
            "G-PHA-301",
            en=f"the previous image must have {shape[0]} x {shape[1]} pixels as this one; {previous.pixels.shape} came. Simulate it with the same size.",
            ja=f"前の画像は今回と同じ {shape[0]} × {shape[1]} 画素でなければなりません。受け取った大きさ: {previous.pixels.shape}。同じ大きさで作成してください。",
        )
    return previous.pixels.astype(np.float64)


def _edge(shape: tuple[int, int], detector: _Panel, angle: float, transmission: float, rng: np.random.Generator) -> Array:
    """Quanta in each pixel behind a half plane: the exact mean and the noise of the quanta that come through."""
    margin = _margin(detector)
    rows, columns = (np.arange(-margin, n * SUB + margin) + 0.5 - n * SUB / 2 for n in shape)
    away = (columns[None] * np.cos(angle) - rows[:, None] * np.sin(angle)).astype(np.float32)  # in sub-pixels
    open_beam = transmission + (1 - transmission) * np.clip(away + 0.5, 0, 1)
    mean = transmission + (1 - transmission) * edge_mean(shape, detector.pixel, detector.blur, angle)
    return detector.per_pixel * mean + _spread_noise(open_beam, shape, detector, rng)


def edge_mean(shape: tuple[int, int], pixel_mm: float, blur_mm: float, angle: float) -> Array:
    """A half plane blurred by a Gaussian and averaged over square pixels, 0 to 1 (Gauss-Legendre, 6 x 6 points a pixel).

    Parameters
    ----------
    shape : rows, columns; the edge passes through the centre.
    pixel_mm, blur_mm : pixel and sigma of the Gaussian.
    angle : of the edge against the columns, radians.
    """
    from scipy.special import erf

    rows, columns = (np.arange(n) + 0.5 - n / 2 for n in shape)
    away = pixel_mm * (columns[None] * np.cos(angle) - rows[:, None] * np.sin(angle))
    mean = (away > 0).astype(np.float64)
    near = np.abs(away) < 7 * blur_mm + pixel_mm
    nodes, weights = np.polynomial.legendre.leggauss(6)
    total = np.zeros(int(near.sum()))
    for y, wy in zip(nodes, weights, strict=True):
        for x, wx in zip(nodes, weights, strict=True):
            shift = pixel_mm / 2 * (x * np.cos(angle) - y * np.sin(angle))
            total += wx * wy / 8 * (1 + erf((away[near] + shift) / (np.sqrt(2) * blur_mm)))
    mean[near] = total
    return mean


def _margin(detector: _Panel) -> int:
    """Sub-pixels around the image from which light reaches it."""
    return SUB * int(np.ceil(6 * detector.blur / detector.pixel + 1))


def _spread_noise(open_beam: NDArray[np.floating], shape: tuple[int, int], detector: _Panel, rng: np.random.Generator) -> Array:
    """What quanta add to or take from their mean, blurred and summed into pixels.

    Parameters
    ----------
    open_beam : relative exposure of the sub-pixels, margin included, or one value for all.
    """
    import cv2

    margin = _margin(detector)
    size = tuple(n * SUB + 2 * margin for n in shape)
    mean = detector.per_pixel / SUB**2 * open_beam
    counts = rng.poisson(np.broadcast_to(mean, size)).astype(np.float32)
    if detector.swank < 1:
        counts += np.sqrt(counts * np.float32(1 / detector.swank - 1)) * rng.standard_normal(size, np.float32)
    weights = _weights(detector, margin)
    spread = cv2.sepFilter2D(counts - mean.astype(np.float32), cv2.CV_32F, weights, weights, borderType=cv2.BORDER_CONSTANT)
    first = margin + SUB // 2
    return np.asarray(spread[first : first + shape[0] * SUB : SUB, first : first + shape[1] * SUB : SUB], np.float64)


def _weights(detector: _Panel, margin: int) -> Array:
    """Share of a quantum's light that a pixel's width collects, by distance of sub-pixel and pixel centres in sub-pixels.

    Sampled at sub-pixels this has the transfer T(u) sinc(uD), as frequencies above 1/d are lost in the blur; counts are white, so
    quantum noise gets T^2 sinc^2, as it has in continuous space.
    """
    from scipy.special import ndtr

    x = detector.pixel / SUB * np.arange(-(margin - SUB), margin - SUB + 1)
    return np.asarray(ndtr((x + detector.pixel / 2) / detector.blur) - ndtr((x - detector.pixel / 2) / detector.blur))


def _theory(detector: _Panel, quanta_in: float) -> tuple[Curve, Curve, Curve]:
    """MTF, NNPS and DQE up to the Nyquist frequency."""
    u = np.linspace(0, 0.5 / detector.pixel, 101)

    def transfer(f: Array) -> Array:
        return np.exp(-2 * (np.pi * detector.blur * f) ** 2) * np.sinc(f * detector.pixel)

    aliases = sum(transfer(u + k / detector.pixel) ** 2 for k in range(-ALIASES, ALIASES + 1))
    added = detector.electronic**2 + detector.step**2 / 12
    nnps = aliases / (detector.swank * detector.quanta) + detector.pixel**2 * (
        added / detector.per_pixel**2 + detector.structure**2
    )
    mtf = transfer(u)
    frequency = Text("空間周波数", "Spatial frequency")
    words = (
        (Text("MTF (理論)", "MTF (theory)"), mtf, ""),
        (Text("NNPS (理論)", "NNPS (theory)"), nnps, "mm²"),
        (Text("DQE (理論)", "DQE (theory)"), mtf**2 / (quanta_in * nnps), ""),
    )
    found = [Curve(u, y, frequency, name, name, "cycles/mm", unit) for name, y, unit in words]
    return found[0], found[1], found[2]
