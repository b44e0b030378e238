"""W3: one row's 1DWS is the integral of the 2DWS (eqs 4, 7, 12); a scan with an aperture sees 2DWS |T|^2 (eq. 5)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Surface, Table
from gazo.core.seeds import generator
from gazo.phantoms.noise_fields import noise_field
from gazo.quality.wiener_1d import wiener_spectrum_1d
from gazo.quality.wiener_2d import wiener_spectrum_2d
from gazo.quality.wiener_sections import integrate_section
from gazo.runs.proof import Proof, proof

IMAGES, SCANS, PIXEL_MM = 64, 4000, 0.1
APERTURES = ((1, 1), (1, 9), (3, 9), (2, 17))  # width a and length L in pixels
TOLERANCE = 1e-12
ENOUGH = 0.98  # share of frequencies within 3 SE; a right one has 0.997 of them on average


@proof("W3", ja="1 行の 1DWS と開口を通した走査", en="Spectrum of a row, and a scan through an aperture")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Eq. (12) averaged over rows and columns; simulated microdensitometer scans of one line an image against eq. (5)."""
    rng = generator(seed, "W3")
    images = [noise_field(rng=rng).image for _ in range(IMAGES)]
    identity = {axis: _identity(images, axis) for axis in "uv"}
    single = _single_row(images)
    scans = [_scan(width, length, rng) for width, length in APERTURES]
    within = min(share for share, _, _ in scans)
    rows = (
        *((Text(f"(12) {axis} 方向、全行の平均", f"(12) along {axis}, mean of all rows"), error, None) for axis, error in identity.items()),
        (Text("(12) 1 行だけ (標本のばらつき)", "(12) one row only (scatter of a sample)"), single, None),
        *(
            (Text(f"(5) a = {w * PIXEL_MM:g} mm, L = {n * PIXEL_MM:g} mm: 平均の比 - 1", f"(5) a = {w * PIXEL_MM:g} mm, L = {n * PIXEL_MM:g} mm: mean ratio - 1"), abs(ratio - 1), share)
            for (w, n), (share, ratio, _) in zip(APERTURES, scans, strict=True)
        ),
    )  # fmt: skip
    headings = (
        Text("関係", "Relation"),
        Text("相対差", "Relative difference"),
        Text("3 SE 以内の周波数の割合", "Share of frequencies within 3 SE"),
    )
    measured = {
        "worst_identity": max(identity.values()),
        "one_row_median": single,
        "least_within_3_se": within,
        "worst_mean_z": max(abs(z) for *_, z in scans),
    }
    bar = Text(
        f"(12) は全行の平均で {TOLERANCE:g} 以下、(5) は 3 SE 以内",
        f"(12) to {TOLERANCE:g} averaged over rows; (5) within 3 SE",
    )
    passed = max(identity.values()) <= TOLERANCE and within >= ENOUGH and measured["worst_mean_z"] < 3
    return Proof("W3", bool(passed), measured, bar, Table(Text("1DWS と 2DWS", "1DWS and 2DWS"), headings, rows))


def _identity(images: list[Image], axis: str) -> float:
    surface = wiener_spectrum_2d(images, roi_px=None, detrend="mean").surface
    integral = integrate_section(surface, axis=axis).curve.y
    rows = wiener_spectrum_1d(images, axis=axis).curve.y
    return float(np.abs(integral - rows).max() / integral.max())


def _single_row(images: list[Image]) -> float:
    """Median relative deviation of the first row's spectrum from the integral, image by image."""
    found = []
    for image in images:
        pixels = image.pixels - image.pixels.mean()
        row = np.fft.fftshift(np.abs(np.fft.fft(pixels[0])) ** 2) * PIXEL_MM / pixels.shape[1]
        integral = integrate_section(wiener_spectrum_2d([image], roi_px=None, detrend="mean").surface).curve.y
        found.append(np.abs(row - integral) / integral)
    return float(np.median(found))


def _scan(width: int, length: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """One scan line of each of many fields, read through width x length pixels that move on by one.

    The field is periodic, so the aperture may run round its edge, and eq. (5) with the spectrum the field was drawn from is its
    exact expectation. Returns the share of frequencies within 3 SE, the mean ratio, and how many SE that lies from 1.
    """
    spectra = []
    for _ in range(SCANS):
        drawn = noise_field(rng=rng)
        band = drawn.image.pixels[:length].mean(0)
        line = np.mean([np.roll(band, -shift) for shift in range(width)], axis=0)
        spectra.append(np.abs(np.fft.fft(line)) ** 2 * PIXEL_MM / len(line))
    found = np.fft.fftshift(np.array(spectra), axes=1)
    truth = np.fft.fftshift(drawn.spectrum)
    axis = np.fft.fftshift(np.fft.fftfreq(len(truth), PIXEL_MM))
    known = Surface(axis, axis, truth, Text("u", "u"), Text("v", "v"), Text("W", "W"), value_unit="mm²")
    expected = integrate_section(
        known, slit_width_mm=width * PIXEL_MM, slit_length_mm=length * PIXEL_MM, transfer="sampled"
    ).curve.y
    seen = expected > 1e-6 * expected.max()
    z = (found.mean(0) - expected)[seen] / (found.std(0, ddof=1)[seen] / np.sqrt(SCANS))
    ratios = (found[:, seen] / expected[seen]).mean(1)
    return float(np.mean(np.abs(z) < 3)), float(ratios.mean()), float((ratios.mean() - 1) / (ratios.std(ddof=1) / np.sqrt(SCANS)))
