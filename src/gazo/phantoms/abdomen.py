"""Simulated abdominal CT, slices or small volumes, with liver, kidneys and spleen as they truly are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.imageset import ImageSet, as_column
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.seeds import generator

VERSION = 1
ORGANS = ("liver", "kidneys", "spleen")

Size = Annotated[int, Ge(32), Le(512), Label("画像の大きさ", "Image size", "px")]
Planes = Annotated[int, Ge(1), Le(128), Label("スライス数 (1 = 平面画像)", "Slices (1 = flat images)")]
Field = Annotated[float, Gt(250), Le(600), Label("視野", "Field of view", "mm")]
Thickness = Annotated[float, Gt(0), Le(20), Label("スライス間隔", "Distance of slices", "mm")]
Noise = Annotated[float, Ge(0), Le(200), Label("ノイズの標準偏差", "Noise, standard deviation", "HU")]
PatientCount = Annotated[int, Ge(1), Le(10_000), Label("患者数", "Patients")]
PerPatient = Annotated[int, Ge(1), Le(50), Label("患者あたりの画像数", "Images of a patient")]


@dataclass(frozen=True, eq=False)
class AbdominalCT:
    """A simulated slice or volume in HU, portal venous phase, and all that is true of it.

    organs : labels (uint8): 1 liver, 2 kidneys, 3 spleen.
    truth : volume (area for a slice) of each organ in mL (mm²), by name.
    """

    image: Image
    organs: Image
    truth: dict[str, float] = field(repr=False)


@dataclass(frozen=True)
class _Ellipsoid:
    """Centre and half-axes in mm: right on the picture, to the back, to the feet; turned in the plane of the slice."""

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    turn_deg: float = 0.0

    def holds(self, x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> NDArray[np.bool_]:
        """Which points lie inside."""
        turn = np.deg2rad(self.turn_deg)
        dx, dy, dz = x - self.centre[0], y - self.centre[1], z - self.centre[2]
        along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        r = self.radii
        return np.asarray((along / r[0]) ** 2 + (across / r[1]) ** 2 + (dz / r[2]) ** 2 <= 1)


@operation("腹部 CT シミュレーション", "Abdominal CT simulation", booklet="C3")
def abdominal_ct(
    *,
    rng: np.random.Generator,
    size_px: Size = 128,
    planes: Planes = 1,
    field_mm: Field = 380.0,
    thickness_mm: Thickness = 5.0,
    noise_hu: Noise = 15.0,
    centre_mm: Annotated[
        float, Ge(-60), Le(60), Label("中心の高さ (足側が正)", "Height of the middle, feet positive", "mm")
    ] = 0.0,
) -> AbdominalCT:
    """Draw a patient and give slices from the upper abdomen.

    Organs are ellipsoids of random size, place and turn; the patient's right is at the left of the picture. Around them are fat,
    muscle, spine, aorta, stomach with gas and bowel. Liver and spleen are about equally bright, so that the place has to be known.
    Noise is correlated over about two pixels. Not modelled: partial volumes along the body, disease, breathing.

    Parameters
    ----------
    planes : 1 gives a flat image (rows, columns), more a volume (planes, rows, columns).
    """
    pixel = field_mm / size_px
    axis = (np.arange(size_px) - (size_px - 1) / 2) * pixel
    z = centre_mm + (np.arange(planes) - (planes - 1) / 2) * thickness_mm
    grid = z[:, None, None], axis[None, :, None], axis[None, None, :]
    body = _draw(rng)
    values, labels = _drawn(body, grid[2], grid[1], grid[0], rng)
    pixels = _seen(values, noise_hu, rng)
    spacing = (thickness_mm, pixel, pixel)
    flat = planes == 1
    kept, shown = (spacing[1:], (pixels[0], labels[0])) if flat else (spacing, (pixels, labels))
    facts: dict[str, Any] = {"modality": "CT", "orientation": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)}
    each = float(np.prod(kept)) / (1 if flat else 1000)
    truth = {name: float((labels == n).sum()) * each for n, name in enumerate(ORGANS, 1)}
    return AbdominalCT(
        Image(shown[0], kept, meaning="HU", unit="HU", window=(40.0, 400.0), **facts), Image(shown[1], kept, meaning="mask", **facts), truth
    )  # fmt: skip


def _draw(rng: np.random.Generator) -> dict[str, Any]:
    """A patient: the size of the trunk, and each part as ellipsoids in mm with its brightness in HU."""

    def part(centre: tuple[float, ...], radii: tuple[float, ...], turn: float = 0.0) -> _Ellipsoid:
        moved = np.array(centre) + rng.normal(0, 5, 3)
        grown = np.array(radii) * np.exp(rng.normal(0, 0.08, 3))
        return _Ellipsoid(tuple(size * moved), tuple(size * grown), turn + rng.normal(0, 8))

    size = float(np.exp(rng.normal(0, 0.06)))
    parts = {
        "liver": [part((-68, -12, -25), (68, 68, 80), 15), part((-8, -48, -35), (62, 32, 45), -8)],
        "spleen": [part((96, 30, -30), (26, 44, 50), -25)],
        "kidneys": [part((-58, 52, 30), (24, 29, 54), 25), part((62, 50, 22), (24, 29, 54), -25)],
    }
    return {
        "size": size,
        "width": 165 * size,
        "depth": 118 * size,
        "fat": float(rng.uniform(10, 28)),
        "parts": parts,
        "values": {"liver": rng.normal(110, 8), "spleen": rng.normal(118, 8), "kidneys": rng.normal(185, 15)},
        "stomach": part((52, -48, -35), (42, 34, 42)),
        "bowel": [part((rng.uniform(-90, 90), rng.uniform(-70, 20), rng.uniform(0, 70)), (20, 18, 22)) for _ in range(9)],
    }


def _drawn(
    body: dict[str, Any], x: NDArray[Any], y: NDArray[Any], z: NDArray[Any], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Values in HU and labels on the grid, without noise."""
    size, shape = body["size"], np.broadcast_shapes(x.shape, y.shape, z.shape)
    wide, deep, fat = body["width"], body["depth"], body["fat"]

    def trunk(less: float) -> NDArray[np.bool_]:
        inside = (np.abs(x) / (wide - less)) ** 2.3 + (np.abs(y) / (deep - less)) ** 2.3 <= 1
        return np.broadcast_to(inside, shape)

    values = np.full(shape, -1000.0, np.float32)
    values[trunk(0)] = -100
    values[trunk(fat)] = 60
    inner = trunk(fat + 12)
    values[inner] = -95
    for loop in body["bowel"]:
        values[inner & loop.holds(x, y, z)] = 35
    stomach = inner & body["stomach"].holds(x, y, z)
    values[stomach] = 20
    values[stomach & np.broadcast_to(y < body["stomach"].centre[1] - 12, shape)] = -950
    labels = np.zeros(shape, np.uint8)
    for label, name in enumerate(ORGANS, 1):
        for piece in body["parts"][name]:
            own = inner & piece.holds(x, y, z) & (labels == 0)
            values[own], labels[own] = body["values"][name] + 6 * np.float32(rng.normal()), label
    spine = np.broadcast_to((x / (22 * size)) ** 2 + ((y - 0.62 * deep) / (20 * size)) ** 2 <= 1, shape)
    aorta = np.broadcast_to((x - 12 * size) ** 2 + (y - 0.34 * deep) ** 2 <= (11 * size) ** 2, shape)
    values[spine], labels[spine] = 350, 0
    values[aorta], labels[aorta] = 150, 0
    return values, labels


def _seen(values: NDArray[np.float32], noise_hu: float, rng: np.random.Generator) -> NDArray[np.int16]:
    """Blurred as by a soft kernel, with noise of the wanted standard deviation, whole HU."""
    from scipy.ndimage import gaussian_filter

    grain = gaussian_filter(rng.normal(0, 1, values.shape).astype(np.float32), (0, 0.8, 0.8))
    grain *= np.float32(noise_hu / max(float(grain.std()), 1e-6))
    return np.asarray(np.rint(np.clip(gaussian_filter(values, (0, 0.6, 0.6)) + grain, -1024, 3071)), np.int16)


@dataclass(frozen=True)
class AbdomenLoader:
    """Simulates the image behind a key such as "0007_2"; "0007_2/organs" is its mask. Picklable."""

    heights: Mapping[str, float]
    seed: int
    size_px: int
    planes: int
    field_mm: float
    thickness_mm: float
    noise_hu: float

    def __call__(self, reference: Any) -> Image:
        key, _, part = str(reference).partition("/")
        patient = key.partition("_")[0]
        made = abdominal_ct(
            rng=generator(self.seed, "abdomen", patient), size_px=self.size_px, planes=self.planes, field_mm=self.field_mm,
            thickness_mm=self.thickness_mm, noise_hu=self.noise_hu, centre_mm=self.heights[key],
        )  # fmt: skip
        image = made.organs if part else made.image
        return image.with_pixels(image.pixels, patient=patient)

    def digest(self, reference: Any) -> str:
        """SHA-256 of everything the pixels are computed from; equal digests mean equal pixels."""
        key = str(reference).partition("/")[0]
        recipe = (
            VERSION,
            self.seed,
            self.size_px,
            self.planes,
            self.field_mm,
            self.thickness_mm,
            self.noise_hu,
            self.heights[key],
        )
        return hashlib.sha256(repr((*recipe, str(reference))).encode()).hexdigest()


@operation("腹部 CT の模擬データ", "Simulated abdominal images", booklet="C3")
def abdominal_images(
    *,
    seed: int,
    patients: PatientCount = 20,
    images_per_patient: PerPatient = 3,
    size_px: Size = 96,
    planes: Planes = 1,
    field_mm: Field = 380.0,
    thickness_mm: Thickness = 5.0,
    noise_hu: Noise = 15.0,
) -> ImageSet:
    """A set of `abdominal_ct` whose images are simulated when asked for; nothing is stored.

    Columns: file (key of the image), patient_id, organs (key of the mask). Roles: image, patient, mask = organs. The images of a
    patient are slices (or volumes) about different heights, 35 mm to either side of the kidneys' upper half.
    """
    heights = {
        f"{patient:04d}_{n}": float(generator(seed, "height", patient, n).uniform(-35, 35))
        for patient in range(1, patients + 1)
        for n in range(1, images_per_patient + 1)
    }
    loader = AbdomenLoader(heights, seed, size_px, planes, field_mm, thickness_mm, noise_hu)
    keys = list(heights)
    columns = {
        "file": as_column(keys),
        "patient_id": as_column([key.partition("_")[0] for key in keys]),
        "organs": as_column([f"{key}/organs" for key in keys]),
    }
    roles: Any = {"image": "file", "patient": "patient_id", "mask": "organs"}
    return ImageSet(columns, roles, loader, name="abdomen phantom")
