"""Simulated data sets to begin with: nothing to download, no patient behind them, and the truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.errors import OptionError, nearest
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text, language
from gazo.core.progress import OnEvent, quiet
from gazo.phantoms.study import ChestLoader, chest_images
from gazo.runs.sets import DataSet, keep, new_set_folder, now
from gazo.runs.sets_store import store
from gazo.runs.sets_table import FILE, write_base

_TURNS = {"up": 0, "left": 1, "down": 2, "right": 3}  # quarter turns against the clock, as the top of the image points
_SAID = Text(
    "シミュレーションで作成した画像です。実在する患者のものではありません。",
    "Simulated images; no patient stands behind them.",
)


@dataclass(frozen=True)
class Sample:
    """A set that can be simulated: its key, its name, what it is good for, and how large it is."""

    key: str
    name: Text
    about: Text
    patients: int
    size_px: int


SAMPLES = (
    Sample(
        "chest",
        Text("胸部 X 線画像 (サンプル)", "Chest radiographs (sample)"),
        Text(
            "結節の有無・性別・撮影方向の分類、肺野マスク、年齢の推定などを試せます。",
            "To try classification (nodule, sex, view), lung masks, estimation of age.",
        ),
        60,
        128,
    ),
    Sample(
        "directions",
        Text("胸部画像の向き (サンプル)", "Directions of chest images (sample)"),
        Text(
            "上下左右 4 方向の分類。はじめての学習に向いています。", "Classification of four directions; a good first training."
        ),
        40,
        64,
    ),
)


class _Chest:
    """Each radiograph simulated once, with its lungs, and kept: a reference is (key, "image" or "lungs", quarter turns)."""

    def __init__(self, images: ImageSet) -> None:
        loader = images.loader
        assert isinstance(loader, ChestLoader)
        self._loader = loader
        self._kept: dict[str, tuple[Image, Image]] = {}

    def __call__(self, reference: Any) -> Image:
        key, part, turns = reference
        if key not in self._kept:
            radiograph = self._loader.radiograph(key)
            self._kept[key] = radiograph.image, radiograph.lungs
        image = self._kept[key][part == "lungs"]
        return image.with_pixels(np.ascontiguousarray(np.rot90(image.pixels, turns)))

    def digest(self, reference: Any) -> str:
        return f"{self._loader.digest(reference[0])}-{reference[1:]}"


def add_sample(key: str, place: Path, *, seed: int = 0, on_event: OnEvent = quiet) -> DataSet:
    """Simulate a set and put it into the workspace. The same seed gives the same pixels."""
    sample = next((one for one in SAMPLES if one.key == key), None)
    if sample is None:
        hint = nearest(key, [one.key for one in SAMPLES])
        raise OptionError(
            "G-SET-030",
            en=f"there is no sample '{key}'. {hint.en}",
            ja=f"サンプル「{key}」はありません。{hint.ja}",
        )
    images = chest_images(seed=seed, patients=sample.patients, size_px=sample.size_px)
    loader = _Chest(images)
    id, making = new_set_folder(place)
    columns, roles = (_chest if key == "chest" else _directions)(images, loader, making, on_event)
    write_base(columns, making)
    found = DataSet(
        id=id, name=getattr(sample.name, language()), created=now(), origin="sample", folder=".", rows=len(columns[FILE]), roles=roles, said=(_SAID,), simulated=True
    )  # fmt: skip
    return keep(found, making, place)


def _patients(images: ImageSet) -> list[str]:
    """P0001 ... in the order they appear."""
    number: dict[Any, int] = {}
    return [f"P{number.setdefault(patient, len(number) + 1):04d}" for patient in images.role("patient")]


def _chest(images: ImageSet, loader: _Chest, making: Path, on_event: OnEvent) -> tuple[dict[str, Any], dict[str, str]]:
    keys = list(images.role("image"))
    stored = store(loader, [(key, "image", 0) for key in keys], making, on_event=on_event)
    masks = store(loader, [(key, "lungs", 0) for key in keys], making, start="mask")
    nodule = ["nodule" if cell else "normal" for cell in images.columns["nodule"]]
    columns = {FILE: stored.files, "label": nodule, "patient": _patients(images)}
    columns |= {name: list(images.columns[name]) for name in ("sex", "view", "age", "diameter_mm")}
    columns["lungs"] = masks.files
    return columns, {"label": "label", "patient": "patient", "mask": "lungs"}


def _directions(images: ImageSet, loader: _Chest, making: Path, on_event: OnEvent) -> tuple[dict[str, Any], dict[str, str]]:
    each = [(key, name) for key in images.role("image") for name in _TURNS]
    stored = store(loader, [(key, "image", _TURNS[name]) for key, name in each], making, on_event=on_event)
    patients = [patient for patient in _patients(images) for _ in _TURNS]
    return {FILE: stored.files, "label": [name for _, name in each], "patient": patients}, {
        "label": "label",
        "patient": "patient",
    }
