"""Runs inside mirp's own environment: one line in, all its base features of the region (cut out with 12 voxels around), CPU seconds out."""

import contextlib
import sys
import time
import warnings

import mirp
import numpy as np


def main() -> None:
    warnings.simplefilter("ignore")
    case = np.load(sys.argv[1])
    places = np.argwhere(case["mask"])
    near = tuple(slice(max(a - 12, 0), b + 13) for a, b in zip(places.min(0), places.max(0), strict=True))
    image, mask = case["volume"][near], case["mask"][near]
    for _ in sys.stdin:
        start = time.process_time()
        with contextlib.redirect_stdout(sys.stderr):  # its log stands in the way of the answer
            mirp.extract_features(
                image=image,
                mask=mask,
                base_discretisation_method="fixed_bin_size",
                base_discretisation_bin_width=25.0,
                resegmentation_intensity_range=[-700.0, 700.0],  # fixed bins want a lower bound there; no voxel lies beyond
                ivh_discretisation_method="none",
                write_features=False,
                export_features=True,
            )
        print(time.process_time() - start, flush=True)


if __name__ == "__main__":
    main()
