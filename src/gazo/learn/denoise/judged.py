"""One image judged: noise is added, taken off in three ways, and compared with the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.metrics import psnr, ssim
from gazo.core.results import Panels
from gazo.learn.denoise.noise import Pixels
from gazo.process.edges import LEAST_PIXELS, SIGMA_PX, areas, leak_of
from gazo.process.filters import gaussian
from gazo.process.noise_control import flexible_noise_control
from gazo.quality.wiener_2d import wiener_spectrum_2d

SIGMAS_PX = np.geomspace(0.3, 4.0, 27)  # among which the Gaussian with the highest PSNR is chosen, image by image
ROI_PX, OVERLAP_PX = 64, 32  # of the noise spectra
BANDS = 16  # of the spectra, from 0 to the Nyquist frequency
PANEL_PX = 256

# What is known of each image, in the order of the columns.
FIGURES: dict[str, Text] = {
    "psnr_noisy": Text("PSNR ノイズ画像 [dB]", "PSNR noisy [dB]"),
    "psnr": Text("PSNR [dB]", "PSNR [dB]"),
    "psnr_gaussian": Text("PSNR 最良のガウシアン [dB]", "PSNR best Gaussian [dB]"),
    "psnr_fnc": Text("PSNR FNC [dB]", "PSNR FNC [dB]"),
    "ssim_noisy": Text("SSIM ノイズ画像", "SSIM noisy"),
    "ssim": Text("SSIM", "SSIM"),
    "ssim_gaussian": Text("SSIM 最良のガウシアン", "SSIM best Gaussian"),
    "ssim_fnc": Text("SSIM FNC", "SSIM FNC"),
    "flat": Text("平坦部に残るノイズの比", "noise left in flat areas"),
    "flat_gaussian": Text("同 ガウシアン", "same, Gaussian"),
    "flat_fnc": Text("同 FNC", "same, FNC"),
    "leak_noise": Text("エッジ漏れ指数 加えたノイズ自体", "edge leak of the added noise itself"),
    "leak": Text("エッジ漏れ指数", "edge leak"),
    "leak_gaussian": Text("エッジ漏れ指数 ガウシアン", "edge leak, Gaussian"),
    "leak_equal": Text("エッジ漏れ指数 (平坦部のノイズを FNC と揃えて)", "edge leak at equal flat noise"),
    "leak_fnc": Text("エッジ漏れ指数 FNC (平坦部のノイズを揃えて)", "edge leak of FNC at equal flat noise"),
    "detail": Text("除いたものと細部の相関 (平坦部のノイズを FNC と揃えて)", "detail in what was taken off, at equal flat noise"),
    "detail_gaussian": Text("除いたものと細部の相関 ガウシアン", "detail in what was taken off, Gaussian"),
    "detail_fnc": Text("除いたものと細部の相関 FNC", "detail in what was taken off, FNC at equal flat noise"),
    "flat_equal": Text("揃えた平坦部のノイズの比", "equal flat noise"),
    "overlap": Text("NPS の形の一致", "overlap of NPS shapes"),
    "sigma_px": Text("ガウシアンの σ [px]", "sigma of the Gaussian [px]"),
}
COLUMN = {name: number for number, name in enumerate(FIGURES)}


def judge(clean: Pixels, noisy: Pixels, told: Pixels, *, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The figures of one image, and the two spectra (2, BANDS).

    The Gaussian has the sigma with the highest PSNR for this very image. FNC and the network are compared where both leave the same
    noise in flat areas: the stronger of the two is weakened by its strength until it does.

    Parameters
    ----------
    clean, noisy : the truth and what came; told : the noise the network tells, at strength 1.
    """
    span = float(clean.max() - clean.min())
    found = areas(noisy)
    noise = noisy - clean
    sigma, smooth = best_gaussian(clean, noisy)
    control = np.asarray(flexible_noise_control(Image(noisy), strength=1.0).noise.pixels, np.float32)
    restored, controlled = noisy - told, noisy - control
    flat = found.flat if found.flat.any() else np.ones(clean.shape, bool)
    before = _rms(noise[flat])
    equal = max(_rms((noise - told)[flat]), _rms((noise - control)[flat]))
    ours, theirs = (share * taken for share, taken in ((weakened(noise[flat], t[flat], equal), t) for t in (told, control)))
    values = {"sigma_px": sigma, "flat_equal": equal / before if before else np.nan}
    for name, image in (("_noisy", noisy), ("", restored), ("_gaussian", smooth), ("_fnc", controlled)):
        values[f"psnr{name}"] = psnr(clean, image, data_range=span)
        values[f"ssim{name}"] = ssim(clean, image, data_range=span)
        if name != "_noisy":
            values[f"flat{name}"] = _rms((image - clean)[flat]) / before if before else np.nan
    for name, image in (
        ("_noise", clean),
        ("", restored),
        ("_gaussian", smooth),
        ("_equal", noisy - ours),
        ("_fnc", noisy - theirs),
    ):
        index = leak_of(noisy, image, found, seed)
        values[f"leak{name}"] = np.nan if index is None else index.value
    for name, taken in (("", ours), ("_gaussian", noisy - smooth), ("_fnc", theirs)):
        values[f"detail{name}"] = detail_in(taken, clean, found.edges)
    spectra = np.stack([spectrum(noise), spectrum(told)])
    values["overlap"] = float(np.minimum(*spectra).sum()) if np.isfinite(spectra).all() else np.nan
    return np.array([values[name] for name in FIGURES], np.float64), spectra


def best_gaussian(clean: Pixels, noisy: Pixels) -> tuple[float, Pixels]:
    """The Gaussian filter with the least error against the truth: its sigma and the image."""

    def smoothed(sigma: float) -> Pixels:
        return np.asarray(gaussian(Image(noisy), sigma_px=float(sigma)).pixels, np.float32)

    errors = [float(np.mean((smoothed(sigma) - clean) ** 2)) for sigma in SIGMAS_PX]
    sigma = float(SIGMAS_PX[int(np.argmin(errors))])
    return sigma, smoothed(sigma)


def detail_in(taken: Pixels, clean: Pixels, edges: NDArray[np.bool_]) -> float:
    """Correlation, on edges, of what was taken off with the true detail (the clean image less a Gaussian of 1.5 pixels of it).

    0 where noise alone was taken off, whatever was left; NaN without edges.
    """
    detail = clean - np.asarray(gaussian(Image(clean), sigma_px=SIGMA_PX).pixels, np.float32)
    if edges.sum() < LEAST_PIXELS or not taken[edges].any():
        return float("nan")
    return float(np.corrcoef(taken[edges].astype(np.float64), detail[edges])[0, 1])


def weakened(noise: Pixels, taken: Pixels, wanted: float) -> float:
    """The least strength s in 0 to 1 at which noise - s x taken has the root mean square `wanted`: a quadratic equation."""
    a, b, c = (float(np.mean(x * y, dtype=np.float64)) for x, y in ((taken, taken), (noise, taken), (noise, noise)))
    if a == 0:
        return 1.0
    root = b * b - a * (c - wanted**2)
    return float(np.clip((b - np.sqrt(root)) / a, 0, 1)) if root > 0 else float(np.clip(b / a, 0, 1))


def spectrum(field: Pixels) -> NDArray[np.float64]:
    """The radial noise power in `BANDS` bands up to the Nyquist frequency, as shares of the power in them: a shape without a scale."""
    if min(field.shape) < ROI_PX or not field.any():
        return np.full(BANDS, np.nan)
    curve = wiener_spectrum_2d([Image(field, (1.0, 1.0))], roi_px=ROI_PX, overlap_px=OVERLAP_PX, detrend="mean").radial
    centres = (np.arange(BANDS) + 0.5) * 0.5 / BANDS
    power = np.interp(centres, curve.x, curve.y) * centres  # rings are the longer the farther out
    return np.asarray(power / power.sum())


def _rms(values: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(values.astype(np.float64) ** 2)))


def example(clean: Pixels, noisy: Pixels, told: Pixels) -> Panels:
    """Truth, noisy, restored; below what was added and what each way took off, on one scale."""
    middle = tuple(slice(max(0, (n - PANEL_PX) // 2), max(0, (n - PANEL_PX) // 2) + PANEL_PX) for n in clean.shape)
    smooth = best_gaussian(clean, noisy)[1]
    control = np.asarray(flexible_noise_control(Image(noisy), strength=1.0).noise.pixels)
    low, high = (float(v) for v in np.percentile(clean[middle], (1, 99)))
    noise = (noisy - clean)[middle]
    shown = [grey(part[middle], low, high) for part in (clean, noisy, noisy - told)]
    shown += [difference_grey(part[middle], noise) for part in (noisy - clean, told, noisy - smooth, control)]
    captions = (
        Text("ノイズのない画像", "without noise"), Text("ノイズを加えた画像", "noise added"), Text("ネットワークの出力", "restored by the network"),
        Text("加えたノイズ", "noise that was added"), Text("差分: ネットワーク", "difference: network"),
        Text("差分: ガウシアン", "difference: Gaussian"), Text("差分: FNC", "difference: FNC"),
    )  # fmt: skip
    return Panels(Text("除いたものの比較", "What was taken off"), tuple(shown), captions)


def grey(pixels: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """A window as 8 bits."""
    return np.clip((pixels - low) / max(high - low, 1e-30) * 255, 0, 255).astype(np.uint8)


def difference_grey(pixels: NDArray[Any], scale: NDArray[Any]) -> NDArray[np.uint8]:
    """A difference image: 0 is middle grey, three standard deviations of `scale` are black and white."""
    reach = 3 * max(float(scale.std(dtype=np.float64)), 1e-30)
    return grey(pixels, -reach, reach)
