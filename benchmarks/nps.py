"""Noise power spectra of 2048 x 2048 pixels, 225 regions of 256 x 256: gazo against pylinac, its own FFTs and a plain IEC loop."""

import statistics
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import scipy.fft
from heading import print_heading
from peer import Peer

from gazo.core.image import Image
from gazo.quality import nps_iec, wiener_spectrum_2d

ROUNDS, SIDE, ROI, STEP, PIXEL = 9, 2048, 256, 128, 0.15
PLACES = [(y, x) for y in range(0, SIDE - ROI + 1, STEP) for x in range(0, SIDE - ROI + 1, STEP)]


def own_ffts(pixels) -> None:
    """The transforms alone that the 2-D NPS makes: OpenCV's real DFT, float32, of pixels that are ready for it."""
    packed = np.empty((ROI, ROI), np.float32)
    for y, x in PLACES:
        cv2.dft(pixels[y : y + ROI, x : x + ROI], packed)


def scipy_ffts(pixels) -> None:
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (ROI, ROI))[::STEP, ::STEP]
    for row in windows:
        scipy.fft.rfft2(row)


def naive_iec(pixels) -> np.ndarray:
    """The standard as one writes it first: lstsq, complex float64 FFTs in a loop, a mask for each frequency."""
    y, x = np.mgrid[:SIDE, :SIDE]
    terms = np.stack([np.ones(SIDE**2), x.ravel(), y.ravel(), (x * x).ravel(), (y * y).ravel(), (x * y).ravel()], 1)
    values = pixels.astype(np.float64)
    values = values - (terms @ np.linalg.lstsq(terms, values.ravel(), rcond=None)[0]).reshape(SIDE, SIDE)
    power = np.zeros((ROI, ROI))
    for top, left in PLACES:
        power += np.abs(np.fft.fft2(values[top : top + ROI, left : left + ROI])) ** 2
    power *= PIXEL**2 / ROI**2 / len(PLACES)
    lines = [k % ROI for k in (*range(-7, 0), *range(1, 8))]
    f = np.fft.fftfreq(ROI, PIXEL)
    radius = np.hypot(f[lines][:, None], f)
    found = [
        [v[np.abs(radius - at) <= 0.01 / PIXEL].mean() for at in np.arange(0.5, 3.1, 0.5)]
        for v in (power[lines], power[:, lines].T)
    ]
    return np.array(found)


def seconds(work, *given) -> float:
    start = time.process_time()
    work(*given)
    return time.process_time() - start


def main() -> None:
    print_heading("numpy", "scipy", "opencv-python-headless", "numba")
    cv2.setNumThreads(1)
    pixels = np.random.default_rng(0).normal(1000, 30, (SIDE, SIDE)).astype(np.uint16)
    image = Image(pixels, spacing_mm=(PIXEL, PIXEL), meaning="linear exposure")
    ready = pixels.astype(np.float32) - 1000
    ours = nps_iec([image], field_mm=None)
    worst = np.abs(np.stack([ours.curve_u.y, ours.curve_v.y]) / naive_iec(pixels) - 1).max()
    wiener_spectrum_2d([image])
    print(f"IEC curve against the plain loop in float64: largest relative difference {worst:.1e}")
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "image.npy", pixels)
        peer = Peer("pylinac", "pylinac_nps.py", str(Path(folder) / "image.npy"))
        peer.seconds()
        rounds = []
        for _ in range(ROUNDS):
            rounds.append(
                {
                    "own FFTs": seconds(own_ffts, ready),
                    "gazo 2-D": seconds(wiener_spectrum_2d, [image]),
                    "scipy FFTs": seconds(scipy_ffts, ready),
                    "pylinac 2-D": peer.seconds(),
                    "gazo IEC": seconds(lambda: nps_iec([image], field_mm=None)),
                    "naive IEC": seconds(naive_iec, pixels),
                }
            )
        peer.close()
    for name in rounds[0]:
        print(f"{name}: {1000 * statistics.median(r[name] for r in rounds):.1f} CPU ms")
    for above, below, bar in (
        ("pylinac 2-D", "gazo 2-D", ">= 5"),
        ("gazo 2-D", "own FFTs", "<= 1.3"),
        ("gazo 2-D", "scipy FFTs", "no bar"),
        ("naive IEC", "gazo IEC", ">= 20"),
    ):
        ratio = statistics.median(r[above] / r[below] for r in rounds)
        print(f"{above} / {below} (median of {ROUNDS} rounds): {ratio:.2f} (bar {bar})")


if __name__ == "__main__":
    main()
