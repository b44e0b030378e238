"""Under which heading a list of operations shows each. What is registered later and fits no pattern stands under its system of the booklet."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

from gazo.core.language import Text
from gazo.core.registry import Entry
from gazo.runs.systems import checklist

# Heading by heading in the order of a list; the first with a fitting name counts.
Headings = tuple[tuple[str, Text, tuple[str, ...]], ...]
_IMAGES: Headings = (
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
_STUDIES: Headings = (
    ("small", Text("小規模な研究の統計", "Statistics of a small study"), ("what-to-do", "table-one", "compare-groups", "compare-categories", "correlate", "adjust-p", "study-size")),
    ("readers", Text("ROC・読影実験", "ROC and reader studies"), ("roc", "compare", "mrmc", "froc", "lroc", "cad-vs-readers", "power", "reader-study-size")),
    ("agreement", Text("一致度", "Agreement"), ("kappa", "intraclass", "limits-of-agreement")),
    ("visual", Text("視覚評価・一対比較", "Visual grading and paired comparison"), ("visual-grading*", "scheffe", "paired-scaling", "preference", "normalised-rank")),
    ("survival", Text("生存時間", "Survival"), ("kaplan-meier", "cox", "survival-*")),
    ("radiomics", Text("特徴量の抽出と安定性", "Features and their stability"), ("extract", "features", "stability", "harmonise")),
    ("models", Text("特徴量からの予測", "Prediction from features"), ("select-features", "classify-features", "prognosis", "longitudinal", "nomogram", "decision-curve", "similar-cases")),
    ("conduct", Text("研究の質", "Quality of a study"), ("quality-score", "leak-demonstration")),
    ("maps", Text("IBSI 2 フィルタ", "IBSI 2 filters"), ("gabor", "laplacian-*", "laws", "mean-filter", "separable-wavelet", "simoncelli")),
)  # fmt: skip
_BY_ROOM = {"process": _IMAGES, "quality": _IMAGES, "stats": _STUDIES, "radiomics": _STUDIES}
_LATER = max(len(_IMAGES), len(_STUDIES))


def group_of(entry: Entry) -> dict[str, Any]:
    """Id, name and rank of the heading an entry stands under, and its place there."""
    for rank, (id, label, patterns) in enumerate(_BY_ROOM.get(entry.room, ())):
        place = next((n for n, pattern in enumerate(patterns) if fnmatch(entry.name, pattern)), None)
        if place is not None:
            return {"id": id, "label": label, "rank": rank, "place": place}
    row = checklist().get(entry.booklet[0]) if entry.booklet else None
    if row is None:
        return {"id": "", "label": Text("その他", "Others"), "rank": _LATER + 1, "place": 0}
    return {"id": entry.booklet[0], "label": Text(row["name_ja"], row["name_en"]), "rank": _LATER, "place": 0}
