"""What a report says about a judged noise reduction."""

from __future__ import annotations

from gazo.core.language import Text
from gazo.core.results import Table
from gazo.learn.denoise.results import NoiseReductionStudy
from gazo.runs.section import Picture, Section
from gazo.runs.words import method_in_words
from gazo.stats.paired import PairedComparison


def denoise_sections(study: NoiseReductionStudy) -> tuple[Section, ...]:
    """The sections of a study of noise reduction."""
    from gazo.runs.sections import interval, metrics_table

    head = study.metrics[0]
    summary = Text(
        f"{study.name.ja} の {head.name.ja} は {interval(head)} (テスト画像の平均)。{study.plan.ja}。",
        f"{head.name.en} of {study.name.en}: {interval(head)}, the mean over test images; {study.plan.en}.",
    )
    curves = (Picture(study.losses, Text("学習曲線 (分割間の平均)", "Learning curves (mean over folds)"), "losses"),) if study.losses else ()  # fmt: skip
    spectra = (Picture(study.spectra, _SPECTRA, "spectra"),) if study.spectra else ()
    shown = tuple(Picture(panels, panels.title, f"examples-{i}", 175) for i, panels in enumerate(study.examples))
    found = (
        Section("summary", Text("要約", "Summary"), (summary,), study.warnings),
        Section(
            "results",
            Text("成績", "Results"),
            (),
            (),
            (metrics_table(study.metrics), study.compared, _tests(study.tests), study.folds),
            spectra,
        ),
        Section("learning", Text("学習の経過", "Learning"), pictures=curves),
        Section("examples", Text("差分画像", "Difference images"), (_DIFFERENCE,), pictures=shown),
        Section("data", Text("データ", "Data"), (), (), study.data),
        Section("predictions", Text("画像ごとの結果", "Each image"), tables=(study.predictions,), whole_table=False),
    )
    return tuple(s for s in found if s.warnings or s.tables or s.pictures or s.key == "summary")


_SPECTRA = Text(
    "ノイズパワーの周波数配分: 加えたノイズと除いたノイズ (面積を 1 とした形)",
    "Noise power over frequency: what was added and what was taken off (shapes of area 1)",
)
_DIFFERENCE = Text(
    "差分画像に見えるエッジは、ノイズとともに失われた構造です。灰色の中央が 0、白と黒は加えたノイズの標準偏差の 3 倍です。",
    "Edges seen in a difference image are structure lost with the noise. Middle grey is 0, black and white are 3 SD of the added noise.",
)


def _tests(tests: tuple[PairedComparison, ...]) -> Table:
    """A row for each paired comparison."""
    heads = (
        Text("A", "A"), Text("値 A", "Value of A"), Text("B", "B"), Text("値 B", "Value of B"), Text("差", "Difference"),
        Text("下限", "Low"), Text("上限", "High"), Text("p 値", "p"), Text("検定", "Test"),
    )  # fmt: skip
    rows = tuple(
        (
            t.first.name, t.first.value, t.second.name, t.second.value, t.difference.value, t.difference.low, t.difference.high, t.p,
            method_in_words(t.method),
        )
        for t in tests
    )  # fmt: skip
    return Table(Text("対応のある比較", "Paired comparisons"), heads, rows)
