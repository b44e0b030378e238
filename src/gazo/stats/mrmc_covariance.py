"""The covariance of the figures of merit of all tests and readers, which read the same cases."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gazo.core.errors import DataError, OptionError
from gazo.stats.auc import class_pattern
from gazo.stats.bootstrap import resamples
from gazo.stats.delong import auc_covariance, placements
from gazo.stats.foms import Fom, jackknifed
from gazo.stats.inputs import Floats, Ints, repeated
from gazo.stats.reader_study import ReaderStudy
from gazo.stats.reading import Reading, reading_of

CovarianceName = Literal["jackknife", "delong", "unbiased", "bootstrap"]


def covariance_of(study: ReaderStudy, fom: Fom, how: CovarianceName, *, repeats: int, seed: int) -> tuple[Floats, Floats]:
    """Figures of merit (I, J) and their covariance (I, J, I, J)."""
    shape = (len(study.tests), len(study.readers))
    if how == "jackknife":
        values, left = jackknife(study, fom)
        return values, jackknife_covariance(left).reshape(*shape, *shape)
    if how == "bootstrap":
        return _bootstrapped(study, fom, repeats, seed)
    _need_area(fom, how)
    if how == "unbiased":
        _need_single(study)
        return _unbiased(study, fom)
    _need_complete(study)
    ratings = study.ratings.reshape(-1, len(study.cases))
    placed = np.stack([placements(study.truth, row) for row in ratings])
    values = placed[:, study.truth].mean(axis=1)
    return values.reshape(shape), auc_covariance(study.truth, placed, study.patients).reshape(*shape, *shape)


def jackknife(study: ReaderStudy, fom: Fom) -> tuple[Floats, Floats]:
    """Figures of merit (I, J), and (I, J, patients) without each patient in turn, those on whom the figure rests."""
    patients = int(study.patients.max()) + 1
    counted = np.unique(study.patients[fom.counts(study.truth)])
    found = [[jackknifed(fom, reading, patients) for reading in row] for row in readings(study)]
    return np.array([[value for value, _ in row] for row in found]), np.array(
        [[left[counted] for _, left in row] for row in found]
    )


def jackknife_covariance(left: Floats) -> Floats:
    """(K - 1) / K sum d d', d the deviations of the values without each of K patients from their mean (Efron & Stein 1981).

    Where two readings share no patient, one of them never changes and the covariance is 0: so split-plot designs need nothing else.
    """
    rows = left.reshape(-1, left.shape[-1])
    apart = rows - rows.mean(axis=1, keepdims=True)
    count = rows.shape[1]
    found: Floats = (count - 1) / count * apart @ apart.T
    return found


def readings(study: ReaderStudy) -> list[list[Reading]]:
    """Every reading of a study; each needs two cases with and two without disease."""
    found = [[reading_of(study, test, reader) for reader in range(len(study.readers))] for test in range(len(study.tests))]
    for test, row in zip(study.tests, found, strict=True):
        for reader, one in zip(study.readers, row, strict=True):
            positive, negative = int(one.truth.sum()), int((~one.truth).sum())
            if min(positive, negative) < 2:
                raise DataError(
                    "G-MRMC-002",
                    en=f"every reader must read at least two cases with and two without disease under every test; reader '{reader}' under "
                    f"test '{test}' read {positive} and {negative}. Leave this reader or test out, or add the ratings.",
                    ja=f"各読影者は、どの検査でも疾患あり・なしの症例をそれぞれ 2 例以上読影している必要があります。読影者「{reader}」の検査「{test}」では "
                    f"{positive} 例と {negative} 例です。この読影者か検査を除くか、評点を追加してください。",
                )
    return found


def _bootstrapped(study: ReaderStudy, fom: Fom, repeats: int, seed: int) -> tuple[Floats, Floats]:
    """Patients drawn with replacement, those with, without and with both kinds of cases apart."""
    table, shape = readings(study), study.ratings.shape[:2]
    kinds = class_pattern(study.truth, study.patients)
    draws = []
    for rows in resamples(study.patients, repeats=repeats, seed=seed, strata=kinds):
        draws.append([fom.value(one.take(_among(rows, seen))) for one, seen in _with_seen(study, table)])
    values = np.array([[fom.value(one) for one in row] for row in table])
    return values, np.cov(np.array(draws), rowvar=False, ddof=1).reshape(*shape, *shape)


def _with_seen(study: ReaderStudy, table: list[list[Reading]]) -> list[tuple[Reading, Ints]]:
    """Each reading with the place of every case of the study in it, -1 for a case that was not read."""
    found = []
    for test, row in enumerate(table):
        for reader, one in enumerate(row):
            seen = study.read_cases(test, reader)
            found.append((one, np.where(seen, np.cumsum(seen) - 1, -1)))
    return found


def _among(rows: Ints, places: Ints) -> Ints:
    drawn: Ints = places[rows]
    return drawn[drawn >= 0]


def _unbiased(study: ReaderStudy, fom: Fom) -> tuple[Floats, Floats]:
    """A_r A_s less the mean of psi_r psi_s over pairs that share no case, an unbiased estimate of E[A_r] E[A_s] (Gallas 2006).

    Written with sums: the pairs of pairs that share a negative or a positive case are taken off all of them. Cases that a reader did
    not read count nothing, so the readers may have read different ones.
    """
    shape = study.ratings.shape[:2]
    ratings = study.ratings.reshape(-1, len(study.cases))
    below, above = ratings[:, ~study.truth], ratings[:, study.truth]
    size = len(ratings)
    by_positive, by_negative = np.zeros(above.shape), np.zeros(below.shape)
    both = np.zeros((size, size))
    for k, (column, read) in enumerate(zip(below.T, ~np.isnan(below.T), strict=True)):
        psi = np.where(read[:, None] & ~np.isnan(above), (above > column[:, None]) + 0.5 * (above == column[:, None]), 0.0)
        by_positive += psi
        by_negative[:, k] = psi.sum(axis=1)
        both += psi @ psi.T
    total = by_negative.sum(axis=1)
    n, m = _shared(below), _shared(above)
    own_n, own_m = np.diag(n), np.diag(m)
    areas = total / (own_n * own_m)
    apart = np.outer(total, total) - by_negative @ by_negative.T - by_positive @ by_positive.T + both
    pairs = (np.outer(own_n, own_n) - n) * (np.outer(own_m, own_m) - m)
    covariance = np.outer(areas, areas) - apart / pairs
    return areas.reshape(shape), covariance.reshape(*shape, *shape)


def _shared(ratings: Floats) -> Floats:
    """(r, r) how many cases two readings have in common."""
    read = (~np.isnan(ratings)).astype(np.float64)
    found: Floats = read @ read.T
    return found


def _need_area(fom: Fom, how: str) -> None:
    if fom.key not in ("auc", "hrauc"):
        raise OptionError(
            "G-MRMC-003",
            en=f"the covariance '{how}' exists for the area under the empirical ROC curve only; the figure of merit is '{fom.key}'. "
            "Choose the covariance 'jackknife' or 'bootstrap'.",
            ja=f"共分散「{how}」は経験的 ROC 曲線の AUC にだけ使えます。指定された評価指標は「{fom.key}」です。"
            "共分散には「jackknife」か「bootstrap」を選んでください。",
        )


def _need_complete(study: ReaderStudy) -> None:
    missing = int(np.isnan(study.ratings).sum())
    if missing:
        raise DataError(
            "G-MRMC-004",
            en=f"DeLong's covariance needs every reader to read every case under every test; {missing} of {study.ratings.size} ratings "
            "are absent (an unbalanced or split-plot study). Choose the covariance 'jackknife', 'unbiased' or 'bootstrap'.",
            ja=f"DeLong の共分散には、全読影者が全検査で全症例を読影していることが必要です。{study.ratings.size} 個の評点のうち {missing} 個がありません "
            "(不釣り合い型または分割型の研究)。共分散には「jackknife」「unbiased」「bootstrap」のいずれかを選んでください。",
        )


def _need_single(study: ReaderStudy) -> None:
    if repeated(study.patients):
        cases, patients = len(study.cases), int(study.patients.max()) + 1
        raise DataError(
            "G-MRMC-005",
            en=f"the unbiased covariance takes every case for another patient; {cases} cases of {patients} patients came. "
            "Choose the covariance 'jackknife', 'delong' or 'bootstrap', which keep the cases of a patient together.",
            ja=f"不偏共分散は 1 患者 1 症例を前提としますが、{patients} 人の患者に {cases} 症例があります。"
            "同じ患者の症例をまとめて扱う「jackknife」「delong」「bootstrap」のいずれかを選んでください。",
        )
