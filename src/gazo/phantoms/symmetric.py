"""A chest whose left half is the mirror of its right half, tilted and set aside by a known amount."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.phantoms.anatomy import Sex, draw_body, draw_pose
from gazo.phantoms.attenuation import MU_PER_MM, line_integral
from gazo.phantoms.chest import Blur, Clutter, Diameter, FieldMm, ScatterRatio, SizePx, thicknesses
from gazo.phantoms.lines import FINER, Offset, PairQuanta, Raw, Tilt, pooled, radiograph
from gazo.phantoms.nodules import chord, draw_spot, lung_field, placed
from gazo.phantoms.organs import Grid


@dataclass(frozen=True, eq=False)
class SymmetricChest:
    """A radiograph whose two sides are alike but for noise and one nodule.

    image : the radiograph.
    lungs : mask of both lung fields.
    nodule : sum of mu t that the nodule adds, without blur (one side only).
    truth : tilt_deg (the body axis leans to the right of the picture at its top for positive values), shift_mm, nodules.
    """

    image: Image
    lungs: Image
    nodule: Image
    truth: dict[str, Any] = field(repr=False)


@operation("左右対称の胸部 X 線シミュレーション", "Symmetric chest radiograph")
def symmetric_chest(
    *,
    rng: np.random.Generator,
    size_px: SizePx = 512,
    field_mm: FieldMm = 400.0,
    sex: Annotated[Sex, Label("性別", "Sex")] = "F",
    tilt_deg: Tilt = 5.0,
    shift_mm: Offset = 10.0,
    nodules: Annotated[int, Ge(0), Le(1), Label("片側の結節の数", "Number of one-sided nodules")] = 0,
    nodule_diameter_mm: Diameter = 15.0,
    quanta_per_pixel: PairQuanta = 50_000.0,
    scatter_to_primary: ScatterRatio = 0.0,
    blur_mm: Blur = 0.4,
    clutter: Clutter = 1.0,
    output: Annotated[Raw, Label("出力", "Output")] = "log exposure",
) -> SymmetricChest:
    """The right half of a drawn chest (without the heart's bulk) and its mirror image, turned clockwise and moved right.

    Parameters
    ----------
    rng : draws body, nodule and noise, in this order.
    tilt_deg : turn of the body axis, clockwise for positive values, about the centre of the picture.
    shift_mm : where the turned axis crosses the middle row of the picture, right of the centre.
    """
    body = draw_body(rng, sex)
    pose = replace(draw_pose(rng, "PA"), tilt_deg=0.0, turn_deg=0.0, shift_x=0.0, shift_y=0.0)
    grid = Grid(body, pose, size_px * FINER, field_mm)
    soft, tissues, _ = thicknesses(grid, (), clutter)
    found = placed([draw_spot(rng) for _ in range(nodules)], [nodule_diameter_mm] * nodules, 1.0, grid)
    growth = np.zeros_like(soft.lung)
    for nodule in found:
        # a spot of the other lung is moved to the side that is kept
        kept = replace(nodule, x_mm=-abs(nodule.x_mm))
        growth += np.float32(MU_PER_MM["soft"] - MU_PER_MM["lung"]) * chord(kept, grid)
    line, lungs = (_mirrored(m.astype(np.float32)) for m in (line_integral(tissues), lung_field(soft)))
    line, lungs, growth = (_placed(m, tilt_deg, shift_mm / field_mm * m.shape[0]) for m in (line, lungs, growth))
    spacing = (field_mm / size_px,) * 2
    return SymmetricChest(
        image=radiograph(
            line + growth,
            rng=rng,
            size_px=size_px,
            field_mm=field_mm,
            quanta_per_pixel=quanta_per_pixel,
            scatter_to_primary=scatter_to_primary,
            blur_mm=blur_mm,
            output=output,
        ),
        lungs=Image((pooled(lungs) > 0.5).astype(np.uint8), spacing, meaning="mask"),
        nodule=Image(pooled(growth), spacing, meaning="quantity"),
        truth={"tilt_deg": tilt_deg, "shift_mm": shift_mm, "body": body, "nodules": found},
    )


def _mirrored(image: np.ndarray) -> np.ndarray:
    half = image.shape[1] // 2
    return np.hstack([image[:, :half], image[:, :half][:, ::-1]])


def _placed(image: np.ndarray, clockwise_deg: float, right: float) -> np.ndarray:
    """Turned about the centre, then moved right so that the axis crosses the middle row `right` pixels from the centre."""
    import cv2

    middle = (image.shape[0] - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), -clockwise_deg, 1.0)
    matrix[0, 2] += right
    return cv2.warpAffine(image, matrix, image.shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
