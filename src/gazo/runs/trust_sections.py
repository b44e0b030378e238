"""Sections about how far a result can be trusted: how sure the networks were, and what was looked for that would make it too good."""

from __future__ import annotations

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Table
from gazo.runs.section import Picture, Section
from gazo.stats.risk_coverage import RiskCoverage


def uncertainty_sections(found: tuple[RiskCoverage, ...]) -> tuple[Section, ...]:
    """Risk against coverage with the areas; nothing where no case was judged wrongly."""
    if not found:
        return ()
    headings = (
        Text("確信度", "Sureness"), Text("指標", "Figure"), Text("値", "Value"), Text("下限", "Low"), Text("上限", "High"),
    )  # fmt: skip
    rows = tuple(
        (one.title, estimate.name, estimate.value, estimate.low, estimate.high)
        for one in found
        for estimate in (one.aurc, one.excess)
    )
    half = [float(np.interp(0.5, one.coverage, one.risk)) for one in found]
    sentence = Text(
        f"確信度の高い半数に限ると誤りは {100 * half[0]:.1f} % です (全体では {100 * found[0].all_risk:.1f} %)。AURC は曲線の下の面積 (小さいほど良い)、超過 AURC は同じ誤りを最も良く並べた場合との差です。",
        f"Of the surer half {100 * half[0]:.1f} % are wrong, of all {100 * found[0].all_risk:.1f} %. AURC is the area under the curve (less is better); its excess is what the best ordering of the same errors would save.",
    )
    picture = Picture(
        tuple(one.curve() for one in found),
        Text("リスク・カバレッジ曲線 (帯は 95 % 信頼区間)", "Risk-coverage curve with 95 % band"),
        "risk-coverage",
        110,
    )
    table = Table(Text("不確かさ", "Uncertainty"), headings, rows)
    return (Section("uncertainty", Text("不確かさ", "Uncertainty"), (sentence,), (), (table,), (picture,)),)


def leak_sections(leaks: Table | None) -> tuple[Section, ...]:
    """The leak report as a page of its own."""
    if leaks is None:
        return ()
    sentence = Text(
        "成績を見かけ上良くする「漏洩」を探した結果です。「調べられない」は、その列や記録がデータにないことを示します。",
        "What was looked for that makes results look too good. 'Not checked' means that the data do not hold the column or record it needs.",
    )
    return (Section("leaks", Text("漏洩の検査", "Leak report"), (sentence,), (), (leaks,)),)
