"""gazo (画像): a workbench for medical-image research, the same from Python, the command line and recipes.

Rooms are imported when they are first used, so ``import gazo`` costs little and never loads torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_ROOMS = ("core", "stats", "nets", "process", "quality", "io", "phantoms", "datasets", "training", "learn", "radiomics", "runs")
_FROM = {
    "read": "gazo.io",
    "read_table": "gazo.io",
    "read_folder": "gazo.io",
    "read_npz": "gazo.io",
    "read_dicom": "gazo.io",
    "read_masks": "gazo.io",
    "write": "gazo.io",
    "write_mask": "gazo.io",
    "figure": "gazo.runs",
    "load": "gazo.learn",
    "Image": "gazo.core",
    "ImageSet": "gazo.core",
    "Curve": "gazo.core",
    "GazoError": "gazo.core",
    "operation": "gazo.core",
    "method": "gazo.core",
}
__all__ = sorted([*_ROOMS, *_FROM])

if TYPE_CHECKING:
    from gazo import core, datasets, io, learn, nets, phantoms, process, quality, radiomics, runs, stats, training
    from gazo.core import Curve, GazoError, Image, ImageSet, method, operation
    from gazo.io import read, read_dicom, read_folder, read_masks, read_npz, read_table, write, write_mask
    from gazo.learn import load
    from gazo.runs import figure


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"gazo.{name}")
    if name in _FROM:
        return getattr(importlib.import_module(_FROM[name]), name)
    raise AttributeError(f"module 'gazo' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
