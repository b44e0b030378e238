"""A chest exposure as the detector receives it, in uGy: collimated, with direct exposure, of a straight or a kyphotic patient."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.phantoms.anatomy import Body, Pose, Sex, draw_body, draw_pose
from gazo.phantoms.attenuation import transmission
from gazo.phantoms.chest import thicknesses
from gazo.phantoms.detector import blurred, counted_quanta, scattered
from gazo.phantoms.organs import Grid, apex
from gazo.phantoms.shapes import Array

NORMAL_KYPHOSIS_DEG = 30.0  # thoracic Cobb angle that the straight phantom stands for
QUANTA_PER_MM2_UGY = 30_000.0  # about SNRin2 of RQA5 (IEC 62220-1-1), used for the noise only
SCATTER_SPREAD_MM, BLUR_MM = 45.0, 0.3


@dataclass(frozen=True, eq=False)
class ExposedChest:
    """A simulated exposure and its truth.

    image : air kerma at the detector (uGy, float32, "linear exposure").
    field, direct, anatomy : masks (uint8, 0 or 1): inside the collimator; in it and beside the patient; in it and behind the patient.
    truth : body, pose, kyphosis, kerma of the open beam.
    """

    image: Image
    field: Image
    direct: Image
    anatomy: Image
    truth: dict[str, Any] = dataclasses.field(repr=False)


@operation("照射野を絞った胸部 (円背を含む)", "Collimated chest, kyphotic or straight", booklet="W7")
def exposed_chest(
    *,
    rng: np.random.Generator,
    size_px: Annotated[int, Ge(128), Le(4096), Label("画像の大きさ", "Image size", "px")] = 256,
    detector_mm: Annotated[float, Ge(300), Le(600), Label("検出器の大きさ", "Detector", "mm")] = 430.0,
    sex: Annotated[Sex, Label("性別", "Sex")] = "F",
    age: Annotated[int | None, Ge(18), Le(100), Label("年齢 (空欄なら無作為)", "Age (random when empty)")] = None,
    kyphosis_deg: Annotated[float, Ge(0), Le(100), Label("胸椎後弯角 (Cobb 角)", "Thoracic kyphosis (Cobb)", "deg")] = 30.0,
    open_kerma_ugy: Annotated[
        float, Gt(0), Le(1e4), Label("検出器面の直接線カーマ", "Open-beam kerma at the detector", "µGy")
    ] = 20.0,
    field_width_mm: Annotated[float, Ge(50), Le(700), Label("照射野の幅", "Field width", "mm")] = 390.0,
    field_height_mm: Annotated[float, Ge(50), Le(700), Label("照射野の高さ", "Field height", "mm")] = 370.0,
    field_turn_deg: Annotated[float, Ge(-15), Le(15), Label("照射野の傾き", "Turn of the field", "deg")] = 0.0,
    scatter_to_primary: Annotated[float, Ge(0), Le(10), Label("散乱線対一次線の比", "Scatter to primary ratio")] = 0.35,
    leakage: Annotated[float, Ge(0), Le(0.1), Label("絞りの透過", "Transmission of the collimator")] = 0.002,
) -> ExposedChest:
    """One PA exposure of a patient, as linear air kerma at the detector.

    Kyphosis (our geometric model, not a published one): the thoracic spine is an arc of `kyphosis_deg`, so the trunk leans by
    phi(s) = kyphosis (1/2 - s) at the part s of its length; rays cross it obliquely (thickness / cos phi) and it looks shorter
    (length x sin(k/2) / (k/2)). Both are taken relative to 30 degrees, which leaves the phantom of `chest_radiograph`. The same
    `rng` gives the same body and position for every angle. Not modelled: head and chin before the chest, changed lungs.

    Parameters
    ----------
    rng : draws body, position and noise, in this order.
    open_kerma_ugy : air kerma at the detector without patient.
    """
    straight = draw_body(rng, sex, age)
    pose = draw_pose(rng, "PA")
    body = replace(straight, lung_height=straight.lung_height * foreshortening(kyphosis_deg))
    pixel_mm = detector_mm / size_px
    grid = Grid(body, pose, size_px, detector_mm)
    soft, tissues, _ = thicknesses(grid, (), 1.0)
    longer = oblique(body, pose, grid, kyphosis_deg)
    leaning = {name: np.asarray(path * longer, np.float32) for name, path in tissues.items()}
    aperture = _aperture(size_px, pixel_mm, field_width_mm, field_height_mm, field_turn_deg)
    behind = soft.body + soft.breast > 0
    through = blurred(transmission(leaning) * np.maximum(aperture, np.float32(leakage)), BLUR_MM, pixel_mm)
    reaching = through + scattered(through, behind & (aperture > 0.5), scatter_to_primary, SCATTER_SPREAD_MM, pixel_mm)
    quanta = QUANTA_PER_MM2_UGY * open_kerma_ugy * pixel_mm**2
    kerma = counted_quanta(reaching, quanta, 5.0, rng) * np.float32(open_kerma_ugy / quanta)
    inside = aperture > 0.5
    spacing = (pixel_mm, pixel_mm)
    return ExposedChest(
        image=Image(kerma, spacing, meaning="linear exposure", unit="µGy", modality="DX"),
        field=_mask(inside, spacing),
        direct=_mask(inside & ~behind, spacing),
        anatomy=_mask(inside & behind, spacing),
        truth={"body": body, "pose": pose, "kyphosis_deg": kyphosis_deg, "open_kerma_ugy": open_kerma_ugy},
    )


def foreshortening(kyphosis_deg: float) -> float:
    """Height of an arc of this angle against one of 30 degrees, same length: the mean of cos phi."""
    return float(np.sinc(np.deg2rad(kyphosis_deg) / 2 / np.pi) / np.sinc(np.deg2rad(NORMAL_KYPHOSIS_DEG) / 2 / np.pi))


def oblique(body: Body, pose: Pose, grid: Grid, kyphosis_deg: float) -> Array:
    """How much longer the path through the leaning trunk is than through one of 30 degrees, for each ray."""
    _, y = grid.at(0)
    part = np.clip((y - apex(body)) / (0.82 * body.lung_height), 0, 1)
    lean = [np.deg2rad(angle) * (0.5 - part) for angle in (NORMAL_KYPHOSIS_DEG, kyphosis_deg)]
    longer: Array = (np.cos(lean[0]) / np.cos(lean[1])).astype(np.float32)
    return longer


def _aperture(size: int, pixel_mm: float, width_mm: float, height_mm: float, turn_deg: float) -> Array:
    """1 inside the turned rectangle of the collimator, 0 outside, shared on the pixels of its edge."""
    axis = (np.arange(size) - (size - 1) / 2) * pixel_mm
    turn = np.deg2rad(turn_deg)
    across = axis[None, :] * np.cos(turn) + axis[:, None] * np.sin(turn)
    along = axis[:, None] * np.cos(turn) - axis[None, :] * np.sin(turn)
    near = np.minimum(width_mm / 2 - np.abs(across), height_mm / 2 - np.abs(along))
    return np.clip(near / pixel_mm + 0.5, 0, 1).astype(np.float32)


def _mask(inside: NDArray[np.bool_], spacing: tuple[float, float]) -> Image:
    return Image(inside.astype(np.uint8), spacing, meaning="mask", modality="SEG")
