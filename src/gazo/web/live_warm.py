"""Compilers and heavy imports out of the way before the first slider is touched. Runs in a process that learns nothing and needs no torch."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.runs.inputs import image_operations, inputs_of
from gazo.runs.steps import applied, chain_step

_SIDE = 96
_warmed: set[str] = set()
_lock = threading.Lock()


def warm_up(names: Sequence[str]) -> threading.Thread | None:
    """Run operations once on a small image in the background; what was run before is not run again."""
    with _lock:
        fresh = [name for name in dict.fromkeys(names) if name not in _warmed]
        _warmed.update(fresh)
    if not fresh:
        return None
    thread = threading.Thread(target=_run_all, args=(fresh,), daemon=True, name="warm-up")
    thread.start()
    return thread


def _run_all(names: Sequence[str]) -> None:
    image = _small()
    for entry in image_operations():
        others = [one for one in inputs_of(entry)[1:] if one.required]
        if entry.name not in names or not all(one.is_image for one in others):
            continue
        try:
            applied([chain_step(entry.name, {})], image, {one.name: image for one in others}, seed=0)
        except (GazoError, ValueError, ArithmeticError):
            continue  # some need a real radiograph; their kernels are loaded all the same


def _small() -> Image:
    """A soft blob with noise, of the type most images have."""
    rows, columns = np.mgrid[:_SIDE, :_SIDE] / _SIDE - 0.5
    values = 3000 * np.exp(-8 * (rows**2 + columns**2)) + np.random.default_rng(0).normal(300, 20, (_SIDE, _SIDE))
    return Image(np.clip(values, 0, 4095).astype(np.uint16), spacing_mm=(1.0, 1.0))
