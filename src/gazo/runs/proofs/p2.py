"""P2: compression is monotone and keeps detail; settings that lower the maximum density are shown and warned of, worse ones refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Curve, Table
from gazo.process import dynamic_range_compression
from gazo.runs.proof import Proof, proof

STEPS, SIDE, DETAIL = 17, 80, 20.0  # patches from 0 to 4000, pixels each, amplitude of the detail on them
# Strengths at the low and the high side, and what must come: nothing, a warning about one end, or a refusal.
SETTINGS = (
    (0.2, 0.0, ""),
    (0.0, 0.2, ""),
    (0.7, 0.0, "minimum"),
    (0.0, 0.7, "maximum"),
    (0.8, 0.8, "minimum maximum"),
    (0.9, 0.0, "refused"),
)


@proof(
    "P2",
    ja="圧縮の単調性、細部の保存、強すぎる設定の警告",
    en="Compression: monotone, detail kept, too strong settings warned of",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Patches of rising density with fine detail on them, compressed with rising strength at either side."""
    rows = tuple(_row(low, high, wanted) for low, high, wanted in SETTINGS)
    wrong = sum(row[-1] != "ok" for row in rows)
    headings = (
        Text("低い側の強さ", "Low side"),
        Text("高い側の強さ", "High side"),
        Text("最小の傾き", "Least slope"),
        Text("最低濃度", "Minimum density"),
        Text("最高濃度", "Maximum density"),
        Text("細部の振幅の比", "Detail kept"),
        Text("警告", "Warnings"),
        Text("判定", "Verdict"),
    )
    table = Table(
        Text("ダイナミックレンジ圧縮 (0 から 4000 の段階)", "Dynamic range compression of steps from 0 to 4000"), headings, rows
    )
    bar = Text(
        "傾きは 0.2 以上、細部の変化は 1% 以内、最高濃度の低下などは警告し、傾きが足りなければ拒否する",
        "slope at least 0.2, detail within 1 %, loss of the ends of the range warned of, too flat curves refused",
    )
    return Proof("P2", wrong == 0, {"settings": len(rows), "wrong": wrong}, bar, table, pictures=(_curves(),))


def _steps() -> Image:
    levels = np.repeat(np.linspace(0, 4000, STEPS), SIDE)[None].repeat(SIDE, 0)
    detail = DETAIL * np.sin(2 * np.pi * np.arange(levels.shape[1]) / 4)
    return Image((levels + detail).astype(np.float32), spacing_mm=(0.5, 0.5))


def _row(low: float, high: float, wanted: str) -> tuple[object, ...]:
    """Strengths, least slope between patches, ends of the range, detail after over before, warnings, verdict."""
    try:
        made = dynamic_range_compression(_steps(), low_strength=low, high_strength=high, radius_mm=3.0)
    except OptionError as error:
        return low, high, None, None, None, None, error.text, "ok" if wanted == "refused" else "wrong"
    patches = made.image.pixels[SIDE // 2].astype(np.float64).reshape(STEPS, SIDE)[:, SIDE // 2 - 10 : SIDE // 2 + 10]
    level = patches.mean(1)
    slope = float(np.diff(level).min() / np.diff(np.linspace(0, 4000, STEPS))[0])
    kept = float(np.abs((patches - level[:, None]) @ np.exp(0.5j * np.pi * np.arange(20))).mean() / 10 / DETAIL)
    told = " ".join(word for word in ("minimum", "maximum") if any(word in w.en for w in made.warnings))
    good = slope >= 0.199 and abs(kept - 1) <= 0.01 and told == wanted
    return (
        low,
        high,
        slope,
        float(level[0]),
        float(level[-1]),
        kept,
        Text("、".join(w.ja for w in made.warnings), told),
        "ok" if good else "wrong",
    )


def _curves() -> tuple[Curve, ...]:
    """The curves of the settings that were not refused, to be drawn over one another."""
    found = []
    for low, high, wanted in SETTINGS:
        if wanted != "refused":
            made = dynamic_range_compression(_steps(), low_strength=low, high_strength=high, radius_mm=3.0)
            found.append(replace(made.curve, title=Text(f"低 {low:g}、高 {high:g}", f"low {low:g}, high {high:g}")))
    return tuple(found)
