"""Circular regions: where they lie (given, or laid out round the centre of a CT phantom) and which pixels they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.core.results import Table
from gazo.quality.inputs import Mask, Plane, column, numbers, spacing

# Distance from the centre and radius (mm), and angle (degrees, clockwise from the right) of each region. The layout of the Catphan 504
# modules as pylinac 3.49 uses it; the circles of its result in tests/quality come out of these numbers.
CTP404 = (58.7, 5.0, {"Air": -90, "PMP": -120, "LDPE": 180, "Poly": 120, "Acrylic": 60, "Delrin": 0, "Teflon": -60})
CTP486 = (53.0, 10.0, {"Top": -90, "Right": 0, "Bottom": 90, "Left": 180})
BODY_HU = -400.0  # between air and the plastics of a phantom


@dataclass(frozen=True)
class Circle:
    """A named circle in pixels; the centre of the first pixel is (0, 0)."""

    name: str
    x: float
    y: float
    radius: float


def circles_of(table: Table) -> tuple[Circle, ...]:
    """Circles from a table with the columns name, x, y, radius (pixels)."""
    places = zip(numbers(table, "x"), numbers(table, "y"), numbers(table, "radius"), strict=True)
    return tuple(Circle(str(n), float(x), float(y), float(r)) for n, (x, y, r) in zip(column(table, "name"), places, strict=True))


def laid_out(image: Image, pixels: Plane, module: str, roll_deg: float) -> tuple[Circle, ...]:
    """The circles of a Catphan module round the centre of the phantom, which is found as the middle of what is denser than air."""
    rows_mm, columns_mm = spacing(image)
    x, y = centre_of_body(pixels)
    distance, radius, angles = CTP404 if module == "ctp404" else CTP486
    turned = {name: np.deg2rad(angle + roll_deg) for name, angle in angles.items()}
    found = [
        Circle(name, x + distance / columns_mm * np.cos(a), y + distance / rows_mm * np.sin(a), radius / columns_mm)
        for name, a in turned.items()
    ]
    return (*found, Circle("Center", x, y, radius / columns_mm)) if module == "ctp486" else tuple(found)


def centre_of_body(pixels: Plane) -> tuple[float, float]:
    """x and y of the middle of the largest object denser than air, holes filled: the centre of its bounding box."""
    from scipy.ndimage import binary_fill_holes, find_objects, label

    filled = binary_fill_holes(pixels > BODY_HU)
    numbered, count = label(filled)
    if count == 0:
        raise ImageError(
            "G-QUA-318",
            en=f"a phantom denser than {BODY_HU:g} HU must be in the slice; nothing is. Check the rescale slope, or give the circles as a table.",
            ja=f"断面に {BODY_HU:g} HU より高いファントムが写っている必要がありますが、見つかりません。リスケール値を確認するか、円を表で指定してください。",
        )
    largest = int(np.argmax(np.bincount(numbered.ravel())[1:]))
    rows, columns = find_objects(numbered)[largest]
    return (columns.start + columns.stop - 1) / 2, (rows.start + rows.stop - 1) / 2


def disc(circle: Circle, shape: tuple[int, ...]) -> Mask:
    """The pixels whose centres lie inside the circle; a circle that leaves the image is refused."""
    outside = min(circle.x, circle.y) - circle.radius < -0.5 or circle.x + circle.radius > shape[1] - 0.5
    if outside or circle.y + circle.radius > shape[0] - 0.5 or circle.radius <= 0:
        raise ImageError(
            "G-QUA-319",
            en=f"every circle must lie inside the image; '{circle.name}' at ({circle.x:.1f}, {circle.y:.1f}) with radius {circle.radius:.1f} px does not. "
            "Correct its place or the centre of the phantom.",
            ja=f"円はすべて画像の内側になければなりません。「{circle.name}」({circle.x:.1f}, {circle.y:.1f})、半径 {circle.radius:.1f} 画素がはみ出しています。"
            "位置またはファントムの中心を直してください。",
        )
    y, x = np.ogrid[: shape[0], : shape[1]]
    inside: Mask = (x - circle.x) ** 2 + (y - circle.y) ** 2 < circle.radius**2
    return inside


def discs(circles: tuple[Circle, ...], shape: tuple[int, ...]) -> Iterator[tuple[Circle, Mask]]:
    """Each circle with its pixels."""
    for circle in circles:
        yield circle, disc(circle, shape)
