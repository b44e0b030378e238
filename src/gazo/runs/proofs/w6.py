"""W6: MTF, NNPS, NEQ and DQE of two simulated phosphors against their theory, and the difference of both with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Curve, Table
from gazo.core.seeds import generator
from gazo.phantoms.flat_panel import DetectorExposure, simulate_detector
from gazo.quality.compare_curves import compare_curves
from gazo.quality.conversion import ConversionFunction, conversion_function, linearize
from gazo.quality.dqe import dqe
from gazo.quality.mtf_edge import mtf_edge
from gazo.quality.nps_iec import nps_iec
from gazo.runs.proof import Proof, proof

TOLERANCE = 0.05
HIGHEST = 0.75  # of the Nyquist frequency
KERMA_UGY, BEAM = 2.5, "RQA5"
FLATS, EDGES = 5, 10
# A thick, efficient phosphor and a thin, sharp one. Much more blur would make the regions of 256 pixels leak power to high frequencies.
PHOSPHORS: dict[str, dict[str, Any]] = {
    "A": {"efficiency": 0.75, "blur_mm": 0.085, "swank": 0.95},
    "B": {"efficiency": 0.45, "blur_mm": 0.065, "swank": 0.95},
}


@dataclass(frozen=True)
class _Measured:
    """What was measured of one phosphor, and its theory."""

    curves: dict[str, Curve]
    theory: DetectorExposure


@proof("W6", ja="模擬した 2 種類の蛍光体の MTF・NNPS・NEQ・DQE を理論と比べる", en="Two simulated phosphors against their theory")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Edges and flats of two phosphors are linearised and measured as a physicist would; all within 5 % of theory to 0.75 f_N."""
    found = {name: _measure(name, options, seed) for name, options in PHOSPHORS.items()}
    worst = {f"{kind}_{name}": _worst(kind, m) for name, m in found.items() for kind in ("MTF", "NNPS", "NEQ", "DQE")}
    a, b = found["A"], found["B"]
    compared = compare_curves(a.curves["DQE"], b.curves["DQE"])
    difference = compared.difference
    true = _at(difference.x, a.theory.dqe) - _at(difference.x, b.theory.dqe)
    low, high = np.asarray(difference.low), np.asarray(difference.high)
    inside = float(np.mean((low <= true) & (true <= high)))
    told_apart = bool(low[0] > 0)
    rows = tuple(
        (
            float(x),
            float(_at(x, a.curves["DQE"])),
            float(_at(x, a.theory.dqe)),
            float(_at(x, b.curves["DQE"])),
            float(_at(x, b.theory.dqe)),
            float(difference.y[i]),
            float(low[i]),
            float(high[i]),
            float(true[i]),
        )
        for i, x in enumerate(difference.x)
    )
    headings = tuple(
        Text(*words)
        for words in (
            ("周波数 [cycles/mm]", "Frequency [cycles/mm]"),
            ("DQE A", "DQE A"),
            ("DQE A (理論)", "DQE A, theory"),
            ("DQE B", "DQE B"),
            ("DQE B (理論)", "DQE B, theory"),
            ("差 A − B", "Difference A - B"),
            ("下限 95 %", "low 95 %"),
            ("上限 95 %", "high 95 %"),
            ("差 (理論)", "Difference, theory"),
        )
    )
    table = Table(Text("2 種類の蛍光体の DQE", "DQE of two phosphors"), headings, rows, (compared.sentence,))
    bar = Text(
        f"{HIGHEST:g} f_N まで MTF・NNPS・NEQ・DQE の誤差が {100 * TOLERANCE:g} % 以内、理論上の差が周波数の 8 割以上で区間内にあり、低周波数で A が B を有意に上回る",
        f"MTF, NNPS, NEQ and DQE within {100 * TOLERANCE:g} % of theory to {HIGHEST:g} f_N; the true difference inside its interval at 80 % of frequencies or more; A above B at the lowest",
    )
    passed = max(worst.values()) <= TOLERANCE and inside >= 0.8 and told_apart
    return Proof("W6", bool(passed), worst | {"difference_inside": inside, "told_apart": told_apart}, bar, table)


def _measure(name: str, options: dict[str, Any], seed: int) -> _Measured:
    response = _response(name, options, seed)

    def shots(kind: str, count: int, rows: int, columns: int) -> list[DetectorExposure]:
        return [
            simulate_detector(
                rng=generator(seed, "W6", name, kind, k), exposure=kind, rows_px=rows, columns_px=columns, kerma_ugy=KERMA_UGY, beam=BEAM, **options
            )
            for k in range(count)
        ]  # fmt: skip

    def linear(made: list[DetectorExposure]) -> list[Image]:
        return [linearize(one.image, response) for one in made]

    edges = shots("edge", EDGES, 500, 260)
    spectra = nps_iec(
        linear(shots("flat", FLATS, 768, 768)), normalize="relative", report_step_per_mm=0.5, bin_half_width_per_mm=0.08
    )
    noise = _mean(spectra.curve_u, spectra.curve_v)
    sharp = mtf_edge(linear(edges), direction="u").curve
    whole = dqe(sharp, noise, kerma_ugy=KERMA_UGY, beam=BEAM)
    curves = {"MTF": sharp, "NNPS": noise, "NEQ": whole.neq, "DQE": whole.curve}
    return _Measured({kind: _cut(curve) for kind, curve in curves.items()}, edges[0])


def _response(name: str, options: dict[str, Any], seed: int) -> ConversionFunction:
    """The conversion function from small flats at six kermas."""
    kerma = np.array([0.3, 0.6, 1.25, 2.5, 5.0, 10.0])
    means = [
        simulate_detector(rng=generator(seed, "W6", name, k), rows_px=96, columns_px=96, kerma_ugy=k, beam=BEAM, **options).image.pixels.mean()
        for k in kerma.tolist()
    ]  # fmt: skip
    words = Text("空気カーマ", "Air kerma"), Text("画素値", "Pixel value")
    return conversion_function(Curve(kerma, np.array(means), *words, x_unit="µGy"))


def _mean(u: Curve, v: Curve) -> Curve:
    """The spectrum of a panel that is alike in both directions."""
    y = (u.y + v.y) / 2
    down = np.hypot(u.y - u.low, v.y - v.low) / 2
    up = np.hypot(u.high - u.y, v.high - v.y) / 2
    return Curve(u.x, y, u.x_label, u.y_label, u.title, u.x_unit, u.y_unit, y - down, y + up, u.level)


def _cut(curve: Curve) -> Curve:
    """The part between 0.5 cycles/mm and 0.75 of the Nyquist frequency."""
    keep = (curve.x >= 0.5 - 1e-9) & (curve.x <= HIGHEST * 0.5 / 0.15)
    low, high = (None if side is None else side[keep] for side in (curve.low, curve.high))
    words = curve.x_label, curve.y_label, curve.title, curve.x_unit, curve.y_unit
    return Curve(curve.x[keep], curve.y[keep], *words, low, high, curve.level)


def _at(x: Any, curve: Curve) -> Any:
    return np.interp(x, curve.x, curve.y)


def _worst(kind: str, measured: _Measured) -> float:
    """Largest relative deviation from theory."""
    curve, theory = measured.curves[kind], measured.theory
    x = np.asarray(curve.x)
    true = {
        "MTF": lambda: _at(x, theory.mtf),
        "NNPS": lambda: _at(x, theory.nnps),
        "NEQ": lambda: _at(x, theory.mtf) ** 2 / _at(x, theory.nnps),
        "DQE": lambda: _at(x, theory.dqe),
    }[kind]()
    return float(np.abs(curve.y / true - 1).max())
