"""A chest radiograph with known truth: anatomy, Beer-Lambert, scatter, blur, quanta, display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.phantoms.anatomy import Body, Pose, Sex, View, draw_body, draw_pose
from gazo.phantoms.attenuation import transmission
from gazo.phantoms.detector import Output, blurred, counted_quanta, scattered, shown
from gazo.phantoms.nodules import Nodule, box, chord, draw_spot, lung_field, placed
from gazo.phantoms.organs import Grid, Soft, soft_parts
from gazo.phantoms.shapes import Array
from gazo.phantoms.skeleton import skeleton
from gazo.phantoms.vessels import pulmonary_vessels, unevenness

Direction = Literal["up", "down", "left", "right"]
TURNS = {"up": 0, "left": 1, "down": 2, "right": 3}

SizePx = Annotated[int, Ge(32), Le(4096), Label("画像の大きさ", "Image size", "px")]
FieldMm = Annotated[float, Ge(300), Le(600), Label("照射野", "Field", "mm")]
Diameter = Annotated[float, Gt(0), Le(60), Label("結節の直径", "Nodule diameter", "mm")]
Contrast = Annotated[float, Gt(0), Le(1), Label("結節の濃さ (充実性 = 1)", "Nodule contrast (solid = 1)")]
Quanta = Annotated[float, Gt(0), Le(1e9), Label("画素あたりの入射光子数", "Quanta per pixel in the open beam")]
Electronic = Annotated[float, Ge(0), Le(1e6), Label("電子雑音 (光子数換算)", "Electronic noise", "quanta")]
ScatterRatio = Annotated[float, Ge(0), Le(10), Label("散乱線対一次線の比", "Scatter to primary ratio")]
ScatterSpread = Annotated[float, Gt(0), Le(200), Label("散乱線の広がり", "Scatter spread", "mm")]
Blur = Annotated[float, Ge(0), Le(5), Label("ぼけ (ガウス分布の σ)", "Blur (Gaussian sigma)", "mm")]
Clutter = Annotated[float, Ge(0), Le(5), Label("肺血管と組織のむらの強さ", "Strength of lung vessels and uneven tissue")]
Shown = Annotated[Output, Label("出力", "Output")]


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """How the detector sees the patient; the defaults are a clean digital radiograph at 128 to 256 pixels."""

    quanta_per_pixel: float = 200_000.0
    electronic_noise: float = 5.0
    scatter_to_primary: float = 0.35
    scatter_spread_mm: float = 45.0
    blur_mm: float = 0.4
    clutter: float = 1.0
    output: Output = "display"


@dataclass(frozen=True, eq=False)
class ChestRadiograph:
    """A simulated radiograph and all that is true of it.

    image : modality DX. Meaning "display" (uint16, 0 to 4095, lungs dark), "log exposure" (-ln of exposure, float32, lungs
        low) or "linear exposure" (quanta counted per quantum of the open beam, float32, lungs high).
    lungs, heart : masks (uint8, 0 or 1): the lung field as drawn by hand, the outline of the heart.
    boxes : (n, 4) float64, x0, y0, x1, y1 in pixels around each nodule; pixel 0 reaches from 0 to 1.
    truth : sex, age, view, direction, nodules (diameters, contrast, place in mm), the body and the pose.
    thickness_mm : path in each tissue of `gazo.phantoms.attenuation.MU_PER_MM`, and in "heart" and "nodules" (parts of soft).
    """

    image: Image
    lungs: Image
    heart: Image
    boxes: NDArray[np.float64]
    truth: dict[str, Any] = field(repr=False)
    thickness_mm: dict[str, Array] = field(repr=False)


@operation("胸部 X 線シミュレーション", "Chest radiograph simulation")
def chest_radiograph(
    *,
    rng: np.random.Generator,
    size_px: SizePx = 256,
    field_mm: FieldMm = 400.0,
    sex: Annotated[Sex, Label("性別", "Sex")] = "F",
    age: Annotated[int | None, Ge(18), Le(100), Label("年齢 (空欄なら無作為)", "Age (random when empty)")] = None,
    view: Annotated[View, Label("撮影方向", "View")] = "PA",
    direction: Annotated[Direction, Label("頭の向き", "Direction of the head")] = "up",
    nodules: Annotated[int, Ge(0), Le(20), Label("結節の数", "Number of nodules")] = 0,
    nodule_diameter_mm: Diameter = 15.0,
    nodule_contrast: Contrast = 1.0,
    quanta_per_pixel: Quanta = 200_000.0,
    electronic_noise: Electronic = 5.0,
    scatter_to_primary: ScatterRatio = 0.35,
    scatter_spread_mm: ScatterSpread = 45.0,
    blur_mm: Blur = 0.4,
    clutter: Clutter = 1.0,
    output: Shown = "display",
) -> ChestRadiograph:
    """Draw a patient and a position, and take one radiograph.

    The patient's left is at the right of the upright picture in PA and AP alike, as shown on a monitor. Attenuation is
    that of 60 keV; see `expose` for the chain. Not modelled: beam hardening, grid lines, heel effect, lag, disease other
    than nodules, text markers.

    Parameters
    ----------
    rng : draws body, position, nodules and noise, in this order.
    size_px : pixels along each side; the anatomy does not change with it.
    field_mm : side of the square field on the detector.
    direction : where the head points; "left" is the upright picture turned by 90 degrees counter-clockwise.
    nodules : how many, wholly inside the visible lung field.
    clutter : 0 gives lungs without vessels, 2 vessels and unevenness twice as dense.
    """
    body = draw_body(rng, sex, age)
    pose = draw_pose(rng, view)
    grid = Grid(body, pose, size_px, field_mm)
    found = (
        placed([draw_spot(rng) for _ in range(nodules)], [nodule_diameter_mm] * nodules, nodule_contrast, grid) if nodules else ()
    )
    how = Exposure(
        quanta_per_pixel=quanta_per_pixel,
        electronic_noise=electronic_noise,
        scatter_to_primary=scatter_to_primary,
        scatter_spread_mm=scatter_spread_mm,
        blur_mm=blur_mm,
        clutter=clutter,
        output=output,
    )
    return expose(body, pose, rng=rng, size_px=size_px, field_mm=field_mm, nodules=found, direction=direction, how=how)


def expose(
    body: Body,
    pose: Pose,
    *,
    rng: np.random.Generator,
    size_px: int = 256,
    field_mm: float = 400.0,
    nodules: Sequence[Nodule] = (),
    direction: Direction = "up",
    how: Exposure | None = None,
) -> ChestRadiograph:
    """One radiograph of a known body.

    Thickness maps -> exp(-sum mu t) -> Gaussian blur -> mean over each pixel -> scatter -> Poisson and electronic noise ->
    output. Rays are followed on a grid of at least 256 x 256 and averaged onto the pixels. `rng` draws noise only.
    """
    how = how or Exposure()
    finer = max(1, -(-256 // size_px))
    grid = Grid(body, pose, size_px * finer, field_mm)
    soft, tissues, parts = thicknesses(grid, nodules, how.clutter)
    in_body = _pooled((soft.body > 1).astype(np.float32), finer) > 0.5
    chest = _pooled((soft.cavity > 0).astype(np.float32), finer) > 0.5
    primary = _pooled(blurred(transmission(tissues), how.blur_mm, grid.pixel_mm), finer)
    reaching = primary + scattered(primary, in_body, how.scatter_to_primary, how.scatter_spread_mm, field_mm / size_px)
    exposure = counted_quanta(reaching, how.quanta_per_pixel, how.electronic_noise, rng) / np.float32(how.quanta_per_pixel)
    turns = TURNS[direction]
    maps = {name: np.rot90(_pooled(t, finer), turns) for name, t in {**tissues, **parts}.items()}
    lungs, cardiac = (_pooled(m.astype(np.float32), finer) >= 0.5 for m in (lung_field(soft), soft.heart > 0))
    boxes = np.array([box(n, grid, size_px) for n in nodules], np.float64).reshape(-1, 4)
    spacing = (field_mm / size_px,) * 2
    return ChestRadiograph(
        image=_image(np.rot90(_as_output(exposure, chest, how, spacing[0]), turns), how.output, spacing),
        lungs=Image(np.rot90(lungs, turns).astype(np.uint8), spacing, meaning="mask", modality="SEG"),
        heart=Image(np.rot90(cardiac, turns).astype(np.uint8), spacing, meaning="mask", modality="SEG"),
        boxes=turned_boxes(boxes, turns, size_px),
        truth={
            "sex": body.sex,
            "age": body.age,
            "view": pose.view,
            "direction": direction,
            "nodules": tuple(nodules),
            "body": body,
            "pose": pose,
        },
        thickness_mm=maps,
    )


def thicknesses(grid: Grid, nodules: Sequence[Nodule], clutter: float) -> tuple[Soft, dict[str, Array], dict[str, Array]]:
    """Soft parts; path in each tissue (they exclude one another); paths of heart and nodules, which are parts of soft."""
    soft = soft_parts(grid)
    bone = np.minimum(skeleton(grid), 0.8 * soft.body)
    tissue = pulmonary_vessels(grid) + 1.6 * np.abs(unevenness(grid)) * soft.lung / 100
    free = soft.lung / np.maximum(soft.cavity, 1)
    blood = np.minimum(clutter * tissue * free, 0.9 * soft.lung)
    growth = np.zeros_like(soft.lung)
    for nodule in nodules:
        growth = growth + np.float32(nodule.contrast) * chord(nodule, grid)
    lung = soft.lung - blood - np.minimum(growth, soft.lung - blood)
    fat = np.minimum(1.3 * grid.body.wall, soft.body - soft.cavity).clip(0) + soft.breast
    air = np.minimum(soft.air, soft.body)
    muscle = np.maximum(0, soft.body + soft.breast - lung - bone - fat - air)
    return soft, {"soft": muscle, "adipose": fat, "lung": lung, "bone": bone}, {"heart": soft.heart, "nodules": growth}


def turned_boxes(boxes: NDArray[np.float64], turns: int, size: int) -> NDArray[np.float64]:
    """Boxes after quarter turns counter-clockwise of a square image, as `numpy.rot90` turns its pixels."""
    for _ in range(turns % 4):
        x0, y0, x1, y1 = boxes.T
        boxes = np.stack([y0, size - x1, y1, size - x0], 1)
    return boxes


def _as_output(exposure: Array, chest: NDArray[np.bool_], how: Exposure, pixel_mm: float) -> NDArray[Any]:
    if how.output == "linear exposure":
        return exposure
    if how.output == "log exposure":
        return -np.log(np.maximum(exposure, np.float32(0.5 / how.quanta_per_pixel)))
    return shown(exposure, chest, pixel_mm)


def _image(pixels: NDArray[Any], output: Output, spacing: tuple[float, float]) -> Image:
    window = (2047.5, 4096.0) if output == "display" else None
    return Image(pixels, spacing, meaning=output, modality="DX", window=window)


def _pooled(image: Array, factor: int) -> Array:
    """Mean over blocks of factor x factor."""
    import cv2

    n = image.shape[0] // factor
    return image if factor == 1 else cv2.resize(image, (n, n), interpolation=cv2.INTER_AREA)
