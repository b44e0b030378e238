"""Peak memory of reading and preparing 20,000 PNG files over that of 1,000, each in a process of its own."""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from heading import print_heading
from PIL import Image as Pillow


def child(folder: str, count: int) -> None:
    from gazo.io import read_folder
    from gazo.training.pixels import prepare

    images = read_folder(folder).take(np.arange(count))
    with prepare(images, size_px=64, channels=1) as pixels:
        pixels.read(np.arange(16))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peak(folder: str, count: int) -> int:
    return int(subprocess.run([sys.executable, __file__, folder, str(count)], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    print_heading("numpy")
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.default_rng(0)
        kept = [rng.integers(0, 65535, (256, 256), dtype=np.uint16) for _ in range(4)]
        for number in range(20_000):
            Pillow.fromarray(kept[number % 4]).save(Path(folder) / f"{number:05d}.png", compress_level=0)
        small, large = peak(folder, 1_000), peak(folder, 20_000)
    print(f"1,000 images {small / 1024:.0f} MiB, 20,000 images {large / 1024:.0f} MiB; ratio {large / small:.3f} (bar 1.1)")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(sys.argv[1], int(sys.argv[2]))
    else:
        main()
