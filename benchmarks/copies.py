"""Comparing the hashes of 100,000 images with each other; 1,000 of them are near copies of their neighbour."""

import time

import numpy as np
from heading import print_heading

from gazo.datasets.fingerprints import alike

COUNT = 100_000


def main() -> None:
    print_heading("numpy")
    rng = np.random.default_rng(0)
    words = rng.integers(0, 2**64, (COUNT, 10), dtype=np.uint64)
    copies = np.arange(0, 2000, 2)
    words[copies + 1] = words[copies] ^ (np.uint64(1) << rng.integers(0, 64, (1000, 10), dtype=np.uint64))
    start, wall = time.process_time(), time.perf_counter()
    found = sum(len(later) for _, later in alike(words))
    print(
        f"{time.process_time() - start:.1f} CPU s, {time.perf_counter() - wall:.1f} s for {COUNT:,} hashes, {found} pairs found (1,000 planted); bar 60 s"
    )


if __name__ == "__main__":
    main()
