"""W9: the share of back-scatter and its map are recovered from exposures with and without a shield, for several shields."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.back_scatter import MU_LEAD_PER_MM, back_scatter_pair
from gazo.quality.back_scatter import BackScatter, back_scatter
from gazo.runs.proof import Proof, proof

LEADS_MM, REPEATS, SMOOTH_MM = (0.05, 0.1, 0.3, 0.5), 3, 10.0


@proof("W9", ja="後方散乱線と遮蔽体の厚さ", en="Back-scatter and the thickness of a shield")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Ratio maps for four sheets of lead against the truth, and the attenuation they follow."""
    rows, worst, shares, covered = [], 0.0, [], []
    for lead in counted(LEADS_MM, Text("遮蔽体", "Shields"), on_event):
        found, truth, step = _measured(seed, lead)
        error = _map_error(found, truth, step)
        told = 100 * float(truth.mean() - 1)
        covered.append(
            found.share.low is not None and found.share.high is not None and found.share.low <= told <= found.share.high
        )
        worst = max(worst, error)
        shares.append(found.share.value)
        rows.append(
            (Text(f"鉛 {lead:g} mm: 除かれた割合 [%]", f"lead {lead:g} mm: share taken away [%]"), told, found.share.value, error)
        )
    residual = _residual(seed)
    expected = float(np.exp(-2 * MU_LEAD_PER_MM * 0.1))
    measured: dict[str, Any] = {
        "worst_map_error": worst,
        "shares_percent": shares,
        "shares_within_interval": sum(covered),
        "left_by_0.1_mm": residual,
        "left_by_0.1_mm_true": expected,
    }
    rows.append((Text("鉛 0.1 mm が残す割合", "part that 0.1 mm of lead leaves"), expected, residual, abs(residual - expected)))
    headings = (Text("項目", "Item"), Text("真値", "Truth"), Text("測定値", "Measured"), Text("最大誤差", "Largest error"))
    passed = worst <= 0.01 and all(b > a - 0.05 for a, b in pairwise(shares)) and abs(residual - expected) < 0.03
    bar = Text(
        "比の分布の誤差がどこでも 0.01 以下、鉛 0.1 mm が残す割合の誤差 0.03 以下、厚いほど多く除かれる",
        "ratio map within 0.01 of the truth everywhere, part left by 0.1 mm of lead within 0.03, thicker sheets take away more",
    )
    return Proof("W9", bool(passed), measured, bar, Table(Text("後方散乱線", "Back-scatter"), headings, tuple(rows)))


def _measured(seed: int, lead: float) -> tuple[BackScatter, np.ndarray, int]:
    pairs = [back_scatter_pair(rng=generator(seed, "W9", lead, n), lead_mm=lead) for n in range(REPEATS)]
    truth = (1 + pairs[0].share.pixels) / (1 + pairs[0].shielded_share.pixels)
    spacing = pairs[0].image.need_spacing()[0]
    return (
        back_scatter([p.image for p in pairs], [p.shielded for p in pairs], smooth_mm=SMOOTH_MM),
        truth,
        round(SMOOTH_MM / spacing),
    )


def _map_error(found: BackScatter, truth: np.ndarray, step: int) -> float:
    """Largest difference of the map from the truth, its border left out (half a window mirrored there)."""
    want = truth[step // 2 :: step, step // 2 :: step]
    return float(np.abs(found.ratio.values - want)[1:-1, 1:-1].max())


def _residual(seed: int) -> float:
    """Back-scatter with 0.1 mm of lead over back-scatter without a shield, both against a sheet that lets nothing through."""
    thick = back_scatter_pair(rng=generator(seed, "W9", "thick"), lead_mm=5.0)
    thin = back_scatter_pair(rng=generator(seed, "W9", "thin"), lead_mm=0.1)
    left, all_of_it = (back_scatter([i], [thick.shielded]).share.value for i in (thin.shielded, thin.image))
    return left / all_of_it
