"""The noise a detector adds to an image: quanta behind the blur of light, electronics; and how strong noise is in an image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.parameters import Ge, Gt, Label, Le

Pixels = NDArray[np.float32]
Law = Literal["linear", "log", "constant"]

ALIASES = 200  # orders of aliasing: without blur sinc^2 falls slowly, and its sum must come to 1
HIGH_PASS = 0.640625**0.5  # standard deviation of white noise behind x - [1 2 1]^T [1 2 1] / 16 * x: sqrt(1 - 2/4 + (6/16)^2)
BLOCK_PX = 8
NEAR_PX, BROAD_PX = 2.0, 8.0  # Gaussians: of the pixel value that noise follows, and of what is no detail
DARK = 0.002  # of the mean exposure, added below the square root so that black parts stay finite


@dataclass(frozen=True, kw_only=True)
class NoiseModel:
    """Noise that is added to images taken as free of it."""

    noise_law: Annotated[
        Literal["auto", "linear", "log", "constant"],
        Label("ノイズと画素値の関係 (自動: 画像の種類から)", "How noise follows the pixel value (auto: from the kind of image)"),
    ] = "auto"
    quanta_per_pixel: Annotated[
        float, Gt(1), Le(1e7), Label("平均線量での画素あたりの量子数 (線形・対数画像)", "Quanta per pixel at the mean exposure (linear and log images)")
    ] = 100.0  # fmt: skip
    electronic_quanta: Annotated[float, Ge(0), Le(1e4), Label("電子雑音 (量子数換算)", "Electronic noise", "quanta")] = 2.0
    noise_percent: Annotated[
        float, Gt(0), Le(50), Label("ノイズの標準偏差 (画素値の幅に対して、その他の画像)", "Noise SD of other images, share of their range", "%")
    ] = 4.0  # fmt: skip
    blur_px: Annotated[
        float, Ge(0), Le(5), Label("検出器のぼけ (ガウス分布の σ)", "Blur of the detector (Gaussian sigma)", "px")
    ] = 0.5
    dose_spread: Annotated[
        float, Ge(1), Le(100), Label("学習する線量の幅 (倍率)", "Spread of the doses learned (factor)")
    ] = 2.0  # fmt: skip

    def law_of(self, image: Image) -> Law:
        """How the noise of an image follows its pixel values."""
        if self.noise_law != "auto":
            return self.noise_law
        known: dict[str, Law] = {"linear exposure": "linear", "stored": "linear", "log exposure": "log"}
        return known.get(image.meaning, "constant")

    def add(self, clean: Pixels, law: Law, rng: np.random.Generator, *, dose: float = 1.0) -> Pixels:
        """The image with noise, for a dose relative to the one the options give.

        linear: e = m / q (P - q e / m) * k + electronics, P Poisson of mean q e / m, m the mean of the image, q quanta, k the blur of
        light (`correlation`). log: the pixel -ln e, the same noise on e. constant: Gaussian noise of one standard deviation everywhere.
        """
        if law == "constant":
            low, high = np.percentile(clean, (0.5, 99.5))
            sd = self.noise_percent / 100 * float(high - low) / np.sqrt(dose)
            kernel = correlation(self.blur_px)
            white = rng.standard_normal(clean.shape, np.float32) * np.float32(sd / float((kernel**2).sum()))
            return np.asarray(clean + _filtered(white, kernel), np.float32)
        if law == "log":
            exposure = np.exp(-clean.astype(np.float64))
            noisy, quantum = self._exposed(exposure, rng, dose)
            return np.asarray(-np.log(np.maximum(noisy, quantum / 2)), np.float32)
        exposure = np.maximum(clean, 0)
        noise = self._exposed(exposure, rng, dose)[0] - exposure
        return np.asarray(clean + noise, np.float32)

    def _exposed(self, exposure: NDArray[Any], rng: np.random.Generator, dose: float) -> tuple[NDArray[Any], float]:
        """An exposure with its noise, and what one quantum is worth in it."""
        mean = float(exposure.mean(dtype=np.float64))
        if not mean > 0:
            raise DataError(
                "G-DEN-001",
                en=f"quantum noise needs an image with exposure; the mean pixel value is {mean:g}. Leave the image out, or set noise_law to constant.",
                ja=f"量子ノイズを加えるには線量のある画像が必要です。画素値の平均: {mean:g}。この画像を除くか、noise_law を constant にしてください。",
            )
        quantum = mean / (self.quanta_per_pixel * dose)
        expected = exposure / quantum
        spread = _filtered((rng.poisson(expected) - expected).astype(np.float32), correlation(self.blur_px))
        electronic = self.electronic_quanta * rng.standard_normal(exposure.shape, np.float32)
        return exposure + quantum * (spread + electronic), quantum


@cache
def correlation(blur_px: float) -> NDArray[np.float64]:
    """One axis of the kernel that gives white counts the spectrum of a flat panel, sum 1.

    The quantum NPS of a panel with Gaussian blur T and square pixels is sum_k T^2(u + k) sinc^2(u + k) (Cunningham 2000, Handbook of
    Medical Imaging vol. 1, ch. 2; as in `gazo.phantoms.simulate_detector`). Its root without phase is the transfer of the kernel.
    """
    u = np.fft.fftfreq(64)
    orders = [u + k for k in range(-ALIASES, ALIASES + 1)]
    power = sum(np.exp(-4 * (np.pi * blur_px * f) ** 2) * np.sinc(f) ** 2 for f in orders)
    kernel = np.fft.fftshift(np.fft.ifft(np.sqrt(power)).real)[32 - 15 : 32 + 16]
    return np.asarray(kernel / kernel.sum(), np.float64)


def _filtered(white: Pixels, kernel: NDArray[np.float64]) -> Pixels:
    import cv2

    return np.asarray(cv2.sepFilter2D(white, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REFLECT_101), np.float32)


@dataclass(frozen=True, eq=False)
class Seen:
    """An image as the network sees it, and back.

    Parameters
    ----------
    detail : (y - broad y) / level of the image y in which noise is alike everywhere: y = 2 sqrt(x) for linear exposure (Anscombe 1948,
        Biometrika 35:246), y = 2 exp(-x / 2) for log exposure, y = x where noise is constant. Broad: a Gaussian of 8 pixels.
    spread : standard deviation of the noise in pixel values where detail has 1: level x dx/dy, from a Gaussian of 2 pixels of x.
    level : `noise_level` of y; 0 where the image has no grain.
    """

    detail: Pixels
    spread: Pixels
    level: float

    @classmethod
    def of(cls, pixels: Pixels, law: Law) -> Seen:
        """Prepare one image."""
        import cv2

        near = cv2.GaussianBlur(pixels, (0, 0), NEAR_PX, borderType=cv2.BORDER_REFLECT)
        if law == "linear":
            least = np.float32(DARK * max(float(pixels.mean(dtype=np.float64)), 1e-30))
            alike, slope = 2 * np.sqrt(np.maximum(pixels, 0) + least), np.sqrt(np.maximum(near, 0) + least)
        elif law == "log":
            alike, slope = 2 * np.exp(-pixels / 2), -np.exp(near / 2)
        else:
            alike, slope = pixels, np.ones_like(pixels)
        level = noise_level(alike)
        if level == 0:
            return cls(np.zeros_like(pixels), np.zeros_like(pixels), 0.0)
        broad = cv2.GaussianBlur(alike, (0, 0), BROAD_PX, borderType=cv2.BORDER_REFLECT)
        return cls(np.asarray((alike - broad) / level, np.float32), np.asarray(level * slope, np.float32), level)


def noise_level(pixels: Pixels) -> float:
    """Standard deviation that white noise of the same fine grain would have: the median over 8 x 8 blocks that are not empty.

    The grain is x - [1 2 1]^T [1 2 1] / 16 * x. It is a scale, the same in training and prediction, not a measurement: blurred noise
    gives less, dense structure more.
    """
    import cv2

    binomial = np.array([0.25, 0.5, 0.25])
    fine = pixels - cv2.sepFilter2D(pixels, cv2.CV_32F, binomial, binomial, borderType=cv2.BORDER_REFLECT)
    columns, rows = (max(1, n // BLOCK_PX) for n in pixels.shape[::-1])
    power = cv2.resize(cv2.multiply(fine, fine), (columns, rows), interpolation=cv2.INTER_AREA)
    power = power[power > 0]
    return float(np.sqrt(np.median(power)) / HIGH_PASS) if power.size else 0.0
