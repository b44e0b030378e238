"""A restored image beside the truth and the bicubic image: figures of merit, spectra, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.metrics import nrmse, psnr, ssim
from gazo.core.results import Panels
from gazo.learn.estimate.cubic import bicubic, cropped, cubic_resize
from gazo.learn.estimate.planes import plane_of
from gazo.learn.estimate.sharpness import edge_places, edge_widths, laplacian_energy, radial_power

if TYPE_CHECKING:
    from gazo.core.image import Image
    from gazo.learn.estimate.fitted_resolver import FittedSuperResolver

Floats = NDArray[np.float32]

MEASURES = ("psnr", "ssim", "nrmse", "edge_px", "detail", "laplacian")
LEAST_PX = 32
SHOWN_PX = 256


@dataclass(frozen=True, eq=False)
class Restored:
    """One image three times, (rows, columns) in 0 to 1: the truth, its bicubic and its network restoration."""

    truth: Floats
    bicubic: Floats
    estimate: Floats
    factor: int

    @classmethod
    def of(cls, fitted: FittedSuperResolver, image: Image) -> Restored:
        """Shrink an image, enlarge it again and let the network restore it; what exceeds 0 to 1 is clipped, as in the papers."""
        factor = fitted.spec.factor
        truth = cropped(plane_of(image).pixels, factor)
        if min(truth.shape) < LEAST_PX:
            raise ImageError(
                "G-EST-007",
                en=f"an image needs at least {LEAST_PX} pixels a side to judge super-resolution on; one of {truth.shape[0]} x {truth.shape[1]} came. Leave it out.",
                ja=f"超解像の評価には一辺 {LEAST_PX} 画素以上の画像が必要です。{truth.shape[0]} x {truth.shape[1]} の画像が渡されました。この画像を除いてください。",
            )
        enlarged = bicubic(truth, factor)
        return cls(truth, np.clip(enlarged, 0, 1), np.clip(fitted.restored(enlarged), 0, 1), factor)

    def measures(self) -> NDArray[np.float64]:
        """(2, measures): of the bicubic image and of the estimate, in the order of `MEASURES`.

        PSNR, SSIM, NRMSE without a border of `factor` pixels (the papers' way); width of the edges in pixels; power above the
        frequency that the small image could hold, 1 / (2 factor) cycles/pixel, over that of the truth; energy of the Laplacian over that of the truth.
        """
        places = edge_places(self.truth)
        frequency, power = radial_power(self.truth)
        lost = frequency > 0.5 / self.factor
        inner = (slice(self.factor, -self.factor),) * 2
        found = []
        for made in (self.bicubic, self.estimate):
            truth, judged = self.truth[inner], made[inner]
            widths = edge_widths(made, *places)
            detail = radial_power(made)[1][lost].sum() / power[lost].sum()
            laplacian = laplacian_energy(made) / max(laplacian_energy(self.truth), 1e-12)
            width = float(np.nanmedian(widths)) if np.isfinite(widths).any() else np.nan
            found.append(
                (
                    psnr(truth, judged, data_range=1.0),
                    ssim(truth, judged, data_range=1.0),
                    nrmse(truth, judged),
                    width,
                    detail,
                    laplacian,
                )
            )
        return np.array(found)

    def spectra(self) -> NDArray[np.float64]:
        """(4, frequencies): the frequencies in cycles/pixel, then the power of truth, bicubic image and estimate."""
        frequency, power = radial_power(self.truth)
        return np.stack([frequency, power, *(radial_power(made)[1] for made in (self.bicubic, self.estimate))])


def comparison_panels(shown: Sequence[tuple[int, Restored]]) -> tuple[Panels, ...]:
    """Of some images the truth, both restorations and their differences from the truth, all cut to the same place."""
    found = []
    for row, one in shown:
        cut = _most_detailed(one.truth)
        errors = [np.abs(made - one.truth)[cut] for made in (one.bicubic, one.estimate)]
        strongest = max(float(np.quantile(errors[0], 0.995)), 1e-6)
        grey = [_grey(plane[cut]) for plane in (one.truth, one.bicubic, one.estimate)]
        images = (*grey, *(_grey(error / strongest) for error in errors))
        words = (
            Text("原画像", "truth"), Text("バイキュービック", "bicubic"), Text("推定", "estimate"),
            Text("差: バイキュービック", "difference: bicubic"), Text("差: 推定", "difference: estimate"),
        )  # fmt: skip
        found.append(Panels(Text(f"行 {row}", f"Row {row}"), images, words))
    return tuple(found)


def change_panels(fitted: FittedSuperResolver, images: ImageSet) -> Panels:
    """The enlarged image as the network gives it, over it how far it changed the bicubic image."""
    made, heat, captions = [], [], []
    for row, image in images.stream(faults=[]):
        enlarged = cubic_resize(plane_of(image).pixels, fitted.spec.factor)
        estimate = fitted.restored(enlarged)
        change = np.abs(estimate - enlarged)
        cut = _most_detailed(estimate)
        made.append(_grey(estimate[cut]))
        heat.append(_grey(change[cut] / max(float(np.quantile(change, 0.999)), 1e-6)))
        captions.append(
            Text(f"行 {row}: 変化の平均 {255 * change.mean():.2f}/255", f"row {row}: mean change {255 * change.mean():.2f}/255")
        )
    return Panels(
        Text("ネットワークが変えた場所", "Where the network changed the image"), tuple(made), tuple(captions), tuple(heat)
    )


def _most_detailed(plane: Floats) -> tuple[slice, slice]:
    """The square of at most 256 pixels with the most detail."""
    from scipy.ndimage import laplace, uniform_filter

    side = min(SHOWN_PX, *plane.shape)
    detail = uniform_filter(np.abs(laplace(plane)), side, mode="constant")
    half = side // 2
    middle = detail[half : plane.shape[0] - side + half + 1, half : plane.shape[1] - side + half + 1]
    row, column = np.unravel_index(int(middle.argmax()), middle.shape)
    return slice(int(row), int(row) + side), slice(int(column), int(column) + side)


def _grey(values: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), np.uint8)
