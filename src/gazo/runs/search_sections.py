"""What the report of a search for a network says."""

from __future__ import annotations

from gazo.core.language import Text
from gazo.learn.classify.search_results import NetworkSearchStudy
from gazo.runs.section import Picture, Section


def search_sections(study: NetworkSearchStudy) -> tuple[Section, ...]:
    """The verdict, the front with its figures, the best network beside the start on the test part, every network tried."""
    from gazo.runs.sections import interval, metrics_table

    told = Text(
        f"テストデータでの差 (最良 − 元の設計): {interval(study.difference)}。{study.plan.ja}。",
        f"Difference on the test part (best − start): {interval(study.difference)}; {study.plan.en}.",
    )
    rules = Text(
        "ネットワークは検証データだけで選び、テストデータは最後に一度だけ使いました。最良の設計は search/best.json にあります。",
        "Networks were chosen by the validation part alone; the test part was used once, at the end. The best design is in search/best.json.",
    )
    pictures = (
        Picture(study.curves, Text("検証の誤りの推移", "Validation error over the search"), "progress", 110),
        Picture(study.frontier, Text("誤りとパラメータ数", "Error against the number of parameters"), "front", 110),
    )
    return (
        Section("summary", Text("要約", "Summary"), (study.verdict, told, rules), study.warnings),
        Section("front", Text("最良の組", "Best front"), tables=(study.front,), pictures=pictures),
        Section(
            "results",
            Text("最良のネットワークの成績", "The best network"),
            tables=(metrics_table(study.best.metrics, study.start.metrics),),
            pictures=(
                Picture(study.best.roc + study.start.roc, Text("ROC 曲線と 95 % 信頼帯", "ROC curves with 95 % band"), "roc"),
                Picture(study.best.confusion, Text("混同行列 (行: 正解、列: 予測)", "Confusion matrix (rows: truth, columns: prediction)"), "confusion"),
            ),
        ),
        Section("learning", Text("学習の経過", "Learning"), pictures=(Picture(study.best.losses, Text("最良のネットワークの学習曲線", "Learning curves of the best network"), "losses"),)),
        Section("trials", Text("試したネットワーク", "Networks tried"), tables=(study.trials,)),
    )  # fmt: skip
