"""W5: the simulation of figures 1 and 2 of Nishiki and Doi: 256 images of 64 x 64 pixels, variance = volume = area."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Curve, Table
from gazo.core.seeds import generator
from gazo.phantoms.noise_fields import noise_field
from gazo.quality.wiener_1d import wiener_spectrum_1d
from gazo.quality.wiener_2d import wiener_spectrum_2d
from gazo.quality.wiener_check import HEADINGS, wiener_dimension_check
from gazo.quality.wiener_sections import central_section
from gazo.runs.proof import Proof, proof

IMAGES, SIDE, PIXEL_MM, VARIANCE = 256, 64, 0.1, 13.2
TOLERANCE = 1e-12


@proof("W5", ja="解説記事の図 1・図 2 のシミュレーション", en="The simulation of figures 1 and 2 of the article")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Gaussian-filtered random images; the equalities with their residuals; the 2DWS, its section with the slit's 1DWS, its integral with the rows'."""
    rng = generator(seed, "W5")
    drawn = [noise_field(rng=rng) for _ in counted(range(IMAGES), Text("画像を作成", "Images"), on_event)]
    images = [one.image for one in drawn]
    check = wiener_dimension_check(images)
    plane = wiener_spectrum_2d(images, roi_px=None, detrend="mean")
    rows, slit = wiener_spectrum_1d(images), wiener_spectrum_1d(images, aperture="slit")
    du = 1 / (SIDE * PIXEL_MM)
    totals = {
        "variance": check.variance.value,
        "volume_2dws": plane.volume.value,
        "area_1dws_u": rows.area.value,
        "area_1dws_v": wiener_spectrum_1d(images, axis="v").area.value,
    }
    spread = max(totals.values()) / min(totals.values()) - 1
    expected = float(np.sqrt(2 * (drawn[0].spectrum ** 2).sum()) * du * du / np.sqrt(IMAGES))
    near = abs(totals["variance"] - VARIANCE) / expected
    measured = totals | {"du_per_mm": du, "spread": spread, "worst_residual": check.worst.value, "variance_from_13.2_in_se": near}
    bar = Text(
        f"分散 = 体積 = 面積 (相対差 {TOLERANCE:g} 以下)、等式の残差 {TOLERANCE:g} 以下、Δu = 0.15625 mm⁻¹、分散は 13.2 から 4 SE 以内",
        f"variance = volume = area (to {TOLERANCE:g}), residuals of the equalities at most {TOLERANCE:g}, du = 0.15625 /mm, variance within 4 SE of 13.2",
    )
    passed = max(spread, check.worst.value) <= TOLERANCE and near < 4 and du == 0.15625
    table = Table(
        Text("次元の異なるウィーナースペクトルの関係 (図 2)", "Relations of spectra of different dimension (figure 2)"),
        HEADINGS,
        check.table.rows,
    )
    pictures = (
        plane.surface,
        _section(central_section(plane.surface).curve, slit.curve),
        _integral(plane.projection_u, rows.curve),
    )
    return Proof("W5", bool(passed), measured, bar, table, pictures=pictures)


def _section(section: Curve, slit: Curve) -> tuple[Curve, Curve]:
    """Figure 2, left way: 2DWS(u, 0) and 2Y times the 1DWS of the slit lie over one another."""
    title = Text("2Y・1DWS_slit(u)", "2Y 1DWS_slit(u)")
    length = SIDE * PIXEL_MM
    return replace(section, title=Text("2DWS(u, 0)", "2DWS(u, 0)")), replace(
        slit, y=length * slit.y, low=None, high=None, title=title
    )


def _integral(projection: Curve, rows: Curve) -> tuple[Curve, Curve]:
    """Figure 2, right way: the integral of the 2DWS over v and the mean 1DWS of the rows."""
    first = replace(projection, title=Text("Σ2DWS Δv", "Σ2DWS Δv"), low=None, high=None)
    return first, replace(rows, title=Text("1DWS_j(u)", "1DWS_j(u)"), low=None, high=None)
