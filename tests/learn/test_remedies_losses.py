"""Losses and weights for unbalanced classes: formulas, the cases of the paper, other libraries."""

import math

import numpy as np
import pytest
import torch

from gazo.core import ImageSet, OptionError
from gazo.learn import Classifier, Protocol
from gazo.learn.losses import affinity_loss, cross_entropy, focal_loss, spread_of_centres
from gazo.learn.remedies import class_balanced_weights, class_weights
from gazo.nets.affinity import CentredNetwork

LABELS = np.array([0] * 90 + [1] * 9 + [2])


def some(n=6, classes=3):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(n, classes, generator=generator, dtype=torch.float64), torch.arange(n) % classes


def test_affinity_loss_is_nothing_when_the_margin_is_kept():
    """d(y) = 1 and every other at most 1 - lambda; one step above it costs that step."""
    kept = torch.tensor([[1.0, 0.25, 0.1], [0.2, 1.0, 0.25]])
    assert float(affinity_loss(kept, torch.tensor([0, 1]), margin=0.75)) == 0
    one = torch.tensor([[1.0, 0.35, 0.1]], dtype=torch.float64)
    assert float(affinity_loss(one, torch.tensor([0]), margin=0.75)) == pytest.approx(0.1)


def test_affinity_loss_equals_its_sum_by_hand():
    d, y = some()
    d = torch.sigmoid(d)
    by_hand = [sum(max(0.0, 0.5 + float(d[i, j] - d[i, t])) for j in range(3) if j != t) for i, t in enumerate(y.tolist())]
    assert float(affinity_loss(d, y, margin=0.5)) == pytest.approx(np.mean(by_hand), rel=1e-12)
    factors = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
    weighed = [w * factors[t] for w, t in zip(by_hand, y, strict=True)]
    assert float(affinity_loss(d, y, margin=0.5, weights=factors)) == pytest.approx(float(np.mean(weighed)), rel=1e-12)


def with_the_diagonal(centres):
    """The term as copied code has it: the upper triangle with the diagonal, where each centre stands beside itself."""
    squared = torch.cdist(centres, centres) ** 2
    first, second = torch.triu_indices(len(centres), len(centres))
    taken = squared[first, second]
    return ((taken - taken.mean()) ** 2).mean()


def test_equidistant_centres_need_no_spreading_and_the_copied_error_is_seen():
    corners = torch.eye(4, dtype=torch.float64)  # of a simplex: all pairs at the squared distance 2
    assert float(spread_of_centres(corners)) == pytest.approx(0, abs=1e-24)
    assert float(with_the_diagonal(corners)) > 0.5


def test_spread_of_centres_by_hand():
    line = torch.tensor([[0.0], [1.0], [3.0]], dtype=torch.float64)  # squared distances 1, 9, 4
    assert float(spread_of_centres(line)) == pytest.approx(np.var([1, 9, 4]), rel=1e-12)
    assert float(spread_of_centres(line[:1])) == 0


def test_similarities_of_the_network_are_those_of_the_formula():
    """d = exp(-|f - w|^2 / sigma) to the nearest of m centres; the softmax of the logits shares them out."""
    net = CentredNetwork(torch.nn.Flatten(), classes=2, features=4, centres=3, sigma=7.0)
    images = torch.randn(5, 1, 2, 2)
    logits = net(images)
    f, w = images.flatten(1).numpy(), net.centres.detach().numpy()
    d = np.array([[max(math.exp(-((a - c) ** 2).sum() / 7) for c in centres) for centres in w] for a in f])
    np.testing.assert_allclose(logits.exp().detach().numpy(), d, rtol=1e-5)
    np.testing.assert_allclose(logits.softmax(1).detach().numpy(), d / d.sum(1, keepdims=True), rtol=1e-5)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_loss_equals_its_formula_and_cross_entropy_at_gamma_zero(gamma):
    logits, y = some()
    p = torch.softmax(logits, 1)[torch.arange(6), y]
    assert float(focal_loss(logits, y, gamma=gamma)) == pytest.approx(float((-((1 - p) ** gamma) * p.log()).mean()), rel=1e-12)
    assert float(focal_loss(logits, y, gamma=0)) == pytest.approx(float(cross_entropy(logits, y)), rel=1e-12)


def test_focal_loss_equals_torchvision_for_two_classes():
    """sigmoid_focal_loss of x is ours of the logits (0, x)."""
    from torchvision.ops import sigmoid_focal_loss

    x, y = torch.linspace(-4, 4, 9, dtype=torch.float64), torch.arange(9) % 2
    theirs = sigmoid_focal_loss(x, y.double(), alpha=0.25, gamma=2.0, reduction="mean")
    ours = focal_loss(torch.stack([torch.zeros_like(x), x], 1), y, alpha=0.25)
    assert float(ours) == pytest.approx(float(theirs), rel=1e-12)


def test_class_weights_make_every_class_count_alike():
    weights = class_weights(LABELS, classes=3)
    np.testing.assert_allclose(weights * np.bincount(LABELS), 100 / 3, rtol=1e-6)
    from sklearn.utils.class_weight import compute_class_weight

    np.testing.assert_allclose(weights, compute_class_weight("balanced", classes=np.arange(3), y=LABELS), rtol=1e-6)


def test_class_balanced_weights_follow_the_effective_number():
    """Cui et al. 2019: E_n = (1 - beta^n) / (1 - beta); beta 0 weighs alike, beta near 1 by 1 / n."""
    effective = np.array([(1 - 0.9**n) / (1 - 0.9) for n in (90, 9, 1)])
    np.testing.assert_allclose(
        class_balanced_weights(LABELS, classes=3, beta=0.9), 3 / effective / (1 / effective).sum(), rtol=1e-6
    )
    np.testing.assert_allclose(class_balanced_weights(LABELS, classes=3, beta=0.0), 1)
    inverse = class_weights(LABELS, classes=3)
    np.testing.assert_allclose(class_balanced_weights(LABELS, classes=3, beta=1 - 1e-9), 3 * inverse / inverse.sum(), rtol=1e-4)


def test_alpha_needs_two_classes():
    images = ImageSet.from_arrays(np.zeros((6, 8, 8)), list("abcabc"))
    with pytest.raises(OptionError, match="G-LEARN-060"):
        Classifier(loss="focal", focal_alpha=0.25).preflight(images, Protocol(), seed=0)
