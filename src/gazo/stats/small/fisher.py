"""Fisher's exact test of a table of any size, which SciPy computes for two rows and two columns only."""

from __future__ import annotations

import math

import numpy as np

from gazo.core.seeds import generator
from gazo.stats.inputs import Floats, Ints

MOST_WORK = 30_000_000  # tables looked at, some seconds
SAME = 1e-7  # relative: probabilities that differ by rounding count as equal, as R has it
DRAWS, MOST_CELLS = 200_000, 20_000_000


def fisher_p(counts: Ints, seed: int) -> tuple[float, bool]:
    """Probability, given the margins, of all tables no more probable than this one (Freeman & Halton 1951, Biometrika 38:141).

    Columns are filled one after the other; tables that leave the same rest of the rows, in whatever order, are followed together (the
    idea of Mehta & Patel's network, 1983, JASA 78:427), and the last two columns of each are listed at once. Where that is too much work, tables are
    drawn at random; then the second value is False.
    """
    from scipy.stats import fisher_exact

    table = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
    if min(table.shape) < 2:
        return 1.0, True
    if table.shape == (2, 2):
        return float(fisher_exact(table).pvalue), True
    table = table if table.shape[0] <= table.shape[1] else table.T  # few rows, many columns
    table = table[:, np.argsort(table.sum(0))]
    if _work(table) > MOST_WORK:
        return _drawn(table, seed), False
    return _listed(table), True


def _log_factorials(most: int) -> Floats:
    from scipy.special import gammaln

    return np.asarray(gammaln(np.arange(most + 1) + 1.0), np.float64)


def _listed(table: Ints) -> float:
    logs = _log_factorials(int(table.sum()))
    rows, columns = table.sum(1), table.sum(0)
    constant = float(logs[rows].sum() + logs[columns].sum() - logs[table.sum()])
    limit = constant - float(logs[table].sum()) + SAME
    nodes: dict[tuple[int, ...], tuple[Floats, Floats]] = {_key(rows): (np.array([constant]), np.array([1.0]))}
    for total in columns[:-2]:
        nodes = _next(nodes, int(total), logs)
    p = 0.0
    for rest, (past, ways) in nodes.items():
        first = _fillings(np.array(rest), int(columns[-2]))
        final = -logs[first].sum(1) - logs[np.array(rest) - first].sum(1)
        final = np.sort(final)
        sums = np.append(0.0, np.cumsum(np.exp(final - final[-1])))
        p += float((ways * np.exp(past + final[-1]) * sums[np.searchsorted(final, limit - past, side="right")]).sum())
    return min(1.0, p)


def _next(
    nodes: dict[tuple[int, ...], tuple[Floats, Floats]], total: int, logs: Floats
) -> dict[tuple[int, ...], tuple[Floats, Floats]]:
    """What may be left of the rows after one more column, with the logarithm of each different past and how often it occurs."""
    found: dict[tuple[int, ...], list[tuple[Floats, Floats]]] = {}
    for rest, (past, ways) in nodes.items():
        fillings = _fillings(np.array(rest), total)
        for left, weight in zip(np.array(rest) - fillings, -logs[fillings].sum(1), strict=True):
            found.setdefault(_key(left), []).append((past + weight, ways))
    return {rest: _merged(parts) for rest, parts in found.items()}


def _merged(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    past, ways = np.concatenate([p for p, _ in parts]), np.concatenate([w for _, w in parts])
    _, first, place = np.unique(np.round(past, 9), return_index=True, return_inverse=True)
    return past[first], np.bincount(place, ways).astype(np.float64)


def _key(rest: Ints) -> tuple[int, ...]:
    """What is left of the rows; which row it is of does not matter for any probability."""
    return tuple(sorted(map(int, rest)))


def _fillings(rows: Ints, total: int) -> Ints:
    """All ways to take `total` from the rows, no more from a row than it has."""
    taken = np.zeros((1, 0), np.int64)
    left = np.array([total])
    for place, most in enumerate(rows):
        later = int(rows[place + 1 :].sum())
        choices = np.arange(int(most) + 1)
        rest = left[:, None] - choices
        which, choice = np.nonzero((rest >= 0) & (rest <= later))
        taken = np.column_stack([taken[which], choices[choice]])
        left = rest[which, choice]
    return taken


def _work(table: Ints) -> float:
    """Tables that would be looked at: rests of the rows before the last two columns, times fillings of one of them."""
    rows, columns = table.sum(1), table.sum(0)
    rests = _ways(rows, int(columns[:-2].sum()))
    before = _ways(rows, int(columns[: max(0, len(columns) - 3)].sum()))
    last = _ways(rows * (columns[-2:].sum() / columns.sum()), int(columns[-2]))
    step = _ways(rows, int(columns[-3])) if len(columns) > 2 else 0.0
    return rests * last + 20 * before * step


def _ways(rows: Floats | Ints, total: int) -> float:
    """How many fillings there are, counted without listing them."""
    ways = np.zeros(total + 1)
    ways[0] = 1
    for most in rows:
        sums = np.cumsum(ways)
        whole = math.ceil(float(most))
        ways = sums - np.append(np.zeros(min(whole + 1, total + 1)), sums[: max(0, total - whole)])
    return float(ways[total])


def _drawn(table: Ints, seed: int) -> float:
    from scipy.stats import random_table

    logs = _log_factorials(int(table.sum()))
    draws = min(DRAWS, MOST_CELLS // table.size)
    drawn = random_table(table.sum(1), table.sum(0)).rvs(draws, random_state=generator(seed, "fisher"))
    limit = float(logs[table].sum()) - SAME
    hits = int((logs[drawn.astype(np.int64)].sum((1, 2)) >= limit).sum())
    return (hits + 1) / (draws + 1)
