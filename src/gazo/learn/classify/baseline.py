"""What a network must beat: HOG features with logistic regression, on the same parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.training.pixels import PreparedPixels

NAME = Text("HOG + ロジスティック回帰", "HOG + logistic regression")
SIDE_PX = 64


def hog_features(pixels: PreparedPixels) -> NDArray[np.float32]:
    """Histograms of oriented gradients (Dalal & Triggs 2005): 9 directions, cells of 8 pixels, blocks of 2 x 2, on 64 pixels.

    One row for every prepared image; rows of images that could not be read stay 0.
    """
    import cv2
    from skimage.feature import hog

    rows = np.flatnonzero(pixels.usable)
    found: NDArray[np.float32] | None = None
    for row in rows:
        plane = pixels.read([row]).numpy()[0].mean(0)
        plane = cv2.resize(plane, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
        features = hog(plane, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2)).astype(np.float32)
        found = np.zeros((pixels.count, len(features)), np.float32) if found is None else found
        found[row] = features
    assert found is not None  # `prepare` refuses a set without one usable image
    return found


def baseline_probabilities(
    features: NDArray[np.float32],
    targets: NDArray[np.integer[Any]],
    train: NDArray[np.integer[Any]],
    test: NDArray[np.integer[Any]],
    *,
    classes: int,
) -> NDArray[np.float64]:
    """Probabilities (n, classes) for `test` of a logistic regression (L2, C = 1) on standardised features of `train`."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, C=1.0))
    with threadpool_limits(1):
        model.fit(features[train], targets[train])
        given = model.predict_proba(features[test])
    probabilities = np.zeros((len(test), classes))
    probabilities[:, model[-1].classes_] = given
    return probabilities
