"""A computer, or one reader, against a group of readers on the same cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, number_text, result
from gazo.stats.foms import Fom, fom_named
from gazo.stats.inputs import Floats
from gazo.stats.mrmc import AtSpecificity, FomOption, LeastSpecificity, LevelOption, ThresholdOption
from gazo.stats.mrmc_covariance import covariance_of, readings
from gazo.stats.mrmc_curves import reader_roc
from gazo.stats.mrmc_models import Contrast, analysed, components_of
from gazo.stats.mrmc_tables import (
    DIFFERENCE,
    READER,
    contrast_cells,
    contrast_headings,
    reader_table,
)
from gazo.stats.mrmc_words import p_text, span
from gazo.stats.reader_study import Lesions, Marks, ReaderStudy

_A_TEST, _A_READER = Text("検査", "test"), Text("読影者", "reader")


@result("one against readers")
@dataclass(frozen=True, eq=False, kw_only=True)
class AgainstReaders(Measurement):
    """The figure of merit of the computer, the mean of the readers, and their difference (readers less computer)."""

    conclusion: Text
    computer: Estimate
    readers: Estimate
    difference: Estimate
    comparison: Table
    each_reader: Table
    roc: tuple[Curve, ...]
    contrast: Contrast


@operation("CAD と読影者の比較", "CAD against readers", booklet="B5")
def cad_vs_readers(
    study: ReaderStudy,
    *,
    cad: Annotated[str, Label("CAD (または基準とする読影者) の名前", "Name of the CAD (or of the reader to compare with)")],
    test: Annotated[str, Label("検査 (空欄: 最初の検査)", "Test (empty: the first)")] = "",
    fom: FomOption = "auto",
    threshold: ThresholdOption = 3.0,
    least_specificity: LeastSpecificity = 0.8,
    specificity: AtSpecificity = 0.9,
    level: LevelOption = 0.95,
) -> AgainstReaders:
    """Is a computer as good as readers? Readers and cases random, the computer fixed (Hillis, Obuchowski & Berbaum 2011).

    psi_j = theta_j - theta_CAD of each reader is analysed as one test: SE^2 = [MS(R) + J max(Cov2, 0)] / J, t with Hillis' degrees of
    freedom. The covariance of psi comes from the jackknife, so that computer and readers share their cases.

    Parameters
    ----------
    study : the computer stands among the readers of the study.
    """
    chosen = _one_test(study, test)
    place = _place(chosen.readers, cad, _A_READER)
    merit = fom_named(
        fom,
        free_response=study.free_response,
        threshold=threshold,
        least_specificity=least_specificity,
        specificity=specificity,
    )
    table = readings(chosen)
    theta, covariance = covariance_of(chosen, merit, "jackknife", repeats=0, seed=0)
    others = np.array([j for j in range(len(chosen.readers)) if j != place])
    _need_readers(len(others))
    apart = _against(theta, covariance, place, others, level)
    group = components_of(theta[:, others], covariance[:, others][..., others])
    mean = analysed(theta[:, others], group, readers="random", cases="random", level=level).means[0]
    each = {int(j): _one(theta, covariance, place, int(j), level) for j in others}
    alone = Contrast(float(theta[0, place]), float(covariance[0, place, 0, place]) ** 0.5, None, level)
    return AgainstReaders(
        conclusion=_conclusion(merit, cad, alone, mean, apart),
        computer=_estimate(Text(f"{merit.name.ja}: {cad}", f"{merit.name.en}: {cad}"), alone, (0.0, 1.0)),
        readers=_estimate(Text(f"{merit.name.ja}: 読影者の平均", f"{merit.name.en}: mean of the readers"), mean, (0.0, 1.0)),
        difference=_estimate(Text("差 (読影者 − CAD)", "difference (readers - CAD)"), apart, (-1.0, 1.0)),
        comparison=_table(chosen, each, apart),
        each_reader=reader_table(chosen, merit, theta, covariance, level),
        roc=reader_roc(chosen.tests[0], chosen.readers, table[0]),
        contrast=apart,
        sentence=_sentence(chosen, merit, len(others), level),
    )


def _against(theta: Floats, covariance: Floats, place: int, others: Floats, level: float) -> Contrast:
    psi = theta[:, others] - theta[:, [place]]
    own = covariance[0, place, 0, place]
    cross = covariance[0, others, 0, place]
    between = covariance[0][others][:, 0, others] - cross[:, None] - cross[None, :] + own
    parts = components_of(psi, between[None, :, None, :])
    return analysed(psi, parts, readers="random", cases="random", level=level).means[0]


def _one(theta: Floats, covariance: Floats, place: int, reader: int, level: float) -> Contrast:
    """One reader against the computer, over cases."""
    block = covariance[0][:, 0]
    variance = block[reader, reader] + block[place, place] - 2 * block[reader, place]
    return Contrast(float(theta[0, reader] - theta[0, place]), float(max(variance, 0.0)) ** 0.5, None, level)


def one_test(study: ReaderStudy, test: int) -> ReaderStudy:
    """The study under one of its tests."""
    marks = study.marks
    if marks is not None:
        own = marks.test == test
        marks = Marks(marks.test[own] * 0, marks.reader[own], marks.case[own], marks.lesion[own], marks.rating[own])
    lesions: Lesions | None = study.lesions
    return ReaderStudy(
        (study.tests[test],), study.readers, study.cases, study.truth, study.patients, study.ratings[[test]], marks, lesions
    )


def _one_test(study: ReaderStudy, test: str) -> ReaderStudy:
    return one_test(study, _place(study.tests, test, _A_TEST) if test else 0)


def _place(names: tuple[str, ...], name: str, what: Text) -> int:
    if name not in names:
        hint = nearest(name, names)
        raise OptionError(
            "G-MRMC-016",
            en=f"the study has no {what.en} named '{name}'. {hint.en}",
            ja=f"研究に「{name}」という{what.ja}はありません。{hint.ja}",
        )
    return names.index(name)


def _need_readers(count: int) -> None:
    if count < 2:
        raise DataError(
            "G-MRMC-017",
            en=f"at least two readers besides the computer are needed; {count} came. With one reader compare two tests with 'mrmc'.",
            ja=f"CAD のほかに 2 人以上の読影者が必要ですが、{count} 人です。読影者が 1 人の場合は「mrmc」で 2 つの検査として比較してください。",
        )


def _estimate(name: Text, one: Contrast, bounds: tuple[float, float]) -> Estimate:
    if one.se <= 0:
        return Estimate(name, one.value, None, None, one.level, "no variance")
    how = "jackknife, normal" if one.df is None else "OR, t"
    return Estimate(name, one.value, max(bounds[0], one.low), min(bounds[1], one.high), one.level, how)


def _table(study: ReaderStudy, each: dict[int, Contrast], mean: Contrast) -> Table:
    rows = [(study.readers[j], *contrast_cells(one)) for j, one in each.items()]
    rows.append((Text("平均 (読影者と症例は変量)", "mean (readers and cases random)"), *contrast_cells(mean)))
    return Table(Text("読影者 − CAD", "Readers less CAD"), (READER, *contrast_headings(DIFFERENCE)), tuple(rows))


def _conclusion(fom: Fom, cad: str, alone: Contrast, mean: Contrast, apart: Contrast) -> Text:
    words, p = span(apart, -1.0, 1.0), apart.p()
    better = apart.value > 0
    shown = p < 1 - apart.level
    ja = f"{fom.name.ja}は「{cad}」{number_text(alone.value)}、読影者の平均 {number_text(mean.value)}、差 (読影者 − CAD) は {number_text(apart.value)}{words.ja}でした。"
    en = (
        f"The {fom.name.en} was {number_text(alone.value)} with '{cad}' and {number_text(mean.value)} on average with the readers; "
        f"the difference (readers - CAD) was {number_text(apart.value)}{words.en}."
    )
    if not shown:
        return Text(f"{ja}差は認められませんでした ({p_text(p)})。", f"{en} No difference was shown ({p_text(p)}).")
    return Text(
        f"{ja}{'読影者' if better else 'CAD'}の方が優れていました ({p_text(p)})。",
        f"{en} The {'readers were' if better else 'computer was'} better ({p_text(p)}).",
    )


def _sentence(study: ReaderStudy, fom: Fom, readers: int, level: float) -> Text:
    diseased, others = int(study.truth.sum()), int((~study.truth).sum())
    return Text(
        f"疾患あり {diseased} 例、疾患なし {others} 例について、{readers} 人の読影者と CAD の {fom.name.ja}を比較した。各読影者と CAD の差を "
        f"Obuchowski-Rockette 法の 1 検査の解析 (Hillis 2007、2014) で扱い、読影者と症例を変量、CAD を固定、共分散はジャックナイフ法とした。"
        f"信頼区間は {100 * level:g} %、検定は両側である。",
        f"The {fom.name.en} of {readers} readers and of the computer was compared on {diseased} cases with and {others} without disease. The "
        "differences of the readers from the computer were analysed as one test by the method of Obuchowski & Rockette (Hillis 2007, 2014), "
        f"readers and cases random, the computer fixed, covariances by the jackknife. Intervals are {100 * level:g} %, tests two-sided.",
    )
