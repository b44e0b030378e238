"""What one reader said under one test: the part of a reader study from which a figure of merit is computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gazo.stats.inputs import Bools, Floats, Ints
from gazo.stats.reader_study import ReaderStudy


@dataclass(frozen=True, eq=False)
class Reading:
    """The cases that a reader read under a test, n of them, and the lesions in them, l.

    Parameters
    ----------
    truth, ratings, patients : (n,); of a free response the rating is that of the highest mark, -inf without one.
    false : (n,) the highest mark that hit no lesion, -inf without one; of a ROC study the rating itself.
    lesion_case : (l,) position of the lesion's case among the n. Of a ROC study each positive case is one lesion of weight 1.
    lesion_rating : (l,) of its highest mark, -inf when it was missed.
    lesion_weight : (l,) those of a case sum to 1.
    """

    truth: Bools
    ratings: Floats
    patients: Ints
    false: Floats
    lesion_case: Ints
    lesion_rating: Floats
    lesion_weight: Floats

    def take(self, rows: Ints) -> Reading:
        """The reading of these cases, in this order; a case may come several times."""
        order = np.argsort(self.lesion_case, kind="stable")
        counts = np.bincount(self.lesion_case, minlength=len(self.truth))
        starts = np.cumsum(counts) - counts
        times = counts[rows]
        first = np.repeat(starts[rows] - (np.cumsum(times) - times), times)
        lesions = order[first + np.arange(int(times.sum()))]
        return Reading(
            self.truth[rows],
            self.ratings[rows],
            self.patients[rows],
            self.false[rows],
            np.repeat(np.arange(len(rows)), times),
            self.lesion_rating[lesions],
            self.lesion_weight[lesions],
        )

    @property
    def ranks(self) -> Floats:
        """The ratings as ranks from 0, equal ones alike: finite even where a case has no mark."""
        found: Floats = np.unique(self.ratings, return_inverse=True)[1].astype(np.float64)
        return found

    @property
    def single(self) -> bool:
        """Whether every case is another patient's."""
        return len(np.unique(self.patients)) == len(self.patients)


def reading_of(study: ReaderStudy, test: int, reader: int) -> Reading:
    """The reading of a reader under a test."""
    seen = study.read_cases(test, reader)
    truth, ratings, patients = study.truth[seen], study.ratings[test, reader, seen], study.patients[seen]
    if study.marks is None or study.lesions is None:
        positive = np.flatnonzero(truth)
        return Reading(truth, ratings, patients, ratings, positive, ratings[positive], np.ones(len(positive)))
    place = np.cumsum(seen) - 1  # of a case of the study among those read
    present = seen[study.lesions.case]
    false, found = _marked(study, test, reader, int(study.lesions.lesion.max(initial=0)) + 1)
    case, number = study.lesions.case[present], study.lesions.lesion[present]
    return Reading(
        truth, ratings, patients, false[seen], place[case].astype(np.int64), found[case, number], study.lesions.weight[present]
    )


def _marked(study: ReaderStudy, test: int, reader: int, most: int) -> tuple[Floats, Floats]:
    """(K,) the highest mark beside every lesion and (K, most lesions) the highest on each; -inf where there is none."""
    marks = study.marks
    assert marks is not None
    false, found = np.full(len(study.cases), -np.inf), np.full((len(study.cases), most), -np.inf)
    own = (marks.test == test) & (marks.reader == reader)
    miss, hit = own & (marks.lesion < 0), own & (marks.lesion >= 0)
    np.maximum.at(false, marks.case[miss], marks.rating[miss])
    np.maximum.at(found, (marks.case[hit], marks.lesion[hit]), marks.rating[hit])
    return false, found
