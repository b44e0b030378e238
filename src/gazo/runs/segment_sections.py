"""What a report says about a judged segmentation."""

from __future__ import annotations

from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.learn.segment.results import SegmentationStudy
from gazo.runs.section import Picture, Section
from gazo.stats.paired import PairedComparison


def segment_sections(study: SegmentationStudy) -> tuple[Section, ...]:
    """The verdict, figures of merit beside the baseline's, configuration and learning, contours (worst first), every case."""
    from gazo.runs.sections import metrics_table

    curves = (Picture(study.losses, Text("学習曲線 (分割間の平均、帯は最小から最大)", "Learning curves (mean over folds, band from lowest to highest)"), "losses"),) if study.losses else ()  # fmt: skip
    roc = (Picture(study.roc, Text("評価範囲内の全画素の ROC 曲線", "ROC curve of all pixels that are judged"), "roc"),) if study.roc else ()  # fmt: skip
    shown = tuple(Picture(panels, panels.title, f"examples-{i}", 175) for i, panels in enumerate(study.examples))
    beside = (metrics_table(study.second_metrics),) if study.second_metrics else ()
    found = (
        Section("summary", Text("要約", "Summary"), _summary(study), study.warnings),
        Section("results", Text("成績", "Results"), (_MEASURES,), (), (metrics_table(study.metrics, study.baseline_metrics), study.folds), roc),
        Section("second-observer", Text("第 2 読影者の成績 (同じ正解に対する)", "Second observer (against the same truth)"), (), (), beside),
        Section("learning", Text("構成と学習の経過", "Configuration and learning"), (), (), study.configuration, curves),
        Section("examples", Text("輪郭", "Contours"), pictures=shown),
        Section("data", Text("データ", "Data"), (), (), study.data),
        Section("predictions", Text("画像ごとの結果", "Each image"), tables=(study.predictions,), whole_table=False),
    )  # fmt: skip
    return tuple(s for s in found if s.warnings or s.tables or s.pictures or s.key == "summary")


def _summary(study: SegmentationStudy) -> tuple[Text, ...]:
    from gazo.runs.sections import interval

    head = study.metrics[0]
    parts = ", ".join(study.structures)
    told = [
        Text(
            f"{study.name.ja} による {parts} の {head.name.ja} は {interval(head)} (患者の平均)。{study.plan.ja}。",
            f"{head.name.en} of {study.name.en} for {parts}: {interval(head)}, the mean over patients; {study.plan.en}.",
        )
    ]
    told += [_told(name, study.metrics) for name in ("HD95", "AUC of pixels") if _of(name, study.metrics)]
    told += [_paired(pair) for pair in (study.against_baseline, study.against_second) if pair is not None]
    return tuple(told)


def _of(name: str, metrics: tuple[Estimate, ...]) -> Estimate | None:
    return next((e for e in metrics if e.name.en == name), None)


def _told(name: str, metrics: tuple[Estimate, ...]) -> Text:
    from gazo.runs.sections import interval

    found = _of(name, metrics)
    assert found is not None
    return Text(f"{found.name.ja}: {interval(found)}。", f"{found.name.en}: {interval(found)}.")


def _paired(pair: PairedComparison) -> Text:
    from gazo.runs.sections import interval

    p = "p < 0.001" if pair.p < 0.001 else f"p = {pair.p:.3f}"
    return Text(
        f"{pair.second.name.ja} の Dice 係数は {interval(pair.second)}、差は {interval(pair.difference)} ({p})。",
        f"Dice of {pair.second.name.en}: {interval(pair.second)}; difference {interval(pair.difference)} ({p}).",
    )


_MEASURES = Text(
    "値は画像ごとに求め、患者内で平均してから患者間で平均しています。HD95 は輪郭間距離の 95 パーセンタイル、表面 Dice は輪郭のうち許容差以内で一致する割合です。",
    "Values are taken for each image, averaged within patients, then over patients. HD95 is the 95th percentile of the distance between "
    "contours, surface Dice the share of contours that agree within the tolerance.",
)
