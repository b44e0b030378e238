"""D14: planted shifts, copies, outliers and rare classes among training lesions are reported; a clean set is silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.runs.proof import Proof, proof

IMAGES, SIDE, CLEAN_SETS = 80, 64, 5
Arrays = NDArray[np.float32]
# What is planted, and the kinds of findings that must be among those reported; nothing else may be reported with it.
PLANTED: dict[str, tuple[Text, set[str], set[str]]] = {
    "size": (Text("病変が対象データの 1.6 倍の大きさ", "lesions 1.6 times as large as in the target data"), {"shift"}, set()),
    "contrast": (Text("病変のコントラストが 2.5 倍", "lesions of 2.5 times the contrast"), {"shift"}, set()),
    "level": (Text("画素値の平均が高い", "a higher mean of pixel values"), {"shift"}, set()),
    "copies": (Text("別の患者・ラベルとして同じ画像 4 組", "four images filed twice, as other patients and labels"), {"copies", "copies-across-patients", "copies-across-labels"}, set()),
    "near copies": (Text("明るさと雑音を変えた複製 4 組", "four copies with other brightness and noise"), {"copies", "copies-across-patients", "copies-across-labels"}, set()),
    "outliers": (Text("露光過度の画像 2 枚", "two over-exposed images"), {"outlier-mean"}, {"outlier-contrast"}),
    "rare class": (Text("一方のクラスの患者が 4 人", "one class with four patients"), {"class-few"}, set()),
    "one class": (Text("クラスが 1 つ", "a single class"), {"one-class"}, set()),
    "empty images": (Text("何も写っていない画像 2 枚", "two blank images"), {"blank"}, {"outlier-mean", "outlier-contrast", "copies", "copies-across-patients", "copies-across-labels"}),
}  # fmt: skip


@proof("D14", ja="仕込んだ偏り・複製・外れ値の検出", en="Planted shifts, copies and outliers")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Simulated lesions with one planted fault each, checked against target data from the same simulation; and five clean sets."""
    rows = [*_planted_rows(seed, on_event), *_clean_rows(seed, on_event)]
    wrong = [row for row in rows if row[-1] != "ok"]
    alarms = sum(row[-1] != "ok" for row in rows[len(PLANTED) :])
    measured = {"planted": len(PLANTED), "missed": len(wrong) - alarms, "clean_sets": CLEAN_SETS, "false_alarms": alarms}
    headings = (
        Text("仕込んだもの", "Planted"),
        Text("見つけるべきもの", "Wanted"),
        Text("報告", "Reported"),
        Text("判定", "Verdict"),
    )
    table = Table(Text("学習用病変データの点検", "Check of the training lesions"), headings, tuple(rows))
    bar = Text(
        "仕込んだものをすべて報告し、問題のないデータでは何も報告しない",
        "everything planted is reported, and nothing for clean sets",
    )
    return Proof("D14", not wrong, measured, bar, table)


def _planted_rows(seed: int, on_event: OnEvent) -> Iterator[tuple[Any, ...]]:
    for name in counted(list(PLANTED), Text("仕込んだデータ", "Planted sets"), on_event):
        words, wanted, allowed = PLANTED[name]
        found = _found(_spoilt(name, generator(seed, "D14", name)), _set(*_lesions(generator(seed, "D14", name, "target"))))
        verdict = "ok" if wanted <= found <= wanted | allowed else "missed"
        yield words, ", ".join(sorted(wanted)), ", ".join(sorted(found)), verdict


def _clean_rows(seed: int, on_event: OnEvent) -> Iterator[tuple[Any, ...]]:
    for number in counted(range(CLEAN_SETS), Text("問題のないデータ", "Clean sets"), on_event):
        here, target = (_set(*_lesions(generator(seed, "D14", "clean", number, part))) for part in ("here", "target"))
        found = _found(here, target)
        yield Text("なし", "nothing"), "", ", ".join(sorted(found)), "false alarm" if found else "ok"


def _found(images: ImageSet, target: ImageSet) -> set[str]:
    from gazo.datasets.checks import check

    return {finding.code for finding in check(images, reference=target).findings}


def _lesions(rng: np.random.Generator, *, size: float = 1.0, contrast: float = 1.0, level: float = 0.0) -> tuple[Arrays, Any]:
    """Smooth backgrounds with a bright lesion each, (n, rows, columns), and the boxes (left, top, width, height) of the lesions."""
    from scipy.ndimage import gaussian_filter

    rough = rng.normal(size=(IMAGES, SIDE, SIDE))
    field = gaussian_filter(rough, (0, 6, 6))
    field = 1000 + level + 100 * field / field.std() + 20 * rng.normal(size=rough.shape)
    field += rng.normal(0, 30, (IMAGES, 1, 1))  # exposures differ a little
    radius = rng.uniform(4, 7, IMAGES) * size
    centre = rng.uniform(22, 42, (IMAGES, 2))
    y, x = np.mgrid[:SIDE, :SIDE]
    away = np.hypot(y - centre[:, :1, None], x - centre[:, 1:, None]) / radius[:, None, None]
    field += rng.uniform(80, 160, (IMAGES, 1, 1)) * contrast * (away <= 1)
    boxes = [[[c - r, t - r, 2 * r, 2 * r]] for (t, c), r in zip(centre, radius, strict=True)]
    return field.astype(np.float32), boxes


def _set(arrays: Arrays, boxes: Any, labels: Any = None, patients: Any = None) -> ImageSet:
    """Two classes, taken in turn, and a patient for each image."""
    n = len(arrays)
    labels = ["benign" if row % 2 else "malignant" for row in range(n)] if labels is None else labels
    images = ImageSet.from_arrays(arrays, labels, range(n) if patients is None else patients)
    return images.with_column("boxes", boxes, role="boxes")


def _spoilt(name: str, rng: np.random.Generator) -> ImageSet:
    """A set with one kind of fault."""
    spoil: dict[str, Callable[[], ImageSet]] = {
        "size": lambda: _set(*_lesions(rng, size=1.6)),
        "contrast": lambda: _set(*_lesions(rng, contrast=2.5)),
        "level": lambda: _set(*_lesions(rng, level=60.0)),
        "copies": lambda: _with_copies(rng, gain=1.0, noise=0.0),
        "near copies": lambda: _with_copies(rng, gain=1.1, noise=5.0),
        "outliers": lambda: _changed(rng, lambda picture: picture * 3),
        "rare class": lambda: _set(*_lesions(rng), labels=["malignant" if row < 4 else "benign" for row in range(IMAGES)]),
        "one class": lambda: _set(*_lesions(rng), labels=["benign"] * IMAGES),
        "empty images": lambda: _changed(rng, np.zeros_like),
    }
    return spoil[name]()


def _with_copies(rng: np.random.Generator, *, gain: float, noise: float) -> ImageSet:
    """Rows 1, 3, 5 and 7 show what rows 0, 2, 4 and 6 show, under another patient and label."""
    arrays, boxes = _lesions(rng)
    for row in (0, 2, 4, 6):
        arrays[row + 1] = 1000 + gain * (arrays[row] - 1000) + noise * rng.normal(size=(SIDE, SIDE))
        boxes[row + 1] = boxes[row]
    return _set(arrays, boxes)


def _changed(rng: np.random.Generator, change: Callable[[Arrays], Arrays]) -> ImageSet:
    """The first two images changed."""
    arrays, boxes = _lesions(rng)
    arrays[:2] = change(arrays[:2])
    return _set(arrays, boxes)
