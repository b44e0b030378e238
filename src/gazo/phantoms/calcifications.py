"""Simulated mammograms with clusters of microcalcifications, and fundus photographs with microaneurysms: small spots with known places."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.seeds import generator

Floats = NDArray[np.float64]
PIXEL_MM = 0.1
LEAST_MM, LARGEST_MM = 0.3, 0.7  # diameters of the calcifications, full width at half maximum

Count = Annotated[int, Ge(1), Le(10_000), Label("画像数", "Images")]
Side = Annotated[int, Ge(96), Le(2048), Label("画像の大きさ", "Image size", "px")]
Ill = Annotated[float, Ge(0), Le(1), Label("病変のある画像の割合", "Share of images with lesions")]


@operation("微小石灰化の模擬マンモグラム", "Simulated microcalcifications", booklet=("C1", "C2"))
def calcification_images(
    *,
    seed: int,
    images: Count = 40,
    size_px: Side = 256,
    contrast: Annotated[
        float, Gt(0), Le(100), Label("石灰化のコントラスト (ノイズの標準偏差に対する倍率)", "Contrast, in SD of the noise")
    ] = 10.0,
    share: Ill = 0.7,
) -> ImageSet:
    """Bright spots of 0.3 to 0.7 mm in clusters of 4 to 10, on film-like noise, with what is taken for them; pixels of 0.1 mm.

    The background falls as f^-3 in power (Burgess et al., Med Phys 2001; 28: 419), the grain is white noise through a small blur. Distractors
    are bright ducts (lines), dust (single pixels) and soft densities (wide blobs). Two images a patient, both with a cluster or both
    without; the box of each spot is known. Values around 1000 in arbitrary units.

    Parameters
    ----------
    contrast : height of a spot over the standard deviation of the grain; spots differ by a factor 0.7 to 1.4.
    """
    made = [_mammogram(generator(seed, "calcifications", n), size_px, contrast, _ill(n // 2, share)) for n in range(images)]
    return _set(made, "calcification phantom", (PIXEL_MM, PIXEL_MM))


@operation("毛細血管瘤の模擬眼底画像", "Simulated microaneurysms", booklet="D4")
def microaneurysm_images(
    *,
    seed: int,
    images: Count = 40,
    size_px: Side = 256,
    contrast: Annotated[
        float, Gt(0), Le(100), Label("毛細血管瘤のコントラスト (ノイズの標準偏差に対する倍率)", "Contrast, in SD of the noise")
    ] = 3.0,
    share: Ill = 0.8,
) -> ImageSet:
    """Dark spots about 10 px across beside a tree of dark vessels, on an uneven background with noise; the place of each is known.

    Vessels part and grow thinner; some images have bright patches (exudates), whose gaps look like dark spots. One image a patient; spots
    never lie on a vessel. Values around 100, 8-bit like.

    Parameters
    ----------
    contrast : depth of a spot over the standard deviation of the noise; spots differ by a factor 0.7 to 1.4.
    """
    made = [_fundus(generator(seed, "microaneurysms", n), size_px, contrast, _ill(n, share)) for n in range(images)]
    return _set(made, "microaneurysm phantom", None, per_patient=1)


def _ill(number: int, share: float) -> bool:
    """Spread evenly over the numbers, so that the share is met in every part of the set."""
    return int((number + 1) * share) > int(number * share)


def _set(
    made: list[tuple[Floats, Floats]], name: str, spacing_mm: tuple[float, float] | None, *, per_patient: int = 2
) -> ImageSet:
    patients = [f"P{n // per_patient:04d}" for n in range(len(made))]
    pixels = np.stack([picture for picture, _ in made]).astype(np.float32)
    return ImageSet.from_arrays(pixels, patients=patients, boxes=[boxes for _, boxes in made], name=name, spacing_mm=spacing_mm)


def _mammogram(rng: np.random.Generator, size: int, contrast: float, ill: bool) -> tuple[Floats, Floats]:
    import cv2

    tissue = 40 * cloud(rng, size)
    grain = cv2.GaussianBlur(rng.normal(size=(size, size)), (0, 0), 0.7)
    grain *= 10 / grain.std()
    shapes = 10 * contrast * _spots(size, cluster := _cluster(rng, size) if ill else np.zeros((0, 4)))
    wide = np.column_stack([rng.uniform(0, size, (4, 2)), rng.uniform(6, 12, 4), rng.uniform(2, 4, 4)])
    dust = np.column_stack([rng.uniform(0, size, (4, 2)), np.full(4, 0.45), 6 * rng.uniform(0.8, 1.6, 4)])
    ducts = _lines(rng, size, 3, width=(0.8, 1.6)) * 60
    picture = 1000 + tissue + grain + shapes + 10 * _spots(size, wide) + 10 * _spots(size, dust) + ducts
    sides = 2.355 * cluster[:, 2]
    return picture, _boxes(cluster[:, :2], sides, size)


def _cluster(rng: np.random.Generator, size: int) -> Floats:
    """Row, column, sigma and relative height of the spots of one cluster, at least 1 mm apart."""
    margin = 50
    places: list[Floats] = []
    middle = rng.uniform(margin, size - margin, 2)
    wanted = int(rng.integers(4, 11))
    while len(places) < wanted:
        new = middle + rng.uniform(-32, 32, 2)
        if all(np.hypot(*(new - old)) >= 10 for old in places):
            places.append(new)
    sigma = rng.uniform(LEAST_MM, LARGEST_MM, wanted) / PIXEL_MM / 2.355
    return np.column_stack([places, sigma, rng.uniform(0.7, 1.4, wanted)])


def _fundus(rng: np.random.Generator, size: int, contrast: float, ill: bool) -> tuple[Floats, Floats]:
    import cv2

    noise = cv2.GaussianBlur(rng.normal(size=(size, size)), (0, 0), 1.0)
    vessels = _lines(rng, size, 6, width=(1.5, 4.0))
    bright = np.column_stack([rng.uniform(0, size, (6, 2)), rng.uniform(3, 7, 6), rng.uniform(0.5, 1.5, 6)])[
        : int(rng.integers(0, 7))
    ]
    places = _beside(rng, vessels > 0.02, int(rng.integers(3, 9)) if ill else 0)
    count = len(places)
    spots = np.column_stack([places, rng.uniform(3.0, 4.6, count), rng.uniform(0.7, 1.4, count)])
    sd = 3.0
    dark = sd * contrast * (_spots(size, spots, flat=True) + 1.3 * vessels)
    picture = 100 + 6 * cloud(rng, size) + sd * noise / noise.std() - dark + sd * contrast * _spots(size, bright)
    return picture, _boxes(spots[:, :2], 2 * spots[:, 2], size)


def _beside(rng: np.random.Generator, taken: NDArray[np.bool_], count: int) -> Floats:
    """Places at least 9 px from anything taken and 20 px from each other and the edge."""
    import cv2

    away = cv2.distanceTransform((~taken).astype(np.uint8), cv2.DIST_L2, 5)
    away[:20], away[-20:], away[:, :20], away[:, -20:] = 0, 0, 0, 0
    chosen: list[tuple[int, int]] = []
    free = away >= 9
    for _ in range(count):
        places = np.argwhere(free)
        if not len(places):
            break
        row, column = map(int, places[rng.integers(len(places))])
        chosen.append((row, column))
        free[max(0, row - 20) : row + 21, max(0, column - 20) : column + 21] = False
    return np.array(chosen, float).reshape(-1, 2)


def cloud(rng: np.random.Generator, size: int) -> Floats:
    """A field of mean 0 and standard deviation 1 whose power falls as f^-3."""
    u = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size))
    u[0, 0] = np.inf
    field = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(size, size))) * u**-1.5, (size, size))
    return np.asarray((field - field.mean()) / field.std())


def _spots(size: int, spots: Floats, *, flat: bool = False) -> Floats:
    """Rows of row, column, sigma, height as Gaussian spots, or as discs of radius sigma with soft edges."""
    picture = np.zeros((size, size))
    axis = np.arange(size)
    for row, column, sigma, height in spots:
        squared = ((axis - row)[:, None] ** 2 + (axis - column)[None] ** 2) / sigma**2
        picture += height * (1 / (1 + np.exp(4 * (np.sqrt(squared) - 1) * sigma / 2)) if flat else np.exp(-squared / 2))
    return picture


def _lines(rng: np.random.Generator, size: int, count: int, *, width: tuple[float, float]) -> Floats:
    """Winding lines from edge to edge that part once, height 1, with soft edges; widths are standard deviations across."""
    import cv2

    picture = np.zeros((size, size), np.float32)
    for _ in range(count):
        sigma = rng.uniform(*width)
        at, heading = rng.uniform(0, size, 2), rng.uniform(0, 2 * np.pi)
        for thinner in (1.0, 0.7):
            turn = np.cumsum(rng.normal(0, 0.08, size))
            steps = np.column_stack([np.sin(heading + turn), np.cos(heading + turn)])
            path = at + np.cumsum(steps, 0)
            line = np.zeros_like(picture)
            cv2.polylines(line, [np.rint(path[:, ::-1]).astype(np.int32)], False, 1.0)
            line = cv2.GaussianBlur(line, (0, 0), sigma * thinner) * np.float32(sigma * thinner * np.sqrt(2 * np.pi))
            np.maximum(picture, np.minimum(line, 1), out=picture)
            at, heading = path[size // 3], heading + turn[size // 3] + rng.choice([-0.7, 0.7])
    return picture.astype(np.float64)


def _boxes(places: Floats, sides: Floats, size: int) -> Floats:
    """x, y, width, height about places (row, column), inside the image; pixel 0 reaches from 0 to 1."""
    centre = places[:, ::-1] + 0.5
    low, high = np.clip(centre - sides[:, None] / 2, 0, size), np.clip(centre + sides[:, None] / 2, 0, size)
    return np.hstack([low, high - low])
