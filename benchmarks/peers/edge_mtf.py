"""Runs inside the peers' own environment: one line in, one edge MTF by the program named, its CPU seconds out."""

import sys
import time

import numpy as np


def work(program: str):
    if program == "quickMTF":
        from quickMTF.SFR_MTF import sfr_mtfcal

        return lambda image: sfr_mtfcal().calc_sfr(image, oversampling=4)
    from microct_iq_toolbox.api import mtf

    return lambda image: mtf(image[None], [0, image.shape[0], 0, image.shape[1]], 0.15, edge_angle=2.5, high_to_low=False)


def main() -> None:
    image, measure = np.load(sys.argv[1]), work(sys.argv[2])
    for _ in sys.stdin:
        start = time.process_time()
        measure(image)
        print(time.process_time() - start, flush=True)


if __name__ == "__main__":
    main()
