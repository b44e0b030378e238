"""FROC, AFROC and LROC curves of a reading, and the mean FROC curve of several readers with its band."""

from __future__ import annotations

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.stats.detections import Matched
from gazo.stats.froc import resampled_sensitivities, sensitivities_at
from gazo.stats.inputs import Floats
from gazo.stats.mrmc_curves import FPF, GRID
from gazo.stats.reader_study import ReaderStudy
from gazo.stats.reading import Reading

LLF = Text("病変検出率 (LLF)", "Lesion localization fraction (LLF)")
NLF = Text("画像あたりの偽陽性数 (NLF)", "False positives per image (NLF)")
WEIGHTED = Text("重み付き病変検出率 (wLLF)", "Weighted lesion localization fraction (wLLF)")
PCL = Text("正しく位置を示した割合 (PCL)", "Probability of correct localization (PCL)")


def matched_reading(study: ReaderStudy, test: int, reader: int) -> Matched:
    """All marks of a reading in the form of the FROC curves of detectors; every mark that hit nothing counts."""
    marks, lesions, seen = study.marks, study.lesions, study.read_cases(test, reader)
    assert marks is not None
    assert lesions is not None
    own = (marks.test == test) & (marks.reader == reader)
    false, hit = own & (marks.lesion < 0), own & (marks.lesion >= 0)
    place = {(int(c), int(n)): k for k, (c, n) in enumerate(zip(lesions.case, lesions.lesion, strict=True))}
    scores = np.full(len(lesions.case), -np.inf)
    for case, lesion, rating in zip(marks.case[hit], marks.lesion[hit], marks.rating[hit], strict=True):
        k = place[int(case), int(lesion)]
        scores[k] = max(scores[k], rating)
    read = seen[lesions.case]
    names, patients = np.unique(study.patients[seen], return_inverse=True)
    number = np.full(int(study.patients.max()) + 1, -1)
    number[names] = np.arange(len(names))
    return Matched(
        scores[read],
        number[study.patients[lesions.case[read]]],
        marks.rating[false],
        number[study.patients[marks.case[false]]],
        patients.astype(np.int64),
    )


def froc_of_readers(matches: list[Matched], title: Text, grid: Floats, *, repeats: int, seed: int, level: float) -> Curve:
    """LLF averaged over the readers at each rate of false positives; percentile band over resamples of patients."""
    values = np.mean([sensitivities_at(one, np.ones((1, one.patients)), grid)[0] for one in matches], axis=0)
    draws = np.mean([resampled_sensitivities(one, grid, repeats, seed) for one in matches], axis=0)
    low, high = np.quantile(draws, ((1 - level) / 2, (1 + level) / 2), axis=0)
    return Curve(grid, values, NLF, LLF, title, low=low, high=high, level=level)


def rate_grid(matches: list[Matched]) -> Floats:
    """Even steps of false positives an image, up to the most that any reader made."""
    most = max(len(one.false_scores) / len(one.image_patients) for one in matches)
    return np.linspace(0, max(most, 0.1), 61)


def afroc_points(reading: Reading, *, weighted: bool) -> tuple[Floats, Floats]:
    """FPF (highest false marks of the cases without disease) and LLF at every rating, joined by a straight line to (1, 1)."""
    weight = reading.lesion_weight if weighted else np.ones(len(reading.lesion_rating))
    x, y = _points(reading.false[~reading.truth], reading.lesion_rating, weight)
    return np.append(x, 1.0), np.append(y, 1.0)


def lroc_points(reading: Reading) -> tuple[Floats, Floats]:
    """FPF (highest marks of the cases without disease) and the share of diseased cases located at every rating."""
    located = located_ratings(reading)
    return _points(reading.ratings[~reading.truth], located, np.ones(len(located)))


def located_ratings(reading: Reading) -> Floats:
    """Of each diseased case its highest mark when that one hit a lesion (and no false mark is as high), else -inf."""
    best = np.full(len(reading.truth), -np.inf)
    np.maximum.at(best, reading.lesion_case, reading.lesion_rating)
    found: Floats = np.where(best > reading.false, best, -np.inf)[reading.truth]
    return found


def mean_afroc(tests: tuple[str, ...], table: list[list[Reading]], *, weighted: bool) -> tuple[Curve, ...]:
    """The curve of each test, averaged over its readers at each false positive fraction."""
    return tuple(
        Curve(
            GRID,
            np.mean([np.interp(GRID, *afroc_points(one, weighted=weighted)) for one in row], axis=0),
            FPF,
            WEIGHTED if weighted else LLF,
            Text(test, test),
        )
        for test, row in zip(tests, table, strict=True)
    )


def mean_lroc(tests: tuple[str, ...], table: list[list[Reading]]) -> tuple[Curve, ...]:
    """The LROC curve of each test, averaged over its readers."""
    return tuple(
        Curve(GRID, np.mean([np.interp(GRID, *lroc_points(one)) for one in row], axis=0), FPF, PCL, Text(test, test))
        for test, row in zip(tests, table, strict=True)
    )


def _points(false: Floats, true: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Shares at or above every finite rating, from the highest down, (0, 0) first."""
    every = np.concatenate([false, true])
    levels: Floats = np.unique(every[np.isfinite(every)])[::-1]
    order = np.argsort(true)
    below = np.append(0.0, np.cumsum(weight[order]))[np.searchsorted(true[order], levels, "left")]
    x: Floats = (len(false) - np.searchsorted(np.sort(false), levels, "left")) / len(false)
    y: Floats = (weight.sum() - below) / weight.sum()
    return np.append(0.0, x), np.append(0.0, y)
