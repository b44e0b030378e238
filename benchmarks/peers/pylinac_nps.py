"""Runs inside pylinac's own environment: one line in, one 2-D NPS of the image, its CPU seconds out."""

import sys
import time

import numpy as np
from pylinac.core.nps import noise_power_spectrum_2d


def main() -> None:
    image = np.load(sys.argv[1])
    for _ in sys.stdin:
        start = time.process_time()
        regions = [image[y : y + 256, x : x + 256] for y in range(0, 1793, 128) for x in range(0, 1793, 128)]
        noise_power_spectrum_2d(0.15, regions)
        print(time.process_time() - start, flush=True)


if __name__ == "__main__":
    main()
