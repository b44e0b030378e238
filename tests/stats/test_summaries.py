import numpy as np
import pytest

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.stats.summaries import bars, histogram


def test_every_value_is_counted_once():
    values, by = [0.0, 0.4, 0.5, 1.0, np.nan, np.inf], ["b", "a", "a", "b", "a", "b"]
    found = histogram(values, Text("値", "value"), by=by, bins=2)
    np.testing.assert_array_equal(found.edges, [0, 0.5, 1])
    np.testing.assert_array_equal(found.counts, [[1, 1], [1, 1]])
    assert [g.en for g in found.groups] == ["a", "b"]
    assert found.missing == 2


def test_values_outside_of_given_edges_are_missing():
    found = histogram([1, 5, 20], Text("値", "value"), bins=[0, 10])
    assert (found.counts.sum(), found.missing) == (2, 1)


def test_bars_keep_the_order_of_parts_and_names():
    found = bars(["PA", "AP", "PA", "x"], by=["train", "test", "train", "test"], names=["PA", "AP"])
    assert [s.en for s in found.series] == ["train", "test"]
    np.testing.assert_array_equal(found.counts, [[2, 0], [0, 1]])
    assert [n.en for n in bars([2, 1, 2]).names] == ["1", "2"]


def test_lengths_must_agree():
    with pytest.raises(DataError, match="G-STAT-004"):
        bars(["a"], by=["x", "y"])
