"""Two reader studies made by a linear congruential generator: anybody can make them again in any language, and no licence is on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gazo.stats.reader_study import Lesions, Marks, ReaderStudy


def uniforms(seed: int) -> Iterator[float]:
    """x = (1103515245 x + 12345) mod 2^31, u = x / 2^31 (the constants of the C standard's example)."""
    x = seed
    while True:
        x = (1103515245 * x + 12345) % 2**31
        yield x / 2**31


def lcg6() -> ReaderStudy:
    """LCG-6: 2 tests, 4 readers, 40 cases without and 30 with disease, whole ratings 0 ... 100; some are tied."""
    u = uniforms(6)
    ratings = np.empty((2, 4, 70))
    for case in range(70):
        common = _normal(u)
        for test in range(2):
            of_test = _normal(u)
            for reader in range(4):
                mean = 1.2 + 0.6 * test + 0.1 * reader if case >= 40 else 0.0
                raw = 50 + 12 * (0.5 * common + 0.6 * of_test + 0.6 * _normal(u) + mean)
                ratings[test, reader, case] = np.floor(np.clip(raw, 0, 100) + 0.5)
    return _study(ratings, np.arange(70) >= 40)


def lcg_f() -> ReaderStudy:
    """LCG-F: free responses of 3 readers under 2 tests on 30 normal and 25 abnormal cases with 50 lesions, 312 false and 215 true marks."""
    u = uniforms(777)
    counts = [1 + int(3 * next(u)) for _ in range(25)]
    lesions = [(30 + k, n, 1 / count) for k, count in enumerate(counts) for n in range(count)]
    marks: list[tuple[int, int, int, int, int]] = []  # test, reader, case, lesion, rating
    for test in range(2):
        for reader in range(3):
            for case in range(55):
                marks += [(test, reader, case, -1, 1 + int(6 * next(u))) for _ in range(int(3 * next(u)))]
            marks += [(test, reader, case, n, 3 + int(6 * next(u))) for case, n, _ in lesions if next(u) < 0.65 + 0.12 * test]
    ratings = np.full((2, 3, 55), -np.inf)
    for test, reader, case, _, rating in marks:
        ratings[test, reader, case] = max(ratings[test, reader, case], rating)
    whole = [np.array(column, np.int64) for column in zip(*marks, strict=True)]
    found = Marks(*whole[:4], whole[4].astype(np.float64))
    case, number, weight = zip(*lesions, strict=True)
    true = Lesions(np.array(case), np.array(number), np.array(weight))
    return _study(ratings, np.arange(55) >= 30, found, true)


def _normal(u: Iterator[float]) -> float:
    return (next(u) + next(u) + next(u) + next(u) - 2) * 3**0.5


def _study(ratings: np.ndarray, truth: np.ndarray, marks: Marks | None = None, lesions: Lesions | None = None) -> ReaderStudy:
    tests, readers, cases = (tuple(str(n + 1) for n in range(size)) for size in ratings.shape)
    return ReaderStudy(tests, readers, cases, truth, np.arange(len(truth)), ratings, marks, lesions)
