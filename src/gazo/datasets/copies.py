"""Images that are in a set twice: exactly, or as the same picture rescaled, recompressed, brightened or cropped a little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.registry import feature
from gazo.core.results import Table, result
from gazo.datasets.fingerprints import WORDS, Fingerprint, alike, fingerprint, likeness, thumbnail
from gazo.datasets.strata import is_missing

LEVEL = 0.62

_KEPT_THUMBNAILS = 1024


@result("copies")
@dataclass(frozen=True, eq=False)
class Copies:
    """Groups of images that show the same picture.

    Parameters
    ----------
    groups : a number for each row; rows with the same number are copies of each other, directly or over others.
    links : (k, 2) row numbers: the pairs by which the groups were joined (each group of m rows has m - 1).
    correlation : of each link; 1 for equal pixels.
    exact : for each link whether all pixels are equal.
    unread : rows that could not be opened.
    level : the correlation from which a pair counts as a copy.
    """

    groups: NDArray[np.int64]
    links: NDArray[np.int64]
    correlation: NDArray[np.float64]
    exact: NDArray[np.bool_]
    unread: tuple[int, ...] = ()
    level: float = LEVEL

    @property
    def sets(self) -> tuple[NDArray[np.int64], ...]:
        """Row numbers of each group of two or more, in order of their first row."""
        order = np.argsort(self.groups, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(self.groups[order])) + 1)
        return tuple(sorted((part for part in parts if len(part) > 1), key=lambda part: int(part[0])))

    @property
    def rows(self) -> NDArray[np.int64]:
        """All rows that have a copy."""
        return np.sort(np.concatenate([np.zeros(0, np.int64), *self.sets]))

    def across(self, values: Sequence[Any] | NDArray[Any]) -> tuple[NDArray[np.int64], ...]:
        """The groups whose rows differ in `values` (patient, part or label, one a row; empty cells differ from nothing)."""
        return tuple(g for g in self.sets if len({str(values[row]) for row in g if not is_missing(values[row])}) > 1)

    def table(self) -> Table:
        """One line a link: both rows (from 0), correlation, equal pixels."""
        headings = (
            Text("行", "Row"),
            Text("複製の行", "Row of the copy"),
            Text("相関", "Correlation"),
            Text("全画素一致", "Pixels equal"),
        )
        cells = zip(self.links.tolist(), self.correlation.tolist(), self.exact.tolist(), strict=True)
        return Table(Text("複製画像", "Copies"), headings, tuple((a, b, round(r, 3), same) for (a, b), r, same in cells))


@feature("複製画像の検出", "Search for copies", booklet="D14")
def find_copies(
    images: ImageSet,
    *,
    level: Annotated[float, Ge(0.3), Le(1), Label("複製とみなす相関", "Correlation of near copies")] = LEVEL,
    on_event: OnEvent = quiet,
) -> Copies:
    """Find images that are in the set more than once.

    Exact copies have the same SHA-256 of their pixel values. Near copies are pairs whose difference hashes (dHash, N. Krawetz
    2013, here 512 bits) differ in at most 64 bits and whose fine structure at 96 x 96 pixels correlates at `level` or more
    within a shift of 3 %. The second step keeps radiographs apart that look alike because bodies do. Mirrored, turned or
    inverted copies are not found. Images are read one by one; 80 bytes of each stay in memory.

    Parameters
    ----------
    level : correlation from which a pair is a copy; measured on breast ultrasound and chest radiographs, see the page.
    on_event : told about progress.
    """
    stage = Text("画像の指紋を計算", "Fingerprints")
    prints: list[Fingerprint | None] = []
    for row in counted(range(len(images)), stage, on_event):
        try:
            prints.append(fingerprint(images[row]))
        except GazoError:
            prints.append(None)
    return copies_among(images, prints, level=level)


def copies_among(images: ImageSet, prints: Sequence[Fingerprint | None], *, level: float = LEVEL) -> Copies:
    """The copies in a set whose fingerprints are known (None where an image could not be read)."""
    groups = np.arange(len(prints))
    links: list[tuple[int, int, float, bool]] = []

    def join(a: int, b: int, correlation: float, exact: bool) -> None:
        links.append((a, b, correlation, exact))
        groups[groups == groups[b]] = groups[a]

    first: dict[str, int] = {}
    for row, known in enumerate(prints):
        if known is not None and first.setdefault(known.digest, row) != row:
            join(first[known.digest], row, 1.0, True)
    distinct = [row for row in first.values() if not _of(prints, row).flat]
    small = lru_cache(_KEPT_THUMBNAILS)(lambda row: thumbnail(images[row]))
    words = np.array([_of(prints, row).words for row in distinct], np.uint64).reshape(-1, WORDS)
    for number, near in alike(words):
        a = distinct[number]
        for b in (distinct[other] for other in near):
            if groups[a] != groups[b] and (found := likeness(small(a), small(b))) >= level:
                join(a, b, min(found, 1.0), False)
    return _sorted(groups, links, tuple(row for row, known in enumerate(prints) if known is None), level)


def _of(prints: Sequence[Fingerprint | None], row: int) -> Fingerprint:
    known = prints[row]
    assert known is not None
    return known


def _sorted(
    groups: NDArray[np.int64], links: list[tuple[int, int, float, bool]], unread: tuple[int, ...], level: float
) -> Copies:
    """Groups numbered in order of their first row, links by row."""
    _, start, group = np.unique(groups, return_index=True, return_inverse=True)
    links = sorted(links)
    return Copies(
        groups=np.argsort(np.argsort(start))[group],
        links=np.array([link[:2] for link in links], np.int64).reshape(-1, 2),
        correlation=np.array([link[2] for link in links], np.float64),
        exact=np.array([link[3] for link in links], bool),
        unread=unread,
        level=level,
    )
