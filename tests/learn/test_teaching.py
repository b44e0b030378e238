"""The teaching experiments against what theory says: the best decision, the factor on the gradient, who learns and who does not."""

import numpy as np
import pytest
from scipy.stats import norm

from gazo.core.errors import OptionError
from gazo.learn.teaching import decision_boundary, vanishing_gradient
from gazo.learn.teaching.two_arcs import BLOBS, _centres, best_decision, draw


@pytest.fixture(scope="module")
def few():
    return decision_boundary(seed=0, hidden_units=(1, 8, 64), per_class=12, steps=500, repeats=6)


@pytest.fixture(scope="module")
def deep():
    """Gradients before training only: one step."""
    return vanishing_gradient(seed=0, depths=(2, 16), width=64, steps=1, repeats=6)


def density(points, number, spread):
    """The mixture as SciPy's normal densities say it."""
    return np.mean([norm.pdf(points - centre, scale=spread).prod(axis=-1) for centre in _centres(number)], axis=0)


def test_points_follow_their_density():
    points, classes = draw(np.random.default_rng(0), 20_000, 0.3)
    for number in (0, 1):
        own = points[classes == number]
        assert own.mean(axis=0) == pytest.approx(_centres(number).mean(axis=0), abs=0.02)
        assert own.var(axis=0) == pytest.approx(_centres(number).var(axis=0) + 0.3**2, rel=0.03)
    assert len(_centres(0)) == BLOBS


def test_the_best_decision_is_right_as_often_as_the_densities_allow():
    """1 - integral of the smaller of the two densities, each with prior 1/2."""
    spread, axis = 0.45, np.linspace(-4, 4, 401)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    smaller = np.minimum(density(grid, 0, spread), density(grid, 1, spread)) / 2
    possible = 1 - smaller.sum() * (axis[1] - axis[0]) ** 2
    points, classes = draw(np.random.default_rng(1), 20_000, spread)
    assert (best_decision(points, spread) == classes).mean() == pytest.approx(possible, abs=0.01)


def test_the_gap_grows_with_the_number_of_units_when_points_are_few(few):
    assert few.gap_growth.low > 0.05
    assert np.all(np.diff(few.gap.y) > 0)
    training, unseen = (curve.y for curve in few.accuracies)
    assert training[-1] == pytest.approx(1.0, abs=0.01)
    assert unseen.max() < few.best_possible.value
    assert few.gap.y == pytest.approx(training - unseen)


def test_more_points_close_the_gap(few):
    many = decision_boundary(seed=0, hidden_units=(1, 8, 64), per_class=300, steps=500, repeats=3)
    assert many.gap.y[1] < few.gap.y[1] / 2
    assert many.best_possible.value == few.best_possible.value


def test_the_boundary_is_drawn_where_the_network_changes_its_mind(few):
    first, last = few.boundaries.images[0], few.boundaries.images[-1]
    assert first.shape == last.shape == (160, 160, 3)
    dark = [int((image == 40).all(axis=-1).sum()) for image in (first, last)]
    assert dark[1] > dark[0] > 100  # one unit makes one line; 64 make a crooked one


def test_the_same_seed_gives_the_same_numbers():
    options = {"hidden_units": (1, 2), "steps": 20, "repeats": 2}
    first, again, other = (decision_boundary(seed=seed, **options) for seed in (3, 3, 4))
    assert first.by_width.rows == again.by_width.rows != other.by_width.rows


def slope_of_one_layer():
    """sqrt(E[s'(z)^2]) with z ~ N(0, q), q = E[s(z)^2]: what a layer of sigmoids with weights N(0, 1/n) leaves of the gradient."""
    z = np.linspace(-8, 8, 2001)
    sigmoid = 1 / (1 + np.exp(-z))
    q = 0.25
    for _ in range(50):
        q = np.average(sigmoid**2, weights=norm.pdf(z, scale=np.sqrt(q)))
    return np.sqrt(np.average((sigmoid * (1 - sigmoid)) ** 2, weights=norm.pdf(z, scale=np.sqrt(q))))


def test_each_sigmoid_layer_leaves_the_share_of_the_gradient_that_theory_says(deep):
    assert slope_of_one_layer() < 0.25
    assert deep.loss_per_layer.value == pytest.approx(slope_of_one_layer(), rel=0.06)


def factor(curve):
    """On the gradient from the last layer to the second, for each layer."""
    return 10 ** ((curve.y[1] - curve.y[-1]) / (len(curve.y) - 2))


def test_the_remedies_pass_the_gradient_on(deep):
    """ReLU with He's weights: 1 for each layer on average; the others not below that."""
    _, relu, normalised, residual = deep.layer_by_layer
    assert factor(relu) == pytest.approx(1, abs=0.08)
    assert factor(normalised) > 0.98
    assert factor(residual) > 0.98
    assert [one.low > 1e6 for one in deep.restored] == [True] * 3
    starved = deep.first_layer[
        1
    ].y  # He's weights keep the first layer's gradient at any depth; N(0, 1/n) would leave 0.7 a layer
    assert starved[-1] == pytest.approx(starved[0], abs=0.5)


def test_the_first_layer_starves_with_depth(deep):
    plain = deep.first_layer[0]
    assert plain.y[0] - plain.y[-1] == pytest.approx(-14 * np.log10(slope_of_one_layer()), rel=0.08)


def test_deep_sigmoids_do_not_learn_and_remedies_do():
    found = vanishing_gradient(seed=1, kinds=("sigmoid", "relu", "batch-norm"), depths=(1, 10), steps=120, repeats=2)
    sigmoid, relu, normalised = (curve.y for curve in found.accuracies)
    assert sigmoid[0] > 0.75
    assert sigmoid[1] < 0.6
    assert relu[1] > 0.8
    assert normalised[1] > 0.8


@pytest.mark.parametrize("options", [{"hidden_units": (4,)}, {"hidden_units": (0, 4)}, {"hidden_units": (4, 513)}])
def test_widths_that_compare_nothing_are_refused(options):
    with pytest.raises(OptionError, match="G-LEARN-040"):
        decision_boundary(seed=0, **options)


@pytest.mark.parametrize("depths", [(4,), (0, 4), (4, 65)])
def test_depths_that_compare_nothing_are_refused(depths):
    with pytest.raises(OptionError, match="G-LEARN-041"):
        vanishing_gradient(seed=0, depths=depths)
