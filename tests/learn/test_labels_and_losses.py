"""Classes, thresholds and losses."""

import math

import numpy as np
import pytest
import torch

from gazo.core import DataError, ImageSet
from gazo.learn.classify.labels import class_names, class_numbers
from gazo.learn.classify.side_by_side import holm
from gazo.learn.losses import cross_entropy, mean_squared_error


def labelled(*labels):
    return ImageSet.from_arrays(np.zeros((len(labels), 4, 4)), labels)


def test_classes_are_sorted_and_the_positive_one_stands_last():
    images = labelled("PA", "AP", "PA")
    assert class_names(images) == ("AP", "PA")
    assert class_names(images, "AP") == ("PA", "AP")
    assert class_numbers(images, ("PA", "AP")).tolist() == [0, 1, 0]


@pytest.mark.parametrize(("labels", "positive", "code"), [(("a", "a"), "", "G-LEARN-004"), (("a", "b"), "c", "G-LEARN-005")])
def test_labels_that_cannot_be_learned(labels, positive, code):
    with pytest.raises(DataError, match=code):
        class_names(labelled(*labels), positive)


def test_labels_that_were_not_learned():
    with pytest.raises(DataError, match="G-LEARN-006"):
        class_numbers(labelled("a", "z"), ("a", "b"))


def test_cross_entropy_and_squared_error_equal_their_formulas():
    logits, targets = torch.randn(5, 3, dtype=torch.float64), torch.tensor([0, 2, 1, 1, 0])
    p = torch.exp(logits) / torch.exp(logits).sum(1, keepdim=True)
    assert float(cross_entropy(logits, targets)) == pytest.approx(float(-torch.log(p[range(5), targets]).mean()), rel=1e-12)
    assert float(cross_entropy(torch.zeros(1, 2), torch.tensor([0]))) == pytest.approx(math.log(2), rel=1e-6)
    a, b = torch.randn(4, 4, dtype=torch.float64), torch.randn(4, 4, dtype=torch.float64)
    assert float(mean_squared_error(a, b)) == pytest.approx(float(((a - b) ** 2).sum() / 16), rel=1e-12)


def test_holm_adjustment_equals_statsmodels_textbook_example():
    """Holm 1979 as tabulated for p = .01, .02, .03, .005: 0.03, 0.04, 0.04, 0.02."""
    assert holm([0.01, 0.02, 0.03, 0.005]) == pytest.approx([0.03, 0.04, 0.04, 0.02])
