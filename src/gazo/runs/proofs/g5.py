"""G5: masks and boxes move with the image, the movement is the one that was drawn, and implausible settings warn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.metrics import dice
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.runs.proof import Proof, proof

SIDE, CASES = 128, 60
BARS = {"dice_least": 0.97, "box_worst_px": 1.5, "centre_worst_px": 0.5, "resampling_worst": 1e-3}
# One setting beyond each limit; each must bring at least one warning, and the defaults none.
IMPLAUSIBLE: tuple[dict[str, Any], ...] = (
    {"rotation_deg": 90.0},
    {"translation_percent": 40.0},
    {"scale_percent": 60.0},
    {"contrast_percent": 80.0},
    {"gamma_percent": 200.0},
    {"noise_percent": 150.0},
    {"blur_px": 10.0},
    {"erase_percent": 80.0},
    {"flip": "horizontal"},
    {"flip": "vertical"},
)


@proof("G5", ja="マスク・枠・画像が同じだけ動くか", en="Do masks and boxes move with the image")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Sixty rectangles are turned, moved, scaled and flipped; image, mask and box are compared with each other and with SciPy."""
    from gazo.training.augment import Augmentation, implausible

    images, boxes = _rectangles(seed)
    varied = Augmentation(
        rotation_deg=30, translation_percent=10, scale_percent=20, flip="both", gamma_percent=0, contrast_percent=0, edge="zeros"
    )
    drawn = varied.draw(CASES, size_px=SIDE, generator=generator(seed, "G5", "draw"))
    measured: dict[str, Any] = _compared(drawn, images, boxes)
    silent = [str(given) for given in IMPLAUSIBLE if not implausible(Augmentation(**given))]
    measured |= {"implausible_without_warning": len(silent), "warnings_for_defaults": len(implausible(Augmentation()))}
    passed = measured["dice_least"] >= BARS["dice_least"] and not silent and not measured["warnings_for_defaults"]
    passed = passed and all(measured[name] <= bar for name, bar in BARS.items() if name != "dice_least")
    return Proof("G5", bool(passed), measured, _bar(), _table(measured))


def _rectangles(seed: int) -> tuple[NDArray[np.float32], list[NDArray[np.float64]]]:
    """Bright upright rectangles near the middle of dark images, (n, rows, columns), and their boxes (x0, y0, x1, y1)."""
    rng = generator(seed, "G5", "rectangles")
    corners = rng.integers(44, 58, (CASES, 2))
    boxes = np.hstack([corners, corners + rng.integers(12, 24, (CASES, 2))]).astype(float)
    images = np.zeros((CASES, SIDE, SIDE), np.float32)
    for image, (x0, y0, x1, y1) in zip(images, boxes.astype(int), strict=True):
        image[y0:y1, x0:x1] = 1
    return images, [box[None] for box in boxes]


def _compared(drawn: Any, images: NDArray[np.float32], boxes: list[NDArray[np.float64]]) -> dict[str, float]:
    import torch

    given = torch.from_numpy(images[:, None])
    moved, masks = drawn.apply(given)[:, 0].numpy(), drawn.apply_masks(given)[:, 0].numpy() > 0.5
    moved_boxes = drawn.apply_boxes(boxes)
    expected = [_moved_by_scipy(image, matrix) for image, matrix in zip(images, drawn.matrices, strict=True)]
    return {
        "dice_least": min(dice(mask, image > 0.5) for mask, image in zip(masks, moved, strict=True)),
        "box_worst_px": max(float(np.abs(_box(m) - b[0]).max()) for m, b in zip(masks, moved_boxes, strict=True)),
        "centre_worst_px": max(_centre_error(m, b[0], a) for m, b, a in zip(masks, boxes, drawn.matrices, strict=True)),
        "resampling_worst": max(float(np.abs(image - other).max()) for image, other in zip(moved, expected, strict=True)),
    }


def _moved_by_scipy(image: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same movement by another library: `affine_transform` looks from the new pixel back to the old one, rows first."""
    from scipy import ndimage

    back = np.linalg.inv(matrix[:, :2])[::-1, ::-1]
    middle = np.full(2, (SIDE - 1) / 2)
    return np.asarray(ndimage.affine_transform(image, back, middle - back @ (middle + matrix[::-1, 2]), order=1))


def _box(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], float)


def _centre_error(mask: NDArray[np.bool_], box: NDArray[np.float64], matrix: NDArray[np.float64]) -> float:
    """Distance of the centre of the moved mask from where the drawn movement sends the centre of the box."""
    from scipy import ndimage

    centre = (box[:2] + box[2:]) / 2 - SIDE / 2
    wanted = matrix[:, :2] @ centre + matrix[:, 2] + SIDE / 2
    row, column = ndimage.center_of_mass(mask)
    return float(np.hypot(column + 0.5 - wanted[0], row + 0.5 - wanted[1]))


def _table(measured: dict[str, Any]) -> Table:
    names = {
        "dice_least": Text("画像とマスクの重なり (Dice、最小)", "Overlap of image and mask (Dice, least)"),
        "box_worst_px": Text("マスクの外接枠と枠の差 (最大、px)", "Box of the mask against the moved box (largest, px)"),
        "centre_worst_px": Text("中心の位置の差 (最大、px)", "Centre against the drawn movement (largest, px)"),
        "resampling_worst": Text("SciPy による変換との差 (最大)", "Against the same movement by SciPy (largest)"),
        "implausible_without_warning": Text("警告のない不自然な設定", "Implausible settings without warning"),
        "warnings_for_defaults": Text("既定の設定への警告", "Warnings for the defaults"),
    }
    rows = tuple((words, measured[name], BARS.get(name, 0)) for name, words in names.items())
    headings = (Text("量", "Quantity"), Text("値", "Value"), Text("基準", "Bar"))
    return Table(Text("データ拡張", "Augmentation"), headings, rows)


def _bar() -> Text:
    return Text(
        ja="画像とマスクの Dice 0.97 以上、枠の差 1.5 px 以下、中心の差 0.5 px 以下、SciPy との差 1e-3 以下。不自然な設定には必ず警告、既定では警告なし",
        en="Dice of image and mask at least 0.97, boxes within 1.5 px, centres within 0.5 px, SciPy within 1e-3; every implausible setting warns, the defaults do not",
    )
