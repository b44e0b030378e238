"""Radiomic features of 1,000 synthetic cases on all cores: cases a second, memory, and the same table after an interruption.

Run as `python benchmarks/radiomics_cases.py [cases]`.
"""

import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from heading import print_heading

from gazo.core import Image, ImageSet
from gazo.core.progress import Cancelled, Event
from gazo.radiomics import extract

OPTIONS = {
    "preset": "ct-soft",
    "families": ("morphology", "statistics", "histogram", "glcm", "glrlm"),
    "filters": ("log:sigma_mm=2",),
}
SHAPE, SPACING = (24, 64, 64), (3.0, 1.0, 1.0)


@dataclass(frozen=True)
class Synthetic:
    """Makes the volume or the mask of a case when it is asked for."""

    def __call__(self, reference: str) -> Image:
        number, part = reference.split("/")
        rng = np.random.default_rng(int(number))
        radius = rng.uniform(10, 16)
        z, y, x = np.indices(SHAPE)
        inside = ((z - 12) * 3) ** 2 + (y - 32) ** 2 + (x - 32) ** 2 <= radius**2
        if part == "mask":
            return Image(inside.astype(np.uint8), spacing_mm=SPACING, meaning="mask")
        return Image(np.round(rng.normal(0, 15, SHAPE) + 60 * inside).astype(np.int16), spacing_mm=SPACING, meaning="HU")

    def digest(self, reference: str) -> str:
        return reference


def study(cases: int) -> ImageSet:
    columns = {part: np.array([f"{n}/{part}" for n in range(cases)], object) for part in ("image", "mask")}
    return ImageSet(columns, {"image": "image", "mask": "mask"}, Synthetic())


class Memory:
    """Resident memory of this process and its workers, sampled."""

    def __init__(self) -> None:
        self.samples: list[float] = []
        self.done = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self.done.wait(0.5):
            total = 0
            for process in (own, *own.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.samples.append(total / 2**20)

    def told(self) -> str:
        self.done.set()
        quarter = max(1, len(self.samples) // 4)
        middle, last = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        return f"second quarter {np.mean(middle):.0f} MiB, last quarter {np.mean(last):.0f} MiB, most {max(self.samples):.0f} MiB"


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print_heading("numpy", "scipy", "numba")
    images = study(cases)

    def stop(event: Event) -> None:
        if event.done >= cases // 2:
            raise Cancelled

    with tempfile.TemporaryDirectory() as folder:
        home, memory, start = Path(folder), Memory(), time.perf_counter()
        whole = extract(images, workspace=home / "whole", **OPTIONS)
        seconds = time.perf_counter() - start
        print(f"{cases} cases, {len(whole.features.headings) - 4} features each: {seconds:.0f} s, {cases / seconds:.2f} cases/s")
        print("memory of all processes:", memory.told())
        try:
            extract(images, workspace=home / "halves", on_event=stop, **OPTIONS)
        except Cancelled:
            kept = sum(1 for _ in (home / "halves" / "cache" / "radiomics").iterdir())
        start = time.perf_counter()
        resumed = extract(images, workspace=home / "halves", **OPTIONS)
        print(
            f"interrupted with {kept} cases done, then {time.perf_counter() - start:.0f} s; same table: {resumed.features == whole.features}"
        )
        start = time.perf_counter()
        again = extract(images, workspace=home / "halves", **OPTIONS)
        print(f"all from the cache: {time.perf_counter() - start:.0f} s; same table: {again.features == whole.features}")


if __name__ == "__main__":
    main()
