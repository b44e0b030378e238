"""The conclusion of a multi-reader analysis in one sentence, and the sentence for the methods part of a paper."""

from __future__ import annotations

import math

from gazo.core.language import Text
from gazo.core.results import number_text
from gazo.stats.foms import Fom
from gazo.stats.mrmc_models import Analysis, Contrast, GlobalTest
from gazo.stats.reader_study import ReaderStudy

_METHODS = {
    "or": Text(
        "Obuchowski-Rockette 法 (自由度は Hillis 2007)",
        "the method of Obuchowski & Rockette (1995) with the degrees of freedom of Hillis (2007)",
    ),
    "dbm": Text(
        "Dorfman-Berbaum-Metz 法 (擬似値の分散分析、Hillis ら 2005)",
        "the method of Dorfman, Berbaum & Metz (1992) as refined by Hillis et al. (2005)",
    ),
    "gallas": Text(
        "U 統計量による分散 (Gallas 2006、自由度は Obuchowski・Gallas・Hillis 2012)",
        "the U-statistic variance of Gallas (2006) with the degrees of freedom of Obuchowski, Gallas & Hillis (2012)",
    ),
    "jsrt": Text(
        "JSRT-MRMC の計算法 (最小二乗直線による AUC、擬似値の分散分析)",
        "the calculation of JSRT-MRMC (areas of least-squares lines, analysis of variance of their pseudovalues)",
    ),
}
_COVARIANCES = {
    "jackknife": Text("ジャックナイフ法", "the jackknife over patients"),
    "delong": Text("DeLong の方法", "the method of DeLong et al. (1988)"),
    "unbiased": Text("不偏推定 (Gallas 2006)", "the unbiased estimator of Gallas (2006)"),
    "bootstrap": Text("患者単位のブートストラップ", "a bootstrap over patients"),
}
_EFFECTS = {
    "RRRC": Text("読影者と症例を変量", "readers and cases as random"),
    "FRRC": Text("読影者を固定、症例を変量", "readers as fixed and cases as random"),
    "RRFC": Text("読影者を変量、症例を固定", "readers as random and cases as fixed"),
    "BDG": Text("読影者と症例を変量", "readers and cases as random"),
    "JSRT-MRMC": Text("読影者と症例を変量", "readers and cases as random"),
}


def span(one: Contrast, low: float, high: float) -> Text:
    """An interval in words, cut at what the figure can reach; empty where nothing varies."""
    if one.se <= 0:
        return Text("", "")
    ends = number_text(max(low, one.low)), number_text(min(high, one.high))
    percent = f"{100 * one.level:g} %"
    return Text(f" ({percent} 信頼区間 {ends[0]}〜{ends[1]})", f" ({percent} CI {ends[0]} to {ends[1]})")


def p_text(p: float) -> str:
    """p as papers print it."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def conclusion_of(study: ReaderStudy, fom: Fom, analysis: Analysis) -> Text:
    """Means, the difference (of two tests) and whether it is significant."""
    means = [(test, number_text(one.value), span(one, 0.0, 1.0)) for test, one in zip(study.tests, analysis.means, strict=True)]
    ja = f"平均{_spaced(fom.name.ja)}は " + "、".join(f"「{test}」で {value}{words.ja}" for test, value, words in means)
    en = f"The mean {fom.name.en} was " + ", ".join(f"{value}{words.en} with '{test}'" for test, value, words in means)
    if not analysis.differences:
        return Text(f"{ja} でした。", f"{en}.")
    verdict = _verdict(analysis)
    if len(study.tests) == 2:
        one = analysis.differences[0, 1]
        words, value = span(one, -1.0, 1.0), number_text(one.value)
        return Text(
            f"{ja}、差 ({study.tests[0]} − {study.tests[1]}) は {value}{words.ja} でした。{verdict.ja}",
            f"{en}; the difference ({study.tests[0]} - {study.tests[1]}) was {value}{words.en}. {verdict.en}",
        )
    return Text(f"{ja} でした。{verdict.ja}", f"{en}. {verdict.en}")


def _spaced(name: str) -> str:
    return f" {name} " if name[0].isascii() else name


def _verdict(analysis: Analysis) -> Text:
    test, level = analysis.test, next(iter(analysis.differences.values())).level
    if test is None or math.isnan(test.p):
        return Text("全体の検定は行っていません。", "There was no global test.")
    alpha, words = f"{100 * (1 - level):g} %", test_text(test)
    if test.p < 1 - level:
        return Text(
            f"検査間に有意水準 {alpha} で差が認められました ({words})。", f"The tests differ at the {alpha} level ({words})."
        )
    return Text(
        f"検査間に有意水準 {alpha} で差は認められませんでした ({words})。",
        f"No difference was shown at the {alpha} level ({words}).",
    )


def test_text(test: GlobalTest) -> str:
    """Such as F(1, 15.3) = 4.46, p = 0.052."""
    second = "" if test.df2 is None else f", {test.df2:.1f}"
    df = f"{test.df1}{second}"
    return f"{test.letter}({df}) = {test.statistic:.2f}, {p_text(test.p)}"


def sentence_of(study: ReaderStudy, fom: Fom, analysis: Analysis, method: str, covariance: str) -> Text:
    """What was done, for a paper."""
    diseased, others = int(study.truth.sum()), int((~study.truth).sum())
    size = len(study.readers), len(study.tests)
    kind = analysis.test.analysis if analysis.test else "RRRC" if len(study.readers) > 1 else "FRRC"
    by = Text("ジャックナイフ法", "the jackknife over patients") if method in ("dbm", "jsrt") else _COVARIANCES[covariance]
    by = _COVARIANCES["unbiased"] if method == "gallas" else by
    level = f"{100 * analysis.means[0].level:g} %"
    effects, how = _EFFECTS[kind], _METHODS[method]
    incomplete = not study.complete
    return Text(
        f"{size[0]} 人の読影者が {size[1]} 種類の検査で疾患あり {diseased} 例、疾患なし {others} 例を読影した"
        f"{' (全員が全症例を読影したものではない)' if incomplete else ''}。評価指標は{_spaced(fom.name.ja)}とし、{how.ja}で比較した。"
        f"共分散は{by.ja}で推定し、{effects.ja}とした。信頼区間は {level}、検定は両側である。",
        f"{size[0]} reader(s) read {diseased} cases with and {others} without disease under {size[1]} test(s)"
        f"{' (not every reader read every case)' if incomplete else ''}. The figure of merit was the {fom.name.en}; it was compared by {how.en}, "
        f"with covariances by {by.en}, {effects.en}. Intervals are {level}, tests two-sided.",
    )
