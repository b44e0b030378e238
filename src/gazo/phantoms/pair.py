"""Two radiographs of one patient, the earlier one bent by a known smooth warp, the later one with a new nodule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.phantoms.anatomy import Sex, draw_body, draw_pose
from gazo.phantoms.attenuation import MU_PER_MM, line_integral
from gazo.phantoms.chest import Blur, Clutter, Diameter, FieldMm, ScatterRatio, SizePx, thicknesses
from gazo.phantoms.lines import FINER, PairQuanta, Raw, pooled, radiograph, smooth_shift
from gazo.phantoms.nodules import box, chord, draw_spot, lung_field, placed
from gazo.phantoms.organs import Grid
from gazo.phantoms.shapes import Array
from gazo.process.shifts import map_of


@dataclass(frozen=True, eq=False)
class ChestPair:
    """A current and a previous radiograph and all that is true of them.

    image : the current radiograph, with the nodule.
    previous : the earlier one: what `image` shows at x stands there at x + shift(x).
    lungs : mask of the lung field in the current radiograph.
    shift_down, shift_right : the shift in mm (float32) at each pixel of the current radiograph.
    nodule : sum of mu t that the nodule adds to the current radiograph, without blur.
    boxes : (n, 4) x0, y0, x1, y1 in pixels around the nodule.
    """

    image: Image
    previous: Image
    lungs: Image
    shift_down: Image
    shift_right: Image
    nodule: Image
    boxes: NDArray[np.float64]
    truth: dict[str, Any] = field(repr=False)


@operation("経時差分用の胸部 X 線ペア", "Chest radiograph pair for temporal subtraction")
def chest_pair(
    *,
    rng: np.random.Generator,
    size_px: SizePx = 512,
    field_mm: FieldMm = 400.0,
    sex: Annotated[Sex, Label("性別", "Sex")] = "F",
    warp_mm: Annotated[float, Ge(0), Le(20), Label("最大のずれ", "Longest shift", "mm")] = 12.0,
    warp_order: Annotated[int, Ge(0), Le(5), Label("ずれの多項式の次数", "Order of the warp polynomial")] = 3,
    nodules: Annotated[int, Ge(0), Le(5), Label("新しい結節の数", "Number of new nodules")] = 1,
    nodule_diameter_mm: Diameter = 10.0,
    quanta_per_pixel: PairQuanta = 50_000.0,
    scatter_to_primary: ScatterRatio = 0.0,
    blur_mm: Blur = 0.4,
    clutter: Clutter = 1.0,
    output: Annotated[Raw, Label("出力", "Output")] = "log exposure",
) -> ChestPair:
    """Draw a patient; bend the line integrals by a random polynomial; expose both with noise of their own.

    The warp stands for breath, posture and turning together: ribs and vessels move alike, which they do not in a patient.

    Parameters
    ----------
    rng : draws body, position, nodules, warp and noise, in this order.
    warp_mm : length of the longest shift vector in the frame; 0 leaves the two alike but for the nodule.
    scatter_to_primary : scatter follows the bent body, so the two images then also differ by a slowly varying amount.
    """
    grid = Grid(draw_body(rng, sex), draw_pose(rng, "PA"), size_px * FINER, field_mm)
    soft, tissues, _ = thicknesses(grid, (), clutter)
    line = line_integral(tissues)
    found = placed([draw_spot(rng) for _ in range(nodules)], [nodule_diameter_mm] * nodules, 1.0, grid)
    growth = np.zeros_like(line)
    for nodule in found:
        growth += np.float32(MU_PER_MM["soft"] - MU_PER_MM["lung"]) * chord(nodule, grid)
    seed = int(rng.integers(2**62))
    bent = _bent(line, warp_mm, warp_order, seed, field_mm)
    axis = frame_axis(size_px)
    down, right = smooth_shift(np.random.default_rng(seed), warp_mm, warp_order, axis[:, None], axis[None, :])
    quality = {"size_px": size_px, "field_mm": field_mm, "quanta_per_pixel": quanta_per_pixel, "output": output}
    quality |= {"scatter_to_primary": scatter_to_primary, "blur_mm": blur_mm}
    spacing = (field_mm / size_px,) * 2
    map_of = {"spacing_mm": spacing, "meaning": "quantity"}
    return ChestPair(
        image=radiograph(line + growth, rng=rng, **quality),
        previous=radiograph(bent, rng=rng, **quality),
        lungs=Image(pooled(lung_field(soft).astype(np.float32)).round().astype(np.uint8), spacing, meaning="mask"),
        shift_down=Image(down, unit="mm", **map_of),
        shift_right=Image(right, unit="mm", **map_of),
        nodule=Image(pooled(growth), **map_of),
        boxes=np.array([box(n, grid, size_px) for n in found], np.float64).reshape(-1, 4),
        truth={"body": grid.body, "pose": grid.pose, "nodules": found},
    )


def frame_axis(size: int) -> NDArray[np.float64]:
    """Pixel centres of one axis, -1 and 1 at the edges of the frame."""
    return (np.arange(size) - (size - 1) / 2) / (size / 2)


def _bent(line: Array, warp_mm: float, order: int, seed: int, field_mm: float) -> Array:
    """The map that shows at x + shift(x) what `line` shows at x; x is found by repeated substitution."""
    import cv2

    half = field_mm / 2

    def origin(places: NDArray[np.float64]) -> NDArray[np.float64]:
        found = places
        for _ in range(8):
            shift = smooth_shift(np.random.default_rng(seed), warp_mm, order, found[:, :1] / half, found[:, 1:] / half)
            found = places - shift[..., 0].T
        return found

    count = line.shape[0]
    pixel = field_mm / count
    where = [
        map_of(origin, line.shape, (pixel, pixel))[axis] / np.float32(pixel) + np.float32((count - 1) / 2) for axis in (1, 0)
    ]
    return cv2.remap(line, *where, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
