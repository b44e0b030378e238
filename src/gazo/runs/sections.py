"""What a report says about a result: sections of sentences, tables and figures, in reading order.

A kind of result gets its sections by a function here; the report page, the stored tables and figures all come from them.
"""

from __future__ import annotations

import math
from functools import singledispatch
from typing import Any

from gazo.core.errors import RunError
from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Measurement, Surface, Table, number_text
from gazo.learn.classify.results import ClassificationStudy
from gazo.learn.classify.search_results import NetworkSearchStudy
from gazo.learn.classify.side_by_side import NetworkComparisonStudy
from gazo.learn.classify.speed import NetworkSpeedStudy
from gazo.learn.denoise.results import NoiseReductionStudy
from gazo.learn.detect.results import DetectionStudy
from gazo.learn.detect.side_by_side import DetectorComparisonStudy
from gazo.learn.estimate.regressor_results import RegressionStudy
from gazo.learn.estimate.resolver_results import SuperResolutionStudy
from gazo.learn.segment.results import SegmentationStudy
from gazo.runs.compare_measurements import MeasurementComparison, comparison_sections
from gazo.runs.denoise_sections import denoise_sections
from gazo.runs.detect_sections import comparison_of_detectors, detection_sections
from gazo.runs.estimate_sections import regression_sections, resolution_sections
from gazo.runs.measurement_sections import measurement_sections, single_section
from gazo.runs.search_sections import search_sections
from gazo.runs.section import Picture, Section
from gazo.runs.segment_sections import segment_sections
from gazo.runs.trust_sections import leak_sections, uncertainty_sections
from gazo.runs.words import method_in_words
from gazo.stats.auc import PairedComparison


@singledispatch
def sections(outcome: Any) -> tuple[Section, ...]:
    """The sections of a result."""
    raise RunError(
        "G-RUN-014",
        en=f"there is no report for a result of kind '{getattr(outcome, 'kind', type(outcome).__name__)}'.",
        ja=f"「{getattr(outcome, 'kind', type(outcome).__name__)}」という種類の結果には報告書がありません。",
    )


@sections.register
def _(study: ClassificationStudy) -> tuple[Section, ...]:
    head = study.metrics[0]
    summary = [Text(f"{study.name.ja} の {head.name.ja} は {interval(head)}。{study.plan.ja}。", f"{head.name.en} of {study.name.en}: {interval(head)}; {study.plan.en}.")]  # fmt: skip
    if len(study.classes) == 2:
        positive, negative = study.classes[1], study.classes[0]
        summary.append(
            Text(
                f"陽性クラスは「{positive}」です (感度は「{positive}」、特異度は「{negative}」を正しく判定した割合。変更は --positive)。",
                f"The positive class is '{positive}': sensitivity is the share of '{positive}', specificity that of '{negative}' judged rightly (change it with --positive).",
            )
        )
    if study.against_baseline is not None:
        summary.append(_paired_sentence(study.against_baseline))
    results = (
        Picture(study.roc + study.baseline_roc, Text("ROC 曲線と 95 % 信頼帯", "ROC curve with 95 % band"), "roc"),
        Picture(
            study.confusion,
            Text("混同行列 (行: 正解、列: 予測)", "Confusion matrix (rows: truth, columns: prediction)"),
            "confusion",
        ),
    )
    curves = (Picture(study.losses, Text("学習曲線 (分割間の平均、帯は最小から最大)", "Learning curves (mean over folds, band from lowest to highest)"), "losses"),) if study.losses else ()  # fmt: skip
    calibration = (Picture(study.reliability, Text("較正曲線", "Calibration"), "calibration"),) if study.reliability else ()
    scaling = () if study.calibration is None else (study.calibration,)
    looked = tuple(Picture(panels, panels.title, f"examples-{i}", 175) for i, panels in enumerate(study.examples))
    found = [
        Section("summary", Text("要約", "Summary"), tuple(summary), study.warnings),
        Section(
            "results",
            Text("成績", "Results"),
            (),
            (),
            (metrics_table(study.metrics, study.baseline_metrics), study.folds),
            results,
        ),
        Section("learning", Text("学習の経過と較正", "Learning and calibration"), tables=scaling, pictures=curves + calibration),
        *uncertainty_sections(study.uncertainty),
        Section("examples", Text("判断の根拠", "Where the network looked"), (_HEAT,), pictures=looked),
        *leak_sections(study.leaks),
        Section("data", Text("データ", "Data"), _expected(study.expected_width), (), study.data),
        Section("predictions", Text("画像ごとの予測", "Predictions"), tables=(study.predictions,), whole_table=False),
    ]
    return tuple(s for s in found if s.sentences or s.warnings or s.tables or s.pictures)


@sections.register
def _(study: NetworkComparisonStudy) -> tuple[Section, ...]:
    curves = Picture(study.losses, Text("学習損失", "Training loss"), "losses", 130)
    validation = Picture(study.validation_losses, Text("検証損失", "Validation loss"), "validation-losses", 130)
    rocs = (Picture(study.roc, Text("ROC 曲線", "ROC curves"), "roc", 110),) if study.roc else ()
    return (
        Section("summary", Text("要約", "Summary"), (study.plan, study.order), study.warnings),
        Section(
            "networks",
            Text("ネットワークの比較", "The networks"),
            (),
            (),
            (study.table, study.tests),
            (curves, validation, *rocs),
        ),
        Section("data", Text("データ", "Data"), (), (), study.data),
    )


sections.register(Measurement)(measurement_sections)
sections.register(NetworkSearchStudy)(search_sections)
sections.register(DetectionStudy)(detection_sections)
sections.register(DetectorComparisonStudy)(comparison_of_detectors)
sections.register(NoiseReductionStudy)(denoise_sections)


@sections.register
def _(study: NetworkSpeedStudy) -> tuple[Section, ...]:
    told = Text(
        "速度はこの計算機だけのもので、計測の中央値です。統合した RepVGG の評価指標は、統合前と同じ値です。",
        "Speeds are those of this machine alone, the median of several timings. A merged RepVGG has the figures of its training form.",
    )
    first, *rest = sections(study.comparison)
    speed = Section("speed", Text("速度と精度", "Speed and accuracy"), (study.machine, told), tables=(study.table,))
    return (first, speed, *rest)


sections.register(SegmentationStudy)(segment_sections)
sections.register(RegressionStudy)(regression_sections)
sections.register(SuperResolutionStudy)(resolution_sections)
sections.register(MeasurementComparison)(comparison_sections)
for _kind in (Curve, Surface, Table):
    sections.register(_kind)(single_section)

_HEAT = Text(
    "色は、予測したクラスを支持した場所を示します。位置の目安であり、病変の証明ではありません。",
    "Colour shows which places spoke for the class that was said. It points to places; it proves nothing about disease.",
)


def interval(estimate: Estimate) -> str:
    """ "0.932 (95 % CI 0.908–0.950)" with the unit; without brackets where there is no interval; a dash and why for no number."""
    if math.isnan(estimate.value):
        return f"– ({method_in_words(estimate.method)})" if estimate.method else "–"
    value = f"{number_text(estimate.value)} {estimate.unit.strip()}".strip()
    if estimate.low is None or estimate.high is None:
        return value
    what = Text("範囲", "range") if estimate.method.startswith("range") else f"{100 * estimate.level:g} % CI"
    return f"{value} ({what} {number_text(estimate.low)}–{number_text(estimate.high)})"


def metrics_table(metrics: tuple[Estimate, ...], baseline: tuple[Estimate, ...] = ()) -> Table:
    """Figures of merit with intervals, those of the baseline beside them."""
    others = {e.name: e for e in baseline}
    headings = [Text("指標", "Figure of merit"), Text("値", "Value"), Text("下限", "Low"), Text("上限", "High")]
    headings += (
        [Text("基準手法", "Baseline"), Text("基準 下限", "Baseline low"), Text("基準 上限", "Baseline high")] if baseline else []
    )
    rows = []
    for e in metrics:
        other = others.get(e.name)
        beside = [other.value, other.low, other.high] if other else [None] * 3
        rows.append((e.name, e.value, e.low, e.high, *(beside if baseline else []), method_in_words(e.method)))
    return Table(
        Text("評価指標と 95 % 信頼区間", "Figures of merit with 95 % intervals"),
        (*headings, Text("区間の求め方", "Interval by")),
        tuple(rows),
    )


def _paired_sentence(pair: PairedComparison) -> Text:
    p, way = "p < 0.001" if pair.p < 0.001 else f"p = {pair.p:.3f}", method_in_words(pair.method)
    return Text(
        f"基準手法 ({pair.second.name.ja}) は {interval(pair.second)}、差は {interval(pair.difference)} ({p}、{way.ja})。",
        f"Baseline ({pair.second.name.en}): {interval(pair.second)}; difference {interval(pair.difference)} ({p}, {way.en}).",
    )


def _expected(width: Estimate | None) -> tuple[Text, ...]:
    if width is None:
        return ()
    way = method_in_words(width.method)
    return (
        Text(
            f"患者数から学習前に予想される区間 ({width.name.ja} {width.value:g} の場合): {width.low:.3f}–{width.high:.3f} ({way.ja})。",
            f"Interval to be expected from the number of patients, before training ({width.name.en} {width.value:g}): {width.low:.3f}–{width.high:.3f} ({way.en}).",
        ),
    )
