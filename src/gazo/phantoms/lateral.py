"""A lateral chest radiograph of a drawn body: simpler than the frontal one, enough to tell projections apart."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.phantoms.anatomy import Body, Sex, draw_body, draw_pose
from gazo.phantoms.attenuation import line_integral
from gazo.phantoms.chest import Blur, FieldMm, ScatterRatio, SizePx
from gazo.phantoms.lines import FINER, PairQuanta, Raw, radiograph
from gazo.phantoms.organs import apex, cage, dome
from gazo.phantoms.shapes import Array, half_chord, resampled, ring, smooth_step, steps, tube
from gazo.phantoms.skeleton import RIBS, rib

MAGNIFICATION = 1.12


@operation("側面胸部 X 線シミュレーション", "Lateral chest radiograph")
def lateral_chest(
    *,
    rng: np.random.Generator,
    size_px: SizePx = 256,
    field_mm: FieldMm = 400.0,
    sex: Annotated[Sex, Label("性別", "Sex")] = "F",
    age: Annotated[int | None, Ge(18), Le(100), Label("年齢 (空欄なら無作為)", "Age (random when empty)")] = None,
    quanta_per_pixel: PairQuanta = 200_000.0,
    scatter_to_primary: ScatterRatio = 0.35,
    blur_mm: Blur = 0.4,
    output: Annotated[Raw, Label("出力", "Output")] = "log exposure",
) -> Image:
    """A left lateral view, the front of the patient at the left of the picture, arms raised out of the field.

    Trunk, both lungs, heart, diaphragm, spine, breast bone, ribs and breasts of the body of the frontal phantom, along parallel
    rays magnified by 1.12; no airways, vessels or shoulder blades.

    Parameters
    ----------
    rng : draws body, position and noise, in this order.
    """
    body, pose = draw_body(rng, sex, age), draw_pose(rng, "PA")
    count = size_px * FINER
    pixel = field_mm / count
    axis = ((np.arange(count) - (count - 1) / 2) * pixel).astype(np.float32)
    across, down = (axis - np.float32(pose.shift_x))[None, :], (axis - np.float32(pose.shift_y))[:, None]
    turn = np.deg2rad(1.5 * pose.tilt_deg)
    cos, sin = np.float32(np.cos(turn) / MAGNIFICATION), np.float32(np.sin(turn) / MAGNIFICATION)
    z, y = -(across * cos + down * sin), down * cos - across * sin
    bone = _ribs(body, pose.shift_x, pose.shift_y, turn, pixel, count) + _spine(body, z, y) + _breast_bone(body, z, y)
    trunk = _trunk(body, z, y)
    lung = np.minimum(_lungs(body, dome(body, pose), z, y), 0.9 * trunk)
    bone = np.minimum(bone, 0.6 * (trunk - lung))
    line = line_integral(
        {"soft": 0.8 * (trunk - lung - bone), "adipose": 0.2 * (trunk - lung - bone), "lung": lung, "bone": bone}
    )
    return radiograph(
        line,
        rng=rng,
        size_px=size_px,
        field_mm=field_mm,
        quanta_per_pixel=quanta_per_pixel,
        scatter_to_primary=scatter_to_primary,
        blur_mm=blur_mm,
        output=output,
    )


def _trunk(body: Body, z: Array, y: Array) -> Array:
    """Path from side to side: chest, neck and breasts; thinner in front."""
    width, depth = cage(body, np.maximum(y, apex(body) + 0.4 * body.lung_height).astype(np.float32))
    half = depth + 0.8 * body.wall
    chest = 2 * (width + body.wall) * np.sqrt(np.maximum(0, 1 - np.abs(z / half) ** 2.4))
    chest = chest * np.sqrt(np.clip((y - apex(body) + 20) / 60, 0, 1))
    neck = 2 * half_chord(z + 20, 0 * y, (60, 1e6, 60)) * smooth_step(-(y - apex(body) - 10), 45)
    breast = 3 * half_chord(
        z - half + 5, y - body.breast_y, (body.breast_depth + 12, body.breast_radius, 0.6 * body.breast_radius)
    )
    return (np.maximum(chest, neck) + breast).astype(np.float32)


def _lungs(body: Body, top: float, z: Array, y: Array) -> Array:
    """Path in both lungs: the rib cage less the middle, the heart and what lies under the diaphragm, which falls off behind."""
    width, depth = cage(body, y.astype(np.float32))
    both = 2 * width * np.sqrt(np.maximum(0, 1 - (z / np.maximum(depth, 1)) ** 2)) - 50
    low = top + np.where(z < 0, 0.012, 0.002) * z * z
    both = both * smooth_step(low - y, 8) * smooth_step(depth - 8 - np.abs(z), 8)
    heart = 2 * half_chord(z - 34, y - (top - 40), (52 * body.heart, 66 * body.heart, 62 * body.heart), 25)
    return np.maximum(0, both - heart).astype(np.float32)


def _spine(body: Body, z: Array, y: Array) -> Array:
    """Vertebrae of 22 mm with discs of 5 mm between them, along a curve that bulges backwards."""
    bulge = -(0.62 * body.half_depth) + 0.0006 * (y - 10) ** 2
    inside = np.maximum(0, 1 - ((z - bulge) / 17) ** 4)
    vertebra = smooth_step(np.abs((y % 27) - 13.5) - 2.5, 1.5)
    return (inside * (6 + 16 * vertebra) * body.bone).astype(np.float32)


def _breast_bone(body: Body, z: Array, y: Array) -> Array:
    front = 0.93 * body.half_depth - 0.25 * np.maximum(0, -(y + 10))
    along = smooth_step(y - apex(body) - 55, 8) * smooth_step(-(y - 35), 8)
    return (np.maximum(0, 1 - ((z - front) / 6) ** 2) * 9 * along * body.bone).astype(np.float32)


def _ribs(body: Body, right: float, low: float, turn: float, pixel: float, count: int) -> Array:
    """The ribs of both sides, seen from the side."""
    curves = [resampled(rib(body, n, side), 0.5 * pixel) for n in range(RIBS) for side in (-1, 1)]
    points = np.concatenate(curves)
    across, down = -points[:, 2] * MAGNIFICATION, points[:, 1] * MAGNIFICATION
    flat = np.stack([across * np.cos(turn) - down * np.sin(turn) + right, across * np.sin(turn) + down * np.cos(turn) + low], 1)
    section = 2 * np.pi * body.rib_radius * 0.95 * body.bone
    lengths = np.concatenate([steps(curve) for curve in curves])
    return tube(flat, section, lengths, ring(body.rib_radius, 1.6, pixel), pixel, count)
