"""B5: two known studies give the published tests; null studies are rejected at the level; simulated effects come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.runs.proof import Proof, proof
from gazo.stats.reader_study import Lesions, Marks, ReaderStudy

_STAGE = Text("模擬読影実験", "simulated reader studies")
NULLS = 1000  # null studies of each kind
EFFECTS = 200  # studies with a difference
Row = tuple[Text, float, str, str]


@proof("B5", ja="既知の研究の再現、第一種の過誤、模擬した差の推定", en="Known studies, type I error, simulated differences")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """LCG-6 and LCG-F against MRMCaov and RJafroc; 1,000 null studies of ratings and of marks; bias and coverage of simulated differences."""
    measured = _anchors() | _simulated(seed, on_event)
    rows = tuple(_row(name, value) for name, value in measured.items())
    headings = (Text("量", "Quantity"), Text("値", "Value"), Text("基準", "Bar"), Text("判定", "Verdict"))
    table = Table(Text("多読影者研究", "Multi-reader studies"), headings, rows)
    return Proof("B5", all(row[-1] == "ok" for row in rows), measured, BAR, table)


BAR = Text(
    "LCG-6 と LCG-F の値が一致し、帰無の研究 1,000 件の棄却率が 3〜7 %、差の偏りが 0.01 以下、95 % 区間の被覆率が 92 % 以上",
    "LCG-6 and LCG-F agree, 1,000 null studies are rejected in 3 to 7 %, differences have a bias of at most 0.01 and intervals a coverage of at least 92 %",
)
# Name: words, least, most.
BARS: dict[str, tuple[Text, float, float]] = {
    "lcg6_jackknife": (Text("LCG-6: F の相対誤差 (ジャックナイフ)", "LCG-6: relative error of F (jackknife)"), 0.0, 1e-6),
    "lcg6_delong": (Text("LCG-6: F の相対誤差 (DeLong)", "LCG-6: relative error of F (DeLong)"), 0.0, 1e-6),
    "lcg6_unbiased": (Text("LCG-6: F の相対誤差 (不偏)", "LCG-6: relative error of F (unbiased)"), 0.0, 1e-6),
    "lcg6_fixed": (Text("LCG-6: X2 の相対誤差 (読影者固定)", "LCG-6: relative error of X2 (fixed readers)"), 0.0, 1e-6),
    "lcg_f": (Text("LCG-F: wAFROC の F の相対誤差", "LCG-F: relative error of F of wAFROC"), 0.0, 1e-6),
    "null_ratings": (Text("帰無 (評点): 棄却率", "null studies of ratings: share rejected"), 0.03, 0.07),
    "null_marks": (Text("帰無 (マーク): 棄却率", "null studies of marks: share rejected"), 0.03, 0.07),
    "bias_ratings": (Text("差 (評点): 偏り", "difference of areas: bias"), 0.0, 0.01),
    "bias_marks": (Text("差 (マーク): 偏り", "difference of wAFROC: bias"), 0.0, 0.01),
    "coverage_ratings": (Text("差 (評点): 95 % 区間の被覆率", "difference of areas: coverage of the 95 % interval"), 0.92, 1.0),
    "coverage_marks": (Text("差 (マーク): 95 % 区間の被覆率", "difference of wAFROC: coverage of the 95 % interval"), 0.92, 1.0),
}


def _row(name: str, value: float) -> Row:
    words, least, most = BARS[name]
    return words, value, f"{least:g} - {most:g}", "ok" if least <= value <= most else "missed"


def _anchors() -> dict[str, float]:
    """MRMCaov 0.3.0 and RJafroc 2.1.3 on two studies that a linear congruential generator makes."""
    from gazo.stats import mrmc

    six, free = lcg6(), lcg_f()
    found = {
        "lcg6_jackknife": (mrmc(six), 4.6421634),
        "lcg6_delong": (mrmc(six, covariance="delong"), 4.6861857),
        "lcg6_unbiased": (mrmc(six, covariance="unbiased"), 4.7114245),
        "lcg6_fixed": (mrmc(six, readers="fixed"), 5.1220667),
        "lcg_f": (mrmc(free), 5.893267),
    }
    return {name: abs(one.test.statistic / want - 1) for name, (one, want) in found.items() if one.test}


def _simulated(seed: int, on_event: OnEvent) -> dict[str, float]:
    from gazo.phantoms import free_response_study, rating_study

    kinds: dict[str, tuple[Callable[..., Any], str, dict[str, Any]]] = {
        "ratings": (rating_study, "auc", {"areas": (0.8, 0.88)}),
        "marks": (free_response_study, "wafroc", {"separations": (1.2, 1.8)}),
    }
    found: dict[str, float] = {}
    for kind, (make, fom, effect) in kinds.items():
        p = [test.p for _, test in _tests(make, fom, NULLS, {}, (seed, "null", kind), on_event)]
        found[f"null_{kind}"] = float(np.mean(np.array(p) < 0.05))
        told = list(_tests(make, fom, EFFECTS, effect, (seed, "effect", kind), on_event))
        apart = np.array([[one.value, one.low, one.high] for one, _ in told])
        truth = make(rng=generator(seed), **effect).truth
        want = truth[0] - truth[1]
        found[f"bias_{kind}"] = abs(float(apart[:, 0].mean()) - want)
        found[f"coverage_{kind}"] = float(((apart[:, 1] <= want) & (want <= apart[:, 2])).mean())
    return found


def _tests(
    make: Callable[..., Any], fom: str, count: int, options: dict[str, Any], names: tuple[Any, ...], on_event: OnEvent
) -> Iterator[tuple[Any, Any]]:
    """Difference and test of each simulated study."""
    from gazo.stats.foms import fom_named
    from gazo.stats.mrmc_covariance import jackknife, jackknife_covariance
    from gazo.stats.mrmc_models import analysed, components_of

    merit = fom_named(fom, free_response=fom != "auc")  # type: ignore[arg-type]
    for k in counted(range(count), _STAGE, on_event):
        study = make(rng=generator(*names, k), **options).study
        theta, left = jackknife(study, merit)
        covariance = jackknife_covariance(left).reshape(*theta.shape, *theta.shape)
        analysis = analysed(theta, components_of(theta, covariance), readers="random", cases="random")
        yield analysis.differences[0, 1], analysis.test


def _uniforms(x: int) -> Iterator[float]:
    while True:
        x = (1103515245 * x + 12345) % 2**31
        yield x / 2**31


def lcg6() -> ReaderStudy:
    """2 tests, 4 readers, 40 healthy and 30 diseased cases, ratings 0 ... 100; made alike by anybody, in any language."""
    u = _uniforms(6)
    ratings = np.empty((2, 4, 70))
    for case in range(70):
        common = _normal(u)
        for test in range(2):
            of_test = _normal(u)
            for reader in range(4):
                mean = 1.2 + 0.6 * test + 0.1 * reader if case >= 40 else 0.0
                raw = 50 + 12 * (0.5 * common + 0.6 * of_test + 0.6 * _normal(u) + mean)
                ratings[test, reader, case] = np.floor(np.clip(raw, 0, 100) + 0.5)
    return _study(ratings, 40)


def lcg_f() -> ReaderStudy:
    """Free responses: 2 tests, 3 readers, 30 normal and 25 abnormal cases with 50 lesions."""
    u = _uniforms(777)
    counts = [1 + int(3 * next(u)) for _ in range(25)]
    lesions = [(30 + k, n, 1 / count) for k, count in enumerate(counts) for n in range(count)]
    marks: list[tuple[int, int, int, int, int]] = []  # test, reader, case, lesion, rating
    for test in range(2):
        for reader in range(3):
            for case in range(55):
                marks += [(test, reader, case, -1, 1 + int(6 * next(u))) for _ in range(int(3 * next(u)))]
            marks += [(test, reader, case, n, 3 + int(6 * next(u))) for case, n, _ in lesions if next(u) < 0.65 + 0.12 * test]
    whole = np.array(marks, np.int64).T
    found = Marks(whole[0], whole[1], whole[2], whole[3], whole[4].astype(np.float64))
    ratings = np.full((2, 3, 55), -np.inf)
    np.maximum.at(ratings, (found.test, found.reader, found.case), found.rating)
    true = [np.array(column) for column in zip(*lesions, strict=True)]
    return _study(ratings, 30, found, Lesions(true[0], true[1], true[2]))


def _normal(u: Iterator[float]) -> float:
    total: float = (next(u) + next(u) + next(u) + next(u) - 2) * 3**0.5
    return total


def _study(ratings: np.ndarray, healthy: int, marks: Marks | None = None, lesions: Lesions | None = None) -> ReaderStudy:
    tests, readers, cases = (tuple(str(n + 1) for n in range(size)) for size in ratings.shape)
    count = len(cases)
    return ReaderStudy(tests, readers, cases, np.arange(count) >= healthy, np.arange(count), ratings, marks, lesions)
