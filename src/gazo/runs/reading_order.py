"""In which order each reader sees what: drawn once, for each reader anew, and balanced over the readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from gazo.core.seeds import generator
from gazo.runs.reading_cases import Case

Shown = tuple[int, int]  # case and test


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One thing to judge.

    Parameters
    ----------
    number : from 0, over all sessions.
    session : from 0.
    images : case and test of each image, from left to right.
    training : not analysed.
    """

    number: int
    session: int
    images: tuple[Shown, ...]
    training: bool = False


def orders_of(
    task: str, cases: Sequence[Case], tests: int, readers: int, *, mixed: bool, both_orders: bool, seed: int
) -> list[tuple[Trial, ...]]:
    """The trials of every reader. Single images: every case once under every test, once a session; pairs and ranks: one session."""
    made = []
    for reader in range(readers):
        if task == "pair":
            sessions = [_pairs(cases, tests, both_orders, seed, reader)]
        elif task == "rank":
            sessions = [_ranks(cases, tests, seed, reader)]
        else:
            sessions = _singles(cases, tests, mixed, seed, reader)
        made.append(tuple(_numbered(sessions, cases)))
    return made


def sequence_of_tests(tests: int, reader: int) -> list[int]:
    """The test of each session: a row of a cyclic Latin square, in every second round of readers backwards.

    Among any `tests` readers in a row every test comes first once, so the numbers of readers who begin with each differ by one at most.
    """
    row = [(reader + session) % tests for session in range(tests)]
    return row[::-1] if (reader // tests) % 2 else row


def _singles(cases: Sequence[Case], tests: int, mixed: bool, seed: int, reader: int) -> list[list[tuple[Shown, ...]]]:
    group = _groups(len(cases), tests, seed)
    turn = sequence_of_tests(tests, reader)
    sessions = []
    for session in range(tests):
        order = generator(seed, "reading", reader, session).permutation(len(cases))
        shown = [(int(case), turn[(session + group[case]) % tests] if mixed else turn[session]) for case in order]
        kept = [one for one in shown if session == 0 or not cases[one[0]].training]
        sessions.append([(one,) for one in kept])
    return sessions


def _groups(cases: int, tests: int, seed: int) -> list[int]:
    """Cases in groups of like size, the same for all readers; in a mixed session each group is shown under another test."""
    group = np.empty(cases, int)
    group[generator(seed, "reading groups").permutation(cases)] = np.arange(cases) % tests
    return group.tolist()


def _pairs(cases: Sequence[Case], tests: int, both_orders: bool, seed: int, reader: int) -> list[tuple[Shown, ...]]:
    """All pairs; shown once, the sides are drawn so that left and right come equally often."""
    rng = generator(seed, "reading pairs", reader)
    if both_orders:
        pairs = [pair for scene in _scenes(cases, tests) for pair in permutations(scene, 2)]
    else:
        pairs = [pair for scene in _scenes(cases, tests) for pair in combinations(scene, 2)]
        turned = rng.permutation(np.arange(len(pairs)) % 2)
        pairs = [pair[::-1] if flip else pair for pair, flip in zip(pairs, turned, strict=True)]
    return [pairs[place] for place in rng.permutation(len(pairs))]


def _ranks(cases: Sequence[Case], tests: int, seed: int, reader: int) -> list[tuple[Shown, ...]]:
    rng = generator(seed, "reading ranks", reader)
    scenes = [tuple(scene[place] for place in rng.permutation(len(scene))) for scene in _scenes(cases, tests)]
    return [scenes[place] for place in rng.permutation(len(scenes))]


def _scenes(cases: Sequence[Case], tests: int) -> Iterator[list[Shown]]:
    """What is compared with one another: the tests of a case; with one test the cases that are analysed."""
    if tests > 1:
        yield from ([(case, test) for test in range(tests)] for case in range(len(cases)))
    else:
        yield [(number, 0) for number, case in enumerate(cases) if not case.training]


def _numbered(sessions: Sequence[Sequence[tuple[Shown, ...]]], cases: Sequence[Case]) -> Iterator[Trial]:
    """Training first, then the rest, as they were drawn."""
    number = 0
    for session, shown in enumerate(sessions):
        is_training = [cases[images[0][0]].training for images in shown]
        for wanted in (True, False):
            for images, training in zip(shown, is_training, strict=True):
                if training is wanted:
                    yield Trial(number=number, session=session, images=images, training=training)
                    number += 1
