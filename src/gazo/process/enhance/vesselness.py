"""Vesselness: which pixels lie on a line-like structure, from the eigenvalues of the Hessian."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.plane import plane


@operation("血管強調 (ヘッセ行列)", "Hessian vesselness", booklet="D4")
def vesselness(
    image: Image,
    *,
    sigmas_px: Annotated[
        tuple[Annotated[float, Ge(0.5), Le(30)], ...],
        Label("ガウス微分の σ (最大値をとる)", "Sigmas of the derivatives (the highest response counts)", "px"),
    ] = (1.5, 2.5, 3.5),
    measure: Annotated[Literal["sato", "frangi"], Label("尺度", "Measure")] = "sato",
    tubes: Annotated[Literal["dark", "bright"], Label("対象", "Tubes that are")] = "dark",
) -> Image:
    """Line-like structures of one polarity by scikit-image: 0 elsewhere, and at tubes of the other polarity.

    "sato": the larger principal curvature, kept where it has the sign of the tube, times sigma^2 (Sato et al., Med Image Anal 1998;
    2: 143), in the values of the image. "frangi": exp(-Rb^2 / 2 b^2) (1 - exp(-S^2 / 2 c^2)), b = 0.5, c half the greatest norm of
    the Hessian, 0 to 1 (Frangi et al., MICCAI 1998); it holds blobs down, which "sato" does not. Mirrored at the border.

    Parameters
    ----------
    image : 2-D, such as the green channel of a fundus photograph.
    sigmas_px : near half the width of the tubes, in pixels.
    """
    from skimage.filters import frangi, sato

    pixels = plane(image).astype(np.float64)
    pixels -= pixels.mean()
    how = {"sigmas": sigmas_px, "black_ridges": tubes == "dark", "mode": "reflect"}
    found = sato(pixels, **how)
    if measure == "frangi":  # alone it also answers exactly straight tubes of the other polarity, whose smaller eigenvalue is 0
        found = np.where(found > 0, frangi(pixels, **how), 0)
    return image.with_pixels(np.nan_to_num(found).astype(np.float32), meaning="quantity", window=None)
