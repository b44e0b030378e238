"""A reader study: what several readers said about the same cases under several tests (modalities)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.results import result
from gazo.stats.inputs import Bools, Floats, Ints


@result("marks")
@dataclass(frozen=True, eq=False)
class Marks:
    """Free responses: one entry a mark. `test`, `reader`, `case` are positions in the study; `lesion` is the position of the lesion
    that was hit among the lesions of its case, -1 for a mark that hit none."""

    test: Ints
    reader: Ints
    case: Ints
    lesion: Ints
    rating: Floats


@result("lesions")
@dataclass(frozen=True, eq=False)
class Lesions:
    """True lesions: `case` is a position in the study, `lesion` counts from 0 within the case, the weights of a case sum to 1."""

    case: Ints
    lesion: Ints
    weight: Floats


@result("reader study")
@dataclass(frozen=True, eq=False)
class ReaderStudy:
    """Ratings of cases by readers under tests, with the truth; or marks with the lesions.

    Parameters
    ----------
    tests, readers, cases : their names, (I,), (J,), (K,).
    truth : (K,) True for a case with disease.
    patients : (K,) patient number of each case, 0, 1 ...; cases of one patient are kept together.
    ratings : (I, J, K) higher speaks for disease; NaN where a reader did not read a case under a test (split-plot, unbalanced).
        Of a free-response study the highest mark of each case, -inf without one.
    marks, lesions : of a free-response study, else None.
    """

    tests: tuple[str, ...]
    readers: tuple[str, ...]
    cases: tuple[str, ...]
    truth: Bools
    patients: Ints
    ratings: Floats
    marks: Marks | None = None
    lesions: Lesions | None = None

    @property
    def complete(self) -> bool:
        """Whether every reader read every case under every test."""
        return not bool(np.isnan(self.ratings).any())

    @property
    def free_response(self) -> bool:
        return self.marks is not None

    def read_cases(self, test: int, reader: int) -> NDArray[np.bool_]:
        """(K,) the cases that this reader read under this test."""
        seen: NDArray[Any] = ~np.isnan(self.ratings[test, reader])
        return seen
