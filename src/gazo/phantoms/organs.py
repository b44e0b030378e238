"""Soft parts of the chest on a grid of rays: trunk, lungs, heart, diaphragm, airways, breasts. All in mm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gazo.phantoms.anatomy import Body, Pose
from gazo.phantoms.shapes import Array, Interval, around, covered, half_chord, smooth_step


@dataclass(frozen=True)
class Grid:
    """Rays through pixel centres: x and y in the detector plane (mm from its centre), and how to follow them into a body."""

    body: Body
    pose: Pose
    size: int
    field_mm: float

    @property
    def pixel_mm(self) -> float:
        return self.field_mm / self.size

    def at(self, z_mm: float) -> tuple[Array, Array]:
        """Patient coordinates x, y of the rays where they cross the plane z; a turned patient's front moves sideways."""
        axis = ((np.arange(self.size) - (self.size - 1) / 2) * self.pixel_mm).astype(np.float32)
        x, y = (axis - np.float32(self.pose.shift_x))[None, :], (axis - np.float32(self.pose.shift_y))[:, None]
        turn, scale = np.deg2rad(self.pose.tilt_deg), self.pose.magnification(z_mm, self.body.half_depth)
        cos, sin = np.float32(np.cos(turn) / scale), np.float32(np.sin(turn) / scale)
        return x * cos + y * sin - np.float32(self.sideways(z_mm)), y * cos - x * sin

    def sideways(self, z_mm: float) -> float:
        """Shift of a plane by the turn about the long axis."""
        return float(z_mm * np.sin(np.deg2rad(self.pose.turn_deg)))

    def project(self, points: np.ndarray) -> np.ndarray:
        """Detector positions (n, 2) of points (n, 3) in the patient; the inverse of `at`."""
        turn = np.deg2rad(self.pose.tilt_deg)
        z = points[:, 2]
        scale = self.pose.magnification(z, self.body.half_depth)
        x = (points[:, 0] + z * np.sin(np.deg2rad(self.pose.turn_deg))) * scale
        y = points[:, 1] * scale
        cos, sin = np.cos(turn), np.sin(turn)
        return np.stack([x * cos - y * sin + self.pose.shift_x, x * sin + y * cos + self.pose.shift_y], 1)


def apex(body: Body) -> float:
    """y of the top of the lungs."""
    return -0.56 * body.lung_height


def dome(body: Body, pose: Pose) -> float:
    """y of the top of the right half of the diaphragm; a deep breath moves it down."""
    return apex(body) + body.lung_height * (0.82 + 0.9 * (pose.breath - 1))


def cage(body: Body, y: Array) -> tuple[Array, Array]:
    """Inner half-width and half-depth of the rib cage at height y."""
    s = np.clip((y - apex(body)) / body.lung_height, 0, 1.3).astype(np.float32)
    above = 1 - np.minimum(s / np.float32(0.82), 1)
    width = body.half_width * np.sqrt(1 - above * above * np.sqrt(above)) + np.float32(3) * np.maximum(s - np.float32(0.7), 0)
    above = 1 - np.minimum(s / np.float32(0.7), 1)
    depth = body.half_depth * np.sqrt(1 - above * above)
    return width.astype(np.float32), depth.astype(np.float32)


def cavity(body: Body, x: Array, y: Array) -> Array:
    """Half the depth of the rib cage along each ray; the tops of both lungs are round."""
    lowered = 40 * (np.maximum(0, 54 - np.abs(x)) / 54) ** 2
    width, depth = cage(body, y - lowered.astype(np.float32))
    inside = np.abs(x) / np.maximum(width, 1)
    return depth * np.maximum(0, 1 - inside**2.3) ** np.float32(0.5)


def diaphragm(body: Body, pose: Pose, x: Array, y: Array) -> Interval:
    """Piece of each ray below the two domes; they fall off to the sides and, further, to the back."""
    top = dome(body, pose)
    out = (np.abs(x) - 0.46 * body.half_width) / body.half_width
    height = top + body.dome_gap * smooth_step(x, 30) + 100 * np.where(out > 0, 1.25 * out * out, 0.06 * out * out)
    half = 1.02 * body.half_depth * np.sqrt(np.maximum(0, y - height) / 62)
    return around(12, half.astype(np.float32))


def heart(body: Body, pose: Pose, x: Array, y: Array) -> Array:
    """Half-depth of the heart: the left ventricle along a tilted axis, and the right atrium. It moves up with the dome."""
    low = dome(body, pose)
    size = body.heart * (1 + 0.25 * (1 - pose.breath))
    ventricle = half_chord(x - 20 * body.heart, y - (low - 27), (76 * size, 54 * size, 62 * size), body.heart_tilt_deg)
    atrium = half_chord(x + 14, y - (low - 38), (32 * size, 50 * size, 50 * size))
    return np.maximum(ventricle, atrium)


def vessels_of_the_middle(body: Body, pose: Pose, x: Array, y: Array) -> Array:
    """Half-depth of the mediastinum above the heart: vena cava, arch of the aorta (the knob), pulmonary trunk, tissue."""
    top, low = apex(body), dome(body, pose)
    neck = np.clip((y - top) / (low - top), 0, 1.2).astype(np.float32)
    width = 31 - 8 * neck * neck
    column = (74 - 20 * neck * neck) * np.sqrt(np.maximum(0, 1 - ((x - 1) / width) ** 2))
    knob = half_chord(x - 24, y - (top + 0.30 * (low - top)), (body.knob, body.knob * 1.15, 40))
    trunk = half_chord(x - 22, y - (top + 0.52 * (low - top)), (22, 44, 44))
    cava = half_chord(x + 17, y - (top + 0.40 * (low - top)), (18, 75, 30))
    return np.maximum.reduce([column, knob, trunk, cava]).astype(np.float32)


def aorta(body: Body, pose: Pose, x: Array, y: Array) -> Interval:
    """The descending aorta beside the spine, from the arch to the diaphragm."""
    start = apex(body) + 0.30 * (dome(body, pose) - apex(body))
    centre = 19 + 0.4 * body.knob - 0.06 * np.maximum(0, y - start)
    half = 0.75 * body.knob * np.sqrt(np.maximum(0, 1 - ((x - centre) / (0.75 * body.knob)) ** 2))
    return around(-48, (half * smooth_step(y - start, 8)).astype(np.float32))


def trunk(body: Body, pose: Pose, x: Array, y: Array) -> Array:
    """Thickness of trunk, shoulders, neck and arms."""
    top = apex(body)
    width, depth = cage(body, np.maximum(y, top + 0.5 * body.lung_height))
    waist = width + body.wall + 6
    spread = smooth_step(-(y - top - 62), 46)
    half_width = waist + (body.shoulder + 14 - waist) * spread
    half_depth = depth + 0.8 * body.wall - 16 * spread
    chest = 2 * half_depth * np.maximum(0, 1 - (np.abs(x) / half_width) ** 2.6) ** np.float32(0.5)
    slope = top - 24 + 0.34 * np.maximum(0, np.abs(x) - 50) + 0.0009 * np.maximum(0, np.abs(x) - 110) ** 2
    chest = chest * np.sqrt(np.clip((y - slope) / 60, 0, 1))
    throat = 2 * half_chord(x, 0 * y, (50 + 0.5 * body.wall, 1e6, 58)) * smooth_step(-(y - top - 10), 45)
    return np.maximum.reduce([chest, throat, arms(body, pose, x, y)]).astype(np.float32)


def arm_axis(body: Body, pose: Pose, side: int) -> np.ndarray:
    """Shoulder joint and elbow (2, 3) of one arm; side is +1 for the left."""
    joint = (side * (body.shoulder - 16), apex(body) + 38, -5)
    return np.array([joint, (side * (body.shoulder + pose.arm_out + 14), apex(body) + 320, -5)], float)


def arms(body: Body, pose: Pose, x: Array, y: Array) -> Array:
    """Thickness of both upper arms: round tubes from the shoulder joint outwards and down."""
    radius = 36 + 0.5 * body.wall
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape), np.float32)
    for side in (-1, 1):
        start, end = arm_axis(body, pose, side)[:, :2].astype(np.float32)
        along = (end - start) / np.linalg.norm(end - start)
        forward = (x - start[0]) * along[0] + (y - start[1]) * along[1]
        across = (x - start[0]) * along[1] - (y - start[1]) * along[0]
        half = np.sqrt(np.maximum(0, radius**2 - across**2 - np.minimum(forward, 0) ** 2))
        total = np.maximum(total, 2 * half)
    return total


def breasts(body: Body, x: Array, y: Array) -> Array:
    """Thickness of both breasts (men have a little there too): half ellipsoids that hang, so the lower edge is sharp."""
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape), np.float32)
    r = body.breast_radius
    for side in (-1, 1):
        dx, dy = x - side * 0.58 * body.half_width, y - body.breast_y
        below = np.where(dy > 0, dy / (0.72 * r), dy / (1.5 * r))
        inside = 1 - (dx / r) ** 2 - below**2
        total += 2 * body.breast_depth * np.maximum(0, inside) ** np.float32(0.6)
    return total.astype(np.float32)


def airways(body: Body, pose: Pose, x: Array, y: Array) -> Array:
    """Air in the windpipe, the two main bronchi and the stomach."""
    fork = apex(body) + 0.42 * (dome(body, pose) - apex(body))
    pipe = 2 * half_chord(x, 0 * y, (8.5, 1e6, 8.5)) * smooth_step(fork - y, 4)
    right = 2 * half_chord(x + 14, y - fork - 11, (22, 5.5, 6), -46)
    left = 2 * half_chord(x - 19, y - fork - 11, (26, 5.0, 5.5), 32)
    gas = 2 * half_chord(
        x - 62, y - (dome(body, pose) + body.dome_gap + 26), (1.5 * body.bubble + 1, body.bubble + 1, body.bubble + 1)
    )
    return (np.maximum.reduce([pipe, right, left]) + gas * smooth_step(dome(body, pose) + body.dome_gap + 32 - y, 3)).astype(
        np.float32
    )


@dataclass(frozen=True)
class Soft:
    """Thickness maps of the soft parts, and the lung field as a reader sees it (half the ray or more is air-filled lung)."""

    body: Array
    lung: Array
    heart: Array
    mediastinum: Array
    diaphragm: Array
    breast: Array
    air: Array
    cavity: Array


def soft_parts(grid: Grid) -> Soft:
    """All soft parts of a chest on a grid."""
    body, pose = grid.body, grid.pose
    x, y = grid.at(0)
    front = grid.at(0.22 * body.half_depth)
    half = cavity(body, x, y)
    limits = around(0, half)
    cardiac, middle = heart(body, pose, *front), vessels_of_the_middle(body, pose, x, y)
    forward = np.float32(0.22 * body.half_depth)
    below = diaphragm(body, pose, x, y)
    pieces = [around(forward, np.maximum(cardiac, middle)), below, aorta(body, pose, *grid.at(-48))]
    return Soft(
        body=trunk(body, pose, x, y),
        lung=2 * half - covered(pieces, limits),
        heart=2 * cardiac,
        mediastinum=2 * middle,
        diaphragm=covered([below], limits),
        breast=breasts(body, *grid.at(body.half_depth)),
        air=airways(body, pose, x, y),
        cavity=2 * half,
    )
