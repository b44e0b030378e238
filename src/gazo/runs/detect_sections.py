"""What a report says about judged detectors."""

from __future__ import annotations

from gazo.core.language import Text
from gazo.learn.detect.results import DetectionStudy
from gazo.learn.detect.side_by_side import DetectorComparisonStudy
from gazo.runs.section import Picture, Section

FROC = Text("FROC 曲線と 95 % 信頼帯", "FROC curve with 95 % band")


def detection_sections(study: DetectionStudy) -> tuple[Section, ...]:
    """Sensitivity at one false positive an image, the FROC curve, learning, examples, data, every finding."""
    from gazo.runs.sections import interval, metrics_table

    head, curve = study.metrics[0], study.froc[0]
    told = Text(
        f"{study.name.ja} の{head.name.ja}は {interval(head)}。{study.plan.ja}。",
        f"{head.name.en} of {study.name.en}: {interval(head)}; {study.plan.en}.",
    )
    counted = Text(
        f"テスト画像 {curve.images} 枚 (患者 {curve.patients} 人)、病変 {curve.lesions} 個。{curve.rule.ja}。",
        f"{curve.images} test images of {curve.patients} patients with {curve.lesions} lesions; {curve.rule.en}.",
    )
    precision = tuple(p.curve() for p in study.precision)
    pictures = (
        Picture(study.froc, FROC, "froc"),
        Picture(precision, Text("適合率-再現率曲線 (IoU 0.5)", "Precision against recall (IoU 0.5)"), "precision-recall"),
    )
    learned = (
        (Picture(study.losses, Text("学習曲線 (分割間の平均)", "Learning curves (mean over folds)"), "losses"),)
        if study.losses
        else ()
    )
    shown = tuple(Picture(panels, panels.title, f"examples-{i}", 175) for i, panels in enumerate(study.examples))
    found = (
        Section("summary", Text("要約", "Summary"), (told, counted), study.warnings),
        Section("results", Text("成績", "Results"), tables=(metrics_table(study.metrics), study.folds), pictures=pictures),
        Section("learning", Text("学習の経過", "Learning"), pictures=learned),
        Section("examples", Text("検出例", "Examples"), (_FRAMES,), pictures=shown),
        Section("data", Text("データ", "Data"), tables=study.data),
        Section("predictions", Text("検出ごとの結果", "Every finding"), tables=(study.predictions,), whole_table=False),
    )
    return tuple(s for s in found if s.warnings or s.tables or s.pictures or s.key == "summary")


def comparison_of_detectors(study: DetectorComparisonStudy) -> tuple[Section, ...]:
    """The curves together, one table, paired tests."""
    pictures = (
        Picture(study.froc, Text("FROC 曲線", "FROC curves"), "froc", 130),
        Picture(
            study.losses,
            Text("学習損失 (検出法ごとに損失の定義が異なる)", "Training losses (each detector has a loss of its own)"),
            "losses",
            130,
        ),
    )
    return (
        Section("summary", Text("要約", "Summary"), (study.plan, study.order), study.warnings),
        Section("detectors", Text("検出法の比較", "The detectors"), tables=(study.table, study.tests), pictures=tuple(p for p in pictures if p.drawn)),
        Section("data", Text("データ", "Data"), tables=study.data),
    )  # fmt: skip


_FRAMES = Text(
    "実線は正解、破線は閾値 (検証データで画像あたりの偽陽性 1) 以上のスコアの検出です。",
    "Solid frames are true, broken ones were found with a score above the threshold (one false positive an image on the validation part).",
)
