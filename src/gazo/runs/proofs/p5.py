"""P5: the virtual grid finds a known primary, shows the contrast of a grid, and fails with the wrong distance as the booklet says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.scatter import ScatterPhantom, scatter_phantom
from gazo.process.grid_factors import GRIDS
from gazo.runs.proof import Proof, proof

RECOVERED = {3: 0.021, 5: 0.0027, 10: 0.0001}  # rms error of the primary allowed after so many iterations
CONTRAST_ERROR = 0.01
SET_CM, TRUE_CM = 180, 160


@proof(
    "P5",
    ja="既知の一次線の復元、グリッドのコントラスト、距離の設定違い",
    en="Recovery of a known primary, contrast of a grid, a wrong distance",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """A 20 cm phantom with a scatter fraction of about 0.7; see the rows of the table."""
    from gazo.process.virtual_grid import virtual_grid

    body = scatter_phantom(rng=generator(seed, "P5"))
    known: dict[str, Any] = {"i0": body.i0, "mu_per_mm": body.mu_per_mm, "work_mm": body.image.need_spacing()[0]}
    errors = {n: _error(virtual_grid(body.image, iterations=n, **known).primary, body) for n in RECOVERED}
    shown = {ratio: _contrast(virtual_grid(body.image, grid_ratio=ratio, **known).image.pixels) for ratio in GRIDS}
    behind = {r: _contrast(tp * body.primary.pixels + ts * body.scatter.pixels) for r, (tp, ts) in GRIDS.items()}
    gains = [contrast / _contrast(body.image.pixels) for contrast in shown.values()]
    right, wrong = (virtual_grid(body.image, **(known | {"i0": body.i0 * (TRUE_CM / cm) ** 2})) for cm in (TRUE_CM, SET_CM))
    thick = body.thickness.pixels > 190
    measured = {
        "scatter_fraction": float((body.scatter.pixels / body.image.pixels)[thick].mean()),
        **{f"primary_error_after_{n}": error for n, error in errors.items()},
        "largest_contrast_error": max(abs(shown[r] / behind[r] - 1) for r in GRIDS),
        "contrast_gains": gains,
        "thickness_mm": _mean(right.thickness, thick),
        "thickness_wrong_mm": _mean(wrong.thickness, thick),
        "contrast_change": _contrast(wrong.image.pixels) / _contrast(right.image.pixels) - 1,
        "warned": bool(wrong.warnings) and not right.warnings,
    }
    passed = {
        "recovered": all(errors[n] <= allowed for n, allowed in RECOVERED.items()),
        "contrast": measured["largest_contrast_error"] <= CONTRAST_ERROR and gains == sorted({1.0, *gains})[1:],
        "distance": measured["thickness_wrong_mm"] < measured["thickness_mm"] - 5 and measured["contrast_change"] < -0.01,
        "warned": measured["warned"],
    }
    return Proof("P5", all(passed.values()), measured, BAR, _table(measured, errors, shown, behind))


BAR = Text(
    ja="一次線の相対誤差 (RMS) が反復 3、5、10 回で 2.1、0.27、0.01 % 以下。コントラストが実グリッドの理論値と 1 % 以内で一致し、グリッド比とともに増加。"
    "実際の距離が設定より短いと、厚さを過小評価してコントラストが下がり、警告が出る",
    en="rms error of the primary at most 2.1, 0.27, 0.01 % after 3, 5, 10 iterations; contrast within 1 % of that behind the grid and "
    "rising with its ratio; a shorter distance than set thins the body, lowers contrast and is warned of",
)


def _error(primary: Image, body: ScatterPhantom) -> float:
    inside = body.thickness.pixels > 20
    return float(np.sqrt(np.mean((primary.pixels / body.primary.pixels - 1)[inside] ** 2)))


def _mean(image: Image, where: NDArray[np.bool_]) -> float:
    return float(image.pixels[where].mean())


def _contrast(pixels: NDArray[Any]) -> float:
    """Of the insert in the middle of the body against a ring around it; places are shares of half the field."""
    n = pixels.shape[0]
    y, x = (np.indices(pixels.shape) - (n - 1) / 2) / (n / 2)
    far = np.hypot(x, y - 0.42)
    return float(1 - pixels[far < 0.04].mean() / pixels[(far > 0.06) & (far < 0.08)].mean())


def _table(measured: dict[str, Any], errors: dict[int, float], shown: dict[str, float], behind: dict[str, float]) -> Table:
    rows: list[tuple[Any, ...]] = [
        (Text(f"一次線の誤差 (RMS)、反復 {n} 回", f"rms error of the primary, {n} iterations"), 0.0, error)
        for n, error in errors.items()
    ]
    rows += [(Text(f"コントラスト、グリッド {r}", f"contrast, grid {r}"), behind[r], shown[r]) for r in GRIDS]
    rows += [
        (
            Text(f"厚さ (mm)。実際 {TRUE_CM} cm、設定 {SET_CM} cm", f"thickness (mm); true {TRUE_CM} cm, set {SET_CM} cm"),
            measured["thickness_mm"],
            measured["thickness_wrong_mm"],
        ),
        (Text("そのときのコントラストの変化", "change of contrast then"), 0.0, measured["contrast_change"]),
    ]
    headings = (Text("量", "Quantity"), Text("正しい値", "Right"), Text("バーチャルグリッド", "Virtual grid"))
    return Table(Text("散乱線補正処理の検証", "Virtual grid"), headings, tuple(rows))
