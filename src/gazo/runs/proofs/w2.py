"""W2: the virtual slit. 2DWS(u, 0) = 2Y 1DWS_slit(u) in each image; shorter slits come to it as their length grows (eqs 2, 2', 3, 6, 11)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Curve, Table
from gazo.core.seeds import generator
from gazo.phantoms.noise_fields import noise_field
from gazo.quality.wiener_1d import wiener_spectrum_1d
from gazo.quality.wiener_2d import wiener_spectrum_2d
from gazo.quality.wiener_sections import central_section, radial_nps
from gazo.runs.proof import Proof, proof

IMAGES, SINGLE = 256, 8
LENGTHS = (1, 2, 4, 8, 16, 32, 64)
TOLERANCE = 1e-12


@proof("W2", ja="仮想スリットによる中心断面", en="Central section by a virtual slit")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Sections along u and v of single images and of 256, and the slit's length against its error."""
    rng = generator(seed, "W2")
    images = [noise_field(rng=rng).image for _ in range(IMAGES)]
    single = max(_difference([image], axis) for image in images[:SINGLE] for axis in "uv")
    together = max(_difference(images, axis) for axis in "uv")
    spectrum = wiener_spectrum_2d(images, roi_px=None, detrend="mean")
    ring = radial_nps(spectrum.surface).curve
    section = central_section(spectrum.surface).curve.y
    errors = [_slit_error(images, length, section) for length in LENGTHS]
    round_error = float(np.abs(ring.y - spectrum.radial.y).max() / ring.y.max())
    rows = (
        (Text("(3)(11) 1 枚ごと (最大)", "(3)(11) in each image (largest)"), single),
        (Text("(3)(11) 256 枚の平均", "(3)(11) mean of 256 images"), together),
        (Text("動径平均 (2 通りの計算)", "Radial mean, computed in two ways"), round_error),
        *(
            (Text(f"(6) 長さ L = {n * 0.1:g} mm", f"(6) slit length L = {n * 0.1:g} mm"), e)
            for n, e in zip(LENGTHS, errors, strict=True)
        ),
    )
    falling = bool(np.all(np.diff(errors) < 0))
    measured = {"worst_single": single, "worst_mean": together, "error_by_length": dict(zip(map(str, LENGTHS), errors, strict=True)), "error_falls": falling}  # fmt: skip
    table = Table(
        Text("仮想スリットと中心断面", "Virtual slit and central section"),
        (Text("関係", "Relation"), Text("相対差", "Relative difference")),
        rows,
    )
    bar = Text(
        f"画像ごとに {TOLERANCE:g} 以下で一致し、短いスリットの誤差は L が 2Y に近づくほど小さくなる",
        f"equal to {TOLERANCE:g} in each image; the error of a shorter slit falls as L comes to 2Y",
    )
    passed = max(single, together, round_error, errors[-1]) <= TOLERANCE and falling
    return Proof("W2", bool(passed), measured, bar, table, pictures=(_picture(errors),))


def _difference(images: list, axis: str) -> float:
    """Largest difference of 2DWS(u, 0) and 2Y 1DWS_slit(u), over the largest value."""
    section = central_section(wiener_spectrum_2d(images, roi_px=None, detrend="mean").surface, axis=axis).curve
    length_mm = images[0].shape[axis == "v"] * images[0].spacing_mm[axis == "v"]
    slit = wiener_spectrum_1d(images, axis=axis, aperture="slit").curve
    return float(np.abs(section.y - length_mm * slit.y).max() / section.y.max())


def _slit_error(images: list, length_px: int, section: np.ndarray) -> float:
    """Mean |L 1DWS_slit(u) - 2DWS(u, 0)| over the mean of the section."""
    slit = wiener_spectrum_1d(images, aperture="slit", slit_length_px=length_px).curve
    return float(np.abs(slit.y * length_px * images[0].spacing_mm[0] - section).mean() / section.mean())


def _picture(errors: list[float]) -> Curve:
    x = np.array(LENGTHS) * 0.1
    return Curve(x, np.array(errors), Text("スリットの長さ L", "Slit length L"), Text("式 (6) の相対誤差", "Relative error of eq. (6)"), Text("2Y = 6.4 mm でゼロになる", "It vanishes at 2Y = 6.4 mm"), "mm")  # fmt: skip
