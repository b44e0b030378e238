"""Who is imaged and how: numbers drawn first, applied later. Lengths in mm in the patient, x to the patient's left
(right in the picture), y to the feet, z to the front; the origin lies in the middle of the chest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Sex = Literal["F", "M"]
View = Literal["PA", "AP"]
Depth = TypeVar("Depth", float, NDArray[Any])


@dataclass(frozen=True, kw_only=True)
class Body:
    """One patient; all images of the patient share these numbers."""

    sex: Sex
    age: int
    half_width: float
    half_depth: float
    lung_height: float
    wall: float
    heart: float
    heart_tilt_deg: float
    knob: float
    bone: float
    rib_slope: float
    rib_radius: float
    shoulder: float
    breast_radius: float
    breast_depth: float
    breast_y: float
    dome_gap: float
    bubble: float
    fine_seed: int


@dataclass(frozen=True, kw_only=True)
class Pose:
    """One exposure of a patient: view, breath and position."""

    view: View
    source_mm: float
    breath: float
    tilt_deg: float
    turn_deg: float
    shift_x: float
    shift_y: float
    clavicle_lift: float
    scapula_out: float
    arm_out: float

    def magnification(self, z_mm: Depth, half_depth: float) -> Depth:
        """Of planes `z_mm` in front of the middle; the detector is 45 mm before the rib cage in PA, behind it in AP."""
        towards = z_mm if self.view == "PA" else -z_mm
        return self.source_mm / (self.source_mm - (half_depth + 45 - towards))


def draw_body(rng: np.random.Generator, sex: Sex, age: int | None = None) -> Body:
    """A patient of a sex; an age is drawn (20 to 90) when none is given.

    The two sexes differ in the mean of width, height, wall, rib and breast, and overlap in all of them. With age the
    aortic knob and the heart grow, bone loses mineral and the breath becomes shallower.
    """
    female = sex == "F"
    years = int(np.clip(rng.normal(56, 17), 20, 90)) if age is None else age
    late = (years - 55) / 35
    size = rng.normal(0, 1)
    breast = float(np.exp(rng.normal(np.log(54), 0.24))) if female else float(np.exp(rng.normal(np.log(44), 0.22)))
    volume = rng.normal(0.29, 0.16) if female else rng.normal(0.12, 0.11)
    return Body(
        sex=sex,
        age=years,
        half_width=(130 if female else 138) + 5 * size + rng.normal(0, 6),
        half_depth=(90 if female else 95) + 3 * size + 5 * late + rng.normal(0, 6),
        lung_height=(243 if female else 258) + 7 * size - 6 * late + rng.normal(0, 13),
        wall=(22 if female else 23) + abs(rng.normal(0, 7)),
        heart=float((0.96 if female else 1.0) * (1 + 0.06 * late) * np.exp(rng.normal(0, 0.07))),
        heart_tilt_deg=rng.normal(40, 6),
        knob=16 + 4 * late + rng.normal(0, 1.5),
        bone=float((0.95 if female else 1.0) * (1 - 0.13 * late) * np.exp(rng.normal(0, 0.08))),
        rib_slope=1 + rng.normal(0, 0.12),
        rib_radius=(5.8 if female else 6.2) + rng.normal(0, 0.45),
        shoulder=(176 if female else 185) + 6 * size + rng.normal(0, 7),
        breast_radius=breast,
        breast_depth=float(np.clip(volume, 0.01, 0.9)) * breast,
        breast_y=rng.normal(60, 14) + (8 * late if female else -10),
        dome_gap=rng.normal(13, 5),
        bubble=max(0.0, rng.normal(11, 9)),
        fine_seed=int(rng.integers(2**62)),
    )


def draw_pose(rng: np.random.Generator, view: View) -> Pose:
    """How a patient stands (PA) or lies or sits (AP): less breath, shoulder blades over the lungs, clavicles higher in AP."""
    standing = view == "PA"
    return Pose(
        view=view,
        source_mm=1800.0 if standing else float(rng.uniform(1000, 1500)),
        breath=rng.normal(1.0, 0.05) if standing else rng.normal(0.92, 0.06),
        tilt_deg=rng.normal(0, 1.2 if standing else 2.6),
        turn_deg=rng.normal(0, 1.5 if standing else 4.0),
        shift_x=rng.normal(0, 5 if standing else 9),
        shift_y=rng.normal(0, 6 if standing else 10),
        clavicle_lift=rng.normal(1 if standing else 12, 8),
        scapula_out=rng.normal(20 if standing else 6, 10),
        arm_out=rng.normal(42 if standing else 26, 14),
    )
