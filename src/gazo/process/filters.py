"""Smoothing filters that libraries bring: Gaussian, guided, non-local means and wavelet, with their units said."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process import masks
from gazo.process.plane import plane, same_shape

TOP = 65535


@operation("ガウシアンフィルタ", "Gaussian filter")
def gaussian(
    image: Image,
    *,
    sigma_px: Annotated[float, Gt(0), Le(500), Label("標準偏差", "Sigma", "px")] = 2.0,
    way: Annotated[Literal["exact", "fast"], Label("計算法", "Way")] = "exact",
) -> Image:
    """Blur with exp(-x^2 / (2 sigma^2)): transfer exp(-2 pi^2 sigma^2 u^2), u in cycles per pixel.

    exact: the sampled Gaussian to 4 sigma (OpenCV), borders reflected (d c b a | a b c d). fast: wide ones on reduced grids, within
    0.1 % of the range of the image, borders d c b | a b c d. float32.

    Parameters
    ----------
    image : 2-D.
    """
    import cv2

    pixels = plane(image)
    if way == "fast":
        return image.with_pixels(masks.gaussian(pixels, (sigma_px, sigma_px)))
    size = 2 * int(np.ceil(4 * sigma_px)) + 1
    return image.with_pixels(cv2.GaussianBlur(pixels, (size, size), sigma_px, borderType=cv2.BORDER_REFLECT))


@operation("ガイデッドフィルタ", "Guided filter")
def guided(
    image: Image,
    guide: Image | None = None,
    *,
    radius_px: Annotated[int, Ge(1), Le(200), Label("窓の半径", "Radius of the window", "px")] = 8,
    edge_value: Annotated[
        float, Gt(0), Label("保存するエッジの大きさ (画素値の標準偏差)", "Size of edges kept (SD of pixel values)")
    ] = 50.0,
) -> Image:
    """A local straight line of the guide: q = mean(a) G + mean(b), a = cov(G, I) / (var(G) + edge_value^2), b = mean(I) - a mean(G).

    Means over squares of 2 radius_px + 1 (He, Sun & Tang, ECCV 2010; TPAMI 2013). Borders reflected. Variances in float64, float32 given back.

    Parameters
    ----------
    image : 2-D.
    guide : of the same shape; the image itself by default, which keeps edges larger than `edge_value`.
    """
    import cv2

    pixels = plane(image)
    leading = pixels if guide is None else same_shape(image, guide, name_en="guide", name_ja="ガイド画像")
    size = (2 * radius_px + 1, 2 * radius_px + 1)
    border = cv2.BORDER_REFLECT

    def mean(values: NDArray[Any], depth: int = cv2.CV_64F) -> NDArray[Any]:
        return cv2.boxFilter(values, depth, size, borderType=border)

    mean_g = mean(leading)
    mean_i = mean_g if guide is None else mean(pixels)
    square = cv2.sqrBoxFilter(leading, cv2.CV_64F, size, borderType=border)
    var = np.maximum(square - mean_g * mean_g, 0)
    cov = var if guide is None else mean(leading.astype(np.float64) * pixels) - mean_g * mean_i
    slope = cov / (var + edge_value**2)
    rest = (mean_i - slope * mean_g).astype(np.float32)
    return image.with_pixels(mean(slope.astype(np.float32), -1) * leading + mean(rest, -1))


@operation("ノンローカルミーンフィルタ", "Non-local means")
def non_local_means(
    image: Image,
    *,
    strength_value: Annotated[float, Gt(0), Label("強さ h (画素値)", "Strength h (pixel value)")] = 50.0,
    patch_px: Annotated[int, Ge(1), Le(21), Label("パッチの一辺 (奇数に切り上げ)", "Side of a patch (made odd)", "px")] = 7,
    search_px: Annotated[
        int, Ge(3), Le(61), Label("探索範囲の一辺 (奇数に切り上げ)", "Side of the search window (made odd)", "px")
    ] = 21,
) -> Image:
    """Average pixels whose surroundings look alike: weights exp(-d^2 / h^2), d the mean absolute difference of two patches.

    OpenCV's fast version on 16 bits (Buades, Coll & Morel, CVPR 2005, with d by absolute instead of squared differences: the only one
    it has for 16 bits); weights below 0.001 are left out. Other values are rounded to 65536 levels of the range. Borders reflected.

    Parameters
    ----------
    image : 2-D.
    strength_value : about the noise SD to twice it.
    """
    import cv2

    pixels = plane(image)
    low, spread = pixels.min(), float(pixels.max()) - float(pixels.min())
    if spread == 0:
        return image.with_pixels(pixels)
    patch, search = patch_px | 1, search_px | 1
    levels = np.rint((pixels - low) * np.float32(TOP / spread)).astype(np.uint16)
    edge = patch // 2 + search // 2
    around = cv2.copyMakeBorder(levels, edge, edge, edge, edge, cv2.BORDER_REFLECT)
    smooth = cv2.fastNlMeansDenoising(
        around, h=[strength_value * TOP / spread], templateWindowSize=patch, searchWindowSize=search, normType=cv2.NORM_L1
    )
    return image.with_pixels(smooth[edge:-edge, edge:-edge].astype(np.float32) * np.float32(spread / TOP) + low)


@operation("ウェーブレットによるノイズ除去", "Wavelet denoising")
def wavelet_denoise(
    image: Image,
    *,
    wavelet: Annotated[Literal["haar", "db2", "db4", "sym4", "sym8", "coif2"], Label("ウェーブレット", "Wavelet")] = "sym4",
    sigma_value: Annotated[
        float | None, Gt(0), Label("雑音の標準偏差 (省略時は推定)", "SD of the noise (estimated if not given)")
    ] = None,
    threshold: Annotated[Literal["BayesShrink", "VisuShrink"], Label("しきい値の決め方", "Threshold")] = "BayesShrink",
) -> Image:
    """Shrink the wavelet coefficients that noise could have made (soft threshold), all levels (scikit-image, PyWavelets).

    BayesShrink: threshold sigma^2 / sigma_signal in each band (Chang, Yu & Vetterli, IEEE TIP 2000); VisuShrink: sigma sqrt(2 ln n)
    (Donoho & Johnstone 1994). The noise is estimated from the finest diagonal band, median absolute value / 0.6745. float32.

    Parameters
    ----------
    image : 2-D, at least 16 x 16 pixels; noise white and alike everywhere.
    """
    from skimage.restoration import denoise_wavelet, estimate_sigma

    pixels = plane(image, least=16)
    middle = float(pixels.mean())
    if pixels.min() == pixels.max():  # the estimate of noise has nothing to go by
        return image.with_pixels(pixels)
    noise = float(estimate_sigma(pixels)) if sigma_value is None else sigma_value
    if noise == 0:
        return image.with_pixels(pixels)
    smooth = denoise_wavelet(
        pixels.astype(np.float64) - middle, sigma=noise, wavelet=wavelet, method=threshold, mode="soft", rescale_sigma=False
    )
    return image.with_pixels((smooth + middle).astype(np.float32))


@operation("大津の二値化", "Otsu threshold")
def otsu(
    image: Image, *, bins: Annotated[int, Ge(16), Le(65536), Label("ヒストグラムの階級数", "Bins of the histogram")] = 256
) -> Image:
    """Mask (uint8, 0 or 1) of the pixels above the threshold that parts the histogram best (Otsu, IEEE Trans SMC 1979; 9: 62).

    Best: greatest variance between the two classes, over `bins` steps from the least to the greatest pixel (scikit-image). A constant
    image gives an empty mask.

    Parameters
    ----------
    image : 2-D.
    """
    from skimage.filters import threshold_otsu

    pixels = plane(image)
    level = threshold_otsu(pixels, nbins=bins) if pixels.min() < pixels.max() else pixels.max()
    return image.with_pixels((pixels > level).astype(np.uint8), meaning="mask", unit="", window=None, inverted=False)
