"""P1: the unsharp mask amplifies sinusoids by its formula, whatever the pixel spacing; the undershoot of a step is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Curve, Table
from gazo.process import unsharp_mask
from gazo.runs.proof import Proof, proof

TOLERANCE = 1e-4
RADIUS_MM, AMOUNT = 1.55, 0.7
FREQUENCIES = np.array([0.04, 0.1, 0.16, 0.25, 0.32, 0.47, 0.64, 0.8, 1.0])  # cycles/mm


@proof("P1", ja="正弦波の増幅率を式と比べる", en="Gain of sinusoids against the formula")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Sinusoids of 0.04 to 1 cycles/mm on pixels of 0.1 and 0.05 mm through both masks; fitted amplitude against the formula."""
    rows, worst, drawn = [], 0.0, []
    for mask in ("box", "gaussian"):
        for pitch in (0.1, 0.05):
            gain = np.array([_gain(u, pitch, mask) for u in FREQUENCIES])
            formula = 1 + AMOUNT * (1 - _transfer(FREQUENCIES, pitch, mask))
            worst = max(worst, float(np.abs(gain - formula).max()))
            rows += [(mask, pitch, float(u), float(f), float(g)) for u, f, g in zip(FREQUENCIES, formula, gain, strict=True)]
            drawn.append(_curve(gain, f"{mask}, {pitch} mm"))
    headings = (
        Text("マスク", "Mask"),
        Text("画素間隔 [mm]", "Pitch [mm]"),
        Text("周波数 [cycles/mm]", "Frequency [cycles/mm]"),
        Text("式", "Formula"),
        Text("測定", "Measured"),
    )
    note = Text(
        f"段差のアンダーシュートは段差の {_undershoot():.3f} 倍 (k/2 = {AMOUNT / 2:g})",
        f"undershoot of a step: {_undershoot():.3f} of it (k/2 = {AMOUNT / 2:g})",
    )
    table = Table(Text("鮮鋭化処理の周波数応答", "Frequency response of the unsharp mask"), headings, tuple(rows), (note,))
    bar = Text(f"すべての差が {TOLERANCE:g} 以下", f"every difference at most {TOLERANCE:g}")
    measured = {"largest_difference": worst, "undershoot": _undershoot()}
    return Proof("P1", worst <= TOLERANCE, measured, bar, table, pictures=(tuple(drawn),))


def _transfer(u: NDArray[np.float64], pitch: float, mask: str) -> NDArray[np.float64]:
    if mask == "gaussian":
        return np.exp(-2 * (np.pi * RADIUS_MM / np.sqrt(3) * u) ** 2)
    width = 2 * int(RADIUS_MM / pitch) + 1  # the odd number of pixels nearest to twice the radius, upwards
    return np.sin(np.pi * width * u * pitch) / (width * np.sin(np.pi * u * pitch))


def _gain(u: float, pitch: float, mask: str) -> float:
    """Amplitude after over before, least squares on a middle row away from the borders."""
    x = np.arange(round(120 / pitch)) * pitch
    wave = np.repeat((1000 + 100 * np.sin(2 * np.pi * u * x + 0.3))[None], 24, 0).astype(np.float32)
    sharp = unsharp_mask(Image(wave, spacing_mm=(pitch, pitch)), radius_mm=RADIUS_MM, amount=AMOUNT, mask=mask)  # type: ignore[arg-type]
    inner = slice(round(15 / pitch), -round(15 / pitch))
    terms = np.stack([np.cos(2 * np.pi * u * x), np.sin(2 * np.pi * u * x), np.ones(x.size)], 1)[inner]
    fits = [np.linalg.lstsq(terms, row[inner].astype(np.float64), rcond=None)[0] for row in (sharp.pixels[12], wave[12])]
    return float(np.hypot(*fits[0][:2]) / np.hypot(*fits[1][:2]))


def _undershoot() -> float:
    step = np.where(np.arange(600) < 300, 0.0, 1.0)[None].repeat(9, 0).astype(np.float32)
    sharp = unsharp_mask(Image(step, spacing_mm=(0.1, 0.1)), radius_mm=RADIUS_MM, amount=AMOUNT, mask="gaussian")
    return -float(sharp.pixels.min())


def _curve(gain: NDArray[np.float64], name: str) -> Curve:
    return Curve(FREQUENCIES, gain, Text("空間周波数", "Frequency"), Text("増幅率", "Gain"), Text(name, name), "cycles/mm")
