"""What reports and figures say of super-resolution and regression."""

import numpy as np
import pytest

from gazo.core import Text
from gazo.learn.estimate.regressor_results import RegressionFold
from gazo.learn.estimate.regressor_summary import summary as judge_values
from gazo.learn.estimate.resolver_results import ResolverFold
from gazo.learn.estimate.resolver_summary import summary as judge_images
from gazo.runs.figures import figure
from gazo.runs.sections import sections

PLAN = Text("5 分割", "five folds")


@pytest.fixture(scope="module")
def ages():
    from gazo.core import ImageSet
    from gazo.learn import Regressor

    rng = np.random.default_rng(0)
    truth = rng.uniform(20, 80, 40)
    images = ImageSet.from_arrays(np.zeros((40, 8, 8), np.uint8), patients=[f"p{i // 2}" for i in range(40)])
    fold = RegressionFold(0, 0, np.arange(40), truth + rng.normal(0, 8, 40), 50.0, (), baseline=truth + rng.normal(0, 15, 40))
    return judge_values(Regressor(unit="years"), images, truth, [fold], sentence=PLAN, seed=0)


@pytest.fixture(scope="module")
def enlarged():
    from gazo.core import ImageSet
    from gazo.learn import SuperResolver

    rng = np.random.default_rng(0)
    images = ImageSet.from_arrays(np.zeros((5, 8, 8), np.uint8))
    bicubic = np.array([33.0, 0.9, 0.05, 2.4, 0.3, 0.4]) + rng.normal(0, 0.01, (5, 6))
    measures = np.stack([bicubic, bicubic + np.array([1.5, 0.02, -0.01, -0.3, 0.3, 0.3])], 1)
    measures[0, :, 3] = np.nan  # an image without edges
    spectra = np.stack([np.tile(np.linspace(0.02, 0.5, 20), (5, 1)), *rng.uniform(0.5, 1, (3, 5, 20))], 1)
    return judge_images(
        SuperResolver(), images, [ResolverFold(0, 0, np.arange(5), measures, spectra, (), 14)], sentence=PLAN, seed=0
    )


def test_regression_report(ages):
    found = {section.key: section for section in sections(ages)}
    assert list(found) == ["summary", "results", "agreement", "predictions"]
    said = found["summary"].sentences
    assert said[0].en.startswith("Mean absolute error (MAE) of small_resnet")
    assert "HOG + ridge regression" in said[2].en
    assert "95 % of the differences" in found["agreement"].sentences[0].en
    assert found["results"].tables[0].headings[4].en == "Baseline"
    assert "Japanese" not in found["results"].tables[0].title.ja


def test_every_way_of_an_interval_is_said_in_japanese(ages, enlarged):
    for study in (ages, enlarged):
        table = {section.key: section for section in sections(study)}["results"].tables[0]
        assert not [row[-1].ja for row in table.rows if not any(ord(letter) > 0x3000 for letter in row[-1].ja)]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_bland_altman_figure(ages, language):
    drawn = figure(ages.agreement, language=language)
    axes = drawn.axes[0]
    lines = sorted(float(line.get_ydata()[0]) for line in axes.lines)
    wanted = sorted([0.0, ages.agreement.bias.value, ages.agreement.low_limit.value, ages.agreement.high_limit.value])
    assert lines == pytest.approx(wanted)
    assert len(axes.collections[0].get_offsets()) == 40
    assert "years" in axes.get_ylabel()


def test_super_resolution_report(enlarged):
    found = {section.key: section for section in sections(enlarged)}
    assert list(found) == ["summary", "results", "predictions"]
    assert "PSNR" in found["summary"].sentences[0].en
    assert enlarged.gains[0].value == pytest.approx(1.5)
    assert enlarged.metrics[3].value == pytest.approx(enlarged.baseline_metrics[3].value - 0.3)  # of the images that have edges
    assert found["predictions"].tables[0].rows[0][8] is None
    assert figure(found["results"].pictures[0].drawn, language="ja").axes
