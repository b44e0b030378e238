"""A folder of simulated radiographs through a chain: images a second with one and two workers, and peak memory over that of a tenth."""

import argparse
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from heading import print_heading

from gazo.core import Image
from gazo.io import write
from gazo.runs.batch import process_files
from gazo.runs.given import Given
from gazo.runs.image_files import Files, Opening, files_at
from gazo.runs.processed import chain_recipe, job_of, named_cases, storing
from gazo.runs.steps import chain_step


def radiographs(folder: Path, count: int, side: int) -> Files:
    """16-bit images of a smooth body with noise, each another one."""
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:side, :side] / side - 0.5
    body = 20_000 * np.exp(-(row**2 + 1.5 * column**2) * 8)
    noise = rng.normal(size=(side, side))
    for number in range(count):
        pixels = body + 80 * np.roll(noise, (7 * number, 13 * number), (0, 1))
        write(
            Image(np.clip(pixels, 0, 65535).astype(np.uint16), spacing_mm=(0.4, 0.4), modality="DX"), folder / f"{number:05d}.tif"
        )
    return files_at([folder])


def processed(images: Files, out: Path, workers: int) -> tuple[float, float]:
    """Seconds, and the largest sum of the private memory of this process and its workers in MB."""
    steps = (
        chain_step("unsharp-mask", {"radius_mm": 2.0, "amount": 0.7}),
        chain_step("dynamic-range-compression", {"radius_mm": 20.0, "low_threshold": 5000.0, "low_strength": 0.3}),
    )
    recipe = chain_recipe(steps, Given(), Opening(), storing(file_bits="16"), 0)
    job = job_of(recipe, Given())
    cases, manifest = named_cases(job, images, Given(), out)
    done, peak = threading.Event(), [0.0]
    watcher = threading.Thread(target=watch, args=(done, peak))
    watcher.start()
    start = time.perf_counter()
    batch = process_files(job, cases, manifest, recipe, workers=workers)
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    assert batch.made == len(cases), batch.failed
    return seconds, peak[0]


def watch(done: threading.Event, peak: list[float]) -> None:
    me = psutil.Process()
    while not done.wait(0.2):
        try:
            used = sum(p.memory_full_info().uss for p in (me, *me.children(recursive=True)))
        except psutil.Error:
            continue
        peak[0] = max(peak[0], used / 2**20)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--side", type=int, default=512)
    given = parser.parse_args()
    print_heading("numpy", "opencv-python-headless")
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "in").mkdir()
        whole = radiographs(Path(place) / "in", given.count, given.side)
        few = Files(whole.paths[: given.count // 10], whole.names[: given.count // 10])
        for workers in (1, 2):
            _, small = processed(few, Path(place) / f"few{workers}", workers)
            seconds, large = processed(whole, Path(place) / f"all{workers}", workers)
            rate = given.count / seconds
            print(
                f"{workers} worker(s): {given.count} images of {given.side} x {given.side}, {seconds:.0f} s, {rate:.1f} images/s; ",
                end="",
            )
            print(f"peak memory {large:.0f} MB, of a tenth of them {small:.0f} MB, ratio {large / small:.2f}")
