"""Under which heading a list of operations shows each. What is registered later and fits no pattern stands under its system of the booklet."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

from gazo.core.language import Text
from gazo.core.registry import Entry
from gazo.runs.systems import checklist

# In the order of a list; the first heading with a fitting name counts.
_GROUPS: tuple[tuple[str, Text, tuple[str, ...]], ...] = (
    ("radiography", Text("デジタル X 線画像の処理", "Processing of digital radiographs"), ("gradation", "unsharp-*", "dynamic-range-*", "multi-frequency-*", "musica", "flexible-noise-*", "virtual-grid", "suppress-grid-*", "clahe", "apply-voi-*")),
    ("subtraction", Text("差分・比較", "Subtraction and comparison"), ("temporal-*", "contralateral-*", "dual-energy-subtraction", "difference-*", "edge-leak")),
    ("filters", Text("基本フィルタ", "Filters"), ("gaussian", "median", "bilateral", "guided", "non-local-means", "wavelet-*", "otsu")),
    ("features", Text("構造の強調", "Enhancement of structures"), ("double-ring-*", "gabor-*", "shape-index")),
    ("correction", Text("検出器の補正・線量", "Detector correction and dose"), ("flat-field-*", "find-defects", "linearize", "simulate-dose-*")),
    ("resolution", Text("解像特性 (MTF)", "Resolution (MTF)"), ("mtf-*",)),
    ("noise", Text("ノイズ特性 (NPS・ウィナースペクトル)", "Noise (NPS, Wiener spectrum)"), ("nps-*", "nnps", "ct-nps*", "wiener-*", "radial-nps", "central-section", "integrate-section", "noise-components*")),
    ("detector", Text("検出器の性能 (DQE など)", "Detector performance (DQE and others)"), ("detector*", "dqe", "neq", "conversion-*", "snr-in2*", "lag*", "dark-level", "uniformity", "compare-calibrations", "back-scatter", "grid-factors")),
    ("contrast", Text("コントラスト・検出能", "Contrast and detectability"), ("cnr", "snr", "rose-*", "detectability-*", "compare-curves")),
    ("modalities", Text("CT・MR", "CT and MR"), ("ct-*", "mr-*")),
    ("dose", Text("線量指標・線量", "Exposure index and dose"), ("exposure-index", "deviation-index", "drl-*", "entrance-*")),
    ("timing", Text("曝射のタイミング", "Timing of exposures"), ("exposure-delay", "exposure-onset")),
    ("display", Text("表示", "Display"), ("presentation-*",)),
    ("cad", Text("胸部 CAD", "Chest CAD"), ("identify-*", "template-*")),
)  # fmt: skip
_ROOMS_WITH_GROUPS = ("process", "quality")
_LATER = len(_GROUPS)


def group_of(entry: Entry) -> dict[str, Any]:
    """Id, name and place of the heading an entry stands under."""
    if entry.room in _ROOMS_WITH_GROUPS:
        for rank, (id, label, patterns) in enumerate(_GROUPS):
            if any(fnmatch(entry.name, pattern) for pattern in patterns):
                return {"id": id, "label": label, "rank": rank}
    row = checklist().get(entry.booklet[0]) if entry.booklet else None
    if row is None:
        return {"id": "", "label": Text("その他", "Others"), "rank": _LATER + 1}
    return {"id": entry.booklet[0], "label": Text(row["name_ja"], row["name_en"]), "rank": _LATER}
