"""Counts for a picture of a data set: how many of each kind, and how values are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.results import result
from gazo.stats.inputs import Floats, Ints, same_length


@result("histogram")
@dataclass(frozen=True, eq=False)
class Histogram:
    """`counts[g, b]` values of group g lie between `edges[b]` and `edges[b + 1]`; `missing` had no value."""

    edges: Floats
    counts: Ints
    groups: tuple[Text, ...]
    x_label: Text
    x_unit: str = ""
    title: Text = Text("", "")
    missing: int = 0


@result("bars")
@dataclass(frozen=True, eq=False)
class Bars:
    """`counts[s, k]` things of kind `names[k]` in series `series[s]` (training part, test part ...)."""

    counts: Ints
    names: tuple[Text, ...]
    series: tuple[Text, ...]
    y_label: Text = Text("画像数", "Images")
    title: Text = Text("", "")


def histogram(
    values: ArrayLike,
    x_label: Text,
    *,
    by: Sequence[Any] | None = None,
    bins: int | ArrayLike = 20,
    x_unit: str = "",
    title: Text = Text("", ""),
) -> Histogram:
    """Count values in bins of equal width; the last bin holds its upper edge.

    Parameters
    ----------
    values : (n,) NaN and infinite values are counted as missing.
    by : (n,) group of each value, such as its class; groups stand in sorted order.
    bins : how many, or their edges (values outside of them are counted as missing).
    """
    array = np.asarray(values, np.float64)
    of = np.array(["" if by is None else str(group) for group in (range(len(array)) if by is None else by)], dtype=object)
    same_length(values=array, by=of)
    known = np.isfinite(array)
    edges = np.histogram_bin_edges(array[known], bins if isinstance(bins, int) else np.asarray(bins, np.float64))
    names = sorted(set(of.tolist()))
    counts = np.stack([np.histogram(array[known & (of == name)], edges)[0] for name in names])
    shown = tuple(Text(name, name) for name in names)
    return Histogram(edges, counts, shown, x_label, x_unit, title, len(array) - int(counts.sum()))


def bars(
    labels: Sequence[Any],
    *,
    by: Sequence[Any] | None = None,
    names: Sequence[Any] | None = None,
    y_label: Text = Text("画像数", "Images"),
    title: Text = Text("", ""),
) -> Bars:
    """Count how often each label occurs, apart for each kind of `by` (the part of a split, in order of appearance).

    Parameters
    ----------
    names : the labels and their order; sorted when None. A label not among them is not counted.
    """
    kinds = [str(name) for name in (sorted(set(map(str, labels))) if names is None else names)]
    parts = ["" if by is None else str(part) for part in (labels if by is None else by)]
    same_length(labels=np.asarray(labels, object), by=np.asarray(parts, object))
    series = list(dict.fromkeys(parts))
    pairs = list(zip(parts, map(str, labels), strict=True))
    counts = np.array([[pairs.count((part, kind)) for kind in kinds] for part in series], np.int64)
    return Bars(counts, tuple(Text(k, k) for k in kinds), tuple(Text(s, s) for s in series), y_label, title)
