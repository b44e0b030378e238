"""W10: calibration methods of a flat panel compared; the full one leaves the quantum noise, each shorter one more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.raw_panel import raw_panel
from gazo.process.flat_field import flat_field_correct
from gazo.quality.calibration_methods import compare_calibrations
from gazo.quality.defects import defect_map
from gazo.runs.proof import Proof, proof

CALIBRATED_UGY, TESTED_UGY = (4.0, 12.0), (2.0, 4.0, 8.0, 12.0)
FRAMES, TEST_FRAMES, SIZE = 32, 4, 160
TOLERANCE = 0.05
METHODS = {
    "none": Text("補正なし", "none"),
    "offset": Text("オフセット", "offset"),
    "gain": Text("オフセット + ゲイン", "offset + gain"),
    "defects": Text("オフセット + ゲイン + 欠損", "offset + gain + defects"),
    "several": Text("複数線量のゲイン + 欠損", "gain at several exposures + defects"),
}


@proof("W10", ja="FPD キャリブレーション法の比較", en="Calibration methods of a flat panel")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Five calibrations of one simulated panel, judged on new flats at four exposures by noise over quantum noise."""
    frames = {k: _series(seed, k, FRAMES, "calibration") for k in (0.0, *CALIBRATED_UGY)}
    means = {k: Image(np.mean([f.pixels for f in shots], axis=0), shots[0].spacing_mm) for k, shots in frames.items()}
    defects = defect_map(frames[CALIBRATED_UGY[-1]], frames[0.0])
    images, names, levels = [], [], []
    for kerma in counted(TESTED_UGY, Text("線量", "Exposures"), on_event):
        for name in METHODS:
            for shot in _series(seed, kerma, TEST_FRAMES, "test"):
                images.append(_corrected(name, shot, means, defects))
                names.append(name)
                levels.append(kerma)
    found = compare_calibrations(images, methods=tuple(names), exposures_ugy=tuple(levels), seed=seed)
    ratios = {(row[0], row[1]): row[2] for row in found.groups.rows}
    several = [ratios["several", k] for k in TESTED_UGY]
    measured: dict[str, Any] = {name: {f"{k:g} µGy": ratios[name, k] for k in TESTED_UGY} for name in METHODS}
    measured["outliers_with_gain"], measured["outliers_with_defects"] = (_outliers(found.groups, n) for n in ("gain", "defects"))
    passed = (
        max(several) <= 1 + TOLERANCE
        and ratios["defects", 4.0] <= 1 + TOLERANCE < ratios["defects", 12.0]
        and all(ratios["gain", k] > ratios["defects", k] for k in TESTED_UGY)
        and all(ratios["none", k] > ratios["offset", k] > ratios["defects", k] for k in TESTED_UGY)
    )
    headings = (Text("方法", "Method"), *(Text(f"{k:g} µGy", f"{k:g} µGy") for k in TESTED_UGY))
    rows = tuple((words, *(ratios[name, k] for k in TESTED_UGY)) for name, words in METHODS.items())
    bar = Text(
        f"複数線量のゲイン + 欠損補正で全線量の雑音が量子雑音の {1 + TOLERANCE:g} 倍以内、1 線量のゲインでは校正線量でのみ達成、ゲインまたは欠損補正を省くと悪化",
        f"with gains at several exposures and defects the noise is at most {1 + TOLERANCE:g} of the quantum noise at every exposure, with one "
        "gain at the exposure of the calibration only; without gain, or without defects (dead pixels divided by almost nothing), it is worse",
    )
    return Proof("W10", bool(passed), measured, bar, Table(Text("雑音 / 量子雑音", "Noise over quantum noise"), headings, rows))


def _series(seed: int, kerma: float, count: int, what: str) -> list[Image]:
    made = raw_panel(rng=generator(seed, "W10", what, kerma), kerma_ugy=kerma, frames=count, size_px=SIZE, panel=1 + seed)
    spacing = made.image.need_spacing()[1:]
    return [Image(frame, spacing, meaning="stored") for frame in made.image.pixels]


def _corrected(name: str, shot: Image, means: dict[float, Image], defects: Image) -> Image:
    dark, low, high = means[0.0], *(means[k] for k in CALIBRATED_UGY)
    if name == "none":
        return shot
    if name == "offset":
        return shot.with_pixels(shot.pixels - dark.pixels)
    if name in ("gain", "defects"):
        return flat_field_correct(shot, low, dark, defects if name == "defects" else None)
    return _piecewise(shot, (dark, low, high), defects)


def _piecewise(shot: Image, points: Sequence[Image], defects: Image) -> Image:
    """A straight line between the two calibrations next to the exposure: the lower one takes the place of the dark image."""
    good = defects.pixels == 0
    levels = [float(p.pixels[good].mean()) for p in points]
    upper = 1 if float(shot.pixels[good].mean()) <= levels[1] else 2
    corrected = flat_field_correct(shot, points[upper], points[upper - 1], defects)
    return corrected.with_pixels(corrected.pixels + np.float32(levels[upper - 1] - levels[0]))


def _outliers(groups: Table, name: str) -> float:
    return float(max(row[5] for row in groups.rows if row[0] == name))
