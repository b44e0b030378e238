"""The proofs of unbalanced data, blanking and nodules reach their bars; on real data where it is there."""

import pytest

from gazo.runs.proof import reproduce
from gazo.runs.proofs.c9 import nodule_images, together


@pytest.mark.long
@pytest.mark.parametrize("id", ["C9", "D5", "D6"])
def test_the_proof_reaches_its_bar_on_simulated_images(id):
    assert reproduce(id).passed


@pytest.mark.long
@pytest.mark.parametrize(("id", "folder"), [("C9", "lidc_nodules"), ("D5", "pneumoniamnist"), ("D6", "lidc_nodules")])
def test_the_proof_reaches_its_bar_on_real_images(id, folder, data):
    assert reproduce(id, data=data / folder).passed


@pytest.mark.slow
def test_a_score_that_says_nothing_leaves_the_diameter_as_it_was():
    """Out of sample: the logistic regression of diameter and noise ranks as the diameter does; the truth as score is found."""
    import numpy as np

    from gazo.stats.auc import auc

    images = nodule_images(None, 0)
    truth = images.role("label").astype(int)
    diameters = np.asarray(images.role("value"), float)
    noise = np.random.default_rng(0).random(len(truth))
    alone = auc(truth, diameters).value
    assert auc(truth, together(noise, diameters, images, seed=0)).value == pytest.approx(alone, abs=0.02)
    helpful = 0.25 + 0.5 * truth + 0.24 * (noise - 0.5)
    assert auc(truth, together(helpful, diameters, images, seed=0)).value > 0.99
