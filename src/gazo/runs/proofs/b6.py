"""B6: clinical image evaluation: published worked examples repeated, and simulated observers whose opinion is known."""

from __future__ import annotations

from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.runs.proof import Proof, proof
from gazo.stats.agreement_study import intraclass
from gazo.stats.kappa import fleiss_kappa
from gazo.stats.paired_scaling import paired_scaling
from gazo.stats.preference import preference
from gazo.stats.scheffe import scheffe
from gazo.stats.visual_grading import visual_grading

STUDIES, REPEATS = 200, 300
TRUTH = (0.0, 0.4, 1.0)  # of three items, on the scale of Bradley and Terry
PAIRS = {"reader": "reader", "first": "first", "second": "second", "score": "score"}
HEADINGS = (Text("項目", "What"), Text("測定値", "Measured"), Text("期待値", "Expected"), Text("許容差", "Tolerance"))


@proof(
    "B6",
    ja="視覚評価・一対比較・一致度: 公表値の再現と模擬観察者",
    en="Visual grading, paired comparison, agreement: published values and simulated observers",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Published values to their digits; Scheffe's and VGC tests reject 3-7 % (2-8 % of 200) where nothing differs, and find what does."""
    rows = [*_published(), *_simulated(seed, on_event)]
    passed = all(abs(measured - expected) <= tolerance for _, measured, expected, tolerance in rows)
    measured = {name.en: round(value, 6) for name, value, _, _ in rows}
    bar = Text("すべての行が許容差以内", "every row within its tolerance")
    return Proof("B6", passed, measured, bar, Table(Text("視覚評価の検証", "Clinical image evaluation"), HEADINGS, tuple(rows)))


def _published() -> list[tuple[Text, float, float, float]]:
    nakaya = ((-2, -1, 1), (-2, -2, 2), (-3, 0, 3), (-3, 0, 2), (-1, 1, 2), (-3, -1, 0))
    found = scheffe(
        _pairs(
            (f"o{k}", a, b, float(x))
            for k, own in enumerate(nakaya)
            for (a, b), x in zip(((1, 2), (1, 3), (2, 3)), own, strict=True)
        ),
        **PAIRS,
    )
    shrout = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))
    reliability = intraclass(_table(tuple("abcd"), shrout), raters=tuple("abcd"))
    fleiss = ((0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1), (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7))  # fmt: skip
    codes = np.array([np.repeat(np.arange(5), row) for row in fleiss])
    nine = preference(_pairs((f"o{k}", "a", "b", 1.0 if k else -1.0) for k in range(10)), **PAIRS)
    reach = found.differences.rows[0][2] - found.differences.rows[0][3]
    return [
        (Text("中屋の変法: F", "Nakaya: F"), float(found.variance.rows[0][4]), 43.1132, 5e-5),
        (Text("中屋の変法: ヤードスティック", "Nakaya: yardstick"), float(reach), 0.83234, 5e-6),
        (Text("ICC(A,1) (Shrout & Fleiss)", "ICC(A,1) (Shrout & Fleiss)"), reliability.correlations[0].value, 0.2898, 5e-5),
        (Text("Fleiss の κ", "Fleiss' kappa"), fleiss_kappa(codes, 5), 0.20993, 5e-6),
        (Text("二点嗜好法 9/10: p", "preference 9 of 10: p"), float(nine.test.rows[0][3]), 0.0215, 5e-5),
    ]


def _simulated(seed: int, on_event: OnEvent) -> list[tuple[Text, float, float, float]]:
    """Share of rejections where nothing differs, and where something does; error of the scale of Bradley and Terry."""
    stage = Text("模擬観察者", "Simulated observers")
    null: list[list[bool]] = [[], [], []]
    for number in counted(range(STUDIES), stage, on_event):
        rng = generator(seed, "B6", number)
        ura = _pairs((f"o{k}", a, b, float(rng.normal())) for k in range(8) for a, b in permutations("abcd", 2))
        null[0].append(scheffe(ura, variation="ura", **PAIRS).variance.rows[0][5] < 0.05)
        null[1].append(_vgc(0.0, rng, number) < 0.05)
        if number < STUDIES // 4:
            null[2].append(_vgc(0.5, rng, number) < 0.05)
    rng = generator(seed, "B6 scale")
    worths = paired_scaling(_pairs(_choices(rng)), repeats=100, **PAIRS).bradley_terry
    error = max(abs(e.value - t) for e, t in zip(worths, np.array(TRUTH) - np.mean(TRUTH), strict=True))
    return [
        (Text("浦の変法: 差がないときの棄却率", "Ura: rejections where nothing differs"), float(np.mean(null[0])), 0.05, 0.03),
        (Text("VGC: 差がないときの棄却率", "VGC: rejections where nothing differs"), float(np.mean(null[1])), 0.05, 0.03),
        (Text("VGC: 0.5 段階の差の検出率", "VGC: half a grade found"), float(np.mean(null[2])), 1.0, 0.2),
        (Text("ブラッドリー・テリー: 最大の誤差", "Bradley-Terry: largest error"), float(error), 0.0, 0.2),
    ]


def _vgc(shift: float, rng: np.random.Generator, seed: int) -> float:
    """p of a study of 24 cases under two conditions graded by three observers, the second better by `shift` grades."""
    quality = rng.normal(0, 0.6, 24)
    rows = [
        (f"o{k}", test, f"c{case}", float(np.clip(np.rint(3 + quality[case] + shift * (test == "B") + rng.normal(0, 0.7)), 1, 5)))
        for test in "AB"
        for case in range(24)
        for k in range(3)
    ]
    table = _table(("reader", "test", "case", "grade"), rows)
    found = visual_grading(table, grade="grade", test="test", case="case", reader="reader", repeats=REPEATS, seed=seed)
    return float(found.tests.rows[0][1])


def _choices(rng: np.random.Generator) -> Any:
    for k in range(300):
        for i, j in combinations(range(3), 2):
            better = rng.random() < 1 / (1 + np.exp(TRUTH[j] - TRUTH[i]))
            yield f"o{k}", f"i{i}", f"i{j}", 1.0 if better else -1.0


def _pairs(rows: Any) -> Table:
    return _table(tuple(PAIRS), rows)


def _table(headings: tuple[str, ...], rows: Any) -> Table:
    return Table(Text("表", "table"), tuple(Text(h, h) for h in headings), tuple(tuple(map(_cell, row)) for row in rows))


def _cell(value: Any) -> Any:
    return value if isinstance(value, float) else str(value) if isinstance(value, str) else float(value)
