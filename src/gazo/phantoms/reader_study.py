"""Simulated reader studies with known truth: ratings after Roe & Metz, and free responses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import result
from gazo.stats.inputs import Bools, Floats, Ints
from gazo.stats.reader_study import Lesions, Marks, ReaderStudy

Readers = Annotated[int, Ge(1), Le(1000), Label("読影者数", "Readers")]
Cases = Annotated[int, Ge(2), Le(100_000), Label("症例数", "Cases")]
Area = Annotated[float, Gt(0), Lt(1), Label("真の AUC", "True AUC")]
Variance = Annotated[float, Ge(0), Le(10), Label("分散", "Variance")]


@result("simulated reader study")
@dataclass(frozen=True, eq=False)
class SimulatedStudy:
    """A study and the true figure of merit of each test: the mean over all readers and cases that could have been drawn."""

    study: ReaderStudy
    truth: tuple[float, ...]


@feature("模擬読影実験 (Roe-Metz)", "Simulated reader study (Roe & Metz)", booklet="B5")
def rating_study(
    *,
    rng: np.random.Generator,
    areas: tuple[float, ...] = (0.85, 0.85),
    readers: Readers = 5,
    diseased: Cases = 50,
    healthy: Cases = 50,
    of_reader: Variance = 0.03,
    of_test_reader: Variance = 0.03,
    of_case: Variance = 0.3,
    of_test_case: Variance = 0.3,
    of_reader_case: Variance = 0.2,
    of_error: Variance = 0.2,
    categories: Annotated[int, Ge(0), Le(1000), Label("評点の段階数 (0: 連続)", "Rating categories (0: continuous)")] = 0,
) -> SimulatedStudy:
    """Ratings x_ijk = mu_i + R_j + (TR)_ij + C_k + (TC)_ik + (RC)_jk + E_ijk, each effect drawn anew for both truths (Roe & Metz 1997).

    The mean area over readers is Phi(mu / sqrt(2 (R + TR + C + TC + RC + E))), so mu follows from the area asked for.
    The default variances have highly correlated readings: those of cases sum to 1.

    Parameters
    ----------
    rng : draws everything.
    areas : true area of each test; equal ones make a null study.
    of_reader, of_test_reader, of_case, of_test_case, of_reader_case, of_error : variances of the effects.
    categories : cuts the ratings at equal shares of the mixture of both truths.
    """
    from scipy.special import ndtri

    truth = np.arange(healthy + diseased) >= healthy
    shape = len(areas), readers, len(truth)
    spread = math.sqrt(2 * (of_reader + of_test_reader + of_case + of_test_case + of_reader_case + of_error))
    mean = np.array([float(ndtri(area)) * spread for area in areas])
    by_reader = rng.normal(0, math.sqrt(of_reader), (2, 1, readers)) + rng.normal(0, math.sqrt(of_test_reader), (2, *shape[:2]))
    by_case = rng.normal(0, math.sqrt(of_case), (1, 1, shape[2])) + rng.normal(
        0, math.sqrt(of_test_case), (shape[0], 1, shape[2])
    )
    rest = rng.normal(0, math.sqrt(of_reader_case), (1, *shape[1:])) + rng.normal(0, math.sqrt(of_error), shape)
    ratings = by_reader[truth.astype(int)].transpose(1, 2, 0) + by_case + rest + np.where(truth, mean[:, None, None], 0.0)
    if categories:
        cuts = np.quantile(ratings, np.arange(1, categories) / categories)
        ratings = np.searchsorted(cuts, ratings, "right").astype(np.float64) + 1
    return SimulatedStudy(_study(ratings, truth), areas)


@feature("模擬自由応答実験", "Simulated free-response study", booklet="B5")
def free_response_study(
    *,
    rng: np.random.Generator,
    separations: tuple[float, ...] = (1.5, 1.5),
    readers: Readers = 5,
    diseased: Cases = 50,
    healthy: Cases = 50,
    most_lesions: Annotated[int, Ge(1), Le(20), Label("病変数の最大", "Most lesions of a case")] = 2,
    suspicious: Annotated[float, Ge(0), Le(20), Label("疑わしい部位の平均数", "Mean number of suspicious sites")] = 2.0,
    mark_from: Annotated[float, Ge(-5), Le(5), Label("マークする閾値", "Least strength that is marked")] = 0.5,
    shared: Annotated[float, Ge(0), Lt(1), Label("読影間で共通な分散", "Variance shared by all readings")] = 0.5,
    of_reader: Annotated[float, Ge(0), Le(1), Label("検査 × 読影者の SD", "SD of test x reader")] = 0.1,
) -> SimulatedStudy:
    """Every site of a case has a strength ~ N(0, 1), every lesion N(mu_i + reader, 1); what reaches `mark_from` is marked and rated with it.

    A case has a Poisson number of sites, the same for all readings, and part of the strength is shared by them, so readings are correlated.
    The highest false mark of a case is below x with the chance exp(-s (1 - Phi(x))), s sites on average; the true wAFROC area follows
    from it by an integral over lesion and reader.

    Parameters
    ----------
    rng : draws everything.
    separations : mean strength mu of the lesions under each test; equal ones make a null study.
    """
    truth = np.arange(healthy + diseased) >= healthy
    counts = rng.integers(1, most_lesions + 1, diseased)
    lesion_case = np.repeat(np.arange(healthy, healthy + diseased), counts)
    number = np.concatenate([np.arange(n) for n in counts]).astype(np.int64)
    lesions = Lesions(lesion_case, number, np.repeat(1 / counts, counts))
    site_case = np.repeat(np.arange(len(truth)), rng.poisson(suspicious, len(truth)))
    sites, targets = (rng.normal(0, math.sqrt(shared), len(case)) for case in (site_case, lesion_case))
    marks, ratings = [], np.full((len(separations), readers, len(truth)), -np.inf)
    for test, separation in enumerate(separations):
        for reader in range(readers):
            own = separation + rng.normal(0, of_reader) if of_reader else separation
            false = sites + rng.normal(0, math.sqrt(1 - shared), len(sites))
            found = own + targets + rng.normal(0, math.sqrt(1 - shared), len(targets))
            for case, strength, which in ((site_case, false, np.full(len(site_case), -1)), (lesion_case, found, number)):
                kept = strength >= mark_from
                np.maximum.at(ratings[test, reader], case[kept], strength[kept])
                marks.append(_rows(test, reader, case[kept], which[kept], strength[kept]))
    columns = [np.concatenate(column) for column in zip(*marks, strict=True)]
    study = _study(ratings, truth, Marks(*columns), lesions)
    return SimulatedStudy(study, tuple(_true_area(mu, of_reader, suspicious, mark_from) for mu in separations))


def _rows(test: int, reader: int, case: Ints, which: Ints, strength: Floats) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    same = np.ones(len(case), np.int64)
    return test * same, reader * same, case, which, strength


def _true_area(mu: float, of_reader: float, sites: float, least: float) -> float:
    """Integral over the marked lesions of the chance of no higher false mark, plus half the chance of no mark at all."""
    from scipy.special import ndtr

    sd = math.sqrt(1 + of_reader**2)
    x = np.linspace(least, max(least, mu) + 9 * sd, 20001)
    density = np.exp(-(((x - mu) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))
    below = np.exp(-sites * (1 - ndtr(x)))
    return float(np.trapezoid(density * below, x) + ndtr((least - mu) / sd) * below[0] / 2)


def _study(ratings: Floats, truth: Bools, marks: Marks | None = None, lesions: Lesions | None = None) -> ReaderStudy:
    tests, readers, cases = (tuple(str(n + 1) for n in range(size)) for size in ratings.shape)
    return ReaderStudy(tests, readers, cases, truth, np.arange(len(truth)), ratings, marks, lesions)
