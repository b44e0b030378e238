"""What a report says about judged super-resolution and about a judged regression."""

from __future__ import annotations

from gazo.core.language import Text
from gazo.core.results import Estimate, Table
from gazo.learn.estimate.regressor_results import RegressionStudy
from gazo.learn.estimate.resolver_results import SuperResolutionStudy
from gazo.runs.section import Picture, Section
from gazo.runs.words import method_in_words
from gazo.stats.paired import PairedComparison


def resolution_sections(study: SuperResolutionStudy) -> tuple[Section, ...]:
    """The sections of a study of super-resolution."""
    from gazo.runs.sections import interval, metrics_table

    head = study.metrics[0]
    summary = Text(
        f"{study.name.ja} の {head.name.ja} は {interval(head)} (テスト画像の平均)。{study.plan.ja}。",
        f"{head.name.en} of {study.name.en}: {interval(head)}, the mean over test images; {study.plan.en}.",
    )
    compared = against(study.against_baseline)
    spectra = (Picture(study.spectra, _SPECTRA, "spectra", 130),) if study.spectra else ()
    shown = tuple(Picture(panels, panels.title, f"examples-{i}", 175) for i, panels in enumerate(study.examples))
    found = (
        Section("summary", Text("要約", "Summary"), (summary, compared), study.warnings),
        Section(
            "results",
            Text("成績", "Results"),
            (_FIGURES,),
            (),
            (metrics_table(study.metrics, study.baseline_metrics), _gains(study.gains), study.folds),
            spectra,
        ),
        Section("learning", Text("学習の経過", "Learning"), pictures=_losses(study)),
        Section("examples", Text("復元画像と差分画像", "Restorations and difference images"), (_DIFFERENCE,), pictures=shown),
        Section("data", Text("データ", "Data"), (), (), study.data),
        Section("predictions", Text("画像ごとの結果", "Each image"), tables=(study.predictions,), whole_table=False),
    )
    return tuple(s for s in found if s.warnings or s.tables or s.pictures or s.key == "summary")


def regression_sections(study: RegressionStudy) -> tuple[Section, ...]:
    """The sections of a study of a regression."""
    from gazo.runs.sections import interval, metrics_table

    head, bias = study.metrics[0], study.agreement
    summary = [
        Text(
            f"{study.name.ja} の {head.name.ja} は {interval(head)}。{study.plan.ja}。",
            f"{head.name.en} of {study.name.en}: {interval(head)}; {study.plan.en}.",
        ),
        against(study.against_mean),
    ]
    if study.against_baseline is not None:
        summary.append(against(study.against_baseline))
    limits = Text(
        f"推定値と真の値の差の 95 % が {interval(bias.low_limit)} から {interval(bias.high_limit)} の間にあると見込まれます。",
        f"95 % of the differences from the truth are expected between {interval(bias.low_limit)} and {interval(bias.high_limit)}.",
    )
    agreement = Picture(bias, Text("Bland-Altman プロット (差 = 推定値 − 真の値)", "Bland-Altman plot (difference = estimate − truth)"), "agreement", 110)  # fmt: skip
    looked = tuple(Picture(panels, panels.title, f"examples-{i}", 175) for i, panels in enumerate(study.examples))
    tables = (metrics_table(study.metrics, study.baseline_metrics), _beside_mean(study.mean_metrics), study.folds)
    found = (
        Section("summary", Text("要約", "Summary"), tuple(summary), study.warnings),
        Section("results", Text("成績", "Results"), (), (), tables),
        Section("agreement", Text("一致度", "Agreement"), (limits, _slope(bias.slope)), pictures=(agreement,)),
        Section("learning", Text("学習の経過", "Learning"), pictures=_losses(study)),
        Section("examples", Text("推定の根拠", "What raised the value"), (_HEAT,), pictures=looked),
        Section("data", Text("データ", "Data"), (), (), study.data),
        Section("predictions", Text("画像ごとの推定値", "Estimates"), tables=(study.predictions,), whole_table=False),
    )
    return tuple(s for s in found if s.warnings or s.tables or s.pictures or s.key == "summary")


def against(pair: PairedComparison) -> Text:
    """What a baseline reached, the difference and its test, in a sentence."""
    from gazo.runs.sections import interval

    p, way = "p < 0.001" if pair.p < 0.001 else f"p = {pair.p:.3f}", method_in_words(pair.method)
    return Text(
        f"比較対象 ({pair.second.name.ja}) は {interval(pair.second)}、差は {interval(pair.difference)} ({p}、{way.ja})。",
        f"For comparison ({pair.second.name.en}): {interval(pair.second)}; difference {interval(pair.difference)} ({p}, {way.en}).",
    )


def _gains(gains: tuple[Estimate, ...]) -> Table:
    headings = Text("指標", "Figure of merit"), Text("差", "Difference"), Text("下限", "Low"), Text("上限", "High")
    rows = tuple((e.name, e.value, e.low, e.high) for e in gains)
    return Table(Text("推定 − バイキュービック (画像ごとの差の平均)", "Estimate − bicubic (mean over images)"), headings, rows)


def _beside_mean(metrics: tuple[Estimate, ...]) -> Table:
    headings = Text("指標", "Figure of merit"), Text("値", "Value"), Text("下限", "Low"), Text("上限", "High")
    title = Text("学習データの平均値を常に答えた場合", "Always saying the mean of the training part")
    return Table(title, headings, tuple((e.name, e.value, e.low, e.high) for e in metrics))


def _slope(slope: Estimate) -> Text:
    """Whether the error depends on the value."""
    from gazo.runs.sections import interval

    return Text(
        f"差の平均値に対する傾き: {interval(slope)} (負なら、大きい値を小さく、小さい値を大きく見積もる傾向)。",
        f"Slope of the difference over the mean: {interval(slope)} (below 0: large values are estimated too small, small ones too large).",
    )


def _losses(study: SuperResolutionStudy | RegressionStudy) -> tuple[Picture, ...]:
    caption = Text("学習曲線 (分割間の平均)", "Learning curves (mean over folds)")
    return (Picture(study.losses, caption, "losses"),) if study.losses else ()


_SPECTRA = Text(
    "動径方向のパワースペクトル (画像間の平均、帯は 95 % 区間)",
    "Radial power spectra (mean over images, bands: 95 % intervals)",
)
_FIGURES = Text(
    "PSNR・SSIM・NRMSE は縁を拡大率の画素数だけ除いて、カラー画像では輝度 (BT.601 の Y) で求めています。",
    "PSNR, SSIM and NRMSE leave out a border of as many pixels as the enlargement; colour images are judged in their luminance (Y of BT.601).",
)
_DIFFERENCE = Text(
    "差分画像は真の画像との差の大きさです (白いほど大きい。2 枚は同じ尺度)。",
    "Difference images show the size of the error (white is large; both have one scale).",
)
_HEAT = Text(
    "色は、推定値を高めた場所を示します。位置の目安であり、因果の証明ではありません。",
    "Colour shows which places raised the value. It points to places; it proves no cause.",
)
